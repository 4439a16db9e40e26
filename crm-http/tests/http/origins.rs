//! Web pages: those of other origins change nothing and read nothing, unless their origin is listed.

use axum::http::Method;
use crm_http::{Origins, Settings, auth::Login};
use serde_json::json;

use crate::world::{Answer, Client, World, cheap};

const APP: &str = "https://app.example";
const EVIL: &str = "https://evil.example";

/// A service that `app.example` may use.
async fn open() -> (World, Client) {
    let world = World::new().await;
    let mut settings = Settings::default();
    settings.origins = Origins::new([APP.parse().unwrap()]);
    let login = Login::with(world.crm.clone(), cheap());
    let router = crm_http::service_with(world.crm.clone(), login, settings);
    let client = Client::of(router).with_token(world.member().await.token());
    (world, client)
}

fn cors(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(axum::http::HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing_by_any_route() {
    let (world, listing) = open().await;
    let plain = world.member().await;
    let before = plain.get("/api/customers").await.bytes;
    for route in crm_http::routes(true) {
        if matches!(route.method, Method::GET | Method::HEAD) {
            continue;
        }
        let path = route.path.replace("{id}", "00000000-0000-7000-8000-000000000000");
        for client in [&plain, &listing] {
            for headers in [
                &[("host", "crm.example"), ("origin", EVIL)][..],
                &[("host", "crm.example"), ("origin", "null")],
                &[("host", "crm.example"), ("sec-fetch-site", "cross-site")],
            ] {
                let body = json!({ "company": "Initech" });
                let refused = client.call(route.method.clone(), &path, headers, Some(body)).await;
                refused.is_problem(403, "foreign_origin");
                assert_eq!(cors(&refused), Vec::<&str>::new());
            }
        }
    }
    assert_eq!(plain.get("/api/customers").await.bytes, before);
    assert_eq!(plain.get("/api/auth/me").await.status, 200, "nobody was signed out");
}

#[tokio::test]
async fn our_own_pages_and_programs_are_let_in() {
    let member = World::new().await.member().await;
    for headers in [
        &[][..],
        &[("host", "crm.example:8005"), ("origin", "http://crm.example:8005")],
        &[("host", "crm.example"), ("origin", "https://CRM.example"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let made =
            member.call(Method::POST, "/api/customers", headers, Some(json!({ "company": "Ada" }))).await;
        assert_eq!(made.status, 201, "{headers:?} {made:?}");
    }
}

#[tokio::test]
async fn without_a_list_no_page_is_told_that_it_may_read() {
    let member = World::new().await.member().await;
    let read = member.call(Method::GET, "/api/customers", &[("origin", APP)], None).await;
    assert_eq!((read.status.as_u16(), cors(&read)), (200, Vec::new()));
    let asked = [("origin", APP), ("access-control-request-method", "POST")];
    let preflight = member.call(Method::OPTIONS, "/api/customers", &asked, None).await;
    preflight.is_problem(405, "method_not_allowed");
    assert_eq!(cors(&preflight), Vec::<&str>::new());
}

#[tokio::test]
async fn a_page_of_the_list_asks_reads_and_changes() {
    let (_, client) = open().await;
    let asked = [
        ("origin", APP),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization, if-match, content-type"),
    ];
    let preflight = client.call(Method::OPTIONS, "/api/customers/1", &asked, None).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), APP);
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    assert_eq!(preflight.header("vary"), "Origin");
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    assert!(preflight.header("access-control-allow-headers").contains("If-Match"));
    let page = [("host", "crm.example"), ("origin", APP), ("sec-fetch-site", "cross-site")];
    let made =
        client.call(Method::POST, "/api/customers", &page, Some(json!({ "company": "Initech" }))).await;
    assert_eq!(made.status, 201);
    let exposed = made.header("access-control-expose-headers");
    for name in ["ETag", "Location", "X-Request-Id", "Idempotency-Replayed", "RateLimit", "Retry-After"] {
        assert!(exposed.split(", ").any(|own| own == name), "{name} in {exposed}");
    }
    let refused = client.call(Method::POST, "/api/customers", &page, Some(json!({}))).await;
    refused.is_problem(422, "invalid");
    assert_eq!(refused.header("access-control-allow-origin"), APP, "a page may read why");
}

#[tokio::test]
async fn a_page_that_is_not_listed_reads_nothing() {
    let (_, client) = open().await;
    for origin in [EVIL, "https://app.example.evil.example", "http://app.example", "null"] {
        let read = client.call(Method::GET, "/api/customers", &[("origin", origin)], None).await;
        assert_eq!((read.status.as_u16(), cors(&read)), (200, Vec::new()), "{origin}");
        assert_eq!(read.header("vary"), "Origin", "a cache must not give it what `{APP}` got");
        let asked = [("origin", origin), ("access-control-request-method", "POST")];
        let preflight = client.call(Method::OPTIONS, "/api/customers", &asked, None).await;
        preflight.is_problem(405, "method_not_allowed");
    }
}
