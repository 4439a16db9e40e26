//! Brings the values of one input into the form that is stored, and notes every fault on the way.

use chrono::Utc;
use serde_json::{Map, Number, Value as Json};
use uuid::Uuid;

use crate::{
    Faults, Field, Format, Kind, Money, Object, Origin, Value, contact, schema, text,
    value::{parse_date, parse_time, tame_time},
};

const MAX_LABELS: usize = 50;
const MAX_LABEL_CHARS: usize = 50;

/// Checks and normalizes the written fields of `object`: text to trimmed NFC without control characters, empty text
/// to nothing, formats, lengths, what is required.
pub(crate) fn check(object: &Object, values: &mut [Value], faults: &mut Faults) {
    for (field, value) in object.fields.iter().zip(values.iter_mut()) {
        if field.origin != Origin::Written || faults.has(field.name) {
            continue;
        }
        let normal = normal(field, std::mem::replace(value, Value::Null));
        match normal {
            Ok(normal) => *value = normal,
            Err((code, detail)) => faults.field(field.name, code, detail),
        }
        if field.required && value.is_null() && !faults.has(field.name) {
            faults.field(field.name, "required", "must be given");
        }
    }
}

/// Appends or refreshes the derived fields of a row's values.
pub(crate) fn derive(object: &Object, values: &mut Vec<Value>) {
    let own = object.fields.iter().take_while(|field| !matches!(field.origin, Origin::Derived(_))).count();
    values.truncate(own);
    let region = object.index_of("country").and_then(|index| values.get(index)).and_then(Value::as_text);
    let region = region.and_then(contact::region);
    for field in object.fields.iter().skip(own) {
        let Origin::Derived(source) = field.origin else { continue };
        let entered = values.get(source).and_then(Value::as_text);
        let format = object.fields.get(source).map(|field| field.format);
        let key = match (format, entered) {
            (Some(Format::Email), Some(entered)) => contact::email_key(entered),
            (Some(Format::Phone), Some(entered)) => contact::phone_key(entered, region),
            _ => None,
        };
        values.push(key.map_or(Value::Null, Value::Text));
    }
}

/// The form in which a filter compares with a field of this format: the normalized form of an address or a number,
/// NFC for other text.
pub(crate) fn operand(format: Format, value: Value) -> Value {
    match (format, value) {
        (Format::Email, Value::Text(entered)) => {
            Value::Text(contact::email_key(&entered).unwrap_or_else(|| entered.to_lowercase()))
        }
        (Format::Phone, Value::Text(entered)) => {
            Value::Text(contact::phone_key(&entered, None).unwrap_or(entered))
        }
        (_, Value::Text(entered)) => Value::Text(text::nfc(&entered).into_owned()),
        (_, Value::Time(time)) => tame_time(time).map_or(Value::Null, Value::Time),
        (_, other) => other,
    }
}

type Fault = (&'static str, String);

fn normal(field: &Field, value: Value) -> Result<Value, Fault> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Text(entered) => {
            normal_text(field.format, &entered).map(|text| text.map_or(Value::Null, Value::Text))
        }
        Value::Time(time) => tame_time(time).map(Value::Time).ok_or_else(out_of_time),
        Value::Date(date) => {
            let fits = (1..=9999).contains(&chrono::Datelike::year(&date));
            if fits { Ok(Value::Date(date)) } else { Err(out_of_time()) }
        }
        Value::Money(money) if field.format == Format::Price && !schema::is_price(money) => {
            Err(("out_of_range", "must not be negative".into()))
        }
        Value::Json(Json::Array(labels)) if field.format == Format::Labels => {
            normal_labels(&labels).map(Value::Json)
        }
        other => Ok(other),
    }
}

fn out_of_time() -> Fault {
    ("out_of_range", "must lie in the years 1 to 9999".into())
}

fn normal_text(format: Format, entered: &str) -> Result<Option<String>, Fault> {
    let (max, lines) = match format {
        Format::Line(max) | Format::Slug(max) => (max, false),
        Format::Lines(max) => (max, true),
        Format::Email => (254, false),
        Format::Phone => (50, false),
        Format::Url => (2048, false),
        _ => (200, false),
    };
    let text = text::nfc(entered);
    let text = text.trim();
    let odd =
        text.chars().find(|letter| letter.is_control() && !(lines && matches!(letter, '\n' | '\r' | '\t')));
    if let Some(odd) = odd {
        let code = u32::from(odd);
        return Err(("invalid_character", format!("must not contain the control character U+{code:04X}")));
    }
    // As it was given: that is what the bound is promised of. Composing can make a text longer, too.
    let long = entered.chars().count().max(text.chars().count());
    if long > max {
        return Err(("too_long", format!("must have at most {max} characters, not {long}")));
    }
    if text.is_empty() {
        return Ok(None);
    }
    let fault = match format {
        Format::Email if contact::email_key(text).is_none() => {
            Some(("invalid_email", "must be an e-mail address such as `ada@example.com`".to_owned()))
        }
        Format::Phone if contact::phone_key(text, None).is_none() => {
            Some(("invalid_phone", "must be a phone number such as `+44 20 7946 0000`".to_owned()))
        }
        Format::Url if !contact::is_web_address(text) => {
            Some(("invalid_url", "must be a web address such as `https://example.com`".to_owned()))
        }
        Format::Slug(_) if !is_slug(text) => {
            let detail = "must start with a letter or digit and hold only `a-z`, `0-9`, `_` and `-`";
            Some(("invalid_key", detail.to_owned()))
        }
        Format::Choice(words) if !words.contains(&text) => {
            Some(("unknown_choice", format!("must be one of {}", listed(words))))
        }
        _ => None,
    };
    fault.map_or_else(|| Ok(Some(text.to_owned())), Err)
}

fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || matches!(byte, b'_' | b'-'))
}

/// Words in backticks with commas.
pub(crate) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn normal_labels(labels: &[Json]) -> Result<Json, Fault> {
    if labels.len() > MAX_LABELS {
        return Err(("too_long", format!("must have at most {MAX_LABELS} labels, not {}", labels.len())));
    }
    let mut normal: Vec<String> = Vec::new();
    for label in labels {
        let Some(label) = label.as_str() else {
            return Err(("wrong_type", "must be a list of texts".into()));
        };
        match normal_text(Format::Line(MAX_LABEL_CHARS), label)? {
            Some(label) if !normal.contains(&label) => normal.push(label),
            _ => {}
        }
    }
    Ok(Json::from(normal))
}

/// Lays a JSON object over the written fields (RFC 7396 for a flat record): names that clients cannot set, unknown
/// names and wrong types become faults.
pub(crate) fn overlay(object: &Object, values: &mut [Value], input: &Map<String, Json>, faults: &mut Faults) {
    for (name, json) in input {
        let found =
            object.fields.iter().enumerate().find(|(_, field)| field.name == name && field.is_public());
        match found {
            Some((index, field)) if field.origin == Origin::Written => match from_json(field, json) {
                Ok(value) => {
                    if let Some(slot) = values.get_mut(index) {
                        *slot = value;
                    }
                }
                Err((code, detail)) => faults.field(name, code, detail),
            },
            Some(_) => faults.field(name, "read_only", "is set by the system and cannot be written"),
            None if object.key(name).is_some()
                || matches!(name.as_str(), "version" | "deleted_at" | "custom") =>
            {
                faults.field(name, "read_only", "is set by the system and cannot be written");
            }
            None => faults.field(name, "unknown_field", format!("is no field of a {}", object.singular)),
        }
    }
}

fn from_json(field: &Field, json: &Json) -> Result<Value, Fault> {
    let wrong = |expected: &str| -> Fault { ("wrong_type", format!("must be {expected}")) };
    Ok(match (field.kind, json) {
        (_, Json::Null) if field.kind == Kind::Bool => {
            return Err(("required", "must be true or false".into()));
        }
        (Kind::Json, Json::Null) if field.format == Format::Labels => Value::Json(Json::Array(Vec::new())),
        (_, Json::Null) if field.required && field.kind == Kind::Text => Value::Text(String::new()),
        (_, Json::Null) => Value::Null,
        (Kind::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Kind::Bool, _) => return Err(wrong("true or false")),
        (Kind::Int, Json::Number(number)) => {
            Value::Int(whole(number).ok_or_else(|| wrong("a whole number of 64 bits"))?)
        }
        (Kind::Int, _) => return Err(wrong("a whole number")),
        (Kind::Money, Json::Object(money)) => Value::Money(money_from_json(money)?),
        (Kind::Money, _) => {
            return Err(wrong(
                "an object such as `{\"amount\": 123456, \"currency\": \"EUR\"}` in minor units",
            ));
        }
        (Kind::Json, Json::Array(list)) if field.format == Format::Labels => {
            if !list.iter().all(Json::is_string) {
                return Err(wrong("a list of texts"));
            }
            Value::Json(json.clone())
        }
        (Kind::Json, _) if field.format == Format::Labels => return Err(wrong("a list of texts")),
        (Kind::Json, other) => Value::Json(other.clone()),
        (Kind::Text, Json::String(text)) => Value::Text(text.clone()),
        (Kind::Text, _) => return Err(wrong("a text")),
        (kind, Json::String(text)) => from_text(kind, text).ok_or_else(|| wrong(example(kind)))?,
        (kind, _) => return Err(wrong(example(kind))),
    })
}

/// A field's value as the log has it.
pub(crate) fn logged(field: &Field, json: &Json) -> Option<Value> {
    from_json(field, json).ok()
}

fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "the id of a record, a UUID",
        Kind::Time => "a time in RFC 3339 such as `2026-01-31T12:00:00Z`, of the years 1 to 9999",
        Kind::Date => "a date such as `2026-01-31`, of the years 1 to 9999",
        Kind::Bool => "`true` or `false`",
        Kind::Int | Kind::Money => "a whole number",
        Kind::Text | Kind::Json => "a text",
    }
}

/// Reads a value from text, as in a query string or a CSV cell. Money reads as an amount, a whole number.
pub(crate) fn from_text(kind: Kind, text: &str) -> Option<Value> {
    Some(match kind {
        Kind::Bool => Value::Bool(match text {
            "true" => true,
            "false" => false,
            _ => return None,
        }),
        Kind::Int | Kind::Money => Value::Int(text.parse().ok()?),
        Kind::Text => Value::Text(text.to_owned()),
        Kind::Id => Value::Id(Uuid::parse_str(text).ok()?),
        Kind::Time => Value::Time(parse_time(text).or_else(|| {
            parse_date(text)?.and_time(chrono::NaiveTime::MIN).and_local_timezone(Utc).single()
        })?),
        Kind::Date => Value::Date(parse_date(text)?),
        Kind::Json => return None,
    })
}

/// What a value of this kind looks like in text, for messages.
pub(crate) fn text_example(kind: Kind) -> &'static str {
    example(kind)
}

/// A whole number, also where it is written `5.0` or `5e3`: JSON Schema (2020-12, validation, section 6.1.1) takes that
/// for an integer. Beyond 2^53 a number with a point is no exact one.
fn whole(number: &Number) -> Option<i64> {
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| format!("{:.0}", number.as_f64().filter(exact)?).parse().ok())
}

fn money_from_json(money: &Map<String, Json>) -> Result<Money, Fault> {
    if let Some(name) = money.keys().find(|name| !matches!(name.as_str(), "amount" | "currency")) {
        return Err((
            "unknown_field",
            format!("has an unknown field `{name}`; give `amount` and `currency`"),
        ));
    }
    let amount = money.get("amount").and_then(|amount| whole(amount.as_number()?));
    let amount =
        amount.ok_or(("invalid_amount", "needs an `amount` in whole minor units of 64 bits".to_owned()))?;
    let currency = money.get("currency").and_then(Json::as_str).unwrap_or_default();
    Money::new(amount, currency)
        .ok_or(("invalid_currency", "needs a `currency` that is an ISO 4217 code such as `EUR`".to_owned()))
}
