//! The store inside a transaction of the host's: what it writes is there if the host commits, and only then.

use std::{
    fmt,
    ops::DerefMut,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Batch, Capabilities, Committed, CounterQuery, Counters, Error, Event, EventQuery, Filter, Intake, Object,
    Result, Row, Rows, Select, Store, TenantScope, Visibility,
};
use sqlx::{PgConnection, postgres::PgRow};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::{
    changes,
    commit::{Author, Entry, Erasure, Writing},
    error::Stop,
    intake::Arrival,
    name::SchemaName,
    reads::{self, Build, Source},
    session::{ask, say},
    sql::Sql,
    store::lock,
    table::Tables,
};

/// A [`Store`] on a connection on which the host has begun a transaction.
///
/// Each batch is within a savepoint, so one that is refused leaves the transaction as it was. A commit holds the
/// tenant's row until the transaction ends, and every other commit of the tenant waits for it: join late, and end soon.
/// The connection's setting `crm.tenant` is left at the last tenant, until the transaction ends.
///
/// ```no_run
/// # async fn order(pool: &sqlx::PgPool, crm: &crm_core::Crm, scope: &crm_core::TenantScope) -> Result<(), Box<dyn std::error::Error>> {
/// use crm_core::Customer;
/// use crm_store_postgres::PostgresTx;
///
/// let mut transaction = pool.begin().await?;
/// sqlx::query("INSERT INTO orders (item) VALUES ('lamp')").execute(&mut *transaction).await?;
/// let store = PostgresTx::join(&mut *transaction);
/// crm.on(&store).customers(scope).create(Customer::company("Ada Ltd")).await?;
/// drop(store);
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
pub struct PostgresTx<C> {
    connection: Mutex<C>,
    tables: Arc<Tables>,
    prepared: bool,
    /// Whether a call was given up half way: nobody knows where the transaction stands.
    in_doubt: AtomicBool,
}

impl<'c> PostgresTx<&'c mut PgConnection> {
    /// The store in the schema `crm`, inside the transaction of this connection. For another schema there is
    /// [`PostgresStore::join`](crate::PostgresStore::join).
    pub fn join(connection: &'c mut PgConnection) -> Self {
        Self::within(connection, Arc::new(Tables::new(SchemaName::default())), true)
    }
}

impl<C: DerefMut<Target = PgConnection> + Send> PostgresTx<C> {
    /// The same on a connection that is given away until [`PostgresTx::leave`], such as one of a pool.
    pub fn own(connection: C) -> Self {
        Self::within(connection, Arc::new(Tables::new(SchemaName::default())), true)
    }

    /// Gives the connection back, with the transaction on it.
    pub fn leave(self) -> C {
        self.connection.into_inner()
    }

    pub(crate) fn within(connection: C, tables: Arc<Tables>, prepared: bool) -> Self {
        Self { connection: Mutex::new(connection), tables, prepared, in_doubt: AtomicBool::new(false) }
    }

    async fn enter(&self) -> Result<Inside<'_, C>> {
        let connection = self.connection.lock().await;
        if self.in_doubt.swap(true, Ordering::SeqCst) {
            let what = "a call in this transaction was given up half way; roll it back";
            return Err(Error::Unavailable(what.into()));
        }
        Ok(Inside { connection, in_doubt: &self.in_doubt })
    }

    async fn batch(&self, entry: &Entry) -> Result<Committed> {
        let mut inside = self.enter().await?;
        let tenant = entry.author.tenant;
        let set = format!("; SET LOCAL crm.tenant = '{tenant}'");
        let first = if entry.looks_first() { lock(&self.tables, tenant) } else { String::new() };
        inside.say(&format!("SAVEPOINT crm_batch{set}{first}")).await?;
        let mut done = inside.writing(self).together(&[entry]).await.map(|mut all| all.pop());
        if matches!(done, Err(Stop::Unclear)) {
            let first = lock(&self.tables, tenant);
            inside.say(&format!("ROLLBACK TO SAVEPOINT crm_batch{set}{first}")).await?;
            done = inside.writing(self).by_halves(entry).await.map(Some);
        }
        let done = inside.end(self, tenant, done).await?;
        done.ok_or_else(|| Error::Corrupt("a commit has no answer".to_owned()))
    }

    /// What is no batch, within a savepoint and with the tenant's row taken.
    async fn carry_out(
        &self,
        tenant: Uuid,
        deed: impl AsyncFnOnce(&mut Writing<'_>) -> Result<(), Stop>,
    ) -> Result<()> {
        let mut inside = self.enter().await?;
        let set = format!("; SET LOCAL crm.tenant = '{tenant}'");
        inside.say(&format!("SAVEPOINT crm_batch{set}{}", lock(&self.tables, tenant))).await?;
        let done = deed(&mut inside.writing(self)).await;
        inside.end(self, tenant, done).await
    }
}

/// A call in the transaction. When it is dropped before it has ended, the transaction is in doubt.
struct Inside<'a, C> {
    connection: MutexGuard<'a, C>,
    in_doubt: &'a AtomicBool,
}

impl<C: DerefMut<Target = PgConnection> + Send> Inside<'_, C> {
    async fn say(&mut self, text: &str) -> Result<()> {
        Ok(say(&mut self.connection, text).await?)
    }

    fn writing<'w>(&'w mut self, own: &'w PostgresTx<C>) -> Writing<'w> {
        // Whether the host commits is not known here, and so neither when what it adds could be filed.
        Writing { connection: &mut self.connection, tables: &own.tables, prepared: own.prepared, filed: true }
    }

    /// Keeps what was done within the savepoint, or undoes it. Others hear of it when the host commits.
    async fn end<R>(mut self, own: &PostgresTx<C>, tenant: Uuid, done: Result<R, Stop>) -> Result<R> {
        let text = match &done {
            Ok(_) => {
                let channel = changes::channel(own.tables.schema.bare());
                let told = changes::told(tenant, true);
                format!("RELEASE SAVEPOINT crm_batch; NOTIFY \"{channel}\", '{told}'")
            }
            Err(_) => "ROLLBACK TO SAVEPOINT crm_batch; RELEASE SAVEPOINT crm_batch".to_owned(),
        };
        let ended = self.say(&text).await;
        if ended.is_ok() {
            self.in_doubt.store(false, Ordering::SeqCst);
        }
        let done = done?;
        ended.map(|()| done)
    }
}

impl<C> fmt::Debug for PostgresTx<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresTx").field("schema", &self.tables.schema).finish_non_exhaustive()
    }
}

#[async_trait]
impl<C: DerefMut<Target = PgConnection> + Send> Source for PostgresTx<C> {
    fn tables(&self) -> &Tables {
        &self.tables
    }

    async fn rows(&self, tenant: Uuid, build: Build<'_>, planned_once: bool) -> Result<Vec<PgRow>> {
        let mut inside = self.enter().await?;
        let sql = build(Sql::fenced(tenant));
        let rows = ask(&mut inside.connection, sql, planned_once && self.prepared).await;
        // A read that was refused has aborted the transaction, which every later statement will say.
        inside.in_doubt.store(false, Ordering::SeqCst);
        Ok(rows?)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<C: DerefMut<Target = PgConnection> + Send> Store for PostgresTx<C> {
    /// Nothing is durable before the host commits.
    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: false }
    }

    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.batch(&Entry::new(scope, batch)?).await
    }

    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        reads::get(self, scope.tenant().uuid(), object, ids).await
    }

    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        reads::query(self, scope.tenant().uuid(), select).await
    }

    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        reads::count(self, scope.tenant().uuid(), object, filter, visibility).await
    }

    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        reads::counters(self, scope.tenant().uuid(), query).await
    }

    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        reads::events(self, scope.tenant().uuid(), query).await
    }

    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let erasure = Erasure { author: Author::of(scope), object, id, at };
        self.carry_out(erasure.author.tenant, async |writing| writing.erase(&erasure).await).await
    }

    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        let arrival = Arrival::new(scope.tenant().uuid(), intake)?;
        self.carry_out(arrival.tenant, async |writing| writing.take_in(&arrival).await).await
    }

    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        let tenant = scope.tenant().uuid();
        self.carry_out(tenant, async |writing| writing.erase_tenant(tenant).await).await
    }
}
