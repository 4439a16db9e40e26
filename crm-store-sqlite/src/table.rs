//! An object as a table: its columns, and its fixed statements, whose texts are made once.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use crm_core::{
    Error, Field, Key, Kind, Money, Object, Row, Value, objects,
    value::{format_date, parse_date},
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::{error::Stop, pool::Prepared};

/// A table and what is asked of it all the time.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) object: &'static Object,
    /// Its place among the tables.
    pub(crate) index: usize,
    /// What a row is read from, in the order of [`Table::read`].
    pub(crate) columns: String,
    /// The column that each field is compared by.
    compared: Vec<String>,
    indexes: Vec<Index>,
    /// The index of deleted rows in their default order.
    pub(crate) deleted: String,
    /// tenant, id: the row, and rid after it.
    pub(crate) get: String,
    /// rid, tenant, id: the row.
    pub(crate) get_at: String,
    /// tenant, id: rid, version, whether it is live.
    pub(crate) find: String,
    /// rid, tenant, search text if searchable, id, then as [`Table::bind`] has it.
    pub(crate) insert: String,
    /// As [`Table::bind`] has it, search text or null if searchable, rid.
    pub(crate) update: String,
    /// rid.
    pub(crate) delete: String,
    /// Per unique field: tenant, value, id: whether another live row has it.
    pub(crate) unique: Vec<(usize, String)>,
    /// tenant, number: whether a row has it.
    pub(crate) numbered: String,
    /// Who refers to this table, in which field; tenant, id: whether a row does.
    pub(crate) referrers: Vec<(&'static Object, usize, String)>,
    pub(crate) search: Option<Search>,
}

/// An index that begins with the tenant and one key.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) key: Key,
    pub(crate) name: String,
    /// Whether no two live rows of a tenant have the same value.
    pub(crate) unique: bool,
    /// Whether it has rows without a value.
    pub(crate) has_nulls: bool,
    /// Whether it has deleted rows.
    pub(crate) has_deleted: bool,
    /// Whether the object's default order comes after the key, instead of the id alone.
    pub(crate) in_default_order: bool,
}

/// The search index of a table.
#[derive(Debug)]
pub(crate) struct Search {
    /// least rid, greatest rid: of rows that are not in it.
    pub(crate) file: String,
    /// rid, text: of a row that has one.
    pub(crate) replace: String,
    /// rid.
    pub(crate) delete: String,
    /// least rid, greatest rid.
    pub(crate) clear: String,
    /// expression, least rid, greatest rid, limit: rids.
    pub(crate) probe: String,
    /// The same, and least rid, greatest rid: of rows that are not in it as well.
    pub(crate) probe_and_rest: String,
    /// least rid, greatest rid: rids of rows that are not in it, to be narrowed.
    pub(crate) rest: String,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    objects().into_iter().enumerate().map(|(index, object)| Table::new(index, object)).collect()
});

/// The table of an object.
pub(crate) fn table(object: &'static Object) -> Result<&'static Table, Error> {
    let found = TABLES.iter().find(|table| table.object == object);
    found.ok_or(Error::Unsupported("records of a kind that has no table"))
}

/// Every table.
pub(crate) fn tables() -> &'static [Table] {
    &TABLES
}

/// The tables that keep the store together, but for the search indexes.
pub(crate) const KEPT: [&str; 5] = ["events", "counters", "once", "series", "heads"];

/// What every table has, in the order in which it is read and bound.
const SYSTEM: [&str; 6] = ["id", "version", "created_at", "updated_at", "created_by", "deleted_at"];

impl Table {
    fn new(index: usize, object: &'static Object) -> Self {
        let name = object.name;
        let mut columns: Vec<String> = SYSTEM.map(str::to_owned).to_vec();
        columns.extend(object.series.map(|_| "number".to_owned()));
        columns.extend(object.fields.iter().flat_map(field_columns));
        let search_text = object.is_searchable().then_some("search_text");

        let inserted = ["rid", "tenant_id"].into_iter().chain(search_text);
        let inserted: Vec<&str> = inserted.chain(columns.iter().map(String::as_str)).collect();
        let places = vec!["?"; inserted.len()].join(", ");
        // A record's id never changes, and naming it would make SQLite ask who refers to it.
        let set: Vec<String> = columns.iter().skip(1).map(|column| format!("{column} = ?")).collect();
        let set = set.join(", ");
        let text = if search_text.is_some() { ", search_text = coalesce(?, search_text)" } else { "" };

        let compared: Vec<String> =
            object.fields.iter().map(|field| field_columns(field).remove(0)).collect();
        let unique = |field: usize| {
            let column = &compared[field];
            let sql = format!(
                "SELECT 1 FROM {name} WHERE tenant_id = ? AND {column} = ? AND deleted_at IS NULL AND id <> ?"
            );
            (field, sql)
        };
        Self {
            object,
            index,
            get: format!("SELECT {}, rid FROM {name} WHERE tenant_id = ? AND id = ?", columns.join(", ")),
            get_at: format!(
                "SELECT {} FROM {name} NOT INDEXED WHERE rid = ? AND tenant_id = ? AND id = ?",
                columns.join(", ")
            ),
            find: format!(
                "SELECT rid, version, deleted_at IS NULL FROM {name} WHERE tenant_id = ? AND id = ?"
            ),
            insert: format!("INSERT INTO {name} ({}) VALUES ({places})", inserted.join(", ")),
            update: format!("UPDATE {name} SET {set}{text} WHERE rid = ?"),
            delete: format!("DELETE FROM {name} WHERE rid = ?"),
            unique: object.unique_fields().map(unique).collect(),
            numbered: format!("SELECT 1 FROM {name} WHERE tenant_id = ? AND number = ?"),
            referrers: referrers(object),
            search: search_text.map(|_| Search::new(name)),
            columns: columns.join(", "),
            indexes: indexes(object, &compared),
            deleted: format!("{name}_deleted"),
            compared,
        }
    }

    /// The column of a key; `NULL` for the number of an object without a series.
    pub(crate) fn column(&self, key: Key) -> &str {
        match key {
            Key::Id => "id",
            Key::CreatedAt => "created_at",
            Key::UpdatedAt => "updated_at",
            Key::CreatedBy => "created_by",
            Key::Number if self.object.series.is_some() => "number",
            Key::Number => "NULL",
            Key::Field(index) => self.compared.get(index).map_or("NULL", String::as_str),
        }
    }

    /// The index that begins with this key.
    pub(crate) fn index(&self, key: Key) -> Option<&Index> {
        self.indexes.iter().find(|index| index.key == key)
    }

    /// Binds a row but for its id, in the order of its columns.
    pub(crate) fn bind(
        &self,
        statement: &mut Prepared<'_>,
        row: &Row,
        number: Option<i64>,
    ) -> Result<(), Stop> {
        statement.bind(row.version)?;
        statement.bind(row.created_at.timestamp_micros())?.bind(row.updated_at.timestamp_micros())?;
        statement.bind(row.created_by.as_ref().map(|id| id.as_bytes().as_slice()))?;
        statement.bind(row.deleted_at.map(|at| at.timestamp_micros()))?;
        if self.object.series.is_some() {
            statement.bind(number)?;
        }
        if row.values.len() != self.object.fields.len() {
            let (given, due) = (row.values.len(), self.object.fields.len());
            let detail = format!("a row of {} has {given} values instead of {due}", self.object.name);
            return Err(Stop::Refused(Error::Corrupt(detail)));
        }
        for (field, value) in self.object.fields.iter().zip(&row.values) {
            match (field.kind, value) {
                (Kind::Money, Value::Money(money)) => {
                    statement.bind(money.amount())?.bind(money.currency().code())?;
                }
                (Kind::Money, Value::Null) => {
                    statement.bind(rusqlite::types::Null)?.bind(rusqlite::types::Null)?;
                }
                (kind, value) if value.kind().is_none_or(|own| own == kind) => {
                    statement.bind(Bound(value))?;
                }
                _ => {
                    let detail =
                        format!("`{}` of a row of {} is of another kind", field.name, self.object.name);
                    return Err(Stop::Refused(Error::Corrupt(detail)));
                }
            }
        }
        Ok(())
    }

    /// Reads a row of [`Table::columns`].
    pub(crate) fn read(&self, row: &rusqlite::Row<'_>) -> Result<Row, Stop> {
        self.read_with(row, |_| Ok(())).map(|(read, ())| read)
    }

    /// Reads a row of [`Table::columns`] and the rid after it.
    pub(crate) fn read_at(&self, row: &rusqlite::Row<'_>) -> Result<(Row, i64), Stop> {
        self.read_with(row, |reader| reader.integer("rid"))
    }

    fn read_with<R>(
        &self,
        row: &rusqlite::Row<'_>,
        rest: impl FnOnce(&mut Reader<'_>) -> Result<R, Stop>,
    ) -> Result<(Row, R), Stop> {
        let mut reader = Reader { row, next: 0, table: self.object.name };
        let mut read = Row {
            id: reader.id("id")?,
            version: reader.integer("version")?,
            created_at: reader.time("created_at")?,
            updated_at: reader.time("updated_at")?,
            created_by: reader.optional(|reader| reader.id("created_by"))?,
            deleted_at: reader.optional(|reader| reader.time("deleted_at"))?,
            number: match self.object.series {
                Some(_) => reader.optional(|reader| reader.integer("number"))?,
                None => None,
            },
            values: Vec::with_capacity(self.object.fields.len()),
        };
        for field in &self.object.fields {
            read.values.push(reader.value(field)?);
        }
        let rest = rest(&mut reader)?;
        Ok((read, rest))
    }
}

impl Search {
    fn new(name: &str) -> Self {
        let probe = format!(
            "SELECT rowid FROM {name}_fts WHERE {name}_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?"
        );
        let rest = format!("SELECT rid FROM {name} NOT INDEXED WHERE rid BETWEEN ? AND ?");
        Self {
            probe_and_rest: format!("SELECT * FROM ({probe}) UNION ALL {rest}"),
            file: format!(
                "INSERT INTO {name}_fts (rowid, t) SELECT rid, search_text FROM {name} WHERE rid BETWEEN ? AND ? \
                 ORDER BY rid"
            ),
            replace: format!("INSERT OR REPLACE INTO {name}_fts (rowid, t) VALUES (?, ?)"),
            delete: format!("DELETE FROM {name}_fts WHERE rowid = ?"),
            clear: format!("DELETE FROM {name}_fts WHERE rowid BETWEEN ? AND ?"),
            probe,
            rest,
        }
    }
}

/// The columns of a field; the first is the one that it is compared by.
pub(crate) fn field_columns(field: &Field) -> Vec<String> {
    match field.kind {
        Kind::Money => vec![format!("{}_amount", field.name), format!("{}_currency", field.name)],
        _ => vec![field.name.to_owned()],
    }
}

/// The indexes that the schema has for an object; a test holds the two together.
fn indexes(object: &Object, compared: &[String]) -> Vec<Index> {
    let index = |key, column: &str| Index {
        key,
        name: format!("{}_{column}", object.name),
        unique: false,
        has_nulls: true,
        has_deleted: false,
        in_default_order: false,
    };
    let mut indexes = vec![
        Index { unique: true, has_deleted: true, ..index(Key::Id, "id") },
        index(Key::CreatedAt, "created_at"),
        index(Key::UpdatedAt, "updated_at"),
    ];
    if object.series.is_some() {
        indexes.push(Index { unique: true, has_deleted: true, ..index(Key::Number, "number") });
    }
    for (place, field) in object.fields.iter().enumerate() {
        if object.compared_by(place) != place {
            continue;
        }
        let (key, column, unique) = (Key::Field(place), compared[place].as_str(), field.unique);
        let own = index(key, column);
        if field.reference.is_some() {
            // For all rows, as erasing asks whether any refers to a record.
            indexes.push(Index {
                has_nulls: field.required,
                has_deleted: true,
                in_default_order: true,
                ..own
            });
        } else if field.sortable || field.lookup {
            indexes.push(Index { unique, in_default_order: !field.sortable, ..own });
        } else if unique {
            let name = format!("{}_unique_{column}", object.name);
            indexes.push(Index { name, unique, has_nulls: false, ..own });
        }
    }
    indexes
}

fn referrers(object: &'static Object) -> Vec<(&'static Object, usize, String)> {
    let fields = objects().into_iter().flat_map(|holder| {
        holder.references().filter(|(_, target)| *target == object).map(move |(field, _)| (holder, field))
    });
    let asked = |(holder, field): (&'static Object, usize)| {
        let (name, column) = (holder.name, holder.fields[field].name);
        (holder, field, format!("SELECT 1 FROM {name} WHERE tenant_id = ? AND {column} = ? LIMIT 1"))
    };
    fields.map(asked).collect()
}

/// A value that is one column.
pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Text(value) => value.as_str().into(),
            Value::Id(value) => value.as_bytes().as_slice().into(),
            Value::Time(value) => value.timestamp_micros().into(),
            Value::Date(value) => format_date(*value).into(),
            Value::Money(value) => value.amount().into(),
            Value::Json(value) => value.to_string().into(),
        })
    }
}

/// Reads columns in order.
pub(crate) struct Reader<'a> {
    pub(crate) row: &'a rusqlite::Row<'a>,
    pub(crate) next: usize,
    pub(crate) table: &'static str,
}

impl<'a> Reader<'a> {
    fn column(&mut self) -> Result<ValueRef<'a>, Stop> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn misfit<R>(&self, column: &str) -> Result<R, Stop> {
        Err(Stop::Refused(Error::Corrupt(format!("a row of {} has no fitting `{column}`", self.table))))
    }

    pub(crate) fn integer(&mut self, column: &str) -> Result<i64, Stop> {
        match self.column()? {
            ValueRef::Integer(value) => Ok(value),
            _ => self.misfit(column),
        }
    }

    pub(crate) fn text(&mut self, column: &str) -> Result<&str, Stop> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        match value {
            ValueRef::Text(text) => std::str::from_utf8(text).or_else(|_| self.misfit(column)),
            _ => self.misfit(column),
        }
    }

    /// A text that means something.
    pub(crate) fn parsed<R>(
        &mut self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<R>,
    ) -> Result<R, Stop> {
        match parse(self.text(column)?) {
            Some(value) => Ok(value),
            None => self.misfit(column),
        }
    }

    pub(crate) fn id(&mut self, column: &str) -> Result<Uuid, Stop> {
        match self.column()? {
            ValueRef::Blob(bytes) => Uuid::from_slice(bytes).or_else(|_| self.misfit(column)),
            _ => self.misfit(column),
        }
    }

    pub(crate) fn time(&mut self, column: &str) -> Result<DateTime<Utc>, Stop> {
        let micros = self.integer(column)?;
        DateTime::from_timestamp_micros(micros).map_or_else(|| self.misfit(column), Ok)
    }

    /// Nothing if the next column is null.
    pub(crate) fn optional<R>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<R, Stop>,
    ) -> Result<Option<R>, Stop> {
        if matches!(self.row.get_ref(self.next)?, ValueRef::Null) {
            self.next += 1;
            return Ok(None);
        }
        read(self).map(Some)
    }

    fn value(&mut self, field: &Field) -> Result<Value, Stop> {
        let name = field.name;
        // Each column is asked for once: that is most of what decoding costs.
        let column = self.column()?;
        let value = match (field.kind, column) {
            (Kind::Money, ValueRef::Null) => {
                self.next += 1;
                Some(Value::Null)
            }
            (_, ValueRef::Null) => Some(Value::Null),
            (Kind::Bool, ValueRef::Integer(value @ 0..=1)) => Some(Value::Bool(value == 1)),
            (Kind::Int, ValueRef::Integer(value)) => Some(Value::Int(value)),
            (Kind::Text, ValueRef::Text(text)) => {
                str::from_utf8(text).ok().map(|text| Value::Text(text.to_owned()))
            }
            (Kind::Id, ValueRef::Blob(bytes)) => Uuid::from_slice(bytes).ok().map(Value::Id),
            (Kind::Time, ValueRef::Integer(micros)) => {
                DateTime::from_timestamp_micros(micros).map(Value::Time)
            }
            (Kind::Date, ValueRef::Text(text)) => {
                str::from_utf8(text).ok().and_then(parse_date).map(Value::Date)
            }
            (Kind::Money, ValueRef::Integer(amount)) => {
                let currency = self.column()?;
                let currency = currency.as_str().ok();
                currency.and_then(|currency| Money::new(amount, currency)).map(Value::Money)
            }
            (Kind::Json, ValueRef::Text(text)) => serde_json::from_slice(text).ok().map(Value::Json),
            _ => None,
        };
        value.map_or_else(|| self.misfit(name), Ok)
    }
}
