//! How a store is opened.

use std::{fmt, path::Path, sync::Arc, thread, time::Duration};

use crate::{OpenError, SqliteStore, open, pool::Trace};

/// What an acknowledged commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Everything that the disk survives: a crash of the program, of the system, a power cut. A commit is acknowledged
    /// once the disk has confirmed that it is written (`synchronous = FULL`).
    #[default]
    Full,
    /// A crash of the program. After a crash of the system or a power cut the file is whole and consistent, but the
    /// last commits, acknowledged ones among them, may be missing (`synchronous = NORMAL`).
    Normal,
}

/// How a store is opened. Made by [`SqliteStore::builder`].
///
/// ```
/// use crm_store_sqlite::{Durability, SqliteStore};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("crm.db");
/// let store = SqliteStore::builder().durability(Durability::Normal).readers(4).open(&path)?;
/// # Ok::<(), crm_store_sqlite::OpenError>(())
/// ```
#[derive(Clone)]
pub struct Options {
    pub(crate) durability: Durability,
    pub(crate) readers: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) migrate: bool,
    pub(crate) large: u32,
    pub(crate) filed_every: u32,
    pub(crate) trace: Option<Trace>,
}

impl Default for Options {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self {
            durability: Durability::Full,
            readers: processors.clamp(2, 8),
            busy_timeout: Duration::from_secs(5),
            migrate: true,
            large: 5_000,
            filed_every: 200,
            trace: None,
        }
    }
}

impl Options {
    /// What an acknowledged commit survives. [`Durability::Full`], unless something else is said.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How many lists are read at the same time, at least 1; further ones wait. As many connections again are kept for
    /// the short reads, which never wait for a list. As many as there are processors, from 2 to 8, unless something
    /// else is said. A store in memory has one connection for everything.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers;
        self
    }

    /// How long to wait for another process that holds the file; 5 seconds, unless something else is said. After that
    /// a commit answers [`Error::Unavailable`](crm_core::Error::Unavailable).
    #[must_use]
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Whether opening makes a missing file and brings an older schema up to date. It does, unless this says no: then
    /// an older schema is [`OpenError::Outdated`].
    #[must_use]
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// From how many records of a kind on a tenant is searched by the index of all tenants' texts; a smaller one is
    /// searched by looking at its records, which is faster there. 5,000, where the two were measured to be about equal,
    /// unless something else is said.
    #[must_use]
    pub fn large_tenant(mut self, records: u32) -> Self {
        self.large = records;
        self
    }

    /// After how many new records of a kind in a tenant their texts are put into that index, by the commit that makes the
    /// last of them; 200, unless something else is said. Until then a search looks at each of them.
    #[must_use]
    pub fn filed_every(mut self, records: u32) -> Self {
        self.filed_every = records;
        self
    }

    /// Shows the text of every statement that runs to this function, for logs and tests. Values are bound and not part
    /// of it.
    #[must_use]
    pub fn on_statement(mut self, see: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.trace = Some(Arc::new(see));
        self
    }

    /// Opens the store in this file.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, OpenError> {
        open::file(&self, path.as_ref())
    }

    /// Makes an empty store in memory, which is gone when it is dropped.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn in_memory(self) -> Result<SqliteStore, OpenError> {
        open::memory(&self)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { durability, readers, busy_timeout, migrate, large, filed_every, trace: _ } = self;
        f.debug_struct("Options")
            .field("durability", durability)
            .field("readers", readers)
            .field("busy_timeout", busy_timeout)
            .field("migrate", migrate)
            .field("large_tenant", large)
            .field("filed_every", filed_every)
            .finish_non_exhaustive()
    }
}
