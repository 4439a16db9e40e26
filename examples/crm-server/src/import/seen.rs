//! Which ids a file has had so far, in a few bytes each.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
};

/// The ids of a file and what is known of each: a fingerprint of 64 bits and a number of 32, so that ten million ids
/// take about 200 MB. Two different ids have the same fingerprint in one of 400,000 files of ten million rows; then
/// a row is refused, and told, that need not be.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    keys: RandomState,
    // Halves, because a u64 would be padded: 12 bytes an entry instead of 16.
    known: HashMap<[u32; 2], u32>,
}

impl Seen {
    /// The line on which this id stood first; `None` if this is it.
    pub(crate) fn first_line(&mut self, id: &str, line: u64) -> Option<u64> {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let mut first = None;
        self.known
            .entry(self.fingerprint(id))
            .and_modify(|known| first = Some(u64::from(*known)))
            .or_insert(line);
        first
    }

    /// How often this id has occurred, this time included.
    pub(crate) fn occurrence(&mut self, id: &str) -> u32 {
        let fingerprint = self.fingerprint(id);
        let count = self.known.entry(fingerprint).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }

    fn fingerprint(&self, id: &str) -> [u32; 2] {
        let hash = self.keys.hash_one(id).to_be_bytes();
        let [a, b, c, d, e, f, g, h] = hash;
        [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])]
    }
}
