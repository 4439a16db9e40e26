//! Random operations, compared step by step with the store in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use crm_core::{
    Store,
    conformance::model::{Options, compare},
};
use crm_store_postgres::{Isolation, PostgresStore};
use support::{Database, Roles};

#[tokio::test]
async fn postgres_never_diverges_from_memory() {
    let (two, one) = (Database::new(Roles::Two), Database::new(Roles::One));
    let apart = PostgresStore::connect(&two.app()).await.unwrap();
    // Texts are filed all the while.
    let both = PostgresStore::builder().isolation(Isolation::Transaction).filed_every(20);
    let both = both.connect(&one.app()).await.unwrap();
    let stores: Vec<(&str, Arc<dyn Store>)> =
        vec![("postgres with two roles", Arc::new(apart)), ("postgres with one role", Arc::new(both))];
    if let Err(divergence) = compare(stores, Options::from_env()).await {
        panic!("{divergence}");
    }
}
