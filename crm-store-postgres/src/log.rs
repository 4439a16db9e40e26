//! Events as rows.

use crm_core::{ActorKind, Error, Event, EventKind, EventQuery, FieldChange, MAX_EVENTS, Result};
use sqlx::postgres::PgRow;

use crate::{
    sql::{Json, Parameter, Sql},
    table::{Reader, Tables},
};

const COLUMNS: &str =
    "t.seq, t.at, t.actor, t.actor_type, t.request_id, t.object, t.record_id, t.version, t.kind, t.changes";

/// The question for events of a tenant, in the order of the log.
pub(crate) fn asked(tables: &Tables, query: &EventQuery, mut sql: Sql) -> Sql {
    sql.push("SELECT ")
        .push(COLUMNS)
        .push(" FROM ")
        .push(&tables.named("events"))
        .push(" AS t WHERE ")
        .own("t");
    sql.push(" AND t.seq > ").bind(Parameter::Int(query.after));
    sql.push(" AND t.seq < ").bind(Parameter::Int(query.before.unwrap_or(i64::MAX)));
    if let Some(object) = query.object {
        sql.push(" AND t.object = ").bind(Parameter::Text(object.name.to_owned()));
    }
    if let Some(record) = query.record {
        sql.push(" AND t.record_id = ").bind(Parameter::Id(record));
    }
    if let Some(actor) = &query.actor {
        sql.push(" AND t.actor = ").bind(Parameter::Text(actor.clone()));
    }
    sql.push(if query.newest_first { " ORDER BY t.seq DESC" } else { " ORDER BY t.seq" });
    sql.push(" LIMIT ").bind(Parameter::Int(query.limit.min(MAX_EVENTS).into()));
    sql
}

pub(crate) fn read(row: &PgRow) -> Result<Event> {
    let mut reader = Reader::new(row, "events");
    Ok(Event {
        seq: reader.next()?,
        at: reader.next()?,
        actor: reader.next()?,
        actor_type: reader.parsed(ActorKind::named)?,
        request_id: reader.next()?,
        object: reader.next()?,
        record_id: reader.next()?,
        version: reader.next()?,
        kind: reader.parsed(EventKind::named)?,
        changes: {
            let json: serde_json::Value = reader.next()?;
            let misfit = |_| Error::Corrupt("the changes of an event do not fit".to_owned());
            serde_json::from_value(json).map_err(misfit)?
        },
    })
}

/// The changes of an event as they will be stored.
pub(crate) fn write_changes(changes: &[FieldChange]) -> Result<Json> {
    serde_json::to_string(changes).map(Json::new).map_err(|error| Error::Backend(error.into()))
}
