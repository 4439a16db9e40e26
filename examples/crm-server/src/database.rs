//! Which database, and how it is opened.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Result, bail};
use crm_core::Crm;
use crm_http::Metrics;
use crm_store_sqlite::{Figures, OpenError, SqliteStore};

#[cfg(feature = "postgres")]
mod server;

#[cfg(feature = "postgres")]
use server::Server;

/// A database, as `--database` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// Nothing that outlives the process.
    Memory,
    /// A schema on a PostgreSQL server.
    #[cfg(feature = "postgres")]
    Server(Box<Server>),
}

impl FromStr for Database {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        if matches!(name, "memory:" | "memory://") {
            return Ok(Self::Memory);
        }
        if name.starts_with("postgres://") || name.starts_with("postgresql://") {
            #[cfg(feature = "postgres")]
            return Ok(Self::Server(Box::new(Server::new(name)?)));
            #[cfg(not(feature = "postgres"))]
            bail!(
                "this program was built without PostgreSQL: build it with `--features postgres`, or use --database \
                 sqlite://FILE"
            );
        }
        let path = name.strip_prefix("sqlite://").or_else(|| name.strip_prefix("sqlite:"));
        match path {
            Some("" | ":memory:") | None => {
                // A password may stand in what was given, so it is not repeated.
                bail!(
                    "--database names no database: use sqlite://FILE, such as sqlite://crm.db, postgres://..., or memory:"
                )
            }
            Some(path) if path.contains('?') => bail!("`{name}` has options: --database takes none"),
            Some(path) => Ok(Self::File(path.into())),
        }
    }
}

impl Database {
    /// With the role that owns and migrates, or its address, where that is not the one that runs.
    pub(crate) fn owned_by(self, owner: Option<&str>) -> Result<Self> {
        match (self, owner.filter(|owner| !owner.is_empty())) {
            (database, None) => Ok(database),
            #[cfg(feature = "postgres")]
            (Self::Server(server), Some(owner)) => Ok(Self::Server(Box::new(server.owned_by(owner)?))),
            (_, Some(_)) => bail!("--database-owner is for --database postgres://... alone"),
        }
    }

    /// Opens it for serving: made where it is missing and brought up to date, unless `migrate` says no. Its figures are
    /// added to these.
    pub(crate) async fn open(&self, migrate: bool, metrics: &Metrics) -> Result<Crm> {
        let options = SqliteStore::builder().migrate(migrate);
        let store = match self {
            Self::Memory => SqliteStore::builder().in_memory(),
            Self::File(path) => options.open(path),
            #[cfg(feature = "postgres")]
            Self::Server(server) => return server.open(migrate, metrics).await,
        };
        let store = store.map_err(explained)?;
        measure(&store, metrics)?;
        let crm = Crm::new(store.clone());
        store.follow(crm.feed());
        Ok(crm)
    }

    /// Opens it for a command that may be the first to use it.
    pub(crate) async fn set_up(&self) -> Result<Crm> {
        self.lasting()?.open(true, &Metrics::new()).await
    }

    /// Opens it for a command on what is there: a mistyped name makes no file.
    pub(crate) async fn existing(&self) -> Result<Crm> {
        self.lasting()?.open(false, &Metrics::new()).await
    }

    /// Brings the schema up to date; a line for each thing that was done.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>> {
        let (mut lines, place, schema) = match self.lasting()? {
            #[cfg(feature = "postgres")]
            Self::Server(server) => {
                (server.migrate().await?, server.to_string(), crm_store_postgres::SCHEMA.to_string())
            }
            Self::File(path) => {
                let applied = crm_store_sqlite::migrate(path).map_err(explained)?;
                let applied = applied.iter().map(|step| format!("applied {} {}", step.number, step.name));
                (
                    applied.collect::<Vec<_>>(),
                    path.display().to_string(),
                    crm_store_sqlite::SCHEMA.to_string(),
                )
            }
            Self::Memory => return Ok(Vec::new()),
        };
        lines.push(format!("{place} is up to date, at schema {schema}"));
        Ok(lines)
    }

    /// Removes what is left in the file of what was erased. A server does that by itself, in its own time.
    pub(crate) fn scrub(&self) -> Result<()> {
        match self.lasting()? {
            Self::File(path) => {
                let store = SqliteStore::builder().migrate(false).open(path).map_err(explained)?;
                Ok(store.scrub()?)
            }
            _ => Ok(()),
        }
    }

    /// Itself, for commands that would be pointless on what does not last.
    fn lasting(&self) -> Result<&Self> {
        if *self == Self::Memory {
            bail!(
                "what memory: holds is gone when the command ends: use --database sqlite://FILE, or `serve`"
            );
        }
        Ok(self)
    }
}

/// Adds what the store knows of its writer.
fn measure(store: &SqliteStore, metrics: &Metrics) -> Result<()> {
    let add = |name, help, count: fn(Figures) -> u64| {
        let store = store.clone();
        metrics.counter(name, help, move || count(store.figures()) as f64)
    };
    add("crm_sqlite_commits_total", "Batches that were committed.", |figures| figures.commits)?;
    add("crm_sqlite_refused_total", "Batches whose expectations did not hold.", |figures| figures.refused)?;
    add("crm_sqlite_transactions_total", "Transactions that batches were committed by.", |figures| {
        figures.transactions
    })?;
    Ok(())
}

/// An error of opening, with the command that mends it.
pub(crate) fn explained(error: OpenError) -> anyhow::Error {
    match error {
        OpenError::Missing(path) => {
            anyhow::anyhow!("there is no file `{}`: `crm-server migrate` makes it", path.display())
        }
        error @ OpenError::Outdated { .. } => anyhow::anyhow!("{error} with `crm-server migrate`"),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_its_address() {
        for (name, path) in [
            ("sqlite://crm.db", "crm.db"),
            ("sqlite:data/crm.db", "data/crm.db"),
            ("sqlite:///var/lib/crm.db", "/var/lib/crm.db"),
        ] {
            assert_eq!(name.parse::<Database>().unwrap(), Database::File(path.into()));
        }
        assert_eq!("memory:".parse::<Database>().unwrap(), Database::Memory);
        for (name, hint) in [
            ("crm.db", "use sqlite://FILE"),
            ("", "use sqlite://FILE"),
            ("sqlite::memory:", "or memory:"),
            ("mysql://root:secret@db/crm", "names no database"),
            #[cfg(not(feature = "postgres"))]
            ("postgres://crm:secret@db/crm", "built without PostgreSQL"),
            #[cfg(feature = "postgres")]
            ("postgres://crm:secret@db:port/crm", "no address of a PostgreSQL server"),
            ("sqlite://crm.db?mode=ro", "takes none"),
        ] {
            let refused = name.parse::<Database>().unwrap_err().to_string();
            assert!(refused.contains(hint) && !refused.contains("secret"), "{refused}");
        }
        assert!(Database::Memory.owned_by(Some("owner")).is_err());
    }
}
