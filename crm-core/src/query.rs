//! Questions about one object: filters, order, pages.

use std::{cmp::Ordering, marker::PhantomData};

use uuid::Uuid;

use crate::{Entity, Error, Faults, Key, Kind, Object, Result, Row, Value, cursor, normalize, text};

/// The most records that one page has.
pub const MAX_PAGE: u32 = 500;
/// The records of a page when nobody says how many.
pub const DEFAULT_PAGE: u32 = 50;
/// The most values that `one_of` takes.
pub const MAX_ONE_OF: usize = 500;
/// The most conditions that a filter has, however nested.
pub const MAX_CONDITIONS: usize = 64;

/// A question about the records of `E`: which, in what order, how many, from where.
///
/// ```
/// use crm_core::{Lead, Query};
/// let query = Query::new().filter(Lead::STAGE.eq("qualified")).search("solar").sort(Lead::VALUE.desc()).limit(20);
/// # let _: Query<Lead> = query;
/// ```
#[derive(Debug)]
pub struct Query<E> {
    pub(crate) conditions: Vec<Condition<E>>,
    pub(crate) search: Option<String>,
    pub(crate) sort: Vec<Sort<E>>,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: u32,
    pub(crate) visibility: Visibility,
}

/// Which records count: those that are not deleted, unless somebody asks for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Visibility {
    /// Those that are not deleted.
    #[default]
    Live,
    /// Those that are deleted.
    Deleted,
    /// All.
    Any,
}

impl Visibility {
    /// Whether a row counts.
    pub fn admits(self, row: &Row) -> bool {
        match self {
            Self::Live => row.deleted_at.is_none(),
            Self::Deleted => row.deleted_at.is_some(),
            Self::Any => true,
        }
    }
}

/// A condition on the records of `E`.
#[derive(Debug)]
pub struct Condition<E> {
    node: Node,
    of: PhantomData<fn() -> E>,
}

#[derive(Clone, Debug)]
enum Node {
    Compare { name: String, operator: Operator, values: Vec<Value> },
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal; true where there is no value.
    Ne,
    /// Less.
    Lt,
    /// At most.
    Lte,
    /// More.
    Gt,
    /// At least.
    Gte,
    /// One of several.
    In,
    /// There is no value.
    IsNull,
    /// Text that begins so.
    Prefix,
}

/// What a list is sorted by.
#[derive(Debug)]
pub struct Sort<E> {
    name: String,
    direction: Direction,
    of: PhantomData<fn() -> E>,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first, and what has no value before it.
    Ascending,
    /// The greatest first, and what has no value last.
    Descending,
}

impl<E> Condition<E> {
    /// A comparison of the field with this name; both are checked when the query is asked.
    pub fn new(name: impl Into<String>, operator: Operator, values: Vec<Value>) -> Self {
        Self::of(Node::Compare { name: name.into(), operator, values })
    }

    fn of(node: Node) -> Self {
        Self { node, of: PhantomData }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::of(Node::All(vec![self.node, other.node]))
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::of(Node::Any(vec![self.node, other.node]))
    }

    /// It does not hold. A comparison with a missing value does not hold, so its opposite does.
    #[must_use]
    #[allow(
        clippy::should_implement_trait,
        reason = "reads as the word it stands for, beside `and` and `or`"
    )]
    pub fn not(self) -> Self {
        Self::of(Node::Not(Box::new(self.node)))
    }
}

impl<E> Sort<E> {
    /// By the field of this name, which is checked when the query is asked.
    pub fn new(name: impl Into<String>, direction: Direction) -> Self {
        Self { name: name.into(), direction, of: PhantomData }
    }
}

impl<E> Default for Query<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Query<E> {
    /// All live records in the object's own order, newest first for most, by pages of [`DEFAULT_PAGE`].
    pub fn new() -> Self {
        Self {
            conditions: Vec::new(),
            search: None,
            sort: Vec::new(),
            cursor: None,
            limit: DEFAULT_PAGE,
            visibility: Visibility::Live,
        }
    }

    /// Only those for which this holds as well.
    #[must_use]
    pub fn filter(mut self, condition: Condition<E>) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only those that have each term of `text` somewhere; see [`terms`](crate::terms).
    #[must_use]
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
        self
    }

    /// In this order, the newest first among equals; a second call names the order among equals, a third is refused.
    #[must_use]
    pub fn sort(mut self, sort: Sort<E>) -> Self {
        self.sort.push(sort);
        self
    }

    /// At most so many, from 1 to [`MAX_PAGE`].
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// From where the page with this [`Page::next_cursor`] ended. The rest of the query must be the same.
    #[must_use]
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Deleted records, or all.
    #[must_use]
    pub fn visibility(mut self, visibility: Visibility) -> Self {
        self.visibility = visibility;
        self
    }
}

impl<E: Entity> Query<E> {
    /// The checked form that a store takes.
    pub(crate) fn resolve(&self, scope: &crate::TenantScope) -> Result<Select> {
        let object = E::object();
        let filter = self.resolve_filter(object)?;
        let mut sort = Vec::new();
        for wanted in &self.sort {
            let key = object.key(&wanted.name).filter(|key| object.is_sortable(*key));
            let key = key.ok_or_else(|| {
                let sortable = sortable(object).join(", ");
                let detail = format!("cannot sort by `{}`; these can: {sortable}", wanted.name);
                Error::invalid("sort", "unknown_sort", detail)
            })?;
            sort.push((key, wanted.direction));
        }
        if sort.len() > 2 {
            return Err(Error::invalid("sort", "too_many", "takes at most two fields"));
        }
        if sort.is_empty() {
            sort.push(object.default_sort);
        }
        if !(1..=MAX_PAGE).contains(&self.limit) {
            return Err(Error::invalid("limit", "out_of_range", format!("must be from 1 to {MAX_PAGE}")));
        }
        let mut select =
            Select { object, filter, sort, after: None, limit: self.limit, visibility: self.visibility };
        if let Some(cursor) = &self.cursor {
            select.after = Some(cursor::decode(scope, &select, cursor)?);
        }
        Ok(select)
    }

    /// The checked filter alone, search included.
    pub(crate) fn resolve_filter(&self, object: &'static Object) -> Result<Filter> {
        let mut faults = Faults::default();
        let mut parts = Vec::new();
        let mut budget = MAX_CONDITIONS;
        for condition in &self.conditions {
            parts.extend(resolve(object, &condition.node, &mut budget, &mut faults));
        }
        if let Some(search) = &self.search {
            if search.chars().count() > text::MAX_SEARCH_CHARS {
                let max = text::MAX_SEARCH_CHARS;
                faults.field("search", "too_long", format!("must have at most {max} characters"));
            } else if !object.is_searchable() {
                faults.field("search", "unsupported", format!("is not possible on {}", object.name));
            } else {
                let terms = text::terms(search);
                parts.extend((!terms.is_empty()).then_some(Filter::Search(terms)));
            }
        }
        faults.into_result()?;
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Filter::All(parts),
        })
    }
}

fn sortable(object: &Object) -> Vec<&'static str> {
    let system = [Key::CreatedAt, Key::UpdatedAt, Key::Number].into_iter();
    let fields = (0..object.fields.len()).map(Key::Field);
    system.chain(fields).filter(|key| object.is_sortable(*key)).map(|key| object.key_name(key)).collect()
}

fn resolve(object: &'static Object, node: &Node, budget: &mut usize, faults: &mut Faults) -> Option<Filter> {
    if *budget == 0 {
        faults.field("filter", "too_many", format!("takes at most {MAX_CONDITIONS} conditions"));
        return None;
    }
    *budget -= 1;
    Some(match node {
        Node::All(nodes) => {
            Filter::All(nodes.iter().filter_map(|node| resolve(object, node, budget, faults)).collect())
        }
        Node::Any(nodes) => {
            Filter::Any(nodes.iter().filter_map(|node| resolve(object, node, budget, faults)).collect())
        }
        Node::Not(node) => Filter::Not(Box::new(resolve(object, node, budget, faults)?)),
        Node::Compare { name, operator, values } => {
            let Some(key) = object.key(name).filter(|key| object.is_filterable(*key)) else {
                let detail = format!("is nothing that {} can be filtered by", object.name);
                faults.field(name, "unknown_filter", detail);
                return None;
            };
            let kind = object.key_kind(key);
            // No text has NUL, and stores differ in what they make of it.
            let without_nul = |value: &Value| value.as_text().is_none_or(|text| !text.contains('\0'));
            let fitting = |value: &Value| value.sort_key().kind() == Some(kind) && without_nul(value);
            let count = match operator {
                Operator::IsNull => values.is_empty(),
                Operator::In => values.len() <= MAX_ONE_OF,
                Operator::Prefix => values.len() == 1 && kind == Kind::Text,
                _ => values.len() == 1,
            };
            if !count || !values.iter().all(fitting) {
                let expected = match kind {
                    Kind::Text => "text without NUL",
                    kind => normalize::text_example(kind),
                };
                let detail = format!("must be compared with {expected}, in a way that fits");
                faults.field(name, "invalid_filter", detail);
                return None;
            }
            let format = match key {
                Key::Field(index) => {
                    object.index_of(object.public_name(index)).map(|index| object.fields[index].format)
                }
                _ => None,
            };
            // A prefix of an address is no address: it is compared as it stands, in the case of the normalized form.
            let operand = |value: &Value| match (format, operator, value.sort_key()) {
                (Some(crate::Format::Email), Operator::Prefix, Value::Text(text)) => {
                    Value::Text(text.to_lowercase())
                }
                (Some(crate::Format::Phone), Operator::Prefix, value) => value,
                (Some(format), _, value) => normalize::operand(format, value),
                (None, _, value) => normalize::operand(crate::Format::Any, value),
            };
            let mut values: Vec<Value> = values.iter().map(operand).collect();
            let value = values.first().cloned().unwrap_or(Value::Null);
            match operator {
                Operator::Eq => Filter::Eq(key, value),
                Operator::Ne => Filter::Not(Box::new(Filter::Eq(key, value))),
                Operator::Lt => Filter::Less(key, value),
                Operator::Lte => Filter::AtMost(key, value),
                Operator::Gt => Filter::More(key, value),
                Operator::Gte => Filter::AtLeast(key, value),
                Operator::In => {
                    values.dedup();
                    Filter::In(key, values)
                }
                Operator::IsNull => Filter::IsNull(key),
                Operator::Prefix => match value {
                    Value::Text(text) => Filter::Prefix(key, text),
                    _ => return None,
                },
            }
        }
    })
}

/// A checked filter, as stores take it. Every comparison is either true or false: with a missing value it is false,
/// and so its negation is true.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All hold; true of everything if there are none.
    All(Vec<Filter>),
    /// At least one holds; false if there are none.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// Equal to the value, which is not null.
    Eq(Key, Value),
    /// There is a value, and it is less.
    Less(Key, Value),
    /// There is a value, and it is at most this.
    AtMost(Key, Value),
    /// There is a value, and it is more.
    More(Key, Value),
    /// There is a value, and it is at least this.
    AtLeast(Key, Value),
    /// Equal to one of the values, none of which is null.
    In(Key, Vec<Value>),
    /// There is no value.
    IsNull(Key),
    /// A text that begins so, by code point.
    Prefix(Key, String),
    /// The search text has each of these normalized terms, of which there is at least one.
    Search(Vec<String>),
}

impl Filter {
    /// Whether this filter holds for a row with this search text: the definition that every store's SQL must agree
    /// with.
    pub fn matches(&self, row: &Row, search: &str) -> bool {
        let against = |key: &Key, value: &Value, wanted: &[Ordering]| {
            let own = row.key(*key);
            !own.is_null() && wanted.contains(&own.compare(value))
        };
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.matches(row, search)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(row, search)),
            Self::Not(filter) => !filter.matches(row, search),
            Self::Eq(key, value) => against(key, value, &[Ordering::Equal]),
            Self::Less(key, value) => against(key, value, &[Ordering::Less]),
            Self::AtMost(key, value) => against(key, value, &[Ordering::Less, Ordering::Equal]),
            Self::More(key, value) => against(key, value, &[Ordering::Greater]),
            Self::AtLeast(key, value) => against(key, value, &[Ordering::Greater, Ordering::Equal]),
            Self::In(key, values) => values.iter().any(|value| against(key, value, &[Ordering::Equal])),
            Self::IsNull(key) => row.key(*key).is_null(),
            Self::Prefix(key, text) => {
                row.key(*key).as_text().is_some_and(|own| own.starts_with(text.as_str()))
            }
            Self::Search(terms) => terms.iter().all(|term| search.contains(term.as_str())),
        }
    }

    /// Whether it holds for every row, whatever is in it.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(self, Self::All(filters) if filters.iter().all(Self::is_everything))
    }

    /// Both hold.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(none), other) | (other, Self::All(none)) if none.is_empty() => other,
            (Self::All(mut filters), other) => {
                filters.push(other);
                Self::All(filters)
            }
            (one, other) => Self::All(vec![one, other]),
        }
    }
}

impl Row {
    /// What a key compares of this row: a money's amount, and nothing where the row has no such value.
    pub fn key(&self, key: Key) -> Value {
        match key {
            Key::Id => Value::Id(self.id),
            Key::CreatedAt => Value::Time(self.created_at),
            Key::UpdatedAt => Value::Time(self.updated_at),
            Key::CreatedBy => self.created_by.map_or(Value::Null, Value::Id),
            Key::Number => self.number.map_or(Value::Null, Value::Int),
            Key::Field(index) => self.values.get(index).map_or(Value::Null, Value::sort_key),
        }
    }
}

/// A checked question, as stores take it.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// The kind of record.
    pub object: &'static Object,
    /// Which.
    pub filter: Filter,
    /// In what order: one or two keys. Rows equal in all of them are in the order of their ids, in the direction of
    /// the last key, so that the order is total.
    pub sort: Vec<(Key, Direction)>,
    /// Only rows after this place in that order.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: u32,
    /// Deleted ones?
    pub visibility: Visibility,
}

impl Select {
    /// The direction in which ids break ties: that of the last sort key.
    pub fn id_direction(&self) -> Direction {
        self.sort.last().map_or(Direction::Ascending, |(_, direction)| *direction)
    }

    /// The order of two rows under this question.
    pub fn order(&self, a: &Row, b: &Row) -> Ordering {
        self.order_at(a, &self.position(b))
    }

    /// The order of a row against a place.
    pub fn order_at(&self, row: &Row, place: &Position) -> Ordering {
        let keys = self.sort.iter().zip(&place.keys);
        let by_keys = keys.map(|((key, direction), value)| direction.of(row.key(*key).compare(value)));
        by_keys.fold(Ordering::Equal, Ordering::then).then(self.id_direction().of(row.id.cmp(&place.id)))
    }

    /// The place of a row in this order.
    pub fn position(&self, row: &Row) -> Position {
        Position { keys: self.sort.iter().map(|(key, _)| row.key(*key)).collect(), id: row.id }
    }
}

impl Direction {
    /// An ascending order turned this way.
    pub fn of(self, ascending: Ordering) -> Ordering {
        match self {
            Self::Ascending => ascending,
            Self::Descending => ascending.reverse(),
        }
    }
}

/// A place in a sorted list: the sort keys and the id of the row that stands there.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// A value per sort key.
    pub keys: Vec<Value>,
    /// The id.
    pub id: Uuid,
}

/// What a store answers to a [`Select`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Whether there are more after them.
    pub more: bool,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Page<R> {
    /// The records, in order.
    pub data: Vec<R>,
    /// Give this to [`Query::after`] for the next page; `None` on the last one.
    pub next_cursor: Option<String>,
}
