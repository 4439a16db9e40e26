//! Tokens that must not let anybody in, each for one reason.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::http::Method;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_http::jwt::{Algorithm, KeySet, MAX_TOKEN};
use serde_json::{Value as Json, json};

use super::issuer::{ALL, Place, Signer, der, is_refused, me};

/// Signed as it should be, and yet to be refused, whatever the algorithm.
fn signed(place: &Place, signer: &Signer) -> Vec<(String, String)> {
    let now = place.crm.now().timestamp();
    let mut tokens = Vec::new();
    for name in ["iss", "aud", "exp", "sub", "tenant", "role"] {
        tokens.push((format!("without {name}"), signer.token(&place.claims_without(name))));
        for value in [json!(null), json!(true), json!(""), json!({}), json!([]), json!("\u{0}"), json!(-1)] {
            tokens.push((
                format!("{name} = {value}"),
                signer.token(&place.claims_with(json!({ name: value }))),
            ));
        }
    }
    for others in [
        json!({ "iss": "https://id.example.com/" }),
        json!({ "iss": "HTTPS://ID.EXAMPLE.COM" }),
        json!({ "iss": ["https://id.example.com"] }),
        json!({ "aud": "crm2" }),
        json!({ "aud": "CRM" }),
        json!({ "aud": ["billing"] }),
        json!({ "aud": ["crm", 1] }),
        json!({ "aud": [["crm"]] }),
        json!({ "aud": { "crm": true } }),
        json!({ "exp": now - 31 }),
        json!({ "exp": (now + 3600).to_string() }),
        json!({ "exp": u64::MAX }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": now + 31 }),
        json!({ "nbf": "soon" }),
        json!({ "nbf": null }),
        json!({ "iat": now + 31 }),
        json!({ "iat": [now] }),
        json!({ "sub": "7" }),
        json!({ "sub": uuid::Uuid::from_u128(7).simple().to_string() }),
        json!({ "tenant": "acme" }),
        json!({ "role": "king" }),
        json!({ "role": "Owner" }),
        json!({ "role": ["owner"] }),
    ] {
        tokens.push((others.to_string(), signer.token(&place.claims_with(others))));
    }
    for header in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": [] }),
        json!({ "crit": null }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "kid": 7 }),
        json!({ "kid": null }),
    ] {
        tokens.push((header.to_string(), signer.token_with(header, &place.claims())));
    }
    tokens.extend(malformed(place, signer));
    tokens
}

/// Signed, but of texts that a lenient reader could take for something else.
fn malformed(place: &Place, signer: &Signer) -> Vec<(String, String)> {
    let claims = place.claims().to_string();
    let header = json!({ "alg": name_of(signer) }).to_string();
    let twice = claims.replacen('{', "{\"role\":\"viewer\",", 1);
    let alg_twice = header.replacen('{', "{\"alg\":\"none\",", 1);
    let padded = json!({ "alg": name_of(signer), "pad": "x".repeat(MAX_TOKEN) }).to_string();
    let texts = [
        (header.as_str(), twice.as_str()),
        (&alg_twice, &claims),
        (&header, "[]"),
        (&header, "\"text\""),
        (&header, ""),
        (&header, "{"),
        ("[]", &claims),
        ("", &claims),
        ("{}", &claims),
        (&padded, &claims),
    ];
    texts.map(|(header, claims)| (format!("{header:.40} {claims:.40}"), signer.raw(header, claims))).into()
}

fn name_of(signer: &Signer) -> &'static str {
    signer.key().algorithm().name()
}

/// Wrongly signed, or not at all.
fn unsigned(place: &Place, signer: &Signer) -> Vec<(String, String)> {
    let token = signer.token(&place.claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    let headed = |header: Json, signature: &str| {
        format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    let mut tokens = Vec::new();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        for signature in ["", signature] {
            tokens.push((format!("alg {none}"), headed(json!({ "alg": none }), signature)));
        }
    }
    for own in ["HS256", "RS256", "ES256", "EdDSA", "HS512", "PS256", "ES256K", "hs256"] {
        if own != name_of(signer) {
            tokens.push((format!("headed {own}"), headed(json!({ "alg": own }), signature)));
            tokens.push((
                format!("signed as {own}"),
                signer.token_with(json!({ "alg": own }), &place.claims()),
            ));
        }
    }
    for alg in [json!({}), json!({ "alg": null }), json!({ "alg": ["HS256"] }), json!({ "alg": 1 })] {
        tokens.push((alg.to_string(), headed(alg, signature)));
    }
    // The public key, which everybody knows, as the secret of an HMAC.
    let public = signer.public();
    for secret in [public.clone(), public.trim_ascii().to_vec(), pem_bytes(&public)] {
        let forger = Signer::Secret(secret);
        if name_of(signer) != "HS256" {
            tokens.push(("public key as secret".into(), forger.token(&place.claims())));
            let header = json!({ "alg": name_of(signer) });
            tokens.push(("the same under its own name".into(), forger.token_with(header, &place.claims())));
        }
    }
    for other in ALL.into_iter().filter(|other| *other != Algorithm::Rs256) {
        let forger = Signer::new(other);
        let header = json!({ "alg": name_of(signer), "jwk": forger.jwk("own") });
        tokens.push((format!("{other:?} of somebody else"), forger.token(&place.claims())));
        tokens.push((format!("{other:?} that brings its key"), forger.token_with(header, &place.claims())));
    }
    tokens.extend(texts(&token).map(|text| (format!("text {text:.20}"), text)));
    tokens
}

/// What is left of a good token that was cut, padded or put together anew.
fn texts(token: &str) -> [String; 15] {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{token}") };
    [
        String::new(),
        ".".into(),
        "..".into(),
        "null".into(),
        header.into(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!("{token}A"),
        format!("{header}.{claims}.{claims}"),
        format!("{claims}.{header}.{signature}"),
    ]
}

fn pem_bytes(public: &[u8]) -> Vec<u8> {
    str::from_utf8(public).ok().filter(|pem| pem.starts_with('-')).map_or_else(|| public.to_vec(), der)
}

#[tokio::test]
async fn whatever_is_wrong_with_a_token_has_the_same_answer() {
    let place = Place::new().await;
    let mut refused = 0;
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let client = place.client(signer.key());
        assert_eq!(me(&client, &signer.token(&place.claims())).await.status, 200, "{algorithm:?}");
        let first = me(&client, "nothing").await.seen();
        for (name, token) in signed(&place, &signer).into_iter().chain(unsigned(&place, &signer)) {
            let answer = me(&client, &token).await;
            is_refused(&answer, &format!("{algorithm:?}, {name}"));
            assert_eq!(answer.seen(), first, "{name}");
            refused += 1;
        }
    }
    println!("jwt: {refused} tokens with one thing wrong, of {} algorithms, refused alike", ALL.len());
}

#[tokio::test]
async fn a_key_checks_only_what_names_it() {
    let place = Place::new().await;
    let signers = ALL.map(Signer::new);
    let named = |signer: &Signer| signer.key().with_id(name_of(signer));
    let client = place.client(KeySet::new(signers.iter().map(named)).unwrap());
    for signer in &signers {
        for other in &signers {
            let own = name_of(signer) == name_of(other);
            let token = signer.token_with(json!({ "kid": name_of(other) }), &place.claims());
            let answer = me(&client, &token).await;
            assert_eq!(answer.status == 200, own, "{} for {}", name_of(signer), name_of(other));
            // Under the other's name and algorithm as well.
            let header = json!({ "kid": name_of(other), "alg": name_of(other) });
            let answer = me(&client, &signer.token_with(header, &place.claims())).await;
            assert_eq!(answer.status == 200, own, "{} as {}", name_of(signer), name_of(other));
        }
        is_refused(&me(&client, &signer.token(&place.claims())).await, "no name among several");
        let unknown = signer.token_with(json!({ "kid": "unknown" }), &place.claims());
        is_refused(&me(&client, &unknown).await, "a name that is unknown");
    }
}

#[tokio::test]
async fn a_token_stands_in_the_one_authorization_header() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::EdDsa);
    let client = place.client(signer.key());
    let token = signer.token(&place.claims());
    let bearer = format!("Bearer {token}");
    let with =
        async |path: &str, headers: &[(&str, &str)]| client.call(Method::GET, path, headers, None).await;
    assert_eq!(with("/api/auth/me", &[("authorization", &bearer)]).await.status, 200);
    let lower = format!("bearer {token}");
    assert_eq!(
        with("/api/auth/me", &[("authorization", &lower)]).await.status,
        200,
        "the scheme has no case"
    );
    let cookie = format!("token={token}");
    for (path, headers) in [
        ("/api/auth/me", vec![]),
        ("/api/auth/me?access_token=TOKEN", vec![]),
        ("/api/auth/me", vec![("cookie", cookie.as_str())]),
        ("/api/auth/me", vec![("x-authorization", bearer.as_str())]),
    ] {
        let answer = with(&path.replace("TOKEN", &token), &headers).await;
        answer.is_problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{path}");
    }
    let (basic, doubled) = (format!("Basic {token}"), format!("Bearer {token}, Bearer {token}"));
    let authorization = |value| ("authorization", value);
    for headers in [
        vec![authorization(bearer.as_str()), authorization(bearer.as_str())],
        vec![authorization("Basic eA=="), authorization(bearer.as_str())],
        vec![authorization(bearer.as_str()), authorization("")],
        vec![authorization(token.as_str())],
        vec![authorization(basic.as_str())],
        vec![authorization(doubled.as_str())],
        vec![authorization("Bearer")],
        vec![authorization("Bearer é")],
    ] {
        is_refused(&with("/api/auth/me", &headers).await, headers[0].1);
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_has_the_reason_and_nothing_of_the_token() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::Es256);
    let client = place.client(signer.key());
    let over = signer.token(&place.claims_with(json!({ "exp": 1, "email": "ada@example.com" })));
    let forged = Signer::new(Algorithm::Es256).token(&place.claims());
    let good = signer.token(&place.claims());
    for token in [&over, &forged, &good] {
        me(&client, token).await;
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for reason in ["its `exp` is over", "its signature is wrong"] {
        let line =
            log.lines().find(|line| line.contains(reason)).unwrap_or_else(|| panic!("{reason}: {log}"));
        assert!(line.contains("DEBUG"), "{line}");
    }
    let secrets = [&over, &forged, &good].into_iter().flat_map(|token| token.split('.').skip(1));
    for secret in secrets.chain(["ada@example.com", &uuid::Uuid::from_u128(7).to_string()]) {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
