//! How a store starts: the schema is laid in four ways, and what would not keep tenants apart is refused with the SQL
//! that mends it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use crm_store_postgres::{Migrate, OpenError, PostgresStore, SCHEMA};
use sqlx::{Connection, PgConnection};
use support::{Database, Roles, cluster::psql, found, proxy::Proxy};

#[path = "../examples/host_transaction.rs"]
#[allow(dead_code, reason = "the example's own entry is not called")]
mod host_transaction;

async fn connection(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

#[tokio::test]
async fn ten_instances_may_migrate_at_once() {
    let database = Database::empty(Roles::Two);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let url = database.owner();
            tokio::spawn(async move {
                Migrate::new().role("crm_app").run(&mut connection(&url).await).await.unwrap()
            })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        first += usize::from(task.await.unwrap() == 0);
    }
    assert_eq!(first, 1, "one of them does it, the others find it done");
    found(&PostgresStore::connect(&database.app()).await.unwrap()).await;
}

#[tokio::test]
async fn migrations_run_in_the_hosts_transaction_or_not_at_all() {
    let database = Database::empty(Roles::One);
    let mut connection = connection(&database.owner()).await;
    let mut transaction = connection.begin().await.unwrap();
    assert_eq!(Migrate::new().schema("own_name").run_within(&mut transaction).await.unwrap(), 0);
    transaction.rollback().await.unwrap();
    let refused = PostgresStore::builder().schema("own_name").connect(&database.app()).await;
    assert!(matches!(refused, Err(OpenError::Missing { .. })), "{refused:?}");
    assert_eq!(Migrate::new().schema("own_name").run(&mut connection).await.unwrap(), 0);
    assert_eq!(Migrate::new().schema("own_name").run(&mut connection).await.unwrap(), SCHEMA);
    let store = PostgresStore::builder().schema("own_name").connect(&database.app()).await.unwrap();
    found(&store).await;
}

#[tokio::test]
async fn two_schemas_lie_side_by_side() {
    let database = Database::new(Roles::Two);
    Migrate::new()
        .schema("other")
        .role("crm_app")
        .run(&mut connection(&database.owner()).await)
        .await
        .unwrap();
    found(&PostgresStore::connect(&database.app()).await.unwrap()).await;
    found(&PostgresStore::builder().schema("other").connect(&database.app()).await.unwrap()).await;
}

#[tokio::test]
async fn a_host_writes_its_order_and_a_customer_together_or_not_at_all() {
    let database = Database::empty(Roles::One);
    assert_eq!(host_transaction::run(&database.owner()).await.unwrap(), (1, 1));
}

/// Damages a database, expects a refusal, mends it as told, and expects the store to start.
async fn refused_and_mended(roles: Roles, damage: &str) {
    let database = Database::new(roles);
    psql(&database.superuser(), &damage.replace("__database__", database.name()));
    let refused = PostgresStore::connect(&database.app()).await;
    let Err(OpenError::Unsafe { mend, .. } | OpenError::Missing { mend, .. }) = &refused else {
        panic!("{damage} must be refused, got {refused:?}");
    };
    psql(&database.superuser(), mend.split("; or ").next().unwrap());
    PostgresStore::connect(&database.app()).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
}

#[tokio::test]
async fn what_would_let_a_role_see_other_tenants_is_refused_and_can_be_mended_as_told() {
    let damages = [
        "ALTER TABLE crm.customers DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE crm.customers NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE crm.heads NO FORCE ROW LEVEL SECURITY",
        "REVOKE USAGE ON SCHEMA crm FROM crm_app",
        "CREATE VIEW crm.seen AS SELECT * FROM crm.leads",
        "CREATE VIEW crm.\"Seen by all\" WITH (security_invoker = true) AS SELECT * FROM crm.leads",
        "CREATE MATERIALIZED VIEW crm.seen AS SELECT * FROM crm.leads",
        "CREATE FUNCTION crm.all_leads() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM crm.leads'",
        "CREATE FUNCTION crm.found(p_limit bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM crm.leads'",
        "CREATE PROCEDURE crm.\"Empty\"(INOUT given text) LANGUAGE sql SECURITY DEFINER AS 'SELECT $1'",
        "ALTER FUNCTION crm.found(text, text[], bigint) RESET search_path",
        "ALTER FUNCTION crm.found(text, text[], bigint) SET search_path = public, pg_catalog",
        "ALTER FUNCTION crm.found(text, text[], bigint) SET \"crm.tenant\" = ''",
        "ALTER FUNCTION crm.found(text, text[], bigint) SECURITY INVOKER",
        "GRANT EXECUTE ON FUNCTION crm.found(text, text[], bigint) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION crm.found(text, text[], bigint) FROM crm_app",
        "ALTER FUNCTION crm.forget() RESET search_path",
        "GRANT EXECUTE ON FUNCTION crm.blank(text, uuid) TO PUBLIC",
        "ALTER ROLE crm_app IN DATABASE __database__ SET row_security = off",
        "ALTER DATABASE __database__ SET row_security = off",
    ];
    for damage in damages {
        refused_and_mended(Roles::Two, damage).await;
    }
    refused_and_mended(Roles::One, "ALTER TABLE crm.search_texts NO FORCE ROW LEVEL SECURITY").await;
    println!("start: faults {}, refused and mended as told {}", damages.len() + 1, damages.len() + 1);
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused_by_name() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let database = Database::encoded(Roles::One, encoding);
        let refused = PostgresStore::connect(&database.app()).await.unwrap_err().to_string();
        assert!(refused.contains(encoding) && refused.contains("ENCODING 'UTF8'"), "{refused}");
        let refused = Migrate::new().run(&mut connection(&database.owner()).await).await;
        assert!(matches!(refused, Err(OpenError::Encoding { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_schema_without_one_of_its_functions_is_refused() {
    for function in ["found(text, text[], bigint)", "blank(text, uuid)", "forget()", "tidy()"] {
        let database = Database::new(Roles::Two);
        psql(&database.owner(), &format!("DROP FUNCTION crm.{function}"));
        let refused = PostgresStore::connect(&database.app()).await;
        assert!(matches!(refused, Err(OpenError::Unsafe { .. })), "{function}: {refused:?}");
    }
}

#[tokio::test]
async fn a_store_starts_in_few_round_trips() {
    let database = Database::new(Roles::Two);
    let proxy = Proxy::before(&database.app()).await;
    PostgresStore::connect(&proxy.address(&database.app())).await.unwrap();
    let trips = proxy.trips();
    println!("start: round trips {trips}");
    // Five looks, and what the driver says when it has connected.
    assert!((5..=7).contains(&trips), "{trips}");
}

#[tokio::test]
async fn a_policy_that_is_not_the_one_is_refused() {
    for damage in [
        "DROP POLICY tenant ON crm.leads",
        "CREATE POLICY more ON crm.leads USING (true)",
        "ALTER POLICY tenant ON crm.leads USING (true)",
        "ALTER POLICY tenant ON crm.leads WITH CHECK (true)",
        "CREATE TABLE crm.leaky (tenant_id uuid)",
        "REVOKE SELECT ON crm.leads FROM crm_app",
    ] {
        let database = Database::new(Roles::Two);
        psql(&database.superuser(), damage);
        let refused = PostgresStore::connect(&database.app()).await;
        assert!(matches!(refused, Err(OpenError::Unsafe { .. })), "{damage}: {refused:?}");
    }
}

#[tokio::test]
async fn a_role_that_no_policy_binds_is_refused() {
    let database = Database::new(Roles::Two);
    let refused = PostgresStore::connect(&database.superuser()).await.unwrap_err().to_string();
    assert!(refused.contains("ALTER ROLE \"postgres\" NOSUPERUSER"), "{refused}");
    let role = format!("bypass_{}", std::process::id());
    psql(&database.superuser(), &format!("CREATE ROLE {role} LOGIN BYPASSRLS; GRANT crm_app TO {role};"));
    let refused = PostgresStore::connect(&database.role(&role)).await.unwrap_err().to_string();
    psql(&database.superuser(), &format!("DROP ROLE {role};"));
    assert!(refused.contains("NOBYPASSRLS"), "{refused}");
    // The owner is bound by the policies, but for the texts that the search function reads as its owner.
    let refused = PostgresStore::connect(&database.owner()).await.unwrap_err().to_string();
    assert!(refused.contains("search_texts FORCE ROW LEVEL SECURITY"), "{refused}");
}

#[tokio::test]
async fn another_schema_than_this_programs_is_refused() {
    let database = Database::empty(Roles::Two);
    let refused = PostgresStore::connect(&database.app()).await;
    assert!(matches!(refused, Err(OpenError::Missing { .. })), "{refused:?}");
    psql(&database.owner(), "CREATE SCHEMA crm; GRANT USAGE ON SCHEMA crm TO crm_app;");
    let refused = PostgresStore::connect(&database.app()).await;
    assert!(matches!(refused, Err(OpenError::Version { found: 0, needed: SCHEMA, .. })), "{refused:?}");
    let database = Database::new(Roles::Two);
    let known = |rows: &str| {
        psql(
            &database.owner(),
            &format!(
                "CREATE OR REPLACE FUNCTION crm.migrations() RETURNS TABLE (number integer, name text, checksum bigint) \
                 LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$ VALUES {rows} $$;"
            ),
        );
    };
    known("(1, 'foundation', 7::bigint)");
    let refused = PostgresStore::connect(&database.app()).await;
    assert!(matches!(refused, Err(OpenError::Altered { number: 1, .. })), "{refused:?}");
    known("(99, 'later', 7::bigint)");
    let refused = PostgresStore::connect(&database.app()).await;
    assert!(matches!(refused, Err(OpenError::Version { found: 99, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_name_that_needs_quotes_is_refused() {
    let database = Database::new(Roles::Two);
    let refused = PostgresStore::builder().schema("x\"; DROP SCHEMA crm").connect(&database.app()).await;
    assert!(matches!(refused, Err(OpenError::SchemaName(_))), "{refused:?}");
    assert!(matches!(Migrate::new().schema("A").sql(), Err(OpenError::SchemaName(_))));
    assert!(matches!(Migrate::new().role("a b").sql(), Err(OpenError::RoleName(_))));
}
