//! A store in memory: for tests of host programs, and the oracle that other stores are compared with.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    Batch, Capabilities, Change, Committed, Conflict, Counter, CounterQuery, Counters, Delta, Error, Event,
    EventKind, EventQuery, Expect, Filter, Intake, Object, Result, Row, Rows, Select, Store, TenantId,
    TenantScope, Value, Visibility, Write, counter::overflow, event::MAX_EVENTS, objects,
};

/// A store that forgets everything when it is dropped. It has no index, and looks at every record of a tenant for
/// every list.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tenants: Mutex<HashMap<TenantId, Tenant>>,
}

#[derive(Debug, Default)]
struct Tenant {
    records: HashMap<&'static str, BTreeMap<Uuid, Stored>>,
    /// The holder of each unique value.
    unique: HashMap<Claim, Uuid>,
    counters: BTreeMap<(String, String), i64>,
    numbers: HashMap<&'static str, i64>,
    events: Vec<Event>,
    once: HashMap<Uuid, (Uuid, Committed)>,
}

/// A unique value: object, field, value.
type Claim = (&'static str, usize, String);

#[derive(Clone, Debug)]
struct Stored {
    row: Row,
    search: String,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Tenant>> {
        // A panic elsewhere leaves no half-done commit: they are undone before the lock is given back.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<R: Default>(&self, scope: &TenantScope, read: impl FnOnce(&Tenant) -> R) -> R {
        self.tenants().get(&scope.tenant()).map(read).unwrap_or_default()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: false }
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        let mut tenants = self.tenants();
        if batch.founds_tenant {
            if tenants.contains_key(&scope.tenant()) {
                return Err(Error::Conflict(Conflict::Tenant));
            }
            let mut tenant = Tenant::default();
            let committed = tenant.commit(scope, batch)?;
            tenants.insert(scope.tenant(), tenant);
            return Ok(committed);
        }
        let tenant = tenants.get_mut(&scope.tenant()).ok_or(Error::NotFound { what: "tenant" })?;
        tenant.commit(scope, batch)
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        Ok(self.read(scope, |tenant| {
            let records = tenant.records.get(object.name);
            let stored = |id| records.and_then(|records| records.get(id)).map(|stored| stored.row.clone());
            ids.iter().filter_map(stored).collect()
        }))
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        let limit = usize::try_from(select.limit).unwrap_or(usize::MAX);
        Ok(self.read(scope, |tenant| {
            let mut rows: Vec<Row> = tenant
                .matching(select.object, &select.filter, select.visibility)
                .filter(|row| select.after.as_ref().is_none_or(|after| select.order_at(row, after).is_gt()))
                .cloned()
                .collect();
            rows.sort_by(|a, b| select.order(a, b));
            let more = rows.len() > limit;
            rows.truncate(limit);
            Rows { rows, more }
        }))
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        Ok(self.read(scope, |tenant| tenant.matching(object, filter, visibility).count() as u64))
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        Ok(self.read(scope, |tenant| {
            let all = tenant.counters.iter().filter(|((name, key), _)| query.matches(name, key));
            let counter = |((name, key), value): (&(String, String), &i64)| Counter {
                name: name.clone(),
                key: key.clone(),
                value: *value,
            };
            Counters { as_of: tenant.head(), counters: all.map(counter).collect() }
        }))
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        let limit = query.limit.min(MAX_EVENTS) as usize;
        Ok(self.read(scope, |tenant| {
            let matching = |event: &&Event| query.matches(event);
            if query.newest_first {
                tenant.events.iter().rev().filter(matching).take(limit).cloned().collect()
            } else {
                tenant.events.iter().filter(matching).take(limit).cloned().collect()
            }
        }))
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let mut tenants = self.tenants();
        let gone = || Error::NotFound { what: object.singular };
        tenants.get_mut(&scope.tenant()).ok_or_else(gone)?.erase(scope, object, id, at)
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        let mut tenants = self.tenants();
        if !intake.founds_tenant {
            let tenant = tenants.get_mut(&scope.tenant()).ok_or(Error::NotFound { what: "tenant" })?;
            return tenant.take_in(&intake);
        }
        if tenants.contains_key(&scope.tenant()) {
            return Err(Error::Conflict(Conflict::Tenant));
        }
        let mut tenant = Tenant::default();
        tenant.take_in(&intake)?;
        tenants.insert(scope.tenant(), tenant);
        Ok(())
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.tenants().remove(&scope.tenant());
        Ok(())
    }
}

impl Tenant {
    fn head(&self) -> i64 {
        self.events.last().map_or(0, |event| event.seq)
    }

    fn matching<'a>(
        &'a self,
        object: &Object,
        filter: &'a Filter,
        visibility: Visibility,
    ) -> impl Iterator<Item = &'a Row> {
        let records = self.records.get(object.name).into_iter().flat_map(BTreeMap::values);
        records
            .filter(move |stored| {
                visibility.admits(&stored.row) && filter.matches(&stored.row, &stored.search)
            })
            .map(|stored| &stored.row)
    }

    fn commit(&mut self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        let known = batch.once.and_then(|once| Some((once, self.once.get(&once.key)?)));
        if let Some((once, (content, first))) = known {
            if *content != once.content {
                return Err(Error::Conflict(Conflict::Once));
            }
            return Ok(Committed { replayed: true, ..first.clone() });
        }
        if batch.after.is_some_and(|after| after != self.head()) {
            return Err(Error::Conflict(Conflict::Log));
        }
        let mut undo = self.undoing();
        match self.apply(scope, &batch, &mut undo) {
            Ok(numbers) => {
                let first = i64::try_from(undo.events).unwrap_or(i64::MAX) + 1;
                let committed = Committed { first, last: self.head(), numbers, replayed: false };
                if let Some(once) = batch.once {
                    self.once.insert(once.key, (once.content, committed.clone()));
                }
                Ok(committed)
            }
            Err(error) => {
                self.undo(undo);
                Err(error)
            }
        }
    }

    fn apply(&mut self, scope: &TenantScope, batch: &Batch, undo: &mut Undo) -> Result<Vec<i64>> {
        let mut numbers = Vec::new();
        for change in &batch.changes {
            numbers.extend(self.change(scope, batch.at, change, undo)?);
        }
        self.count(&batch.counters, undo)?;
        for bound in &batch.bounds {
            let name = (bound.name.to_owned(), bound.key.clone());
            let value = self.counters.get(&name).copied().unwrap_or(0);
            if !(bound.at_least..=bound.at_most).contains(&value) {
                return Err(Error::Conflict(Conflict::Rule(bound.rule)));
            }
        }
        Ok(numbers)
    }

    fn count(&mut self, deltas: &[Delta], undo: &mut Undo) -> Result<()> {
        for delta in deltas {
            let name = (delta.name.to_owned(), delta.key.clone());
            let before = self.counters.get(&name).copied();
            let after = before.unwrap_or(0).checked_add(delta.by).ok_or_else(overflow)?;
            undo.counters.push((name.clone(), before));
            self.set_counter(name, Some(after));
        }
        Ok(())
    }

    fn take_in(&mut self, intake: &Intake) -> Result<()> {
        let mut undo = self.undoing();
        let done = self.receive(intake, &mut undo);
        if done.is_err() {
            self.undo(undo);
        }
        done
    }

    fn receive(&mut self, intake: &Intake, undo: &mut Undo) -> Result<()> {
        for (object, row) in &intake.rows {
            if self.records.get(object.name).is_some_and(|records| records.contains_key(&row.id)) {
                return Err(Error::Conflict(Conflict::Version { object: object.name }));
            }
            let search = object.is_searchable().then(|| object.search_text(&row.values));
            self.place(object, None, row.clone(), search, undo)?;
        }
        for event in &intake.events {
            if event.seq != self.head() + 1 {
                return Err(Error::Conflict(Conflict::Log));
            }
            self.events.push(event.clone());
        }
        self.count(&intake.counters, undo)?;
        for (object, number) in &intake.numbers {
            let last = self.numbers.entry(object.name).or_default();
            *last = (*last).max(*number);
        }
        Ok(())
    }

    fn undoing(&self) -> Undo {
        Undo { numbers: self.numbers.clone(), events: self.events.len(), ..Undo::default() }
    }

    fn set_counter(&mut self, name: (String, String), value: Option<i64>) {
        match value {
            Some(value) if value != 0 => self.counters.insert(name, value),
            _ => self.counters.remove(&name),
        };
    }

    fn change(
        &mut self,
        scope: &TenantScope,
        at: DateTime<Utc>,
        change: &Change,
        undo: &mut Undo,
    ) -> Result<Option<i64>> {
        let object = change.object;
        let stored = self.records.get(object.name).and_then(|records| records.get(&change.id)).cloned();
        let expected = match change.expect {
            Expect::Absent => stored.is_none(),
            Expect::Version(version) => stored.as_ref().is_some_and(|stored| stored.row.version == version),
        };
        if !expected {
            return Err(Error::Conflict(Conflict::Version { object: object.name }));
        }
        let Write::Put { row, search, event } = &change.write else { return Ok(None) };
        let mut row = Row::clone(row);
        let mut given = None;
        if stored.is_none() && row.number.is_none() && object.series.is_some() {
            let number = self.numbers.entry(object.name).or_default();
            *number += 1;
            row.number = Some(*number);
            given = row.number;
        }
        let version = row.version;
        self.place(object, stored, row, search.clone(), undo)?;
        self.events.push(Event {
            seq: self.head() + 1,
            at,
            actor: scope.actor().id().to_owned(),
            actor_type: scope.actor().kind(),
            request_id: scope.actor().request(),
            object: object.name.to_owned(),
            record_id: change.id,
            version,
            kind: event.kind,
            changes: event.changes.clone(),
        });
        Ok(given)
    }

    /// Stores a row, instead of the one that is there; its search text stays unless there is another.
    fn place(
        &mut self,
        object: &'static Object,
        stored: Option<Stored>,
        row: Row,
        search: Option<String>,
        undo: &mut Undo,
    ) -> Result<()> {
        self.claim_unique(object, stored.as_ref().map(|stored| &stored.row), &row, undo)?;
        for (index, target) in object.references() {
            let Some(Value::Id(id)) = row.values.get(index) else { continue };
            if !self.records.get(target.name).is_some_and(|records| records.contains_key(id)) {
                let field = object.public_name(index);
                return Err(Error::Conflict(Conflict::Reference { object: object.name, field }));
            }
        }
        let search = search.or_else(|| stored.as_ref().map(|stored| stored.search.clone()));
        let id = row.id;
        undo.records.push((object.name, id, stored));
        let stored = Stored { row, search: search.unwrap_or_default() };
        self.records.entry(object.name).or_default().insert(id, stored);
        Ok(())
    }

    fn claim_unique(
        &mut self,
        object: &'static Object,
        before: Option<&Row>,
        after: &Row,
        undo: &mut Undo,
    ) -> Result<()> {
        for index in object.unique_fields() {
            let claim = |row: &Row| {
                let live = row.deleted_at.is_none();
                let value = row.values.get(index).filter(|value| live && !value.is_null())?;
                Some((object.name, index, value.to_json().to_string()))
            };
            let (old, new) = (before.and_then(claim), claim(after));
            if old == new {
                continue;
            }
            if new.as_ref().is_some_and(|new| self.unique.contains_key(new)) {
                let field = object.public_name(index);
                return Err(Error::Conflict(Conflict::Unique { object: object.name, field }));
            }
            for (key, holder) in [(old, None), (new, Some(after.id))] {
                let Some(key) = key else { continue };
                undo.unique.push((key.clone(), self.unique.get(&key).copied()));
                set(&mut self.unique, key, holder);
            }
        }
        Ok(())
    }

    fn undo(&mut self, undo: Undo) {
        for (object, id, before) in undo.records.into_iter().rev() {
            let records = self.records.entry(object).or_default();
            match before {
                Some(before) => records.insert(id, before),
                None => records.remove(&id),
            };
        }
        for (key, holder) in undo.unique.into_iter().rev() {
            set(&mut self.unique, key, holder);
        }
        for (name, value) in undo.counters.into_iter().rev() {
            self.set_counter(name, value);
        }
        self.events.truncate(undo.events);
        self.numbers = undo.numbers;
    }

    fn erase(
        &mut self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let stored = self.records.get(object.name).and_then(|records| records.get(&id));
        let stored = stored.ok_or(Error::NotFound { what: object.singular })?;
        if stored.row.deleted_at.is_none() {
            return Err(Error::Conflict(Conflict::Rule("a live record cannot be erased; delete it first")));
        }
        let version = stored.row.version + 1;
        for holder in objects() {
            for (index, _) in holder.references().filter(|(_, target)| *target == object) {
                let mut rows = self.records.get(holder.name).into_iter().flat_map(BTreeMap::values);
                if rows.any(|stored| stored.row.values.get(index) == Some(&Value::Id(id))) {
                    let field = holder.public_name(index);
                    return Err(Error::Conflict(Conflict::Reference { object: holder.name, field }));
                }
            }
        }
        if let Some(records) = self.records.get_mut(object.name) {
            records.remove(&id);
        }
        for event in &mut self.events {
            if event.object == object.name && event.record_id == id {
                for change in &mut event.changes {
                    (change.old, change.new) = (Json::Null, Json::Null);
                }
            }
        }
        self.events.push(Event {
            seq: self.head() + 1,
            at,
            actor: scope.actor().id().to_owned(),
            actor_type: scope.actor().kind(),
            request_id: scope.actor().request(),
            object: object.name.to_owned(),
            record_id: id,
            version,
            kind: EventKind::Erased,
            changes: Vec::new(),
        });
        Ok(())
    }
}

fn set<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

/// What to put back if a batch fails half way.
#[derive(Default)]
struct Undo {
    records: Vec<(&'static str, Uuid, Option<Stored>)>,
    unique: Vec<(Claim, Option<Uuid>)>,
    counters: Vec<((String, String), Option<i64>)>,
    numbers: HashMap<&'static str, i64>,
    events: usize,
}
