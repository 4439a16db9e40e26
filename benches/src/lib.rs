//! Benchmarks of the stores, each beside a hand-written driver in the same run: what they share.
//!
//! Machines differ and are noisy, so what counts is the ratio of two medians of one run. `cargo bench -p crm-benches`
//! measures and prints them as a table; [`report`] reads what criterion has measured.

pub mod bare;
pub mod by_hand;
pub mod cluster;
pub mod measure;
pub mod report;
pub mod seed;

/// The code in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
