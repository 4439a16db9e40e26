//! The one way to write: a batch of changes that happens whole or not at all.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Delta, Event, EventKind, FieldChange, Moved, Object, TenantId, Value};

/// A stored record as a store sees it: the system part, and the values in the order of its object's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The id, unique within the tenant and object.
    pub id: Uuid,
    /// 1 for a new record, one more with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The user who made it.
    pub created_by: Option<Uuid>,
    /// When it was deleted; `None` for a live one.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Its number in the object's series. A new record is committed without one; the store gives it the next.
    pub number: Option<i64>,
    /// One value per field.
    pub values: Vec<Value>,
}

/// Changes that are committed together: all with their events, counters and search text, or none.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Makes the batch have its effect once.
    pub once: Option<Once>,
    /// Whether this batch founds the tenant. Without it a commit to a tenant that does not exist is refused, so that
    /// a late writer cannot bring an erased tenant back; with it, one to a tenant that does exist is.
    pub founds_tenant: bool,
    /// The number of the event that must be the tenant's last: nothing has happened since. Otherwise the batch is
    /// refused with [`Conflict::Log`](crate::Conflict::Log).
    pub after: Option<i64>,
    /// The time on its events.
    pub at: DateTime<Utc>,
    /// The changes, in the order of their events.
    pub changes: Vec<Change>,
    /// What it adds to the tenant's counters: each counter at most once, in the order of its name and key.
    pub counters: Vec<Delta>,
    /// What must hold of the counters after that, or the whole batch is refused.
    pub bounds: Vec<Bound>,
}

impl Batch {
    /// What the feed is told once this is committed in a tenant.
    pub fn moved(&self, tenant: TenantId) -> Moved {
        let writes = self.changes.iter().filter(|change| matches!(change.write, Write::Put { .. }));
        match writes.map(|change| change.object).find(|object| object.access.is_about_access()) {
            Some(_) => Moved::Access(tenant),
            None => Moved::Tenant(tenant),
        }
    }
}

/// A key under which a batch has its effect once. Committed again under the same key and content it changes nothing
/// and answers as the first time, with [`Committed::replayed`] set; with another content it is refused with
/// [`Conflict::Once`](crate::Conflict::Once). A batch that failed leaves no trace of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key, the tenant's own. Keys of one client must not be guessable by another.
    pub key: Uuid,
    /// A digest of what was asked for.
    pub content: Uuid,
}

/// A rule about a counter: "a tenant keeps an active owner", "no lead is in this stage". Because it is checked within
/// the commit, no two writers can break it together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The counter's name.
    pub name: &'static str,
    /// The counter's key.
    pub key: String,
    /// The least it may be.
    pub at_least: i64,
    /// The most it may be.
    pub at_most: i64,
    /// The rule, in one sentence, for [`Conflict::Rule`](crate::Conflict::Rule).
    pub rule: &'static str,
}

/// One change of one record, with what must hold for it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of record.
    pub object: &'static Object,
    /// The record.
    pub id: Uuid,
    /// What must hold, or the whole batch is refused with [`Conflict::Version`](crate::Conflict::Version).
    pub expect: Expect,
    /// What happens then.
    pub write: Write,
}

/// What a change expects to find. There is no change that expects nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No record with this id, live or deleted.
    Absent,
    /// The record at this version, live or deleted.
    Version(i64),
}

/// What a change does.
#[derive(Clone, Debug)]
pub enum Write {
    /// Nothing: it only holds the batch to its expectation. Leaves no event.
    Check,
    /// Stores the row, whole.
    Put {
        /// The row as it shall be.
        row: Box<Row>,
        /// Its new search text; `None` if that has not changed.
        search: Option<String>,
        /// What the log says of it.
        event: EventDraft,
    },
}

/// What the log will say of a change; the store adds the number.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDraft {
    /// What happened.
    pub kind: EventKind,
    /// Which fields changed, how.
    pub changes: Vec<FieldChange>,
}

/// A part of a tenant that comes from elsewhere, to be kept as it was there.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// Whether this part founds the tenant, which must not exist then.
    pub founds_tenant: bool,
    /// Records that are not there yet, with their versions and numbers; none before what it refers to.
    pub rows: Vec<(&'static Object, Row)>,
    /// The events that come next in the log.
    pub events: Vec<Event>,
    /// What is added to the tenant's counters, as in [`Batch::counters`].
    pub counters: Vec<Delta>,
    /// The last numbers that were given to records of numbered objects; they are never given again.
    pub numbers: Vec<(&'static Object, i64)>,
}

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The number of its first event; one more than `last` if it had none.
    pub first: i64,
    /// The number of its last event: the log's head when it was committed.
    pub last: i64,
    /// The numbers given to new records of numbered objects, in the order of the batch's changes.
    pub numbers: Vec<i64>,
    /// Whether the batch had been committed before under the same key, and nothing was done now.
    pub replayed: bool,
}
