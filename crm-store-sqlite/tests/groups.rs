//! Many tasks that commit at once: numbers and events without gaps, and few transactions for many commits.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, future::Future, time::Duration};

use crm_core::{Customer, Error, EventQuery, Lead, Query, Store};
use crm_store_sqlite::SqliteStore;
use support::{Bench, Random, Statements};

const TASKS: usize = 32;

/// Runs this many of these at once.
async fn at_once<F, R>(count: usize, each: impl Fn(usize) -> F) -> Vec<R>
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|nth| tokio::spawn(each(nth))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_writers_get_numbers_without_gap_or_duplicate() {
    const EACH: usize = 25;
    let bench = Bench::new().await;
    let numbers = at_once(TASKS, |task| {
        let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
        async move {
            let mut numbers = Vec::new();
            for nth in 0..EACH {
                let lead = crm.leads(&scope).create(Lead::company(format!("{task} {nth}"))).await.unwrap();
                numbers.push(lead.number.unwrap());
            }
            assert!(numbers.is_sorted(), "a task's own numbers ascend");
            numbers
        }
    });
    let numbers: Vec<i64> = numbers.await.concat();
    let distinct: BTreeSet<i64> = numbers.iter().copied().collect();
    let all = (TASKS * EACH) as i64;
    println!(
        "numbers: writers {TASKS}, numbers {}, duplicates {}",
        numbers.len(),
        numbers.len() - distinct.len()
    );
    assert_eq!((distinct, numbers.len()), ((1..=all).collect(), TASKS * EACH));
    let events = bench.store.events(&bench.scope, &EventQuery::default()).await.unwrap();
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=all + 2).collect::<Vec<_>>(), "two of the founding and one for each lead");
    bench.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_that_wait_share_a_transaction() {
    let bench = Bench::new().await;
    let before = bench.store.figures();
    let hold = bench.connection();
    hold.execute_batch("BEGIN IMMEDIATE").unwrap();
    let all = at_once(TASKS, |task| {
        let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
        async move { crm.customers(&scope).create(Customer::company(format!("{task}"))).await }
    });
    let release = async {
        // Long enough for all to arrive, far shorter than the busy timeout.
        tokio::time::sleep(Duration::from_millis(300)).await;
        hold.execute_batch("ROLLBACK").unwrap();
    };
    let (all, ()) = tokio::join!(all, release);
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let after = bench.store.figures();
    let (commits, transactions) = (after.commits - before.commits, after.transactions - before.transactions);
    println!("groups: commits {commits}, transactions {transactions}");
    assert_eq!(commits, TASKS as u64);
    assert!(transactions <= 4, "{transactions}");
    bench.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refused_batch_does_not_touch_the_others_of_its_group() {
    let bench = Bench::new().await;
    let hold = bench.connection();
    hold.execute_batch("BEGIN IMMEDIATE").unwrap();
    let all = at_once(TASKS, |task| {
        let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
        // Pairs want the same value; one of each pair is refused.
        let customer = Customer::company(format!("Twin {task}")).external_id(format!("{}", task / 2));
        async move { crm.customers(&scope).create(customer).await }
    });
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        hold.execute_batch("ROLLBACK").unwrap();
    };
    let (all, ()) = tokio::join!(all, release);
    let (made, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (TASKS / 2, TASKS / 2));
    assert!(refused.iter().all(|refused| matches!(refused, Err(Error::Conflict(_)))), "{refused:?}");
    let found = bench.crm.customers(&bench.scope).list(Query::new().search("twin").limit(100)).await.unwrap();
    assert_eq!(found.data.len(), TASKS / 2);
    assert_eq!(bench.store.figures().refused, refused.len() as u64);
    bench.verify().await;
}

/// A request that is given up leaves either all of its commit or nothing, and the store goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_give_up_leave_nothing_behind() {
    const EACH: u64 = 60;
    let bench = Bench::new().await;
    let acknowledged = at_once(16, |task| {
        let (crm, scope) = (bench.crm.clone(), bench.scope.clone());
        async move {
            let mut random = Random(task as u64 + 1);
            let mut acknowledged = Vec::new();
            for nth in 0..EACH {
                let patience = Duration::from_micros(random.below(1_500));
                let lead = Lead::company(format!("{task} {nth}"));
                let made = tokio::time::timeout(patience, crm.leads(&scope).create(lead)).await;
                acknowledged.extend(made.ok().map(|made| made.unwrap().id));
                let leads = crm.leads(&scope);
                let _ = tokio::time::timeout(patience, leads.list(Query::new().search("7"))).await;
            }
            acknowledged
        }
    });
    let acknowledged = acknowledged.await.concat();
    println!("cancelled: requests {}, acknowledged {}", 16 * EACH, acknowledged.len());
    for ids in acknowledged.chunks(500) {
        assert_eq!(bench.crm.leads(&bench.scope).get_many(ids).await.unwrap().len(), ids.len());
    }
    bench.crm.leads(&bench.scope).create(Lead::company("afterwards")).await.unwrap();
    bench.verify().await;
}

#[tokio::test]
async fn a_short_read_is_one_statement() {
    let statements = Statements::default();
    let bench = Bench::with(statements.options()).await;
    let ada = bench.crm.customers(&bench.scope).create(Customer::company("Ada")).await.unwrap();
    statements.take();
    bench.crm.customers(&bench.scope).get(ada.id).await.unwrap();
    assert_eq!(statements.take().len(), 1);
    let missing = bench.crm.customers(&bench.scope).get(crm_core::Id::from_uuid(uuid::Uuid::nil())).await;
    assert!(missing.is_err());
    assert_eq!(statements.take().len(), 1);
}

#[tokio::test]
async fn a_store_in_memory_is_gone_with_its_last_clone_and_shared_by_all() {
    let store = SqliteStore::in_memory().unwrap();
    let (crm, _, scope) = support::found(&store).await;
    crm.customers(&scope).create(Customer::company("Ada")).await.unwrap();
    let same = crm_core::Crm::new(store.clone());
    assert_eq!(same.customers(&scope).count(&Query::new()).await.unwrap(), 1);
    let other = crm_core::Crm::new(SqliteStore::in_memory().unwrap());
    assert_eq!(other.customers(&scope).count(&Query::new()).await.unwrap(), 0);
    assert!(store.path().is_none() && !store.capabilities().durable);
}
