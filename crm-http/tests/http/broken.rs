//! A store that fails on demand.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Error, Event, EventQuery, Filter, Intake,
    MemoryStore, Object, Result, Row, Rows, Select, Store, TenantScope, Visibility,
};
use uuid::Uuid;

/// How the store is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Mode {
    #[default]
    Working,
    Unavailable,
    Failing,
}

/// A store in memory that can be broken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken {
    store: Arc<MemoryStore>,
    mode: Arc<Mutex<Mode>>,
}

impl Broken {
    pub(crate) fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    fn check(&self) -> Result<()> {
        match *self.mode.lock().unwrap() {
            Mode::Working => Ok(()),
            Mode::Unavailable => Err(Error::Unavailable("a secret of the host".into())),
            Mode::Failing => Err(Error::Backend("a secret of the driver".into())),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for Broken {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.check()?;
        self.store.commit(scope, batch).await
    }
    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        self.check()?;
        self.store.get(scope, object, ids).await
    }
    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        self.check()?;
        self.store.query(scope, select).await
    }
    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        self.check()?;
        self.store.count(scope, object, filter, visibility).await
    }
    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        self.check()?;
        self.store.counters(scope, query).await
    }
    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        self.check()?;
        self.store.events(scope, query).await
    }
    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.check()?;
        self.store.erase(scope, object, id, at).await
    }
    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.check()?;
        self.store.take_in(scope, intake).await
    }
    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.check()?;
        self.store.erase_tenant(scope).await
    }
}
