//! A clock and a source of ids for tests: what happens, and which ids come of it, is the same in every run.
//!
//! ```
//! use chrono::TimeDelta;
//! use crm_core::{Crm, MemoryStore, testing::{ManualClock, SeededIds}};
//!
//! let clock = ManualClock::default();
//! let crm = Crm::new(MemoryStore::new()).with_clock(clock.clone()).with_ids(SeededIds::new(7));
//! let then = crm.now();
//! clock.advance(TimeDelta::days(3));
//! assert_eq!(crm.now() - then, TimeDelta::days(3));
//! ```

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use uuid::Uuid;

use crate::{Clock, IdSource};

/// A clock that stands still until the test moves it. Clones show the same time.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows this time, cut to microseconds.
    pub fn at(time: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(time.timestamp_micros())))
    }

    /// Shows this time from now on.
    pub fn set(&self, time: DateTime<Utc>) {
        self.0.store(time.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves on by so much, or back if it is negative; less than a microsecond is nothing.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }
}

/// A clock that shows noon of 1 March 2026.
impl Default for ManualClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_772_366_400_000_000)))
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManualClock({})", self.now())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        Utc.timestamp_micros(self.0.load(Ordering::SeqCst)).single().unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// UUIDs of version 7 that depend on the seed, the time and how many came before alone. Those of one millisecond are
/// in no order. Clones continue the same row of ids.
#[derive(Clone, Debug)]
pub struct SeededIds {
    seed: u64,
    given: Arc<AtomicU64>,
}

impl SeededIds {
    /// A source that gives the same ids as every other one of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, given: Arc::default() }
    }
}

impl IdSource for SeededIds {
    fn next(&self, now: DateTime<Utc>) -> Uuid {
        let nth = self.given.fetch_add(1, Ordering::SeqCst);
        let high = scramble(self.seed ^ scramble(nth));
        let low = scramble(high ^ nth);
        let mut random = [0; 10];
        random.iter_mut().zip(high.to_be_bytes().into_iter().chain(low.to_be_bytes())).for_each(
            |(slot, byte)| {
                *slot = byte;
            },
        );
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// Spreads a number over all 64 bits (the finalizer of SplitMix64): no two numbers give the same.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
