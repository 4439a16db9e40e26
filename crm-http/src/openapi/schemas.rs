//! The named schemas: those of records, those of Rust types, and a few of answers that are neither.

use crm_core::{
    ApiKey, Cohort, Entity, Event, ForecastMonth, FunnelStage, Leader, Object, Overview, Role, Stage,
    StageVisit, TimeSeries, Velocity,
};
use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform,
};
use serde_json::{Map, Value as Json, json};

use super::{answers, fields, kinds};

/// A reference to the schema of this name.
pub(super) fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A reference to the schema of a kind of record: `Customer`, or with an ending `CustomerPatch`.
pub(super) fn of_record(object: &Object, ending: &str) -> Json {
    reference(&(type_name(object) + ending))
}

/// The name of a kind of record as the name of a type: `Customer`.
pub(super) fn type_name(object: &Object) -> String {
    let mut name = String::new();
    for word in object.singular.split(['_', ' ', '-']) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// An object with these members and no others, all of which are there.
pub(super) fn object(members: Json) -> Json {
    let names: Vec<_> = members.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({ "type": "object", "properties": members, "required": names, "additionalProperties": false })
}

/// An object that may lack some of its members.
pub(super) fn object_with(required: &[&str], members: Json) -> Json {
    json!({ "type": "object", "properties": members, "required": required, "additionalProperties": false })
}

/// One page of a list.
pub(super) fn page(item: Json) -> Json {
    let cursor = json!({
        "type": ["string", "null"],
        "description": "What to ask the next page with; null on the last one.",
    });
    object(json!({ "data": { "type": "array", "items": item }, "next_cursor": cursor }))
}

/// All of them, by name.
pub(super) fn components(login: bool) -> Json {
    let mut all = of_rust_types();
    let mut add = |name: &str, schema| all.insert(name.to_owned(), schema);
    for kind in kinds::all().into_iter().filter(|kind| login || !kind.is_of_login()) {
        for (name, schema) in kind.schemas() {
            add(&name, schema);
        }
    }
    let list =
        |member: &str, name: &str| object(json!({ member: { "type": "array", "items": reference(name) } }));
    add("EventPage", page(reference("Event")));
    add("StageVisits", list("data", "StageVisit"));
    add("Funnel", list("stages", "FunnelStage"));
    add("Cohorts", list("data", "Cohort"));
    add("Forecast", list("data", "ForecastMonth"));
    add("Leaderboard", list("data", "Leader"));
    add("Conversion", object(json!({ "lead": reference("Lead"), "customer": reference("Customer") })));
    add("ConversionInput", conversion_input());
    add("Findings", findings());
    add("Problem", answers::problem());
    add("Price", price());
    add("StageInput", stage_input());
    add("Me", me(login));
    add("Status", object(json!({ "status": { "type": "string", "enum": ["ok", "ready"] } })));
    if login {
        add("TenantProfile", tenant_profile());
        add("Credentials", credentials());
        add("SignIn", sign_in());
        add("SignOut", sign_out());
        add("PasswordChange", password_change());
        add("MadeAPIKey", made_key());
        add("Invitation", invitation());
        add("Acceptance", acceptance());
    }
    Json::Object(all)
}

fn of_rust_types() -> Map<String, Json> {
    let mut generator = generator(SchemaSettings::draft2020_12().for_serialize());
    name::<Overview>(&mut generator);
    name::<TimeSeries>(&mut generator);
    name::<Velocity>(&mut generator);
    name::<FunnelStage>(&mut generator);
    name::<Cohort>(&mut generator);
    name::<ForecastMonth>(&mut generator);
    name::<Leader>(&mut generator);
    name::<StageVisit>(&mut generator);
    name::<Stage>(&mut generator);
    name::<Event>(&mut generator);
    name::<Role>(&mut generator);
    generator.take_definitions(true)
}

fn generator(mut settings: SchemaSettings) -> SchemaGenerator {
    settings.definitions_path = "/components/schemas".into();
    settings.with_transform(RecursiveTransform(tell)).into_generator()
}

fn name<T: JsonSchema>(generator: &mut SchemaGenerator) {
    let _ = generator.subschema_for::<T>();
}

/// Rewrites what is said to readers of Rust for readers of JSON.
fn tell(schema: &mut Schema) {
    let words =
        |choice: &Json| Some((choice.get("const")?.as_str()?.to_owned(), choice.get("description").cloned()));
    let choices: Option<Vec<_>> =
        schema.get("oneOf").and_then(Json::as_array).and_then(|choices| choices.iter().map(words).collect());
    let mut text = schema.get("description").and_then(Json::as_str).unwrap_or_default().to_owned();
    if let Some(choices) = choices {
        schema.remove("oneOf");
        for (index, (word, meaning)) in choices.iter().enumerate() {
            let meaning = meaning.as_ref().and_then(Json::as_str).unwrap_or_default();
            text.push_str(if index == 0 { "\n\n" } else { "\n" });
            text.push_str(&format!("- `{word}`: {meaning}"));
        }
        let words: Vec<_> = choices.into_iter().map(|(word, _)| word).collect();
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("enum".to_owned(), json!(words));
    }
    if !text.is_empty() {
        for (rust, plain) in [("`None`", "`null`"), ("[`", "`"), ("`]", "`")] {
            text = text.replace(rust, plain);
        }
        schema.insert("description".to_owned(), json!(text.trim()));
    }
}

fn price() -> Json {
    let mut price = object(json!({
        "amount": {
            "type": "integer",
            "format": "int64",
            "minimum": 0,
            "maximum": i64::MAX,
            "description": "Minor units.",
        },
        "currency": reference("Currency"),
    }));
    price["description"] = json!("A money of zero or more.");
    price
}

/// A stage as it is sent: what has a default may be left out.
fn stage_input() -> Json {
    let mut generator = generator(SchemaSettings::draft2020_12().for_deserialize());
    name::<Stage>(&mut generator);
    let mut stage = generator.take_definitions(true).remove("Stage").unwrap_or_default();
    stage["properties"]["name"]["pattern"] = json!(fields::line_with_text());
    stage
}

fn conversion_input() -> Json {
    let description =
        "The customer to link the lead to. Without one, the lead's own is kept or a new one made.";
    let customer = json!({ "type": ["string", "null"], "format": "uuid", "description": description });
    object_with(&[], json!({ "customer_id": customer }))
}

fn tenant_profile() -> Json {
    object(json!({
        "id": { "type": "string", "format": "uuid" },
        "slug": { "type": "string", "description": "The short name, as in addresses." },
        "name": { "type": "string" },
    }))
}

fn me(login: bool) -> Json {
    let host = |what: &str| {
        let description = format!("The {what}, as the host describes it; at least its id.");
        json!({ "type": "object", "description": description })
    };
    let key = object(json!({ "id": { "type": "string", "format": "uuid" }, "name": { "type": "string" } }));
    let known = json!({ "description": "The user, or the API key.", "anyOf": [reference("User"), key] });
    let (user, tenant) =
        if login { (known, reference("TenantProfile")) } else { (host("user"), host("tenant")) };
    object(json!({
        "user": user,
        "actor_type": { "type": "string", "enum": ["user", "api_key", "job", "system"] },
        "tenant": tenant,
        "role": { "anyOf": [reference("Role"), { "type": "null" }] },
        "permissions": {
            "type": "array",
            "items": { "type": "string" },
            "description": "What the role permits, as `action:records`: `update:customers`.",
        },
    }))
}

fn credentials() -> Json {
    let text = |description: &str| json!({ "type": "string", "description": description });
    object_with(
        &["email", "password"],
        json!({
            "email": text("The e-mail address of the account."),
            "password": text("The password of the account."),
            "tenant": {
                "type": ["string", "null"],
                "description": "The slug of the tenant, for an account that opens several.",
            },
        }),
    )
}

fn sign_out() -> Json {
    let description = "Whether every sign-in of the account ends, in all tenants.";
    let everywhere = json!({ "type": "boolean", "default": false, "description": description });
    object_with(&[], json!({ "everywhere": everywhere }))
}

/// What a user is invited by; the token is shown once.
fn invitation() -> Json {
    object(json!({
        "token": { "type": "string", "description": "What to give to the user, and to nobody else." },
        "email": { "type": "string", "description": "The address of the user." },
        "expires_at": { "type": "string", "format": "date-time", "description": "When it ends." },
    }))
}

fn acceptance() -> Json {
    object(json!({
        "token": { "type": "string", "pattern": super::listing::ANY_TEXT, "description": "The token of the invitation." },
        "password": {
            "type": "string",
            "minLength": 10,
            "maxLength": 1000,
            "description": "The password of the account that the address has, or the first one of a new account.",
        },
    }))
}

fn password_change() -> Json {
    object(json!({
        "current_password": { "type": "string", "description": "The password as it is." },
        "new_password": { "type": "string", "minLength": 10, "maxLength": 1000, "description": "As it is to be." },
    }))
}

/// An API key with itself.
fn made_key() -> Json {
    let mut made = kinds::kind_of(ApiKey::object()).map(|kind| kind.record()).unwrap_or_default();
    made["properties"]["key"] = json!({
        "type": ["string", "null"],
        "description": "The key itself, shown this once; null in an answer that is given again.",
    });
    if let Some(required) = made["required"].as_array_mut() {
        required.push(json!("key"));
    }
    made
}

fn findings() -> Json {
    let finding = object(json!({
        "object": { "type": "string", "enum": ["customers", "contacts", "leads"] },
        "record": { "anyOf": [reference("Customer"), reference("Contact"), reference("Lead")] },
    }));
    object(json!({ "data": { "type": "array", "items": finding } }))
}

fn sign_in() -> Json {
    let token = json!({ "type": "string", "description": "What to send as `Authorization: Bearer TOKEN`." });
    let signed_in = object(json!({
        "token": token,
        "expires_at": { "type": "string", "format": "date-time" },
        "user": reference("User"),
        "tenant": reference("TenantProfile"),
    }));
    let place = object(json!({ "slug": { "type": "string" }, "name": { "type": "string" } }));
    let undecided =
        object(json!({ "token": { "type": "null" }, "tenants": { "type": "array", "items": place } }));
    let description =
        "A session; or, of an account that opens several tenants when none is named, these to choose from.";
    json!({ "description": description, "oneOf": [signed_in, undecided] })
}
