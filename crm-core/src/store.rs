//! What a store does. Whoever implements this and passes the [conformance suite](crate::conformance) is one.

use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    Batch, Committed, CounterQuery, Counters, Event, EventQuery, Filter, Intake, Object, Result, Row, Rows,
    Select, TenantScope, Visibility,
};

/// Where records live. All rules are the engine's; a store checks expectations, writes, numbers, and reads.
///
/// Every method answers for the scope's tenant alone, and for a tenant that does not exist as for an empty one, but
/// for [`commit`](Self::commit), which refuses it.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// What this store can do; the conformance suite reads it.
    fn capabilities(&self) -> Capabilities;

    /// Commits a batch: checks every expectation, stores the rows with their search text, gives numbers to new
    /// records of numbered objects, appends the events, adds to the counters. All of it, durably, or nothing.
    ///
    /// Expectations are checked against what the batch itself has written before them. Numbers of events and records
    /// follow the order of the changes.
    ///
    /// # Errors
    /// - [`Error::Conflict`](crate::Error::Conflict) if an expectation does not hold, a unique value is taken, a
    ///   reference leads nowhere, or the tenant to be founded exists.
    /// - [`Error::NotFound`](crate::Error::NotFound) if the tenant does not exist.
    /// - [`Error::Invalid`](crate::Error::Invalid) if a counter would leave the range of 64 bits.
    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed>;

    /// The rows with these ids, live or deleted, in the order of the ids; ids that are unknown or of another tenant
    /// are left out. At most [`MAX_IDS`] ids.
    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>>;

    /// One page of a list.
    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows>;

    /// How many records a filter matches.
    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64>;

    /// Counters, and the head of the log, of one moment.
    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters>;

    /// Events of the log, in its order.
    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>>;

    /// Removes a deleted record for good: its row, its search text and every value of its events. One event of kind
    /// `erased` and without values remains.
    ///
    /// # Errors
    /// - [`Error::NotFound`](crate::Error::NotFound) if there is no such record.
    /// - [`Error::Conflict`](crate::Error::Conflict) if it is live, or if records still refer to it.
    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<()>;

    /// Takes in a part of a tenant as it was elsewhere: rows with their search text, events, counters, numbers. All of
    /// it, durably, or nothing. Nothing is written to the log but the events that are taken in.
    ///
    /// # Errors
    /// - [`Error::Conflict`](crate::Error::Conflict) if a record is there already, a unique value is taken, a reference
    ///   leads nowhere, the events do not follow the log's last one, or the tenant to be founded exists.
    /// - [`Error::NotFound`](crate::Error::NotFound) if the tenant does not exist.
    /// - [`Error::Invalid`](crate::Error::Invalid) if a counter would leave the range of 64 bits.
    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()>;

    /// Removes the tenant for good: its records, its log, its counters, its numbers, that it was founded. All of it,
    /// durably, or nothing. Of a tenant that does not exist nothing is left to remove, so that whoever was interrupted
    /// may ask again.
    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()>;
}

/// What a store can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Whether an acknowledged commit outlives the process.
    pub durable: bool,
}

/// The most ids that one [`Store::get`] takes.
pub const MAX_IDS: usize = 500;
