//! A token that differs in anything from what was signed is no token.

use axum::http::{HeaderValue, Request, request::Parts};
use crm_http::{Refusal, Resolver, jwt::JwtResolver};
use proptest::{prelude::*, test_runner::TestRunner};

use super::issuer::{ALL, Place, Signer};

fn bearing(token: &[u8]) -> Option<Parts> {
    let value = HeaderValue::from_bytes(&[b"Bearer ", token].concat()).ok()?;
    let request = Request::builder().header("authorization", value).body(()).unwrap();
    Some(request.into_parts().0)
}

async fn lets_in(resolver: &JwtResolver, request: &Parts) -> bool {
    match resolver.resolve(request).await {
        Ok(_) => true,
        Err(Refusal::Unauthenticated { challenge }) => {
            assert_eq!(challenge, "Bearer error=\"invalid_token\"");
            false
        }
        Err(refusal) => panic!("{refusal:?}"),
    }
}

#[tokio::test]
async fn no_bit_of_a_token_may_be_another() {
    let place = Place::new().await;
    let (mut refused, mut unsendable) = (0, 0);
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let resolver = place.resolver(signer.key());
        let token = signer.token(&place.claims()).into_bytes();
        assert!(lets_in(&resolver, &bearing(&token).unwrap()).await);
        for bit in 0..token.len() * 8 {
            let mut flipped = token.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            match bearing(&flipped) {
                Some(request) => {
                    assert!(!lets_in(&resolver, &request).await, "{algorithm:?}, bit {bit}");
                    refused += 1;
                }
                None => unsendable += 1,
            }
        }
    }
    assert!(refused > 10_000, "{refused}");
    println!("jwt: 4 tokens, each bit flipped: {refused} refused, {unsendable} that no header can hold");
}

#[test]
fn no_token_with_bytes_replaced_inserted_or_cut_lets_in() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let place = runtime.block_on(Place::new());
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let resolver = place.resolver(signer.key());
        let token = signer.token(&place.claims()).into_bytes();
        let edits = (any::<prop::sample::Index>(), 0..3_usize, prop::collection::vec(32..127_u8, 0..3));
        let outcome = TestRunner::default().run(&edits, |(at, cut, put)| {
            let at = at.index(token.len());
            let mut edited = token.clone();
            let end = (at + cut).min(edited.len());
            edited.splice(at..end, put);
            // White space around a token is not part of it.
            prop_assume!(edited.trim_ascii() != token);
            let request = bearing(&edited).unwrap();
            prop_assert!(!runtime.block_on(lets_in(&resolver, &request)));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{algorithm:?}: {error}"));
    }
}
