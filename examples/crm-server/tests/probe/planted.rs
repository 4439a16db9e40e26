//! Faults to plant under the service, one at a time: what the oracles must catch.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use chrono::{DateTime, Utc};
use crm_core::{
    Actor, Batch, Capabilities, Committed, CounterQuery, Counters, Crm, Customer, Direction, Entity, Error,
    Event, EventQuery, Filter, Id, Intake, Object, Query, Result, Row, Rows, Select, Sort, Store, TenantId,
    TenantScope, Visibility,
};
use uuid::Uuid;

use crate::world::MARKER;

/// One way to err, in the requests of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `get` finds customers of the other tenant.
    GetForgetsTheTenant,
    /// Lists of leads have one of the other tenant's at the end.
    ListHasAForeignRow,
    /// What is read of the log begins with an event of the other tenant.
    LogHasAForeignEvent,
    /// `count` counts what the other tenant has as well.
    CountForgetsTheTenant,
    /// A foreign id is refused in another way than an unknown one.
    ForeignIdIsRefusedOtherwise,
    /// A foreign id is looked up once more than an unknown one.
    ForeignIdCostsMore,
    /// Every answer has a text of the other tenant in a header.
    HeaderTellsOfTheOther,
    /// A request that is refused has changed something before.
    WritesBeforeItRefuses,
    /// Every request changes something of the other tenant.
    WritesToTheOther,
    /// The numbers of new records go on from those of the other tenant.
    NumbersAreShared,
    /// Counters are those of both tenants.
    CountersAreShared,
}

/// A store that errs when it is told to.
#[derive(Debug)]
pub(crate) struct Planted {
    store: Arc<dyn Store>,
    own: TenantId,
    other: TenantScope,
    fault: Mutex<Option<Fault>>,
}

impl Planted {
    /// Errs in the requests of `own`, about what `other` has.
    pub(crate) fn new(store: Arc<dyn Store>, own: TenantId, other: TenantId) -> Self {
        let other = Crm::on_shared(Arc::clone(&store)).scope(other, Actor::job("canary"));
        Self { store, own, other, fault: Mutex::default() }
    }

    /// From now on this fault, or none.
    pub(crate) fn plant(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn errs(&self, scope: &TenantScope, fault: Fault) -> bool {
        scope.tenant() == self.own && self.is(fault)
    }

    fn is(&self, fault: Fault) -> bool {
        *self.fault.lock().unwrap() == Some(fault)
    }

    async fn are_foreign(&self, object: &'static Object, ids: &[Uuid]) -> Result<bool> {
        Ok(!self.store.get(&self.other, object, ids).await?.is_empty())
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for Planted {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        let mut committed = self.store.commit(scope, batch).await?;
        if self.errs(scope, Fault::NumbersAreShared) && !committed.numbers.is_empty() {
            let leads = crm_core::Lead::object();
            let all = Filter::All(Vec::new());
            let taken = self.store.count(&self.other, leads, &all, Visibility::Any).await?;
            committed.numbers.iter_mut().for_each(|number| *number += taken as i64);
        }
        Ok(committed)
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        let mut rows = self.store.get(scope, object, ids).await?;
        if self.errs(scope, Fault::GetForgetsTheTenant) && object == Customer::object() {
            rows.extend(self.store.get(&self.other, object, ids).await?);
        }
        if self.errs(scope, Fault::ForeignIdIsRefusedOtherwise) && self.are_foreign(object, ids).await? {
            return Err(Error::Forbidden { action: "read", object: object.name });
        }
        // Whoever knows that an id is foreign without looking has it in a cache.
        if self.errs(scope, Fault::ForeignIdCostsMore) && self.are_foreign(object, ids).await? {
            self.store.get(scope, object, ids).await?;
        }
        Ok(rows)
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        let mut rows = self.store.query(scope, select).await?;
        if self.errs(scope, Fault::ListHasAForeignRow) && select.object.name == "leads" {
            let any = Select { filter: Filter::All(Vec::new()), after: None, limit: 1, ..select.clone() };
            rows.rows.extend(self.store.query(&self.other, &any).await?.rows);
        }
        Ok(rows)
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        let own = self.store.count(scope, object, filter, visibility).await?;
        if self.errs(scope, Fault::CountForgetsTheTenant) {
            return Ok(own + self.store.count(&self.other, object, filter, visibility).await?);
        }
        Ok(own)
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        let mut own = self.store.counters(scope, query).await?;
        if self.errs(scope, Fault::CountersAreShared) {
            let other = self.store.counters(&self.other, query).await?;
            for counter in &mut own.counters {
                counter.value += other.value(&counter.name, &counter.key);
            }
        }
        Ok(own)
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        let mut events = self.store.events(scope, query).await?;
        // At the end it would lead whoever goes on from the last one back to the beginning, for ever.
        if !events.is_empty() && self.errs(scope, Fault::LogHasAForeignEvent) {
            let any = EventQuery { limit: 1, ..EventQuery::default() };
            events.splice(0..0, self.store.events(&self.other, &any).await?);
        }
        Ok(events)
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

/// The faults that lie before the store.
#[derive(Clone)]
struct Front {
    planted: Arc<Planted>,
    crm: Crm,
    written: Arc<AtomicU64>,
}

impl Front {
    /// Changes the oldest customer of a tenant.
    async fn write(&self, tenant: TenantId) {
        let scope = self.crm.scope(tenant, Actor::job("canary"));
        let oldest = Query::new().sort(Sort::new("created_at", Direction::Ascending)).limit(1);
        let customers = self.crm.customers(&scope);
        let id: Id<Customer> = customers.list(oldest).await.unwrap().data[0].id;
        let nth = self.written.fetch_add(1, Ordering::SeqCst);
        customers.update(id, |customer| customer.notes = Some(format!("canary {nth}"))).await.unwrap();
    }
}

/// Puts the faults that lie before the store in front of a service.
pub(crate) fn in_front(router: Router, planted: Arc<Planted>, crm: Crm) -> Router {
    let front = Front { planted, crm, written: Arc::default() };
    router.layer(middleware::from_fn_with_state(front, err))
}

async fn err(State(front): State<Front>, request: Request, next: Next) -> Response {
    let planted = &front.planted;
    let mut response = next.run(request).await;
    if planted.is(Fault::HeaderTellsOfTheOther) {
        response.headers_mut().insert("x-served-after", MARKER.parse().unwrap());
    }
    if planted.is(Fault::WritesBeforeItRefuses) && response.status().is_client_error() {
        front.write(planted.own).await;
    }
    if planted.is(Fault::WritesToTheOther) {
        front.write(planted.other.tenant()).await;
    }
    response
}
