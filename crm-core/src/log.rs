//! The log of a tenant, as people with the right to see it read it.

use crate::{
    Error, Event, EventQuery, Result, TenantScope, User,
    crm::Handle,
    entity::Entity,
    event::MAX_EVENTS,
    permission::{self, Action},
};

/// The log of one tenant.
#[derive(Debug)]
pub struct Log<'a> {
    handle: Handle<'a>,
    scope: &'a TenantScope,
}

impl<'a> Log<'a> {
    pub(crate) fn new(handle: Handle<'a>, scope: &'a TenantScope) -> Self {
        Self { handle, scope }
    }

    /// Events of the tenant.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whom the log is closed to; [`Error::Invalid`] if the limit is 0 or above
    /// [`MAX_EVENTS`].
    pub async fn events(&self, query: &EventQuery) -> Result<Vec<Event>> {
        // The log is about everything, so that the right to see it does not depend on the kind of record.
        permission::check(self.scope, Action::ReadLog, query.object.unwrap_or(User::object()), None)?;
        if !(1..=MAX_EVENTS).contains(&query.limit) {
            return Err(Error::invalid("limit", "out_of_range", format!("must be from 1 to {MAX_EVENTS}")));
        }
        self.handle.store.events(self.scope, query).await
    }
}
