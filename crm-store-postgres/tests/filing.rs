//! New texts are filed in the text index beside the commits, and found before and after.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use crm_core::{Actor, Crm, Customer, Id, Query, TenantScope};
use crm_store_postgres::{PostgresStore, PostgresTx};
use sqlx::Connection;
use support::{Bench, Database, Roles, cluster::psql, found};

fn count(database: &Database, condition: &str) -> usize {
    let sql = format!("SELECT count(*) FROM crm.search_texts WHERE {condition}");
    psql(&database.superuser(), &sql).parse().unwrap()
}

/// Until all texts are in the index, and in none of its lists.
async fn filed(database: &Database) {
    psql(&database.superuser(), "CREATE EXTENSION IF NOT EXISTS pgstattuple");
    let asked = "SELECT (SELECT count(*) FROM crm.search_texts WHERE NOT filed) + pending_tuples
        FROM pgstatginindex('crm.search_texts_body')";
    let mut left = String::new();
    for _ in 0..200 {
        left = psql(&database.superuser(), asked);
        if left == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{left} texts are not in the index");
}

fn customers(names: impl Iterator<Item = usize>) -> Vec<Customer> {
    names.map(|nth| Customer::company(format!("Solar {nth:05}"))).collect()
}

/// How many a search finds.
async fn finds(crm: &Crm, scope: &TenantScope, term: &str) -> usize {
    crm.customers(scope).list(Query::new().search(term)).await.unwrap().data.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_are_filed_after_a_thousand_events_and_found_before_as_well() {
    let Bench { crm, scope, database, .. } = Bench::new().await;
    let made = crm.customers(&scope).create_many(customers(0..400)).await.unwrap();
    assert_eq!((count(&database, "NOT filed"), count(&database, "filed")), (400, 0));
    assert_eq!(finds(&crm, &scope, "00399").await, 1);
    for part in 1..3 {
        crm.customers(&scope).create_many(customers(part * 400..(part + 1) * 400)).await.unwrap();
    }
    filed(&database).await;
    for nth in ["00000", "00399", "00400", "01199"] {
        assert_eq!(finds(&crm, &scope, nth).await, 1, "{nth}");
    }
    // What is changed is outside of the index again, and is found by what it says now alone.
    let rename = |customer: &mut Customer| customer.company = Some("Hydro 77777".to_owned());
    crm.customers(&scope).update(made[7].id, rename).await.unwrap();
    assert_eq!(count(&database, "NOT filed"), 1);
    assert_eq!((finds(&crm, &scope, "77777").await, finds(&crm, &scope, "00007").await), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_has_left_is_filed_by_the_next_one() {
    let database = Database::new(Roles::One);
    let store = PostgresStore::connect(&database.app()).await.unwrap();
    let (crm, tenant, scope) = found(&store).await;
    crm.customers(&scope).create_many(customers(0..300)).await.unwrap();
    store.pool().close().await;
    let crm = Crm::new(PostgresStore::builder().filed_every(10).connect(&database.app()).await.unwrap());
    let scope = crm.scope(tenant, Actor::job("test"));
    crm.customers(&scope).create_many(customers(300..310)).await.unwrap();
    filed(&database).await;
    assert_eq!(finds(&crm, &scope, "00123").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_can_file_them_commits_do() {
    let Bench { store, crm, scope, database, .. } =
        Bench::with(PostgresStore::builder().connections(3).filed_every(1)).await;
    filed(&database).await;
    // Two of three connections are in use, and nobody is to wait for the third.
    let held = [store.pool().acquire().await.unwrap(), store.pool().acquire().await.unwrap()];
    for nth in 0..8 {
        crm.customers(&scope).create_many(customers(nth..nth + 1)).await.unwrap();
    }
    let (outside, inside) =
        (count(&database, "NOT filed"), count(&database, "filed AND object = 'customers'"));
    assert!((1..8).contains(&outside) && outside + inside == 8, "{outside} and {inside}");
    for nth in ["00000", "00007"] {
        assert_eq!(finds(&crm, &scope, nth).await, 1, "{nth}");
    }
    drop(held);
    // They go back a moment later, and whoever commits then has all texts filed.
    while store.pool().num_idle() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    crm.customers(&scope).create_many(customers(8..9)).await.unwrap();
    filed(&database).await;
    assert_eq!(finds(&crm, &scope, "solar").await, 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_one_and_a_transaction_of_the_host_file_at_once() {
    let Bench { crm, scope, database, .. } = Bench::with(PostgresStore::builder().connections(1)).await;
    crm.customers(&scope).create_many(customers(0..3)).await.unwrap();
    assert_eq!(count(&database, "NOT filed"), 0);
    let mut connection = sqlx::PgConnection::connect(&database.app()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let store = PostgresTx::join(&mut transaction);
    crm.on(&store).customers(&scope).create_many(customers(3..5)).await.unwrap();
    drop(store);
    transaction.commit().await.unwrap();
    assert_eq!(count(&database, "NOT filed"), 0);
    assert_eq!(finds(&crm, &scope, "solar").await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_and_filing_at_once_lose_no_text() {
    let Bench { crm, scope, database, .. } = Bench::with(PostgresStore::builder().filed_every(5)).await;
    let made = crm.customers(&scope).create_many(customers(0..40)).await.unwrap();
    let ids: Vec<Id<Customer>> = made.iter().map(|customer| customer.id).collect();
    let tasks: Vec<_> = (0..8_usize)
        .map(|writer| {
            let (crm, scope, ids) = (crm.clone(), scope.clone(), ids.clone());
            tokio::spawn(async move {
                for turn in 0..30 {
                    // Each has records of its own, so that nobody is refused.
                    let id = ids[writer * 5 + turn % 5];
                    let name = Some(format!("Turn {writer}-{turn:03}x"));
                    crm.customers(&scope).update(id, |own| own.company.clone_from(&name)).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    crm.customers(&scope).create_many(customers(40..45)).await.unwrap();
    filed(&database).await;
    for writer in 0..8 {
        assert_eq!(finds(&crm, &scope, &format!("{writer}-029x")).await, 1);
        assert_eq!(finds(&crm, &scope, &format!("{writer}-001x")).await, 0);
    }
    assert_eq!(finds(&crm, &scope, "solar").await, 5);
}
