//! An identity provider with a key of each algorithm, and a service that believes it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use crm_core::{Crm, MemoryStore, TenantId, testing::ManualClock};
use crm_http::jwt::{Algorithm, JwtResolver, JwtSettings, Key};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Map, Value as Json, json};

use crate::world::{Answer, Client};

pub(super) const ISSUER: &str = "https://id.example.com";
pub(super) const AUDIENCE: &str = "crm";
pub(super) const ALL: [Algorithm; 4] =
    [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

/// Of tests alone: signs nothing that anybody believes.
const RSA_PEM: &str = include_str!("throwaway/rsa-2048-private-key-of-tests.pem");

/// What signs tokens.
pub(super) enum Signer {
    Secret(Vec<u8>),
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// A new key, but for RSA, whose keys take long to make.
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        match algorithm {
            Algorithm::Hs256 => {
                Self::Secret(ring::rand::generate::<[u8; 32]>(&random).unwrap().expose().to_vec())
            }
            Algorithm::Rs256 => Self::Rsa(RsaKeyPair::from_pkcs8(&der(RSA_PEM)).unwrap()),
            Algorithm::Es256 => {
                let method = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(method, &random).unwrap();
                Self::P256(EcdsaKeyPair::from_pkcs8(method, pkcs8.as_ref(), &random).unwrap())
            }
            Algorithm::EdDsa => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
            }
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Secret(_) => Algorithm::Hs256,
            Self::Rsa(_) => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Secret(secret) => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
            }
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// The public key in PEM, the shared secret as it is.
    pub(super) fn public(&self) -> Vec<u8> {
        let (prefix, key): (&[u8], &[u8]) = match self {
            Self::Secret(secret) => return secret.clone(),
            Self::Rsa(key) => {
                (b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00", key.public().as_ref())
            }
            Self::P256(key) => {
                (b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00", key.public_key().as_ref())
            }
            Self::Ed25519(key) => {
                (b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", key.public_key().as_ref())
            }
        };
        let text = STANDARD.encode([prefix, key].concat());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")).into_bytes()
    }

    /// What checks its signatures.
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Secret(secret) => Key::secret(secret).unwrap(),
            _ => Key::pem(self.algorithm(), str::from_utf8(&self.public()).unwrap()).unwrap(),
        }
    }

    /// The same as a JWK.
    pub(super) fn jwk(&self, id: &str) -> Json {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (alg, kid) = (self.algorithm().name(), id);
        match self {
            Self::Secret(secret) => json!({ "kty": "oct", "k": text(secret), "alg": alg, "kid": kid }),
            Self::Rsa(key) => {
                let own = rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({ "kty": "RSA", "n": text(&own.n), "e": text(&own.e), "alg": alg, "kid": kid, "use": "sig" })
            }
            Self::P256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y), "alg": alg, "kid": kid })
            }
            Self::Ed25519(key) => {
                let x = text(key.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "key_ops": ["verify"] })
            }
        }
    }

    /// A token whose header says this beside `alg`.
    pub(super) fn token_with(&self, header: Json, claims: &Json) -> String {
        let mut own = Map::from_iter([("alg".to_owned(), json!(self.algorithm().name()))]);
        own.extend(header.as_object().unwrap().clone());
        self.raw(&Json::Object(own).to_string(), &claims.to_string())
    }

    pub(super) fn token(&self, claims: &Json) -> String {
        self.token_with(json!({ "typ": "JWT" }), claims)
    }

    /// A token of these very texts.
    pub(super) fn raw(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// The bytes of a PEM.
pub(super) fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap()
}

/// A CRM in memory, and the time there.
pub(super) struct Place {
    pub(super) crm: Crm,
    pub(super) clock: ManualClock,
    pub(super) tenant: TenantId,
}

impl Place {
    pub(super) async fn new() -> Self {
        let clock = ManualClock::default();
        let crm = Crm::new(MemoryStore::new()).with_clock(clock.clone());
        let maintenance = crm.maintenance();
        let tenant =
            crm.directory(&maintenance).create_tenant(crm_core::Tenant::new("acme", "Acme Ltd")).await;
        Self { tenant: tenant.unwrap().id, crm, clock }
    }

    /// What a good token says: a member, for an hour.
    pub(super) fn claims(&self) -> Json {
        let now = self.crm.now().timestamp();
        json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": uuid::Uuid::from_u128(7),
            "tenant": self.tenant,
            "role": "member",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        })
    }

    /// The claims of a good token but for these.
    pub(super) fn claims_with(&self, others: Json) -> Json {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        claims
    }

    /// The claims of a good token without this one.
    pub(super) fn claims_without(&self, name: &str) -> Json {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        claims
    }

    pub(super) fn resolver(&self, keys: impl Into<crm_http::jwt::KeySet>) -> JwtResolver {
        JwtResolver::new(self.crm.clone(), keys, JwtSettings::new(ISSUER, AUDIENCE)).unwrap()
    }

    pub(super) fn client(&self, keys: impl Into<crm_http::jwt::KeySet>) -> Client {
        self.client_of(self.resolver(keys))
    }

    pub(super) fn client_of(&self, resolver: JwtResolver) -> Client {
        Client::of(crm_http::service(self.crm.clone(), resolver))
    }
}

/// Asks who one is, with a token.
pub(super) async fn me(client: &Client, token: &str) -> Answer {
    client.with_token(token).get("/api/auth/me").await
}

/// Checks that a token is refused, and that nobody learns why.
#[track_caller]
pub(super) fn is_refused(answer: &Answer, name: &str) {
    assert_eq!(answer.status, 401, "{name}: {answer:?}");
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{name}");
    let problem = answer.is_problem(401, "unauthenticated");
    assert_eq!(problem["detail"], "this needs a sign-in that is valid", "{name}");
    assert!(problem.get("errors").is_none(), "{name}");
}
