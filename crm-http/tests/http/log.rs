//! The log and histories: who did what, in which request.

use serde_json::{Value as Json, json};

use crate::world::{World, pairs};

fn seqs(page: &Json) -> Vec<i64> {
    page["data"].as_array().unwrap().iter().map(|event| event["seq"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_event_names_the_actor_and_the_request_that_caused_it() {
    let world = World::new().await;
    let (member, admin) = (world.member().await, world.admin().await);
    let me = member.get("/api/auth/me").await.json();
    let created = member.post("/api/leads", json!({ "company": "Ada" })).await;
    let patched = member.patch(created.header("location"), json!({ "source": "Web" })).await;
    assert_ne!(created.header("x-request-id"), patched.header("x-request-id"));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let events = admin.get(&format!("/api/events?record_id={id}")).await.json();
    for (event, answer) in events["data"].as_array().unwrap().iter().zip([&created, &patched]) {
        assert_eq!(event["request_id"], answer.header("x-request-id"));
        assert_eq!((&event["actor"], &event["actor_type"]), (&me["user"]["id"], &json!("user")));
        assert_eq!((&event["object"], &event["record_id"]), (&json!("leads"), &json!(id)));
    }
    assert_eq!(events["data"].as_array().unwrap().len(), 2);
    assert_eq!(events["data"][1]["changes"], json!([{ "field": "source", "old": null, "new": "Web" }]));
    let history = member.get(&format!("{}/history", created.header("location"))).await.json();
    assert_eq!(history["data"], json!([events["data"][1], events["data"][0]]), "newest first");
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_by_what_it_is_about() {
    let world = World::new().await;
    let (member, admin) = (world.member().await, world.admin().await);
    for _ in 0..4 {
        member.make("/api/customers", json!({ "company": "Ada" })).await;
        member.make("/api/leads", json!({ "company": "Ada" })).await;
    }
    let whole = seqs(&admin.get("/api/events?limit=200").await.json());
    assert_eq!(whole, (1..=i64::try_from(whole.len()).unwrap()).collect::<Vec<_>>(), "gapless");
    let last = *whole.last().unwrap();
    let me = member.get("/api/auth/me").await.json()["user"]["id"].as_str().unwrap().to_owned();
    for (query, expected) in [
        (format!("actor={me}"), 8),
        ("object=customers".to_owned(), 4),
        (format!("object=leads&actor={me}&after={}", last - 4), 2),
        ("actor=nobody".to_owned(), 0),
        (format!("after={last}"), 0),
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = admin.get(&format!("/api/events?{query}&limit=3{cursor}")).await.json();
            seen.extend(seqs(&page));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), expected, "{query}");
        assert!(seen.is_sorted(), "{query}");
        assert_eq!(seqs(&admin.get(&format!("/api/events?{query}")).await.json()), seen);
    }
}

#[tokio::test]
async fn a_history_is_read_page_by_page() {
    let world = World::new().await;
    let member = world.member().await;
    let created = member.post("/api/customers", json!({ "company": "Ada" })).await;
    let path = created.header("location");
    for city in ["A", "B", "C", "D"] {
        member.patch(path, json!({ "city": city })).await;
    }
    let whole = member.get(&format!("{path}/history")).await.json();
    let first = member.get(&format!("{path}/history?limit=3")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = member.get(&format!("{path}/history?limit=3&cursor={cursor}")).await.json();
    assert_eq!([seqs(&first), seqs(&second)].concat(), seqs(&whole));
    assert_eq!((seqs(&second).len(), &second["next_cursor"]), (2, &Json::Null));
    let other = member.post("/api/customers", json!({ "company": "Bob" })).await;
    let other = format!("{}/history?cursor={cursor}", other.header("location"));
    member.get(&other).await.is_problem(400, "bad_cursor");
}

#[tokio::test]
async fn the_log_refuses_what_it_cannot_answer() {
    let world = World::new().await;
    let admin = world.admin().await;
    let faults = admin
        .get("/api/events?after=x&object=sessions&record_id=y&limit=0&sort=seq&search=a")
        .await
        .bad_parameters();
    let expected = [
        ("after", "invalid_value"),
        ("limit", "out_of_range"),
        ("object", "invalid_value"),
        ("record_id", "invalid_value"),
        ("search", "unknown_parameter"),
        ("sort", "unknown_parameter"),
    ];
    assert_eq!(faults, pairs(&expected));
    let page = admin.get("/api/events?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in [format!("object=users&cursor={cursor}"), "cursor=x".to_owned(), "cursor=".to_owned()] {
        admin.get(&format!("/api/events?{query}")).await.is_problem(400, "bad_cursor");
    }
}
