//! One search over customers, contacts and leads.

use crm_core::{Contact, Customer, Entity, Lead, Query};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    answers::Rests,
    call::{Answer, Call},
    parameters::refused,
    problem::Problem,
};

/// How many records of each kind are found when nobody says how many.
const DEFAULT_LIMIT: u32 = 10;
/// The most records of each kind.
const MAX_LIMIT: u32 = 50;

#[derive(Serialize)]
struct Finding {
    /// The kind of record, in the plural.
    object: &'static str,
    record: Json,
}

#[derive(Serialize)]
struct Findings {
    data: Vec<Finding>,
}

/// `GET /api/search?q=`: the newest records of each kind in which every word occurs.
pub(crate) async fn search(call: Call) -> Answer {
    let find = async || {
        let mut parameters = call.parameters()?;
        let text = parameters.take("q").unwrap_or_default();
        if crm_core::terms(&text).is_empty() {
            parameters.fault("q", "required", "must have at least one word to search for");
        }
        let limit = parameters.limit_within(DEFAULT_LIMIT, MAX_LIMIT);
        parameters.finish()?;
        let (customers, contacts, leads) = tokio::join!(
            of::<Customer>(&call, &text, limit),
            of::<Contact>(&call, &text, limit),
            of::<Lead>(&call, &text, limit)
        );
        Ok(Findings { data: [customers?, contacts?, leads?].into_iter().flatten().collect() })
    };
    call.kept(Rests::Log, find).await
}

async fn of<T: Entity>(call: &Call, text: &str, limit: u32) -> Result<Vec<Finding>, Problem> {
    let page = call.records::<T>().list(Query::new().search(text).limit(limit)).await;
    let records = page.map_err(|error| refused(error).renamed("search", "q"))?.data;
    let finding = |record| {
        let record = serde_json::to_value(record).map_err(Problem::internal)?;
        Ok(Finding { object: T::object().name, record })
    };
    records.into_iter().map(finding).collect()
}
