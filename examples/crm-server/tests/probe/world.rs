//! Two tenants filled alike, and everybody who could ask the service from within one of them.

use std::sync::Arc;

use axum::{Router, http::Method};
use chrono::TimeDelta;
use crm_core::{
    Actor, ApiKey, Contact, Crm, Customer, Entity, Error, Id, Interaction, Lead, Project, Role, Store, Task,
    Tenant, TenantId, TenantScope, User,
    testing::{ManualClock, SeededIds},
};
use crm_http::auth::{HashCost, Login, LoginSettings};
use uuid::Uuid;

use crate::{
    client::{Client, PASSWORD},
    digest::Ledger,
    filling::{Filling, fill},
    opened::Opened,
    planted::{Planted, in_front},
    secrets::Secrets,
    watched::Watched,
};

/// In every text of the other tenant, and in no other.
pub(crate) const MARKER: &str = "qzxvmark";
/// In the texts of the own tenant.
pub(crate) const WORD: &str = "acme";

/// A tenant, with what it has.
pub(crate) struct Side {
    pub(crate) tenant: TenantId,
    /// Its owner, signed in.
    pub(crate) owner: Client,
    pub(crate) filling: Filling,
    pub(crate) ledger: Ledger,
}

/// The service on a store of its own.
pub(crate) struct World {
    pub(crate) opened: Opened,
    pub(crate) planted: Arc<Planted>,
    pub(crate) router: Router,
    /// A way past the service, for what a test must set right.
    pub(crate) behind: Crm,
    pub(crate) own: Side,
    pub(crate) foreign: Side,
    pub(crate) secrets: Secrets,
}

/// Somebody who asks from within the own tenant.
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    /// `None` for who is not let in.
    pub(crate) role: Option<Role>,
    email: Option<String>,
    pub(crate) client: Client,
}

/// A login whose hashes cost next to nothing and that does not count failures: the same wrong password is tried
/// thousands of times.
pub(crate) fn login(crm: Crm) -> Login {
    let mut settings = LoginSettings::default();
    settings.cost = HashCost { memory_kib: 8, passes: 1 };
    settings.account_tries = u32::MAX;
    Login::with(crm, settings)
}

/// The e-mail address of the user with this role.
pub(crate) fn email(role: Role, slug: &str) -> String {
    format!("{role}@{slug}.test")
}

/// Founds a tenant with a user of each role, and one more who is in every tenant.
pub(crate) async fn found(crm: &Crm, tenant: TenantId, slug: &str) {
    let login = login(crm.clone());
    let maintenance = crm.maintenance();
    let directory = crm.directory(&maintenance);
    directory.create_tenant_with_id(tenant, Tenant::new(slug, format!("{slug} Ltd"))).await.unwrap();
    let scope = crm.scope(tenant, Actor::job("setup"));
    for role in Role::ALL {
        let email = email(role, slug);
        crm.users(&scope).create(User::new(&email, role)).await.unwrap();
        login.set_password(&email, PASSWORD).await.unwrap();
    }
    crm.users(&scope).create(User::new("both@demo.test", Role::Member)).await.unwrap();
    login.set_password("both@demo.test", PASSWORD).await.unwrap();
}

impl World {
    /// The world of this seed, and who asks in it.
    pub(crate) async fn new(opened: Opened, dice: &mut fastrand::Rng) -> (Self, Vec<Caller>) {
        let [own, foreign] = [(); 2].map(|()| TenantId::from_uuid(Uuid::from_u128(dice.u128(..))));
        let watched: Arc<dyn Store> = Arc::new(Watched(Arc::clone(&opened.store)));
        let planted = Arc::new(Planted::new(watched, own, foreign));
        let clock = ManualClock::default();
        let ids = SeededIds::new(dice.u64(..));
        let on =
            |store: Arc<dyn Store>| Crm::on_shared(store).with_clock(clock.clone()).with_ids(ids.clone());
        let (crm, behind) = (on(planted.clone()), on(Arc::clone(&opened.store)));
        for (tenant, slug) in [(own, WORD), (foreign, MARKER)] {
            found(&crm, tenant, slug).await;
        }
        let router = crm_http::service(crm.clone(), login(crm));
        let router = in_front(router, Arc::clone(&planted), behind.clone());
        let expired = Client::sign_in(&router, &email(Role::Owner, WORD), WORD).await;
        clock.advance(TimeDelta::days(1));
        let own = side(&behind, &router, own, WORD, dice).await;
        let foreign = side(&behind, &router, foreign, MARKER, dice).await;
        let mut secrets = Secrets::default();
        let ids = foreign.ledger.ids(&*opened.store).await;
        ids.into_iter().chain(foreign.filling.keys.iter().copied()).for_each(|id| secrets.add(id));
        let world = Self { opened, planted, router, behind, own, foreign, secrets };
        let callers = world.callers(expired).await;
        (world, callers)
    }

    /// One line for each kind of credential.
    async fn callers(&self, expired: Client) -> Vec<Caller> {
        let user = async |name, role, email: String| {
            let client = Client::sign_in(&self.router, &email, WORD).await;
            Caller { name, role: Some(role), email: Some(email), client }
        };
        let outsider = |name, client| Caller { name, role: None, email: None, client };
        let made = self
            .own
            .owner
            .make("/api/api-keys", serde_json::json!({ "name": "caller", "role": "admin" }))
            .await;
        let token = |token: &str| Client::new(self.router.clone(), Some(token.to_owned()));
        let closed = Client::sign_in(&self.router, &email(Role::Owner, WORD), WORD).await;
        let out = closed.post("/api/auth/logout", serde_json::json!({})).await;
        assert_eq!(out.status, 204, "{out:?}");
        vec![
            outsider("nobody", Client::new(self.router.clone(), None)),
            outsider("garbage", token("bm8gc3VjaCB0b2tlbiBoYXMgZXZlciBiZWVuIGlzc3VlZCE")),
            outsider("expired session", expired),
            outsider("closed session", closed),
            user("viewer", Role::Viewer, email(Role::Viewer, WORD)).await,
            user("member", Role::Member, email(Role::Member, WORD)).await,
            user("admin", Role::Admin, email(Role::Admin, WORD)).await,
            user("owner", Role::Owner, email(Role::Owner, WORD)).await,
            user("member of both", Role::Member, "both@demo.test".to_owned()).await,
            Caller {
                name: "API key",
                role: Some(Role::Admin),
                email: None,
                client: token(made["key"].as_str().expect("it is shown once")),
            },
        ]
    }

    /// Takes back what a probe was allowed to do in the own tenant, so that the next one finds the same.
    pub(crate) async fn take_back(&self, caller: &mut Caller, method: &str, path: &str, made: Option<Uuid>) {
        let scope = self.behind.scope(self.own.tenant, Actor::job("taking back"));
        let path = path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(2).collect();
        match (method, segments.as_slice()) {
            ("POST", ["auth", "logout"]) => {
                let email = caller.email.clone().expect("only who has signed in signs out");
                caller.client = Client::sign_in(&self.router, &email, WORD).await;
            }
            ("DELETE", ["api-keys", id]) => {
                let id = id.parse().expect("it was deleted by its id");
                self.behind.records::<ApiKey>(&scope).restore(id).await.unwrap();
            }
            ("DELETE", [object, id]) => {
                let path = format!("/api/{object}/{id}/restore");
                let answer = self.own.owner.send(Method::POST, &path, &[], None).await;
                assert_eq!(answer.status, 200, "{answer:?}");
            }
            ("POST", [object] | [_, _, object]) => {
                if let Some(id) = made {
                    remove(&self.behind, &scope, object, id).await;
                }
            }
            _ => {}
        }
    }
}

/// Signs the owner of a tenant in and fills the tenant.
async fn side(behind: &Crm, router: &Router, tenant: TenantId, slug: &str, dice: &mut fastrand::Rng) -> Side {
    let owner = Client::sign_in(router, &email(Role::Owner, slug), slug).await;
    let filling = fill(&owner, slug, dice).await;
    Side { tenant, owner, filling, ledger: Ledger::new(behind, tenant, slug) }
}

/// Removes a record for good.
async fn remove(crm: &Crm, scope: &TenantScope, object: &str, id: Uuid) {
    match object {
        "customers" => erase::<Customer>(crm, scope, id).await,
        "contacts" => erase::<Contact>(crm, scope, id).await,
        "leads" => erase::<Lead>(crm, scope, id).await,
        "interactions" => erase::<Interaction>(crm, scope, id).await,
        "projects" => erase::<Project>(crm, scope, id).await,
        "tasks" => erase::<Task>(crm, scope, id).await,
        "users" => erase::<User>(crm, scope, id).await,
        "api-keys" => erase::<ApiKey>(crm, scope, id).await,
        // What an answer names need not be a record of the route's: a restored one stays.
        _ => {}
    }
}

async fn erase<T: Entity>(crm: &Crm, scope: &TenantScope, id: Uuid) {
    let (records, id) = (crm.records::<T>(scope), Id::from_uuid(id));
    match records.delete(id, None).await {
        Ok(()) | Err(Error::NotFound { .. }) => records.erase(id).await.unwrap(),
        Err(error) => panic!("{error}"),
    }
}
