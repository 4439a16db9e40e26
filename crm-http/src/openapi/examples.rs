//! Examples of records, all of one small business.

use crm_core::Object;
use serde_json::{Value as Json, json};

const ID: &str = "01994a5e-7c00-7000-8000-000000000001";
const USER: &str = "01994a5e-7c00-7000-8000-00000000000a";
const OTHER: &str = "01994a5e-7c00-7000-8000-00000000000c";
const MADE: &str = "2026-03-02T09:30:00Z";

/// What every record has.
pub(super) fn frame() -> Json {
    json!({ "id": ID, "version": 1, "created_at": MADE, "updated_at": MADE, "created_by": USER })
}

/// What is sent to make a record of a kind, and what to change it.
pub(super) fn sent(object: &Object) -> (Json, Json) {
    match object.name {
        "customers" => (
            json!({
                "company": "Brightwater Solar",
                "name": "Ada Brook",
                "email": "ada@brightwater.test",
                "phone": "+44 20 7946 0000",
                "website": "https://brightwater.test",
                "address_line1": "1 Mill Lane",
                "city": "Leeds",
                "postal_code": "LS1 4AP",
                "country": "United Kingdom",
                "owner_id": USER,
                "external_id": "B-1024",
                "tags": ["solar", "north"],
            }),
            json!({ "phone": "+44 113 496 0000", "address_line2": null }),
        ),
        "contacts" => (
            json!({
                "customer_id": OTHER,
                "name": "Ben Carter",
                "title": "Head of purchasing",
                "email": "ben@brightwater.test",
                "is_primary": true,
            }),
            json!({ "title": "Director" }),
        ),
        "leads" => (
            json!({
                "company": "Brightwater Solar",
                "name": "Ada Brook",
                "email": "ada@brightwater.test",
                "stage": "qualified",
                "source": "referral",
                "value": { "amount": 1_250_000, "currency": "EUR" },
                "expected_close": "2026-06-30",
                "owner_id": USER,
            }),
            json!({ "stage": "proposal", "value": { "amount": 1_500_000, "currency": "EUR" } }),
        ),
        "interactions" => (
            json!({
                "type": "phone",
                "subject": "Asked for a quote",
                "description": "Wants panels on two roofs before winter.",
                "occurred_at": MADE,
                "customer_id": OTHER,
            }),
            json!({ "description": "Wants panels on three roofs before winter." }),
        ),
        "projects" => (
            json!({
                "name": "Panels for Brightwater",
                "status": "active",
                "customer_id": OTHER,
                "starts_on": "2026-04-01",
                "due_on": "2026-09-30",
                "budget": { "amount": 2_500_000, "currency": "EUR" },
            }),
            json!({ "status": "on_hold" }),
        ),
        "tasks" => (
            json!({
                "title": "Send the quote",
                "priority": "high",
                "due_at": "2026-03-06T17:00:00Z",
                "assignee_id": USER,
                "customer_id": OTHER,
            }),
            json!({ "status": "done" }),
        ),
        "users" => (
            json!({ "email": "ben@acme.test", "name": "Ben Carter", "role": "member" }),
            json!({ "role": "admin" }),
        ),
        "api_keys" => (
            json!({ "name": "Nightly import", "role": "member", "expires_at": "2027-03-02T09:30:00Z" }),
            json!({}),
        ),
        "settings" => (json!({ "time_zone": "Europe/Berlin" }), json!({ "time_zone": "Europe/London" })),
        "pipelines" => {
            let stage = |key: &str, name: &str, kind: &str, qualified: bool, probability: f64| json!({ "key": key, "name": name, "kind": kind, "qualified": qualified, "probability": probability });
            let stages = json!({ "stages": [
                stage("new", "New", "open", false, 0.1),
                stage("offer", "Offer", "open", true, 0.5),
                stage("closed_won", "Won", "won", true, 1.0),
                stage("closed_lost", "Lost", "lost", false, 0.0),
            ] });
            (stages.clone(), stages)
        }
        _ => (json!({}), json!({})),
    }
}

/// What the rules of a kind keep of its example.
pub(super) fn managed(object: &Object) -> Vec<(&'static str, Json)> {
    match object.name {
        "leads" => vec![("stage_entered_at", json!(MADE)), ("closed_at", Json::Null)],
        "tasks" => vec![("completed_at", Json::Null)],
        _ => Vec::new(),
    }
}

/// An event of the log.
pub(super) fn event() -> Json {
    json!({
        "seq": 42,
        "at": MADE,
        "actor": USER,
        "actor_type": "user",
        "request_id": "01994a5e-7c00-7000-8000-0000000000ff",
        "object": "leads",
        "record_id": ID,
        "version": 2,
        "kind": "updated",
        "changes": [{ "field": "stage", "old": "new", "new": "qualified" }],
    })
}

/// The tenant, as its users see it.
pub(super) fn tenant() -> Json {
    json!({ "id": "01994a5e-7c00-7000-8000-000000000010", "slug": "acme", "name": "Acme Ltd" })
}
