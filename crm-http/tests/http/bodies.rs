//! Bodies: what is no JSON, what is too much of it, and what programs read differently.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request},
};
use crm_core::{Crm, MemoryStore};
use crm_http::{Settings, auth::Login};
use serde_json::json;
use tokio::sync::mpsc;

use crate::world::{Answer, Client, World, cheap, pairs};

/// Sends these bytes as a new customer.
async fn post(client: &Client, content_type: &[&str], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(Method::POST).uri("/api/customers");
    for content_type in content_type {
        request = request.header("content-type", *content_type);
    }
    client.send(request.body(body.into()).unwrap()).await
}

const JSON: &[&str] = &["application/json"];

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let world = World::new().await;
    let member = world.member().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{{\"tags\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    for body in [
        "",
        " ",
        "{",
        "nonsense",
        "{\"company\": \"Ada\",}",
        "{\"company\": \"Ada\"} x",
        "{'company': 1}",
        "{\"company\": \"\\ud800\"}",
        "{\"company\": \"\\udc00\\ud800\"}",
        "{\"company\": NaN}",
        "{\"company\": 1e999}",
        "{\"company\": 01}",
        "{\"company\": \"a\nb\"}",
        "\u{feff}{}",
        &deep,
        &nested,
    ] {
        post(&member, JSON, body.to_owned()).await.is_problem(400, "malformed_json");
    }
    post(&member, JSON, Bytes::from_static(b"{\"company\": \"\xff\"}"))
        .await
        .is_problem(400, "malformed_json");
}

#[tokio::test]
async fn a_key_that_is_there_twice_is_refused() {
    let world = World::new().await;
    let member = world.member().await;
    for body in [
        r#"{"company": "Ada", "company": "Bob"}"#,
        r#"{"company": "Ada", "comp\u0061ny": "Ada"}"#,
        r#"{"company": "Ada", "value": {"amount": 1, "amount": 2}}"#,
        r#"{"company": "Ada", "tags": [{"a": 1, "a": 1}]}"#,
    ] {
        let problem = post(&member, JSON, body).await.is_problem(400, "malformed_json");
        assert!(problem["detail"].as_str().unwrap().contains("is there twice"), "{problem}");
    }
    let credentials = r#"{"email": "a@b.test", "email": "member@acme.test", "password": "x"}"#;
    let request = Request::post("/api/auth/login").header("content-type", "application/json");
    let answer = world.stranger().send(request.body(credentials.into()).unwrap()).await;
    answer.is_problem(400, "malformed_json");
}

#[tokio::test]
async fn json_of_the_wrong_shape_is_invalid() {
    let world = World::new().await;
    let member = world.member().await;
    for body in ["[]", "null", "5", "\"text\"", "[{\"company\": \"Ada\"}]"] {
        assert_eq!(post(&member, JSON, body).await.faults(), pairs(&[("", "wrong_type")]), "{body}");
    }
    for (body, code) in [
        (r#"{"company": "a\u0000b"}"#, "invalid_character"),
        (r#"{"company": "a\u001bb"}"#, "invalid_character"),
        (r#"{"company": 99999999999999999999999999}"#, "wrong_type"),
        (r#"{"company": {"a": 1}}"#, "wrong_type"),
    ] {
        assert_eq!(post(&member, JSON, body).await.faults(), pairs(&[("/company", code)]), "{body}");
    }
    for amount in ["1.5", "9223372036854775808", "-1", "\"1\"", "null", "1e300"] {
        let body = format!(r#"{{"company": "Ada", "value": {{"amount": {amount}, "currency": "EUR"}}}}"#);
        let request = Request::post("/api/leads").header("content-type", "application/json");
        let answer = member.send(request.body(body.into()).unwrap()).await;
        assert_eq!(answer.faults()[0].0, "/value", "{amount}");
    }
}

#[tokio::test]
async fn an_answer_lists_many_faults_and_not_all_of_a_flood() {
    let world = World::new().await;
    let member = world.member().await;
    let flood: serde_json::Map<_, _> = (0..10_000).map(|number| (number.to_string(), json!(1))).collect();
    let answer = post(&member, JSON, serde_json::Value::from(flood).to_string()).await;
    assert_eq!(answer.faults().len(), 200);
    let query: Vec<String> = (0..101).map(|number| format!("x{number}=1")).collect();
    let answer = member.get(&format!("/api/customers?{}", query.join("&"))).await;
    answer.is_problem(400, "malformed_query");
    let answer = member.get(&format!("/api/customers?{}", query[..100].join("&"))).await;
    assert_eq!(answer.bad_parameters().len(), 100);
}

#[tokio::test]
async fn text_of_every_kind_comes_back_as_it_was_meant() {
    let world = World::new().await;
    let member = world.member().await;
    for (given, kept) in [
        ("e\u{301}", "é"),
        ("  Ada  ", "Ada"),
        ("🌞 漢字 עברית", "🌞 漢字 עברית"),
        ("'; DROP TABLE customers; --", "'; DROP TABLE customers; --"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=1+1", "=1+1"),
    ] {
        let made = member.make("/api/customers", json!({ "company": given })).await;
        assert_eq!(made["company"], kept);
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let world = World::new().await;
    let member = world.member().await;
    let body = r#"{"company": "Ada"}"#;
    for content_type in [
        &[][..],
        &["text/plain"],
        &["application/x-www-form-urlencoded"],
        &["application/merge-patch+json"],
        &["application/json; charset=latin1"],
        &["application/json", "application/json"],
        &["application/jsonx"],
        &[""],
    ] {
        post(&member, content_type, body).await.is_problem(415, "unsupported_media_type");
    }
    for content_type in ["application/json", "APPLICATION/JSON", "application/json;charset=\"utf-8\""] {
        assert_eq!(post(&member, &[content_type], body).await.status, 201, "{content_type}");
    }
    let packed = Request::post("/api/customers")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    let answer = member.send(packed.body(body.into()).unwrap()).await;
    answer.is_problem(415, "unsupported_media_type");
}

/// The service with room for 100 bytes and little patience.
async fn strict() -> Client {
    let crm = Crm::new(MemoryStore::new());
    let world = World::on(crm.clone(), cheap()).await;
    let mut settings = Settings::default();
    (settings.body_limit, settings.body_timeout) = (100, Duration::from_millis(50));
    let router = crm_http::service_with(crm.clone(), Login::with(crm, cheap()), settings);
    Client::of(router).with_token(world.member().await.token())
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_or_not() {
    let client = strict().await;
    let fitting = json!({ "company": "x".repeat(84) }).to_string();
    assert_eq!(fitting.len(), 98);
    assert_eq!(post(&client, JSON, fitting.clone()).await.status, 201);
    post(&client, JSON, format!("{fitting}   ")).await.is_problem(413, "too_large");
    // A stream does not say how long it is.
    let stream = endless(|| Some(Bytes::from_static(&[b' '; 64])));
    post(&client, JSON, stream).await.is_problem(413, "too_large");
    let announced = Request::post("/api/customers")
        .header("content-type", "application/json")
        .header("content-length", "18446744073709551615");
    client.send(announced.body(Body::empty()).unwrap()).await.is_problem(413, "too_large");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let client = strict().await;
    post(&client, JSON, endless(|| None)).await.is_problem(408, "timeout");
}

/// A body without an end: each piece is what `next` gives, and without one nothing ever comes.
fn endless(next: impl Fn() -> Option<Bytes> + Send + Unpin + 'static) -> Body {
    Body::new(Pieces(move |_: &mut Context<'_>| {
        next().map_or(Poll::Pending, |piece| Poll::Ready(Some(piece)))
    }))
}

/// A body of the pieces that come through a channel.
pub(crate) fn pieces(mut receiver: mpsc::Receiver<&'static str>) -> Body {
    let piece = |text: &'static str| Bytes::from_static(text.as_bytes());
    Body::new(Pieces(move |cx: &mut Context<'_>| receiver.poll_recv(cx).map(|text| text.map(piece))))
}

/// A body of what a function gives.
struct Pieces<F>(F);

impl<F: FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> + Unpin> http_body::Body for Pieces<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        (self.0)(cx).map(|piece| piece.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
