//! An object as a table: its columns, how its rows are written and read.

use chrono::{DateTime, NaiveDate, Utc};
use crm_core::{Error, Field, Key, Kind, Money, Object, Result, Row, Value, objects};
use sqlx::{Decode, Postgres, Row as _, Type, postgres::PgRow};
use uuid::Uuid;

use crate::{name::SchemaName, sql::List};

/// The tables of a schema.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) schema: SchemaName,
    objects: Vec<Table>,
}

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) object: &'static Object,
    /// Its name, with the schema.
    pub(crate) name: String,
    /// That of the table of search texts.
    pub(crate) search: String,
    /// That of the function that asks the text index.
    pub(crate) found: String,
    /// What a row is read from as `t`, in the order of [`Table::read`].
    pub(crate) columns: String,
    /// The names of the columns, in the same order.
    pub(crate) names: Vec<String>,
    /// The column that each field is compared by, of the table as `t`.
    compared: Vec<String>,
}

impl Tables {
    pub(crate) fn new(schema: SchemaName) -> Self {
        let objects = objects().into_iter().map(|object| Table::new(&schema, object)).collect();
        Self { schema, objects }
    }

    /// The table of an object.
    pub(crate) fn of(&self, object: &'static Object) -> Result<&Table> {
        let found = self.objects.iter().find(|table| table.object == object);
        found.ok_or(Error::Unsupported("records of a kind that has no table"))
    }

    /// Every table of records.
    pub(crate) fn all(&self) -> &[Table] {
        &self.objects
    }

    /// The name of one of the tables that keep the store together.
    pub(crate) fn named(&self, table: &str) -> String {
        format!("{}.{table}", self.schema)
    }
}

/// What every table has, in the order in which it is read and written.
const SYSTEM: [(&str, Kind); 6] = [
    ("id", Kind::Id),
    ("version", Kind::Int),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
    ("created_by", Kind::Id),
    ("deleted_at", Kind::Time),
];

impl Table {
    fn new(schema: &SchemaName, object: &'static Object) -> Self {
        let mut names: Vec<String> = SYSTEM.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(object.series.map(|_| "number".to_owned()));
        names.extend(object.fields.iter().flat_map(field_columns));
        let compared = object.fields.iter().map(|field| format!("t.{}", field_columns(field)[0])).collect();
        let columns: Vec<String> = names.iter().map(|name| format!("t.{name}")).collect();
        Self {
            object,
            name: format!("{schema}.{}", object.name),
            search: format!("{schema}.search_texts"),
            found: format!("{schema}.found"),
            columns: columns.join(", "),
            names,
            compared,
        }
    }

    /// The column of a key, of the table as `t`; `NULL` for the number of an object without a series.
    pub(crate) fn column(&self, key: Key) -> &str {
        match key {
            Key::Id => "t.id",
            Key::CreatedAt => "t.created_at",
            Key::UpdatedAt => "t.updated_at",
            Key::CreatedBy => "t.created_by",
            Key::Number if self.object.series.is_some() => "t.number",
            Key::Number => "NULL::bigint",
            Key::Field(index) => self.compared.get(index).map_or("NULL", String::as_str),
        }
    }

    /// Rows as a list per column.
    pub(crate) fn lists<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Result<Vec<List>> {
        let mut lists: Vec<List> = SYSTEM.iter().map(|(_, kind)| List::of(*kind)).collect();
        lists.extend(self.object.series.map(|_| List::of(Kind::Int)));
        for field in &self.object.fields {
            lists.push(List::of(field.kind));
            lists.extend((field.kind == Kind::Money).then(|| List::of(Kind::Text)));
        }
        for row in rows {
            self.append(row, &mut lists)?;
        }
        Ok(lists)
    }

    fn append(&self, row: &Row, lists: &mut [List]) -> Result<()> {
        let name = self.object.name;
        if row.values.len() != self.object.fields.len() {
            let (given, due) = (row.values.len(), self.object.fields.len());
            return Err(Error::Corrupt(format!("a row of {name} has {given} values instead of {due}")));
        }
        let optional = |value: Option<Value>| value.unwrap_or(Value::Null);
        let mut values = vec![
            Value::Id(row.id),
            Value::Int(row.version),
            Value::Time(row.created_at),
            Value::Time(row.updated_at),
            optional(row.created_by.map(Value::Id)),
            optional(row.deleted_at.map(Value::Time)),
        ];
        values.extend(self.object.series.map(|_| optional(row.number.map(Value::Int))));
        for (field, value) in self.object.fields.iter().zip(&row.values) {
            match (field.kind, value) {
                (Kind::Money, Value::Money(money)) => {
                    values.push(Value::Int(money.amount()));
                    values.push(Value::Text(money.currency().code().to_owned()));
                }
                (Kind::Money, Value::Null) => values.extend([Value::Null, Value::Null]),
                (_, value) => values.push(value.clone()),
            }
        }
        let fits = values.len() == lists.len();
        if fits && lists.iter_mut().zip(&values).all(|(list, value)| list.push(value)) {
            return Ok(());
        }
        Err(Error::Corrupt(format!("a value of a row of {name} is of another kind than its field")))
    }

    /// Reads a row of [`Table::columns`].
    pub(crate) fn read(&self, row: &PgRow) -> Result<Row> {
        let mut reader = Reader::new(row, self.object.name);
        let mut read = Row {
            id: reader.next()?,
            version: reader.next()?,
            created_at: reader.next()?,
            updated_at: reader.next()?,
            created_by: reader.next()?,
            deleted_at: reader.next()?,
            number: match self.object.series {
                Some(_) => reader.next()?,
                None => None,
            },
            values: Vec::with_capacity(self.object.fields.len()),
        };
        for field in &self.object.fields {
            read.values.push(reader.value(field)?);
        }
        Ok(read)
    }
}

/// The columns of a field; the first is the one that it is compared by.
pub(crate) fn field_columns(field: &Field) -> Vec<String> {
    match field.kind {
        Kind::Money => vec![format!("{}_amount", field.name), format!("{}_currency", field.name)],
        _ => vec![field.name.to_owned()],
    }
}

/// Reads columns in order.
pub(crate) struct Reader<'a> {
    row: &'a PgRow,
    next: usize,
    table: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(row: &'a PgRow, table: &'static str) -> Self {
        Self { row, next: 0, table }
    }

    /// The next column.
    pub(crate) fn next<T: Decode<'a, Postgres> + Type<Postgres>>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.try_get(index).map_err(|_| self.misfit(index))
    }

    /// The next column, as something that its text means.
    pub(crate) fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text: &str = self.next()?;
        parse(text).ok_or_else(|| self.misfit(self.next - 1))
    }

    /// Without the value, which may be personal.
    fn misfit(&self, index: usize) -> Error {
        Error::Corrupt(format!("column {index} of a row of {} does not fit", self.table))
    }

    fn value(&mut self, field: &Field) -> Result<Value> {
        fn some<T>(value: Option<T>, wrap: impl FnOnce(T) -> Value) -> Value {
            value.map_or(Value::Null, wrap)
        }
        Ok(match field.kind {
            Kind::Bool => some(self.next::<Option<bool>>()?, Value::Bool),
            Kind::Int => some(self.next::<Option<i64>>()?, Value::Int),
            Kind::Text => some(self.next::<Option<String>>()?, Value::Text),
            Kind::Id => some(self.next::<Option<Uuid>>()?, Value::Id),
            Kind::Time => some(self.next::<Option<DateTime<Utc>>>()?, Value::Time),
            Kind::Date => some(self.next::<Option<NaiveDate>>()?, Value::Date),
            Kind::Json => some(self.next::<Option<serde_json::Value>>()?, Value::Json),
            Kind::Money => {
                let amount: Option<i64> = self.next()?;
                let currency: Option<&str> = self.next()?;
                match (amount, currency) {
                    (None, None) => Value::Null,
                    (Some(amount), Some(currency)) => {
                        let money = Money::new(amount, currency);
                        Value::Money(money.ok_or_else(|| self.misfit(self.next - 1))?)
                    }
                    _ => return Err(self.misfit(self.next - 1)),
                }
            }
        })
    }
}
