//! A CRM store in PostgreSQL: in a schema of its own in the host's database, on the host's pool, in the host's
//! transactions.
//!
//! Tenants are kept apart three times over: every statement names its tenant, row-level security binds every table
//! to the tenant that is set for the transaction, and every key begins with the tenant, so that no reference and no
//! unique value reaches across.
//!
//! One role owns the schema and migrates ([`Migrate`]), another one runs; one role may do both. [`PostgresStore`] looks
//! at the schema and at its own role when it starts, and refuses what would not keep tenants apart, with the SQL that
//! mends it. [`PostgresTx`] is the store inside a transaction that the host has begun.

mod changes;
mod commit;
mod counters;
mod erase;
mod error;
mod filter;
mod group;
mod intake;
mod joined;
mod log;
mod migrations;
mod name;
mod options;
mod order;
mod plan;
mod reads;
mod search;
mod select;
mod session;
mod sql;
mod store;
mod table;
mod tidy;
mod validate;
mod write;

pub use changes::Changes;
pub use error::OpenError;
pub use joined::PostgresTx;
pub use migrations::{MIGRATIONS, Migrate, Migration, SCHEMA};
pub use options::{Isolation, Options};
pub use store::PostgresStore;
