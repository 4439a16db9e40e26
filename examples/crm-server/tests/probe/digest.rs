//! All that a tenant has as one hash, read past the service and its rules.

use chrono::{DateTime, Utc};
use crm_core::{
    Actor, CounterQuery, Crm, Direction, Event, EventQuery, Filter, Id, Key, Object, Row, Select, Store,
    TenantId, TenantScope, Value, Visibility, object, objects,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The objects in which a refusal may leave a record of itself in the tenant of the refused.
const KEPT_OF_REFUSALS: [&str; 1] = ["incidents"];

/// Reads a tenant, again and again. Of the log, which is only ever added to, each reading goes on where the last one
/// ended.
#[derive(Debug)]
pub(crate) struct Ledger {
    scope: TenantScope,
    directory: TenantScope,
    log: Sha256,
    after: i64,
    now: DateTime<Utc>,
    /// The end of its users' e-mail addresses.
    domain: String,
}

/// A hash over rows, counters, log, accounts, memberships and sessions.
pub(crate) type Hash = [u8; 32];

impl Ledger {
    pub(crate) fn new(crm: &Crm, tenant: TenantId, slug: &str) -> Self {
        // The engine keeps its directory in the tenant with this id.
        let directory = crm.scope(Id::from_uuid(Uuid::nil()), Actor::job("ledger"));
        let scope = crm.scope(tenant, Actor::job("ledger"));
        Self {
            scope,
            directory,
            log: Sha256::new(),
            after: 0,
            now: crm.now(),
            domain: format!("@{slug}.test"),
        }
    }

    /// The hash of what the tenant has now.
    pub(crate) async fn hash(&mut self, store: &dyn Store) -> Hash {
        for event in self.events(store, self.after).await {
            self.after = event.seq;
            if !KEPT_OF_REFUSALS.contains(&event.object.as_str()) {
                self.log.update(format!("{event:?}"));
            }
        }
        let mut all = self.log.clone();
        for object in objects().into_iter().filter(|object| !KEPT_OF_REFUSALS.contains(&object.name)) {
            for row in rows(store, &self.scope, object).await {
                all.update(format!("{}{row:?}", object.name));
            }
        }
        for (object, row) in self.entries(store).await {
            all.update(format!("{}{row:?}", object.name));
        }
        let names: Vec<&'static str> =
            objects().into_iter().flat_map(|object| object.counters).copied().collect();
        let counters = store.counters(&self.scope, &CounterQuery::of(&names)).await.unwrap();
        all.update(format!("{:?}", counters.counters));
        all.finalize().into()
    }

    /// The same with the whole log read again: what was added to it before must be there as it was.
    pub(crate) async fn hash_anew(&mut self, store: &dyn Store) -> Hash {
        (self.log, self.after) = (Sha256::new(), 0);
        self.hash(store).await
    }

    /// Every id of the tenant: of records, of entries about it in the directory, of what its events name.
    pub(crate) async fn ids(&self, store: &dyn Store) -> Vec<Uuid> {
        let mut ids = vec![self.scope.tenant().uuid()];
        for object in objects() {
            ids.extend(rows(store, &self.scope, object).await.iter().map(|row| row.id));
        }
        ids.extend(self.entries(store).await.iter().map(|(_, row)| row.id));
        ids.extend(self.events(store, 0).await.iter().filter_map(|event| event.request_id));
        ids
    }

    async fn events(&self, store: &dyn Store, mut after: i64) -> Vec<Event> {
        let mut all = Vec::new();
        loop {
            let query = EventQuery { after, ..EventQuery::default() };
            let events = store.events(&self.scope, &query).await.unwrap();
            let Some(last) = events.last() else { return all };
            after = last.seq;
            all.extend(events);
        }
    }

    /// What the directory has about this tenant and those of its users who are in no other.
    async fn entries(&self, store: &dyn Store) -> Vec<(&'static Object, Row)> {
        let mut entries = Vec::new();
        for name in ["tenants", "memberships", "sessions", "accounts"] {
            let object = object(name).unwrap();
            for row in rows(store, &self.directory, object).await {
                let own = row.id == self.scope.tenant().uuid()
                    || row.values.contains(&Value::Id(self.scope.tenant().uuid()))
                    || row.values.iter().filter_map(Value::as_text).any(|text| text.ends_with(&self.domain));
                // A sign-in that has expired is removed when somebody comes by.
                let expired = |value: &Value| matches!(value, Value::Time(at) if *at <= self.now);
                if own && !(name == "sessions" && row.values.iter().any(expired)) {
                    entries.push((object, row));
                }
            }
        }
        entries
    }
}

/// All records of a kind, live and deleted, in the order of their ids.
async fn rows(store: &dyn Store, scope: &TenantScope, object: &'static Object) -> Vec<Row> {
    let mut select = Select {
        object,
        filter: Filter::All(Vec::new()),
        sort: vec![(Key::Id, Direction::Ascending)],
        after: None,
        limit: crm_core::MAX_PAGE,
        visibility: Visibility::Any,
    };
    let mut all = Vec::new();
    loop {
        let page = store.query(scope, &select).await.unwrap();
        select.after = page.rows.last().map(|last| select.position(last));
        all.extend(page.rows);
        if !page.more {
            return all;
        }
    }
}
