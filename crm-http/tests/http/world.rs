//! Two tenants alike, with a user of each role, and clients that talk to the service.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use crm_core::{Actor, Crm, MemoryStore, Record, Role, Tenant, User};
use crm_http::{
    Settings,
    auth::{HashCost, Login, LoginSettings},
};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "demo-password-1";

/// The service with its tenants.
pub(crate) struct World {
    pub(crate) crm: Crm,
    pub(crate) router: Router,
    pub(crate) acme: Record<Tenant>,
}

/// Somebody who talks to the service.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    token: Option<String>,
}

/// What the service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

/// A login whose hashes cost next to nothing.
pub(crate) fn cheap() -> LoginSettings {
    let mut settings = LoginSettings::default();
    settings.cost = HashCost { memory_kib: 8, passes: 1 };
    settings
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(cheap()).await
    }

    pub(crate) async fn with(settings: LoginSettings) -> Self {
        Self::on(Crm::new(MemoryStore::new()), settings).await
    }

    pub(crate) async fn on(crm: Crm, settings: LoginSettings) -> Self {
        Self::on_with(crm, settings, Settings::default()).await
    }

    pub(crate) async fn on_with(crm: Crm, login: LoginSettings, settings: Settings) -> Self {
        let login = Login::with(crm.clone(), login);
        let maintenance = crm.maintenance();
        let directory = crm.directory(&maintenance);
        let acme = directory.create_tenant(Tenant::new("acme", "Acme Ltd")).await.unwrap();
        let globex = directory.create_tenant(Tenant::new("globex", "Globex")).await.unwrap();
        for tenant in [&acme, &globex] {
            let scope = crm.scope(tenant.id, Actor::job("setup"));
            for role in Role::ALL {
                let email = format!("{role}@{}.test", tenant.slug.as_str());
                crm.users(&scope).create(User::new(&email, role)).await.unwrap();
                login.set_password(&email, PASSWORD).await.unwrap();
            }
            crm.users(&scope).create(User::new("both@demo.test", Role::Member)).await.unwrap();
        }
        login.set_password("both@demo.test", PASSWORD).await.unwrap();
        let router = crm_http::service_with(crm.clone(), login, settings);
        Self { crm, router, acme }
    }

    /// Nobody in particular.
    pub(crate) fn stranger(&self) -> Client {
        Client { router: self.router.clone(), token: None }
    }

    /// The user of this e-mail address, signed in.
    pub(crate) async fn user(&self, email: &str) -> Client {
        let answer = self.sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{email}: {answer:?}");
        self.stranger().with_token(answer.json()["token"].as_str().unwrap())
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.stranger().post("/api/auth/login", json!({ "email": email, "password": password })).await
    }

    /// A member of acme.
    pub(crate) async fn member(&self) -> Client {
        self.user("member@acme.test").await
    }

    /// An administrator of acme.
    pub(crate) async fn admin(&self) -> Client {
        self.user("admin@acme.test").await
    }
}

impl Client {
    pub(crate) fn of(router: Router) -> Self {
        Self { router, token: None }
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Sends a request as it is, but for the token.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        if let Some(token) = &self.token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of events has no end.
        let is_stream = parts.headers.get("content-type").is_some_and(|own| own == "text/event-stream");
        let bytes = if is_stream { Vec::new() } else { to_bytes(body, usize::MAX).await.unwrap().to_vec() };
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Sends a method with headers and, if there is one, a JSON body.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                if !headers.iter().any(|(name, _)| *name == "content-type") {
                    request = request.header("content-type", "application/json");
                }
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Json) -> Answer {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Json) -> Answer {
        self.call(Method::PUT, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], None).await
    }

    /// Makes a record, which must succeed.
    pub(crate) async fn make(&self, path: &str, body: Json) -> Json {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no `{name}` in {self:?}")).to_str().unwrap()
    }

    /// What two answers must have in common to be the same to an onlooker: everything but the request's id.
    pub(crate) fn seen(&self) -> (StatusCode, Vec<(String, String)>, String) {
        let id = self.header("x-request-id").to_owned();
        let headers = self.headers.iter().filter(|(name, _)| *name != "x-request-id");
        let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        let body = String::from_utf8(self.bytes.clone()).unwrap().replace(&id, "REQUEST");
        (self.status, headers.map(text).collect(), body)
    }

    /// Checks that this is a whole problem of a status and a code.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Json {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
        }
        problem
    }

    /// The pointers and codes of an invalid input, in order.
    #[track_caller]
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let problem = self.is_problem(422, "invalid");
        listed(&problem, "pointer")
    }

    /// The names and codes of a bad query's parameters, in order.
    #[track_caller]
    pub(crate) fn bad_parameters(&self) -> Vec<(String, String)> {
        let problem = self.is_problem(400, "invalid_parameter");
        listed(&problem, "parameter")
    }
}

fn listed(problem: &Json, place: &str) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().unwrap().iter();
    let text = |fault: &Json, name: &str| fault[name].as_str().unwrap().to_owned();
    let mut faults: Vec<_> = errors.map(|fault| (text(fault, place), text(fault, "code"))).collect();
    faults.sort();
    faults
}

/// Pairs of texts, to compare with.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

/// The query parameters that a route cannot do without.
pub(crate) fn needed(route: &str) -> &'static str {
    match route {
        "analytics_timeseries" => "?metric=value_won",
        "search" => "?q=ada",
        _ => "",
    }
}
