//! Connections, and who may use which one when.

use std::{
    cell::Cell,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use rusqlite::{CachedStatement, Connection, Row, functions::FunctionFlags, types::ToSql};

use crate::{Options, error::Stop, places::Places};

/// What sees the text of every statement that runs.
pub(crate) type Trace = Arc<dyn Fn(&str) + Send + Sync>;

/// A connection whose statements are prepared once.
pub(crate) struct Database {
    connection: Connection,
    /// From how many rows on a tenant is searched by the index.
    pub(crate) large: u32,
    /// After how many new rows their texts are put into it.
    pub(crate) filed_every: u32,
    /// What the SQL function `within_budget` takes one from for each row that it sees.
    pub(crate) budget: Budget,
    /// Where rows are, shared by the connections of a store.
    pub(crate) places: Arc<Places>,
    trace: Option<Trace>,
}

/// How many more rows a statement may look at.
#[derive(Clone, Default)]
pub(crate) struct Budget(Arc<AtomicI64>);

impl Budget {
    pub(crate) fn set(&self, rows: i64) {
        self.0.store(rows, Ordering::Relaxed);
    }

    /// Whether a statement has failed because of it.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    fn spend(&self) -> rusqlite::Result<bool> {
        if self.0.fetch_sub(1, Ordering::Relaxed) > 0 {
            return Ok(true);
        }
        Err(rusqlite::Error::UserFunctionError("the budget is spent".into()))
    }
}

/// How many prepared statements a connection keeps: the fixed ones of every object, and the lists in use.
const STATEMENTS: usize = 512;

impl Database {
    pub(crate) fn new(
        connection: Connection,
        options: &Options,
        places: &Arc<Places>,
    ) -> rusqlite::Result<Self> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let budget = Budget::default();
        let own = budget.clone();
        connection
            .create_scalar_function("within_budget", 1, FunctionFlags::SQLITE_UTF8, move |_| own.spend())?;
        let (places, trace) = (Arc::clone(places), options.trace.clone());
        let Options { large, filed_every, .. } = *options;
        Ok(Self { connection, large, filed_every, budget, places, trace })
    }

    /// The connection itself, for what is no statement of the store.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// A statement to bind and run.
    pub(crate) fn statement(&self, sql: &str) -> rusqlite::Result<Prepared<'_>> {
        if let Some(trace) = &self.trace {
            trace(sql);
        }
        Ok(Prepared { statement: self.connection.prepare_cached(sql)?, next: 1 })
    }

    /// Runs a statement without parameters, whatever it answers.
    pub(crate) fn run(&self, sql: &str) -> rusqlite::Result<()> {
        let mut prepared = self.statement(sql)?;
        let mut rows = prepared.statement.raw_query();
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Lets several reads see one moment; within another such call, that one's.
    pub(crate) fn at_one_moment<R>(&self, read: impl FnOnce(&Self) -> Result<R, Stop>) -> Result<R, Stop> {
        if !self.connection.is_autocommit() {
            return read(self);
        }
        self.run("BEGIN")?;
        let moment = Moment(self);
        let answer = read(moment.0);
        drop(moment);
        answer
    }
}

/// A transaction that is over when this is dropped. Whatever was not committed by then never happened.
pub(crate) struct Moment<'a>(pub(crate) &'a Database);

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        if !self.0.connection.is_autocommit() {
            // A failure leaves the transaction open, and the next BEGIN on this connection reports it.
            let _ = self.0.run("ROLLBACK");
        }
    }
}

/// A prepared statement whose parameters are bound in order.
pub(crate) struct Prepared<'a> {
    statement: CachedStatement<'a>,
    next: usize,
}

impl Prepared<'_> {
    /// Binds the next parameter.
    pub(crate) fn bind(&mut self, value: impl ToSql) -> rusqlite::Result<&mut Self> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(self)
    }

    /// Binds each of these in order.
    pub(crate) fn bind_all<T: ToSql>(
        &mut self,
        values: impl IntoIterator<Item = T>,
    ) -> rusqlite::Result<&mut Self> {
        for value in values {
            self.bind(value)?;
        }
        Ok(self)
    }

    /// Runs it; how many rows it changed.
    pub(crate) fn run(&mut self) -> rusqlite::Result<usize> {
        self.next = 1;
        self.statement.raw_execute()
    }

    /// The first row that it answers.
    pub(crate) fn first<R>(
        &mut self,
        read: impl FnOnce(&Row<'_>) -> Result<R, Stop>,
    ) -> Result<Option<R>, Stop> {
        self.next = 1;
        let mut rows = self.statement.raw_query();
        rows.next()?.map(read).transpose()
    }

    /// Every row that it answers.
    pub(crate) fn all<R>(
        &mut self,
        mut read: impl FnMut(&Row<'_>) -> Result<R, Stop>,
    ) -> Result<Vec<R>, Stop> {
        self.next = 1;
        let mut rows = self.statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}

/// A few connections for whoever needs one. Taking one costs a compare-and-swap while there are as many as users.
pub(crate) struct Pool(Vec<Arc<Mutex<Database>>>);

impl Pool {
    pub(crate) fn new(databases: Vec<Arc<Mutex<Database>>>) -> Self {
        Self(databases)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// A free connection, preferably the one that this thread had last, whose cache is warm; waits for it if all are
    /// taken.
    pub(crate) fn take(&self) -> Taken<'_> {
        let own = place();
        for step in 0..self.0.len() {
            let slot = &self.0[(own + step) % self.0.len()];
            match slot.try_lock() {
                Ok(guard) => return Taken(guard),
                Err(std::sync::TryLockError::Poisoned(poisoned)) => return Taken(poisoned.into_inner()),
                Err(std::sync::TryLockError::WouldBlock) => {}
            }
        }
        Taken(lock(&self.0[own % self.0.len()]))
    }
}

/// A connection, until it is dropped.
pub(crate) struct Taken<'a>(MutexGuard<'a, Database>);

impl Deref for Taken<'_> {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.0
    }
}

/// A panic elsewhere leaves no half-done transaction: they are rolled back on the way out.
pub(crate) fn lock(database: &Mutex<Database>) -> MutexGuard<'_, Database> {
    database.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where this thread looks first: each thread elsewhere.
fn place() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    PLACE.with(Cell::get)
}
