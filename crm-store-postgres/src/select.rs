//! Lists: a filter, an order and a place in it, as one statement that walks an index from that place on.
//!
//! A place is not one range of an index where a key can be missing or two keys run in opposite directions, but several
//! that follow each other. They are parts of one `UNION ALL`, which PostgreSQL runs one after the other and only until
//! the page is full, so that a page deep in a list costs what the first one costs.

use crm_core::{Filter, Result, Select, Visibility};
use uuid::Uuid;

use crate::{
    filter,
    order::Order,
    search::{self, Among},
    sql::{List, Parameter, Sql},
    table::Table,
};

/// The rows with these ids, in no order.
pub(crate) fn by_ids(table: &Table, ids: &[Uuid], mut sql: Sql) -> Sql {
    sql.push("SELECT ").push(&table.columns).push(" FROM ").push(&table.name).push(" AS t WHERE ").own("t");
    match ids {
        [id] => sql.push(" AND t.id = ").bind(Parameter::Id(*id)),
        ids => {
            let ids = List::Id(ids.iter().copied().map(Some).collect());
            sql.push(" AND t.id = ANY (").bind(Parameter::List(ids)).push(")")
        }
    };
    sql
}

/// One page and one row more, so that it is known whether there is one.
pub(crate) fn page(table: &Table, select: &Select, among: &Among, mut sql: Sql) -> Sql {
    if is_plain(select) && matches!(among, Among::All) {
        sql.unseen();
    }
    let order = Order::of(table, select);
    let due = Due(i64::from(select.limit) + 1);
    let places = select.after.as_ref().map_or_else(|| vec![Vec::new()], |after| order.after(after));
    if places.len() > 1 {
        sql.push("SELECT * FROM (");
    }
    for (nth, place) in places.iter().enumerate() {
        if places.len() > 1 {
            sql.push(if nth == 0 { "(" } else { " UNION ALL (" });
        }
        sql.push("SELECT ").push(&table.columns);
        from(table, &select.filter, select.visibility, among, &mut sql);
        place.iter().for_each(|part| part.and(&mut sql));
        sql.push(&order.clause());
        due.limit(&mut sql);
        if places.len() > 1 {
            sql.push(")");
        }
    }
    if places.len() > 1 {
        sql.push(") AS t");
        due.limit(&mut sql);
    }
    sql
}

/// The same, of so many rows at most that stand next in the order; with each, how many live rows the tenant has, or as
/// many as are walked if it has more.
pub(crate) fn walk(table: &Table, select: &Select, rows: u32, mut sql: Sql) -> Sql {
    let order = Order::of(table, select);
    let due = Due(i64::from(select.limit) + 1);
    let places = select.after.as_ref().map_or_else(|| vec![Vec::new()], |after| order.after(after));
    sql.push("WITH near AS MATERIALIZED (SELECT count(*) AS rows FROM (SELECT FROM ").push(&table.name);
    sql.push(" AS t WHERE ")
        .own("t")
        .push(&format!(" AND t.deleted_at IS NULL ORDER BY t.created_at, t.id LIMIT {rows}) AS t) "));
    sql.push("SELECT t.*, (SELECT near.rows FROM near) FROM (");
    for (nth, place) in places.iter().enumerate() {
        sql.push(if nth == 0 { "(" } else { " UNION ALL (" }).push("SELECT ").push(&table.columns);
        sql.push(" FROM (SELECT ").push(&table.columns);
        from(table, &Filter::All(Vec::new()), select.visibility, &Among::All, &mut sql);
        place.iter().for_each(|part| part.and(&mut sql));
        sql.push(&order.clause()).push(&format!(" LIMIT {rows}) AS t WHERE TRUE"));
        filter::and(table, &select.filter, &mut sql);
        sql.push(&order.clause());
        due.limit(&mut sql);
        sql.push(")");
    }
    sql.push(") AS t");
    due.limit(&mut sql);
    sql
}

/// How many rows are due.
///
/// A plan for any number of rows expects a tenth of the table, and so is never kept: PostgreSQL planned each page anew,
/// which took longer than to run it (2026-11). So the usual numbers are part of the text. There are few of them, as each
/// makes a statement of its own.
#[derive(Clone, Copy)]
struct Due(i64);

impl Due {
    fn limit(self, sql: &mut Sql) {
        let Self(rows) = self;
        sql.push(" LIMIT ");
        if rows % 10 == 1 {
            sql.push(&rows.to_string())
        } else {
            sql.bind(Parameter::Int(rows))
        };
    }
}

/// How many rows match.
pub(crate) fn count(
    table: &Table,
    filter: &Filter,
    visibility: Visibility,
    among: &Among,
    mut sql: Sql,
) -> Sql {
    sql.push("SELECT count(*)");
    from(table, filter, visibility, among, &mut sql);
    sql
}

fn from(table: &Table, filter: &Filter, visibility: Visibility, among: &Among, sql: &mut Sql) {
    sql.push(" FROM ").push(&table.name).push(" AS t WHERE ").own("t");
    sql.push(match visibility {
        Visibility::Live => " AND t.deleted_at IS NULL",
        Visibility::Deleted => " AND t.deleted_at IS NOT NULL",
        Visibility::Any => "",
    });
    match among {
        Among::All => {}
        Among::These(ids) => {
            let ids = List::Id(ids.iter().copied().map(Some).collect());
            sql.push(" AND t.id = ANY (").bind(Parameter::List(ids)).push(")");
        }
        Among::Found(patterns) => {
            sql.push(" AND t.id IN (SELECT f.id FROM ");
            search::found(table, patterns, i64::MAX, sql);
            sql.push(" AS f (id) WHERE ").is_set().push(")");
        }
    }
    filter::and(table, filter, sql);
}

/// Whether a question is the same statement whatever the tenant and the values, and its plan good for all of them:
/// there is nothing but an order.
pub(crate) fn is_plain(select: &Select) -> bool {
    matches!(&select.filter, Filter::All(filters) if filters.is_empty())
}

/// Rows of a page in the order of the ids that were asked for; a repeated id is answered as often.
pub(crate) fn in_order(ids: &[Uuid], rows: Vec<crm_core::Row>) -> Result<Vec<crm_core::Row>> {
    let rows: std::collections::HashMap<Uuid, crm_core::Row> =
        rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.get(id).cloned()).collect())
}
