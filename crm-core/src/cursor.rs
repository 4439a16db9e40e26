//! Cursors: a place in a list as text, bound to the tenant and the query it came from.
//!
//! A cursor carries a digest over the tenant, the object, filter, order and place. A changed one, or one that is used
//! with another query or in another tenant, is refused. It is no secret and grants nothing: the scope alone decides
//! what is read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{TimeZone, Utc};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Error, Kind, Position, Result, Select, TenantScope, Value, normalize::from_text};

const DIGEST: usize = 16;

pub(crate) fn encode(scope: &TenantScope, select: &Select, position: &Position) -> String {
    let keys = position.keys.iter().map(|key| match key {
        Value::Time(time) => Json::from(time.timestamp_micros()),
        key => key.to_json(),
    });
    let place = Json::Array(keys.chain([Json::from(position.id.to_string())]).collect()).to_string();
    let mut bytes = digest(scope, select, place.as_bytes());
    bytes.extend(place.into_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(scope: &TenantScope, select: &Select, cursor: &str) -> Result<Position> {
    let position = || -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (mark, place) = bytes.split_at_checked(DIGEST)?;
        if mark != digest(scope, select, place) {
            return None;
        }
        let mut place: Vec<Json> = serde_json::from_slice(place).ok()?;
        let id = Uuid::parse_str(place.pop()?.as_str()?).ok()?;
        if place.len() != select.sort.len() {
            return None;
        }
        let keys = select.sort.iter().zip(place);
        let keys = keys.map(|((key, _), json)| read(select.object.key_kind(*key), &json));
        Some(Position { keys: keys.collect::<Option<_>>()?, id })
    };
    position().ok_or(Error::BadCursor)
}

fn read(kind: Kind, json: &Json) -> Option<Value> {
    Some(match (kind, json) {
        (_, Json::Null) => Value::Null,
        (Kind::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Kind::Int | Kind::Money, number) => Value::Int(number.as_i64()?),
        (Kind::Time, number) => Value::Time(Utc.timestamp_micros(number.as_i64()?).single()?),
        (kind, Json::String(text)) => from_text(kind, text)?,
        _ => return None,
    })
}

fn digest(scope: &TenantScope, select: &Select, place: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(scope.tenant().uuid());
    hash.update(select.object.name);
    hash.update(format!("{:?}{:?}{:?}", select.filter, select.sort, select.visibility));
    hash.update([0]);
    hash.update(place);
    hash.finalize().iter().copied().take(DIGEST).collect()
}
