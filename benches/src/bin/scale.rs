//! What the same calls cost with a thousand leads in a tenant and with a million, on SQLite and on PostgreSQL.
//!
//! `cargo run --release -p crm-benches --bin scale` prints a table; `-- 100000` stops at so many leads. What it makes is
//! kept in `target/bench-data` for later runs.

use std::time::{Duration, Instant};

use crm_benches::{
    cluster::Cluster,
    measure::{next, ok, runtime},
    seed::{self, scope},
};
use crm_core::{Bucket, Crm, Lead, Metric, Query, TenantScope};
use crm_store_postgres::Isolation;
use crm_store_sqlite::Durability;

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const TIMES: usize = 300;

/// The calls, in the order of the columns of a row.
const CALLS: [&str; 7] =
    ["create", "get", "page of 50", "search, 1 match", "search, common", "analytics", "a year by day"];

fn main() {
    let most = std::env::args().nth(1).map_or(SIZES[3], |most| ok(most.parse()));
    let runtime = runtime();
    runtime.block_on(async {
        let cluster = Cluster::start().await;
        let mut rows = Vec::new();
        for count in SIZES.into_iter().filter(|count| *count <= most) {
            let file = seed::sqlite::leads(count).await;
            let crm = Crm::new(seed::sqlite::open(&file, Durability::Full));
            rows.push(("SQLite", count, measured(&crm, count).await));
        }
        for count in SIZES.into_iter().filter(|count| *count <= most) {
            let database = seed::postgres::leads(&cluster, count).await;
            let crm = seed::postgres::open(&cluster, &database, Isolation::Statement).await;
            rows.push(("PostgreSQL", count, measured(&crm, count).await));
        }
        println!("| | leads | {} |", CALLS.join(" | "));
        println!("|---|---|{}", "---|".repeat(CALLS.len()));
        for (store, count, medians) in rows {
            let cells: Vec<String> = medians.into_iter().map(told).collect();
            println!("| {store} | {count} | {} |", cells.join(" | "));
        }
    });
}

fn told(time: Duration) -> String {
    match time.as_micros() {
        micros if micros < 1_000 => format!("{micros} us"),
        _ => format!("{:.1} ms", time.as_secs_f64() * 1e3),
    }
}

async fn measured(crm: &Crm, count: usize) -> Vec<Duration> {
    let scope = scope(crm, seed::tenant_of(crm, "only").await);
    let scope = &scope;
    let mut ids = Vec::new();
    for needle in ["a1", "b2", "c3"] {
        let page = ok(crm.leads(scope).list(Query::<Lead>::new().search(needle).limit(200)).await);
        ids.extend(page.data.into_iter().map(|lead| lead.id));
    }
    let search = async |term: String| drop(ok(crm.leads(scope).list(Query::new().search(term)).await));
    vec![
        median(async |_| drop(ok(crm.leads(scope).create(seed::lead(next())).await))).await,
        median(async |nth| drop(ok(crm.leads(scope).get(ids[nth % ids.len()]).await))).await,
        median(async |_| drop(ok(crm.leads(scope).list(Query::<Lead>::new()).await))).await,
        median(async |nth| search(format!("lead{}@", seed::mix(nth) % count)).await).await,
        median(async |_| search("solar".to_owned()).await).await,
        median(async |_| drop(ok(crm.analytics(scope).overview().await))).await,
        median(async |_| year(crm, scope).await).await,
    ]
}

async fn year(crm: &Crm, scope: &TenantScope) {
    drop(ok(crm.analytics(scope).series(Metric::ValueWon, seed::year(), Bucket::Day).await));
}

async fn median(call: impl AsyncFn(usize)) -> Duration {
    for nth in 0..TIMES / 10 {
        call(nth).await;
    }
    let mut times = Vec::new();
    for nth in 0..TIMES {
        let begun = Instant::now();
        call(nth).await;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times[TIMES / 2]
}
