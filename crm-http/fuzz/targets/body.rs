//! Any body is refused whole, or makes or changes a record that reads back, survives its own JSON, and leaves every
//! figure right.

#![no_main]

use std::cell::RefCell;

use axum::http::Method;
use crm_core::{Object, Origin};
use crm_fuzz::{Answer, World, choose};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Map, Value as Json, json};

/// What takes a body. `ID` is that of a record of the kind before it.
const ROUTES: [(&str, &str); 18] = [
    ("POST", "/api/customers"),
    ("POST", "/api/leads"),
    ("POST", "/api/projects"),
    ("POST", "/api/tasks"),
    ("POST", "/api/users"),
    ("POST", "/api/customers/ID/contacts"),
    ("POST", "/api/customers/ID/interactions"),
    ("POST", "/api/leads/ID/interactions"),
    ("POST", "/api/leads/ID/convert"),
    ("PATCH", "/api/customers/ID"),
    ("PATCH", "/api/leads/ID"),
    ("PATCH", "/api/projects/ID"),
    ("PATCH", "/api/tasks/ID"),
    ("PATCH", "/api/users/ID"),
    ("PATCH", "/api/contacts/ID"),
    ("PATCH", "/api/interactions/ID"),
    ("PATCH", "/api/settings"),
    ("PUT", "/api/pipeline"),
];

/// A world that no change has been made to, with the addresses of [`ROUTES`] and the number of its last event.
struct Fresh {
    world: World,
    routes: Vec<String>,
    events: Json,
}

impl Fresh {
    fn new() -> Self {
        let world = World::new();
        let customer = world.make(0, "/api/customers", json!({ "name": "A", "email": "a@example.com" }));
        let within = |kind: &str| format!("/api/customers/{customer}/{kind}");
        world.make(0, &within("contacts"), json!({ "name": "B", "phone": "+44 20 7946 0000" }));
        world.make(
            0,
            &within("interactions"),
            json!({ "type": "note", "occurred_at": "2026-02-03T04:05:06Z" }),
        );
        let value = json!({ "amount": 1, "currency": "EUR" });
        world.make(0, "/api/leads", json!({ "name": "C", "value": value, "customer_id": customer }));
        world.make(0, "/api/projects", json!({ "name": "D", "customer_id": customer }));
        world.make(0, "/api/tasks", json!({ "title": "E", "customer_id": customer }));
        let routes = ROUTES.map(|(_, path)| match path.split('/').nth(2).filter(|_| path.contains("ID")) {
            Some(kind) => path.replace("ID", &first(&world, kind)),
            None => path.to_owned(),
        });
        Self { events: events(&world), routes: routes.into(), world }
    }
}

fn first(world: &World, kind: &str) -> String {
    let list = world.get(0, &format!("/api/{kind}?limit=1")).expect("an address");
    list.json["data"][0]["id"].as_str().expect("an id").to_owned()
}

fn events(world: &World) -> Json {
    world.get(0, "/api/events?limit=200").expect("an address").json
}

/// The kind of record that a route answers with.
fn object(path: &str) -> Option<&'static Object> {
    let name = path.rsplit('/').find(|part| part.bytes().all(|byte| byte.is_ascii_lowercase()))?;
    crm_core::object(name)
}

/// The fields of a record that whoever writes it sets.
fn written(object: &Object, record: &Json) -> Map<String, Json> {
    let own = object.public_fields().filter(|(_, field)| field.origin == Origin::Written);
    own.map(|(_, field)| (field.name.to_owned(), record[field.name].clone())).collect()
}

/// A record that was made or changed.
fn check(world: &World, object: &'static Object, record: &Json) {
    let id = record["id"].as_str().expect("an id");
    let address = match object.name {
        "settings" => "/api/settings".to_owned(),
        name => format!("/api/{name}/{id}"),
    };
    let read = world.get(0, &address).expect("an address");
    assert_eq!((read.status, &read.json), (200, record), "{address} reads back as something else");
    let own = written(object, record);
    let text = json!(own).to_string();
    let again = world.send(0, Method::PATCH, &address, text.as_bytes()).expect("an address");
    assert_eq!(again.status, 200, "{address} does not take what it says itself: {text}: {again:?}");
    assert_eq!(written(object, &again.json), own, "{address} changes what it said itself");
    if matches!(object.name, "customers" | "leads" | "projects" | "tasks") {
        let Answer { status, json } = world
            .send(0, Method::POST, &format!("/api/{}", object.name), text.as_bytes())
            .expect("an address");
        match status {
            201 => assert_eq!(written(object, &json), own, "a twin of {address} is another"),
            409 => assert_eq!(json["code"], "duplicate", "{text}"),
            status => panic!("{status} for a twin of {address}, {text}: {json}"),
        }
    }
}

thread_local! {
    static FRESH: RefCell<Option<Fresh>> = const { RefCell::new(None) };
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((route, body)) = choose(&ROUTES, input) else { return Corpus::Reject };
    let fresh = FRESH.take().unwrap_or_else(Fresh::new);
    let method = ROUTES[route].0.parse().expect("a method");
    let answer = fresh.world.send(0, method, &fresh.routes[route], body).expect("an address");
    match answer.status {
        200 | 201 => {
            if answer.json.get("id").is_some()
                && let Some(object) = object(ROUTES[route].1)
            {
                check(&fresh.world, object, &answer.json);
            }
            fresh.world.verify(0);
        }
        400 | 409 | 422 => {
            assert_eq!(events(&fresh.world), fresh.events, "what was refused has left a trace");
            FRESH.set(Some(fresh));
        }
        status => panic!("{status} for {}: {}", fresh.routes[route], answer.json),
    }
    Corpus::Keep
});
