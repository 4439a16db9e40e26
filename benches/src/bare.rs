//! A store without counters, to show what they cost.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Event, EventQuery, Filter, Intake, Object,
    Result, Row, Rows, Select, Store, TenantScope, Visibility,
};
use uuid::Uuid;

/// A store that leaves the counters out of each commit.
#[derive(Clone, Debug)]
pub struct Bare<S>(pub S);

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: Store> Store for Bare<S> {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.0.commit(scope, Batch { counters: Vec::new(), ..batch }).await
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        self.0.get(scope, object, ids).await
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        self.0.query(scope, select).await
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        self.0.count(scope, object, filter, visibility).await
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        self.0.counters(scope, query).await
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        self.0.events(scope, query).await
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.0.erase(scope, object, id, at).await
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.0.take_in(scope, intake).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.0.erase_tenant(scope).await
    }
}
