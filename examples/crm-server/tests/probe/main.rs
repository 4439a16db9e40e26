//! The proof of isolation over HTTP, on each store that production can have.
//!
//! Two tenants are filled alike. Callers of the one ask every route with every method, with whatever the other has in
//! every place of a request: path, query, body, headers, cursors. Each request is sent twice, with something foreign
//! and with what never was, and three oracles look on: nothing of the other tenant is in any byte of an answer; the two
//! answers are the same, byte for byte, and cost the same calls of the store; and what the other tenant has stays as
//! it was, as the own tenant does where a request is refused. Then faults are planted, and each must be caught.
//!
//! `CRM_PROBE_COUNT` says how many probes there are over all stores, `CRM_PROBE_SEED` which.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod canaries;
mod client;
mod digest;
mod filling;
mod matrix;
mod noninterference;
mod opened;
mod planted;
mod probe;
mod roles;
mod run;
mod script;
mod secrets;
mod sequences;
mod wander;
mod watched;
mod world;

#[path = "../../../../crm-store-postgres/tests/support/cluster.rs"]
#[allow(dead_code, unreachable_pub, reason = "this is the part of it that is used here")]
mod cluster;

use opened::Kind;
use run::{Oracle, Run};
use world::World;

/// So many probes there are over all stores, unless somebody says otherwise.
const PROBES: u64 = 120_000;
/// And so many of them at least are random on each store, beside the whole matrix.
const AT_RANDOM: u64 = 2_000;

/// A whole number from the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{name}` is `{text}`; give a whole number")))
}

/// What random choices are made from.
fn seed() -> u64 {
    number("CRM_PROBE_SEED").unwrap_or_else(|| fastrand::u64(..u64::from(u32::MAX)))
}

/// A test on each store of what is promised of any.
macro_rules! on_each_store {
    ($($promise:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(crate::opened::Kind::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(crate::opened::Kind::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_each_store;

async fn nothing_of_another_tenant_shows_or_changes(kind: Kind) {
    let seed = seed();
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut world, mut callers) = World::new(kind.open().await, &mut dice).await;
    let everybody: Vec<usize> = (0..callers.len()).collect();
    let mut run = Run::new(&mut world, &mut callers).await;
    let asked = matrix::send(&mut run, &mut dice, &everybody, None).await;
    let matrix = run.probes;
    let wanted = number("CRM_PROBE_COUNT").unwrap_or(PROBES) * kind.percent() / 100;
    wander::send(&mut run, &mut dice, wanted.max(matrix + AT_RANDOM)).await;
    run.look_anew().await;
    let (routes, probes, empty) = (crm_http::routes(true).len(), run.probes, run.empty);
    let found = |oracle| run.found(oracle);
    let told = format!(
        "probe: store {}, seed {seed}, routes {}/{routes}, probes {probes} of which the matrix {matrix}, \
         empty lists {empty}, leaks {}, oracle differences {}, foreign rows changed {}, refusals that wrote {}",
        kind.name(),
        asked.len(),
        found(Oracle::NothingShows),
        found(Oracle::AnswersAreAlike) + found(Oracle::CostsAreAlike),
        found(Oracle::ForeignStays),
        found(Oracle::RefusedWritesNothing),
    );
    let findings: Vec<String> = run.findings.iter().take(20).map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{told}\n{}", findings.join("\n"));
    assert_eq!(asked.len(), routes, "a route was not asked");
    assert!(empty > 0, "no list that must be empty was answered");
    let caught = canaries::caught(&mut world, &mut callers, &mut dice).await;
    println!("{told}, canaries {caught}/{}", canaries::ALL.len());
    assert_eq!(caught, canaries::ALL.len());
}

on_each_store! { nothing_of_another_tenant_shows_or_changes }
