//! Answers that are given again: never an old one, and none that needs a look at records.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use axum::http::Method;
use crm_core::Crm;
use serde_json::{Value as Json, json};

use crate::{
    counting::Counting,
    world::{Client, World, cheap, needed},
};

const LISTS: [&str; 21] = [
    "/api/users",
    "/api/customers",
    "/api/customers?count=true&sort=company",
    "/api/customers?search=ada",
    "/api/contacts",
    "/api/interactions",
    "/api/leads",
    "/api/leads?stage=new&limit=2",
    "/api/projects",
    "/api/tasks",
    "/api/tasks?agenda=mine",
    "/api/tasks?agenda=overdue",
    "/api/crm/analytics",
    "/api/crm/analytics/timeseries",
    "/api/crm/analytics/funnel",
    "/api/crm/analytics/velocity",
    "/api/crm/analytics/cohorts",
    "/api/crm/analytics/forecast",
    "/api/crm/analytics/leaderboard",
    "/api/events",
    "/api/search",
];

fn path(list: &str) -> String {
    let name = list.trim_start_matches("/api/").replace("crm/analytics/", "analytics_");
    format!("{list}{}", if list.contains('?') { "" } else { needed(&name) })
}

async fn conditional(client: &Client, path: &str, tag: &str) -> u16 {
    client.call(Method::GET, path, &[("if-none-match", tag)], None).await.status.as_u16()
}

#[tokio::test]
async fn nothing_that_has_not_changed_is_looked_up_again() {
    let store = Counting::default();
    let calls = Arc::clone(&store.calls);
    let world = World::on(Crm::new(store), cheap()).await;
    let admin = world.admin().await;
    admin.make("/api/leads", json!({ "company": "Ada", "email": "ada@example.com" })).await;
    let mut tags = Vec::new();
    for list in LISTS.map(path) {
        let answer = admin.get(&list).await;
        assert_eq!(answer.status, 200, "{list} {answer:?}");
        tags.push((list, answer.header("etag").to_owned(), answer.bytes));
    }
    calls.lock().unwrap().clear();
    for (list, tag, bytes) in &tags {
        assert_eq!(conditional(&admin, list, tag).await, 304, "{list}");
        assert_eq!(&admin.get(list).await.bytes, bytes, "{list}");
    }
    // Whom a request comes from is looked up for each, and the head of the log.
    let known = |call: &&(&str, &str)| call.0 == "head" || ["users", "tenants", "sessions"].contains(&call.1);
    let looks: Vec<_> = calls.lock().unwrap().iter().copied().filter(|call| !known(&call)).collect();
    assert_eq!(looks, []);
    admin.make("/api/customers", json!({ "company": "Ada" })).await;
    for (list, tag, _) in &tags {
        let answer = admin.call(Method::GET, list, &[("if-none-match", tag)], None).await;
        assert_eq!(answer.status, 200, "{list}");
        assert_ne!(answer.header("etag"), tag, "{list}");
    }
    println!("kept: answers {}, given again without a look at records {}", tags.len(), tags.len());
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_whatever_a_client_has() {
    let world = World::new().await;
    let member = world.member().await;
    let tag = member.get("/api/customers").await.header("etag").to_owned();
    for tag in ["*", &tag] {
        for path in ["/api/customers?limit=0", "/api/crm/analytics/funnel?from=x", "/api/search"] {
            assert_eq!(conditional(&member, path, tag).await, 400, "{path} {tag}");
        }
    }
}

#[tokio::test]
async fn what_is_kept_for_one_is_not_given_to_another() {
    let world = World::new().await;
    let (admin, viewer, other) =
        (world.admin().await, world.user("viewer@acme.test").await, world.user("admin@globex.test").await);
    let me = async |client: &Client| client.get("/api/auth/me").await.json()["user"]["id"].clone();
    admin.make("/api/tasks", json!({ "title": "Call", "assignee_id": me(&admin).await })).await;
    admin.make("/api/leads", json!({ "company": "Secret" })).await;
    for list in LISTS.map(path) {
        let tag = admin.get(&list).await.header("etag").to_owned();
        assert_ne!(conditional(&other, &list, &tag).await, 304, "{list}");
        let answer = other.get(&list).await;
        assert!(!String::from_utf8(answer.bytes).unwrap().contains("Secret"), "{list}");
    }
    let mine = "/api/tasks?agenda=mine";
    assert_eq!(admin.get(mine).await.json()["data"].as_array().unwrap().len(), 1);
    assert_eq!(viewer.get(mine).await.json()["data"], json!([]));
    admin.get("/api/events").await;
    viewer.get("/api/events").await.is_problem(403, "forbidden");
    admin.get("/api/api-keys").await;
    viewer.get("/api/api-keys").await.is_problem(403, "forbidden");
}

/// Writers change one field of a customer to ascending numbers; whoever reads after a write was acknowledged must see
/// that number or a later one, in every answer that holds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_answer_is_older_than_what_was_acknowledged_before_it_was_asked_for() {
    let world = World::new().await;
    let _following = world.crm.feed().following();
    let member = world.member().await;
    let made = member.make("/api/customers", json!({ "company": "Ada", "city": "0" })).await;
    let one = format!("/api/customers/{}", made["id"].as_str().unwrap());
    let (acknowledged, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let writer = {
        let (member, one, acknowledged, done) =
            (member.clone(), one.clone(), Arc::clone(&acknowledged), Arc::clone(&done));
        tokio::spawn(async move {
            for number in 1..=1_500_u64 {
                let answer = member.patch(&one, json!({ "city": number.to_string() })).await;
                assert_eq!(answer.status, 200);
                acknowledged.store(number, Ordering::SeqCst);
            }
            done.store(true, Ordering::SeqCst);
        })
    };
    let readers: Vec<_> = (0..4)
        .map(|nth| {
            let (member, acknowledged, done) = (member.clone(), Arc::clone(&acknowledged), Arc::clone(&done));
            let list = ["/api/customers", "/api/customers?search=ada", "/api/search?q=ada", one.as_str()]
                [nth]
                .to_owned();
            tokio::spawn(async move {
                let (mut reads, mut known) = (0_u64, (String::from("\"none\""), 0));
                while !done.load(Ordering::SeqCst) {
                    let least = acknowledged.load(Ordering::SeqCst);
                    let headers = [("if-none-match", known.0.as_str())];
                    let answer = member.call(Method::GET, &list, &headers, None).await;
                    if answer.status == 200 {
                        known = (answer.header("etag").to_owned(), city(&answer.json()));
                    } else {
                        assert_eq!(answer.status, 304);
                    }
                    assert!(known.1 >= least, "{list}: {} after {least}", known.1);
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    writer.await.unwrap();
    let mut reads = 0;
    for reader in readers {
        reads += reader.await.unwrap();
    }
    println!("kept: writes 1500, reads beside them {reads}, old answers 0");
    assert!(reads > 500, "{reads}");
}

/// The number in whatever the customer is shown as.
fn city(answer: &Json) -> u64 {
    let of = |record: &Json| record["city"].as_str().and_then(|city| city.parse().ok());
    let first = &answer["data"][0];
    of(answer).or_else(|| of(first)).or_else(|| of(&first["record"])).unwrap()
}
