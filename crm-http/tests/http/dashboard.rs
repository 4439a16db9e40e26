//! The dashboard as it is served: under any path, to whom the host shows it, and with what the host set about it.

use axum::{Router, http::Method};
use crm_core::{Crm, MemoryStore};
use crm_http::{Dashboard, Link, Origin, Origins, Page, Settings, Theme, Token};
use serde_json::{Value as Json, json};

use crate::world::{Client, World, cheap};

async fn served(dashboard: Dashboard) -> World {
    let mut settings = Settings::default();
    settings.dashboard = Some(dashboard);
    World::on_with(Crm::new(MemoryStore::new()), cheap(), settings).await
}

/// What stands between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

fn config(page: &str) -> Json {
    serde_json::from_str(between(page, "id=\"crm-config\">", "</script>")).unwrap()
}

/// The addresses of what a page loads.
fn loaded(page: &str) -> Vec<&str> {
    let addresses = ["src=\"", "href=\""].iter().flat_map(|mark| page.split(mark).skip(1));
    addresses
        .filter_map(|rest| rest.split('"').next())
        .filter(|address| address.contains("assets/"))
        .collect()
}

#[tokio::test]
async fn every_page_knows_where_it_is_mounted_and_loads_its_files_from_there() {
    for (mount, at) in [("/", ""), ("/crm", "/crm"), ("/t/{tenant}/crm", "/t/a&b/crm")] {
        let router = served(Dashboard::default()).await.router;
        let client = Client::of(match mount {
            "/" => router,
            mount => Router::new().nest_service(mount, router),
        });
        let pages = ["/", "/customers", "/customers/", "/customers/7/edit", "/sign-in", "/settings/users"];
        for path in pages.into_iter().chain((!at.is_empty()).then_some("")) {
            let page = client.get(&format!("{at}{path}")).await;
            assert_eq!(
                (page.status.as_u16(), page.header("content-type")),
                (200, "text/html; charset=utf-8")
            );
            let base = between(page.text(), "<base href=\"", "\"").replace("&amp;", "&");
            assert_eq!(base, format!("{at}/"), "{mount} {path}");
            let loaded = loaded(page.text());
            assert!(loaded.len() >= 3, "{loaded:?}");
            for address in loaded {
                let file = client.get(&format!("{base}{}", address.trim_start_matches("./"))).await;
                assert_eq!(file.status, 200, "{mount} {address}");
            }
        }
        for path in [
            "/nothing",
            "/assets/nothing.js",
            "/assets/..%2findex.html",
            "/assets/index.html",
            "/api/customer",
        ] {
            client.get(&format!("{at}{path}")).await.is_problem(404, "not_found");
        }
        client.get(&format!("{at}/api/customers")).await.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn there_is_no_dashboard_unless_the_host_wants_one() {
    let client = World::new().await.stranger();
    for path in ["/", "/customers", "/assets/theme.css"] {
        client.get(path).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn files_are_compressed_as_the_client_takes_it_and_kept_for_ever() {
    let client = served(Dashboard::default()).await.stranger();
    let page = client.get("/").await;
    let script = loaded(page.text()).into_iter().find(|address| address.ends_with(".js")).unwrap();
    let path = format!("/{}", script.trim_start_matches("./"));
    let mut lengths = Vec::new();
    for (accepted, encoding) in [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0", ""), ("", "")] {
        let file = client.call(Method::GET, &path, &[("accept-encoding", accepted)], None).await;
        assert_eq!(
            (file.status.as_u16(), file.header("content-type")),
            (200, "text/javascript; charset=utf-8")
        );
        assert_eq!(file.headers.get("content-encoding").map_or("", |own| own.to_str().unwrap()), encoding);
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("vary"), "Accept-Encoding");
        lengths.push(file.bytes.len());
    }
    assert!(lengths.is_sorted() && lengths[0] < lengths[1] && lengths[1] < lengths[2], "{lengths:?}");
    // The compressed forms are no files by themselves.
    client.get(&format!("{path}.br")).await.is_problem(404, "not_found");
    for path in ["/", "/assets/theme.css"] {
        let made = client.get(path).await;
        assert_eq!(made.header("cache-control"), "private, no-cache");
        let again = client.call(Method::GET, path, &[("if-none-match", made.header("etag"))], None).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    }
}

#[tokio::test]
async fn the_host_says_how_it_looks_and_what_it_has() {
    let plain = served(Dashboard::default()).await.stranger();
    let told = config(plain.get("/").await.text());
    assert_eq!(
        (&told["name"], &told["sign_in"], &told["logo"]),
        (&json!("CRM"), &json!("password"), &json!(null))
    );
    assert_eq!(told["pages"].as_array().unwrap().len(), Page::ALL.len());
    assert_eq!(plain.get("/assets/theme.css").await.text(), "");

    let mut dashboard = Dashboard::default();
    dashboard.name = "</script><script>alert(1)</script>".to_owned();
    dashboard.logo = Some("/logo.svg".to_owned());
    dashboard.pages = vec![Page::Leads, Page::Overview];
    dashboard.links = vec![Link::new("Billing", "/billing")];
    dashboard.sign_in = Some("/login?next=crm".to_owned());
    dashboard.language = Some("de".to_owned());
    dashboard.light = Theme::default().with(Token::Accent, "#0b6e4f".parse().unwrap());
    let client = served(dashboard.clone()).await.stranger();
    let page = client.get("/").await;
    assert!(!page.text().contains("alert(1)</script>"), "{}", page.text());
    assert_eq!(
        config(page.text()),
        json!({
            "name": dashboard.name,
            "logo": "/logo.svg",
            "pages": ["leads", "overview"],
            "links": [{ "label": "Billing", "href": "/billing" }],
            "sign_in": { "url": "/login?next=crm" },
            "language": "de",
        })
    );
    let theme = client.get("/assets/theme.css").await;
    assert_eq!(theme.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(theme.text(), ":root{--crm-accent:#0b6e4f;}");
}

#[tokio::test]
async fn pages_run_their_own_files_alone_and_stand_in_no_frame_unless_the_host_allows() {
    let mut dashboard = Dashboard::default();
    let policy = async |dashboard: &Dashboard| {
        let page = served(dashboard.clone()).await.stranger().get("/leads").await;
        page.header("content-security-policy").to_owned()
    };
    let closed = policy(&dashboard).await;
    for part in ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none';"] {
        assert!(closed.contains(part), "{closed}");
    }
    assert!(!closed.contains("unsafe"), "{closed}");
    let origins = ["https://host.example", "http://localhost:3000"].map(|own| own.parse::<Origin>().unwrap());
    dashboard.frame_ancestors = Origins::new(origins);
    let open = policy(&dashboard).await;
    assert!(open.contains("frame-ancestors https://host.example http://localhost:3000;"), "{open}");
    let page = served(dashboard).await.stranger().get("/").await;
    let text = page.text();
    assert!(!text.contains("style=") && !text.contains("<style") && !text.contains(" onload="), "{text}");
}
