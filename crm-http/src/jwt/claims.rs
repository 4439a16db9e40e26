//! What a verified token must say before it is believed (RFC 7519, 4.1), and whom it lets in.

use chrono::{DateTime, TimeDelta, Utc};
use crm_core::{Actor, Id, Role};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{JwtSettings, token::Reason};
use crate::{call::parse_id, principal::Principal};

/// The claims of a verified token.
pub type Claims = Map<String, Json>;

/// The last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// The claims that say whom a token lets in where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimNames {
    /// The id of the user, a UUID; `sub` unless set.
    pub user: String,
    /// The id of the tenant, a UUID; `tenant` unless set.
    pub tenant: String,
    /// The role: `viewer`, `member`, `admin` or `owner`; `role` unless set.
    pub role: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self { user: "sub".to_owned(), tenant: "tenant".to_owned(), role: "role".to_owned() }
    }
}

impl ClaimNames {
    pub(super) fn principal(&self, claims: &Claims) -> Result<Principal, Reason> {
        let text = |name: &str| claims.get(name).and_then(Json::as_str);
        let id = |name: &str| -> Option<Uuid> { text(name).and_then(parse_id) };
        let user = id(&self.user).ok_or("it names no user by a UUID")?;
        let tenant = id(&self.tenant).ok_or("it names no tenant by a UUID")?;
        let role = text(&self.role).and_then(Role::named).ok_or("it names no role that is known")?;
        Ok(Principal::new(Id::from_uuid(tenant), Actor::user(Id::from_uuid(user), role)))
    }
}

/// Checks who made the token, whom it is for, and when it holds.
pub(super) fn check(claims: &Claims, settings: &JwtSettings, now: DateTime<Utc>) -> Result<(), Reason> {
    if claims.get("iss").and_then(Json::as_str) != Some(&settings.issuer) {
        return Err("its `iss` is missing or another one");
    }
    let ours = |audience: &Json| audience.as_str() == Some(&settings.audience);
    let meant = match claims.get("aud") {
        Some(Json::Array(several)) => several.iter().all(Json::is_string) && several.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    };
    if !meant {
        return Err("its `aud` is missing or does not name this service");
    }
    let leeway = TimeDelta::from_std(settings.leeway).map_err(|_| "the leeway is out of range")?;
    let time = |name: &str| claims.get(name).map(read_time);
    match time("exp") {
        Some(Some(end)) if now < end + leeway => {}
        Some(Some(_)) => return Err("its `exp` is over"),
        Some(None) => return Err("its `exp` is no time"),
        None => return Err("its `exp` is missing"),
    }
    for (name, early, malformed) in [
        ("nbf", "its `nbf` is not reached", "its `nbf` is no time"),
        ("iat", "its `iat` is in the future", "its `iat` is no time"),
    ] {
        match time(name) {
            Some(Some(start)) if now + leeway < start => return Err(early),
            Some(None) => return Err(malformed),
            Some(Some(_)) | None => {}
        }
    }
    Ok(())
}

/// Seconds since 1970, whole or not, until the year 9999; microseconds are what is kept of them.
fn read_time(json: &Json) -> Option<DateTime<Utc>> {
    let micros = match json.as_i64() {
        Some(seconds) => seconds.checked_mul(1_000_000)?,
        None => {
            let seconds = json.as_f64().filter(|seconds| (0.0..=LAST_SECOND as f64).contains(seconds))?;
            (seconds * 1e6) as i64
        }
    };
    let time = DateTime::from_timestamp_micros(micros)?;
    (0..=LAST_SECOND).contains(&time.timestamp()).then_some(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_seconds_of_the_common_era_and_nothing_else() {
        let micros = |json: Json| read_time(&json).map(|time| time.timestamp_micros());
        for (json, time) in [
            (json!(0), Some(0)),
            (json!(1.5), Some(1_500_000)),
            (json!(LAST_SECOND), Some(LAST_SECOND * 1_000_000)),
            (json!(LAST_SECOND + 1), None),
            (json!(-1), None),
            (json!(-0.5), None),
            (json!(i64::MAX), None),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!("1"), None),
            (json!(null), None),
            (json!([1]), None),
            (json!(true), None),
        ] {
            assert_eq!(micros(json.clone()), time, "{json}");
        }
    }
}
