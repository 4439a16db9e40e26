//! One operation, and what follows from the little that is said of it.

use std::collections::BTreeSet;

use crm_core::permission;
use serde_json::{Map, Value as Json, json};

use super::{answers, listing};
use crate::routes::Route;

/// What is said of a route. The rest follows from the route.
pub(super) struct Operation {
    tag: &'static str,
    summary: String,
    explanation: String,
    parameters: Vec<Json>,
    body: Option<Body>,
    replies: Vec<Reply>,
    refusals: BTreeSet<u16>,
}

struct Body {
    types: &'static [&'static str],
    schema: Json,
    example: Json,
    required: bool,
}

/// A success.
pub(super) struct Reply {
    status: u16,
    description: String,
    content: Option<(&'static str, Json, Json)>,
    headers: BTreeSet<&'static str>,
}

impl Reply {
    /// One that holds JSON, with an example.
    pub(super) fn json(status: u16, description: impl Into<String>, schema: Json, example: Json) -> Self {
        let content = Some(("application/json", schema, example));
        Self { status, description: description.into(), content, headers: BTreeSet::new() }
    }

    /// One that holds text of a media type, with an example.
    pub(super) fn text(
        status: u16,
        description: impl Into<String>,
        media_type: &'static str,
        example: &str,
    ) -> Self {
        // Tools read a stream of events message by message, each of which is an object to them.
        let schema = if media_type == "text/event-stream" { json!({}) } else { json!({ "type": "string" }) };
        let content = Some((media_type, schema, json!(example)));
        Self { status, description: description.into(), content, headers: BTreeSet::new() }
    }

    /// One without content.
    pub(super) fn empty(status: u16, description: impl Into<String>) -> Self {
        Self { status, description: description.into(), content: None, headers: BTreeSet::new() }
    }

    /// With a header, by its name in `answers.rs`.
    pub(super) fn with(mut self, header: &'static str) -> Self {
        self.headers.insert(header);
        self
    }

    fn into_json(self) -> Json {
        let mut reply =
            json!({ "description": self.description, "headers": answers::carried(&self.headers) });
        if let Some((media_type, schema, example)) = self.content {
            reply["content"] = json!({ media_type: { "schema": schema, "example": example } });
        }
        reply
    }
}

impl Operation {
    pub(super) fn new(tag: &'static str, summary: impl Into<String>) -> Self {
        Self {
            tag,
            summary: summary.into(),
            explanation: String::new(),
            parameters: Vec::new(),
            body: None,
            replies: Vec::new(),
            refusals: BTreeSet::new(),
        }
    }

    /// What a client must know beyond the summary.
    pub(super) fn explained(self, explanation: impl Into<String>) -> Self {
        Self { explanation: explanation.into(), ..self }
    }

    /// A parameter: a Parameter Object or a reference to one.
    pub(super) fn parameter(mut self, parameter: Json) -> Self {
        self.parameters.push(parameter);
        self
    }

    pub(super) fn parameters(self, parameters: impl IntoIterator<Item = Json>) -> Self {
        parameters.into_iter().fold(self, Self::parameter)
    }

    /// A JSON body that must be there.
    pub(super) fn takes(self, schema: Json, example: Json) -> Self {
        let types = &["application/json"];
        Self { body: Some(Body { types, schema, example, required: true }), ..self }
    }

    /// A JSON body that may be left out.
    pub(super) fn may_take(self, schema: Json, example: Json) -> Self {
        let types = &["application/json"];
        Self { body: Some(Body { types, schema, example, required: false }), ..self }
    }

    /// A merge patch.
    pub(super) fn takes_patch(self, schema: Json, example: Json) -> Self {
        let types = &["application/merge-patch+json", "application/json"];
        Self { body: Some(Body { types, schema, example, required: true }), ..self }
    }

    /// A success.
    pub(super) fn answers(mut self, reply: Reply) -> Self {
        self.replies.push(reply);
        self
    }

    /// A success in place of what was said before.
    pub(super) fn replaces(self, reply: Reply) -> Self {
        Self { replies: vec![reply], ..self }
    }

    /// A success that a client may know already.
    pub(super) fn finds(self, description: &str, schema: Json, example: Json) -> Self {
        let own = self.parameter(listing::shared("IfNoneMatch")).refuses(&[304]);
        own.answers(Reply::json(200, description, schema, example).with("ETag"))
    }

    /// It has its effect once under an `Idempotency-Key`.
    pub(super) fn once(self) -> Self {
        self.parameter(listing::shared("IdempotencyKey")).refuses(&[409])
    }

    /// It is limited to a version by `If-Match`.
    pub(super) fn guarded(self) -> Self {
        self.parameter(listing::shared("IfMatch")).refuses(&[409, 412])
    }

    /// Other answers than a success, by status, beside those that follow from the rest.
    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// The Operation Object of a route.
    pub(super) fn into_json(mut self, route: &Route, login: bool) -> Json {
        let has_id = route.path.contains("{id}");
        if has_id {
            self.parameters.insert(0, listing::shared("Id"));
        }
        let refusals = self.all_refusals(route, has_id);
        let mut responses: Map<String, Json> = Map::new();
        for status in refusals {
            responses.insert(status.to_string(), answers::reference(status));
        }
        for reply in self.replies {
            responses.insert(reply.status.to_string(), reply.into_json());
        }
        let mut operation = json!({
            "operationId": route.name,
            "summary": self.summary,
            "tags": [self.tag],
            "responses": responses,
        });
        let description = [self.explanation, permitted(route)].into_iter().filter(|text| !text.is_empty());
        let description = description.collect::<Vec<_>>().join(" ");
        if !description.is_empty() {
            operation["description"] = json!(description);
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        if let Some(Body { types, schema, example, required }) = self.body {
            let media = json!({ "schema": schema, "example": example });
            let content: Map<String, Json> =
                types.iter().map(|name| ((*name).to_owned(), media.clone())).collect();
            operation["requestBody"] = json!({ "required": required, "content": content });
        }
        if login {
            operation["security"] =
                if route.open { json!([]) } else { json!([{ "bearer": [] }, { "cookie": [] }]) };
        }
        operation
    }

    fn all_refusals(&self, route: &Route, has_id: bool) -> BTreeSet<u16> {
        let mut all = self.refusals.clone();
        all.insert(431);
        if !route.open {
            all.extend([400, 401, 403, 503]);
        }
        // How often somebody may ask is limited; probes of the service's health are not.
        if !route.open {
            all.insert(429);
        }
        if has_id {
            all.insert(404);
        }
        if self.body.is_some() {
            all.extend([400, 408, 413, 415, 422]);
        }
        all
    }
}

/// Who may do it.
fn permitted(route: &Route) -> String {
    let (Some(object), Some(action)) = (route.object, route.action) else { return String::new() };
    match permission::least_role(action, object.access) {
        Some(role) => format!("Permitted to the role `{role}` and those above it."),
        None => String::new(),
    }
}
