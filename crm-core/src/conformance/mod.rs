//! What makes a store a store: named promises, each a test that every store passes. Feature `testing`.
//!
//! Whoever writes a store runs them like this, in a test of the store's own crate, which needs no dependency for it but
//! this crate with the feature `testing`:
//!
//! ```
//! use crm_core::MemoryStore;
//!
//! // In a file of `tests/`: one `#[test]` per promise, by its name.
//! crm_core::store_conformance!(|| async { MemoryStore::new() });
//! # fn main() {}
//! ```
//!
//! The expression is evaluated anew for each promise and makes a [`Harness`]: a place that is empty at first, such as
//! a temporary file or a schema of its own, and that knows how to open a store there. For a store that keeps nothing,
//! a closure is enough, as above. A durable one writes out the trait, because it is also asked to close the store and
//! to open the same place again (with the crate `async-trait`):
//!
//! ```
//! use std::sync::Arc;
//! use crm_core::{MemoryStore, Store, conformance::Harness};
//!
//! struct Place {
//!     // the folder, the address of the database, ...
//! }
//!
//! #[async_trait::async_trait]
//! impl Harness for Place {
//!     async fn open(&self) -> Arc<dyn Store> {
//!         // Your store, opened at this place, with its schema brought up to date.
//!         Arc::new(MemoryStore::new())
//!     }
//! }
//!
//! mod in_a_file {
//!     crm_core::store_conformance!(super::Place {});
//! }
//! # fn main() {}
//! ```
//!
//! The suite reads [`Store::capabilities`]; nothing is skipped by hand. [`CASES`] lists every promise in a sentence.
//! Each test runs within a tokio runtime of its own, of several threads and with timers, and has five minutes. The
//! clock stands still and the ids are the same in every run, so that a failure comes again.
//!
//! The second half of the contract is [`model`]: random operations, compared step by step with the store in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests, though others run them")]
#![deny(dead_code, reason = "a case that the table does not list must not compile")]

#[macro_use]
mod table;

pub mod model;
mod specimen;
mod workbench;

mod arriving;
mod closing;
mod commits;
mod concurrency;
mod constraints;
mod counters;
mod cursors;
mod days;
mod departing;
mod erasing;
mod events;
mod figures;
mod filters;
mod following;
mod history;
mod leads;
mod moving_in;
mod once;
mod paging;
mod reckoning;
mod roles;
mod rules;
mod searching;
mod tasks;
mod tenancy;
mod values;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::Store;
use workbench::Workbench;

/// How long one case may take. A store that does not answer fails rather than hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A place where a store keeps its data. Each value of it is a place of its own, empty at first.
///
/// An async closure that makes a store is one for a store that keeps nothing.
#[async_trait]
pub trait Harness: Send + Sync + 'static {
    /// Opens the store: the first time empty, with its schema in place; later, if it is durable, with everything that
    /// was committed before. The suite closes what it opened before it opens the place again.
    async fn open(&self) -> Arc<dyn Store>;

    /// Closes the store and waits until it has let go of the place. Dropping it is enough for most.
    async fn close(&self, store: Arc<dyn Store>) {
        drop(store);
    }
}

#[async_trait]
impl<F, O, S> Harness for F
where
    F: Fn() -> O + Send + Sync + 'static,
    O: Future<Output = S> + Send,
    S: Store + 'static,
{
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self().await)
    }
}

/// One promise.
pub struct Case {
    /// What it is about: `tenancy`.
    pub group: &'static str,
    /// Its name, that of the test: `a_foreign_id_is_unknown_to_get`.
    pub name: &'static str,
    /// The promise in a sentence.
    pub promise: &'static str,
    body: Body,
}

type Body = fn(&mut Workbench) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.group, self.name)
    }
}

impl Case {
    /// Tries the promise on a store of this harness. Needs a tokio runtime of several threads.
    ///
    /// # Panics
    /// If the store does not keep the promise.
    pub async fn run(&self, harness: Arc<dyn Harness>) {
        let mut bench = Workbench::new(harness).await;
        (self.body)(&mut bench).await;
        bench.close().await;
    }
}

/// Tries the promise of this name in a runtime of its own: what the tests of
/// [`store_conformance!`](crate::store_conformance) do.
///
/// # Panics
/// If the store does not keep the promise, or if there is none of this name.
pub fn run(name: &str, harness: impl Harness) {
    let case = CASES.iter().find(|case| case.name == name);
    let case = case.unwrap_or_else(|| panic!("there is no promise `{name}`"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.expect("a runtime can be built");
    // In a task of its own, so that a store that blocks its thread for ever fails as well.
    let task = runtime.spawn(case.run(Arc::new(harness)));
    let done = runtime.block_on(async { tokio::time::timeout(PATIENCE, task).await });
    runtime.shutdown_background();
    match done {
        Ok(Ok(())) => {}
        Ok(Err(broken)) => std::panic::resume_unwind(broken.into_panic()),
        Err(_) => panic!("no answer within {PATIENCE:?}: {}", case.promise),
    }
}

macro_rules! table {
    (() $($group:ident { $($name:ident: $promise:literal;)+ })+) => {
        /// Every promise, by group.
        pub static CASES: &[Case] = &[$($(
            Case {
                group: stringify!($group),
                name: stringify!($name),
                promise: $promise,
                body: |bench| Box::pin($group::$name(bench)),
            },
        )+)+];
    };
}

__conformance_cases!([table]);
