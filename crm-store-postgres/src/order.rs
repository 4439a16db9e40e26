//! The order of a list, and what comes after a place in it.

use crm_core::{Direction, Key, Position, Select, Value};

use crate::{
    sql::{Parameter, Sql, parameter},
    table::Table,
};

/// An order: its keys, and the id.
///
/// A key after the id orders nothing, and yet it is compared with a place: the row that stood there may have changed
/// since, and comes again if it is further on now.
pub(crate) struct Order<'a> {
    keys: Vec<Sorted<'a>>,
    id: Direction,
}

#[derive(Clone, Copy)]
struct Sorted<'a> {
    key: Key,
    column: &'a str,
    nullable: bool,
    direction: Direction,
    /// Its place among the keys of a position.
    index: usize,
}

/// A range of the order: what holds in it.
pub(crate) type Place<'a> = Vec<Part<'a>>;

/// One condition of a place.
#[derive(Clone)]
pub(crate) enum Part<'a> {
    IsNull(&'a str),
    NotNull(&'a str),
    Compare(&'a str, &'static str, Parameter),
    /// A comparison of a key and the id together is one range of an index.
    Pair(&'a str, &'static str, Parameter, Parameter),
}

impl<'a> Order<'a> {
    pub(crate) fn of(table: &'a Table, select: &Select) -> Self {
        let sorted = |(index, (key, direction)): (usize, &(Key, Direction))| Sorted {
            key: *key,
            column: table.column(*key),
            nullable: select.object.is_nullable(*key),
            direction: *direction,
            index,
        };
        Self { keys: select.sort.iter().enumerate().map(sorted).collect(), id: select.id_direction() }
    }

    /// What is missing comes first, as in the indexes.
    pub(crate) fn clause(&self) -> String {
        let by_id = self.keys.first().filter(|first| first.key == Key::Id);
        let keys = self.keys.iter().filter(|_| by_id.is_none());
        let keys = keys.map(|key| format!("{} {}, ", key.column, word(key.direction, key.nullable)));
        let id = by_id.map_or(self.id, |id| id.direction);
        format!(" ORDER BY {}t.id {}", keys.collect::<String>(), word(id, false))
    }

    /// The ranges after a place, in order.
    pub(crate) fn after(&self, after: &Position) -> Vec<Place<'a>> {
        self.after_keys(&self.keys, after)
    }

    fn after_keys(&self, keys: &[Sorted<'a>], after: &Position) -> Vec<Place<'a>> {
        let id = Parameter::Id(after.id);
        let Some((key, rest)) = keys.split_first() else {
            return vec![vec![Part::Compare("t.id", beyond(self.id), id)]];
        };
        let value = after.keys.get(key.index).unwrap_or(&Value::Null);
        let column = key.column;
        let mut places = Vec::new();
        let Some(bound) = parameter(value) else {
            places.extend(self.within(&Part::IsNull(column), rest, after));
            if key.direction == Direction::Ascending {
                places.push(vec![Part::NotNull(column)]);
            }
            return places;
        };
        if rest.is_empty() && key.key == Key::Id && *value == Value::Id(after.id) {
            return self.after_keys(rest, after);
        }
        if rest.is_empty() && key.direction == self.id {
            places.push(vec![Part::Pair(column, beyond(self.id), bound, id)]);
        } else {
            places.extend(self.within(&Part::Compare(column, "=", bound.clone()), rest, after));
            places.push(vec![Part::Compare(column, beyond(key.direction), bound)]);
        }
        if key.nullable && key.direction == Direction::Descending {
            places.push(vec![Part::IsNull(column)]);
        }
        places
    }

    /// The ranges after a place among the rows with the same first key.
    fn within(&self, same: &Part<'a>, rest: &[Sorted<'a>], after: &Position) -> Vec<Place<'a>> {
        let narrowed = |place: Place<'a>| std::iter::once(same.clone()).chain(place).collect();
        self.after_keys(rest, after).into_iter().map(narrowed).collect()
    }
}

impl Part<'_> {
    pub(crate) fn and(&self, sql: &mut Sql) {
        sql.push(" AND ");
        match self {
            Self::IsNull(column) => sql.push(column).push(" IS NULL"),
            Self::NotNull(column) => sql.push(column).push(" IS NOT NULL"),
            Self::Compare(column, operator, value) => {
                sql.push(column).push(" ").push(operator).push(" ").bind_unseen(value.clone())
            }
            Self::Pair(column, operator, value, id) => {
                sql.push("(").push(column).push(", t.id) ").push(operator).push(" (");
                sql.bind_unseen(value.clone()).push(", ").bind_unseen(id.clone()).push(")")
            }
        };
    }
}

fn word(direction: Direction, nullable: bool) -> &'static str {
    match (direction, nullable) {
        (Direction::Ascending, false) => "ASC",
        (Direction::Descending, false) => "DESC",
        (Direction::Ascending, true) => "ASC NULLS FIRST",
        (Direction::Descending, true) => "DESC NULLS LAST",
    }
}

fn beyond(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    }
}
