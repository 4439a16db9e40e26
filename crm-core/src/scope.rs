//! The one door: who acts, in which tenant, with what rights.
//!
//! This module is the only place that makes a [`TenantScope`]. Its constructors are named by their origin and are
//! private to the crate; a host reaches them through [`Crm::scope`](crate::Crm::scope) alone.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Id, Tenant, User};

/// The id of a tenant.
pub type TenantId = Id<Tenant>;

/// Proof that somebody may act in one tenant. Every read and every write asks for one.
///
/// It cannot be built, changed or read from outside:
///
/// ```compile_fail,E0451
/// use crm_core::{Actor, Role, TenantId, TenantScope};
/// # fn forge(tenant: TenantId, actor: Actor) -> TenantScope {
/// TenantScope { tenant, actor }
/// # }
/// ```
///
/// A host asks the engine for it, naming the tenant and the actor that it has authenticated:
///
/// ```
/// use crm_core::{Actor, Crm, TenantId, TenantScope};
/// # fn ask(crm: &Crm, tenant: TenantId, actor: Actor) -> TenantScope {
/// crm.scope(tenant, actor)
/// # }
/// ```
///
/// There is no default and no way in from data:
///
/// ```compile_fail,E0277
/// let scope: crm_core::TenantScope = Default::default();
/// ```
/// ```compile_fail,E0277
/// let scope: crm_core::TenantScope = serde_json::from_str("{}").unwrap();
/// ```
/// ```compile_fail,E0277
/// let scope: crm_core::TenantScope = uuid::Uuid::nil().into();
/// ```
///
/// Their compiling twins, so that the failures above are about the scope and not about a slip:
///
/// ```
/// let id: crm_core::TenantId = serde_json::from_str("\"01890a5d-ac96-774b-bcce-b302099a8057\"").unwrap();
/// let text: String = Default::default();
/// let bytes: Vec<u8> = uuid::Uuid::nil().into();
/// ```
///
/// A store takes one, first:
///
/// ```
/// # use crm_core::{Customer, Entity, Row, Store, TenantScope};
/// # async fn read(store: &dyn Store, scope: &TenantScope) -> crm_core::Result<Vec<Row>> {
/// store.get(scope, Customer::object(), &[]).await
/// # }
/// ```
///
/// and does not answer without:
///
/// ```compile_fail,E0061
/// # use crm_core::{Customer, Entity, Row, Store, TenantScope};
/// # async fn read(store: &dyn Store) -> crm_core::Result<Vec<Row>> {
/// store.get(Customer::object(), &[]).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TenantScope {
    tenant: TenantId,
    actor: Actor,
}

/// Who does something, for permissions and for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    kind: ActorKind,
    // A clone of an actor goes with each thing that it does.
    id: Arc<str>,
    role: Option<Role>,
    request: Option<Uuid>,
}

/// What kind of actor did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    User,
    /// An API key.
    ApiKey,
    /// A program of the host that runs by itself, such as an import.
    Job,
    /// The engine.
    System,
}

/// What a person may do in a tenant. Each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also writes, deletes and restores records.
    Member,
    /// Also imports, exports, sees the log and manages users and the pipeline.
    Admin,
    /// Also erases and manages owners.
    Owner,
}

impl Role {
    /// Every role, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// The name in data and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ActorKind {
    /// The name in data and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::Job => "job",
            Self::System => "system",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::User, Self::ApiKey, Self::Job, Self::System].into_iter().find(|kind| kind.name() == name)
    }
}

impl Actor {
    /// A person with a role. The id is the host's own or that of a [`User`] of the tenant.
    pub fn user(id: Id<User>, role: Role) -> Self {
        Self { kind: ActorKind::User, id: id.to_string().into(), role: Some(role), request: None }
    }

    /// An API key with a role.
    pub fn api_key(id: Uuid, role: Role) -> Self {
        Self { kind: ActorKind::ApiKey, id: id.to_string().into(), role: Some(role), request: None }
    }

    /// A program of the host, named in the log, that may do whatever an owner may.
    pub fn job(name: &'static str) -> Self {
        Self { kind: ActorKind::Job, id: name.into(), role: Some(Role::Owner), request: None }
    }

    /// The same actor within one request, whose id goes on every event that it causes.
    #[must_use]
    pub fn in_request(mut self, id: Uuid) -> Self {
        self.request = Some(id);
        self
    }

    /// What kind of actor.
    pub fn kind(&self) -> ActorKind {
        self.kind
    }

    /// The id of the user or key, or the name of the job.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The user's id, for a person.
    pub fn user_id(&self) -> Option<Id<User>> {
        (self.kind == ActorKind::User).then(|| self.id.parse().ok()).flatten()
    }

    /// The role; `None` only for the engine itself.
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// The request that this happens in.
    pub fn request(&self) -> Option<Uuid> {
        self.request
    }

    pub(crate) fn system() -> Self {
        Self { kind: ActorKind::System, id: Arc::default(), role: None, request: None }
    }
}

impl TenantScope {
    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// From `Crm::scope`: a host vouches for an actor that it has authenticated.
    pub(crate) fn from_host(tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor }
    }

    /// From the engine, for upkeep inside one tenant.
    pub(crate) fn from_maintenance(_: &Maintenance, tenant: TenantId) -> Self {
        Self { tenant, actor: Actor::system() }
    }

    /// From the engine, to note in a tenant what an actor did who had no right to do it: the actor's name, the engine's
    /// hand.
    pub(crate) fn on_behalf_of(_: &Maintenance, tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor: Actor { role: None, ..actor } }
    }
}

/// The right to work across tenants: create and list them, check them, find the tenants of a sign-in.
///
/// It opens no tenant's records: no function takes both this and a [`TenantScope`], and it does not turn into one.
///
/// ```compile_fail,E0308
/// # use crm_core::{Crm, Maintenance};
/// # fn read(crm: &Crm, maintenance: &Maintenance) {
/// crm.customers(maintenance);
/// # }
/// ```
/// ```
/// # use crm_core::{Crm, TenantScope};
/// # fn read(crm: &Crm, scope: &TenantScope) {
/// crm.customers(scope);
/// # }
/// ```
#[derive(Debug)]
pub struct Maintenance(());

impl Maintenance {
    /// From `Crm::maintenance`.
    pub(crate) fn from_host() -> Self {
        Self(())
    }
}

/// The tenant in which the engine keeps its own directory: tenants, accounts, memberships, sessions. It is stored,
/// logged and isolated like any other; no role can reach its records.
pub(crate) const DIRECTORY: TenantId = Id::from_uuid(Uuid::nil());
