//! So much of one tenant's work at once, so that a flood of its requests does not stand before another tenant's.
//!
//! Who asks alone may have more of the processors than who asks beside others. A request that has its place keeps it, so
//! how many there are counts for those that wait.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crm_core::TenantId;
use tokio::{sync::oneshot, time::Instant};

/// For so long after another tenant has asked, a tenant is not alone.
const RECENTLY: Duration = Duration::from_secs(1);

/// Places to work at, so many for each tenant, and a queue before each tenant's.
#[derive(Debug)]
pub(crate) struct Bulkhead {
    /// The places of a tenant while no other one asks.
    alone: usize,
    /// Those of each while others do.
    beside: usize,
    queue: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    // A tenant is in here while it has a request, so that this is no larger than what is in flight.
    lanes: HashMap<TenantId, Lane>,
    /// Who asked last.
    last: Option<TenantId>,
    /// When another tenant asked than the one before.
    mixed: Option<Instant>,
}

#[derive(Debug, Default)]
struct Lane {
    working: usize,
    /// Some may have gone.
    waiting: VecDeque<oneshot::Sender<()>>,
}

/// A place to work at, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    bulkhead: Arc<Bulkhead>,
    tenant: TenantId,
}

/// So many wait already that another one would wait for too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl State {
    fn asks(&mut self, tenant: TenantId) {
        if self.last.replace(tenant).is_some_and(|last| last != tenant) {
            self.mixed = Some(Instant::now());
        }
    }
}

impl Lane {
    /// Lets in those whose turn it is.
    fn fill(&mut self, places: usize) {
        while self.working < places {
            let Some(next) = self.waiting.pop_front() else { return };
            self.working += usize::from(next.send(()).is_ok());
        }
    }
}

impl Bulkhead {
    pub(crate) fn new(alone: usize, beside: usize, queue: usize) -> Self {
        let alone = alone.max(1);
        Self { alone, beside: beside.clamp(1, alone), queue, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn places(&self, state: &State) -> usize {
        let is_mixed = state.mixed.is_some_and(|at| at.elapsed() < RECENTLY);
        if is_mixed { self.beside } else { self.alone }
    }

    /// A place, in the order in which a tenant's requests came.
    ///
    /// # Errors
    /// [`Full`], if the queue is.
    pub(crate) async fn enter(self: &Arc<Self>, tenant: TenantId) -> Result<Place, Full> {
        if let Some(told) = self.queue(tenant)? {
            let mut turn = Turn { bulkhead: Arc::clone(self), tenant, told };
            // Nobody who waits is forgotten: a lane goes only when it is empty.
            (&mut turn.told).await.map_err(|_| Full)?;
        }
        Ok(Place { bulkhead: Arc::clone(self), tenant })
    }

    /// What tells of one's turn; `None` if it is that already.
    fn queue(&self, tenant: TenantId) -> Result<Option<oneshot::Receiver<()>>, Full> {
        let mut state = self.state();
        state.asks(tenant);
        let places = self.places(&state);
        let lane = state.lanes.entry(tenant).or_default();
        if lane.working < places && lane.waiting.is_empty() {
            lane.working += 1;
            return Ok(None);
        }
        if lane.working >= places && lane.waiting.len() >= self.queue {
            lane.waiting.retain(|waiting| !waiting.is_closed());
            if lane.waiting.len() >= self.queue {
                return Err(Full);
            }
        }
        let (turn, told) = oneshot::channel();
        lane.waiting.push_back(turn);
        lane.fill(places);
        Ok(Some(told))
    }

    fn leave(&self, tenant: TenantId) {
        let mut state = self.state();
        let places = self.places(&state);
        if let Some(lane) = state.lanes.get_mut(&tenant) {
            lane.working -= 1;
            lane.fill(places);
            if lane.working == 0 {
                state.lanes.remove(&tenant);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bulkhead.leave(self.tenant);
    }
}

/// Somebody who waits for a place.
struct Turn {
    bulkhead: Arc<Bulkhead>,
    tenant: TenantId,
    told: oneshot::Receiver<()>,
}

impl Drop for Turn {
    /// Whoever goes in the moment at which it is their turn passes it on.
    fn drop(&mut self) {
        self.told.close();
        if self.told.try_recv().is_ok() {
            self.bulkhead.leave(self.tenant);
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
        let bulkhead = Arc::new(Bulkhead::new(2, 2, 10));
        let held = [bulkhead.enter(tenant(1)).await.unwrap(), bulkhead.enter(tenant(1)).await.unwrap()];
        let soon = Duration::from_secs(1);
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_err(), "it waits");
        assert!(timeout(soon, bulkhead.enter(tenant(2))).await.is_ok());
        drop(held);
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_ok());
        assert!(bulkhead.state().lanes.is_empty(), "nothing is kept of who is done or has gone");
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_is_bounded_and_keeps_its_order() {
        let bulkhead = Arc::new(Bulkhead::new(1, 1, 2));
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
        assert!(bulkhead.state().lanes.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_beside_others_has_fewer_places_until_it_is_alone_again() {
        let bulkhead = Arc::new(Bulkhead::new(3, 1, 10));
        let soon = Duration::from_millis(100);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(bulkhead.enter(tenant(1)).await.unwrap());
        }
        drop(bulkhead.enter(tenant(2)).await.unwrap());
        drop(held.pop());
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_err(), "two are at work, and one may be");
        drop(held.pop());
        drop(held.pop());
        held.push(timeout(soon, bulkhead.enter(tenant(1))).await.unwrap().unwrap());
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_err());
        tokio::time::sleep(RECENTLY).await;
        held.push(timeout(soon, bulkhead.enter(tenant(1))).await.unwrap().unwrap());
        held.push(timeout(soon, bulkhead.enter(tenant(1))).await.unwrap().unwrap());
        assert!(timeout(soon, bulkhead.enter(tenant(1))).await.is_err(), "three are at work");
        drop(held);
        assert!(bulkhead.state().lanes.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_when_it_is_their_turn_passes_it_on() {
        let bulkhead = Arc::new(Bulkhead::new(1, 1, 10));
        let held = bulkhead.enter(tenant(1)).await.unwrap();
        let mut first = Box::pin(bulkhead.enter(tenant(1)));
        assert!(timeout(Duration::from_millis(1), &mut first).await.is_err());
        let mut second = Box::pin(bulkhead.enter(tenant(1)));
        assert!(timeout(Duration::from_millis(1), &mut second).await.is_err());
        // The first one is told, and does not hear it.
        drop(held);
        drop(first);
        assert!(timeout(Duration::from_secs(1), second).await.unwrap().is_ok());
        assert!(bulkhead.state().lanes.is_empty());
    }
}
