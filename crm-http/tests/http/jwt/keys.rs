//! Keys: how they come in, which are refused, and how they are replaced.

use crm_core::Error;
use crm_http::jwt::{Algorithm, Key, KeySet};
use serde_json::{Value as Json, json};

use super::issuer::{ALL, Place, Signer, is_refused, me};

const WEAK_RSA: &str = include_str!("throwaway/rsa-1024-public-key-of-tests.pem");
const P384: &str = include_str!("throwaway/p384-public-key-of-tests.pem");
const PRIVATE: &str = include_str!("throwaway/rsa-2048-private-key-of-tests.pem");

#[track_caller]
fn code<T: std::fmt::Debug>(refused: Result<T, Error>) -> &'static str {
    match refused {
        Err(Error::Invalid { violations }) => violations[0].code,
        other => panic!("{other:?}"),
    }
}

fn set(keys: &[Json]) -> String {
    json!({ "keys": keys }).to_string()
}

#[tokio::test]
async fn a_key_is_the_same_as_secret_pem_jwk_and_in_a_set() {
    let place = Place::new().await;
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let jwk = signer.jwk("k1");
        let mut sets: Vec<KeySet> =
            vec![signer.key().with_id("k1").into(), Key::jwk(&jwk.to_string()).unwrap().into()];
        if algorithm != Algorithm::Hs256 {
            sets.push(KeySet::jwks(&set(&[jwk])).unwrap());
        }
        for keys in sets {
            let client = place.client(keys);
            let token = signer.token_with(json!({ "kid": "k1" }), &place.claims());
            assert_eq!(me(&client, &token).await.status, 200, "{algorithm:?}");
            let other = signer.token_with(json!({ "kid": "k2" }), &place.claims());
            is_refused(&me(&client, &other).await, "another key's name");
        }
    }
}

#[tokio::test]
async fn keys_are_replaced_while_the_service_runs() {
    let place = Place::new().await;
    let (old, new) = (Signer::new(Algorithm::EdDsa), Signer::new(Algorithm::Es256));
    let resolver = place.resolver(old.key().with_id("old"));
    let keys = resolver.keys();
    let client = place.client_of(resolver);
    let old_token = old.token_with(json!({ "kid": "old" }), &place.claims());
    let new_token = new.token_with(json!({ "kid": "new" }), &place.claims());
    assert_eq!(me(&client, &old_token).await.status, 200);
    is_refused(&me(&client, &new_token).await, "not yet there");
    keys.replace(KeySet::jwks(&set(&[old.jwk("old"), new.jwk("new")])).unwrap());
    assert_eq!(me(&client, &old_token).await.status, 200);
    assert_eq!(me(&client, &new_token).await.status, 200);
    keys.clone().replace(new.key().with_id("new").into());
    is_refused(&me(&client, &old_token).await, "gone");
    assert_eq!(me(&client, &new_token).await.status, 200);
    assert!(KeySet::jwks(&set(&[])).is_err(), "an empty answer of the issuer replaces nothing");
}

#[test]
fn a_secret_has_as_many_bytes_as_the_hash() {
    assert_eq!(code(Key::secret(&[7; 31])), "too_short");
    assert!(Key::secret(&[7; 32]).is_ok());
    assert_eq!(code(Key::jwk(r#"{"kty":"oct","k":"c2hvcnQ"}"#)), "too_short");
}

#[test]
fn a_pem_is_a_public_key_of_the_algorithm() {
    let pems = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]
        .map(|algorithm| (algorithm, String::from_utf8(Signer::new(algorithm).public()).unwrap()));
    for (own, pem) in &pems {
        for algorithm in ALL {
            let key = Key::pem(algorithm, pem);
            if algorithm == *own {
                assert_eq!(key.unwrap().algorithm(), algorithm);
            } else {
                assert_eq!(code(key), "wrong_algorithm");
            }
        }
        assert_eq!(code(Key::pem(*own, &pem.replace("PUBLIC KEY", "CERTIFICATE"))), "no_public_key");
        assert_eq!(code(Key::pem(*own, &pem.replacen("\n", "\nAAAA", 1))), "no_public_key");
        assert_eq!(code(Key::pem(*own, PRIVATE)), "private");
        assert_eq!(code(Key::pem(*own, "")), "no_public_key");
    }
    assert_eq!(code(Key::pem(Algorithm::Rs256, WEAK_RSA)), "wrong_size");
    assert_eq!(code(Key::pem(Algorithm::Es256, P384)), "wrong_algorithm");
}

#[test]
fn a_jwk_that_is_not_for_checking_signatures_is_refused() {
    let with = |algorithm: Algorithm, name: &str, value: Json| {
        let mut jwk = Signer::new(algorithm).jwk("k");
        jwk[name] = value;
        code(Key::jwk(&jwk.to_string()))
    };
    for (algorithm, name, value, expected) in [
        (Algorithm::Rs256, "alg", json!("RS512"), "unsupported"),
        (Algorithm::Rs256, "alg", json!("HS256"), "unsupported"),
        (Algorithm::Rs256, "alg", json!(null), "unsupported"),
        (Algorithm::Rs256, "use", json!("enc"), "unsupported"),
        (Algorithm::EdDsa, "key_ops", json!(["sign"]), "unsupported"),
        (Algorithm::EdDsa, "crv", json!("Ed448"), "unsupported"),
        (Algorithm::Es256, "crv", json!("secp256k1"), "unsupported"),
        (Algorithm::Es256, "kty", json!("EC2"), "unsupported"),
        (Algorithm::EdDsa, "d", json!("AAAA"), "private"),
        (Algorithm::Rs256, "d", json!("AAAA"), "private"),
        (Algorithm::EdDsa, "x", json!("AAAA"), "wrong_size"),
        (Algorithm::EdDsa, "x", json!("AAAA="), "malformed_key"),
        (Algorithm::Es256, "y", json!("AAAA"), "wrong_size"),
        (Algorithm::Es256, "y", json!(7), "malformed_key"),
        (Algorithm::Rs256, "n", json!("AQAB"), "wrong_size"),
        (Algorithm::Rs256, "e", json!("AQ"), "wrong_exponent"),
        (Algorithm::Rs256, "e", json!("Ag"), "wrong_exponent"),
        (Algorithm::Rs256, "e", json!("AQAAAAAB"), "wrong_exponent"),
        (Algorithm::Rs256, "e", json!(""), "no_public_key"),
        (Algorithm::Rs256, "kid", json!(7), "malformed_key"),
    ] {
        assert_eq!(with(algorithm, name, value.clone()), expected, "{algorithm:?} {name} = {value}");
    }
    for text in ["", "[]", "{", r#"{"kty":"oct","kty":"RSA"}"#] {
        assert_eq!(code(Key::jwk(text)), "malformed_json", "{text}");
    }
}

#[test]
fn a_set_keeps_what_it_can_use_and_shares_no_secret() {
    let jwk = |algorithm: Algorithm, id: &str| Signer::new(algorithm).jwk(id);
    let foreign = json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "f" });
    assert!(KeySet::jwks(&set(&[foreign.clone(), jwk(Algorithm::Es256, "a")])).is_ok());
    for (keys, expected) in [
        (set(&[]), "no_key"),
        (set(&[foreign]), "no_key"),
        (set(&[jwk(Algorithm::Es256, "a"), jwk(Algorithm::EdDsa, "a")]), "ambiguous"),
        (set(&[jwk(Algorithm::Es256, "a"), jwk(Algorithm::Hs256, "b")]), "secret_in_set"),
        (set(&[json!("key")]), "no_set"),
        (json!({ "keys": {} }).to_string(), "no_set"),
        (jwk(Algorithm::Es256, "a").to_string(), "no_set"),
    ] {
        assert_eq!(code(KeySet::jwks(&keys)), expected, "{keys}");
    }
    let unnamed = || Signer::new(Algorithm::EdDsa).key();
    assert_eq!(code(KeySet::new([unnamed(), unnamed().with_id("a")])), "ambiguous");
}

#[test]
fn a_key_does_not_print_itself() {
    let secret = [b'x'; 40];
    let printed = format!("{:?}", Key::secret(&secret).unwrap().with_id("k1"));
    assert_eq!(printed, "Key { id: Some(\"k1\"), algorithm: Hs256, .. }");
}
