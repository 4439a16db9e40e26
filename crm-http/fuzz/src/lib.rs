//! The service on the store in memory, the same in every run: two tenants alike, ids that count up, and a clock that
//! stands still. So an input that fails once fails always.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Method, Request, Uri, request::Parts},
};
use chrono::{DateTime, Utc};
use crm_core::{Actor, Crm, Id, IdSource, MemoryStore, Role, Tenant, TenantId, TenantScope, User};
use crm_http::{Principal, Refusal, Resolver};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// Noon of 1 March 2026, in seconds.
const NOON: i64 = 1_772_366_400;

/// The kinds of records whose lists take filters.
pub const LISTS: [&str; 7] = ["customers", "contacts", "leads", "interactions", "projects", "tasks", "users"];

/// A service with two tenants.
pub struct World {
    /// The engine behind it.
    pub crm: Crm,
    /// The tenants, and in each what an owner may do.
    pub tenants: [TenantScope; 2],
    router: Router,
    runtime: Runtime,
}

/// What the service answered.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, without the id of the request.
    pub json: Json,
}

/// Ids that count up in their last half.
#[derive(Default)]
struct Counting(AtomicU64);

impl IdSource for Counting {
    fn next(&self, _: DateTime<Utc>) -> uuid::Uuid {
        let next = self.0.fetch_add(1, Ordering::SeqCst);
        uuid::Uuid::from_u128((0x0190_0000_0000_7000_8000 << 48) + u128::from(next))
    }
}

/// Knows the tenant by its number, and takes everybody for its owner.
struct ByNumber([(TenantId, Id<User>); 2]);

#[async_trait]
impl Resolver for ByNumber {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        let number = request.headers.get("tenant").and_then(|number| number.to_str().ok()?.parse().ok());
        let own: Option<&(TenantId, Id<User>)> = number.and_then(|number: usize| self.0.get(number));
        let (tenant, owner) = own.ok_or_else(Refusal::unauthenticated)?;
        Ok(Principal::new(*tenant, Actor::user(*owner, Role::Owner)))
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// Two tenants that have an owner each and nothing else.
    pub fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let crm = Crm::new(MemoryStore::new())
            .with_clock(|| DateTime::from_timestamp(NOON, 0).unwrap_or_default())
            .with_ids(Counting::default());
        let own = runtime.block_on(async {
            let maintenance = crm.maintenance();
            let mut own = Vec::new();
            for slug in ["acme", "globex"] {
                let tenant = crm.directory(&maintenance).create_tenant(Tenant::new(slug, slug)).await;
                let tenant = tenant.expect("a tenant").id;
                let scope = crm.scope(tenant, Actor::job("setup"));
                let owner = User::new(format!("owner@{slug}.test"), Role::Owner);
                own.push((tenant, crm.users(&scope).create(owner).await.expect("an owner").id));
            }
            own
        });
        let own = [own[0], own[1]];
        let tenants = own.map(|(tenant, owner)| crm.scope(tenant, Actor::user(owner, Role::Owner)));
        let router = crm_http::service(crm.clone(), ByNumber(own));
        Self { crm, tenants, router, runtime }
    }

    /// The same with some records of every kind in each tenant.
    pub fn furnished() -> Self {
        let world = Self::new();
        for tenant in 0..2 {
            world.furnish(tenant);
        }
        world
    }

    /// Runs to the end what the engine does.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Sends a request as the owner of a tenant; `None` if that is no address. No answer may be a fault of the service.
    pub fn send(&self, tenant: usize, method: Method, path: &str, body: &[u8]) -> Option<Answer> {
        let uri: Uri = path.parse().ok()?;
        let request = Request::builder().method(method).uri(uri).header("tenant", tenant);
        let request =
            request.header("content-type", "application/json").body(Body::from(body.to_vec())).ok()?;
        let (status, bytes) = self.run(async {
            let response = self.router.clone().oneshot(request).await.expect("a service that cannot fail");
            let status = response.status().as_u16();
            (status, response.into_body().collect().await.expect("a body").to_bytes())
        });
        assert!(status < 500, "{status} for {path}: {}", String::from_utf8_lossy(&bytes));
        let mut json = if bytes.is_empty() {
            Json::Null
        } else {
            serde_json::from_slice(&bytes).expect("an answer in JSON")
        };
        if let Some(problem) = json.as_object_mut().filter(|_| status >= 400) {
            assert!(problem.remove("request_id").is_some(), "{path}");
        }
        Some(Answer { status, json })
    }

    /// What is at an address of the service.
    pub fn get(&self, tenant: usize, path: &str) -> Option<Answer> {
        self.send(tenant, Method::GET, path, b"")
    }

    /// Makes a record, which must succeed; its id.
    pub fn make(&self, tenant: usize, path: &str, content: Json) -> String {
        let answer =
            self.send(tenant, Method::POST, path, content.to_string().as_bytes()).expect("an address");
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        answer.json["id"].as_str().expect("an id").to_owned()
    }

    /// Recounts a tenant; nothing may differ.
    pub fn verify(&self, tenant: usize) {
        let maintenance = self.crm.maintenance();
        let found =
            self.run(self.crm.verify(&maintenance, self.tenants[tenant].tenant())).expect("a recount");
        assert!(found.differences.is_empty(), "{found:?}");
    }

    fn furnish(&self, tenant: usize) {
        for index in 0..7 {
            let customer = json!({
                "name": format!("Åsa {index}"),
                "company": if index % 2 == 0 { json!("Übermaß GmbH") } else { json!(null) },
                "email": format!("ada{index}@example.com"),
                "phone": "+44 20 7946 0000",
                "country": "GB",
                "is_active": index % 3 != 0,
                "tags": ["a", "b"],
            });
            let customer = self.make(tenant, "/api/customers", customer);
            let within = |kind: &str| format!("/api/customers/{customer}/{kind}");
            self.make(tenant, &within("contacts"), json!({ "name": "Grace", "is_primary": index % 2 == 0 }));
            let interaction =
                json!({ "type": "note", "subject": "s", "occurred_at": "2026-02-03T04:05:06.5Z" });
            self.make(tenant, &within("interactions"), interaction);
            let lead = json!({
                "name": format!("Lead {index}"),
                "stage": (["new", "qualified", "closed_won", "closed_lost"])[index % 4],
                "source": if index % 2 == 0 { json!("web") } else { json!(null) },
                "value": { "amount": 100 * index, "currency": "EUR" },
                "expected_close": "2026-04-05",
                "customer_id": customer,
            });
            self.make(tenant, "/api/leads", lead);
            let project =
                json!({ "name": "P", "status": "active", "customer_id": customer, "due_on": "2026-05-06" });
            self.make(tenant, "/api/projects", project);
            let path = format!("/api/customers/{customer}");
            let patch = json!({ "notes": format!("note {index}") }).to_string();
            let patched = self.send(tenant, Method::PATCH, &path, patch.as_bytes()).expect("an address");
            assert_eq!(patched.status, 200, "{patched:?}");
            let task = json!({ "title": "T", "priority": "high", "due_at": "2026-03-01T12:00:00Z", "customer_id": customer });
            self.make(tenant, "/api/tasks", task);
        }
    }
}

/// A first byte that chooses one of several, and the rest.
pub fn choose<'a, T>(choices: &[T], input: &'a [u8]) -> Option<(usize, &'a [u8])> {
    let (first, rest) = input.split_first()?;
    Some((usize::from(*first) % choices.len(), rest))
}
