//! The order of a list, and what comes after a place in it.

use crm_core::{Direction, Key, Position, Select, Value};
use rusqlite::types::Value as Parameter;

use crate::{
    error::Stop,
    filter::{Sql, parameter},
    select::identity,
    table::table,
};

/// An order: its keys, and the id.
///
/// A key after the id orders nothing, and yet it is compared with a place: the row that stood there may have changed
/// since, and comes again if it is further on now.
pub(crate) struct Order<'a> {
    keys: Vec<Sorted<'a>>,
    id: Direction,
    /// Whether it is the object's own, or its reverse.
    pub(crate) is_default: bool,
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

/// A range of the order.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// What holds in it, to append to a `WHERE`.
    pub(crate) condition: Sql,
    /// What holds of the first key alone where it has one value in the whole range, and another key follows.
    pub(crate) fixed: Option<Sql>,
}

impl<'a> Order<'a> {
    pub(crate) fn of(select: &Select) -> Result<Order<'static>, Stop> {
        let table = table(select.object)?;
        let sorted = |(index, (key, direction)): (usize, &(Key, Direction))| Sorted {
            key: *key,
            column: table.column(*key),
            nullable: select.object.is_nullable(*key),
            direction: *direction,
            index,
        };
        let keys = select.sort.iter().enumerate().map(sorted).collect();
        let mut order = Order { keys, id: select.id_direction(), is_default: false };
        order.is_default = match (order.keys.as_slice(), select.object.default_sort) {
            ([only], (key, _)) => only.key == key && only.direction == order.id,
            _ => false,
        };
        Ok(order)
    }

    /// Whether the id alone decides.
    pub(crate) fn is_by_id(&self) -> bool {
        self.first() == Key::Id
    }

    /// The key that comes first.
    pub(crate) fn first(&self) -> Key {
        self.keys.first().map_or(Key::Id, |key| key.key)
    }

    /// The key that comes second, if there is one.
    pub(crate) fn second(&self) -> Option<Key> {
        self.keys.get(1).map(|key| key.key)
    }

    pub(crate) fn clause(&self) -> String {
        let keys = self.keys.iter().filter(|_| !self.is_by_id());
        let keys = keys.map(|key| format!("{} {}, ", key.column, word(key.direction)));
        let id = self.keys.first().filter(|_| self.is_by_id()).map_or(self.id, |id| id.direction);
        format!(" ORDER BY {}id {}", keys.collect::<String>(), word(id))
    }

    /// The ranges of the whole order. A key without values is one of its own where another key follows, as its rows
    /// may be many.
    pub(crate) fn whole(&self) -> Vec<Place> {
        let Some(first) = self.keys.first().filter(|first| first.nullable && self.keys.len() > 1) else {
            return vec![Place::default()];
        };
        let none = condition(&format!(" AND {} IS NULL", first.column), []);
        let none = Place { condition: none.clone(), fixed: Some(none) };
        let some = condition(&format!(" AND {} IS NOT NULL", first.column), []);
        let some = Place { condition: some, fixed: None };
        match first.direction {
            Direction::Ascending => vec![none, some],
            Direction::Descending => vec![some, none],
        }
    }

    /// The ranges after a place, in order.
    pub(crate) fn after(&self, after: &Position) -> Vec<Place> {
        self.after_keys(&self.keys, after)
    }

    fn after_keys(&self, keys: &[Sorted<'a>], after: &Position) -> Vec<Place> {
        let Some((key, rest)) = keys.split_first() else {
            let text = format!(" AND id {} ?", beyond(self.id));
            return vec![Place { condition: condition(&text, [identity(after.id)]), fixed: None }];
        };
        let value = after.keys.get(key.index).unwrap_or(&Value::Null);
        let column = key.column;
        let none = || condition(&format!(" AND {column} IS NULL"), []);
        let mut places = Vec::new();
        if value.is_null() {
            places.extend(self.within(none(), rest, after));
            if key.direction == Direction::Ascending {
                let some = condition(&format!(" AND {column} IS NOT NULL"), []);
                places.push(Place { condition: some, fixed: None });
            }
            return places;
        }
        if rest.is_empty() && key.key == Key::Id && *value == Value::Id(after.id) {
            return self.after_keys(rest, after);
        }
        let value = parameter(value);
        if rest.is_empty() && key.direction == self.id {
            // A comparison of rows is one range of the index.
            let text = format!(" AND ({column}, id) {} (?, ?)", beyond(self.id));
            let condition = condition(&text, [value, identity(after.id)]);
            places.push(Place { condition, fixed: None });
        } else {
            let same = condition(&format!(" AND {column} = ?"), [value.clone()]);
            places.extend(self.within(same, rest, after));
            let beyond = condition(&format!(" AND {column} {} ?", beyond(key.direction)), [value]);
            places.push(Place { condition: beyond, fixed: None });
        }
        if key.nullable && key.direction == Direction::Descending {
            let fixed = (!rest.is_empty()).then(none);
            places.push(Place { condition: none(), fixed });
        }
        places
    }

    /// The ranges after a place among the rows with the same first key.
    fn within(&self, same: Sql, rest: &[Sorted<'a>], after: &Position) -> Vec<Place> {
        let narrowed = |place: Place| {
            let mut condition = same.clone();
            condition.append(&place.condition);
            Place { condition, fixed: (!rest.is_empty()).then(|| same.clone()) }
        };
        self.after_keys(rest, after).into_iter().map(narrowed).collect()
    }
}

fn condition<const N: usize>(text: &str, parameters: [Parameter; N]) -> Sql {
    Sql { text: text.to_owned(), parameters: parameters.into() }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    }
}

fn beyond(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    }
}
