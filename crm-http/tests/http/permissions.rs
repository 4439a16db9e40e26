//! Who may do what: every route, every role, and nobody left out.

use std::collections::BTreeMap;

use axum::http::Method;
use crm_core::Role;
use serde_json::{Value as Json, json};

use crate::world::{Client, PASSWORD, World, needed};

/// The least role of each route, as the contract has it; `None` for those that anybody may call.
fn least_roles() -> BTreeMap<(&'static str, &'static str), Option<Role>> {
    let (viewer, member, admin) = (Some(Role::Viewer), Some(Role::Member), Some(Role::Admin));
    let mut table = BTreeMap::from([
        (("GET", "/healthz"), None),
        (("GET", "/readyz"), None),
        (("GET", "/metrics"), None),
        (("GET", "/openapi.json"), None),
        (("POST", "/api/auth/login"), None),
        (("POST", "/api/auth/invitation"), None),
        (("POST", "/api/users/{id}/invitation"), admin),
        (("POST", "/api/auth/logout"), viewer),
        (("GET", "/api/auth/me"), viewer),
        (("POST", "/api/auth/password"), viewer),
        (("GET", "/api/api-keys"), admin),
        (("POST", "/api/api-keys"), admin),
        (("GET", "/api/api-keys/{id}"), admin),
        (("DELETE", "/api/api-keys/{id}"), admin),
        (("GET", "/api/api-keys/{id}/history"), admin),
        (("GET", "/api/search"), viewer),
        (("GET", "/api/live"), viewer),
        (("GET", "/api/live/ws"), viewer),
        (("GET", "/api/users"), viewer),
        (("POST", "/api/users"), admin),
        (("GET", "/api/users/{id}"), viewer),
        (("PATCH", "/api/users/{id}"), admin),
        (("GET", "/api/users/{id}/history"), viewer),
        (("POST", "/api/customers"), member),
        (("POST", "/api/leads"), member),
        (("POST", "/api/leads/{id}/convert"), member),
        (("GET", "/api/leads/{id}/stages"), viewer),
        (("GET", "/api/pipeline"), viewer),
        (("PUT", "/api/pipeline"), admin),
        (("GET", "/api/events"), admin),
        (("GET", "/api/settings"), viewer),
        (("PATCH", "/api/settings"), admin),
        (("POST", "/api/projects"), member),
        (("POST", "/api/tasks"), member),
        (("GET", "/api/crm/analytics"), viewer),
        (("GET", "/api/crm/analytics/timeseries"), viewer),
        (("GET", "/api/crm/analytics/funnel"), viewer),
        (("GET", "/api/crm/analytics/velocity"), viewer),
        (("GET", "/api/crm/analytics/cohorts"), viewer),
        (("GET", "/api/crm/analytics/forecast"), viewer),
        (("GET", "/api/crm/analytics/leaderboard"), viewer),
    ]);
    for (list, one, history, restore) in [
        (
            "/api/customers",
            "/api/customers/{id}",
            "/api/customers/{id}/history",
            "/api/customers/{id}/restore",
        ),
        ("/api/contacts", "/api/contacts/{id}", "/api/contacts/{id}/history", "/api/contacts/{id}/restore"),
        (
            "/api/interactions",
            "/api/interactions/{id}",
            "/api/interactions/{id}/history",
            "/api/interactions/{id}/restore",
        ),
        ("/api/leads", "/api/leads/{id}", "/api/leads/{id}/history", "/api/leads/{id}/restore"),
        ("/api/projects", "/api/projects/{id}", "/api/projects/{id}/history", "/api/projects/{id}/restore"),
        ("/api/tasks", "/api/tasks/{id}", "/api/tasks/{id}/history", "/api/tasks/{id}/restore"),
    ] {
        table.extend([(("GET", list), viewer), (("GET", one), viewer), (("GET", history), viewer)]);
        table.extend([(("PATCH", one), member), (("DELETE", one), member), (("POST", restore), member)]);
    }
    for nested in
        ["/api/customers/{id}/contacts", "/api/customers/{id}/interactions", "/api/leads/{id}/interactions"]
    {
        table.extend([(("GET", nested), viewer), (("POST", nested), member)]);
    }
    table
}

/// A record of each kind, by the beginning of its routes.
async fn records(admin: &Client) -> BTreeMap<&'static str, String> {
    let id = |record: Json| record["id"].as_str().unwrap().to_owned();
    let customer = id(admin.make("/api/customers", json!({ "company": "Ada" })).await);
    let lead = id(admin.make("/api/leads", json!({ "company": "Ada" })).await);
    let user = id(admin.make("/api/users", json!({ "email": "new@acme.test" })).await);
    let nested = format!("/api/customers/{customer}/contacts");
    let contact = id(admin.make(&nested, json!({ "name": "Ada" })).await);
    let nested = format!("/api/customers/{customer}/interactions");
    let interaction = id(admin.make(&nested, json!({ "type": "note" })).await);
    let project = id(admin.make("/api/projects", json!({ "name": "Roof" })).await);
    let task = id(admin.make("/api/tasks", json!({ "title": "Call" })).await);
    let key = id(admin.make("/api/api-keys", json!({ "name": "import" })).await);
    BTreeMap::from([
        ("/api/api-keys", key),
        ("/api/projects", project),
        ("/api/tasks", task),
        ("/api/customers", customer),
        ("/api/leads", lead),
        ("/api/users", user),
        ("/api/contacts", contact),
        ("/api/interactions", interaction),
    ])
}

/// A body that each writing route takes.
fn body(method: &Method, path: &str, unique: usize) -> Option<Json> {
    Some(match (method.as_str(), path) {
        ("GET" | "DELETE", _) => return None,
        (_, path) if path.ends_with("/restore") || path.ends_with("/logout") => return None,
        (_, "/api/auth/invitation") => json!({ "token": "none", "password": PASSWORD }),
        (_, path) if path.ends_with("/invitation") => return None,
        (_, "/api/auth/password") => {
            json!({ "current_password": PASSWORD, "new_password": "another-password-1" })
        }
        ("POST", "/api/api-keys") => json!({ "name": "import" }),
        (_, "/api/auth/login") => json!({ "email": "viewer@acme.test", "password": PASSWORD }),
        ("POST", "/api/users") => json!({ "email": format!("user{unique}@acme.test") }),
        ("PATCH", _) => json!({}),
        ("PUT", _) => json!({ "stages": [
            { "key": "new", "name": "New", "kind": "open" },
            { "key": "won", "name": "Won", "kind": "won" },
            { "key": "lost", "name": "Lost", "kind": "lost" },
        ] }),
        (_, path) if path.ends_with("/convert") => json!({}),
        (_, path) if path.ends_with("/interactions") => json!({ "type": "note" }),
        (_, path) if path.ends_with("/contacts") => json!({ "name": "Ada" }),
        ("POST", "/api/projects") => json!({ "name": "Roof" }),
        ("POST", "/api/tasks") => json!({ "title": "Call" }),
        _ => json!({ "company": "Ada" }),
    })
}

#[tokio::test]
async fn every_route_answers_each_role_as_the_table_says() {
    let table = least_roles();
    let routes = crm_http::routes(true);
    let listed: Vec<_> = routes.iter().map(|route| (route.method.as_str(), route.path.as_str())).collect();
    for route in &listed {
        assert!(table.contains_key(route), "{route:?} is in no table");
    }
    assert_eq!(listed.len(), table.len(), "a route of the table is gone");
    let mut cells = 0;
    for route in &routes {
        let least = table[&(route.method.as_str(), route.path.as_str())];
        assert_eq!(route.open, least.is_none(), "{route:?}");
        let callers = [None].into_iter().chain(Role::ALL.map(Some));
        for caller in callers {
            // A world of its own for each cell, so that no cell depends on what another one did.
            let world = World::new().await;
            let ids = records(&world.admin().await).await;
            let prefix: String = route.path.split('/').take(3).collect::<Vec<_>>().join("/");
            let path = match ids.get(prefix.as_str()) {
                Some(id) => route.path.replace("{id}", id),
                None => route.path.clone(),
            };
            let path = format!("{path}{}", needed(&route.name));
            let client = match caller {
                Some(role) => world.user(&format!("{role}@acme.test")).await,
                None => world.stranger(),
            };
            let answer =
                client.call(route.method.clone(), &path, &[], body(&route.method, &route.path, cells)).await;
            let status = answer.status.as_u16();
            match (least, caller) {
                // Who has no invitation is refused as nobody in particular.
                (None, _) if route.name == "accept_invitation" => {
                    answer.is_problem(401, "invalid_invitation");
                }
                (None, _) => assert!(answer.status.is_success(), "{caller:?} {route:?} {answer:?}"),
                (Some(_), None) => {
                    answer.is_problem(401, "unauthenticated");
                    assert_eq!(answer.header("www-authenticate"), "Bearer");
                }
                (Some(least), Some(role)) if role < least => {
                    answer.is_problem(403, "forbidden");
                }
                // An upgrade is asked for over a connection, which there is none of here.
                _ if route.name == "live_socket" => assert_eq!(status, 426, "{caller:?} {answer:?}"),
                _ => assert!((200..300).contains(&status), "{caller:?} {route:?} {answer:?}"),
            }
            cells += 1;
        }
    }
    assert_eq!(cells, 5 * routes.len());
    assert_eq!(cells, 415);
}

#[tokio::test]
async fn who_may_not_do_it_learns_nothing_about_the_input() {
    let world = World::new().await;
    let viewer = world.user("viewer@acme.test").await;
    let known = world.member().await.make("/api/customers", json!({ "company": "Ada" })).await;
    let known = known["id"].as_str().unwrap();
    let paths =
        [known, "0192f0c1-7c57-7bd1-a111-000000000000", "nonsense"].map(|id| format!("/api/customers/{id}"));
    for path in paths {
        let refused = viewer.delete(&path).await;
        refused.is_problem(403, "forbidden");
        let refused = viewer.patch(&path, json!({ "bogus": 1 })).await;
        refused.is_problem(403, "forbidden");
    }
    for path in
        ["/api/customers", "/api/customers/nonsense/contacts", "/api/leads/nonsense/convert", "/api/users"]
    {
        viewer.post(path, json!({ "bogus": 1 })).await.is_problem(403, "forbidden");
    }
    viewer.put("/api/pipeline", json!({ "bogus": 1 })).await.is_problem(403, "forbidden");
    viewer.get("/api/events?bogus=1").await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn only_owners_touch_owners_and_nobody_the_last_one() {
    let world = World::new().await;
    let (owner, admin) = (world.user("owner@acme.test").await, world.admin().await);
    let me = owner.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", me["user"]["id"].as_str().unwrap());
    admin.patch(&path, json!({ "role": "member" })).await.is_problem(403, "forbidden");
    admin
        .post("/api/users", json!({ "email": "o2@acme.test", "role": "owner" }))
        .await
        .is_problem(403, "forbidden");
    for last in [json!({ "role": "admin" }), json!({ "is_active": false })] {
        owner.patch(&path, last).await.is_problem(409, "rule");
    }
    let second = owner.make("/api/users", json!({ "email": "o2@acme.test", "role": "owner" })).await;
    assert_eq!(second["role"], "owner");
    assert_eq!(owner.patch(&path, json!({ "role": "admin" })).await.status, 200);
    let mine = admin.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", mine["user"]["id"].as_str().unwrap());
    admin.patch(&path, json!({ "role": "owner" })).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_with_the_next_request() {
    let world = World::new().await;
    let (owner, admin) = (world.user("owner@acme.test").await, world.admin().await);
    assert_eq!(admin.get("/api/events").await.status, 200);
    let me = admin.get("/api/auth/me").await.json();
    let path = format!("/api/users/{}", me["user"]["id"].as_str().unwrap());
    assert_eq!(owner.patch(&path, json!({ "role": "viewer" })).await.status, 200);
    admin.get("/api/events").await.is_problem(403, "forbidden");
    assert_eq!(admin.get("/api/auth/me").await.json()["role"], "viewer");
    assert_eq!(owner.patch(&path, json!({ "is_active": false })).await.status, 200);
    admin.get("/api/auth/me").await.is_problem(401, "unauthenticated");
}
