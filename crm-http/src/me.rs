//! Who is asking.

use axum::http::StatusCode;
use crm_core::permission;
use serde_json::json;

use crate::call::{self, Answer, Call};

/// `GET /api/auth/me`
pub(crate) async fn me(call: Call) -> Answer {
    call.no_parameters()?;
    let actor = call.scope.actor();
    let principal = &call.principal;
    let me = json!({
        "user": principal.user.as_deref().cloned().unwrap_or_else(|| json!({ "id": actor.id() })),
        "actor_type": actor.kind(),
        "tenant": principal.tenant_profile.as_deref().cloned().unwrap_or_else(|| json!({ "id": call.scope.tenant() })),
        "role": actor.role(),
        "permissions": actor.role().map(permission::granted).unwrap_or_default(),
    });
    call::json(StatusCode::OK, &me)
}
