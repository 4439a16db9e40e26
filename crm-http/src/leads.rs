//! What leads can do that other records cannot: become business, and tell how long they stayed where.

use axum::{body::Body, http::StatusCode};
use crm_core::{Action, Customer, Entity, Faults, Id, Lead, StageVisit};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::{
    call::{Answer, Call, json, parse_id, replay},
    problem::Problem,
};

/// `POST /api/leads/{id}/convert`
pub(crate) async fn convert(call: Call, body: Body) -> Answer {
    call.allow(Action::Update, Lead::object())?;
    call.allow(Action::Create, Customer::object())?;
    call.no_parameters()?;
    let input = call.optional_object(body).await?.unwrap_or_default();
    let customer = customer(&input)?;
    let mut leads = call.records::<Lead>();
    if let Some(once) = call.once(&input)? {
        leads = leads.once(once);
    }
    let converted = leads.convert(call.id()?, customer).await?;
    Ok(replay(json(StatusCode::OK, &converted)?, converted.replayed))
}

fn customer(input: &Map<String, Json>) -> Result<Option<Id<Customer>>, Problem> {
    let mut faults = Faults::default();
    let mut customer = None;
    for (name, value) in input {
        match (name.as_str(), value) {
            ("customer_id", Json::Null) => {}
            ("customer_id", value) => {
                customer = value.as_str().and_then(parse_id).map(Id::from_uuid);
                if customer.is_none() {
                    faults.field(name, "wrong_type", "must be the id of a record, a UUID");
                }
            }
            _ => faults.field(name, "unknown_field", "is nothing that a conversion takes"),
        }
    }
    faults.into_result()?;
    Ok(customer)
}

/// `GET /api/leads/{id}/stages`
pub(crate) async fn stages(call: Call) -> Answer {
    #[derive(Serialize)]
    struct Visits {
        data: Vec<StageVisit>,
    }
    call.allow(Action::Read, Lead::object())?;
    call.no_parameters()?;
    call.found(&Visits { data: call.records::<Lead>().stage_history(call.id()?).await? }, None)
}
