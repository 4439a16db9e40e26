//! The handlers without checks, in `peers/bare`.

use std::{collections::BTreeMap, process::Command};

use crm_benches::{cluster::Cluster, seed};
use crm_core::Crm;
use crm_store_postgres::Isolation;
use crm_store_sqlite::Durability;
use serde_json::Value as Json;

use crate::{
    client::Client,
    load::Load,
    places::walk,
    server::{Server, free_address},
    subject::Subject,
    workplace::Workplace,
};

/// On a SQLite file; `synchronous` is `full` or `normal`.
pub(crate) async fn sqlite(place: &Workplace, rows: usize, synchronous: &str) -> Subject {
    let seeded = seed::sqlite::halves(rows).await;
    let tenant = {
        let crm = Crm::new(seed::sqlite::open(&seeded, Durability::Full));
        seed::tenant_of(&crm, "large").await.to_string()
    };
    let file = place.copy(&seed::bare::sqlite(&seeded));
    let mut command = place.program("bare-sqlite");
    command.arg(file).arg(tenant);
    serve(place, command, &[synchronous]).await
}

/// On PostgreSQL.
pub(crate) async fn postgres(place: &Workplace, cluster: &Cluster, rows: usize) -> Subject {
    let seeded = seed::postgres::halves(cluster, rows).await;
    let crm = seed::postgres::open(cluster, &seeded, Isolation::Statement).await;
    let tenant = seed::tenant_of(&crm, "large").await.to_string();
    let database = place.copy_database(cluster, &seed::bare::postgres(cluster, &seeded).await).await;
    let mut command = place.program("bare-postgres");
    command.arg(cluster.address("crm_unbound", database)).arg(tenant);
    serve(place, command, &[]).await
}

async fn serve(place: &Workplace, mut command: Command, last: &[&str]) -> Subject {
    let address = free_address();
    let client = Client { address, headers: Vec::new() };
    command.arg(address.to_string()).args(last);
    let list = "/customers";
    let server = Server::start(&mut command, &place.folder.join("bare.log"), &client, list).await;
    let all = walk(&client, list, &format!("{list}?after=")).await;
    let paths = BTreeMap::from([
        (Load::Get, all.ids.iter().map(|id| format!("{list}/{id}")).collect()),
        (Load::First, vec![list.to_owned()]),
        (Load::Deep, all.cursors.iter().map(|cursor| format!("{list}?after={cursor}")).collect()),
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
