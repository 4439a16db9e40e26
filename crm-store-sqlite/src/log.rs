//! Events as rows.

use crm_core::{ActorKind, Error, Event, EventKind, EventQuery, FieldChange, MAX_EVENTS};
use rusqlite::types::Value as Parameter;
use uuid::Uuid;

use crate::{error::Stop, filter::Sql, pool::Database, select::identity, table::Reader};

/// The lower half of a rid or an eid.
pub(crate) const LOWER: i64 = 0xffff_ffff;

/// The rid or eid of a number within a tenant.
pub(crate) fn packed(tenant_no: i64, number: i64) -> Result<i64, Stop> {
    if (1..=LOWER).contains(&number) {
        return Ok((tenant_no << 32) | number);
    }
    let detail =
        "a tenant has had more than 4 billion records of one kind, or events; this store has no numbers left";
    Err(Stop::Refused(Error::Unavailable(detail.into())))
}

pub(crate) const TENANT: &str = "SELECT tenant_no, last_seq FROM heads WHERE tenant_id = ?";

pub(crate) const INSERT: &str = "INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, request_id, \
     object, record_id, version, kind, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const COLUMNS: &str = "seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes";

/// Events of a tenant, in the order of the log.
pub(crate) fn events(database: &Database, tenant: Uuid, query: &EventQuery) -> Result<Vec<Event>, Stop> {
    let mut statement = database.statement(TENANT)?;
    let found = statement.bind(tenant.as_bytes().as_slice())?;
    let Some((number, head)) = found.first(|row| Ok((row.get(0)?, row.get(1)?)))? else {
        return Ok(Vec::new());
    };
    let sql = asked(query, tenant, number, head);
    let mut statement = database.statement(&sql.text)?;
    statement.bind_all(&sql.parameters)?.all(read)
}

fn asked(query: &EventQuery, tenant: Uuid, number: i64, head: i64) -> Sql {
    let base: i64 = number << 32;
    let above = query.after.clamp(0, head);
    let below = query.before.unwrap_or(i64::MAX).clamp(0, head + 1);
    let direction = if query.newest_first { "DESC" } else { "ASC" };
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM events");
    let order = match (query.object, query.record) {
        (Some(object), Some(record)) => {
            sql.push(" WHERE tenant_id = ? AND object = ? AND record_id = ? AND seq > ? AND seq < ?");
            sql.bind(identity(tenant)).bind(Parameter::Text(object.name.to_owned())).bind(identity(record));
            sql.bind(Parameter::Integer(above)).bind(Parameter::Integer(below));
            "seq"
        }
        (object, record) => {
            sql.push(" NOT INDEXED WHERE eid > ? AND eid < ? AND tenant_id = ?");
            sql.bind(Parameter::Integer(base + above)).bind(Parameter::Integer(base + below));
            sql.bind(identity(tenant));
            if let Some(object) = object {
                sql.push(" AND object = ?").bind(Parameter::Text(object.name.to_owned()));
            }
            if let Some(record) = record {
                sql.push(" AND record_id = ?").bind(identity(record));
            }
            "eid"
        }
    };
    if let Some(actor) = &query.actor {
        sql.push(" AND actor = ?").bind(Parameter::Text(actor.clone()));
    }
    sql.push(" ORDER BY ").push(order).push(" ").push(direction).push(" LIMIT ?");
    sql.bind(Parameter::Integer(query.limit.min(MAX_EVENTS).into()));
    sql
}

fn read(row: &rusqlite::Row<'_>) -> Result<Event, Stop> {
    let mut reader = Reader { row, next: 0, table: "events" };
    Ok(Event {
        seq: reader.integer("seq")?,
        at: reader.time("at")?,
        actor: reader.text("actor")?.to_owned(),
        actor_type: reader.parsed("actor_type", ActorKind::named)?,
        request_id: reader.optional(|reader| reader.id("request_id"))?,
        object: reader.text("object")?.to_owned(),
        record_id: reader.id("record_id")?,
        version: reader.integer("version")?,
        kind: reader.parsed("kind", EventKind::named)?,
        changes: reader.parsed("changes", read_changes)?,
    })
}

/// The changes of an event as it is stored.
pub(crate) fn read_changes(text: &str) -> Option<Vec<FieldChange>> {
    serde_json::from_str(text).ok()
}

/// The changes of an event as they will be stored.
pub(crate) fn write_changes(changes: &[FieldChange]) -> Result<String, Error> {
    serde_json::to_string(changes).map_err(|error| Error::Backend(error.into()))
}
