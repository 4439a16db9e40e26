//! Taking in a part of a tenant as it was elsewhere.

use crm_core::{Conflict, Error, Intake, Result, TenantScope};

use crate::{
    commit::{Author, Entry, Group, Part},
    error::Stop,
    log,
    pool::Database,
    table::table,
};

/// A part of a tenant on its way to the writer, with what could be computed beforehand.
pub(crate) struct Arrival {
    pub(crate) author: Author,
    pub(crate) intake: Intake,
    /// Per event, its changes in JSON.
    changes: Vec<String>,
}

impl Arrival {
    pub(crate) fn new(scope: &TenantScope, intake: Intake) -> Result<Self> {
        let changes = intake.events.iter().map(|event| log::write_changes(&event.changes));
        Ok(Self { author: Author::of(scope), changes: changes.collect::<Result<_>>()?, intake })
    }
}

impl Group {
    pub(crate) fn take_in(&mut self, database: &Database, arrival: &Arrival) -> Result<(), Stop> {
        let Arrival { author, intake, changes } = arrival;
        let head = self.founded(database, author, intake.founds_tenant)?;
        let mut part = Part::new(database, author, head);
        for (object, row) in &intake.rows {
            let search = object.is_searchable().then(|| object.search_text(&row.values));
            part.insert(table(object)?, row.id, row, search.as_deref())?;
        }
        for (event, changes) in intake.events.iter().zip(changes) {
            if event.seq != part.head.last + 1 {
                return Err(Error::Conflict(Conflict::Log).into());
            }
            part.enter(&Entry {
                at: event.at.timestamp_micros(),
                actor: &event.actor,
                actor_type: event.actor_type.name(),
                request: event.request_id,
                object: &event.object,
                record: event.record_id,
                version: event.version,
                kind: event.kind.name(),
                changes,
            })?;
        }
        intake.counters.iter().try_for_each(|delta| part.count(delta))?;
        for (object, number) in &intake.numbers {
            part.count_on_from(table(object)?, *number)?;
        }
        self.adopt(part);
        Ok(())
    }
}
