//! Search in a large tenant: each way to an answer is taken when it should be, and all give the same answer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use crm_core::{Customer, Query, Sort};
use support::{Bench, Statements};

const ROWS: i64 = 60_000;

/// Puts rows into a tenant past the store, as fast as SQL can: the oldest twentieth are old timers; all have `abc` and
/// `bcd`, and three have `abcd`; every 20,000th is a unicorn.
fn fill(bench: &Bench) {
    let connection = bench.connection();
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = OFF;
             BEGIN;
             CREATE TEMP TABLE filler AS
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
                 SELECT i, (tenant_no << 32) + i AS rid, tenant_id,
                     iif(i % 20000 = 7, 'abcd', 'abc bcd') || ' gmbh'
                         || iif(i <= {ROWS} / 20, ' oldtimer', '') || iif(i % 20000 = 5, ' unicorn', '')
                         AS t
                 FROM n, heads WHERE last_seq = 2 AND tenant_id <> zeroblob(16);
             INSERT INTO customers (rid, tenant_id, id, version, created_at, updated_at, search_text, company,
                 is_active, tags)
                 SELECT rid, tenant_id, randomblob(16), 1, i * 1000, i * 1000, t, t, 1, '[]' FROM filler;
             INSERT INTO customers_fts (rowid, t) SELECT rid, t FROM filler ORDER BY rid;
             INSERT INTO series SELECT tenant_id, 'customers', {ROWS}, 0, {ROWS} FROM filler LIMIT 1;
             DROP TABLE filler;
             COMMIT;"
        ))
        .unwrap();
}

#[tokio::test]
async fn every_way_of_searching_gives_the_same_answer() {
    let statements = Statements::default();
    let bench = Bench::with(statements.options()).await;
    fill(&bench);
    let small = bench.store.path().unwrap().to_owned();
    // The same file, where no tenant counts as large: every search walks.
    let walking = crm_store_sqlite::SqliteStore::builder().large_tenant(u32::MAX).open(small).unwrap();
    let walking = crm_core::Crm::new(walking);
    let mut taken = Vec::new();
    for (terms, way) in [
        ("gmbh", "a walk within the budget"),
        ("unicorn", "the index"),
        ("oldtimer", "a walk beyond the budget, the index"),
        ("abcd", "a walk"),
        ("abcd unicorn", "the index"),
        ("zebra", "the index"),
        ("gm ab", "a walk"),
        ("gmbh ab", "a walk within the budget"),
    ] {
        for sort in [None, Some(|| Sort::new("company", crm_core::Direction::Ascending))] {
            let query = || {
                let query = Query::<Customer>::new().search(terms).limit(20);
                sort.map_or(query, |sort| Query::new().search(terms).limit(20).sort(sort()))
            };
            statements.take();
            let found = bench.crm.customers(&bench.scope).list(query()).await.unwrap();
            let ran = statements.take();
            let expected = walking.customers(&bench.scope).list(query()).await.unwrap();
            assert_eq!(found, expected, "`{terms}`");
            if sort.is_none() {
                taken.push((terms, way_of(&ran), way));
            }
            if let Some(cursor) = found.next_cursor {
                let next =
                    bench.crm.customers(&bench.scope).list(query().after(cursor.clone())).await.unwrap();
                let expected = walking.customers(&bench.scope).list(query().after(cursor)).await.unwrap();
                assert_eq!(next, expected, "`{terms}`, the second page");
            }
        }
        let query = Query::new().search(terms);
        let count = bench.crm.customers(&bench.scope).count(&query).await.unwrap();
        assert_eq!(count, walking.customers(&bench.scope).count(&query).await.unwrap(), "`{terms}`");
    }
    for (terms, found, expected) in taken {
        assert_eq!(found, expected, "`{terms}`");
    }
}

/// Which way a list took, by its statements.
fn way_of(statements: &[String]) -> String {
    let mut ways: Vec<&str> = Vec::new();
    for sql in statements.iter().filter(|sql| sql.starts_with("SELECT id, ")) {
        ways.push(match sql {
            sql if sql.contains("within_budget") => "a walk within the budget",
            sql if sql.contains("json_each") => "the index",
            _ => "a walk",
        });
    }
    if ways.len() > 1 && ways[0] == "a walk within the budget" {
        ways[0] = "a walk beyond the budget";
    }
    ways.join(", ")
}

#[tokio::test]
async fn another_tenants_size_changes_no_answer() {
    let bench = Bench::new().await;
    fill(&bench);
    let maintenance = bench.crm.maintenance();
    let small = crm_core::Tenant::new("small", "Small");
    let small = bench.crm.directory(&maintenance).create_tenant(small).await.unwrap();
    let scope = bench.crm.scope(small.id, crm_core::Actor::job("test"));
    let own = bench.crm.customers(&scope).create(Customer::company("Unicorn GmbH")).await.unwrap();
    for terms in ["unicorn", "gmbh", "gm", "oldtimer", "abcd"] {
        let found = bench.crm.customers(&scope).list(Query::new().search(terms)).await.unwrap().data;
        let expected = ["unicorn", "gmbh", "gm"].contains(&terms).then_some(&own);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>(), "`{terms}`");
    }
}
