//! What was tried and not let happen is in the log of the tenant.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::world::{Client, World};

/// The incidents in the log, once there are so many: they are written beside the answers.
async fn incidents(admin: &Client, count: usize) -> Vec<Json> {
    for _ in 0..500 {
        let page = admin.get("/api/events?object=incidents&limit=200").await.json();
        let data = page["data"].as_array().unwrap();
        if data.len() >= count {
            return data.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there are fewer than {count} incidents");
}

fn value(event: &Json, field: &str) -> Json {
    let changes = event["changes"].as_array().unwrap();
    let change = changes.iter().find(|change| change["field"] == field);
    change.map_or(Json::Null, |change| change["new"].clone())
}

#[tokio::test]
async fn a_failed_sign_in_is_noted_where_it_would_have_led() {
    let world = World::new().await;
    let (admin, other) = (world.admin().await, world.user("admin@globex.test").await);
    let wrong = world.sign_in("member@acme.test", "wrong-password-1").await;
    wrong.is_problem(401, "invalid_credentials");
    world.sign_in("nobody@acme.test", "wrong-password-1").await.is_problem(401, "invalid_credentials");
    let both = world.sign_in("both@demo.test", "wrong-password-1").await;
    both.is_problem(401, "invalid_credentials");
    let own = incidents(&admin, 2).await;
    assert_eq!(own.len(), 2);
    assert_eq!((value(&own[0], "kind"), &own[0]["actor_type"]), (json!("login_failed"), &json!("system")));
    assert_eq!(own[0]["request_id"], wrong.header("x-request-id"));
    let users = admin.get("/api/users?email=member@acme.test").await.json();
    assert_eq!(value(&own[0], "user_id"), users["data"][0]["id"]);
    let elsewhere = incidents(&other, 1).await;
    assert_eq!(elsewhere.len(), 1, "the account opens this tenant as well");
    assert_eq!(elsewhere[0]["request_id"], both.header("x-request-id"));
}

#[tokio::test]
async fn what_was_refused_is_noted_as_its_actors_and_not_without_end() {
    let world = World::new().await;
    let (admin, viewer) = (world.admin().await, world.user("viewer@acme.test").await);
    let me = viewer.get("/api/auth/me").await.json()["user"]["id"].clone();
    let refused = viewer.post("/api/customers", json!({ "company": "Ada" })).await;
    refused.is_problem(403, "forbidden");
    let noted = incidents(&admin, 1).await;
    assert_eq!(
        (value(&noted[0], "kind"), value(&noted[0], "tried")),
        (json!("forbidden"), json!("POST /api/customers"))
    );
    assert_eq!((&noted[0]["actor"], &noted[0]["request_id"]), (&me, &json!(refused.header("x-request-id"))));
    let mine = admin.get(&format!("/api/events?actor={}", me.as_str().unwrap())).await.json();
    assert_eq!(mine["data"], json!(noted));
    for _ in 0..100 {
        viewer.post("/api/customers", json!({ "company": "Ada" })).await.is_problem(403, "forbidden");
    }
    let noted = incidents(&admin, 20).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(incidents(&admin, noted.len()).await.len() <= 22, "a flood of refusals is no flood of events");
    viewer.get("/api/events?object=incidents").await.is_problem(403, "forbidden");
}
