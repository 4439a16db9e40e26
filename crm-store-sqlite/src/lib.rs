//! A CRM store in one SQLite file.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use crm_core::{Actor, Crm, Customer, Tenant};
//! use crm_store_sqlite::SqliteStore;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("crm.db");
//! let crm = Crm::new(SqliteStore::open(&path)?);
//! let tenant = crm.directory(&crm.maintenance()).create_tenant(Tenant::new("acme", "Acme")).await?;
//! let scope = crm.scope(tenant.id, Actor::job("tour"));
//! let ada = crm.customers(&scope).create(Customer::company("Ada Ltd")).await?;
//! assert_eq!(crm.customers(&scope).get(ada.id).await?, ada);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # What it does with the file
//!
//! The file is in WAL mode: beside it lie `-wal` and `-shm` while it is open. One thread writes, and puts the commits
//! that wait for it into one transaction, so that they wait for the disk once. Reads have connections of their own,
//! and see the last commit. Short reads run where they are called, as that costs less than a hop to another thread;
//! lists run on tokio's threads for blocking work. Several processes may use the file at once; each waits for the
//! others' commits, up to the [busy timeout](Options::busy_timeout).
//!
//! What an acknowledged commit survives is a [setting](Durability); by default everything that the disk does.
//!
//! # What erasing leaves
//!
//! An erased record's row and the values of its events are overwritten in the file, and are gone from the log beside it
//! once that has gone into the file, at the latest when the last store closes. Two things can outlive it: earlier
//! versions of the record in pages that have become free, until they are used again; and in the search index, which
//! three letters stood somewhere in the text of a row that is no more, until the index merges that part of itself. The
//! same is true of an erased tenant. [`SqliteStore::scrub`] removes both by rewriting the file.
//!
//! # Copies
//!
//! Copy the file while it is open with SQLite's own means only (`VACUUM INTO`, the backup interface): what was
//! committed last is in the `-wal` file.

mod cancel;
mod commit;
mod counters;
#[cfg(test)]
mod disk_full;
mod erase;
mod error;
mod filter;
mod intake;
mod log;
mod migrations;
mod open;
mod options;
mod order;
mod places;
mod pool;
mod route;
mod scrub;
mod search;
mod select;
mod store;
mod table;
mod writer;

pub use error::OpenError;
pub use migrations::{MIGRATIONS, Migration, SCHEMA};
pub use open::{Schema, migrate, schema};
pub use options::{Durability, Options};
pub use store::SqliteStore;
pub use writer::Figures;
