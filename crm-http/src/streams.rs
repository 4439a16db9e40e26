//! How many live streams there are: of one tenant at most so many, so that others find room.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use crm_core::TenantId;

use crate::{
    metrics::{Metrics, StreamMeter},
    problem::Problem,
};

/// When a client that found no room may try again.
const LATER: Duration = Duration::from_secs(10);

/// The streams that are open, by tenant.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<TenantId, usize>>>,
    most: usize,
    metrics: Metrics,
}

/// One that is open, until this is dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    streams: Streams,
    tenant: TenantId,
    _meter: StreamMeter,
}

impl Streams {
    /// At most so many of each tenant.
    pub(crate) fn new(most: usize, metrics: Metrics) -> Self {
        Self { open: Arc::default(), most, metrics }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one more, `sse` or `websocket`.
    pub(crate) fn enter(&self, tenant: TenantId, kind: &'static str) -> Result<Counted, Problem> {
        let mut open = self.open();
        let own = open.get(&tenant).copied().unwrap_or(0);
        if own >= self.most {
            let detail = format!("this tenant has {} live streams open, which is the most", self.most);
            return Err(
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", detail).retry_after(LATER)
            );
        }
        open.insert(tenant, own + 1);
        Ok(Counted { streams: self.clone(), tenant, _meter: self.metrics.stream(kind) })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        if let Some(own) = open.get_mut(&self.tenant) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.tenant);
            }
        }
    }
}
