//! How much may be asked: by a caller, a tenant and a stranger, and how many of a tenant's requests work at once.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use crm_core::Crm;
use crm_http::{Rate, Settings, auth::Login};
use serde_json::json;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    stalling::Stalling,
    world::{Answer, Client, World, cheap},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A world, and a second service of its with other settings.
async fn limited(change: impl FnOnce(&mut Settings)) -> (World, Client) {
    let world = World::new().await;
    let client = serviced(&world, change);
    (world, client)
}

fn serviced(world: &World, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::default();
    change(&mut settings);
    let login = Login::with(world.crm.clone(), cheap());
    Client::of(crm_http::service_with(world.crm.clone(), login, settings))
}

fn an_hour(requests: u32) -> Option<Rate> {
    let mut rate = Rate::per_minute(requests);
    rate.window = Duration::from_secs(3_600);
    Some(rate)
}

#[track_caller]
fn is_limited(answer: &Answer) {
    answer.is_problem(429, "rate_limited");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3_600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn answers_say_how_much_is_left_and_then_refuse() {
    let (world, client) = limited(|settings| settings.caller_rate = an_hour(3)).await;
    let member = client.with_token(world.member().await.token());
    for left in [2, 1, 0] {
        let answer = member.get("/api/auth/me").await;
        assert_eq!(answer.status, 200);
        let policy = answer.header("ratelimit-policy");
        assert_eq!(policy, "\"caller\";q=3;w=3600, \"tenant\";q=3000000;w=60");
        let rate = answer.header("ratelimit");
        assert!(
            rate.starts_with(&format!("\"caller\";r={left};t=")) && rate.contains(", \"tenant\";r="),
            "{rate}"
        );
    }
    let made = member.post("/api/customers", json!({ "company": "Initech" })).await;
    is_limited(&made);
    assert!(made.header("ratelimit").starts_with("\"caller\";r=0;t="), "{made:?}");
    let scope = world.crm.scope(world.acme.id, crm_core::Actor::job("test"));
    assert_eq!(world.crm.customers(&scope).count(&crm_core::Query::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_caller_beyond_its_rate_keeps_nobody_else_out() {
    let (world, client) = limited(|settings| settings.caller_rate = an_hour(1)).await;
    let member = client.with_token(world.member().await.token());
    assert_eq!(member.get("/api/auth/me").await.status, 200);
    is_limited(&member.get("/api/auth/me").await);
    let again = client.with_token(world.member().await.token());
    is_limited(&again.get("/api/auth/me").await);
    for other in ["viewer@acme.test", "member@globex.test"] {
        let other = client.with_token(world.user(other).await.token());
        assert_eq!(other.get("/api/auth/me").await.status, 200);
    }
    for open in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(member.get(open).await.status, 200);
    }
    assert!(member.get("/metrics").await.text().contains("crm_http_refused_total{reason=\"caller\"} 2"));
}

#[tokio::test]
async fn a_tenant_beyond_its_rate_keeps_no_other_tenant_out() {
    let (world, client) = limited(|settings| settings.tenant_rate = an_hour(2)).await;
    for (email, is_let_in) in [
        ("member@acme.test", true),
        ("viewer@acme.test", true),
        ("admin@acme.test", false),
        ("member@globex.test", true),
    ] {
        let answer = client.with_token(world.user(email).await.token()).get("/api/auth/me").await;
        if is_let_in {
            assert_eq!(answer.status, 200, "{email}");
        } else {
            is_limited(&answer);
        }
    }
}

/// Asks from an address, with a token or without.
async fn from(client: &Client, address: &str) -> Answer {
    let address: SocketAddr = address.parse().unwrap();
    let request = Request::get("/api/auth/me").extension(ConnectInfo(address));
    client.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn strangers_are_counted_by_their_address_and_the_known_are_not() {
    let (world, client) = limited(|settings| settings.stranger_rate = an_hour(2)).await;
    let forger = client.with_token("made-up");
    for address in ["192.0.2.1:1", "[2001:db8::1]:1"] {
        for stranger in [&client, &forger] {
            from(stranger, address).await.is_problem(401, "unauthenticated");
        }
        is_limited(&from(&client, address).await);
        is_limited(&from(&forger, address).await);
        let member = client.with_token(world.member().await.token());
        assert_eq!(from(&member, address).await.status, 200, "whoever is known is let in from there");
    }
    is_limited(&from(&client, "[2001:db8::2]:1").await);
    is_limited(&from(&client, "[::ffff:192.0.2.1]:2").await);
    from(&client, "[2001:db8:0:1::1]:1").await.is_problem(401, "unauthenticated");
    from(&client, "192.0.2.2:1").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_rate_that_is_turned_off_is_not_told() {
    let (world, client) = limited(|settings| {
        (settings.caller_rate, settings.tenant_rate, settings.stranger_rate) = (None, None, None);
    })
    .await;
    let answer = client.with_token(world.member().await.token()).get("/api/auth/me").await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("ratelimit") && !answer.headers.contains_key("ratelimit-policy"));
}

#[tokio::test]
async fn a_flooding_tenant_takes_its_places_and_no_more_and_another_is_answered() {
    let store = Stalling::default();
    let world = World::on(Crm::new(store.clone()), cheap()).await;
    let client = serviced(&world, |settings| (settings.tenant_readers, settings.tenant_queue) = (3, 5));
    let acme = client.with_token(world.member().await.token());
    let globex = client.with_token(world.user("member@globex.test").await.token());
    store.stall(world.acme.id);
    let mut flood = JoinSet::new();
    for _ in 0..20 {
        let acme = acme.clone();
        flood.spawn(async move { acme.get("/api/customers").await });
    }
    // What finds the queue full is answered at once, the others wait.
    for _ in 0..20 - 3 - 5 {
        let refused = timeout(PATIENCE, flood.join_next()).await.unwrap().unwrap().unwrap();
        refused.is_problem(503, "busy");
        assert_eq!(refused.header("retry-after"), "1");
    }
    let quiet = timeout(PATIENCE, globex.get("/api/customers")).await.unwrap();
    assert_eq!(quiet.status, 200);
    assert_eq!(store.waiting(), 3, "the flood has its places and no more");
    assert_eq!(flood.len(), 8);
    store.go_on();
    for answer in timeout(PATIENCE, flood.join_all()).await.unwrap() {
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(store.most(), 3);
    assert_eq!(acme.get("/api/customers").await.status, 200, "all places are free again");
}

#[tokio::test]
async fn a_client_that_is_slow_to_send_takes_no_place_meanwhile() {
    let (world, client) = limited(|settings| (settings.tenant_writers, settings.tenant_queue) = (1, 1)).await;
    let member = client.with_token(world.member().await.token());
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let slow = {
        let member = member.clone();
        let request = Request::post("/api/customers").header("content-type", "application/json");
        let request = request.body(crate::bodies::pieces(receiver)).unwrap();
        tokio::spawn(async move { member.send(request).await })
    };
    sender.send(r#"{"company":"#).await.unwrap();
    // The first piece is taken only once the body is being read.
    sender.send("\"Ada").await.unwrap();
    let other = member.post("/api/customers", json!({ "company": "Bob" }));
    assert_eq!(timeout(PATIENCE, other).await.unwrap().status, 201);
    sender.send("\"}").await.unwrap();
    drop(sender);
    assert_eq!(timeout(PATIENCE, slow).await.unwrap().unwrap().status, 201);
}
