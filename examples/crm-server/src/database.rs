//! Which database, and how it is opened.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Result, bail};
use crm_core::Crm;
use crm_store_sqlite::{OpenError, SqliteStore};

/// A database, as `--database` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// Nothing that outlives the process.
    Memory,
}

impl FromStr for Database {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        if matches!(name, "memory:" | "memory://") {
            return Ok(Self::Memory);
        }
        if name.starts_with("postgres://") || name.starts_with("postgresql://") {
            bail!("this build has no PostgreSQL support yet: use --database sqlite://FILE");
        }
        let path = name.strip_prefix("sqlite://").or_else(|| name.strip_prefix("sqlite:"));
        match path {
            Some("" | ":memory:") | None => {
                // A password may stand in what was given, so it is not repeated.
                bail!("--database names no database: use sqlite://FILE, such as sqlite://crm.db, or memory:")
            }
            Some(path) if path.contains('?') => bail!("`{name}` has options: --database takes none"),
            Some(path) => Ok(Self::File(path.into())),
        }
    }
}

impl Database {
    /// Opens it for serving: made where it is missing and brought up to date, unless `migrate` says no.
    pub(crate) fn open(&self, migrate: bool) -> Result<Crm> {
        let options = SqliteStore::builder().migrate(migrate);
        let store = match self {
            Self::Memory => SqliteStore::builder().in_memory(),
            Self::File(path) => options.open(path),
        };
        store.map(Crm::new).map_err(explained)
    }

    /// Opens it for a command that may be the first to use it.
    pub(crate) fn set_up(&self) -> Result<Crm> {
        self.file()?;
        self.open(true)
    }

    /// Opens it for a command on what is there: a mistyped name makes no file.
    pub(crate) fn existing(&self) -> Result<Crm> {
        self.file()?;
        self.open(false)
    }

    /// The file, for commands that would be pointless without one.
    pub(crate) fn file(&self) -> Result<&PathBuf> {
        match self {
            Self::File(path) => Ok(path),
            Self::Memory => {
                bail!(
                    "what memory: holds is gone when the command ends: use --database sqlite://FILE, or `serve`"
                )
            }
        }
    }
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
            ("postgres://crm:secret@db/crm", "no PostgreSQL support yet"),
            ("sqlite://crm.db?mode=ro", "takes none"),
        ] {
            let refused = name.parse::<Database>().unwrap_err().to_string();
            assert!(refused.contains(hint) && !refused.contains("secret"), "{refused}");
        }
    }
}
