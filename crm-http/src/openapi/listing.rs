//! Parameters: those that operations share, and those of the lists of a kind of record.

use crm_core::{Field, Format, Key, Kind, MAX_SEARCH_CHARS, Object};
use serde_json::{Value as Json, json};

use crate::parameters::{DEFAULT_LIMIT, MAX_LIMIT};

/// Text in a query: anything but NUL.
pub(super) const ANY_TEXT: &str = r"^[^\u0000]*$";
/// The same with something in it.
pub(super) const SOME_TEXT: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";
/// Base64 for addresses, without padding.
const CURSOR: &str = "^[A-Za-z0-9_-]+$";

/// A reference to one of the parameters that operations share.
pub(super) fn shared(name: &str) -> Json {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// A parameter of the query.
pub(super) fn query(name: &str, description: &str, schema: Json) -> Json {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// The same where it must be there.
pub(super) fn needed_query(name: &str, description: &str, schema: Json) -> Json {
    json!({ "name": name, "in": "query", "required": true, "description": description, "schema": schema })
}

/// The number of an event in a header.
pub(super) fn header(name: &str, description: &str) -> Json {
    json!({
        "name": name,
        "in": "header",
        "description": description,
        "schema": { "type": "string" },
    })
}

/// The parameters that operations share, by name.
pub(super) fn components() -> Json {
    let header = |name: &str, description: &str, schema: Json| json!({ "name": name, "in": "header", "description": description, "schema": schema });
    let cursor = "Where the page before ended: its `next_cursor`. The rest of the query must be the same.";
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT });
    let search = json!({ "type": "string", "maxLength": MAX_SEARCH_CHARS, "pattern": ANY_TEXT });
    let key =
        json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$" });
    json!({
        "Id": {
            "name": "id",
            "in": "path",
            "required": true,
            "description": "The id of the record.",
            "schema": { "type": "string", "format": "uuid" },
        },
        "Limit": query("limit", "The most entries of a page.", limit),
        "Cursor": query("cursor", cursor, json!({ "type": "string", "pattern": CURSOR })),
        "Count": query("count", "Whether to answer with `total` as well.", json!({ "type": "boolean", "default": false })),
        "Search": query(
            "search",
            "Words of which each must occur somewhere in the record. Case and accents do not matter.",
            search,
        ),
        "IfNoneMatch": header(
            "If-None-Match",
            "The `ETag` of what the client has; if there is nothing newer, the answer is 304.",
            json!({ "type": "string" }),
        ),
        "IfMatch": header(
            "If-Match",
            "The `ETag` of the version to change; if there is a newer one, the answer is 412.",
            json!({ "type": "string" }),
        ),
        "IdempotencyKey": header(
            "Idempotency-Key",
            "A key of the client's own choice. The same key and body have their effect once, for at least 24 hours; the \
             same key and another body are a conflict.",
            key,
        ),
    })
}

/// What lists of a kind of record take.
pub(super) fn of_list(object: &'static Object) -> Vec<Json> {
    let mut all = vec![shared("Limit"), shared("Cursor"), sort(object)];
    if object.is_searchable() {
        all.push(shared("Search"));
    }
    all.push(shared("Count"));
    for key in keys(object).filter(|key| object.is_filterable(*key)) {
        all.extend(filters(object, key));
    }
    all
}

/// What a list can be sorted or filtered by.
fn keys(object: &Object) -> impl Iterator<Item = Key> {
    let system = [Key::Id, Key::Number, Key::CreatedAt, Key::UpdatedAt, Key::CreatedBy];
    let system = system.into_iter().filter(|key| *key != Key::Number || object.series.is_some());
    let fields = object.public_fields().filter_map(|(_, field)| object.key(field.name));
    system.chain(fields)
}

fn sort(object: &Object) -> Json {
    let names = keys(object).filter(|key| object.is_sortable(*key)).map(|key| object.key_name(key));
    let words: Vec<_> = names.flat_map(|name| [name.to_owned(), format!("-{name}")]).collect();
    let schema = json!({
        "type": "array",
        "items": { "type": "string", "enum": words },
        "minItems": 1,
        "maxItems": 2,
    });
    let mut sort = query("sort", "What to sort by, at most two; with `-`, the greatest first.", schema);
    sort["style"] = json!("form");
    sort["explode"] = json!(false);
    sort
}

/// The comparisons with one key.
fn filters(object: &Object, key: Key) -> Vec<Json> {
    let name = object.key_name(key);
    let (kind, is_choice) = (object.key_kind(key), is_choice(object, key));
    let value = operand(object, key);
    let mut all = vec![query(name, "Equal to this.", value.clone())];
    let mut compare = |operator: &str, description: &str, schema: Json| {
        all.push(query(&format!("{name}[{operator}]"), description, schema));
    };
    compare("ne", "Not equal to this.", value.clone());
    let is_ordered = !matches!(kind, Kind::Bool | Kind::Id) && !is_choice;
    if is_ordered {
        compare("gt", "Greater than this.", value.clone());
        compare("gte", "This or greater.", value.clone());
        compare("lt", "Less than this.", value.clone());
        compare("lte", "This or less.", value.clone());
    }
    if kind == Kind::Text && !is_choice {
        compare("prefix", "Begins with this.", value.clone());
    }
    if object.is_nullable(key) {
        compare("is_null", "Whether it has no value.", json!({ "type": "boolean" }));
    }
    if kind != Kind::Bool {
        let list =
            json!({ "type": "array", "items": value, "minItems": 1, "maxItems": crm_core::MAX_ONE_OF });
        let mut one_of = query(&format!("{name}[in]"), "One of these.", list);
        one_of["style"] = json!("form");
        one_of["explode"] = json!(false);
        all.push(one_of);
    }
    all
}

fn field(object: &Object, key: Key) -> Option<&Field> {
    object.public_field(object.key_name(key))
}

fn is_choice(object: &Object, key: Key) -> bool {
    field(object, key).is_some_and(|field| matches!(field.format, Format::Choice(_)))
}

/// What a key is compared with.
fn operand(object: &Object, key: Key) -> Json {
    if let (Key::Number, Some(series)) = (key, object.series) {
        let pattern = format!("^{}-([0-9]{{3}}|[1-9][0-9]{{3,17}})$", series.prefix);
        return json!({ "type": "string", "pattern": pattern });
    }
    match object.key_kind(key) {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int | Kind::Money => {
            json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX })
        }
        Kind::Id => json!({ "type": "string", "format": "uuid" }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Text | Kind::Json => match field(object, key).map(|field| field.format) {
            Some(Format::Choice(words)) => {
                json!({ "type": "string", "pattern": ANY_TEXT, "examples": words })
            }
            _ => json!({ "type": "string", "pattern": ANY_TEXT }),
        },
    }
}
