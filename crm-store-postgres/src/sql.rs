//! SQL in the making, with what will be bound to it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use crm_core::{Error, Kind, Value};
use sqlx::{
    Arguments, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo},
};
use uuid::Uuid;

/// JSON in the text that it will be sent as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Json(Arc<str>);

impl Json {
    /// A text that is JSON.
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        Self::new(value.to_string())
    }
}

impl Type<Postgres> for Json {
    fn type_info() -> PgTypeInfo {
        <serde_json::Value as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Json {
    fn array_type_info() -> PgTypeInfo {
        <serde_json::Value as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Json {
    /// As `jsonb` is sent: the version of its format, and the text.
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.push(1);
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// What is bound: one value, or a list of them as an array.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parameter {
    Bool(bool),
    Int(i64),
    Text(String),
    Id(Uuid),
    Time(DateTime<Utc>),
    Date(NaiveDate),
    Json(Json),
    List(List),
    /// The only value of a list.
    Only(List),
}

impl Parameter {
    /// The type of the value, compared by code point if it is a text.
    fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "boolean",
            Self::Int(_) => "bigint",
            Self::Text(_) => "text COLLATE \"C\"",
            Self::Id(_) => "uuid",
            Self::Time(_) => "timestamptz",
            Self::Date(_) => "date",
            Self::Json(_) => "jsonb",
            Self::List(list) => list.type_name(),
            Self::Only(list) => list.type_name().trim_end_matches("[]"),
        }
    }
}

/// Values of one type, some of them missing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum List {
    Bool(Vec<Option<bool>>),
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Id(Vec<Option<Uuid>>),
    Time(Vec<Option<DateTime<Utc>>>),
    Date(Vec<Option<NaiveDate>>),
    Json(Vec<Option<Json>>),
}

impl List {
    /// An empty list of the values of a kind; of amounts for money.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool(Vec::new()),
            Kind::Int | Kind::Money => Self::Int(Vec::new()),
            Kind::Text => Self::Text(Vec::new()),
            Kind::Id => Self::Id(Vec::new()),
            Kind::Time => Self::Time(Vec::new()),
            Kind::Date => Self::Date(Vec::new()),
            Kind::Json => Self::Json(Vec::new()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bool(list) => list.len(),
            Self::Int(list) => list.len(),
            Self::Text(list) => list.len(),
            Self::Id(list) => list.len(),
            Self::Time(list) => list.len(),
            Self::Date(list) => list.len(),
            Self::Json(list) => list.len(),
        }
    }

    /// The type of the array.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "boolean[]",
            Self::Int(_) => "bigint[]",
            Self::Text(_) => "text[]",
            Self::Id(_) => "uuid[]",
            Self::Time(_) => "timestamptz[]",
            Self::Date(_) => "date[]",
            Self::Json(_) => "jsonb[]",
        }
    }

    /// Appends a value; whether it is of the list's type.
    pub(crate) fn push(&mut self, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool(list), Value::Bool(value)) => list.push(Some(*value)),
            (Self::Int(list), Value::Int(value)) => list.push(Some(*value)),
            (Self::Text(list), Value::Text(value)) => list.push(Some(value.clone())),
            (Self::Id(list), Value::Id(value)) => list.push(Some(*value)),
            (Self::Time(list), Value::Time(value)) => list.push(Some(*value)),
            (Self::Date(list), Value::Date(value)) => list.push(Some(*value)),
            (Self::Json(list), Value::Json(value)) => list.push(Some(value.into())),
            (Self::Bool(list), Value::Null) => list.push(None),
            (Self::Int(list), Value::Null) => list.push(None),
            (Self::Text(list), Value::Null) => list.push(None),
            (Self::Id(list), Value::Null) => list.push(None),
            (Self::Time(list), Value::Null) => list.push(None),
            (Self::Date(list), Value::Null) => list.push(None),
            (Self::Json(list), Value::Null) => list.push(None),
            _ => return false,
        }
        true
    }
}

/// A text and its parameters. The tenant is always the first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Parameter>,
    /// Whether the statement sets the tenant by itself; see [`Sql::fenced`].
    fenced: bool,
    /// Whether its values are kept from the planner; see [`Sql::unseen`].
    unseen: bool,
    /// What stands beside the tenant.
    beside: String,
}

impl Sql {
    /// A statement in a transaction whose tenant is set.
    pub(crate) fn within(tenant: Uuid) -> Self {
        let (text, beside) = (String::new(), String::new());
        Self { text, parameters: vec![Parameter::Id(tenant)], fenced: false, unseen: false, beside }
    }

    /// A query that sets the tenant itself, for as long as it runs.
    ///
    /// It is wrapped so that the setting happens first: the query depends on what the setting returns, and a subquery
    /// with an `OFFSET` is not taken apart. Were it otherwise nevertheless, no row would be seen.
    pub(crate) fn fenced(tenant: Uuid) -> Self {
        Self { fenced: true, ..Self::within(tenant) }
    }

    /// Keeps the tenant and the values of [`Sql::bind_unseen`] from the planner, for a query whose plan is good for all of
    /// them. It then expects the same of every plan, and keeps the first general one. Otherwise it finds that a plan for
    /// the values at hand looks cheaper, and so plans each time, which took longer than to read a page (2026-11).
    ///
    /// The tenant is named all the same, by what setting it has returned.
    pub(crate) fn unseen(&mut self) -> &mut Self {
        self.unseen = self.fenced;
        self
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Binds a value and writes its place.
    pub(crate) fn bind(&mut self, value: Parameter) -> &mut Self {
        self.parameters.push(value);
        let place = self.parameters.len();
        self.push(&format!("${place}"))
    }

    /// Binds a value and writes its place, in a query with [`Sql::unseen`] values out of the planner's sight.
    pub(crate) fn bind_unseen(&mut self, value: Parameter) -> &mut Self {
        if !self.unseen {
            return self.bind(value);
        }
        let place = self.parameters.len() + 1;
        self.beside.push_str(&format!(", ${place}::{} AS p{place}", value.type_name()));
        self.parameters.push(value);
        self.push(&format!("e.p{place}"))
    }

    /// That a table's rows are the tenant's own.
    pub(crate) fn own(&mut self, table: &str) -> &mut Self {
        if self.unseen {
            return self.push(table).push(".tenant_id = e.tenant_id");
        }
        self.push(table).push(".tenant_id = $1");
        if self.fenced {
            self.push(" AND ").push(table).push(".tenant_id = e.tenant_id");
        }
        self
    }

    /// That the tenant has been set, where no table is read.
    pub(crate) fn is_set(&mut self) -> &mut Self {
        self.push(if self.fenced { "e.tenant_id = $1" } else { "$1::uuid IS NOT NULL" })
    }

    /// The whole text.
    pub(crate) fn finish(self) -> (String, Vec<Parameter>) {
        let text = if self.fenced {
            format!(
                "SELECT r.* FROM (SELECT pg_catalog.set_config('crm.tenant', $1::uuid::text, true)::uuid AS \
                 tenant_id{} OFFSET 0) AS e CROSS JOIN LATERAL ({} OFFSET 0) AS r",
                self.beside, self.text
            )
        } else {
            self.text
        };
        (text, self.parameters)
    }
}

/// What a value is to PostgreSQL; `None` for nothing.
pub(crate) fn parameter(value: &Value) -> Option<Parameter> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => Parameter::Bool(*value),
        Value::Int(value) => Parameter::Int(*value),
        Value::Text(value) => Parameter::Text(value.clone()),
        Value::Id(value) => Parameter::Id(*value),
        Value::Time(value) => Parameter::Time(*value),
        Value::Date(value) => Parameter::Date(*value),
        Value::Money(value) => Parameter::Int(value.amount()),
        Value::Json(value) => Parameter::Json(value.into()),
    })
}

/// Encodes parameters.
pub(crate) fn arguments(parameters: Vec<Parameter>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for parameter in parameters {
        let added = match parameter {
            Parameter::Bool(value) => arguments.add(value),
            Parameter::Int(value) => arguments.add(value),
            Parameter::Text(value) => arguments.add(value),
            Parameter::Id(value) => arguments.add(value),
            Parameter::Time(value) => arguments.add(value),
            Parameter::Date(value) => arguments.add(value),
            Parameter::Json(value) => arguments.add(value),
            Parameter::List(List::Bool(list)) => arguments.add(list),
            Parameter::List(List::Int(list)) => arguments.add(list),
            Parameter::List(List::Text(list)) => arguments.add(list),
            Parameter::List(List::Id(list)) => arguments.add(list),
            Parameter::List(List::Time(list)) => arguments.add(list),
            Parameter::List(List::Date(list)) => arguments.add(list),
            Parameter::List(List::Json(list)) => arguments.add(list),
            Parameter::Only(List::Bool(mut list)) => arguments.add(list.pop().flatten()),
            Parameter::Only(List::Int(mut list)) => arguments.add(list.pop().flatten()),
            Parameter::Only(List::Text(mut list)) => arguments.add(list.pop().flatten()),
            Parameter::Only(List::Id(mut list)) => arguments.add(list.pop().flatten()),
            Parameter::Only(List::Time(mut list)) => arguments.add(list.pop().flatten()),
            Parameter::Only(List::Date(mut list)) => arguments.add(list.pop().flatten()),
            Parameter::Only(List::Json(mut list)) => arguments.add(list.pop().flatten()),
        };
        added.map_err(Error::Backend)?;
    }
    Ok(arguments)
}
