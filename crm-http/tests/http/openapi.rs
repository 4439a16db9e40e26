//! The OpenAPI document: complete, as checked in, and true of where the service is.

use std::{collections::BTreeSet, fs, path::Path};

use axum::{Router, http::Method};
use serde_json::{Map, Value as Json, json};

use crate::{
    document::Document,
    world::{Client, World},
};

fn document() -> Document {
    Document::new(crm_http::openapi("", true))
}

/// The same with the names of objects in order, whatever order this build keeps them in.
fn ordered(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            Json::Object(
                members.into_iter().map(|(name, own)| (name.clone(), ordered(own))).collect::<Map<_, _>>(),
            )
        }
        Json::Array(items) => items.iter().map(ordered).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_document_is_the_one_that_is_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let current = serde_json::to_string_pretty(&ordered(&document().json)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &current).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let first = kept.lines().zip(current.lines()).find(|(kept, current)| kept != current);
    assert!(
        kept == current,
        "openapi.json is not what the service describes, first at {first:?}; if that is meant, run again with \
         UPDATE_SNAPSHOTS=1"
    );
}

#[test]
fn every_route_has_an_operation_and_every_operation_a_route() {
    for login in [true, false] {
        let document = Document::new(crm_http::openapi("", login));
        let described: BTreeSet<_> =
            document.operations().map(|(method, path, _)| format!("{method} {path}")).collect();
        let routed: BTreeSet<_> = crm_http::routes(login)
            .into_iter()
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        assert_eq!(described, routed, "with the login: {login}");
        let names: BTreeSet<_> =
            document.operations().map(|(.., operation)| operation["operationId"].to_string()).collect();
        assert_eq!(names.len(), routed.len(), "two operations have one name");
    }
}

#[tokio::test]
async fn the_service_answers_to_the_methods_in_the_document_and_to_no_others() {
    let (world, document) = (World::new().await, document());
    let client = world.stranger();
    for (path, item) in document.json["paths"].as_object().unwrap() {
        let answer = client.call(Method::TRACE, &path.replace("{id}", "1"), &[], None).await;
        answer.is_problem(405, "method_not_allowed");
        let allowed: BTreeSet<_> = answer
            .header("allow")
            .split(',')
            .filter(|method| *method != "HEAD")
            .map(str::to_lowercase)
            .collect();
        let described: BTreeSet<_> = item.as_object().unwrap().keys().cloned().collect();
        assert_eq!(allowed, described, "{path}");
    }
}

#[tokio::test]
async fn the_document_is_open_to_everybody_and_known_by_its_tag() {
    let client = World::new().await.stranger();
    let answer = client.get("/openapi.json").await;
    assert_eq!(answer.json(), document().json);
    let tag = answer.header("etag");
    let again = client.call(Method::GET, "/openapi.json", &[("if-none-match", tag)], None).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    assert_eq!(client.get("/openapi.json?x=1").await.bad_parameters().len(), 1);
}

#[tokio::test]
async fn the_document_says_where_the_service_is_mounted() {
    for (mount, at) in [("/crm", "/crm"), ("/a/b", "/a/b"), ("/t/{tenant}", "/t/acme")] {
        let world = World::new().await;
        let client = Client::of(Router::new().nest_service(mount, world.router.clone()));
        let document = client.get(&format!("{at}/openapi.json")).await.json();
        assert_eq!(document["servers"][0]["url"], at);
        assert_eq!(document, crm_http::openapi(at, true));
    }
}

#[test]
fn without_the_built_in_login_the_document_says_nothing_of_it() {
    let document = crm_http::openapi("", false);
    assert!(document["paths"].get("/api/auth/login").is_none());
    assert_eq!(document["components"]["securitySchemes"], json!({}));
    let text = document.to_string();
    assert!(!text.contains("\"security\":"), "an operation asks for a sign-in that is not there");
}

#[test]
fn every_component_is_referred_to_and_every_reference_leads_somewhere() {
    for login in [true, false] {
        let document = crm_http::openapi("", login);
        let text = document.to_string();
        let referred: BTreeSet<_> =
            text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for reference in &referred {
            assert!(document.pointer(reference).is_some(), "{reference} leads nowhere");
        }
        for kind in ["schemas", "parameters", "headers", "responses"] {
            for name in document["components"][kind].as_object().unwrap().keys() {
                let reference = format!("/components/{kind}/{name}");
                assert!(referred.contains(reference.as_str()), "nothing refers to {reference}");
            }
        }
    }
}

#[test]
fn every_example_is_what_its_schema_says() {
    let document = document();
    let examples = document.examples();
    assert!(examples.len() > document.operations().count(), "examples are missing: {}", examples.len());
    for (place, schema, example) in examples {
        let faults = document.faults(schema, example);
        assert!(faults.is_empty(), "{place}: {faults:?}");
    }
}

#[test]
fn every_body_has_an_example() {
    let document = document();
    let bodies = |operation: &Json| -> Vec<Json> {
        let request = operation.get("requestBody").into_iter().cloned();
        let answers = operation["responses"].as_object().unwrap().values().cloned();
        request.chain(answers).filter_map(|body| body.get("content").cloned()).collect()
    };
    for (method, path, operation) in document.operations() {
        for content in bodies(operation) {
            for (name, media) in content.as_object().unwrap() {
                assert!(media.get("example").is_some(), "{method} {path} {name}");
            }
        }
    }
}
