//! The log over HTTP: the events of the tenant, oldest first, and the trail that pages through events.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_core::{Access, Action, Entity, Error, Event, EventQuery, Object, User};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    answers::Rests,
    call::{Answer, Call, digest, parse_id},
    parameters::Parameters,
    problem::Problem,
};

/// A way through events, page by page. Its cursor is the number of the last event that was seen, bound to the tenant
/// and the query.
#[derive(Debug)]
pub(crate) struct Trail {
    limit: u32,
    cursor: Option<String>,
    bound: Uuid,
}

#[derive(Serialize)]
pub(crate) struct Events {
    data: Vec<Event>,
    next_cursor: Option<String>,
}

impl Trail {
    /// Takes what pages through events from the parameters, before anything else is taken.
    pub(crate) fn read(call: &Call, parameters: &mut Parameters) -> Self {
        let (limit, cursor) = (parameters.limit(), parameters.take("cursor"));
        let tenant = call.scope.tenant().to_string();
        let rest = parameters.rest();
        let mut texts = vec![tenant.as_str(), call.parts.uri.path()];
        texts.extend(rest.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        Self { limit, cursor, bound: digest(&texts) }
    }

    /// How many events a page has.
    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// The number of the last event that was seen.
    pub(crate) fn place(&self) -> Result<Option<i64>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let place = || {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            let (seq, mark) = bytes.split_first_chunk::<8>()?;
            let seq = i64::from_be_bytes(*seq);
            (self.mark(seq).as_bytes() == mark).then_some(seq)
        };
        place().map(Some).ok_or_else(|| Error::BadCursor.into())
    }

    fn mark(&self, seq: i64) -> Uuid {
        digest(&[&self.bound.to_string(), &seq.to_string()])
    }

    /// One page of events, of which one more than the limit has been read.
    pub(crate) fn page(&self, mut events: Vec<Event>) -> Events {
        let limit = self.limit as usize;
        let more = events.len() > limit;
        events.truncate(limit);
        let last = events.last().filter(|_| more).map(|event| event.seq);
        let cursor =
            |seq: i64| URL_SAFE_NO_PAD.encode([&seq.to_be_bytes()[..], self.mark(seq).as_bytes()].concat());
        Events { data: events, next_cursor: last.map(cursor) }
    }
}

/// `GET /api/events`: the log, oldest first.
pub(crate) async fn events(call: Call) -> Answer {
    call.allow(Action::ReadLog, User::object())?;
    let read = async || {
        let mut parameters = call.parameters()?;
        let trail = Trail::read(&call, &mut parameters);
        let after: i64 = parameters.take_as("after", "the number of an event").unwrap_or(0);
        let object = object(&mut parameters);
        let record = record(&mut parameters);
        let actor = parameters.take("actor");
        parameters.finish()?;
        let after = trail.place()?.unwrap_or(after);
        let limit = trail.limit() + 1;
        let query = EventQuery { after, object, record, actor, limit, ..EventQuery::default() };
        Ok(trail.page(call.crm().log(&call.scope).events(&query).await?))
    };
    call.kept(Rests::Log, read).await
}

/// The kind of record that is asked for.
pub(crate) fn object(parameters: &mut Parameters) -> Option<&'static Object> {
    let name = parameters.take("object")?;
    let object = crm_core::object(&name).filter(|object| object.access != Access::Directory);
    if object.is_none() {
        parameters.fault("object", "invalid_value", "must be a kind of record such as `customers`");
    }
    object
}

fn record(parameters: &mut Parameters) -> Option<Uuid> {
    let text = parameters.take("record_id")?;
    let id = parse_id(&text);
    if id.is_none() {
        parameters.fault("record_id", "invalid_value", "must be the id of a record, a UUID");
    }
    id
}
