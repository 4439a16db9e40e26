//! The document as a judge of answers.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value as Json, json};

use crate::world::Answer;

/// An OpenAPI document, and which operations have been seen to succeed.
pub(crate) struct Document {
    pub(crate) json: Json,
    succeeded: BTreeSet<String>,
}

impl Document {
    pub(crate) fn new(json: Json) -> Self {
        Self { json, succeeded: BTreeSet::new() }
    }

    /// Every operation: method, path and Operation Object.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (Method, &str, &Json)> {
        let paths = self.json["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(move |(method, operation)| {
                (method.to_uppercase().parse().unwrap(), path.as_str(), operation)
            })
        })
    }

    /// The operations that no answer has been a success of.
    pub(crate) fn untried(&self) -> Vec<String> {
        let all = self.operations().map(|(method, path, _)| format!("{method} {path}"));
        all.filter(|operation| !self.succeeded.contains(operation)).collect()
    }

    /// What stands behind a reference, or the thing itself.
    fn resolve<'a>(&'a self, json: &'a Json) -> &'a Json {
        match json["$ref"].as_str() {
            Some(reference) => self.json.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => json,
        }
    }

    /// What a value breaks of a schema.
    pub(crate) fn faults(&self, schema: &Json, value: &Json) -> Vec<String> {
        let mut schema = schema.clone();
        schema["components"] = json!({ "schemas": self.json["components"]["schemas"] });
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let fault = |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
        validator.iter_errors(value).map(fault).collect()
    }

    /// Fails unless an answer is one that the document describes: its status, its headers, its content.
    #[track_caller]
    pub(crate) fn judge(&mut self, method: &Method, path: &str, answer: &Answer) {
        let operation = &self.json["paths"][path][method.as_str().to_lowercase()];
        let what = format!("{method} {path} {}", answer.status);
        let response = self.resolve(&operation["responses"][answer.status.as_str()]);
        assert!(response.is_object(), "{what} is not in the document: {answer:?}");
        for (name, header) in response["headers"].as_object().unwrap() {
            let header = self.resolve(header);
            let value = answer.headers.get(name.as_str()).map(|value| value.to_str().unwrap());
            assert!(value.is_some() || header["required"] == false, "{what} lacks `{name}`");
            let value = value.map(|text| match header["schema"]["type"].as_str() {
                Some("integer") => json!(text.parse::<i64>().unwrap()),
                _ => json!(text),
            });
            let faults = value.map(|value| self.faults(&header["schema"], &value)).unwrap_or_default();
            assert!(faults.is_empty(), "{what} `{name}`: {faults:?}");
        }
        match response["content"].as_object() {
            Some(content) => {
                let given = answer.header("content-type").split(';').next().unwrap();
                let media = content.get(given);
                let schema =
                    &media.unwrap_or_else(|| panic!("{what} is of another type: {answer:?}"))["schema"];
                let value = match given.starts_with("text/") {
                    true => json!(String::from_utf8(answer.bytes.clone()).unwrap()),
                    false => answer.json(),
                };
                let faults = self.faults(schema, &value);
                assert!(faults.is_empty(), "{what}: {faults:?}\n{value}");
            }
            None => assert!(answer.bytes.is_empty(), "{what} has content: {answer:?}"),
        }
        if answer.status.is_success() {
            self.succeeded.insert(format!("{method} {path}"));
        }
    }

    /// Each example with its schema, and where it stands.
    pub(crate) fn examples(&self) -> Vec<(String, &Json, &Json)> {
        let mut all = Vec::new();
        collect(&self.json, "", &mut all);
        all
    }
}

fn collect<'a>(json: &'a Json, place: &str, all: &mut Vec<(String, &'a Json, &'a Json)>) {
    if let (Some(example), Some(schema)) = (json.get("example"), json.get("schema")) {
        all.push((place.to_owned(), schema, example));
    }
    match json {
        Json::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != "example" && *name != "schema") {
                collect(member, &format!("{place}/{name}"), all);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{place}/{index}"), all);
            }
        }
        _ => {}
    }
}
