//! Bearer tokens (JWT, RFC 7519) that the host's own identity provider signs.
//!
//! ```
//! use std::time::Duration;
//!
//! use crm_core::{Crm, MemoryStore};
//! use crm_http::jwt::{Algorithm, JwtResolver, JwtSettings, Key, KeySet};
//!
//! # fn main() -> crm_core::Result<()> {
//! # let public_key = "-----BEGIN PUBLIC KEY-----
//! # MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
//! # -----END PUBLIC KEY-----";
//! let crm = Crm::new(MemoryStore::new());
//! let keys = KeySet::new([Key::pem(Algorithm::EdDsa, public_key)?.with_id("2026-03")])?;
//! let mut settings = JwtSettings::new("https://id.example.com", "crm");
//! settings.leeway = Duration::from_secs(10);
//! let resolver = JwtResolver::new(crm.clone(), keys, settings)?;
//!
//! // Kept by whatever fetches the issuer's keys: `rotation.replace(KeySet::jwks(&json)?)`.
//! let rotation = resolver.keys();
//! let router = crm_http::service(crm, resolver);
//! # Ok(())
//! # }
//! ```
//!
//! A token must be in the one `Authorization: Bearer` header and is checked anew for every request. Each key is for one
//! algorithm, and what the token says about that has to agree. `iss` and `aud` must be the configured ones, `exp` must be
//! there and ahead, `nbf` and `iat` must not be. Whoever fails any of it learns that the token is invalid and no more; the
//! reason is logged at debug level. No connection is opened: fetching keys is up to the host.
//!
//! By default a token's own claims say whom it lets in where, so that a right that is taken away ends with the token.
//! [`JwtResolver::by`] asks the host instead, which can look it up:
//!
//! ```
//! # use crm_core::{Actor, Crm, Id, MemoryStore, Role, TenantId, User};
//! # use crm_http::{Principal, Refusal, jwt::{Claims, JwtResolver, JwtSettings, Key, KeySet}};
//! /// What the host keeps about its people.
//! async fn membership(login: &str) -> crm_core::Result<Option<(TenantId, Id<User>, Role)>> {
//! #   let _ = login;
//! #   Ok(None)
//! }
//! # fn main() -> crm_core::Result<()> {
//! # let crm = Crm::new(MemoryStore::new());
//! # let keys = KeySet::from(Key::secret(&[7; 32])?);
//! # let settings = JwtSettings::new("https://id.example.com", "crm");
//! let resolver = JwtResolver::new(crm, keys, settings)?.by(|claims: Claims| async move {
//!     let login = claims.get("sub").and_then(|sub| sub.as_str()).ok_or_else(Refusal::invalid_token)?;
//!     let (tenant, user, role) = membership(login).await?.ok_or(Refusal::Forbidden)?;
//!     Ok(Principal::new(tenant, Actor::user(user, role)))
//! });
//! # Ok(())
//! # }
//! ```

mod claims;
mod jwk;
mod key;
mod keys;
mod token;

use std::{fmt, pin::Pin, time::Duration};

use async_trait::async_trait;
use axum::http::{header, request::Parts};
use crm_core::{Crm, Error, Result};

use crate::{
    bearer::bearer,
    principal::{Principal, Refusal, Resolver},
};

pub use claims::{ClaimNames, Claims};
pub use key::{Algorithm, Key, MIN_SECRET};
pub use keys::{KeySet, Keys};
use token::{Reason, Token};

/// The most bytes of a token: 8 KiB.
pub const MAX_TOKEN: usize = 8 * 1024;
/// The most leeway: 5 minutes.
pub const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);

/// What tokens must say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JwtSettings {
    /// Who makes the tokens: `iss`.
    pub issuer: String,
    /// Whom they are for: `aud`, or one of it.
    pub audience: String,
    /// How much the clocks may differ; 30 seconds unless set, at most [`MAX_LEEWAY`].
    pub leeway: Duration,
    /// The kind of token, `typ`, such as `at+jwt`; not looked at unless set.
    pub token_type: Option<String>,
    /// Where a token says whom it lets in where.
    pub claims: ClaimNames,
}

impl JwtSettings {
    /// Tokens of this issuer for this audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            leeway: Duration::from_secs(30),
            token_type: None,
            claims: ClaimNames::default(),
        }
    }
}

type Answered = Pin<Box<dyn Future<Output = Result<Principal, Refusal>> + Send>>;
type Ask = Box<dyn Fn(Claims) -> Answered + Send + Sync>;

/// Lets in whoever has a token of the issuer: a [`Resolver`].
pub struct JwtResolver {
    crm: Crm,
    keys: Keys,
    settings: JwtSettings,
    ask: Option<Ask>,
}

impl JwtResolver {
    /// For tokens that these keys check. What the time is, the CRM's clock says.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the issuer or the audience is empty, or if the leeway is too long.
    pub fn new(crm: Crm, keys: impl Into<KeySet>, settings: JwtSettings) -> Result<Self> {
        for (name, value) in [("issuer", &settings.issuer), ("audience", &settings.audience)] {
            if value.is_empty() {
                return Err(Error::invalid(name, "required", "must be the text that tokens have"));
            }
        }
        if settings.leeway > MAX_LEEWAY {
            let detail = format!("must be at most {} seconds", MAX_LEEWAY.as_secs());
            return Err(Error::invalid("leeway", "out_of_range", detail));
        }
        Ok(Self { crm, keys: Keys::new(keys.into()), settings, ask: None })
    }

    /// The same, with the host to say whom the claims of a verified token let in where. A function that finds that a right
    /// was taken away answers with [`Refusal::invalid_token`] or [`Refusal::Forbidden`].
    #[must_use]
    pub fn by<F, A>(self, ask: F) -> Self
    where
        F: Fn(Claims) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Principal, Refusal>> + Send + 'static,
    {
        Self { ask: Some(Box::new(move |claims| Box::pin(ask(claims)))), ..self }
    }

    /// The handle by which its keys are replaced.
    pub fn keys(&self) -> Keys {
        self.keys.clone()
    }

    /// What a token says, if it is to be believed.
    fn believe(&self, token: &str) -> Result<Claims, Reason> {
        let token = Token::parse(token)?;
        let keys = self.keys.current();
        let key = keys.find(token.key_id()?).ok_or("it names no key that is known")?;
        let claims = token.verified_by(key, self.settings.token_type.as_deref())?;
        claims::check(&claims, &self.settings, self.crm.now())?;
        Ok(claims)
    }
}

#[async_trait]
impl Resolver for JwtResolver {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        if !request.headers.contains_key(header::AUTHORIZATION) {
            return Err(Refusal::unauthenticated());
        }
        let token =
            bearer(&request.headers).ok_or("there is not exactly one bearer token").map_err(refused)?;
        let claims = self.believe(token).map_err(refused)?;
        match &self.ask {
            Some(ask) => ask(claims).await,
            None => self.settings.claims.principal(&claims).map_err(refused),
        }
    }
}

/// The client learns nothing of the reason, and the log nothing of the token.
fn refused(reason: Reason) -> Refusal {
    tracing::debug!(reason, "a token was refused");
    Refusal::invalid_token()
}

impl fmt::Debug for JwtResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtResolver")
            .field("keys", &self.keys)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
