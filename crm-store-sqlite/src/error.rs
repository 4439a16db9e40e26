//! What SQLite's errors mean: to whoever opens a file, and to whoever uses the store.

use std::{io, path::PathBuf, sync::Arc};

use crm_core::Error;
use rusqlite::ErrorCode;

/// Why a file could not be opened as a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder is not there.
    #[error("`{}` is no folder: create it first, or name another file", .0.display())]
    NoFolder(PathBuf),

    /// The file cannot be opened, or its path makes no sense.
    #[error("`{}` cannot be opened: {reason}", path.display())]
    Path {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },

    /// There is no such file, and it was not to be made.
    #[error("there is no file `{}`: run the migrations, which make it", .0.display())]
    Missing(PathBuf),

    /// The file or its folder cannot be written. A reader in WAL mode writes as well.
    #[error("`{}` cannot be written: make the file and its folder writable for this user", .0.display())]
    ReadOnly(PathBuf),

    /// Another process holds the file.
    #[error("`{}` is locked by another process: wait for it, or set a longer busy timeout", .0.display())]
    Locked(PathBuf),

    /// This is no SQLite file, or a damaged one.
    #[error("`{}` is no SQLite database, or is damaged ({reason}): restore a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },

    /// A SQLite file of another program.
    #[error("`{}` belongs to another program: name another file", .0.display())]
    Foreign(PathBuf),

    /// The schema is newer than this program.
    #[error(
        "`{}` has schema {found}, and this program knows schemas up to {known}: use a newer version of the program",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's schema.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },

    /// The schema is older than this program, and was not to be migrated.
    #[error("`{}` has schema {found}, and this program needs {needed}: run the migrations", path.display())]
    Outdated {
        /// The file.
        path: PathBuf,
        /// The file's schema; 0 for an empty file.
        found: u32,
        /// The schema that this program needs.
        needed: u32,
    },

    /// A migration that the file went through is not the one of that number in this program.
    #[error(
        "migration {number} of `{}` is not the one that this program knows: use the program that made the file",
        path.display()
    )]
    Altered {
        /// The file.
        path: PathBuf,
        /// The migration.
        number: u32,
    },

    /// A setting that makes no sense.
    #[error("{0}")]
    Setting(&'static str),

    /// SQLite failed in a way that has no better name here.
    #[error("`{}` cannot be opened: {source}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },

    /// The writer's thread could not be started.
    #[error("the writer's thread could not be started: {0}")]
    Thread(#[source] io::Error),
}

impl OpenError {
    /// What a failure of SQLite means while this file is opened.
    pub(crate) fn of(path: &std::path::Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, reason: source.to_string() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(path),
            Some(ErrorCode::CannotOpen) => {
                let reason =
                    "make sure that it and its folder can be read and written by this user".to_owned();
                Self::Path { path, reason }
            }
            _ => Self::Failed { path, source },
        }
    }
}

/// Why something was not done: the answer to whoever asked, or a failure of SQLite.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The store works; this is its answer.
    Refused(Error),
    /// SQLite failed.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(error) => error,
            Stop::Failed(error) => failed(&Arc::new(error)),
        }
    }
}

/// What a failure of SQLite means to whoever uses the store. Everybody in a group of commits gets the same one, hence
/// the `Arc`.
pub(crate) fn failed(error: &Arc<rusqlite::Error>) -> Error {
    let source = Box::new(Shared(Arc::clone(error)));
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted,
        ) => Error::Unavailable(source),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt(error.to_string()),
        _ => Error::Backend(source),
    }
}

#[derive(Debug)]
struct Shared(Arc<rusqlite::Error>);

impl std::fmt::Display for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => write!(f, "the disk is full: {}", self.0),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                write!(f, "another process holds the file: {}", self.0)
            }
            _ => self.0.fmt(f),
        }
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
