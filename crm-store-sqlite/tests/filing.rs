//! New texts go into the search index by hundreds, and are found before and after.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use crm_core::{Actor, Crm, Customer, Id, Query, TenantScope};
use crm_store_sqlite::SqliteStore;
use support::{Bench, Statements};

fn customers(numbers: std::ops::Range<usize>) -> Vec<Customer> {
    numbers.map(|nth| Customer::company(format!("Solar {nth:05}"))).collect()
}

/// How many a list finds, and that as many are counted.
async fn finds(crm: &Crm, scope: &TenantScope, term: &str) -> usize {
    let found = crm.customers(scope).list(Query::new().search(term)).await.unwrap().data.len();
    assert_eq!(crm.customers(scope).count(&Query::new().search(term)).await.unwrap(), found as u64, "{term}");
    found
}

/// How many rows the index knows, and how many there are.
fn filed(bench: &Bench) -> (i64, i64) {
    let count = |sql| bench.connection().query_row(sql, [], |row| row.get(0)).unwrap();
    (
        count("SELECT count(*) FROM customers_fts WHERE customers_fts MATCH '\"sol\" OR \"hyd\"'"),
        count("SELECT count(*) FROM customers"),
    )
}

async fn rename(crm: &Crm, scope: &TenantScope, id: Id<Customer>, name: &str) {
    crm.customers(scope).update(id, |own| own.company = Some(name.to_owned())).await.unwrap();
}

async fn erase(crm: &Crm, scope: &TenantScope, id: Id<Customer>) {
    crm.customers(scope).delete(id, None).await.unwrap();
    crm.customers(scope).erase(id).await.unwrap();
}

#[tokio::test]
async fn texts_are_filed_together_and_found_before_as_well() {
    let statements = Statements::default();
    let bench = Bench::with(statements.options().large_tenant(0).filed_every(500)).await;
    let (crm, scope) = (&bench.crm, &bench.scope);
    statements.take();
    let mut made = crm.customers(scope).create_many(customers(0..499)).await.unwrap();
    rename(crm, scope, made[7].id, "Hydro 77777").await;
    erase(crm, scope, made[8].id).await;
    let ran = statements.take();
    assert!(!ran.iter().any(|sql| sql.contains("_fts")), "the index is written to: {ran:#?}");
    assert_eq!(filed(&bench), (0, 498));
    for (term, due) in [("77777", 1), ("00007", 0), ("00008", 0), ("00009", 1), ("0049", 10)] {
        assert_eq!(finds(crm, scope, term).await, due, "{term}");
    }
    made.extend(crm.customers(scope).create_many(customers(499..500)).await.unwrap());
    assert_eq!(filed(&bench), (499, 499));
    crm.customers(scope).create_many(customers(500..600)).await.unwrap();
    assert_eq!(filed(&bench), (499, 599));
    for (term, due) in [("77777", 1), ("00007", 0), ("00008", 0), ("00009", 1), ("0049", 11), ("0059", 11)] {
        assert_eq!(finds(crm, scope, term).await, due, "{term}");
    }
    // What is in the index changes and goes there.
    rename(crm, scope, made[9].id, "Hydro 99999").await;
    erase(crm, scope, made[10].id).await;
    for (term, due) in [("99999", 1), ("00009", 0), ("00010", 0)] {
        assert_eq!(finds(crm, scope, term).await, due, "{term}");
    }
    assert_eq!(filed(&bench), (498, 598));
    bench.verify().await;
}

#[tokio::test]
async fn what_a_process_has_left_is_filed_by_the_next_one() {
    let bench = Bench::new().await;
    bench.crm.customers(&bench.scope).create_many(customers(0..150)).await.unwrap();
    let store = SqliteStore::builder().large_tenant(0).filed_every(160).open(bench.path()).unwrap();
    let crm = Crm::new(store);
    let scope = crm.scope(bench.tenant, Actor::job("test"));
    crm.customers(&scope).create_many(customers(150..159)).await.unwrap();
    assert_eq!((filed(&bench), finds(&crm, &scope, "00123").await), ((0, 159), 1));
    crm.customers(&scope).create_many(customers(159..160)).await.unwrap();
    assert_eq!((filed(&bench), finds(&crm, &scope, "00123").await), ((160, 160), 1));
}

#[tokio::test]
async fn a_file_of_an_earlier_schema_has_everything_in_the_index_already() {
    let bench = Bench::with(SqliteStore::builder().filed_every(1)).await;
    bench.crm.customers(&bench.scope).create_many(customers(0..30)).await.unwrap();
    let path = bench.folder.path().join("older.db");
    bench.connection().execute("VACUUM INTO ?", [path.to_str().unwrap()]).unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("ALTER TABLE series DROP COLUMN filed_rid; DELETE FROM migrations WHERE number > 3;")
        .unwrap();
    let crm = Crm::new(SqliteStore::builder().large_tenant(0).open(&path).unwrap());
    let scope = crm.scope(bench.tenant, Actor::job("test"));
    crm.customers(&scope).create_many(customers(30..31)).await.unwrap();
    assert_eq!((finds(&crm, &scope, "00012").await, finds(&crm, &scope, "00030").await), (1, 1));
    let left: i64 = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("SELECT last_rid - filed_rid FROM series WHERE object = 'customers'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}
