//! Whether the service lives, and whether it can work. Both answer without anybody being signed in and say nothing
//! about anybody's data.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
};
use crm_core::Query;
use serde_json::json;

use crate::{
    call::{self, Answer},
    problem::Problem,
    service::Shared,
};

/// `GET /healthz`: the process answers.
pub(crate) async fn live(_: Parts) -> Answer {
    call::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// `GET /readyz`: the store answers too, and the end has not begun.
pub(crate) async fn ready(State(shared): State<Shared>, request: Parts) -> Answer {
    if shared.shutdown(&request.extensions).is_begun() {
        return Err(Problem::unavailable(Duration::from_secs(1)));
    }
    let directory = shared.crm.directory(&shared.maintenance);
    match directory.tenants(Query::new().limit(1)).await {
        Ok(_) => call::json(StatusCode::OK, &json!({ "status": "ready" })),
        Err(error) => {
            tracing::warn!(cause = %error, "the store does not answer");
            Err(Problem::unavailable(Duration::from_secs(1)))
        }
    }
}
