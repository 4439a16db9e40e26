//! The log: what happened in a tenant, numbered without gaps in the order of commit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{ActorKind, Object, Origin, Row, Value, normalize};

/// One change of one record, as it went into the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// Its number in the tenant: 1, 2, 3, ... without gaps, in the order of commit.
    pub seq: i64,
    /// When.
    #[serde(with = "crate::value::time")]
    #[cfg_attr(feature = "schema", schemars(with = "DateTime<Utc>"))]
    pub at: DateTime<Utc>,
    /// The id of the user or key that did it, or the name of the job; empty for the engine.
    pub actor: String,
    /// What kind of actor that is.
    pub actor_type: ActorKind,
    /// The request that caused it.
    pub request_id: Option<Uuid>,
    /// The kind of record, in the plural.
    pub object: String,
    /// The record.
    pub record_id: Uuid,
    /// The record's version after the change.
    pub version: i64,
    /// What happened.
    pub kind: EventKind,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// It was made.
    Created,
    /// Fields of it changed.
    Updated,
    /// It was deleted, and can be restored.
    Deleted,
    /// It was brought back.
    Restored,
    /// It and the values of its past were removed for good.
    Erased,
}

/// A field's value before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChange {
    /// The field's name.
    pub field: String,
    /// The value before; null where there was none, or where it was erased.
    pub old: Json,
    /// The value after.
    pub new: Json,
}

/// Which events to read.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Only events with a number above this.
    pub after: i64,
    /// Only events with a number below this.
    pub before: Option<i64>,
    /// Only events of this kind of record.
    pub object: Option<&'static Object>,
    /// Only events of this record.
    pub record: Option<Uuid>,
    /// Only what this user, key or job did.
    pub actor: Option<String>,
    /// Whether to begin with the newest.
    pub newest_first: bool,
    /// At most so many, and never more than [`MAX_EVENTS`].
    pub limit: u32,
}

/// The most events that one read answers with.
pub const MAX_EVENTS: u32 = 1_000;

impl Default for EventQuery {
    fn default() -> Self {
        Self {
            after: 0,
            before: None,
            object: None,
            record: None,
            actor: None,
            newest_first: false,
            limit: MAX_EVENTS,
        }
    }
}

impl EventQuery {
    /// Whether an event is one of those asked for.
    pub fn matches(&self, event: &Event) -> bool {
        event.seq > self.after
            && self.before.is_none_or(|before| event.seq < before)
            && self.object.is_none_or(|object| object.name == event.object)
            && self.record.is_none_or(|record| record == event.record_id)
            && self.actor.as_ref().is_none_or(|actor| *actor == event.actor)
    }
}

impl EventKind {
    /// The name in data and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Erased => "erased",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Created, Self::Updated, Self::Deleted, Self::Restored, Self::Erased];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// What changed from one row to the next: every public field that differs, with its value on both sides.
pub(crate) fn differences(object: &Object, before: Option<&Row>, after: &Row) -> Vec<FieldChange> {
    let seen = |row: &Row, index: usize| row.values.get(index).map_or(Json::Null, Value::to_json);
    let fields = object.fields.iter().enumerate();
    let fields = fields.filter(|(_, field)| !field.hidden && !matches!(field.origin, Origin::Derived(_)));
    fields
        .filter(|(index, _)| before.map_or(&Value::Null, |row| &row.values[*index]) != &after.values[*index])
        .map(|(index, field)| {
            let old = before.map_or(Json::Null, |row| seen(row, index));
            let new = seen(after, index);
            let (old, new) = if field.secret { (Json::Null, Json::Null) } else { (old, new) };
            FieldChange { field: field.name.to_owned(), old, new }
        })
        .collect()
}

/// A record's row as the event that made it says it was, from its row of today. Secret and hidden values, which no event has, and
/// derived ones, which follow from the others, are those of today.
pub(crate) fn first(object: &Object, today: &Row, made: &Event) -> Row {
    let mut row = Row { version: made.version, updated_at: made.at, deleted_at: None, ..today.clone() };
    for (field, value) in object.fields.iter().zip(&mut row.values) {
        if field.secret || field.hidden || matches!(field.origin, Origin::Derived(_)) {
            continue;
        }
        let change = made.changes.iter().find(|change| change.field == field.name);
        *value = change.and_then(|change| normalize::logged(field, &change.new)).unwrap_or(Value::Null);
    }
    row
}
