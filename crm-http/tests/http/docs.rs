//! The page that shows the document: whole, from this service alone, wherever that is mounted.

use axum::{Router, http::Method};

use crate::world::{Client, World};

/// The addresses in a page, of files and of links.
fn addresses(page: &str) -> Vec<&str> {
    ["src=\"", "href=\""]
        .iter()
        .flat_map(|start| page.split(start).skip(1).filter_map(|rest| rest.split('"').next()))
        .collect()
}

#[tokio::test]
async fn the_page_and_all_that_it_loads_come_from_where_the_service_is_mounted() {
    for (mount, at) in [("/", ""), ("/crm", "/crm"), ("/t/{tenant}", "/t/acme")] {
        let world = World::new().await;
        let router = match mount {
            "/" => world.router.clone(),
            mount => Router::new().nest_service(mount, world.router.clone()),
        };
        let client = Client::of(router);
        let page = client.get(&format!("{at}/docs")).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
        let text = String::from_utf8(page.bytes).unwrap();
        let addresses = addresses(&text);
        assert!(addresses.len() >= 5, "{addresses:?}");
        for address in addresses {
            // The page lies at `docs`, so that its addresses are relative to the mount point.
            let file = client.get(&format!("{at}/{address}")).await;
            assert_eq!(file.status, 200, "{mount} {address}");
            assert!(!file.bytes.is_empty());
        }
        let script = client.get(&format!("{at}/docs/start.js")).await;
        assert!(String::from_utf8(script.bytes).unwrap().contains("\"../openapi.json\""));
        let slash = client.get(&format!("{at}/docs/")).await;
        assert_eq!((slash.status.as_u16(), slash.header("location")), (308, "../docs"));
    }
}

#[tokio::test]
async fn the_page_may_run_no_script_but_its_own_files() {
    let client = World::new().await.stranger();
    for path in ["/docs", "/docs/swagger-ui-bundle.js"] {
        let answer = client.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    }
    let page = String::from_utf8(client.get("/docs").await.bytes).unwrap();
    assert!(
        !page.contains("style=") && page.matches("<script").count() == page.matches("<script src=").count()
    );
}

#[tokio::test]
async fn files_are_known_by_their_tags_and_others_are_not_there() {
    let client = World::new().await.stranger();
    for path in ["/docs", "/docs/swagger-ui.css"] {
        let answer = client.get(path).await;
        let again = client.call(Method::GET, path, &[("if-none-match", answer.header("etag"))], None).await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    }
    for path in ["/docs/index.html", "/docs/..%2fopenapi.json", "/docs/x/y"] {
        client.get(path).await.is_problem(404, "not_found");
    }
}
