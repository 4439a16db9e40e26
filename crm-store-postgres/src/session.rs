//! Connections: what is said on them, and what becomes of one whose state is in doubt.

use std::time::Duration;

use crm_core::Result;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, pool::PoolConnection, postgres::PgRow};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::{
    error::Stop,
    sql::{Sql, arguments},
};

/// Asks one statement. Every identifier in it is from a descriptor or the schema's name; everything else is bound.
pub(crate) async fn ask(connection: &mut PgConnection, sql: Sql, prepared: bool) -> Result<Vec<PgRow>, Stop> {
    let (text, parameters) = sql.finish();
    let arguments = arguments(parameters)?;
    let query = sqlx::query_with::<Postgres, _>(AssertSqlSafe(text), arguments).persistent(prepared);
    Ok(query.fetch_all(connection).await?)
}

/// Says something that has no parameters, such as the bounds of a transaction, in one message.
pub(crate) async fn say(connection: &mut PgConnection, text: &str) -> Result<(), Stop> {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await?;
    Ok(())
}

/// Begins a transaction and sets its tenant. A typed UUID leaves nothing to inject.
pub(crate) fn begin(tenant: Uuid, settings: &str) -> String {
    format!("BEGIN; SET LOCAL crm.tenant = '{tenant}'{settings}")
}

/// A connection of a pool, which goes back only once it is certain that there is no transaction on it.
///
/// With sqlx 0.9.0 a future that is dropped at the wrong moment leaves a transaction open on a connection that goes back
/// to the pool, and the next one to use it loses what it writes (launchbadge/sqlx 4385, 4393). The pool may be the
/// host's, so it cannot be asked to check. Instead, a connection that is dropped before whoever has it says that all is
/// well waits for what is under way and rolls back; one that does not answer to that is closed. (To close it at once was
/// worse: requests that were given up by the thousand met a server that took no more connections, 2026-11.)
#[derive(Debug)]
pub(crate) struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    guarded: bool,
}

/// How long a connection may take to become certain again.
const RECOVERY: Duration = Duration::from_secs(5);

impl Lent {
    pub(crate) fn new(connection: PoolConnection<Postgres>, guarded: bool) -> Self {
        Self { connection: Some(connection), guarded }
    }

    pub(crate) fn get(&mut self) -> Result<&mut PgConnection, Stop> {
        self.connection.as_deref_mut().ok_or(Stop::Unclear)
    }

    /// Gives it back: there is no transaction on it, and nothing is under way.
    pub(crate) fn give_back(mut self) {
        drop(self.connection.take());
    }

    /// Gives it back once the transaction on it, which has only read, is at its end. Nobody waits for that: what was read
    /// is known.
    pub(crate) fn end_later(mut self) {
        if let Some(connection) = self.connection.take() {
            tokio::spawn(recover(connection));
        }
    }

    /// Closes it: it is lost.
    pub(crate) fn close(mut self) {
        self.connection.take().map(PoolConnection::detach);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        match Handle::try_current() {
            Ok(_) if !self.guarded => {}
            Ok(runtime) => drop(runtime.spawn(recover(connection))),
            Err(_) => drop(connection.detach()),
        }
    }
}

async fn recover(connection: PoolConnection<Postgres>) {
    let mut connection = Recovering(Some(connection));
    let Some(own) = connection.0.as_deref_mut() else { return };
    if let Ok(Ok(())) = tokio::time::timeout(RECOVERY, say(own, "ROLLBACK")).await {
        drop(connection.0.take());
    }
}

/// Closed, unless it is taken out.
struct Recovering(Option<PoolConnection<Postgres>>);

impl Drop for Recovering {
    fn drop(&mut self) {
        self.0.take().map(PoolConnection::detach);
    }
}
