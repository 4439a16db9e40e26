//! What an import does with files, on the store in memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod columns;
mod encodings;
mod generated;
mod history;
mod records;
mod round_trip;
mod tables;
