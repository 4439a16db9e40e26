//! Random operations, compared step by step with the store in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use crm_core::{
    Store,
    conformance::model::{Options, compare},
};
use crm_store_sqlite::{Durability, SqliteStore};

#[tokio::test]
async fn sqlite_never_diverges_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = SqliteStore::open(folder.path().join("crm.db")).unwrap();
    // Every tenant counts as large here, so that the search index answers for most of its rows.
    let indexed =
        SqliteStore::builder().durability(Durability::Normal).readers(1).large_tenant(0).filed_every(5);
    let indexed = indexed.open(folder.path().join("indexed.db")).unwrap();
    let memory = SqliteStore::in_memory().unwrap();
    let stores: Vec<(&str, Arc<dyn Store>)> = vec![
        ("sqlite in a file", Arc::new(file)),
        ("sqlite with indexed search", Arc::new(indexed)),
        ("sqlite in memory", Arc::new(memory)),
    ];
    if let Err(divergence) = compare(stores, Options::from_env()).await {
        panic!("{divergence}");
    }
}
