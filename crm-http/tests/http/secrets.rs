//! The log: what it says of requests, and what of people and their secrets it never says.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::http::Method;
use crm_http::Limits;
use serde_json::{Value as Json, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    serving::{rest, serving},
    world::{PASSWORD, World},
};

/// All that is logged, at every level and from whatever thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Writes down what is logged from now on by the whole process.
    fn of_everything() -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

// Texts of a person, each to be found nowhere else.
const NAME: &str = "Planted-Name";
const EMAIL: &str = "planted-mail@person.test";
const PHONE: &str = "+4930987654321";
const COMPANY: &str = "Planted-Company";
const NOTES: &str = "Planted-Notes";
const STREET: &str = "Planted-Street";
const SEARCH: &str = "Planted-Search";
const AGENT: &str = "Planted-Agent";
const WRONG: &str = "Planted-Password";
const PERSONAL: [&str; 9] = [NAME, EMAIL, PHONE, COMPANY, NOTES, STREET, SEARCH, AGENT, WRONG];

fn person() -> Json {
    json!({
        "name": NAME, "email": EMAIL, "phone": PHONE, "company": COMPANY, "notes": NOTES, "address_line1": STREET,
    })
}

/// Everything that a person's texts can come by: bodies that are good and bad, paths, queries and headers.
async fn talk(world: &World) -> Vec<String> {
    let owner = world.user("owner@acme.test").await;
    let made = owner.make("/api/customers", person()).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/api/customers/{id}");
    owner.patch(&path, json!({ "name": format!("{NAME} again") })).await;
    owner
        .patch(&path, json!({ "email": format!("{EMAIL} broken"), NAME: 1 }))
        .await
        .is_problem(422, "invalid");
    for query in ["search=", "email=", "nonsense=", "cursor=", "created_at="] {
        owner.get(&format!("/api/customers?{query}{SEARCH}")).await;
    }
    for path in [format!("/{SEARCH}"), format!("/api/customers/{SEARCH}"), format!("{path}/{SEARCH}")] {
        owner.get(&path).await.is_problem(404, "not_found");
    }
    let headers = [
        ("user-agent", AGENT),
        ("referer", SEARCH),
        ("if-match", SEARCH),
        ("idempotency-key", SEARCH),
        ("origin", SEARCH),
    ];
    owner.call(Method::POST, "/api/customers", &headers, Some(person())).await;
    owner.call(Method::POST, "/api/customers", &headers[..4], Some(person())).await;
    owner.call(Method::from_bytes(SEARCH.as_bytes()).unwrap(), &path, &headers, None).await;
    let user = json!({ "email": EMAIL, "name": NAME, "role": "member" });
    owner.make("/api/users", user.clone()).await;
    owner.post("/api/users", user).await.is_problem(409, "duplicate");
    for (email, password) in [(EMAIL, WRONG), ("owner@acme.test", WRONG), (WRONG, PASSWORD)] {
        world.sign_in(email, password).await.is_problem(401, "invalid_credentials");
    }
    let unknown = world.stranger().with_token(WRONG);
    unknown.get("/api/customers").await.is_problem(401, "unauthenticated");
    owner.call(Method::POST, "/api/auth/logout", &[], None).await;
    vec![owner.token().to_owned(), id]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_at_its_most_talkative_says_nothing_of_people_and_secrets() {
    let log = Log::of_everything();
    let world = World::new().await;
    let secrets = talk(&world).await;
    let served = serving(world.router.clone(), Limits::default()).await;
    for request in [
        format!(
            "GET /api/customers?search={SEARCH} HTTP/1.1\r\nhost: x\r\nuser-agent: {AGENT}\r\nconnection: close\r\n\r\n"
        ),
        format!("{SEARCH}\r\n{SEARCH}\r\n\r\n"),
    ] {
        rest(served.send(&request).await).await;
    }
    let text = log.text();
    for said in [
        "request{id=",
        "method=\"PATCH\"",
        "route=\"/api/customers/{id}\"",
        "route=\"unknown\"",
        "status=422",
        "micros=",
        "answered",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    let hidden = PERSONAL.iter().copied().chain(secrets.iter().map(String::as_str));
    for hidden in hidden.chain([PASSWORD, "owner@acme.test", "member@globex.test"]) {
        let found = text.lines().find(|line| line.to_lowercase().contains(&hidden.to_lowercase()));
        assert_eq!(found, None, "{hidden}");
    }
}
