//! The values that fields hold, the same for every store.

use std::cmp::Ordering;

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, TimeZone, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{Id, Money};

/// What a field can hold. A [`Row`](crate::Row) is a list of these in the order of its object's fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing. Sorts before everything else.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text: NFC, no NUL, compared by code point.
    Text(String),
    /// The id of a record.
    Id(Uuid),
    /// A moment in UTC with microseconds, of the years 1 to 9999.
    Time(DateTime<Utc>),
    /// A day of the years 1 to 9999.
    Date(NaiveDate),
    /// An amount of one currency. Compares by amount.
    Money(Money),
    /// A list or an object whose inside no store looks at.
    Json(Json),
}

/// The type of a field's [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Value::Bool`]
    Bool,
    /// [`Value::Int`]
    Int,
    /// [`Value::Text`]
    Text,
    /// [`Value::Id`]
    Id,
    /// [`Value::Time`]
    Time,
    /// [`Value::Date`]
    Date,
    /// [`Value::Money`]. As an operand of a filter or as a sort key it is the amount, a [`Value::Int`].
    Money,
    /// [`Value::Json`]
    Json,
}

impl Value {
    /// The kind of this value; `None` for [`Value::Null`], which fits every kind.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Text(_) => Kind::Text,
            Self::Id(_) => Kind::Id,
            Self::Time(_) => Kind::Time,
            Self::Date(_) => Kind::Date,
            Self::Money(_) => Kind::Money,
            Self::Json(_) => Kind::Json,
        })
    }

    /// Whether there is nothing here.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a filter or a sort compares: a money's amount, everything else as it is.
    pub fn sort_key(&self) -> Self {
        match self {
            Self::Money(money) => Self::Int(money.amount()),
            other => other.clone(),
        }
    }

    /// The one order of values that every store follows: nothing first, then by number, by code point, by time.
    /// Values of different kinds, and JSON, have no order among themselves and count as equal.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Id(a), Self::Id(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Money(a), Self::Money(b)) => a.amount().cmp(&b.amount()),
            (Self::Money(a), Self::Int(b)) => a.amount().cmp(b),
            (Self::Int(a), Self::Money(b)) => a.cmp(&b.amount()),
            _ => Ordering::Equal,
        }
    }

    /// This value in JSON, as the HTTP interface and the log show it.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Text(value) => Json::String(value.clone()),
            Self::Id(value) => Json::String(value.to_string()),
            Self::Time(value) => Json::String(format_time(*value)),
            Self::Date(value) => Json::String(format_date(*value)),
            Self::Money(value) => {
                serde_json::json!({ "amount": value.amount(), "currency": value.currency() })
            }
            Self::Json(value) => value.clone(),
        }
    }
}

/// RFC 3339 in UTC with `Z`, microseconds only where there are any.
pub fn format_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// Serializes a time as [`format_time`] writes it.
pub(crate) fn serialize_time<S: serde::Serializer>(
    time: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_time(*time))
}

/// The same for a time that may be missing.
pub(crate) fn serialize_optional_time<S: serde::Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serialize_time(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// How a time is read and written by `serde`.
pub(crate) mod time {
    use super::{DateTime, Utc, parse_time};
    use serde::{Deserialize, Deserializer, de::Error};

    pub(crate) use super::serialize_time as serialize;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<DateTime<Utc>, D::Error> {
        let time = parse_time(&String::deserialize(input)?);
        time.ok_or_else(|| D::Error::custom("no time of RFC 3339 in the years 1 to 9999"))
    }
}

/// How a time that may be missing is read and written by `serde`.
pub(crate) mod optional_time {
    use super::{DateTime, Utc};
    use serde::{Deserialize, Deserializer};

    pub(crate) use super::serialize_optional_time as serialize;

    #[derive(Deserialize)]
    struct Time(#[serde(deserialize_with = "super::time::deserialize")] DateTime<Utc>);

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        Ok(Option::<Time>::deserialize(input)?.map(|time| time.0))
    }
}

/// `YYYY-MM-DD`.
pub fn format_date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// Reads an RFC 3339 time of the years 1 to 9999, cut to microseconds; a leap second counts as the second after.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
    tame_time(time)
}

/// Reads a `YYYY-MM-DD` date of the years 1 to 9999.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 10 {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| (1..=9999).contains(&date.year()))
}

/// Cuts a time to what every store can hold: microseconds, no leap second. `None` outside the years 1 to 9999.
pub fn tame_time(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let time = Utc.timestamp_micros(time.trunc_subsecs(6).timestamp_micros()).single()?;
    (1..=9999).contains(&time.year()).then_some(time)
}

/// A Rust type that a field of an entity can have.
pub trait FieldType: Sized {
    /// The type without its `Option`: what a filter compares with and a setter takes.
    type Plain: FieldType;
    /// The kind of value that holds it.
    const KIND: Kind;
    /// Whether there may be nothing.
    const OPTIONAL: bool;
    /// As a value.
    fn to_value(&self) -> Value;
    /// From a value; `None` if it is of another kind.
    fn from_value(value: Value) -> Option<Self>;
    /// From the type without its `Option`.
    fn from_plain(plain: Self::Plain) -> Self;
}

macro_rules! field_type {
    ($([$($generic:ident)?] $type:ty, $kind:ident, |$own:ident| $to:expr, |$value:ident| $from:expr;)*) => {$(
        impl$(<$generic: 'static>)? FieldType for $type {
            type Plain = Self;
            const KIND: Kind = Kind::$kind;
            const OPTIONAL: bool = false;

            fn to_value(&self) -> Value {
                let $own = self;
                Value::$kind($to)
            }
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::$kind($value) => $from,
                    _ => None,
                }
            }
            fn from_plain(plain: Self) -> Self {
                plain
            }
        }
    )*};
}

field_type! {
    [] bool, Bool, |own| *own, |value| Some(value);
    [] i64, Int, |own| *own, |value| Some(value);
    [] String, Text, |own| own.clone(), |value| Some(value);
    [T] Id<T>, Id, |own| own.uuid(), |value| Some(Id::from_uuid(value));
    [] Uuid, Id, |own| *own, |value| Some(value);
    [] DateTime<Utc>, Time, |own| *own, |value| Some(value);
    [] NaiveDate, Date, |own| *own, |value| Some(value);
    [] Money, Money, |own| *own, |value| Some(value);
    [] Vec<String>, Json, |own| Json::from(own.clone()), |value| strings(value);
}

fn strings(value: Json) -> Option<Vec<String>> {
    let Json::Array(items) = value else { return None };
    let text = |item| match item {
        Json::String(text) => Some(text),
        _ => None,
    };
    items.into_iter().map(text).collect()
}

impl<T: FieldType<Plain = T>> FieldType for Option<T> {
    type Plain = T;
    const KIND: Kind = T::KIND;
    const OPTIONAL: bool = true;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
    fn from_plain(plain: T) -> Self {
        Some(plain)
    }
}
