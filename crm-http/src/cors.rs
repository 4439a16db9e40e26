//! What lets web pages of other origins use the service: nothing, unless their origins are listed.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::origin::Origins;

/// How long a browser may remember what it was told before a request.
const MAX_AGE: &str = "600";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const ASKED: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID";
const ANSWERED: &str = "ETag, Location, X-Request-Id, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, \
                        WWW-Authenticate";

/// The answer to a browser that asks whether a page of a listed origin may send a request; `None` for all else.
pub(crate) fn preflight(request: &Parts, origins: &Origins) -> Option<Response> {
    let asks = request.method == Method::OPTIONS
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && origins.listed(&request.headers).is_some();
    let told = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    asks.then(|| (StatusCode::NO_CONTENT, told).into_response())
}

/// Lets the page that asked read the answer, if its origin is listed.
pub(crate) fn open(answer: &mut HeaderMap, origins: &Origins, listed: Option<HeaderValue>) {
    if origins.is_empty() {
        return;
    }
    answer.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = listed else { return };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let told: [(HeaderName, &'static str); 2] = [
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWERED),
    ];
    for (name, value) in told {
        answer.insert(name, HeaderValue::from_static(value));
    }
}
