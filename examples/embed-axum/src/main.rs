//! A shop that mounts the CRM in its own axum router, behind its own sign-in.
//!
//! The shop knows its customers (tenants) and their staff already. All that the CRM needs is a [`Resolver`]: from a
//! request to a tenant and an actor. Here the shop's key stands in a header; in your program it is your session cookie,
//! your JWT, or whatever your own middleware has put into the request's extensions.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use axum::{Router, http::request::Parts, routing::get};
use crm_core::{Actor, Crm, Id, Role, Tenant, TenantId, User};
use crm_http::{Principal, Refusal, Resolver};
use crm_store_sqlite::SqliteStore;
use uuid::Uuid;

/// Where somebody works, who that is, and as what.
type Post = (TenantId, Id<User>, Role);

/// The shop's staff, by their keys. A real shop asks its database.
#[derive(Clone, Debug, Default)]
pub struct Staff(Arc<HashMap<&'static str, Post>>);

#[async_trait]
impl Resolver for Staff {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        let key = request.headers.get("x-shop-key").and_then(|key| key.to_str().ok());
        let (tenant, user, role) =
            key.and_then(|key| self.0.get(key)).ok_or_else(Refusal::unauthenticated)?;
        Ok(Principal::new(*tenant, Actor::user(*user, *role)))
    }
}

/// The shop's router, with the CRM under `/crm`.
pub fn shop(crm: Crm, staff: Staff) -> Router {
    Router::new()
        .route("/", get(|| async { "a shop; its CRM is under /crm/api" }))
        .nest_service("/crm", crm_http::service(crm, staff))
}

/// Founds two tenants and hires somebody in each.
///
/// # Errors
/// What the engine objects to.
pub async fn hire(crm: &Crm) -> crm_core::Result<Staff> {
    let maintenance = crm.maintenance();
    let directory = crm.directory(&maintenance);
    let mut staff = HashMap::new();
    for (slug, name, key) in
        [("bakery", "The Bakery", "bakery-key"), ("florist", "The Florist", "florist-key")]
    {
        let tenant = match directory.tenant_by_slug(slug).await? {
            Some(tenant) => tenant,
            None => directory.create_tenant(Tenant::new(slug, name)).await?,
        };
        staff.insert(key, (tenant.id, Id::from_uuid(Uuid::now_v7()), Role::Member));
    }
    Ok(Staff(Arc::new(staff)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let crm = Crm::new(SqliteStore::open("shop.db")?);
    let staff = hire(&crm).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8006").await?;
    println!("try: curl -H 'x-shop-key: bakery-key' http://{}/crm/api/customers", listener.local_addr()?);
    axum::serve(listener, shop(crm, staff)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, response::Response};
    use http_body_util::BodyExt;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    async fn answer(
        shop: &Router,
        method: &str,
        path: &str,
        key: &str,
        body: &str,
    ) -> (u16, Option<String>, Value) {
        let request = Request::builder().method(method).uri(path).header("x-shop-key", key);
        let request =
            request.header("content-type", "application/json").body(Body::from(body.to_owned())).unwrap();
        let response: Response = shop.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, location, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn open() -> Router {
        let crm = Crm::new(SqliteStore::in_memory().unwrap());
        let staff = hire(&crm).await.unwrap();
        shop(crm, staff)
    }

    #[tokio::test]
    async fn the_shops_own_key_opens_its_own_tenant() {
        let shop = open().await;
        let (status, location, made) =
            answer(&shop, "POST", "/crm/api/customers", "bakery-key", r#"{"company": "Ada Ltd"}"#).await;
        assert_eq!(status, 201, "{made}");
        let location = location.unwrap();
        assert_eq!(location, format!("/crm/api/customers/{}", made["id"].as_str().unwrap()));
        assert_eq!(answer(&shop, "GET", &location, "bakery-key", "").await.0, 200);
    }

    #[tokio::test]
    async fn another_tenant_sees_nothing_of_it() {
        let shop = open().await;
        let (_, location, _) =
            answer(&shop, "POST", "/crm/api/customers", "bakery-key", r#"{"company": "Ada Ltd"}"#).await;
        assert_eq!(answer(&shop, "GET", &location.unwrap(), "florist-key", "").await.0, 404);
        let (_, _, list) = answer(&shop, "GET", "/crm/api/customers", "florist-key", "").await;
        assert_eq!(list["data"], serde_json::json!([]));
    }

    #[tokio::test]
    async fn without_a_key_nobody_comes_in() {
        let shop = open().await;
        assert_eq!(answer(&shop, "GET", "/crm/api/customers", "stolen", "").await.0, 401);
    }
}
