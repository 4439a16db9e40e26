//! A store whose lists of one tenant wait until they may go on.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Event, EventQuery, Filter, Intake, MemoryStore,
    Object, Result, Row, Rows, Select, Store, TenantId, TenantScope, Visibility,
};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// A store in memory that can be stalled.
#[derive(Clone, Debug)]
pub(crate) struct Stalling(Arc<State>);

#[derive(Debug)]
struct State {
    store: MemoryStore,
    stalled: Mutex<Option<TenantId>>,
    go_on: Semaphore,
    waiting: AtomicUsize,
    most: AtomicUsize,
}

impl Default for Stalling {
    fn default() -> Self {
        let (waiting, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (store, stalled) = (MemoryStore::new(), Mutex::default());
        Self(Arc::new(State { store, stalled, go_on: Semaphore::new(0), waiting, most }))
    }
}

impl Stalling {
    /// Lets lists of this tenant wait from now on.
    pub(crate) fn stall(&self, tenant: TenantId) {
        *self.0.stalled.lock().unwrap() = Some(tenant);
    }

    /// Lets all go on, for good.
    pub(crate) fn go_on(&self) {
        self.0.go_on.close();
    }

    /// How many lists wait.
    pub(crate) fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }

    /// How many lists of that tenant were at work at once at most.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    async fn wait(&self, scope: &TenantScope) {
        if *self.0.stalled.lock().unwrap() != Some(scope.tenant()) {
            return;
        }
        let at_work = self.0.waiting.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most.fetch_max(at_work, Ordering::SeqCst);
        // It gives no permits: it is closed in the end.
        let _ = self.0.go_on.acquire().await;
        tokio::task::yield_now().await;
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for Stalling {
    fn capabilities(&self) -> Capabilities {
        self.0.store.capabilities()
    }
    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.0.store.commit(scope, batch).await
    }
    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        self.0.store.get(scope, object, ids).await
    }
    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        self.wait(scope).await;
        self.0.store.query(scope, select).await
    }
    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        self.0.store.count(scope, object, filter, visibility).await
    }
    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        self.0.store.counters(scope, query).await
    }
    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        self.0.store.events(scope, query).await
    }
    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.0.store.erase(scope, object, id, at).await
    }
    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.0.store.take_in(scope, intake).await
    }
    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.0.store.erase_tenant(scope).await
    }
}
