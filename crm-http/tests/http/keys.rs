//! API keys, cookies, passwords: by what somebody comes in, and when that ends.

use axum::http::Method;
use chrono::TimeDelta;
use crm_core::{Crm, MemoryStore, testing::ManualClock};
use serde_json::{Value as Json, json};

use crate::world::{Answer, Client, PASSWORD, World, cheap};

async fn key(world: &World, admin: &Client, body: Json) -> (Client, Json) {
    let made = admin.make("/api/api-keys", body).await;
    (world.stranger().with_token(made["key"].as_str().unwrap()), made)
}

#[tokio::test]
async fn a_key_acts_in_its_tenant_with_its_role_and_is_shown_once() {
    let world = World::new().await;
    let admin = world.admin().await;
    let (client, made) = key(&world, &admin, json!({ "name": "import", "role": "member" })).await;
    assert!(made["key"].as_str().unwrap().starts_with("crm_"));
    let id = made["id"].as_str().unwrap();
    let me = client.get("/api/auth/me").await.json();
    assert_eq!(
        (&me["role"], &me["actor_type"], &me["user"]["id"]),
        (&json!("member"), &json!("api_key"), &json!(id))
    );
    assert_eq!(me["tenant"]["slug"], "acme");
    let lead = client.make("/api/leads", json!({ "company": "Ada" })).await;
    let events = admin.get(&format!("/api/events?record_id={}", lead["id"].as_str().unwrap())).await.json();
    assert_eq!(
        (&events["data"][0]["actor"], &events["data"][0]["actor_type"]),
        (&json!(id), &json!("api_key"))
    );
    client.get("/api/api-keys").await.is_problem(403, "forbidden");
    for path in [
        &format!("/api/api-keys/{id}"),
        "/api/api-keys",
        &format!("/api/api-keys/{id}/history"),
        "/api/events",
    ] {
        let text = String::from_utf8(admin.get(path).await.bytes).unwrap();
        assert!(text.contains(id) && !text.contains(made["key"].as_str().unwrap()), "{path}");
        assert!(!text.contains("secret_hash\":\""), "{path} {text}");
    }
    client.post("/api/auth/logout", json!({})).await.is_problem(403, "forbidden");
    let change = json!({ "current_password": PASSWORD, "new_password": "another-password-1" });
    client.post("/api/auth/password", change).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_key_ends_when_it_is_revoked_and_when_it_expires() {
    let clock = ManualClock::default();
    let world = World::on(Crm::new(MemoryStore::new()).with_clock(clock.clone()), cheap()).await;
    let _following = world.crm.feed().following();
    let admin = world.admin().await;
    let (client, made) = key(&world, &admin, json!({ "name": "import" })).await;
    assert_eq!(client.get("/api/customers").await.status, 200);
    let path = format!("/api/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    client.get("/api/customers").await.is_problem(401, "unauthenticated");
    admin.get(&path).await.is_problem(404, "not_found");
    let end = (world.crm.now() + TimeDelta::minutes(30)).to_rfc3339();
    let (client, _) = key(&world, &admin, json!({ "name": "soon over", "expires_at": end })).await;
    assert_eq!(client.get("/api/customers").await.status, 200);
    clock.advance(TimeDelta::minutes(30));
    client.get("/api/customers").await.is_problem(401, "unauthenticated");
    let past = json!({ "name": "over", "expires_at": "2020-01-01T00:00:00Z" });
    let faults = admin.post("/api/api-keys", past).await.faults();
    assert_eq!(faults, [("/expires_at".to_owned(), "in_the_past".to_owned())]);
}

#[tokio::test]
async fn nobody_gives_a_key_more_than_they_have_or_sets_its_secret() {
    let world = World::new().await;
    let (admin, owner) = (world.admin().await, world.user("owner@acme.test").await);
    let high = json!({ "name": "high", "role": "owner" });
    admin.post("/api/api-keys", high.clone()).await.is_problem(403, "forbidden");
    let (client, _) = key(&world, &owner, high).await;
    assert_eq!(client.get("/api/auth/me").await.json()["role"], "owner");
    for field in ["secret_hash", "key", "id", "tenant_id"] {
        let faults = owner.post("/api/api-keys", json!({ "name": "x", field: "y" })).await.faults();
        assert_eq!(faults.len(), 1, "{field}");
    }
    let once = [("idempotency-key", "one")];
    let made = admin.call(Method::POST, "/api/api-keys", &once, Some(json!({ "name": "once" }))).await.json();
    let again = admin.call(Method::POST, "/api/api-keys", &once, Some(json!({ "name": "once" }))).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((&again.json()["id"], &again.json()["key"]), (&made["id"], &Json::Null), "it is shown once");
}

#[tokio::test]
async fn a_key_that_was_tampered_with_opens_nothing() {
    let world = World::new().await;
    let admin = world.admin().await;
    let (_, made) = key(&world, &admin, json!({ "name": "import", "role": "admin" })).await;
    let key = made["key"].as_str().unwrap();
    let mut tried = 0;
    for at in "crm_".len()..key.len() {
        let mut bytes = key.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(bytes).unwrap();
        let answer = world.stranger().with_token(&other).get("/api/customers").await;
        answer.is_problem(401, "unauthenticated");
        tried += 1;
    }
    assert!(tried > 80);
}

#[tokio::test]
async fn what_lets_in_is_forgotten_as_soon_as_it_changes() {
    let world = World::new().await;
    // The store in memory is this program's alone.
    let following = world.crm.feed().following();
    let (owner, admin) = (world.user("owner@acme.test").await, world.admin().await);
    let (client, made) = key(&world, &admin, json!({ "name": "import", "role": "member" })).await;
    let member = world.member().await;
    for _ in 0..5 {
        assert_eq!(client.get("/api/customers").await.status, 200);
        assert_eq!(member.get("/api/customers").await.status, 200);
    }
    let me = member.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", me["user"]["id"].as_str().unwrap());
    assert_eq!(owner.patch(&path, json!({ "role": "viewer" })).await.status, 200);
    member.post("/api/customers", json!({ "company": "Ada" })).await.is_problem(403, "forbidden");
    assert_eq!(owner.patch(&path, json!({ "is_active": false })).await.status, 200);
    member.get("/api/customers").await.is_problem(401, "unauthenticated");
    owner.delete(&format!("/api/api-keys/{}", made["id"].as_str().unwrap())).await;
    client.get("/api/customers").await.is_problem(401, "unauthenticated");
    let maintenance = world.crm.maintenance();
    let directory = world.crm.directory(&maintenance);
    directory.update_tenant(world.acme.id, |tenant| tenant.status = "suspended".into()).await.unwrap();
    owner.get("/api/customers").await.is_problem(401, "unauthenticated");
    directory.update_tenant(world.acme.id, |tenant| tenant.status = "active".into()).await.unwrap();
    assert_eq!(owner.get("/api/customers").await.status, 200);
    assert_eq!(owner.post("/api/auth/logout", json!({})).await.status, 204);
    owner.get("/api/customers").await.is_problem(401, "unauthenticated");
    drop(following);
}

#[tokio::test]
async fn a_new_password_ends_every_sign_in_and_so_does_signing_out_everywhere() {
    let world = World::new().await;
    let (one, two) = (world.member().await, world.member().await);
    assert_ne!(one.token(), two.token(), "each sign-in has a token of its own");
    let bad = json!({ "current_password": "wrong-password-1", "new_password": "another-password-1" });
    let faults = one.post("/api/auth/password", bad).await.faults();
    assert_eq!(faults, [("/current_password".to_owned(), "wrong_password".to_owned())]);
    let short = json!({ "current_password": PASSWORD, "new_password": "short" });
    let faults = one.post("/api/auth/password", short).await.faults();
    assert_eq!(faults, [("/new_password".to_owned(), "too_short".to_owned())]);
    assert_eq!(one.post("/api/auth/password", json!({})).await.faults().len(), 2);
    assert_eq!(two.get("/api/customers").await.status, 200, "nothing has changed yet");
    let change = json!({ "current_password": PASSWORD, "new_password": "another-password-1" });
    assert_eq!(one.post("/api/auth/password", change).await.status, 204);
    for client in [&one, &two] {
        client.get("/api/customers").await.is_problem(401, "unauthenticated");
    }
    world.sign_in("member@acme.test", PASSWORD).await.is_problem(401, "invalid_credentials");
    let sign_in = async || {
        let answer = world.sign_in("member@acme.test", "another-password-1").await;
        world.stranger().with_token(answer.json()["token"].as_str().unwrap())
    };
    let (one, two, three) = (sign_in().await, sign_in().await, sign_in().await);
    assert_eq!(three.post("/api/auth/logout", json!({ "everywhere": false })).await.status, 204);
    assert_eq!(two.get("/api/customers").await.status, 200);
    one.post("/api/auth/logout", json!({ "everywhere": "yes" })).await.faults();
    assert_eq!(one.post("/api/auth/logout", json!({ "everywhere": true })).await.status, 204);
    for client in [&one, &two, &three] {
        client.get("/api/customers").await.is_problem(401, "unauthenticated");
    }
}

const HOST: (&str, &str) = ("host", "crm.example");
const OWN: (&str, &str) = ("origin", "https://crm.example");
const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

async fn page_sign_in(world: &World, headers: &[(&str, &str)]) -> Answer {
    let body = json!({ "email": "member@acme.test", "password": PASSWORD });
    world.stranger().call(Method::POST, "/api/auth/login", headers, Some(body)).await
}

#[tokio::test]
async fn a_page_of_its_own_gets_a_cookie_and_programs_do_not() {
    let world = World::new().await;
    let answer = page_sign_in(&world, &[HOST, OWN]).await;
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["crm_session=", "; Path=/;", "HttpOnly", "SameSite=Lax", "Max-Age=43200", "; Secure"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let plain = page_sign_in(&world, &[HOST, ("origin", "http://crm.example")]).await;
    assert!(!plain.header("set-cookie").contains("Secure"), "over http no cookie would be kept");
    assert!(page_sign_in(&world, &[HOST]).await.headers.get("set-cookie").is_none());
    page_sign_in(&world, &[HOST, FOREIGN]).await.is_problem(403, "foreign_origin");
}

#[tokio::test]
async fn by_cookie_nothing_is_changed_for_a_page_that_does_not_say_it_is_ours() {
    let world = World::new().await;
    let answer = page_sign_in(&world, &[HOST, OWN]).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let cookie = ("cookie", cookie.as_str());
    let client = world.stranger();
    assert_eq!(client.call(Method::GET, "/api/customers", &[HOST, cookie], None).await.status, 200);
    let body = || Some(json!({ "company": "Ada" }));
    let fetch = ("sec-fetch-site", "same-origin");
    for (headers, allowed) in [
        (vec![HOST, cookie, OWN], true),
        (vec![HOST, cookie, fetch], true),
        (vec![HOST, cookie], false),
        (vec![HOST, cookie, FOREIGN], false),
        (vec![HOST, cookie, ("origin", "null")], false),
        (vec![HOST, cookie, ("sec-fetch-site", "cross-site")], false),
        (vec![HOST, cookie, ("sec-fetch-site", "none")], false),
    ] {
        let answer = client.call(Method::POST, "/api/customers", &headers, body()).await;
        match allowed {
            true => assert_eq!(answer.status, 201, "{headers:?}"),
            false => drop(answer.is_problem(403, "foreign_origin")),
        }
    }
    let count = client.call(Method::GET, "/api/customers?count=true", &[HOST, cookie], None).await;
    assert_eq!(count.json()["total"], 2, "what was refused was not done");
    let out = client.call(Method::POST, "/api/auth/logout", &[HOST, cookie, OWN], None).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("crm_session=; Path=/; Max-Age=0"));
    client
        .call(Method::GET, "/api/customers", &[HOST, cookie], None)
        .await
        .is_problem(401, "unauthenticated");
}
