//! The operations that every kind of record has.

use crm_core::Object;
use serde_json::{Value as Json, json};

use super::{
    examples,
    kinds::{Kind, all, kind_of},
    listing::{of_list, query, shared},
    operation::{Operation, Reply},
    schemas::reference,
};
use crate::routes::{Route, operation_name};

/// The operation of a route, if it is one that every kind of record has.
pub(super) fn describe(route: &Route) -> Option<Operation> {
    let kind = kind_of(route.object?)?;
    let Object { name, singular, .. } = kind.object;
    let own = |verb: &str, what: &str| route.name == operation_name(verb, what);
    let within = |verb: &str, what: &str| {
        let parent = route.name.strip_prefix(&format!("{}_of_", operation_name(verb, what)))?;
        all().into_iter().find(|kind| kind.object.singular == parent)
    };
    Some(match () {
        () if own("list", name) => list(&kind),
        () if own("create", singular) => create(&kind),
        () if own("read", singular) => read(&kind, "record"),
        () if own("update", singular) => update(&kind),
        () if own("delete", singular) => delete(&kind),
        () if own("restore", singular) => restore(&kind),
        () if own("history_of", singular) => history(&kind),
        () => match (within("list", name), within("create", singular)) {
            (Some(parent), _) => list_within(&kind, &parent),
            (_, Some(parent)) => create_within(&kind, &parent),
            _ => return None,
        },
    })
}

fn list(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("List {}", kind.object.name.replace('_', " ")))
        .parameters(of_list(kind.object))
        .finds("A page.", kind.reference("Page"), kind.page_example())
}

/// The list of tasks, which can be narrowed to somebody's day.
pub(super) fn list_tasks() -> Option<Operation> {
    let kind = kind_of(<crm_core::Task as crm_core::Entity>::object())?;
    let agenda = "Of the open tasks, those that are the caller's own, due today, or overdue.";
    let words = json!({ "type": "string", "enum": ["mine", "today", "overdue"] });
    Some(list(&kind).parameter(query("agenda", agenda, words)))
}

fn list_within(kind: &Kind, parent: &Kind) -> Operation {
    Operation::new(kind.tag, format!("List the {} of a {}", kind.object.name, parent.object.singular))
        .parameters(of_list(kind.object))
        .finds("A page.", kind.reference("Page"), kind.page_example())
}

fn made(kind: &Kind) -> Reply {
    Reply::json(201, "It was made.", kind.reference(""), kind.record_example())
        .with("ETag")
        .with("Location")
        .with("Idempotency-Replayed")
}

/// Makes a record.
pub(super) fn create(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("Make a {}", kind.object.singular))
        .takes(kind.reference("Input"), kind.input_example())
        .once()
        .answers(made(kind))
}

fn create_within(kind: &Kind, parent: &Kind) -> Operation {
    let (own, of) = (kind.object, parent.object);
    Operation::new(kind.tag, format!("Make a {} of a {}", own.singular, of.singular))
        .takes(kind.input_within(of), kind.input_example_within(of))
        .once()
        .answers(made(kind))
}

fn found(kind: &Kind, what: &str) -> (String, Json, Json) {
    (format!("The {what}."), kind.reference(""), kind.record_example())
}

/// Reads one record, or the only one there is.
pub(super) fn read(kind: &Kind, what: &str) -> Operation {
    let (description, schema, example) = found(kind, what);
    Operation::new(kind.tag, format!("Read {} {}", article(kind), kind.object.singular)).finds(
        &description,
        schema,
        example,
    )
}

fn article(kind: &Kind) -> &'static str {
    if kind.is_only() { "the" } else { "a" }
}

fn changed(kind: &Kind) -> Reply {
    Reply::json(200, "The record as it is now.", kind.reference(""), kind.record_example()).with("ETag")
}

/// Changes one record, or the only one there is.
pub(super) fn update(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("Change {} {}", article(kind), kind.object.singular))
        .explained("A JSON Merge Patch (RFC 7396): what is left out stays, null removes.")
        .takes_patch(kind.reference("Patch"), kind.patch_example())
        .guarded()
        .answers(changed(kind))
}

/// Replaces the only record there is.
pub(super) fn replace(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("Replace the {}", kind.object.singular))
        .takes(kind.reference("Input"), kind.input_example())
        .guarded()
        .answers(changed(kind))
}

fn delete(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("Delete a {}", kind.object.singular))
        .explained("It can be restored, and its history stays.")
        .guarded()
        .answers(Reply::empty(204, "It is deleted."))
}

fn restore(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("Bring back a deleted {}", kind.object.singular))
        .explained("It must still be valid: what it refers to must be there, and its unique values be free.")
        .refuses(&[409, 422])
        .answers(changed(kind))
}

fn history(kind: &Kind) -> Operation {
    Operation::new(kind.tag, format!("The history of a {}", kind.object.singular))
        .explained("Its events, newest first; of a deleted record as well.")
        .parameters([shared("Limit"), shared("Cursor")])
        .finds("A page.", reference("EventPage"), events_example())
}

/// A page of events.
pub(super) fn events_example() -> Json {
    json!({ "data": [examples::event()], "next_cursor": null })
}

/// A lead that became business.
pub(super) fn conversion() -> Option<(Json, Json)> {
    let lead = kind_of(<crm_core::Lead as crm_core::Entity>::object())?;
    let customer = kind_of(<crm_core::Customer as crm_core::Entity>::object())?;
    let mut won = lead.record_example();
    won["stage"] = json!("closed_won");
    won["closed_at"] = won["stage_entered_at"].clone();
    won["customer_id"] = customer.record_example()["id"].clone();
    let example = json!({ "lead": won, "customer": customer.record_example() });
    Some((reference("Conversion"), example))
}
