//! The built-in login, for programs without an auth of their own: passwords, sessions, rate limits.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> crm_core::Result<()> {
//! use crm_core::{Actor, Crm, MemoryStore, Role, Tenant, User};
//! use crm_http::auth::Login;
//!
//! let crm = Crm::new(MemoryStore::new());
//! let acme = crm.directory(&crm.maintenance()).create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
//! let scope = crm.scope(acme.id, Actor::job("setup"));
//! crm.users(&scope).create(User::new("ada@acme.test", Role::Owner)).await?;
//!
//! let login = Login::new(crm.clone());
//! login.set_password("ada@acme.test", "correct horse").await?;
//! let router = crm_http::service(crm, login);
//! # Ok(())
//! # }
//! ```
//!
//! A session's token is random, known to the client alone (the store has its hash), and good for one tenant until it
//! expires or is signed out. Role, activity and tenant are looked up for every request, so that what is taken away is
//! gone at once. An account is a person's, by e-mail address; it opens every tenant that has an active user of that
//! address.

mod password;
mod routes;
mod throttle;
mod token;

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use axum::{extract::ConnectInfo, http::request::Parts};
use crm_core::{Actor, Crm, Maintenance, Record, Result, Session, Tenant, User};
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use unicode_normalization::UnicodeNormalization;

pub use password::{HashCost, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
pub(crate) use routes::{login, logout};

use crate::principal::{Principal, Refusal, Resolver};
use password::Passwords;
use throttle::Throttle;
use token::Token;

/// How long expired sessions lie about at least.
const TIDY: Duration = Duration::from_secs(60);

/// What can be set about the login.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LoginSettings {
    /// How long a sign-in lasts; 12 hours unless set.
    pub session: Duration,
    /// The work of a password hash.
    pub cost: HashCost,
    /// How many failed tries an account has at once; 10 unless set.
    pub account_tries: u32,
    /// How long it takes until an account has one more; 30 seconds unless set.
    pub account_interval: Duration,
    /// How many failed tries a network address has at once; 50 unless set. Addresses are known if the service is
    /// served with [`ConnectInfo`], as [`serve`](crate::serve()) does; behind a proxy they are all the proxy's.
    pub address_tries: u32,
    /// How long it takes until an address has one more; 2 seconds unless set.
    pub address_interval: Duration,
}

impl Default for LoginSettings {
    fn default() -> Self {
        Self {
            session: Duration::from_secs(12 * 60 * 60),
            cost: HashCost::default(),
            account_tries: 10,
            account_interval: Duration::from_secs(30),
            address_tries: 50,
            address_interval: Duration::from_secs(2),
        }
    }
}

/// Passwords and sessions, kept in the CRM's own directory: a [`Resolver`] that brings the routes to sign in and out.
#[derive(Debug)]
pub struct Login {
    crm: Crm,
    maintenance: Maintenance,
    session: Duration,
    passwords: Passwords,
    accounts: Throttle,
    addresses: Throttle,
    tidied: Mutex<Option<Instant>>,
}

impl Login {
    /// The login of this CRM.
    pub fn new(crm: Crm) -> Self {
        Self::with(crm, LoginSettings::default())
    }

    /// The same with other settings.
    pub fn with(crm: Crm, settings: LoginSettings) -> Self {
        Self {
            maintenance: crm.maintenance(),
            crm,
            session: settings.session,
            passwords: Passwords::new(settings.cost),
            accounts: Throttle::new(settings.account_tries, settings.account_interval),
            addresses: Throttle::new(settings.address_tries, settings.address_interval),
            tidied: Mutex::default(),
        }
    }

    /// Sets the password of the account of this e-mail address, which is made if there is none, and ends its sign-ins.
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) if the password is too short or too long, or if that is no e-mail
    /// address.
    pub async fn set_password(&self, email: &str, password: &str) -> Result<()> {
        let hash = self.passwords.hash(password).await?;
        self.crm.directory(&self.maintenance).set_password_hash(email, &hash).await.map(drop)
    }

    /// Removes sessions that have expired, beside whatever goes on, and not more often than once in a while.
    fn tidy(&self) {
        let mut tidied = self.tidied.lock().unwrap_or_else(PoisonError::into_inner);
        if tidied.is_some_and(|tidied| tidied.elapsed() < TIDY) {
            return;
        }
        *tidied = Some(Instant::now());
        let crm = self.crm.clone();
        tokio::spawn(async move {
            let maintenance = crm.maintenance();
            loop {
                match crm.directory(&maintenance).purge_sessions().await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "expired sessions could not be removed");
                        break;
                    }
                }
            }
        });
    }

    /// The session of the token that a request bears, and whom it lets in where.
    async fn known(&self, request: &Parts) -> Result<Known, Refusal> {
        let token = Token::of(request).ok_or_else(Refusal::unauthenticated)?;
        let directory = self.crm.directory(&self.maintenance);
        let session = directory.session(&token.hash()).await?.ok_or_else(Refusal::invalid_token)?;
        let (Some(tenant), Some(user)) = (session.tenant_id, session.user_id) else {
            return Err(Refusal::invalid_token());
        };
        let known = membership(&directory, tenant, crm_core::Id::from_uuid(user)).await?;
        let (tenant, user) = known.ok_or_else(Refusal::invalid_token)?;
        Ok(Known { session, tenant, user })
    }
}

/// A session that is open, and what it leads to.
struct Known {
    session: Record<Session>,
    tenant: Record<Tenant>,
    user: Record<User>,
}

#[async_trait]
impl Resolver for Login {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        let Known { tenant, user, .. } = self.known(request).await?;
        let actor = Actor::user(user.id, user.role_of());
        Ok(Principal::new(tenant.id, actor).described(json!(user), profile(&tenant)))
    }

    fn login(&self) -> Option<&Login> {
        Some(self)
    }
}

/// Sets a password with the default settings; see [`Login::set_password`].
///
/// # Errors
/// As [`Login::set_password`].
pub async fn set_password(crm: &Crm, email: &str, password: &str) -> Result<()> {
    Login::new(crm.clone()).set_password(email, password).await
}

/// A tenant and a user of it, if the one is in use and the other active.
async fn membership(
    directory: &crm_core::Directory<'_>,
    tenant: crm_core::TenantId,
    user: crm_core::Id<User>,
) -> Result<Option<(Record<Tenant>, Record<User>)>> {
    let tenant = match directory.tenant(tenant).await {
        Err(crm_core::Error::NotFound { .. }) => return Ok(None),
        tenant => tenant?,
    };
    let user = directory.user(tenant.id, user).await?;
    let user = user.filter(|user| user.is_active && tenant.is_active());
    Ok(user.map(|user| (tenant, user)))
}

/// What a user may know of a tenant.
fn profile(tenant: &Record<Tenant>) -> Json {
    json!({ "id": tenant.id, "slug": tenant.slug, "name": tenant.name })
}

/// What tries at an account are counted by, whether or not there is such an account.
fn account_key(email: &str) -> String {
    email.trim().nfc().collect::<String>().to_lowercase()
}

/// What tries from an address are counted by: with IPv6, the network that one client has to itself.
fn address_key(request: &Parts) -> Option<String> {
    let ConnectInfo(address) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(match address.ip().to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    })
}
