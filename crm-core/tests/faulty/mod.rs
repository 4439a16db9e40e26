//! A store that errs on purpose, in one way: what the suite and the model test must catch.

use std::{
    cmp::Ordering,
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use crm_core::{
    Actor, Batch, Capabilities, Committed, Counter, CounterQuery, Counters, Crm, Direction, Event, EventKind,
    EventQuery, Expect, Filter, Intake, Key, MAX_PAGE, MemoryStore, Object, Position, Result, Row, Rows,
    Select, Store, TenantId, TenantScope, Value, Visibility, Write,
};
use uuid::Uuid;

/// One way to err.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `get` finds records of other tenants.
    GetForgetsTheTenant,
    /// `count` counts those of another tenant as well.
    CountForgetsTheTenant,
    /// The events of a record are read in whatever tenant has them.
    EventsForgetTheTenant,
    /// A negated comparison leaves out rows without a value, as SQL does.
    NegationForgetsNulls,
    /// `In` without values matches everything.
    EmptyInMatchesAll,
    /// A prefix is compared without regard to case, as `LIKE` does.
    PrefixMindsNoCase,
    /// Of several deltas of a batch the last is lost.
    LosesADelta,
    /// A counter that comes to 0 is still there.
    KeepsZeroes,
    /// A page begins at its place instead of after it.
    PageRepeatsARow,
    /// Ties are broken the wrong way round.
    TiesTurnRound,
    /// `more` is only said when a page is not full.
    NeverMore,
    /// Deleted records are among the live.
    ShowsDeleted,
    /// A check is not checked.
    IgnoresChecks,
    /// The last bound is not held.
    IgnoresBounds,
    /// A batch is committed after whatever has happened.
    IgnoresTheLog,
    /// A replay is committed anew under no key.
    ForgetsOnce,
    /// Another content under the same key is replayed.
    ReplaysAnything,
    /// Search text is not renewed.
    KeepsOldSearchText,
    /// A search needs one of its terms only.
    SearchNeedsOneTerm,
    /// An erasure leaves the values in the log.
    ErasureKeepsThePast,
    /// An erasure leaves no tombstone.
    ErasureLeavesNoEvent,
    /// Events are read newest first after the limit cut them, not before.
    LimitCutsFirst,
    /// `before` includes its own number.
    BeforeIsIncluded,
    /// Times are kept to the millisecond.
    CutsTimes,
    /// The first change of a batch that fails stays.
    KeepsHalfABatch,
    /// Whatever version a change expects, it is made.
    IgnoresVersions,
    /// What has no value sorts last.
    SortsNullsLast,
}

impl Fault {
    pub(crate) const ALL: [Self; 27] = [
        Self::GetForgetsTheTenant,
        Self::CountForgetsTheTenant,
        Self::EventsForgetTheTenant,
        Self::NegationForgetsNulls,
        Self::EmptyInMatchesAll,
        Self::PrefixMindsNoCase,
        Self::LosesADelta,
        Self::KeepsZeroes,
        Self::PageRepeatsARow,
        Self::TiesTurnRound,
        Self::NeverMore,
        Self::ShowsDeleted,
        Self::IgnoresChecks,
        Self::IgnoresBounds,
        Self::IgnoresTheLog,
        Self::ForgetsOnce,
        Self::ReplaysAnything,
        Self::KeepsOldSearchText,
        Self::SearchNeedsOneTerm,
        Self::ErasureKeepsThePast,
        Self::ErasureLeavesNoEvent,
        Self::LimitCutsFirst,
        Self::BeforeIsIncluded,
        Self::CutsTimes,
        Self::KeepsHalfABatch,
        Self::IgnoresVersions,
        Self::SortsNullsLast,
    ];
}

/// A store in memory that errs.
#[derive(Debug)]
pub(crate) struct Faulty {
    fault: Fault,
    store: MemoryStore,
    seen: Mutex<Seen>,
}

/// What the store needs to know to err.
#[derive(Debug, Default)]
struct Seen {
    tenants: BTreeSet<TenantId>,
    counters: BTreeSet<(TenantId, String, String)>,
    erased: Vec<(TenantId, Event)>,
}

impl Faulty {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, store: MemoryStore::new(), seen: Mutex::default() }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scopes in every other tenant.
    fn others(&self, scope: &TenantScope) -> Vec<TenantScope> {
        let minted = |tenant: &TenantId| Crm::new(MemoryStore::new()).scope(*tenant, Actor::job("faulty"));
        self.seen().tenants.iter().filter(|tenant| **tenant != scope.tenant()).map(minted).collect()
    }

    fn bend(&self, filter: &Filter) -> Filter {
        let all = |filters: &[Filter]| filters.iter().map(|filter| self.bend(filter)).collect();
        match filter {
            Filter::Not(inner) if self.is(Fault::NegationForgetsNulls) => {
                let negated = Filter::Not(Box::new(self.bend(inner)));
                match compared(inner) {
                    Some(key) => Filter::All(vec![Filter::Not(Box::new(Filter::IsNull(key))), negated]),
                    None => negated,
                }
            }
            Filter::Not(inner) => Filter::Not(Box::new(self.bend(inner))),
            Filter::All(filters) => Filter::All(all(filters)),
            Filter::Any(filters) => Filter::Any(all(filters)),
            Filter::In(_, values) if values.is_empty() && self.is(Fault::EmptyInMatchesAll) => {
                Filter::All(Vec::new())
            }
            Filter::Prefix(key, text) if self.is(Fault::PrefixMindsNoCase) => {
                let texts = [text.clone(), text.to_lowercase(), text.to_uppercase()];
                Filter::Any(texts.into_iter().map(|text| Filter::Prefix(*key, text)).collect())
            }
            Filter::Search(terms) if self.is(Fault::SearchNeedsOneTerm) => {
                Filter::Any(terms.iter().map(|term| Filter::Search(vec![term.clone()])).collect())
            }
            other => other.clone(),
        }
    }

    async fn spoil(&self, scope: &TenantScope, batch: &mut Batch) {
        match self.fault {
            Fault::LosesADelta if batch.counters.len() > 1 => drop(batch.counters.pop()),
            Fault::IgnoresChecks => batch.changes.retain(|change| !matches!(change.write, Write::Check)),
            Fault::IgnoresBounds => drop(batch.bounds.pop()),
            Fault::IgnoresTheLog => batch.after = None,
            Fault::ForgetsOnce => batch.once = None,
            Fault::ReplaysAnything => {
                if let Some(once) = &mut batch.once {
                    once.content = Uuid::nil();
                }
            }
            Fault::IgnoresVersions => {
                for change in &mut batch.changes {
                    let stored = self.store.get(scope, change.object, &[change.id]).await;
                    if let (Expect::Version(expected), Ok([stored])) = (&mut change.expect, stored.as_deref())
                    {
                        *expected = stored.version;
                    }
                }
            }
            Fault::KeepsOldSearchText | Fault::CutsTimes => {
                for change in &mut batch.changes {
                    let Write::Put { row, search, event } = &mut change.write else { continue };
                    if self.is(Fault::CutsTimes) {
                        row.values.iter_mut().for_each(cut);
                    } else if event.kind == EventKind::Updated {
                        *search = None;
                    }
                }
            }
            _ => {}
        }
    }

    /// The page of a list in an order of its own.
    async fn nulls_last(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        let mut all = Select { after: None, limit: MAX_PAGE, ..select.clone() };
        let mut rows = Vec::new();
        loop {
            let page = self.store.query(scope, &all).await?;
            all.after = page.rows.last().map(|row| select.position(row));
            rows.extend(page.rows);
            if !page.more {
                break;
            }
        }
        let order = |a: &Row, b: &Position| {
            let keys = select.sort.iter().zip(&b.keys).map(|((key, direction), theirs)| {
                let own = a.key(*key);
                let nulls = own.is_null().cmp(&theirs.is_null());
                nulls.then_with(|| direction.of(own.compare(theirs)))
            });
            keys.fold(Ordering::Equal, Ordering::then).then(select.id_direction().of(a.id.cmp(&b.id)))
        };
        rows.sort_by(|a, b| order(a, &select.position(b)));
        rows.retain(|row| select.after.as_ref().is_none_or(|after| order(row, after).is_gt()));
        let more = rows.len() > select.limit as usize;
        rows.truncate(select.limit as usize);
        Ok(Rows { rows, more })
    }
}

/// What a comparison compares.
fn compared(filter: &Filter) -> Option<Key> {
    match filter {
        Filter::Eq(key, _)
        | Filter::Less(key, _)
        | Filter::AtMost(key, _)
        | Filter::More(key, _)
        | Filter::AtLeast(key, _)
        | Filter::In(key, _)
        | Filter::Prefix(key, _) => Some(*key),
        _ => None,
    }
}

fn cut(value: &mut Value) {
    if let Value::Time(time) = value {
        *time = time.trunc_subsecs(3);
    }
}

#[async_trait]
impl Store for Faulty {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    async fn commit(&self, scope: &TenantScope, mut batch: Batch) -> Result<Committed> {
        self.seen().tenants.insert(scope.tenant());
        let named = batch.counters.iter().map(|own| (scope.tenant(), own.name.to_owned(), own.key.clone()));
        self.seen().counters.extend(named);
        self.spoil(scope, &mut batch).await;
        let done = self.store.commit(scope, batch.clone()).await;
        if self.is(Fault::KeepsHalfABatch) && done.is_err() && batch.changes.len() > 1 {
            batch.changes.truncate(1);
            (batch.counters, batch.bounds, batch.once) = (Vec::new(), Vec::new(), None);
            drop(self.store.commit(scope, batch).await);
        }
        done
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        let mut rows = self.store.get(scope, object, ids).await?;
        if self.is(Fault::GetForgetsTheTenant) && rows.is_empty() {
            for other in self.others(scope) {
                rows.extend(self.store.get(&other, object, ids).await?);
            }
        }
        Ok(rows)
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        let mut select = Select { filter: self.bend(&select.filter), ..select.clone() };
        match self.fault {
            Fault::ShowsDeleted if select.visibility == Visibility::Live => {
                select.visibility = Visibility::Any
            }
            Fault::SortsNullsLast => return self.nulls_last(scope, &select).await,
            Fault::PageRepeatsARow => {
                let direction = select.id_direction();
                if let Some(after) = &mut select.after {
                    let id = after.id.as_u128();
                    let before = match direction {
                        Direction::Ascending => id.wrapping_sub(1),
                        Direction::Descending => id.wrapping_add(1),
                    };
                    after.id = Uuid::from_u128(before);
                }
            }
            Fault::TiesTurnRound => {
                let turned = match select.id_direction() {
                    Direction::Ascending => Direction::Descending,
                    Direction::Descending => Direction::Ascending,
                };
                select.sort.push((Key::Id, turned));
                if let Some(after) = &mut select.after {
                    after.keys.push(Value::Id(after.id));
                }
            }
            _ => {}
        }
        let mut rows = self.store.query(scope, &select).await?;
        rows.more &= !self.is(Fault::NeverMore);
        Ok(rows)
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        let filter = self.bend(filter);
        let mut count = self.store.count(scope, object, &filter, visibility).await?;
        if self.is(Fault::CountForgetsTheTenant) {
            for other in self.others(scope) {
                count += self.store.count(&other, object, &filter, visibility).await?;
            }
        }
        Ok(count)
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        let mut counters = self.store.counters(scope, query).await?;
        if self.is(Fault::KeepsZeroes) {
            for (tenant, name, key) in &self.seen().counters {
                let known = counters.counters.iter().any(|own| own.name == *name && own.key == *key);
                if *tenant == scope.tenant() && query.matches(name, key) && !known {
                    counters.counters.push(Counter { name: name.clone(), key: key.clone(), value: 0 });
                }
            }
            counters.counters.sort_by(|a, b| (&a.name, &a.key).cmp(&(&b.name, &b.key)));
        }
        Ok(counters)
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        let mut query = query.clone();
        let reversed = query.newest_first && self.is(Fault::LimitCutsFirst);
        query.newest_first &= !reversed;
        if self.is(Fault::BeforeIsIncluded) {
            query.before = query.before.map(|before| before.saturating_add(1));
        }
        let mut events = self.store.events(scope, &query).await?;
        if reversed {
            events.reverse();
        }
        if self.is(Fault::EventsForgetTheTenant) && query.record.is_some() && events.is_empty() {
            for other in self.others(scope) {
                events.extend(self.store.events(&other, &query).await?);
            }
        }
        if self.is(Fault::ErasureLeavesNoEvent) {
            events.retain(|event| event.kind != EventKind::Erased);
        }
        for (tenant, past) in &self.seen().erased {
            let own = events.iter_mut().filter(|event| *tenant == scope.tenant() && event.seq == past.seq);
            own.for_each(|event| event.clone_from(past));
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
        let query = EventQuery { object: Some(object), record: Some(id), ..EventQuery::default() };
        let past = self.store.events(scope, &query).await?;
        let done = self.store.erase(scope, object, id, at).await;
        if self.is(Fault::ErasureKeepsThePast) && done.is_ok() {
            self.seen().erased.extend(past.into_iter().map(|event| (scope.tenant(), event)));
        }
        done
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.store.take_in(scope, intake).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.store.erase_tenant(scope).await
    }
}
