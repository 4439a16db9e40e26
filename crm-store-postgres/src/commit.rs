//! Batches in a transaction: written by one statement, or, where that is refused, by as many as it takes to know why.

use chrono::{DateTime, Utc};
use crm_core::{Batch, Change, Committed, Error, Moved, TenantId, TenantScope, Write};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Stop, broken, code},
    log,
    plan::{Step, plan},
    session::{ask, say},
    sql::Json,
    table::Tables,
    write::{Earlier, Outcome, Run},
};

/// A batch, with who commits it.
pub(crate) struct Entry {
    pub(crate) author: Author,
    pub(crate) batch: Batch,
    /// Per change, its event's changes.
    changes: Vec<Json>,
}

/// Who does something, in which tenant, for the log.
#[derive(Clone)]
pub(crate) struct Author {
    pub(crate) tenant: Uuid,
    pub(crate) actor: String,
    pub(crate) kind: &'static str,
    pub(crate) request: Option<Uuid>,
}

impl Author {
    pub(crate) fn of(scope: &TenantScope) -> Self {
        let actor = scope.actor();
        Self {
            tenant: scope.tenant().uuid(),
            actor: actor.id().to_owned(),
            kind: actor.kind().name(),
            request: actor.request(),
        }
    }
}

impl Entry {
    pub(crate) fn new(scope: &TenantScope, batch: Batch) -> Result<Self, Error> {
        let json = |change: &Change| match &change.write {
            Write::Check => Ok(Json::new("null")),
            Write::Put { event, .. } => log::write_changes(&event.changes),
        };
        let changes = batch.changes.iter().map(json).collect::<Result<_, _>>()?;
        Ok(Self { author: Author::of(scope), batch, changes })
    }

    /// What is told once it is committed.
    pub(crate) fn moved(&self) -> Moved {
        self.batch.moved(TenantId::from_uuid(self.author.tenant))
    }

    fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let changes = self.batch.changes.iter().zip(&self.changes);
        changes.map(|(change, json)| Step { entry: self, change, json })
    }

    /// Whether it can be committed together with others: there is nothing about it that concerns the whole tenant.
    pub(crate) fn is_plain(&self) -> bool {
        let batch = &self.batch;
        !batch.founds_tenant && batch.once.is_none() && batch.after.is_none() && batch.bounds.is_empty()
    }

    /// Whether the tenant's row must be taken before anything is looked at.
    pub(crate) fn looks_first(&self) -> bool {
        let absent = |change: &Change| change.expect == crm_core::Expect::Absent;
        self.batch.changes.iter().any(|change| absent(change) && matches!(change.write, Write::Check))
    }
}

/// A transaction in which the tenant is set.
pub(crate) struct Writing<'c> {
    pub(crate) connection: &'c mut PgConnection,
    pub(crate) tables: &'c Tables,
    pub(crate) prepared: bool,
    /// Whether new texts go into the text index at once: nobody files them later.
    pub(crate) filed: bool,
}

impl Writing<'_> {
    /// Several batches of one tenant as if they were one, by one statement; what each is answered. Refused as a whole.
    pub(crate) async fn together(&mut self, entries: &[&Entry]) -> Result<Vec<Committed>, Stop> {
        let Some(first) = entries.first() else { return Ok(Vec::new()) };
        let steps: Vec<Step<'_>> = entries.iter().flat_map(|entry| entry.steps()).collect();
        let counters = sums(entries).ok_or(Stop::Unclear)?;
        let batch = &first.batch;
        let run = Run {
            tenant: first.author.tenant,
            founds: batch.founds_tenant,
            after: batch.after,
            plan: plan(&steps).ok_or(Stop::Unclear)?,
            counters: &counters,
            bounds: &batch.bounds,
            once: batch.once,
            remember: Some(Earlier { at: batch.at, ..Earlier::default() }),
            filed: self.filed,
        };
        let done = match self.run(&run, steps.len() == 1).await? {
            Outcome::Known(before) => {
                let (first, last, numbers) = (before.first, before.last, before.numbers);
                return Ok(vec![Committed { first, last, numbers, replayed: true }]);
            }
            Outcome::Done(done) => done,
        };
        let (mut last, mut numbers) = (done.base, done.numbers.into_iter());
        let answers = entries.iter().map(|entry| {
            let first = last + 1;
            last +=
                entry.steps().filter(|step| matches!(step.change.write, Write::Put { .. })).count() as i64;
            let numbers = numbers.by_ref().take(entry.steps().filter(is_numbered).count()).collect();
            Committed { first, last, numbers, replayed: false }
        });
        Ok(answers.collect())
    }

    /// One batch, by halves: what of it is refused, or that it is not, is exactly what its changes one after the other
    /// would be told. The tenant's row is taken.
    pub(crate) async fn by_halves(&mut self, entry: &Entry) -> Result<Committed, Stop> {
        let steps: Vec<Step<'_>> = entry.steps().collect();
        let mut runs = vec![&steps[..]];
        let mut earlier = Earlier { at: entry.batch.at, ..Earlier::default() };
        let mut base = None;
        while let Some(steps) = runs.pop() {
            let Some(plan) = plan(steps) else {
                halve(steps, &mut runs)?;
                continue;
            };
            let events = plan.events.len() as i64;
            let run = Run {
                tenant: entry.author.tenant,
                founds: entry.batch.founds_tenant && base.is_none(),
                after: entry.batch.after.filter(|_| base.is_none()),
                plan,
                counters: &[],
                bounds: &[],
                once: entry.batch.once,
                remember: None,
                filed: self.filed,
            };
            say(self.connection, "SAVEPOINT crm_run").await?;
            match self.run(&run, steps.len() == 1).await {
                Ok(Outcome::Known(before)) => {
                    let (first, last, numbers) = (before.first, before.last, before.numbers);
                    return Ok(Committed { first, last, numbers, replayed: true });
                }
                Ok(Outcome::Done(done)) => {
                    base = base.or(Some(done.base));
                    earlier.events += events;
                    earlier.numbers.extend(done.numbers);
                    say(self.connection, "RELEASE SAVEPOINT crm_run").await?;
                }
                Err(Stop::Failed(error)) => return Err(error.into()),
                Err(refused) if steps.len() < 2 => return Err(refused),
                Err(_) => {
                    say(self.connection, "ROLLBACK TO SAVEPOINT crm_run").await?;
                    halve(steps, &mut runs)?;
                }
            }
        }
        self.conclude(entry, earlier, base).await
    }

    /// What concerns the whole batch, once its changes are written.
    async fn conclude(
        &mut self,
        entry: &Entry,
        earlier: Earlier,
        base: Option<i64>,
    ) -> Result<Committed, Stop> {
        let batch = &entry.batch;
        let (events, numbers) = (earlier.events, earlier.numbers.clone());
        let run = Run {
            tenant: entry.author.tenant,
            founds: batch.founds_tenant && base.is_none(),
            after: batch.after.filter(|_| base.is_none()),
            plan: plan(&[]).unwrap_or_default(),
            counters: &batch.counters,
            bounds: &batch.bounds,
            once: batch.once,
            remember: Some(earlier),
            filed: self.filed,
        };
        match self.run(&run, true).await? {
            Outcome::Known(_) => Err(Stop::Unclear),
            Outcome::Done(done) => {
                Ok(Committed { first: done.base + 1 - events, last: done.base, numbers, replayed: false })
            }
        }
    }

    /// Runs one statement. A broken rule of the schema is certain for a single change alone.
    async fn run(&mut self, run: &Run<'_>, single: bool) -> Result<Outcome, Stop> {
        let sql = run.sql(self.tables)?;
        let answer = ask(self.connection, sql, self.prepared).await;
        let rows = answer.map_err(|stop| match stop {
            Stop::Failed(error) => match broken(self.tables, &error) {
                // A counter out of its range is told last: beside changes, one of them may be stale.
                Some(Error::Invalid { .. }) if !run.plan.tables.is_empty() => Stop::Unclear,
                Some(told) if single => Stop::Refused(told),
                Some(_) => Stop::Unclear,
                // Somebody else has just committed under the same key.
                None if code(&error) == Some("23505") => Stop::Unclear,
                None => Stop::Failed(error),
            },
            stop => stop,
        })?;
        let row = rows.first().ok_or_else(|| Error::Corrupt("a commit has no answer".to_owned()))?;
        run.outcome(row)
    }
}

fn halve<'s, 'a>(steps: &'s [Step<'a>], runs: &mut Vec<&'s [Step<'a>]>) -> Result<(), Stop> {
    if steps.len() < 2 {
        return Err(Stop::Unclear);
    }
    let (former, latter) = steps.split_at(steps.len() / 2);
    runs.push(latter);
    runs.push(former);
    Ok(())
}

fn is_numbered(step: &Step<'_>) -> bool {
    let new = step.change.expect == crm_core::Expect::Absent && step.change.object.series.is_some();
    new && matches!(&step.change.write, Write::Put { row, .. } if row.number.is_none())
}

/// What the batches add to the counters together; `None` if that leaves the range of a counter.
fn sums(entries: &[&Entry]) -> Option<Vec<crm_core::Delta>> {
    if let [entry] = entries {
        return Some(entry.batch.counters.clone());
    }
    let mut sums: std::collections::BTreeMap<(&'static str, &str), i64> = std::collections::BTreeMap::new();
    for delta in entries.iter().flat_map(|entry| &entry.batch.counters) {
        let sum = sums.entry((delta.name, &delta.key)).or_default();
        *sum = sum.checked_add(delta.by)?;
    }
    let sums = sums.into_iter().filter(|(_, by)| *by != 0);
    Some(sums.map(|((name, key), by)| crm_core::Delta { name, key: key.to_owned(), by }).collect())
}

/// The time of an erasure and what it is about.
pub(crate) struct Erasure {
    pub(crate) author: Author,
    pub(crate) object: &'static crm_core::Object,
    pub(crate) id: Uuid,
    pub(crate) at: DateTime<Utc>,
}
