//! Filters in SQL. [`Filter::matches`] is what each must agree with.
//!
//! A text depends on the shape of a filter alone: values are bound, and the values of a list are bound as one JSON
//! array, so that a list of three and one of five hundred are the same statement.

use crm_core::{Filter, Key, Kind, Value};
use rusqlite::types::Value as Parameter;

use crate::table::Table;

/// SQL in the making, with what will be bound to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Parameter>,
}

impl Sql {
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(crate) fn bind(&mut self, value: Parameter) -> &mut Self {
        self.parameters.push(value);
        self
    }

    pub(crate) fn append(&mut self, other: &Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.parameters.extend(other.parameters.iter().cloned());
        self
    }
}

/// What a value is to SQLite.
pub(crate) fn parameter(value: &Value) -> Parameter {
    match value {
        Value::Null => Parameter::Null,
        Value::Bool(value) => Parameter::Integer((*value).into()),
        Value::Int(value) => Parameter::Integer(*value),
        Value::Text(value) => Parameter::Text(value.clone()),
        Value::Id(value) => Parameter::Blob(value.as_bytes().to_vec()),
        Value::Time(value) => Parameter::Integer(value.timestamp_micros()),
        Value::Date(value) => Parameter::Text(crm_core::value::format_date(*value)),
        Value::Money(value) => Parameter::Integer(value.amount()),
        Value::Json(value) => Parameter::Text(value.to_string()),
    }
}

/// Above every text, as SQLite orders a blob after any text: the end of a range that has none.
pub(crate) fn above_text() -> Parameter {
    Parameter::Blob(Vec::new())
}

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
        Filter::Search(terms) => {
            let text = if table.search.is_some() { "search_text" } else { "''" };
            sql.push("(");
            for term in terms {
                sql.push("instr(").push(text).push(", ?) > 0 AND ").bind(Parameter::Text(term.clone()));
            }
            constant(true, sql);
            sql.push(")");
        }
    }
}

/// Bound, as SQLite drops what stands beside a literal, and then sees no condition left that fits an index.
fn constant(holds: bool, sql: &mut Sql) {
    sql.push("?").bind(Parameter::Integer(holds.into()));
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

/// Whether a comparison is written so that an index of its key can answer it.
pub(crate) fn is_sargable(table: &Table, filter: &Filter) -> bool {
    match filter {
        Filter::Eq(key, value)
        | Filter::Less(key, value)
        | Filter::AtMost(key, value)
        | Filter::More(key, value)
        | Filter::AtLeast(key, value) => is_ordered(table, *key, value),
        Filter::In(key, values) => values.iter().all(|value| is_ordered(table, *key, value)),
        Filter::Prefix(key, _) => table.object.key_kind(*key) == Kind::Text,
        Filter::IsNull(_) => true,
        Filter::All(_) | Filter::Any(_) | Filter::Not(_) | Filter::Search(_) => false,
    }
}

fn compare(table: &Table, key: Key, operator: &str, value: &Value, sql: &mut Sql) {
    let column = table.column(key);
    if is_ordered(table, key, value) {
        sql.push(column).push(" ").push(operator).push(" ?").bind(parameter(value));
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
    let listed = if table.object.key_kind(key) == Kind::Id { "unhex(value)" } else { "value" };
    let json = values.iter().filter(|value| !value.is_null()).map(|value| match value {
        Value::Id(id) => serde_json::Value::from(id.simple().to_string()),
        value => match parameter(value) {
            Parameter::Integer(value) => value.into(),
            Parameter::Text(value) => value.into(),
            _ => serde_json::Value::Null,
        },
    });
    let json: serde_json::Value = json.collect();
    sql.push(column).push(" IN (SELECT ").push(listed).push(" FROM json_each(?))");
    sql.bind(Parameter::Text(json.to_string()));
}

fn begins(table: &Table, key: Key, prefix: &str, sql: &mut Sql) {
    if table.object.key_kind(key) != Kind::Text {
        return constant(false, sql);
    }
    let column = table.column(key);
    sql.push("(").push(column).push(" >= ? AND ").push(column).push(" < ?)");
    sql.bind(Parameter::Text(prefix.to_owned()));
    sql.bind(after_all_with(prefix).map_or_else(above_text, Parameter::Text));
}

/// The least text that is greater than every text with this prefix, by code point.
fn after_all_with(prefix: &str) -> Option<String> {
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
