//! What happens while somebody else writes, at the moment at which it matters.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Actor, Batch, Capabilities, Committed, Contact, CounterQuery, Counters, Crm, Customer, Entity, Event,
    EventQuery, Filter, Intake, MemoryStore, Object, Query, Result, Row, Rows, Select, Store, Tenant,
    TenantScope, Visibility,
};
use uuid::Uuid;

type Done = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// A store in which somebody does something whenever a list of a kind of record has been read.
struct Busy {
    store: Arc<MemoryStore>,
    deed: Box<dyn Fn(&'static Object) -> Done + Send + Sync>,
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Busy").finish_non_exhaustive()
    }
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
        (self.deed)(select.object).await?;
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

/// A store, who writes to it at leisure, and a tenant in it.
async fn found() -> Result<(Arc<MemoryStore>, Crm, TenantScope)> {
    let store = Arc::new(MemoryStore::default());
    let writer = Crm::on_shared(Arc::clone(&store) as Arc<dyn Store>);
    let maintenance = writer.maintenance();
    let tenant = writer.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme")).await?;
    let scope = writer.scope(tenant.id, Actor::job("writer"));
    Ok((store, writer, scope))
}

#[tokio::test]
async fn a_tenant_that_is_written_to_all_the_while_is_unsettled_and_not_at_fault() {
    let (store, writer, scope) = found().await.unwrap();
    let (own, tenant) = (writer.clone(), scope.tenant());
    let deed = move |_: &'static Object| -> Done {
        let (own, scope) = (own.clone(), own.scope(tenant, Actor::job("writer")));
        Box::pin(async move { own.customers(&scope).create(Customer::company("One more")).await.map(drop) })
    };
    let busy = Crm::new(Busy { store, deed: Box::new(deed) });
    let found = busy.verify(&busy.maintenance(), tenant).await.unwrap();
    assert!(found.unsettled && found.differences.is_empty(), "{found:?}");
    let quiet = writer.verify(&writer.maintenance(), tenant).await.unwrap();
    assert!(!quiet.unsettled && quiet.differences.is_empty() && quiet.rows > 0, "{quiet:?}");
}

#[tokio::test]
async fn of_two_contacts_that_become_primary_one_is_although_the_other_came_between() {
    let (store, writer, scope) = found().await.unwrap();
    let customer = writer.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let (own, tenant, came) = (writer.clone(), scope.tenant(), AtomicUsize::new(0));
    // Once, after it has been read who is primary and before that is committed.
    let deed = move |object: &'static Object| -> Done {
        let (own, scope) = (own.clone(), own.scope(tenant, Actor::job("writer")));
        let comes = object == Contact::object() && came.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            if comes {
                let between = Contact::at(customer, "Between").is_primary(true);
                own.contacts(&scope).create(between).await?;
            }
            Ok(())
        })
    };
    let busy = Crm::new(Busy { store, deed: Box::new(deed) });
    let busy_scope = busy.scope(tenant, Actor::job("test"));
    busy.contacts(&busy_scope).create(Contact::at(customer, "Last").is_primary(true)).await.unwrap();
    let contacts = writer.contacts(&scope).list(Query::new()).await.unwrap().data;
    let primary: Vec<&str> =
        contacts.iter().filter(|contact| contact.is_primary).map(|contact| contact.name.as_str()).collect();
    assert_eq!((contacts.len(), primary), (2, vec!["Last"]));
}
