//! One search over customers, contacts and leads.

use serde_json::json;

use crate::world::{World, pairs};

#[tokio::test]
async fn one_search_finds_every_kind_of_record_by_every_word() {
    let world = World::new().await;
    let member = world.member().await;
    let ada = member.make("/api/customers", json!({ "company": "Ada Solar" })).await;
    let contacts = format!("/api/customers/{}/contacts", ada["id"].as_str().unwrap());
    member.make(&contacts, json!({ "name": "Zoë Solar" })).await;
    member.make("/api/leads", json!({ "company": "Solar Roofs", "source": "Fair" })).await;
    member.make("/api/leads", json!({ "company": "Wind" })).await;
    let found = async |query: &str| {
        let page = member.get(&format!("/api/search?{query}")).await.json();
        let kinds = page["data"].as_array().unwrap().iter();
        kinds.map(|found| found["object"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("q=solar").await, ["customers", "contacts", "leads"]);
    assert_eq!(found("q=zoe+SOLAR").await, ["contacts"]);
    assert_eq!(found("q=fair").await, ["leads"]);
    assert!(found("q=%25").await.is_empty());
    let whole = member.get("/api/search?q=ada").await.json();
    assert_eq!(whole["data"][0]["record"]["id"], ada["id"]);
    for nth in 0..12 {
        member.make("/api/customers", json!({ "company": format!("Many {nth}") })).await;
    }
    assert_eq!(found("q=many").await.len(), 10);
    assert_eq!(found("q=many&limit=3").await.len(), 3);
    assert_eq!(found("q=many&limit=50").await.len(), 12);
}

#[tokio::test]
async fn a_search_refuses_what_it_cannot_answer() {
    let world = World::new().await;
    let member = world.member().await;
    for query in ["", "?q=", "?q=%20"] {
        let faults = member.get(&format!("/api/search{query}")).await.bad_parameters();
        assert_eq!(faults, pairs(&[("q", "required")]), "{query}");
    }
    let long = "x".repeat(300);
    let faults = member.get(&format!("/api/search?q={long}")).await.bad_parameters();
    assert_eq!(faults[0].0, "q");
    let faults = member.get("/api/search?q=a&limit=51&sort=name").await.bad_parameters();
    assert_eq!(faults, pairs(&[("limit", "out_of_range"), ("sort", "unknown_parameter")]));
}
