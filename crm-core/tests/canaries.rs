//! The suite catches stores that err: each planted fault breaks at least one promise, and a sound store breaks none.

mod faulty;

use std::sync::Arc;

use crm_core::{
    MemoryStore,
    conformance::{CASES, Harness},
};
use faulty::{Fault, Faulty};

/// The first promise that a store of this harness breaks.
async fn broken(harness: impl Harness) -> Option<&'static str> {
    let harness: Arc<dyn Harness> = Arc::new(harness);
    for case in CASES {
        let harness = Arc::clone(&harness);
        if tokio::spawn(async move { case.run(harness).await }).await.is_err() {
            return Some(case.name);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_breaks_a_promise() {
    for fault in Fault::ALL {
        let broken = broken(move || async move { Faulty::new(fault) }).await;
        println!("canary: {fault:?} breaks {}", broken.unwrap_or("no promise"));
        assert!(broken.is_some(), "{fault:?} breaks no promise");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_store_breaks_none() {
    assert_eq!(broken(|| async { MemoryStore::new() }).await, None);
}

#[test]
fn every_promise_has_its_own_name() {
    let mut names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CASES.len());
    assert!(CASES.iter().all(|case| case.promise.ends_with('.') && !case.group.is_empty()));
}
