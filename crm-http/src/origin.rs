//! Which web pages may use the service: its own, and those of origins that are allowed.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts};

/// Where a web page comes from, such as `https://app.example` or `http://localhost:3000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    place: Place,
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
}

/// This is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidOrigin;

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an origin is a scheme, a host and perhaps a port, such as https://app.example")
    }
}

impl std::error::Error for InvalidOrigin {}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, place) = text.split_once("://").ok_or(InvalidOrigin)?;
        let scheme = scheme.to_ascii_lowercase();
        let port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(InvalidOrigin),
        };
        let place = Place::parse(place, port).ok_or(InvalidOrigin)?;
        Ok(Self { scheme, place })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.place.host)?;
        if self.place.port == self.default_port() { Ok(()) } else { write!(f, ":{}", self.place.port) }
    }
}

impl Origin {
    fn default_port(&self) -> u16 {
        if self.scheme == "https" { 443 } else { 80 }
    }
}

impl Place {
    /// `None` if this is not a host with or without a port, and nothing else: no user, no path.
    fn parse(text: &str, default_port: u16) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (format!("[{}]", host.parse::<Ipv6Addr>().ok()?), port)
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                let (host, port) = text.split_at(end);
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
                if host.is_empty() || !host.bytes().all(fits) {
                    return None;
                }
                (host.to_ascii_lowercase(), port)
            }
        };
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            None if port.is_empty() => default_port,
            _ => return None,
        };
        Some(Self { host, port })
    }
}

/// What a request says about the page that it comes from.
enum Source {
    /// Nothing: it comes from a program, or from a browser's own user.
    Unsaid,
    /// A page of the service itself.
    Own,
    /// A page of an origin that is allowed.
    Allowed,
    Foreign,
}

/// The origins, besides the service's own, whose pages may use it.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<Origin>);

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(Origin::to_string).collect();
        f.write_str(&all.join(" "))
    }
}

impl Origins {
    /// These.
    pub fn new(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self(origins.into_iter().collect())
    }

    /// Whether a request may come in as far as its origin goes: it is safe (GET, HEAD, OPTIONS), says nothing about a
    /// page, or comes from a page of the service or of an origin that is allowed.
    pub fn allow(&self, request: &Parts) -> bool {
        request.method == Method::GET
            || request.method == Method::HEAD
            || request.method == Method::OPTIONS
            || !self.is_foreign(request)
    }

    /// Whether a request, of whatever method, is known to come from a page of the service or of an origin that is
    /// allowed. It is what to ask of a request that is let in by a cookie, or that opens a WebSocket.
    pub fn prove(&self, request: &Parts) -> bool {
        matches!(self.source(&request.uri, &request.headers), Source::Own | Source::Allowed)
    }

    /// Whether a request, of whatever method, says that it comes from a page that is neither the service's nor of an
    /// origin that is allowed.
    pub fn is_foreign(&self, request: &Parts) -> bool {
        matches!(self.source(&request.uri, &request.headers), Source::Foreign)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one `Origin` of a request, if it is in the list.
    pub(crate) fn listed<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let value = only(headers, &header::ORIGIN)?;
        let origin: Origin = value.to_str().ok()?.parse().ok()?;
        self.0.contains(&origin).then_some(value)
    }

    fn source(&self, uri: &Uri, headers: &HeaderMap) -> Source {
        if self.listed(headers).is_some() {
            return Source::Allowed;
        }
        let mut sites = headers.get_all("sec-fetch-site").iter().map(HeaderValue::as_bytes);
        // A page of the same host that came without encryption, or by another port, is `same-site`.
        let site = match (sites.next(), sites.next()) {
            (None, _) => None,
            (Some(b"same-origin"), None) => Some(Source::Own),
            (Some(b"none"), None) => Some(Source::Unsaid),
            _ => return Source::Foreign,
        };
        if !headers.contains_key(header::ORIGIN) {
            return site.unwrap_or(Source::Unsaid);
        }
        let origin = only(headers, &header::ORIGIN).and_then(|value| value.to_str().ok()?.parse().ok());
        let is_own = origin.is_some_and(|origin: Origin| own(uri, headers, &origin) == Some(origin.place));
        if is_own { Source::Own } else { Source::Foreign }
    }
}

/// The host and port that a request is for. Whether it came encrypted is known to a proxy at best, so that a port that
/// is left out is taken to be that of the origin's scheme.
fn own(uri: &Uri, headers: &HeaderMap, origin: &Origin) -> Option<Place> {
    let authority = match headers.contains_key(header::HOST) {
        true => only(headers, &header::HOST)?.to_str().ok()?,
        // HTTP/2 says it there.
        false => uri.authority()?.as_str(),
    };
    Place::parse(authority, origin.default_port())
}

/// The value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn request(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::post("/api/customers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn list() -> Origins {
        Origins::new(["https://app.example".parse().unwrap(), "http://[::1]:3000".parse().unwrap()])
    }

    fn allowed(host: &str, origin: &str) -> bool {
        list().allow(&request(&[("host", host), ("origin", origin)]))
    }

    #[test]
    fn a_page_of_the_same_host_and_port_is_our_own() {
        for (host, origin) in [
            ("crm.example", "https://crm.example"),
            ("crm.example", "http://crm.example"),
            ("CRM.example", "https://crm.EXAMPLE"),
            ("crm.example:443", "https://crm.example"),
            ("crm.example", "https://crm.example:443"),
            ("crm.example:80", "http://crm.example"),
            ("localhost:8005", "http://localhost:8005"),
            ("127.0.0.1:8005", "http://127.0.0.1:8005"),
            ("[::1]:8005", "http://[::1]:8005"),
            ("[0:0::1]:8005", "http://[::1]:8005"),
            ("[::1]", "http://[::1]"),
        ] {
            assert!(allowed(host, origin), "{host} {origin}");
        }
    }

    #[test]
    fn any_other_page_is_foreign() {
        for (host, origin) in [
            ("crm.example", "https://evil.example"),
            ("crm.example", "null"),
            ("crm.example", ""),
            ("crm.example", "crm.example"),
            ("crm.example", "https://crm.example.evil.example"),
            ("crm.example", "https://evil.crm.example"),
            ("crm.example", "https://crm.example:8443"),
            ("crm.example:443", "http://crm.example"),
            ("localhost:8005", "http://localhost:3000"),
            ("localhost:8005", "http://127.0.0.1:8005"),
            ("crm.example", "https://crm.example@evil.example"),
            ("crm.example", "https://evil.example@crm.example"),
            ("crm.example", "https://crm.example/"),
            ("crm.example", "https://crm.example#x"),
            ("crm.example", "https://crm.example https://evil.example"),
            ("crm.example", "ftp://crm.example"),
            ("crm.example", "https://"),
            ("crm.example", "https://crm.example:"),
            ("crm.example", "https://crm.example:+443"),
            ("crm.example", "https://crm.example:99999"),
            ("user@crm.example", "https://crm.example"),
            ("[::1", "http://[::1"),
            ("[::1]x", "http://[::1]x"),
            ("", "https://crm.example"),
        ] {
            assert!(!allowed(host, origin), "{host} {origin}");
        }
        let twice = [("origin", "https://crm.example"), ("origin", "https://evil.example")];
        let host = ("host", "crm.example");
        assert!(!list().allow(&request(&[&[host][..], &twice].concat())));
        assert!(!list().allow(&request(&[
            host,
            ("host", "evil.example"),
            ("origin", "https://evil.example")
        ])));
    }

    #[test]
    fn a_page_of_the_list_is_allowed_and_its_likes_are_not() {
        for (origin, is_allowed) in [
            ("https://app.example", true),
            ("https://APP.example:443", true),
            ("http://[::1]:3000", true),
            ("http://app.example", false),
            ("https://app.example:8443", false),
            ("https://app.example.evil.example", false),
            ("http://[::2]:3000", false),
        ] {
            assert_eq!(allowed("crm.example", origin), is_allowed, "{origin}");
        }
    }

    #[test]
    fn what_a_browser_says_of_the_site_counts() {
        for (headers, is_allowed, is_proven) in [
            (&[][..], true, false),
            (&[("sec-fetch-site", "none")], true, false),
            (&[("sec-fetch-site", "same-origin")], true, true),
            (&[("sec-fetch-site", "same-site")], false, false),
            (&[("sec-fetch-site", "cross-site")], false, false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false, false),
            (&[("origin", "https://crm.example")], true, true),
            (&[("origin", "https://crm.example"), ("sec-fetch-site", "cross-site")], false, false),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], false, false),
            (&[("origin", "https://app.example"), ("sec-fetch-site", "cross-site")], true, true),
        ] {
            let request = request(&[&[("host", "crm.example")], headers].concat());
            assert_eq!(list().allow(&request), is_allowed, "{headers:?}");
            assert_eq!(list().prove(&request), is_proven, "{headers:?}");
        }
    }

    #[test]
    fn what_changes_nothing_may_come_from_anywhere_and_proves_nothing() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let mut request = request(&[("host", "crm.example"), ("origin", "https://evil.example")]);
            request.method = method;
            assert!(list().allow(&request));
            assert!(!list().prove(&request));
        }
    }

    #[test]
    fn without_a_host_the_authority_counts() {
        let mut request = request(&[("origin", "https://crm.example")]);
        assert!(!list().allow(&request));
        request.uri = "https://crm.example/api/customers".parse().unwrap();
        assert!(list().allow(&request));
    }
}
