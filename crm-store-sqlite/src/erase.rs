//! Removing a record, or a tenant with all it has, for good.

use chrono::{DateTime, Utc};
use crm_core::{Conflict, Error, EventKind, Object, referred_to_first};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    commit::{Author, Group, Part},
    error::Stop,
    log,
    pool::Database,
    table::{KEPT, Reader, Table, table},
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
        overwriting(database, || self.remove(database, erasure))
    }

    /// Removes every row that a tenant has in any table.
    pub(crate) fn erase_tenant(&mut self, database: &Database, author: &Author) -> Result<(), Stop> {
        if let Some(head) = self.head(database, author.tenant)? {
            self.unindex_tenant(database, &head)?;
        }
        self.forget(author.tenant);
        overwriting(database, || {
            // What refers to others goes before them.
            let records = referred_to_first().into_iter().rev().map(|object| object.name);
            for table in records.chain(KEPT) {
                let mut statement =
                    database.statement(&format!("DELETE FROM {table} WHERE tenant_id = ?"))?;
                statement.bind(author.tenant_bytes())?.run()?;
            }
            Ok(())
        })
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
        part.unindex(table, rid)?;
        blank(database, table, author, *id)?;
        part.append(object, *id, version + 1, EventKind::Erased, at.timestamp_micros(), "[]")?;
        self.adopt(part);
        Ok(())
    }
}

/// Overwrites what is deleted meanwhile, also where that takes a write of its own.
fn overwriting(database: &Database, erase: impl FnOnce() -> Result<(), Stop>) -> Result<(), Stop> {
    database.run("PRAGMA secure_delete = ON")?;
    let done = erase();
    database.run("PRAGMA secure_delete = FAST")?;
    done
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
