//! What goes wrong around a store is told by its meaning, soon, and does nothing twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use crm_core::{Actor, Crm, Customer, Error, Lead, Once, Query, Result};
use crm_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgPoolOptions};
use support::{Bench, Database, Roles, cluster::psql, found, proxy::Proxy};
use uuid::Uuid;

fn unavailable<R: Debug>(answer: Result<R>) -> String {
    match answer {
        Err(Error::Unavailable(what)) => what.to_string(),
        other => panic!("must be unavailable, got {other:?}"),
    }
}

#[tokio::test]
async fn a_pool_without_a_free_connection_is_told() {
    let database = Database::new(Roles::Two);
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(200));
    let pool = pool.connect(&database.app()).await.unwrap();
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    let (crm, _, scope) = found(&store).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let held = pool.acquire().await.unwrap();
    let told = unavailable(crm.customers(&scope).list(Query::new()).await);
    assert_eq!(told, "no connection became free in time");
    unavailable(crm.customers(&scope).create(Customer::company("Solar")).await);
    drop(held);
    crm.customers(&scope).create(Customer::company("Solar")).await.unwrap();
}

/// Holds the tenant's row, as a transaction of the host's would that does not end.
async fn holding(bench: &Bench) -> PgConnection {
    let mut connection = PgConnection::connect(&bench.database.superuser()).await.unwrap();
    let hold = format!("BEGIN; SELECT 1 FROM crm.heads WHERE tenant_id = '{}' FOR UPDATE", bench.tenant);
    sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn a_tenant_that_is_held_too_long_is_told_to_all_who_wait() {
    let bench = Bench::with(PostgresStore::builder().lock_timeout(Duration::from_millis(300))).await;
    let held = holding(&bench).await;
    let begun = Instant::now();
    let waiting = (0..20).map(|nth| {
        let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
        tokio::spawn(async move {
            crm.customers(&scope).create(Customer::company(format!("Company {nth}"))).await
        })
    });
    for task in waiting.collect::<Vec<_>>() {
        assert!(unavailable(task.await.unwrap()).contains("55P03"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // Reads do not wait.
    assert!(bench.crm.customers(&bench.scope).list(Query::new()).await.unwrap().data.is_empty());
    held.close().await.unwrap();
    bench.crm.customers(&bench.scope).create(Customer::company("Solar")).await.unwrap();
}

#[tokio::test]
async fn a_statement_timeout_of_the_host_is_told() {
    let bench = Bench::new().await;
    let url = format!("{}&options[statement_timeout]=100", bench.database.app());
    let crm = Crm::new(PostgresStore::connect(&url).await.unwrap());
    let held = holding(&bench).await;
    let told = unavailable(crm.customers(&bench.scope).create(Customer::company("Solar")).await);
    assert!(told.contains("57014"), "{told}");
    drop(held);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_told_in_time() {
    let database = Database::new(Roles::Two);
    let proxy = Proxy::before(&database.app()).await;
    let options = PostgresStore::builder().patience(Duration::from_millis(400));
    let (crm, _, scope) = found(&options.connect(&proxy.address(&database.app())).await.unwrap()).await;
    proxy.fall_silent(true);
    let begun = Instant::now();
    unavailable(crm.customers(&scope).list(Query::new()).await);
    unavailable(crm.customers(&scope).create(Customer::company("Solar")).await);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    proxy.fall_silent(false);
    crm.customers(&scope).create(Customer::company("Solar")).await.unwrap();
}

#[tokio::test]
async fn connections_that_were_lost_while_idle_are_not_noticed_by_callers() {
    let bench = Bench::new().await;
    for nth in 0..5 {
        let tasks = (0..8).map(|own| {
            let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
            tokio::spawn(async move {
                crm.customers(&scope)
                    .create(Customer::company(format!("Company {nth} {own}")))
                    .await
                    .unwrap();
                crm.customers(&scope).list(Query::new()).await.unwrap();
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        psql(
            &bench.database.superuser(),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'crm_app' AND datname = current_database()",
        );
    }
    assert_eq!(bench.crm.customers(&bench.scope).list(Query::new()).await.unwrap().data.len(), 40);
    bench.verify().await;
}

#[tokio::test]
async fn a_commit_that_is_cut_off_is_tried_again_before_its_end_and_left_in_doubt_at_it() {
    let database = Database::new(Roles::Two);
    let proxy = Proxy::before(&database.app()).await;
    let store = PostgresStore::connect(&proxy.address(&database.app())).await.unwrap();
    let (crm, _, scope) = found(&store).await;
    let customers = async || crm.customers(&scope).list(Query::new()).await.unwrap().data.len();
    for (text, made) in [("BEGIN", 1), ("WITH head", 2)] {
        // Not yet prepared on this connection, its text is said.
        let fresh = PostgresStore::connect(&proxy.address(&database.app())).await.unwrap();
        proxy.cut_at(text);
        Crm::new(fresh).customers(&scope).create(Customer::company(text)).await.unwrap();
        assert_eq!(customers().await, made, "once, after a cut at {text}");
    }
    proxy.cut_at("COMMIT");
    let told = unavailable(crm.customers(&scope).create(Customer::company("Doubt")).await);
    assert!(told.contains("may be committed or not"), "{told}");
    assert_eq!(customers().await, 2);
}

#[tokio::test]
async fn a_commit_that_is_not_answered_is_in_doubt_from_the_moment_it_is_asked_for() {
    let database = Database::new(Roles::Two);
    let proxy = Proxy::before(&database.app()).await;
    let direct = PostgresStore::connect(&database.app()).await.unwrap();
    let (direct, _, scope) = found(&direct).await;
    // Where the connection falls silent, whether the server still hears that, and whether it commits then.
    let places = [
        ("BEGIN", false, false),
        ("WITH known", false, false),
        ("COMMIT", false, false),
        ("COMMIT", true, true),
    ];
    let mut doubts = 0;
    for (nth, (text, heard, committed)) in places.into_iter().enumerate() {
        let options = PostgresStore::builder().patience(Duration::from_millis(500));
        let crm = Crm::new(options.connect(&proxy.address(&database.app())).await.unwrap());
        let once = Once { key: Uuid::from_u128(nth as u128), content: Uuid::nil() };
        proxy.stall_at(text, heard);
        let told = unavailable(crm.customers(&scope).once(once).create(Customer::company("Solar")).await);
        assert_eq!(told.contains("may be committed or not"), text == "COMMIT", "{text}: {told}");
        doubts += usize::from(text == "COMMIT");
        let there = async || direct.customers(&scope).list(Query::new()).await.unwrap().data.len();
        assert_eq!(there().await, nth + usize::from(committed), "{text}");
        // Whatever it was, the same again under the same key has the effect once.
        direct.customers(&scope).once(once).create(Customer::company("Solar")).await.unwrap();
        assert_eq!(there().await, nth + 1, "{text}");
    }
    println!("in doubt: stalled commits {}, in doubt {doubts}, twice 0", places.len());
}

#[tokio::test]
async fn commits_that_wait_for_a_silent_server_are_told_in_time_however_many_wait() {
    let database = Database::new(Roles::Two);
    let proxy = Proxy::before(&database.app()).await;
    let options = PostgresStore::builder().patience(Duration::from_millis(500));
    let (crm, _, scope) = found(&options.connect(&proxy.address(&database.app())).await.unwrap()).await;
    proxy.fall_silent(true);
    let begun = Instant::now();
    // With a key, each is committed by itself.
    let waiting = (0..100).map(|nth| {
        let (crm, scope) = (crm.clone(), scope.clone());
        let once = Once { key: Uuid::from_u128(nth + 1), content: Uuid::nil() };
        tokio::spawn(async move { crm.customers(&scope).once(once).create(Customer::company("Solar")).await })
    });
    for task in waiting.collect::<Vec<_>>() {
        unavailable(task.await.unwrap());
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "100 waited {:?}", begun.elapsed());
    proxy.fall_silent(false);
    // Connections that were not answered are closed after a while, and others take their places.
    let again = async || crm.customers(&scope).create(Customer::company("Solar")).await;
    while again().await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(40), "no connection came back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_stand_in_each_others_way_are_tried_again() {
    let bench = Bench::new().await;
    // Every commit whose snapshot is older than the one before it fails in this mode, and is tried again.
    let url = format!("{}&options[default_transaction_isolation]=repeatable%20read", bench.database.app());
    let store = PostgresStore::builder().grouping(false).connect(&url).await.unwrap();
    let crm = Crm::new(store);
    let tasks = (0..4).map(|own| {
        let (crm, scope) = (crm.clone(), bench.scope.clone());
        tokio::spawn(async move {
            for nth in 0..20 {
                crm.leads(&scope).create(Lead::company(format!("Company {own} {nth}"))).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    bench.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_writers_of_two_processes_give_no_number_twice_and_leave_no_gap() {
    let bench = Bench::new().await;
    let other = PostgresStore::connect(&bench.database.app()).await.unwrap();
    let crms = [bench.crm.clone(), Crm::new(other)];
    let begun = Instant::now();
    let tasks = (0..32).map(|own| {
        let (crm, scope) = (crms[own % 2].clone(), bench.scope.clone());
        tokio::spawn(async move {
            let mut numbers = Vec::new();
            for nth in 0..100 {
                let lead =
                    crm.leads(&scope).create(Lead::company(format!("Company {own} {nth}"))).await.unwrap();
                numbers.push(lead.number.unwrap());
            }
            numbers
        })
    });
    let mut numbers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        numbers.extend(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=3_200).collect::<Vec<i64>>());
    println!("numbers: 32 writers, 3200 leads, 0 duplicates, {:?}", begun.elapsed());
    bench.verify().await;
}

#[tokio::test]
async fn no_value_of_a_record_is_in_an_error() {
    let bench = Bench::new().await;
    psql(
        &bench.database.superuser(),
        "ALTER TABLE crm.customers ADD CONSTRAINT odd CHECK (company <> 'Marker Ltd')",
    );
    let refused =
        bench.crm.customers(&bench.scope).create(Customer::company("Marker Ltd")).await.unwrap_err();
    assert!(!refused.to_string().contains("Marker"), "{refused}");
    let scope = bench.crm.scope(bench.tenant, Actor::job("test"));
    bench.crm.customers(&scope).create(Customer::company("Other Ltd")).await.unwrap();
}
