//! Signing in and out.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use crm_core::{Account, Error, Faults, Incident, Record, Session, Tenant, User, Violation};
use serde_json::{Map, Value as Json, json};

use super::{
    Login, account_key, address_key,
    admission::membership,
    profile,
    token::{COOKIE, Secret},
};
use crate::{
    address::client_address,
    call::{self, Answer, Call},
    frame::Visit,
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
    login.open(&shared, &request, &account, (tenant, user)).await
}

/// `POST /api/auth/logout`, with `{"everywhere": true}` to end every sign-in of the account.
pub(crate) async fn logout(call: Call, body: Body) -> Answer {
    call.no_parameters()?;
    let login = login_of(&call.shared)?;
    let everywhere = everywhere(&call.optional_object(body).await?.unwrap_or_default())?;
    let admission = login.admission(&call.parts).await?;
    let (session, account) = admission.session.as_ref().ok_or_else(keys_do_not)?;
    let directory = login.crm.directory(&login.maintenance);
    if everywhere {
        directory.close_sessions(*account).await?;
    } else {
        directory.close_session(session).await?;
    }
    signed_out(&call)
}

/// `POST /api/auth/password`: a new password, which ends every sign-in of the account.
pub(crate) async fn password(call: Call, body: Body) -> Answer {
    call.no_parameters()?;
    let login = login_of(&call.shared)?;
    let change = change(&call.object(body).await?)?;
    let admission = login.admission(&call.parts).await?;
    let (_, account) = admission.session.as_ref().ok_or_else(keys_do_not)?;
    let directory = login.crm.directory(&login.maintenance);
    let account = directory.account_by_id(*account).await?;
    let key = account_key(&account.email);
    login.accounts.count(key).map_err(Problem::rate_limited)?;
    if !login.passwords.verify(&change.current, Some(account.password_hash.clone())).await? {
        let detail = "is not the password of this account";
        return Err(Error::invalid("current_password", "wrong_password", detail).into());
    }
    login.accounts.uncount(key);
    let hash = login.passwords.hash(&change.new).await.map_err(|error| about("new_password", error))?;
    directory.set_password_hash(&account.email, &hash).await?;
    signed_out(&call)
}

fn keys_do_not() -> Problem {
    let detail = "an API key has no sign-in and no password: revoke it instead";
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}

/// The answer to what has ended the caller's sign-in.
fn signed_out(call: &Call) -> Answer {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if call.principal.by_cookie {
        response.headers_mut().insert(header::SET_COOKIE, session_cookie(&call.parts, "", 0)?);
    }
    Ok(response)
}

/// The cookie of a session, for the pages where this service is mounted and no script.
fn session_cookie(request: &Parts, token: &str, seconds: u64) -> Result<HeaderValue, Problem> {
    let mount = call::mount(request);
    let path = if mount.is_empty() { "/" } else { mount };
    // Whether it came encrypted, the page's own origin says.
    let origin = request.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let secure = if origin.is_some_and(|origin| origin.starts_with("https://")) { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).map_err(Problem::internal)
}

/// A fault that the engine found, said of the field of the request.
pub(super) fn about(field: &str, error: Error) -> Error {
    match error {
        Error::Invalid { violations } => {
            let about = |violation: Violation| Violation { pointer: format!("/{field}"), ..violation };
            Error::Invalid { violations: violations.into_iter().map(about).collect() }
        }
        error => error,
    }
}

pub(super) fn login_of(shared: &Shared) -> Result<&Login, Problem> {
    shared.resolver.login().ok_or_else(|| Problem::not_found("route"))
}

impl Login {
    /// Signs an account in to a tenant, as this user of it.
    pub(super) async fn open(
        &self,
        shared: &Shared,
        request: &Parts,
        account: &Record<Account>,
        (tenant, user): (&Record<Tenant>, &Record<User>),
    ) -> Answer {
        let secret = Secret::random()?;
        let directory = self.crm.directory(&self.maintenance);
        let expires_at = self.crm.now() + lasting(self.session)?;
        let session = Session::default().token_hash(secret.hash()).tenant_id(tenant.id);
        let session = session.user_id(user.id.uuid()).expires_at(expires_at);
        let opened = directory.open_session(secret.session(), account, session).await;
        // By now the password is another one.
        opened.map_err(|error| if error.is_stale() { refused() } else { error.into() })?;
        self.tidy();
        let answer = json!({
            "token": secret.text(),
            "expires_at": crm_core::value::format_time(expires_at),
            "user": user,
            "tenant": profile(tenant),
        });
        let mut response = call::json(StatusCode::OK, &answer)?;
        if shared.origins.prove(request) {
            let cookie = session_cookie(request, &secret.text(), self.session.as_secs())?;
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// Checks a password, and finds where it opens: the tenants that are in use and have an active user of this
    /// address, or of these the one that was named.
    async fn admit(
        &self,
        given: &Credentials,
        request: &Parts,
    ) -> Result<(Record<Account>, Vec<(Record<Tenant>, Record<User>)>), Problem> {
        let directory = self.crm.directory(&self.maintenance);
        let account = directory.account(&given.email).await?;
        let account = self.prove(&given.email, &given.password, account, request).await?;
        let mut places = Vec::new();
        for (tenant, user) in directory.places(&account).await? {
            places.extend(membership(&directory, tenant, user).await?);
        }
        if let Some(slug) = &given.tenant {
            places.retain(|(tenant, _)| tenant.slug == *slug);
        }
        places.sort_by(|(a, _), (b, _)| a.slug.cmp(&b.slug));
        if places.is_empty() { Err(refused()) } else { Ok((account, places)) }
    }
}

impl Login {
    /// Checks the password of the account of an address, if it has one. Tries are counted.
    pub(super) async fn prove(
        &self,
        email: &str,
        password: &str,
        account: Option<Record<Account>>,
        request: &Parts,
    ) -> Result<Record<Account>, Problem> {
        let (account_key, address_key) = (account_key(email), address_key(request));
        if let Some(key) = address_key {
            self.addresses.count(key).map_err(Problem::rate_limited)?;
        }
        self.accounts.count(account_key).map_err(Problem::rate_limited)?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let fits = self.passwords.verify(password, hash).await?;
        let Some(account) = account.filter(|_| fits) else {
            self.note_failure(email.to_owned(), request);
            return Err(refused());
        };
        self.accounts.uncount(account_key);
        if let Some(key) = address_key {
            self.addresses.uncount(key);
        }
        Ok(account)
    }

    /// Notes a failed sign-in in every tenant that it would have opened. That happens beside the answer, so that the time
    /// until the answer tells nothing.
    fn note_failure(&self, email: String, request: &Parts) {
        let crm = self.crm.clone();
        let id = Visit::of(request).id;
        let address = client_address(&request.extensions).map(|address| address.to_string());
        tokio::spawn(async move {
            let maintenance = crm.maintenance();
            let directory = crm.directory(&maintenance);
            let noted = async {
                for (tenant, user) in directory.memberships(&email).await? {
                    let incident = Incident::login_failed(user.uuid(), address.clone());
                    directory.report_stranger(tenant, id, incident).await?;
                }
                Ok::<_, Error>(())
            };
            if let Err(error) = noted.await {
                tracing::warn!(%error, "a failed sign-in could not be noted");
            }
        });
    }
}

pub(super) fn lasting(time: std::time::Duration) -> Result<chrono::TimeDelta, Problem> {
    chrono::TimeDelta::from_std(time).map_err(Problem::internal)
}

/// The one answer to whatever is wrong, so that nobody learns who has an account.
pub(super) fn refused() -> Problem {
    let detail = "the e-mail address, the password or the tenant is not right";
    Problem::unauthenticated(detail, "Bearer").coded("invalid_credentials")
}

fn credentials(input: &Map<String, Json>) -> Result<Credentials, Error> {
    let mut form = Form::new(input, &["email", "password", "tenant"]);
    let (email, password) = (form.text("email"), form.text("password"));
    let tenant = form.optional_text("tenant");
    form.faults.into_result()?;
    Ok(Credentials { email, password, tenant })
}

/// What a password is changed by.
struct PasswordChange {
    current: String,
    new: String,
}

fn change(input: &Map<String, Json>) -> Result<PasswordChange, Error> {
    let mut form = Form::new(input, &["current_password", "new_password"]);
    let (current, new) = (form.text("current_password"), form.text("new_password"));
    form.faults.into_result()?;
    Ok(PasswordChange { current, new })
}

fn everywhere(input: &Map<String, Json>) -> Result<bool, Error> {
    let mut form = Form::new(input, &["everywhere"]);
    let everywhere = match input.get("everywhere") {
        None => false,
        Some(Json::Bool(everywhere)) => *everywhere,
        Some(_) => {
            form.faults.field("everywhere", "wrong_type", "must be true or false");
            false
        }
    };
    form.faults.into_result()?;
    Ok(everywhere)
}

/// A JSON object of texts, and what is wrong with it.
pub(super) struct Form<'a> {
    input: &'a Map<String, Json>,
    pub(super) faults: Faults,
}

impl<'a> Form<'a> {
    pub(super) fn new(input: &'a Map<String, Json>, known: &[&str]) -> Self {
        let mut faults = Faults::default();
        for name in input.keys().filter(|name| !known.contains(&name.as_str())) {
            faults.field(name, "unknown_field", "is nothing that this takes");
        }
        Self { input, faults }
    }

    /// A text that must be there; an empty one where it is not.
    pub(super) fn text(&mut self, name: &str) -> String {
        let text = self.optional_text(name);
        if text.is_none() && !self.faults.has(name) {
            self.faults.field(name, "required", "must be given");
        }
        text.unwrap_or_default()
    }

    fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.input.get(name) {
            Some(Json::String(text)) => Some(text.clone()),
            None | Some(Json::Null) => None,
            Some(_) => {
                self.faults.field(name, "wrong_type", "must be a text");
                None
            }
        }
    }
}
