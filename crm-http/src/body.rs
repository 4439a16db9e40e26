//! Request bodies: one JSON object, of bounded size, in bounded time, without a key twice.

use std::{fmt, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use crm_core::Error;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::problem::Problem;

/// How bodies are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intake {
    /// The most bytes.
    pub(crate) limit: usize,
    /// The longest time that sending them may take.
    pub(crate) patience: Duration,
}

impl Intake {
    /// The JSON object in a body of one of these media types; `None` if the body is empty.
    pub(crate) async fn object(
        self,
        headers: &HeaderMap,
        body: Body,
        types: &[&str],
    ) -> Result<Option<Map<String, Json>>, Problem> {
        let fits = content_type(headers, types);
        if fits == Some(false) {
            return Err(wrong_type(types));
        }
        let bytes = self.bytes(headers, body).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if fits.is_none() {
            return Err(wrong_type(types));
        }
        let Strict(json) = serde_json::from_slice(&bytes).map_err(|error| malformed(&error.to_string()))?;
        match json {
            Json::Object(object) => Ok(Some(object)),
            _ => Err(Error::invalid("", "wrong_type", "the body must be a JSON object").into()),
        }
    }

    async fn bytes(self, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced
            .and_then(|length| length.parse().ok())
            .is_some_and(|length: u64| length > self.limit as u64)
        {
            return Err(self.too_large());
        }
        let read = tokio::time::timeout(self.patience, Limited::new(body, self.limit).collect());
        match read.await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(self.too_large()),
            Ok(Err(_)) => {
                Err(Problem::bad_request("incomplete_body", "the body ended before it was complete"))
            }
            Err(_) => {
                let detail = "the body took too long to arrive";
                Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", detail))
            }
        }
    }

    fn too_large(self) -> Problem {
        let detail = format!("the body must have at most {} bytes", self.limit);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }
}

/// The body is no JSON.
pub(crate) fn malformed(why: &str) -> Problem {
    Problem::bad_request("malformed_json", format!("the body is no valid JSON: {why}"))
}

fn wrong_type(types: &[&str]) -> Problem {
    let types: Vec<String> = types.iter().map(|own| format!("`{own}`")).collect();
    let detail = format!("the body must be uncompressed UTF-8 of the content type {}", types.join(" or "));
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
}

/// Whether the body says that it is of one of these types; `None` if it does not say.
fn content_type(headers: &HeaderMap, types: &[&str]) -> Option<bool> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Some(false);
    }
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let value = given.next()?;
    let Ok(value) = value.to_str() else { return Some(false) };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => {
            charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    let known = types.iter().any(|own| own.eq_ignore_ascii_case(essence));
    Some(known && parts.all(utf8) && given.next().is_none())
}

/// A JSON value that names no key of an object twice. The plain parser keeps the last of two silently, so that one
/// program checks what another one does not see.
pub(crate) struct Strict(pub(crate) Json);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::from(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::from(value))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
                Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("number out of range"))
            }
            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::from(value))
            }
            fn visit_string<E>(self, value: String) -> Result<Json, E> {
                Ok(Json::String(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(Strict(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Json::Array(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
                let mut object = Map::new();
                while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
                    if object.contains_key(&key) {
                        return Err(de::Error::custom(format!("the key `{key}` is there twice")));
                    }
                    object.insert(key, value);
                }
                Ok(Json::Object(object))
            }
        }

        deserializer.deserialize_any(Any).map(Strict)
    }
}
