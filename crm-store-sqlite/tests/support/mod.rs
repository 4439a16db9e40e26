//! What the tests of this store share: a folder with a store, a tenant in it, and a record of what it runs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part of it")]

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use crm_core::{Actor, Crm, Tenant, TenantId, TenantScope};
use crm_store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

/// A store in a file of its own.
pub struct Bench {
    pub folder: TempDir,
    pub store: SqliteStore,
    pub crm: Crm,
    pub tenant: TenantId,
    pub scope: TenantScope,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(SqliteStore::builder()).await
    }

    pub async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = options.open(folder.path().join("crm.db")).unwrap();
        let (crm, tenant, scope) = found(&store).await;
        Self { folder, store, crm, tenant, scope }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("crm.db")
    }

    /// A connection beside the store's own.
    pub fn connection(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// Fails unless the tenant is whole.
    pub async fn verify(&self) {
        let found = self.crm.verify(&self.crm.maintenance(), self.tenant).await.unwrap();
        assert!(found.differences.is_empty() && !found.unsettled, "{found:?}");
    }
}

/// A tenant in a store, and a scope of it.
pub async fn found(store: &SqliteStore) -> (Crm, TenantId, TenantScope) {
    let crm = Crm::new(store.clone());
    let maintenance = crm.maintenance();
    let tenant = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme")).await.unwrap().id;
    let scope = crm.scope(tenant, Actor::job("test"));
    (crm, tenant, scope)
}

/// The statements that a store has run.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    pub fn options(&self) -> Options {
        let seen = Arc::clone(&self.0);
        SqliteStore::builder().on_statement(move |sql| seen.lock().unwrap().push(sql.to_owned()))
    }

    /// Those since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Numbers that follow from a seed, which is not 0.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
