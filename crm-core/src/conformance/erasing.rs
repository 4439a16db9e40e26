//! Erasing: the record and every value of its past are gone, and a tombstone says so.

use crate::{
    Conflict, Contact, Customer, Entity, Error, Event, EventKind, Id, Lead, Role, Row, Value, objects,
};

use super::{
    specimen::populate,
    workbench::{FOUNDING, Workbench, anything, refused, revised, search},
};

async fn erase(bench: &Workbench, scope: &crate::TenantScope, row: &Row) -> crate::Result<()> {
    bench.store.erase(scope, Customer::object(), row.id, bench.now()).await
}

pub(super) async fn an_erased_record_is_gone(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = bench.customers(&scope, &["Kept", "Removed"]).await;
    bench.delete(&scope, object, &rows[1]).await;
    erase(bench, &scope, &rows[1]).await.expect("erase succeeds");
    assert_eq!(bench.get(&scope, object, rows[1].id).await, None);
    assert_eq!(bench.all(&scope, object, &anything()).await, rows[..1]);
    assert!(bench.all(&scope, object, &search("removed")).await.is_empty());
    assert_eq!(bench.all(&scope, object, &search("kept")).await, rows[..1]);
}

pub(super) async fn no_value_of_an_erased_record_stays_in_the_log(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let first = bench.row(Customer::company("Marker one").notes("marker two").external_id("marker three"));
    let second = revised(&first, "company", object, Value::Text("Marker four".into()));
    let kept = bench.customers(&scope, &["Kept"]).await;
    bench.create(&scope, object, std::slice::from_ref(&first)).await;
    bench.commit(&scope, bench.draft().update(object, &first, &second)).await;
    bench.delete(&scope, object, &second).await;
    let before = bench.events(&scope).await;
    erase(bench, &scope, &first).await.expect("erase succeeds");
    let after = bench.events(&scope).await;
    assert!(!format!("{after:?}").to_lowercase().contains("marker"));
    for (before, after) in before.iter().zip(&after) {
        if before.record_id == first.id {
            let blanked = after.changes.iter().all(|change| change.old.is_null() && change.new.is_null());
            assert!(blanked, "event {} keeps a value", after.seq);
            let names =
                |event: &Event| event.changes.iter().map(|change| change.field.clone()).collect::<Vec<_>>();
            assert_eq!(names(after), names(before), "which fields changed is no value");
            assert_eq!(
                Event { changes: Vec::new(), ..before.clone() },
                Event { changes: Vec::new(), ..after.clone() }
            );
        } else {
            assert_eq!(before, after, "other records' events stay as they are");
        }
    }
    assert!(after.iter().any(|event| event.record_id == kept[0].id));
}

pub(super) async fn an_erasure_leaves_a_tombstone(bench: &Workbench) {
    let scope = bench.found().await;
    let row = bench.customers(&scope, &["Removed"]).await.remove(0);
    bench.delete(&scope, Customer::object(), &row).await;
    bench.tick();
    let owner = bench.as_role(&scope, Role::Owner);
    erase(bench, &owner, &row).await.expect("erase succeeds");
    let last = bench.events(&scope).await.pop().expect("an event");
    let expected = Event {
        seq: FOUNDING + 3,
        at: bench.now(),
        actor: owner.actor().id().to_owned(),
        actor_type: crate::ActorKind::User,
        request_id: None,
        object: "customers".into(),
        record_id: row.id,
        version: 3,
        kind: EventKind::Erased,
        changes: Vec::new(),
    };
    assert_eq!(last, expected);
    assert_eq!(bench.head(&scope).await, FOUNDING + 3);
}

pub(super) async fn a_live_record_cannot_be_erased(bench: &Workbench) {
    let scope = bench.found().await;
    let row = bench.customers(&scope, &["Live"]).await.remove(0);
    let before = bench.everything(&scope, &[]).await;
    refused!(erase(bench, &scope, &row).await, Error::Conflict(Conflict::Rule(_)));
    assert_eq!(bench.everything(&scope, &[]).await, before);
}

pub(super) async fn what_is_not_there_cannot_be_erased(bench: &Workbench) {
    let scope = bench.found().await;
    let row = bench.customers(&scope, &["Once"]).await.remove(0);
    refused!(erase(bench, &scope, &bench.customer("Never")).await, Error::NotFound { what: "customer" });
    bench.delete(&scope, Customer::object(), &row).await;
    let other = bench.store.erase(&scope, Lead::object(), row.id, bench.now()).await;
    refused!(other, Error::NotFound { what: "lead" });
    erase(bench, &scope, &row).await.expect("erase succeeds");
    refused!(erase(bench, &scope, &row).await, Error::NotFound { what: "customer" });
    assert_eq!(bench.head(&scope).await, FOUNDING + 3, "refusals are not logged");
}

pub(super) async fn a_record_that_others_refer_to_cannot_be_erased(bench: &Workbench) {
    let scope = bench.found().await;
    let made = populate(bench, &scope, 4).await;
    let mut tried = 0;
    for holder in objects() {
        for (index, target) in holder.references() {
            let mut wanted = super::specimen::specimen(bench, target, 70 + tried, &made);
            wanted.deleted_at = Some(bench.now());
            bench.create(&scope, target, std::slice::from_ref(&wanted)).await;
            let mut refers = super::specimen::specimen(bench, holder, 80 + tried, &made);
            for (other, _) in holder.references() {
                if !holder.fields[other].required {
                    refers.values[other] = Value::Null;
                }
            }
            refers.values[index] = Value::Id(wanted.id);
            // A deleted record refers as well: it can be restored.
            refers.deleted_at = Some(bench.now());
            bench.create(&scope, holder, std::slice::from_ref(&refers)).await;
            let before = bench.everything(&scope, &[]).await;
            let refusal = bench.store.erase(&scope, target, wanted.id, bench.now()).await;
            refused!(refusal, Error::Conflict(Conflict::Reference { object, .. }) if object == holder.name);
            assert_eq!(bench.everything(&scope, &[]).await, before);
            bench.store.erase(&scope, holder, refers.id, bench.now()).await.expect("nothing refers to it");
            bench
                .store
                .erase(&scope, target, wanted.id, bench.now())
                .await
                .expect("nothing refers to it now");
            tried += 1;
        }
    }
    assert!(tried >= 8, "only {tried} references were tried");
}

pub(super) async fn erasing_counts_nothing_and_frees_nothing_twice(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.row(Customer::company("Removed").external_id("x"));
    bench.create(&scope, object, std::slice::from_ref(&row)).await;
    bench.delete(&scope, object, &row).await;
    let heir = bench.row(Customer::company("Heir").external_id("x"));
    bench.create(&scope, object, std::slice::from_ref(&heir)).await;
    erase(bench, &scope, &row).await.expect("erase succeeds");
    assert_eq!(bench.counter(&scope, "customers", "active").await, 1);
    let twin = bench.row(Customer::company("Twin").external_id("x"));
    refused!(
        bench.try_commit(&scope, bench.draft().create(object, &twin)).await,
        Error::Conflict(Conflict::Unique { field: "external_id", .. })
    );
}

pub(super) async fn an_erased_id_can_be_made_anew(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.customers(&scope, &["First life"]).await.remove(0);
    bench.delete(&scope, object, &row).await;
    erase(bench, &scope, &row).await.expect("erase succeeds");
    let again = Row { id: row.id, ..bench.customer("Second life") };
    bench.create(&scope, object, std::slice::from_ref(&again)).await;
    assert_eq!(bench.get(&scope, object, row.id).await, Some(again));
    assert!(!format!("{:?}", bench.events(&scope).await).contains("First life"));
    let report = bench.crm.verify(&bench.crm.maintenance(), scope.tenant()).await.unwrap();
    assert_eq!(report.differences, [""; 0]);
}

pub(super) async fn the_history_of_an_erased_record_is_blank(bench: &Workbench) {
    let scope = bench.found().await;
    let contacts = bench.crm.contacts(&scope);
    let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
    let contact = contacts.create(Contact::at(Id::from_uuid(customer.id), "Marker")).await.unwrap();
    refused!(contacts.erase(contact.id).await, Error::Conflict(Conflict::Rule(_)));
    contacts.delete(contact.id, None).await.unwrap();
    contacts.erase(contact.id).await.unwrap();
    refused!(contacts.erase(contact.id).await, Error::NotFound { what: "contact" });
    refused!(contacts.restore(contact.id).await, Error::NotFound { what: "contact" });
    let history = contacts.history(contact.id, None, 10).await.unwrap();
    let kinds: Vec<EventKind> = history.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Erased, EventKind::Deleted, EventKind::Created]);
    assert!(!format!("{history:?}").contains("Marker"));
}
