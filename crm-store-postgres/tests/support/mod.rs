//! What the tests of this store share: a server, databases in it, a tenant to work in.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part of it")]

pub mod cluster;
pub mod explain;
pub mod proxy;

use crm_core::{Actor, Crm, Tenant, TenantId, TenantScope};
use crm_store_postgres::{Options, PostgresStore};

pub use cluster::{Database, Roles};

/// A store in a database of its own.
pub struct Bench {
    pub store: PostgresStore,
    pub crm: Crm,
    pub tenant: TenantId,
    pub scope: TenantScope,
    pub database: Database,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(PostgresStore::builder()).await
    }

    pub async fn with(options: Options) -> Self {
        let database = Database::new(Roles::Two);
        let store = options.connect(&database.app()).await.unwrap();
        let (crm, tenant, scope) = found(&store).await;
        Self { store, crm, tenant, scope, database }
    }

    /// Fails unless the tenant is whole.
    pub async fn verify(&self) {
        let found = self.crm.verify(&self.crm.maintenance(), self.tenant).await.unwrap();
        assert!(found.differences.is_empty() && !found.unsettled, "{found:?}");
    }
}

/// A tenant in a store, and a scope of it.
pub async fn found(store: &PostgresStore) -> (Crm, TenantId, TenantScope) {
    let crm = Crm::new(store.clone());
    let maintenance = crm.maintenance();
    let tenant = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme")).await.unwrap().id;
    let scope = crm.scope(tenant, Actor::job("test"));
    (crm, tenant, scope)
}
