//! The service inside of a host: at any path, with the host's own idea of who is who.

use async_trait::async_trait;
use axum::{
    Router,
    extract::{FromRequestParts, RawPathParams},
    http::{Method, request::Parts},
    routing::get,
};
use crm_core::{Actor, Crm, Id, MemoryStore, Role, Tenant, TenantId};
use crm_http::{Principal, Refusal, Resolver};
use serde_json::json;

use crate::world::{Client, World};

/// A host whose own layers say who somebody is by a header, and whose paths name the tenant.
struct HostAuth {
    tenants: Vec<(&'static str, TenantId)>,
}

#[async_trait]
impl Resolver for HostAuth {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        let role = request.headers.get("host-role").and_then(|role| role.to_str().ok());
        let role = role.ok_or(Refusal::Unauthenticated { challenge: "Host realm=\"host\"".to_owned() })?;
        let role = Role::named(role).ok_or(Refusal::Forbidden)?;
        let mut parts = request.clone();
        let params = RawPathParams::from_request_parts(&mut parts, &()).await.unwrap();
        let slug = params.iter().find(|(name, _)| *name == "tenant").map_or("acme", |(_, slug)| slug);
        let tenant = self.tenants.iter().find(|(own, _)| *own == slug).ok_or(Refusal::Forbidden)?.1;
        let user = Id::from_uuid(uuid::Uuid::from_u128(7));
        let principal = Principal::new(tenant, Actor::user(user, role));
        Ok(principal.described(json!({ "id": user, "name": "Ada" }), json!({ "id": tenant, "slug": slug })))
    }
}

async fn host() -> (Crm, HostAuth) {
    let crm = Crm::new(MemoryStore::new());
    let mut tenants = Vec::new();
    for slug in ["acme", "globex"] {
        let tenant = crm.directory(&crm.maintenance()).create_tenant(Tenant::new(slug, slug)).await.unwrap();
        tenants.push((slug, tenant.id));
    }
    (crm, HostAuth { tenants })
}

const MEMBER: &[(&str, &str)] = &[("host-role", "member")];

#[tokio::test]
async fn a_mounted_service_works_and_knows_where_it_is() {
    for (mount, prefix) in [
        ("/crm", "/crm"),
        ("/a/b/c", "/a/b/c"),
        ("/t/{tenant}/crm", "/t/globex/crm"),
        ("/{id}/x", "/7/x"),
        ("/t/{tenant}/{id}", "/t/acme/customers"),
    ] {
        let (crm, auth) = host().await;
        let service = crm_http::service(crm, auth);
        let router = Router::new().route("/host", get(async || "host")).nest_service(mount, service);
        let client = Client::of(router);
        let made = client
            .call(Method::POST, &format!("{prefix}/api/customers"), MEMBER, Some(json!({ "name": "A" })))
            .await;
        assert_eq!(made.status, 201, "{mount} {made:?}");
        let location = made.header("location");
        assert_eq!(location, format!("{prefix}/api/customers/{}", made.json()["id"].as_str().unwrap()));
        assert_eq!(client.call(Method::GET, location, MEMBER, None).await.json(), made.json());
        let nested = format!("{location}/contacts");
        let contact = client.call(Method::POST, &nested, MEMBER, Some(json!({ "name": "B" }))).await;
        assert!(contact.header("location").starts_with(&format!("{prefix}/api/contacts/")));
        let login =
            client.call(Method::POST, &format!("{prefix}/api/auth/login"), MEMBER, Some(json!({}))).await;
        login.is_problem(404, "not_found");
        for end in ["", "/", "/api/nothing"] {
            client.get(&format!("{prefix}{end}")).await.is_problem(404, "not_found");
        }
        assert_eq!(client.get("/host").await.bytes, b"host");
        assert_eq!(client.get(&format!("{prefix}/healthz")).await.status, 200);
    }
}

#[tokio::test]
async fn the_tenant_of_the_path_is_the_tenant_of_the_records() {
    let (crm, auth) = host().await;
    let client = Client::of(Router::new().nest_service("/t/{tenant}/crm", crm_http::service(crm, auth)));
    let made = client.call(Method::POST, "/t/acme/crm/api/leads", MEMBER, Some(json!({ "name": "A" }))).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let elsewhere = format!("/t/globex/crm/api/leads/{id}");
    client.call(Method::GET, &elsewhere, MEMBER, None).await.is_problem(404, "not_found");
    let nowhere = client.call(Method::GET, "/t/other/crm/api/leads", MEMBER, None).await;
    nowhere.is_problem(403, "forbidden");
}

#[tokio::test]
async fn the_hosts_own_idea_of_who_is_who_holds() {
    let (crm, auth) = host().await;
    let tenant = auth.tenants[0].1;
    let client = Client::of(crm_http::service(crm, auth));
    let refused = client.get("/api/customers").await;
    refused.is_problem(401, "unauthenticated");
    assert_eq!(refused.header("www-authenticate"), "Host realm=\"host\"");
    let role = |role: &'static str| [("host-role", role)];
    client.call(Method::GET, "/api/customers", &role("king"), None).await.is_problem(403, "forbidden");
    let viewer =
        client.call(Method::POST, "/api/customers", &role("viewer"), Some(json!({ "name": "A" }))).await;
    viewer.is_problem(403, "forbidden");
    let me = client.call(Method::GET, "/api/auth/me", MEMBER, None).await.json();
    assert_eq!((&me["user"]["name"], &me["role"]), (&json!("Ada"), &json!("member")));
    assert_eq!(me["tenant"], json!({ "id": tenant, "slug": "acme" }));
    let path = "/api/auth/logout";
    client.call(Method::POST, path, MEMBER, None).await.is_problem(404, "not_found");
    let names: Vec<String> = crm_http::routes(false).into_iter().map(|route| route.path).collect();
    assert!(!names.iter().any(|path| path.ends_with("login") || path.ends_with("logout")));
}

#[tokio::test]
async fn two_services_live_side_by_side() {
    let (one, two) = (World::new().await, World::new().await);
    let router =
        Router::new().nest_service("/one", one.router.clone()).nest_service("/two", two.router.clone());
    let client = Client::of(router).with_token(one.member().await.token());
    assert_eq!(client.get("/one/api/auth/me").await.status, 200);
    client.get("/two/api/auth/me").await.is_problem(401, "unauthenticated");
}
