//! Invitations: how a user whom nobody has given a password comes to sign in.

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, request::Parts},
};
use crm_core::{Action, Entity, Error, Record, Role, User};
use serde_json::{Map, Value as Json, json};

use super::{
    Login, address_key,
    admission::membership,
    routes::{Form, about, lasting, login_of, refused},
    token::{Invitation, Secret},
};
use crate::{
    call::{self, Answer, Call},
    parameters::Parameters,
    problem::Problem,
    service::Shared,
};

/// `POST /api/users/{id}/invitation`: a token for the user, which takes the place of the one before.
pub(crate) async fn invite(call: Call) -> Answer {
    call.allow(Action::Update, User::object())?;
    call.no_parameters()?;
    let login = login_of(&call.shared)?;
    let user: Record<User> = call.records::<User>().get(call.id()?).await?;
    if user.role_of() == Role::Owner && call.scope.actor().role().is_some_and(|role| role < Role::Owner) {
        return Err(Error::Forbidden { action: "invite", object: "owners" }.into());
    }
    if !user.is_active {
        let detail = "the user is not active, and could not sign in";
        return Err(Problem::new(StatusCode::CONFLICT, "inactive_user", detail));
    }
    let (secret, expires_at) = (Secret::random()?, login.crm.now() + lasting(login.invitation)?);
    let directory = login.crm.directory(&login.maintenance);
    let id = directory.invite(user.id, &secret.hash(), expires_at).await?;
    let token = Invitation { id, secret }.text();
    let answer = json!({ "token": token, "email": user.email, "expires_at": crm_core::value::format_time(expires_at) });
    call::json(StatusCode::CREATED, &answer)
}

/// `POST /api/auth/invitation`: signs in whoever was invited, with the password of their account or the first one of a new
/// account.
pub(crate) async fn accept(State(shared): State<Shared>, request: Parts, body: Body) -> Answer {
    let login = login_of(&shared)?;
    Parameters::parse(request.uri.query().unwrap_or_default())?.finish()?;
    let input = shared.intake.object(&request.headers, body, &["application/json"]).await?;
    let (token, password) = form(&input.ok_or_else(|| crate::body::malformed("it is empty"))?)?;
    let directory = login.crm.directory(&login.maintenance);
    let invitation = match Invitation::parse(&token) {
        Some(Invitation { id, secret }) => directory.invitation(id, &secret.hash()).await?,
        None => None,
    };
    let Some(invitation) = invitation else { return Err(login.unknown(&request)) };
    let (Some(tenant), Some(user)) = (invitation.tenant_id, invitation.user_id) else {
        return Err(refused());
    };
    let Some((tenant, user)) = membership(&directory, tenant, crm_core::Id::from_uuid(user)).await? else {
        return Err(refused());
    };
    let accepted = match directory.account(&invitation.email).await? {
        Some(known) => {
            let account = login.prove(&invitation.email, &password, Some(known), &request).await?;
            directory.accept(&invitation, &account).await.map(|()| account)
        }
        None => {
            let hash = login.passwords.hash(&password).await.map_err(|error| about("password", error))?;
            directory.accept_anew(&invitation, &hash).await
        }
    };
    // Somebody else was faster.
    let account = accepted.map_err(|error| match error {
        Error::Conflict(_) => refused(),
        error => error.into(),
    })?;
    login.open(&shared, &request, &account, (&tenant, &user)).await
}

impl Login {
    /// What a token gets that is none. Guesses are counted, though there is no hope in guessing.
    fn unknown(&self, request: &Parts) -> Problem {
        match address_key(request).map(|key| self.addresses.count(key)) {
            Some(Err(wait)) => Problem::rate_limited(wait),
            _ => {
                let detail = "the invitation is not known, or no longer open; ask for another one";
                Problem::unauthenticated(detail, "Bearer").coded("invalid_invitation")
            }
        }
    }
}

fn form(input: &Map<String, Json>) -> Result<(String, String), Error> {
    let mut form = Form::new(input, &["token", "password"]);
    let given = (form.text("token"), form.text("password"));
    form.faults.into_result()?;
    Ok(given)
}
