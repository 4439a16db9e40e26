//! Several processes on one file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crm_core::{Actor, Crm, Id, Lead, Query, Role, TenantId, User};
use crm_store_sqlite::{MIGRATIONS, SqliteStore, schema};
use support::Bench;
use uuid::Uuid;

const FILE: &str = "CRM_SHARED_FILE";
const SHARED_TENANT: &str = "CRM_SHARED_TENANT";
const EACH: usize = 60;

/// This program once more, running one test as another process.
fn other(test: &str, file: &Path, tenant: TenantId) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(FILE, file)
        .env(SHARED_TENANT, tenant.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn succeeds(process: Child) {
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The numbers of leads that one process makes.
async fn make(crm: &Crm, tenant: TenantId) -> Vec<i64> {
    let scope = crm.scope(tenant, Actor::user(Id::<User>::from_uuid(Uuid::from_u128(1)), Role::Member));
    let mut numbers = Vec::new();
    for nth in 0..EACH {
        numbers.push(
            crm.leads(&scope).create(Lead::company(format!("Lead {nth}"))).await.unwrap().number.unwrap(),
        );
    }
    numbers
}

#[tokio::test]
async fn processes_that_write_at_once_share_numbers_and_log() {
    if let (Some(file), Ok(tenant)) = (std::env::var_os(FILE), std::env::var(SHARED_TENANT)) {
        let crm = Crm::new(SqliteStore::open(file).unwrap());
        make(&crm, tenant.parse().unwrap()).await;
        return;
    }
    let bench = Bench::new().await;
    let name = "processes_that_write_at_once_share_numbers_and_log";
    let others: Vec<Child> = (0..3).map(|_| other(name, &bench.path(), bench.tenant)).collect();
    let own: BTreeSet<i64> = make(&bench.crm, bench.tenant).await.into_iter().collect();
    others.into_iter().for_each(succeeds);
    let leads = bench.crm.leads(&bench.scope).list(Query::new().limit(500)).await.unwrap().data;
    let numbers: BTreeSet<i64> = leads.iter().filter_map(|lead| lead.number).collect();
    assert_eq!(numbers, (1..=4 * EACH as i64).collect());
    assert!(own.is_subset(&numbers) && own.len() == EACH);
    bench.verify().await;
}

#[test]
fn processes_that_migrate_at_once_do_it_once() {
    if let Some(file) = std::env::var_os(FILE) {
        drop(SqliteStore::open(file).unwrap());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let path = folder.path().join(format!("{round}.db"));
        let name = "processes_that_migrate_at_once_do_it_once";
        let all: Vec<Child> = (0..4).map(|_| other(name, &path, Id::from_uuid(Uuid::nil()))).collect();
        all.into_iter().for_each(succeeds);
        assert!(schema(&path).unwrap().pending.is_empty());
        let connection = rusqlite::Connection::open(&path).unwrap();
        let applied: i64 =
            connection.query_row("SELECT count(*) FROM migrations", [], |row| row.get(0)).unwrap();
        assert_eq!(applied, MIGRATIONS.len() as i64);
    }
}

#[tokio::test]
async fn a_feed_hears_whoever_writes_to_the_file() {
    let bench = Bench::new().await;
    let store = SqliteStore::open(bench.path()).unwrap();
    let crm = Crm::new(store.clone());
    let feed = crm.feed();
    store.follow(feed);
    assert!(!feed.hears_all(), "nobody has looked yet");
    let scope = crm.scope(bench.tenant, Actor::job("own"));
    // Its own commits are told before they are acknowledged.
    for nth in 0..20 {
        let (moves, access) = (feed.moves(bench.tenant), feed.access_moves(bench.tenant));
        match nth % 2 {
            0 => drop(crm.leads(&scope).create(Lead::company("Own")).await.unwrap()),
            _ => drop(
                crm.users(&scope).create(User::new(format!("u{nth}@x.test"), Role::Viewer)).await.unwrap(),
            ),
        }
        assert_ne!(feed.moves(bench.tenant), moves);
        assert!(nth % 2 == 0 || feed.access_moves(bench.tenant) != access);
    }
    // Those of others a moment later: here another store on the same file stands for another process.
    for _ in 0..3 {
        let mut watch = feed.watch(bench.tenant);
        let access = feed.access_moves(bench.tenant);
        bench.crm.leads(&bench.scope).create(Lead::company("Other")).await.unwrap();
        while feed.access_moves(bench.tenant) == access {
            watch.changed().await;
        }
    }
    // While it says that it hears all, it has heard of whatever is older than the moment that it may take.
    let mut rested_on = 0;
    while rested_on < 10 {
        let access = feed.access_moves(bench.tenant);
        bench.crm.leads(&bench.scope).create(Lead::company("Other")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let hears_all = feed.hears_all();
        assert!(!hears_all || feed.access_moves(bench.tenant) != access);
        rested_on += usize::from(hears_all);
    }
}
