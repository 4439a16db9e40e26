//! Records, from creation to restoration.

use serde_json::{Value as Json, json};

use crate::world::{World, pairs};

#[tokio::test]
async fn a_customer_lives_from_creation_to_restoration() {
    let world = World::new().await;
    let member = world.member().await;
    let created =
        member.post("/api/customers", json!({ "company": "Ada Ltd", "email": "Ada@Example.com" })).await;
    assert_eq!(created.status, 201);
    let record = created.json();
    let path = format!("/api/customers/{}", record["id"].as_str().unwrap());
    assert_eq!(created.header("location"), path);
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!((&record["version"], &record["company"]), (&json!(1), &json!("Ada Ltd")));
    assert_eq!(
        (&record["is_active"], &record["tags"], &record["phone"]),
        (&json!(true), &json!([]), &Json::Null)
    );
    assert_eq!(member.get(&path).await.json(), record);

    let patched = member.patch(&path, json!({ "email": null, "city": "London" })).await;
    assert_eq!(patched.status, 200);
    let patched = patched.json();
    assert_eq!(
        (&patched["version"], &patched["email"], &patched["city"]),
        (&json!(2), &Json::Null, &json!("London"))
    );
    assert_eq!(patched["company"], "Ada Ltd");

    let deleted = member.delete(&path).await;
    assert_eq!((deleted.status.as_u16(), deleted.bytes.len()), (204, 0));
    for gone in [member.get(&path).await, member.patch(&path, json!({})).await, member.delete(&path).await] {
        gone.is_problem(404, "not_found");
    }
    let history = member.get(&format!("{path}/history")).await.json();
    let kinds: Vec<&str> =
        history["data"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["deleted", "updated", "created"]);

    let restored = member.call(axum::http::Method::POST, &format!("{path}/restore"), &[], None).await;
    assert_eq!((restored.status.as_u16(), &restored.json()["version"]), (200, &json!(4)));
    assert_eq!(member.get(&path).await.json(), restored.json());
}

#[tokio::test]
async fn an_id_has_one_spelling() {
    let world = World::new().await;
    let member = world.member().await;
    let record = member.make("/api/customers", json!({ "company": "Ada" })).await;
    let id = record["id"].as_str().unwrap();
    assert_eq!(member.get(&format!("/api/customers/{id}")).await.status, 200);
    for other in [id.replace('-', ""), format!("%7B{id}%7D"), format!("urn:uuid:{id}"), format!("{id}%20")] {
        member.get(&format!("/api/customers/{other}")).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn every_field_that_a_client_may_write_comes_back() {
    let world = World::new().await;
    let (admin, member) = (world.admin().await, world.member().await);
    let owner = admin.make("/api/users", json!({ "email": "o@acme.test", "name": "O" })).await["id"].clone();
    let customer = json!({
        "company": "Ada Ltd", "name": "Ada", "email": "ada@example.com", "phone": "+44 20 7946 0000",
        "website": "https://example.com", "address_line1": "1 High St", "address_line2": "Flat 2",
        "city": "London", "state": "Greater London", "postal_code": "N1", "country": "GB", "is_active": false,
        "owner_id": owner, "external_id": "x-1", "tags": ["a", "b"], "notes": "one\ntwo",
    });
    let made = member.make("/api/customers", customer.clone()).await;
    let id = made["id"].clone();
    let lead = json!({
        "company": "Ada Ltd", "name": "Ada", "email": "ada@example.com", "phone": "+44 20 7946 0000",
        "stage": "qualified", "source": "Web", "notes": "n", "value": { "amount": 123456, "currency": "EUR" },
        "expected_close": "2026-01-31", "owner_id": owner, "customer_id": id, "external_id": "x-1", "tags": ["a"],
    });
    let contact = json!({
        "name": "Bob", "title": "CFO", "email": "bob@example.com", "phone": "+44 20 7946 0001", "is_primary": true,
    });
    let interaction = json!({
        "type": "meeting", "subject": "s", "description": "d", "occurred_at": "2026-01-31T12:00:00Z",
    });
    let nested = |kind: &str| format!("/api/customers/{}/{kind}", id.as_str().unwrap());
    let made = [
        (customer, made),
        (lead.clone(), member.make("/api/leads", lead).await),
        (contact.clone(), member.make(&nested("contacts"), contact).await),
        (interaction.clone(), member.make(&nested("interactions"), interaction).await),
    ];
    for (given, record) in made {
        for (field, value) in given.as_object().unwrap() {
            assert_eq!(&record[field], value, "{field}");
        }
        for field in ["id", "version", "created_at", "updated_at"] {
            assert!(!record[field].is_null(), "{field}");
        }
        assert!(record["created_at"].as_str().unwrap().ends_with('Z'));
    }
}

#[tokio::test]
async fn all_faults_of_an_input_are_named_at_once() {
    let world = World::new().await;
    let admin = world.admin().await;
    let faults = admin
        .post(
            "/api/customers",
            json!({
                "email": "nonsense", "website": "nowhere", "is_active": "yes", "tags": "a", "bogus": 1,
                "a/b~c": 1, "id": "x", "version": 3, "created_at": "now", "owner_id": 5, "name": 7,
            }),
        )
        .await
        .faults();
    let expected = pairs(&[
        ("/a~1b~0c", "unknown_field"),
        ("/bogus", "unknown_field"),
        ("/created_at", "read_only"),
        ("/email", "invalid_email"),
        ("/id", "read_only"),
        ("/is_active", "wrong_type"),
        ("/name", "wrong_type"),
        ("/owner_id", "wrong_type"),
        ("/tags", "wrong_type"),
        ("/version", "read_only"),
        ("/website", "invalid_url"),
    ]);
    assert_eq!(faults, expected);
    let faults = admin
        .post(
            "/api/leads",
            json!({ "lead_id": "LED-9", "closed_at": null, "stage_entered_at": null, "stage": "no" }),
        )
        .await
        .faults();
    let expected = pairs(&[
        ("/closed_at", "read_only"),
        ("/company", "required"),
        ("/lead_id", "read_only"),
        ("/stage", "unknown_stage"),
        ("/stage_entered_at", "read_only"),
    ]);
    assert_eq!(faults, expected);
    let faults = admin.post("/api/users", json!({ "role": "king", "password": "x" })).await.faults();
    let expected = [("/email", "required"), ("/password", "unknown_field"), ("/role", "unknown_choice")];
    assert_eq!(faults, pairs(&expected));
}

#[tokio::test]
async fn a_patch_names_its_faults_and_changes_nothing() {
    let world = World::new().await;
    let member = world.member().await;
    let before = member.make("/api/leads", json!({ "company": "Ada" })).await;
    let path = format!("/api/leads/{}", before["id"].as_str().unwrap());
    let answer =
        member.patch(&path, json!({ "company": null, "value": 5, "lead_id": "LED-002", "x": 1 })).await;
    let expected = [
        ("/company", "required"),
        ("/lead_id", "read_only"),
        ("/value", "wrong_type"),
        ("/x", "unknown_field"),
    ];
    assert_eq!(answer.faults(), pairs(&expected));
    assert_eq!(member.get(&path).await.json(), before);
}

#[tokio::test]
async fn a_merge_patch_comes_under_either_content_type() {
    let world = World::new().await;
    let member = world.member().await;
    let record = member.make("/api/customers", json!({ "company": "Ada" })).await;
    let path = format!("/api/customers/{}", record["id"].as_str().unwrap());
    let types = ["application/merge-patch+json", "application/json", "Application/JSON; charset=UTF-8"];
    for (version, content_type) in (2..).zip(types) {
        let patch = json!({ "city": content_type });
        let headers = [("content-type", content_type)];
        let answer = member.call(axum::http::Method::PATCH, &path, &headers, Some(patch)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["version"]), (200, &json!(version)));
    }
}

#[tokio::test]
async fn what_belongs_to_a_record_is_made_and_listed_there() {
    let world = World::new().await;
    let member = world.member().await;
    let mut parents = Vec::new();
    for (kind, name) in [("customers", "Ada"), ("customers", "Bob"), ("leads", "Ada")] {
        let parent = member.make(&format!("/api/{kind}"), json!({ "company": name })).await;
        parents.push((kind, parent["id"].as_str().unwrap().to_owned()));
    }
    for (kind, parent) in &parents {
        let path = format!("/api/{kind}/{parent}/interactions");
        let field = if *kind == "leads" { "lead_id" } else { "customer_id" };
        let first =
            member.make(&path, json!({ "type": "note", "occurred_at": "2026-01-01T00:00:00Z" })).await;
        let second = member.make(&path, json!({ "type": "email", field: parent })).await;
        assert_eq!(first[field], json!(parent));
        let list = member.get(&path).await.json();
        assert_eq!(list["data"], json!([second, first]), "newest first");
        let list = member.get(&format!("{path}?type=note&count=true")).await.json();
        assert_eq!((&list["data"], &list["total"]), (&json!([first]), &json!(1)));
        let elsewhere = member.post(&path, json!({ "type": "note", field: parents[1].1 })).await;
        if parents[1].1 != *parent {
            assert_eq!(elsewhere.faults(), [(format!("/{field}"), "conflicting".to_owned())]);
        }
    }
    assert_eq!(member.get("/api/interactions?count=true").await.json()["total"], 7);
    let contact =
        member.make(&format!("/api/customers/{}/contacts", parents[0].1), json!({ "name": "C" })).await;
    let path = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    assert_eq!(member.get(&path).await.json(), contact);
}

#[tokio::test]
async fn nothing_is_made_or_listed_under_a_deleted_record() {
    let world = World::new().await;
    let member = world.member().await;
    let parent = member.make("/api/customers", json!({ "company": "Ada" })).await;
    let parent = format!("/api/customers/{}", parent["id"].as_str().unwrap());
    assert_eq!(member.delete(&parent).await.status, 204);
    member.get(&format!("{parent}/contacts")).await.is_problem(404, "not_found");
    member.post(&format!("{parent}/contacts"), json!({ "name": "C" })).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn the_figures_add_up_and_say_up_to_which_event() {
    let world = World::new().await;
    let member = world.member().await;
    member.make("/api/customers", json!({ "company": "Ada" })).await;
    member.make("/api/customers", json!({ "company": "Bob", "is_active": false })).await;
    let value = json!({ "amount": 1000, "currency": "EUR" });
    member.make("/api/leads", json!({ "company": "Ada", "stage": "qualified", "value": value })).await;
    member.make("/api/leads", json!({ "company": "Bob", "stage": "closed_won", "value": value })).await;
    let figures = member.get("/api/crm/analytics").await.json();
    assert_eq!(figures["customers"], json!({ "total": 2, "active": 1, "inactive": 1 }));
    let leads = &figures["leads"];
    assert_eq!((&leads["total"], &leads["open"], &leads["qualified"]), (&json!(2), &json!(1), &json!(2)));
    assert_eq!((&leads["won"], &leads["lost"]), (&json!(1), &json!(0)));
    assert_eq!((&leads["conversion_rate"], &leads["win_rate"]), (&json!(0.5), &json!(1.0)));
    assert_eq!((&leads["pipeline_value"], &leads["won_value"]), (&json!([value]), &json!([value])));
    assert_eq!(leads["weighted_value"][0]["amount"], 400);
    let stages: Vec<&str> =
        leads["by_stage"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["new", "contacted", "qualified", "proposal", "closed_won", "closed_lost"]);
    let events = world.admin().await.get("/api/events?limit=200").await.json();
    assert_eq!(figures["as_of_seq"], events["data"].as_array().unwrap().last().unwrap()["seq"]);
}
