//! A store that tells what each request asks of it.

use std::{cell::RefCell, future::Future, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Event, EventQuery, Filter, Intake, Object,
    Result, Row, Rows, Select, Store, TenantId, TenantScope, Visibility,
};
use uuid::Uuid;

tokio::task_local! {
    /// What the request of this task has asked so far. What the service does by itself meanwhile, such as removing
    /// expired sessions, runs in another task and is nobody's.
    static ASKED: RefCell<Vec<Asked>>;
}

/// One call of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    tenant: TenantId,
    what: &'static str,
    object: &'static str,
    /// How many ids, or changes it was about, or how many rows it wanted at most.
    size: usize,
}

/// Runs a request, and tells what it has asked of the store.
pub(crate) async fn watching<F: Future>(request: F) -> (F::Output, Vec<Asked>) {
    let watched = async {
        let answer = request.await;
        (answer, ASKED.with(RefCell::take))
    };
    ASKED.scope(RefCell::default(), watched).await
}

/// Passes everything on to another store.
#[derive(Debug)]
pub(crate) struct Watched(pub(crate) Arc<dyn Store>);

fn note(scope: &TenantScope, what: &'static str, object: &'static str, size: usize) {
    let asked = Asked { tenant: scope.tenant(), what, object, size };
    // Outside a request there is nobody to tell.
    let _ = ASKED.try_with(|all| all.borrow_mut().push(asked));
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for Watched {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        note(scope, "commit", "", batch.changes.len());
        self.0.commit(scope, batch).await
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        note(scope, "get", object.name, ids.len());
        self.0.get(scope, object, ids).await
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        note(scope, "query", select.object.name, select.limit as usize);
        self.0.query(scope, select).await
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        note(scope, "count", object.name, 1);
        self.0.count(scope, object, filter, visibility).await
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        note(scope, "counters", "", query.names.len());
        self.0.counters(scope, query).await
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        note(scope, "events", query.object.map_or("", |object| object.name), query.limit as usize);
        self.0.events(scope, query).await
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        note(scope, "erase", object.name, 1);
        self.0.erase(scope, object, id, at).await
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        note(scope, "take_in", "", 1);
        self.0.take_in(scope, intake).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        note(scope, "erase_tenant", "", 1);
        self.0.erase_tenant(scope).await
    }
}
