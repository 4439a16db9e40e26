//! What a kind of record is to the engine: its data, its descriptor and its rules in one place.

use std::{future::Future, marker::PhantomData, ops::Deref};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer, ser::SerializeMap};
use uuid::Uuid;

use crate::{
    Condition, Direction, Error, Faults, FieldType, Id, Object, Plan, Result, Row, Sort, TenantId,
    TenantScope, Value, crm::Handle, query::Operator,
};

/// A kind of record. Usually written with [`entity!`](crate::entity).
pub trait Entity: Fields {
    /// What the rules keep track of and no client sets; `()` for most.
    type Managed: Fields;
    /// What the rules must know beyond the record itself, read anew for every change.
    type Context: Default + Send + Sync;

    /// The description.
    fn object() -> &'static Object;

    /// Reads what the rules need.
    fn context(plan: &mut Plan<'_>) -> impl Future<Output = Result<Self::Context>> + Send {
        let _ = plan;
        async { Ok(Self::Context::default()) }
    }

    /// Fills in what the writer left out, before anything is checked.
    fn fill(&mut self, rules: &Rules<'_, Self>) {
        let _ = rules;
    }

    /// Checks what the descriptor cannot say. Runs after the fields have been checked one by one.
    fn check(&self, rules: &Rules<'_, Self>, faults: &mut Faults) {
        let _ = (rules, faults);
    }

    /// Computes the managed part of a new or changed record.
    fn manage(&self, rules: &Rules<'_, Self>) -> Self::Managed;

    /// Looks at other records before a change is committed, and adds to the same batch what must change or hold with
    /// it. `after` is `None` when the record is deleted.
    fn guard(
        plan: &mut Plan<'_>,
        before: Option<&Record<Self>>,
        after: Option<&Record<Self>>,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (plan, before, after);
        async { Ok(()) }
    }

    /// Follows up a committed create, update or restore outside the tenant. It may run again for the same record, and
    /// must not matter if a crash prevents it.
    fn committed(
        handle: Handle<'_>,
        tenant: TenantId,
        record: &Record<Self>,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (handle, tenant, record);
        async { Ok(()) }
    }
}

/// A struct whose fields are fields of an object, in order.
pub trait Fields: Clone + Default + std::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// How many.
    const COUNT: usize;
    /// Their values, in order.
    fn to_values(&self) -> Vec<Value>;
    /// Back from the next [`COUNT`](Self::COUNT) values; the name of a field whose value does not fit otherwise.
    fn take_values(values: &mut impl Iterator<Item = Value>) -> Result<Self, &'static str>;
    /// The same from a copy of the first values of a list.
    fn from_values(values: &[Value]) -> Result<Self, &'static str> {
        Self::take_values(&mut values.iter().cloned())
    }
}

impl Fields for () {
    const COUNT: usize = 0;

    fn to_values(&self) -> Vec<Value> {
        Vec::new()
    }
    fn take_values(_: &mut impl Iterator<Item = Value>) -> Result<Self, &'static str> {
        Ok(())
    }
}

/// What the rules of an entity can see.
#[derive(Debug)]
pub struct Rules<'a, T: Entity> {
    /// The time of the change.
    pub now: DateTime<Utc>,
    /// Who changes it.
    pub scope: &'a TenantScope,
    /// The record as it was; `None` for a new one.
    pub before: Option<&'a Record<T>>,
    /// What [`Entity::context`] read.
    pub context: &'a T::Context,
    /// What happened to a new record before it came here.
    pub past: Past,
}

/// What happened to a record in another system, before it was brought in from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// When it was made; now, unless this says otherwise.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was closed, of a lead in a closing stage; now, unless this says otherwise.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A stored record: what the engine keeps about it, and the data.
///
/// It reads like its data (`record.email`); the system fields are fields of the record itself. Writing takes the data
/// alone, so a system field cannot be set:
///
/// ```
/// use crm_core::Customer;
/// let customer = Customer { company: Some("Ada Ltd".into()), ..Customer::default() };
/// ```
/// ```compile_fail,E0560
/// use crm_core::Customer;
/// let customer = Customer { version: 7, company: Some("Ada Ltd".into()), ..Customer::default() };
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Record<T: Entity> {
    /// The id.
    pub id: Id<T>,
    /// 1 for a new record, one more with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The user who made it; `None` if no user did.
    pub created_by: Option<Uuid>,
    /// When it was deleted; `None` for a live one.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Its number in the object's series.
    pub number: Option<i64>,
    /// What the rules keep track of.
    pub managed: T::Managed,
    /// The writable part.
    pub data: T,
}

impl<T: Entity> Record<T> {
    /// The number as people see it: LED-001.
    pub fn reference(&self) -> Option<String> {
        Some(T::object().series?.format(self.number?))
    }

    /// Reads a record from a row of its object.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the row does not fit the entity.
    pub fn from_row(row: Row) -> Result<Self> {
        let object = T::object();
        let fit = |what: &str| {
            Error::Corrupt(format!("`{what}` of {} {} has no fitting value", object.name, row.id))
        };
        let mut values = row.values.into_iter();
        Ok(Self {
            data: T::take_values(&mut values).map_err(fit)?,
            managed: T::Managed::take_values(&mut values).map_err(fit)?,
            id: Id::from_uuid(row.id),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by: row.created_by,
            deleted_at: row.deleted_at,
            number: row.number,
        })
    }

    /// The row of this record, its derived fields included.
    pub fn to_row(&self) -> Row {
        let mut values = self.data.to_values();
        values.extend(self.managed.to_values());
        crate::normalize::derive(T::object(), &mut values);
        Row {
            id: self.id.uuid(),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by,
            deleted_at: self.deleted_at,
            number: self.number,
            values,
        }
    }
}

impl<T: Entity> Deref for Record<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T: Entity> Serialize for Record<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = T::object();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        if let Some(series) = object.series {
            map.serialize_entry(series.field, &self.reference())?;
        }
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("created_at", &crate::value::format_time(self.created_at))?;
        map.serialize_entry("updated_at", &crate::value::format_time(self.updated_at))?;
        map.serialize_entry("created_by", &self.created_by)?;
        let mut values = self.data.to_values();
        values.extend(self.managed.to_values());
        for (index, field) in object.public_fields() {
            map.serialize_entry(field.name, &values.get(index).map(Value::to_json))?;
        }
        map.end()
    }
}

/// A field of `E` whose values are `V`s, to filter and sort by: `Lead::STAGE.eq("qualified")`.
#[derive(Debug)]
pub struct Column<E, V> {
    name: &'static str,
    of: PhantomData<fn() -> (E, V)>,
}

impl<E, V> Clone for Column<E, V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E, V> Copy for Column<E, V> {}

impl<E, V> Column<E, V> {
    /// The column of the field with this name. A name that the entity lacks is refused when the query is asked.
    pub const fn named(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    /// The field's name.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// In ascending order, nothing first.
    pub fn asc(self) -> Sort<E> {
        Sort::new(self.name, Direction::Ascending)
    }

    /// In descending order, nothing last.
    pub fn desc(self) -> Sort<E> {
        Sort::new(self.name, Direction::Descending)
    }

    /// There is no value.
    pub fn is_null(self) -> Condition<E> {
        Condition::new(self.name, Operator::IsNull, Vec::new())
    }
}

impl<E, V: FieldType> Column<E, V> {
    fn compare(self, operator: Operator, value: impl Into<V>) -> Condition<E> {
        Condition::new(self.name, operator, vec![value.into().to_value()])
    }

    /// Equal to `value`.
    pub fn eq(self, value: impl Into<V>) -> Condition<E> {
        self.compare(Operator::Eq, value)
    }

    /// Not equal to `value`; true of a record without a value.
    pub fn ne(self, value: impl Into<V>) -> Condition<E> {
        self.compare(Operator::Ne, value)
    }

    /// Less than `value`; false of a record without a value, like all comparisons below.
    pub fn lt(self, value: impl Into<V>) -> Condition<E> {
        self.compare(Operator::Lt, value)
    }

    /// At most `value`.
    pub fn lte(self, value: impl Into<V>) -> Condition<E> {
        self.compare(Operator::Lte, value)
    }

    /// More than `value`.
    pub fn gt(self, value: impl Into<V>) -> Condition<E> {
        self.compare(Operator::Gt, value)
    }

    /// At least `value`.
    pub fn gte(self, value: impl Into<V>) -> Condition<E> {
        self.compare(Operator::Gte, value)
    }

    /// One of `values`; none of them is true of no record.
    pub fn one_of<I: Into<V>>(self, values: impl IntoIterator<Item = I>) -> Condition<E> {
        let values = values.into_iter().map(|value| value.into().to_value()).collect();
        Condition::new(self.name, Operator::In, values)
    }
}

impl<E> Column<E, String> {
    /// Begins with `text`, by code point.
    pub fn starts_with(self, text: impl Into<String>) -> Condition<E> {
        self.compare(Operator::Prefix, text)
    }
}

/// Defines an entity: a struct, its descriptor, a typed [`Column`] per field and a setter per field.
///
/// A line is `COLUMN field: Type = default => Field::...`; the default may be left out, `as "name"` after the field
/// gives it another name outside, and `bare` before the line leaves out the setter.
#[macro_export]
macro_rules! entity {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $(@$bare:ident)? $column:ident $field:ident $(as $public:literal)? : $type:ty $(= $default:expr)? => $description:expr;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(
                $(#[doc = $doc])+
                pub $field: $type,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $crate::entity!(@default $($default)?),)* }
            }
        }

        impl $crate::Fields for $name {
            const COUNT: usize = [$(stringify!($field)),*].len();

            fn to_values(&self) -> Vec<$crate::Value> {
                vec![$($crate::FieldType::to_value(&self.$field)),*]
            }

            fn take_values(
                values: &mut impl Iterator<Item = $crate::Value>,
            ) -> Result<Self, &'static str> {
                Ok(Self {
                    $($field: values
                        .next()
                        .and_then($crate::FieldType::from_value)
                        .ok_or(stringify!($field))?,)*
                })
            }
        }

        impl $name {
            /// The description of each field, in order.
            pub(crate) fn fields() -> Vec<$crate::Field> {
                vec![$(
                    $description.named($crate::entity!(@name $field $($public)?), concat!($($doc),+))
                ),*]
            }

            $(
                $(#[doc = $doc])+
                pub const $column: $crate::Column<$name, <$type as $crate::FieldType>::Plain> =
                    $crate::Column::named($crate::entity!(@name $field $($public)?));

                $crate::entity!(@setter $($bare)? ; $field $type ; $($doc)+);
            )*
        }
    };
    (@default) => { Default::default() };
    (@default $default:expr) => { $default };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $public:literal) => { $public };
    (@setter bare ; $field:ident $type:ty ; $($doc:literal)+) => {};
    (@setter ; $field:ident $type:ty ; $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $field(mut self, value: impl Into<<$type as $crate::FieldType>::Plain>) -> Self {
            self.$field = <$type as $crate::FieldType>::from_plain(value.into());
            self
        }
    };
}
