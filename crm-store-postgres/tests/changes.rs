//! Whoever waits for commits is woken, also by other processes, and by a look every second when nothing can be heard.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use crm_core::{Crm, Customer, Moved, Role, User};
use crm_store_postgres::{Changes, PostgresStore};
use support::{Bench, Database, Roles, cluster::psql, found};

/// Waits for a change of this tenant, or for one that may be of it.
async fn woken(changes: &mut Changes, wanted: Moved) {
    let wait = async {
        while let Some(changed) = changes.next().await {
            if changed == wanted {
                return;
            }
        }
        panic!("the store is gone");
    };
    tokio::time::timeout(Duration::from_secs(5), wait).await.expect("a change is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_is_woken_by_a_notification() {
    let bench = Bench::new().await;
    let other = PostgresStore::connect(&bench.database.app()).await.unwrap();
    let mut changes = other.changes();
    woken(&mut changes, Moved::Any).await;
    let (mut slowest, tenant) = (Duration::ZERO, Moved::Tenant(bench.tenant));
    for nth in 0..20 {
        bench.crm.customers(&bench.scope).create(Customer::company(format!("Company {nth}"))).await.unwrap();
        let begun = Instant::now();
        woken(&mut changes, tenant).await;
        slowest = slowest.max(begun.elapsed());
    }
    // The look every second tells of any tenant, so that of this one only a notification has told.
    println!("changes: commits 20, slowest {slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_commits_are_told_by_few_notifications() {
    let bench = Bench::new().await;
    let mut listener = sqlx::postgres::PgListener::connect(&bench.database.app()).await.unwrap();
    listener.listen("crm_changes").await.unwrap();
    let tasks = (0..100).map(|nth| {
        let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
        tokio::spawn(async move {
            crm.customers(&scope).create(Customer::company(format!("Company {nth}"))).await.unwrap()
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut heard = 0;
    while tokio::time::timeout(Duration::from_millis(300), listener.recv()).await.is_ok() {
        heard += 1;
    }
    assert!((1..=50).contains(&heard), "{heard} notifications");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_is_cut_off_costs_a_look_and_hears_again() {
    let bench = Bench::new().await;
    let other = PostgresStore::connect(&bench.database.app()).await.unwrap();
    let mut changes = other.changes();
    woken(&mut changes, Moved::Any).await;
    psql(
        &bench.database.superuser(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    );
    woken(&mut changes, Moved::Any).await;
    woken(&mut changes, Moved::Any).await;
    bench.crm.customers(&bench.scope).create(Customer::company("Solar")).await.unwrap();
    woken(&mut changes, Moved::Tenant(bench.tenant)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_host_commits_is_told_when_it_commits() {
    let database = Database::new(Roles::Two);
    let store = PostgresStore::connect(&database.app()).await.unwrap();
    let other = PostgresStore::connect(&database.app()).await.unwrap();
    let mut changes = other.changes();
    woken(&mut changes, Moved::Any).await;
    let (crm, tenant, scope) = found(&store).await;
    // What the founding told is over once it was heard and nothing follows.
    woken(&mut changes, Moved::Access(tenant)).await;
    while tokio::time::timeout(Duration::from_millis(500), changes.next()).await.is_ok() {}
    let mut transaction = store.pool().begin().await.unwrap();
    let joined = store.join(&mut transaction);
    crm.on(&joined).customers(&scope).create(Customer::company("Solar")).await.unwrap();
    drop(joined);
    let early = tokio::time::timeout(Duration::from_millis(200), changes.next()).await;
    assert!(early.is_err(), "{early:?}");
    transaction.commit().await.unwrap();
    woken(&mut changes, Moved::Access(tenant)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_hears_other_processes_while_it_can_and_says_when_it_cannot() {
    let bench = Bench::new().await;
    let other = PostgresStore::connect(&bench.database.app()).await.unwrap();
    let crm = Crm::new(other.clone());
    let feed = crm.feed();
    let hears = async |wanted: bool| {
        for _ in 0..500 {
            if feed.hears_all() == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("hears everybody: {}", !wanted);
    };
    assert!(!feed.hears_all());
    other.follow(feed);
    hears(true).await;
    let mut watch = feed.watch(bench.tenant);
    let access = feed.access_moves(bench.tenant);
    bench.crm.customers(&bench.scope).create(Customer::company("Solar")).await.unwrap();
    watch.changed().await;
    assert_eq!(feed.access_moves(bench.tenant), access, "who may come in is the same");
    bench.crm.users(&bench.scope).create(User::new("ada@example.com", Role::Viewer)).await.unwrap();
    while feed.access_moves(bench.tenant) == access {
        watch.changed().await;
    }
    psql(
        &bench.database.superuser(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    );
    hears(false).await;
    hears(true).await;
}
