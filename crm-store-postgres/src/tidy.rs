//! The text index, kept beside the commits.
//!
//! A text has dozens of trigrams, and to put them into the index took a commit longer than all the rest of it: without
//! that, 16 writers of one tenant made 8,000 customers a second where they had made 5,700 (2026-11, a million of them).
//! So a commit leaves new texts out of the index, where a search looks at each, and after so many events of a tenant they
//! are filed on another connection. Events are counted by the log, so that nobody has to remember what a process that
//! ended has left. Where nobody comes to file them, commits do it themselves again, or search would look at ever more.
//!
//! They are filed a few at a time, because a commit that changes one of those waits for it; those that a commit is at work
//! on are left for later. The index gathers in turn what it is given in a list, and that is worked in at the end.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crm_core::Committed;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    error::Stop,
    session::{begin, say},
    store::Inner,
};

/// So many texts are filed by one transaction.
const PART: u64 = 200;
/// When a tenant's texts have been due so often and nobody has filed them, commits do.
const BEHIND: u32 = 4;

/// What this store has to file.
#[derive(Debug, Default)]
pub(crate) struct Tidy {
    /// The tenants whose texts are due, and how often they have become so.
    due: Mutex<HashMap<Uuid, u32>>,
    at_work: AtomicBool,
}

impl Tidy {
    fn due(&self) -> MutexGuard<'_, HashMap<Uuid, u32>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether commits are to put a tenant's texts into the index themselves.
pub(crate) fn is_behind(store: &Inner, tenant: Uuid) -> bool {
    let alone = store.pool().options().get_max_connections() < 2;
    alone || store.tidy.due().get(&tenant).is_some_and(|times| *times >= BEHIND)
}

/// This was committed.
pub(crate) fn committed(store: &Arc<Inner>, tenant: Uuid, done: &Committed) {
    let every = i64::from(store.options.filed_every.max(1));
    let mut due = store.tidy.due();
    if !done.replayed && (done.first - 1) / every != done.last / every {
        let times = due.entry(tenant).or_default();
        *times = times.saturating_add(1);
    }
    if due.is_empty() {
        return;
    }
    drop(due);
    // Nobody should wait for a connection because of it. A later commit tries again.
    let pool = store.pool();
    let most = pool.options().get_max_connections();
    let (unopened, spare) = (most.saturating_sub(pool.size()), most.saturating_sub(1).min(2));
    if pool.num_idle() + (unopened as usize) < spare as usize
        || store.tidy.at_work.swap(true, Ordering::AcqRel)
    {
        return;
    }
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let work = AtWork(&store);
        // What could not be filed stays due, and a later commit tries again. A server that does not answer is not waited
        // for.
        let _ = tokio::time::timeout(store.options.patience, work.all()).await;
    });
}

/// Until this goes, nobody else begins.
struct AtWork<'a>(&'a Inner);

impl AtWork<'_> {
    async fn all(&self) -> Result<(), Stop> {
        loop {
            let Some(tenant) = self.0.tidy.due().keys().next().copied() else { return Ok(()) };
            self.file(tenant).await?;
            self.0.tidy.due().remove(&tenant);
        }
    }

    /// Files the texts of a tenant.
    async fn file(&self, tenant: Uuid) -> Result<(), Stop> {
        let (texts, tidy) = (self.0.tables.named("search_texts"), self.0.tables.named("tidy"));
        // What is lost is filed again, so nobody has to wait for the disk.
        let part = format!(
            "{}; WITH part AS MATERIALIZED (SELECT object, record_id FROM {texts} WHERE tenant_id = '{tenant}' \
             AND NOT filed LIMIT {PART} FOR UPDATE SKIP LOCKED) UPDATE {texts} AS s SET filed = true FROM part \
             WHERE s.tenant_id = '{tenant}' AND s.object = part.object AND s.record_id = part.record_id; COMMIT",
            begin(tenant, "; SET LOCAL synchronous_commit = off")
        );
        let mut lent = self.0.lend().await?;
        let connection = lent.get()?;
        while sqlx::raw_sql(AssertSqlSafe(&*part)).execute(&mut *connection).await?.rows_affected() >= PART {}
        say(connection, &format!("SELECT {tidy}()")).await?;
        lent.give_back();
        Ok(())
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.tidy.at_work.store(false, Ordering::Release);
    }
}
