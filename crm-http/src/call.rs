//! One authenticated request, and what every handler asks of it.

use axum::{
    body::Body,
    extract::{FromRequestParts, OriginalUri, RawPathParams},
    http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use crm_core::{Action, Crm};
use crm_core::{Conflict, Entity, Error, Id, Object, Once, Record, Records, TenantScope, permission};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    etag::{self, Guard},
    frame::Visit,
    parameters::Parameters,
    principal::Principal,
    problem::Problem,
    routes,
    service::Shared,
};

/// What a handler answers.
pub(crate) type Answer = Result<Response, Problem>;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const MAX_KEY: usize = 255;
/// A record has seldom more bytes than so many.
const TYPICAL: usize = 1024;

/// A request of somebody who may come in.
pub(crate) struct Call {
    pub(crate) shared: Shared,
    pub(crate) principal: Principal,
    pub(crate) scope: TenantScope,
    pub(crate) parts: Parts,
    id: Option<Uuid>,
}

impl FromRequestParts<Shared> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let resolved = shared.resolver.resolve(parts).await;
        let principal = resolved.map_err(|refusal| shared.quotas.turn_away(parts, refusal))?;
        shared.quotas.admit(parts, &principal).await?;
        // The host's own path parameters come first: the last `id` is this service's.
        let params = RawPathParams::from_request_parts(parts, &()).await.ok();
        let id = params.as_ref().and_then(|params| params.iter().filter(|(name, _)| *name == "id").last());
        let id = id.and_then(|(_, text)| parse_id(text));
        let visit = Visit::of(parts);
        let actor = principal.actor.clone().in_request(visit.id);
        visit.caller.is(principal.tenant, actor.clone());
        if principal.by_cookie && !parts.method.is_safe() && !shared.origins.prove(parts) {
            return Err(Problem::foreign_origin());
        }
        let scope = shared.crm.scope(principal.tenant, actor);
        // Whatever else a handler takes of a request is its body.
        let parts = std::mem::replace(parts, Request::new(()).into_parts().0);
        Ok(Self { shared: shared.clone(), principal, scope, parts, id })
    }
}

/// An id in the one form in which this service writes ids.
pub(crate) fn parse_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|_| text.len() == 36)
}

impl Call {
    pub(crate) fn crm(&self) -> &Crm {
        &self.shared.crm
    }

    pub(crate) fn records<T: Entity>(&self) -> Records<'_, T> {
        self.crm().records(&self.scope)
    }

    /// Stops at once who may not do this, before the body is read and before anything is looked up.
    pub(crate) fn allow(&self, action: Action, object: &Object) -> Result<(), Problem> {
        Ok(permission::check(&self.scope, action, object, None)?)
    }

    /// The id in the path. One that cannot be is like one that is not there.
    pub(crate) fn id<T: Entity>(&self) -> Result<Id<T>, Problem> {
        self.id.map(Id::from_uuid).ok_or_else(|| Problem::not_found(T::object().singular))
    }

    pub(crate) fn parameters(&self) -> Result<Parameters, Problem> {
        Parameters::parse(self.parts.uri.query().unwrap_or_default())
    }

    /// This route takes no parameters.
    pub(crate) fn no_parameters(&self) -> Result<(), Problem> {
        self.parameters()?.finish()
    }

    /// The JSON object in the body.
    pub(crate) async fn object(&self, body: Body) -> Result<Map<String, Json>, Problem> {
        self.optional_object(body).await?.ok_or_else(|| crate::body::malformed("it is empty"))
    }

    /// The same where the body may be left out.
    pub(crate) async fn optional_object(&self, body: Body) -> Result<Option<Map<String, Json>>, Problem> {
        self.read(body, &[JSON]).await
    }

    /// Reads a body. A client that is slow to send it takes no place of its tenant's meanwhile.
    async fn read(&self, body: Body, types: &[&str]) -> Result<Option<Map<String, Json>>, Problem> {
        self.shared.quotas.step_aside(&self.parts);
        let read = self.shared.intake.object(&self.parts.headers, body, types).await?;
        self.shared.quotas.step_in(&self.parts, self.principal.tenant).await?;
        Ok(read)
    }

    /// The merge patch in the body.
    pub(crate) async fn patch(&self, body: Body) -> Result<Map<String, Json>, Problem> {
        let patch = self.read(body, &[MERGE_PATCH, JSON]).await?;
        patch.ok_or_else(|| crate::body::malformed("it is empty"))
    }

    /// The version that a change is limited to by `If-Match`; `None` if it is not.
    pub(crate) async fn expected<T: Entity>(&self, id: Id<T>) -> Result<Option<i64>, Problem> {
        let Guard::OneOf(tags) = Guard::of(&self.parts.headers) else { return Ok(None) };
        let record = self.records::<T>().get(id).await?;
        if tags.contains(&etag::of_record(&record)) {
            Ok(Some(record.version))
        } else {
            Err(Problem::stale())
        }
    }

    /// The key under which a POST has its effect once, if it names one: the client's own key, which is private to the
    /// tenant, the caller and the route.
    pub(crate) fn once(&self, content: &Map<String, Json>) -> Result<Option<Once>, Problem> {
        let mut given = self.parts.headers.get_all("idempotency-key").iter();
        let Some(key) = given.next() else { return Ok(None) };
        // Tabs are allowed in the value of a header, and are not in what this service describes as a key.
        let is_key = |key: &&str| (1..=MAX_KEY).contains(&key.len()) && !key.contains('\t');
        let key = key.to_str().ok().filter(is_key).filter(|_| given.next().is_none());
        let key = key.ok_or_else(|| {
            let detail =
                format!("`Idempotency-Key` must be one text of 1 to {MAX_KEY} printable ASCII characters");
            Problem::bad_request("invalid_idempotency_key", detail)
        })?;
        let actor = self.scope.actor();
        let tenant = self.scope.tenant().to_string();
        let route = self.parts.uri.path();
        let key = [&tenant, actor.kind().name(), actor.id(), self.parts.method.as_str(), route, key];
        let content = serde_json::to_string(content).map_err(Problem::internal)?;
        Ok(Some(Once { key: digest(&key), content: digest(&[&content]) }))
    }

    /// One of this service's paths, from where it is mounted.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", mount(&self.parts))
    }

    /// Something that was found: 200, or 304 if the client has it already.
    pub(crate) fn found<B: Serialize>(&self, content: &B, tag: Option<String>) -> Answer {
        found(&self.parts.headers, content, tag)
    }

    /// A record as a change has left it.
    pub(crate) fn changed<T: Entity>(&self, status: StatusCode, record: &Record<T>) -> Answer {
        self.shown(status, record, record)
    }

    /// A record that has been made.
    pub(crate) fn created<T: Entity>(&self, record: &Record<T>, replayed: bool) -> Answer {
        self.created_as(record, record, replayed)
    }

    /// The same, shown in a way of its own.
    pub(crate) fn created_as<T: Entity, B: Serialize>(
        &self,
        record: &Record<T>,
        shown: &B,
        replayed: bool,
    ) -> Answer {
        let mut response = self.shown(StatusCode::CREATED, record, shown)?;
        let location = self.url(&format!("/api/{}/{}", routes::segment(T::object()), record.id));
        let location = HeaderValue::from_str(&location).map_err(Problem::internal)?;
        response.headers_mut().insert(header::LOCATION, location);
        Ok(replay(response, replayed))
    }

    fn shown<T: Entity, B: Serialize>(&self, status: StatusCode, record: &Record<T>, shown: &B) -> Answer {
        let content = to_json(shown)?;
        let tag = HeaderValue::from_str(&etag::of_record(record)).map_err(Problem::internal)?;
        Ok((status, [(header::ETAG, tag), json_type()], content).into_response())
    }
}

/// Where this service is mounted: what the path of a request has before this service's own.
pub(crate) fn mount(request: &Parts) -> &str {
    let own = request.uri.path();
    let full = request.extensions.get::<OriginalUri>().map_or(own, |original| original.0.path());
    // The mount point itself may be asked for without the slash that it has within.
    full.strip_suffix(own).unwrap_or(if own == "/" { full } else { "" })
}

/// Something that was found, with its tag or one made of its content: 200, or 304 if the client has it already.
pub(crate) fn found<B: Serialize>(headers: &HeaderMap, content: &B, tag: Option<String>) -> Answer {
    let content = to_json(content)?;
    let tag = tag.unwrap_or_else(|| etag::of_content(&content));
    let value = HeaderValue::from_str(&tag).map_err(Problem::internal)?;
    if etag::is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, value)]).into_response());
    }
    Ok(([(header::ETAG, value), json_type()], content).into_response())
}

/// Marks an answer to a key that has been answered before.
pub(crate) fn replay(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// An answer that holds JSON.
pub(crate) fn json<B: Serialize>(status: StatusCode, content: &B) -> Answer {
    Ok((status, [json_type()], to_json(content)?).into_response())
}

fn to_json<B: Serialize>(content: &B) -> Result<Vec<u8>, Problem> {
    let mut json = Vec::with_capacity(TYPICAL);
    serde_json::to_writer(&mut json, content).map_err(Problem::internal)?;
    Ok(json)
}

pub(crate) fn json_type() -> (header::HeaderName, HeaderValue) {
    (header::CONTENT_TYPE, HeaderValue::from_static(JSON))
}

/// What a guarded change ran into: if the record itself has moved on, the condition failed.
pub(crate) fn guarded<T: Entity>(error: Error, expected: Option<i64>) -> Problem {
    match error {
        Error::Conflict(Conflict::Version { object }) if expected.is_some() && object == T::object().name => {
            Problem::stale()
        }
        error => error.into(),
    }
}

/// A digest of some texts that says where each of them ends.
pub(crate) fn digest(texts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    Uuid::from_bytes(bytes)
}
