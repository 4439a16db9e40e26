//! How often something may be tried, in bounded memory.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

/// The most keys that are remembered. Beyond it, those that are nearest to being forgotten anyway are.
const MAX_KEYS: usize = 16_384;

/// So many at once, and one more with every interval (the generic cell rate algorithm): all that is kept of a key is
/// the moment at which it will be as if nothing had been tried.
#[derive(Debug)]
pub(crate) struct Throttle {
    burst: u32,
    interval: Duration,
    free_at: Mutex<HashMap<Uuid, Instant>>,
}

/// What is left to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// How many more at once.
    pub(crate) count: u32,
    /// How long it takes until all of them are back.
    pub(crate) whole_in: Duration,
}

impl Throttle {
    pub(crate) fn new(burst: u32, interval: Duration) -> Self {
        Self { burst, interval, free_at: Mutex::new(HashMap::new()) }
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.free_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try, before it is known how it ends, so that tries side by side are counted too. A key that can be as
    /// long as a client likes is given as its digest.
    ///
    /// # Errors
    /// How long to wait, if there have been too many.
    pub(crate) fn count(&self, key: Uuid) -> Result<Left, Duration> {
        let now = Instant::now();
        let mut keys = self.keys();
        let free_at = keys.get(&key).copied().filter(|free_at| *free_at > now).unwrap_or(now);
        let next = free_at + self.interval;
        let allowed = now + self.interval * self.burst;
        if next > allowed {
            return Err(next - allowed);
        }
        if keys.len() >= MAX_KEYS && !keys.contains_key(&key) {
            forget(&mut keys, now);
        }
        keys.insert(key, next);
        let count = (allowed - next).as_nanos() / self.interval.as_nanos().max(1);
        Ok(Left { count: u32::try_from(count).unwrap_or(self.burst), whole_in: next - now })
    }

    /// Takes a counted try back: it was a good one.
    #[cfg(feature = "auth")]
    pub(crate) fn uncount(&self, key: Uuid) {
        let mut keys = self.keys();
        if let Some(free_at) = keys.get_mut(&key) {
            *free_at = free_at.checked_sub(self.interval).unwrap_or(*free_at);
        }
    }
}

/// Makes room: whoever has tried the least loses its memory first.
fn forget(keys: &mut HashMap<Uuid, Instant>, now: Instant) {
    keys.retain(|_, free_at| *free_at > now);
    if keys.len() >= MAX_KEYS {
        let mut moments: Vec<Instant> = keys.values().copied().collect();
        let (_, median, _) = moments.select_nth_unstable(MAX_KEYS / 2);
        let median = *median;
        keys.retain(|_, free_at| *free_at > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_let_through_and_then_one_with_every_interval() {
        let throttle = Throttle::new(3, Duration::from_secs(10));
        for left in [2, 1, 0] {
            assert_eq!(throttle.count(ADA).unwrap().count, left);
        }
        assert_eq!(throttle.count(ADA), Err(Duration::from_secs(10)));
        assert!(throttle.count(BOB).is_ok());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(throttle.count(ADA), Ok(Left { count: 0, whole_in: Duration::from_secs(30) }));
        assert!(throttle.count(ADA).is_err());
    }

    #[cfg(feature = "auth")]
    #[tokio::test(start_paused = true)]
    async fn what_is_taken_back_may_be_tried_again() {
        let throttle = Throttle::new(1, Duration::from_secs(10));
        assert!(throttle.count(ADA).is_ok());
        throttle.uncount(ADA);
        assert!(throttle.count(ADA).is_ok());
        assert!(throttle.count(ADA).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_the_worst_offender_is_not_forgotten() {
        let throttle = Throttle::new(3, Duration::from_secs(10));
        while throttle.count(ADA).is_ok() {}
        for stranger in 0..3 * MAX_KEYS {
            assert!(throttle.count(Uuid::from_u128(1_000 + stranger as u128)).is_ok());
            assert!(throttle.keys().len() <= MAX_KEYS);
        }
        assert!(throttle.count(ADA).is_err());
    }
}
