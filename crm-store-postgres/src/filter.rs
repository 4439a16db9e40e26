//! Filters in SQL. [`Filter::matches`] is what each must agree with.
//!
//! A text depends on the shape of a filter alone: values are bound, and the values of a list are bound as one array, so
//! that a list of three and one of five hundred are the same statement.

use crm_core::{Filter, Key, Kind, Value};

use crate::{
    sql::{List, Parameter, Sql, parameter},
    table::Table,
};

/// Appends ` AND ` and the filter, unless it holds for everything.
pub(crate) fn and(table: &Table, filter: &Filter, sql: &mut Sql) {
    match filter {
        Filter::All(filters) => filters.iter().for_each(|filter| and(table, filter, sql)),
        filter => {
            sql.push(" AND ");
            render(table, filter, sql);
        }
    }
}

/// A null counts as false here. That is so in `AND`, `OR` and `WHERE`, and `NOT` is written so that it is.
fn render(table: &Table, filter: &Filter, sql: &mut Sql) {
    match filter {
        Filter::All(filters) => join(table, filters, true, sql),
        Filter::Any(filters) => join(table, filters, false, sql),
        Filter::Not(filter) => {
            sql.push("(");
            render(table, filter, sql);
            sql.push(") IS NOT TRUE");
        }
        Filter::Eq(key, value) => compare(table, *key, "=", value, sql),
        Filter::Less(key, value) => compare(table, *key, "<", value, sql),
        Filter::AtMost(key, value) => compare(table, *key, "<=", value, sql),
        Filter::More(key, value) => compare(table, *key, ">", value, sql),
        Filter::AtLeast(key, value) => compare(table, *key, ">=", value, sql),
        Filter::In(key, values) => one_of(table, *key, values, sql),
        Filter::IsNull(key) => {
            sql.push(table.column(*key)).push(" IS NULL");
        }
        Filter::Prefix(key, prefix) => begins(table, *key, prefix, sql),
        Filter::Search(terms) => contains(table, terms, sql),
    }
}

fn constant(holds: bool, sql: &mut Sql) {
    sql.push(if holds { "TRUE" } else { "FALSE" });
}

fn join(table: &Table, filters: &[Filter], all: bool, sql: &mut Sql) {
    if filters.is_empty() {
        return constant(all, sql);
    }
    sql.push("(");
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            sql.push(if all { " AND " } else { " OR " });
        }
        render(table, filter, sql);
    }
    sql.push(")");
}

/// Whether the values of a key and this value have an order. Where they have none they count as equal.
fn is_ordered(table: &Table, key: Key, value: &Value) -> bool {
    let own = table.object.key_kind(key);
    own != Kind::Json && value.sort_key().kind() == Some(own)
}

fn compare(table: &Table, key: Key, operator: &str, value: &Value, sql: &mut Sql) {
    let column = table.column(key);
    if let (true, Some(value)) = (is_ordered(table, key, value), parameter(value)) {
        sql.push(column).push(" ").push(operator).push(" ").bind(value);
        return;
    }
    let holds = if value.is_null() { [">", ">="].contains(&operator) } else { operator.contains('=') };
    if holds {
        sql.push(column).push(" IS NOT NULL");
    } else {
        constant(false, sql);
    }
}

fn one_of(table: &Table, key: Key, values: &[Value], sql: &mut Sql) {
    let column = table.column(key);
    if values.iter().any(|value| !value.is_null() && !is_ordered(table, key, value)) {
        sql.push(column).push(" IS NOT NULL");
        return;
    }
    let mut list = List::of(table.object.key_kind(key));
    for value in values.iter().filter(|value| !value.is_null()) {
        list.push(&value.sort_key());
    }
    sql.push(column).push(" = ANY (").bind(Parameter::List(list)).push(")");
}

fn begins(table: &Table, key: Key, prefix: &str, sql: &mut Sql) {
    if table.object.key_kind(key) != Kind::Text {
        return constant(false, sql);
    }
    let column = table.column(key);
    sql.push("(").push(column).push(" >= ").bind(Parameter::Text(prefix.to_owned()));
    if let Some(end) = after_all_with(prefix) {
        sql.push(" AND ").push(column).push(" < ").bind(Parameter::Text(end));
    }
    sql.push(")");
}

/// Looks at the text of one record at a time; the `OFFSET` keeps it so.
fn contains(table: &Table, terms: &[String], sql: &mut Sql) {
    if !table.object.is_searchable() {
        return constant(terms.is_empty(), sql);
    }
    sql.push("EXISTS (SELECT FROM ").push(&table.search).push(" AS s WHERE ").own("s");
    sql.push(" AND s.object = '").push(table.object.name).push("' AND s.record_id = t.id");
    for term in terms {
        sql.push(" AND strpos(s.body, ").bind(Parameter::Text(term.clone())).push(") > 0");
    }
    sql.push(" OFFSET 0)");
}

/// The least text that is greater than every text with this prefix, by code point.
pub(crate) fn after_all_with(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        // The code points of surrogates are no characters.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text_without_it() {
        assert_eq!(after_all_with("ab").as_deref(), Some("ac"));
        assert_eq!(after_all_with("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_all_with("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(after_all_with("\u{10ffff}"), None);
        assert_eq!(after_all_with(""), None);
    }
}
