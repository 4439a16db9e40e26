//! The store itself: which call runs where.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Error, Event, EventQuery, Feed, Filter, Intake,
    Object, Result, Row, Rows, Select, Store, TenantScope, Visibility,
};
use tokio::{runtime::Handle, sync::Semaphore};
use uuid::Uuid;

use crate::{
    OpenError, Options,
    cancel::Read,
    commit::{Author, Work},
    counters,
    erase::Erasure,
    error::Stop,
    intake::Arrival,
    log,
    pool::{Database, Pool, lock},
    select,
    table::table,
    writer::{Deed, Figures, Writer},
};

/// A store in one SQLite file, or in memory. Cheap to clone; the file is closed when the last clone is dropped.
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

/// In the order in which they are dropped: the writer finishes and ends, the readers close, and the connection that
/// wrote closes last.
struct Inner {
    writer: Writer,
    /// For reads that run where they are called.
    short: Pool,
    /// For reads that run on threads for blocking work.
    long: Arc<Pool>,
    /// One permit per connection of `long`, so that whoever waits for one holds no thread meanwhile.
    turns: Arc<Semaphore>,
    path: Option<PathBuf>,
    _last: Last,
}

/// The writer's connection.
struct Last(Arc<Mutex<Database>>);

impl Drop for Last {
    fn drop(&mut self) {
        // What is in the log beside the file goes into it, as far as other processes allow. If it fails, the next who
        // opens the file does it.
        let _ = lock(&self.0).run("PRAGMA wal_checkpoint(PASSIVE)");
    }
}

/// Up to so many rows are read where the call comes from.
const SHORT: usize = 16;

impl SqliteStore {
    /// Opens the store in this file, which is made if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder().open(path)
    }

    /// Makes an empty store in memory, which is gone when it is dropped.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn in_memory() -> Result<Self, OpenError> {
        Self::builder().in_memory()
    }

    /// Sets up how the store is opened.
    pub fn builder() -> Options {
        Options::default()
    }

    /// The file; `None` for a store in memory.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// What was written since the store was opened.
    pub fn figures(&self) -> Figures {
        self.0.writer.figures()
    }

    /// Tells a feed of what anybody commits to this file from now on, usually `store.follow(crm.feed())`: of this
    /// process's commits before they are acknowledged, of another one's within a fifth of a second, and within 50
    /// milliseconds while somebody rests on [hearing everybody](Feed::hears_all). A store tells one feed, the first that
    /// asks.
    pub fn follow(&self, feed: &Feed) {
        self.0.writer.follow(feed);
    }

    /// The connection that writes.
    pub(crate) fn writer(&self) -> Arc<Mutex<Database>> {
        Arc::clone(&self.0._last.0)
    }

    pub(crate) fn start(
        path: Option<PathBuf>,
        writer: Arc<Mutex<Database>>,
        short: Pool,
        long: Pool,
    ) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Inner {
            writer: Writer::start(Arc::clone(&writer))?,
            short,
            turns: Arc::new(Semaphore::new(long.len())),
            long: Arc::new(long),
            path,
            _last: Last(writer),
        })))
    }

    /// A read that takes longer than a hop to another thread. It sees one moment. When its caller is cancelled, it is
    /// interrupted.
    async fn long<R: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<R, Stop> + Send + 'static,
    ) -> Result<R> {
        let turn = Arc::clone(&self.0.turns).acquire_owned().await;
        let inner = Arc::clone(&self.0);
        let reading = Read::default();
        let _given_up_when_dropped = reading.waiter();
        let read = move || {
            let answer = reading.on(&inner.long.take(), read);
            drop(turn);
            answer
        };
        // Outside of tokio there are no threads for it.
        match Handle::try_current() {
            Ok(handle) => match handle.spawn_blocking(read).await {
                Ok(answer) => Ok(answer?),
                Err(error) => Err(Error::Unavailable(error.into())),
            },
            Err(_) => Ok(read()?),
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.0.path).finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Store for SqliteStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: self.0.path.is_some() }
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.0.writer.commit(Work::new(scope, batch)?).await
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        let tenant = scope.tenant().uuid();
        match ids {
            [] => Ok(Vec::new()),
            [id] => Ok(one(&self.0.short.take(), tenant, object, *id)?.into_iter().collect()),
            ids if ids.len() <= SHORT => {
                let database = self.0.short.take();
                Ok(database.at_one_moment(|database| many(database, tenant, object, ids))?)
            }
            ids => {
                let ids = ids.to_vec();
                self.long(move |database| many(database, tenant, object, &ids)).await
            }
        }
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        let (tenant, select) = (scope.tenant().uuid(), select.clone());
        self.long(move |database| select::page(database, tenant, &select)).await
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        let (tenant, filter) = (scope.tenant().uuid(), filter.clone());
        self.long(move |database| select::count(database, table(object)?, tenant, &filter, visibility)).await
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        let tenant = scope.tenant().uuid();
        let short = counters::counters(&self.0.short.take(), tenant, query, Some(counters::SMALL))?;
        if let Some(counters) = short {
            return Ok(counters);
        }
        let query = query.clone();
        let long = self.long(move |database| counters::counters(database, tenant, &query, None)).await?;
        Ok(long.unwrap_or_default())
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        let (tenant, query) = (scope.tenant().uuid(), query.clone());
        self.long(move |database| log::events(database, tenant, &query)).await
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let erasure = Erasure { author: Author::of(scope), object, id, at };
        self.0.writer.carry_out(Deed::Erase(Box::new(erasure))).await
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        let arrival = Arrival::new(scope, intake)?;
        self.0.writer.carry_out(Deed::TakeIn(Box::new(arrival))).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.0.writer.carry_out(Deed::EraseTenant(Author::of(scope))).await
    }
}

fn one(database: &Database, tenant: Uuid, object: &'static Object, id: Uuid) -> Result<Option<Row>, Stop> {
    let table = table(object)?;
    let (own, name) = (tenant.as_bytes().as_slice(), id.as_bytes().as_slice());
    if let Some(rid) = database.places.of(tenant, id) {
        let mut statement = database.statement(&table.get_at)?;
        statement.bind(rid)?.bind(own)?.bind(name)?;
        if let Some(row) = statement.first(|row| table.read(row))? {
            return Ok(Some(row));
        }
    }
    let mut statement = database.statement(&table.get)?;
    statement.bind(own)?.bind(name)?;
    let found = statement.first(|row| table.read_at(row))?;
    Ok(found.map(|(row, rid)| {
        database.places.note(tenant, id, rid);
        row
    }))
}

fn many(database: &Database, tenant: Uuid, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>, Stop> {
    let rows = ids.iter().map(|id| one(database, tenant, object, *id)).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::{future::Future, time::Duration};

    use crm_core::{Actor, Crm, Customer, Entity, Tenant};

    use super::*;

    const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
         SELECT count(*) FROM n WHERE i < 0";

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_read_that_nobody_waits_for_is_interrupted_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.db");
        let store = SqliteStore::builder().readers(1).open(path).unwrap();
        for _ in 0..50 {
            let endless = store.long(|database| Ok(database.run(ENDLESS)?));
            assert!(tokio::time::timeout(Duration::from_millis(5), endless).await.is_err(), "it ended");
            // There is one connection: had the read not been interrupted, this would wait for ever.
            let next = store.long(|database| Ok(database.run("SELECT count(*) FROM events")?));
            let next = tokio::time::timeout(Duration::from_secs(60), next).await;
            next.expect("the connection is free again").unwrap();
        }
    }

    #[tokio::test]
    async fn a_place_that_is_wrong_hides_nothing_and_shows_nothing() {
        let store = SqliteStore::in_memory().unwrap();
        let crm = Crm::new(store.clone());
        let maintenance = crm.maintenance();
        let mut tenants = Vec::new();
        for slug in ["acme", "globex"] {
            let tenant = crm.directory(&maintenance).create_tenant(Tenant::new(slug, slug)).await.unwrap();
            let scope = crm.scope(tenant.id, Actor::job("test"));
            let customers = vec![Customer::company("Ada"), Customer::company("Bob")];
            let made = crm.customers(&scope).create_many(customers).await.unwrap();
            tenants.push((scope, made));
        }
        let ids = |nth: usize| tenants[nth].1.iter().map(|customer| customer.id.uuid()).collect::<Vec<_>>();
        let places = Arc::clone(&store.0.short.take().places);
        let rids: Vec<i64> = {
            let database = store.0.short.take();
            let mut statement = database.statement("SELECT rid FROM customers").unwrap();
            statement.all(|row| Ok(row.get(0)?)).unwrap()
        };
        assert_eq!(rids.len(), 4);
        let found = async |scope: &TenantScope, id: Uuid| {
            store.get(scope, Customer::object(), &[id]).await.unwrap().pop().map(|row| row.id)
        };
        for (own, other) in [(0, 1), (1, 0)] {
            let scope = &tenants[own].0;
            // Where any of the four rows is, and where none is.
            for rid in rids.iter().copied().chain([i64::MAX, 0]) {
                for (mine, stranger) in ids(own).into_iter().zip(ids(other)) {
                    places.note(scope.tenant().uuid(), mine, rid);
                    places.note(scope.tenant().uuid(), stranger, rid);
                    assert_eq!(found(scope, mine).await, Some(mine));
                    assert_eq!(found(scope, stranger).await, None);
                    assert!(rids.contains(&places.of(scope.tenant().uuid(), mine).unwrap()), "it was mended");
                }
            }
        }
    }

    #[test]
    fn a_read_needs_no_tokio() {
        let store = SqliteStore::in_memory().unwrap();
        let read = std::pin::pin!(store.long(|database| Ok(database.run("SELECT 1")?)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(matches!(read.poll(&mut context), std::task::Poll::Ready(Ok(()))));
    }
}
