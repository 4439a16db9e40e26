//! Whoever talks to the service, and what an onlooker sees of the answers.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use crate::watched::{Asked, watching};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "demo-password-1";

/// Somebody who talks to the service.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    token: Option<String>,
}

/// What the service answered, and what that has cost.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) asked: Vec<Asked>,
}

/// What two answers must have in common to be the same to an onlooker.
pub(crate) type Seen = (StatusCode, Vec<(String, String)>, String);

impl Client {
    pub(crate) fn new(router: Router, token: Option<String>) -> Self {
        Self { router, token }
    }

    /// Signs in with the password of everybody.
    pub(crate) async fn sign_in(router: &Router, email: &str, tenant: &str) -> Self {
        let stranger = Self::new(router.clone(), None);
        let body = json!({ "email": email, "password": PASSWORD, "tenant": tenant });
        let answer = stranger.send(Method::POST, "/api/auth/login", &[], Some(&body)).await;
        assert_eq!(answer.status, 200, "{email}: {answer:?}");
        Self::new(router.clone(), Some(answer.json()["token"].as_str().unwrap().to_owned()))
    }

    /// Sends a request with a JSON body, if there is one.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Json>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).unwrap();
        let answer = async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            // A stream of events has no end; what is told on it is held to its promises elsewhere.
            let is_stream = parts.headers.get("content-type").is_some_and(|own| own == "text/event-stream");
            let bytes =
                if is_stream { Vec::new() } else { to_bytes(body, usize::MAX).await.unwrap().to_vec() };
            (parts, bytes)
        };
        let ((parts, bytes), asked) = watching(answer).await;
        Answer { status: parts.status, headers: parts.headers, bytes, asked }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Answer {
        self.send(Method::POST, path, &[], Some(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Json) -> Answer {
        self.send(Method::PATCH, path, &[], Some(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Makes a record, which must succeed.
    pub(crate) async fn make(&self, path: &str, body: Json) -> Json {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        answer.json()
    }

    /// The id of the user who is signed in.
    pub(crate) async fn me(&self) -> String {
        let me = self.get("/api/auth/me").await.json();
        me["user"]["id"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no `{name}` in {self:?}")).to_str().unwrap()
    }

    /// The code of a problem.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.json()["code"], code, "{self:?}");
    }

    /// All bytes of the answer, headers and body.
    pub(crate) fn all_bytes(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.bytes.len() + 512);
        for (name, value) in &self.headers {
            all.extend_from_slice(name.as_str().as_bytes());
            all.extend_from_slice(b": ");
            all.extend_from_slice(value.as_bytes());
            all.push(b'\n');
        }
        all.extend_from_slice(&self.bytes);
        all
    }

    /// Everything but the request's id, what is left of a rate, the figures of the service, and what is a hash over the
    /// request: the mark in a cursor.
    pub(crate) fn seen(&self) -> Seen {
        let id = self.header("x-request-id");
        let mut body = String::from_utf8_lossy(&self.bytes).replace(id, "REQUEST");
        if self.headers.get("content-type").is_some_and(|own| own.as_bytes().starts_with(b"text/plain")) {
            body.clear();
        }
        let cursor = body.split_once("\"next_cursor\":\"").and_then(|(_, rest)| rest.split_once('"'));
        let cursor = cursor.map(|(cursor, _)| cursor.to_owned());
        let own = |name: &str| matches!(name, "x-request-id" | "ratelimit" | "content-length");
        let headers = self.headers.iter().filter(|(name, _)| !own(name.as_str()));
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        if let Some(cursor) = cursor {
            body = body.replace(&cursor, &place(&cursor));
        }
        (self.status, headers, body)
    }

    /// The same without what is new in every record: two requests that make one each do not make the same one.
    pub(crate) fn seen_of_new(&self) -> Seen {
        let (status, mut headers, body) = self.seen();
        headers.retain(|(name, _)| !matches!(name.as_str(), "etag" | "location" | "content-length"));
        let Ok(mut json) = serde_json::from_str(&body) else { return (status, headers, body) };
        blank(&mut json);
        (status, headers, json.to_string())
    }
}

/// The place that a cursor stands for. Its mark is 16 bytes of a hash over tenant, query and place: those of two queries
/// differ, whatever they find.
fn place(cursor: &str) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).expect("a cursor is base64");
    // The place in a log is a number of 8 bytes before the mark, the place in a list a text after it.
    let place = if bytes.len() == 24 { &bytes[..8] } else { &bytes[16..] };
    String::from_utf8_lossy(place).into_owned()
}

/// Names that stand for values of one record alone.
const OWN: [&str; 8] = ["id", "key", "version", "lead_id", "email", "token", "customer_id", "request_id"];

fn blank(json: &mut Json) {
    match json {
        Json::Object(object) => object.iter_mut().for_each(|(name, value)| {
            if OWN.contains(&name.as_str()) && !value.is_null() {
                *value = Json::from("OWN");
            } else {
                blank(value);
            }
        }),
        Json::Array(list) => list.iter_mut().for_each(blank),
        _ => {}
    }
}
