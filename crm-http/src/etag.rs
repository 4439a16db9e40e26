//! Entity tags and the conditions that requests make on them (RFC 9110, section 13).

use axum::http::{HeaderMap, HeaderName, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm_core::{Entity, Record};
use sha2::{Digest, Sha256};

/// The tag of a record: each version of it has another.
pub(crate) fn of_record<T: Entity>(record: &Record<T>) -> String {
    format!("\"{}-{}\"", record.id.uuid().simple(), record.version)
}

/// The tag of any other content.
pub(crate) fn of_content(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest.iter().copied().take(18).collect::<Vec<_>>()))
}

/// Whether the client says that it has what this tag stands for.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = tags(headers, &header::IF_NONE_MATCH);
    known.iter().any(|own| own == "*" || own.strip_prefix("W/").unwrap_or(own) == tag)
}

/// What a change may be made to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Whatever is there.
    Any,
    /// Only what has one of these tags. A weak tag is never among what is there.
    OneOf(Vec<String>),
}

impl Guard {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let tags = tags(headers, &header::IF_MATCH);
        let present = headers.contains_key(header::IF_MATCH);
        if present && !tags.iter().any(|tag| tag == "*") { Self::OneOf(tags) } else { Self::Any }
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().to_owned()).collect()
}
