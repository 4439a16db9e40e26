//! Opening files: whose they are, what state they are in, and the connections to them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    Durability, Migration, OpenError, Options, SCHEMA, SqliteStore,
    migrations::{self, MIGRATIONS, State},
    pool::{Database, Pool},
    table::tables,
};

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Write,
    Read,
}

/// The schema of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The last migration that it went through; 0 for none.
    pub at: u32,
    /// The migrations that it needs to go through.
    pub pending: Vec<Migration>,
}

/// Brings the schema of a file up to date, which is made if there is none. The migrations that this took.
///
/// # Errors
/// See [`OpenError`].
pub fn migrate(path: impl AsRef<Path>) -> Result<Vec<Migration>, OpenError> {
    let options = Options::default();
    let path = checked(path.as_ref(), true)?;
    prepare(&options, &path).map(|(_, applied)| applied)
}

/// The schema of a file. Changes nothing.
///
/// # Errors
/// See [`OpenError`]; [`OpenError::Missing`] if there is no such file.
pub fn schema(path: impl AsRef<Path>) -> Result<Schema, OpenError> {
    let path = checked(path.as_ref(), false)?;
    let connection = connect(&Options::default().migrate(false), &path, Purpose::Read)?;
    let at = recognized(&connection, &path)?;
    Ok(Schema { at, pending: MIGRATIONS.iter().filter(|own| own.number > at).copied().collect() })
}

pub(crate) fn file(options: &Options, path: &Path) -> Result<SqliteStore, OpenError> {
    if options.readers == 0 {
        return Err(OpenError::Setting("a store needs at least one reader"));
    }
    let path = checked(path, options.migrate)?;
    let (writer, _) = prepare(options, &path)?;
    let failed = |error| OpenError::of(&path, error);
    migrations::touch(&writer).map_err(failed)?;
    let places = Arc::default();
    let writer = Database::new(writer, options, &places).map_err(failed)?;
    for table in tables() {
        writer.connection().prepare_cached(&table.get).map_err(|error| damaged(&path, &error))?;
    }
    let reader = |_| {
        let connection = connect(options, &path, Purpose::Read)?;
        let database = Database::new(connection, options, &places).map_err(failed)?;
        Ok(Arc::new(Mutex::new(database)))
    };
    let short = (0..options.readers).map(reader).collect::<Result<Vec<_>, OpenError>>()?;
    let long = (0..options.readers).map(reader).collect::<Result<Vec<_>, OpenError>>()?;
    SqliteStore::start(Some(path.clone()), Arc::new(Mutex::new(writer)), Pool::new(short), Pool::new(long))
}

pub(crate) fn memory(options: &Options) -> Result<SqliteStore, OpenError> {
    let path = Path::new(":memory:");
    let failed = |error| OpenError::of(path, error);
    let connection = Connection::open_in_memory().map_err(failed)?;
    set_up(options, &connection, Purpose::Write).map_err(failed)?;
    migrations::migrate(&connection, now()).map_err(failed)?;
    // One connection for all, so that nobody reads what a group of commits has half done.
    let only = Arc::new(Mutex::new(Database::new(connection, options, &Arc::default()).map_err(failed)?));
    let pool = || Pool::new(vec![Arc::clone(&only)]);
    SqliteStore::start(None, Arc::clone(&only), pool(), pool())
}

fn now() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

/// The path in full, if something can be opened there.
fn checked(path: &Path, make: bool) -> Result<PathBuf, OpenError> {
    // In full, so that a name such as `:memory:` is a file like any other, and a change of folder changes nothing.
    let full = std::path::absolute(path);
    let full = full.map_err(|error| OpenError::Path { path: path.to_owned(), reason: error.to_string() })?;
    if let Some(folder) = full.parent().filter(|folder| !folder.is_dir()) {
        return Err(OpenError::NoFolder(folder.to_owned()));
    }
    if full.is_dir() {
        return Err(OpenError::Path { path: full, reason: "it is a folder".to_owned() });
    }
    if !make && !full.exists() {
        return Err(OpenError::Missing(full));
    }
    Ok(full)
}

/// The connection that writes, to a file of the schema that this program needs.
///
/// SQLite does not wait for another process while it changes the journal mode of a file, so that the waiting is done
/// here.
fn prepare(options: &Options, path: &Path) -> Result<(Connection, Vec<Migration>), OpenError> {
    let begun = Instant::now();
    loop {
        match try_to_prepare(options, path) {
            Err(OpenError::Locked(_)) if begun.elapsed() < options.busy_timeout => {
                thread::sleep(Duration::from_millis(5));
            }
            prepared => return prepared,
        }
    }
}

fn try_to_prepare(options: &Options, path: &Path) -> Result<(Connection, Vec<Migration>), OpenError> {
    let failed = |error| OpenError::of(path, error);
    let connection = connect(options, path, Purpose::Write)?;
    let at = recognized(&connection, path)?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(OpenError::ReadOnly(path.to_owned()));
    }
    if !options.migrate && at < SCHEMA {
        return Err(OpenError::Outdated { path: path.to_owned(), found: at, needed: SCHEMA });
    }
    write_ahead(&connection, path)?;
    if at == SCHEMA {
        return Ok((connection, Vec::new()));
    }
    let (state, applied) = migrations::migrate(&connection, now()).map_err(failed)?;
    known(state, path)?;
    Ok((connection, applied))
}

fn write_ahead(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
    match mode.map_err(|error| OpenError::of(path, error))?.as_str() {
        "wal" => Ok(()),
        // SQLite keeps the old mode, without an error, where a file system cannot share memory.
        mode => Err(OpenError::Path {
            path: path.to_owned(),
            reason: format!("its file system allows no write-ahead log (journal mode `{mode}`)"),
        }),
    }
}

fn recognized(connection: &Connection, path: &Path) -> Result<u32, OpenError> {
    known(migrations::state(connection).map_err(|error| OpenError::of(path, error))?, path)
}

fn known(state: State, path: &Path) -> Result<u32, OpenError> {
    let path = || path.to_owned();
    match state {
        State::Foreign => Err(OpenError::Foreign(path())),
        State::Altered(number) => Err(OpenError::Altered { path: path(), number }),
        State::At(found) if found > SCHEMA => Err(OpenError::Newer { path: path(), found, known: SCHEMA }),
        State::At(found) => Ok(found),
    }
}

fn damaged(path: &Path, error: &rusqlite::Error) -> OpenError {
    OpenError::Damaged { path: path.to_owned(), reason: error.to_string() }
}

fn connect(options: &Options, path: &Path, purpose: Purpose) -> Result<Connection, OpenError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if options.migrate && purpose == Purpose::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(|error| OpenError::of(path, error))?;
    set_up(options, &connection, purpose).map_err(|error| OpenError::of(path, error))?;
    Ok(connection)
}

fn set_up(options: &Options, connection: &Connection, purpose: Purpose) -> rusqlite::Result<()> {
    connection.busy_timeout(options.busy_timeout)?;
    // A misspelt name is an error and no text; the file's own structures are written by SQLite alone.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise a statement on a partial index is planned anew each time that a value is bound to it, in case the value
    // lets another index in: half of the time of a page. Indexes are chosen in `route`.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    // What is deleted is overwritten where that costs no further write; erasing overwrites all of it. The log beside the
    // file may grow to 64 MiB before it goes into the file: with SQLite's 4 MiB an import of 100,000 customers, whose
    // index entries go to pages all over the file, took 1.7 times as long (measured 2026-11). cache_size is in KiB when
    // negative.
    let own = match purpose {
        Purpose::Write => format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA secure_delete = FAST; PRAGMA cache_size = -32768; \
             PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = 67108864;"
        ),
        Purpose::Read => "PRAGMA query_only = ON; PRAGMA cache_size = -4096;".to_owned(),
    };
    connection.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
         PRAGMA temp_store = MEMORY; {own}"
    ))
}

#[cfg(test)]
mod tests {
    use rusqlite::{StatementStatus, params};

    use crate::{SqliteStore, pool::lock};

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_it() {
        let store = SqliteStore::in_memory().unwrap();
        let writer = store.writer();
        let database = lock(&writer);
        let page = "SELECT id FROM customers INDEXED BY customers_created_at WHERE tenant_id = ? AND deleted_at IS NULL \
             AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";
        let mut statement = database.connection().prepare(page).unwrap();
        for nth in 0..3_u8 {
            let id = [nth; 16];
            let mut rows = statement.query(params![id, i64::from(nth), id, 51]).unwrap();
            assert!(rows.next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
