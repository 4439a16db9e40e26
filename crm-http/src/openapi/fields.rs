//! Fields as JSON Schema: what answers have, and what may be sent.

use crm_core::{Field, Format, Kind, Object};
use serde_json::{Value as Json, json};

use super::schemas::reference;

/// White space, which text is trimmed of.
const SPACE: &str = r"\t-\r\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// What text of one line has none of.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
/// The same for text of several lines.
const CONTROL_BUT_BREAKS: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";

/// Letters beyond ASCII that addresses have: Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, kana, Han and Hangul. Not
/// every reader of patterns knows letters as such.
const LETTERS: &str = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u0481\u048a-\u052f\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u0905-\u0939\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3";

const PHONE: &str = r"^(\+?\(?[0-9]([ ()./-]{0,2}[0-9]){4,19}( ?(x|ext\.?|#) ?[0-9]{1,10})?)?$";
const SLUG: &str = "^[a-z0-9][a-z0-9_-]*$";

/// A field of an answer.
pub(super) fn seen(object: &Object, field: &Field) -> Json {
    described(nullable(plain(object, field), !field.required && !is_never_null(field)), field)
}

/// A field of an input.
pub(super) fn sent(object: &Object, field: &Field, must_have_value: bool) -> Json {
    let mut schema = plain(object, field);
    let pattern = match field.format {
        Format::Line(_) => Some(text_pattern(CONTROL, must_have_value)),
        Format::Lines(_) => Some(text_pattern(CONTROL_BUT_BREAKS, must_have_value)),
        Format::Phone => Some(PHONE.to_owned()),
        Format::Url => Some(url_pattern()),
        Format::Email => Some(email_pattern(must_have_value)),
        _ => None,
    };
    if let Some(own) = schema.as_object_mut() {
        own.extend(pattern.map(|pattern| ("pattern".to_owned(), json!(pattern))));
        if field.format == Format::Price {
            return described(nullable(reference("Price"), !must_have_value), field);
        }
    }
    described(nullable(schema, !must_have_value && field.kind != Kind::Bool), field)
}

/// A list of labels and a flag are never missing from an answer.
fn is_never_null(field: &Field) -> bool {
    field.kind == Kind::Bool || field.format == Format::Labels
}

/// What holds for a field's value in both directions.
fn plain(object: &Object, field: &Field) -> Json {
    match (field.kind, field.format) {
        (Kind::Bool, _) => json!({ "type": "boolean" }),
        (Kind::Int, _) => json!({ "type": "integer", "format": "int64" }),
        (Kind::Id, _) => json!({ "type": "string", "format": "uuid" }),
        (Kind::Time, _) => json!({ "type": "string", "format": "date-time" }),
        (Kind::Date, _) => json!({ "type": "string", "format": "date" }),
        (Kind::Money, _) => reference("Money"),
        (Kind::Json, Format::Labels) => {
            let label = json!({ "type": "string", "maxLength": 50, "pattern": text_pattern(CONTROL, false) });
            json!({ "type": "array", "maxItems": 50, "items": label })
        }
        (Kind::Json, _) => structure(object, field),
        (Kind::Text, format) => text(format),
    }
}

fn text(format: Format) -> Json {
    match format {
        Format::Choice(words) => json!({ "type": "string", "enum": words }),
        Format::Slug(max) => json!({ "type": "string", "maxLength": max, "pattern": SLUG }),
        Format::Line(max) | Format::Lines(max) => json!({ "type": "string", "maxLength": max }),
        Format::Email => json!({ "type": "string", "maxLength": 254 }),
        Format::Phone => json!({ "type": "string", "maxLength": 50 }),
        Format::Url => json!({ "type": "string", "maxLength": 2048 }),
        Format::Any | Format::Labels | Format::Price => json!({ "type": "string", "maxLength": 200 }),
    }
}

/// What the descriptor leaves to the entity's rules.
fn structure(object: &Object, field: &Field) -> Json {
    match (object.name, field.name) {
        ("pipelines", "stages") => json!({ "type": "array", "items": reference("Stage") }),
        _ => json!({}),
    }
}

/// What text of one line must be that has something in it.
pub(super) fn line_with_text() -> String {
    text_pattern(CONTROL, true)
}

/// The stages of a pipeline as they are sent: at least one of each kind.
pub(super) fn stages() -> Json {
    let one = |kind: &str| json!({ "contains": { "type": "object", "properties": { "kind": { "const": kind } }, "required": ["kind"] } });
    json!({
        "type": "array",
        "description": "The stages, in order; at least one of each kind, and no key twice.",
        "items": reference("StageInput"),
        "minItems": 3,
        "maxItems": 50,
        "allOf": [one("open"), one("won"), one("lost")],
    })
}

/// Text that has no control character where it is not trimmed, and something in it if it must.
fn text_pattern(control: &str, must_have_value: bool) -> String {
    let first = if must_have_value { format!("[^{control}{SPACE}]") } else { String::new() };
    format!("^[{SPACE}]*{first}[^{control}]*[{SPACE}]*$")
}

fn email_pattern(must_have_value: bool) -> String {
    // A local part of dot-separated atoms, and a domain of at least two labels whose last begins with a letter.
    let atom = format!(r"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{LETTERS}-]+");
    let inner = format!("[A-Za-z0-9{LETTERS}-]{{0,61}}[A-Za-z0-9{LETTERS}]");
    let (label, top) = (format!("[A-Za-z0-9{LETTERS}]({inner})?"), format!("[A-Za-z{LETTERS}]{inner}"));
    let address = format!(r"{atom}(\.{atom})*@({label}\.)+{top}");
    if must_have_value { format!("^{address}$") } else { format!("^({address})?$") }
}

fn url_pattern() -> String {
    let label = r"[A-Za-z0-9_\u00a1-\uffff-]+";
    let port = "(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";
    let rest = r#"([/?#][^\s\u0000-\u0020\u007f-\u00a0<>"\\]*)?"#;
    format!(r"^(([hH][tT][tT][pP][sS]?://)?{label}(\.{label})+{port}{rest})?$")
}

/// The same, or null.
pub(super) fn nullable(schema: Json, is_nullable: bool) -> Json {
    if !is_nullable {
        return schema;
    }
    let Some(own) = schema.get("type").and_then(Json::as_str) else {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    };
    let mut schema = schema.clone();
    schema["type"] = json!([own, "null"]);
    if let Some(words) = schema.get_mut("enum").and_then(Json::as_array_mut) {
        words.push(Json::Null);
    }
    schema
}

fn described(mut schema: Json, field: &Field) -> Json {
    schema["description"] = json!(field.doc);
    schema
}
