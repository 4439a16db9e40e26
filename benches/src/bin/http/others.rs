//! What others would use: a sketch on FastAPI, and PocketBase. Both have the customers of the bare handler's file.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use crm_benches::{measure::ok, seed};
use crm_core::Crm;
use crm_store_sqlite::Durability;
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    client::Client,
    crm::{EMAIL, PASSWORD},
    load::Load,
    server::{Server, free_address},
    subject::{COMMON, RARE, Subject, single_terms},
    workplace::{Workplace, run, source},
};

/// The processes of the FastAPI server: as many as a machine of two cores would be given.
const WORKERS: &str = "2";

/// The seeded customers of one tenant.
struct Seeded {
    file: std::path::PathBuf,
    tenant: Uuid,
    /// Row number and id of every tenth.
    some: Vec<(i64, Uuid)>,
    customers: usize,
}

async fn seeded(rows: usize) -> Seeded {
    let origin = seed::sqlite::halves(rows).await;
    let tenant = {
        let crm = Crm::new(seed::sqlite::open(&origin, Durability::Full));
        seed::tenant_of(&crm, "large").await.uuid()
    };
    let file = seed::bare::sqlite(&origin);
    let connection = ok(Connection::open(&file));
    let mut query = ok(connection.prepare("SELECT rowid, id FROM customers WHERE tenant_id = ?1"));
    let all = query.query_map([tenant.as_bytes()], |row| Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?))));
    let all: Vec<_> = ok(ok(all).collect());
    let (customers, some) = (all.len(), all.into_iter().step_by(10).collect());
    drop(query);
    Seeded { file, tenant, some, customers }
}

/// The sketch on FastAPI.
pub(crate) async fn fastapi(place: &Workplace, rows: usize) -> Subject {
    let own = seeded(rows).await;
    let python = place.python("fastapi");
    let file = place.seeded(&format!("fastapi-{rows}.db"), |part| {
        let mut command = Command::new(python.join("bin/python"));
        command.arg(source("fastapi").join("seed.py")).env("CRM_FILE", part);
        run(command.arg(&own.file).arg(own.tenant.to_string()).args([EMAIL, PASSWORD]));
    });
    let mut client = Client { address: free_address(), headers: Vec::new() };
    let mut command = Command::new(python.join("bin/uvicorn"));
    command.args(["app:app", "--workers", WORKERS, "--no-access-log", "--host", "127.0.0.1"]);
    command.args(["--port", &client.address.port().to_string(), "--app-dir"]).arg(source("fastapi"));
    command.env("CRM_FILE", place.copy(&file)).env("PYTHONDONTWRITEBYTECODE", "1");
    let server = Server::start(&mut command, &place.folder.join("fastapi.log"), &client, "/docs").await;
    let credentials = json!({ "email": EMAIL, "password": PASSWORD });
    let signed_in = client.must("/login", Some(&credentials)).await;
    let token = signed_in.json["token"].as_str().unwrap_or_default().to_owned();
    client.headers.push(("Authorization", format!("Bearer {token}")));

    let list = "/customers";
    let search = |term: &str| format!("{list}?search={term}");
    let depths = (0..1000).map(|nth| seed::mix(nth) % (own.customers - 50));
    let paths = BTreeMap::from([
        (Load::Get, own.some.iter().map(|(_, id)| format!("{list}/{id}")).collect()),
        (Load::First, vec![list.to_owned()]),
        (Load::Deep, depths.map(|depth| format!("{list}?offset={depth}")).collect()),
        (Load::Count, vec![format!("{list}?count=true")]),
        (Load::Rare, vec![search(RARE)]),
        (Load::Single, single_terms(own.customers).map(|term| search(&term)).collect()),
        (Load::Common, vec![search(COMMON)]),
        (Load::Create, vec![list.to_owned()]),
    ]);
    Subject {
        server,
        client,
        paths,
        list: "data",
        total: "total",
        extra: Json::Null,
        customers: own.customers,
    }
}

/// PocketBase, with a rule that a record is its tenant's.
pub(crate) async fn pocketbase(place: &Workplace, rows: usize) -> Subject {
    let own = seeded(rows).await;
    let python = place.python("pocketbase");
    let program = python.join("bin/pocketbase");
    let folder = place.seeded(&format!("pocketbase-{rows}"), |part| {
        let mut command = Command::new(python.join("bin/python"));
        command.arg(source("pocketbase").join("seed.py")).arg(&program).arg(part).arg(&own.file);
        run(command.arg(own.tenant.to_string()).args([EMAIL, PASSWORD]));
    });
    let data = copy_folder(place, &folder);
    let mut client = Client { address: free_address(), headers: Vec::new() };
    let mut command = Command::new(program);
    command.arg("serve").arg(format!("--http={}", client.address)).arg(format!("--dir={}", data.display()));
    command.arg(format!("--migrationsDir={}", source("pocketbase").join("pb_migrations").display()));
    let server =
        Server::start(&mut command, &place.folder.join("pocketbase.log"), &client, "/api/health").await;
    let credentials = json!({ "identity": EMAIL, "password": PASSWORD });
    let signed_in = client.must("/api/collections/users/auth-with-password", Some(&credentials)).await.json;
    client.headers.push(("Authorization", signed_in["token"].as_str().unwrap_or_default().to_owned()));

    let records = "/api/collections/customers/records";
    let list = format!("{records}?perPage=50&sort=-created&skipTotal=1");
    let fields = ["company", "name", "email", "phone", "city"];
    let search = |term: &str| {
        let any = fields.map(|field| format!("{field}~'{term}'")).join("||");
        format!("{list}&filter=({})", any.replace('\'', "%27").replace('|', "%7C"))
    };
    let pages = (0..1000).map(|nth| 1 + seed::mix(nth) % (own.customers / 50));
    let paths = BTreeMap::from([
        (Load::Get, own.some.iter().map(|(row, _)| format!("{records}/{row:015}")).collect()),
        (Load::First, vec![list.clone()]),
        (Load::Deep, pages.map(|page| format!("{list}&page={page}")).collect()),
        (Load::Count, vec![list.replace("&skipTotal=1", "")]),
        (Load::Rare, vec![search(RARE)]),
        (Load::Single, single_terms(own.customers).map(|term| search(&term)).collect()),
        (Load::Common, vec![search(COMMON)]),
        (Load::Create, vec![records.to_owned()]),
    ]);
    let extra = json!({ "tenant": signed_in["record"]["tenant"] });
    Subject { server, client, paths, list: "items", total: "totalItems", extra, customers: own.customers }
}

fn copy_folder(place: &Workplace, from: &Path) -> std::path::PathBuf {
    let to = place.folder.join("pocketbase");
    ok(fs::create_dir_all(&to));
    for entry in ok(fs::read_dir(from)).flatten().filter(|entry| entry.path().is_file()) {
        ok(fs::copy(entry.path(), to.join(entry.file_name())));
    }
    to
}
