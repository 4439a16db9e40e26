//! The promises of the HTTP interface, kept against the store in memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod broken;
mod conditions;
mod conformance;
mod counting;
#[cfg(feature = "ui")]
mod dashboard;
#[cfg(feature = "docs")]
mod docs;
mod document;
mod ending;
mod figures;
mod framing;
mod idempotency;
mod incidents;
mod invitations;
mod isolation;
#[cfg(feature = "jwt")]
mod jwt;
mod kept;
mod keys;
mod leads;
mod lists;
mod live;
mod log;
mod login;
mod metrics;
mod mounting;
mod openapi;
mod origins;
mod permissions;
mod pipeline;
mod problems;
mod rates;
mod records;
mod search;
mod secrets;
mod serving;
mod slow;
mod sockets;
mod stalling;
mod wire;
mod world;
