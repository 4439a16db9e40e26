//! What the benchmarks measure with.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use criterion::Criterion;
use crm_core::{Crm, Customer, Query, TenantScope};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::report;

/// Numbers for new customers, each once, beyond those that are seeded.
static NEXT: AtomicUsize = AtomicUsize::new(10_000_000);

/// Criterion as all benchmarks set it up.
pub fn criterion() -> Criterion {
    Criterion::default()
        .output_directory(&report::folder())
        .sample_size(20)
        .measurement_time(Duration::from_secs(3))
        .configure_from_args()
}

/// A runtime of two threads.
pub fn runtime() -> Runtime {
    ok(Builder::new_multi_thread().worker_threads(2).enable_all().build())
}

/// The number of a customer that is not there yet.
pub fn next() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What is in a result; a benchmark ends at the first error.
pub fn ok<T, E: fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Runs `count` operations spread over `tasks` tasks and says how long all of it took.
pub fn spread<F>(
    runtime: &Runtime,
    tasks: u64,
    count: u64,
    operation: impl Fn(u64) -> F + Send + Sync + 'static,
) -> Duration
where
    F: Future<Output = ()> + Send,
{
    let operation = Arc::new(operation);
    runtime.block_on(async move {
        let started = Instant::now();
        let handles: Vec<_> = (0..tasks)
            .map(|task| {
                let operation = Arc::clone(&operation);
                tokio::spawn(async move {
                    let mut n = task;
                    while n < count {
                        operation(n).await;
                        n += tasks;
                    }
                })
            })
            .collect();
        for handle in handles {
            ok(handle.await);
        }
        started.elapsed()
    })
}

/// The cursor after so many customers, and the same place for a driver by hand.
pub async fn place_at(crm: &Crm, scope: &TenantScope, depth: usize) -> (String, DateTime<Utc>, Uuid) {
    let mut cursor = None;
    let mut last = None;
    for _ in 0..depth / 500 {
        let query = Query::<Customer>::new().limit(500);
        let query = match cursor.take() {
            Some(cursor) => query.after(cursor),
            None => query,
        };
        let page = ok(crm.customers(scope).list(query).await);
        last = page.data.last().map(|record| (record.created_at, record.id.uuid()));
        cursor = page.next_cursor;
    }
    let place = cursor.zip(last).map(|(cursor, (at, id))| (cursor, at, id));
    place.unwrap_or_else(|| panic!("the tenant ends before {depth}"))
}
