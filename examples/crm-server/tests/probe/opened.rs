//! The stores that the probes run on, each opened as production opens it.

use std::sync::Arc;

use crm_core::Store;
use crm_store_postgres::PostgresStore;
use crm_store_sqlite::{Durability, SqliteStore};

use crate::cluster::{Database, Roles};

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One file.
    Sqlite,
    /// A database whose schema another role owns than the one that runs.
    Postgres,
}

/// An empty store of its own, gone when this is dropped.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    _place: Place,
}

enum Place {
    Folder { _folder: tempfile::TempDir },
    Database { _database: Database },
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The share of all probes that this store gets. A server is further away than a file.
    pub(crate) const fn percent(self) -> u64 {
        match self {
            Self::Sqlite => 75,
            Self::Postgres => 25,
        }
    }

    pub(crate) async fn open(self) -> Opened {
        let (store, place): (Arc<dyn Store>, Place) = match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                // No probe is about a power cut, and synced commits take long.
                let options = SqliteStore::builder().durability(Durability::Normal);
                let store = options.open(folder.path().join("crm.db")).unwrap();
                (Arc::new(store), Place::Folder { _folder: folder })
            }
            Self::Postgres => {
                let database = Database::new(Roles::Two);
                let store = PostgresStore::connect(&database.app()).await.unwrap();
                (Arc::new(store), Place::Database { _database: database })
            }
        };
        Opened { store, _place: place }
    }
}
