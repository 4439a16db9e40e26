//! The token that a request bears (RFC 6750), in the one place where it may stand.

use axum::http::{HeaderMap, header};

/// The token in `Authorization: Bearer`; `None` unless there is exactly one such header. Of two, a proxy may have checked
/// the one and this service would use the other.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (given.next()?, given.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
