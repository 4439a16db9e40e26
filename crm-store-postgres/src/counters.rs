//! Reading counters.

use crm_core::{Counter, CounterQuery, Counters, Result};
use sqlx::postgres::PgRow;

use crate::{
    sql::{List, Parameter, Sql},
    table::{Reader, Tables},
};

/// One statement, so that the figures and the head are of one moment. The head comes with each counter, or alone.
pub(crate) fn asked(tables: &Tables, query: &CounterQuery, mut sql: Sql) -> Sql {
    let names = query.names.iter().map(|name| Some((*name).to_owned())).collect();
    sql.push("SELECT h.last_seq, t.name, t.key, t.value FROM ").push(&tables.named("heads"));
    sql.push(" AS h LEFT JOIN ").push(&tables.named("counters")).push(" AS t ON ").own("t");
    sql.push(" AND t.name = ANY (").bind(Parameter::List(List::Text(names))).push(") AND t.value <> 0");
    if let Some(from) = &query.from {
        sql.push(" AND t.key >= ").bind(Parameter::Text(from.clone()));
    }
    if let Some(to) = &query.to {
        sql.push(" AND t.key < ").bind(Parameter::Text(to.clone()));
    }
    sql.push(" WHERE ").own("h").push(" ORDER BY t.name, t.key");
    sql
}

pub(crate) fn read(rows: &[PgRow]) -> Result<Counters> {
    let mut counters = Counters::default();
    for row in rows {
        let mut reader = Reader::new(row, "counters");
        counters.as_of = reader.next()?;
        if let Some(name) = reader.next()? {
            counters.counters.push(Counter { name, key: reader.next()?, value: reader.next()? });
        }
    }
    Ok(counters)
}
