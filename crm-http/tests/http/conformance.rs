//! Answers of every operation against the document: what it describes is what is answered, and what it admits is taken.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::{
    document::Document,
    world::{Answer, Client, PASSWORD, World},
};

/// A client whose every answer is judged.
struct Judged {
    client: Client,
    document: Document,
}

impl Judged {
    async fn call(
        &mut self,
        method: Method,
        path: &str,
        id: &str,
        query: &str,
        body: Option<Json>,
    ) -> Answer {
        let at = path.replace("{id}", id) + query;
        let answer = self.client.call(method.clone(), &at, &[], body).await;
        self.document.judge(&method, path, &answer);
        answer
    }

    async fn get(&mut self, path: &str, id: &str, query: &str) -> Json {
        let answer = self.call(Method::GET, path, id, query, None).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    async fn with(&mut self, method: Method, path: &str, id: &str, body: Json) -> Json {
        let answer = self.call(method, path, id, "", Some(body)).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        answer.json()
    }

    /// The example of an operation's body.
    fn example(&self, method: &str, path: &str) -> Json {
        self.document.json["paths"][path][method]["requestBody"]["content"]["application/json"]["example"]
            .clone()
    }
}

async fn judged(world: &World) -> Judged {
    let client = world.user("owner@acme.test").await;
    Judged { client, document: Document::new(crm_http::openapi("", true)) }
}

/// An example with its references led to records that are there.
fn led(mut example: Json, links: &[(&str, &str)]) -> Json {
    for (name, id) in links {
        if example.get(name).is_some() {
            example[name] = json!(id);
        }
    }
    example
}

fn id(record: &Json) -> String {
    record["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_operation_answers_as_the_document_says() {
    let world = World::new().await;
    let mut judged = judged(&world).await;
    let me = judged.get("/api/auth/me", "", "").await;
    let user = id(&me["user"]);
    let customer = led(judged.example("post", "/api/customers"), &[("owner_id", &user)]);
    let customer = id(&judged.with(Method::POST, "/api/customers", "", customer).await);
    let links = [("owner_id", user.as_str()), ("assignee_id", &user), ("customer_id", &customer)];
    records(&mut judged, &links).await;
    belonging(&mut judged, &customer, &links).await;
    leads(&mut judged, &links).await;
    only_ones(&mut judged).await;
    figures(&mut judged).await;
    keys(&mut judged).await;
    sign_in(&mut judged).await;
    // A socket takes a connection, which there is none of here.
    assert_eq!(judged.document.untried(), ["GET /api/live/ws"], "nothing was asked of these");
}

/// What can be done with each kind of record: made from the example, read, listed, changed by the example, deleted,
/// brought back.
async fn records(judged: &mut Judged, links: &[(&str, &str)]) {
    for kind in ["users", "customers", "contacts", "interactions", "leads", "projects", "tasks"] {
        let (all, one) = (format!("/api/{kind}"), format!("/api/{kind}/{{id}}"));
        let made = match kind {
            "contacts" | "interactions" => {
                let path = format!("/api/customers/{{id}}/{kind}");
                let (customer, input) = (links[2].1, led(judged.example("post", &path), links));
                judged.with(Method::POST, &path, customer, input).await
            }
            _ => {
                let mut input = led(judged.example("post", &all), links);
                if kind == "customers" {
                    input["external_id"] = json!("another");
                }
                judged.with(Method::POST, &all, "", input).await
            }
        };
        let own = id(&made);
        judged.get(&one, &own, "").await;
        judged.get(&all, "", "?count=true&limit=2").await;
        judged.with(Method::PATCH, &one, &own, judged.example("patch", &one)).await;
        judged.get(&format!("{one}/history"), &own, "").await;
        if kind == "users" {
            continue;
        }
        assert_eq!(judged.call(Method::DELETE, &one, &own, "", None).await.status, 204);
        assert_eq!(judged.call(Method::GET, &one, &own, "", None).await.status, 404);
        let restored = judged.call(Method::POST, &format!("{one}/restore"), &own, "", None).await;
        assert_eq!(restored.status, 200, "{kind}: {restored:?}");
    }
}

async fn belonging(judged: &mut Judged, customer: &str, links: &[(&str, &str)]) {
    for path in ["/api/customers/{id}/contacts", "/api/customers/{id}/interactions"] {
        judged.get(path, customer, "").await;
    }
    let lead = led(judged.example("post", "/api/leads"), links);
    let lead = id(&judged.with(Method::POST, "/api/leads", "", lead).await);
    let path = "/api/leads/{id}/interactions";
    judged.with(Method::POST, path, &lead, judged.example("post", path)).await;
    judged.get(path, &lead, "").await;
}

async fn leads(judged: &mut Judged, links: &[(&str, &str)]) {
    let lead = led(judged.example("post", "/api/leads"), links);
    let lead = id(&judged.with(Method::POST, "/api/leads", "", lead).await);
    let converted = judged.call(Method::POST, "/api/leads/{id}/convert", &lead, "", None).await;
    assert_eq!(converted.status, 200);
    judged.get("/api/leads/{id}/stages", &lead, "").await;
}

async fn only_ones(judged: &mut Judged) {
    let settings = judged.example("patch", "/api/settings");
    judged.with(Method::PATCH, "/api/settings", "", settings).await;
    judged.get("/api/settings", "", "").await;
    let mut pipeline = judged.get("/api/pipeline", "", "").await;
    let stages = pipeline["stages"].take();
    judged.with(Method::PUT, "/api/pipeline", "", json!({ "stages": stages })).await;
    judged.get("/api/events", "", "?limit=3&object=leads").await;
}

async fn figures(judged: &mut Judged) {
    for (end, query) in [
        ("", ""),
        ("/timeseries", "?metric=interactions&bucket=week"),
        ("/timeseries", "?metric=value_won&bucket=month"),
        ("/funnel", ""),
        ("/velocity", ""),
        ("/cohorts", ""),
        ("/forecast", ""),
        ("/leaderboard", "?from=2026-01-01"),
    ] {
        judged.get(&format!("/api/crm/analytics{end}"), "", query).await;
    }
}

async fn keys(judged: &mut Judged) {
    let all = "/api/api-keys";
    let own = id(&judged.with(Method::POST, all, "", judged.example("post", all)).await);
    judged.get(all, "", "").await;
    let one = "/api/api-keys/{id}";
    judged.get(one, &own, "").await;
    judged.get("/api/api-keys/{id}/history", &own, "").await;
    assert_eq!(judged.call(Method::DELETE, one, &own, "", None).await.status, 204);
}

async fn sign_in(judged: &mut Judged) {
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        judged.get(path, "", "").await;
    }
    judged.get("/api/search", "", "?q=ada").await;
    for path in ["/metrics", "/api/live"] {
        assert_eq!(judged.call(Method::GET, path, "", "", None).await.status, 200);
    }
    let mut login = json!({ "email": "both@demo.test", "password": PASSWORD });
    judged.with(Method::POST, "/api/auth/login", "", login.clone()).await;
    login["tenant"] = json!("acme");
    judged.with(Method::POST, "/api/auth/login", "", login.clone()).await;
    login["password"] = json!("wrong");
    let refused = judged.call(Method::POST, "/api/auth/login", "", "", Some(login)).await;
    assert_eq!(refused.status, 401);
    let user = json!({ "email": "invited@acme.test" });
    let user = judged.with(Method::POST, "/api/users", "", user).await["id"].as_str().unwrap().to_owned();
    let invited = judged.call(Method::POST, "/api/users/{id}/invitation", &user, "", None).await;
    let accepted = json!({ "token": invited.json()["token"], "password": PASSWORD });
    let accepted = judged.call(Method::POST, "/api/auth/invitation", "", "", Some(accepted)).await;
    assert_eq!((invited.status.as_u16(), accepted.status.as_u16()), (201, 200));
    assert_eq!(judged.call(Method::POST, "/api/auth/logout", "", "", None).await.status, 204);
    let change = json!({ "current_password": PASSWORD, "new_password": "another-password-1" });
    let token = token(judged).await;
    judged.client = judged.client.with_token(&token);
    let changed = judged.call(Method::POST, "/api/auth/password", "", "", Some(change)).await;
    assert_eq!(changed.status, 204);
}

async fn token(judged: &mut Judged) -> String {
    let login = json!({ "email": "owner@acme.test", "password": PASSWORD });
    let answer = judged.with(Method::POST, "/api/auth/login", "", login).await;
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_operation_refuses_as_the_document_says() {
    let world = World::new().await;
    let (stranger, viewer) = (world.stranger(), world.user("viewer@acme.test").await);
    let owner = world.user("owner@acme.test").await;
    let mut document = Document::new(crm_http::openapi("", true));
    let routes: Vec<_> = crm_http::routes(true);
    let odd = "?limit=0&no_such_parameter=1";
    for route in routes.iter().filter(|route| route.path.starts_with("/api/") && route.name != "login") {
        let at = route.path.replace("{id}", &uuid::Uuid::nil().to_string());
        let mut answers = Vec::new();
        answers.push(stranger.call(route.method.clone(), &at, &[], None).await);
        answers.push(viewer.call(route.method.clone(), &at, &[], Some(json!({}))).await);
        answers.push(owner.call(route.method.clone(), &(at.clone() + odd), &[], Some(json!({}))).await);
        if route.method != Method::GET && route.name != "logout" {
            let body = Some(json!({ "no_such_field": 1 }));
            answers.push(owner.call(route.method.clone(), &at, &[], body.clone()).await);
            answers
                .push(owner.call(route.method.clone(), &at, &[("content-type", "text/plain")], body).await);
            let large = Some(json!({ "notes": "x".repeat(2 << 20) }));
            answers.push(owner.call(route.method.clone(), &at, &[], large).await);
            answers
                .push(owner.call(route.method.clone(), &at, &[("if-match", "\"x\"")], Some(json!({}))).await);
        }
        for answer in answers {
            document.judge(&route.method, &route.path, &answer);
        }
    }
}

/// What each kind of record is made of when nothing is sent that need not be.
const LEAST: [(&str, &[&str]); 5] = [
    ("users", &["email"]),
    ("customers", &[]),
    ("leads", &[]),
    ("projects", &["name"]),
    ("tasks", &["title"]),
];

#[tokio::test]
async fn what_the_document_requires_must_be_sent_and_nothing_else_must() {
    let world = World::new().await;
    let judged = judged(&world).await;
    for (kind, least) in LEAST {
        let path = format!("/api/{kind}");
        let name = judged.document.json["paths"][&path]["post"]["requestBody"]["content"]["application/json"]
            ["schema"]["$ref"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(judged.document.json["components"]["schemas"][&name]["required"], json!(least), "{name}");
        let example = judged.example("post", &path);
        let mut input = json!({});
        for field in least {
            input[*field] = example[*field].clone();
        }
        if matches!(kind, "customers" | "leads") {
            let refused = judged.client.post(&path, input.clone()).await;
            assert_eq!(refused.faults(), [("/company".to_owned(), "required".to_owned())]);
            input["name"] = json!("Ada");
        }
        judged.client.make(&path, input.clone()).await;
        for field in least {
            let mut lacking = input.clone();
            lacking.as_object_mut().unwrap().remove(*field);
            let refused = judged.client.post(&path, lacking).await;
            assert_eq!(refused.faults(), [(format!("/{field}"), "required".to_owned())]);
        }
    }
}

#[tokio::test]
async fn inputs_are_taken_exactly_if_the_document_admits_them() {
    let world = World::new().await;
    let judged = judged(&world).await;
    let long = |count: usize| json!("x".repeat(count));
    for (kind, field, value) in [
        ("customers", "name", json!("Ada\tBrook")),
        ("customers", "name", json!(" Ada \n")),
        ("customers", "name", long(200)),
        ("customers", "name", long(201)),
        ("customers", "name", json!(7)),
        ("customers", "notes", json!("one\n\ttwo")),
        ("customers", "notes", json!("one\u{7}two")),
        ("customers", "email", json!("ada@brightwater.test")),
        ("customers", "email", json!("")),
        ("customers", "email", json!("ada@localhost")),
        ("customers", "email", json!("ünal@münchen.test")),
        ("customers", "phone", json!("(0113) 496-0000 x12")),
        ("customers", "phone", json!("+44 20 7946 0000")),
        ("customers", "phone", json!("12")),
        ("customers", "website", json!("HTTPS://a.test:65535/x?y#z")),
        ("customers", "website", json!("a.test:65536")),
        ("customers", "website", json!("javascript:alert(1)")),
        ("customers", "website", json!(null)),
        ("customers", "is_active", json!(null)),
        ("customers", "tags", json!(null)),
        ("customers", "tags", json!(["a", ""])),
        ("customers", "tags", json!(["a", 1])),
        ("customers", "owner_id", json!("7")),
        ("leads", "value", json!({ "amount": 0, "currency": "JPY" })),
        ("leads", "value", json!({ "amount": -1, "currency": "JPY" })),
        ("leads", "value", json!({ "amount": 1, "currency": "XXY" })),
        ("leads", "value", json!({ "amount": 1 })),
        ("leads", "stage", json!(null)),
        ("leads", "stage", json!("Not A Key")),
        ("leads", "expected_close", json!("2026-02-30")),
        ("projects", "status", json!("done")),
        ("projects", "status", json!(null)),
        ("projects", "name", json!(" ")),
        ("projects", "name", json!(null)),
        ("tasks", "due_at", json!("tomorrow")),
        ("tasks", "customer_id", json!(null)),
        ("tasks", "due_at", json!("2026-03-01T10:00:00+01:00")),
        ("tasks", "version", json!(1)),
    ] {
        let path = format!("/api/{kind}");
        let operation = &judged.document.json["paths"][&path]["post"];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut input = json!({ "company": "Brightwater" });
        if kind == "projects" {
            input = json!({ "name": "Panels" });
        } else if kind == "tasks" {
            input = json!({ "title": "Call" });
        }
        input[field] = value;
        let faults = judged.document.faults(schema, &input);
        let answer = judged.client.post(&path, input.clone()).await;
        assert_eq!(answer.status == 201, faults.is_empty(), "{kind} {input}: {faults:?}, {answer:?}");
    }
}
