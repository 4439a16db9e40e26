//! `crm-server` as it is: sign-in, tenancy, the log and the counters.

use std::{collections::BTreeMap, net::SocketAddr};

use crm_benches::{cluster::Cluster, seed};
use serde_json::{Value as Json, json};

use crate::{
    client::Client,
    load::Load,
    places::walk,
    server::{Server, free_address},
    subject::{COMMON, RARE, Subject, single_terms},
    workplace::{Workplace, run},
};

/// Who asks.
pub(crate) const EMAIL: &str = "asks@large.test";
pub(crate) const PASSWORD: &str = "a password for a benchmark";

/// On a SQLite file.
pub(crate) async fn sqlite(place: &Workplace, rows: usize) -> Subject {
    let file = place.copy(&seed::sqlite::halves(rows).await);
    serve(place, &format!("sqlite://{}", file.display())).await
}

/// On PostgreSQL, as the role that row-level security binds.
pub(crate) async fn postgres(place: &Workplace, cluster: &Cluster, rows: usize) -> Subject {
    let seeded = seed::postgres::halves(cluster, rows).await;
    let database = place.copy_database(cluster, &seeded).await;
    serve(place, &cluster.address("crm_app", database)).await
}

async fn serve(place: &Workplace, database: &str) -> Subject {
    let mut user = place.program("crm-server");
    user.args(["user", "create", "--tenant", "large", "--email", EMAIL, "--role", "member"]);
    run(user.args(["--database", database]).env("CRM_PASSWORD", PASSWORD));
    let address: SocketAddr = free_address();
    let mut client = Client { address, headers: Vec::new() };
    let mut command = place.program("crm-server");
    command.args(["--no-migrate", "--listen", &address.to_string(), "--database", database]);
    let server = Server::start(&mut command, &place.folder.join("crm-server.log"), &client, "/healthz").await;
    let credentials = json!({ "email": EMAIL, "password": PASSWORD });
    let signed_in = client.must("/api/auth/login", Some(&credentials)).await;
    let token = signed_in.json["token"].as_str().unwrap_or_default().to_owned();
    client.headers.push(("Authorization", format!("Bearer {token}")));

    let list = "/api/customers";
    let all = walk(&client, &format!("{list}?limit=200"), &format!("{list}?limit=200&cursor=")).await;
    let search = |term: &str| format!("{list}?search={term}");
    let paths = BTreeMap::from([
        (Load::Get, all.ids.iter().map(|id| format!("{list}/{id}")).collect()),
        (Load::First, vec![list.to_owned()]),
        (Load::Deep, all.cursors.iter().map(|cursor| format!("{list}?cursor={cursor}")).collect()),
        (Load::Count, vec![format!("{list}?count=true")]),
        (Load::Rare, vec![search(RARE)]),
        (Load::Single, single_terms(all.customers).map(|term| search(&term)).collect()),
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
        customers: all.customers,
    }
}
