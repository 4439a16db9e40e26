//! Who is to be woken when something was committed, here or by another process on the same database.
//!
//! A `NOTIFY` in every commit would halve the rate of commits, so commits only mark their tenant here, and somebody
//! tells the others of all marked tenants at once, a moment later. What is told may be lost, with a process that dies
//! or a connection that breaks. So nobody may rest on it: it says that looking into the log is worth while now, and
//! while nothing can be heard, everybody is told to look every second.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use crm_core::TenantId;
use sqlx::{AssertSqlSafe, postgres::PgListener};
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use crate::store::{Inner, PostgresStore};

/// Commits of so long are told together.
const GATHERING: Duration = Duration::from_millis(15);
/// How often to look while nothing can be heard.
const DEAF: Duration = Duration::from_secs(1);
/// More tenants do not fit into one notification, which then means all.
const MAX_TOLD: usize = 200;
/// So many changes wait for a subscriber; one that is slower is told to look at everything.
const WAITING: usize = 1_024;

/// What is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The log of this tenant.
    Tenant(TenantId),
    /// Any log: something may have been missed.
    Any,
}

/// Wakes whoever waits for commits. Made by [`PostgresStore::changes`].
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<Changed>);

impl Changes {
    /// Waits until something was committed, through this store or another one on the same schema; `None` when the store
    /// is gone. A change is usually told within 100 milliseconds, may be told more than once, and is never told before
    /// it can be read.
    pub async fn next(&mut self) -> Option<Changed> {
        match self.0.recv().await {
            Ok(changed) => Some(changed),
            Err(RecvError::Lagged(_)) => Some(Changed::Any),
            Err(RecvError::Closed) => None,
        }
    }
}

/// What a store knows of this.
#[derive(Debug)]
pub(crate) struct Bell {
    subscribers: broadcast::Sender<Changed>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The tenants that the others are to be told of.
    marked: BTreeSet<Uuid>,
    /// Whether somebody is about to tell them.
    telling: bool,
    listening: bool,
}

impl Default for Bell {
    fn default() -> Self {
        Self { subscribers: broadcast::channel(WAITING).0, state: Mutex::default() }
    }
}

impl Bell {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self, changed: Changed) {
        // Nobody may be there to hear it.
        let _ = self.subscribers.send(changed);
    }
}

/// The channel of a schema.
pub(crate) fn channel(schema: &str) -> String {
    format!("{schema}_changes")
}

impl PostgresStore {
    /// Whoever asks is woken by commits from now on. The first call takes a connection of the pool to listen on, unless
    /// there is [another address](crate::Options::listen_at) for that; behind a
    /// [pooler](crate::Options::pooled) without one, everybody is told to look every second.
    pub fn changes(&self) -> Changes {
        let bell = &self.0.bell;
        let changes = Changes(bell.subscribers.subscribe());
        if !std::mem::replace(&mut bell.state().listening, true) {
            let store = Arc::downgrade(&self.0);
            tokio::spawn(listen(store));
        }
        changes
    }
}

/// Tells of a commit: those in this process at once, the others soon.
pub(crate) fn committed(store: &Arc<Inner>, tenant: Uuid) {
    store.bell.ring(Changed::Tenant(TenantId::from_uuid(tenant)));
    let mut state = store.bell.state();
    state.marked.insert(tenant);
    if !std::mem::replace(&mut state.telling, true) {
        let store = Arc::clone(store);
        tokio::spawn(async move { tell(&store).await });
    }
}

async fn tell(store: &Inner) {
    tokio::time::sleep(GATHERING).await;
    let marked = {
        let mut state = store.bell.state();
        state.telling = false;
        std::mem::take(&mut state.marked)
    };
    let told: Vec<String> = marked.iter().map(Uuid::to_string).collect();
    let told = if told.len() > MAX_TOLD { String::new() } else { told.join(",") };
    // One message without parameters, which a pooler passes on as it is; there is nothing but ids in it.
    let notify = format!("NOTIFY \"{}\", '{told}'", channel(store.tables.schema.bare()));
    // Whoever does not hear of it looks a little later.
    let _ = sqlx::raw_sql(AssertSqlSafe(notify)).execute(store.pool()).await;
}

async fn listen(store: Weak<Inner>) {
    while let Some(alive) = store.upgrade() {
        let channel = channel(alive.tables.schema.bare());
        // A pooler in transaction mode takes the word and lets nothing be heard, so that nobody must rest on it.
        let listener = match (alive.options.listen_at.clone(), alive.options.listens) {
            (Some(url), _) => {
                drop(alive);
                PgListener::connect(&url).await.ok()
            }
            (None, true) => {
                let pool = alive.pool().clone();
                drop(alive);
                PgListener::connect_with(&pool).await.ok()
            }
            (None, false) => {
                drop(alive);
                None
            }
        };
        if let Some(mut listener) = listener {
            // Only what is committed from now on is heard.
            if listener.listen(&channel).await.is_ok() {
                hear(&store, &mut listener).await;
            }
        }
        if let Some(alive) = store.upgrade() {
            alive.bell.ring(Changed::Any);
        }
        tokio::time::sleep(DEAF).await;
    }
}

/// Until the connection is lost, or the store is gone.
async fn hear(store: &Weak<Inner>, listener: &mut PgListener) {
    if let Some(store) = store.upgrade() {
        store.bell.ring(Changed::Any);
    }
    loop {
        let heard = tokio::time::timeout(DEAF, listener.try_recv()).await;
        let Some(store) = store.upgrade() else { return };
        match heard {
            // Nothing was said; the store may have gone meanwhile.
            Err(_) => {}
            Ok(Ok(Some(notification))) => match notification.payload() {
                "" => store.bell.ring(Changed::Any),
                told => {
                    let tenants = told.split(',').filter_map(|id| Uuid::parse_str(id).ok());
                    tenants.for_each(|id| store.bell.ring(Changed::Tenant(TenantId::from_uuid(id))));
                }
            },
            Ok(Ok(None) | Err(_)) => return,
        }
    }
}
