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
    log,
    search::{Among, Wanted},
    select,
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
    let Some(wanted) = Wanted::of(table, &question.filter, question.visibility) else {
        return listed(source, tenant, question, &Among::All).await;
    };
    if let Some(walked) = walked(source, tenant, question, wanted.near()).await? {
        return Ok(walked);
    }
    if !wanted.is_worth_asking() {
        return listed(source, tenant, question, &Among::All).await;
    }
    match wanted.few(source, tenant, table).await? {
        Some(few) if few.is_empty() => Ok(Rows { rows: Vec::new(), more: false }),
        Some(few) => listed(source, tenant, question, &Among::These(few)).await,
        None if wanted.far().is_none() => listed(source, tenant, question, &Among::All).await,
        None => {
            let further = wanted.far().filter(|far| Some(*far) != wanted.near());
            match walked(source, tenant, question, further).await? {
                Some(walked) => Ok(walked),
                None => listed(source, tenant, question, &wanted.found()).await,
            }
        }
    }
}

/// The page, if it is known after so many rows.
async fn walked(
    source: &dyn Source,
    tenant: Uuid,
    question: &Select,
    rows: Option<u32>,
) -> Result<Option<Rows>> {
    let Some(most) = rows else { return Ok(None) };
    let table = source.tables().of(question.object)?;
    let rows = source.rows(tenant, &|sql| select::walk(table, question, most, sql), true).await?;
    let there: i64 = match rows.first() {
        Some(row) => row.try_get(row.len() - 1).map_err(failed)?,
        None => return Ok(None),
    };
    let page = page(table, question, &rows)?;
    Ok((page.more || there < i64::from(most)).then_some(page))
}

/// The page of what is among these.
async fn listed(source: &dyn Source, tenant: Uuid, question: &Select, among: &Among) -> Result<Rows> {
    let table = source.tables().of(question.object)?;
    let once = matches!(among, Among::These(_)) || select::is_plain(question);
    let rows = source.rows(tenant, &|sql| select::page(table, question, among, sql), once).await?;
    page(table, question, &rows)
}

fn page(table: &Table, question: &Select, rows: &[PgRow]) -> Result<Rows> {
    let mut rows = read(table, rows)?;
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
    let among = match Wanted::of(table, filter, visibility) {
        Some(wanted) if wanted.is_worth_asking() => match wanted.few(source, tenant, table).await? {
            Some(few) if few.is_empty() => return Ok(0),
            Some(few) => Among::These(few),
            None if wanted.far().is_some() => wanted.found(),
            None => Among::All,
        },
        _ => Among::All,
    };
    let rows =
        source.rows(tenant, &|sql| select::count(table, filter, visibility, &among, sql), false).await?;
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
