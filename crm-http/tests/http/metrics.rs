//! The figures at `/metrics`.

use axum::http::Method;
use crm_http::{Metrics, Settings, auth::Login};
use serde_json::json;

use crate::world::{Client, World, cheap};

async fn figures(client: &Client) -> String {
    let answer = client.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    String::from_utf8(answer.bytes).unwrap()
}

/// The value of a figure with exactly these labels.
#[track_caller]
fn value(figures: &str, name: &str) -> f64 {
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {figures}")).parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_method_route_and_status() {
    let world = World::new().await;
    let member = world.member().await;
    for number in 0..3 {
        member.make("/api/customers", json!({ "company": format!("Initech {number}") })).await;
    }
    for id in ["0", "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"] {
        assert_eq!(member.get(&format!("/api/customers/{id}?x={id}")).await.status.as_u16() / 100, 4);
    }
    member.call(Method::HEAD, "/api/customers", &[], None).await;
    world.stranger().get("/api/customers").await;
    let figures = figures(&world.stranger()).await;
    for (method, route, status, count) in [
        ("POST", "/api/customers", 201, 3.0),
        ("GET", "/api/customers/{id}", 400, 3.0),
        ("HEAD", "/api/customers", 200, 1.0),
        ("GET", "/api/customers", 401, 1.0),
        ("POST", "/api/auth/login", 200, 1.0),
    ] {
        let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        assert_eq!(value(&figures, &format!("crm_http_requests_total{labels}")), count, "{labels}");
    }
    let labels = "{method=\"POST\",route=\"/api/customers\"}";
    assert_eq!(value(&figures, &format!("crm_http_request_duration_seconds_count{labels}")), 3.0);
    assert_eq!(value(&figures, "crm_http_requests_in_flight"), 1.0, "the one that asks");
}

#[tokio::test]
async fn nobody_makes_figures_up() {
    let world = World::new().await;
    let client = world.stranger();
    for number in 0..50 {
        client.get(&format!("/secret-{number}")).await;
        client.get(&format!("/api/customers/secret-{number}/secret-{number}")).await;
        let method = Method::from_bytes(format!("SECRET{number}").as_bytes()).unwrap();
        client.call(method.clone(), &format!("/secret-{number}"), &[], None).await;
        client.call(method, "/api/customers", &[], None).await;
    }
    let figures = figures(&client).await;
    assert!(!figures.to_lowercase().contains("secret"), "{figures}");
    let requests = figures.lines().filter(|line| line.starts_with("crm_http_requests_total"));
    assert_eq!(requests.count(), 3, "{figures}");
    let labels = "{method=\"GET\",route=\"unknown\",status=\"404\"}";
    assert_eq!(value(&figures, &format!("crm_http_requests_total{labels}")), 100.0);
}

#[tokio::test]
async fn two_services_count_apart_and_a_host_adds_its_own() {
    let (one, two) = (World::new().await, World::new().await);
    one.stranger().get("/healthz").await;
    assert!(figures(&one.stranger()).await.contains("/healthz"));
    assert!(!figures(&two.stranger()).await.contains("/healthz"));
    let mut settings = Settings::default();
    let metrics = Metrics::new();
    settings.metrics = metrics.clone();
    let login = Login::with(one.crm.clone(), cheap());
    let client = Client::of(crm_http::service_with(one.crm.clone(), login, settings));
    metrics.gauge("host_jobs", "Jobs that wait:\nall \\ kinds.", || 2.5).unwrap();
    metrics.counter("host_mails_total", "Mails.", || 7.0).unwrap();
    for name in ["host_jobs", "crm_http_requests_total", "crm_commits_total", "", "7up", "a b", "ä", "a\nb 1"]
    {
        assert_eq!(metrics.gauge(name, "", || 0.0).unwrap_err().name, name);
    }
    let stream = metrics.stream("sse");
    let text = figures(&client).await;
    assert!(text.contains(
        "# HELP host_jobs Jobs that wait:\\nall \\\\ kinds.\n# TYPE host_jobs gauge\nhost_jobs 2.5\n"
    ));
    assert!(text.contains("# TYPE host_mails_total counter\nhost_mails_total 7\n"));
    assert_eq!(value(&text, "crm_http_streams{kind=\"sse\"}"), 1.0);
    let before = value(&text, "crm_commits_total");
    one.member().await.make("/api/leads", serde_json::json!({ "company": "Ada" })).await;
    // The lead, and the sign-in.
    assert_eq!(value(&figures(&client).await, "crm_commits_total"), before + 2.0);
    drop(stream);
    assert_eq!(value(&figures(&client).await, "crm_http_streams{kind=\"sse\"}"), 0.0);
}
