//! A change in the making: the batch that will be committed, and the reads that it rests on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    Batch, Bound, Calendar, Change, Committed, CounterQuery, Counters, Direction, Entity, Error, EventDraft,
    EventKind, Expect, Faults, Filter, Id, Key, MAX_PAGE, Object, Once, Past, Pipeline, Query, Record,
    Result, Row, Rules, Select, Settings, Sums, TenantScope, Value, Visibility, Write, crm::Handle, event,
    normalize, objects, permission, permission::Action, value::tame_time,
};

/// A batch in the making. The rules of an entity read through it and add to it.
#[derive(Debug)]
pub struct Plan<'a> {
    handle: Handle<'a>,
    scope: &'a TenantScope,
    now: DateTime<Utc>,
    changes: Vec<Change>,
    sums: Sums,
    bounds: Vec<Bound>,
    pipeline: Option<Pipeline>,
    calendar: Option<Calendar>,
    after: Option<i64>,
}

/// A record in the making, with what is wrong about it.
struct Draft<T: Entity> {
    record: Record<T>,
    row: Row,
    faults: Faults,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(handle: Handle<'a>, scope: &'a TenantScope) -> Self {
        Self {
            handle,
            scope,
            now: handle.now(),
            changes: Vec::new(),
            sums: Sums::default(),
            bounds: Vec::new(),
            pipeline: None,
            calendar: None,
            after: None,
        }
    }

    /// Who acts where.
    pub fn scope(&self) -> &'a TenantScope {
        self.scope
    }

    /// The time of the change.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// A live record.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub async fn get<T: Entity>(&self, id: Id<T>) -> Result<Record<T>> {
        read(self.handle, self.scope, id)
            .await?
            .filter(|record| record.deleted_at.is_none())
            .ok_or(not_found::<T>())
    }

    /// The first page of a list.
    ///
    /// # Errors
    /// Whatever the query or the store objects to.
    pub async fn list<T: Entity>(&self, query: Query<T>) -> Result<Vec<Record<T>>> {
        let rows = self.handle.store.query(self.scope, &query.resolve(self.scope)?).await?;
        rows.rows.into_iter().map(Record::from_row).collect()
    }

    /// Counters.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn counters(&self, query: &CounterQuery) -> Result<Counters> {
        self.handle.store.counters(self.scope, query).await
    }

    /// The tenant's pipeline. The batch holds only while it stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the tenant does not exist.
    pub async fn pipeline(&mut self) -> Result<Pipeline> {
        if let Some(pipeline) = &self.pipeline {
            return Ok(pipeline.clone());
        }
        let record = self.standing(Pipeline::of(self.scope.tenant())).await?;
        self.pipeline = Some(record.data.clone());
        Ok(record.data)
    }

    /// The tenant's calendar. The batch holds only while the settings stay as they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the tenant does not exist.
    pub async fn calendar(&mut self) -> Result<Calendar> {
        if let Some(calendar) = self.calendar {
            return Ok(calendar);
        }
        let calendar = self.standing(Settings::of(self.scope.tenant())).await?.calendar();
        self.calendar = Some(calendar);
        self.sums.turn_to(calendar);
        Ok(calendar)
    }

    /// A record that each tenant has one of, which the batch holds.
    async fn standing<T: Entity>(&mut self, id: Id<T>) -> Result<Record<T>> {
        let (tenant, object) = (self.scope.tenant(), T::object().name);
        let record = match self.handle.standing(tenant, object) {
            Some(row) => Record::from_row(row)?,
            None => {
                let record = match self.get(id).await {
                    Err(Error::NotFound { .. }) => return Err(Error::NotFound { what: "tenant" }),
                    record => record?,
                };
                self.handle.keep_standing(tenant, object, &record.to_row());
                record
            }
        };
        self.hold(&record);
        Ok(record)
    }

    /// Turns the counters that are kept by day from one calendar to another, from all rows there are. The batch holds
    /// only if nothing happens in the tenant meanwhile.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub(crate) async fn count_anew(&mut self, from: Calendar, to: Calendar) -> Result<()> {
        self.after = Some(self.counters(&CounterQuery::of(&[])).await?.as_of);
        for object in objects().into_iter().filter(|object| object.by_day) {
            let mut select = Select {
                object,
                filter: Filter::All(Vec::new()),
                sort: vec![(Key::Id, Direction::Ascending)],
                after: None,
                limit: MAX_PAGE,
                visibility: Visibility::Live,
            };
            loop {
                let page = self.handle.store.query(self.scope, &select).await?;
                self.sums.turn_to(from);
                page.rows.iter().for_each(|row| self.sums.subtract(object, row));
                self.sums.turn_to(to);
                page.rows.iter().for_each(|row| self.sums.add(object, row));
                let Some(last) = page.rows.last().filter(|_| page.more) else { break };
                select.after = Some(select.position(last));
            }
        }
        Ok(())
    }

    /// The batch holds only while this record stays as it is.
    pub fn hold<T: Entity>(&mut self, record: &Record<T>) {
        self.changes.push(Change {
            object: T::object(),
            id: record.id.uuid(),
            expect: Expect::Version(record.version),
            write: Write::Check,
        });
    }

    /// The batch never holds: no record has this version.
    pub(crate) fn fail(&mut self, object: &'static Object) {
        let (id, expect) = (Uuid::nil(), Expect::Version(0));
        self.changes.push(Change { object, id, expect, write: Write::Check });
    }

    /// Changes another record along with this one, without asking its rules.
    ///
    /// # Errors
    /// None today.
    pub fn replace<T: Entity>(&mut self, before: Record<T>, data: T) -> Result<()> {
        let mut after = before.clone();
        after.data = data;
        self.put::<T>(Some(&before.to_row()), after.to_row(), EventKind::Updated);
        Ok(())
    }

    /// Marks a record as changed, so that nobody else can change it, or do the same, at the same time.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such live record.
    pub async fn touch<T: Entity>(&mut self, id: Id<T>) -> Result<()> {
        if !self.writes(T::object(), id.uuid()) {
            let row = self.get(id).await?.to_row();
            self.write::<T>(Some(&row), row.clone(), EventKind::Updated);
        }
        Ok(())
    }

    /// Requires a counter to lie within bounds after the commit.
    pub fn bound(&mut self, name: &'static str, key: &str, at_least: i64, at_most: i64, rule: &'static str) {
        self.bounds.push(Bound { name, key: key.to_owned(), at_least, at_most, rule });
    }

    /// Puts a row, unless it is as it was.
    fn put<T: Entity>(&mut self, before: Option<&Row>, after: Row, kind: EventKind) -> bool {
        let same = kind == EventKind::Updated && before.is_some_and(|before| before.values == after.values);
        if !same {
            self.write::<T>(before, after, kind);
        }
        !same
    }

    fn write<T: Entity>(&mut self, before: Option<&Row>, mut row: Row, kind: EventKind) {
        let object = T::object();
        row.version = before.map_or(1, |before| before.version + 1);
        row.updated_at = self.now;
        if let Some(before) = before {
            self.sums.subtract(object, before);
        }
        self.sums.add(object, &row);
        let search = object.is_searchable().then(|| object.search_text(&row.values));
        let search =
            search.filter(|text| before.is_none_or(|before| object.search_text(&before.values) != *text));
        let event = EventDraft { kind, changes: event::differences(object, before, &row) };
        self.changes.push(Change {
            object,
            id: row.id,
            expect: before.map_or(Expect::Absent, |before| Expect::Version(before.version)),
            write: Write::Put { row: Box::new(row), search, event },
        });
    }

    /// A new record of this data, by all rules. Faults are noted in `faults`, and then nothing is added.
    pub(crate) async fn create<T: Entity>(
        &mut self,
        id: Option<Uuid>,
        values: Vec<Value>,
        faults: Faults,
        past: Past,
    ) -> Result<Record<T>> {
        permission::check(self.scope, Action::Create, T::object(), None)?;
        let context = self.context::<T>().await?;
        let mut drafts = [self.draft::<T>(id, None, values, &context, faults, past)];
        self.look_up(None, &mut drafts).await?;
        let [Draft { record, row, faults }] = drafts;
        faults.into_result()?;
        T::guard(self, None, Some(&record)).await?;
        self.put::<T>(None, row, EventKind::Created);
        Ok(record)
    }

    /// Many new records at once, or every fault of each.
    pub(crate) async fn create_many<T: Entity>(
        &mut self,
        all: impl Iterator<Item = (&T, Past)>,
    ) -> Result<Vec<Record<T>>> {
        permission::check(self.scope, Action::Create, T::object(), None)?;
        let context = self.context::<T>().await?;
        let draft = |(data, past): (&T, Past)| {
            self.draft::<T>(None, None, data.to_values(), &context, Faults::default(), past)
        };
        let mut drafts: Vec<Draft<T>> = all.map(draft).collect();
        self.look_up(None, &mut drafts).await?;
        let faults = drafts.iter().enumerate().map(|(index, draft)| draft.faults.under(index));
        Faults::of(faults.flatten()).into_result()?;
        let mut records = Vec::with_capacity(drafts.len());
        for Draft { record, row, .. } in drafts {
            T::guard(self, None, Some(&record)).await?;
            self.put::<T>(None, row, EventKind::Created);
            records.push(record);
        }
        Ok(records)
    }

    /// An existing record with other data, by all rules. Whether anything changed comes with it.
    pub(crate) async fn update<T: Entity>(
        &mut self,
        before: &Record<T>,
        values: Vec<Value>,
        faults: Faults,
    ) -> Result<(Record<T>, bool)> {
        self.revise(before, values, faults, EventKind::Updated).await
    }

    /// A deleted record, live again, by all rules.
    pub(crate) async fn restore<T: Entity>(&mut self, before: &Record<T>) -> Result<Record<T>> {
        let values = before.data.to_values();
        Ok(self.revise(before, values, Faults::default(), EventKind::Restored).await?.0)
    }

    async fn revise<T: Entity>(
        &mut self,
        before: &Record<T>,
        values: Vec<Value>,
        faults: Faults,
        kind: EventKind,
    ) -> Result<(Record<T>, bool)> {
        let old = before.to_row();
        let action = if kind == EventKind::Restored { Action::Restore } else { Action::Update };
        permission::check(self.scope, action, T::object(), Some(&old))?;
        let context = self.context::<T>().await?;
        let mut drafts = [self.draft::<T>(None, Some(before), values, &context, faults, Past::default())];
        self.look_up(Some(&old), &mut drafts).await?;
        let [Draft { record: mut after, mut row, faults }] = drafts;
        faults.into_result()?;
        (after.deleted_at, row.deleted_at) = (None, None);
        T::guard(self, Some(before), Some(&after)).await?;
        let changed = self.put::<T>(Some(&old), row, kind);
        if changed {
            after.version = before.version + 1;
            after.updated_at = self.now;
        }
        Ok((after, changed))
    }

    /// A record that is deleted.
    pub(crate) async fn delete<T: Entity>(&mut self, before: &Record<T>) -> Result<()> {
        let old = before.to_row();
        permission::check(self.scope, Action::Delete, T::object(), Some(&old))?;
        if T::object().by_day {
            self.calendar().await?;
        }
        T::guard(self, Some(before), None).await?;
        let after = Row { deleted_at: Some(self.now), ..old.clone() };
        self.put::<T>(Some(&old), after, EventKind::Deleted);
        Ok(())
    }

    /// What the rules of an entity need, and what counting its records needs.
    async fn context<T: Entity>(&mut self) -> Result<T::Context> {
        if T::object().by_day {
            self.calendar().await?;
        }
        T::context(self).await
    }

    fn draft<T: Entity>(
        &self,
        id: Option<Uuid>,
        before: Option<&Record<T>>,
        mut values: Vec<Value>,
        context: &T::Context,
        mut faults: Faults,
        mut past: Past,
    ) -> Draft<T> {
        let object = T::object();
        for (name, at) in [("created_at", &mut past.created_at), ("closed_at", &mut past.closed_at)] {
            let tame = at.and_then(tame_time);
            if at.is_some() && tame.is_none() {
                faults.field(name, "out_of_range", "must be of the years 1 to 9999");
            }
            *at = tame;
        }
        let rules = Rules { now: self.now, scope: self.scope, before, context, past };
        // The rules fill in first what the writer may leave out, so that only what is still missing is a fault.
        let mut data = lenient::<T>(&mut values);
        data.fill(&rules);
        let mut values = data.to_values();
        normalize::check(object, &mut values, &mut faults);
        let data = lenient::<T>(&mut values);
        data.check(&rules, &mut faults);
        if past.created_at.is_some_and(|created_at| created_at > self.now) {
            faults.field("created_at", "in_the_future", "must not be in the future");
        }
        let managed = data.manage(&rules);
        let record = match before {
            Some(before) => Record { data, managed, ..before.clone() },
            None => Record {
                id: Id::from_uuid(id.unwrap_or_else(|| self.handle.new_id(self.now))),
                version: 1,
                created_at: past.created_at.unwrap_or(self.now),
                updated_at: self.now,
                created_by: self.scope.actor().user_id().map(Id::uuid),
                deleted_at: None,
                number: None,
                managed,
                data,
            },
        };
        Draft { row: record.to_row(), record, faults }
    }

    /// Looks up, once per kind, everything that the drafts refer to anew; what is not there is a fault of its draft.
    /// A reference that was there before stays allowed, so that a record can be edited after its owner has left.
    async fn look_up<T: Entity>(&self, before: Option<&Row>, drafts: &mut [Draft<T>]) -> Result<()> {
        for (index, target) in T::object().references() {
            let kept = before.and_then(|before| before.values.get(index));
            let wanted = |draft: &Draft<T>| match draft.row.values.get(index) {
                Some(Value::Id(id)) if draft.row.values.get(index) != kept => Some(*id),
                _ => None,
            };
            let mut ids: Vec<Uuid> = drafts.iter().filter_map(wanted).collect();
            ids.sort_unstable();
            ids.dedup();
            let mut known: HashSet<Uuid> =
                ids.iter().copied().filter(|id| self.writes(target, *id)).collect();
            ids.retain(|id| !known.contains(id));
            for ids in ids.chunks(crate::store::MAX_IDS) {
                let found = self.handle.store.get(self.scope, target, ids).await?;
                known.extend(found.into_iter().filter(|row| row.deleted_at.is_none()).map(|row| row.id));
            }
            for draft in &mut *drafts {
                if wanted(draft).is_some_and(|id| !known.contains(&id)) {
                    let detail = format!("refers to no {} of this tenant", target.singular);
                    draft.faults.field(T::object().public_name(index), "unknown_reference", detail);
                }
            }
        }
        Ok(())
    }

    /// Whether the batch stores this record.
    fn writes(&self, object: &Object, id: Uuid) -> bool {
        self.puts(object).any(|row| row.id == id)
    }

    fn puts<'p>(&'p self, object: &'p Object) -> impl Iterator<Item = &'p Row> {
        self.changes.iter().filter(move |change| change.object == object).filter_map(|change| {
            match &change.write {
                Write::Put { row, .. } => Some(&**row),
                Write::Check => None,
            }
        })
    }

    /// The records of this kind that the batch stores so far.
    ///
    /// # Errors
    /// None, unless the entity and its descriptor disagree.
    pub fn pending<T: Entity>(&self) -> Result<Vec<Record<T>>> {
        self.puts(T::object()).cloned().map(Record::from_row).collect()
    }

    /// Whether there is anything to commit.
    pub(crate) fn is_empty(&self) -> bool {
        !self.changes.iter().any(|change| matches!(change.write, Write::Put { .. }))
    }

    /// The batch, which does not hold it to a key yet.
    pub(crate) fn into_batch(self) -> Result<Batch> {
        Ok(Batch {
            once: None,
            founds_tenant: false,
            after: self.after,
            at: self.now,
            changes: self.changes,
            counters: self.sums.deltas()?,
            bounds: self.bounds,
        })
    }

    /// Commits the batch, under a key if there is one.
    pub(crate) async fn commit(self, once: Option<Once>) -> Result<Committed> {
        let (handle, scope) = (self.handle, self.scope);
        let batch = Batch { once, ..self.into_batch()? };
        let standing = [Settings::object(), Pipeline::object()];
        let moves = batch
            .changes
            .iter()
            .any(|change| standing.contains(&change.object) && matches!(change.write, Write::Put { .. }));
        let done = handle.commit(scope, batch).await;
        if moves {
            handle.forget_standing(scope.tenant());
        }
        done
    }
}

pub(crate) fn not_found<T: Entity>() -> Error {
    Error::NotFound { what: T::object().singular }
}

/// A record, live or deleted.
pub(crate) async fn read<T: Entity>(
    handle: Handle<'_>,
    scope: &TenantScope,
    id: Id<T>,
) -> Result<Option<Record<T>>> {
    let rows = handle.store.get(scope, T::object(), &[id.uuid()]).await?;
    rows.into_iter().next().map(Record::from_row).transpose()
}

/// The data of these values; where one does not fit, such as nothing where there must be something, the default
/// stands in, so that the remaining rules can be checked as well. The misfit itself is a fault already.
fn lenient<T: Entity>(values: &mut [Value]) -> T {
    let defaults = T::default().to_values();
    loop {
        match T::from_values(values) {
            Ok(data) => return data,
            Err(_) => {
                let mut replaced = false;
                for (index, default) in defaults.iter().enumerate() {
                    let mut single = defaults.clone();
                    if let (Some(slot), Some(value)) = (single.get_mut(index), values.get_mut(index)) {
                        slot.clone_from(value);
                        if T::from_values(&single).is_err() {
                            value.clone_from(default);
                            replaced = true;
                        }
                    }
                }
                if !replaced {
                    return T::default();
                }
            }
        }
    }
}
