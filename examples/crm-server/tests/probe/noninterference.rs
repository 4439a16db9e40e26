//! What a tenant sees does not depend on what another one does: its transcript is the same, byte for byte, whether the
//! other rests, works between its requests, or works at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::Router;
use crm_core::{
    Crm, Role, Store, TenantId,
    testing::{ManualClock, SeededIds},
};
use uuid::Uuid;

use crate::{
    client::Client,
    filling::fill,
    on_each_store,
    opened::Kind,
    planted::{Fault, Planted},
    script::Script,
    seed,
    world::{MARKER, WORD, email, found, login},
};

/// How many requests a transcript has.
const REQUESTS: usize = 500;

/// What the other tenant does meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    Rests,
    WorksBetween,
    WorksBeside,
}

/// What two tenants have in common: a store. Each has its own service, ids and clock, as two processes have.
struct Shared {
    store: Arc<Planted>,
    own: TenantId,
    other: TenantId,
    seed: u64,
}

impl Shared {
    /// The service of one of the tenants.
    fn service(&self, tenant: TenantId) -> Router {
        let crm = self.crm(if tenant == self.own { 1 } else { 2 });
        crm_http::service(crm.clone(), login(crm))
    }

    fn crm(&self, nth: u64) -> Crm {
        let store: Arc<dyn Store> = self.store.clone();
        let ids = SeededIds::new(self.seed.wrapping_mul(3).wrapping_add(nth));
        Crm::on_shared(store).with_clock(ManualClock::default()).with_ids(ids)
    }

    /// The work of one of the tenants, which is filled before.
    async fn script(&self, tenant: TenantId, slug: &str) -> Script {
        let router = self.service(tenant);
        let client = Client::sign_in(&router, &email(Role::Owner, slug), slug).await;
        let mut dice = fastrand::Rng::with_seed(self.seed);
        let filling = fill(&client, slug, &mut dice).await;
        Script::new(client, &filling, dice.u64(..))
    }
}

/// What the own tenant is answered, request by request.
async fn transcript(kind: Kind, seed: u64, other: Other, fault: Option<Fault>) -> Vec<String> {
    let opened = kind.open().await;
    let mut dice = fastrand::Rng::with_seed(seed);
    let [own, foreign] = [(); 2].map(|()| TenantId::from_uuid(Uuid::from_u128(dice.u128(..))));
    let store = Arc::new(Planted::new(Arc::clone(&opened.store), own, foreign));
    let shared = Shared { store, own, other: foreign, seed };
    for (tenant, slug) in [(shared.own, WORD), (shared.other, MARKER)] {
        found(&shared.crm(0), tenant, slug).await;
    }
    let mut own = shared.script(shared.own, WORD).await;
    let mut others = shared.script(shared.other, MARKER).await;
    shared.store.plant(fault);
    let over = Arc::new(AtomicBool::new(false));
    let beside = (other == Other::WorksBeside).then(|| tokio::spawn(work(others.clone(), Arc::clone(&over))));
    let mut told = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        if other == Other::WorksBetween {
            for _ in 0..dice.u8(..3) {
                others.step().await;
            }
        }
        told.push(own.step().await);
    }
    over.store(true, Ordering::SeqCst);
    if let Some(beside) = beside {
        assert!(beside.await.unwrap() > 0, "the other tenant has not come to work");
    }
    told
}

/// Works until it is over; how many requests that were.
async fn work(mut script: Script, over: Arc<AtomicBool>) -> usize {
    let mut requests = 0;
    while !over.load(Ordering::SeqCst) {
        script.step().await;
        requests += 1;
    }
    requests
}

/// The requests that were answered otherwise.
fn differences(one: &[String], other: &[String]) -> Vec<String> {
    let pairs = one.iter().zip(other).filter(|(one, other)| one != other);
    pairs.map(|(one, other)| format!("{one}\n-- or --\n{other}")).collect()
}

async fn a_tenant_sees_nothing_of_what_another_one_does(kind: Kind) {
    let seed = seed();
    let alone = transcript(kind, seed, Other::Rests, None).await;
    let mut found = Vec::new();
    for other in [Other::WorksBetween, Other::WorksBeside] {
        found.extend(differences(&alone, &transcript(kind, seed, other, None).await));
    }
    let done = alone.iter().filter(|told| told.contains("\n20")).count();
    let canaries = [Fault::NumbersAreShared, Fault::CountersAreShared];
    let mut caught = 0;
    for fault in canaries {
        let alone = transcript(kind, seed, Other::Rests, Some(fault)).await;
        let beside = transcript(kind, seed, Other::WorksBetween, Some(fault)).await;
        caught += usize::from(!differences(&alone, &beside).is_empty());
    }
    println!(
        "noninterference: store {}, seed {seed}, requests {REQUESTS} of which {done} succeeded, three times, \
         differences {}, canaries {caught}/{}",
        kind.name(),
        found.len(),
        canaries.len()
    );
    assert!(found.is_empty(), "{}", found[0]);
    assert!(done > REQUESTS / 2, "most of the work must be done");
    assert_eq!(caught, canaries.len());
}

on_each_store! { a_tenant_sees_nothing_of_what_another_one_does }
