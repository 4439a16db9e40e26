//! `GET /openapi.json`

use std::sync::OnceLock;

use axum::{extract::State, http::request::Parts};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    call::{self, Answer},
    parameters::Parameters,
    routes::routes,
    service::Shared,
};

/// The description of this service, with the path at which it is mounted.
pub(crate) async fn document(State(shared): State<Shared>, request: Parts) -> Answer {
    #[derive(Serialize)]
    struct Document {
        #[serde(flatten)]
        rest: &'static Json,
        servers: Json,
    }
    Parameters::parse(request.uri.query().unwrap_or_default())?.finish()?;
    let document =
        Document { rest: rest(shared.has_login()), servers: super::servers(call::mount(&request)) };
    call::found(&request.headers, &document, None)
}

/// What is the same wherever the service is mounted. It never changes while the program runs.
fn rest(login: bool) -> &'static Json {
    static WITH: OnceLock<Json> = OnceLock::new();
    static WITHOUT: OnceLock<Json> = OnceLock::new();
    let kept = if login { &WITH } else { &WITHOUT };
    kept.get_or_init(|| super::describe(&routes(login), login))
}
