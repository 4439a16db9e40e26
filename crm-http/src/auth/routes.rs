//! Signing in and out.

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, request::Parts},
    response::IntoResponse,
};
use crm_core::{Account, Error, Faults, Id, Record, Tenant, User};
use serde_json::{Map, Value as Json, json};

use super::{Login, account_key, address_key, membership, profile, token::Token};
use crate::{
    call::{self, Answer, Call},
    parameters::Parameters,
    problem::Problem,
    service::Shared,
};

/// What somebody signs in with.
struct Credentials {
    email: String,
    password: String,
    tenant: Option<String>,
}

/// `POST /api/auth/login`
pub(crate) async fn login(State(shared): State<Shared>, request: Parts, body: Body) -> Answer {
    let login = login_of(&shared)?;
    Parameters::parse(request.uri.query().unwrap_or_default())?.finish()?;
    let input = shared.intake.object(&request.headers, body, &["application/json"]).await?;
    let given = credentials(&input.ok_or_else(|| crate::body::malformed("it is empty"))?)?;
    let (account, places) = login.admit(&given, &request).await?;
    let [(tenant, user)] = places.as_slice() else {
        let known = |(tenant, _): &(Record<Tenant>, Record<User>)| json!({ "slug": tenant.slug, "name": tenant.name });
        let tenants: Vec<Json> = places.iter().map(known).collect();
        return call::json(StatusCode::OK, &json!({ "token": null, "tenants": tenants }));
    };
    let token = Token::random()?;
    let directory = login.crm.directory(&login.maintenance);
    let session = chrono::TimeDelta::from_std(login.session).map_err(Problem::internal)?;
    let expires_at = login.crm.now() + session;
    directory.open_session(&token.hash(), account, tenant.id, user.id, expires_at).await?;
    login.tidy();
    let answer = json!({
        "token": token.secret(),
        "expires_at": crm_core::value::format_time(expires_at),
        "user": user,
        "tenant": profile(tenant),
    });
    call::json(StatusCode::OK, &answer)
}

/// `POST /api/auth/logout`
pub(crate) async fn logout(call: Call) -> Answer {
    call.no_parameters()?;
    let login = login_of(&call.shared)?;
    let known = login.known(&call.parts).await?;
    login.crm.directory(&login.maintenance).close_session(&known.session).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn login_of(shared: &Shared) -> Result<&Login, Problem> {
    shared.resolver.login().ok_or_else(|| Problem::not_found("route"))
}

impl Login {
    /// Checks a password, and finds where it opens: the tenants that are in use and have an active user of this
    /// address, or of these the one that was named.
    async fn admit(
        &self,
        given: &Credentials,
        request: &Parts,
    ) -> Result<(Id<Account>, Vec<(Record<Tenant>, Record<User>)>), Problem> {
        let account_key = account_key(&given.email);
        let address_key = address_key(request);
        if let Some(key) = address_key {
            self.addresses.count(key).map_err(Problem::rate_limited)?;
        }
        self.accounts.count(account_key).map_err(Problem::rate_limited)?;
        let directory = self.crm.directory(&self.maintenance);
        let account = directory.account(&given.email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let fits = self.passwords.verify(&given.password, hash).await?;
        let account = account.filter(|_| fits).ok_or_else(refused)?;
        self.accounts.uncount(account_key);
        if let Some(key) = address_key {
            self.addresses.uncount(key);
        }
        let mut places = Vec::new();
        for (tenant, user) in directory.memberships(&account.email).await? {
            places.extend(membership(&directory, tenant, user).await?);
        }
        if let Some(slug) = &given.tenant {
            places.retain(|(tenant, _)| tenant.slug == *slug);
        }
        places.sort_by(|(a, _), (b, _)| a.slug.cmp(&b.slug));
        if places.is_empty() { Err(refused()) } else { Ok((account.id, places)) }
    }
}

/// The one answer to whatever is wrong, so that nobody learns who has an account.
fn refused() -> Problem {
    let detail = "the e-mail address, the password or the tenant is not right";
    Problem::unauthenticated(detail, "Bearer").coded("invalid_credentials")
}

fn credentials(input: &Map<String, Json>) -> Result<Credentials, Error> {
    let mut faults = Faults::default();
    for name in input.keys().filter(|name| !matches!(name.as_str(), "email" | "password" | "tenant")) {
        faults.field(name, "unknown_field", "is nothing that a login takes");
    }
    let mut text = |name: &str| match input.get(name) {
        Some(Json::String(text)) => Some(text.clone()),
        None | Some(Json::Null) if name == "tenant" => None,
        None => {
            faults.field(name, "required", "must be given");
            None
        }
        Some(_) => {
            faults.field(name, "wrong_type", "must be a text");
            None
        }
    };
    let (email, password, tenant) = (text("email"), text("password"), text("tenant"));
    faults.into_result()?;
    Ok(Credentials { email: email.unwrap_or_default(), password: password.unwrap_or_default(), tenant })
}
