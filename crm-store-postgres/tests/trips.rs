//! How often a store asks its server: what a call costs wherever the server is not on the same machine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{future::Future, time::Duration};

use crm_core::{Customer, Direction, Lead, Query, Sort};
use crm_store_postgres::{Isolation, Options, PostgresStore};
use support::{Database, Roles, cluster::psql, found, proxy::Proxy};

/// How many round trips a call takes once its statements are prepared.
async fn trips<R>(proxy: &Proxy, call: impl AsyncFn() -> R) -> usize {
    for _ in 0..2 {
        call().await;
    }
    settled().await;
    proxy.trips();
    call().await;
    settled().await;
    proxy.trips()
}

/// The notification comes a moment later.
fn settled() -> impl Future<Output = ()> {
    tokio::time::sleep(Duration::from_millis(60))
}

async fn counted(options: Options) -> Vec<(&'static str, usize)> {
    let database = Database::new(Roles::Two);
    let proxy = Proxy::before(&database.app()).await;
    let store = options.connections(1).connect(&proxy.address(&database.app())).await.unwrap();
    let (crm, _, scope) = found(&store).await;
    let (crm, scope) = (&crm, &scope);
    let customer = crm.customers(scope).create(Customer::company("Solar")).await.unwrap();
    let named = || {
        crm_core::Condition::<Customer>::new(
            "company",
            crm_core::Operator::Eq,
            vec![crm_core::Value::Text("Solar".into())],
        )
    };
    let mut counted = Vec::new();
    let idle = trips(&proxy, async || settled().await).await;
    assert_eq!(idle, 0, "a store that nobody asks asks nothing");
    counted.push(("get", trips(&proxy, async || crm.customers(scope).get(customer.id).await.unwrap()).await));
    counted
        .push(("list", trips(&proxy, async || crm.customers(scope).list(Query::new()).await.unwrap()).await));
    let sorted = || Query::new().filter(named()).sort(Sort::new("company", Direction::Ascending));
    counted.push((
        "filtered list",
        trips(&proxy, async || crm.customers(scope).list(sorted()).await.unwrap()).await,
    ));
    counted.push(("overview", trips(&proxy, async || crm.analytics(scope).overview().await.unwrap()).await));
    let events = crm_core::EventQuery::default();
    counted.push(("events", trips(&proxy, async || crm.log(scope).events(&events).await.unwrap()).await));
    counted.push((
        "search",
        trips(&proxy, async || crm.customers(scope).list(Query::new().search("solar")).await.unwrap()).await,
    ));
    let one = async || crm.customers(scope).create(Customer::company("One")).await.unwrap();
    counted.push(("create", trips(&proxy, one).await));
    let all = || (0..500).map(|nth| Customer::company(format!("Company {nth}"))).collect();
    let many = async || crm.customers(scope).create_many(all()).await.unwrap();
    counted.push(("create 500", trips(&proxy, many).await));
    let lead = async || crm.leads(scope).create(Lead::company("One")).await.unwrap();
    counted.push(("create a lead", trips(&proxy, lead).await));
    counted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_takes_as_many_round_trips_as_it_says() {
    let counted = counted(PostgresStore::builder()).await;
    println!("round trips: {counted:?}");
    let due = |name: &str| counted.iter().find(|(own, _)| *own == name).map(|(_, trips)| *trips).unwrap();
    assert_eq!((due("get"), due("list"), due("filtered list"), due("events")), (1, 1, 2, 1));
    assert!(due("search") <= 3);
    // Three of the commit itself, and the notification of all commits of a moment.
    assert_eq!((due("create"), due("create 500")), (4, 4), "whatever the batch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_around_a_read_takes_two_more() {
    let counted = counted(PostgresStore::builder().isolation(Isolation::Transaction)).await;
    println!("round trips in transactions: {counted:?}");
    let due = |name: &str| counted.iter().find(|(own, _)| *own == name).map(|(_, trips)| *trips).unwrap();
    assert_eq!((due("get"), due("list"), due("filtered list"), due("events")), (3, 3, 4, 3));
}

/// How many changes a transaction has on average where so many write one after the other into one tenant.
async fn together(writers: usize) -> usize {
    const EACH: usize = 40;
    let database = Database::new(Roles::Two);
    let store = PostgresStore::connect(&database.app()).await.unwrap();
    let (crm, _, scope) = found(&store).await;
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (crm, scope) = (crm.clone(), scope.clone());
            tokio::spawn(async move {
                for _ in 0..EACH {
                    crm.customers(&scope).create(Customer::company("Solar")).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let transactions: usize =
        psql(&database.superuser(), "SELECT count(DISTINCT xmin::text) FROM crm.customers").parse().unwrap();
    writers * EACH / transactions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_a_tenant_share_transactions() {
    // Two halves would have 8 each. On a busy machine some are late.
    let mut most = 0;
    for _ in 0..20 {
        most = most.max(together(16).await);
        if most >= 10 {
            break;
        }
    }
    println!("writers 16, of them in one transaction {most}");
    assert!(most >= 10, "writers wait for each other in halves: {most} of 16 in a transaction");
    assert_eq!(together(1).await, 1);
}
