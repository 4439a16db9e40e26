//! The service: the table of routes as a router, and what its handlers share.

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    handler::Handler,
    http::{Extensions, StatusCode},
    middleware,
};
use crm_core::{Crm, Maintenance};

use crate::{
    answers::Answers,
    body::Intake,
    frame::{Frame, frame},
    incidents::Noted,
    metrics::Metrics,
    origin::Origins,
    principal::Resolver,
    problem::Problem,
    quota::{Quotas, Rate},
    routes,
    shutdown::Shutdown,
    streams::Streams,
};

/// What every handler shares.
#[derive(Clone, Debug)]
pub(crate) struct Shared(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) crm: Crm,
    pub(crate) maintenance: Maintenance,
    pub(crate) resolver: Box<dyn Resolver>,
    pub(crate) intake: Intake,
    pub(crate) origins: Origins,
    pub(crate) metrics: Metrics,
    pub(crate) quotas: Quotas,
    pub(crate) answers: Answers,
    pub(crate) streams: Streams,
    pub(crate) noted: Noted,
    pub(crate) heartbeat: Duration,
    shutdown: Shutdown,
}

impl Inner {
    /// The end of whatever serves a request: of the server that it came by if that says so, else of the host's.
    pub(crate) fn shutdown(&self, request: &Extensions) -> Shutdown {
        request.get::<Shutdown>().unwrap_or(&self.shutdown).clone()
    }
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The most bytes that the body of a request has; 1 MiB unless set.
    pub body_limit: usize,
    /// The longest time that the body of a request may take to arrive; 10 seconds unless set.
    pub body_timeout: Duration,
    /// How much one tenant may ask; 3,000,000 requests a minute unless set, `None` for as much as it likes.
    pub tenant_rate: Option<Rate>,
    /// How much one user or key of a tenant may ask; 1,500,000 requests a minute unless set.
    pub caller_rate: Option<Rate>,
    /// How many requests without a valid sign-in are answered to one network address; 6,000 a minute unless set. Addresses
    /// are known if the service is served with [`ConnectInfo`](axum::extract::ConnectInfo); behind a proxy they are
    /// all the proxy's.
    pub stranger_rate: Option<Rate>,
    /// How many requests of one tenant that change nothing are worked on at once while no other tenant asks; twice the
    /// number of processors unless set. More wait for their turn. Streams do not count once they have begun.
    pub tenant_readers: usize,
    /// The same while others ask, and for a second after they did; the number of processors unless set. Fewer leave
    /// others more of the processors.
    pub tenant_readers_beside: usize,
    /// How many requests of one tenant that change something are worked on at once while no other tenant asks for such
    /// a thing; eight times the number of processors unless set. More let more commits share one wait for the disk.
    pub tenant_writers: usize,
    /// The same while others ask, and for a second after they did; half the number of processors unless set.
    pub tenant_writers_beside: usize,
    /// How many requests of one tenant may wait of each of the two kinds; 1,024 unless set. Beyond it they are answered
    /// with 503.
    pub tenant_queue: usize,
    /// How many live streams one tenant has open at once; 2,000 unless set. More are answered with 429.
    pub tenant_streams: usize,
    /// How long nothing happens on a live stream before it gives a sign of life; 15 seconds unless set.
    pub heartbeat: Duration,
    /// How many bytes of answers are kept to be given again while nothing has changed; 16 MiB unless set, 0 for none.
    pub answers: usize,
    /// Other origins whose web pages may use the service, with credentials; none unless set.
    pub origins: Origins,
    /// The dashboard at the path of the mount; none unless set.
    #[cfg(feature = "ui")]
    pub dashboard: Option<crate::Dashboard>,
    /// The figures of the service; its own, all zero, unless set.
    pub metrics: Metrics,
    /// The end of serving, where the host has a server of its own: [`serve`](crate::serve()) brings one with each
    /// request. Once it has begun, `GET /readyz` answers 503 and streams end.
    pub shutdown: Shutdown,
}

impl Default for Settings {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            body_limit: 1 << 20,
            body_timeout: Duration::from_secs(10),
            tenant_rate: Some(Rate::per_minute(3_000_000)),
            caller_rate: Some(Rate::per_minute(1_500_000)),
            stranger_rate: Some(Rate::per_minute(6_000)),
            tenant_readers: 2 * processors,
            tenant_readers_beside: processors,
            tenant_writers: 8 * processors,
            tenant_writers_beside: processors.div_ceil(2),
            tenant_queue: 1_024,
            tenant_streams: 2_000,
            heartbeat: Duration::from_secs(15),
            answers: 16 << 20,
            origins: Origins::default(),
            #[cfg(feature = "ui")]
            dashboard: None,
            metrics: Metrics::new(),
            shutdown: Shutdown::new(),
        }
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
    settings.metrics.commits_of(&crm);
    let shared = Shared(Arc::new(Inner {
        maintenance: crm.maintenance(),
        crm,
        resolver: Box::new(resolver),
        intake: Intake { limit: settings.body_limit, patience: settings.body_timeout },
        quotas: Quotas::new(&settings),
        answers: Answers::within(settings.answers),
        streams: Streams::new(settings.tenant_streams, settings.metrics.clone()),
        noted: Noted::default(),
        heartbeat: settings.heartbeat,
        origins: settings.origins,
        metrics: settings.metrics,
        shutdown: settings.shutdown,
    }));
    let framed = |route: &str| middleware::from_fn_with_state(Frame::new(&shared, route), frame);
    let mut router = Router::new();
    for (route, handler) in routes::table(shared.has_login()) {
        router = router.route(&route.path, handler.layer(framed(&route.path)));
    }
    #[cfg(feature = "docs")]
    for (path, page) in crate::docs::pages() {
        router = router.route(path, page.layer(framed(path)));
    }
    #[cfg(feature = "ui")]
    if let Some(dashboard) = settings.dashboard {
        for (path, page) in crate::ui::pages(&dashboard, shared.has_login()) {
            router = router.route(&path, page.layer(framed(&path)));
        }
    }
    // Whatever else is asked for is one route to the figures: anybody can make up paths.
    router
        .fallback(unknown.layer(framed("unknown")))
        .method_not_allowed_fallback(not_allowed.layer(framed("unknown")))
        .with_state(shared)
}

async fn unknown() -> Problem {
    Problem::not_found("route")
}

async fn not_allowed() -> Problem {
    let detail = "this route does not answer to this method; `Allow` lists those that it does";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("crm", &self.crm).finish_non_exhaustive()
    }
}
