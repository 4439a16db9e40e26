//! Entity tags: what has not changed is not sent again, and what has changed is not overwritten.

use axum::http::Method;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_record_is_sent_again_only_if_it_has_changed() {
    let world = World::new().await;
    let member = world.member().await;
    let created = member.post("/api/customers", json!({ "company": "Ada" })).await;
    let (path, first) = (created.header("location"), created.header("etag"));
    assert!(first.starts_with('"') && first.ends_with('"'), "strong");
    assert_eq!(member.get(path).await.header("etag"), first);
    let weak = format!("W/{first}");
    let several = format!("\"other\", {first}");
    for known in [first, weak.as_str(), several.as_str(), "*"] {
        let answer = member.call(Method::GET, path, &[("if-none-match", known)], None).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (304, 0), "{known}");
        assert_eq!(answer.header("etag"), first);
        assert!(answer.headers.contains_key("x-request-id"));
    }
    let patched = member.patch(path, json!({ "city": "Bern" })).await;
    assert_ne!(patched.header("etag"), first);
    let answer = member.call(Method::GET, path, &[("if-none-match", first)], None).await;
    assert_eq!(answer.status, 200);
    let same = member.patch(path, json!({ "city": "Bern" })).await;
    assert_eq!(same.header("etag"), patched.header("etag"), "nothing has changed");
}

#[tokio::test]
async fn everything_that_can_be_read_has_a_tag_that_changes_with_it() {
    let world = World::new().await;
    let admin = world.admin().await;
    let customer = admin.make("/api/customers", json!({ "company": "Ada" })).await;
    let customer = format!("/api/customers/{}", customer["id"].as_str().unwrap());
    let nested = format!("{customer}/contacts");
    let history = format!("{customer}/history");
    let lists = ["/api/customers", "/api/crm/analytics", "/api/events", &nested, &history];
    let mut tags = Vec::new();
    for path in lists {
        let tag = admin.get(path).await.header("etag").to_owned();
        let again = admin.call(Method::GET, path, &[("if-none-match", &tag)], None).await;
        assert_eq!(again.status, 304, "{path}");
        tags.push(tag);
    }
    admin.make(&nested, json!({ "name": "C", "is_primary": true })).await;
    admin.make("/api/customers", json!({ "company": "Bob" })).await;
    for (path, tag) in lists.iter().zip(tags) {
        let again = admin.call(Method::GET, path, &[("if-none-match", &tag)], None).await;
        assert_eq!(again.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_stale_writer_overwrites_nothing() {
    let world = World::new().await;
    let member = world.member().await;
    let created = member.post("/api/leads", json!({ "company": "Ada" })).await;
    let (path, first) = (created.header("location"), created.header("etag"));
    let patched =
        member.call(Method::PATCH, path, &[("if-match", first)], Some(json!({ "source": "Web" }))).await;
    assert_eq!(patched.status, 200);
    let second = patched.header("etag");
    let weak = format!("W/{second}");
    let before = member.get(path).await.json();
    for stale in [first, weak.as_str(), "\"other\"", "", "nonsense", "é"] {
        let headers = [("if-match", stale)];
        let patch = member.call(Method::PATCH, path, &headers, Some(json!({ "source": "Fair" }))).await;
        patch.is_problem(412, "stale");
        member.call(Method::DELETE, path, &headers, None).await.is_problem(412, "stale");
    }
    assert_eq!(member.get(path).await.json(), before);
    let several = format!("\"other\", {second}");
    let patched =
        member.call(Method::PATCH, path, &[("if-match", &several)], Some(json!({ "source": "Fair" }))).await;
    assert_eq!(patched.status, 200);
    let deleted = member.call(Method::DELETE, path, &[("if-match", patched.header("etag"))], None).await;
    assert_eq!(deleted.status, 204);
    member.call(Method::DELETE, path, &[("if-match", "*")], None).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn of_many_writers_with_the_same_tag_one_wins() {
    let world = World::new().await;
    let member = world.member().await;
    let created = member.post("/api/customers", json!({ "company": "Ada" })).await;
    let (path, tag) = (created.header("location").to_owned(), created.header("etag").to_owned());
    let writers = (0..16).map(|number| {
        let (member, path, tag) = (member.clone(), path.clone(), tag.clone());
        tokio::spawn(async move {
            let patch = Some(json!({ "city": number.to_string() }));
            member.call(Method::PATCH, &path, &[("if-match", &tag)], patch).await.status.as_u16()
        })
    });
    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        match writer.await.unwrap() {
            200 => won += 1,
            status => assert_eq!(status, 412),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(member.get(&path).await.json()["version"], 2);
}
