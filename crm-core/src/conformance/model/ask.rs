//! What lists are asked: conditions, mostly on values that rows have, searches and orders.

use uuid::Uuid;

use crate::{
    Direction, Key, Kind, Object, Operator, Row, Select, TenantScope, Value, Visibility,
    conformance::{
        specimen::{TEXTS, dates, times},
        workbench::every,
    },
};

use super::{
    input::WORDS,
    operation::{Ask, Condition, Sort},
    step::{Asked, Node},
    world::{World, chosen, object_of},
};

impl World {
    /// A question about the rows as they are.
    pub(super) async fn asked(&self, scope: &TenantScope, sort: Sort, ask: &Ask) -> Asked {
        let object = object_of(sort);
        let select = Select { limit: 20, ..every(object) };
        let rows = self.rows(scope, &select).await;
        let sortable = sortable(object);
        let order = ask.order.iter().map(|(key, up)| {
            let direction = if *up { Direction::Ascending } else { Direction::Descending };
            (sortable[usize::from(*key) % sortable.len()], direction)
        });
        let search = ask.search.map(|(first, second)| {
            let term = |pick: u8| {
                if pick.is_multiple_of(2) {
                    WORDS[usize::from(pick / 2) % 10]
                } else {
                    TEXTS[usize::from(pick / 2) % 30]
                }
            };
            if second.is_multiple_of(3) {
                format!("{} {}", term(first), term(second))
            } else {
                term(first).to_owned()
            }
        });
        Asked {
            condition: ask.condition.as_ref().map(|condition| node(object, &rows, condition)),
            search,
            order: order.collect(),
            limit: u32::from(ask.limit),
            visibility: match ask.visibility {
                0 => Visibility::Deleted,
                1 => Visibility::Any,
                _ => Visibility::Live,
            },
        }
    }
}

fn sortable(object: &Object) -> Vec<&'static str> {
    let system = [Key::Id, Key::CreatedAt, Key::UpdatedAt, Key::Number].into_iter();
    let keys = system.chain((0..object.fields.len()).map(Key::Field));
    keys.filter(|key| object.is_sortable(*key)).map(|key| object.key_name(key)).collect()
}

fn node(object: &'static Object, rows: &[Row], condition: &Condition) -> Node {
    let inner = |condition: &Condition| Box::new(node(object, rows, condition));
    match condition {
        Condition::Not(a) => Node::Not(inner(a)),
        Condition::And(a, b) => Node::And(inner(a), inner(b)),
        Condition::Or(a, b) => Node::Or(inner(a), inner(b)),
        Condition::Compare { key, operator, values: given } => {
            let system = [Key::Id, Key::CreatedAt, Key::UpdatedAt, Key::CreatedBy, Key::Number].into_iter();
            let keys: Vec<Key> = system
                .chain((0..object.fields.len()).map(Key::Field))
                .filter(|key| object.is_filterable(*key))
                .collect();
            let key = keys[usize::from(*key) % keys.len()];
            let picks: Vec<u16> = if given.is_empty() { vec![7] } else { given.clone() };
            let values = picks.iter().map(|pick| operand(object, key, rows, *pick));
            let values: Vec<Value> = values.filter(|value| !value.is_null()).collect();
            let one = || values[..values.len().min(1)].to_vec();
            let (operator, values) = match operator % 9 {
                0 => (Operator::Eq, one()),
                1 => (Operator::Ne, one()),
                2 => (Operator::Lt, one()),
                3 => (Operator::Lte, one()),
                4 => (Operator::Gt, one()),
                5 => (Operator::Gte, one()),
                6 => (Operator::In, if given.is_empty() { Vec::new() } else { values.clone() }),
                7 if object.key_kind(key) == Kind::Text => (Operator::Prefix, prefix(&values, picks[0])),
                _ => (Operator::IsNull, Vec::new()),
            };
            Node::Compare(object.key_name(key), operator, values)
        }
    }
}

/// A value to compare with: mostly one that a row has.
fn operand(object: &Object, key: Key, rows: &[Row], pick: u16) -> Value {
    let own: Vec<Value> = rows.iter().map(|row| row.key(key)).filter(|own| !own.is_null()).collect();
    if let Some(own) = chosen(&own, pick / 8).filter(|_| !pick.is_multiple_of(8)) {
        return own.clone();
    }
    let at = usize::from(pick / 8);
    match object.key_kind(key) {
        Kind::Bool => Value::Bool(at.is_multiple_of(2)),
        Kind::Int | Kind::Money => Value::Int([0, 1, 2, 100, i64::MAX, i64::MIN][at % 6]),
        Kind::Text => Value::Text(TEXTS[at % TEXTS.len()].to_owned()),
        Kind::Id => Value::Id(Uuid::from_u128(u128::from(pick % 4))),
        Kind::Time => Value::Time(times()[at % times().len()]),
        Kind::Date => Value::Date(dates()[at % dates().len()]),
        Kind::Json => Value::Null,
    }
}

/// The first letters of a text, often in another case.
fn prefix(values: &[Value], pick: u16) -> Vec<Value> {
    let text = values.first().and_then(Value::as_text).unwrap_or("a");
    let letters: String = text.chars().take(usize::from(pick) % 4).collect();
    let turned = [letters.to_lowercase(), letters.to_uppercase(), letters];
    vec![Value::Text(turned[usize::from(pick / 4) % 3].clone())]
}
