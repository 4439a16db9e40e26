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
//! expires, is signed out, or the password changes; so is an API key, which has a role of its own, until it expires or is
//! revoked. Role, activity and tenant are looked up for every request, so that what is taken away is gone at once. A
//! web page of the service's own gets its token in a cookie as well.
//!
//! An account is a person's, by e-mail address. One whose password the operator has set opens every tenant that has an
//! active user of that address. Users of a tenant whom nobody has given a password are invited: with the token of the
//! invitation they set one, and that account opens the tenants alone whose invitation was accepted with its password. So
//! nobody who runs a tenant can take an address that another tenant trusts.

mod admission;
mod invitations;
mod keys;
mod password;
mod routes;
mod token;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use axum::http::request::Parts;
use crm_core::{Crm, Maintenance, Record, Result, Tenant};
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

pub(crate) use invitations::{accept, invite};
pub(crate) use keys::create as create_key;
pub use password::{HashCost, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
pub(crate) use routes::{login, logout, password};

use crate::{
    address::client_network,
    call::digest,
    principal::{Principal, Refusal, Resolver},
    throttle::Throttle,
};
use admission::{Admission, Admissions};
use password::Passwords;
use token::Credential;

/// How long expired sessions lie about at least.
const TIDY: Duration = Duration::from_secs(60);

/// What can be set about the login.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LoginSettings {
    /// How long a sign-in lasts; 12 hours unless set.
    pub session: Duration,
    /// How long an invitation is open; 7 days unless set.
    pub invitation: Duration,
    /// The work of a password hash.
    pub cost: HashCost,
    /// How many failed tries an account has at once; 10 unless set.
    pub account_tries: u32,
    /// How long it takes until an account has one more; 30 seconds unless set.
    pub account_interval: Duration,
    /// How many failed tries a network address has at once; 50 unless set. Addresses are known if the service is
    /// served with [`ConnectInfo`](axum::extract::ConnectInfo), as [`serve`](crate::serve()) does; behind a proxy they are all the proxy's.
    pub address_tries: u32,
    /// How long it takes until an address has one more; 2 seconds unless set.
    pub address_interval: Duration,
}

impl Default for LoginSettings {
    fn default() -> Self {
        Self {
            session: Duration::from_secs(12 * 60 * 60),
            invitation: Duration::from_secs(7 * 24 * 60 * 60),
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
    invitation: Duration,
    passwords: Passwords,
    accounts: Throttle,
    addresses: Throttle,
    admissions: Admissions,
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
            invitation: settings.invitation,
            passwords: Passwords::new(settings.cost),
            accounts: Throttle::new(settings.account_tries, settings.account_interval),
            addresses: Throttle::new(settings.address_tries, settings.address_interval),
            admissions: Admissions::default(),
            tidied: Mutex::default(),
        }
    }

    /// Sets the password of the account of this e-mail address, which is made if there is none, and ends its sign-ins. The
    /// caller stands for it that whoever gets to know the password is the person of that address: the account opens
    /// every tenant that has such a user.
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) if the password is too short or too long, or if that is no e-mail
    /// address.
    pub async fn set_password(&self, email: &str, password: &str) -> Result<()> {
        let hash = self.passwords.hash(password).await?;
        let directory = self.crm.directory(&self.maintenance);
        let account = directory.set_password_hash(email, &hash).await?;
        directory.vouch(account.id).await.map(drop)
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

    /// Whom the credential of a request lets in.
    async fn admission(&self, request: &Parts) -> Result<Arc<Admission>, Refusal> {
        let credential = Credential::of(&request.headers).ok_or_else(Refusal::unauthenticated)?;
        let directory = self.crm.directory(&self.maintenance);
        self.admissions.of(&self.crm, &directory, &credential).await?.ok_or_else(Refusal::invalid_token)
    }
}

#[async_trait]
impl Resolver for Login {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        Ok(self.admission(request).await?.principal.clone())
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

/// What a user may know of a tenant.
fn profile(tenant: &Record<Tenant>) -> Json {
    json!({ "id": tenant.id, "slug": tenant.slug, "name": tenant.name })
}

/// What tries at an account are counted by, whether or not there is such an account.
fn account_key(email: &str) -> Uuid {
    digest(&[&email.trim().nfc().collect::<String>().to_lowercase()])
}

/// What tries from an address are counted by.
fn address_key(request: &Parts) -> Option<Uuid> {
    client_network(request).map(Uuid::from_u128)
}
