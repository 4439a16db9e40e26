//! What records are made and changed with: mostly values that fit, now and then one that does not.

use serde_json::{Map, Value as Json, json};

use crate::{
    Field, Format, Kind, Origin, Stage, StageKind,
    conformance::specimen::{TEXTS, dates, times},
};

use super::{
    operation::{Fields, Sort},
    world::{World, object_of},
};

/// Words that searches and texts have in common.
pub(super) const WORDS: [&str; 10] =
    ["Solar", "solar wind", "Éclair", "eclair north", "Wind", "日本 solar", "😀", "north", "No", "x"];

impl World {
    /// A JSON object for some fields; a new record's has what must be there.
    pub(super) fn input(&self, tenant: usize, sort: Sort, fields: &Fields, new: bool) -> Map<String, Json> {
        let mut input = Map::new();
        let first = fields.first().map_or(0, |(_, pick)| *pick);
        if new {
            let name = json!(WORDS[usize::from(first) % WORDS.len()]);
            let customer = || json!(self.target(tenant, Sort::Customers, first));
            match sort {
                Sort::Customers | Sort::Leads => input.extend([("company".to_owned(), name)]),
                Sort::Contacts => {
                    input.extend([("name".to_owned(), name), ("customer_id".to_owned(), customer())])
                }
                Sort::Projects => input.extend([("name".to_owned(), name)]),
                Sort::Tasks => input.extend([("title".to_owned(), name)]),
                Sort::Users => input.extend([("email".to_owned(), json!(email(first)))]),
                Sort::Interactions => {
                    let (field, of) = if first.is_multiple_of(2) {
                        ("customer_id", customer())
                    } else {
                        ("lead_id", json!(self.target(tenant, Sort::Leads, first)))
                    };
                    input.extend([("type".to_owned(), json!("note")), (field.to_owned(), of)]);
                }
            }
        }
        let object = object_of(sort);
        let written: Vec<&Field> =
            object.fields.iter().filter(|field| field.origin == Origin::Written).collect();
        for (field, pick) in fields {
            let field = written[usize::from(*field) % written.len()];
            if !field.is_public() || (new && sort == Sort::Interactions && field.reference.is_some()) {
                continue;
            }
            input.insert(field.name.to_owned(), self.json(tenant, field, *pick));
        }
        input
    }

    fn json(&self, tenant: usize, field: &Field, pick: u16) -> Json {
        let at = usize::from(pick / 8);
        if pick.is_multiple_of(8) {
            return Json::Null;
        }
        match (field.kind, field.format) {
            (Kind::Bool, _) => json!(at.is_multiple_of(2)),
            (Kind::Id, _) => {
                let target = field.reference.map(|object| object().name);
                let sort = Sort::ALL.into_iter().find(|sort| Some(object_of(*sort).name) == target);
                json!(sort.map(|sort| self.target(tenant, sort, pick / 8)))
            }
            (Kind::Time, _) => json!(crate::value::format_time(times()[at % times().len()])),
            (Kind::Date, _) => json!(crate::value::format_date(dates()[at % dates().len()])),
            (Kind::Money, _) => {
                let amount = mostly(&[0_i64, 1, 100, 123_456, 1_000_000_000_000], -1, at);
                let currency = ["EUR", "USD", "JPY"][at / 6 % 3];
                json!({ "amount": amount, "currency": currency })
            }
            (Kind::Json, _) => [json!([]), json!(["a", "b"]), json!(["é😀\"", " a "])][at % 3].clone(),
            (_, Format::Choice(words)) => json!(words[at % words.len()]),
            (_, Format::Email) => json!(email(pick / 8)),
            (_, Format::Phone) => json!(mostly(&["+44 20 7946 0000", "030 123456", "5550100"], "none", at)),
            (_, Format::Url) => {
                json!(mostly(&["https://example.com", "example.org/a?b=%20"], "javascript:", at))
            }
            (_, Format::Slug(_)) => {
                json!(mostly(&["new", "contacted", "qualified", "closed_won", "closed_lost"], "extra", at))
            }
            _ if field.unique => json!(format!("x-{}", at % 6)),
            _ if at.is_multiple_of(2) => json!(WORDS[at / 2 % WORDS.len()]),
            _ => json!(TEXTS[at / 2 % TEXTS.len()]),
        }
    }
}

/// One of these; now and then the odd one.
fn mostly<T: Copy>(of: &[T], odd: T, at: usize) -> T {
    if at % 24 == 23 { odd } else { of[at % of.len()] }
}

fn email(pick: u16) -> &'static str {
    let all = ["ada@example.com", "ADA@Example.com", "bob@example.com", "eve@example.org", "z@example.net"];
    mostly(&all, "no address", usize::from(pick))
}

/// A pipeline after one change, which may make no sense.
pub(super) fn edited(mut stages: Vec<Stage>, edit: u8) -> Vec<Stage> {
    let at = usize::from(edit / 8) % stages.len();
    match edit % 8 {
        0 | 1 if stages.iter().all(|stage| stage.key != "extra") => {
            stages.push(Stage { key: "extra".into(), name: "Extra".into(), ..stages[0].clone() });
        }
        2 => stages.retain(|stage| stage.key != "extra"),
        3 => stages.swap(0, at),
        4 => stages[at].name = format!("Renamed {edit}"),
        5 => stages[at].qualified = !stages[at].qualified,
        6 => {
            stages.remove(at);
        }
        _ => stages[at].kind = [StageKind::Open, StageKind::Won, StageKind::Lost][at % 3],
    }
    stages
}
