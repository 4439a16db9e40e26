//! Recounts a tenant from its rows and reads its whole log, and reports what does not agree.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    Calendar, CounterQuery, Crm, Direction, Entity, EventQuery, Filter, Key, MAX_PAGE, Maintenance, Record,
    Result, Select, Settings, Store, Sums, TenantId, TenantScope, Visibility, objects,
};

/// How often the recount starts anew when the tenant is written to meanwhile.
const ATTEMPTS: u32 = 5;

/// What a check of a tenant found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How many live and deleted records there are.
    pub rows: u64,
    /// How many events the log has.
    pub events: u64,
    /// How many counters were compared.
    pub counters: u64,
    /// Whatever does not agree; empty for a sound tenant.
    pub differences: Vec<String>,
    /// Whether the tenant was written to during each attempt. What does not agree then may be of passing nature and is
    /// not told: nothing is known until it is verified again.
    pub unsettled: bool,
}

impl Crm {
    /// Recounts a tenant: every counter from the rows, the log for gaps, the last event of each record against its
    /// version, numbers for duplicates. Differences are listed; nothing is changed.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn verify(&self, maintenance: &Maintenance, tenant: TenantId) -> Result<Verification> {
        let scope = TenantScope::from_maintenance(maintenance, tenant);
        verify(self.handle().store, &scope).await
    }
}

/// Recounts the scope's tenant.
pub(crate) async fn verify(store: &dyn Store, scope: &TenantScope) -> Result<Verification> {
    let head = async || Ok(store.counters(scope, &CounterQuery::of(&[])).await?.as_of);
    let mut found = Verification::default();
    for _ in 0..ATTEMPTS {
        let before: i64 = head().await?;
        found = recount(store, scope).await?;
        let after: Result<i64> = head().await;
        if after? == before {
            return Ok(found);
        }
    }
    Ok(Verification { differences: Vec::new(), unsettled: true, ..found })
}

async fn recount(store: &dyn Store, scope: &TenantScope) -> Result<Verification> {
    let mut found = Verification::default();
    let settings = store.get(scope, Settings::object(), &[Settings::of(scope.tenant()).uuid()]).await?;
    let calendar = match settings.into_iter().next() {
        Some(row) => Record::<Settings>::from_row(row)?.calendar(),
        None => Calendar::default(),
    };
    let mut sums = Sums::by(calendar);
    let mut versions: BTreeMap<(&'static str, Uuid), i64> = BTreeMap::new();
    for object in objects() {
        let mut numbers = BTreeSet::new();
        let mut select = Select {
            object,
            filter: Filter::All(Vec::new()),
            sort: vec![(Key::Id, Direction::Ascending)],
            after: None,
            limit: MAX_PAGE,
            visibility: Visibility::Any,
        };
        loop {
            let page = store.query(scope, &select).await?;
            for row in &page.rows {
                found.rows += 1;
                sums.add(object, row);
                versions.insert((object.name, row.id), row.version);
                if let Some(number) = row.number
                    && !numbers.insert(number)
                {
                    found.differences.push(format!("{} has the number {number} twice", object.name));
                }
            }
            let last = page.rows.last().filter(|_| page.more);
            let Some(last) = last else { break };
            select.after = Some(select.position(last));
        }
    }
    let counted = sums.into_map();
    let names: Vec<&'static str> =
        objects().into_iter().flat_map(|object| object.counters).copied().collect();
    let stored = store.counters(scope, &CounterQuery::of(&names)).await?;
    let kept: BTreeMap<(String, String), i128> = stored
        .counters
        .into_iter()
        .map(|counter| ((counter.name, counter.key), i128::from(counter.value)))
        .collect();
    let names: BTreeSet<_> = counted.keys().chain(kept.keys()).collect();
    for name in names {
        found.counters += 1;
        let (counted, kept) = (counted.get(name).unwrap_or(&0), kept.get(name).unwrap_or(&0));
        if counted != kept {
            let (name, key) = name;
            found.differences.push(format!("counter {name} `{key}` is {kept}, the rows make {counted}"));
        }
    }
    read_log(store, scope, versions, stored.as_of, &mut found).await?;
    Ok(found)
}

async fn read_log(
    store: &dyn Store,
    scope: &TenantScope,
    mut versions: BTreeMap<(&'static str, Uuid), i64>,
    head: i64,
    found: &mut Verification,
) -> Result<()> {
    let mut logged: BTreeMap<(&'static str, Uuid), i64> = BTreeMap::new();
    let mut after = 0;
    loop {
        let query = EventQuery { after, ..EventQuery::default() };
        let events = store.events(scope, &query).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            if event.seq != after + 1 {
                found.differences.push(format!("the log jumps from {after} to {}", event.seq));
            }
            after = event.seq;
            found.events += 1;
            let Some(object) = crate::object(&event.object) else {
                found.differences.push(format!("event {} is about unknown `{}`", event.seq, event.object));
                continue;
            };
            let record = (object.name, event.record_id);
            if event.kind == crate::EventKind::Erased {
                logged.remove(&record);
            } else {
                logged.insert(record, event.version);
            }
        }
    }
    if after != head {
        found.differences.push(format!("the log ends at {after}, its head is {head}"));
    }
    for (record, version) in logged {
        match versions.remove(&record) {
            Some(own) if own == version => {}
            own => {
                let own = own.map_or("missing".to_owned(), |own| format!("at version {own}"));
                let (object, id) = record;
                found.differences.push(format!("{object} {id} is {own}, the log says version {version}"));
            }
        }
    }
    for ((object, id), _) in versions {
        found.differences.push(format!("{object} {id} is not in the log"));
    }
    Ok(())
}
