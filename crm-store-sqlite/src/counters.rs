//! Reading counters.

use crm_core::{Counter, CounterQuery, Counters};
use rusqlite::types::Value as Parameter;
use uuid::Uuid;

use crate::{error::Stop, filter::above_text, log, pool::Database, table::Reader};

const RANGE: &str = "SELECT key, value FROM counters WHERE tenant_id = ? AND name = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?";

/// More than these are no small read.
pub(crate) const SMALL: u32 = 500;

/// The counters and the head of one moment; nothing if there are more than `limit` of a name.
pub(crate) fn counters(
    database: &Database,
    tenant: Uuid,
    query: &CounterQuery,
    limit: Option<u32>,
) -> Result<Option<Counters>, Stop> {
    if query.names.is_empty() {
        let as_of = head(database, tenant)?;
        return Ok(Some(Counters { as_of, counters: Vec::new() }));
    }
    let mut names = query.names.clone();
    names.sort_unstable();
    names.dedup();
    database.at_one_moment(|database| {
        let mut answer = Counters { as_of: head(database, tenant)?, counters: Vec::new() };
        for name in names {
            let before = answer.counters.len();
            let mut statement = database.statement(RANGE)?;
            statement.bind(tenant.as_bytes().as_slice())?.bind(name)?;
            statement.bind(query.from.as_deref().unwrap_or(""))?;
            statement.bind(query.to.clone().map_or_else(above_text, Parameter::Text))?;
            statement.bind(limit.map_or(-1, |limit| i64::from(limit) + 1))?;
            answer.counters.extend(statement.all(|row| {
                let mut reader = Reader { row, next: 0, table: "counters" };
                let key = reader.text("key")?.to_owned();
                Ok(Counter { name: name.to_owned(), key, value: reader.integer("value")? })
            })?);
            let found = answer.counters.len() - before;
            if limit.is_some_and(|limit| found > limit as usize) {
                return Ok(None);
            }
        }
        Ok(Some(answer))
    })
}

/// The number of the tenant's last event; 0 if it has none, or there is no such tenant.
fn head(database: &Database, tenant: Uuid) -> Result<i64, Stop> {
    let mut statement = database.statement(log::TENANT)?;
    let head = statement.bind(tenant.as_bytes().as_slice())?.first(|row| Ok(row.get(1)?))?;
    Ok(head.unwrap_or(0))
}
