//! Two transactions of one tenant at once: rows are written before the tenant's row is taken, and nobody has what another
//! one waits for.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use crm_core::{Conflict, Customer, Error, Lead};
use crm_store_postgres::PostgresStore;
use sqlx::{Connection, PgConnection, Row};
use support::{Database, Roles, cluster::psql, found};

/// Whether somebody else has put this external id into a table in a transaction that is under way: the same one has to
/// wait for it then.
async fn is_claimed(connection: &mut PgConnection, tenant: &str, table: &str, more: &str) -> bool {
    let (columns, values) = more.split_once('=').unwrap();
    let insert = format!(
        "BEGIN; SET LOCAL lock_timeout = 300; SET LOCAL crm.tenant = '{tenant}';
         INSERT INTO crm.{table} (tenant_id, id, version, created_at, updated_at, external_id, {columns})
         VALUES ('{tenant}', gen_random_uuid(), 1, now(), now(), 'one', {values})"
    );
    let answer = sqlx::raw_sql(sqlx::AssertSqlSafe(insert)).execute(&mut *connection).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.unwrap();
    match answer {
        Ok(_) => false,
        Err(error) => {
            let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
            assert_eq!(code, "55P03", "{error}");
            true
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_added_is_written_before_the_tenants_row_is_taken() {
    let database = Database::new(Roles::Two);
    let store = PostgresStore::connect(&database.app()).await.unwrap();
    let (crm, tenant, scope) = found(&store).await;
    let mut holder = PgConnection::connect(&database.superuser()).await.unwrap();
    let mut looks = PgConnection::connect(&database.superuser()).await.unwrap();
    let tenant = tenant.uuid().to_string();
    let hold = format!("BEGIN; SELECT FROM crm.heads WHERE tenant_id = '{tenant}' FOR UPDATE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut holder).await.unwrap();

    let (own, of) = (crm.clone(), scope.clone());
    let customer = tokio::spawn(async move {
        let customer = Customer { external_id: Some("one".into()), ..Customer::company("Solar") };
        own.customers(&of).create(customer).await
    });
    let mut claimed = false;
    for _ in 0..50 {
        claimed = claimed || is_claimed(&mut looks, &tenant, "customers", "is_active=true").await;
        if claimed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(claimed, "a customer that waits for the tenant's row is written by then");
    // A lead gets its number in turn, and so comes after.
    let (own, of) = (crm.clone(), scope.clone());
    let lead = tokio::spawn(async move {
        let lead = Lead { external_id: Some("one".into()), ..Lead::company("Solar") };
        own.leads(&of).create(lead).await
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let more = "stage, stage_entered_at='new', now()";
    assert!(!is_claimed(&mut looks, &tenant, "leads", more).await, "a lead waits for its number first");
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    customer.await.unwrap().unwrap();
    assert_eq!(lead.await.unwrap().unwrap().number, Some(1));
}

fn deadlocks(database: &Database) -> u64 {
    let asked = format!("SELECT deadlocks FROM pg_stat_database WHERE datname = '{}'", database.name());
    psql(&database.superuser(), &asked).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_claim_a_value_one_has_it_and_nobody_is_locked_out() {
    const WRITERS: usize = 24;
    const VALUES: usize = 60;
    let database = Database::new(Roles::Two);
    let store = PostgresStore::connect(&database.app()).await.unwrap();
    let (crm, _, scope) = found(&store).await;
    let old = crm.customers(&scope).create(Customer::company("Old")).await.unwrap().id;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (crm, scope) = (crm.clone(), scope.clone());
            tokio::spawn(async move {
                let (mut made, mut refused) = (0, 0);
                for nth in 0..VALUES {
                    // Each in an order of its own, every other one two at a time.
                    let value = |nth: usize| format!("id-{}", (nth * 7 + writer * 11) % VALUES);
                    let customer =
                        |nth| Customer { external_id: Some(value(nth)), ..Customer::company("New") };
                    let answer = match writer % 4 {
                        0 => crm
                            .customers(&scope)
                            .create_many(vec![customer(nth), customer(nth + 1)])
                            .await
                            .map(|_| 2),
                        1 => {
                            let taken = value(nth);
                            crm.customers(&scope)
                                .update(old, |own| own.external_id = Some(taken.clone()))
                                .await
                                .map(|_| 0)
                        }
                        _ => crm.customers(&scope).create(customer(nth)).await.map(|_| 1),
                    };
                    match answer {
                        Ok(own) => made += own,
                        Err(Error::Conflict(Conflict::Unique { .. } | Conflict::Version { .. })) => {
                            refused += 1
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
                (made, refused)
            })
        })
        .collect();
    let (mut made, mut refused) = (0, 0);
    for task in tasks {
        let own = task.await.unwrap();
        (made, refused) = (made + own.0, refused + own.1);
    }
    let asked = "SELECT count(*)::int4, count(DISTINCT external_id)::int4, count(*) FILTER (WHERE company = 'New')::int4 \
                 FROM crm.customers WHERE external_id IS NOT NULL";
    let mut looks = PgConnection::connect(&database.superuser()).await.unwrap();
    let row = sqlx::query(asked).fetch_one(&mut looks).await.unwrap();
    let (rows, values, new): (i32, i32, i32) = (row.get(0), row.get(1), row.get(2));
    println!("values {VALUES}, made {made}, refused {refused}, deadlocks {}", deadlocks(&database));
    assert_eq!((rows, new), (values, made), "each value once, and what was acknowledged is there");
    assert!(refused > 0);
    assert_eq!(deadlocks(&database), 0);
}
