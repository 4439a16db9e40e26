//! Who is to be woken when something was committed, here or by another process on the same database.
//!
//! A `NOTIFY` in every commit would halve the rate of commits, so commits only mark their tenant here, and somebody
//! tells the others of all marked tenants at once, a moment later. What is told may be lost, with a process that dies
//! or a connection that breaks. So nobody may rest on it: it says that looking into the log is worth while now, and
//! while nothing can be heard, everybody is told to look every second.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use crm_core::{Feed, Moved, TenantId};
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
/// The sign that who may come in is another matter.
const ACCESS: &str = "+";
/// So many changes wait for a subscriber; one that is slower is told to look at everything.
const WAITING: usize = 1_024;

/// Wakes whoever waits for commits. Made by [`PostgresStore::changes`].
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<Moved>);

impl Changes {
    /// Waits until something was committed, through this store or another one on the same schema; `None` when the store
    /// is gone. A change is usually told within 100 milliseconds, may be told more than once, and is never told before
    /// it can be read.
    pub async fn next(&mut self) -> Option<Moved> {
        match self.0.recv().await {
            Ok(changed) => Some(changed),
            Err(RecvError::Lagged(_)) => Some(Moved::Any),
            Err(RecvError::Closed) => None,
        }
    }
}

/// What a store knows of this.
#[derive(Debug)]
pub(crate) struct Bell {
    subscribers: broadcast::Sender<Moved>,
    feed: OnceLock<Feed>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The tenants that the others are to be told of, and whether who may come in there is another matter.
    marked: BTreeMap<Uuid, bool>,
    /// Whether somebody is about to tell them.
    telling: bool,
    listening: bool,
}

impl Default for Bell {
    fn default() -> Self {
        Self { subscribers: broadcast::channel(WAITING).0, feed: OnceLock::new(), state: Mutex::default() }
    }
}

impl Bell {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self, changed: Moved) {
        if let Some(feed) = self.feed.get() {
            feed.moved(changed);
        }
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
        let changes = Changes(self.0.bell.subscribers.subscribe());
        self.begin_to_listen();
        changes
    }

    /// Tells a feed of what anybody commits to this schema from now on, as [`changes`](Self::changes) does; usually
    /// `store.follow(crm.feed())`, once. While other processes can be heard, the feed
    /// [hears everybody](Feed::hears_all).
    pub fn follow(&self, feed: &Feed) {
        if self.0.bell.feed.set(feed.clone()).is_ok() {
            self.begin_to_listen();
        }
    }

    fn begin_to_listen(&self) {
        if !std::mem::replace(&mut self.0.bell.state().listening, true) {
            let store = Arc::downgrade(&self.0);
            tokio::spawn(listen(store));
        }
    }
}

/// Tells of a commit: those in this process at once, the others soon.
pub(crate) fn committed(store: &Arc<Inner>, moved: Moved) {
    store.bell.ring(moved);
    let (tenant, access) = match moved {
        Moved::Tenant(tenant) => (tenant, false),
        Moved::Access(tenant) => (tenant, true),
        Moved::Any => return,
    };
    let mut state = store.bell.state();
    *state.marked.entry(tenant.uuid()).or_default() |= access;
    if !std::mem::replace(&mut state.telling, true) {
        let store = Arc::clone(store);
        tokio::spawn(async move { tell(&store).await });
    }
}

/// What is told of a tenant: its id, with a sign where who may come in is another matter.
pub(crate) fn told(tenant: Uuid, access: bool) -> String {
    format!("{tenant}{}", if access { ACCESS } else { "" })
}

/// What was told of a tenant.
fn heard(told: &str) -> Option<Moved> {
    let (id, access) = told.strip_suffix(ACCESS).map_or((told, false), |id| (id, true));
    let tenant = TenantId::from_uuid(Uuid::parse_str(id).ok()?);
    Some(if access { Moved::Access(tenant) } else { Moved::Tenant(tenant) })
}

async fn tell(store: &Inner) {
    tokio::time::sleep(GATHERING).await;
    let marked = {
        let mut state = store.bell.state();
        state.telling = false;
        std::mem::take(&mut state.marked)
    };
    let told: Vec<String> = marked.into_iter().map(|(tenant, access)| self::told(tenant, access)).collect();
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
            alive.bell.ring(Moved::Any);
        }
        tokio::time::sleep(DEAF).await;
    }
}

/// Until the connection is lost, or the store is gone.
async fn hear(store: &Weak<Inner>, listener: &mut PgListener) {
    let Some(alive) = store.upgrade() else { return };
    let _following = alive.bell.feed.get().map(Feed::following);
    alive.bell.ring(Moved::Any);
    drop(alive);
    loop {
        let heard = tokio::time::timeout(DEAF, listener.try_recv()).await;
        let Some(store) = store.upgrade() else { return };
        match heard {
            // Nothing was said; the store may have gone meanwhile.
            Err(_) => {}
            Ok(Ok(Some(notification))) => match notification.payload() {
                "" => store.bell.ring(Moved::Any),
                told => told.split(',').filter_map(self::heard).for_each(|moved| store.bell.ring(moved)),
            },
            Ok(Ok(None) | Err(_)) => return,
        }
    }
}
