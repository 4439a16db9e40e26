//! What the program promises to whoever starts it: as a server, as the commands beside it, and when it is told to end.

// It is ended by signals, as Unix has them.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod archives;
mod client;
#[cfg(feature = "postgres")]
#[allow(dead_code, unreachable_pub, reason = "the store's own tests use all of it")]
#[path = "../../../../crm-store-postgres/tests/support/cluster.rs"]
mod cluster;
mod databases;
mod ending;
mod erasing;
mod exports;
mod exposure;
mod imports;
mod limits;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod process;
mod serving;
mod settings;
mod verification;
