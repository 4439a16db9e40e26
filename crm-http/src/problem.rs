//! Errors as programs and people read them: `application/problem+json` (RFC 9457).

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use crm_core::{Conflict, Error, Violation};
use serde::Serialize;
use uuid::Uuid;

use crate::principal::Refusal;

/// The most faults that one answer lists.
const MAX_FAULTS: usize = 200;

/// What an answer says when it is no success. The service adds the request's id when it writes it out.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<Fault>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What went wrong inside: for the log alone.
    cause: Option<String>,
}

/// One fault of a request: of its body at a JSON pointer, or of a query parameter.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fault {
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    code: &'static str,
    detail: String,
}

impl Fault {
    pub(crate) fn parameter(name: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.into()), code, detail: detail.into() }
    }
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        let Violation { pointer, code, detail } = violation;
        Self { pointer: Some(pointer), parameter: None, code, detail }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let (errors, headers) = (Vec::new(), Vec::new());
        Self { status, code, detail: detail.into(), errors, headers, cause: None }
    }

    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A query that cannot be answered, with every parameter that is at fault.
    pub(crate) fn bad_parameters(faults: Vec<Fault>) -> Self {
        let name = |fault: &Fault| format!("`{}`", fault.parameter.as_deref().unwrap_or_default());
        let names: Vec<String> = faults.iter().map(name).collect();
        let detail = format!("the query cannot be answered as it is; look at {}", names.join(", "));
        Self { errors: faults, ..Self::bad_request("invalid_parameter", detail) }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("no such {what}"))
    }

    pub(crate) fn stale() -> Self {
        let detail = "the record has changed since the version that `If-Match` names; read it again";
        Self::new(StatusCode::PRECONDITION_FAILED, "stale", detail)
    }

    /// A page of another origin wants something that it may not.
    pub(crate) fn foreign_origin() -> Self {
        let detail = "pages of this origin may not change anything here; the operator can allow them";
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", detail)
    }

    /// Names the protocol that the client is to change to.
    pub(crate) fn upgrade_to(self, protocol: &'static str) -> Self {
        self.with(header::UPGRADE, HeaderValue::from_static(protocol))
    }

    pub(crate) fn unauthenticated(detail: impl Into<String>, challenge: &str) -> Self {
        let challenge = HeaderValue::from_str(challenge).unwrap_or(HeaderValue::from_static("Bearer"));
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
            .with(header::WWW_AUTHENTICATE, challenge)
    }

    #[cfg(feature = "auth")]
    pub(crate) fn coded(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn rate_limited(wait: std::time::Duration) -> Self {
        let detail = format!("too many attempts; try again in {} seconds", seconds(wait));
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(wait)
    }

    pub(crate) fn unavailable(wait: std::time::Duration) -> Self {
        let detail = "the service is too busy or its store cannot be reached just now; try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(wait)
    }

    /// A fault of the service itself. What it was goes to the log and nowhere else.
    pub(crate) fn internal(cause: impl ToString) -> Self {
        let detail = "something went wrong here; it has been noted under this request id";
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail);
        Self { cause: Some(cause.to_string()), ..problem }
    }

    pub(crate) fn invalid(mut violations: Vec<Violation>) -> Self {
        let count = violations.len();
        // An answer must not become many times as long as the request.
        violations.truncate(MAX_FAULTS);
        let detail = if count == 1 { "the input breaks a rule" } else { "the input breaks several rules" };
        let errors = violations.into_iter().map(Fault::from).collect();
        let problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("{detail}; see `errors`"));
        Self { errors, ..problem }
    }

    /// Says a fault of one query parameter of another, under whose name the client sent it.
    pub(crate) fn renamed(mut self, from: &str, to: &str) -> Self {
        for fault in self.errors.iter_mut().filter(|fault| fault.parameter.as_deref() == Some(from)) {
            fault.parameter = Some(to.to_owned());
        }
        self.detail = self.detail.replace(&format!("`{from}`"), &format!("`{to}`"));
        self
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn retry_after(self, wait: std::time::Duration) -> Self {
        self.with(header::RETRY_AFTER, HeaderValue::from(seconds(wait)))
    }

    fn conflict(conflict: &Conflict) -> Self {
        let code = match conflict {
            Conflict::Unique { .. } => "duplicate",
            Conflict::Reference { .. } => "reference",
            Conflict::Once => "idempotency_conflict",
            Conflict::Rule(_) => "rule",
            _ => "conflict",
        };
        let mut problem = Self::new(StatusCode::CONFLICT, code, conflict.to_string());
        if let Conflict::Unique { field, .. } = conflict {
            problem.errors.push(Fault {
                pointer: Some(format!("/{field}")),
                parameter: None,
                code,
                detail: "is taken by another record".to_owned(),
            });
        }
        problem
    }

    /// The body, with the id of the request.
    fn body(&self, request: Uuid) -> Vec<u8> {
        #[derive(Serialize)]
        struct Wire<'a> {
            r#type: &'static str,
            title: &'a str,
            status: u16,
            detail: &'a str,
            code: &'a str,
            request_id: Uuid,
            #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
            errors: &'a [Fault],
        }
        let wire = Wire {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id: request,
            errors: &self.errors,
        };
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// Writes the problem that a response carries, if it carries one, as its body.
    pub(crate) fn write(response: Response, request: Uuid) -> Response {
        let (mut parts, body) = response.into_parts();
        let Some(problem) = parts.extensions.remove::<Self>() else {
            return Response::from_parts(parts, body);
        };
        if let Some(cause) = &problem.cause {
            tracing::error!(%request, cause, "a request failed");
        }
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        Response::from_parts(parts, Body::from(problem.body(request)))
    }
}

/// Whole seconds, at least one: what `Retry-After` can say.
fn seconds(wait: std::time::Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.is_zero()))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.headers_mut().extend(self.headers.iter().cloned());
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { what } => Self::not_found(what),
            Error::Conflict(conflict) => Self::conflict(&conflict),
            Error::Invalid { violations } => Self::invalid(violations),
            Error::Forbidden { action, object } => {
                let detail = format!("your role does not permit to {} {object}", action.replace('_', " "));
                Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
            }
            Error::BadCursor => Self::bad_request("bad_cursor", "`cursor` does not belong to this query"),
            Error::Unsupported(what) => {
                let detail = format!("the store of this service does not support {what}");
                Self::new(StatusCode::NOT_IMPLEMENTED, "unsupported", detail)
            }
            Error::Unavailable(source) => {
                tracing::warn!(cause = %source, "the store is unavailable");
                Self::unavailable(std::time::Duration::from_secs(1))
            }
            other => Self::internal(other),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated { challenge } => {
                Self::unauthenticated("this needs a sign-in that is valid", &challenge)
            }
            Refusal::Forbidden => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", "you may not use this service")
            }
            Refusal::TooMany { wait } => Self::rate_limited(wait),
            Refusal::Failed(error) => Self::from(error),
        }
    }
}
