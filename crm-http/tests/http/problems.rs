//! Answers that are no success, and what every answer carries.

use axum::http::Method;
use serde_json::json;

use crate::{
    broken::{Broken, Mode},
    world::{PASSWORD, World, cheap},
};

#[tokio::test]
async fn what_is_no_route_is_a_404_and_what_is_no_method_of_it_a_405() {
    let world = World::new().await;
    let member = world.member().await;
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/customers/",
        "/api/nothing",
        "/API/customers",
        "/api/customers/x/y",
        "/..",
    ] {
        member.get(path).await.is_problem(404, "not_found");
        world.stranger().get(path).await.is_problem(404, "not_found");
    }
    for (method, path, allowed) in [
        (Method::PUT, "/api/customers", "GET,HEAD,POST"),
        (Method::DELETE, "/api/customers", "GET,HEAD,POST"),
        (Method::POST, "/api/customers/x", "DELETE,GET,HEAD,PATCH"),
        (Method::DELETE, "/api/users/x", "GET,HEAD,PATCH"),
        (Method::GET, "/api/auth/login", "POST"),
        (Method::OPTIONS, "/api/pipeline", "GET,HEAD,PUT"),
        (Method::TRACE, "/healthz", "GET,HEAD"),
        (Method::POST, "/api/contacts", "GET,HEAD"),
    ] {
        let answer = world.stranger().call(method.clone(), path, &[], None).await;
        answer.is_problem(405, "method_not_allowed");
        let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_and_the_headers_of_caution() {
    let world = World::new().await;
    let member = world.member().await;
    let answers = [
        world.stranger().get("/healthz").await,
        world.stranger().get("/nothing").await,
        world.stranger().call(Method::PUT, "/api/users", &[], None).await,
        world.stranger().get("/api/users").await,
        world.sign_in("nobody@acme.test", "wrong").await,
        member.get("/api/auth/me").await,
        member.get("/api/customers").await,
        member.post("/api/customers", json!({})).await,
        member.call(Method::GET, "/api/customers", &[("x-request-id", "chosen by the client")], None).await,
        member.call(Method::HEAD, "/api/customers", &[], None).await,
        member.call(Method::HEAD, "/api/nothing", &[], None).await,
    ];
    let mut ids = std::collections::BTreeSet::new();
    for answer in &answers {
        let id = uuid::Uuid::parse_str(answer.header("x-request-id")).unwrap();
        assert!(ids.insert(id));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    for auth in &answers[4..6] {
        assert_eq!(auth.header("cache-control"), "no-store");
    }
    assert_eq!(answers[6].header("cache-control"), "private, no-cache");
    for head in &answers[9..] {
        assert!(head.bytes.is_empty());
    }
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let world = World::new().await;
    let stranger = world.stranger();
    assert_eq!(stranger.get("/healthz").await.json(), json!({ "status": "ok" }));
    assert_eq!(stranger.get("/readyz").await.json(), json!({ "status": "ready" }));
}

#[tokio::test]
async fn a_store_that_fails_is_a_503_or_a_500_that_tells_nothing() {
    let store = Broken::default();
    let world = World::on(crm_core::Crm::new(store.clone()), cheap()).await;
    let member = world.member().await;
    for (mode, status, code) in [(Mode::Unavailable, 503, "unavailable"), (Mode::Failing, 500, "internal")] {
        store.set(mode);
        for answer in [
            member.get("/api/customers").await,
            member.post("/api/customers", json!({ "company": "Ada" })).await,
            world.sign_in("member@acme.test", PASSWORD).await,
        ] {
            answer.is_problem(status, code);
            assert_eq!(answer.headers.contains_key("retry-after"), status == 503);
            assert!(!String::from_utf8(answer.bytes).unwrap().contains("secret"), "the cause is told");
        }
        let ready = world.stranger().get("/readyz").await;
        ready.is_problem(503, "unavailable");
        assert_eq!(world.stranger().get("/healthz").await.status, 200);
    }
    store.set(Mode::Working);
    assert_eq!(member.get("/api/customers").await.status, 200);
}
