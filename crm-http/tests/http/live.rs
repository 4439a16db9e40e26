//! Live events: each commit once and in order, to whoever may see it, for as long as they may.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use crm_core::{Actor, Customer};
use crm_http::Limits;
use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tower::ServiceExt;

use crate::{
    serving::{limits, serving},
    world::{Client, World, cheap},
};

/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A stream as its client sees it.
struct Listening {
    body: BodyDataStream,
    read: String,
}

/// One message of a stream: its id and its event, or nothing for a sign of life.
type Message = Option<(i64, Json)>;

impl Listening {
    async fn open(world: &World, client: &Client, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = Request::get(format!("/api/live{query}"));
        request = request.header("authorization", format!("Bearer {}", client.token()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let mut own = Self { body: response.into_body().into_data_stream(), read: String::new() };
        assert_eq!(own.message().await, Some(None), "it says at once that it is open");
        own
    }

    /// The next message; `None` at the end of the stream.
    async fn message(&mut self) -> Option<Message> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let text: String = self.read.drain(..end + 2).collect();
                return Some(parse(&text));
            }
            let bytes = timeout(PATIENCE, self.body.next()).await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        }
    }

    /// The next event; `None` at the end of the stream.
    async fn event(&mut self) -> Option<(i64, Json)> {
        loop {
            if let Some(event) = self.message().await? {
                return Some(event);
            }
        }
    }

    async fn numbers(&mut self, count: usize) -> Vec<i64> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            numbers.push(self.event().await.unwrap().0);
        }
        numbers
    }
}

/// Reads a message as the HTML standard says.
fn parse(text: &str) -> Message {
    let field = |name: &str| {
        let lines: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect();
        assert!(lines.len() <= 1, "{name} is there once in {text:?}");
        lines.first().map(|line| (*line).to_owned())
    };
    let data: Json = serde_json::from_str(&field("data")?).unwrap();
    let id: i64 = field("id").unwrap().parse().unwrap();
    assert_eq!(data["seq"], id);
    Some((id, data))
}

async fn head(world: &World) -> i64 {
    world.crm.head(&world.crm.scope(world.acme.id, Actor::job("test"))).await.unwrap()
}

#[tokio::test]
async fn each_commit_is_told_once_and_in_order_from_any_event_on() {
    let world = World::new().await;
    let member = world.member().await;
    let begin = head(&world).await;
    let mut stream = Listening::open(&world, &member, "", &[]).await;
    let writers = (0..4).map(|_| {
        let member = member.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                member.make("/api/leads", json!({ "company": "Ada" })).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let all: Vec<i64> = (begin + 1..=begin + 100).collect();
    assert_eq!(stream.numbers(100).await, all);
    for (query, headers) in [
        (format!("?after={}", begin + 40), vec![]),
        (String::new(), vec![("last-event-id", (begin + 40).to_string())]),
        ("?after=1".to_owned(), vec![("last-event-id", (begin + 40).to_string())]),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut late = Listening::open(&world, &member, &query, &headers).await;
        assert_eq!(late.numbers(60).await, all[40..], "{query} {headers:?}");
    }
    member.make("/api/customers", json!({ "company": "Ada" })).await;
    let mut customers = Listening::open(&world, &member, "?after=0&object=customers", &[]).await;
    let (number, event) = customers.event().await.unwrap();
    assert_eq!(
        (number, &event["object"], &event["kind"]),
        (begin + 101, &json!("customers"), &json!("created"))
    );
}

#[tokio::test]
async fn a_stream_refuses_what_it_cannot_follow() {
    let world = World::new().await;
    let (member, viewer) = (world.member().await, world.user("viewer@acme.test").await);
    let faults = member.get("/api/live?after=x&object=sessions&limit=3").await.bad_parameters();
    assert_eq!(faults.len(), 3);
    let bad = [("last-event-id", "x")];
    let answer = member.call(axum::http::Method::GET, "/api/live", &bad, None).await;
    answer.is_problem(400, "invalid_last_event_id");
    viewer.get("/api/live?object=incidents").await.is_problem(403, "forbidden");
    world.stranger().get("/api/live").await.is_problem(401, "unauthenticated");
    member.get("/api/live/ws").await.is_problem(426, "upgrade_required");
}

#[tokio::test]
async fn of_a_hundred_thousand_foreign_events_none_is_told() {
    let world = World::new().await;
    let (own, foreign) = (world.user("owner@globex.test").await, world.admin().await);
    let begin = head(&world).await;
    let mut stream = Listening::open(&world, &own, "", &[]).await;
    // The number of an event of another tenant is a number like any other.
    let mut resumed = Listening::open(&world, &own, "", &[("last-event-id", &begin.to_string())]).await;
    let scope = world.crm.scope(world.acme.id, Actor::job("load"));
    for _ in 0..200 {
        let batch = (0..500).map(|_| Customer::company("Foreign")).collect();
        world.crm.customers(&scope).create_many(batch).await.unwrap();
    }
    assert_eq!(head(&world).await, begin + 100_000);
    let mine = own.make("/api/customers", json!({ "company": "Own" })).await;
    for stream in [&mut stream, &mut resumed] {
        let (_, event) = stream.event().await.unwrap();
        assert_eq!(event["record_id"], mine["id"]);
        assert!(!event.to_string().contains("Foreign"));
    }
    drop(foreign);
    println!("live: foreign events 100000, told 0");
}

#[tokio::test]
async fn a_role_sees_what_it_may_read_and_a_new_role_counts_at_once() {
    let world = World::new().await;
    let (owner, member) = (world.user("owner@acme.test").await, world.member().await);
    let mut stream = Listening::open(&world, &member, "", &[]).await;
    owner.make("/api/api-keys", json!({ "name": "hidden" })).await;
    let ada = owner.make("/api/customers", json!({ "company": "Ada" })).await;
    assert_eq!(stream.event().await.unwrap().1["record_id"], ada["id"], "the key is not the member's to see");
    let me = member.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", me["user"]["id"].as_str().unwrap());
    assert_eq!(owner.patch(&path, json!({ "role": "admin" })).await.status, 200);
    assert_eq!(stream.event().await.unwrap().1["object"], "users");
    let key = owner.make("/api/api-keys", json!({ "name": "seen" })).await;
    assert_eq!(stream.event().await.unwrap().1["record_id"], key["id"]);
    assert_eq!(owner.patch(&path, json!({ "role": "viewer" })).await.status, 200);
    assert_eq!(stream.event().await.unwrap().1["object"], "users");
    owner.make("/api/api-keys", json!({ "name": "hidden again" })).await;
    let bob = owner.make("/api/customers", json!({ "company": "Bob" })).await;
    assert_eq!(stream.event().await.unwrap().1["record_id"], bob["id"]);
}

#[tokio::test]
async fn a_thousand_streams_hear_of_a_commit_and_those_of_a_revoked_user_end() {
    let world = World::new().await;
    let (owner, member, viewer) =
        (world.user("owner@acme.test").await, world.member().await, world.user("viewer@acme.test").await);
    let mut streams = Vec::new();
    for nth in 0..1_000 {
        let client = if nth % 2 == 0 { &member } else { &viewer };
        streams.push(Listening::open(&world, client, "", &[]).await);
    }
    let ada = owner.make("/api/customers", json!({ "company": "Ada" })).await;
    for stream in &mut streams {
        assert_eq!(stream.event().await.unwrap().1["record_id"], ada["id"]);
    }
    let me = viewer.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", me["user"]["id"].as_str().unwrap());
    assert_eq!(owner.patch(&path, json!({ "is_active": false })).await.status, 200);
    let bob = owner.make("/api/customers", json!({ "company": "Bob" })).await;
    let (mut heard, mut ended) = (0, 0);
    for (nth, stream) in streams.iter_mut().enumerate() {
        if nth % 2 == 0 {
            assert_eq!(stream.event().await.unwrap().1["object"], "users");
            assert_eq!(stream.event().await.unwrap().1["record_id"], bob["id"]);
            heard += 1;
        } else {
            assert_eq!(stream.event().await, None, "nothing more is told to whoever may not see it");
            ended += 1;
        }
    }
    println!("live: streams 1000, heard on {heard}, ended by revocation {ended}");
    assert_eq!((heard, ended), (500, 500));
}

#[tokio::test]
async fn a_stream_ends_with_whatever_let_it_in() {
    let world = World::new().await;
    let (owner, member) = (world.user("owner@acme.test").await, world.member().await);
    let mut by_session = Listening::open(&world, &member, "", &[]).await;
    let made = owner.make("/api/api-keys", json!({ "name": "live" })).await;
    let key = world.stranger().with_token(made["key"].as_str().unwrap());
    let mut by_key = Listening::open(&world, &key, "", &[]).await;
    assert_eq!(member.post("/api/auth/logout", json!({})).await.status, 204);
    assert_eq!(by_session.event().await, None);
    owner.delete(&format!("/api/api-keys/{}", made["id"].as_str().unwrap())).await;
    assert_eq!(by_key.event().await, None);
    let mut of_owner = Listening::open(&world, &owner, "", &[]).await;
    let maintenance = world.crm.maintenance();
    let directory = world.crm.directory(&maintenance);
    directory.update_tenant(world.acme.id, |tenant| tenant.status = "suspended".into()).await.unwrap();
    assert_eq!(of_owner.event().await, None);
}

#[tokio::test]
async fn no_text_breaks_out_of_its_message() {
    let world = World::new().await;
    let member = world.member().await;
    let mut stream = Listening::open(&world, &member, "", &[]).await;
    let evil = "a\n\nid: 999\ndata: {}\n\nevent: x\nretry: 1\u{2028}b";
    let mut told = 0;
    for object in
        crm_core::objects().iter().filter(|object| ["customers", "leads", "projects"].contains(&object.name))
    {
        for (_, field) in object.public_fields() {
            let mut body = json!({ "company": "Ada", "name": "Ada" });
            if object.name == "projects" {
                body.as_object_mut().unwrap().remove("company");
            }
            body[field.name] = json!(evil);
            if member.post(&format!("/api/{}", object.name), body).await.status != 201 {
                continue;
            }
            let (_, event) = stream.event().await.unwrap();
            let change =
                event["changes"].as_array().unwrap().iter().find(|change| change["field"] == field.name);
            assert!(change.unwrap()["new"].as_str().unwrap().contains("id: 999"));
            told += 1;
        }
    }
    assert!(told >= 3, "{told}");
}

#[tokio::test]
async fn a_stream_gives_signs_of_life() {
    let crm = crm_core::Crm::new(crm_core::MemoryStore::new());
    let mut settings = crm_http::Settings::default();
    settings.heartbeat = Duration::from_millis(50);
    let world = World::on_with(crm, cheap(), settings).await;
    let member = world.member().await;
    let mut stream = Listening::open(&world, &member, "", &[]).await;
    for _ in 0..3 {
        assert_eq!(stream.message().await, Some(None));
    }
    member.make("/api/leads", json!({ "company": "Ada" })).await;
    assert!(stream.event().await.is_some());
}

#[tokio::test]
async fn a_tenant_has_its_streams_and_leaves_others_theirs() {
    let crm = crm_core::Crm::new(crm_core::MemoryStore::new());
    let mut settings = crm_http::Settings::default();
    settings.tenant_streams = 3;
    let world = World::on_with(crm, cheap(), settings).await;
    let (member, other) = (world.member().await, world.user("member@globex.test").await);
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Listening::open(&world, &member, "", &[]).await);
    }
    let refused = member.get("/api/live").await;
    refused.is_problem(429, "too_many_streams");
    assert_eq!(refused.header("retry-after"), "10");
    Listening::open(&world, &other, "", &[]).await;
    open.pop();
    Listening::open(&world, &member, "", &[]).await;
}

async fn over_a_socket(
    world: &World,
    token: &str,
    after: i64,
    limits: Limits,
) -> (crate::serving::Served, TcpStream) {
    let served = serving(world.router.clone(), limits).await;
    let request =
        format!("GET /api/live?after={after} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    let stream = served.send(&request).await;
    (served, stream)
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_and_goes_on_from_where_it_was() {
    let world = World::new().await;
    let member = world.member().await;
    let begin = head(&world).await;
    let scope = world.crm.scope(world.acme.id, Actor::job("load"));
    let notes = "x".repeat(9_000);
    for _ in 0..40 {
        let batch = (0..50).map(|_| Customer::company("Ada").notes(notes.clone())).collect();
        world.crm.customers(&scope).create_many(batch).await.unwrap();
    }
    let stall = limits(|limits| limits.stall = Duration::from_millis(300));
    let (served, mut slow) = over_a_socket(&world, member.token(), begin, stall).await;
    // What the system and the server hold for it is far less than the 18 MB that there are to tell.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, slow.read_to_end(&mut bytes)).await.expect("it has been cut");
    assert!(bytes.len() < 16 << 20, "{}", bytes.len());
    let text = String::from_utf8_lossy(&bytes);
    let told: Vec<i64> = text
        .split("\n\n")
        .filter_map(|message| {
            let line = message.lines().find_map(|line| line.strip_prefix("id: "))?;
            message.contains("data: ").then(|| line.parse().unwrap())
        })
        .collect();
    let last = told.last().copied().unwrap_or(begin) - 1;
    let mut again = Listening::open(&world, &member, "", &[("last-event-id", &last.to_string())]).await;
    let rest = usize::try_from(begin + 2_000 - last).unwrap();
    assert_eq!(again.numbers(rest).await, (last + 1..=begin + 2_000).collect::<Vec<_>>());
    drop(served);
}

#[tokio::test]
async fn streams_end_when_the_server_does() {
    let world = World::new().await;
    let member = world.member().await;
    let (mut served, mut stream) = over_a_socket(&world, member.token(), 0, Limits::default()).await;
    let mut first = [0; 16];
    timeout(PATIENCE, stream.read_exact(&mut first)).await.unwrap().unwrap();
    served.stop();
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream is whole: {}", String::from_utf8_lossy(&rest));
    served.end().await.unwrap();
}
