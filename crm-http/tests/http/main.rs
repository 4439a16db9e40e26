//! The promises of the HTTP interface, kept against the store in memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod broken;
mod conditions;
mod ending;
mod figures;
mod idempotency;
mod incidents;
mod isolation;
mod keys;
mod leads;
mod lists;
mod log;
mod login;
mod mounting;
mod permissions;
mod pipeline;
mod problems;
mod records;
mod search;
mod serving;
mod slow;
mod wire;
mod world;
