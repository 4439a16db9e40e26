//! Requests that are given up at any point leave no connection in a transaction and lose nothing that was acknowledged.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crm_core::{Customer, Query};
use crm_store_postgres::{Isolation, Options, PostgresStore};
use support::{Bench, cluster::psql};

const REQUESTS: u64 = 10_000;

/// How many of this database's connections sit in a transaction.
fn stuck(bench: &Bench) -> usize {
    let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    psql(&bench.database.superuser(), sql).parse().unwrap()
}

/// Aborts requests after random times; the store's bench, and how many creations were acknowledged.
async fn aborted(options: Options, requests: u64) -> (Bench, i64, usize) {
    let bench = Bench::with(options.connections(8)).await;
    // A pool that still connects would be busy with the connections that were given up.
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push(bench.store.pool().acquire().await.unwrap());
    }
    drop(all);
    let (acknowledged, cut) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..requests / 50 {
        let tasks = (0..50_u64).map(|nth| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round + nth);
            let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
            let (acknowledged, cut, after) = (
                Arc::clone(&acknowledged),
                Arc::clone(&cut),
                (seed >> 40) % if nth < 25 { 3_000 } else { 40_000 },
            );
            tokio::spawn(async move {
                let request = async {
                    if nth % 3 == 0 {
                        let company = Customer::company(format!("Company {round} {nth}"));
                        if crm.customers(&scope).create(company).await.is_ok() {
                            acknowledged.fetch_add(1, Ordering::SeqCst);
                        }
                    } else {
                        let _ = crm.customers(&scope).list(Query::new().limit(5)).await;
                    }
                };
                if tokio::time::timeout(Duration::from_micros(after), request).await.is_err() {
                    cut.fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    }
    // What was given up is still carried out.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    (bench, acknowledged.load(Ordering::SeqCst), cut.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_is_given_up_leaves_no_transaction_and_loses_no_write() {
    for isolation in [Isolation::Statement, Isolation::Transaction] {
        let (bench, acknowledged, cut) =
            aborted(PostgresStore::builder().isolation(isolation), REQUESTS).await;
        let stuck = stuck(&bench);
        println!(
            "cancel: {isolation:?}, requests {REQUESTS}, cut {cut}, acknowledged {acknowledged}, in a transaction {stuck}"
        );
        assert!(cut > REQUESTS as usize / 10 && acknowledged > 0, "cut {cut}, acknowledged {acknowledged}");
        assert_eq!(stuck, 0);
        let there: i64 =
            psql(&bench.database.superuser(), "SELECT count(*) FROM crm.customers").parse().unwrap();
        assert!(there >= acknowledged, "{there} of {acknowledged}");
        bench.verify().await;
    }
}

/// The control: without closing what is in doubt the same test sees connections that are left in a transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_the_guard_the_test_sees_open_transactions() {
    let options = PostgresStore::builder().isolation(Isolation::Transaction).guarded(false);
    for round in 1..=60 {
        let (bench, _, _) = aborted(options.clone(), 500).await;
        let left = stuck(&bench);
        if left > 0 {
            println!("cancel: without the guard, in a transaction {left} after {} requests", 500 * round);
            return;
        }
    }
    panic!("30,000 requests without the guard left no transaction open: the test sees nothing");
}
