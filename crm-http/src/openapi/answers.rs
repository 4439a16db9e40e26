//! What answers have in common: headers, and problems.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::schemas::{object_with, reference as schema};

/// A refusal: its status, its name among the responses, when it is given, its code, and its own headers.
struct Refusal {
    status: u16,
    name: &'static str,
    description: &'static str,
    code: &'static str,
    detail: &'static str,
    headers: &'static [&'static str],
}

const REFUSALS: [Refusal; 13] = [
    Refusal {
        status: 400,
        name: "BadRequest",
        description: "The query, a header or the syntax of the body is wrong.",
        code: "invalid_parameter",
        detail: "the query cannot be answered as it is; look at `limit`",
        headers: &[],
    },
    Refusal {
        status: 401,
        name: "Unauthenticated",
        description: "Nobody who is known is asking.",
        code: "unauthenticated",
        detail: "this needs a sign-in that is valid",
        headers: &["WWW-Authenticate"],
    },
    Refusal {
        status: 403,
        name: "Forbidden",
        description: "The caller's role does not permit it.",
        code: "forbidden",
        detail: "your role does not permit to update customers",
        headers: &[],
    },
    Refusal {
        status: 404,
        name: "NotFound",
        description: "There is no such record in the caller's tenant.",
        code: "not_found",
        detail: "no such customer",
        headers: &[],
    },
    Refusal {
        status: 408,
        name: "TimedOut",
        description: "The body took too long to arrive.",
        code: "timeout",
        detail: "the body took too long to arrive",
        headers: &[],
    },
    Refusal {
        status: 409,
        name: "Conflict",
        description: "It is at odds with another record, with a rule between records, or with an earlier request.",
        code: "idempotency_conflict",
        detail: "this key was used before for another request",
        headers: &[],
    },
    Refusal {
        status: 412,
        name: "Stale",
        description: "The record is no longer at the version that `If-Match` names.",
        code: "stale",
        detail: "the record has changed since the version that `If-Match` names; read it again",
        headers: &[],
    },
    Refusal {
        status: 413,
        name: "TooLarge",
        description: "The body has too many bytes.",
        code: "too_large",
        detail: "the body must have at most 1048576 bytes",
        headers: &[],
    },
    Refusal {
        status: 415,
        name: "UnsupportedMediaType",
        description: "The body is of another type, or compressed.",
        code: "unsupported_media_type",
        detail: "the body must be uncompressed UTF-8 of the content type `application/json`",
        headers: &[],
    },
    Refusal {
        status: 422,
        name: "Invalid",
        description: "The input breaks a rule. `errors` has every fault.",
        code: "invalid",
        detail: "the input breaks a rule; see `errors`",
        headers: &[],
    },
    Refusal {
        status: 426,
        name: "UpgradeRequired",
        description: "The route speaks WebSocket alone.",
        code: "upgrade_required",
        detail: "this route speaks WebSocket: ask for an upgrade, version 13",
        headers: &[],
    },
    Refusal {
        status: 429,
        name: "RateLimited",
        description: "Too often; try again after the time in `Retry-After`.",
        code: "rate_limited",
        detail: "too many attempts; try again in 30 seconds",
        headers: &["Retry-After"],
    },
    Refusal {
        status: 503,
        name: "Unavailable",
        description: "The service is too busy, or its store cannot be reached; try again after the time in `Retry-After`.",
        code: "unavailable",
        detail: "the service is too busy or its store cannot be reached just now; try again",
        headers: &["Retry-After"],
    },
];

const NOT_MODIFIED: &str = "NotModified";
const HEAD_TOO_LARGE: &str = "HeadTooLarge";

/// A reference to the response of this status.
pub(super) fn reference(status: u16) -> Json {
    let refusal = REFUSALS.iter().find(|refusal| refusal.status == status);
    let bare = if status == 431 { HEAD_TOO_LARGE } else { NOT_MODIFIED };
    let name = refusal.map_or(bare, |refusal| refusal.name);
    json!({ "$ref": format!("#/components/responses/{name}") })
}

/// The responses that operations share, by name.
pub(super) fn responses() -> Json {
    let mut all: Map<String, Json> =
        REFUSALS.iter().map(|refusal| (refusal.name.to_owned(), refusal.response())).collect();
    let unchanged = json!({
        "description": "What the client has, as `If-None-Match` says, is what there is.",
        "headers": carried(&BTreeSet::from(["ETag"])),
    });
    all.insert(NOT_MODIFIED.to_owned(), unchanged);
    // The connection answers it, before there is a request.
    let large = "The head of the request has too many bytes: its path, its query and its headers together.";
    all.insert(HEAD_TOO_LARGE.to_owned(), json!({ "description": large }));
    Json::Object(all)
}

impl Refusal {
    fn response(&self) -> Json {
        let headers = self.headers.iter().copied().collect();
        let media = json!({ "schema": schema("Problem"), "example": self.example() });
        json!({
            "description": self.description,
            "headers": carried(&headers),
            "content": { "application/problem+json": media },
        })
    }

    fn example(&self) -> Json {
        let title = axum::http::StatusCode::from_u16(self.status).ok();
        let mut problem = json!({
            "type": "about:blank",
            "title": title.and_then(|status| status.canonical_reason()).unwrap_or_default(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": "01994a5e-7c00-7000-8000-0000000000ff",
        });
        match self.status {
            400 => {
                problem["errors"] = json!([{ "parameter": "limit", "code": "out_of_range", "detail": "must be from 1 to 200" }]);
            }
            422 => {
                let detail = "must be an e-mail address such as `ada@example.com`";
                problem["errors"] =
                    json!([{ "pointer": "/email", "code": "invalid_email", "detail": detail }]);
            }
            _ => {}
        }
        problem
    }
}

/// The headers of an answer: its own, and what every answer has.
pub(super) fn carried(own: &BTreeSet<&'static str>) -> Json {
    let all = own.iter().copied().chain(["X-Request-Id"]);
    let header = |name: &str| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    Json::Object(all.map(header).collect())
}

/// The headers of answers, by name.
pub(super) fn headers() -> Json {
    let header = |description: &str, required: bool, schema: Json, example: Json| json!({ "description": description, "required": required, "schema": schema, "example": example });
    let text = || json!({ "type": "string" });
    json!({
        "X-Request-Id": header(
            "The id of the request, which is also on the events that it caused.",
            true,
            json!({ "type": "string", "format": "uuid" }),
            json!("01994a5e-7c00-7000-8000-0000000000ff"),
        ),
        "ETag": header(
            "What this version is known by, for `If-Match` and `If-None-Match`.",
            true,
            text(),
            json!("\"01994a5e7c0070008000000000000001-1\""),
        ),
        "Location": header(
            "The path of the record that was made.",
            true,
            json!({ "type": "string", "format": "uri-reference" }),
            json!("/api/customers/01994a5e-7c00-7000-8000-000000000001"),
        ),
        "Idempotency-Replayed": header(
            "There if the request had its effect before, under the same `Idempotency-Key`.",
            false,
            json!({ "type": "string", "enum": ["true"] }),
            json!("true"),
        ),
        "WWW-Authenticate": header("How to sign in.", true, text(), json!("Bearer")),
        "Retry-After": header(
            "In how many seconds to try again.",
            true,
            json!({ "type": "integer", "minimum": 1 }),
            json!(30),
        ),
    })
}

/// The body of a refusal.
pub(super) fn problem() -> Json {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let fault = object_with(
        &["code", "detail"],
        json!({
            "pointer": text("Where in the body, as a JSON pointer (RFC 6901)."),
            "parameter": text("Which query parameter."),
            "code": text("What is wrong, for programs."),
            "detail": text("What is wrong, for people; it follows the name of the field."),
        }),
    );
    let mut problem = object_with(
        &["type", "title", "status", "detail", "code", "request_id"],
        json!({
            "type": text("`about:blank`: the status says what kind of problem it is, and `code` which."),
            "title": text("The meaning of the status."),
            "status": { "type": "integer", "minimum": 400, "maximum": 599, "description": "The status." },
            "detail": text("What is wrong, for people."),
            "code": text("What is wrong, for programs."),
            "request_id": { "type": "string", "format": "uuid", "description": "The id of the request." },
            "errors": { "type": "array", "items": fault, "description": "Every fault of the input or the query." },
        }),
    );
    problem["description"] = json!("A problem (RFC 9457).");
    problem
}
