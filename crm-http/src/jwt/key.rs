//! Keys: each checks signatures of one algorithm, whatever a token says.

use std::fmt;

use crm_core::{Error, Result};
use ring::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
        UnparsedPublicKey,
    },
};
use spki::{
    AlgorithmIdentifierRef, SubjectPublicKeyInfoRef,
    der::{Decode, Document, Reader, SliceReader, asn1::UintRef},
};

/// The least bytes of a secret: as many as the hash has (RFC 7518, 3.2).
pub const MIN_SECRET: usize = 32;

const RSA: &str = "1.2.840.113549.1.1.1";
const EC: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";
const ED25519_OID: &str = "1.3.101.112";

/// How a token is signed. There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-256: whoever can check tokens can sign them.
    Hs256,
    /// RSA (PKCS #1 1.5) with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The name in a token's header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether it goes by this name. The one on Ed25519 has a second one, of RFC 9864.
    pub(super) fn is_named(self, name: &str) -> bool {
        name == self.name() || (self == Self::EdDsa && name == "Ed25519")
    }
}

/// What a signature is checked with.
#[derive(Clone)]
enum Verifier {
    Secret(hmac::Key),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    P256(UnparsedPublicKey<Vec<u8>>),
    Ed25519(UnparsedPublicKey<Vec<u8>>),
}

/// A key that checks signatures of exactly one algorithm.
#[derive(Clone)]
pub struct Key {
    id: Option<String>,
    verifier: Verifier,
}

impl Key {
    /// A secret that is shared with the issuer, for [`Algorithm::Hs256`].
    ///
    /// # Errors
    /// [`Error::Invalid`] if it has fewer than [`MIN_SECRET`] bytes.
    pub fn secret(secret: &[u8]) -> Result<Self> {
        if secret.len() < MIN_SECRET {
            return Err(refused("too_short", format!("must have at least {MIN_SECRET} random bytes")));
        }
        Ok(Self::with(Verifier::Secret(hmac::Key::new(hmac::HMAC_SHA256, secret))))
    }

    /// A public key of the issuer for this algorithm, as `openssl pkey -pubout` writes it (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Error::Invalid`] if that is no public key, if it is one for another algorithm, if it is a private key, or if it is
    /// RSA with fewer than 2048 or more than 8192 bits.
    pub fn pem(algorithm: Algorithm, pem: &str) -> Result<Self> {
        let (label, document) = Document::from_pem(pem.trim()).map_err(|_| no_public_key())?;
        if label.contains("PRIVATE") {
            return Err(private());
        }
        if label != "PUBLIC KEY" {
            return Err(no_public_key());
        }
        let info = SubjectPublicKeyInfoRef::from_der(document.as_bytes()).map_err(|_| no_public_key())?;
        let bits = info.subject_public_key.as_bytes().ok_or_else(no_public_key)?;
        if of_key(info.algorithm) != Some(algorithm) {
            let detail = format!("is no public key for {}", algorithm.name());
            return Err(refused("wrong_algorithm", detail));
        }
        match algorithm {
            Algorithm::Rs256 => {
                let (modulus, exponent) = rsa_numbers(bits).ok_or_else(no_public_key)?;
                Self::rsa(modulus, exponent)
            }
            Algorithm::Es256 => Self::p256(bits),
            Algorithm::EdDsa => Self::ed25519(bits),
            Algorithm::Hs256 => Err(no_public_key()),
        }
    }

    /// The same key under the name by which the header of a token (`kid`) chooses it.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The name by which tokens choose it.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The one algorithm that it is for.
    pub fn algorithm(&self) -> Algorithm {
        match &self.verifier {
            Verifier::Secret(_) => Algorithm::Hs256,
            Verifier::Rsa(_) => Algorithm::Rs256,
            Verifier::P256(_) => Algorithm::Es256,
            Verifier::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// From the big-endian numbers of a public key.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self> {
        let (Some(first), Some(1..)) = (modulus.first(), exponent.first()) else {
            return Err(no_public_key());
        };
        let bits = modulus.len() * 8 - first.leading_zeros() as usize;
        if *first == 0 || !(2048..=8192).contains(&bits) {
            return Err(refused("wrong_size", "must be an RSA key of 2048 to 8192 bits"));
        }
        // With 1 as the exponent the signature would be the message itself.
        let exponent_fits = exponent.last().is_some_and(|last| last % 2 == 1) && exponent != [1];
        if !exponent_fits || exponent.len() > 4 {
            return Err(refused("wrong_exponent", "must have an odd exponent from 3 to 4294967295"));
        }
        Ok(Self::with(Verifier::Rsa(RsaPublicKeyComponents { n: modulus.to_vec(), e: exponent.to_vec() })))
    }

    /// From an uncompressed point.
    pub(super) fn p256(point: &[u8]) -> Result<Self> {
        if point.len() != 65 || point.first() != Some(&4) {
            return Err(refused("wrong_size", "must be an uncompressed point of P-256"));
        }
        Ok(Self::with(Verifier::P256(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.to_vec()))))
    }

    /// From its 32 bytes.
    pub(super) fn ed25519(point: &[u8]) -> Result<Self> {
        if point.len() != 32 {
            return Err(refused("wrong_size", "must have 32 bytes"));
        }
        Ok(Self::with(Verifier::Ed25519(UnparsedPublicKey::new(&ED25519, point.to_vec()))))
    }

    fn with(verifier: Verifier) -> Self {
        Self { id: None, verifier }
    }

    /// Whether this is the key's signature of the message, by the key's own algorithm.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.verifier {
            Verifier::Secret(key) => hmac::verify(key, message, signature),
            Verifier::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            Verifier::P256(key) | Verifier::Ed25519(key) => key.verify(message, signature),
        }
        .is_ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// The algorithm that a public key of this description is for.
fn of_key(described: AlgorithmIdentifierRef<'_>) -> Option<Algorithm> {
    let curve = described.parameters_oid().ok().map(|curve| curve.to_string());
    match (described.oid.to_string().as_str(), curve.as_deref()) {
        (RSA, None) => Some(Algorithm::Rs256),
        (EC, Some(P256)) => Some(Algorithm::Es256),
        (ED25519_OID, None) => Some(Algorithm::EdDsa),
        _ => None,
    }
}

/// Modulus and exponent of a public key of PKCS #1.
fn rsa_numbers<'a>(der: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut reader = SliceReader::new(der).ok()?;
    let numbers = |inner: &mut SliceReader<'a>| -> spki::der::Result<_> {
        Ok((UintRef::decode(inner)?, UintRef::decode(inner)?))
    };
    let (modulus, exponent) = reader.sequence(numbers).ok()?;
    reader.finish().ok()?;
    Some((modulus.as_bytes(), exponent.as_bytes()))
}

pub(super) fn refused(code: &'static str, detail: impl Into<String>) -> Error {
    Error::invalid("key", code, detail)
}

pub(super) fn private() -> Error {
    refused("private", "is a private key; give this service the public one, it only checks signatures")
}

fn no_public_key() -> Error {
    refused("no_public_key", "is no public key; write it with `openssl pkey -pubout` (`BEGIN PUBLIC KEY`)")
}
