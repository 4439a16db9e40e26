//! The records of one kind in one tenant: everything that can be done with them.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{
    Committed, Conflict, CounterQuery, Customer, Entity, Error, Event, EventKind, EventQuery, Faults, Fields,
    Filter, Id, Lead, Once, Page, Past, Plan, Query, Record, Result, TenantScope, Visibility,
    crm::Handle,
    cursor, event, normalize,
    permission::{self, Action},
    plan::{not_found, read},
};

/// How often a change is computed anew when others change the same record meanwhile.
const ATTEMPTS: u32 = 16;

/// Tries a change, and computes it anew while others are faster. A caller that expects a version wants one try.
macro_rules! attempts {
    ($own:expr, $expected:expr, $change:block) => {{
        // What the tenant's changes rest on may have changed, which is no reason to refuse this one.
        let mut left = if $expected.is_some() { 1 } else { ATTEMPTS };
        let tenant = $own.scope.tenant();
        // And what is kept of that may be old, which is no reason either.
        let mut kept = $own.handle.has_standing(tenant);
        loop {
            let outcome: Result<_> = async { $change }.await;
            match outcome {
                Err(error) if error.is_stale() && left > 0 => {
                    left -= 1;
                    $own.handle.forget_standing(tenant);
                }
                Err(Error::Invalid { .. }) if kept => {
                    kept = false;
                    $own.handle.forget_standing(tenant);
                }
                outcome => break outcome,
            }
        }
    }};
}

/// The records of one kind, as one actor may use them in one tenant.
#[derive(Debug)]
pub struct Records<'a, T> {
    handle: Handle<'a>,
    scope: &'a TenantScope,
    once: Option<Once>,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: Entity> Records<'a, T> {
    pub(crate) fn new(handle: Handle<'a>, scope: &'a TenantScope) -> Self {
        Self { handle, scope, once: None, of: PhantomData }
    }

    pub(crate) fn handle(&self) -> Handle<'a> {
        self.handle
    }

    pub(crate) fn scope(&self) -> &'a TenantScope {
        self.scope
    }

    /// Lets the next create or conversion have its effect once under this key, however often it is tried: later tries
    /// change nothing. A create then answers with what the first one made, as it was then; a conversion with the lead
    /// and the customer as they are now.
    #[must_use]
    pub fn once(mut self, once: Once) -> Self {
        self.once = Some(once);
        self
    }

    /// Makes a record.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every broken rule, [`Error::Forbidden`], [`Error::Conflict`] if a unique value is
    /// taken, [`Error::NotFound`] if the tenant does not exist.
    pub async fn create(&self, data: T) -> Result<Record<T>> {
        Ok(self.create_from(&data.to_values(), Faults::default()).await?.record)
    }

    /// Makes a record from a JSON object. What it leaves out takes its default.
    ///
    /// # Errors
    /// As [`create`](Self::create); unknown fields, read-only fields and wrong types are broken rules as well.
    pub async fn create_json(&self, input: &Map<String, Json>) -> Result<Created<T>> {
        self.create_json_on(T::default(), input).await
    }

    /// The same where what it leaves out is as in `base`, such as what no client may set.
    ///
    /// # Errors
    /// As [`create_json`](Self::create_json).
    pub async fn create_json_on(&self, base: T, input: &Map<String, Json>) -> Result<Created<T>> {
        let mut values = base.to_values();
        let mut faults = Faults::default();
        normalize::overlay(T::object(), &mut values, input, &mut faults);
        self.create_from(&values, faults).await
    }

    async fn create_from(&self, values: &[crate::Value], faults: Faults) -> Result<Created<T>> {
        attempts!(self, None::<i64>, {
            let mut plan = Plan::new(self.handle, self.scope);
            let mut record =
                match plan.create::<T>(None, values.to_vec(), faults.clone(), Past::default()).await {
                    Ok(record) => record,
                    // What the first try rested on may be gone by now; it is answered all the same.
                    Err(error) => match self.known(&error).await? {
                        Some(committed) => return self.replayed(&committed).await,
                        None => return Err(error),
                    },
                };
            let committed = plan.commit(self.once).await?;
            if committed.replayed {
                return self.replayed(&committed).await;
            }
            record.number = committed.numbers.first().copied();
            T::committed(self.handle, self.scope.tenant(), &record).await?;
            Ok(Created { record, replayed: false })
        })
    }

    /// Makes many records at once, all or none, in one commit. They get their numbers in order.
    ///
    /// # Errors
    /// As [`create`](Self::create); the pointers of [`Error::Invalid`] begin with the index of the record.
    pub async fn create_many(&self, all: Vec<T>) -> Result<Vec<Record<T>>> {
        self.make_many(&all, |all| all.iter().map(|data| (data, Past::default())).collect()).await
    }

    /// Brings in records from another system, with what happened to them there, all or none, in one commit. In the log
    /// they are made now; in lists and figures, when they were.
    ///
    /// # Errors
    /// As [`create_many`](Self::create_many); [`Error::Forbidden`] for whoever may not import.
    pub async fn import_many(&self, all: Vec<(T, Past)>) -> Result<Vec<Record<T>>> {
        permission::check(self.scope, Action::Import, T::object(), None)?;
        self.make_many(&all, |all| all.iter().map(|(data, past)| (data, *past)).collect()).await
    }

    async fn make_many<I: Sync>(
        &self,
        all: &[I],
        read: impl for<'i> Fn(&'i [I]) -> Vec<(&'i T, Past)> + Send + Sync,
    ) -> Result<Vec<Record<T>>> {
        if all.is_empty() {
            return Ok(Vec::new());
        }
        attempts!(self, None::<i64>, {
            let mut plan = Plan::new(self.handle, self.scope);
            let mut records = match plan.create_many(read(all).into_iter()).await {
                Ok(records) => records,
                Err(error) => match self.known(&error).await? {
                    Some(committed) => return self.made_by(&committed).await,
                    None => return Err(error),
                },
            };
            let committed = plan.commit(self.once).await?;
            if committed.replayed {
                return self.made_by(&committed).await;
            }
            for (record, number) in records.iter_mut().zip(&committed.numbers) {
                record.number = Some(*number);
            }
            for record in &records {
                T::committed(self.handle, self.scope.tenant(), record).await?;
            }
            Ok(records)
        })
    }

    async fn replayed(&self, committed: &Committed) -> Result<Created<T>> {
        let made = self.made_by(committed).await?.into_iter().next();
        made.map(|record| Created { record, replayed: true }).ok_or(not_found::<T>())
    }

    /// What was committed before under the key, if anything was, for a try that fails by now. It is found out by a
    /// batch that cannot succeed, and so leaves no trace.
    async fn known(&self, error: &Error) -> Result<Option<Committed>> {
        let by_state = matches!(error, Error::Invalid { .. } | Error::NotFound { .. } | Error::Conflict(_));
        let Some(once) = self.once.filter(|_| by_state) else { return Ok(None) };
        let mut plan = Plan::new(self.handle, self.scope);
        plan.fail(T::object());
        match plan.commit(Some(once)).await {
            Ok(committed) => Ok(Some(committed)),
            Err(error @ Error::Conflict(Conflict::Once)) => Err(error),
            Err(Error::Conflict(_) | Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The records that a batch made, as it made them, in that order. Those that have been erased since are left out.
    async fn made_by(&self, committed: &Committed) -> Result<Vec<Record<T>>> {
        let mut made = Vec::new();
        let mut after = committed.first - 1;
        while after < committed.last {
            let query = EventQuery { after, before: Some(committed.last + 1), ..EventQuery::default() };
            let events = self.handle.store.events(self.scope, &query).await?;
            let Some(last) = events.last() else { break };
            after = last.seq;
            let own = |event: &Event| event.object == T::object().name && event.kind == EventKind::Created;
            made.extend(events.into_iter().filter(own));
        }
        let mut records = Vec::new();
        for made in made.chunks(crate::store::MAX_IDS) {
            let ids: Vec<Uuid> = made.iter().map(|event| event.record_id).collect();
            let rows = self.handle.store.get(self.scope, T::object(), &ids).await?;
            for event in made {
                if let Some(row) = rows.iter().find(|row| row.id == event.record_id) {
                    records.push(Record::from_row(event::first(T::object(), row, event))?);
                }
            }
        }
        Ok(records)
    }

    /// Checks a record by all rules without making it.
    ///
    /// # Errors
    /// As [`create`](Self::create), but for what only the commit can find out.
    pub async fn check(&self, data: T) -> Result<()> {
        self.check_import(data, Past::default()).await
    }

    /// Checks a record with its past by all rules without bringing it in.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub async fn check_import(&self, data: T, past: Past) -> Result<()> {
        attempts!(self, None::<i64>, {
            let mut plan = Plan::new(self.handle, self.scope);
            plan.create::<T>(None, data.to_values(), Faults::default(), past).await.map(drop)
        })
    }

    /// One live record.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a deleted record and one of another tenant; [`Error::Forbidden`].
    pub async fn get(&self, id: Id<T>) -> Result<Record<T>> {
        self.find(id, Action::Read)
            .await?
            .filter(|record| record.deleted_at.is_none())
            .ok_or(not_found::<T>())
    }

    async fn find(&self, id: Id<T>, action: Action) -> Result<Option<Record<T>>> {
        permission::check(self.scope, action, T::object(), None)?;
        read(self.handle, self.scope, id).await
    }

    /// The live records with these ids, in the order of the ids; at most [`MAX_IDS`](crate::MAX_IDS).
    ///
    /// # Errors
    /// [`Error::Invalid`] if there are too many ids; [`Error::Forbidden`].
    pub async fn get_many(&self, ids: &[Id<T>]) -> Result<Vec<Record<T>>> {
        permission::check(self.scope, Action::Read, T::object(), None)?;
        if ids.len() > crate::store::MAX_IDS {
            let detail = format!("takes at most {} ids", crate::store::MAX_IDS);
            return Err(Error::invalid("ids", "too_many", detail));
        }
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let rows = self.handle.store.get(self.scope, T::object(), &ids).await?;
        rows.into_iter().filter(|row| row.deleted_at.is_none()).map(Record::from_row).collect()
    }

    /// Changes a record. `edit` sees the newest data and may run several times if others change it meanwhile. If
    /// nothing differs afterwards, nothing is written and the version stays.
    ///
    /// # Errors
    /// As [`create`](Self::create), and [`Error::NotFound`] if there is no such live record.
    pub async fn update(&self, id: Id<T>, mut edit: impl FnMut(&mut T) + Send) -> Result<Record<T>> {
        let change = move |before: &Record<T>| {
            let mut data = before.data.clone();
            edit(&mut data);
            (data.to_values(), Faults::default())
        };
        self.change(id, None, change).await
    }

    /// Changes a record by a JSON merge patch (RFC 7396): what is there replaces, null removes, what is not there
    /// stays. With `expected`, only if the record is at that version.
    ///
    /// # Errors
    /// As [`update`](Self::update); with `expected`, [`Conflict::Version`] if the record has another version.
    pub async fn patch(
        &self,
        id: Id<T>,
        expected: Option<i64>,
        patch: &Map<String, Json>,
    ) -> Result<Record<T>> {
        let change = |before: &Record<T>| {
            let mut values = before.data.to_values();
            let mut faults = Faults::default();
            normalize::overlay(T::object(), &mut values, patch, &mut faults);
            (values, faults)
        };
        self.change(id, expected, change).await
    }

    async fn change(
        &self,
        id: Id<T>,
        expected: Option<i64>,
        mut edit: impl FnMut(&Record<T>) -> (Vec<crate::Value>, Faults) + Send,
    ) -> Result<Record<T>> {
        attempts!(self, expected, {
            let before = self.expected(id, expected, Action::Update).await?;
            let mut plan = Plan::new(self.handle, self.scope);
            let (values, faults) = edit(&before);
            let (after, changed) = plan.update(&before, values, faults).await?;
            if !changed && plan.is_empty() {
                return Ok(after);
            }
            plan.commit(None).await?;
            T::committed(self.handle, self.scope.tenant(), &after).await?;
            Ok(after)
        })
    }

    /// The live record to change, at the version that the caller has seen.
    async fn expected(&self, id: Id<T>, expected: Option<i64>, action: Action) -> Result<Record<T>> {
        let found = self.find(id, action).await?.filter(|record| record.deleted_at.is_none());
        let record = found.ok_or(not_found::<T>())?;
        if expected.is_some_and(|expected| expected != record.version) {
            return Err(Error::Conflict(Conflict::Version { object: T::object().name }));
        }
        Ok(record)
    }

    /// Deletes a record, so that it can be restored. With `expected`, only if the record is at that version.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such live record; [`Error::Forbidden`]; [`Error::Conflict`].
    pub async fn delete(&self, id: Id<T>, expected: Option<i64>) -> Result<()> {
        attempts!(self, expected, {
            let before = self.expected(id, expected, Action::Delete).await?;
            let mut plan = Plan::new(self.handle, self.scope);
            plan.delete(&before).await?;
            plan.commit(None).await.map(drop)
        })
    }

    /// Brings a deleted record back, if it still fits the rules. A live one stays as it is.
    ///
    /// # Errors
    /// As [`update`](Self::update); [`Error::Conflict`] if a unique value of it is taken by now.
    pub async fn restore(&self, id: Id<T>) -> Result<Record<T>> {
        attempts!(self, None::<i64>, {
            let before = self.find(id, Action::Restore).await?.ok_or(not_found::<T>())?;
            if before.deleted_at.is_none() {
                return Ok(before);
            }
            let mut plan = Plan::new(self.handle, self.scope);
            let after = plan.restore(&before).await?;
            plan.commit(None).await?;
            T::committed(self.handle, self.scope.tenant(), &after).await?;
            Ok(after)
        })
    }

    /// Removes a deleted record for good, and every value of its past from the log. Owners only.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Conflict`] if it is live, or if others refer to it.
    pub async fn erase(&self, id: Id<T>) -> Result<()> {
        permission::check(self.scope, Action::Erase, T::object(), None)?;
        self.handle.erase(self.scope, T::object(), id.uuid()).await
    }

    /// One page of a list.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a query that cannot be answered, [`Error::BadCursor`], [`Error::Forbidden`].
    pub async fn list(&self, query: Query<T>) -> Result<Page<Record<T>>> {
        permission::check(self.scope, Action::Read, T::object(), None)?;
        let mut select = query.resolve(self.scope)?;
        let asked = select.filter.clone();
        select.filter = asked.clone().and(permission::visible(self.scope, T::object()));
        let rows = self.handle.store.query(self.scope, &select).await?;
        select.filter = asked;
        let last = rows.rows.last().filter(|_| rows.more);
        let next_cursor = last.map(|row| cursor::encode(self.scope, &select, &select.position(row)));
        let data = rows.rows.into_iter().map(Record::from_row).collect::<Result<_>>()?;
        Ok(Page { data, next_cursor })
    }

    /// How many records a query finds, whatever its order, limit and cursor. Without a filter and a search, live
    /// records are not counted one by one: the counters of the tenant know.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn count(&self, query: &Query<T>) -> Result<u64> {
        permission::check(self.scope, Action::Read, T::object(), None)?;
        let filter: Filter = query.resolve_filter(T::object())?;
        let filter = filter.and(permission::visible(self.scope, T::object()));
        let object = T::object();
        if object.is_counted() && query.visibility == Visibility::Live && filter.is_everything() {
            let counters = self.handle.store.counters(self.scope, &CounterQuery::of(&[object.name])).await?;
            let total: i64 = counters.of(object.name).map(|(_, count)| count).sum();
            return u64::try_from(total).map_err(|_| Error::Corrupt("a count below 0".to_owned()));
        }
        self.handle.store.count(self.scope, object, &filter, query.visibility).await
    }

    /// What happened to one record, live or deleted, newest first, before the event with this number.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there never was such a record in the tenant; [`Error::Forbidden`].
    pub async fn history(&self, id: Id<T>, before: Option<i64>, limit: u32) -> Result<Vec<Event>> {
        permission::check(self.scope, Action::Read, T::object(), None)?;
        let query = EventQuery {
            before,
            object: Some(T::object()),
            record: Some(id.uuid()),
            newest_first: true,
            limit,
            ..EventQuery::default()
        };
        let events = self.handle.store.events(self.scope, &query).await?;
        if events.is_empty() && read(self.handle, self.scope, id).await?.is_none() {
            return Err(not_found::<T>());
        }
        Ok(events)
    }
}

/// What a create did.
#[derive(Clone, Debug, PartialEq)]
pub struct Created<T: Entity> {
    /// The record.
    pub record: Record<T>,
    /// Whether it was made before, under the same [`Once`].
    pub replayed: bool,
}

/// A lead's time in one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageVisit {
    /// The stage's key.
    pub stage: String,
    /// When the lead entered it.
    #[serde(serialize_with = "crate::value::serialize_time")]
    #[cfg_attr(feature = "schema", schemars(with = "DateTime<Utc>"))]
    pub entered_at: DateTime<Utc>,
    /// When it left; `None` while it is there.
    #[serde(serialize_with = "crate::value::serialize_optional_time")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<DateTime<Utc>>"))]
    pub left_at: Option<DateTime<Utc>>,
    /// How long it was, or has been, there, in seconds.
    pub seconds: i64,
}

/// What became of a converted lead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conversion {
    /// The lead, won.
    pub lead: Record<Lead>,
    /// The customer that it is linked to.
    pub customer: Record<Customer>,
    /// Whether it was done before, under the same [`Once`].
    #[serde(skip)]
    pub replayed: bool,
}

impl Records<'_, Lead> {
    /// Moves a lead to another stage.
    ///
    /// # Errors
    /// As [`update`](Self::update); [`Error::Invalid`] if the pipeline has no such stage.
    pub async fn advance(&self, id: Id<Lead>, stage: &str) -> Result<Record<Lead>> {
        self.update(id, |lead| stage.clone_into(&mut lead.stage)).await
    }

    /// Makes business of a lead: links it to a customer and closes it as won, both or neither.
    ///
    /// The customer is the one given here; else the one that the lead is linked to; else the oldest with the lead's
    /// e-mail address, or with exactly its company; else a new one with the lead's data. A lead that is won and linked
    /// stays as it is.
    ///
    /// # Errors
    /// As [`update`](Self::update); [`Error::Invalid`] if the given customer does not exist, or if the lead has
    /// neither company nor name for a new one.
    /// Under a key that was used before, [`Error::NotFound`] if the lead is linked to no live customer any more.
    pub async fn convert(&self, id: Id<Lead>, into: Option<Id<Customer>>) -> Result<Conversion> {
        attempts!(self, None::<i64>, {
            // A lead that is won already is answered without a commit, which would find out what is old.
            self.handle.forget_standing(self.scope.tenant());
            let before = self.expected(id, None, Action::Update).await?;
            permission::check(self.scope, Action::Create, Customer::object(), None)?;
            let mut plan = Plan::new(self.handle, self.scope);
            let customer = self.customer_for(&mut plan, &before, into).await?;
            let pipeline = plan.pipeline().await?;
            let mut lead = before.data.clone();
            lead.customer_id = Some(customer.id);
            let is_won = pipeline.stage(&lead.stage).is_some_and(|stage| stage.kind == crate::StageKind::Won);
            if let Some(won) = pipeline.won().filter(|_| !is_won) {
                lead.stage.clone_from(&won.key);
            }
            let (lead, _) = plan.update(&before, lead.to_values(), Faults::default()).await?;
            if plan.is_empty() && self.once.is_none() {
                return Ok(Conversion { lead, customer, replayed: false });
            }
            if plan.commit(self.once).await?.replayed {
                return self.converted(id).await;
            }
            Ok(Conversion { lead, customer, replayed: false })
        })
    }

    /// What a conversion that was done before is by now. What was planned for this try has not been written.
    async fn converted(&self, id: Id<Lead>) -> Result<Conversion> {
        let lead = self.get(id).await?;
        let customer = lead.customer_id.ok_or(not_found::<Customer>())?;
        let customer = read(self.handle, self.scope, customer).await?;
        let customer =
            customer.filter(|customer| customer.deleted_at.is_none()).ok_or(not_found::<Customer>())?;
        Ok(Conversion { lead, customer, replayed: true })
    }

    /// Finds the customer that a lead becomes, or adds it to the plan.
    async fn customer_for(
        &self,
        plan: &mut Plan<'_>,
        lead: &Record<Lead>,
        into: Option<Id<Customer>>,
    ) -> Result<Record<Customer>> {
        if let Some(id) = into {
            let unknown =
                || Error::invalid("customer_id", "unknown_reference", "refers to no customer of this tenant");
            let found = plan.get(id).await.map_err(|error| match error {
                Error::NotFound { .. } => unknown(),
                error => error,
            })?;
            plan.hold(&found);
            return Ok(found);
        }
        if let Some(id) = lead.customer_id
            && let Some(linked) =
                read(self.handle, self.scope, id).await?.filter(|linked| linked.deleted_at.is_none())
        {
            plan.hold(&linked);
            return Ok(linked);
        }
        let oldest = |condition| {
            Query::new()
                .filter(condition)
                .sort(crate::Sort::new("created_at", crate::Direction::Ascending))
                .limit(1)
        };
        let by_email = lead.email.clone().map(|email| oldest(Customer::EMAIL.eq(email)));
        let by_company = lead.company.clone().map(|company| oldest(Customer::COMPANY.eq(company)));
        for query in [by_email, by_company].into_iter().flatten() {
            if let Some(found) = plan.list(query).await?.into_iter().next() {
                plan.hold(&found);
                return Ok(found);
            }
        }
        let customer = crate::model::customer_of(lead)?;
        plan.create::<Customer>(None, customer.to_values(), Faults::default(), Past::default()).await
    }

    /// The stages that a lead has been in, in order, with how long.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub async fn stage_history(&self, id: Id<Lead>) -> Result<Vec<StageVisit>> {
        self.find(id, Action::Read).await?.ok_or(not_found::<Lead>())?;
        let mut visits: Vec<StageVisit> = Vec::new();
        let mut after = 0;
        loop {
            let query = EventQuery {
                after,
                object: Some(Lead::object()),
                record: Some(id.uuid()),
                ..EventQuery::default()
            };
            let events = self.handle.store.events(self.scope, &query).await?;
            let Some(last) = events.last() else { break };
            after = last.seq;
            for event in &events {
                let entered = event.changes.iter().find(|change| change.field == "stage");
                let Some(stage) = entered.and_then(|change| change.new.as_str()) else { continue };
                // Of a lead that was brought in with its past, the event is of the day on which it was.
                let moved = event.changes.iter().find(|change| change.field == "stage_entered_at");
                let moved = moved.and_then(|change| crate::value::parse_time(change.new.as_str()?));
                let entered_at = moved.unwrap_or(event.at);
                if let Some(left) = visits.last_mut() {
                    left.left_at = Some(entered_at);
                    left.seconds = (entered_at - left.entered_at).num_seconds();
                }
                let seconds = (self.handle.now() - entered_at).num_seconds();
                visits.push(StageVisit { stage: stage.to_owned(), entered_at, left_at: None, seconds });
            }
        }
        Ok(visits)
    }
}
