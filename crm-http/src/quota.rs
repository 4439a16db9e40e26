//! How much one tenant, one caller and one stranger may ask, and how answers tell it.

use std::{
    fmt::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderValue, StatusCode, request::Parts};
use crm_core::TenantId;
use uuid::Uuid;

use crate::{
    address::client_network,
    bulkhead::{Bulkhead, Place},
    call::digest,
    frame::Visit,
    metrics::Metrics,
    principal::{Principal, Refusal},
    problem::Problem,
    service::Settings,
    throttle::{Left, Throttle},
};

/// How long to wait where a tenant's queue is full.
const BUSY: Duration = Duration::from_secs(1);

/// What is told of two quotas has about so many bytes.
const TOLD: usize = 80;

/// So many requests in a time. They may come all at once; what has been used comes back evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1.
    pub requests: u32,
    /// In what time; at least a microsecond for each request.
    pub window: Duration,
}

impl Rate {
    /// So many requests a minute.
    pub const fn per_minute(requests: u32) -> Self {
        Self { requests, window: Duration::from_secs(60) }
    }
}

/// What is counted, and how what is left of it is told.
#[derive(Debug)]
struct Quota {
    name: &'static str,
    policy: String,
    throttle: Throttle,
}

impl Quota {
    fn new(name: &'static str, rate: Rate) -> Self {
        let requests = rate.requests.max(1);
        let interval = (rate.window / requests).max(Duration::from_micros(1));
        let policy = format!("\"{name}\";q={requests};w={}", seconds(rate.window));
        Self { name, policy, throttle: Throttle::new(requests, interval) }
    }

    /// Counts a request, and notes what is left.
    fn count(&self, key: Uuid, told: &mut Told) -> Result<(), Duration> {
        let counted = self.throttle.count(key);
        let (count, time) = match counted {
            Ok(Left { count, whole_in }) => (count, whole_in),
            Err(wait) => (0, wait),
        };
        for text in [&mut told.policy, &mut told.left] {
            if text.is_empty() {
                text.reserve(TOLD);
            } else {
                text.push_str(", ");
            }
        }
        told.policy.push_str(&self.policy);
        // A string takes whatever is written to it.
        let _ = write!(told.left, "\"{}\";r={count};t={}", self.name, seconds(time));
        counted.map(drop)
    }
}

/// Whole seconds, rounded up.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// What every request is measured by before anything is done for it.
#[derive(Debug)]
pub(crate) struct Quotas {
    tenant: Option<Quota>,
    caller: Option<Quota>,
    stranger: Option<Quota>,
    readers: Arc<Bulkhead>,
    writers: Arc<Bulkhead>,
    metrics: Metrics,
}

/// What was found out about a request on its way in, for its answer.
#[derive(Debug, Default)]
pub(crate) struct Admission(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    policy: String,
    left: String,
    place: Option<Place>,
}

impl Quotas {
    pub(crate) fn new(settings: &Settings) -> Self {
        let quota = |name, rate: Option<Rate>| rate.map(|rate| Quota::new(name, rate));
        let bulkhead = |alone, beside| Arc::new(Bulkhead::new(alone, beside, settings.tenant_queue));
        Self {
            tenant: quota("tenant", settings.tenant_rate),
            caller: quota("caller", settings.caller_rate),
            stranger: quota("address", settings.stranger_rate),
            readers: bulkhead(settings.tenant_readers, settings.tenant_readers_beside),
            writers: bulkhead(settings.tenant_writers, settings.tenant_writers_beside),
            metrics: settings.metrics.clone(),
        }
    }

    /// Lets a request of somebody who is known in, once there is a place for it: it has that until it is answered.
    ///
    /// # Errors
    /// 429 if the caller or the tenant has asked too much, 503 if too many of the tenant's requests wait already.
    pub(crate) async fn admit(&self, parts: &Parts, principal: &Principal) -> Result<(), Problem> {
        self.measure(&Visit::of(parts).admission, principal)?;
        self.step_in(parts, principal.tenant).await
    }

    fn measure(&self, admission: &Admission, principal: &Principal) -> Result<(), Problem> {
        let (tenant, actor) = (principal.tenant, &principal.actor);
        let caller = digest(&[&tenant.to_string(), actor.kind().name(), actor.id()]);
        let mut told = admission.told();
        for (quota, key) in [(&self.caller, caller), (&self.tenant, tenant.uuid())] {
            if let Some(quota) = quota {
                quota.count(key, &mut told).map_err(|wait| self.refuse(quota.name, wait))?;
            }
        }
        Ok(())
    }

    /// Gives the place of a request back while it waits for its client.
    pub(crate) fn step_aside(&self, parts: &Parts) {
        Visit::of(parts).admission.told().place = None;
    }

    /// Takes a place for it, in its turn.
    ///
    /// # Errors
    /// 503 if too many of the tenant's requests wait already.
    pub(crate) async fn step_in(&self, parts: &Parts, tenant: TenantId) -> Result<(), Problem> {
        let bulkhead = if parts.method.is_safe() { &self.readers } else { &self.writers };
        let place = bulkhead.enter(tenant).await.map_err(|_| {
            self.metrics.refused("busy");
            let detail = "too many requests of this tenant are waiting already; try again";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(BUSY)
        })?;
        Visit::of(parts).admission.told().place = Some(place);
        Ok(())
    }

    /// What a request that may not come in is answered: 429 in place of 401 if too many of the kind come from there.
    pub(crate) fn turn_away(&self, parts: &Parts, refusal: Refusal) -> Problem {
        let stranger = self.stranger.as_ref().filter(|_| matches!(refusal, Refusal::Unauthenticated { .. }));
        let Some((quota, network)) = stranger.zip(client_network(parts)) else { return refusal.into() };
        let counted = quota.count(Uuid::from_u128(network), &mut Visit::of(parts).admission.told());
        match counted {
            Ok(()) => refusal.into(),
            Err(wait) => self.refuse(quota.name, wait),
        }
    }

    fn refuse(&self, name: &'static str, wait: Duration) -> Problem {
        self.metrics.refused(name);
        Problem::rate_limited(wait)
    }
}

impl Admission {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the place back, and tells in the answer what is left.
    pub(crate) fn finish(&self, headers: &mut HeaderMap) {
        let told = std::mem::take(&mut *self.told());
        for (name, text) in [("ratelimit-policy", told.policy), ("ratelimit", told.left)] {
            if let Some(value) = Some(text).filter(|text| !text.is_empty())
                && let Ok(value) = HeaderValue::try_from(value)
            {
                headers.insert(name, value);
            }
        }
    }
}
