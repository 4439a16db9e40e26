//! The world of one history: its tenants, what is known of them, and how an operation becomes a step.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    Actor, Batch, Clock, Crm, Direction, EventQuery, Id, IdSource, Key, Object, Once, Past, Period, Pipeline,
    Record, Role, Row, Select, Settings, Stage, Store, TenantId, TenantScope, Visibility,
    conformance::workbench::{Draft, counter_names, every},
    entity::Entity,
    objects,
    testing::{ManualClock, SeededIds, scramble},
};

use super::{
    answer::Answer,
    input::edited,
    operation::{Events, Fields, Operation, Sort, What},
    step::{Asked, Step, entity_of},
};

/// How many tenants a history has.
const TENANTS: usize = 3;

/// The counters that are read.
fn counters() -> Vec<&'static str> {
    [&counter_names()[..], &["test.figure"]].concat()
}

/// Time zones that tenants change between.
const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "Pacific/Auckland", "Asia/Kathmandu"];

/// Everything that the steps of a history are made from.
pub(super) struct World {
    memory: Arc<dyn Store>,
    crm: Crm,
    clock: ManualClock,
    ids: SeededIds,
    pub(super) tenants: Vec<TenantId>,
    known: BTreeMap<(usize, Sort), Vec<Uuid>>,
    pages: Vec<(Sort, Asked, String)>,
    batches: Vec<(TenantScope, Batch)>,
}

impl World {
    /// A world whose tenants are those of this run and no other. `seed` decides the ids of its records.
    pub(super) fn new(memory: Arc<dyn Store>, clock: ManualClock, seed: u64, run: u64) -> Self {
        let crm = Crm::on_shared(Arc::clone(&memory)).with_clock(clock.clone());
        let of_run = SeededIds::new(scramble(run) ^ scramble(seed));
        let tenants = (0..TENANTS).map(|_| Id::from_uuid(of_run.next(DateTime::UNIX_EPOCH))).collect();
        let ids = SeededIds::new(scramble(seed ^ 1));
        let (known, pages, batches) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { memory, crm, clock, ids, tenants, known, pages, batches }
    }

    /// The scope of somebody who may do everything.
    pub(super) fn upkeep(&self, tenant: TenantId) -> TenantScope {
        self.crm.scope(tenant, Actor::job("model"))
    }

    fn scope(&self, tenant: usize, actor: u8) -> TenantScope {
        let id = u128::from(actor % 3) + 1;
        let role = match actor % 16 {
            0 => Role::Viewer,
            1 | 2 => Role::Member,
            3 | 4 => Role::Admin,
            5..8 => Role::Owner,
            _ => return self.upkeep(self.tenants[tenant]),
        };
        let person = match actor / 16 % 3 {
            0 => Actor::api_key(Uuid::from_u128(id), role),
            1 => Actor::user(Id::from_uuid(Uuid::from_u128(id)), role).in_request(Uuid::from_u128(7)),
            _ => Actor::user(Id::from_uuid(Uuid::from_u128(id)), role),
        };
        self.crm.scope(self.tenants[tenant], person)
    }

    /// What an operation is in this world. Time passes first.
    pub(super) async fn step(&mut self, operation: &Operation) -> (TenantScope, Step) {
        self.clock.advance(TimeDelta::milliseconds(i64::from(operation.wait) * 100));
        // The first tenant has the most, so that its lists have pages, and the last so little that it is often empty.
        let tenant = [0, 0, 0, 0, 0, 1, 1, 2][usize::from(operation.tenant) % 8];
        let scope = self.scope(tenant, operation.actor);
        let step = match &operation.what {
            What::Commit { changes, fault, once } => {
                let (at, batch) = super::batch::made(self, tenant, &scope, changes, *fault, *once).await;
                self.batches.push((at.clone(), batch.clone()));
                return (at, Step::Commit { batch });
            }
            What::CommitAgain { batch, other } => {
                let Some((at, batch)) = chosen(&self.batches, u16::from(*batch)) else {
                    return (scope, Step::Overview);
                };
                let content = |once: Once| Once { content: Uuid::from_u128(99), ..once };
                let once = if *other { batch.once.map(content) } else { batch.once };
                return (at.clone(), Step::Commit { batch: Batch { once, ..batch.clone() } });
            }
            what => self.about(tenant, &scope, what).await,
        };
        (scope, step)
    }

    async fn about(&self, tenant: usize, scope: &TenantScope, what: &What) -> Step {
        match what {
            What::Create { sort, fields, once } => {
                let input = self.input(tenant, *sort, fields, true);
                Step::Create { sort: *sort, input, once: once.map(key) }
            }
            What::CreateMany { sort, all } => {
                let all = all.iter().map(|fields| self.input(tenant, *sort, fields, true)).collect();
                Step::CreateMany { sort: *sort, all }
            }
            What::Patch { sort, target, expected, fields } => {
                let id = self.target(tenant, *sort, *target);
                let expected = self.version(scope, *sort, id, *expected).await;
                Step::Patch { sort: *sort, id, expected, input: self.input(tenant, *sort, fields, false) }
            }
            What::Delete { sort, target, expected } => {
                let id = self.target(tenant, *sort, *target);
                Step::Delete { sort: *sort, id, expected: self.version(scope, *sort, id, *expected).await }
            }
            What::Restore { sort, target } => {
                Step::Restore { sort: *sort, id: self.deleted(tenant, scope, *sort, *target).await }
            }
            What::Erase { sort, target } => {
                Step::Erase { sort: *sort, id: self.deleted(tenant, scope, *sort, *target).await }
            }
            What::Advance { target, stage } => {
                let stages = self.stages(scope).await;
                let stage = chosen(&stages, u16::from(*stage)).map_or("nowhere", |stage| stage.key.as_str());
                Step::Advance { id: self.target(tenant, Sort::Leads, *target), stage: stage.to_owned() }
            }
            What::Convert { target, into, once } => Step::Convert {
                id: self.target(tenant, Sort::Leads, *target),
                into: into.map(|into| self.target(tenant, Sort::Customers, into)),
                once: once.map(key),
            },
            What::EditPipeline { edit } => {
                Step::SetPipeline { stages: edited(self.stages(scope).await, *edit) }
            }
            What::SetTimeZone { zone } => Step::SetTimeZone { zone: ZONES[usize::from(*zone) % ZONES.len()] },
            What::Import { all } => {
                let one = |(fields, past): &(Fields, u16)| {
                    (self.input(tenant, Sort::Leads, fields, true), self.past(*past))
                };
                Step::Import { all: all.iter().map(one).collect() }
            }
            reading => self.reading(tenant, scope, reading).await,
        }
    }

    async fn reading(&self, tenant: usize, scope: &TenantScope, what: &What) -> Step {
        match what {
            What::Get { sort, targets } => {
                let mut ids: Vec<Uuid> = Vec::new();
                for target in targets {
                    let id = self.target(tenant, *sort, *target);
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                Step::Get { sort: *sort, ids }
            }
            What::List { sort, ask } => {
                let asked = self.asked(scope, *sort, ask).await;
                Step::List { sort: *sort, asked, after: None }
            }
            What::NextPage { page } => {
                match chosen(self.pages.last_chunk::<6>().map_or(&self.pages[..], |last| last), *page) {
                    Some((sort, asked, cursor)) => {
                        Step::List { sort: *sort, asked: asked.clone(), after: Some(cursor.clone()) }
                    }
                    None => Step::Overview,
                }
            }
            What::History { sort, target, before, limit } => Step::History {
                sort: *sort,
                id: self.target(tenant, *sort, *target),
                before: (before % 3 == 0).then(|| i64::from(*before) / 3),
                limit: u32::from(*limit),
            },
            What::StageHistory { target } => {
                Step::StageHistory { id: self.target(tenant, Sort::Leads, *target) }
            }
            What::Figures { which, from, days } => {
                let from = self.now().date_naive() - TimeDelta::days(i64::from(from % 500) - 20);
                let to = from + TimeDelta::days(i64::from(days % 400));
                Step::Figures { which: *which, period: Period::new(from, to).expect("a period") }
            }
            What::Events(about) => Step::Events { query: self.of_the_log(tenant, about) },
            What::Counters { names, range } => {
                let picks = scramble(u64::from(*names));
                let names: Vec<&'static str> = counters()
                    .into_iter()
                    .enumerate()
                    .filter(|(nth, _)| picks >> nth & 1 == 1)
                    .map(|(_, own)| own)
                    .collect();
                let ends = [None, Some("2026-03-01"), Some("closed_won"), Some("new|EUR")];
                let end = |nth: u8| ends[usize::from(nth) % 4].map(str::to_owned);
                Step::Counters { query: crate::CounterQuery { from: end(*range), to: end(range / 4), names } }
            }
            _ => Step::Overview,
        }
    }

    /// What happened to a lead before it came: mostly something that can be.
    fn past(&self, pick: u16) -> Past {
        let ago = |hours: u16| Some(self.now() - TimeDelta::hours(i64::from(hours)));
        let created = 1 + pick / 4 % 9_000;
        match pick % 16 {
            0 => Past::default(),
            1 => Past { created_at: ago(created).map(|at| at + TimeDelta::days(400)), closed_at: None },
            2 => Past { created_at: ago(created), closed_at: ago(created + 1) },
            3..=6 => Past { created_at: ago(created), closed_at: ago(created / 3) },
            7 => Past { created_at: None, closed_at: ago(created) },
            _ => Past { created_at: ago(created), closed_at: None },
        }
    }

    /// The number of a tenant's newest event.
    pub(super) async fn head(&self, scope: &TenantScope) -> i64 {
        let counters =
            self.memory.counters(&self.upkeep(scope.tenant()), &crate::CounterQuery::of(&[])).await;
        counters.expect("the store in memory answers").as_of
    }

    /// By which days a tenant keeps its figures, among others.
    pub(super) async fn settings(&self, scope: &TenantScope) -> Record<Settings> {
        let upkeep = self.upkeep(scope.tenant());
        let settings = self.crm.settings(&upkeep).get(Settings::of(scope.tenant())).await;
        settings.expect("the tenant has settings")
    }

    fn of_the_log(&self, tenant: usize, about: &Events) -> EventQuery {
        let actors = [Uuid::from_u128(1).to_string(), Uuid::from_u128(2).to_string(), "model".into()];
        let Events { after, before, sort, target, by, newest_first, limit } = *about;
        let of = sort.unwrap_or(Sort::Leads);
        EventQuery {
            after: if after.is_multiple_of(2) { 0 } else { i64::from(after) / 2 },
            before: before.is_multiple_of(2).then(|| i64::from(before)),
            object: sort.map(object_of),
            record: target.map(|target| self.target(tenant, of, target)),
            actor: by.is_multiple_of(4).then(|| actors[usize::from(by / 4) % 3].clone()),
            newest_first,
            limit: if limit == 0 { 1_000 } else { u32::from(limit) },
        }
    }

    /// Remembers what came of a step.
    pub(super) fn learn(&mut self, scope: &TenantScope, step: &Step, answer: &Answer) {
        let tenant = self.tenants.iter().position(|tenant| *tenant == scope.tenant());
        if let Some(tenant) = tenant.filter(|_| !answer.refused) {
            match step {
                Step::Create { sort, .. } | Step::CreateMany { sort, .. } => {
                    self.know(tenant, *sort, &answer.made);
                }
                Step::Import { .. } => self.know(tenant, Sort::Leads, &answer.made),
                Step::Convert { .. } => self.know(tenant, Sort::Customers, &answer.made),
                Step::Commit { batch } => {
                    for change in &batch.changes {
                        let sort = Sort::ALL.into_iter().find(|sort| object_of(*sort) == change.object);
                        if let Some(sort) = sort {
                            self.know(tenant, sort, &[change.id]);
                        }
                    }
                }
                _ => {}
            }
        }
        if let (Step::List { sort, asked, .. }, Some(cursor)) = (step, &answer.cursor) {
            self.pages.push((*sort, asked.clone(), cursor.clone()));
        }
    }

    fn know(&mut self, tenant: usize, sort: Sort, made: &[Uuid]) {
        let known = self.known.entry((tenant, sort)).or_default();
        for id in made {
            if !known.contains(id) {
                known.push(*id);
            }
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn new_id(&self) -> Uuid {
        self.ids.next(self.now())
    }

    /// A record of the tenant; now and then one of another tenant, or none.
    pub(super) fn target(&self, tenant: usize, sort: Sort, pick: u16) -> Uuid {
        let of = if pick % 31 == 30 { (tenant + 1) % TENANTS } else { tenant };
        let known = self.known.get(&(of, sort)).map_or(&[][..], Vec::as_slice);
        let unknown = Uuid::from_u128(u128::from(pick % 5));
        if pick % 29 == 28 { unknown } else { chosen(known, pick).copied().unwrap_or(unknown) }
    }

    /// A record that is deleted, if there is one; now and then any.
    async fn deleted(&self, tenant: usize, scope: &TenantScope, sort: Sort, pick: u16) -> Uuid {
        let select = Select { visibility: Visibility::Deleted, ..every(object_of(sort)) };
        let rows = self.rows(scope, &select).await;
        match chosen(&rows, pick / 4).filter(|_| !pick.is_multiple_of(4)) {
            Some(row) => row.id,
            None => self.target(tenant, sort, pick),
        }
    }

    /// The rows of the first page, as the store in memory has them.
    pub(super) async fn rows(&self, scope: &TenantScope, select: &Select) -> Vec<Row> {
        let upkeep = self.upkeep(scope.tenant());
        self.memory.query(&upkeep, select).await.expect("the store in memory answers").rows
    }

    pub(super) async fn row(&self, tenant: TenantId, object: &'static Object, id: Uuid) -> Option<Row> {
        let rows = self.memory.get(&self.upkeep(tenant), object, &[id]).await;
        rows.expect("the store in memory answers").pop()
    }

    async fn version(&self, scope: &TenantScope, sort: Sort, id: Uuid, pick: u8) -> Option<i64> {
        let version = self.row(scope.tenant(), object_of(sort), id).await.map_or(1, |row| row.version);
        match pick % 8 {
            0 => Some(version - 1),
            1 => Some(version + 1),
            2 | 3 => Some(version),
            _ => None,
        }
    }

    async fn stages(&self, scope: &TenantScope) -> Vec<Stage> {
        let upkeep = self.upkeep(scope.tenant());
        let pipeline = self.crm.pipelines(&upkeep).get(Pipeline::of(scope.tenant())).await;
        pipeline.expect("the tenant has a pipeline").data.stages.0
    }
}

/// One of several.
pub(super) fn chosen<T>(of: &[T], pick: u16) -> Option<&T> {
    of.get(usize::from(pick).checked_rem(of.len())?)
}

pub(super) fn object_of(sort: Sort) -> &'static Object {
    entity_of!(sort, T => T::object())
}

pub(super) fn key((key, content): (u8, u8)) -> Once {
    Once { key: Uuid::from_u128(u128::from(key)), content: Uuid::from_u128(u128::from(content)) }
}

/// Everything of a tenant that can be read, part by part.
pub(super) async fn everything(store: &dyn Store, scope: &TenantScope) -> Vec<(&'static str, Answer)> {
    let mut all = Vec::new();
    for object in objects() {
        let mut select = Select { sort: vec![(Key::Id, Direction::Ascending)], ..every(object) };
        loop {
            let page = store.query(scope, &select).await;
            let next = page.as_ref().ok().filter(|page| page.more).and_then(|page| page.rows.last().cloned());
            all.push((object.name, super::answer::told(page, |_| Vec::new())));
            let place = next.map(|last| select.position(&last));
            // A store that errs may not move on.
            if place.is_none() || place == select.after {
                break;
            }
            select.after = place;
        }
    }
    let counters = store.counters(scope, &crate::CounterQuery::of(&counters())).await;
    all.push(("counters", super::answer::told(counters, |_| Vec::new())));
    let mut after = 0;
    loop {
        let events = store.events(scope, &EventQuery { after, ..EventQuery::default() }).await;
        let last = events.as_ref().ok().and_then(|events| events.last()).map(|event| event.seq);
        all.push(("events", super::answer::told(events, |_| Vec::new())));
        let Some(last) = last.filter(|last| *last > after) else { break };
        after = last;
    }
    all
}

/// The batch that founds a tenant of the history.
pub(super) fn founding(tenant: TenantId, at: DateTime<Utc>) -> Batch {
    Draft::founding_of(tenant, at).build()
}
