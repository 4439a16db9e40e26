//! The kinds of records: what their descriptors leave unsaid, and an example of each.

use crm_core::{
    ApiKey, Contact, Customer, Entity, Field, Interaction, Kind as ValueKind, Lead, Object, Origin, Pipeline,
    Project, Settings, Task, User, Value,
};
use serde_json::{Map, Value as Json, json};

use super::{
    examples, fields,
    schemas::{object_with, of_record, page, reference, type_name},
    tags,
};

/// A kind of record, as the document describes it.
pub(super) struct Kind {
    pub(super) object: &'static Object,
    pub(super) tag: &'static str,
    /// What a new record has where nothing is sent.
    defaults: Vec<Value>,
    /// The fields that the rules fill in for a new record, though a record has always a value for them.
    filled: &'static [&'static str],
    /// The fields of which at least one must be given.
    any_of: &'static [&'static str],
    links: Links,
    making: Making,
    /// What is sent to make the record of the example.
    example: Json,
    /// What is sent to change it.
    change: Json,
}

/// What a record of this kind may belong to.
#[derive(Clone, Copy)]
enum Links {
    /// What its fields say.
    Free,
    /// Exactly one of these.
    One(&'static [&'static str]),
    /// At most one of these.
    OneAtMost(&'static [&'static str]),
}

/// How records of this kind are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Making {
    /// At the route of their list.
    Anywhere,
    /// At the routes of what they belong to.
    Within,
    /// At the route of their list, and never changed.
    Issued,
    /// With the tenant, which has exactly one.
    Never,
}

/// Every kind of record that has routes.
pub(super) fn all() -> Vec<Kind> {
    let customer = Kind { any_of: &["company", "name"], ..Kind::of::<Customer>(tags::CUSTOMERS) };
    let lead =
        Kind { any_of: &["company", "name", "email"], filled: &["stage"], ..Kind::of::<Lead>(tags::LEADS) };
    let contact = Kind { making: Making::Within, ..Kind::of::<Contact>(tags::CONTACTS) };
    let interaction = Kind {
        making: Making::Within,
        links: Links::One(&["customer_id", "lead_id"]),
        filled: &["occurred_at"],
        ..Kind::of::<Interaction>(tags::INTERACTIONS)
    };
    let task = Kind {
        links: Links::OneAtMost(&["customer_id", "lead_id", "project_id"]),
        ..Kind::of::<Task>(tags::TASKS)
    };
    vec![
        customer,
        contact,
        lead,
        interaction,
        Kind::of::<Project>(tags::PROJECTS),
        task,
        Kind::of::<User>(tags::USERS),
        Kind { making: Making::Issued, ..Kind::of::<ApiKey>(tags::API_KEYS) },
        Kind { making: Making::Never, ..Kind::of::<Settings>(tags::SETTINGS) },
        Kind { making: Making::Never, ..Kind::of::<Pipeline>(tags::PIPELINE) },
    ]
}

/// The kind of this object.
pub(super) fn kind_of(object: &Object) -> Option<Kind> {
    all().into_iter().find(|kind| kind.object == object)
}

impl Kind {
    fn of<T: Entity>(tag: &'static str) -> Self {
        let object = T::object();
        let (example, change) = examples::sent(object);
        Self {
            object,
            tag,
            defaults: T::default().to_values(),
            filled: &[],
            any_of: &[],
            links: Links::Free,
            making: Making::Anywhere,
            example,
            change,
        }
    }

    /// Whether its routes are those of the built-in login.
    pub(super) fn is_of_login(&self) -> bool {
        self.object == ApiKey::object()
    }

    /// The schemas of this kind, by name.
    pub(super) fn schemas(&self) -> Vec<(String, Json)> {
        let name = type_name(self.object);
        let mut all = vec![(name.clone(), self.record())];
        if self.object == Pipeline::object() {
            all.push((format!("{name}Input"), super::schemas::object(json!({ "stages": fields::stages() }))));
            return all;
        }
        if self.making != Making::Issued {
            all.push((format!("{name}Patch"), self.patch()));
        }
        if !self.is_only() {
            all.push((format!("{name}Page"), self.page()));
        }
        if matches!(self.making, Making::Anywhere | Making::Issued) {
            all.push((format!("{name}Input"), self.input()));
        }
        all
    }

    fn fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.object.public_fields()
    }

    fn written(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields().filter(|(_, field)| field.origin == Origin::Written)
    }

    /// A record in an answer.
    pub(super) fn record(&self) -> Json {
        let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
        let mut members = json!({
            "id": { "type": "string", "format": "uuid", "description": "The id." },
            "version": {
                "type": "integer",
                "format": "int64",
                "minimum": 1,
                "description": "1 for a new record, one more with every change.",
            },
            "created_at": time("When it was made."),
            "updated_at": time("When it was last changed."),
            "created_by": {
                "type": ["string", "null"],
                "format": "uuid",
                "description": "The user who made it; null if no user did.",
            },
        });
        if let Some(series) = self.object.series {
            let pattern = format!("^{}-[0-9]{{3,}}$", series.prefix);
            members[series.field] =
                json!({ "type": "string", "pattern": pattern, "description": "Its number in the tenant." });
        }
        for (_, field) in self.fields() {
            members[field.name] = fields::seen(self.object, field);
        }
        super::schemas::object(members)
    }

    fn page(&self) -> Json {
        let mut page = page(of_record(self.object, ""));
        let total = "How many there are on all pages; there if `count=true` was asked.";
        page["properties"]["total"] =
            json!({ "type": "integer", "format": "int64", "minimum": 0, "description": total });
        page
    }

    /// Whether a new record must be sent with a value for this field.
    fn must_be_sent(&self, index: usize, field: &Field) -> bool {
        let is_empty = self.defaults.get(index).is_none_or(|value| match value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        });
        field.required && is_empty && !self.filled.contains(&field.name)
    }

    /// What makes a record.
    fn input(&self) -> Json {
        let mut members = json!({});
        let mut required = Vec::new();
        for (index, field) in self.written() {
            let is_filled = self.filled.contains(&field.name);
            members[field.name] = fields::sent(self.object, field, field.required && !is_filled);
            if let Some(default) = self.defaults.get(index).filter(|value| !value.is_null())
                && default.as_text() != Some("")
            {
                members[field.name]["default"] = default.to_json();
            }
            if self.must_be_sent(index, field) {
                required.push(field.name);
            }
        }
        let mut schema = object_with(&required, members);
        self.restrict(&mut schema);
        schema
    }

    /// What changes a record, as a merge patch.
    fn patch(&self) -> Json {
        let mut members = json!({});
        for (_, field) in self.written() {
            members[field.name] = fields::sent(self.object, field, field.required);
        }
        object_with(&[], members)
    }

    /// What fields must be to each other.
    fn restrict(&self, schema: &mut Json) {
        let given = |names: &[&str]| {
            let text = |name: &str| match self.object.public_field(name).map(|field| field.kind) {
                Some(ValueKind::Text) => json!({ "type": "string", "pattern": r"\S" }),
                _ => json!({ "type": "string" }),
            };
            let members: Map<_, _> = names.iter().map(|name| ((*name).to_owned(), text(name))).collect();
            json!({ "required": names, "properties": members })
        };
        if !self.any_of.is_empty() {
            schema["anyOf"] = self.any_of.iter().map(|name| given(&[name])).collect();
        }
        if let Links::OneAtMost(names) = self.links {
            let firsts = names.iter().enumerate();
            let pairs = firsts
                .flat_map(|(index, first)| names.iter().skip(index + 1).map(move |second| [*first, *second]));
            schema["not"] = json!({ "anyOf": pairs.map(|pair| given(&pair)).collect::<Vec<_>>() });
        }
    }

    /// What makes a record that belongs to the one in the path, without what says so.
    pub(super) fn input_within(&self, parent: &Object) -> Json {
        let mut schema = self.input();
        let mut links = vec![];
        if let Links::One(names) = self.links {
            links.extend(names);
        }
        let targets = self.object.references().filter(|(_, target)| *target == parent);
        links.extend(targets.map(|(index, _)| self.object.public_name(index)));
        for link in links {
            schema["properties"].as_object_mut().map(|own| own.remove(link));
            if let Some(required) = schema["required"].as_array_mut() {
                required.retain(|name| name != link);
            }
        }
        schema
    }

    /// Whether a tenant has exactly one record of this kind.
    pub(super) fn is_only(&self) -> bool {
        self.making == Making::Never
    }

    /// An input that makes the record of the example.
    pub(super) fn input_example(&self) -> Json {
        self.example.clone()
    }

    /// The same where the record belongs to the one in the path.
    pub(super) fn input_example_within(&self, parent: &Object) -> Json {
        let allowed = self.input_within(parent);
        let mut example = self.example.clone();
        if let Some(own) = example.as_object_mut() {
            own.retain(|name, _| allowed["properties"].get(name).is_some());
        }
        example
    }

    /// A change of that record.
    pub(super) fn patch_example(&self) -> Json {
        self.change.clone()
    }

    /// That record.
    pub(super) fn record_example(&self) -> Json {
        let mut record = examples::frame();
        if let Some(series) = self.object.series {
            record[series.field] = json!(series.format(1));
        }
        for (index, field) in self.fields() {
            let default = self.defaults.get(index).map(Value::to_json).unwrap_or_default();
            record[field.name] = self.example.get(field.name).cloned().unwrap_or(default);
        }
        for (name, value) in examples::managed(self.object) {
            record[name] = value;
        }
        record
    }

    /// A page with that record.
    pub(super) fn page_example(&self) -> Json {
        json!({ "data": [self.record_example()], "next_cursor": null })
    }

    /// A reference to one of the schemas of this kind.
    pub(super) fn reference(&self, ending: &str) -> Json {
        reference(&(type_name(self.object) + ending))
    }
}
