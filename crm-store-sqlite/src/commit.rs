//! One batch, inside the transaction of its group: the checks in their order, and what is written.

use std::collections::{BTreeMap, HashMap};

use crm_core::{
    Batch, Change, Committed, Conflict, Delta, Error, EventDraft, EventKind, Expect, Object, Row,
    TenantScope, Value, Write, overflow,
};
use rusqlite::types::{Null, Value as Parameter};
use uuid::Uuid;

use crate::{
    error::Stop,
    log::{self, packed},
    pool::Database,
    table::{Bound, Search, Table, table, tables},
};

/// A batch on its way to the writer, with what could be computed beforehand.
pub(crate) struct Work {
    pub(crate) author: Author,
    pub(crate) batch: Batch,
    /// Per change, its event's changes in JSON.
    changes: Vec<String>,
}

/// Who does it, in which tenant, for the log.
pub(crate) struct Author {
    pub(crate) tenant: Uuid,
    actor: String,
    kind: &'static str,
    request: Option<Uuid>,
}

/// What a transaction knows and will write at its end. The numbers were read within it.
#[derive(Debug, Default)]
pub(crate) struct Group {
    heads: HashMap<Uuid, Head>,
    /// By table and rid, so that the index is written in ascending order: descending costs twenty times as much.
    search: BTreeMap<(usize, i64), Indexing>,
}

/// The numbers of a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    number: i64,
    pub(crate) last: i64,
    written: i64,
    series: Vec<(usize, Series)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Series {
    rid: i64,
    number: i64,
    /// The last rid whose text is in the search index.
    filed: i64,
    /// What the file has of them.
    written: (i64, i64, i64),
}

/// What happens to a row that is in the search index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Indexing {
    Changed(String),
    Gone,
}

const FOUND: &str = "INSERT INTO heads (tenant_id, last_seq) VALUES (?, 0) RETURNING tenant_no";
const ADVANCE: &str = "UPDATE heads SET last_seq = ? WHERE tenant_no = ?";
const SERIES: &str = "SELECT last_rid, last_number, filed_rid FROM series WHERE tenant_id = ? AND object = ?";
const COUNT_ON: &str = "INSERT INTO series (tenant_id, object, last_rid, last_number, filed_rid) \
     VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_rid = excluded.last_rid, \
     last_number = excluded.last_number, filed_rid = excluded.filed_rid";
const ONCE: &str = "SELECT content, first_seq, last_seq, numbers FROM once WHERE tenant_id = ? AND key = ?";
const REMEMBER: &str = "INSERT INTO once (tenant_id, key, content, first_seq, last_seq, numbers, at) \
     VALUES (?, ?, ?, ?, ?, ?, ?)";
const COUNTER: &str = "SELECT value FROM counters WHERE tenant_id = ? AND name = ? AND key = ?";
const COUNT: &str = "INSERT INTO counters (tenant_id, name, key, value) VALUES (?, ?, ?, ?) \
     ON CONFLICT DO UPDATE SET value = excluded.value";
const FORGET: &str = "DELETE FROM counters WHERE tenant_id = ? AND name = ? AND key = ?";

impl Work {
    pub(crate) fn new(scope: &TenantScope, batch: Batch) -> Result<Self, Error> {
        let json = |change: &Change| match &change.write {
            Write::Check => Ok(String::new()),
            Write::Put { event, .. } => log::write_changes(&event.changes),
        };
        let changes = batch.changes.iter().map(json).collect::<Result<_, _>>()?;
        Ok(Self { author: Author::of(scope), batch, changes })
    }

    /// How many changes it has: what a group is measured by.
    pub(crate) fn size(&self) -> usize {
        self.batch.changes.len()
    }
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

    pub(crate) fn tenant_bytes(&self) -> &[u8] {
        self.tenant.as_bytes().as_slice()
    }
}

/// An event on its way into the log.
pub(crate) struct Entry<'a> {
    pub(crate) at: i64,
    pub(crate) actor: &'a str,
    pub(crate) actor_type: &'a str,
    pub(crate) request: Option<Uuid>,
    pub(crate) object: &'a str,
    pub(crate) record: Uuid,
    pub(crate) version: i64,
    pub(crate) kind: &'a str,
    pub(crate) changes: &'a str,
}

/// A part of a transaction: one batch, or one erasure.
pub(crate) struct Part<'a> {
    pub(crate) database: &'a Database,
    pub(crate) author: &'a Author,
    pub(crate) head: Head,
    search: Vec<((usize, i64), Indexing)>,
}

impl Group {
    /// The tenant's numbers, if there is such a tenant.
    pub(crate) fn head(&self, database: &Database, tenant: Uuid) -> Result<Option<Head>, Stop> {
        if let Some(head) = self.heads.get(&tenant) {
            return Ok(Some(head.clone()));
        }
        let mut statement = database.statement(log::TENANT)?;
        statement.bind(tenant.as_bytes().as_slice())?.first(|row| {
            let (number, last) = (row.get(0)?, row.get(1)?);
            Ok(Head { number, last, written: last, series: Vec::new() })
        })
    }

    /// The numbers of a tenant that exists, or that is to be founded.
    pub(crate) fn founded(&self, database: &Database, author: &Author, founds: bool) -> Result<Head, Stop> {
        match (self.head(database, author.tenant)?, founds) {
            (Some(_), true) => Err(Error::Conflict(Conflict::Tenant).into()),
            (None, false) => Err(Error::NotFound { what: "tenant" }.into()),
            (Some(head), false) => Ok(head),
            (None, true) => {
                let mut statement = database.statement(FOUND)?;
                let number = statement.bind(author.tenant_bytes())?.first(|row| Ok(row.get(0)?))?;
                Ok(Head { number: number.unwrap_or_default(), last: 0, written: 0, series: Vec::new() })
            }
        }
    }

    /// Commits a batch.
    pub(crate) fn commit(&mut self, database: &Database, work: &Work) -> Result<Committed, Stop> {
        let head = self.founded(database, &work.author, work.batch.founds_tenant)?;
        let mut part = Part::new(database, &work.author, head);
        let committed = part.commit(&work.batch, &work.changes)?;
        self.adopt(part);
        Ok(committed)
    }

    /// Takes over what a part that was not refused has left to do.
    pub(crate) fn adopt(&mut self, part: Part<'_>) {
        self.search.extend(part.search);
        self.heads.insert(part.author.tenant, part.head);
    }

    /// Removes a tenant from the search indexes, with what is still to be written there.
    pub(crate) fn unindex_tenant(&mut self, database: &Database, head: &Head) -> Result<(), Stop> {
        let (first, last) = (packed(head.number, 1)?, packed(head.number, log::LOWER)?);
        self.search.retain(|(_, rid), _| !(first..=last).contains(rid));
        for search in tables().iter().filter_map(|table| table.search.as_ref()) {
            database.statement(&search.clear)?.bind(first)?.bind(last)?.run()?;
        }
        Ok(())
    }

    /// Forgets the numbers of a tenant that is no more.
    pub(crate) fn forget(&mut self, tenant: Uuid) {
        self.heads.remove(&tenant);
    }

    /// Writes what is written once for all parts.
    pub(crate) fn finish(self, database: &Database) -> rusqlite::Result<()> {
        for ((index, rid), indexing) in self.search {
            let Some(search) = tables().get(index).and_then(|table| table.search.as_ref()) else { continue };
            write_search(database, search, rid, &indexing)?;
        }
        for (tenant, head) in self.heads {
            if head.last != head.written {
                database.statement(ADVANCE)?.bind(head.last)?.bind(head.number)?.run()?;
            }
            for (index, mut series) in head.series {
                let Some(table) = tables().get(index) else { continue };
                file(database, table, head.number, &mut series)?;
                if series.now() != series.written {
                    let mut statement = database.statement(COUNT_ON)?;
                    statement.bind(tenant.as_bytes().as_slice())?.bind(table.object.name)?;
                    statement.bind(series.rid)?.bind(series.number)?.bind(series.filed)?.run()?;
                }
            }
        }
        Ok(())
    }
}

impl Series {
    fn now(&self) -> (i64, i64, i64) {
        (self.rid, self.number, self.filed)
    }
}

/// Puts the texts of a tenant's new rows into the search index, once there are enough of them.
fn file(database: &Database, table: &Table, tenant: i64, series: &mut Series) -> rusqlite::Result<()> {
    let Some(search) = &table.search else { return Ok(()) };
    if series.rid - series.filed >= i64::from(database.filed_every.max(1)) {
        let (first, last) = ((tenant << 32) | (series.filed + 1), (tenant << 32) | series.rid);
        database.statement(&search.file)?.bind(first)?.bind(last)?.run()?;
        series.filed = series.rid;
    }
    Ok(())
}

fn write_search(database: &Database, search: &Search, rid: i64, indexing: &Indexing) -> rusqlite::Result<()> {
    match indexing {
        Indexing::Changed(text) => database.statement(&search.replace)?.bind(rid)?.bind(text)?.run()?,
        Indexing::Gone => database.statement(&search.delete)?.bind(rid)?.run()?,
    };
    Ok(())
}

impl<'a> Part<'a> {
    pub(crate) fn new(database: &'a Database, author: &'a Author, head: Head) -> Self {
        Self { database, author, head, search: Vec::new() }
    }

    fn commit(&mut self, batch: &Batch, changes: &[String]) -> Result<Committed, Stop> {
        if let Some(answered) = self.answered(batch)? {
            return Ok(answered);
        }
        if batch.after.is_some_and(|after| after != self.head.last) {
            return Err(Error::Conflict(Conflict::Log).into());
        }
        let first = self.head.last + 1;
        let mut numbers = Vec::new();
        for (change, json) in batch.changes.iter().zip(changes) {
            numbers.extend(self.change(batch, change, json)?);
        }
        for delta in &batch.counters {
            self.count(delta)?;
        }
        for bound in &batch.bounds {
            let value = self.counter(bound.name, &bound.key)?;
            if !(bound.at_least..=bound.at_most).contains(&value) {
                return Err(Error::Conflict(Conflict::Rule(bound.rule)).into());
            }
        }
        let committed = Committed { first, last: self.head.last, numbers, replayed: false };
        self.remember(batch, &committed)?;
        Ok(committed)
    }

    /// What was answered to the same batch before.
    fn answered(&self, batch: &Batch) -> Result<Option<Committed>, Stop> {
        let Some(once) = batch.once else { return Ok(None) };
        let mut statement = self.database.statement(ONCE)?;
        statement.bind(self.author.tenant_bytes())?.bind(once.key.as_bytes().as_slice())?;
        statement.first(|row| {
            if row.get_ref(0)?.as_blob().ok() != Some(once.content.as_bytes().as_slice()) {
                return Err(Error::Conflict(Conflict::Once).into());
            }
            let numbers = row.get::<_, String>(3)?;
            let numbers = serde_json::from_str(&numbers)
                .map_err(|_| Error::Corrupt("a row of once has no fitting `numbers`".to_owned()))?;
            Ok(Committed { first: row.get(1)?, last: row.get(2)?, numbers, replayed: true })
        })
    }

    fn remember(&self, batch: &Batch, committed: &Committed) -> Result<(), Stop> {
        let Some(once) = batch.once else { return Ok(()) };
        let mut statement = self.database.statement(REMEMBER)?;
        statement.bind(self.author.tenant_bytes())?.bind(once.key.as_bytes().as_slice())?;
        statement.bind(once.content.as_bytes().as_slice())?.bind(committed.first)?.bind(committed.last)?;
        let numbers = serde_json::Value::from(committed.numbers.clone()).to_string();
        statement.bind(numbers)?.bind(batch.at.timestamp_micros())?.run()?;
        Ok(())
    }

    fn change(&mut self, batch: &Batch, change: &Change, json: &str) -> Result<Option<i64>, Stop> {
        let table = table(change.object)?;
        let object = table.object;
        let put = match &change.write {
            Write::Check => None,
            Write::Put { row, search, event } => Some((row, search, event)),
        };
        let stale = || Stop::Refused(Error::Conflict(Conflict::Version { object: object.name }));
        // A new row needs no look beforehand: its keys refuse a second one.
        let (Expect::Absent, Some((row, search, event))) = (change.expect, put) else {
            let found = self.find(table, change.id)?;
            let rid = match (change.expect, found) {
                (Expect::Absent, None) => return Ok(None),
                (Expect::Version(expected), Some((rid, version, _))) if expected == version => rid,
                _ => return Err(stale()),
            };
            if let Some((row, search, event)) = put {
                self.replace(table, rid, row, search.as_deref())?;
                self.log(object, row, event, batch, json)?;
            }
            return Ok(None);
        };
        let given = self.insert(table, change.id, row, search.as_deref())?;
        self.log(object, row, event, batch, json)?;
        Ok(given)
    }

    /// rid, version and whether it is live.
    pub(crate) fn find(&self, table: &Table, id: Uuid) -> Result<Option<(i64, i64, bool)>, Stop> {
        let mut statement = self.database.statement(&table.find)?;
        statement.bind(self.author.tenant_bytes())?.bind(id.as_bytes().as_slice())?;
        statement.first(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// Stores a new row; the number that it was given.
    pub(crate) fn insert(
        &mut self,
        table: &Table,
        id: Uuid,
        row: &Row,
        search: Option<&str>,
    ) -> Result<Option<i64>, Stop> {
        let (series, given) = self.next(table, row)?;
        let rid = packed(self.head.number, series.rid)?;
        let number = given.or(row.number);
        let mut statement = self.database.statement(&table.insert)?;
        statement.bind(rid)?.bind(self.author.tenant_bytes())?;
        if table.search.is_some() {
            statement.bind(search.unwrap_or_default())?;
        }
        statement.bind(id.as_bytes().as_slice())?;
        table.bind(&mut statement, row, number)?;
        if let Err(error) = statement.run() {
            drop(statement);
            if is_constraint(&error) && self.find(table, id)?.is_some() {
                let stale = Conflict::Version { object: table.object.name };
                return Err(Error::Conflict(stale).into());
            }
            return Err(self.violated(table, row, number.filter(|_| given.is_none()), error)?);
        }
        Ok(given)
    }

    fn replace(&mut self, table: &Table, rid: i64, row: &Row, search: Option<&str>) -> Result<(), Stop> {
        let mut statement = self.database.statement(&table.update)?;
        table.bind(&mut statement, row, row.number)?;
        if table.search.is_some() {
            statement.bind(search)?;
        }
        statement.bind(rid)?;
        if let Err(error) = statement.run() {
            drop(statement);
            return Err(self.violated(table, row, None, error)?);
        }
        if let Some(text) = search
            && self.is_filed(table, rid)?
        {
            self.search.push(((table.index, rid), Indexing::Changed(text.to_owned())));
        }
        Ok(())
    }

    /// The numbers of a table.
    fn series(&mut self, table: &Table) -> Result<&mut Series, Stop> {
        let place = match self.head.series.iter().position(|(index, _)| *index == table.index) {
            Some(place) => place,
            None => {
                let mut statement = self.database.statement(SERIES)?;
                statement.bind(self.author.tenant_bytes())?.bind(table.object.name)?;
                let read = statement.first(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                let written @ (rid, number, filed) = read.unwrap_or((0, 0, 0));
                self.head.series.push((table.index, Series { rid, number, filed, written }));
                self.head.series.len() - 1
            }
        };
        Ok(&mut self.head.series[place].1)
    }

    /// Never gives numbers up to this one again.
    pub(crate) fn count_on_from(&mut self, table: &Table, number: i64) -> Result<(), Stop> {
        let series = self.series(table)?;
        series.number = series.number.max(number);
        Ok(())
    }

    /// Takes the next rid of a table, and the next number if the row wants one.
    fn next(&mut self, table: &Table, row: &Row) -> Result<(Series, Option<i64>), Stop> {
        let series = self.series(table)?;
        series.rid += 1;
        let wanted = row.number.is_none() && table.object.series.is_some();
        series.number += i64::from(wanted);
        Ok((*series, wanted.then_some(series.number)))
    }

    /// Which rule a refused statement has broken, in the order in which they are looked at. SQLite does not say.
    fn violated(
        &self,
        table: &Table,
        row: &Row,
        number: Option<i64>,
        error: rusqlite::Error,
    ) -> Result<Stop, Stop> {
        if !is_constraint(&error) {
            return Ok(error.into());
        }
        let (object, tenant) = (table.object, self.author.tenant_bytes());
        let conflict = |conflict| Ok(Stop::Refused(Error::Conflict(conflict)));
        for (index, sql) in &table.unique {
            let Some(value) = row.values.get(*index).filter(|_| row.deleted_at.is_none()) else { continue };
            let mut statement = self.database.statement(sql)?;
            statement.bind(tenant)?.bind(Bound(value))?.bind(row.id.as_bytes().as_slice())?;
            if statement.first(|_| Ok(()))?.is_some() {
                return conflict(Conflict::Unique { object: object.name, field: object.public_name(*index) });
            }
        }
        for (index, target) in object.references() {
            let Some(Value::Id(id)) = row.values.get(index) else { continue };
            if self.find(self::table(target)?, *id)?.is_none() {
                return conflict(Conflict::Reference {
                    object: object.name,
                    field: object.public_name(index),
                });
            }
        }
        if let (Some(number), Some(series)) = (number, object.series) {
            let mut statement = self.database.statement(&table.numbered)?;
            if statement.bind(tenant)?.bind(number)?.first(|_| Ok(()))?.is_some() {
                return conflict(Conflict::Unique { object: object.name, field: series.field });
            }
        }
        Ok(error.into())
    }

    fn log(
        &mut self,
        object: &Object,
        row: &Row,
        event: &EventDraft,
        batch: &Batch,
        changes: &str,
    ) -> Result<(), Stop> {
        self.append(object, row.id, row.version, event.kind, batch.at.timestamp_micros(), changes)
    }

    /// Appends an event to the log.
    pub(crate) fn append(
        &mut self,
        object: &Object,
        record: Uuid,
        version: i64,
        kind: EventKind,
        at: i64,
        changes: &str,
    ) -> Result<(), Stop> {
        let Author { actor, kind: actor_type, request, .. } = self.author;
        let (request, object, kind) = (*request, object.name, kind.name());
        self.enter(&Entry { at, actor, actor_type, request, object, record, version, kind, changes })
    }

    /// Writes the next event of the log.
    pub(crate) fn enter(&mut self, entry: &Entry<'_>) -> Result<(), Stop> {
        let seq = self.head.last + 1;
        let mut statement = self.database.statement(log::INSERT)?;
        statement.bind(packed(self.head.number, seq)?)?.bind(self.author.tenant_bytes())?.bind(seq)?;
        statement.bind(entry.at)?.bind(entry.actor)?.bind(entry.actor_type)?;
        match &entry.request {
            Some(request) => statement.bind(request.as_bytes().as_slice())?,
            None => statement.bind(Null)?,
        };
        statement.bind(entry.object)?.bind(entry.record.as_bytes().as_slice())?.bind(entry.version)?;
        statement.bind(entry.kind)?.bind(entry.changes)?.run()?;
        self.head.last = seq;
        Ok(())
    }

    /// Whether the text of a row is in the search index.
    fn is_filed(&mut self, table: &Table, rid: i64) -> Result<bool, Stop> {
        Ok(table.search.is_some() && rid & log::LOWER <= self.series(table)?.filed)
    }

    /// Notes that a row is gone from the search index.
    pub(crate) fn unindex(&mut self, table: &Table, rid: i64) -> Result<(), Stop> {
        if self.is_filed(table, rid)? {
            self.search.push(((table.index, rid), Indexing::Gone));
        }
        Ok(())
    }

    fn counter(&self, name: &str, key: &str) -> Result<i64, Stop> {
        let mut statement = self.database.statement(COUNTER)?;
        statement.bind(self.author.tenant_bytes())?.bind(name)?.bind(key)?;
        Ok(statement.first(|row| Ok(row.get(0)?))?.unwrap_or(0))
    }

    pub(crate) fn count(&self, delta: &Delta) -> Result<(), Stop> {
        // Not in SQL, where a sum beyond 64 bits becomes a float.
        let value = self.counter(delta.name, &delta.key)?.checked_add(delta.by).ok_or_else(overflow)?;
        let mut statement = self.database.statement(if value == 0 { FORGET } else { COUNT })?;
        statement.bind(self.author.tenant_bytes())?.bind(delta.name)?.bind(delta.key.as_str())?;
        if value != 0 {
            statement.bind(Parameter::Integer(value))?;
        }
        statement.run()?;
        Ok(())
    }
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
