//! A run of changes as what one statement writes: per table the last row of each record with its first expectation.
//!
//! One statement must do to the database what the changes would do one after the other. Where that is not sure, as
//! where a value wanders from one record to another, there is no plan, and the run is split until there is one; a
//! single change always has one.

use std::collections::HashMap;

use crm_core::{Change, EventKind, Expect, Object, Row, Value, Write};
use uuid::Uuid;

use crate::{commit::Entry, sql::Json};

/// A change of one of the batches that are committed together.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) change: &'a Change,
    /// Its event's changes.
    pub(crate) json: &'a Json,
}

/// What one statement writes.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    pub(crate) tables: Vec<Writes<'a>>,
    pub(crate) events: Vec<Logged<'a>>,
    /// How many numbers each object gives, and which of its numbers each new record gets: the object, and a place from
    /// 1 on.
    pub(crate) numbers: Vec<(&'static Object, i64)>,
}

/// What is written to one table.
pub(crate) struct Writes<'a> {
    pub(crate) object: &'static Object,
    pub(crate) inserts: Vec<Put<'a>>,
    /// With the version that each replaces.
    pub(crate) updates: Vec<(Put<'a>, i64)>,
    /// Records that must be at a version.
    pub(crate) held: Vec<(Uuid, i64)>,
    /// Records that must not be.
    pub(crate) absent: Vec<Uuid>,
}

impl<'a> Writes<'a> {
    /// The texts that search looks at, by record.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Uuid, &'a str)> + '_ {
        let puts = self.inserts.iter().chain(self.updates.iter().map(|(put, _)| put));
        let searched = puts.filter(|_| self.object.is_searchable());
        searched.filter_map(|put| Some((put.row.id, put.search?)))
    }
}

pub(crate) struct Put<'a> {
    pub(crate) row: &'a Row,
    pub(crate) search: Option<&'a str>,
    /// Its place among the numbers that the object gives.
    pub(crate) numbered: Option<i64>,
}

pub(crate) struct Logged<'a> {
    pub(crate) step: Step<'a>,
    pub(crate) record: Uuid,
    pub(crate) version: i64,
    pub(crate) kind: EventKind,
}

/// What is known of a record in the course of a run.
struct Known<'a> {
    first: Expect,
    put: Option<(&'a Row, Option<&'a str>)>,
    numbered: Option<i64>,
}

type Record = (&'static str, Uuid);

/// The plan of a run; `None` if it must be split.
pub(crate) fn plan<'a>(steps: &[Step<'a>]) -> Option<Plan<'a>> {
    let mut plan = Plan::default();
    let mut known: HashMap<Record, Known<'a>> = HashMap::new();
    let mut order: Vec<(&'static Object, Uuid)> = Vec::new();
    let mut claims: HashMap<(&'static str, usize, String), Uuid> = HashMap::new();
    let made = made(steps);
    for (nth, step) in steps.iter().enumerate() {
        let Change { object, id, expect, write } = step.change;
        let record = (object.name, *id);
        let before = known.get(&record);
        if before.is_some_and(|before| !before.fulfils(*expect)) {
            return None;
        }
        let Write::Put { row, search, event } = write else {
            known.entry(record).or_insert_with(|| {
                order.push((object, *id));
                Known { first: *expect, put: None, numbered: None }
            });
            continue;
        };
        let earlier = before.and_then(|before| before.put);
        if earlier.is_some_and(|(earlier, _)| !is_replaced_by(object, earlier, row)) {
            return None;
        }
        for (index, target) in object.references() {
            let Some(Value::Id(id)) = row.values.get(index) else { continue };
            if made.get(&(target.name, *id)).is_some_and(|made| *made > nth) {
                return None;
            }
        }
        for (field, value) in claimed(object, row) {
            if claims.insert((object.name, field, value), *id).is_some_and(|holder| holder != *id) {
                return None;
            }
        }
        let is_new = earlier.is_none() && *expect == Expect::Absent;
        let numbered = (is_new && row.number.is_none() && object.series.is_some()).then(|| {
            plan.numbers
                .push((object, 1 + plan.numbers.iter().filter(|(own, _)| own == object).count() as i64));
            plan.numbers.last().map_or(0, |(_, place)| *place)
        });
        let search = search.as_deref().or(earlier.and_then(|(_, search)| search));
        match known.get_mut(&record) {
            Some(own) => {
                own.put = Some((row, search));
                own.numbered = own.numbered.or(numbered);
            }
            None => {
                order.push((object, *id));
                known.insert(record, Known { first: *expect, put: Some((row, search)), numbered });
            }
        }
        plan.events.push(Logged { step: *step, record: row.id, version: row.version, kind: event.kind });
    }
    for (object, id) in order {
        let Some(own) = known.remove(&(object.name, id)) else { continue };
        plan.add(object, id, own);
    }
    Some(plan)
}

/// At which step each new record is made.
fn made(steps: &[Step<'_>]) -> HashMap<Record, usize> {
    let mut made = HashMap::new();
    for (nth, step) in steps.iter().enumerate() {
        if let (Expect::Absent, Write::Put { .. }) = (step.change.expect, &step.change.write) {
            made.entry((step.change.object.name, step.change.id)).or_insert(nth);
        }
    }
    made
}

/// The unique values that a row holds.
fn claimed(object: &'static Object, row: &Row) -> impl Iterator<Item = (usize, String)> {
    let live = row.deleted_at.is_none();
    object.unique_fields().filter_map(move |index| {
        let value = row.values.get(index).filter(|value| live && !value.is_null())?;
        Some((index, value.to_json().to_string()))
    })
}

/// Whether it makes no difference that a row was there for a moment before the next one of the same record.
fn is_replaced_by(object: &'static Object, earlier: &Row, later: &Row) -> bool {
    let numbered = object.series.is_some() && earlier.number != later.number;
    let unnumbered = object.series.is_some() && earlier.number.is_none();
    let references = object.references().all(|(index, _)| {
        let earlier = earlier.values.get(index);
        earlier.is_none_or(Value::is_null) || earlier == later.values.get(index)
    });
    let later: Vec<_> = claimed(object, later).collect();
    !numbered && !unnumbered && references && claimed(object, earlier).all(|claim| later.contains(&claim))
}

impl Known<'_> {
    fn fulfils(&self, expect: Expect) -> bool {
        match self.put {
            Some((row, _)) => expect == Expect::Version(row.version),
            None => expect == self.first,
        }
    }
}

impl<'a> Plan<'a> {
    fn add(&mut self, object: &'static Object, id: Uuid, own: Known<'a>) {
        let place = self.tables.iter().position(|writes| writes.object == object);
        let place = place.unwrap_or_else(|| {
            let (inserts, updates, held, absent) = Default::default();
            self.tables.push(Writes { object, inserts, updates, held, absent });
            self.tables.len() - 1
        });
        let writes = &mut self.tables[place];
        match (own.put, own.first) {
            (Some((row, search)), Expect::Absent) => {
                writes.inserts.push(Put { row, search, numbered: own.numbered });
            }
            (Some((row, search)), Expect::Version(version)) => {
                writes.updates.push((Put { row, search, numbered: None }, version));
            }
            (None, Expect::Version(version)) => writes.held.push((id, version)),
            (None, Expect::Absent) => writes.absent.push(id),
        }
    }

    /// How many numbers an object gives.
    pub(crate) fn given(&self, object: &'static Object) -> i64 {
        self.numbers.iter().filter(|(own, _)| *own == object).count() as i64
    }
}
