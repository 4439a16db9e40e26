//! The promises of the HTTP interface, kept against the store in memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod broken;
mod conditions;
mod figures;
mod idempotency;
mod isolation;
#[cfg(feature = "jwt")]
mod jwt;
mod leads;
mod lists;
mod log;
mod login;
mod mounting;
mod permissions;
mod pipeline;
mod problems;
mod records;
mod serving;
mod world;
