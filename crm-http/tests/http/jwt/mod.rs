//! Tokens of the host's issuer: which are believed, and which are not.

mod flips;
mod issuer;
mod keys;
mod refusals;
mod times;

use crm_core::{Actor, Role};
use crm_http::{
    Principal, Refusal,
    jwt::{Algorithm, Claims, JwtResolver, JwtSettings, Key, KeySet},
};
use serde_json::{Value as Json, json};

use issuer::{ALL, AUDIENCE, ISSUER, Place, Signer, is_refused, me};

#[tokio::test]
async fn a_token_lets_in_whom_its_claims_name() {
    let place = Place::new().await;
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let client = place.client(signer.key());
        for role in Role::ALL {
            let answer = me(&client, &signer.token(&place.claims_with(json!({ "role": role })))).await;
            assert_eq!(answer.status, 200, "{algorithm:?} {answer:?}");
            let me = answer.json();
            assert_eq!(me["user"]["id"], json!(uuid::Uuid::from_u128(7)));
            assert_eq!((&me["tenant"]["id"], &me["role"]), (&json!(place.tenant), &json!(role)));
        }
        let viewer = client.with_token(&signer.token(&place.claims_with(json!({ "role": "viewer" }))));
        viewer.post("/api/customers", json!({ "name": "A" })).await.is_problem(403, "forbidden");
        let member = client.with_token(&signer.token(&place.claims()));
        member.make("/api/customers", json!({ "name": "A" })).await;
    }
}

#[tokio::test]
async fn a_token_may_be_for_several_and_of_any_type_that_nobody_asks_about() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::EdDsa);
    let client = place.client(signer.key());
    let tokens = [
        signer.token(&place.claims_with(json!({ "aud": ["billing", AUDIENCE] }))),
        signer.token(&place.claims_without("nbf")),
        signer.token(&place.claims_without("iat")),
        signer.token_with(json!({ "typ": "anything" }), &place.claims()),
        signer.token_with(json!({ "kid": "unasked" }), &place.claims()),
        signer.token_with(json!({ "alg": "Ed25519" }), &place.claims()),
    ];
    for token in tokens {
        assert_eq!(me(&client, &token).await.status, 200, "{token}");
    }
}

#[tokio::test]
async fn the_type_of_a_token_counts_if_it_is_asked_for() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::Hs256);
    let mut settings = JwtSettings::new(ISSUER, AUDIENCE);
    settings.token_type = Some("at+jwt".into());
    let client = place.client_of(JwtResolver::new(place.crm.clone(), signer.key(), settings).unwrap());
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let token = signer.token_with(json!({ "typ": kind }), &place.claims());
        assert_eq!(me(&client, &token).await.status, 200, "{kind}");
    }
    for header in [json!({ "typ": "JWT" }), json!({ "typ": 1 }), json!({})] {
        is_refused(&me(&client, &signer.token_with(header, &place.claims())).await, "another type");
    }
}

#[tokio::test]
async fn the_claims_may_have_other_names() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::Es256);
    let mut settings = JwtSettings::new(ISSUER, AUDIENCE);
    settings.claims.user = "https://id.example.com/person".into();
    settings.claims.tenant = "org".into();
    settings.claims.role = "crm_role".into();
    let client = place.client_of(JwtResolver::new(place.crm.clone(), signer.key(), settings).unwrap());
    let person = uuid::Uuid::from_u128(9);
    let claims = json!({ "https://id.example.com/person": person, "org": place.tenant, "crm_role": "owner" });
    let answer = me(&client, &signer.token(&place.claims_with(claims))).await.json();
    assert_eq!((&answer["user"]["id"], &answer["role"]), (&json!(person), &json!("owner")));
    is_refused(&me(&client, &signer.token(&place.claims())).await, "the default names");
}

#[tokio::test]
async fn the_host_may_say_itself_whom_verified_claims_let_in() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::Rs256);
    let tenant = place.tenant;
    let resolver = place.resolver(signer.key()).by(move |claims: Claims| async move {
        match claims.get("login").and_then(Json::as_str) {
            Some("ada") => {
                let user = crm_core::Id::from_uuid(uuid::Uuid::from_u128(1));
                Ok(Principal::new(tenant, Actor::user(user, Role::Admin)))
            }
            Some("left") => Err(Refusal::invalid_token()),
            _ => Err(Refusal::Forbidden),
        }
    });
    let client = place.client_of(resolver);
    let token = |login: &str| signer.token(&place.claims_with(json!({ "sub": "a login", "login": login })));
    let ada = me(&client, &token("ada")).await.json();
    assert_eq!((&ada["role"], &ada["user"]["id"]), (&json!("admin"), &json!(uuid::Uuid::from_u128(1))));
    is_refused(&me(&client, &token("left")).await, "gone");
    me(&client, &token("other")).await.is_problem(403, "forbidden");
    let forged = Signer::new(Algorithm::EdDsa).token(&place.claims_with(json!({ "login": "ada" })));
    is_refused(&me(&client, &forged).await, "nobody asks the host about a forged token");
}

#[tokio::test]
async fn a_token_opens_the_directory_to_nobody() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::EdDsa);
    let client = place.client(signer.key());
    let claims = place.claims_with(json!({ "tenant": uuid::Uuid::nil(), "role": "owner" }));
    let owner = client.with_token(&signer.token(&claims));
    for path in ["/api/customers", "/api/users", "/api/events"] {
        owner.get(path).await.is_problem(403, "forbidden");
    }
}

#[test]
fn settings_that_would_let_in_too_much_are_refused() {
    let crm = crm_core::Crm::new(crm_core::MemoryStore::new());
    let with = |issuer: &str, audience: &str, leeway: u64| {
        let mut settings = JwtSettings::new(issuer, audience);
        settings.leeway = std::time::Duration::from_secs(leeway);
        let keys = KeySet::from(Key::secret(&[7; 32]).unwrap());
        JwtResolver::new(crm.clone(), keys, settings)
    };
    assert!(with(ISSUER, AUDIENCE, 300).is_ok());
    for (refused, pointer) in [
        (with("", AUDIENCE, 30), "/issuer"),
        (with(ISSUER, "", 30), "/audience"),
        (with(ISSUER, AUDIENCE, 301), "/leeway"),
    ] {
        let Err(crm_core::Error::Invalid { violations }) = refused else { panic!("{pointer}: {refused:?}") };
        assert_eq!(violations[0].pointer, pointer);
    }
}
