//! What somebody tried and was not permitted goes into the log of the tenant, for its administrators to see.

use std::{net::IpAddr, sync::OnceLock, time::Duration};

use crm_core::{Actor, Incident, TenantId};

use crate::{call::digest, service::Shared, throttle::Throttle};

/// So many refusals of one caller are noted at once, so that nobody fills the log with them.
const BURST: u32 = 20;
/// After them, one in this time.
const INTERVAL: Duration = Duration::from_secs(6);

/// Who a request has turned out to come from, as soon as that is known.
#[derive(Debug, Default)]
pub(crate) struct Caller(OnceLock<(TenantId, Actor)>);

/// How many refusals of each caller have been noted.
#[derive(Debug)]
pub(crate) struct Noted(Throttle);

impl Default for Noted {
    fn default() -> Self {
        Self(Throttle::new(BURST, INTERVAL))
    }
}

impl Caller {
    /// Says who it is.
    pub(crate) fn is(&self, tenant: TenantId, actor: Actor) {
        // A request has one caller.
        let _ = self.0.set((tenant, actor));
    }

    /// Notes what the caller tried, before it is answered.
    pub(crate) async fn report(&self, shared: &Shared, tried: String, address: Option<IpAddr>) {
        let Some((tenant, actor)) = self.0.get().cloned() else { return };
        let key = digest(&[&tenant.to_string(), actor.kind().name(), actor.id()]);
        if shared.noted.0.count(key).is_err() {
            return;
        }
        let incident = Incident::forbidden(tried, address.map(|address| address.to_string()));
        let noted = shared.crm.directory(&shared.maintenance).report(tenant, actor, incident).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a refusal could not be noted");
        }
    }
}
