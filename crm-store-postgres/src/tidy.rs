//! The text index, kept tidy beside the commits.
//!
//! The index gathers what is new in a list, and whoever adds to a list of 4 MB files all of it: a commit in some two
//! thousand waited 150 ms for that, and with it everybody who waited for the tenant (2026-11, a million customers). So
//! before the list is that long it is filed on another connection, while commits go on.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crm_core::Write;

use crate::{commit::Entry, session::say, store::Inner};

/// So many bytes of text are up to 2 MB in the list: a byte begins a trigram, and one that is new in its record takes 20.
const MANY: usize = 100_000;

/// What this store has added to the list.
#[derive(Debug, Default)]
pub(crate) struct Tidy {
    bytes: AtomicUsize,
    at_work: AtomicBool,
}

/// What a batch adds to the list.
fn bytes(entry: &Entry) -> usize {
    let text = |write: &Write| match write {
        Write::Put { search, .. } => search.as_ref().map_or(0, String::len),
        Write::Check => 0,
    };
    entry.batch.changes.iter().map(|change| text(&change.write)).sum()
}

/// These were committed.
pub(crate) fn committed(store: &Arc<Inner>, entry: &Entry) {
    let own = bytes(entry);
    let all = store.tidy.bytes.fetch_add(own, Ordering::Relaxed) + own;
    // Nobody should wait for a connection because of it. A later commit tries again, and one may do it by itself.
    let pool = store.pool();
    let unopened = pool.options().get_max_connections().saturating_sub(pool.size()) as usize;
    if all < MANY || pool.num_idle() + unopened < 2 || store.tidy.at_work.swap(true, Ordering::AcqRel) {
        return;
    }
    store.tidy.bytes.store(0, Ordering::Relaxed);
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let own = AtWork(&store);
        // What could not be filed is, by somebody, later.
        if let Ok(mut lent) = own.0.lend().await
            && let Ok(connection) = lent.get()
            && say(connection, &format!("SELECT {}()", own.0.tables.named("tidy"))).await.is_ok()
        {
            lent.give_back();
        }
    });
}

/// Until this goes, nobody else begins.
struct AtWork<'a>(&'a Arc<Inner>);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.tidy.at_work.store(false, Ordering::Release);
    }
}
