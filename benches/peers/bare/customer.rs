//! A customer as both bare handlers take it and show it: the JSON of `crm-server`, without its rules.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an answer shows, in the order of the server's own.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) created_by: Option<Uuid>,
    #[serde(flatten)]
    pub(crate) fields: Fields,
}

/// What a client sends.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Fields {
    pub(crate) company: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) website: Option<String>,
    pub(crate) address_line1: Option<String>,
    pub(crate) address_line2: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: Option<String>,
    #[serde(default = "active")]
    pub(crate) is_active: bool,
    pub(crate) owner_id: Option<Uuid>,
    pub(crate) external_id: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) notes: Option<String>,
}

fn active() -> bool {
    true
}

impl Shown {
    /// A customer that is being made now.
    pub(crate) fn new(fields: Fields) -> Self {
        let now = Utc::now();
        Self { id: Uuid::now_v7(), version: 1, created_at: now, updated_at: now, created_by: None, fields }
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) data: Vec<Shown>,
    pub(crate) next_cursor: Option<String>,
}

impl Page {
    /// A page with the place after its last customer, unless it is the last page.
    pub(crate) fn of(data: Vec<Shown>) -> Self {
        let last = data.last().filter(|_| data.len() == 50);
        let next_cursor = last.map(|last| format!("{}_{}", last.created_at.timestamp_micros(), last.id));
        Self { data, next_cursor }
    }
}

/// Where a page begins.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    after: Option<String>,
}

impl Place {
    /// The time, in microseconds, and the id of the customer before it; the start of the list for anything else.
    pub(crate) fn after(&self) -> Option<(i64, Uuid)> {
        let (time, id) = self.after.as_ref()?.split_once('_')?;
        Some((time.parse().ok()?, id.parse().ok()?))
    }
}
