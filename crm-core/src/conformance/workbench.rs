//! What a case works with: a store that nobody else uses, tenants in it, and batches to commit.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    Actor, Batch, Bound, Calendar, Change, Committed, CounterQuery, Crm, Customer, Delta, Direction, Entity,
    Error, Event, EventDraft, EventKind, EventQuery, Expect, Filter, IdSource, Key, Lead, LeadTimes,
    MAX_PAGE, MemoryStore, Object, Once, Pipeline, Record, Result, Role, Row, Select, Settings, Store, Sums,
    TenantId, TenantScope, Visibility, Write, event, objects,
    testing::{ManualClock, SeededIds},
};

use super::Harness;

/// Holds a result to the error that it must be.
macro_rules! refused {
    ($result:expr, $pattern:pat $(if $guard:expr)?) => {
        match $result {
            Err($pattern) $(if $guard)? => {}
            other => panic!("must be refused with `{}`, got {other:?}", stringify!($pattern)),
        }
    };
}
pub(super) use refused;

/// How many events the founding of a tenant leaves: its pipeline's and its settings'. A tenant's own log goes on from there.
pub(super) const FOUNDING: i64 = 2;

/// A fresh store, a CRM on it, a clock that stands still and ids that are the same in every run.
pub(super) struct Workbench {
    pub(super) store: Arc<dyn Store>,
    pub(super) crm: Crm,
    pub(super) clock: ManualClock,
    ids: SeededIds,
    harness: Arc<dyn Harness>,
}

impl Workbench {
    pub(super) async fn new(harness: Arc<dyn Harness>) -> Self {
        let (clock, ids) = (ManualClock::default(), SeededIds::new(1));
        let store = harness.open().await;
        let crm = Crm::on_shared(Arc::clone(&store)).with_clock(clock.clone()).with_ids(ids.clone());
        Self { store, crm, clock, ids, harness }
    }

    pub(super) async fn close(self) {
        let Self { store, crm, harness, .. } = self;
        drop(crm);
        harness.close(store).await;
    }

    /// Closes the store and opens the same place again.
    pub(super) async fn reopen(&mut self) {
        let store = std::mem::replace(&mut self.store, Arc::new(MemoryStore::new()));
        self.crm = self.crm_on(&self.store);
        self.harness.close(store).await;
        self.store = self.harness.open().await;
        self.crm = self.crm_on(&self.store);
    }

    /// A CRM on this store, with the clock and the ids of this workbench.
    pub(super) fn crm_on(&self, store: &Arc<dyn Store>) -> Crm {
        Crm::on_shared(Arc::clone(store)).with_clock(self.clock.clone()).with_ids(self.ids.clone())
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.crm.now()
    }

    /// Lets a second pass.
    pub(super) fn tick(&self) {
        self.clock.advance(TimeDelta::seconds(1));
    }

    pub(super) fn new_id(&self) -> Uuid {
        self.ids.next(self.now())
    }

    /// The scope of a job, which may do everything, in a tenant that has just been founded.
    pub(super) async fn found(&self) -> TenantScope {
        let scope = self.nowhere();
        self.commit(&scope, Draft::founding_of(scope.tenant(), self.now())).await;
        scope
    }

    pub(super) async fn found_two(&self) -> (TenantScope, TenantScope) {
        (self.found().await, self.found().await)
    }

    /// A scope in a tenant that does not exist.
    pub(super) fn nowhere(&self) -> TenantScope {
        self.crm.scope(TenantId::from_uuid(self.new_id()), Actor::job("conformance"))
    }

    /// Another actor in the same tenant.
    pub(super) fn as_role(&self, scope: &TenantScope, role: Role) -> TenantScope {
        self.crm.scope(scope.tenant(), Actor::user(crate::Id::from_uuid(self.new_id()), role))
    }

    /// A new row of this data, whatever the rules would say of it.
    pub(super) fn row<T: Entity>(&self, data: T) -> Row {
        self.managed_row(data, T::Managed::default())
    }

    fn managed_row<T: Entity>(&self, data: T, managed: T::Managed) -> Row {
        new_row(self.new_id(), self.now(), data, managed)
    }

    /// A new customer's row.
    pub(super) fn customer(&self, company: &str) -> Row {
        self.row(Customer::company(company))
    }

    /// A new lead's row, in the stage `new` unless the lead says otherwise.
    pub(super) fn lead(&self, lead: Lead) -> Row {
        let stage = if lead.stage.is_empty() { "new".to_owned() } else { lead.stage.clone() };
        let times = LeadTimes { stage_entered_at: Some(self.now()), ..LeadTimes::default() };
        self.managed_row(Lead { stage, ..lead }, times)
    }

    pub(super) fn draft(&self) -> Draft {
        Draft::new(self.now())
    }

    /// Commits what must succeed.
    pub(super) async fn commit(&self, scope: &TenantScope, draft: Draft) -> Committed {
        self.try_commit(scope, draft).await.expect("the commit succeeds")
    }

    pub(super) async fn try_commit(&self, scope: &TenantScope, draft: Draft) -> Result<Committed> {
        self.store.commit(scope, draft.build()).await
    }

    /// Commits new customers of these companies; their rows.
    pub(super) async fn customers(&self, scope: &TenantScope, companies: &[&str]) -> Vec<Row> {
        let rows: Vec<Row> = companies.iter().map(|company| self.customer(company)).collect();
        self.create(scope, Customer::object(), &rows).await;
        rows
    }

    /// Commits new rows in one batch.
    pub(super) async fn create(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        rows: &[Row],
    ) -> Committed {
        let draft = rows.iter().fold(self.draft(), |draft, row| draft.create(object, row));
        self.commit(scope, draft).await
    }

    /// Commits the deletion of a row; the row as it is then.
    pub(super) async fn delete(&self, scope: &TenantScope, object: &'static Object, row: &Row) -> Row {
        let deleted = Row { deleted_at: Some(self.now()), version: row.version + 1, ..row.clone() };
        self.commit(scope, self.draft().put(object, Some(row), &deleted, EventKind::Deleted)).await;
        deleted
    }

    pub(super) async fn get(&self, scope: &TenantScope, object: &'static Object, id: Uuid) -> Option<Row> {
        let mut rows = self.store.get(scope, object, &[id]).await.expect("get succeeds");
        assert!(rows.len() <= 1, "one id gives at most one row");
        rows.pop()
    }

    /// Every row that a filter matches, live or deleted, in the order of the ids.
    pub(super) async fn all(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
    ) -> Vec<Row> {
        let sort = vec![(Key::Id, Direction::Ascending)];
        self.pages(scope, Select { filter: filter.clone(), sort, ..every(object) }).await
    }

    /// Every row of a question, page by page.
    pub(super) async fn pages(&self, scope: &TenantScope, mut select: Select) -> Vec<Row> {
        let mut rows = Vec::new();
        loop {
            let page = self.store.query(scope, &select).await.expect("query succeeds");
            let limit = usize::try_from(select.limit).unwrap();
            assert!(page.rows.len() <= limit, "a page has at most as many rows as asked for");
            assert!(!page.more || page.rows.len() == limit, "a page that is not the last is full");
            if let (Some(after), Some(first)) = (&select.after, page.rows.first()) {
                assert!(select.order_at(first, after).is_gt(), "a page begins after its place");
            }
            let Some(last) = page.rows.last().filter(|_| page.more) else {
                rows.extend(page.rows);
                return rows;
            };
            select.after = Some(select.position(last));
            rows.extend(page.rows);
        }
    }

    pub(super) async fn count(&self, scope: &TenantScope, object: &'static Object, filter: &Filter) -> u64 {
        self.store.count(scope, object, filter, Visibility::Live).await.expect("count succeeds")
    }

    /// The whole log.
    pub(super) async fn events(&self, scope: &TenantScope) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let query = EventQuery { after, ..EventQuery::default() };
            let next = self.store.events(scope, &query).await.expect("events succeeds");
            let Some(first) = next.first() else { return events };
            assert!(first.seq > after, "events come after the one named");
            events.extend(next);
        }
    }

    /// The log without the events of the founding.
    pub(super) async fn events_since_founding(&self, scope: &TenantScope) -> Vec<Event> {
        let mut events = self.events(scope).await;
        events.retain(|event| event.seq > FOUNDING);
        events
    }

    pub(super) async fn counter(&self, scope: &TenantScope, name: &'static str, key: &str) -> i64 {
        let counters = self.store.counters(scope, &CounterQuery::of(&[name])).await;
        counters.expect("counters succeeds").value(name, key)
    }

    /// The number of the newest event.
    pub(super) async fn head(&self, scope: &TenantScope) -> i64 {
        self.store.counters(scope, &CounterQuery::of(&[])).await.expect("counters succeeds").as_of
    }

    /// Everything of a tenant that can be read, to compare by.
    pub(super) async fn everything(&self, scope: &TenantScope, counters: &[&'static str]) -> Everything {
        let mut rows = BTreeMap::new();
        for object in objects() {
            rows.insert(object.name, self.all(scope, object, &anything()).await);
        }
        let names = [&counter_names()[..], counters].concat();
        let counters =
            self.store.counters(scope, &CounterQuery::of(&names)).await.expect("counters succeeds");
        Everything { rows, events: self.events(scope).await, counters: format!("{counters:?}") }
    }
}

/// The names of all counters that the engine keeps.
pub(super) fn counter_names() -> Vec<&'static str> {
    objects().into_iter().flat_map(|object| object.counters).copied().collect()
}

/// A new row of this data, whatever the rules would say of it.
pub(super) fn new_row<T: Entity>(id: Uuid, now: DateTime<Utc>, data: T, managed: T::Managed) -> Row {
    let record = Record {
        id: crate::Id::<T>::from_uuid(id),
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: None,
        deleted_at: None,
        number: None,
        managed,
        data,
    };
    record.to_row()
}

/// What [`Workbench::everything`] read.
#[derive(Debug, PartialEq)]
pub(super) struct Everything {
    pub(super) rows: BTreeMap<&'static str, Vec<Row>>,
    pub(super) events: Vec<Event>,
    pub(super) counters: String,
}

/// The filter that everything matches.
pub(super) fn anything() -> Filter {
    Filter::All(Vec::new())
}

/// All rows of an object, live or deleted, by pages of the greatest size.
pub(super) fn every(object: &'static Object) -> Select {
    Select {
        object,
        filter: anything(),
        sort: vec![object.default_sort],
        after: None,
        limit: MAX_PAGE,
        visibility: Visibility::Any,
    }
}

/// All live rows that have these terms.
pub(super) fn search(terms: &str) -> Filter {
    Filter::Search(crate::terms(terms))
}

/// The index of a field, as a key.
pub(super) fn key(object: &Object, name: &str) -> Key {
    let index = object.fields.iter().position(|field| field.name == name);
    Key::Field(index.unwrap_or_else(|| panic!("{object:?} has a field `{name}`")))
}

pub(super) fn ids(rows: &[Row]) -> Vec<Uuid> {
    rows.iter().map(|row| row.id).collect()
}

/// An error as text, to compare two refusals.
pub(super) fn refusal<T: Debug>(result: Result<T>) -> String {
    match result {
        Ok(done) => panic!("must be refused, got {done:?}"),
        Err(error @ (Error::Corrupt(_) | Error::Unavailable(_) | Error::Backend(_))) => {
            panic!("must be refused for a reason, got {error:?}")
        }
        Err(error) => format!("{error:?}"),
    }
}

/// A batch in the making, with its counters as the engine would compute them.
#[derive(Clone)]
pub(super) struct Draft {
    batch: Batch,
    by_hand: BTreeMap<(&'static str, String), i64>,
    rows: Vec<(&'static Object, Option<Row>, Row)>,
    calendar: Calendar,
}

impl Draft {
    pub(super) fn new(at: DateTime<Utc>) -> Self {
        let batch = Batch {
            once: None,
            founds_tenant: false,
            after: None,
            at,
            changes: Vec::new(),
            counters: Vec::new(),
            bounds: Vec::new(),
        };
        Self { batch, by_hand: BTreeMap::new(), rows: Vec::new(), calendar: Calendar::default() }
    }

    /// The same in a tenant that keeps its figures by the days of this calendar.
    pub(super) fn by(self, calendar: Calendar) -> Self {
        Self { calendar, ..self }
    }

    /// Founds a tenant with the default pipeline and settings.
    pub(super) fn founding_of(tenant: TenantId, at: DateTime<Utc>) -> Self {
        let pipeline = new_row(tenant.uuid(), at, Pipeline::default(), ());
        let settings = new_row(tenant.uuid(), at, Settings::default(), ());
        let founding = Self::new(at).founding().create(Pipeline::object(), &pipeline);
        founding.create(Settings::object(), &settings)
    }

    pub(super) fn founding(mut self) -> Self {
        self.batch.founds_tenant = true;
        self
    }

    /// Only right after this event.
    pub(super) fn after(mut self, seq: i64) -> Self {
        self.batch.after = Some(seq);
        self
    }

    /// A batch that has its effect once.
    pub(super) fn once(mut self, key: u128, content: u128) -> Self {
        self.batch.once = Some(Once { key: Uuid::from_u128(key), content: Uuid::from_u128(content) });
        self
    }

    pub(super) fn create(self, object: &'static Object, row: &Row) -> Self {
        self.put(object, None, row, EventKind::Created)
    }

    /// Replaces a row; the version of `after` must be set already.
    pub(super) fn update(self, object: &'static Object, before: &Row, after: &Row) -> Self {
        self.put(object, Some(before), after, EventKind::Updated)
    }

    pub(super) fn put(
        self,
        object: &'static Object,
        before: Option<&Row>,
        after: &Row,
        kind: EventKind,
    ) -> Self {
        let expect = before.map_or(Expect::Absent, |before| Expect::Version(before.version));
        self.expecting(expect, object, before, after, kind)
    }

    /// A put with an expectation of its own.
    pub(super) fn expecting(
        mut self,
        expect: Expect,
        object: &'static Object,
        before: Option<&Row>,
        after: &Row,
        kind: EventKind,
    ) -> Self {
        let event = EventDraft { kind, changes: event::differences(object, before, after) };
        let text = |row: &Row| object.search_text(&row.values);
        let changed = before.is_none_or(|before| text(before) != text(after));
        let search = (object.is_searchable() && changed).then(|| text(after));
        let write = Write::Put { row: Box::new(after.clone()), search, event };
        self.batch.changes.push(Change { object, id: after.id, expect, write });
        self.rows.push((object, before.cloned(), after.clone()));
        self
    }

    pub(super) fn check(mut self, object: &'static Object, id: Uuid, expect: Expect) -> Self {
        self.batch.changes.push(Change { object, id, expect, write: Write::Check });
        self
    }

    /// Adds to a counter beside what the rows count.
    pub(super) fn add(mut self, name: &'static str, key: &str, by: i64) -> Self {
        self.by_hand.insert((name, key.to_owned()), by);
        self
    }

    pub(super) fn bound(mut self, name: &'static str, key: &str, at_least: i64, at_most: i64) -> Self {
        let rule = "the figure stays within its bounds";
        self.batch.bounds.push(Bound { name, key: key.to_owned(), at_least, at_most, rule });
        self
    }

    pub(super) fn build(self) -> Batch {
        let mut sums = Sums::by(self.calendar);
        for (object, before, after) in &self.rows {
            if let Some(before) = before {
                sums.subtract(object, before);
            }
            sums.add(object, after);
        }
        let own = sums.deltas().expect("the sums of one batch fit");
        let mut all: BTreeMap<(&'static str, String), i64> = self.by_hand;
        for delta in own {
            *all.entry((delta.name, delta.key)).or_default() += delta.by;
        }
        let counters = all.into_iter().filter(|(_, by)| *by != 0);
        let counters = counters.map(|((name, key), by)| Delta { name, key, by }).collect();
        Batch { counters, ..self.batch }
    }
}

/// A row with its next version and other values.
pub(super) fn revised(row: &Row, name: &str, object: &Object, value: crate::Value) -> Row {
    let mut after = Row { version: row.version + 1, ..row.clone() };
    after.values[object.index_of(name).expect("the field exists")] = value;
    crate::normalize::derive(object, &mut after.values);
    after
}
