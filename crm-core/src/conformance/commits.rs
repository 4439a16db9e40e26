//! Commits: all of a batch or nothing of it, and only if what it expects holds.

use uuid::Uuid;

use crate::{
    Conflict, Contact, Customer, Entity, Error, EventKind, Expect, Id, Lead, MAX_IDS, Pipeline, Row,
    Settings, TenantScope, Value, Visibility,
};

use super::workbench::{Draft, FOUNDING, Workbench, anything, every, ids, refusal, refused, revised, search};

pub(super) async fn an_empty_batch_changes_nothing(bench: &Workbench) {
    let scope = bench.found().await;
    let head = bench.head(&scope).await;
    let done = bench.commit(&scope, bench.draft()).await;
    assert_eq!((done.first, done.last), (head + 1, head), "the batch has no events");
    assert!(done.numbers.is_empty() && !done.replayed);
    assert_eq!(bench.head(&scope).await, head);
}

pub(super) async fn a_commit_answers_with_the_numbers_of_its_events(bench: &Workbench) {
    let scope = bench.found().await;
    let rows: Vec<Row> = (0..3).map(|nth| bench.customer(&format!("Company {nth}"))).collect();
    let done = bench.create(&scope, Customer::object(), &rows).await;
    assert_eq!((done.first, done.last, done.replayed), (FOUNDING + 1, FOUNDING + 3, false));
    assert_eq!(bench.head(&scope).await, FOUNDING + 3);
    let done = bench.customers(&scope, &["One more"]).await;
    let logged = bench.events(&scope).await;
    assert_eq!(logged.last().map(|event| (event.seq, event.record_id)), Some((FOUNDING + 4, done[0].id)));
}

pub(super) async fn a_committed_row_reads_back_as_it_was(bench: &Workbench) {
    let scope = bench.found().await;
    let own = Row { created_by: Some(bench.new_id()), ..bench.customer("Solar") };
    bench.create(&scope, Customer::object(), std::slice::from_ref(&own)).await;
    assert_eq!(bench.get(&scope, Customer::object(), own.id).await.as_ref(), Some(&own));
    assert_eq!(bench.all(&scope, Customer::object(), &anything()).await, [own]);
}

pub(super) async fn a_put_replaces_the_row_whole(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let full = Customer::company("Solar").email("ada@example.com").notes("Much").tags(vec!["a".to_owned()]);
    let before = Row { created_by: Some(bench.new_id()), ..bench.row(full) };
    bench.create(&scope, object, std::slice::from_ref(&before)).await;
    bench.tick();
    let after = Row { id: before.id, version: 2, ..bench.row(Customer::person("Ada").is_active(false)) };
    bench.commit(&scope, bench.draft().update(object, &before, &after)).await;
    assert_eq!(bench.get(&scope, object, before.id).await, Some(after), "nothing of the old row is left");
}

pub(super) async fn absence_is_expected_of_live_and_deleted_records(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = bench.customers(&scope, &["Live", "Deleted"]).await;
    bench.delete(&scope, object, &rows[1]).await;
    for row in &rows {
        let again = Row { id: row.id, ..bench.customer("Again") };
        let done = bench.try_commit(&scope, bench.draft().create(object, &again)).await;
        refused!(done, Error::Conflict(Conflict::Version { object: "customers" }));
        let done = bench.try_commit(&scope, bench.draft().check(object, row.id, Expect::Absent)).await;
        refused!(done, Error::Conflict(Conflict::Version { object: "customers" }));
    }
    bench.commit(&scope, bench.draft().check(object, bench.new_id(), Expect::Absent)).await;
}

pub(super) async fn only_the_expected_version_is_changed(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let first = bench.customers(&scope, &["One"]).await.remove(0);
    let second = revised(&first, "company", object, Value::Text("Two".into()));
    bench.commit(&scope, bench.draft().update(object, &first, &second)).await;
    let third = revised(&second, "company", object, Value::Text("Three".into()));
    for version in [-1, 0, 1, 3, i64::MAX] {
        let expect = Expect::Version(version);
        let stale = bench.draft().expecting(expect, object, Some(&second), &third, EventKind::Updated);
        refused!(
            bench.try_commit(&scope, stale).await,
            Error::Conflict(Conflict::Version { object: "customers" })
        );
    }
    let unknown = revised(&bench.customer("Nobody"), "company", object, Value::Text("Somebody".into()));
    let expect = Expect::Version(1);
    let nobody = bench.draft().expecting(expect, object, None, &unknown, EventKind::Updated);
    refused!(
        bench.try_commit(&scope, nobody).await,
        Error::Conflict(Conflict::Version { object: "customers" })
    );
    assert_eq!(bench.get(&scope, object, first.id).await, Some(second));
}

pub(super) async fn a_version_is_expected_of_deleted_records_as_well(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.customers(&scope, &["Deleted"]).await.remove(0);
    let deleted = bench.delete(&scope, object, &row).await;
    bench.commit(&scope, bench.draft().check(object, row.id, Expect::Version(2))).await;
    let restored = Row { deleted_at: None, version: 3, ..row };
    bench.commit(&scope, bench.draft().put(object, Some(&deleted), &restored, EventKind::Restored)).await;
    assert_eq!(bench.get(&scope, object, restored.id).await, Some(restored));
}

pub(super) async fn a_check_holds_the_batch_and_leaves_no_trace(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.customers(&scope, &["Checked"]).await.remove(0);
    let before = bench.everything(&scope, &[]).await;
    let done = bench.commit(&scope, bench.draft().check(object, row.id, Expect::Version(1))).await;
    assert_eq!((done.first, done.last), (FOUNDING + 2, FOUNDING + 1));
    assert_eq!(bench.everything(&scope, &[]).await, before);
    let draft = bench.draft().create(object, &bench.customer("Never"));
    let failing = draft.check(object, row.id, Expect::Version(2));
    refused!(bench.try_commit(&scope, failing).await, Error::Conflict(Conflict::Version { .. }));
    assert_eq!(bench.everything(&scope, &[]).await, before);
}

pub(super) async fn expectations_see_what_the_batch_wrote_before(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let first = bench.customer("One");
    let second = revised(&first, "company", object, Value::Text("Two".into()));
    let third =
        Row { deleted_at: Some(bench.now()), ..revised(&second, "name", object, Value::Text("Ada".into())) };
    let draft = bench.draft().create(object, &first).check(object, first.id, Expect::Version(1));
    let draft = draft.update(object, &first, &second);
    let draft = draft.put(object, Some(&second), &third, EventKind::Deleted);
    let again = draft.clone().check(object, first.id, Expect::Version(2));
    refused!(bench.try_commit(&scope, again).await, Error::Conflict(Conflict::Version { .. }));
    let twice = draft.clone().create(object, &Row { id: first.id, ..bench.customer("Twice") });
    refused!(bench.try_commit(&scope, twice).await, Error::Conflict(Conflict::Version { .. }));
    bench.commit(&scope, draft).await;
    assert_eq!(bench.get(&scope, object, first.id).await, Some(third));
    let kinds: Vec<EventKind> =
        bench.events_since_founding(&scope).await.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::Updated, EventKind::Deleted]);
}

/// What a batch needs to leave no trace: commits it with something that must fail, and looks for traces.
async fn leaves_nothing(bench: &Workbench, scope: &TenantScope, spoil: impl FnOnce(Draft) -> Draft) {
    let object = Customer::object();
    let known = bench.row(Customer::company("Known").external_id("taken"));
    bench.create(scope, object, std::slice::from_ref(&known)).await;
    bench.commit(scope, bench.draft().add("test.figure", "full", i64::MAX)).await;
    let before = bench.everything(scope, &["test.figure"]).await;
    let fresh = bench.row(Customer::company("Phantom").external_id("free"));
    let lead = bench.lead(Lead::company("Phantom"));
    let changed = revised(&known, "company", object, Value::Text("Spectre".into()));
    let draft = || {
        let draft = bench.draft().create(object, &fresh).create(Lead::object(), &lead);
        draft.update(object, &known, &changed).add("test.figure", "k", 5).once(1, 1)
    };
    let refused = refusal(bench.try_commit(scope, spoil(draft())).await);
    assert_eq!(bench.everything(scope, &["test.figure"]).await, before, "after {refused}");
    for term in ["phantom", "spectre"] {
        assert!(bench.all(scope, object, &search(term)).await.is_empty(), "search after {refused}");
    }
    assert_eq!(bench.all(scope, object, &search("known")).await, std::slice::from_ref(&known));
    let done = bench.commit(scope, draft()).await;
    assert!(!done.replayed, "the key is free after {refused}");
    assert_eq!(done.numbers, [1], "the number is free after {refused}");
    assert_eq!(done.first, before.events.len() as i64 + 1, "the log has no gap after {refused}");
    let seqs = bench.events(scope).await.iter().map(|event| event.seq).collect::<Vec<_>>();
    assert_eq!(seqs, (1..=done.last).collect::<Vec<_>>());
}

pub(super) async fn a_failed_expectation_at_the_end_undoes_the_batch(bench: &Workbench) {
    let scope = bench.found().await;
    let missing = bench.new_id();
    leaves_nothing(bench, &scope, |draft| draft.check(Customer::object(), missing, Expect::Version(1))).await;
}

pub(super) async fn a_taken_value_at_the_end_undoes_the_batch(bench: &Workbench) {
    let scope = bench.found().await;
    let row = bench.row(Customer::company("Twin").external_id("taken"));
    leaves_nothing(bench, &scope, |draft| draft.create(Customer::object(), &row)).await;
}

pub(super) async fn a_reference_to_nothing_at_the_end_undoes_the_batch(bench: &Workbench) {
    let scope = bench.found().await;
    let row = bench.row(Contact::at(Id::from_uuid(bench.new_id()), "Ada"));
    leaves_nothing(bench, &scope, |draft| draft.create(Contact::object(), &row)).await;
}

pub(super) async fn a_counter_that_overflows_undoes_the_batch(bench: &Workbench) {
    let scope = bench.found().await;
    leaves_nothing(bench, &scope, |draft| draft.add("test.figure", "full", 1)).await;
}

pub(super) async fn a_broken_bound_undoes_the_batch(bench: &Workbench) {
    let scope = bench.found().await;
    leaves_nothing(bench, &scope, |draft| {
        draft.bound("test.figure", "k", 0, 5).bound("test.figure", "k", 6, 6)
    })
    .await;
}

pub(super) async fn a_tenant_is_founded_once(bench: &Workbench) {
    let scope = bench.nowhere();
    let row = bench.customer("First");
    let done = bench.commit(&scope, bench.draft().founding().create(Customer::object(), &row)).await;
    assert_eq!((done.first, done.last), (1, 1), "its log begins at 1");
    let again = bench.draft().founding().create(Customer::object(), &bench.customer("Second"));
    refused!(bench.try_commit(&scope, again).await, Error::Conflict(Conflict::Tenant));
    refused!(bench.try_commit(&scope, bench.draft().founding()).await, Error::Conflict(Conflict::Tenant));
    assert_eq!(bench.all(&scope, Customer::object(), &anything()).await, [row]);
    assert_eq!(bench.head(&scope).await, 1);
}

pub(super) async fn an_empty_batch_founds_a_tenant(bench: &Workbench) {
    let scope = bench.nowhere();
    bench.commit(&scope, bench.draft().founding()).await;
    refused!(bench.try_commit(&scope, bench.draft().founding()).await, Error::Conflict(Conflict::Tenant));
    assert_eq!(bench.customers(&scope, &["First"]).await.len(), 1);
    assert_eq!(bench.head(&scope).await, 1);
}

pub(super) async fn a_failed_founding_leaves_no_tenant(bench: &Workbench) {
    let scope = bench.nowhere();
    let row = bench.customer("First");
    let founding = bench.draft().founding().create(Customer::object(), &row);
    refused!(
        bench.try_commit(&scope, founding.clone().bound("test.figure", "", 1, 1)).await,
        Error::Conflict(Conflict::Rule(_))
    );
    refused!(bench.try_commit(&scope, bench.draft()).await, Error::NotFound { what: "tenant" });
    bench.commit(&scope, founding).await;
    assert_eq!(bench.all(&scope, Customer::object(), &anything()).await, [row]);
}

pub(super) async fn tenants_are_founded_in_any_number(bench: &Workbench) {
    let mut tenants = std::collections::HashSet::new();
    for _ in 0..20 {
        let scope = bench.found().await;
        assert!(tenants.insert(scope.tenant().uuid()));
        assert!(bench.get(&scope, Pipeline::object(), scope.tenant().uuid()).await.is_some());
        assert!(bench.get(&scope, Settings::object(), scope.tenant().uuid()).await.is_some());
        assert_eq!(bench.events(&scope).await[0].seq, 1);
        assert_eq!(bench.head(&scope).await, FOUNDING);
    }
}

pub(super) async fn five_hundred_changes_commit_together_or_not_at_all(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Lead::object();
    let rows: Vec<Row> = (0..500).map(|nth| bench.lead(Lead::company(format!("Company {nth}")))).collect();
    let draft = rows.iter().fold(bench.draft(), |draft, row| draft.create(object, row));
    let failing = draft.clone().create(object, &rows[0]);
    refused!(bench.try_commit(&scope, failing).await, Error::Conflict(Conflict::Version { object: "leads" }));
    assert_eq!(bench.count(&scope, object, &anything()).await, 0);
    assert_eq!(bench.counter(&scope, "leads", "new").await, 0);
    let done = bench.commit(&scope, draft).await;
    assert_eq!(done.numbers, (1..=500).collect::<Vec<i64>>());
    assert_eq!((done.first, done.last), (FOUNDING + 1, FOUNDING + 500));
    assert_eq!(bench.counter(&scope, "leads", "new").await, 500);
    let stored = bench.store.get(&scope, object, &ids(&rows)).await.expect("get succeeds");
    assert_eq!(ids(&stored), ids(&rows));
    assert!(stored.iter().zip(1..).all(|(row, number)| row.number == Some(number)));
}

pub(super) async fn get_answers_in_the_order_of_the_ids(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = bench.customers(&scope, &["One", "Two", "Three", "Four"]).await;
    let deleted = bench.delete(&scope, Customer::object(), &rows[2]).await;
    let wanted = [rows[3].id, Uuid::nil(), rows[0].id, deleted.id, bench.new_id(), rows[1].id];
    let got = bench.store.get(&scope, Customer::object(), &wanted).await.expect("get succeeds");
    assert_eq!(got, [rows[3].clone(), rows[0].clone(), deleted, rows[1].clone()], "deleted ones included");
    assert!(bench.store.get(&scope, Customer::object(), &[]).await.expect("get succeeds").is_empty());
}

pub(super) async fn get_takes_as_many_ids_as_the_trait_says(bench: &Workbench) {
    let scope = bench.found().await;
    let rows: Vec<Row> = (0..MAX_IDS).map(|nth| bench.customer(&format!("Company {nth}"))).collect();
    bench.create(&scope, Customer::object(), &rows).await;
    let mut wanted = ids(&rows);
    wanted.reverse();
    let got = bench.store.get(&scope, Customer::object(), &wanted).await.expect("get succeeds");
    assert_eq!(ids(&got), wanted);
}

pub(super) async fn a_deleted_row_is_read_only_where_it_is_asked_for(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = bench.customers(&scope, &["Live", "Deleted"]).await;
    let deleted = bench.delete(&scope, Customer::object(), &rows[1]).await;
    for (visibility, expected) in [
        (Visibility::Live, vec![rows[0].clone()]),
        (Visibility::Deleted, vec![deleted.clone()]),
        (Visibility::Any, vec![rows[0].clone(), deleted.clone()]),
    ] {
        let mut got = bench.pages(&scope, crate::Select { visibility, ..every(Customer::object()) }).await;
        got.sort_by_key(|row| row.deleted_at.is_some());
        assert_eq!(got, expected, "{visibility:?}");
        let count = bench.store.count(&scope, Customer::object(), &anything(), visibility).await;
        assert_eq!(count.expect("count succeeds"), expected.len() as u64, "{visibility:?}");
    }
    assert_eq!(bench.counter(&scope, "customers", "active").await, 1);
}

pub(super) async fn what_was_committed_is_there_after_opening_again(bench: &mut Workbench) {
    let durable = bench.store.capabilities().durable;
    let scope = bench.found().await;
    let rows = super::specimen::populate(bench, &scope, 12).await;
    let once = bench.draft().create(Customer::object(), &bench.customer("Solar")).once(9, 9);
    bench.commit(&scope, once.clone().add("test.figure", "k", 2)).await;
    let before = bench.everything(&scope, &["test.figure"]).await;
    bench.reopen().await;
    assert_eq!(bench.store.capabilities().durable, durable, "a store does not change its mind");
    let after = bench.everything(&scope, &["test.figure"]).await;
    if !durable {
        assert!(
            after.rows.values().all(Vec::is_empty) && after.events.is_empty(),
            "forgotten is forgotten whole"
        );
        refused!(bench.try_commit(&scope, bench.draft()).await, Error::NotFound { what: "tenant" });
        return;
    }
    assert_eq!(after, before);
    assert_eq!(bench.all(&scope, Customer::object(), &search("solar")).await.len(), 1);
    assert!(bench.commit(&scope, once.add("test.figure", "k", 2)).await.replayed, "the key is remembered");
    let lead = bench.lead(Lead::company("Next"));
    let done = bench.create(&scope, Lead::object(), &[lead]).await;
    assert_eq!(done.numbers, [rows["leads"].len() as i64 + 1], "numbers go on");
    assert_eq!(done.first, before.events.len() as i64 + 1, "and so does the log");
}
