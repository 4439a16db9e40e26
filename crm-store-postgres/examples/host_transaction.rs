//! A host that takes an order and a customer in one transaction of its own: both are there, or neither.
//!
//! `cargo run -p crm-store-postgres --example host_transaction -- postgres://owner@localhost/shop` on an empty database,
//! as a role that may create in it and is no superuser.

use crm_core::{Actor, Crm, Customer, Query, Tenant};
use crm_store_postgres::{Migrate, PostgresStore};
use sqlx::{PgPool, Row};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Takes two orders, the second of which the host thinks better of; how many orders and customers there are then.
pub(crate) async fn run(url: &str) -> Result<(i64, usize), Failure> {
    let pool = PgPool::connect(url).await?;
    // Both schemas in one transaction as well.
    let mut set_up = pool.begin().await?;
    sqlx::raw_sql("CREATE TABLE orders (item text NOT NULL, customer uuid NOT NULL)")
        .execute(&mut *set_up)
        .await?;
    Migrate::new().run_within(&mut set_up).await?;
    set_up.commit().await?;

    let store = PostgresStore::new(pool.clone()).await?;
    let crm = Crm::new(store.clone());
    let tenant = crm.directory(&crm.maintenance()).create_tenant(Tenant::new("shop", "Shop")).await?;
    let scope = crm.scope(tenant.id, Actor::job("orders"));

    for (item, company, paid) in [("lamp", "Ada Ltd", true), ("chair", "Bob Ltd", false)] {
        let mut transaction = pool.begin().await?;
        let customer = {
            let joined = store.join(&mut transaction);
            crm.on(&joined).customers(&scope).create(Customer::company(company)).await?
        };
        sqlx::query("INSERT INTO orders (item, customer) VALUES ($1, $2)")
            .bind(item)
            .bind(customer.id.uuid())
            .execute(&mut *transaction)
            .await?;
        if paid {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
    }

    let orders: i64 = sqlx::query("SELECT count(*) FROM orders").fetch_one(&pool).await?.try_get(0)?;
    let customers = crm.customers(&scope).list(Query::new()).await?.data.len();
    Ok((orders, customers))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).ok_or("give the address of an empty database")?;
    let (orders, customers) = run(&url).await?;
    println!("orders {orders}, customers {customers}");
    Ok(())
}
