//! The PostgreSQL store beside hand-written sqlx: reads, lists, searches, writes, imports, many writers.
//!
//! The store runs as a role that row-level security binds. What is written by hand runs as one that it does not bind, on
//! the same tables of the same server, and isolates nothing.

use std::{cell::LazyCell, hint::black_box, sync::Arc, time::Duration};

use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};
use crm_benches::{
    bare::Bare,
    by_hand::postgres as by_hand,
    cluster::Cluster,
    measure::{self, next, ok, place_at, spread},
    report::{self, Against, Line, line},
    seed::{self, customer, postgres as databases, scope},
};
use crm_core::{Bucket, Crm, Customer, Id, Metric, Query, TenantScope};
use crm_store_postgres::{Isolation, PostgresStore};
use sqlx::PgPool;
use tokio::runtime::Runtime;
use uuid::Uuid;

const GET: &str = "postgres get";
const PAGE: &str = "postgres page";
const SEARCH: &str = "postgres search";
const CREATE: &str = "postgres create";
const RATE: &str = "postgres rate";
const IMPORT: &str = "postgres import";
const FIGURES: &str = "postgres figures";
const LEAD: &str = "postgres lead";

fn main() {
    // What is compared is measured close together.
    let mut criterion = measure::criterion().warm_up_time(Duration::from_secs(1));
    let runtime = measure::runtime();
    let cluster = runtime.block_on(Cluster::start());
    let bench = Bench { cluster: &cluster, runtime: &runtime };
    reads(&mut criterion, bench);
    searches(&mut criterion, bench);
    creates(&mut criterion, bench);
    rates(&mut criterion, bench);
    import(&mut criterion, bench);
    figures(&mut criterion, bench);
    criterion.final_summary();
    report::print(&LINES);
}

const LINES: [Line; 26] = [
    line("get by id, isolated", GET, "ours", "by hand", 1.5),
    line("get by id, isolated by transactions", GET, "ours in transactions", "by hand", 2.2),
    line("page of 50 out of a million, first page", PAGE, "ours first", "by hand first", 1.4),
    line("page of 50 out of a million, at depth 300,000", PAGE, "ours deep", "by hand deep", 1.4),
    line("depth: the deep page against the first, ours", PAGE, "ours deep", "ours first", 1.2),
    within("search, rare term, tenant of 500,000", "large quokka", 20.0),
    within("search, a single match, tenant of 500,000", "large person4711@", 20.0),
    within("search, no match, tenant of 500,000", "large nowhere", 20.0),
    within("search, two terms, tenant of 500,000", "large quokka energy", 20.0),
    within("search, common term, tenant of 500,000", "large solar", 10.0),
    within("search, rare term, tenant of 1,000", "small quokka", 5.0),
    within("search, common term, tenant of 1,000", "small solar", 5.0),
    line("create one, durable, against a transaction", CREATE, "ours", "transaction", 1.2),
    Line {
        what: "create one, durable, against one statement",
        group: CREATE,
        ours: "ours",
        against: Against::Beside("one statement"),
    },
    line("import 100,000, against UNNEST by thousands", IMPORT, "ours", "by hand", 1.5),
    rate("creates, 1 writer in 1 tenant, against a transaction", "ours 1 in 1", "transaction 1 in 1"),
    rate("creates, 8 writers in 1 tenant", "ours 8 in 1", "transaction 8 in 1"),
    rate("creates, 32 writers in 1 tenant", "ours 32 in 1", "transaction 32 in 1"),
    rate("creates, 32 writers in 32 tenants", "ours 32 in 32", "transaction 32 in 32"),
    rate("creates, 32 writers in 1 tenant, against one statement", "ours 32 in 1", "one statement 32 in 1"),
    Line {
        what: "creates, 32 writers in 1 tenant, against no tenant's row",
        group: RATE,
        ours: "ours 32 in 1",
        against: Against::Share("unordered 32 in 1", 0.375),
    },
    line("figures at 1,000,000 leads against 1,000", FIGURES, "1000000", "1000", 1.2),
    Line {
        what: "a year by day at 1,000,000 leads",
        group: FIGURES,
        ours: "year 1000000",
        against: Against::Within(10.0),
    },
    // Of a thousand leads most days have none, so that this says how full the days are.
    Line {
        what: "a year by day, at 1,000,000 leads against 1,000",
        group: FIGURES,
        ours: "year 1000000",
        against: Against::Beside("year 1000"),
    },
    line("create one lead, against one without counters", LEAD, "counted 1", "bare 1", 1.25),
    Line {
        what: "leads, 32 writers in 1 tenant, against without counters",
        group: LEAD,
        ours: "counted 32",
        against: Against::Share("bare 32", 0.8),
    },
];

const fn within(what: &'static str, ours: &'static str, milliseconds: f64) -> Line {
    Line { what, group: SEARCH, ours, against: Against::Within(milliseconds) }
}

const fn rate(what: &'static str, ours: &'static str, theirs: &'static str) -> Line {
    Line { what, group: RATE, ours, against: Against::Rate(theirs) }
}

/// What every benchmark needs.
#[derive(Clone, Copy)]
struct Bench<'a> {
    cluster: &'a Cluster,
    runtime: &'a Runtime,
}

impl Bench<'_> {
    /// A store on the large database.
    fn large(self, isolation: Isolation) -> Crm {
        self.runtime.block_on(async {
            let database = databases::customers(self.cluster).await;
            databases::open(self.cluster, database, isolation).await
        })
    }

    fn unbound(self, database: &str) -> PgPool {
        self.runtime.block_on(databases::unbound(self.cluster, database))
    }

    /// A new database for the store.
    fn fresh(self, database: &str, tenants: usize) -> (Crm, Vec<TenantScope>) {
        self.runtime.block_on(databases::fresh(self.cluster, database, tenants))
    }

    /// A new database for a driver by hand.
    fn fresh_by_hand(self, database: &str, tenants: usize) -> (PgPool, Vec<Uuid>) {
        let (crm, scopes) = self.fresh(database, tenants);
        drop(crm);
        self.runtime.block_on(self.cluster.run_on(database, by_hand::SEQUENCE));
        (self.unbound(database), scopes.iter().map(|scope| scope.tenant().uuid()).collect())
    }
}

fn reads(criterion: &mut Criterion, bench: Bench<'_>) {
    let runtime = bench.runtime;
    let crm = bench.large(Isolation::Statement);
    let careful = bench.large(Isolation::Transaction);
    let pool = bench.unbound(runtime.block_on(databases::customers(bench.cluster)));
    let tenant = runtime.block_on(seed::tenant_of(&crm, "large"));
    let scope = scope(&crm, tenant);
    let ids: Arc<Vec<Id<Customer>>> = Arc::new(runtime.block_on(seed::some_ids(&crm, &scope)));
    let mut group = criterion.benchmark_group(GET);
    let ours = |group: &mut BenchmarkGroup<'_, WallTime>, name, crm: &Crm| {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                let (crm, scope, ids) = (crm.clone(), scope.clone(), Arc::clone(&ids));
                spread(runtime, 1, count, move |n| {
                    let (crm, scope, id) = (crm.clone(), scope.clone(), ids[n as usize % ids.len()]);
                    async move {
                        black_box(ok(crm.customers(&scope).get(id).await));
                    }
                })
            });
        });
    };
    ours(&mut group, "ours", &crm);
    group.bench_function("by hand", |bencher| {
        bencher.iter_custom(|count| {
            let (pool, ids) = (pool.clone(), Arc::clone(&ids));
            spread(runtime, 1, count, move |n| {
                let (pool, id) = (pool.clone(), ids[n as usize % ids.len()]);
                async move {
                    black_box(ok(by_hand::get(&pool, tenant.uuid(), id.uuid()).await));
                }
            })
        });
    });
    ours(&mut group, "ours in transactions", &careful);
    group.finish();
    pages(criterion, runtime, &crm, &scope, &pool);
}

fn pages(criterion: &mut Criterion, runtime: &Runtime, crm: &Crm, scope: &TenantScope, pool: &PgPool) {
    let tenant = scope.tenant().uuid();
    // Looked for only if it is measured.
    let deep = LazyCell::new(|| runtime.block_on(place_at(crm, scope, 300_000)));
    let mut group = criterion.benchmark_group(PAGE);
    for name in ["first", "deep"] {
        let place = || (name == "deep").then(|| (*deep).clone());
        group.bench_function(format!("ours {name}"), |bencher| {
            bencher.iter_custom(|count| {
                let (crm, scope, place) = (crm.clone(), scope.clone(), place());
                spread(runtime, 1, count, move |_| {
                    let query = match &place {
                        Some((cursor, ..)) => Query::<Customer>::new().after(cursor.clone()),
                        None => Query::new(),
                    };
                    let (crm, scope) = (crm.clone(), scope.clone());
                    async move {
                        black_box(ok(crm.customers(&scope).list(query).await));
                    }
                })
            });
        });
        group.bench_function(format!("by hand {name}"), |bencher| {
            bencher.iter_custom(|count| {
                let (pool, place) = (pool.clone(), place().map(|(_, at, id)| (at, id)));
                spread(runtime, 1, count, move |_| {
                    let pool = pool.clone();
                    async move {
                        black_box(ok(by_hand::page(&pool, tenant, place).await));
                    }
                })
            });
        });
    }
    group.finish();
}

fn searches(criterion: &mut Criterion, bench: Bench<'_>) {
    let crm = bench.large(Isolation::Statement);
    let mut group = criterion.benchmark_group(SEARCH);
    for slug in ["large", "small"] {
        let tenant = bench.runtime.block_on(seed::tenant_of(&crm, slug));
        let scope = scope(&crm, tenant);
        for term in ["quokka", "solar", "berlin", "person4711@", "quokka energy", "nowhere", "z"] {
            group.bench_function(format!("{slug} {term}"), |bencher| {
                bencher.iter_custom(|count| {
                    let (crm, scope) = (crm.clone(), scope.clone());
                    spread(bench.runtime, 1, count, move |_| {
                        let (crm, scope) = (crm.clone(), scope.clone());
                        let query = Query::<Customer>::new().search(term);
                        async move {
                            black_box(ok(crm.customers(&scope).list(query).await));
                        }
                    })
                });
            });
        }
    }
    group.finish();
}

/// What creates one customer by hand.
#[derive(Clone, Copy)]
enum Way {
    Transaction,
    OneStatement,
    Unordered,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::OneStatement => "one statement",
            Self::Unordered => "unordered",
        }
    }

    async fn create(self, pool: &PgPool, tenant: Uuid) {
        ok(match self {
            Self::Transaction => by_hand::create(pool, tenant, next()).await,
            Self::OneStatement => by_hand::create_by_one(pool, tenant, next()).await,
            Self::Unordered => by_hand::create_unordered(pool, tenant, next()).await,
        });
    }
}

/// Creates by so many tasks, each in a tenant of those given.
fn ours(runtime: &Runtime, crm: &Crm, scopes: &[TenantScope], tasks: u64, count: u64) -> Duration {
    let (crm, scopes) = (crm.clone(), scopes.to_vec());
    spread(runtime, tasks, count, move |n| {
        let (crm, scope) = (crm.clone(), scopes[n as usize % scopes.len()].clone());
        async move {
            black_box(ok(crm.customers(&scope).create(customer(next())).await));
        }
    })
}

fn theirs(runtime: &Runtime, pool: &PgPool, tenants: &[Uuid], way: Way, tasks: u64, count: u64) -> Duration {
    let (pool, tenants) = (pool.clone(), tenants.to_vec());
    spread(runtime, tasks, count, move |n| {
        let (pool, tenant) = (pool.clone(), tenants[n as usize % tenants.len()]);
        async move { way.create(&pool, tenant).await }
    })
}

fn creates(criterion: &mut Criterion, bench: Bench<'_>) {
    let runtime = bench.runtime;
    let (crm, scopes) = bench.fresh("crm_bench_create", 1);
    let (pool, tenants) = bench.fresh_by_hand("crm_bench_create_by_hand", 1);
    let mut group = criterion.benchmark_group(CREATE);
    group.bench_function("ours", |bencher| {
        bencher.iter_custom(|count| ours(runtime, &crm, &scopes, 1, count));
    });
    for way in [Way::Transaction, Way::OneStatement] {
        group.bench_function(way.name(), |bencher| {
            bencher.iter_custom(|count| theirs(runtime, &pool, &tenants, way, 1, count));
        });
    }
    group.finish();
}

fn rates(criterion: &mut Criterion, bench: Bench<'_>) {
    let runtime = bench.runtime;
    let (crm, scopes) = bench.fresh("crm_bench_rate", 32);
    let (pool, tenants) = bench.fresh_by_hand("crm_bench_rate_by_hand", 32);
    let mut group = criterion.benchmark_group(RATE);
    // With the same number of creates in each sample, and many for each task.
    group.sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(5));
    for (tasks, of) in [(1, 1), (8, 1), (32, 1), (32, 32)] {
        group.bench_function(format!("ours {tasks} in {of}"), |bencher| {
            bencher.iter_custom(|count| ours(runtime, &crm, &scopes[..of], tasks, count));
        });
        for way in [Way::Transaction, Way::OneStatement, Way::Unordered] {
            group.bench_function(format!("{} {tasks} in {of}", way.name()), |bencher| {
                bencher.iter_custom(|count| theirs(runtime, &pool, &tenants[..of], way, tasks, count));
            });
        }
    }
    group.finish();
}

const IMPORTED: usize = 100_000;

fn import(criterion: &mut Criterion, bench: Bench<'_>) {
    let runtime = bench.runtime;
    let mut group = criterion.benchmark_group(IMPORT);
    group.sample_size(10).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(1));
    group.bench_function("ours", |bencher| {
        bencher.iter_batched(
            || bench.fresh("crm_bench_import", 1),
            |(crm, scopes)| runtime.block_on(seed::fill(&crm, &scopes[0], 0..IMPORTED)),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter_batched(
            || bench.fresh_by_hand("crm_bench_import_by_hand", 1),
            |(pool, tenants)| {
                runtime.block_on(async {
                    for start in (0..IMPORTED).step_by(1_000) {
                        ok(by_hand::import(&pool, tenants[0], start..start + 1_000).await);
                    }
                });
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn figures(criterion: &mut Criterion, bench: Bench<'_>) {
    let runtime = bench.runtime;
    let mut group = criterion.benchmark_group(FIGURES);
    for count in [1_000, 1_000_000] {
        // Seeded only if it is measured: it takes minutes.
        let seeded = LazyCell::new(|| {
            runtime.block_on(async {
                let database = databases::leads(bench.cluster, count).await;
                let crm = databases::open(bench.cluster, &database, Isolation::Statement).await;
                let scope = scope(&crm, seed::tenant_of(&crm, "only").await);
                (crm, scope)
            })
        });
        group.bench_function(count.to_string(), |bencher| {
            let (crm, scope) = &*seeded;
            bencher.iter(|| black_box(ok(runtime.block_on(crm.analytics(scope).overview()))));
        });
        group.bench_function(format!("year {count}"), |bencher| {
            let (crm, scope) = &*seeded;
            let figures = crm.analytics(scope);
            let series = || figures.series(Metric::ValueWon, seed::year(), Bucket::Day);
            bencher.iter(|| black_box(ok(runtime.block_on(series()))));
        });
    }
    group.finish();
    let store = |database: &str| {
        runtime.block_on(async {
            bench.cluster.create(database).await;
            let options = PostgresStore::builder().connections(databases::CONNECTIONS);
            ok(options.connect(&bench.cluster.address("crm_app", database)).await)
        })
    };
    let counted = Crm::new(store("crm_bench_counted"));
    let bare = Crm::new(Bare(store("crm_bench_bare")));
    let mut group = criterion.benchmark_group(LEAD);
    group.sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(5));
    for tasks in [1, 32] {
        for (name, crm) in [("counted", &counted), ("bare", &bare)] {
            let tenant = runtime.block_on(seed::tenant(crm, &format!("bench-{tasks}")));
            let scope = scope(crm, tenant);
            group.bench_function(format!("{name} {tasks}"), |bencher| {
                bencher.iter_custom(|count| {
                    let (crm, scope) = (crm.clone(), scope.clone());
                    spread(runtime, tasks, count, move |_| {
                        let (crm, scope) = (crm.clone(), scope.clone());
                        async move {
                            black_box(ok(crm.leads(&scope).create(seed::lead(next())).await));
                        }
                    })
                });
            });
        }
    }
    group.finish();
}
