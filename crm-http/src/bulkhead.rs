//! So much of one tenant's work at once, so that a flood of its requests does not stand before another tenant's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crm_core::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places to work at, so many for each tenant, and a queue before each tenant's.
#[derive(Debug)]
pub(crate) struct Bulkhead {
    places: usize,
    queue: usize,
    // A tenant is in here while it has a request, so that this is no larger than what is in flight.
    lanes: Mutex<HashMap<TenantId, Lane>>,
}

#[derive(Debug)]
struct Lane {
    places: Arc<Semaphore>,
    requests: usize,
}

/// A place to work at, until it is dropped.
#[derive(Debug)]
#[expect(dead_code, reason = "they count by being there; the place is given back first")]
pub(crate) struct Place {
    place: OwnedSemaphorePermit,
    entry: Entry,
}

/// A request that works or waits.
#[derive(Debug)]
struct Entry {
    bulkhead: Arc<Bulkhead>,
    tenant: TenantId,
}

/// So many wait already that another one would wait for too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Bulkhead {
    pub(crate) fn new(places: usize, queue: usize) -> Self {
        Self { places: places.clamp(1, Semaphore::MAX_PERMITS), queue, lanes: Mutex::default() }
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<TenantId, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, in the order in which a tenant's requests came.
    ///
    /// # Errors
    /// [`Full`], if the queue is.
    pub(crate) async fn enter(self: &Arc<Self>, tenant: TenantId) -> Result<Place, Full> {
        let (places, entry) = self.queue(tenant)?;
        // The semaphore is never closed.
        let place = places.acquire_owned().await.map_err(|_| Full)?;
        Ok(Place { place, entry })
    }

    fn queue(self: &Arc<Self>, tenant: TenantId) -> Result<(Arc<Semaphore>, Entry), Full> {
        let mut lanes = self.lanes();
        let lane = lanes
            .entry(tenant)
            .or_insert_with(|| Lane { places: Arc::new(Semaphore::new(self.places)), requests: 0 });
        if lane.requests >= self.places.saturating_add(self.queue) {
            return Err(Full);
        }
        lane.requests += 1;
        Ok((Arc::clone(&lane.places), Entry { bulkhead: Arc::clone(self), tenant }))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut lanes = self.bulkhead.lanes();
        if let Some(lane) = lanes.get_mut(&self.tenant) {
            lane.requests -= 1;
            if lane.requests == 0 {
                lanes.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_has_so_many_places_and_another_one_has_its_own() {
        let bulkhead = Arc::new(Bulkhead::new(2, 10));
        let held = [bulkhead.enter(tenant(1)).await.unwrap(), bulkhead.enter(tenant(1)).await.unwrap()];
        let soon = Duration::from_secs(1);
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_err(), "it waits");
        assert!(timeout(soon, bulkhead.enter(tenant(2))).await.is_ok());
        drop(held);
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_ok());
        assert!(bulkhead.lanes().is_empty(), "nothing is kept of who is done or has gone");
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_is_bounded_and_keeps_its_order() {
        let bulkhead = Arc::new(Bulkhead::new(1, 2));
        let held = bulkhead.enter(tenant(1)).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for number in 0..2 {
            let (bulkhead, order) = (Arc::clone(&bulkhead), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                let _place = bulkhead.enter(tenant(1)).await.unwrap();
                order.lock().unwrap().push(number);
            }));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(bulkhead.enter(tenant(1)).await.unwrap_err(), Full);
        drop(held);
        for waiting in waiting {
            waiting.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [0, 1]);
        assert!(bulkhead.lanes().is_empty());
    }
}
