//! The log: gapless, in the order of commit, and answering what it is asked.

use serde_json::json;
use uuid::Uuid;

use crate::{
    Actor, ActorKind, Customer, Entity, Event, EventKind, EventQuery, Id, Lead, MAX_EVENTS, Role, Row,
    TenantScope, Value, permission::Action, scope::DIRECTORY,
};

use super::workbench::{FOUNDING, Workbench, revised};

/// The numbers of the events that a read answers with. Numbers 1 and 2 are the founding's; below, a record is named by
/// the number of its event.
async fn seqs(bench: &Workbench, scope: &TenantScope, query: EventQuery) -> Vec<i64> {
    let events = bench.store.events(scope, &query).await.expect("events succeeds");
    events.iter().map(|event| event.seq).collect()
}

pub(super) async fn events_are_numbered_without_gaps(bench: &Workbench) {
    let scope = bench.found().await;
    for nth in 0..25 {
        let names: Vec<String> = (0..nth % 4).map(|inner| format!("Company {nth} {inner}")).collect();
        bench.customers(&scope, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let head = bench.head(&scope).await;
    let events = bench.events(&scope).await;
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
}

pub(super) async fn an_event_says_who_did_what_when(bench: &Workbench) {
    let scope = bench.found().await;
    let (user, request) = (bench.new_id(), bench.new_id());
    let actor = Actor::user(Id::from_uuid(user), Role::Member).in_request(request);
    let person = bench.crm.scope(scope.tenant(), actor);
    let row = bench.customer("Solar");
    bench.tick();
    bench.create(&person, Customer::object(), std::slice::from_ref(&row)).await;
    let events = bench.events_since_founding(&scope).await;
    let expected = Event {
        seq: FOUNDING + 1,
        at: bench.now(),
        actor: user.to_string(),
        actor_type: ActorKind::User,
        request_id: Some(request),
        object: "customers".into(),
        record_id: row.id,
        version: 1,
        kind: EventKind::Created,
        changes: crate::event::differences(Customer::object(), None, &row),
    };
    assert_eq!(events, [expected]);
}

pub(super) async fn every_kind_of_actor_is_named(bench: &Workbench) {
    let scope = bench.found().await;
    let key = bench.new_id();
    let actors = [
        (Actor::api_key(key, Role::Admin), ActorKind::ApiKey, key.to_string()),
        (Actor::job("import"), ActorKind::Job, "import".to_owned()),
        (Actor::user(Id::from_uuid(key), Role::Owner), ActorKind::User, key.to_string()),
    ];
    for (actor, kind, id) in actors {
        let acting = bench.crm.scope(scope.tenant(), actor);
        bench.customers(&acting, &["Solar"]).await;
        let last = bench.events(&scope).await.pop().expect("an event");
        assert_eq!((last.actor_type, last.actor, last.request_id), (kind, id, None));
    }
    let system = TenantScope::from_maintenance(&bench.crm.maintenance(), scope.tenant());
    bench.customers(&system, &["Upkeep"]).await;
    let last = bench.events(&scope).await.pop().expect("an event");
    assert_eq!((last.actor_type, last.actor.as_str()), (ActorKind::System, ""));
}

pub(super) async fn an_event_keeps_old_and_new_values(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let long = "é😀\"\\\n".repeat(1_000);
    let tags = vec!["a\"b".to_owned(), "日本".to_owned()];
    let before = bench.row(Customer::company("Old").notes(long.clone()).tags(tags));
    let after = revised(&before, "notes", object, Value::Null);
    let after = revised(&after, "company", object, Value::Text("New".into()));
    let after = Row { version: 2, ..after };
    bench.create(&scope, object, std::slice::from_ref(&before)).await;
    bench.commit(&scope, bench.draft().update(object, &before, &after)).await;
    let events = bench.events_since_founding(&scope).await;
    assert_eq!(events[0].changes, crate::event::differences(object, None, &before));
    let changed = |name: &str| events[1].changes.iter().find(|change| change.field == name);
    let company = changed("company").expect("the company changed");
    assert_eq!((&company.old, &company.new), (&json!("Old"), &json!("New")));
    let notes = changed("notes").expect("the notes changed");
    assert_eq!((&notes.old, &notes.new), (&json!(long), &json!(null)));
    assert_eq!(events[1].changes.len(), 2, "what did not change is not there");
}

pub(super) async fn events_follow_the_order_of_the_changes(bench: &Workbench) {
    let scope = bench.found().await;
    let lead = bench.lead(Lead::company("Lead"));
    let rows = [bench.customer("B"), bench.customer("A")];
    let changed = revised(&rows[0], "company", Customer::object(), Value::Text("C".into()));
    let draft = bench.draft().create(Customer::object(), &rows[0]).create(Lead::object(), &lead);
    let draft = draft.create(Customer::object(), &rows[1]).update(Customer::object(), &rows[0], &changed);
    bench.commit(&scope, draft).await;
    let logged = bench.events_since_founding(&scope).await;
    let logged: Vec<(Uuid, i64)> = logged.iter().map(|event| (event.record_id, event.version)).collect();
    assert_eq!(logged, [(rows[0].id, 1), (lead.id, 1), (rows[1].id, 1), (rows[0].id, 2)]);
}

pub(super) async fn events_are_read_from_and_up_to_a_number(bench: &Workbench) {
    let scope = bench.found().await;
    bench.customers(&scope, &["3", "4", "5", "6", "7"]).await;
    let all = EventQuery::default;
    assert_eq!(seqs(bench, &scope, EventQuery { after: 4, ..all() }).await, [5, 6, 7]);
    assert_eq!(seqs(bench, &scope, EventQuery { after: 7, ..all() }).await, [0; 0]);
    assert_eq!(seqs(bench, &scope, EventQuery { after: -5, limit: 2, ..all() }).await, [1, 2]);
    assert_eq!(seqs(bench, &scope, EventQuery { before: Some(3), ..all() }).await, [1, 2]);
    assert_eq!(seqs(bench, &scope, EventQuery { before: Some(1), ..all() }).await, [0; 0]);
    assert_eq!(seqs(bench, &scope, EventQuery { after: 2, before: Some(6), ..all() }).await, [3, 4, 5]);
    assert_eq!(seqs(bench, &scope, EventQuery { after: i64::MAX, ..all() }).await, [0; 0]);
    assert_eq!(seqs(bench, &scope, EventQuery { before: Some(i64::MIN), ..all() }).await, [0; 0]);
}

pub(super) async fn events_are_read_newest_first_if_asked(bench: &Workbench) {
    let scope = bench.found().await;
    bench.customers(&scope, &["3", "4", "5", "6", "7"]).await;
    let newest = || EventQuery { newest_first: true, ..EventQuery::default() };
    assert_eq!(seqs(bench, &scope, newest()).await, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(seqs(bench, &scope, EventQuery { limit: 2, ..newest() }).await, [7, 6]);
    assert_eq!(seqs(bench, &scope, EventQuery { before: Some(6), limit: 2, ..newest() }).await, [5, 4]);
    assert_eq!(seqs(bench, &scope, EventQuery { after: 5, before: Some(9), ..newest() }).await, [7, 6]);
}

pub(super) async fn events_are_read_by_kind_of_record(bench: &Workbench) {
    let scope = bench.found().await;
    bench.customers(&scope, &["3"]).await;
    bench.create(&scope, Lead::object(), &[bench.lead(Lead::company("4"))]).await;
    bench.customers(&scope, &["5"]).await;
    let of = |object| EventQuery { object: Some(object), ..EventQuery::default() };
    assert_eq!(seqs(bench, &scope, of(Customer::object())).await, [3, 5]);
    assert_eq!(seqs(bench, &scope, of(Lead::object())).await, [4]);
    assert_eq!(seqs(bench, &scope, of(crate::Contact::object())).await, [0; 0]);
    assert_eq!(seqs(bench, &scope, EventQuery { after: 3, ..of(Customer::object()) }).await, [5]);
}

pub(super) async fn events_are_read_by_record(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = bench.customers(&scope, &["3", "4"]).await;
    bench.delete(&scope, Customer::object(), &rows[0]).await;
    let same_id = Row { id: rows[0].id, ..bench.lead(Lead::company("6")) };
    bench.create(&scope, Lead::object(), &[same_id]).await;
    let of = EventQuery { record: Some(rows[0].id), ..EventQuery::default() };
    let customer = EventQuery { object: Some(Customer::object()), ..of.clone() };
    assert_eq!(seqs(bench, &scope, of).await, [3, 5, 6], "of any kind of record");
    assert_eq!(seqs(bench, &scope, customer.clone()).await, [3, 5]);
    assert_eq!(seqs(bench, &scope, EventQuery { newest_first: true, limit: 1, ..customer }).await, [5]);
    let unknown = EventQuery { record: Some(bench.new_id()), ..EventQuery::default() };
    assert_eq!(seqs(bench, &scope, unknown).await, [0; 0]);
}

pub(super) async fn events_are_read_by_actor(bench: &Workbench) {
    let scope = bench.found().await;
    let (ada, bob) = (bench.as_role(&scope, Role::Member), bench.as_role(&scope, Role::Member));
    bench.customers(&ada, &["3", "4"]).await;
    bench.customers(&bob, &["5"]).await;
    bench.customers(&ada, &["6"]).await;
    let by = |id: &str| EventQuery { actor: Some(id.to_owned()), ..EventQuery::default() };
    assert_eq!(seqs(bench, &scope, by(ada.actor().id())).await, [3, 4, 6]);
    assert_eq!(seqs(bench, &scope, by(bob.actor().id())).await, [5]);
    assert_eq!(seqs(bench, &scope, by("conformance")).await, [1, 2]);
    assert_eq!(seqs(bench, &scope, by("CONFORMANCE")).await, [0; 0]);
    assert_eq!(seqs(bench, &scope, by("%")).await, [0; 0]);
    let narrowed = EventQuery { after: 3, object: Some(Customer::object()), ..by(ada.actor().id()) };
    assert_eq!(seqs(bench, &scope, narrowed).await, [4, 6]);
}

pub(super) async fn a_read_of_the_log_is_bounded(bench: &Workbench) {
    let scope = bench.found().await;
    for batch in 0..3 {
        let rows: Vec<Row> = (0..400).map(|nth| bench.customer(&format!("Company {batch} {nth}"))).collect();
        bench.create(&scope, Customer::object(), &rows).await;
    }
    for (limit, expected) in [(0, 0), (1, 1), (999, 999), (MAX_EVENTS, 1_000), (u32::MAX, 1_000)] {
        let read = seqs(bench, &scope, EventQuery { limit, ..EventQuery::default() }).await;
        assert_eq!(read, (1..=expected).collect::<Vec<i64>>(), "limit {limit}");
    }
    assert_eq!(bench.events_since_founding(&scope).await.len(), 1_200);
}

pub(super) async fn secrets_stay_out_of_the_log(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    directory.set_password_hash("ada@example.com", "$secret$one").await.unwrap();
    directory.set_password_hash("ada@example.com", "$secret$two").await.unwrap();
    let scope = TenantScope::from_maintenance(&maintenance, DIRECTORY);
    let events = bench.events(&scope).await;
    let changed =
        events.iter().flat_map(|event| &event.changes).filter(|change| change.field == "password_hash");
    let changed: Vec<_> = changed.collect();
    assert_eq!(changed.len(), 2, "that it changed is known");
    assert!(changed.iter().all(|change| change.old.is_null() && change.new.is_null()));
    assert!(!format!("{events:?}").contains("$secret$"));
    let account = directory.account("ADA@example.com").await.unwrap().expect("the account");
    assert_eq!(account.password_hash, "$secret$two", "the record itself keeps it");
}

pub(super) async fn only_administrators_read_the_log(bench: &Workbench) {
    let scope = bench.found().await;
    for role in Role::ALL {
        let acting = bench.as_role(&scope, role);
        let read = bench.crm.log(&acting).events(&EventQuery::default()).await;
        let may = crate::permission::allows(role, Action::ReadLog, Customer::object());
        assert_eq!(may, role >= Role::Admin);
        assert_eq!(read.is_ok(), may, "{role}");
    }
    for limit in [0, MAX_EVENTS + 1] {
        let read = bench.crm.log(&scope).events(&EventQuery { limit, ..EventQuery::default() }).await;
        super::workbench::refused!(read, crate::Error::Invalid { .. });
    }
}
