//! Tokens as they come: three parts of base64url (RFC 7515, compact), read strictly.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value as Json};

use super::{Key, MAX_TOKEN};
use crate::body::Strict;

/// Why a token is refused: for the log, and so without anything of the token.
pub(super) type Reason = &'static str;

/// A token that nobody has checked.
#[derive(Debug)]
pub(super) struct Token<'a> {
    header: Map<String, Json>,
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Reason> {
        if text.len() > MAX_TOKEN {
            return Err("it is too long");
        }
        let (signed, signature) = text.rsplit_once('.').ok_or("it has no parts")?;
        let (header, claims) = signed.split_once('.').ok_or("it has too few parts")?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "its signature is no base64url")?;
        let header = object(header).ok_or("its header is no JSON object in base64url")?;
        Ok(Self { header, signed, claims, signature })
    }

    /// The name of the key that it says it is signed with.
    pub(super) fn key_id(&self) -> Result<Option<&str>, Reason> {
        self.header.get("kid").map(|id| id.as_str().ok_or("its `kid` is no text")).transpose()
    }

    /// What it says, if this key has signed it. The key says by which algorithm; the token has only to agree.
    pub(super) fn verified_by(&self, key: &Key, kind: Option<&str>) -> Result<Map<String, Json>, Reason> {
        let named = self.header.get("alg").and_then(Json::as_str);
        if !named.is_some_and(|name| key.algorithm().is_named(name)) {
            return Err("its `alg` is not that of the key");
        }
        if self.header.contains_key("crit") {
            return Err("its header has `crit`, and no extension is known here");
        }
        if kind.is_some_and(|kind| !self.is_kind(kind)) {
            return Err("its `typ` is another one");
        }
        if !key.has_signed(self.signed.as_bytes(), &self.signature) {
            return Err("its signature is wrong");
        }
        object(self.claims).ok_or("its claims are no JSON object in base64url")
    }

    /// Whether `typ` is this media type, whose `application/` may be left out (RFC 7515, 4.1.9).
    fn is_kind(&self, kind: &str) -> bool {
        let bare = |name: &str| {
            let name = name.to_ascii_lowercase();
            name.strip_prefix("application/").map(str::to_owned).unwrap_or(name)
        };
        self.header.get("typ").and_then(Json::as_str).is_some_and(|own| bare(own) == bare(kind))
    }
}

fn object(part: &str) -> Option<Map<String, Json>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Strict(Json::Object(object)) => Some(object),
        Strict(_) => None,
    }
}
