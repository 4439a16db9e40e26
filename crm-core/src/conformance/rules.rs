//! Rules of every record: what the façade accepts, how it normalizes, and what a patch means.

use serde_json::{Map, Value as Json, json};

use crate::{Conflict, Contact, Customer, Error, Id, Interaction, Lead, MAX_IDS, Query, Result, Visibility};

use super::workbench::{FOUNDING, Workbench, refusal, refused};

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        other => panic!("must be an object: {other}"),
    }
}

/// The pointers and codes of a refusal, in order of the pointer.
fn faults<T: std::fmt::Debug>(result: Result<T>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Invalid { violations }) => {
            let mut faults: Vec<_> = violations.into_iter().map(|own| (own.pointer, own.code)).collect();
            faults.sort();
            faults
        }
        other => panic!("must be invalid, got {other:?}"),
    }
}

fn fault<T: std::fmt::Debug>(result: Result<T>, pointer: &str, code: &'static str) {
    assert_eq!(faults(result), [(pointer.to_owned(), code)]);
}

pub(super) async fn all_faults_of_an_input_are_told_at_once(bench: &Workbench) {
    let scope = bench.found().await;
    let input = json!({
        "email": "no address", "phone": "none", "website": "javascript:alert(1)", "city": "a\nb", "is_active": "yes",
        "version": 7, "id": "x", "nonsense": 1, "a/b~c": 1, "tags": [1], "owner_id": "no id", "email_key": "x",
        "company": "x".repeat(201),
    });
    let told = faults(bench.crm.customers(&scope).create_json(&object(input)).await);
    let expected = [
        ("/a~1b~0c", "unknown_field"),
        ("/city", "invalid_character"),
        ("/company", "too_long"),
        ("/email", "invalid_email"),
        ("/email_key", "unknown_field"),
        ("/id", "read_only"),
        ("/is_active", "wrong_type"),
        ("/nonsense", "unknown_field"),
        ("/owner_id", "wrong_type"),
        ("/phone", "invalid_phone"),
        ("/tags", "wrong_type"),
        ("/version", "read_only"),
        ("/website", "invalid_url"),
    ];
    assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    assert_eq!(bench.head(&scope).await, FOUNDING, "nothing was written");
}

pub(super) async fn what_is_required_must_be_given(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    fault(crm.customers(&scope).create(Customer::default()).await, "/company", "required");
    fault(crm.leads(&scope).create(Lead::default()).await, "/company", "required");
    fault(crm.customers(&scope).create(Customer::company(" \t ")).await, "/company", "required");
    let customer = crm.customers(&scope).create(Customer::person("Ada")).await.unwrap().id;
    fault(crm.contacts(&scope).create(Contact::at(customer, "")).await, "/name", "required");
    fault(
        crm.contacts(&scope).create(Contact { name: "Ada".into(), ..Contact::default() }).await,
        "/customer_id",
        "required",
    );
    fault(
        crm.interactions(&scope).create(Interaction::default().customer_id(customer)).await,
        "/type",
        "required",
    );
    let neither = Interaction::default().kind("note");
    fault(crm.interactions(&scope).create(neither.clone()).await, "/customer_id", "required");
    let lead = crm.leads(&scope).create(Lead::person("Ada")).await.unwrap().id;
    let both = neither.customer_id(customer).lead_id(lead);
    fault(crm.interactions(&scope).create(both).await, "/lead_id", "conflicting");
}

pub(super) async fn text_is_trimmed_and_composed(bench: &Workbench) {
    let scope = bench.found().await;
    let messy = Customer::company("  Cafe\u{301} \u{3000}").name(" ").notes("\n a\nb \n");
    let made = bench.crm.customers(&scope).create(messy).await.unwrap();
    assert_eq!(made.company.as_deref(), Some("Café"));
    assert_eq!((made.name.as_deref(), made.notes.as_deref()), (None, Some("a\nb")));
    assert_eq!(bench.crm.customers(&scope).get(made.id).await.unwrap(), made);
}

pub(super) async fn control_characters_are_refused(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    for odd in ['\0', '\u{1}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}'] {
        fault(customers.create(Customer::company(format!("a{odd}b"))).await, "/company", "invalid_character");
        let notes = Customer::company("Solar").notes(format!("a{odd}b"));
        fault(customers.create(notes).await, "/notes", "invalid_character");
    }
    for line in ['\n', '\r', '\t'] {
        fault(
            customers.create(Customer::company(format!("a{line}b"))).await,
            "/company",
            "invalid_character",
        );
        customers.create(Customer::company("Solar").notes(format!("a{line}b"))).await.unwrap();
    }
    fault(
        customers.create(Customer::company("Solar").tags(vec!["\0".to_owned()])).await,
        "/tags",
        "invalid_character",
    );
}

pub(super) async fn lengths_are_counted_in_characters(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let long = |letter: &str, count: usize| letter.repeat(count);
    customers.create(Customer::company(long("😀", 200)).notes(long("é", 10_000))).await.unwrap();
    fault(customers.create(Customer::company(long("a", 201))).await, "/company", "too_long");
    fault(customers.create(Customer::company("Solar").notes(long("a", 10_001))).await, "/notes", "too_long");
    let labels = |count: usize| (0..count).map(|nth| nth.to_string()).collect::<Vec<_>>();
    customers.create(Customer::company("Solar").tags(labels(50))).await.unwrap();
    fault(customers.create(Customer::company("Solar").tags(labels(51))).await, "/tags", "too_long");
    fault(customers.create(Customer::company("Solar").tags(vec![long("a", 51)])).await, "/tags", "too_long");
    // What is described as too long is refused, whatever would be left of it; so is what would be stored too long.
    fault(customers.create(Customer::company(format!(" {}", long("a", 200)))).await, "/company", "too_long");
    fault(customers.create(Customer::company(long("e\u{301}", 101))).await, "/company", "too_long");
    fault(customers.create(Customer::company(long("\u{958}", 101))).await, "/company", "too_long");
    let same = vec!["a".to_owned(); 51];
    fault(customers.create(Customer::company("Solar").tags(same)).await, "/tags", "too_long");
}

pub(super) async fn labels_are_trimmed_and_told_apart(bench: &Workbench) {
    let scope = bench.found().await;
    let tags = [" a ", "b", "a", "", "A"].map(str::to_owned).to_vec();
    let made = bench.crm.customers(&scope).create(Customer::company("Solar").tags(tags)).await.unwrap();
    assert_eq!(made.tags, ["a", "b", "A"]);
}

pub(super) async fn what_is_left_out_takes_its_default(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let made = customers.create_json(&object(json!({ "company": "Solar" }))).await.unwrap();
    assert!(!made.replayed && made.record.is_active && made.record.tags.is_empty());
    assert_eq!((made.record.version, made.record.created_at), (1, bench.now()));
    let note = json!({ "type": "note", "customer_id": made.record.id });
    let note = bench.crm.interactions(&scope).create_json(&object(note)).await.unwrap().record;
    assert_eq!(note.occurred_at, Some(bench.now()), "when it was noted");
    let lead =
        bench.crm.leads(&scope).create_json(&object(json!({ "email": "a@example.com" }))).await.unwrap();
    assert_eq!((lead.record.stage.as_str(), lead.record.reference().as_deref()), ("new", Some("LED-001")));
}

pub(super) async fn wrong_types_and_ranges_are_refused(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    for (name, value, code) in [
        ("value", json!(5), "wrong_type"),
        ("value", json!({ "amount": 5 }), "invalid_currency"),
        ("value", json!({ "amount": 5, "currency": "eur" }), "invalid_currency"),
        ("value", json!({ "amount": 5.5, "currency": "EUR" }), "invalid_amount"),
        ("value", json!({ "amount": 1e30, "currency": "EUR" }), "invalid_amount"),
        ("value", json!({ "amount": -1, "currency": "EUR" }), "out_of_range"),
        ("value", json!({ "amount": 1, "currency": "EUR", "x": 1 }), "unknown_field"),
        ("expected_close", json!("2026-02-30"), "wrong_type"),
        ("expected_close", json!("0000-01-01"), "wrong_type"),
        ("expected_close", json!("12026-01-01"), "wrong_type"),
        ("name", json!(["a"]), "wrong_type"),
        ("lead_id", json!("LED-009"), "read_only"),
        ("closed_at", json!(null), "read_only"),
        ("stage", json!("nowhere"), "unknown_stage"),
        ("stage", json!("Not A Key"), "invalid_key"),
        ("owner_id", json!(uuid::Uuid::nil()), "unknown_reference"),
    ] {
        let input = object(json!({ "company": "Solar", name: value.clone() }));
        let told = faults(leads.create_json(&input).await);
        assert_eq!(told, [(format!("/{name}"), code)], "{name}: {value}");
    }
    for (written, amount) in [(json!(11_169.0), 11_169), (json!(2e5), 200_000), (json!(i64::MAX), i64::MAX)] {
        let value = json!({ "amount": written, "currency": "EUR" });
        let made =
            leads.create_json(&object(json!({ "company": "Solar", "value": value }))).await.unwrap().record;
        assert_eq!(
            made.value.map(|value| value.amount()),
            Some(amount),
            "a whole number with a point is whole"
        );
        leads.delete(made.id, None).await.unwrap();
    }
    let customer = bench.crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    for time in ["0000-01-01T00:00:00Z", "+10000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "tomorrow"] {
        let note = object(json!({ "type": "note", "customer_id": customer, "occurred_at": time }));
        fault(bench.crm.interactions(&scope).create_json(&note).await, "/occurred_at", "wrong_type");
    }
}

pub(super) async fn a_patch_replaces_what_it_names(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let made = Customer::company("Solar").name("Ada").notes("Notes").tags(vec!["a".to_owned()]);
    let made = customers.create(made).await.unwrap();
    bench.tick();
    let patch = object(json!({ "name": null, "notes": "New", "tags": null, "is_active": false }));
    let after = customers.patch(made.id, Some(1), &patch).await.unwrap();
    assert_eq!((after.company.as_deref(), after.name.as_deref()), (Some("Solar"), None));
    assert_eq!((after.notes.as_deref(), after.tags.len(), after.is_active), (Some("New"), 0, false));
    assert_eq!((after.version, after.created_at, after.updated_at), (2, made.created_at, bench.now()));
    assert_eq!(customers.get(made.id).await.unwrap(), after);
    fault(customers.patch(made.id, None, &object(json!({ "company": null }))).await, "/company", "required");
    fault(
        customers.patch(made.id, None, &object(json!({ "is_active": null }))).await,
        "/is_active",
        "required",
    );
    let last = object(json!({ "company": null, "name": "Ada" }));
    assert_eq!(customers.patch(made.id, None, &last).await.unwrap().company, None);
}

pub(super) async fn required_fields_cannot_be_patched_away(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let contact = crm.contacts(&scope).create(Contact::at(customer, "Ada")).await.unwrap().id;
    let lead = crm.leads(&scope).create(Lead::company("Solar")).await.unwrap().id;
    let before = bench.everything(&scope, &[]).await;
    let null = |name: &str| object(json!({ name: null }));
    fault(crm.contacts(&scope).patch(contact, None, &null("name")).await, "/name", "required");
    fault(crm.contacts(&scope).patch(contact, None, &null("customer_id")).await, "/customer_id", "required");
    fault(crm.contacts(&scope).patch(contact, None, &null("is_primary")).await, "/is_primary", "required");
    fault(crm.leads(&scope).patch(lead, None, &null("stage")).await, "/stage", "required");
    assert_eq!(bench.everything(&scope, &[]).await, before);
}

pub(super) async fn a_patch_minds_the_expected_version(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let id = customers.create(Customer::company("Solar")).await.unwrap().id;
    customers.update(id, |own| own.name = Some("Ada".into())).await.unwrap();
    let patch = object(json!({ "name": "Bob" }));
    for stale in [1, 3] {
        refused!(customers.patch(id, Some(stale), &patch).await, Error::Conflict(Conflict::Version { .. }));
        refused!(customers.delete(id, Some(stale)).await, Error::Conflict(Conflict::Version { .. }));
    }
    assert_eq!(customers.patch(id, Some(2), &patch).await.unwrap().version, 3);
    customers.delete(id, Some(3)).await.unwrap();
}

pub(super) async fn an_unchanged_update_writes_nothing(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let made = customers.create(Customer::company("Café").tags(vec!["a".to_owned()])).await.unwrap();
    let before = bench.everything(&scope, &[]).await;
    bench.tick();
    let same = customers.update(made.id, |_| {}).await.unwrap();
    assert_eq!(same, made);
    let spelled = customers.update(made.id, |own| own.company = Some(" Cafe\u{301} ".into())).await.unwrap();
    assert_eq!(spelled, made, "what is the same after normalization is the same");
    assert_eq!(customers.patch(made.id, Some(1), &Map::new()).await.unwrap(), made);
    let lead = bench.crm.leads(&scope).create(Lead::company("Solar")).await.unwrap();
    bench.tick();
    assert_eq!(bench.crm.leads(&scope).advance(lead.id, "new").await.unwrap(), lead);
    let after = bench.everything(&scope, &[]).await;
    assert_eq!(after.rows["customers"], before.rows["customers"]);
    assert_eq!(after.events.len(), before.events.len() + 1, "the lead's creation alone");
}

pub(super) async fn deleted_records_rest_until_restored(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let made = customers.create(Customer::company("Solar").notes("Kept")).await.unwrap();
    assert_eq!(customers.restore(made.id).await.unwrap(), made, "a live record stays as it is");
    bench.tick();
    customers.delete(made.id, None).await.unwrap();
    refused!(customers.get(made.id).await, Error::NotFound { what: "customer" });
    refused!(customers.update(made.id, |own| own.notes = None).await, Error::NotFound { what: "customer" });
    refused!(customers.delete(made.id, None).await, Error::NotFound { what: "customer" });
    assert!(customers.get_many(&[made.id]).await.unwrap().is_empty());
    assert!(customers.list(Query::new()).await.unwrap().data.is_empty());
    let deleted = customers.list(Query::new().visibility(Visibility::Deleted)).await.unwrap().data;
    assert_eq!((deleted.len(), deleted[0].deleted_at), (1, Some(bench.now())));
    bench.tick();
    let restored = customers.restore(made.id).await.unwrap();
    assert_eq!((restored.version, &restored.data, restored.deleted_at), (3, &made.data, None));
    assert_eq!(customers.get(made.id).await.unwrap(), restored);
}

pub(super) async fn a_record_is_restored_only_if_it_still_fits(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let contact =
        crm.contacts(&scope).create(Contact::at(customer, "Ada").is_primary(true)).await.unwrap().id;
    crm.contacts(&scope).delete(contact, None).await.unwrap();
    let other = crm.contacts(&scope).create(Contact::at(customer, "Bob").is_primary(true)).await.unwrap().id;
    assert!(crm.contacts(&scope).restore(contact).await.unwrap().is_primary);
    assert!(!crm.contacts(&scope).get(other).await.unwrap().is_primary, "there is one primary contact");
    assert_eq!(crm.customers(&scope).get(customer).await.unwrap().company.as_deref(), Some("Solar"));
}

pub(super) async fn a_customer_has_one_primary_contact(bench: &Workbench) {
    let scope = bench.found().await;
    let contacts = bench.crm.contacts(&scope);
    let customers = bench.crm.customers(&scope);
    let solar = customers.create(Customer::company("Solar")).await.unwrap().id;
    let wind = customers.create(Customer::company("Wind")).await.unwrap().id;
    let ada = contacts.create(Contact::at(solar, "Ada").is_primary(true)).await.unwrap().id;
    let eve = contacts.create(Contact::at(wind, "Eve").is_primary(true)).await.unwrap().id;
    let bob = contacts.create(Contact::at(solar, "Bob")).await.unwrap().id;
    let primary = |id: Id<Contact>| {
        let contacts = bench.crm.contacts(&scope);
        async move { contacts.get(id).await.unwrap().is_primary }
    };
    contacts.update(bob, |own| own.is_primary = true).await.unwrap();
    assert_eq!((primary(ada).await, primary(bob).await, primary(eve).await), (false, true, true));
    contacts.update(eve, |own| own.customer_id = Some(solar)).await.unwrap();
    assert_eq!((primary(ada).await, primary(bob).await, primary(eve).await), (false, false, true));
    let both = vec![Contact::at(wind, "One").is_primary(true), Contact::at(wind, "Two").is_primary(true)];
    refused!(contacts.create_many(both).await, Error::Invalid { .. });
    let mixed = vec![
        Contact::at(wind, "One").is_primary(true),
        Contact::at(wind, "Two"),
        Contact::at(solar, "Three"),
    ];
    contacts.create_many(mixed).await.unwrap();
    assert!(primary(eve).await);
}

pub(super) async fn many_are_made_together_or_not_at_all(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let mixed =
        vec![Lead::company("One"), Lead::default(), Lead::company("Three").email("no").source("a\0b")];
    let told = faults(leads.create_many(mixed).await);
    let expected =
        [("/1/company", "required"), ("/2/email", "invalid_email"), ("/2/source", "invalid_character")];
    assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    assert_eq!(bench.head(&scope).await, FOUNDING);
    let made =
        leads.create_many((0..700).map(|nth| Lead::company(format!("{nth}"))).collect()).await.unwrap();
    assert_eq!(
        made.iter().map(|lead| lead.number).collect::<Vec<_>>(),
        (1..=700).map(Some).collect::<Vec<_>>()
    );
    assert_eq!(leads.get(made[699].id).await.unwrap(), made[699]);
    assert!(leads.create_many(Vec::new()).await.unwrap().is_empty());
    let twins = vec![Lead::company("A").external_id("x"), Lead::company("B").external_id("x")];
    refused!(leads.create_many(twins).await, Error::Conflict(Conflict::Unique { field: "external_id", .. }));
    assert_eq!(bench.counter(&scope, "leads", "new").await, 700);
}

pub(super) async fn many_are_read_in_order(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let made =
        customers.create_many((0..5).map(|nth| Customer::company(format!("{nth}"))).collect()).await.unwrap();
    customers.delete(made[1].id, None).await.unwrap();
    let wanted = [made[4].id, made[1].id, Id::from_uuid(bench.new_id()), made[0].id];
    let got = customers.get_many(&wanted).await.unwrap();
    assert_eq!(got.iter().map(|own| own.id).collect::<Vec<_>>(), [made[4].id, made[0].id]);
    let many: Vec<Id<Customer>> = (0..=MAX_IDS).map(|_| Id::from_uuid(bench.new_id())).collect();
    fault(customers.get_many(&many).await, "/ids", "too_many");
    assert!(customers.get_many(&many[1..]).await.unwrap().is_empty());
}

pub(super) async fn interactions_come_newest_first(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let lead = crm.leads(&scope).create(Lead::company("Solar")).await.unwrap().id;
    for hours in [3, 1, 2] {
        let at = bench.now() + chrono::TimeDelta::hours(hours);
        let note = Interaction::default().kind("phone").subject(hours.to_string()).occurred_at(at);
        crm.interactions(&scope).create(note.clone().customer_id(customer)).await.unwrap();
        crm.interactions(&scope).create(note.lead_id(lead)).await.unwrap();
    }
    for condition in [Interaction::CUSTOMER_ID.eq(customer), Interaction::LEAD_ID.eq(lead)] {
        let notes = crm.interactions(&scope).list(Query::new().filter(condition)).await.unwrap().data;
        let subjects: Vec<_> = notes.iter().filter_map(|own| own.subject.as_deref()).collect();
        assert_eq!(subjects, ["3", "2", "1"]);
    }
}

pub(super) async fn a_check_tells_without_writing(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    customers.check(Customer::company("Solar")).await.unwrap();
    let wrong = Customer::company("Solar").email("no");
    assert_eq!(refusal(customers.check(wrong.clone()).await), refusal(customers.create(wrong).await));
    assert_eq!(bench.head(&scope).await, FOUNDING);
}
