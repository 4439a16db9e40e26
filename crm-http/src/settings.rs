//! The tenant's settings.

use axum::{body::Body, http::StatusCode};
use crm_core::{Action, Entity, Settings};

use crate::{
    call::{Answer, Call, guarded},
    etag,
};

/// `GET /api/settings`
pub(crate) async fn read(call: Call) -> Answer {
    call.allow(Action::Read, Settings::object())?;
    call.no_parameters()?;
    let settings = call.records::<Settings>().get(Settings::of(call.scope.tenant())).await?;
    call.found(&settings, Some(etag::of_record(&settings)))
}

/// `PATCH /api/settings`
pub(crate) async fn patch(call: Call, body: Body) -> Answer {
    call.allow(Action::Update, Settings::object())?;
    call.no_parameters()?;
    let patch = call.patch(body).await?;
    let id = Settings::of(call.scope.tenant());
    let expected = call.expected(id).await?;
    let changed = call.records::<Settings>().patch(id, expected, &patch).await;
    call.changed(StatusCode::OK, &changed.map_err(|error| guarded::<Settings>(error, expected))?)
}
