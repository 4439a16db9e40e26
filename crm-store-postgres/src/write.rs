//! The one statement that a run of changes is written by.
//!
//! It takes the tenant's row first, which every writer of the tenant takes, and holds it until the end of the
//! transaction. It may have to wait there, and what it reads is of the moment when it began. So each expectation is
//! held by something that looks again after the wait: a version by the `UPDATE` or the lock of the row that has it, an
//! absence by the primary key, a sum by the counter's own row. What has nothing of the kind, an absence that is checked
//! and not written, is asked for with the tenant's row taken before.

use crm_core::{Bound, Conflict, Delta, Error, Object, Once, Result};
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{
    error::Stop,
    plan::{Plan, Put, Writes},
    sql::{List, Parameter, Sql},
    table::{Reader, Table, Tables},
};

/// A statement's work.
pub(crate) struct Run<'a> {
    pub(crate) tenant: Uuid,
    pub(crate) founds: bool,
    /// The number of the event that must be the last.
    pub(crate) after: Option<i64>,
    pub(crate) plan: Plan<'a>,
    pub(crate) counters: &'a [Delta],
    pub(crate) bounds: &'a [Bound],
    /// The key of the batch.
    pub(crate) once: Option<Once>,
    /// Remembers the batch under its key, with what earlier statements have done of it.
    pub(crate) remember: Option<Earlier>,
    /// Whether new texts go into the text index at once, and are not filed later.
    pub(crate) filed: bool,
}

/// What earlier statements of the same batch have done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earlier {
    pub(crate) events: i64,
    pub(crate) numbers: Vec<i64>,
    pub(crate) at: chrono::DateTime<chrono::Utc>,
}

/// What a statement has done.
pub(crate) struct Done {
    /// The number of the last event before its own.
    pub(crate) base: i64,
    pub(crate) numbers: Vec<i64>,
}

/// What a batch was answered that was committed before under the same key.
pub(crate) struct Before {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) numbers: Vec<i64>,
}

/// The answer of a statement that was not refused.
pub(crate) enum Outcome {
    Done(Done),
    Known(Before),
}

/// Rows of one table that the statement counts, and how many it must find.
struct Part {
    name: &'static str,
    nth: usize,
    due: usize,
}

impl Run<'_> {
    /// The statement. Its one row is read by [`Run::outcome`].
    pub(crate) fn sql(&self, tables: &Tables) -> Result<Sql> {
        let mut sql = Sql::within(self.tenant);
        sql.push("WITH ");
        self.head(tables, &mut sql);
        for (nth, object) in self.numbered().enumerate() {
            let (series, given) = (tables.named("series"), Parameter::Int(self.plan.given(object)));
            sql.push(&format!(
                ", series{nth} AS (INSERT INTO {series} AS s (tenant_id, object, last_number) SELECT $1, "
            ));
            sql.bind(Parameter::Text(object.name.to_owned())).push(", ").bind(given.clone());
            sql.push("::bigint FROM head ON CONFLICT (tenant_id, object) DO UPDATE SET last_number = s.last_number + ");
            sql.push("excluded.last_number RETURNING last_number - ").bind(given).push("::bigint AS base)");
        }
        for (nth, writes) in self.plan.tables.iter().enumerate() {
            let table = tables.of(writes.object)?;
            self.insert(table, nth, &writes.inserts, &mut sql)?;
            self.update(table, nth, writes, &mut sql)?;
            check(table, nth, writes, &mut sql);
            self.texts(tables, nth, writes, &mut sql);
        }
        self.events(tables, &mut sql);
        self.count(tables, &mut sql);
        self.remembered(tables, &mut sql);
        sql.push(" SELECT ");
        for Part { name, nth, .. } in self.parts() {
            sql.push(&format!("(SELECT count(*) FROM {name}{nth}), "));
        }
        sql.push("(SELECT base FROM head)");
        for nth in 0..self.numbered().count() {
            sql.push(&format!(", (SELECT base FROM series{nth})"));
        }
        for bound in self.bounds {
            sql.push(", (SELECT value FROM counted WHERE name = ")
                .bind(Parameter::Text(bound.name.to_owned()));
            sql.push(" AND key = ").bind(Parameter::Text(bound.key.clone())).push(")");
        }
        if self.after.is_some() {
            sql.push(", (SELECT last_seq FROM ").push(&tables.named("heads")).push(" WHERE tenant_id = $1)");
        }
        if self.once.is_some() {
            sql.push(", known.* FROM (VALUES (1)) AS one LEFT JOIN known ON true");
        }
        Ok(sql)
    }

    /// What the statement counts of each table.
    fn parts(&self) -> Vec<Part> {
        let tables = self.plan.tables.iter().enumerate();
        let parts = tables.flat_map(|(nth, writes)| {
            let (inserted, updated) = (writes.inserts.len(), writes.updates.len());
            let there = [("inserted", inserted), ("updated", updated), ("held", writes.held.len())];
            let there = there.into_iter().filter(|(_, due)| *due > 0);
            let absent = (!writes.absent.is_empty()).then_some(("absent", 0));
            there.chain(absent).map(move |(name, due)| Part { name, nth, due })
        });
        parts.collect()
    }

    fn numbered(&self) -> impl Iterator<Item = &'static Object> + '_ {
        let mut seen: Vec<&'static Object> = Vec::new();
        self.plan.numbers.iter().filter_map(move |(object, _)| {
            let new = !seen.contains(object);
            seen.push(object);
            new.then_some(*object)
        })
    }

    fn head(&self, tables: &Tables, sql: &mut Sql) {
        let heads = tables.named("heads");
        if let Some(once) = self.once {
            sql.push("known AS (SELECT content, first_seq, last_seq, numbers FROM ")
                .push(&tables.named("once"));
            sql.push(" WHERE tenant_id = $1 AND key = ").bind(Parameter::Id(once.key)).push("), ");
        }
        let events = Parameter::Int(self.plan.events.len() as i64);
        if self.founds {
            sql.push(&format!("head AS (INSERT INTO {heads} (tenant_id, last_seq) VALUES ($1, "))
                .bind(events);
            sql.push(") ON CONFLICT (tenant_id) DO NOTHING RETURNING 0::bigint AS base)");
        } else {
            sql.push(&format!("head AS (UPDATE {heads} AS h SET last_seq = h.last_seq + "))
                .bind(events.clone());
            sql.push("::bigint WHERE h.tenant_id = $1");
            sql.push(if self.once.is_some() { " AND NOT EXISTS (SELECT FROM known)" } else { "" });
            if let Some(after) = self.after {
                sql.push(" AND h.last_seq = ").bind(Parameter::Int(after)).push("::bigint");
            }
            sql.push(" RETURNING h.last_seq - ").bind(events).push("::bigint AS base)");
        }
    }

    fn insert(&self, table: &Table, nth: usize, puts: &[Put<'_>], sql: &mut Sql) -> Result<()> {
        if puts.is_empty() {
            return Ok(());
        }
        let series = self.numbered().position(|object| object == table.object);
        let values = table.names.iter().map(|name| match series {
            Some(nth) if name == "number" => {
                format!("coalesce(u.number, (SELECT base FROM series{nth}) + u.numbered)")
            }
            _ => format!("u.{name}"),
        });
        let values: Vec<String> = values.collect();
        sql.push(&format!(
            ", inserted{nth} AS (INSERT INTO {} (tenant_id, {}) SELECT $1, {} FROM head, ",
            table.name,
            table.names.join(", "),
            values.join(", ")
        ));
        let mut lists = table.lists(puts.iter().map(|put| put.row))?;
        let mut names = table.names.join(", ");
        if series.is_some() {
            lists.push(List::Int(puts.iter().map(|put| put.numbered).collect()));
            names.push_str(", numbered");
        }
        self.given(lists, &names, sql);
        sql.push(" RETURNING 1)");
        Ok(())
    }

    /// Rows as a table `u`, from a list per column.
    ///
    /// One row is told value by value: `unnest` makes a table of each list, and a row of 24 columns took 80 us so and 25 us
    /// as values, the round trip included (2026-11). So that there are few texts, that is done only where the whole
    /// statement is about one change.
    fn given(&self, lists: Vec<List>, names: &str, sql: &mut Sql) {
        let one = self.plan.events.len() == 1 && lists.iter().all(|list| list.len() == 1);
        sql.push(if one { "(VALUES (" } else { "unnest(" });
        for (nth, list) in lists.into_iter().enumerate() {
            let name = list.type_name();
            sql.push(if nth > 0 { ", " } else { "" });
            if one {
                sql.bind(Parameter::Only(list)).push("::").push(name.trim_end_matches("[]"));
            } else {
                sql.bind(Parameter::List(list)).push("::").push(name);
            }
        }
        sql.push(if one { "))" } else { ")" }).push(" AS u (").push(names).push(")");
    }

    fn update(&self, table: &Table, nth: usize, writes: &Writes<'_>, sql: &mut Sql) -> Result<()> {
        if writes.updates.is_empty() {
            return Ok(());
        }
        let set: Vec<String> = table.names.iter().skip(1).map(|name| format!("{name} = u.{name}")).collect();
        sql.push(&format!(
            ", updated{nth} AS (UPDATE {} AS t SET {} FROM head, ",
            table.name,
            set.join(", ")
        ));
        let mut lists = table.lists(writes.updates.iter().map(|(put, _)| put.row))?;
        lists.push(List::Int(writes.updates.iter().map(|(_, version)| Some(*version)).collect()));
        self.given(lists, &format!("{}, expected", table.names.join(", ")), sql);
        sql.push(" WHERE t.tenant_id = $1 AND t.id = u.id AND t.version = u.expected RETURNING 1)");
        Ok(())
    }

    fn texts(&self, tables: &Tables, nth: usize, writes: &Writes<'_>, sql: &mut Sql) {
        let (ids, bodies): (Vec<_>, Vec<_>) =
            writes.texts().map(|(id, body)| (Some(id), Some(body.to_owned()))).unzip();
        if ids.is_empty() {
            return;
        }
        let search = tables.named("search_texts");
        sql.push(&format!(
            ", texts{nth} AS (INSERT INTO {search} (tenant_id, object, record_id, body, filed) SELECT $1, "
        ));
        sql.bind(Parameter::Text(writes.object.name.to_owned())).push(", u.id, u.body, ");
        sql.bind(Parameter::Bool(self.filed)).push("::boolean FROM head, ");
        self.given(vec![List::Id(ids), List::Text(bodies)], "id, body", sql);
        // A new record has none yet.
        if !writes.updates.is_empty() {
            sql.push(" ON CONFLICT (tenant_id, object, record_id) DO UPDATE ");
            sql.push("SET body = excluded.body, filed = excluded.filed");
        }
        sql.push(")");
    }

    fn events(&self, tables: &Tables, sql: &mut Sql) {
        let events = &self.plan.events;
        if events.is_empty() {
            return;
        }
        let texts = |text: &dyn Fn(&crate::plan::Logged<'_>) -> String| {
            List::Text(events.iter().map(|event| Some(text(event))).collect())
        };
        sql.push(", logged AS (INSERT INTO ").push(&tables.named("events"));
        sql.push(" (tenant_id, seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes) ");
        sql.push("SELECT $1, head.base + u.nth, u.at, u.actor, u.actor_type, u.request_id, u.object, u.record_id, ");
        sql.push("u.version, u.kind, u.changes FROM head, ");
        let lists = vec![
            List::Int((1..=events.len() as i64).map(Some).collect()),
            List::Time(events.iter().map(|event| Some(event.step.entry.batch.at)).collect()),
            texts(&|event| event.step.entry.author.actor.clone()),
            texts(&|event| event.step.entry.author.kind.to_owned()),
            List::Id(events.iter().map(|event| event.step.entry.author.request).collect()),
            texts(&|event| event.step.change.object.name.to_owned()),
            List::Id(events.iter().map(|event| Some(event.record)).collect()),
            List::Int(events.iter().map(|event| Some(event.version)).collect()),
            texts(&|event| event.kind.name().to_owned()),
            List::Json(events.iter().map(|event| Some(event.step.json.clone())).collect()),
        ];
        let names = "nth, at, actor, actor_type, request_id, object, record_id, version, kind, changes";
        self.given(lists, names, sql);
        sql.push(")");
    }

    /// A bound on a counter that the batch does not touch adds nothing to it, so that its newest value is read.
    fn count(&self, tables: &Tables, sql: &mut Sql) {
        let mut deltas: Vec<(&str, &str, i64)> =
            self.counters.iter().map(|delta| (delta.name, delta.key.as_str(), delta.by)).collect();
        for bound in self.bounds {
            if !deltas.iter().any(|(name, key, _)| (*name, *key) == (bound.name, bound.key.as_str())) {
                deltas.push((bound.name, &bound.key, 0));
            }
        }
        if deltas.is_empty() {
            return;
        }
        // Rows that are locked in one order cannot lock each other out.
        deltas.sort_unstable();
        let counters = tables.named("counters");
        sql.push(&format!(", counted AS (INSERT INTO {counters} AS c (tenant_id, name, key, value) "));
        sql.push("SELECT $1, u.name, u.key, u.by FROM head, ");
        let (names, keys) =
            deltas.iter().map(|(name, key, _)| (Some((*name).to_owned()), Some((*key).to_owned()))).unzip();
        let by = deltas.iter().map(|(_, _, by)| Some(*by)).collect();
        self.given(vec![List::Text(names), List::Text(keys), List::Int(by)], "name, key, by", sql);
        sql.push(" ON CONFLICT (tenant_id, name, key) DO UPDATE ");
        sql.push("SET value = c.value + excluded.value RETURNING name, key, value)");
    }

    fn remembered(&self, tables: &Tables, sql: &mut Sql) {
        let (Some(once), Some(earlier)) = (self.once, &self.remember) else { return };
        sql.push(", remembered AS (INSERT INTO ").push(&tables.named("once"));
        sql.push(" (tenant_id, key, content, first_seq, last_seq, numbers, at) SELECT $1, ");
        sql.bind(Parameter::Id(once.key)).push(", ").bind(Parameter::Id(once.content));
        sql.push(", head.base + 1 - ").bind(Parameter::Int(earlier.events)).push("::bigint, head.base + ");
        sql.bind(Parameter::Int(self.plan.events.len() as i64)).push("::bigint, ");
        sql.bind(Parameter::List(List::Int(earlier.numbers.iter().copied().map(Some).collect())));
        sql.push("::bigint[]");
        if !self.plan.numbers.is_empty() {
            sql.push(" || ARRAY(SELECT CASE u.series");
            for nth in 0..self.numbered().count() {
                sql.push(&format!(" WHEN {nth} THEN (SELECT base FROM series{nth})"));
            }
            let objects: Vec<_> = self.numbered().collect();
            let series = self
                .plan
                .numbers
                .iter()
                .map(|(object, _)| objects.iter().position(|own| own == object).map(|nth| nth as i64));
            sql.push(" END + u.place FROM unnest(").bind(Parameter::List(List::Int(series.collect())));
            let places = self.plan.numbers.iter().map(|(_, place)| Some(*place)).collect();
            sql.push("::bigint[], ").bind(Parameter::List(List::Int(places)));
            sql.push("::bigint[]) WITH ORDINALITY AS u (series, place, nth) ORDER BY u.nth)");
        }
        sql.push(", ").bind(Parameter::Time(earlier.at)).push(" FROM head)");
    }

    /// What the statement has done, or why it must be undone.
    pub(crate) fn outcome(&self, row: &PgRow) -> Result<Outcome, Stop> {
        let mut reader = Reader::new(row, "heads");
        let mut stale: Vec<&'static Object> = Vec::new();
        for part in self.parts() {
            let found: i64 = reader.next()?;
            let object = self.plan.tables[part.nth].object;
            if found != part.due as i64 && !stale.contains(&object) {
                stale.push(object);
            }
        }
        let base: Option<i64> = reader.next()?;
        let objects: Vec<_> = self.numbered().collect();
        let mut bases: Vec<Option<i64>> = Vec::new();
        for _ in &objects {
            bases.push(reader.next()?);
        }
        let mut values: Vec<Option<i64>> = Vec::new();
        for _ in self.bounds {
            values.push(reader.next()?);
        }
        let last: Option<i64> = if self.after.is_some() { reader.next()? } else { None };
        if let Some(once) = self.once {
            let content: Option<Uuid> = reader.next()?;
            if let Some(content) = content {
                if self.founds && base.is_none() {
                    return Err(Error::Conflict(Conflict::Tenant).into());
                }
                if content != once.content {
                    return Err(Error::Conflict(Conflict::Once).into());
                }
                let (first, last, numbers) = (reader.next()?, reader.next()?, reader.next()?);
                return Ok(Outcome::Known(Before { first, last, numbers }));
            }
        }
        if base.is_none() && last.is_some() {
            return Err(Error::Conflict(Conflict::Log).into());
        }
        let Some(base) = base else {
            let missing = Error::NotFound { what: "tenant" };
            return Err(if self.founds { Error::Conflict(Conflict::Tenant) } else { missing }.into());
        };
        match stale.as_slice() {
            [] => {}
            [object] => return Err(Error::Conflict(Conflict::Version { object: object.name }).into()),
            _ => return Err(Stop::Unclear),
        }
        for (bound, value) in self.bounds.iter().zip(values) {
            if !(bound.at_least..=bound.at_most).contains(&value.unwrap_or(0)) {
                return Err(Error::Conflict(Conflict::Rule(bound.rule)).into());
            }
        }
        let number = |(object, place): &(&'static Object, i64)| {
            let series = objects.iter().position(|own| own == object);
            series.and_then(|nth| bases[nth]).map_or(0, |base| base + place)
        };
        let numbers = self.plan.numbers.iter().map(number).collect();
        Ok(Outcome::Done(Done { base, numbers }))
    }
}

fn check(table: &Table, nth: usize, writes: &Writes<'_>, sql: &mut Sql) {
    if !writes.held.is_empty() {
        let (ids, versions) = writes.held.iter().map(|(id, version)| (Some(*id), Some(*version))).unzip();
        sql.push(&format!(", held{nth} AS (SELECT t.id FROM head, unnest("))
            .bind(Parameter::List(List::Id(ids)));
        sql.push("::uuid[], ").bind(Parameter::List(List::Int(versions)));
        sql.push(&format!("::bigint[]) AS u (id, expected), {} AS t WHERE t.tenant_id = $1 ", table.name));
        sql.push("AND t.id = u.id AND t.version = u.expected FOR SHARE OF t)");
    }
    if !writes.absent.is_empty() {
        let ids = writes.absent.iter().copied().map(Some).collect();
        sql.push(&format!(
            ", absent{nth} AS (SELECT t.id FROM {} AS t WHERE t.tenant_id = $1 AND t.id = ANY (",
            table.name
        ));
        sql.bind(Parameter::List(List::Id(ids))).push("))");
    }
}
