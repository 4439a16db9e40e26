//! Erasing a tenant: gone at once, gone from the file, and nobody else notices.

use std::collections::BTreeMap;

use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::{client::Client, process::Folder};

/// So many records of a kind, so that pages of the file fill, split and become free.
const MANY: usize = 1_500;

/// A tenant whose every text has the marker, with a user who is signed in, and one who is in another tenant as well.
async fn plant(folder: &Folder, server: &crate::process::Server) -> Client {
    folder.done(&["tenant", "create", "planted-slug", "--name", "Planted Name"]).await;
    for email in ["planted@person.test", "both@demo.test"] {
        let create = ["user", "create", "--tenant", "planted-slug", "--email", email, "--role", "owner"];
        let password = [&create[..], &["--password-stdin", "--name", "Planted User"]].concat();
        folder.run_with(&password, "demo-password-1").await.done();
    }
    let row = |number: usize| format!("{number},{number} Planted {},p{number}@planted.test\n", number * 7919);
    let csv: String = (0..MANY).map(row).collect();
    folder.write("planted.csv", format!("Id,Company,Email\n{csv}"));
    folder.write(
        "kept.csv",
        format!("Id,Company,Email\n{}", csv.replace("Planted", "Kept").replace("planted", "kept")),
    );
    // Turn by turn, so that rows of both stand side by side in the pages of indexes.
    for kind in ["customers", "leads"] {
        for (file, tenant) in [("planted.csv", "planted-slug"), ("kept.csv", "globex")] {
            folder.done(&["import", kind, file, "--tenant", tenant]).await;
        }
    }
    let owner = server.user("planted@person.test").await;
    let page = owner.get("/api/customers?limit=100").await.json;
    for customer in page["data"].as_array().unwrap() {
        let path = format!("/api/customers/{}", customer["id"].as_str().unwrap());
        let notes = json!({ "notes": "Planted notes ".repeat(200) });
        assert_eq!(owner.send("PATCH", &path, Some(notes)).await.unwrap().status, 200);
        assert_eq!(owner.send("DELETE", &path, None).await.unwrap().status, 204);
    }
    let key = owner.post("/api/api-keys", json!({ "name": "Planted key", "role": "owner" })).await;
    assert_eq!(key.status, 201, "{key:?}");
    owner
}

/// Every row of a tenant, by table, as text that has every value whole.
fn rows(folder: &Folder, slug: &str) -> BTreeMap<String, Vec<String>> {
    let file = Connection::open_with_flags(folder.path("crm.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut tables =
        file.prepare("SELECT name FROM sqlite_master WHERE sql LIKE '%tenant_id BLOB%'").unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let read = |table: String| {
        let columns = file.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<String> =
            columns.column_names().iter().map(|name| format!("quote({name})")).collect();
        let sql = format!(
            "SELECT {} FROM {table} WHERE tenant_id = (SELECT id FROM tenants WHERE slug = '{slug}') ORDER BY 1",
            columns.join(" || ',' || ")
        );
        let mut rows = file.prepare(&sql).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        (table, rows.map(Result::unwrap).collect())
    };
    tables.map(|table| read(table.unwrap())).collect()
}

/// How often the marker stands in the database's files.
fn traces(folder: &Folder) -> usize {
    let files = ["crm.db", "crm.db-wal"].into_iter().filter(|name| folder.has(name));
    let found = |name| {
        let bytes = folder.read(name).to_ascii_lowercase();
        bytes.windows(7).filter(|window| window == b"planted").count()
    };
    files.map(found).sum()
}

#[tokio::test]
async fn an_erased_tenant_leaves_no_byte_and_no_other_tenant_notices() {
    let folder = Folder::with_demo().await;
    let server = folder.serve(&[]).await;
    let owner = plant(&folder, &server).await;
    let kept = server.user("owner@globex.test").await;
    let before = rows(&folder, "globex");
    assert!(
        before["customers"].len() > MANY && before["events"].len() > 2 * MANY,
        "there is much to compare"
    );
    assert!(traces(&folder) > MANY, "the marker is in the file");

    let erase = ["tenant", "erase", "planted-slug", "--confirm", "planted-slug"];
    assert_eq!(folder.done(&erase).await, "erased tenant planted-slug\n");
    assert_eq!(traces(&folder), 0);
    assert!(rows(&folder, "globex") == before, "a row of another tenant has changed");
    println!("traces: 0 in {} bytes; rows of another tenant changed: 0", folder.read("crm.db").len());

    assert_eq!(owner.get("/api/auth/me").await.status, 401);
    let login = json!({ "email": "planted@person.test", "password": "demo-password-1" });
    assert_eq!(server.stranger().login(login).await.status, 401);
    assert_eq!(kept.get("/api/auth/me").await.status, 200, "others stay signed in");
    let both = json!({ "email": "both@demo.test", "password": "demo-password-1", "tenant": "globex" });
    assert_eq!(server.stranger().login(both).await.status, 200);
    assert_eq!(kept.get("/api/customers?search=kept&count=true").await.json["total"], json!(MANY));
    let listed = folder.done(&["tenant", "list"]).await;
    assert!(!listed.contains("planted") && listed.lines().count() == 2, "{listed}");
    let verified = folder.done(&["verify"]).await;
    assert!(verified.lines().all(|line| line.ends_with(": no differences")), "{verified}");
    server.stop().await;
    assert_eq!(traces(&folder), 0);

    folder.done(&["tenant", "create", "planted-slug"]).await;
    let verified = folder.done(&["verify", "--tenant", "planted-slug"]).await;
    assert!(verified.contains(": 2 records, 2 events, 0 counters"), "a new tenant sees nothing: {verified}");
}

#[tokio::test]
async fn a_tenant_is_not_erased_by_a_slip() {
    let folder = Folder::with_demo().await;
    let before = folder.done(&["verify"]).await;
    let wrong = ["tenant", "erase", "acme", "--confirm", "globex"];
    folder.run(&wrong).await.refused(&["--confirm says `globex` and not `acme`", "nothing was erased"]);
    let unknown = ["tenant", "erase", "nowhere", "--confirm", "nowhere"];
    folder.run(&unknown).await.refused(&["there is no tenant `nowhere`", "tenant list"]);
    for incomplete in [&["tenant", "erase", "acme"][..], &["tenant", "erase", "acme", "--confirm"]] {
        let outcome = folder.run(incomplete).await;
        assert!(outcome.code == Some(2) && outcome.err.contains("--confirm"), "{outcome:?}");
    }
    assert_eq!(folder.done(&["verify"]).await, before);
}
