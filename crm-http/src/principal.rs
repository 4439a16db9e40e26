//! The auth seam: who a request comes from is the host's to say, through a [`Resolver`] that it must bring.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::request::Parts;
use crm_core::{Actor, Error, TenantId};
use serde_json::Value as Json;

/// Says who a request comes from. There is no default: a service without a resolver cannot be built.
///
/// It is asked anew for every request, so that a right that is taken away is gone with the next one, and again while a
/// live stream is open. One that goes by cookies says so, see [`Principal::by_cookie`].
#[async_trait]
pub trait Resolver: Send + Sync + 'static {
    /// The tenant and the actor of a request, from its headers, its path, or whatever the host's own layers put into
    /// its extensions.
    ///
    /// # Errors
    /// [`Refusal`], if the request may not come in.
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal>;

    /// The built-in login, if this is it: it brings routes of its own. A host's resolver leaves this out, and the
    /// service has no login routes.
    #[cfg(feature = "auth")]
    fn login(&self) -> Option<&crate::auth::Login> {
        None
    }
}

/// Who a request comes from.
#[derive(Clone, Debug)]
pub struct Principal {
    pub(crate) tenant: TenantId,
    pub(crate) actor: Actor,
    pub(crate) user: Option<Arc<Json>>,
    pub(crate) tenant_profile: Option<Arc<Json>>,
    pub(crate) by_cookie: bool,
}

impl Principal {
    /// An actor that the host has authenticated, in a tenant that it may act in.
    pub fn new(tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor, user: None, tenant_profile: None, by_cookie: false }
    }

    /// What `GET /api/auth/me` says about the user and the tenant beside their ids: two JSON objects, such as
    /// `{"id": ..., "name": ...}`.
    #[must_use]
    pub fn described(self, user: Json, tenant: Json) -> Self {
        Self { user: Some(Arc::new(user)), tenant_profile: Some(Arc::new(tenant)), ..self }
    }

    /// Says that it was a cookie, or something else that browsers send along unasked, by which this was found out.
    /// Then a request that changes something is refused unless it is known to come from a page of the service's own or
    /// of [an allowed origin](crate::Settings::origins).
    #[must_use]
    pub fn by_cookie(self) -> Self {
        Self { by_cookie: true, ..self }
    }
}

/// Why a request may not come in.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody that is known: 401, with this challenge in `WWW-Authenticate`.
    Unauthenticated {
        /// The scheme to sign in by, such as `Bearer`.
        challenge: String,
    },
    /// Somebody who is known and has no business here: 403.
    Forbidden,
    /// Too often: 429.
    TooMany {
        /// When to try again.
        wait: Duration,
    },
    /// The question could not be answered: 503 for [`Error::Unavailable`], else 500.
    Failed(Error),
}

impl Refusal {
    /// Nobody that is known, asked for a bearer token.
    pub fn unauthenticated() -> Self {
        Self::Unauthenticated { challenge: "Bearer".to_owned() }
    }

    /// Nobody that is known, although there is a bearer token: it is wrong, over, or no longer good for anything.
    pub fn invalid_token() -> Self {
        Self::Unauthenticated { challenge: "Bearer error=\"invalid_token\"".to_owned() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
