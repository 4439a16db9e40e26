//! The routes of one kind of record, all from its description.

use axum::{body::Body, http::StatusCode, response::IntoResponse};
use crm_core::{Action, Condition, Entity, Error, Operator, Query, Record, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::{
    answers::Rests,
    call::{Answer, Call, guarded, parse_id},
    etag,
    log::Trail,
    parameters::refused,
    problem::Problem,
};

#[derive(Serialize)]
pub(crate) struct Listing<R> {
    data: Vec<R>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

pub(crate) async fn list<T: Entity>(call: Call) -> Answer {
    call.allow(Action::Read, T::object())?;
    let list = async || {
        let (query, count) = call.parameters()?.list::<T>()?;
        page(&call, query, count).await
    };
    call.kept(Rests::Log, list).await
}

/// One page of a question, with the total if it is wanted.
pub(crate) async fn page<T: Entity>(
    call: &Call,
    query: Query<T>,
    count: bool,
) -> Result<Listing<Record<T>>, Problem> {
    let records = call.records::<T>();
    let total = if count { Some(records.count(&query).await.map_err(refused)?) } else { None };
    let page = records.list(query).await.map_err(refused)?;
    Ok(Listing { data: page.data, next_cursor: page.next_cursor, total })
}

pub(crate) async fn create<T: Entity>(call: Call, body: Body) -> Answer {
    call.allow(Action::Create, T::object())?;
    call.no_parameters()?;
    let input = call.object(body).await?;
    make::<T>(&call, &input, &input).await
}

/// Makes a record of `input`, once for all requests that say the same in `asked`.
async fn make<T: Entity>(call: &Call, asked: &Map<String, Json>, input: &Map<String, Json>) -> Answer {
    let mut records = call.records::<T>();
    if let Some(once) = call.once(asked)? {
        records = records.once(once);
    }
    let made = records.create_json(input).await?;
    call.created(&made.record, made.replayed)
}

pub(crate) async fn read<T: Entity>(call: Call) -> Answer {
    call.allow(Action::Read, T::object())?;
    call.no_parameters()?;
    let record = call.records::<T>().get(call.id()?).await?;
    call.found(&record, Some(etag::of_record(&record)))
}

pub(crate) async fn patch<T: Entity>(call: Call, body: Body) -> Answer {
    call.allow(Action::Update, T::object())?;
    call.no_parameters()?;
    let patch = call.patch(body).await?;
    let id = call.id::<T>()?;
    let expected = call.expected(id).await?;
    let changed = call.records::<T>().patch(id, expected, &patch).await;
    call.changed(StatusCode::OK, &changed.map_err(|error| guarded::<T>(error, expected))?)
}

pub(crate) async fn delete<T: Entity>(call: Call) -> Answer {
    call.allow(Action::Delete, T::object())?;
    call.no_parameters()?;
    let id = call.id::<T>()?;
    let expected = call.expected(id).await?;
    let deleted = call.records::<T>().delete(id, expected).await;
    deleted.map_err(|error| guarded::<T>(error, expected))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) async fn restore<T: Entity>(call: Call) -> Answer {
    call.allow(Action::Restore, T::object())?;
    call.no_parameters()?;
    call.changed(StatusCode::OK, &call.records::<T>().restore(call.id()?).await?)
}

pub(crate) async fn history<T: Entity>(call: Call) -> Answer {
    call.allow(Action::Read, T::object())?;
    let id = call.id::<T>()?;
    let history = async || {
        let mut parameters = call.parameters()?;
        let trail = Trail::read(&call, &mut parameters);
        parameters.finish()?;
        Ok(trail.page(call.records::<T>().history(id, trail.place()?, trail.limit() + 1).await?))
    };
    call.kept(Rests::Log, history).await
}

/// The records of a kind that belong to one record of another kind.
pub(crate) async fn list_of<P: Entity, C: Entity>(call: Call) -> Answer {
    call.allow(Action::Read, C::object())?;
    let parent = call.id::<P>()?;
    let list = async || {
        let parent = call.records::<P>().get(parent).await?;
        let (query, count) = call.parameters()?.list::<C>()?;
        let within = Condition::new(link::<P, C>()?, Operator::Eq, vec![Value::Id(parent.id.uuid())]);
        page(&call, query.filter(within), count).await
    };
    call.kept(Rests::Log, list).await
}

/// Makes a record that belongs to another one.
pub(crate) async fn create_in<P: Entity, C: Entity>(call: Call, body: Body) -> Answer {
    call.allow(Action::Create, C::object())?;
    call.no_parameters()?;
    let asked = call.object(body).await?;
    let parent = call.records::<P>().get(call.id()?).await?;
    let link = link::<P, C>()?;
    let own = parent.id.uuid();
    let mut input = asked.clone();
    if let Some(named) = input.insert(link.to_owned(), Json::from(own.to_string()))
        && named.as_str().and_then(parse_id) != Some(own)
    {
        let detail = format!("must be the {} in the path, or be left out", P::object().singular);
        return Err(Error::invalid(link, "conflicting", detail).into());
    }
    make::<C>(&call, &asked, &input).await
}

/// The field by which a `C` belongs to a `P`.
fn link<P: Entity, C: Entity>() -> Result<&'static str, Problem> {
    let mut links = C::object().references().filter(|(_, target)| *target == P::object());
    let link = links.next().map(|(index, _)| C::object().public_name(index));
    link.ok_or_else(|| Problem::internal("a nested route whose child does not refer to its parent"))
}
