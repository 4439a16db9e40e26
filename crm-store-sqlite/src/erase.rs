//! Removing a record for good.

use chrono::{DateTime, Utc};
use crm_core::{Conflict, Error, EventKind, Object};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    commit::{Author, Group, Part},
    error::Stop,
    log,
    pool::Database,
    table::{Reader, Table, table},
};

/// A record that is to be removed.
pub(crate) struct Erasure {
    pub(crate) author: Author,
    pub(crate) object: &'static Object,
    pub(crate) id: Uuid,
    pub(crate) at: DateTime<Utc>,
}

const EVENTS: &str = "SELECT eid, changes FROM events WHERE tenant_id = ? AND object = ? AND record_id = ?";
const BLANK: &str = "UPDATE events SET changes = ? WHERE eid = ?";

impl Group {
    /// Removes a deleted record: its row, its search text, the values of its events.
    pub(crate) fn erase(&mut self, database: &Database, erasure: &Erasure) -> Result<(), Stop> {
        // Deleted content is overwritten, also where that takes a write of its own.
        database.run("PRAGMA secure_delete = ON")?;
        let done = self.remove(database, erasure);
        database.run("PRAGMA secure_delete = FAST")?;
        done
    }

    fn remove(&mut self, database: &Database, erasure: &Erasure) -> Result<(), Stop> {
        let Erasure { author, object, id, at } = erasure;
        let table = table(object)?;
        let missing = || Stop::Refused(Error::NotFound { what: object.singular });
        let head = self.head(database, author.tenant)?.ok_or_else(missing)?;
        let mut part = Part::new(database, author, head);
        let (rid, version, live) = part.find(table, *id)?.ok_or_else(missing)?;
        if live {
            let rule = Conflict::Rule("a live record cannot be erased; delete it first");
            return Err(Error::Conflict(rule).into());
        }
        unreferenced(database, table, author, *id)?;
        database.statement(&table.delete)?.bind(rid)?.run()?;
        part.unindex(table, rid);
        blank(database, table, author, *id)?;
        part.append(object, *id, version + 1, EventKind::Erased, at.timestamp_micros(), "[]")?;
        self.adopt(part);
        Ok(())
    }
}

fn unreferenced(database: &Database, table: &Table, author: &Author, id: Uuid) -> Result<(), Stop> {
    for (holder, field, sql) in &table.referrers {
        let mut statement = database.statement(sql)?;
        statement.bind(author.tenant_bytes())?.bind(id.as_bytes().as_slice())?;
        if statement.first(|_| Ok(()))?.is_some() {
            let field = holder.public_name(*field);
            return Err(Error::Conflict(Conflict::Reference { object: holder.name, field }).into());
        }
    }
    Ok(())
}

/// Removes the values from the record's events; which fields changed when stays.
fn blank(database: &Database, table: &Table, author: &Author, id: Uuid) -> Result<(), Stop> {
    let mut statement = database.statement(EVENTS)?;
    statement.bind(author.tenant_bytes())?.bind(table.object.name)?.bind(id.as_bytes().as_slice())?;
    let events = statement.all(|row| {
        let mut reader = Reader { row, next: 0, table: "events" };
        Ok((reader.integer("eid")?, reader.parsed("changes", log::read_changes)?))
    })?;
    for (eid, mut changes) in events {
        for change in &mut changes {
            (change.old, change.new) = (Json::Null, Json::Null);
        }
        let changes = log::write_changes(&changes)?;
        database.statement(BLANK)?.bind(changes)?.bind(eid)?.run()?;
    }
    Ok(())
}
