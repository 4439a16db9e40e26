//! The store itself: reads on any connection, writes by whoever works on the tenant.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Error, Event, EventQuery, Filter, Intake, Moved,
    Object, Result, Row, Rows, Select, Store, TenantId, TenantScope, Visibility,
};
use sqlx::{PgConnection, PgPool, postgres::PgRow};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::{
    Isolation, OpenError, Options, PostgresTx,
    changes::{self, Bell},
    commit::{Author, Entry, Erasure, Writing},
    error::{Stop, in_doubt, is_lost, is_passing, timed_out},
    group::{self, Queues},
    intake::Arrival,
    name::SchemaName,
    reads::{self, Build, Source},
    session::{Lent, ask, begin, say},
    sql::Sql,
    table::Tables,
    tidy::{self, Tidy},
};

/// A store in a PostgreSQL database. Cheap to clone.
#[derive(Clone)]
pub struct PostgresStore(pub(crate) Arc<Inner>);

/// What clones share.
pub(crate) struct Inner {
    pool: PgPool,
    pub(crate) tables: Arc<Tables>,
    pub(crate) options: Options,
    pub(crate) queues: Queues,
    pub(crate) bell: Bell,
    pub(crate) tidy: Tidy,
    /// What a transaction sets beside the tenant.
    settings: String,
}

/// How often a transaction is tried that others stand in the way of.
const ATTEMPTS: u32 = 8;

/// How long it may take to remove a tenant, which may have millions of rows.
const WHOLE_TENANT: Duration = Duration::from_secs(3_600);

impl PostgresStore {
    /// A store on the host's pool, in the schema `crm`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn new(pool: PgPool) -> Result<Self, OpenError> {
        Self::builder().open(pool).await
    }

    /// A store with a pool of its own, in the schema `crm`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        Self::builder().connect(url).await
    }

    /// Sets up how the store is opened.
    pub fn builder() -> Options {
        Options::default()
    }

    /// The pool.
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// This store inside a transaction that the host has begun on this connection.
    pub fn join<'c>(&self, connection: &'c mut PgConnection) -> PostgresTx<&'c mut PgConnection> {
        PostgresTx::within(connection, Arc::clone(&self.0.tables), self.0.options.prepared)
    }

    pub(crate) fn start(pool: PgPool, schema: SchemaName, options: Options) -> Self {
        let settings = format!("; SET LOCAL lock_timeout = {}", options.lock_timeout.as_millis());
        let tables = Arc::new(Tables::new(schema));
        Self(Arc::new(Inner {
            pool,
            tables,
            options,
            queues: Queues::default(),
            bell: Bell::default(),
            tidy: Tidy::default(),
            settings,
        }))
    }
}

/// Transactions of one tenant that follow each other: one ends and the next begins in one message, where a next one is
/// expected.
#[derive(Default)]
pub(crate) struct Chain {
    /// Whether others may follow.
    may_go_on: bool,
    /// A connection on which a transaction for the tenant has begun. Rolled back if nobody uses it.
    begun: Option<Lent>,
}

impl Chain {
    pub(crate) fn new() -> Self {
        Self { may_go_on: true, begun: None }
    }
}

/// Why a transaction came to nothing.
struct Failure {
    stop: Stop,
    /// Whether it is certain that nothing was committed.
    undone: bool,
}

impl<S: Into<Stop>> From<S> for Failure {
    fn from(stop: S) -> Self {
        Self { stop: stop.into(), undone: true }
    }
}

/// What a transaction does.
#[derive(Clone, Copy)]
enum Task<'a> {
    /// These batches, by one statement.
    Together(&'a [&'a Entry]),
    /// This batch, by halves.
    Halves(&'a Entry),
    Erase(&'a Erasure),
    EraseTenant(Uuid),
    TakeIn(&'a Arrival),
}

impl Task<'_> {
    fn tenant(&self) -> Uuid {
        match self {
            Self::Together(entries) => entries.first().map_or(Uuid::nil(), |entry| entry.author.tenant),
            Self::Halves(entry) => entry.author.tenant,
            Self::Erase(erasure) => erasure.author.tenant,
            Self::EraseTenant(tenant) => *tenant,
            Self::TakeIn(arrival) => arrival.tenant,
        }
    }

    fn looks_first(&self) -> bool {
        match self {
            Self::Together(entries) => entries.iter().any(|entry| entry.looks_first()),
            Self::Halves(_) | Self::Erase(_) | Self::EraseTenant(_) | Self::TakeIn(_) => true,
        }
    }
}

impl Inner {
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) async fn lend(&self) -> Result<Lent, Stop> {
        Ok(Lent::new(self.pool.acquire().await?, self.options.guarded))
    }

    /// How often a call is made again on another connection when one turns out to be lost: once for each that the pool
    /// may still hold.
    fn spares(&self) -> u32 {
        self.pool.size().clamp(1, 64)
    }

    async fn in_time<R>(&self, call: impl Future<Output = Result<R>> + Send) -> Result<R> {
        let patience = self.options.patience;
        tokio::time::timeout(patience, call).await.unwrap_or_else(|_| Err(timed_out(patience)))
    }

    async fn read(&self, tenant: Uuid, build: Build<'_>, planned_once: bool) -> Result<Vec<PgRow>, Stop> {
        let prepared = planned_once && self.options.prepared;
        let mut lent = self.lend().await?;
        let connection = lent.get()?;
        match self.options.isolation {
            Isolation::Statement => {
                let rows = ask(connection, build(Sql::fenced(tenant)), prepared).await?;
                lent.give_back();
                Ok(rows)
            }
            Isolation::Transaction => {
                say(connection, &begin(tenant, "; SET LOCAL max_parallel_workers_per_gather = 0")).await?;
                let rows = ask(connection, build(Sql::within(tenant)), prepared).await?;
                lent.end_later();
                Ok(rows)
            }
        }
    }

    /// When whoever asks now has waited long enough.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.options.patience
    }

    /// What is told of something that was not begun in time.
    pub(crate) fn too_late(&self) -> Error {
        timed_out(self.options.patience)
    }

    /// Several batches of one tenant in one transaction; nothing if one of them may be refused.
    pub(crate) async fn commit_together(
        &self,
        entries: &[&Entry],
        deadline: Instant,
        chain: &mut Chain,
    ) -> Option<Vec<Result<Committed>>> {
        let failure = match self.tried(Task::Together(entries), deadline, chain).await {
            Ok(answers) => return Some(answers.into_iter().map(Ok).collect()),
            Err(failure) => failure,
        };
        match &failure.stop {
            Stop::Failed(_) | Stop::Refused(Error::Unavailable(_)) => {}
            Stop::Unclear | Stop::Refused(_) => return None,
        }
        let told = Arc::new(meaning(failure));
        Some(entries.iter().map(|_| Err(Shared::told(&told))).collect())
    }

    /// One batch in a transaction of its own.
    pub(crate) async fn commit_alone(
        &self,
        entry: &Entry,
        deadline: Instant,
        chain: &mut Chain,
    ) -> Result<Committed> {
        let answers = match self.tried(Task::Together(&[entry]), deadline, chain).await {
            Err(Failure { stop: Stop::Unclear, .. }) => {
                self.tried(Task::Halves(entry), deadline, chain).await
            }
            answers => answers,
        };
        let missing = || Error::Corrupt("a commit has no answer".to_owned());
        told(answers)?.pop().ok_or_else(missing)
    }

    /// What is no batch, and tells of it.
    async fn carry_out(self: &Arc<Self>, task: Task<'_>, deadline: Instant) -> Result<()> {
        told(self.tried(task, deadline, &mut Chain::default()).await)?;
        changes::committed(self, Moved::Access(TenantId::from_uuid(task.tenant())));
        Ok(())
    }

    /// Whatever follows from a commit.
    pub(crate) fn committed(self: &Arc<Self>, entry: &Entry, done: &Committed) {
        changes::committed(self, entry.moved());
        tidy::committed(self, entry.author.tenant, done);
    }

    /// As often as it takes, until the deadline.
    async fn tried(
        &self,
        task: Task<'_>,
        deadline: Instant,
        chain: &mut Chain,
    ) -> Result<Vec<Committed>, Failure> {
        let (mut attempt, mut spares) = (0, self.spares());
        loop {
            let ending = AtomicBool::new(false);
            let Ok(answer) = timeout_at(deadline, self.transaction(task, &ending, chain)).await else {
                let undone = !ending.load(Ordering::SeqCst);
                return Err(Failure { stop: Stop::Refused(self.too_late()), undone });
            };
            match answer {
                Err(Failure { stop: Stop::Failed(error), undone: true })
                    if is_passing(&error) && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_millis(2_u64.pow(attempt))).await;
                }
                Err(Failure { stop: Stop::Failed(error), undone: true }) if is_lost(&error) && spares > 0 => {
                    spares -= 1;
                }
                answer => return answer,
            }
        }
    }

    /// One attempt; `ending` from the moment on when the server may have been told to commit.
    async fn transaction(
        &self,
        task: Task<'_>,
        ending: &AtomicBool,
        chain: &mut Chain,
    ) -> Result<Vec<Committed>, Failure> {
        let begin = begin(task.tenant(), &self.settings);
        let lock = if task.looks_first() { lock(&self.tables, task.tenant()) } else { String::new() };
        // Whoever holds a connection never waits for another one.
        let (mut lent, first) = match chain.begun.take() {
            Some(lent) => (lent, lock),
            None => (self.lend().await?, format!("{begin}{lock}")),
        };
        if !first.is_empty() {
            say(lent.get()?, &first).await?;
        }
        let connection = lent.get()?;
        let filed = tidy::is_behind(self, task.tenant());
        let mut writing =
            Writing { connection, tables: &self.tables, prepared: self.options.prepared, filed };
        let done = match task {
            Task::Together(entries) => writing.together(entries).await,
            Task::Halves(entry) => writing.by_halves(entry).await.map(|done| vec![done]),
            Task::Erase(erasure) => writing.erase(erasure).await.map(|()| Vec::new()),
            Task::TakeIn(arrival) => writing.take_in(arrival).await.map(|()| Vec::new()),
            Task::EraseTenant(tenant) => writing.erase_tenant(tenant).await.map(|()| Vec::new()),
        };
        match done {
            Ok(done) => {
                let connection = lent.get()?;
                // A connection that others wait for is not kept.
                let goes_on = chain.may_go_on
                    && self.pool.num_idle() > 0
                    && (done.len() > 1 || self.queues.waiting(task.tenant()) > 0);
                let end = if goes_on { format!("COMMIT; {begin}") } else { "COMMIT".to_owned() };
                ending.store(true, Ordering::SeqCst);
                if let Err(Stop::Failed(error)) = say(connection, &end).await {
                    return Err(Failure { undone: is_passing(&error), stop: error.into() });
                }
                if goes_on {
                    chain.begun = Some(lent);
                } else {
                    lent.give_back();
                }
                Ok(done)
            }
            Err(stop) => {
                // Otherwise its end is seen to while the answer is on its way.
                if matches!(&stop, Stop::Failed(error) if is_lost(error)) {
                    lent.close();
                }
                Err(stop.into())
            }
        }
    }
}

/// Takes the tenant's row, if there is one.
pub(crate) fn lock(tables: &Tables, tenant: Uuid) -> String {
    format!("; SELECT 1 FROM {} WHERE tenant_id = '{tenant}' FOR UPDATE", tables.named("heads"))
}

fn told<R>(answer: Result<R, Failure>) -> Result<R> {
    answer.map_err(meaning)
}

/// What a failed transaction means to whoever asked for it.
fn meaning(failure: Failure) -> Error {
    match failure {
        Failure { stop: Stop::Failed(error), undone: false } => in_doubt(Some(error)),
        Failure { undone: false, .. } => in_doubt(None),
        Failure { stop, .. } => stop.into(),
    }
}

/// One failure that several are told.
#[derive(Debug)]
struct Shared(Arc<Error>);

impl Shared {
    fn told(error: &Arc<Error>) -> Error {
        let own = Box::new(Self(Arc::clone(error)));
        match &**error {
            Error::Unavailable(_) => Error::Unavailable(own),
            _ => Error::Backend(own),
        }
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Error::Unavailable(what) | Error::Backend(what) => what.fmt(f),
            other => other.fmt(f),
        }
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("schema", &self.0.tables.schema).finish_non_exhaustive()
    }
}

#[async_trait]
impl Source for Inner {
    fn tables(&self) -> &Tables {
        &self.tables
    }

    async fn rows(&self, tenant: Uuid, build: Build<'_>, planned_once: bool) -> Result<Vec<PgRow>> {
        self.in_time(async {
            let mut spares = self.spares();
            loop {
                match self.read(tenant, build, planned_once).await {
                    Err(Stop::Failed(error)) if is_lost(&error) && spares > 0 => spares -= 1,
                    answer => return Ok(answer?),
                }
            }
        })
        .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for PostgresStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: true }
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        let entry = Entry::new(scope, batch)?;
        if self.0.options.grouping {
            return group::commit(&self.0, entry).await;
        }
        let inner = Arc::clone(&self.0);
        detached(async move {
            let done = inner.commit_alone(&entry, inner.deadline(), &mut Chain::default()).await;
            if let Ok(done) = &done {
                inner.committed(&entry, done);
            }
            done
        })
        .await
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        reads::get(&*self.0, scope.tenant().uuid(), object, ids).await
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        reads::query(&*self.0, scope.tenant().uuid(), select).await
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        reads::count(&*self.0, scope.tenant().uuid(), object, filter, visibility).await
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        reads::counters(&*self.0, scope.tenant().uuid(), query).await
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        reads::events(&*self.0, scope.tenant().uuid(), query).await
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let (inner, author) = (Arc::clone(&self.0), Author::of(scope));
        detached(async move {
            let erasure = Erasure { author, object, id, at };
            inner.carry_out(Task::Erase(&erasure), inner.deadline()).await
        })
        .await
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        let arrival = Arrival::new(scope.tenant().uuid(), intake)?;
        let inner = Arc::clone(&self.0);
        detached(async move { inner.carry_out(Task::TakeIn(&arrival), inner.deadline()).await }).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        let (inner, tenant) = (Arc::clone(&self.0), scope.tenant().uuid());
        detached(
            async move { inner.carry_out(Task::EraseTenant(tenant), Instant::now() + WHOLE_TENANT).await },
        )
        .await
    }
}

/// Carries something out whether or not the caller waits for it.
async fn detached<R: Send + 'static>(work: impl Future<Output = Result<R>> + Send + 'static) -> Result<R> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(Error::Unavailable(error.into())))
}
