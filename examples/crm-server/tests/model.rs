//! Every store at once: random operations on SQLite and PostgreSQL, compared step by step with the store in memory.
//!
//! In four parts, so that they run side by side. `CRM_MODEL_OPERATIONS` says how many operations each has.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use crm_core::{
    Store,
    conformance::model::{Options, compare},
};
use crm_store_postgres::PostgresStore;
use crm_store_sqlite::{Durability, SqliteStore};

#[path = "../../../crm-store-postgres/tests/support/cluster.rs"]
#[allow(dead_code, unreachable_pub, reason = "this is the part of it that is used here")]
mod cluster;

use cluster::{Database, Roles};

const OPERATIONS: usize = 50_000;

async fn no_store_diverges() {
    let (database, folder) = (Database::new(Roles::Two), tempfile::tempdir().unwrap());
    let postgres = PostgresStore::connect(&database.app()).await.unwrap();
    let sqlite =
        SqliteStore::builder().durability(Durability::Normal).open(folder.path().join("crm.db")).unwrap();
    let stores: Vec<(&str, Arc<dyn Store>)> =
        vec![("sqlite", Arc::new(sqlite)), ("postgres", Arc::new(postgres))];
    let mut options = Options::from_env();
    if std::env::var_os("CRM_MODEL_OPERATIONS").is_none() {
        options.operations = OPERATIONS;
    }
    if let Err(divergence) = compare(stores, options).await {
        panic!("{divergence}");
    }
}

macro_rules! parts {
    ($($name:ident)+) => {$(
        #[tokio::test]
        async fn $name() {
            no_store_diverges().await;
        }
    )+};
}

parts! {
    no_store_diverges_in_the_first_part
    no_store_diverges_in_the_second_part
    no_store_diverges_in_the_third_part
    no_store_diverges_in_the_fourth_part
}
