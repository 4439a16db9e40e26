//! Tenancy: whatever belongs to another tenant is as if it were not there.

use std::fmt::Debug;

use crate::{
    Contact, Customer, Entity, EventKind, EventQuery, Expect, Filter, Id, Lead, Pipeline, Result, Row,
    Select, Settings, TenantId, Value, Visibility, conformance::specimen::populate, objects,
};

use super::workbench::{FOUNDING, Workbench, anything, every, ids, key, refusal, revised, search};

pub(super) async fn a_foreign_id_is_unknown_to_get(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let own = bench.customers(&ours, &["Ours"]).await.remove(0);
    let foreign = bench.customers(&theirs, &["Theirs"]).await.remove(0);
    let ids = [foreign.id, own.id, bench.new_id()];
    let rows = bench.store.get(&ours, Customer::object(), &ids).await.expect("get succeeds");
    assert_eq!(rows, [own]);
}

pub(super) async fn no_read_of_any_object_sees_another_tenant(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let foreign = populate(bench, &theirs, 20).await;
    let before = bench.everything(&ours, &[]).await;
    let founded = [Pipeline::object(), Settings::object()];
    for object in objects() {
        let own: &[Row] = if founded.contains(&object) { &before.rows[object.name] } else { &[] };
        let foreign = &foreign[object.name];
        assert_eq!(foreign.len(), 20);
        let got = bench.store.get(&ours, object, &ids(foreign)).await.expect("get succeeds");
        assert!(got.is_empty(), "get of {object:?}");
        let one_of = Filter::In(crate::Key::Id, foreign.iter().map(|row| Value::Id(row.id)).collect());
        for visibility in [Visibility::Live, Visibility::Deleted, Visibility::Any] {
            let select = Select { visibility, filter: one_of.clone(), ..every(object) };
            let page = bench.store.query(&ours, &select).await.expect("query succeeds");
            assert!(page.rows.is_empty() && !page.more, "query of {object:?}");
            let count = bench.store.count(&ours, object, &one_of, visibility).await.expect("count succeeds");
            assert_eq!(count, 0, "count of {object:?}");
        }
        assert_eq!(bench.all(&ours, object, &anything()).await, own, "all of {object:?}");
    }
}

pub(super) async fn a_search_finds_its_own_tenant_alone(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let own = bench.customers(&ours, &["Solar Ours"]).await;
    bench.customers(&theirs, &["Solar Theirs", "Marker Theirs", "Solar again"]).await;
    assert_eq!(bench.all(&ours, Customer::object(), &search("solar")).await, own);
    for foreign in ["marker", "theirs", "m", "ma", "th"] {
        let foreign = search(foreign);
        assert!(bench.all(&ours, Customer::object(), &foreign).await.is_empty(), "{foreign:?}");
        assert_eq!(bench.count(&ours, Customer::object(), &foreign).await, 0, "{foreign:?}");
    }
    let neither = Filter::Not(Box::new(search("marker")));
    let lacking = bench.all(&ours, Customer::object(), &neither).await;
    assert_eq!(lacking, own, "what lacks a term is the tenant's own as well");
}

pub(super) async fn a_page_after_a_foreign_place_holds_own_rows_alone(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let foreign = bench.customers(&theirs, &["B", "D"]).await;
    let own = bench.customers(&ours, &["A", "C", "E"]).await;
    let company = key(Customer::object(), "company");
    let mut select =
        Select { sort: vec![(company, crate::Direction::Ascending)], ..every(Customer::object()) };
    select.after = Some(select.position(&foreign[0]));
    assert_eq!(bench.pages(&ours, select).await, own[1..]);
}

pub(super) async fn a_filter_by_a_foreign_reference_finds_nothing(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let customer = bench.customers(&theirs, &["Theirs"]).await.remove(0);
    let contact = bench.row(Contact::at(Id::from_uuid(customer.id), "Ada"));
    bench.create(&theirs, Contact::object(), &[contact]).await;
    let by = Filter::Eq(key(Contact::object(), "customer_id"), Value::Id(customer.id));
    assert!(bench.all(&ours, Contact::object(), &by).await.is_empty());
    assert_eq!(bench.count(&ours, Contact::object(), &by).await, 0);
    assert_eq!(bench.count(&theirs, Contact::object(), &by).await, 1);
}

pub(super) async fn counters_are_the_tenants_own(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    bench.commit(&ours, bench.draft().add("test.figure", "k", 3)).await;
    bench.commit(&theirs, bench.draft().add("test.figure", "k", 40)).await;
    bench.commit(&theirs, bench.draft().add("test.figure", "other", 1)).await;
    assert_eq!(bench.counter(&ours, "test.figure", "k").await, 3);
    assert_eq!(bench.counter(&ours, "test.figure", "other").await, 0);
    assert_eq!(bench.counter(&theirs, "test.figure", "k").await, 40);
}

pub(super) async fn bounds_look_at_the_tenants_own_counters(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    bench.commit(&theirs, bench.draft().add("test.figure", "k", 10)).await;
    let done = bench.try_commit(&ours, bench.draft().bound("test.figure", "k", 1, 100)).await;
    assert!(done.is_err(), "another tenant's counter does not lift this one over its bound");
    bench.commit(&ours, bench.draft().bound("test.figure", "k", 0, 0)).await;
}

pub(super) async fn events_are_the_tenants_own(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let own = bench.customers(&ours, &["One"]).await.remove(0);
    let foreign = bench.customers(&theirs, &["Two", "Three"]).await;
    let events = bench.events(&ours).await;
    assert_eq!(
        events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [1, 2, FOUNDING + 1],
        "numbered for itself"
    );
    assert_eq!(events.last().map(|event| event.record_id), Some(own.id));
    for query in [
        EventQuery { record: Some(foreign[0].id), ..EventQuery::default() },
        EventQuery { after: FOUNDING + 1, ..EventQuery::default() },
    ] {
        assert!(bench.store.events(&ours, &query).await.expect("events succeeds").is_empty());
    }
    assert_eq!(bench.head(&ours).await, FOUNDING + 1);
    assert_eq!(bench.head(&theirs).await, FOUNDING + 2);
}

pub(super) async fn a_foreign_version_cannot_be_expected(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let object = Customer::object();
    let foreign = bench.customers(&theirs, &["Theirs"]).await.remove(0);
    let unknown = bench.customer("Nobody");
    let before = bench.everything(&theirs, &[]).await;
    let update = |row: &Row| {
        let after = revised(row, "company", object, Value::Text("Taken over".into()));
        bench.draft().update(object, row, &after)
    };
    let answers = [
        refusal(bench.try_commit(&ours, update(&foreign)).await),
        refusal(bench.try_commit(&ours, update(&unknown)).await),
        refusal(bench.try_commit(&ours, bench.draft().check(object, foreign.id, Expect::Version(1))).await),
        refusal(bench.try_commit(&ours, bench.draft().check(object, unknown.id, Expect::Version(1))).await),
    ];
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(bench.everything(&theirs, &[]).await, before);
    bench.commit(&ours, bench.draft().check(object, foreign.id, Expect::Absent)).await;
}

pub(super) async fn a_foreign_record_cannot_be_erased(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let foreign = bench.customers(&theirs, &["Theirs"]).await.remove(0);
    let deleted = bench.delete(&theirs, Customer::object(), &foreign).await;
    let erase = |id| bench.store.erase(&ours, Customer::object(), id, bench.now());
    let (of_foreign, of_unknown) = (erase(foreign.id).await, erase(bench.new_id()).await);
    assert_eq!(refusal(of_foreign), refusal(of_unknown));
    assert_eq!(bench.get(&theirs, Customer::object(), foreign.id).await, Some(deleted));
}

pub(super) async fn no_reference_leads_to_another_tenant(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let own = populate(bench, &ours, 5).await;
    let foreign = populate(bench, &theirs, 5).await;
    for object in objects() {
        for (index, target) in object.references() {
            let row = &own[object.name][0];
            let point = |to: uuid::Uuid| {
                let mut after = Row { version: row.version + 1, ..row.clone() };
                after.values[index] = Value::Id(to);
                bench.draft().update(object, row, &after)
            };
            let of_foreign = bench.try_commit(&ours, point(foreign[target.name][0].id)).await;
            let of_unknown = bench.try_commit(&ours, point(bench.new_id())).await;
            assert_eq!(refusal(of_foreign), refusal(of_unknown), "{object:?} to {target:?}");
        }
    }
}

pub(super) async fn unique_values_are_the_tenants_own(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let customer = |company| bench.row(Customer::company(company).external_id("x-1"));
    bench.create(&theirs, Customer::object(), &[customer("Theirs")]).await;
    bench.create(&ours, Customer::object(), &[customer("Ours")]).await;
    let taken = bench.draft().create(Customer::object(), &customer("Second"));
    refusal(bench.try_commit(&ours, taken).await);
}

pub(super) async fn numbers_are_the_tenants_own(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    for (scope, number) in [(&ours, 1), (&theirs, 1), (&theirs, 2), (&ours, 2), (&theirs, 3)] {
        let lead = bench.lead(Lead::company("Solar"));
        assert_eq!(bench.create(scope, Lead::object(), &[lead]).await.numbers, [number]);
    }
}

pub(super) async fn once_keys_are_the_tenants_own(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let draft = |content| bench.draft().create(Customer::object(), &bench.customer("Once")).once(7, content);
    assert!(!bench.commit(&ours, draft(1)).await.replayed);
    assert!(!bench.commit(&theirs, draft(2)).await.replayed, "another content under another tenant's key");
    assert!(bench.commit(&theirs, draft(2)).await.replayed);
    assert_eq!((bench.head(&ours).await, bench.head(&theirs).await), (FOUNDING + 1, FOUNDING + 1));
}

pub(super) async fn the_same_id_is_another_record_in_another_tenant(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let object = Customer::object();
    let own = bench.customer("Ours");
    let foreign = Row { id: own.id, ..bench.customer("Theirs") };
    bench.create(&ours, object, std::slice::from_ref(&own)).await;
    bench.create(&theirs, object, std::slice::from_ref(&foreign)).await;
    let after = revised(&own, "company", object, Value::Text("Changed".into()));
    bench.commit(&ours, bench.draft().update(object, &own, &after)).await;
    assert_eq!(bench.get(&theirs, object, own.id).await, Some(foreign.clone()));
    assert_eq!(bench.all(&theirs, object, &search("theirs")).await, std::slice::from_ref(&foreign));
    bench.delete(&ours, object, &after).await;
    bench.store.erase(&ours, object, own.id, bench.now()).await.expect("erase succeeds");
    assert_eq!(bench.get(&ours, object, own.id).await, None);
    assert_eq!(bench.get(&theirs, object, own.id).await, Some(foreign));
    let events = bench.events_since_founding(&theirs).await;
    assert_eq!(events.last().map(|event| event.kind), Some(EventKind::Created));
    assert!(events[0].changes.iter().any(|change| change.new == "Theirs"), "its past is whole");
    assert_eq!(bench.counter(&theirs, "customers", "active").await, 1);
}

pub(super) async fn an_unfounded_tenant_reads_as_an_empty_one(bench: &Workbench) {
    let neighbour = bench.found().await;
    bench.customers(&neighbour, &["Somebody"]).await;
    let scope = bench.nowhere();
    let everything = bench.everything(&scope, &[]).await;
    assert!(everything.rows.values().all(Vec::is_empty) && everything.events.is_empty());
    assert_eq!(bench.head(&scope).await, 0);
    assert_eq!(bench.count(&scope, Customer::object(), &anything()).await, 0);
    assert_eq!(bench.get(&scope, Customer::object(), bench.new_id()).await, None);
    let erased = bench.store.erase(&scope, Customer::object(), bench.new_id(), bench.now()).await;
    super::workbench::refused!(erased, crate::Error::NotFound { what: "customer" });
}

pub(super) async fn a_failing_commit_leaves_other_tenants_as_they_were(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    bench.customers(&theirs, &["Theirs"]).await;
    let before = bench.everything(&theirs, &[]).await;
    let failing = bench.draft().create(Customer::object(), &bench.customer("Never"));
    refusal(bench.try_commit(&ours, failing.bound("test.figure", "", 1, 1)).await);
    assert_eq!(bench.everything(&theirs, &[]).await, before);
}

pub(super) async fn tenants_filled_alike_read_alike(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let rows: Vec<Row> = (0..30).map(|nth| bench.customer(&format!("Company {}", nth % 7))).collect();
    bench.create(&ours, Customer::object(), &rows).await;
    bench.create(&theirs, Customer::object(), &rows).await;
    let company = key(Customer::object(), "company");
    let select =
        Select { sort: vec![(company, crate::Direction::Descending)], limit: 4, ..every(Customer::object()) };
    let own = bench.pages(&ours, select.clone()).await;
    assert_eq!(own.len(), 30);
    assert_eq!(own, bench.pages(&theirs, select).await);
    assert_eq!(bench.events_since_founding(&ours).await, bench.events_since_founding(&theirs).await);
}

pub(super) async fn a_foreign_id_looks_like_an_unknown_id(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let (crm, unknown) = (&bench.crm, Id::<Lead>::from_uuid(bench.new_id()));
    let foreign = crm.leads(&theirs).create(Lead::company("Theirs")).await.unwrap().id;
    let deleted = crm.leads(&theirs).create(Lead::company("Deleted")).await.unwrap().id;
    crm.leads(&theirs).delete(deleted, None).await.unwrap();
    let before = bench.everything(&theirs, &[]).await;
    let mut answers = Vec::new();
    for id in [unknown, foreign, deleted] {
        let leads = crm.leads(&ours);
        let patch = serde_json::Map::from_iter([("name".to_owned(), "Mine".into())]);
        answers.push([
            refusal(leads.get(id).await),
            refusal(leads.update(id, |lead| lead.name = Some("Mine".into())).await),
            refusal(leads.patch(id, Some(1), &patch).await),
            refusal(leads.delete(id, None).await),
            refusal(leads.restore(id).await),
            refusal(leads.erase(id).await),
            refusal(leads.history(id, None, 10).await),
            refusal(leads.stage_history(id).await),
            refusal(leads.advance(id, "qualified").await),
            refusal(leads.convert(id, None).await),
            format!("{:?}", leads.get_many(&[id]).await),
        ]);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(bench.everything(&theirs, &[]).await, before);
}

pub(super) async fn a_record_cannot_be_tied_to_a_foreign_one(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let crm = &bench.crm;
    let customer = crm.customers(&theirs).create(Customer::company("Theirs")).await.unwrap().id;
    let user = bench.row(crate::User::new("ada@example.com", crate::Role::Member));
    bench.create(&theirs, crate::User::object(), std::slice::from_ref(&user)).await;
    let lead = crm.leads(&ours).create(Lead::company("Ours")).await.unwrap();
    let before = bench.everything(&ours, &[]).await;
    let mut answers = Vec::new();
    for (customer, user) in
        [(customer, Id::from_uuid(user.id)), (Id::from_uuid(bench.new_id()), Id::from_uuid(bench.new_id()))]
    {
        let interaction = crate::Interaction::default().kind("note").customer_id(customer);
        answers.push([
            told(crm.contacts(&ours).create(Contact::at(customer, "Ada")).await),
            told(crm.leads(&ours).create(Lead::company("Tied").customer_id(customer)).await),
            told(crm.leads(&ours).update(lead.id, |lead| lead.owner_id = Some(user)).await),
            told(crm.customers(&ours).create(Customer::company("Tied").owner_id(user)).await),
            told(crm.interactions(&ours).create(interaction).await),
            told(crm.leads(&ours).convert(lead.id, Some(customer)).await),
        ]);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(bench.everything(&ours, &[]).await, before);
}

/// The refusal, which must be about the input.
fn told<T: Debug>(result: Result<T>) -> String {
    let told = refusal(result);
    assert!(told.starts_with("Invalid") && told.contains("unknown_reference"), "{told}");
    told
}

pub(super) async fn nothing_is_written_to_an_unfounded_tenant(bench: &Workbench) {
    let scope = bench.nowhere();
    let draft = bench.draft().create(Customer::object(), &bench.customer("Nobody")).add("test.figure", "", 1);
    super::workbench::refused!(
        bench.try_commit(&scope, draft).await,
        crate::Error::NotFound { what: "tenant" }
    );
    super::workbench::refused!(
        bench.try_commit(&scope, bench.draft()).await,
        crate::Error::NotFound { what: "tenant" }
    );
    assert_eq!(bench.head(&scope).await, 0);
    assert_eq!(bench.counter(&scope, "test.figure", "").await, 0);
    assert!(bench.all(&scope, Customer::object(), &anything()).await.is_empty());
    let missing = bench.crm.scope(TenantId::from_uuid(bench.new_id()), crate::Actor::job("conformance"));
    super::workbench::refused!(
        bench.crm.customers(&missing).create(Customer::company("Nobody")).await,
        crate::Error::NotFound { what: "tenant" }
    );
}
