//! The feed: who is woken by commits, and how the log is read while it grows.
//!
//! A commit through this [`Crm`](crate::Crm) moves the feed before it is acknowledged. What others commit to the same
//! database, a store's own `follow` tells it. So what is kept of a tenant since the feed last moved is what the store
//! has, as long as the feed [hears everybody](Feed::hears_all).

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use event_listener::Event as Bell;

use crate::{
    CounterQuery, Crm, Event, EventKind, EventQuery, MAX_EVENTS, Object, Result, TenantId, TenantScope,
    permission::{self, Action},
    scope::DIRECTORY,
};

/// So many counters stand for all tenants. Two tenants may share one, which then moves for both: somebody looks in vain,
/// and memory stays the same however many tenants there are.
const PLACES: usize = 1_024;
/// So many of a tenant's newest events are kept while somebody follows it.
const KEPT: usize = 1_024;
/// What is kept is compared with the log at least this often, whether or not the feed moved.
const TRUSTED: Duration = Duration::from_secs(1);

/// How long a look at what others have committed is rested on.
const FRESH: Duration = Duration::from_millis(50);

/// What was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Something in this tenant.
    Tenant(TenantId),
    /// The same, and who may come in there and do what may be another matter now.
    Access(TenantId),
    /// Something in any tenant: what was told may have been missed.
    Any,
}

/// Tells of commits. Cheap to clone; all clones are one. A [`Crm`] has one, see [`Crm::feed`].
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    places: Vec<Place>,
    commits: AtomicU64,
    followers: AtomicUsize,
    made: Instant,
    /// When somebody last looked what others have committed, in microseconds after `made`; 0 for never.
    looked: AtomicU64,
    asked: AtomicBool,
    tails: Mutex<HashMap<TenantId, Weak<Tail>>>,
}

#[derive(Default)]
struct Place {
    moves: AtomicU64,
    access: AtomicU64,
    bell: Bell,
}

impl Default for Feed {
    fn default() -> Self {
        let places = std::iter::repeat_with(Place::default).take(PLACES).collect();
        Self(Arc::new(Inner {
            places,
            commits: AtomicU64::new(0),
            followers: AtomicUsize::new(0),
            made: Instant::now(),
            looked: AtomicU64::new(0),
            asked: AtomicBool::new(false),
            tails: Mutex::default(),
        }))
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}

impl Feed {
    fn place(&self, tenant: TenantId) -> &Place {
        let index = tenant.uuid().as_u128() % (PLACES as u128 - 1);
        &self.0.places[usize::try_from(index).unwrap_or(0)]
    }

    /// Wakes whoever watches what has moved. For stores, and for hosts that learn of commits in another way.
    pub fn moved(&self, moved: Moved) {
        let ring = |place: &Place, access: bool| {
            if access {
                place.access.fetch_add(1, Ordering::SeqCst);
            }
            place.moves.fetch_add(1, Ordering::SeqCst);
            place.bell.notify(usize::MAX);
        };
        match moved {
            Moved::Tenant(tenant) => ring(self.place(tenant), false),
            Moved::Access(tenant) => ring(self.place(tenant), true),
            Moved::Any => self.0.places.iter().for_each(|place| ring(place, true)),
        }
    }

    /// A commit of this process.
    pub(crate) fn committed(&self, moved: Moved) {
        self.0.commits.fetch_add(1, Ordering::Relaxed);
        self.moved(moved);
    }

    /// How many commits this process has made.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// A number that is another one once something was committed in this tenant, and may be another one without that.
    pub fn moves(&self, tenant: TenantId) -> u64 {
        self.place(tenant).moves.load(Ordering::SeqCst)
    }

    /// The same for what decides who may come in there and do what: users, API keys, sign-ins.
    pub fn access_moves(&self, tenant: TenantId) -> u64 {
        self.place(tenant).access.load(Ordering::SeqCst)
    }

    /// The same above all tenants: accounts, sign-ins, which tenants there are.
    pub fn directory_moves(&self) -> u64 {
        self.access_moves(DIRECTORY)
    }

    /// Waits for moves of a tenant, from now on.
    pub fn watch(&self, tenant: TenantId) -> Watch {
        Watch { seen: self.moves(tenant), feed: self.clone(), tenant }
    }

    /// Waits for moves above all tenants, from now on.
    pub fn watch_directory(&self) -> Watch {
        self.watch(DIRECTORY)
    }

    /// Whether this feed is told of whatever anybody commits: in this process before it is acknowledged, in another one
    /// a moment later, which is as long as a notification takes, or 50 milliseconds where the store has to look.
    pub fn hears_all(&self) -> bool {
        self.0.followers.load(Ordering::SeqCst) > 0 || self.has_looked()
    }

    fn has_looked(&self) -> bool {
        // Most find it set, and do not take it from each other.
        if !self.0.asked.load(Ordering::Relaxed) {
            self.0.asked.store(true, Ordering::Relaxed);
        }
        let looked = self.0.looked.load(Ordering::SeqCst);
        looked > 0 && self.0.made.elapsed() < Duration::from_micros(looked) + FRESH
    }

    /// Says that whatever others had committed at this moment has been told, for stores that have to look for it.
    pub fn looked(&self, at: Instant) {
        let micros = at.saturating_duration_since(self.0.made).as_micros();
        self.0.looked.store(u64::try_from(micros).unwrap_or(0), Ordering::SeqCst);
    }

    /// Whether anybody has asked if this feed [hears all](Self::hears_all) since this was last asked: whether it is worth
    /// while to look often.
    pub fn is_rested_on(&self) -> bool {
        self.0.asked.swap(false, Ordering::Relaxed)
    }

    /// Says that from now on, and until this is dropped, the feed is told of whatever anybody commits.
    pub fn following(&self) -> Following {
        self.0.followers.fetch_add(1, Ordering::SeqCst);
        self.moved(Moved::Any);
        Following(self.clone())
    }

    fn tails(&self) -> MutexGuard<'_, HashMap<TenantId, Weak<Tail>>> {
        self.0.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest events of a tenant, read once for all who follow it.
    fn tail(&self, tenant: TenantId) -> Arc<Tail> {
        let mut tails = self.tails();
        if let Some(tail) = tails.get(&tenant).and_then(Weak::upgrade) {
            return tail;
        }
        tails.retain(|_, tail| tail.strong_count() > 0);
        let tail = Arc::new(Tail::default());
        tails.insert(tenant, Arc::downgrade(&tail));
        tail
    }
}

/// That a feed hears everybody; see [`Feed::following`].
#[derive(Debug)]
pub struct Following(Feed);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.0.followers.fetch_sub(1, Ordering::SeqCst);
        self.0.moved(Moved::Any);
    }
}

/// Waits for moves of one tenant.
#[derive(Debug)]
pub struct Watch {
    feed: Feed,
    tenant: TenantId,
    seen: u64,
}

impl Watch {
    /// Whether something moved since the last time that this, or [`changed`](Self::changed), said so.
    pub fn has_changed(&mut self) -> bool {
        let now = self.feed.moves(self.tenant);
        std::mem::replace(&mut self.seen, now) != now
    }

    /// Waits until something moves. It may be dropped while it waits, and nothing is lost.
    pub async fn changed(&mut self) {
        loop {
            let bell = self.feed.place(self.tenant).bell.listen();
            if self.has_changed() {
                return;
            }
            bell.await;
        }
    }
}

/// The newest events of a tenant, without gaps.
#[derive(Default)]
struct Tail(async_lock::Mutex<Option<Newest>>);

struct Newest {
    events: VecDeque<Arc<Event>>,
    /// The number of the last event that was read; those that are kept end with it.
    head: i64,
    moves: u64,
    read: Instant,
}

impl Newest {
    /// The number of the last event before those that are kept.
    fn before(&self) -> i64 {
        self.events.front().map_or(self.head, |first| first.seq - 1)
    }

    fn push(&mut self, event: Event) {
        // An erasure blanks what was logged of the record, which must not be told any more.
        if event.kind == EventKind::Erased {
            self.events.clear();
        }
        self.head = event.seq;
        self.events.push_back(Arc::new(event));
        if self.events.len() > KEPT {
            self.events.pop_front();
        }
    }
}

/// Reads a tenant's log while it grows, as far as an actor may see it.
pub struct Follower {
    crm: Crm,
    scope: TenantScope,
    tail: Arc<Tail>,
    watch: Watch,
    object: Option<&'static Object>,
    after: i64,
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower")
            .field("scope", &self.scope)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

impl Follower {
    pub(crate) async fn start(
        crm: &Crm,
        scope: &TenantScope,
        after: Option<i64>,
        object: Option<&'static Object>,
    ) -> Result<Self> {
        if let Some(object) = object {
            permission::check(scope, Action::Read, object, None)?;
        }
        let watch = crm.feed().watch(scope.tenant());
        let head = crm.head(scope).await?;
        // A number that is not there yet would hide what comes until then.
        let after = after.unwrap_or(head).clamp(0, head);
        let tail = crm.feed().tail(scope.tenant());
        Ok(Self { crm: crm.clone(), scope: scope.clone(), tail, watch, object, after })
    }

    /// The number of the last event that was looked at, seen or not: where another follower goes on.
    pub fn place(&self) -> i64 {
        self.after
    }

    /// The next events that the actor may see, in order, each once; none if there are none yet, or if none of those
    /// that were looked at may be seen. An actor sees what happens to kinds of records that it may read.
    ///
    /// # Errors
    /// Whatever the store objects to. The place stays where it was.
    pub async fn next(&mut self) -> Result<Vec<Arc<Event>>> {
        let mut seen = Vec::new();
        for _ in 0..MAX_EMPTY_READS {
            let events = self.read().await?;
            let Some(last) = events.last() else { break };
            self.after = last.seq;
            seen.extend(events.into_iter().filter(|event| self.sees(event)));
            if !seen.is_empty() {
                break;
            }
        }
        Ok(seen)
    }

    fn sees(&self, event: &Event) -> bool {
        crate::object(&event.object).is_some_and(|object| {
            self.object.is_none_or(|wanted| wanted == object)
                && permission::check(&self.scope, Action::Read, object, None).is_ok()
        })
    }

    /// Waits until there may be more to read.
    pub async fn changed(&mut self) {
        self.watch.changed().await;
    }

    /// A page of events after the place, from memory if they are there.
    async fn read(&self) -> Result<Vec<Arc<Event>>> {
        let mut newest = self.tail.0.lock().await;
        let newest = self.refreshed(&mut newest).await?;
        if self.after >= newest.before() {
            let after = newest.events.iter().skip_while(|event| event.seq <= self.after);
            return Ok(after.take(PAGE as usize).cloned().collect());
        }
        let query = EventQuery { after: self.after, limit: PAGE, ..EventQuery::default() };
        let events = self.crm.handle().store.events(&self.scope, &query).await?;
        Ok(events.into_iter().map(Arc::new).collect())
    }

    /// What is kept, compared with the log if that may have grown.
    async fn refreshed<'n>(&self, kept: &'n mut Option<Newest>) -> Result<&'n mut Newest> {
        let moves = self.crm.feed().moves(self.scope.tenant());
        let store = self.crm.handle().store;
        let start = match kept {
            Some(newest) => newest.head,
            None => self.crm.head(&self.scope).await?,
        };
        let newest = kept.get_or_insert_with(|| Newest {
            events: VecDeque::new(),
            head: start,
            moves,
            read: Instant::now(),
        });
        if newest.moves == moves && newest.read.elapsed() < TRUSTED {
            return Ok(newest);
        }
        loop {
            let query = EventQuery { after: newest.head, limit: MAX_EVENTS, ..EventQuery::default() };
            let events = store.events(&self.scope, &query).await?;
            let more = events.len() >= MAX_EVENTS as usize;
            events.into_iter().for_each(|event| newest.push(event));
            if !more {
                (newest.moves, newest.read) = (moves, Instant::now());
                return Ok(newest);
            }
        }
    }
}

/// So many events are read at once.
const PAGE: u32 = 200;
/// So many pages without anything that may be seen are passed over in one go.
const MAX_EMPTY_READS: usize = 5;

impl Crm {
    /// The number of the last event in the tenant's log; 0 if there is none.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn head(&self, scope: &TenantScope) -> Result<i64> {
        Ok(self.handle().store.counters(scope, &CounterQuery::of(&[])).await?.as_of)
    }

    /// Follows the tenant's log from after this event on; without one, from now on. With a kind of record, its events
    /// alone.
    ///
    /// # Errors
    /// [`Error::Forbidden`](crate::Error::Forbidden) if the actor may not read that kind of record.
    pub async fn follow(
        &self,
        scope: &TenantScope,
        after: Option<i64>,
        object: Option<&'static Object>,
    ) -> Result<Follower> {
        Follower::start(self, scope, after, object).await
    }
}
