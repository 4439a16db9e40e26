//! The schema, step by step: numbered SQL files, and a table in the file of those that it went through.

use rusqlite::{Connection, OptionalExtension};

/// A step of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number: 1, 2, 3, ...
    pub number: u32,
    /// What it is about.
    pub name: &'static str,
    /// What it does.
    pub sql: &'static str,
}

/// Every migration, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "foundation", sql: include_str!("../migrations/0001_foundation.sql") },
    Migration { number: 2, name: "keys", sql: include_str!("../migrations/0002_keys.sql") },
    Migration { number: 3, name: "invitations", sql: include_str!("../migrations/0003_invitations.sql") },
    Migration { number: 4, name: "filing", sql: include_str!("../migrations/0004_filing.sql") },
];

/// The schema that this program needs.
pub const SCHEMA: u32 = MIGRATIONS.len() as u32;

/// Marks our files, in their header: `CRM1`.
const APPLICATION: i32 = i32::from_be_bytes(*b"CRM1");

const TABLE: &str = "CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";

/// What a file is to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It went through the first so many migrations, none for an empty file.
    At(u32),
    /// It is of another program.
    Foreign,
    /// It went through another migration of this number than this program knows.
    Altered(u32),
}

impl Migration {
    /// A number that changes with the text: FNV-1a. It finds slips, not forgery; whoever can forge can write the file.
    fn checksum(&self) -> i64 {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        self.sql.bytes().fold(0xcbf2_9ce4_8422_2325, step).cast_signed()
    }
}

/// What the file is.
pub(crate) fn state(connection: &Connection) -> rusqlite::Result<State> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        return Ok(if application == 0 && tables == 0 { State::At(0) } else { State::Foreign });
    }
    let mut statement = connection.prepare("SELECT number, checksum FROM migrations ORDER BY number")?;
    let applied = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut last = 0;
    for applied in applied {
        let (number, checksum): (u32, i64) = applied?;
        let known = MIGRATIONS.iter().find(|known| known.number == number);
        if known.is_some_and(|known| known.checksum() != checksum) {
            return Ok(State::Altered(number));
        }
        last = number;
    }
    Ok(State::At(last))
}

/// Takes the file through what it has not been through, all or nothing. Another process may do the same at the same
/// time: it waits, and finds nothing left to do.
pub(crate) fn migrate(connection: &Connection, now: i64) -> rusqlite::Result<(State, Vec<Migration>)> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let applied = pending(connection).and_then(|(state, pending)| {
        for migration in &pending {
            connection.execute_batch(migration.sql)?;
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?, ?, ?)",
                (migration.number, migration.name, migration.checksum(), now),
            )?;
        }
        connection.execute_batch("COMMIT")?;
        Ok((state, pending))
    });
    if applied.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    applied
}

fn pending(connection: &Connection) -> rusqlite::Result<(State, Vec<Migration>)> {
    let state = state(connection)?;
    let State::At(last) = state else { return Ok((state, Vec::new())) };
    if last == 0 {
        connection.execute_batch(TABLE)?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
    }
    let pending = MIGRATIONS.iter().filter(|migration| migration.number > last);
    Ok((state, pending.copied().collect()))
}

/// Touches every table and index of the schema: finds what is missing, and damage at their roots, at the cost of a few
/// pages.
pub(crate) fn touch(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for name in names {
        let sql = format!("SELECT 1 FROM \"{name}\" LIMIT 1");
        connection.query_row(&sql, [], |_| Ok(())).optional()?;
    }
    Ok(())
}
