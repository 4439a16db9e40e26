//! How often something may be tried, in bounded memory.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use crate::call::digest;

/// The most keys that are remembered. Beyond it, those that are nearest to being forgotten anyway are.
const MAX_KEYS: usize = 16_384;

/// So many tries at once, and one more with every interval (the generic cell rate algorithm): all that is kept of a
/// key, which can be as long as a client likes, is its digest and the moment at which it will be as if nothing had been
/// tried.
#[derive(Debug)]
pub(crate) struct Throttle {
    burst: u32,
    interval: Duration,
    free_at: Mutex<HashMap<Uuid, Instant>>,
}

impl Throttle {
    pub(crate) fn new(burst: u32, interval: Duration) -> Self {
        Self { burst, interval, free_at: Mutex::new(HashMap::new()) }
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.free_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try, before it is known how it ends, so that tries side by side are counted too.
    ///
    /// # Errors
    /// How long to wait, if there have been too many.
    pub(crate) fn count(&self, key: &str) -> Result<(), Duration> {
        let (now, key) = (Instant::now(), digest(&[key]));
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
        Ok(())
    }

    /// Takes a counted try back: it was a good one.
    pub(crate) fn uncount(&self, key: &str) {
        let mut keys = self.keys();
        if let Some(free_at) = keys.get_mut(&digest(&[key])) {
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

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_let_through_and_then_one_with_every_interval() {
        let throttle = Throttle::new(3, Duration::from_secs(10));
        for _ in 0..3 {
            assert_eq!(throttle.count("ada"), Ok(()));
        }
        assert_eq!(throttle.count("ada"), Err(Duration::from_secs(10)));
        assert_eq!(throttle.count("bob"), Ok(()));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(throttle.count("ada"), Ok(()));
        assert!(throttle.count("ada").is_err());
        throttle.uncount("ada");
        assert_eq!(throttle.count("ada"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_the_worst_offender_is_not_forgotten() {
        let throttle = Throttle::new(3, Duration::from_secs(10));
        while throttle.count("ada").is_ok() {}
        for stranger in 0..3 * MAX_KEYS {
            assert_eq!(throttle.count(&stranger.to_string()), Ok(()));
            assert!(throttle.keys().len() <= MAX_KEYS);
        }
        assert!(throttle.count("ada").is_err());
    }
}
