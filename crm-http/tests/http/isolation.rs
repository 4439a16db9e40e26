//! Two tenants: what belongs to the other one is, byte for byte, like what never was.

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::world::{Client, World, needed};

const UNKNOWN: &str = "0192f0c1-7c57-7bd1-a111-000000000000";
const MARKER: &str = "xyzzymarker";

/// A record of each kind in a tenant, full of markers: the beginning of its routes, and its id.
async fn fill(admin: &Client) -> Vec<(&'static str, String)> {
    let id = |record: &Json| record["id"].as_str().unwrap().to_owned();
    let customer = admin.make("/api/customers", json!({ "company": MARKER, "external_id": MARKER })).await;
    let lead = admin.make("/api/leads", json!({ "company": MARKER, "source": MARKER })).await;
    let user = admin.make("/api/users", json!({ "email": format!("{MARKER}@acme.test") })).await;
    let customer = id(&customer);
    let contact = admin.make(&format!("/api/customers/{customer}/contacts"), json!({ "name": MARKER })).await;
    let note = json!({ "type": "note", "subject": MARKER });
    let interaction = admin.make(&format!("/api/customers/{customer}/interactions"), note).await;
    let project = admin.make("/api/projects", json!({ "name": MARKER, "customer_id": customer })).await;
    let task = json!({ "title": MARKER, "due_at": "2020-01-01T00:00:00Z", "project_id": project["id"] });
    let task = admin.make("/api/tasks", task).await;
    let key = admin.make("/api/api-keys", json!({ "name": MARKER })).await;
    vec![
        ("/api/api-keys", id(&key)),
        ("/api/projects", id(&project)),
        ("/api/tasks", id(&task)),
        ("/api/customers", customer),
        ("/api/leads", id(&lead)),
        ("/api/users", id(&user)),
        ("/api/contacts", id(&contact)),
        ("/api/interactions", id(&interaction)),
    ]
}

fn body(method: &Method, path: &str) -> Option<Json> {
    Some(match method.as_str() {
        "GET" | "DELETE" => return None,
        _ if path.ends_with("/restore") => return None,
        _ if path.ends_with("/convert") => json!({}),
        "PATCH" => json!({ "name": "Taken over" }),
        _ if path.ends_with("/contacts") => json!({ "name": "Ada" }),
        _ => json!({ "type": "note" }),
    })
}

#[tokio::test]
async fn a_foreign_id_looks_like_an_unknown_id_on_every_route() {
    let world = World::new().await;
    let foreign = fill(&world.admin().await).await;
    let (own, log) = (world.user("owner@globex.test").await, world.user("owner@acme.test").await);
    let before = log.get("/api/events?limit=200").await.json();
    let mut compared = 0;
    for route in crm_http::routes(true).iter().filter(|route| route.path.contains("{id}")) {
        let (_, id) =
            foreign.iter().find(|(prefix, _)| route.path.starts_with(&format!("{prefix}/"))).unwrap();
        for headers in [&[][..], &[("if-match", "\"other\"")], &[("idempotency-key", "one")]] {
            let mut seen = Vec::new();
            for id in [id.as_str(), UNKNOWN, "no-uuid", "%FF"] {
                let path = route.path.replace("{id}", id);
                let answer =
                    own.call(route.method.clone(), &path, headers, body(&route.method, &route.path)).await;
                answer.is_problem(404, "not_found");
                seen.push(answer.seen());
            }
            for other in &seen[1..] {
                assert_eq!(&seen[0], other, "{route:?}");
            }
            compared += seen.len();
        }
    }
    assert_eq!(compared, 45 * 3 * 4);
    assert_eq!(
        log.get("/api/events?limit=200").await.json(),
        before,
        "something of the other tenant changed"
    );
}

#[tokio::test]
async fn a_foreign_id_in_a_body_looks_like_an_unknown_id() {
    let world = World::new().await;
    let foreign = fill(&world.admin().await).await;
    let id = |prefix: &str| foreign.iter().find(|(own, _)| *own == prefix).unwrap().1.as_str();
    let own = world.user("admin@globex.test").await;
    let lead = own.make("/api/leads", json!({ "company": "Own" })).await;
    let lead = format!("/api/leads/{}", lead["id"].as_str().unwrap());
    let cases = [
        ("/api/customers".to_owned(), "owner_id", id("/api/users")),
        ("/api/leads".to_owned(), "owner_id", id("/api/users")),
        ("/api/leads".to_owned(), "customer_id", id("/api/customers")),
        ("/api/projects".to_owned(), "customer_id", id("/api/customers")),
        ("/api/tasks".to_owned(), "assignee_id", id("/api/users")),
        ("/api/tasks".to_owned(), "customer_id", id("/api/customers")),
        ("/api/tasks".to_owned(), "lead_id", id("/api/leads")),
        ("/api/tasks".to_owned(), "project_id", id("/api/projects")),
        (format!("{lead}/convert"), "customer_id", id("/api/customers")),
    ];
    for (path, field, foreign) in cases {
        let mut seen = Vec::new();
        for id in [foreign, UNKNOWN] {
            let mut body = json!({ field: id });
            match path.as_str() {
                "/api/projects" => body["name"] = json!("Roof"),
                "/api/tasks" => body["title"] = json!("Call"),
                path if path.ends_with("/convert") => {}
                _ => body["company"] = json!("Ada"),
            }
            let answer = own.post(&path, body).await;
            assert_eq!(answer.faults(), [(format!("/{field}"), "unknown_reference".to_owned())]);
            seen.push(answer.seen());
        }
        assert_eq!(seen[0], seen[1], "{path}");
    }
}

#[tokio::test]
async fn nothing_that_a_tenant_can_read_shows_anything_of_another() {
    let world = World::new().await;
    let foreign = fill(&world.admin().await).await;
    let own = world.user("owner@globex.test").await;
    let mut read = 0;
    for route in
        crm_http::routes(true).iter().filter(|route| route.method == Method::GET && !route.path.contains('{'))
    {
        // Streams have no end, and tests of their own.
        if route.path.starts_with("/api/live") {
            continue;
        }
        let answer = own.get(&format!("{}{}", route.path, needed(&route.name))).await;
        assert_eq!(answer.status, 200, "{route:?}");
        let text = String::from_utf8(answer.bytes).unwrap();
        assert!(!text.contains(MARKER), "{route:?} {text}");
        for (_, id) in &foreign {
            assert!(!text.contains(id.as_str()), "{route:?} {text}");
        }
        read += 1;
    }
    assert_eq!(read, 24);
    for (prefix, id) in &foreign {
        let found = own.get(&format!("{prefix}?id={id}&count=true")).await.json();
        assert_eq!((&found["data"], &found["total"]), (&json!([]), &json!(0)), "{prefix}");
        if *prefix == "/api/api-keys" {
            continue;
        }
        let found = own.get(&format!("{prefix}?search={MARKER}&count=true")).await.json();
        assert_eq!((&found["data"], &found["total"]), (&json!([]), &json!(0)), "{prefix}");
        let events = own.get(&format!("/api/events?record_id={id}")).await.json();
        assert_eq!(events["data"], json!([]));
    }
}

#[tokio::test]
async fn what_is_unique_in_a_tenant_is_free_in_another() {
    let world = World::new().await;
    fill(&world.admin().await).await;
    let own = world.user("admin@globex.test").await;
    fill(&own).await;
    let twice = own.post("/api/customers", json!({ "company": "Ada", "external_id": MARKER })).await;
    let problem = twice.is_problem(409, "duplicate");
    assert_eq!(problem["errors"][0]["pointer"], "/external_id");
}

#[tokio::test]
async fn a_cursor_of_another_tenant_is_refused() {
    let world = World::new().await;
    let (admin, own) = (world.admin().await, world.user("admin@globex.test").await);
    for client in [&admin, &own] {
        for _ in 0..3 {
            client.make("/api/customers", json!({ "company": "Ada" })).await;
        }
    }
    for path in ["/api/customers?limit=1", "/api/events?limit=1"] {
        let cursor = admin.get(path).await.json()["next_cursor"].as_str().unwrap().to_owned();
        assert_eq!(admin.get(&format!("{path}&cursor={cursor}")).await.status, 200);
        own.get(&format!("{path}&cursor={cursor}")).await.is_problem(400, "bad_cursor");
    }
}
