//! Secrets that let somebody in: 256 random bits for the client, their hash for the store.

use std::fmt;

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_core::{ApiKey, Error, Id, Membership, Result, Session, TenantId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::bearer::bearer;

const BYTES: usize = 32;
/// What API keys begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "crm_";
/// The cookie of a session.
pub(crate) const COOKIE: &str = "crm_session";

/// A secret. It does not print itself, so that no log can have it by mistake.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret([u8; BYTES]);

/// What a request says to be let in.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// A session's token.
    Session {
        secret: Secret,
        /// Whether it came in a cookie, which browsers send along unasked.
        by_cookie: bool,
    },
    /// An API key.
    Key(Key),
}

/// An API key: where it is to be looked for, and its secret.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) tenant: TenantId,
    pub(crate) id: Id<ApiKey>,
    pub(crate) secret: Secret,
}

/// An invitation: what it is to, and its secret.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) id: Id<Membership>,
    pub(crate) secret: Secret,
}

impl Invitation {
    /// The invitation as whoever is invited gets it.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.id.uuid().as_bytes(), &self.secret.0[..]].concat())
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, secret) = bytes.split_first_chunk::<16>()?;
        Some(Self { id: Id::from_uuid(Uuid::from_bytes(*id)), secret: Secret(secret.try_into().ok()?) })
    }
}

impl Secret {
    /// A new one.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| Error::Backend(error.to_string().into()))?;
        Ok(Self(bytes))
    }

    fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// What the client keeps.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store keeps. The secret is random and long, so that a fast hash does.
    pub(crate) fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.digest())
    }

    /// The id that a session with this token has, so that it is found by its key.
    pub(crate) fn session(&self) -> Id<Session> {
        Id::from_uuid(self.name())
    }

    /// One half of the digest: it names the secret and tells nothing about it.
    pub(crate) fn name(&self) -> Uuid {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(self.digest()).for_each(|(to, from)| *to = from);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn digest(&self) -> [u8; BYTES] {
        Sha256::digest(self.0).into()
    }
}

impl Key {
    /// The key as its holder keeps it.
    pub(crate) fn text(&self) -> String {
        let bytes = [self.tenant.uuid().as_bytes(), self.id.uuid().as_bytes(), &self.secret.0[..]].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (tenant, rest) = bytes.split_first_chunk::<16>()?;
        let (id, secret) = rest.split_first_chunk::<16>()?;
        Some(Self {
            tenant: TenantId::from_uuid(Uuid::from_bytes(*tenant)),
            id: Id::from_uuid(Uuid::from_bytes(*id)),
            secret: Secret(secret.try_into().ok()?),
        })
    }
}

impl Credential {
    /// What a request is to be let in by: the one `Authorization` header, or else the cookie.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        // Another scheme is another's: of a proxy in front, say.
        let Some(token) = bearer(headers) else {
            return Some(Self::Session { secret: cookie(headers)?, by_cookie: true });
        };
        let session = || Secret::parse(token).map(|secret| Self::Session { secret, by_cookie: false });
        Key::parse(token).map(Self::Key).or_else(session)
    }

    /// The name under which it can be kept.
    pub(crate) fn name(&self) -> Uuid {
        match self {
            // By which way a token came makes a difference.
            Self::Session { secret, by_cookie } => {
                Uuid::from_u128(secret.name().as_u128() ^ u128::from(*by_cookie))
            }
            // A secret belongs to one key of one tenant, and is nothing elsewhere.
            Self::Key(Key { tenant, id, secret }) => {
                let parts = [tenant.to_string(), id.to_string(), secret.hash()];
                crate::call::digest(&[&parts[0], &parts[1], &parts[2]])
            }
        }
    }
}

/// The secret in the session's cookie. Of two the request says nothing: another page of the host may have set one.
fn cookie(headers: &HeaderMap) -> Option<Secret> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut own = pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    own.next().filter(|_| own.next().is_none()).and_then(Secret::parse)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(header::HeaderName, String)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_reads_back_and_says_where_it_belongs() {
        let (tenant, id) = (TenantId::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let key = Key { tenant, id, secret: Secret::random().unwrap() };
        let text = key.text();
        assert!(text.starts_with(PREFIX));
        let read = Key::parse(&text).unwrap();
        assert_eq!((read.tenant, read.id, read.secret == key.secret), (tenant, id, true));
        for broken in [&text[..text.len() - 1], &text[1..], "crm_", "crm_AAAA", &format!("{text}AA")] {
            assert!(Key::parse(broken).is_none(), "{broken}");
        }
        assert_eq!(format!("{key:?}").matches("Secret").count(), 1, "it does not print itself");
    }

    #[test]
    fn a_request_has_one_credential_or_none() {
        let (own, other) = (Secret::random().unwrap().text(), Secret::random().unwrap().text());
        let bearer = |token: &str| (header::AUTHORIZATION, format!("Bearer {token}"));
        let cookie = |value: &str| (header::COOKIE, value.to_owned());
        let session = |lines: &[_]| match Credential::of(&headers(lines)) {
            Some(Credential::Session { secret, by_cookie }) => Some((secret.text(), by_cookie)),
            _ => None,
        };
        let named = |value: &str| format!("{COOKIE}={value}");
        assert_eq!(session(&[bearer(&own)]), Some((own.clone(), false)));
        assert_eq!(session(&[cookie(&format!("a=b; {}", named(&own)))]), Some((own.clone(), true)));
        assert_eq!(session(&[bearer(&own), cookie(&named(&other))]), Some((own.clone(), false)));
        assert_eq!(session(&[bearer(&own), bearer(&other)]), None);
        assert_eq!(session(&[bearer("nonsense"), cookie(&named(&own))]), None);
        assert_eq!(session(&[cookie(&format!("{}; {}", named(&own), named(&other)))]), None);
        let basic = (header::AUTHORIZATION, format!("Basic {own}"));
        assert_eq!(session(std::slice::from_ref(&basic)), None);
        assert_eq!(session(&[basic, cookie(&named(&own))]), Some((own.clone(), true)));
        assert_eq!(session(&[]), None);
    }
}
