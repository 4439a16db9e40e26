//! Verification beside writers: what passes is no difference.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Actor, Batch, Capabilities, Committed, CounterQuery, Counters, Crm, Customer, Event, EventQuery, Filter,
    Intake, MemoryStore, Object, Result, Row, Rows, Select, Store, Tenant, TenantScope, Visibility,
};
use uuid::Uuid;

/// A store in which somebody makes a customer whenever a list is read.
#[derive(Debug)]
struct Busy {
    store: Arc<MemoryStore>,
    writer: Crm,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for Busy {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.store.commit(scope, batch).await
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        self.store.get(scope, object, ids).await
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        let rows = self.store.query(scope, select).await?;
        let writer = self.writer.scope(scope.tenant(), Actor::job("writer"));
        self.writer.customers(&writer).create(Customer::company("One more")).await?;
        Ok(rows)
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        self.store.count(scope, object, filter, visibility).await
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        self.store.counters(scope, query).await
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        self.store.events(scope, query).await
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.store.erase(scope, object, id, at).await
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.store.take_in(scope, intake).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.store.erase_tenant(scope).await
    }
}

#[tokio::test]
async fn a_tenant_that_is_written_to_all_the_while_is_unsettled_and_not_at_fault() {
    let store = Arc::new(MemoryStore::default());
    let writer = Crm::on_shared(Arc::clone(&store) as Arc<dyn Store>);
    let maintenance = writer.maintenance();
    let tenant = writer.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let busy = Crm::new(Busy { store, writer: writer.clone() });
    let found = busy.verify(&busy.maintenance(), tenant.id).await.unwrap();
    assert!(found.unsettled && found.differences.is_empty(), "{found:?}");
    let quiet = writer.verify(&maintenance, tenant.id).await.unwrap();
    assert!(!quiet.unsettled && quiet.differences.is_empty() && quiet.rows > 0, "{quiet:?}");
}
