//! The model test on the store in memory, and that it notices stores that err.

mod faulty;

use std::sync::Arc;

use crm_core::{
    MemoryStore, Store,
    conformance::model::{Options, compare},
};
use faulty::{Fault, Faulty};

#[tokio::test]
async fn two_stores_in_memory_never_diverge() {
    let report = compare(vec![("another", Arc::new(MemoryStore::new()))], Options::from_env()).await.unwrap();
    assert!(report.refused * 10 > report.operations, "only {} of {report} were refused", report.refused);
    assert!(report.refused * 2 < report.operations, "{} of {report} were refused", report.refused);
}

/// In this history a batch that was refused is committed again after the tenant has changed its time zone.
#[tokio::test]
async fn a_batch_that_was_counted_by_other_days_is_refused() {
    let options = Options { operations: 20_000, seed: 9_270_766_747_907_836_919 };
    compare(vec![("another", Arc::new(MemoryStore::new()))], options).await.unwrap();
}

#[tokio::test]
async fn the_same_seed_makes_the_same_operations() {
    let options = Options { operations: 400, seed: 7 };
    let run = || async { compare(vec![("another", Arc::new(MemoryStore::new()))], options).await.unwrap() };
    assert_eq!(run().await, run().await);
    let faulty = || async {
        let store: Arc<dyn Store> = Arc::new(Faulty::new(Fault::PrefixMindsNoCase));
        compare(vec![("faulty", store)], Options { operations: 20_000, seed: 7 }).await.unwrap_err().steps
    };
    assert_eq!(faulty().await, faulty().await);
}

#[tokio::test]
async fn every_planted_fault_is_caught() {
    for fault in Fault::ALL {
        let store: Arc<dyn Store> = Arc::new(Faulty::new(fault));
        let divergence = match compare(vec![("faulty", store)], Options { operations: 20_000, seed: 1 }).await
        {
            Err(divergence) => divergence,
            Ok(report) => panic!("{fault:?} was not caught: {report}"),
        };
        let steps = divergence.steps.len();
        println!("canary: {fault:?} caught, shown in {steps} steps");
        assert!(steps <= 30, "{fault:?} is shown in {steps} steps only:\n{divergence}");
        assert_ne!(divergence.expected, divergence.found);
    }
}
