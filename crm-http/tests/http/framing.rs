//! What every answer has, and what a handler's own word counts for.

use axum::http::{HeaderMap, Method};
use serde_json::json;

use crate::world::World;

const EVERYWHERE: [(&str, &str); 8] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=()"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cache-control", "no-"),
];

#[track_caller]
fn framed(headers: &HeaderMap, what: &str) {
    for (name, begin) in EVERYWHERE {
        let values: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        assert!(matches!(values[..], [value] if value.contains(begin)), "{what}: {name} is {values:?}");
    }
    assert_eq!(headers.get_all("x-request-id").iter().count(), 1, "{what}");
    for name in ["server", "x-powered-by"] {
        assert!(!headers.contains_key(name), "{what}: {name}");
    }
}

#[tokio::test]
async fn every_answer_of_every_route_has_the_headers() {
    let world = World::new().await;
    let (admin, stranger) = (world.user("owner@acme.test").await, world.stranger());
    let routes = crm_http::routes(true);
    assert!(routes.len() > 60, "{}", routes.len());
    for route in routes {
        let path = route.path.replace("{id}", "00000000-0000-7000-8000-000000000000");
        // Signing out would change what the others answer.
        let client = if route.name == "logout" { &stranger } else { &admin };
        for client in [client, &stranger] {
            let body = (route.method != Method::GET).then(|| json!({ "nonsense": 1 }));
            let answer = client.call(route.method.clone(), &path, &[], body).await;
            framed(&answer.headers, &format!("{} {path}: {}", route.method, answer.status));
        }
        let wrong = stranger.call(Method::TRACE, &path, &[], None).await;
        wrong.is_problem(405, "method_not_allowed");
        assert!(wrong.header("allow").contains(route.method.as_str()), "{path}: {wrong:?}");
        framed(&wrong.headers, &format!("TRACE {path}"));
    }
    let unknown = stranger.get("/api/nothing").await;
    framed(&unknown.headers, "an unknown path");
}

#[tokio::test]
async fn what_signing_in_answers_is_kept_nowhere() {
    let world = World::new().await;
    for answer in [
        world.sign_in("member@acme.test", crate::world::PASSWORD).await,
        world.sign_in("member@acme.test", "wrong").await,
        world.member().await.get("/api/auth/me").await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(world.member().await.get("/api/customers").await.header("cache-control"), "private, no-cache");
}
