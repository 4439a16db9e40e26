//! What PostgreSQL's errors mean: to whoever opens a store, and to whoever uses it.

use std::{error::Error as StdError, fmt, time::Duration};

use crm_core::{Conflict, Error, overflow};
use sqlx::postgres::PgDatabaseError;

use crate::table::Tables;

/// Why a database could not be opened as a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The schema's name would need quoting.
    #[error("`{0}` cannot be a schema's name here: use lower case letters, digits and `_`, at most 48")]
    SchemaName(String),

    /// A role's name would need quoting.
    #[error("`{0}` cannot be a role's name here: use lower case letters, digits and `_`, at most 63")]
    RoleName(String),

    /// The schema is not there, or this role may not look into it.
    #[error(
        "there is no schema `{schema}` for role `{role}`: run the migrations as the owner, or grant it: {mend}"
    )]
    Missing {
        /// The schema.
        schema: String,
        /// The role that runs.
        role: String,
        /// The SQL that mends it.
        mend: String,
    },

    /// The schema is not the one of this program.
    #[error("schema `{schema}` is at version {found}, and this program needs {needed}: {mend}")]
    Version {
        /// The schema.
        schema: String,
        /// Its version.
        found: u32,
        /// The version that this program needs.
        needed: u32,
        /// What to do.
        mend: &'static str,
    },

    /// A migration that the schema went through is not the one of that number in this program.
    #[error(
        "migration {number} of schema `{schema}` is not the one that this program knows: use the program that made it"
    )]
    Altered {
        /// The schema.
        schema: String,
        /// The migration.
        number: u32,
    },

    /// The role that runs could see other tenants, or something that confines it is missing.
    #[error("{what}: {mend}")]
    Unsafe {
        /// What is wrong.
        what: String,
        /// The SQL that mends it.
        mend: String,
    },

    /// The database cannot hold every text.
    #[error(
        "database `{database}` has the encoding {encoding}, which cannot hold every text: make another one with \
         CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding {
        /// The database.
        database: String,
        /// Its encoding.
        encoding: String,
    },

    /// An extension cannot be had.
    #[error(
        "extension `{name}` is not there and role `{role}` may not make it: as a role that may: CREATE EXTENSION {name}"
    )]
    Extension {
        /// The extension.
        name: &'static str,
        /// The role that tried.
        role: String,
    },

    /// The database cannot be reached, or failed.
    #[error("the database failed: {0}")]
    Failed(#[from] sqlx::Error),
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The store works; this is its answer.
    Refused(Error),
    /// A batch of several changes was refused, and which of them is to blame must be found out.
    Unclear,
    /// The database failed.
    Failed(sqlx::Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(error) => error,
            Stop::Unclear => Self::Backend("a batch was refused, and again when it was split".into()),
            Stop::Failed(error) => failed(error),
        }
    }
}

/// The SQLSTATE of an error of the database.
pub(crate) fn code(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(error) => {
            error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code)
        }
        _ => None,
    }
}

/// Whether the same transaction may succeed if it is tried once more.
pub(crate) fn is_passing(error: &sqlx::Error) -> bool {
    matches!(code(error), Some("40001" | "40P01"))
}

/// Whether the connection is of no use any more, and nothing was answered.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        // The server is shut down, has crashed, or is starting.
        _ => matches!(code(error), Some("57P01" | "57P02" | "57P03" | "08006" | "08003" | "08P01")),
    }
}

/// What a failure of PostgreSQL means to whoever uses the store. The server's message may quote values, so it is
/// kept as the source of errors that nobody can mend, and out of the others.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    let unavailable = match &error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => Some("the database cannot be reached"),
        sqlx::Error::PoolTimedOut => Some("no connection became free in time"),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Some("the pool is closed"),
        error => match code(error) {
            Some("57014") => Some("the statement took longer than its timeout"),
            Some("55P03") => Some("a lock could not be had in time"),
            Some("40001" | "40P01") => Some("other transactions stood in the way again and again"),
            Some("25P02") => Some("the transaction is aborted; roll it back"),
            Some("25006") => Some("the database takes no writes now"),
            Some(code) if code.starts_with("08") || code.starts_with("53") || code.starts_with("57") => {
                Some("the database is not available")
            }
            _ => None,
        },
    };
    match unavailable {
        Some(what) => Error::Unavailable(Box::new(Failure { what, source: Some(error) })),
        None => {
            Error::Backend(Box::new(Failure { what: "PostgreSQL refused a statement", source: Some(error) }))
        }
    }
}

/// Nothing was heard for so long.
pub(crate) fn timed_out(patience: Duration) -> Error {
    let what = if patience < Duration::from_secs(1) {
        "the database did not answer in time"
    } else {
        "the database did not answer in time; it was not asked again"
    };
    Error::Unavailable(Box::new(Failure { what, source: None }))
}

/// The connection was lost after the commit had been asked for, or there was no answer to that in time.
pub(crate) fn in_doubt(source: Option<sqlx::Error>) -> Error {
    let what = match source {
        Some(_) => "the connection was lost while committing: it may be committed or not",
        None => "the database did not answer in time while committing: it may be committed or not",
    };
    Error::Unavailable(Box::new(Failure { what, source }))
}

/// An error in words, with the driver's own behind it.
#[derive(Debug)]
struct Failure {
    what: &'static str,
    source: Option<sqlx::Error>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        match &self.source {
            Some(error) => code(error).map_or(Ok(()), |code| write!(f, " (SQLSTATE {code})")),
            None => Ok(()),
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// Which rule of the schema a refused statement has broken; `None` if the failure is of another kind.
pub(crate) fn broken(tables: &Tables, error: &sqlx::Error) -> Option<Error> {
    let sqlx::Error::Database(error) = error else { return None };
    let error = error.try_downcast_ref::<PgDatabaseError>()?;
    let conflict = |conflict| Some(Error::Conflict(conflict));
    match error.code() {
        "22003" => Some(overflow()),
        "23505" | "23503" => {
            let constraint = error.constraint()?;
            for table in tables.all() {
                let object = table.object;
                let Some(rest) = constraint.strip_prefix(object.name).and_then(|rest| rest.strip_prefix('_'))
                else {
                    continue;
                };
                if rest == "pkey" {
                    return conflict(Conflict::Version { object: object.name });
                }
                if let (Some(series), "number") = (object.series, rest) {
                    return conflict(Conflict::Unique { object: object.name, field: series.field });
                }
                if let Some(column) = rest.strip_prefix("unique_") {
                    let field = object.public_name(object.index_of(column)?);
                    return conflict(Conflict::Unique { object: object.name, field });
                }
                if let Some(column) = rest.strip_suffix("_fkey") {
                    let field = object.public_name(object.index_of(column)?);
                    return conflict(Conflict::Reference { object: object.name, field });
                }
            }
            None
        }
        _ => None,
    }
}
