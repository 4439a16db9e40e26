//! Session tokens: 256 random bits for the client, their hash for the store.

use std::fmt;

use axum::http::request::Parts;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_core::{Error, Result};
use sha2::{Digest, Sha256};

use crate::bearer::bearer;

const BYTES: usize = 32;

/// A token. It does not print itself, so that no log can have it by mistake.
pub(crate) struct Token([u8; BYTES]);

impl Token {
    /// A new one.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| Error::Backend(error.to_string().into()))?;
        Ok(Self(bytes))
    }

    /// The one that a request bears.
    pub(crate) fn of(request: &Parts) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(bearer(request)?).ok()?.try_into().ok().map(Self)
    }

    /// What the client keeps.
    pub(crate) fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store keeps. The token is random and long, so that a fast hash does.
    pub(crate) fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}
