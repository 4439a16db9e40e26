//! The description of the interface in OpenAPI 3.1, generated from the table of routes and from the descriptors.
//!
//! Each route of the table has one operation here. Those that every kind of record has are described once, in
//! `records.rs`, by what the descriptor (`crm_core::Object`) says; everything else is one entry by the route's name in
//! `catalogue.rs`:
//!
//! ```text
//! "rename_tag" => Operation::new(tags::SETTINGS, "Rename a tag")
//!     .explained("Renames it on every record at once.")      // what a client must know beyond the summary
//!     .parameter(query("dry_run", "Whether to only say what would change.", json!({ "type": "boolean" })))
//!     .takes(reference("Rename"), json!({ "from": "a", "to": "b" }))   // a JSON body, with an example
//!     .once()                                                // it has `Idempotency-Key`
//!     .answers(Reply::json(200, "What changed.", reference("TagReport"), example))
//!     .refuses(&[409]),                                      // beside those that follow from the rest
//! ```
//!
//! What follows from the rest is not said: `{id}` in the path brings the parameter and 404; a body brings 408, 413, 415 and 422;
//! a sign-in brings the security scheme, 401, 403 and 503; a reply with an `ETag` brings `If-None-Match` and 304. A new
//! kind of record is one entry in `kinds.rs`; a Rust type that is an answer derives `schemars::JsonSchema` and is named in
//! `schemas.rs`. The tests fail for a route without an operation, and validate real answers against their schemas.
//!
//! Pages for people (`/docs`) are no operations.

mod answers;
mod catalogue;
mod examples;
mod fields;
mod figures;
mod kinds;
mod listing;
mod operation;
mod records;
mod route;
mod schemas;
mod tags;

use serde_json::{Map, Value as Json, json};

pub(crate) use route::document;

use crate::routes::{Route, routes};

/// The description of a service that is mounted at `mount` (`/crm`, or empty at the root), with the routes of the
/// built-in login if `login` is set: an OpenAPI 3.1 document.
///
/// ```
/// let document = crm_http::openapi("/crm", true);
/// assert_eq!(document["openapi"], "3.1.1");
/// assert_eq!(document["paths"]["/api/customers"]["get"]["operationId"], "list_customers");
/// ```
pub fn openapi(mount: &str, login: bool) -> Json {
    let mut document = describe(&routes(login), login);
    document["servers"] = servers(mount);
    document
}

/// The document without its servers.
fn describe(routes: &[Route], login: bool) -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for route in routes {
        let Some(operation) = catalogue::describe(route) else { continue };
        let path = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation.into_json(route, login);
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "CRM",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "tags": tags::all(),
        "paths": paths,
        "components": {
            "schemas": schemas::components(login),
            "parameters": listing::components(),
            "headers": answers::headers(),
            "responses": answers::responses(),
            "securitySchemes": security_schemes(login),
        },
    })
}

/// How requests are authenticated. With another sign-in than the built-in one that is the host's to say.
fn security_schemes(login: bool) -> Json {
    if !login {
        return json!({});
    }
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of a sign-in or an API key, in the header `Authorization`.",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "crm_session",
            "description": "The token of a sign-in, for pages of the service's own. A request that changes something must \
                            say by `Origin` or `Sec-Fetch-Site` that it comes from one.",
        },
    })
}

fn servers(mount: &str) -> Json {
    let url = if mount.is_empty() { "/" } else { mount };
    json!([{ "url": url, "description": "This service." }])
}

const INTRODUCTION: &str = "\
A multi-tenant CRM. Everything that is read or written belongs to the tenant of the caller; a record of another tenant \
answers like one that never was.

- JSON in UTF-8. Times are RFC 3339 in UTC, ids are UUIDs, money is whole minor units of one currency.
- Lists page by `limit` and `cursor`, and can be sorted, searched and filtered: `FIELD=value`, or `FIELD[op]=value`.
- A record has an `ETag`. `If-None-Match` answers 304 for what is known; `If-Match` guards a change.
- `Idempotency-Key` on POST: the same key and body have their effect once and give the same answer again.
- Text is trimmed and kept in NFC; an empty text is the same as null.
- Errors are `application/problem+json` (RFC 9457), with all the faults of an input at once.
- Every answer has `X-Request-Id`, which is also on the events that the request caused.";
