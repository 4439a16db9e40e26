//! Rewriting a file, so that nothing is left in it of what was erased.

use std::{thread, time::Duration};

use crm_core::{Error, Result};

use crate::{
    SqliteStore,
    error::Stop,
    pool::{Database, lock},
    table::tables,
};

/// How often the log beside the file is tried to be emptied while others read from it, and how long after each other.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl SqliteStore {
    /// Rewrites the file without what was erased from it: what still stands in free pages, earlier versions of what
    /// has changed, and what the search index knows of rows that are no more. The log beside it is emptied.
    ///
    /// This takes as long as writing the whole file, needs twice its room meanwhile, and blocks the thread. Whoever
    /// writes waits for it; reading goes on.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if others write or read all the while, [`Error::Backend`] if there is no room.
    pub fn scrub(&self) -> Result<()> {
        let writer = self.writer();
        let database = lock(&writer);
        Ok(scrub(&database)?)
    }
}

fn scrub(database: &Database) -> Result<(), Stop> {
    for table in tables().iter().filter(|table| table.search.is_some()) {
        let name = table.object.name;
        database.run(&format!("INSERT INTO {name}_fts ({name}_fts) VALUES ('optimize')"))?;
    }
    // The copy that is made on the way has the size of the file, which may be more than there is memory.
    database.run("PRAGMA temp_store = FILE")?;
    let done = database.run("VACUUM");
    database.run("PRAGMA temp_store = MEMORY")?;
    done?;
    for _ in 0..TRIES {
        let emptied = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: bool = database.connection().query_row(emptied, [], |row| row.get(0))?;
        if !busy {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    let detail = "others read from the file all the while, so that the log beside it could not be emptied";
    Err(Stop::Refused(Error::Unavailable(detail.into())))
}
