//! The model test: random operations on any number of stores and on the store in memory, step by step, and every
//! answer compared.
//!
//! ```
//! use std::sync::Arc;
//! use crm_core::{MemoryStore, conformance::model::{Options, compare}};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! // In a test of the store's crate, with the store in the place of this one, in as many configurations as it has:
//! let options = Options { operations: 100, ..Options::from_env() };
//! compare(vec![("mine", Arc::new(MemoryStore::new()))], options).await.unwrap();
//! # });
//! ```
//!
//! The operations create, change, delete, restore, convert, advance and erase records, commit batches by hand of which
//! some must fail, replay them, and read in every way, as several actors in several tenants, with the same clock and
//! the same ids for every store. After each history everything that can be read is compared, and every tenant is
//! [verified](crate::Crm::verify). One line says what was done:
//!
//! ```text
//! model: operations 20000 over memory, mine, divergences 0, seed 1234
//! ```
//!
//! Where a store diverges, the history is made as short as possible, and each of its steps is told.
//! `CRM_MODEL_OPERATIONS` sets how many operations, `CRM_MODEL_SEED` which.

mod answer;
mod ask;
mod batch;
mod input;
mod operation;
mod step;
mod world;

use std::{fmt, sync::Arc, time::Instant};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    Crm, MemoryStore, Store, TenantScope,
    testing::{ManualClock, SeededIds, scramble},
};
use answer::{Answer, told};
use operation::Operation;
use step::Step;
use world::World;

/// How many operations one history has, at most. Each has tenants of its own.
const HISTORY: usize = 400;
/// How often a history that diverges is tried shorter.
const SHRINKS: usize = 400;
/// For how long, in seconds.
const SHRINKING: u64 = 120;

/// How much to try, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many operations in all.
    pub operations: usize,
    /// What the operations are made from: the same seed makes the same ones.
    pub seed: u64,
}

impl Options {
    /// What the environment says: `CRM_MODEL_OPERATIONS`, else 20,000; `CRM_MODEL_SEED`, else one of the moment.
    ///
    /// # Panics
    /// If one of them is there and is no whole number.
    pub fn from_env() -> Self {
        let read = |name: &str| {
            let text = std::env::var(name).ok()?;
            Some(text.parse().unwrap_or_else(|_| panic!("`{name}` is `{text}`; give a whole number")))
        };
        let of_the_moment = || scramble(u64::from(chrono::Utc::now().timestamp_subsec_nanos()));
        let operations = read("CRM_MODEL_OPERATIONS").unwrap_or(20_000);
        Self {
            operations: usize::try_from(operations).unwrap_or(usize::MAX),
            seed: read("CRM_MODEL_SEED").unwrap_or_else(of_the_moment),
        }
    }
}

/// What was compared without a divergence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many operations.
    pub operations: usize,
    /// How many of them were refused, by every store for the same reason.
    pub refused: usize,
    /// The stores, the one in memory first.
    pub stores: Vec<String>,
    /// What the operations were made from.
    pub seed: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores = self.stores.join(", ");
        write!(f, "model: operations {} over {stores}, divergences 0, seed {}", self.operations, self.seed)
    }
}

/// Where a store answered otherwise than the one in memory.
pub struct Divergence {
    /// The store.
    pub store: String,
    /// What the operations were made from.
    pub seed: u64,
    /// The shortest history found that shows it, a step each; the last is where it shows.
    pub steps: Vec<String>,
    /// What the store in memory answered.
    pub expected: String,
    /// What the store answered.
    pub found: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "model: `{}` diverges, seed {}, after {} steps:",
            self.store,
            self.seed,
            self.steps.len()
        )?;
        for (nth, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:>4}  {step}", nth + 1)?;
        }
        writeln!(f, "memory answered:\n      {}", self.expected)?;
        write!(f, "`{}` answered:\n      {}", self.store, self.found)
    }
}

impl fmt::Debug for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Divergence {}

/// Compares stores, which should be fresh, with one in memory, and prints a line of figures.
///
/// # Errors
/// The [`Divergence`], with the shortest history that shows it.
///
/// # Panics
/// If the store in memory fails, which would be a fault of this crate.
pub async fn compare(
    stores: Vec<(&str, Arc<dyn Store>)>,
    options: Options,
) -> Result<Report, Box<Divergence>> {
    let names: Vec<String> = stores.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut all: Vec<Arc<dyn Store>> = vec![Arc::new(MemoryStore::new())];
    all.extend(stores.into_iter().map(|(_, store)| store));
    let mut seed = [0; 32];
    for (bytes, nth) in seed.chunks_mut(8).zip(0..) {
        bytes.copy_from_slice(&scramble(options.seed ^ scramble(nth)).to_le_bytes());
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut trial = Trial { stores: all, seed: options.seed, runs: 0 };
    let (mut done, mut refused) = (0, 0);
    for history in 0.. {
        if done >= options.operations {
            break;
        }
        let length = HISTORY.min(options.operations - done);
        let operations = operations(&mut runner, length);
        match trial.run(history, &operations).await {
            Ok(own) => refused += own,
            Err(failure) => {
                let failure = trial.shrink(history, operations, failure).await;
                return Err(Box::new(failure.into_divergence(&names, options.seed)));
            }
        }
        done += length;
    }
    let stores = std::iter::once("memory".to_owned()).chain(names).collect();
    let report = Report { operations: done, refused, stores, seed: options.seed };
    println!("{report}");
    Ok(report)
}

/// The operations of one history.
fn operations(runner: &mut TestRunner, length: usize) -> Vec<Operation> {
    let operations = proptest::collection::vec(operation::any(), length..=length);
    operations.new_tree(runner).expect("a history can be made").current()
}

/// The stores, the one in memory first.
struct Trial {
    stores: Vec<Arc<dyn Store>>,
    seed: u64,
    /// How many histories were run; each has tenants of its own.
    runs: u64,
}

/// Where a run diverged.
struct Failure {
    /// Which store; 0 is the one in memory.
    store: usize,
    /// At which operation.
    at: usize,
    steps: Vec<String>,
    expected: String,
    found: String,
}

impl Failure {
    fn into_divergence(self, names: &[String], seed: u64) -> Divergence {
        let Self { store, steps, expected, found, .. } = self;
        let name = store.checked_sub(1).and_then(|nth| names.get(nth));
        let store = name.map_or_else(|| "memory".to_owned(), Clone::clone);
        Divergence { store, seed, steps, expected, found }
    }
}

impl Trial {
    /// Runs a history on every store; how many of its operations were refused.
    async fn run(&mut self, history: u64, operations: &[Operation]) -> Result<usize, Failure> {
        self.runs += 1;
        let (clock, seed) = (ManualClock::default(), scramble(self.seed ^ scramble(history)));
        let crm = |store: &Arc<dyn Store>| {
            Crm::on_shared(Arc::clone(store)).with_clock(clock.clone()).with_ids(SeededIds::new(seed))
        };
        let crms: Vec<Crm> = self.stores.iter().map(crm).collect();
        let mut world = World::new(Arc::clone(&self.stores[0]), clock.clone(), seed, self.runs);
        let mut steps = Vec::new();
        for tenant in world.tenants.clone() {
            let batch = world::founding(tenant, world.now());
            let step = Step::Commit { batch };
            self.compare(&crms, &world.upkeep(tenant), &step, 0, &mut steps).await?;
        }
        let mut refused = 0;
        for (at, operation) in operations.iter().enumerate() {
            let (scope, step) = world.step(operation).await;
            let answer = self.compare(&crms, &scope, &step, at, &mut steps).await?;
            refused += usize::from(answer.refused);
            world.learn(&scope, &step, &answer);
        }
        let at = operations.len().saturating_sub(1);
        for tenant in world.tenants.clone() {
            self.audit(&crms, &world.upkeep(tenant), at, &mut steps).await?;
        }
        Ok(refused)
    }

    /// Asks every store the same; the answer, if it is one.
    async fn compare(
        &self,
        crms: &[Crm],
        scope: &TenantScope,
        step: &Step,
        at: usize,
        steps: &mut Vec<String>,
    ) -> Result<Answer, Failure> {
        let actor = scope.actor();
        let role = actor.role().map_or("engine", crate::Role::name);
        steps.push(format!(
            "{} `{}` ({role}) in {}: {step:?}",
            actor.kind().name(),
            actor.id(),
            scope.tenant()
        ));
        let mut expected: Option<Answer> = None;
        for (nth, (crm, store)) in crms.iter().zip(&self.stores).enumerate() {
            let found = step.ask(crm, &**store, scope).await;
            match &expected {
                None => expected = Some(found),
                Some(expected) if expected.text == found.text => {}
                Some(expected) => return Err(failure(nth, at, steps, expected, &found)),
            }
        }
        Ok(expected.expect("there is the store in memory"))
    }

    /// Compares everything that can be read of a tenant, and verifies it.
    async fn audit(
        &self,
        crms: &[Crm],
        scope: &TenantScope,
        at: usize,
        steps: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let expected = world::everything(&*self.stores[0], scope).await;
        for (nth, (crm, store)) in crms.iter().zip(&self.stores).enumerate() {
            let found = world::everything(&**store, scope).await;
            for ((part, expected), (_, found)) in expected.iter().zip(&found) {
                if expected.text != found.text {
                    steps.push(format!("all {part} of {}", scope.tenant()));
                    return Err(failure(nth, at, steps, expected, found));
                }
            }
            let report = crm.verify(&crm.maintenance(), scope.tenant()).await;
            let differences = told(report.map(|report| report.differences), |_| Vec::new());
            if differences.text != "[]" {
                steps.push(format!("verify {}", scope.tenant()));
                let none = Answer { text: "[]".into(), ..differences.clone() };
                return Err(failure(nth, at, steps, &none, &differences));
            }
        }
        Ok(())
    }

    /// Leaves out of a history that diverges as much as it can.
    async fn shrink(&mut self, history: u64, operations: Vec<Operation>, failure: Failure) -> Failure {
        let (mut failure, mut kept) = (failure, operations);
        kept.truncate(failure.at + 1);
        let (begun, mut tries) = (Instant::now(), 0);
        let mut size = kept.len() / 2;
        while size > 0 {
            let mut start = 0;
            while start < kept.len() && tries < SHRINKS && begun.elapsed().as_secs() < SHRINKING {
                tries += 1;
                let mut shorter = kept.clone();
                shorter.drain(start..(start + size).min(kept.len()));
                match self.run(history, &shorter).await {
                    Err(again) => {
                        kept = shorter;
                        kept.truncate(again.at + 1);
                        failure = again;
                    }
                    Ok(_) => start += size,
                }
            }
            size /= 2;
        }
        failure
    }
}

fn failure(nth: usize, at: usize, steps: &[String], expected: &Answer, found: &Answer) -> Failure {
    Failure {
        store: nth,
        at,
        steps: steps.to_vec(),
        expected: expected.text.clone(),
        found: found.text.clone(),
    }
}
