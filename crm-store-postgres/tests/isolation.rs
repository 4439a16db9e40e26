//! What row-level security holds when a statement forgets its tenant.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use crm_core::{Actor, Crm, Customer, Lead, Query, Tenant, objects};
use crm_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use support::{Database, Roles, cluster::psql};

/// Two tenants with as many records each, and one more in the second.
async fn filled(database: &Database) -> (String, String) {
    let crm = Crm::new(PostgresStore::connect(&database.app()).await.unwrap());
    let mut tenants = Vec::new();
    for (slug, count) in [("acme", 3), ("globex", 4)] {
        let tenant =
            crm.directory(&crm.maintenance()).create_tenant(Tenant::new(slug, slug)).await.unwrap().id;
        let scope = crm.scope(tenant, Actor::job("test"));
        for nth in 0..count {
            crm.customers(&scope).create(Customer::company(format!("{slug} marker {nth}"))).await.unwrap();
            crm.leads(&scope).create(Lead::company(format!("{slug} marker {nth}"))).await.unwrap();
        }
        tenants.push(tenant.to_string());
    }
    (tenants.remove(0), tenants.remove(0))
}

async fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn tables() -> Vec<String> {
    let own = ["heads", "series", "events", "counters", "search_texts"].map(str::to_owned);
    own.into_iter().chain(objects().map(|object| object.name.to_owned())).collect()
}

#[tokio::test]
async fn a_statement_without_a_predicate_sees_its_tenant_alone_and_nothing_without_one() {
    for roles in [Roles::Two, Roles::One] {
        let database = Database::new(roles);
        let (acme, _) = filled(&database).await;
        let mut connection = PgConnection::connect(&database.app()).await.unwrap();
        let (mut seen, mut unseen) = (0, 0);
        for table in tables() {
            let all = format!("SELECT count(*) FROM crm.{table}");
            let foreign = format!("SELECT count(*) FROM crm.{table} WHERE tenant_id <> '{acme}'");
            assert_eq!(count(&mut connection, &all).await, 0, "{table} without a tenant");
            let mut transaction = connection.begin().await.unwrap();
            let set = format!("SET LOCAL crm.tenant = '{acme}'");
            sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *transaction).await.unwrap();
            assert_eq!(count(&mut transaction, &foreign).await, 0, "{table}");
            seen += count(&mut transaction, &all).await;
            transaction.commit().await.unwrap();
            assert_eq!(count(&mut connection, &all).await, 0, "{table} after the transaction");
            let there: i64 = psql(&database.superuser(), &foreign).parse().unwrap();
            unseen += there;
        }
        assert!(seen > 10 && unseen > 10, "it sees {seen} rows of its own, and there are {unseen} others");
    }
}

#[tokio::test]
async fn no_statement_writes_into_another_tenant() {
    for roles in [Roles::Two, Roles::One] {
        let database = Database::new(roles);
        let (acme, globex) = filled(&database).await;
        let hash =
            "SELECT md5(string_agg(t::text, '' ORDER BY t.id)) FROM crm.customers AS t WHERE tenant_id = ";
        let before = psql(&database.superuser(), &format!("{hash}'{globex}'"));
        let mut connection = PgConnection::connect(&database.app()).await.unwrap();
        for sql in [
            format!("UPDATE crm.customers SET company = 'stolen' WHERE tenant_id = '{globex}'"),
            format!("DELETE FROM crm.customers WHERE tenant_id = '{globex}'"),
            format!("UPDATE crm.customers SET tenant_id = '{globex}'"),
            format!(
                "INSERT INTO crm.heads (tenant_id, last_seq) VALUES ('{globex}', 7) ON CONFLICT (tenant_id) \
                 DO UPDATE SET last_seq = 7"
            ),
            format!(
                "INSERT INTO crm.counters (tenant_id, name, key, value) VALUES ('{globex}', 'a', 'b', 1)"
            ),
            "TRUNCATE crm.customers".to_owned(),
        ] {
            let mut transaction = connection.begin().await.unwrap();
            let set = format!("SET LOCAL crm.tenant = '{acme}'");
            sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *transaction).await.unwrap();
            let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *transaction).await;
            // The owner of a table may empty it, as it may drop it; a role that only runs may not.
            let owners = sql.starts_with("TRUNCATE") && roles == Roles::One;
            assert!(owners || done.is_err() || done.is_ok_and(|done| done.rows_affected() == 0), "{sql}");
            transaction.rollback().await.unwrap();
        }
        assert_eq!(psql(&database.superuser(), &format!("{hash}'{globex}'")), before);
    }
}

/// Runs one statement as the role that runs, with a tenant set, and keeps what it does.
async fn runs(database: &Database, tenant: &str, sql: &str) -> Result<(), String> {
    let mut connection = PgConnection::connect(&database.app()).await.unwrap();
    let set = if tenant.is_empty() { String::new() } else { format!("SET LOCAL crm.tenant = '{tenant}'; ") };
    let done =
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {set}{sql}; COMMIT"))).execute(&mut connection).await;
    let code =
        |error: sqlx::Error| error.as_database_error().and_then(|error| error.code()).unwrap().into_owned();
    done.map(drop).map_err(code)
}

#[tokio::test]
async fn the_role_that_runs_adds_to_the_log_and_does_no_more_to_it() {
    let database = Database::new(Roles::Two);
    let (acme, globex) = filled(&database).await;
    let events = |tenant: &str| {
        let sql = format!(
            "SELECT md5(string_agg(e::text, '' ORDER BY e.seq)) FROM crm.events AS e WHERE tenant_id = '{tenant}'"
        );
        psql(&database.superuser(), &sql)
    };
    let before = (events(&acme), events(&globex));
    for sql in [
        "DELETE FROM crm.events",
        "DELETE FROM crm.events WHERE seq = 1",
        "UPDATE crm.events SET changes = '[]'",
        "UPDATE crm.events SET actor = 'nobody'",
        "UPDATE crm.events SET seq = seq + 100",
        "INSERT INTO crm.events SELECT * FROM crm.events ON CONFLICT (tenant_id, seq) DO UPDATE SET actor = 'nobody'",
        "DELETE FROM crm.heads",
        "DELETE FROM crm.counters",
        "DELETE FROM crm.series",
        "DELETE FROM crm.once",
        "TRUNCATE crm.events",
    ] {
        assert_eq!(runs(&database, &acme, sql).await, Err("42501".to_owned()), "{sql}");
    }
    // What erasing asks for does nothing without a tenant, and nothing to another one.
    let record = psql(
        &database.superuser(),
        &format!(
            "SELECT record_id FROM crm.events WHERE tenant_id = '{globex}' AND object = 'customers' LIMIT 1"
        ),
    );
    let blank = format!("SELECT crm.blank('customers', '{record}')");
    assert_eq!(runs(&database, &acme, &blank).await, Ok(()));
    assert_eq!(runs(&database, "", &blank).await, Ok(()));
    assert_eq!(runs(&database, "", "SELECT crm.forget()").await, Ok(()));
    assert_eq!((events(&acme), events(&globex)), before);
    // Nor to a record that is still there.
    assert_eq!(runs(&database, &globex, &blank).await, Err("42501".to_owned()));
    assert_eq!((events(&acme), events(&globex)), before);
    let gone = format!("DELETE FROM crm.customers WHERE id = '{record}'; {blank}");
    assert_eq!(runs(&database, &globex, &gone).await, Ok(()));
    assert_ne!(events(&globex), before.1);
    assert_eq!(runs(&database, &globex, "SELECT crm.forget()").await, Ok(()));
    assert_eq!((events(&acme), events(&globex)), (before.0, String::new()));
}

#[tokio::test]
async fn the_search_function_finds_what_is_set_and_nothing_without_it() {
    for roles in [Roles::Two, Roles::One] {
        let database = Database::new(roles);
        let (acme, _) = filled(&database).await;
        let mut connection = PgConnection::connect(&database.app()).await.unwrap();
        let asked = "SELECT count(*) FROM crm.found('customers', ARRAY['%marker%'], 100)";
        assert_eq!(count(&mut connection, asked).await, 0);
        let mut transaction = connection.begin().await.unwrap();
        let set = format!("SET LOCAL crm.tenant = '{acme}'");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *transaction).await.unwrap();
        assert_eq!(count(&mut transaction, asked).await, 3);
        let everything = "SELECT count(*) FROM crm.found('customers', ARRAY['%''; SELECT 1 --%'], 100)";
        assert_eq!(count(&mut transaction, everything).await, 0);
    }
}

#[tokio::test]
async fn a_connection_that_the_store_has_used_belongs_to_nobody() {
    let database = Database::new(Roles::Two);
    filled(&database).await;
    let store = PostgresStore::builder().connections(1).connect(&database.app()).await.unwrap();
    let crm = Crm::new(store.clone());
    let directory = crm.maintenance();
    for tenant in crm.directory(&directory).tenants(Query::new()).await.unwrap().data {
        let scope = crm.scope(tenant.id, Actor::job("test"));
        assert!(!crm.customers(&scope).list(Query::new()).await.unwrap().data.is_empty());
        let mut connection = store.pool().acquire().await.unwrap();
        assert_eq!(count(&mut connection, "SELECT count(*) FROM crm.customers").await, 0);
        let left: Option<String> =
            sqlx::query_scalar("SELECT NULLIF(current_setting('crm.tenant', true), '')")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
        assert_eq!(left, None);
    }
}
