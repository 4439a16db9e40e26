//! Making API keys.

use axum::body::Body;
use crm_core::{Action, ApiKey, Entity, Record};
use serde::Serialize;

use super::token::{Key, Secret};
use crate::call::{Answer, Call};

/// A key as it is shown once: with itself.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    record: &'a Record<ApiKey>,
    /// Nothing for an answer that is given again: nobody has it any more but whoever got it then.
    key: Option<String>,
}

/// `POST /api/api-keys`
pub(crate) async fn create(call: Call, body: Body) -> Answer {
    call.allow(Action::Create, ApiKey::object())?;
    call.no_parameters()?;
    let input = call.object(body).await?;
    let secret = Secret::random()?;
    let base = ApiKey { secret_hash: secret.hash(), ..ApiKey::default() };
    let mut records = call.records::<ApiKey>();
    if let Some(once) = call.once(&input)? {
        records = records.once(once);
    }
    let made = records.create_json_on(base, &input).await?;
    let key = Key { tenant: call.scope.tenant(), id: made.record.id, secret };
    let shown = Made { record: &made.record, key: (!made.replayed).then(|| key.text()) };
    call.created_as(&made.record, &shown, made.replayed)
}
