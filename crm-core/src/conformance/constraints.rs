//! Unique values and references: checked within the commit, so that no two writers break them together.

use crate::{
    Conflict, Contact, Customer, Entity, Error, EventKind, Id, Key, Lead, Result, Row, TenantScope, Value,
    normalize, objects,
};

use super::{
    specimen::{populate, specimen},
    workbench::{Workbench, anything, refused, revised},
};

fn taken<T: std::fmt::Debug>(result: Result<T>, field: &str) {
    match result {
        Err(Error::Conflict(Conflict::Unique { field: own, .. })) => assert_eq!(own, field),
        other => panic!("`{field}` must be taken, got {other:?}"),
    }
}

fn external(bench: &Workbench, id: &str) -> Row {
    bench.row(Customer::company("Company").external_id(id))
}

pub(super) async fn every_unique_field_holds_each_value_once(bench: &Workbench) {
    let scope = bench.found().await;
    let made = populate(bench, &scope, 8).await;
    let mut tried = 0;
    for object in objects() {
        for index in object.unique_fields() {
            let live = |row: &&Row| row.deleted_at.is_none() && !row.values[index].is_null();
            let holder = made[object.name].iter().find(live).expect("a live row with a value");
            let mut twin = Row { deleted_at: None, ..specimen(bench, object, 50, &made) };
            twin.values[index] = holder.values[index].clone();
            match bench.try_commit(&scope, bench.draft().create(object, &twin)).await {
                Err(Error::Conflict(Conflict::Unique { object: name, field })) => {
                    assert_eq!((name, field), (object.name, object.public_name(index)));
                }
                other => panic!("{object:?} must hold {} once, got {other:?}", object.public_name(index)),
            }
            tried += 1;
        }
    }
    assert!(tried >= 6, "only {tried} unique fields were tried");
}

pub(super) async fn missing_values_are_never_taken(bench: &Workbench) {
    let scope = bench.found().await;
    bench.customers(&scope, &["One", "Two", "Three"]).await;
    assert_eq!(bench.count(&scope, Customer::object(), &anything()).await, 3);
}

pub(super) async fn a_unique_value_is_compared_by_code_point(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = ["abc", "ABC", "abc ", "äbc", "a\u{308}bc", "äBC"].map(|id| external(bench, id));
    bench.create(&scope, Customer::object(), &rows).await;
    assert_eq!(bench.count(&scope, Customer::object(), &anything()).await, 6);
}

pub(super) async fn a_record_keeps_its_own_unique_value(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let first = external(bench, "x");
    bench.create(&scope, object, std::slice::from_ref(&first)).await;
    let second = revised(&first, "company", object, Value::Text("Renamed".into()));
    bench.commit(&scope, bench.draft().update(object, &first, &second)).await;
    taken(bench.try_commit(&scope, bench.draft().create(object, &external(bench, "x"))).await, "external_id");
}

pub(super) async fn a_unique_value_that_is_given_up_is_free(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let first = external(bench, "x");
    bench.create(&scope, object, std::slice::from_ref(&first)).await;
    let second = revised(&first, "external_id", object, Value::Text("y".into()));
    bench.commit(&scope, bench.draft().update(object, &first, &second)).await;
    taken(bench.try_commit(&scope, bench.draft().create(object, &external(bench, "y"))).await, "external_id");
    bench.create(&scope, object, &[external(bench, "x")]).await;
    let third = revised(&second, "external_id", object, Value::Null);
    bench.commit(&scope, bench.draft().update(object, &second, &third)).await;
    bench.create(&scope, object, &[external(bench, "y")]).await;
}

pub(super) async fn an_update_to_a_taken_value_is_refused(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = [external(bench, "x"), external(bench, "y")];
    bench.create(&scope, object, &rows).await;
    let after = revised(&rows[1], "external_id", object, Value::Text("x".into()));
    taken(bench.try_commit(&scope, bench.draft().update(object, &rows[1], &after)).await, "external_id");
    assert_eq!(bench.get(&scope, object, rows[1].id).await.as_ref(), Some(&rows[1]));
}

pub(super) async fn deleting_frees_a_unique_value_and_restoring_needs_it(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let first = external(bench, "x");
    bench.create(&scope, object, std::slice::from_ref(&first)).await;
    let deleted = bench.delete(&scope, object, &first).await;
    let second = external(bench, "x");
    bench.create(&scope, object, std::slice::from_ref(&second)).await;
    let restored = Row { deleted_at: None, version: 3, ..first };
    let restore = || bench.draft().put(object, Some(&deleted), &restored, EventKind::Restored);
    taken(bench.try_commit(&scope, restore()).await, "external_id");
    bench.delete(&scope, object, &second).await;
    bench.commit(&scope, restore()).await;
    assert_eq!(bench.get(&scope, object, restored.id).await, Some(restored));
}

pub(super) async fn deleted_records_share_a_unique_value(bench: &Workbench) {
    let scope = bench.found().await;
    for _ in 0..3 {
        let row = external(bench, "x");
        bench.create(&scope, Customer::object(), std::slice::from_ref(&row)).await;
        bench.delete(&scope, Customer::object(), &row).await;
    }
    bench.create(&scope, Customer::object(), &[external(bench, "x")]).await;
}

pub(super) async fn unique_values_are_held_within_a_batch(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = [external(bench, "x"), external(bench, "x")];
    let twins = bench.draft().create(object, &rows[0]).create(object, &rows[1]);
    taken(bench.try_commit(&scope, twins).await, "external_id");
    let gone = Row { deleted_at: Some(bench.now()), version: 2, ..rows[0].clone() };
    let handed_on = bench.draft().create(object, &rows[0]);
    let handed_on = handed_on.put(object, Some(&rows[0]), &gone, EventKind::Deleted).create(object, &rows[1]);
    bench.commit(&scope, handed_on).await;
    assert_eq!(bench.get(&scope, object, rows[1].id).await.as_ref(), Some(&rows[1]));
}

pub(super) async fn users_share_no_address_in_any_spelling(bench: &Workbench) {
    let scope = bench.found().await;
    let users = bench.crm.users(&scope);
    let user = |email: &str| crate::User::new(email, crate::Role::Member);
    let ada = users.create(user("Ada@Example.com")).await.unwrap();
    taken(users.create(user("aDA@example.COM")).await, "email");
    assert_eq!(ada.email, "Ada@Example.com", "shown as entered");
    users.delete(ada.id, None).await.unwrap();
    users.create(user("ada@example.com")).await.unwrap();
    taken(users.restore(ada.id).await, "email");
}

pub(super) async fn every_reference_must_lead_somewhere(bench: &Workbench) {
    let scope = bench.found().await;
    let made = populate(bench, &scope, 6).await;
    let mut tried = 0;
    for object in objects() {
        for (index, target) in object.references() {
            let mut row = specimen(bench, object, 60, &made);
            for (other, other_target) in object.references() {
                row.values[other] = Value::Id(made[other_target.name][0].id);
            }
            bench.create(&scope, object, std::slice::from_ref(&row)).await;
            let mut after = Row { version: 2, ..row.clone() };
            after.values[index] = Value::Id(made[target.name][1].id);
            bench.commit(&scope, bench.draft().update(object, &row, &after)).await;
            let mut lost = Row { version: 3, ..after.clone() };
            lost.values[index] = Value::Id(bench.new_id());
            let field = object.public_name(index);
            match bench.try_commit(&scope, bench.draft().update(object, &after, &lost)).await {
                Err(Error::Conflict(Conflict::Reference { object: name, field: own })) => {
                    assert_eq!((name, own), (object.name, field));
                }
                other => panic!("`{field}` of {object:?} must lead somewhere, got {other:?}"),
            }
            tried += 1;
            // Another specimen of the object may need the unique values.
            bench.delete(&scope, object, &after).await;
        }
    }
    assert!(tried >= 8, "only {tried} references were tried");
}

pub(super) async fn a_reference_may_lead_to_a_record_of_the_same_batch(bench: &Workbench) {
    let scope = bench.found().await;
    let customer = bench.customer("Solar");
    let contact = bench.row(Contact::at(Id::from_uuid(customer.id), "Ada"));
    let lead = bench.lead(Lead::company("Solar").customer_id(Id::<Customer>::from_uuid(customer.id)));
    let draft = bench.draft().create(Customer::object(), &customer);
    bench.commit(&scope, draft.create(Contact::object(), &contact).create(Lead::object(), &lead)).await;
    assert_eq!(bench.get(&scope, Contact::object(), contact.id).await, Some(contact));
}

pub(super) async fn a_reference_may_lead_to_a_deleted_record(bench: &Workbench) {
    let scope = bench.found().await;
    let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
    bench.delete(&scope, Customer::object(), &customer).await;
    let contact = bench.row(Contact::at(Id::from_uuid(customer.id), "Ada"));
    bench.create(&scope, Contact::object(), std::slice::from_ref(&contact)).await;
    assert_eq!(bench.get(&scope, Contact::object(), contact.id).await, Some(contact));
    refused!(
        bench.crm.contacts(&scope).create(Contact::at(Id::from_uuid(customer.id), "Bob")).await,
        Error::Invalid { .. }
    );
}

pub(super) async fn deleting_what_is_referred_to_leaves_the_referring_records(bench: &Workbench) {
    let scope: TenantScope = bench.found().await;
    let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
    let contact = bench.row(Contact::at(Id::from_uuid(customer.id), "Ada"));
    bench.create(&scope, Contact::object(), std::slice::from_ref(&contact)).await;
    bench.delete(&scope, Customer::object(), &customer).await;
    assert_eq!(bench.get(&scope, Contact::object(), contact.id).await, Some(contact.clone()));
    let by = crate::Filter::Eq(
        Key::Field(Contact::object().index_of("customer_id").expect("a field")),
        Value::Id(customer.id),
    );
    assert_eq!(bench.all(&scope, Contact::object(), &by).await, [contact]);
}

pub(super) async fn derived_fields_are_stored_beside_their_source(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.row(Customer::company("Solar").email("Ada@Example.COM").phone("+44 20 7946 0000"));
    let mut values = row.values.clone();
    normalize::derive(object, &mut values);
    assert_eq!(values, row.values);
    bench.create(&scope, object, std::slice::from_ref(&row)).await;
    let stored = bench.get(&scope, object, row.id).await.expect("the row");
    let value = |name: &str| stored.values[object.index_of(name).expect("a field")].clone();
    assert_eq!(value("email"), Value::Text("Ada@Example.COM".into()));
    assert_eq!(value("email_key"), Value::Text("ada@example.com".into()));
    assert_eq!(value("phone_key"), Value::Text("+442079460000".into()));
}
