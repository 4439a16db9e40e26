//! The pipeline: read and replaced as a whole.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::world::{World, pairs};

fn stages() -> Json {
    json!([
        { "key": "new", "name": "New", "kind": "open", "qualified": false, "probability": 0.1 },
        { "key": "talks", "name": "Talks", "kind": "open", "qualified": true, "probability": 0.3333 },
        { "key": "won", "name": "Won", "kind": "won", "qualified": true, "probability": 1.0 },
        { "key": "lost", "name": "Lost", "kind": "lost", "qualified": false, "probability": 0.0 },
    ])
}

#[tokio::test]
async fn the_default_pipeline_is_the_one_that_everybody_knows() {
    let world = World::new().await;
    let pipeline = world.user("viewer@acme.test").await.get("/api/pipeline").await.json();
    let stages = pipeline["stages"].as_array().unwrap().iter();
    let stage = |stage: &Json| {
        let text = |name: &str| stage[name].as_str().unwrap().to_owned();
        (text("key"), text("name"), text("kind"), stage["qualified"].as_bool().unwrap())
    };
    let expected = [
        ("new", "New", "open", false),
        ("contacted", "Contacted", "open", false),
        ("qualified", "Qualified", "open", true),
        ("proposal", "Proposal", "open", true),
        ("closed_won", "Closed Won", "won", true),
        ("closed_lost", "Closed Lost", "lost", false),
    ];
    let expected = expected
        .map(|(key, name, kind, qualified)| (key.to_owned(), name.to_owned(), kind.to_owned(), qualified));
    assert_eq!(stages.map(stage).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_pipeline_is_replaced_as_a_whole_and_leads_follow_it() {
    let world = World::new().await;
    let admin = world.admin().await;
    let before = admin.get("/api/pipeline").await;
    let replaced = admin.put("/api/pipeline", json!({ "stages": stages() })).await;
    assert_eq!((replaced.status.as_u16(), &replaced.json()["stages"]), (200, &stages()));
    assert_eq!(admin.get("/api/pipeline").await.json(), replaced.json());
    assert_eq!(
        admin.make("/api/leads", json!({ "company": "Ada", "stage": "talks" })).await["stage"],
        "talks"
    );
    let gone = admin.post("/api/leads", json!({ "company": "Ada", "stage": "proposal" })).await;
    assert_eq!(gone.faults(), pairs(&[("/stage", "unknown_stage")]));
    let headers = [("if-match", before.header("etag"))];
    let stale = admin.call(Method::PUT, "/api/pipeline", &headers, Some(json!({ "stages": stages() }))).await;
    stale.is_problem(412, "stale");
    let mut emptied = stages();
    emptied[1]["key"] = json!("other");
    let in_use = admin.put("/api/pipeline", json!({ "stages": emptied })).await;
    assert_eq!(in_use.faults(), pairs(&[("/stages", "stage_in_use")]));
}

#[tokio::test]
async fn every_fault_of_a_pipeline_has_its_pointer() {
    let world = World::new().await;
    let admin = world.admin().await;
    let before = admin.get("/api/pipeline").await.json();
    let cases = [
        (json!({}), pairs(&[("/stages", "required")])),
        (json!({ "stages": "new" }), pairs(&[("/stages", "wrong_type")])),
        (
            json!({ "stages": null, "id": 1, "x": 1 }),
            pairs(&[("/id", "read_only"), ("/stages", "wrong_type"), ("/x", "unknown_field")]),
        ),
        (
            json!({ "stages": [] }),
            pairs(&[("/stages", "missing_kind"), ("/stages", "missing_kind"), ("/stages", "missing_kind")]),
        ),
        (
            json!({ "stages": [5, { "key": 1, "kind": "maybe", "qualified": 1, "probability": 2, "color": "red" }] }),
            pairs(&[
                ("/stages/0", "wrong_type"),
                ("/stages/1/color", "unknown_field"),
                ("/stages/1/key", "wrong_type"),
                ("/stages/1/kind", "unknown_choice"),
                ("/stages/1/name", "required"),
                ("/stages/1/probability", "out_of_range"),
                ("/stages/1/qualified", "wrong_type"),
            ]),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(admin.put("/api/pipeline", body.clone()).await.faults(), expected, "{body}");
    }
    let mut odd = stages();
    (odd[0]["key"], odd[1]["key"], odd[2]["name"]) = (json!("A B"), json!("won"), json!(" "));
    let faults = admin.put("/api/pipeline", json!({ "stages": odd })).await.faults();
    let expected = [
        ("/stages/0/key", "invalid_key"),
        ("/stages/2/key", "duplicate_key"),
        ("/stages/2/name", "invalid_name"),
    ];
    assert_eq!(faults, pairs(&expected));
    assert_eq!(admin.get("/api/pipeline").await.json(), before);
}
