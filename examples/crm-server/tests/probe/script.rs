//! A day's work in a tenant: mixed requests, each made of the seed and of what was answered before, and told.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::{
    client::{Answer, Client},
    filling::Filling,
};

const KINDS: [&str; 6] = ["customers", "leads", "contacts", "interactions", "projects", "tasks"];
const STAGES: [&str; 5] = ["new", "contacted", "qualified", "proposal", "closed_lost"];
const FIGURES: [&str; 8] = [
    "",
    "/timeseries?metric=leads_created",
    "/timeseries?metric=value_won&bucket=month",
    "/funnel",
    "/velocity",
    "/cohorts",
    "/forecast",
    "/leaderboard",
];

/// Works in a tenant as its owner.
#[derive(Clone)]
pub(crate) struct Script {
    client: Client,
    dice: fastrand::Rng,
    /// Ids of records, live and deleted.
    known: BTreeMap<&'static str, Vec<String>>,
    /// Whole lists that have a next page: the path, with its cursor.
    pages: Vec<String>,
    /// The ids of the requests so far, by how many came before.
    requests: HashMap<String, usize>,
    made: usize,
}

struct Step {
    method: Method,
    path: String,
    key: Option<String>,
    body: Option<Json>,
}

impl Script {
    pub(crate) fn new(client: Client, filling: &Filling, seed: u64) -> Self {
        let dice = fastrand::Rng::with_seed(seed);
        let known = filling.live.clone();
        Self { client, dice, known, pages: Vec::new(), requests: HashMap::new(), made: 0 }
    }

    /// Sends one request, and tells it with every byte of its answer, but for the ids of requests, which are random:
    /// they are told by the request's number.
    pub(crate) async fn step(&mut self) -> String {
        let Step { method, path, key, body } = self.next();
        let key = key.as_deref().map(|key| ("idempotency-key", key));
        let headers: Vec<(&str, &str)> = key.into_iter().collect();
        let answer = self.client.send(method.clone(), &path, &headers, body.as_ref()).await;
        assert!(!answer.status.is_server_error(), "{method} {path} {body:?} {answer:?}");
        self.learn(&method, &path, &answer);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        format!("{method} {path} {headers:?} {body}\n{}", self.told(&answer))
    }

    fn told(&mut self, answer: &Answer) -> String {
        let nth = self.requests.len();
        self.requests.insert(answer.header("x-request-id").to_owned(), nth);
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        let mut told = format!("{}\n", answer.status);
        let random = text.contains("\"request_id\":\"");
        for (name, value) in &answer.headers {
            // The tag of a list is a hash over its bytes, among which there are ids of requests.
            if name != "x-request-id" && !(random && name == "etag") {
                let _ = writeln!(told, "{name}: {value:?}");
            }
        }
        let mut parts = text.split("\"request_id\":\"");
        told.extend(parts.next());
        for part in parts {
            let (id, rest) = part.split_at(36);
            let _ = write!(told, "\"request_id\":\"{:?}{rest}", self.requests.get(id));
        }
        told
    }

    fn learn(&mut self, method: &Method, path: &str, answer: &Answer) {
        let json: Json = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        if answer.status == 201 {
            let kind = path.rsplit('/').next().and_then(|end| KINDS.into_iter().find(|kind| *kind == end));
            if let (Some(kind), Some(id)) = (kind, json["id"].as_str()) {
                self.known.entry(kind).or_default().push(id.to_owned());
            }
        }
        if let Some(cursor) = json["next_cursor"].as_str().filter(|_| *method == Method::GET) {
            let first = path.split("&cursor=").next().unwrap_or_default();
            self.pages.push(format!("{first}&cursor={cursor}"));
        }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.dice.usize(..from.len())].clone()
    }

    fn id(&mut self, kind: &str) -> String {
        let ids = self.known[kind].clone();
        self.pick(&ids)
    }

    /// The same few words in every tenant.
    fn word(&mut self) -> String {
        self.pick(&["roof", "solar", "Łódź", "Ada", "ink", "paper mill"]).to_owned()
    }

    fn next(&mut self) -> Step {
        let get = |path: String| Step { method: Method::GET, path, key: None, body: None };
        match self.dice.u8(..100) {
            0..=29 => self.create(),
            30..=44 => self.patch(),
            45..=50 => {
                let kind = self.pick(&KINDS);
                Step { method: Method::DELETE, ..get(format!("/api/{kind}/{}", self.id(kind))) }
            }
            51..=55 => {
                let kind = self.pick(&KINDS);
                Step { method: Method::POST, ..get(format!("/api/{kind}/{}/restore", self.id(kind))) }
            }
            56..=58 => {
                let path = format!("/api/leads/{}/convert", self.id("leads"));
                Step { method: Method::POST, body: Some(json!({})), ..get(path) }
            }
            59 => {
                let zone = self.pick(&["UTC", "Europe/Berlin", "Pacific/Auckland"]);
                let body = Some(json!({ "time_zone": zone }));
                Step { method: Method::PATCH, body, ..get("/api/settings".to_owned()) }
            }
            60..=77 => get(self.list()),
            78..=83 => {
                let pages = self.pages.clone();
                get(if pages.is_empty() { "/api/auth/me".to_owned() } else { self.pick(&pages) })
            }
            84..=91 => get(format!("/api/crm/analytics{}", self.pick(&FIGURES))),
            92..=95 => get(format!("/api/events?after={}&limit={}", self.dice.u8(..80), self.dice.u8(1..40))),
            96..=97 => {
                let kind = self.pick(&KINDS);
                get(format!("/api/{kind}/{}/history", self.id(kind)))
            }
            98 => get(format!("/api/leads/{}/stages", self.id("leads"))),
            _ => get("/api/pipeline".to_owned()),
        }
    }

    fn list(&mut self) -> String {
        let kind = self.pick(&KINDS);
        let mut path = format!("/api/{kind}?limit={}", self.dice.u8(1..20));
        if self.dice.bool() {
            path.push_str("&count=true");
        }
        match self.dice.u8(..4) {
            0 => path.push_str(&format!("&search={}", self.pick(&["roof", "sol", "ada", "ink+ada"]))),
            1 => path.push_str("&sort=-updated_at"),
            2 => path.push_str(&format!("&id[ne]={}", self.id(kind))),
            _ => {}
        }
        path
    }

    fn create(&mut self) -> Step {
        self.made += 1;
        let (word, nth) = (self.word(), self.made);
        let customer = self.id("customers");
        let (path, body) = match self.dice.u8(..8) {
            0 | 1 => (
                "customers".to_owned(),
                json!({ "company": word, "external_id": self.dice.u8(..40).to_string() }),
            ),
            2 | 3 => {
                let value =
                    json!({ "amount": self.dice.u32(..100_000), "currency": self.pick(&["EUR", "JPY"]) });
                let stage = self.pick(&STAGES);
                (
                    "leads".to_owned(),
                    json!({ "name": word, "value": value, "stage": stage, "source": self.word() }),
                )
            }
            4 => (
                format!("customers/{customer}/contacts"),
                json!({ "name": word, "is_primary": self.dice.bool() }),
            ),
            5 => (format!("customers/{customer}/interactions"), json!({ "type": "email", "subject": word })),
            6 => {
                ("projects".to_owned(), json!({ "name": word, "customer_id": customer, "status": "active" }))
            }
            _ if self.dice.u8(..4) == 0 => {
                ("users".to_owned(), json!({ "email": format!("new{nth}@demo.test") }))
            }
            _ => {
                let due = format!("2026-03-0{}T12:00:00Z", self.dice.u8(1..=9));
                ("tasks".to_owned(), json!({ "title": word, "lead_id": self.id("leads"), "due_at": due }))
            }
        };
        // The same few keys in every tenant; the second request under one may be another, and is refused.
        let key = (self.dice.u8(..3) == 0).then(|| format!("key-{}", self.dice.u8(..30)));
        Step { method: Method::POST, path: format!("/api/{path}"), key, body: Some(body) }
    }

    fn patch(&mut self) -> Step {
        let kind = self.pick(&KINDS);
        let word = self.word();
        let body = match kind {
            "customers" => json!({ "city": word, "is_active": self.dice.bool() }),
            "leads" => json!({ "stage": self.pick(&STAGES), "notes": word }),
            "contacts" => json!({ "title": word }),
            "interactions" => json!({ "description": word }),
            "projects" => {
                json!({ "status": self.pick(&["active", "on_hold", "completed"]), "description": word })
            }
            _ => json!({ "status": self.pick(&["open", "done"]), "priority": "high" }),
        };
        let path = format!("/api/{kind}/{}", self.id(kind));
        Step { method: Method::PATCH, path, key: None, body: Some(body) }
    }
}
