//! A POST with a key has its effect once.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::world::{Answer, Client, World};

async fn keyed(client: &Client, path: &str, key: &str, body: Json) -> Answer {
    client.call(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
}

async fn total(client: &Client, path: &str) -> Json {
    client.get(&format!("{path}?count=true")).await.json()["total"].clone()
}

#[tokio::test]
async fn the_same_key_and_body_answer_the_same_again() {
    let world = World::new().await;
    let admin = world.admin().await;
    let customer = admin.make("/api/customers", json!({ "company": "Ada" })).await;
    let nested = |kind: &str| format!("/api/customers/{}/{kind}", customer["id"].as_str().unwrap());
    for (path, body) in [
        ("/api/customers".to_owned(), json!({ "company": "Ada", "external_id": "x" })),
        ("/api/leads".to_owned(), json!({ "company": "Ada" })),
        ("/api/users".to_owned(), json!({ "email": "twice@acme.test" })),
        (nested("contacts"), json!({ "name": "Ada", "is_primary": true })),
        (nested("interactions"), json!({ "type": "note" })),
    ] {
        let before = total(&admin, &path).await.as_u64().unwrap();
        let first = keyed(&admin, &path, "one key", body.clone()).await;
        assert_eq!(first.status, 201, "{first:?}");
        assert!(!first.headers.contains_key("idempotency-replayed"));
        for _ in 0..2 {
            let again = keyed(&admin, &path, "one key", body.clone()).await;
            assert_eq!(again.header("idempotency-replayed"), "true");
            assert_eq!((again.status, again.json()), (first.status, first.json()));
            for header in ["location", "etag"] {
                assert_eq!(again.header(header), first.header(header));
            }
        }
        assert_eq!(total(&admin, &path).await, before + 1, "{path}");
    }
}

#[tokio::test]
async fn the_answer_is_the_first_one_whatever_happened_since() {
    let world = World::new().await;
    let member = world.member().await;
    let body = json!({ "company": "Ada", "value": { "amount": 1, "currency": "EUR" }, "tags": ["a"] });
    let first = keyed(&member, "/api/leads", "k", body.clone()).await;
    let path = first.header("location");
    assert_eq!(member.patch(path, json!({ "stage": "closed_won", "tags": [] })).await.status, 200);
    assert_eq!(member.delete(path).await.status, 204);
    let again = keyed(&member, "/api/leads", "k", body).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.header("etag"), first.header("etag"));
    keyed(&member, "/api/leads", "k", json!({ "email": "nonsense" }))
        .await
        .is_problem(409, "idempotency_conflict");
}

#[tokio::test]
async fn a_lead_is_converted_once() {
    let world = World::new().await;
    let member = world.member().await;
    let lead = member.make("/api/leads", json!({ "company": "Ada" })).await;
    let path = format!("/api/leads/{}/convert", lead["id"].as_str().unwrap());
    let first = keyed(&member, &path, "k", json!({})).await;
    assert_eq!(first.status, 200);
    let again = keyed(&member, &path, "k", json!({})).await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), "true"));
    let customer = first.json()["customer"]["id"].clone();
    let other = keyed(&member, &path, "k", json!({ "customer_id": customer })).await;
    other.is_problem(409, "idempotency_conflict");
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_conflict() {
    let world = World::new().await;
    let member = world.member().await;
    assert_eq!(keyed(&member, "/api/customers", "k", json!({ "company": "Ada" })).await.status, 201);
    let other = keyed(&member, "/api/customers", "k", json!({ "company": "Bob" })).await;
    other.is_problem(409, "idempotency_conflict");
    // White space and the order of keys are no difference.
    let body = "{ \"company\" :  \"Ada\" }";
    let request = axum::http::Request::post("/api/customers")
        .header("content-type", "application/json")
        .header("idempotency-key", "k");
    let same = member.send(request.body(body.into()).unwrap()).await;
    assert_eq!(same.header("idempotency-replayed"), "true");
    assert_eq!(total(&member, "/api/customers").await, 1);
}

#[tokio::test]
async fn a_key_is_private_to_tenant_caller_and_route() {
    let world = World::new().await;
    let callers = [world.member().await, world.admin().await, world.user("member@globex.test").await];
    for caller in &callers {
        for path in ["/api/customers", "/api/leads"] {
            let made = keyed(caller, path, "k", json!({ "company": "Ada" })).await;
            assert_eq!(made.status, 201);
            assert!(!made.headers.contains_key("idempotency-replayed"));
        }
    }
}

#[tokio::test]
async fn twins_side_by_side_have_one_effect() {
    let world = World::new().await;
    let member = world.member().await;
    let twins = (0..16).map(|_| {
        let member = member.clone();
        tokio::spawn(async move { keyed(&member, "/api/leads", "k", json!({ "company": "Ada" })).await })
    });
    let mut made = Vec::new();
    for twin in twins.collect::<Vec<_>>() {
        let twin = twin.await.unwrap();
        assert_eq!(twin.status, 201);
        made.push((twin.json(), twin.headers.contains_key("idempotency-replayed")));
    }
    assert!(made.iter().all(|(record, _)| *record == made[0].0));
    assert_eq!(made.iter().filter(|(_, replayed)| !replayed).count(), 1);
    assert_eq!(total(&member, "/api/leads").await, 1);
    let next = member.make("/api/leads", json!({ "company": "Bob" })).await;
    assert_eq!(next["lead_id"], "LED-002", "no number was lost");
}

#[tokio::test]
async fn a_request_that_failed_leaves_its_key_free() {
    let world = World::new().await;
    let member = world.member().await;
    let failed = keyed(&member, "/api/customers", "k", json!({ "email": "x" })).await;
    assert_eq!(failed.status, 422);
    let made = keyed(&member, "/api/customers", "k", json!({ "company": "Ada" })).await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn a_key_must_be_a_text_of_fitting_length() {
    let world = World::new().await;
    let member = world.member().await;
    let long = "x".repeat(256);
    for key in ["", "é", "a\tb", &long] {
        let refused = keyed(&member, "/api/customers", key, json!({ "company": "Ada" })).await;
        refused.is_problem(400, "invalid_idempotency_key");
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let refused = member.call(Method::POST, "/api/customers", &two, Some(json!({ "company": "Ada" }))).await;
    refused.is_problem(400, "invalid_idempotency_key");
    assert_eq!(total(&member, "/api/customers").await, 0);
}
