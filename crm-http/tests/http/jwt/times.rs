//! When a token begins and ends to hold, to the microsecond.

use chrono::TimeDelta;
use crm_http::jwt::{Algorithm, JwtResolver, JwtSettings};
use serde_json::json;

use super::issuer::{AUDIENCE, ISSUER, Place, Signer, is_refused, me};

const TICK: TimeDelta = TimeDelta::microseconds(1);

#[tokio::test]
async fn a_token_holds_from_its_beginning_to_its_end_with_the_leeway_on_both_sides() {
    for seconds in [0, 30, 300] {
        let place = Place::new().await;
        let signer = Signer::new(Algorithm::EdDsa);
        let mut settings = JwtSettings::new(ISSUER, AUDIENCE);
        if seconds != 30 {
            settings.leeway = std::time::Duration::from_secs(seconds);
        }
        let client = place.client_of(JwtResolver::new(place.crm.clone(), signer.key(), settings).unwrap());
        let leeway = TimeDelta::seconds(i64::try_from(seconds).unwrap());
        let (start, end) = (place.crm.now() + TimeDelta::hours(1), place.crm.now() + TimeDelta::hours(2));
        let till = json!({ "exp": end.timestamp(), "nbf": start.timestamp(), "iat": start.timestamp() });
        for without in ["nbf", "iat"] {
            let mut claims = place.claims_with(till.clone());
            claims.as_object_mut().unwrap().remove(without);
            let token = signer.token(&claims);
            for (moment, holds) in [
                (start - leeway - TICK, false),
                (start - leeway, true),
                (start, true),
                (end, seconds > 0),
                (end + leeway - TICK, true),
                (end + leeway, false),
                (end + leeway + TimeDelta::days(400), false),
            ] {
                place.clock.set(moment);
                let answer = me(&client, &token).await;
                if holds {
                    assert_eq!(answer.status, 200, "{moment} without {without}, leeway {seconds}");
                } else {
                    is_refused(&answer, without);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_time_may_be_a_fraction_of_a_second() {
    let place = Place::new().await;
    let signer = Signer::new(Algorithm::EdDsa);
    let client = place.client(signer.key());
    let now = place.crm.now();
    let token = signer.token(&place.claims_with(json!({ "exp": now.timestamp() as f64 + 0.5 })));
    let end = now + TimeDelta::milliseconds(30_500);
    place.clock.set(end - TICK);
    assert_eq!(me(&client, &token).await.status, 200);
    place.clock.set(end);
    is_refused(&me(&client, &token).await, "over");
}
