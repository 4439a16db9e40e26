//! Databases for the PostgreSQL store.

use crm_core::{Crm, TenantScope};
use crm_store_postgres::{Isolation, PostgresStore};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{fill_leads, fill_tenants, scope, tenant};
use crate::{cluster::Cluster, measure::ok};

/// The tenants of the large database, by how many customers each has: a million in all.
pub const TENANTS: [(&str, usize); 4] =
    [("large", 500_000), ("middle", 100_000), ("other", 399_000), ("small", 1_000)];

/// How many connections a store has, and a driver by hand.
pub const CONNECTIONS: u32 = 32;

const MILLION: &str = "crm_bench_million";

/// The database with a million customers in several tenants, made if it is not there.
pub async fn customers(cluster: &Cluster) -> &'static str {
    seeded(cluster, MILLION, |crm| async move { fill_tenants(&crm, &TENANTS).await }).await;
    MILLION
}

/// A database with so many customers, half of them one tenant's, made if it is not there.
pub async fn halves(cluster: &Cluster, count: usize) -> String {
    let database = format!("crm_bench_halves_{count}");
    seeded(cluster, &database, |crm| async move { fill_tenants(&crm, &super::halves(count)).await }).await;
    database
}

/// The database with so many leads in one tenant, `only`, made if it is not there.
pub async fn leads(cluster: &Cluster, count: usize) -> String {
    let database = format!("crm_bench_leads_{count}");
    seeded(cluster, &database, |crm| async move {
        let scope = scope(&crm, tenant(&crm, "only").await);
        fill_leads(&crm, &scope, 0..count).await;
    })
    .await;
    database
}

async fn seeded<F: Future<Output = ()>>(cluster: &Cluster, database: &str, seed: impl FnOnce(Crm) -> F) {
    // One of another schema than this program's is made anew.
    if cluster.has(database).await
        && PostgresStore::connect(&cluster.address("crm_app", database)).await.is_ok()
    {
        return;
    }
    eprintln!("seeding {database} (once)");
    let part = "crm_bench_part";
    cluster.create(part).await;
    cluster.run(&format!("ALTER DATABASE {part} SET synchronous_commit = off")).await;
    {
        let store = ok(PostgresStore::connect(&cluster.address("crm_app", part)).await);
        seed(Crm::new(store.clone())).await;
        store.pool().close().await;
    }
    // What autovacuum does in the course of time.
    cluster.run_on(part, "VACUUM (ANALYZE)").await;
    cluster.run("CHECKPOINT").await;
    cluster.run(&format!("ALTER DATABASE {part} RESET synchronous_commit")).await;
    cluster.run(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
    cluster.run(&format!("ALTER DATABASE {part} RENAME TO {database}")).await;
    // What was copied from the one before has its tenants.
    cluster.run(&format!("DROP DATABASE IF EXISTS {database}_bare WITH (FORCE)")).await;
}

/// A store on a database.
pub async fn open(cluster: &Cluster, database: &str, isolation: Isolation) -> Crm {
    let options = PostgresStore::builder().isolation(isolation).connections(CONNECTIONS);
    Crm::new(ok(options.connect(&cluster.address("crm_app", database)).await))
}

/// A pool like the store's own, of a role that no policy binds.
pub async fn unbound(cluster: &Cluster, database: &str) -> PgPool {
    let options: PgConnectOptions = ok(cluster.address("crm_unbound", database).parse());
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    ok(pool.connect_with(options).await)
}

/// A new database with so many tenants.
pub async fn fresh(cluster: &Cluster, database: &str, tenants: usize) -> (Crm, Vec<TenantScope>) {
    cluster.create(database).await;
    let crm = open(cluster, database, Isolation::Statement).await;
    let mut scopes = Vec::new();
    for nth in 0..tenants {
        let tenant = tenant(&crm, &format!("bench-{nth}")).await;
        scopes.push(scope(&crm, tenant));
    }
    (crm, scopes)
}
