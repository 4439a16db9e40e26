//! The compressed forms of files, and which of them a client takes (RFC 9110, section 12.5.3).

use axum::http::{HeaderMap, header};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    /// It is not.
    Identity,
}

impl Encoding {
    /// The best first.
    const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// Its name in headers.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// What the name of a file so compressed ends with.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

/// What a client takes, the best first. What is not compressed is taken by all, whatever they say: there is no other
/// form of what they ask for.
pub(super) fn accepted(headers: &HeaderMap) -> impl Iterator<Item = Encoding> {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let wishes: Vec<(String, bool)> = lines.flat_map(|line| line.split(',')).map(wish).collect();
    let takes = move |name: &str| {
        let named = |wanted: &str| wishes.iter().find(|(own, _)| own == wanted).map(|(_, takes)| *takes);
        named(name).or_else(|| named("*")).unwrap_or(false)
    };
    Encoding::ALL.into_iter().filter(move |encoding| encoding.name().is_none_or(&takes))
}

/// One of the codings that a client lists, and whether it takes it: `gzip;q=0` says that it does not.
fn wish(text: &str) -> (String, bool) {
    let (name, weight) = text.split_once(';').unwrap_or((text, ""));
    let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
    (name.trim().to_ascii_lowercase(), weight.unwrap_or(1.0) > 0.0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_best_that_a_client_takes_comes_first() {
        use Encoding::{Brotli, Gzip, Identity};
        for (line, expected) in [
            ("", vec![Identity]),
            ("gzip, deflate, br", vec![Brotli, Gzip, Identity]),
            ("GZIP;q=1.0", vec![Gzip, Identity]),
            ("br;q=0, gzip;q=0.001", vec![Gzip, Identity]),
            ("*", vec![Brotli, Gzip, Identity]),
            ("*, br;q=0", vec![Gzip, Identity]),
            ("identity;q=0", vec![Identity]),
            ("br;q=much", vec![Brotli, Identity]),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]);
            assert_eq!(accepted(&headers).collect::<Vec<_>>(), expected, "{line}");
        }
    }
}
