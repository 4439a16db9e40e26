//! How a store is opened.

use std::{fmt, time::Duration};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{OpenError, PostgresStore, name::SchemaName, validate};

/// How a read tells PostgreSQL which tenant it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// In the statement itself, in one round trip. For a single server.
    #[default]
    Statement,
    /// With `SET LOCAL` in a transaction around it, in two round trips more. A distributed PostgreSQL passes that on to
    /// its workers, and a pooler in transaction mode keeps it together.
    Transaction,
}

/// How a store is opened. Made by [`PostgresStore::builder`].
#[derive(Clone)]
pub struct Options {
    pub(crate) schema: String,
    pub(crate) isolation: Isolation,
    pub(crate) prepared: bool,
    pub(crate) listens: bool,
    pub(crate) listen_at: Option<String>,
    pub(crate) guarded: bool,
    pub(crate) grouping: bool,
    pub(crate) patience: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) connections: u32,
    pub(crate) filed_every: u32,
}

/// Without the address, which may have a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, isolation, prepared, patience, lock_timeout, connections, .. } = self;
        f.debug_struct("Options")
            .field("schema", schema)
            .field("isolation", isolation)
            .field("prepared", prepared)
            .field("patience", patience)
            .field("lock_timeout", lock_timeout)
            .field("connections", connections)
            .finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            schema: SchemaName::default().bare().to_owned(),
            isolation: Isolation::Statement,
            prepared: true,
            listens: true,
            listen_at: None,
            guarded: true,
            grouping: true,
            patience: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            connections: 10,
            filed_every: 1_000,
        }
    }
}

impl Options {
    /// The schema; `crm`, unless something else is said.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// How reads are confined to a tenant; [`Isolation::Statement`], unless something else is said.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// For a pooler in transaction mode that knows no prepared statements, such as pgbouncer before 1.21: everything in
    /// transactions, and nothing prepared. The pooler must let the driver's `extra_float_digits` pass
    /// (`ignore_startup_parameters`). Nobody can listen through such a pooler, so that whoever waits for
    /// [changes](PostgresStore::changes) of other processes is told to look every second, unless there is an address
    /// [to listen at](Self::listen_at).
    ///
    /// A pool of the host's own is to be made with a statement cache of 0.
    #[must_use]
    pub fn pooled(mut self) -> Self {
        (self.prepared, self.listens) = (false, false);
        self.isolation(Isolation::Transaction)
    }

    /// An address to listen for changes at, past a pooler; otherwise a connection of the pool is taken. It serves for
    /// nothing else: any role of the same database will do.
    #[must_use]
    pub fn listen_at(mut self, url: impl Into<String>) -> Self {
        self.listen_at = Some(url.into());
        self
    }

    /// How long any call waits for the database before it answers
    /// [`Error::Unavailable`](crm_core::Error::Unavailable); 30 seconds, unless something else is said. A commit may
    /// wait as long once more before, behind others of its tenant.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long a commit waits for another transaction of its tenant; 10 seconds, unless something else is said.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// The most connections of a store that has a pool of its own; 10, unless something else is said.
    #[must_use]
    pub fn connections(mut self, connections: u32) -> Self {
        self.connections = connections;
        self
    }

    /// After how many events of a tenant the texts that are new in it are put into the text index, on a connection of the
    /// pool beside the commits; 1,000, unless something else is said. Until then a search looks at each of them. In a
    /// pool of one connection, and inside a transaction of the host's, every commit does it at once.
    #[must_use]
    pub fn filed_every(mut self, events: u32) -> Self {
        self.filed_every = events;
        self
    }

    /// Whether connections whose state is in doubt are closed. Off in the control of a test alone, which shows that the
    /// test would see what happens otherwise.
    #[doc(hidden)]
    #[must_use]
    pub fn guarded(mut self, guarded: bool) -> Self {
        self.guarded = guarded;
        self
    }

    /// Whether commits of one tenant that wait for each other are made into one; they are, unless this says no.
    #[must_use]
    pub fn grouping(mut self, grouping: bool) -> Self {
        self.grouping = grouping;
        self
    }

    /// Opens the store on a pool of the host's, after a look at the schema and the role.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(self, pool: PgPool) -> Result<PostgresStore, OpenError> {
        let schema = SchemaName::new(&self.schema)?;
        validate::validate(&mut *pool.acquire().await?, &schema).await?;
        Ok(PostgresStore::start(pool, schema, self))
    }

    /// Opens the store on a pool of its own. Connections are not asked whether they still live before each use: a call
    /// on one that is lost is made again on another.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn connect(self, url: &str) -> Result<PostgresStore, OpenError> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.statement_cache_capacity(if self.prepared { 500 } else { 0 });
        let pool = PgPoolOptions::new()
            .max_connections(self.connections)
            .acquire_timeout(self.patience)
            .test_before_acquire(false);
        self.open(pool.connect_with(options).await?).await
    }
}
