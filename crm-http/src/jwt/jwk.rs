//! Keys as JSON (RFC 7517): one, or a set as identity providers publish it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_core::Result;
use serde_json::{Map, Value as Json};

use super::{
    Algorithm, Key, KeySet,
    key::{private, refused},
};
use crate::body::Strict;

type Object = Map<String, Json>;

impl Key {
    /// A key from the JSON of a JWK: `RSA`, `EC` on P-256, `OKP` on Ed25519, or `oct`. It has the JWK's `kid`, and is for
    /// the JWK's `alg`; without one, for the algorithm of its kind (RS256, ES256, EdDSA, HS256).
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) if that is no such key, if it is not for checking signatures, if it
    /// holds a private key, or as [`secret`](Self::secret) and [`pem`](Self::pem).
    pub fn jwk(json: &str) -> Result<Self> {
        let key = object(json)?;
        match algorithm(&key) {
            Some(algorithm) => read(&key, algorithm),
            None => Err(refused(
                "unsupported",
                "must be a JWK that checks signatures by HS256, RS256, ES256 or EdDSA (Ed25519)",
            )),
        }
    }
}

impl KeySet {
    /// The keys in the JSON of a JWK set, as an issuer publishes it. Those of kinds and for purposes that are not known here
    /// are left out.
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) if that is no set, if no key is left, if a key is malformed, private or
    /// a shared secret (a set is there to be read by everybody), or as [`new`](Self::new).
    pub fn jwks(json: &str) -> Result<Self> {
        let set = object(json)?;
        let keys = set.get("keys").and_then(Json::as_array);
        let keys = keys.ok_or_else(|| refused("no_set", "must be a JWK set: {\"keys\": [...]}"))?;
        let mut own = Vec::new();
        for key in keys {
            let key = key.as_object().ok_or_else(|| refused("no_set", "must hold JSON objects as keys"))?;
            match algorithm(key) {
                Some(Algorithm::Hs256) => {
                    let detail =
                        "holds a shared secret; whoever reads the set could sign with it. Use `Key::jwk`";
                    return Err(refused("secret_in_set", detail));
                }
                Some(algorithm) => own.push(read(key, algorithm)?),
                None => {}
            }
        }
        Self::new(own)
    }
}

fn object(json: &str) -> Result<Object> {
    match serde_json::from_str(json) {
        Ok(Strict(Json::Object(object))) => Ok(object),
        _ => Err(refused("malformed_json", "must be one JSON object without a name twice")),
    }
}

/// The algorithm that a key is for, if it is for checking signatures and of a kind that is known here.
fn algorithm(key: &Object) -> Option<Algorithm> {
    let text = |name: &str| key.get(name).and_then(Json::as_str);
    let algorithm = match (text("kty")?, text("crv")) {
        ("oct", None) => Algorithm::Hs256,
        ("RSA", None) => Algorithm::Rs256,
        ("EC", Some("P-256")) => Algorithm::Es256,
        ("OKP", Some("Ed25519")) => Algorithm::EdDsa,
        _ => return None,
    };
    let named =
        key.get("alg").is_none_or(|named| named.as_str().is_some_and(|name| algorithm.is_named(name)));
    let purpose = key.get("use").is_none_or(|purpose| purpose == "sig");
    let operations = key.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|operations| operations.iter().any(|own| own == "verify"))
    });
    (named && purpose && operations).then_some(algorithm)
}

fn read(key: &Object, algorithm: Algorithm) -> Result<Key> {
    if key.contains_key("d") {
        return Err(private());
    }
    let bytes = |name: &'static str| {
        let bytes = key.get(name).and_then(Json::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        bytes.ok_or_else(|| {
            refused("malformed_key", format!("must have base64url without padding in `{name}`"))
        })
    };
    let own = match algorithm {
        Algorithm::Hs256 => Key::secret(&bytes("k")?)?,
        Algorithm::Rs256 => Key::rsa(&bytes("n")?, &bytes("e")?)?,
        Algorithm::Es256 => Key::p256(&[vec![4], bytes("x")?, bytes("y")?].concat())?,
        Algorithm::EdDsa => Key::ed25519(&bytes("x")?)?,
    };
    Ok(match key.get("kid") {
        Some(id) => {
            own.with_id(id.as_str().ok_or_else(|| refused("malformed_key", "must have a text as `kid`"))?)
        }
        None => own,
    })
}
