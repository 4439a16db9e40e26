//! A step: an operation that has become about certain records, values and actors, as every store is asked it.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{
    Agenda, Batch, Bucket, CounterQuery, Crm, Direction, Entity, EventQuery, Faults, Id, Metric, Once,
    Operator, Past, Period, Pipeline, Query, Records, Result, Settings, Stage, Store, TenantScope, Value,
    Visibility, normalize,
};

use super::{
    answer::{Answer, told},
    operation::Sort,
};

/// What is asked.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create { sort: Sort, input: Map<String, Json>, once: Option<Once> },
    CreateMany { sort: Sort, all: Vec<Map<String, Json>> },
    Patch { sort: Sort, id: Uuid, expected: Option<i64>, input: Map<String, Json> },
    Delete { sort: Sort, id: Uuid, expected: Option<i64> },
    Restore { sort: Sort, id: Uuid },
    Erase { sort: Sort, id: Uuid },
    Get { sort: Sort, ids: Vec<Uuid> },
    Advance { id: Uuid, stage: String },
    Convert { id: Uuid, into: Option<Uuid>, once: Option<Once> },
    SetPipeline { stages: Vec<Stage> },
    SetTimeZone { zone: &'static str },
    Import { all: Vec<(Map<String, Json>, Past)> },
    Figures { which: u8, period: Period },
    List { sort: Sort, asked: Asked, after: Option<String> },
    History { sort: Sort, id: Uuid, before: Option<i64>, limit: u32 },
    StageHistory { id: Uuid },
    Events { query: EventQuery },
    Overview,
    Counters { query: CounterQuery },
    Commit { batch: Batch },
}

/// A question with the names and values that it has.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) condition: Option<Node>,
    pub(super) search: Option<String>,
    pub(super) order: Vec<(&'static str, Direction)>,
    pub(super) limit: u32,
    pub(super) visibility: Visibility,
}

/// A condition with the name and the values that it has.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Compare(&'static str, Operator, Vec<Value>),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

impl Node {
    fn build<T>(&self) -> crate::Condition<T> {
        match self {
            Self::Compare(name, operator, values) => crate::Condition::new(*name, *operator, values.clone()),
            Self::Not(inner) => inner.build().not(),
            Self::And(a, b) => a.build().and(b.build()),
            Self::Or(a, b) => a.build().or(b.build()),
        }
    }
}

impl Asked {
    fn build<T>(&self) -> Query<T> {
        let mut query = Query::new().limit(self.limit).visibility(self.visibility);
        if let Some(condition) = &self.condition {
            query = query.filter(condition.build());
        }
        if let Some(search) = &self.search {
            query = query.search(search.as_str());
        }
        for (name, direction) in &self.order {
            query = query.sort(crate::Sort::new(*name, *direction));
        }
        query
    }
}

/// Runs a body with the entity of a sort.
macro_rules! entity_of {
    ($sort:expr, $entity:ident => $body:expr) => {
        match $sort {
            Sort::Customers => {
                type $entity = crate::Customer;
                $body
            }
            Sort::Contacts => {
                type $entity = crate::Contact;
                $body
            }
            Sort::Leads => {
                type $entity = crate::Lead;
                $body
            }
            Sort::Interactions => {
                type $entity = crate::Interaction;
                $body
            }
            Sort::Projects => {
                type $entity = crate::Project;
                $body
            }
            Sort::Tasks => {
                type $entity = crate::Task;
                $body
            }
            Sort::Users => {
                type $entity = crate::User;
                $body
            }
        }
    };
}
pub(super) use entity_of;

impl Step {
    /// Asks one store.
    pub(super) async fn ask(&self, crm: &Crm, store: &dyn Store, scope: &TenantScope) -> Answer {
        match self {
            Self::Commit { batch } => {
                let made = batch.changes.iter().map(|change| change.id).collect();
                told(store.commit(scope, batch.clone()).await, |_| made)
            }
            Self::Counters { query } => told(store.counters(scope, query).await, |_| Vec::new()),
            Self::Events { query } => {
                let through_the_door = crm.log(scope).events(query).await;
                let answer = told(store.events(scope, query).await, |_| Vec::new());
                answer.and(&told(through_the_door, |_| Vec::new()))
            }
            Self::Overview => told(crm.analytics(scope).overview().await, |_| Vec::new()),
            Self::SetTimeZone { zone } => {
                let id = Settings::of(scope.tenant());
                let edit = |own: &mut Settings| (*zone).clone_into(&mut own.time_zone);
                told(crm.settings(scope).update(id, edit).await, |_| Vec::new())
            }
            Self::Import { all } => {
                let all = all.iter().map(|(input, past)| (data::<crate::Lead>(input), *past)).collect();
                let done = crm.leads(scope).import_many(all).await;
                told(done, |all| all.iter().map(|own| own.id.uuid()).collect())
            }
            Self::Figures { which, period } => figures(crm, scope, *which, *period).await,
            Self::SetPipeline { stages } => {
                let id = Pipeline::of(scope.tenant());
                let edit = |own: &mut Pipeline| own.stages.0.clone_from(stages);
                told(crm.pipelines(scope).update(id, edit).await, |_| Vec::new())
            }
            Self::Advance { id, stage } => {
                told(crm.leads(scope).advance(Id::from_uuid(*id), stage).await, |_| Vec::new())
            }
            Self::Convert { id, into, once } => {
                let leads = keyed(crm.leads(scope), *once);
                let done = leads.convert(Id::from_uuid(*id), into.map(Id::from_uuid)).await;
                told(done, |done| vec![done.customer.id.uuid()])
            }
            Self::StageHistory { id } => {
                told(crm.leads(scope).stage_history(Id::from_uuid(*id)).await, |_| Vec::new())
            }
            Self::Create { sort, .. }
            | Self::CreateMany { sort, .. }
            | Self::Patch { sort, .. }
            | Self::Delete { sort, .. }
            | Self::Restore { sort, .. }
            | Self::Erase { sort, .. } => entity_of!(sort, T => self.write::<T>(crm, scope).await),
            Self::Get { sort, .. } | Self::List { sort, .. } | Self::History { sort, .. } => {
                entity_of!(sort, T => self.read::<T>(crm, scope).await)
            }
        }
    }

    async fn write<T: Entity>(&self, crm: &Crm, scope: &TenantScope) -> Answer {
        let records = crm.records::<T>(scope);
        match self {
            Self::Create { input, once, .. } => {
                let records = keyed(records, *once);
                told(records.create_json(input).await, |done| vec![done.record.id.uuid()])
            }
            Self::CreateMany { all, .. } => {
                let all = all.iter().map(data::<T>).collect();
                told(records.create_many(all).await, |all| all.iter().map(|own| own.id.uuid()).collect())
            }
            Self::Patch { id, expected, input, .. } => {
                told(records.patch(Id::from_uuid(*id), *expected, input).await, |_| Vec::new())
            }
            Self::Delete { id, expected, .. } => {
                told(records.delete(Id::from_uuid(*id), *expected).await, |()| Vec::new())
            }
            Self::Restore { id, .. } => told(records.restore(Id::from_uuid(*id)).await, |_| Vec::new()),
            Self::Erase { id, .. } => {
                told(records.erase(Id::from_uuid(*id)).await, |()| Vec::new()).of_erasing()
            }
            other => unreachable!("{other:?} does not write"),
        }
    }

    async fn read<T: Entity>(&self, crm: &Crm, scope: &TenantScope) -> Answer {
        let records = crm.records::<T>(scope);
        match self {
            Self::Get { ids, .. } => {
                let ids: Vec<Id<T>> = ids.iter().copied().map(Id::from_uuid).collect();
                let first = told(records.get(ids[0]).await, |_| Vec::new());
                first.and(&told(records.get_many(&ids).await, |_| Vec::new()))
            }
            Self::List { asked, after, .. } => {
                let query = || asked.build::<T>();
                let page = match after {
                    Some(cursor) => records.list(query().after(cursor.as_str())).await,
                    None => records.list(query()).await,
                };
                let cursor = page.as_ref().ok().and_then(|page| page.next_cursor.clone());
                let answer =
                    told(page, |_| Vec::new()).and(&told(records.count(&query()).await, |_| Vec::new()));
                Answer { cursor, ..answer }
            }
            Self::History { id, before, limit, .. } => {
                told(records.history(Id::from_uuid(*id), *before, *limit).await, |_| Vec::new())
            }
            other => unreachable!("{other:?} does not read"),
        }
    }
}

/// One of the figures of a period.
async fn figures(crm: &Crm, scope: &TenantScope, which: u8, period: Period) -> Answer {
    let figures = crm.analytics(scope);
    let metric = Metric::ALL[usize::from(which / 4) % Metric::ALL.len()];
    let bucket = [Bucket::Day, Bucket::Week, Bucket::Month][usize::from(which / 32) % 3];
    match which % 10 {
        0..=3 => told(figures.series(metric, period, bucket).await, |_| Vec::new()),
        4 => told(figures.funnel(period).await, |_| Vec::new()),
        5 => told(figures.velocity(period).await, |_| Vec::new()),
        6 => told(figures.cohorts().await, |_| Vec::new()),
        7 => told(figures.forecast().await, |_| Vec::new()),
        8 => told(figures.leaderboard(period).await, |_| Vec::new()),
        _ => {
            let agenda = [Agenda::Mine, Agenda::DueToday, Agenda::Overdue][usize::from(which / 10) % 3];
            told(crm.tasks(scope).agenda(agenda).await, |_| Vec::new())
        }
    }
}

fn keyed<T: Entity>(records: Records<'_, T>, once: Option<Once>) -> Records<'_, T> {
    match once {
        Some(once) => records.once(once),
        None => records,
    }
}

/// The data that a JSON object describes; the default where it describes none.
fn data<T: Entity>(input: &Map<String, Json>) -> T {
    let mut values = T::default().to_values();
    normalize::overlay(T::object(), &mut values, input, &mut Faults::default());
    let data: Result<T, _> = T::from_values(&values);
    data.unwrap_or_default()
}
