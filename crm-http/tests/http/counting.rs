//! A store that notes what it is asked.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Event, EventQuery, Filter, Intake, MemoryStore,
    Object, Result, Row, Rows, Select, Store, TenantScope, Visibility,
};
use uuid::Uuid;

/// What was asked, of which kind of record.
pub(crate) type Calls = Arc<Mutex<Vec<(&'static str, &'static str)>>>;

/// A store in memory that notes every call.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    inner: MemoryStore,
    pub(crate) calls: Calls,
}

impl Counting {
    fn note(&self, call: &'static str, object: &'static str) {
        self.calls.lock().unwrap().push((call, object));
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for Counting {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.note("commit", "");
        self.inner.commit(scope, batch).await
    }
    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        self.note("get", object.name);
        self.inner.get(scope, object, ids).await
    }
    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        self.note("query", select.object.name);
        self.inner.query(scope, select).await
    }
    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        self.note("count", object.name);
        self.inner.count(scope, object, filter, visibility).await
    }
    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        // Without names it is the head of the log alone.
        self.note(if query.names.is_empty() { "head" } else { "counters" }, "");
        self.inner.counters(scope, query).await
    }
    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        self.note("events", "");
        self.inner.events(scope, query).await
    }
    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.note("erase", object.name);
        self.inner.erase(scope, object, id, at).await
    }
    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.note("take_in", "");
        self.inner.take_in(scope, intake).await
    }
    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.note("erase_tenant", "");
        self.inner.erase_tenant(scope).await
    }
}
