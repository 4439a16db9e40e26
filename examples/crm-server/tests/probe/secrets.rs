//! What no byte of an answer may tell: the marker and the ids of the other tenant.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::world::MARKER;

/// A text so long can hide an id in base64, as cursors do.
const ENCODED: usize = 40;

/// The ids of the other tenant: of its records, its events' requests, its own.
#[derive(Debug, Default)]
pub(crate) struct Secrets(HashSet<u128>);

impl Secrets {
    pub(crate) fn add(&mut self, id: Uuid) {
        self.0.insert(id.as_u128());
    }

    /// The first secret in these bytes: as text in any case, with or without hyphens, or in base64.
    pub(crate) fn shown(&self, bytes: &[u8]) -> Option<String> {
        if let Some(found) = self.plain(bytes) {
            return Some(found);
        }
        let encoded = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let runs = bytes.split(|byte| !encoded(byte)).filter(|run| run.len() >= ENCODED);
        runs.filter_map(|run| URL_SAFE_NO_PAD.decode(run).ok()).find_map(|bytes| self.plain(&bytes))
    }

    fn plain(&self, bytes: &[u8]) -> Option<String> {
        let marker = MARKER.as_bytes();
        let at = memchr::memmem::find(&bytes.to_ascii_lowercase(), marker);
        if let Some(at) = at {
            return Some(format!("`{MARKER}` at byte {at}"));
        }
        // The last 32 hexadecimal digits as a number, hyphens left out.
        let (mut digits, mut number) = (0, 0_u128);
        for byte in bytes {
            match (*byte as char).to_digit(16) {
                Some(digit) => (digits, number) = (digits + 1, number << 4 | u128::from(digit)),
                None if *byte == b'-' => {}
                None => digits = 0,
            }
            if digits >= 32 && self.0.contains(&number) {
                return Some(Uuid::from_u128(number).to_string());
            }
        }
        None
    }
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let id = Uuid::parse_str("0192f0c1-7c57-7bd1-a111-0000000000ab").unwrap();
    let mut secrets = Secrets::default();
    secrets.add(id);
    let cursor = URL_SAFE_NO_PAD.encode(format!("[17,\"{id}\"]"));
    let shown = [
        id.to_string(),
        id.simple().to_string().to_uppercase(),
        format!("\"{}-3\"", id.simple()),
        format!("{{\"next_cursor\":\"{cursor}\"}}"),
        format!("a{id}"),
        format!("... {} ...", MARKER.to_uppercase()),
    ];
    for text in shown {
        assert!(secrets.shown(text.as_bytes()).is_some(), "{text}");
    }
    let other = "0192f0c1-7c57-7bd1-a111-0000000000ac";
    assert_eq!(secrets.shown(format!("{other} {}", URL_SAFE_NO_PAD.encode(other)).as_bytes()), None);
}
