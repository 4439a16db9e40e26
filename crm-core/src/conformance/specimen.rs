//! Rows of every object with values of every sort: the edges of each kind, texts that stores like to get wrong, and
//! nothing wherever nothing is allowed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Field, Format, Kind, Money, Object, Origin, Row, TenantScope, Value, normalize, referred_to_first,
    testing::scramble,
};

use super::workbench::Workbench;

/// Texts that stores like to get wrong: case, accents, scripts, patterns, quotes, digits, letters beyond 16 bits.
pub(super) const TEXTS: [&str; 30] = [
    "a",
    "A",
    "b",
    "B",
    "aa",
    "aB",
    "Z",
    "z",
    "zz",
    "_",
    "%",
    "a%b",
    "a_b",
    "a\\b",
    "a*b",
    "[a]",
    "a'b",
    "a\"b",
    "10",
    "9",
    "é",
    "É",
    "ä",
    "ß",
    "日本",
    "\u{FFFD}",
    "😀",
    "\u{10FFFF}",
    "a b",
    "--",
];

/// Commits `count` rows of every object, some of them deleted, and gives them back with the numbers that they got.
pub(super) async fn populate(
    bench: &Workbench,
    scope: &TenantScope,
    count: u64,
) -> BTreeMap<&'static str, Vec<Row>> {
    populate_with(bench, scope, count, &referred_to_first()).await
}

/// The same of these objects alone, none of which comes before what it refers to.
pub(super) async fn populate_with(
    bench: &Workbench,
    scope: &TenantScope,
    count: u64,
    objects: &[&'static Object],
) -> BTreeMap<&'static str, Vec<Row>> {
    let mut made: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    for object in objects {
        let mut rows: Vec<Row> = (0..count).map(|nth| specimen(bench, object, nth, &made)).collect();
        let numbers = bench.create(scope, object, &rows).await.numbers;
        for (row, number) in rows.iter_mut().zip(numbers) {
            row.number = Some(number);
        }
        made.insert(object.name, rows);
    }
    made
}

/// The nth row of an object, the same in every run but for its id.
pub(super) fn specimen(
    bench: &Workbench,
    object: &'static Object,
    nth: u64,
    made: &BTreeMap<&'static str, Vec<Row>>,
) -> Row {
    let mut values = Vec::new();
    for (index, field) in object.fields.iter().enumerate() {
        if matches!(field.origin, Origin::Derived(_)) {
            continue;
        }
        let pick = scramble(nth ^ scramble(index as u64 + 1));
        let may_lack = !field.required && pick.is_multiple_of(4);
        values.push(if may_lack { Value::Null } else { value(field, pick / 4, nth, made) });
    }
    normalize::derive(object, &mut values);
    let pick = scramble(nth + 1_000);
    let base = bench.now();
    let moment = |step: u64| base + TimeDelta::microseconds(i64::try_from(step % 5).unwrap_or_default());
    Row {
        id: bench.new_id(),
        version: 1,
        created_at: moment(pick),
        updated_at: moment(pick / 5),
        created_by: pick.is_multiple_of(3).then(|| Uuid::from_u128(u128::from(pick % 2) + 1)),
        deleted_at: is_deleted(nth).then_some(base),
        number: None,
        values,
    }
}

fn is_deleted(nth: u64) -> bool {
    nth % 6 == 5
}

fn value(field: &Field, pick: u64, nth: u64, made: &BTreeMap<&'static str, Vec<Row>>) -> Value {
    fn one<T: Clone>(of: &[T], pick: u64) -> T {
        of[usize::try_from(pick).unwrap_or_default() % of.len()].clone()
    }
    match field.kind {
        Kind::Bool => Value::Bool(pick.is_multiple_of(2)),
        Kind::Int => Value::Int(one(&[i64::MIN, -1, 0, 1, i64::MAX], pick)),
        Kind::Text => Value::Text(text(field, pick, nth)),
        Kind::Id => Value::Id(match field.reference {
            Some(target) => one(&made[target().name], pick).id,
            None if field.unique => Uuid::from_u128(u128::from(nth)),
            None => Uuid::from_u128(u128::from(pick % 4)),
        }),
        Kind::Time => Value::Time(one(&times(), pick)),
        Kind::Date => Value::Date(one(&dates(), pick)),
        Kind::Money => {
            // The totals of a tenant must fit, and a deleted row is in none.
            let amounts = if is_deleted(nth) { [i64::MAX - 1, i64::MAX, 100] } else { [0, 1, 100] };
            let amount = one(&amounts, pick);
            Value::Money(Money::new(amount, one(&["EUR", "USD", "JPY"], pick / 3)).expect("a currency"))
        }
        Kind::Json if field.format == Format::Labels => {
            Value::Json(one(&[json!([]), json!(["a"]), json!(["é", "😀", "a\"b"])], pick))
        }
        Kind::Json => Value::Json(one(&structures(), pick)),
    }
}

fn text(field: &Field, pick: u64, nth: u64) -> String {
    let at = usize::try_from(pick).unwrap_or_default();
    let plain = TEXTS[at % TEXTS.len()];
    match field.format {
        Format::Choice(words) => words[at % words.len()].to_owned(),
        Format::Slug(_) if field.unique => format!("slug-{nth}"),
        Format::Slug(_) => ["new", "qualified", "a", "a-b", "a_b", "0", "z9"][at % 7].to_owned(),
        Format::Email if field.unique => format!("Person{nth}@Example.com"),
        Format::Email => {
            ["ada@example.com", "Ada.L@Example.com", "b@example.org", "z@example.net"][at % 4].to_owned()
        }
        Format::Phone => ["+44 20 7946 0000", "+1 212 555 0100", "030 123456", "5550100"][at % 4].to_owned(),
        Format::Url => ["https://example.com", "example.org/a_b?c=%20"][at % 2].to_owned(),
        _ if field.unique => format!("{plain} {nth}"),
        Format::Lines(_) => format!("{plain}\n\t{plain}"),
        _ => plain.to_owned(),
    }
}

/// Moments at the edges, and some that differ by a microsecond.
pub(super) fn times() -> Vec<DateTime<Utc>> {
    let year = |year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single().expect("a moment");
    let micro = TimeDelta::microseconds(1);
    vec![
        year(1),
        year(1) + micro,
        year(1969),
        year(1970) - micro,
        year(1970),
        year(2026),
        year(2026) + micro,
        year(2026) + TimeDelta::milliseconds(500),
        Utc.with_ymd_and_hms(9999, 12, 31, 23, 59, 59).single().expect("a moment")
            + TimeDelta::microseconds(999_999),
    ]
}

/// Days at the edges.
pub(super) fn dates() -> Vec<NaiveDate> {
    let days =
        [(1, 1, 1), (999, 12, 31), (1969, 12, 31), (1970, 1, 1), (2024, 2, 29), (2026, 3, 1), (9999, 12, 31)];
    days.into_iter().filter_map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day)).collect()
}

/// What a field of structure may hold.
pub(super) fn structures() -> Vec<serde_json::Value> {
    vec![
        json!([]),
        json!({ "a": [1, -1, i64::MAX, i64::MIN, 0.5, true, null], "": "empty key", "é😀": { "x": { "y": {} } } }),
        json!([[[[[["deep"]]]]]]),
        json!({ "quote": "a\"b'c\\d", "line": "a\nb\tc" }),
    ]
}
