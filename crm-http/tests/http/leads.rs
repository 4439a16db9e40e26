//! Leads: numbers, stages, conversion.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::world::{World, pairs};

#[tokio::test]
async fn leads_are_numbered_and_found_by_number() {
    let world = World::new().await;
    let member = world.member().await;
    for number in 1..=3 {
        let lead = member.make("/api/leads", json!({ "company": "Ada" })).await;
        assert_eq!(lead["lead_id"], format!("LED-{number:03}"));
    }
    let numbers = async |query: &str| -> Vec<Json> {
        let page = member.get(&format!("/api/leads?sort=lead_id&{query}")).await.json();
        page["data"].as_array().unwrap().iter().map(|lead| lead["lead_id"].clone()).collect()
    };
    assert_eq!(numbers("lead_id=LED-002").await, ["LED-002"]);
    assert_eq!(numbers("lead_id[in]=LED-003,LED-001,LED-009").await, ["LED-001", "LED-003"]);
    assert_eq!(numbers("lead_id[gt]=LED-001").await, ["LED-002", "LED-003"]);
    let refused = member.get("/api/leads?lead_id=2").await;
    assert_eq!(refused.bad_parameters(), pairs(&[("lead_id", "invalid_value")]));
}

#[tokio::test]
async fn converting_makes_or_links_a_customer_and_wins_the_lead() {
    let world = World::new().await;
    let member = world.member().await;
    let lead = member.make("/api/leads", json!({ "company": "Ada Ltd" })).await;
    let path = format!("/api/leads/{}/convert", lead["id"].as_str().unwrap());
    let converted = member.call(Method::POST, &path, &[], None).await;
    assert_eq!(converted.status, 200);
    let converted = converted.json();
    assert_eq!(converted["customer"]["company"], "Ada Ltd");
    assert_eq!(
        (&converted["lead"]["stage"], &converted["lead"]["version"]),
        (&json!("closed_won"), &json!(2))
    );
    assert_eq!(converted["lead"]["customer_id"], converted["customer"]["id"]);
    assert!(!converted["lead"]["closed_at"].is_null());
    assert_eq!(member.post(&path, json!({})).await.json(), converted, "again changes nothing");

    let other = member.make("/api/customers", json!({ "company": "Bob" })).await;
    let lead = member.make("/api/leads", json!({ "company": "Ada Ltd" })).await;
    let path = format!("/api/leads/{}/convert", lead["id"].as_str().unwrap());
    let converted = member.post(&path, json!({ "customer_id": other["id"] })).await.json();
    assert_eq!(converted["customer"]["id"], other["id"]);
}

#[tokio::test]
async fn a_conversion_refuses_what_it_does_not_take() {
    let world = World::new().await;
    let member = world.member().await;
    let lead = member.make("/api/leads", json!({ "company": "Ada Ltd" })).await;
    let path = format!("/api/leads/{}/convert", lead["id"].as_str().unwrap());
    let faults = member.post(&path, json!({ "customer_id": "x", "bogus": 1 })).await.faults();
    assert_eq!(faults, pairs(&[("/bogus", "unknown_field"), ("/customer_id", "wrong_type")]));
    assert_eq!(member.get("/api/customers?count=true").await.json()["total"], 0);
}

#[tokio::test]
async fn a_leads_stages_are_listed_with_how_long() {
    let world = World::new().await;
    let member = world.member().await;
    let lead = member.make("/api/leads", json!({ "company": "Ada" })).await;
    let path = format!("/api/leads/{}", lead["id"].as_str().unwrap());
    assert_eq!(member.patch(&path, json!({ "stage": "proposal" })).await.status, 200);
    let visits = member.get(&format!("{path}/stages")).await.json();
    assert_eq!(
        (&visits["data"][0]["stage"], &visits["data"][1]["stage"]),
        (&json!("new"), &json!("proposal"))
    );
    assert_eq!(visits["data"][0]["left_at"], visits["data"][1]["entered_at"]);
    assert_eq!(visits["data"][1]["left_at"], Json::Null);
    assert!(visits["data"][1]["seconds"].is_i64());
}
