//! The SQLite store beside hand-written rusqlite: reads, writes, lists, searches, imports, figures.

use std::{
    hint::black_box,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use criterion::{BatchSize, Criterion};
use crm_benches::{
    bare::Bare,
    by_hand::sqlite::{self as by_hand, Readers},
    measure::{self, next, ok, place_at, spread},
    report::{self, Against, Line, line},
    seed::{self, customer, scope},
};
use crm_core::{Bucket, Crm, Customer, Id, Metric, Query, TenantScope};
use crm_store_sqlite::Durability;
use rusqlite::Connection;
use tokio::runtime::Runtime;
use uuid::Uuid;

fn main() {
    let (mut criterion, runtime) = (measure::criterion(), measure::runtime());
    reads(&mut criterion, &runtime);
    searches(&mut criterion, &runtime);
    writes(&mut criterion, &runtime);
    import(&mut criterion, &runtime);
    figures(&mut criterion, &runtime);
    criterion.final_summary();
    report::print(&LINES);
}

const LINES: [Line; 18] = [
    line("get by id, one task, against spawn_blocking", "get", "ours 1", "spawn_blocking 1", 1.0),
    line("get by id, 32 tasks, against spawn_blocking", "get", "ours 32", "spawn_blocking 32", 1.0),
    line("page of 50 out of a million, first page", "page", "ours first", "spawn_blocking first", 1.3),
    line("page of 50 out of a million, at depth 500,000", "page", "ours deep", "spawn_blocking deep", 1.3),
    line("depth: the deep page against the first, ours", "page", "ours deep", "ours first", 1.3),
    line("search, rare term, large tenant", "search", "ours large quokka", "by hand large quokka", 1.3),
    line("search, common term, large tenant", "search", "ours large solar", "by hand large solar", 1.3),
    line("search, rare term, small tenant", "search", "ours small quokka", "by hand small quokka", 1.3),
    line("search, common term, small tenant", "search", "ours small solar", "by hand small solar", 1.3),
    line(
        "search, two terms, large tenant",
        "search",
        "ours large quokka energy",
        "by hand large quokka energy",
        1.3,
    ),
    line("create one, durable", "create", "ours 1", "by hand 1", 1.5),
    line("create, 32 tasks, time each, against one commit each", "create", "ours 32", "by hand 1", 0.25),
    line("import 100,000 in batches of 500", "import", "ours", "by hand", 1.5),
    line("figures at 1,000,000 leads against 1,000", "figures", "1000000", "1000", 1.2),
    Line {
        what: "a year by day at 1,000,000 leads",
        group: "figures",
        ours: "year 1000000",
        against: Against::Within(5.0),
    },
    // Of a thousand leads most days have none, so that this says how full the days are.
    Line {
        what: "a year by day, at 1,000,000 leads against 1,000",
        group: "figures",
        ours: "year 1000000",
        against: Against::Beside("year 1000"),
    },
    line("create one lead, against one without counters", "lead", "counted", "bare", 1.25),
    line("update one, durable, against a create by hand", "create", "update 1", "by hand 1", 1.5),
];

/// What a benchmark of the large file needs.
struct Bench {
    crm: Crm,
    file: PathBuf,
}

fn large(runtime: &Runtime) -> Bench {
    let file = runtime.block_on(seed::sqlite::customers());
    Bench { crm: Crm::new(seed::sqlite::open(&file, Durability::Full)), file }
}

fn reads(criterion: &mut Criterion, runtime: &Runtime) {
    let Bench { crm, file } = large(runtime);
    let tenant = runtime.block_on(seed::tenant_of(&crm, "large"));
    let scope = scope(&crm, tenant);
    let ids: Arc<Vec<Id<Customer>>> = Arc::new(runtime.block_on(seed::some_ids(&crm, &scope)));
    let readers = ok(Readers::open(&file, 4));

    let mut group = criterion.benchmark_group("get");
    for tasks in [1, 32] {
        let (crm, scope, own) = (crm.clone(), scope.clone(), Arc::clone(&ids));
        group.bench_function(format!("ours {tasks}"), |bencher| {
            bencher.iter_custom(|count| {
                let (crm, scope, ids) = (crm.clone(), scope.clone(), Arc::clone(&own));
                spread(runtime, tasks, count, move |n| {
                    let (crm, scope, id) = (crm.clone(), scope.clone(), ids[n as usize % ids.len()]);
                    async move {
                        black_box(ok(crm.customers(&scope).get(id).await));
                    }
                })
            });
        });
        let (readers, own) = (readers.clone(), Arc::clone(&ids));
        group.bench_function(format!("spawn_blocking {tasks}"), |bencher| {
            bencher.iter_custom(|count| {
                // As many connections as blocking threads could ask for at once.
                let (readers, ids) = (
                    if tasks > 1 { ok(Readers::open(&file, 32)) } else { readers.clone() },
                    Arc::clone(&own),
                );
                spread(runtime, tasks, count, move |n| {
                    let (readers, id) = (readers.clone(), ids[n as usize % ids.len()]);
                    async move {
                        let found =
                            tokio::task::spawn_blocking(move || readers.get(tenant.uuid(), id.uuid())).await;
                        black_box(ok(ok(found)));
                    }
                })
            });
        });
    }
    group.finish();
    pages(criterion, runtime, &crm, &scope, &readers);
}

fn pages(criterion: &mut Criterion, runtime: &Runtime, crm: &Crm, scope: &TenantScope, readers: &Readers) {
    let tenant = scope.tenant().uuid();
    let (cursor, at, id) = runtime.block_on(place_at(crm, scope, 500_000));
    let deep = (cursor, (at.timestamp_micros(), id));
    let mut group = criterion.benchmark_group("page");
    for (name, cursor, place) in [("first", None, None), ("deep", Some(deep.0), Some(deep.1))] {
        let query = || match &cursor {
            Some(cursor) => Query::new().after(cursor.clone()),
            None => Query::new(),
        };
        group.bench_function(format!("ours {name}"), |bencher| {
            bencher.iter(|| black_box(ok(runtime.block_on(crm.customers(scope).list(query())))));
        });
        group.bench_function(format!("spawn_blocking {name}"), |bencher| {
            bencher.iter(|| {
                let readers = readers.clone();
                let page = tokio::task::spawn_blocking;
                black_box(ok(ok(
                    runtime.block_on(async move { page(move || readers.page(tenant, place)).await })
                )))
            });
        });
    }
    group.finish();
}

fn searches(criterion: &mut Criterion, runtime: &Runtime) {
    let Bench { crm, file } = large(runtime);
    let readers = ok(Readers::open(&file, 1));
    let mut group = criterion.benchmark_group("search");
    for slug in ["large", "small"] {
        let tenant = runtime.block_on(seed::tenant_of(&crm, slug));
        let scope = scope(&crm, tenant);
        for term in ["quokka", "solar", "berlin", "person4711", "quokka energy", "nowhere", "z"] {
            group.bench_function(format!("ours {slug} {term}"), |bencher| {
                bencher.iter(|| {
                    let query = Query::<Customer>::new().search(term);
                    black_box(ok(runtime.block_on(crm.customers(&scope).list(query))))
                });
            });
            let terms: Vec<&str> = term.split(' ').collect();
            if terms.iter().any(|term| term.len() < 3) {
                continue;
            }
            group.bench_function(format!("by hand {slug} {term}"), |bencher| {
                bencher.iter(|| black_box(ok(readers.search(tenant.uuid(), &terms))));
            });
        }
    }
    group.finish();
}

/// Two fresh files with a tenant each, side by side: one for the store, one for the driver by hand.
fn fresh(runtime: &Runtime, name: &str) -> (Crm, TenantScope, PathBuf) {
    let file = seed::folder().join(format!("{name}.db"));
    seed::sqlite::remove(&file);
    let crm = Crm::new(seed::sqlite::open(&file, Durability::Full));
    let tenant = runtime.block_on(seed::tenant(&crm, "bench"));
    let scope = scope(&crm, tenant);
    (crm, scope, file)
}

fn by_hand_on(runtime: &Runtime, name: &str) -> (Connection, Uuid, PathBuf) {
    let (crm, scope, file) = fresh(runtime, name);
    let tenant = scope.tenant().uuid();
    drop(crm);
    (ok(by_hand::open(&file)), tenant, file)
}

fn writes(criterion: &mut Criterion, runtime: &Runtime) {
    let (crm, scope, _) = fresh(runtime, "create-ours");
    let (connection, tenant, _) = by_hand_on(runtime, "create-by-hand");
    let connection = Arc::new(Mutex::new(connection));
    let mut group = criterion.benchmark_group("create");
    for tasks in [1, 32] {
        let (crm, scope) = (crm.clone(), scope.clone());
        group.bench_function(format!("ours {tasks}"), |bencher| {
            bencher.iter_custom(|count| {
                let (crm, scope) = (crm.clone(), scope.clone());
                spread(runtime, tasks, count, move |_| {
                    let (crm, scope) = (crm.clone(), scope.clone());
                    async move {
                        black_box(ok(crm.customers(&scope).create(customer(next())).await));
                    }
                })
            });
        });
        let connection = Arc::clone(&connection);
        group.bench_function(format!("by hand {tasks}"), |bencher| {
            bencher.iter_custom(|count| {
                let connection = Arc::clone(&connection);
                spread(runtime, tasks, count, move |_| {
                    let connection = Arc::clone(&connection);
                    async move {
                        let create = move || {
                            let number = next();
                            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                            by_hand::create(&mut connection, tenant, number..number + 1)
                        };
                        ok(ok(tokio::task::spawn_blocking(create).await));
                    }
                })
            });
        });
    }
    let record = ok(runtime.block_on(crm.customers(&scope).create(customer(next()))));
    group.bench_function("update 1", |bencher| {
        bencher.iter(|| {
            let city = format!("City {}", next());
            let edit = crm.customers(&scope);
            black_box(ok(
                runtime.block_on(edit.update(record.id, |customer| customer.city = Some(city.clone())))
            ))
        });
    });
    group.finish();
}

const IMPORT: usize = 100_000;

fn import(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = criterion.benchmark_group("import");
    group.sample_size(10).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(1));
    group.bench_function("ours", |bencher| {
        bencher.iter_batched(
            || fresh(runtime, "import-ours"),
            |(crm, scope, _)| runtime.block_on(seed::fill(&crm, &scope, 0..IMPORT)),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter_batched(
            || by_hand_on(runtime, "import-by-hand"),
            |(mut connection, tenant, _)| {
                for start in (0..IMPORT).step_by(500) {
                    ok(by_hand::create(&mut connection, tenant, start..start + 500));
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A file with so many leads.
fn leads(runtime: &Runtime, count: usize) -> (Crm, TenantScope) {
    let file = runtime.block_on(seed::sqlite::leads(count));
    let crm = Crm::new(seed::sqlite::open(&file, Durability::Full));
    let scope = scope(&crm, runtime.block_on(seed::tenant_of(&crm, "only")));
    (crm, scope)
}

fn figures(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = criterion.benchmark_group("figures");
    for count in [1_000, 1_000_000] {
        // Seeded only if it is measured: it takes minutes.
        let mut seeded = None;
        group.bench_function(count.to_string(), |bencher| {
            let (crm, scope) = seeded.get_or_insert_with(|| leads(runtime, count));
            bencher.iter(|| black_box(ok(runtime.block_on(crm.analytics(scope).overview()))));
        });
        group.bench_function(format!("year {count}"), |bencher| {
            let (crm, scope) = seeded.get_or_insert_with(|| leads(runtime, count));
            let figures = crm.analytics(scope);
            let series = || figures.series(Metric::ValueWon, seed::year(), Bucket::Day);
            bencher.iter(|| black_box(ok(runtime.block_on(series()))));
        });
    }
    group.finish();
    let store = |name: &str| {
        let file = seed::folder().join(format!("{name}.db"));
        seed::sqlite::remove(&file);
        seed::sqlite::open(&file, Durability::Full)
    };
    let counted = Crm::new(store("lead-counted"));
    let bare = Crm::new(Bare(store("lead-bare")));
    let mut group = criterion.benchmark_group("lead");
    for (name, crm) in [("counted", counted), ("bare", bare)] {
        let scope = scope(&crm, runtime.block_on(seed::tenant(&crm, "bench")));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(ok(runtime.block_on(crm.leads(&scope).create(seed::lead(next()))))));
        });
    }
    group.finish();
}
