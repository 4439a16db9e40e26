//! The questions of the store trait, whoever asks them.

use async_trait::async_trait;
use crm_core::{
    CounterQuery, Counters, Event, EventQuery, Filter, MAX_PAGE, Object, Result, Row, Rows, Select,
    Visibility,
};
use sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{
    counters,
    error::failed,
    log, search, select,
    sql::Sql,
    table::{Table, Tables},
};

/// Makes a statement of a beginning that knows the tenant.
pub(crate) type Build<'a> = &'a (dyn Fn(Sql) -> Sql + Send + Sync);

/// Whatever answers a single statement in a tenant.
#[async_trait]
pub(crate) trait Source: Send + Sync {
    fn tables(&self) -> &Tables;

    /// The rows of one statement. One that is the same for every tenant and value is prepared, and planned once; one
    /// that is not is planned for its values.
    async fn rows(&self, tenant: Uuid, build: Build<'_>, planned_once: bool) -> Result<Vec<PgRow>>;
}

pub(crate) async fn get(
    source: &dyn Source,
    tenant: Uuid,
    object: &'static Object,
    ids: &[Uuid],
) -> Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let table = source.tables().of(object)?;
    let rows = source.rows(tenant, &|sql| select::by_ids(table, ids, sql), true).await?;
    select::in_order(ids, read(table, &rows)?)
}

pub(crate) async fn query(source: &dyn Source, tenant: Uuid, question: &Select) -> Result<Rows> {
    let table = source.tables().of(question.object)?;
    let found = search::candidates(source, tenant, table, &question.filter).await?;
    let (once, among) = (select::is_plain(question) || found.is_searched(), found.ids());
    let rows = source.rows(tenant, &|sql| select::page(table, question, among, sql), once).await?;
    let mut rows = read(table, &rows)?;
    let limit = usize::try_from(question.limit).unwrap_or(MAX_PAGE as usize);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Rows { rows, more })
}

pub(crate) async fn count(
    source: &dyn Source,
    tenant: Uuid,
    object: &'static Object,
    filter: &Filter,
    visibility: Visibility,
) -> Result<u64> {
    let table = source.tables().of(object)?;
    let found = search::candidates(source, tenant, table, filter).await?;
    let among = found.ids();
    let rows =
        source.rows(tenant, &|sql| select::count(table, filter, visibility, among, sql), false).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(failed)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(crate) async fn counters(source: &dyn Source, tenant: Uuid, query: &CounterQuery) -> Result<Counters> {
    let rows = source.rows(tenant, &|sql| counters::asked(source.tables(), query, sql), true).await?;
    counters::read(&rows)
}

pub(crate) async fn events(source: &dyn Source, tenant: Uuid, query: &EventQuery) -> Result<Vec<Event>> {
    let rows = source.rows(tenant, &|sql| log::asked(source.tables(), query, sql), true).await?;
    rows.iter().map(log::read).collect()
}

fn read(table: &Table, rows: &[PgRow]) -> Result<Vec<Row>> {
    rows.iter().map(|row| table.read(row)).collect()
}
