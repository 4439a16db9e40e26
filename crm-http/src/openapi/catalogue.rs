//! The operations by the name of their route.

use crm_core::{Access, ApiKey, Customer, Entity, MAX_SEARCH_CHARS, Pipeline, Settings, User, objects};
use serde_json::{Value as Json, json};

use super::{
    examples, figures,
    kinds::kind_of,
    listing::{ANY_TEXT, SOME_TEXT, header, needed_query, query, shared},
    operation::{Operation, Reply},
    records,
    schemas::reference,
    tags,
};
use crate::routes::Route;

/// A token of an invitation.
const TOKEN: &str = "AZ2Zr2pAcQKYb7zKZ8q0bTEyMzQ1Njc4OTBhYmNkZWZnaGlqa2xtbm9wcXJzdHV2";

/// The operation of a route; `None` for a route that nothing is said about.
pub(super) fn describe(route: &Route) -> Option<Operation> {
    Some(match route.name.as_str() {
        "health" => Operation::new(tags::SERVICE, "Whether the service lives").answers(Reply::json(
            200,
            "It does.",
            reference("Status"),
            json!({ "status": "ok" }),
        )),
        "readiness" => Operation::new(tags::SERVICE, "Whether the service can work")
            .refuses(&[503])
            .answers(Reply::json(200, "It can.", reference("Status"), json!({ "status": "ready" }))),
        "openapi" => Operation::new(tags::SERVICE, "This document").refuses(&[400]).finds(
            "The description of this service in OpenAPI 3.1.",
            json!({ "type": "object", "required": ["openapi", "info", "paths"] }),
            json!({ "openapi": "3.1.1", "info": { "title": "CRM", "version": "1" }, "paths": {} }),
        ),
        "metrics" => Operation::new(tags::SERVICE, "The figures of the service").answers(Reply::text(
            200,
            "Counts and times in the text format of Prometheus.",
            "text/plain",
            "crm_http_requests_in_flight 1\n",
        )),
        "login" => sign_in()?,
        "logout" => Operation::new(tags::SIGN_IN, "Sign out")
            .explained(
                "The token is good for nothing from then on. With `everywhere`, every sign-in of the account ends, in all \
                 tenants. An API key has no sign-in: it is revoked.",
            )
            .may_take(reference("SignOut"), json!({ "everywhere": false }))
            .answers(Reply::empty(204, "The session is closed.")),
        "change_password" => Operation::new(tags::SIGN_IN, "Change the password")
            .explained("Every sign-in of the account ends, this one too. Tries are limited.")
            .takes(
                reference("PasswordChange"),
                json!({ "current_password": "demo-password-1", "new_password": "correct horse" }),
            )
            .refuses(&[429])
            .answers(Reply::empty(204, "The password is another one.")),
        "create_api_key" => create_api_key()?,
        "invite_user" => Operation::new(tags::USERS, "Invite a user to sign in")
            .explained(
                "For a user whom nobody has given a password. The token takes the place of the one before, and is good for \
                 seven days unless the operator has said otherwise. It is 409 for a user that is not active, or that has \
                 accepted one already.",
            )
            .refuses(&[409])
            .answers(Reply::json(
                201,
                "The invitation.",
                reference("Invitation"),
                json!({ "token": TOKEN, "email": "ada@acme.test", "expires_at": "2026-03-09T09:30:00Z" }),
            )),
        "accept_invitation" => login("Accept an invitation")?
            .explained(
                "Signs in to the tenant that has invited. An address without an account gets one, with this password; for \
                 one that has an account its password is needed, and the account opens this tenant as well from then on.",
            )
            .takes(reference("Acceptance"), json!({ "token": TOKEN, "password": "correct horse" }))
            .refuses(&[401, 429, 503]),
        "search" => search()?,
        "live" => followed(Operation::new(tags::LOG, "Live events"))
            .explained(
                "Server-Sent Events: each event that is committed in the tenant from now on, or after a number, once and in \
                 order, as far as the caller may read that kind of record. The id of a message is the number of its \
                 event, its data the event. A stream ends when its caller may not come in any more.",
            )
            .parameter(header("Last-Event-ID", "Go on after the event with this number."))
            .refuses(&[429])
            .answers(Reply::text(
                200,
                "The stream.",
                "text/event-stream",
                "id: 7\ndata: {\"seq\":7,\"object\":\"customers\",\"kind\":\"created\"}\n\n",
            )),
        "live_socket" => followed(Operation::new(tags::LOG, "Live events over a WebSocket"))
            .explained("The same as `GET /api/live`: a text message for each event.")
            .refuses(&[426, 429])
            .answers(Reply::empty(101, "The socket is open.")),
        "me" => Operation::new(tags::SIGN_IN, "Who is asking").answers(Reply::json(
            200,
            "The user, the tenant and the role.",
            reference("Me"),
            me()?,
        )),
        "list_tasks" => records::list_tasks()?,
        "convert_lead" => convert()?,
        "stages_lead" => Operation::new(tags::LEADS, "The stages that a lead was in")
            .explained("Each visit, in order.")
            .finds("The visits.", reference("StageVisits"), visits()),
        "read_settings" => records::read(&kind_of(Settings::object())?, "settings"),
        "update_settings" => records::update(&kind_of(Settings::object())?),
        "read_pipeline" => records::read(&kind_of(Pipeline::object())?, "pipeline"),
        "replace_pipeline" => records::replace(&kind_of(Pipeline::object())?).explained(
            "A stage that leads are in cannot be removed, opened or closed; move the leads first.",
        ),
        "events" => events(),
        name => return figures::describe(name).or_else(|| records::describe(route)),
    })
}

fn create_api_key() -> Option<Operation> {
    let kind = kind_of(ApiKey::object())?;
    let mut made = kind.record_example();
    made["key"] =
        json!("crm_AZ2Zr2pAcQKYb7zKZ8q0bQGdma9qQHIDmG-8ymfKtG0xMjM0NTY3ODkwYWJjZGVmZ2hpamtsbW5vcHFyc3R1dg");
    let made = Reply::json(201, "The key, with itself.", reference("MadeAPIKey"), made)
        .with("ETag")
        .with("Location");
    Some(
        records::create(&kind)
            .explained("A key acts in its tenant alone, with its role, until it expires or is revoked.")
            .replaces(made.with("Idempotency-Replayed")),
    )
}

fn search() -> Option<Operation> {
    let found = json!({ "object": "customers", "record": kind_of(Customer::object())?.record_example() });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 50, "default": 10 });
    let text =
        json!({ "type": "string", "minLength": 1, "maxLength": MAX_SEARCH_CHARS, "pattern": SOME_TEXT });
    let operation = Operation::new(tags::SEARCH, "Search customers, contacts and leads")
        .explained("The newest records of each kind in which every word occurs, in any letters and with any accents.")
        .parameters([
            needed_query("q", "The words.", text),
            query("limit", "How many records of each kind at most.", limit),
        ]);
    Some(operation.finds("What was found.", reference("Findings"), json!({ "data": [found] })))
}

/// What a stream of events can be narrowed by.
fn followed(operation: Operation) -> Operation {
    let after = json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX });
    operation.parameters([
        query(
            "after",
            "Begin after the event with this number; with what comes from now on if left out.",
            after,
        ),
        kind_parameter(),
    ])
}

/// One kind of record, of those that the log tells of.
fn kind_parameter() -> Json {
    let kinds = objects().into_iter().filter(|object| object.access != Access::Directory);
    let names: Vec<_> = kinds.map(|object| object.name).collect();
    query("object", "Only events of this kind of record.", json!({ "type": "string", "enum": names }))
}

fn sign_in() -> Option<Operation> {
    let credentials = json!({ "email": "owner@acme.test", "password": "demo-password-1", "tenant": "acme" });
    let operation = login("Sign in")?
        .explained("Whatever is wrong with the credentials, the answer is the same 401. Tries are limited.");
    Some(operation.takes(reference("Credentials"), credentials).refuses(&[401, 429, 503]))
}

/// What opens a session.
fn login(summary: &'static str) -> Option<Operation> {
    let answer = json!({
        "token": "q0c7s1cV0b1tq2w8cZ0gWJ4b1y7o2m3n4p5r6s7t8u9",
        "expires_at": "2026-03-02T21:30:00Z",
        "user": kind_of(User::object())?.record_example(),
        "tenant": examples::tenant(),
    });
    Some(Operation::new(tags::SIGN_IN, summary).answers(Reply::json(
        200,
        "A session, or the tenants to choose from.",
        reference("SignIn"),
        answer,
    )))
}

fn me() -> Option<Json> {
    let user = kind_of(User::object())?.record_example();
    let tenant = examples::tenant();
    let permissions = ["read:customers", "create:customers", "update:customers"];
    Some(json!({
        "user": user,
        "actor_type": "user",
        "tenant": tenant,
        "role": "member",
        "permissions": permissions,
    }))
}

fn convert() -> Option<Operation> {
    let (schema, example) = records::conversion()?;
    let input = json!({ "customer_id": null });
    let operation = Operation::new(tags::LEADS, "Make a lead a customer")
        .explained("Makes or links the customer and closes the lead as won, at once.")
        .may_take(reference("ConversionInput"), input)
        .once();
    Some(
        operation.answers(
            Reply::json(200, "Both, as they are now.", schema, example).with("Idempotency-Replayed"),
        ),
    )
}

fn visits() -> Json {
    let visit = |stage: &str, entered: &str, left: Json, seconds: i64| json!({ "stage": stage, "entered_at": entered, "left_at": left, "seconds": seconds });
    json!({ "data": [
        visit("new", "2026-03-02T09:30:00Z", json!("2026-03-03T09:30:00Z"), 86_400),
        visit("qualified", "2026-03-03T09:30:00Z", Json::Null, 3_600),
    ] })
}

fn events() -> Operation {
    let after = json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX, "default": 0 });
    Operation::new(tags::LOG, "The log of the tenant")
        .explained("Its events, oldest first. They are numbered 1, 2, 3, ... without gaps.")
        .parameters([
            shared("Limit"),
            shared("Cursor"),
            query("after", "Only events with a number above this.", after),
            kind_parameter(),
            query("record_id", "Only events of this record.", json!({ "type": "string", "format": "uuid" })),
            query(
                "actor",
                "Only what this user, key or job did.",
                json!({ "type": "string", "pattern": ANY_TEXT }),
            ),
        ])
        .finds("A page.", reference("EventPage"), records::events_example())
}
