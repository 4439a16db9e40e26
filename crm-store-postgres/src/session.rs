//! Connections: what is said on them, and what becomes of one whose state is in doubt.

use crm_core::Result;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, pool::PoolConnection, postgres::PgRow};
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

/// A connection of a pool that is closed, not given back, unless whoever has it says that all is well.
///
/// With sqlx 0.9.0 a future that is dropped at the wrong moment leaves a transaction open on a connection that goes back
/// to the pool, and the next one to use it loses what it writes (launchbadge/sqlx 4385, 4393). The pool may be the
/// host's, so it cannot be asked to check; what is in doubt does not go back at all.
#[derive(Debug)]
pub(crate) struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    guarded: bool,
}

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
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            if self.guarded {
                drop(connection.detach());
            } else {
                drop(connection);
            }
        }
    }
}
