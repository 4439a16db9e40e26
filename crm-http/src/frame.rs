//! The frame around every answer: its id, its span in the log, its figures, and the headers that every answer has.

use std::{ops::Deref, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::{Instrument, Span, field::Empty};
use uuid::Uuid;

use crate::{
    address::client_address, cors, incidents::Caller, metrics::RouteMeter, problem::Problem,
    quota::Admission, service::Shared,
};

/// What the frame of a request and its handler tell each other. Clones are one and the same.
#[derive(Clone, Debug)]
pub(crate) struct Visit(Arc<Visited>);

#[derive(Debug)]
pub(crate) struct Visited {
    /// The id of the request. It is on the answer, and on the events that the request causes.
    pub(crate) id: Uuid,
    /// What it was measured by.
    pub(crate) admission: Admission,
    /// Who it comes from.
    pub(crate) caller: Caller,
}

impl Visit {
    fn new() -> Self {
        Self(Arc::new(Visited {
            id: Uuid::now_v7(),
            admission: Admission::default(),
            caller: Caller::default(),
        }))
    }

    /// That of this request.
    pub(crate) fn of(request: &Parts) -> Self {
        request.extensions.get::<Self>().cloned().unwrap_or_else(Self::new)
    }
}

impl Deref for Visit {
    type Target = Visited;

    fn deref(&self) -> &Visited {
        &self.0
    }
}

/// What every answer has, unless its handler says otherwise.
const HEADERS: [(HeaderName, HeaderValue); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    // What is read with a sign-in belongs to nobody else's cache.
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
];

/// How many the frame adds to an answer beside them, about, so that room is made for all at once.
const OTHERS: usize = 4;

/// The frame of one route.
#[derive(Clone, Debug)]
pub(crate) struct Frame(Arc<Framed>);

#[derive(Debug)]
struct Framed {
    shared: Shared,
    /// The path as it is in the table, such as `/api/customers/{id}`: nothing else of a path is logged or counted.
    route: String,
    meter: RouteMeter,
}

impl Frame {
    /// The frame of the route with this path.
    pub(crate) fn new(shared: &Shared, route: &str) -> Self {
        let meter = shared.metrics.route(route);
        Self(Arc::new(Framed { shared: shared.clone(), route: route.to_owned(), meter }))
    }
}

/// Answers a request within the frame of its route.
pub(crate) async fn frame(State(Frame(frame)): State<Frame>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let visit = Visit::new();
    let (id, method) = (visit.id, name(request.method()));
    let span =
        tracing::info_span!("request", %id, method, route = frame.route, status = Empty, micros = Empty);
    let _in_flight = frame.shared.metrics.in_flight();
    request.extensions_mut().insert(visit.clone());
    let address = client_address(request.extensions());
    let origin = frame.shared.origins.listed(request.headers()).cloned();
    let response = frame.answer(request, next).instrument(span.clone()).await;
    let mut response = span.in_scope(|| Problem::write(response, id));
    if response.status() == StatusCode::FORBIDDEN {
        let tried = format!("{method} {}", frame.route);
        visit.caller.report(&frame.shared, tried, address).instrument(span.clone()).await;
    }
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len() + OTHERS);
    visit.admission.finish(headers);
    cors::open(headers, &frame.shared.origins, origin);
    frame.defaults(headers, id);
    let (status, time) = (response.status().as_u16(), begun.elapsed());
    frame.meter.answered(method, status, time);
    tell(&span, status, time);
    response
}

/// Puts into the log how a request ended.
fn tell(span: &Span, status: u16, time: std::time::Duration) {
    span.record("status", status);
    span.record("micros", u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    span.in_scope(|| tracing::debug!("answered"));
}

impl Framed {
    async fn answer(&self, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let Shared(shared) = &self.shared;
        if let Some(answer) = cors::preflight(&parts, &shared.origins) {
            return answer;
        }
        if !shared.origins.allow(&parts) {
            shared.metrics.refused("foreign_origin");
            return Problem::foreign_origin().into_response();
        }
        next.run(Request::from_parts(parts, body)).await
    }

    fn defaults(&self, headers: &mut HeaderMap, id: Uuid) {
        if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())) {
            headers.insert("x-request-id", id);
        }
        // What an answer about signing in says belongs to no cache at all.
        if self.route.starts_with("/api/auth/") {
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        for (name, value) in &HEADERS {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
}

/// The name of a method, of a closed set: anybody can make up methods.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
