//! The service: the table of routes as a router, and the frame around every answer.

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use crm_core::{Crm, Maintenance};
use uuid::Uuid;

use crate::{body::Intake, principal::Resolver, problem::Problem, routes};

/// The id of a request. It is on the answer, and on the events that the request causes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId(pub(crate) Uuid);

/// What every handler shares.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) crm: Crm,
    pub(crate) maintenance: Maintenance,
    pub(crate) resolver: Box<dyn Resolver>,
    pub(crate) intake: Intake,
}

impl Deref for Shared {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// Whether the routes of the built-in login are there.
    #[cfg(feature = "auth")]
    pub(crate) fn has_login(&self) -> bool {
        self.resolver.login().is_some()
    }

    /// There is no built-in login in this build.
    #[cfg(not(feature = "auth"))]
    pub(crate) fn has_login(&self) -> bool {
        false
    }
}

/// What can be set about a service.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The most bytes that the body of a request has; 1 MiB unless set.
    pub body_limit: usize,
    /// The longest time that the body of a request may take to arrive; 10 seconds unless set.
    pub body_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { body_limit: 1 << 20, body_timeout: Duration::from_secs(10) }
    }
}

/// The interface as a service to mount, at the root or at any path, also one with parameters.
///
/// Mount it with [`Router::nest_service`]: a plain `nest` does not answer at the mount point with a slash.
pub fn service(crm: Crm, resolver: impl Resolver) -> Router {
    service_with(crm, resolver, Settings::default())
}

/// The same with other settings.
pub fn service_with(crm: Crm, resolver: impl Resolver, settings: Settings) -> Router {
    let shared = Shared(Arc::new(Inner {
        maintenance: crm.maintenance(),
        crm,
        resolver: Box::new(resolver),
        intake: Intake { limit: settings.body_limit, patience: settings.body_timeout },
    }));
    let mut router = Router::new();
    for (route, handler) in routes::table(shared.has_login()) {
        router = router.route(&route.path, handler);
    }
    #[cfg(feature = "docs")]
    {
        router = crate::docs::added_to(router);
    }
    router
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .layer(middleware::from_fn(frame))
        .with_state(shared)
}

async fn unknown() -> Problem {
    Problem::not_found("route")
}

async fn not_allowed() -> Problem {
    let detail = "this route does not answer to this method; `Allow` lists those that it does";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// Gives the request its id, and the answer what every answer has.
async fn frame(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(RequestId(id));
    let response = next.run(request).await;
    let mut response = Problem::write(response, id);
    tracing::debug!(request = %id, %method, path, status = response.status().as_u16(), "answered");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", id);
    }
    // What is read with a sign-in belongs to nobody else's cache; what an answer about signing in says, to none.
    let caching = if path.starts_with("/api/auth/") { "no-store" } else { "private, no-cache" };
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, caching),
    ];
    for (name, value) in defaults {
        set_default(headers, name, value);
    }
    response
}

fn set_default(headers: &mut axum::http::HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("crm", &self.crm).finish_non_exhaustive()
    }
}
