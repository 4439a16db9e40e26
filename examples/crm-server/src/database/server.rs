//! A PostgreSQL server: one role runs, and the same or another one owns and migrates.

use std::fmt;

use anyhow::{Context, Result, anyhow};
use crm_core::Crm;
use crm_http::Metrics;
use crm_store_postgres::{MIGRATIONS, Migrate, OpenError, PostgresStore};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

/// Where it is, and as whom it is used.
#[derive(Clone)]
pub(crate) struct Server {
    address: String,
    runs: PgConnectOptions,
    owns: Option<PgConnectOptions>,
}

impl Server {
    pub(super) fn new(address: &str) -> Result<Self> {
        Ok(Self { address: address.to_owned(), runs: parse(address)?, owns: None })
    }

    /// The owner is a role of the same server, or an address of its own.
    pub(super) fn owned_by(mut self, owner: &str) -> Result<Self> {
        let own = match owner.contains("://") {
            true => parse(owner).context("--database-owner is neither a role nor an address")?,
            false => self.runs.clone().username(owner),
        };
        self.owns = Some(own);
        Ok(self)
    }

    pub(super) async fn open(&self, migrate: bool, metrics: &Metrics) -> Result<Crm> {
        if migrate {
            self.migrate().await?;
        }
        let store = PostgresStore::connect(&self.address).await.map_err(|error| match error {
            OpenError::Version { .. } | OpenError::Missing { .. } if !migrate => {
                anyhow!("{error}; or bring it up to date with `crm-server migrate`")
            }
            error => error.into(),
        })?;
        let (size, idle) = (store.pool().clone(), store.pool().clone());
        metrics
            .gauge("crm_postgres_connections", "Connections of the pool.", move || f64::from(size.size()))?;
        metrics.gauge(
            "crm_postgres_idle_connections",
            "Connections of the pool that nobody uses.",
            move || idle.num_idle() as f64,
        )?;
        let crm = Crm::new(store.clone());
        store.follow(crm.feed());
        Ok(crm)
    }

    /// Runs what is missing, as the role that owns.
    pub(super) async fn migrate(&self) -> Result<Vec<String>> {
        let (options, migration) = match &self.owns {
            Some(owner) => (owner, Migrate::new().role(self.runs.get_username())),
            None => (&self.runs, Migrate::new()),
        };
        let connection = options.connect().await;
        let mut connection: PgConnection = connection.with_context(|| format!("cannot connect to {self}"))?;
        let before = migration.run(&mut connection).await?;
        // What was to be done is done, whether or not the server hears the farewell.
        let _ = connection.close().await;
        let applied = MIGRATIONS.iter().filter(|step| step.number > before);
        Ok(applied.map(|step| format!("applied {} {}", step.number, step.name)).collect())
    }
}

fn parse(address: &str) -> Result<PgConnectOptions> {
    // The parser's own message may repeat the password.
    let parsed = address.parse();
    parsed.map_err(|_| anyhow!("no address of a PostgreSQL server, such as postgres://crm@localhost/crm"))
}

impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl Eq for Server {}

/// Without the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.runs.get_host(), self.runs.get_port());
        let database = self.runs.get_database().unwrap_or_else(|| self.runs.get_username());
        write!(f, "`{database}` on {host}:{port}")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
