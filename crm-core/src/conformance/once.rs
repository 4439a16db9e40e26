//! Once: under one key a batch has its effect one time, however often it is committed.

use crate::{Conflict, Contact, Conversion, Customer, Entity, Error, Expect, Lead, Once};

use super::workbench::{Workbench, anything, refused};

pub(super) async fn a_batch_committed_again_changes_nothing(bench: &Workbench) {
    let scope = bench.found().await;
    let lead = bench.lead(Lead::company("Once"));
    let draft = bench.draft().create(Lead::object(), &lead).add("test.figure", "k", 5).once(1, 1);
    let first = bench.commit(&scope, draft.clone()).await;
    bench.customers(&scope, &["Meanwhile"]).await;
    let before = bench.everything(&scope, &["test.figure"]).await;
    bench.tick();
    for _ in 0..3 {
        let again = bench.commit(&scope, draft.clone()).await;
        assert_eq!(
            again,
            crate::Committed { replayed: true, ..first.clone() },
            "the answer of the first time"
        );
    }
    assert_eq!(bench.everything(&scope, &["test.figure"]).await, before);
}

pub(super) async fn a_replay_asks_for_no_expectation(bench: &Workbench) {
    let scope = bench.found().await;
    let row = bench.customer("Once");
    let draft = bench.draft().create(Customer::object(), &row).once(1, 1);
    bench.commit(&scope, draft.clone()).await;
    bench.delete(&scope, Customer::object(), &row).await;
    assert!(bench.commit(&scope, draft.clone().bound("test.figure", "", 1, 1)).await.replayed);
    let other = bench.draft().check(Customer::object(), bench.new_id(), Expect::Version(1)).once(1, 1);
    assert!(bench.commit(&scope, other).await.replayed, "key and content decide");
}

pub(super) async fn a_key_holds_one_content(bench: &Workbench) {
    let scope = bench.found().await;
    let draft = |content| bench.draft().create(Customer::object(), &bench.customer("Once")).once(1, content);
    bench.commit(&scope, draft(1)).await;
    let before = bench.everything(&scope, &[]).await;
    refused!(bench.try_commit(&scope, draft(2)).await, Error::Conflict(Conflict::Once));
    assert_eq!(bench.everything(&scope, &[]).await, before);
    assert!(!bench.commit(&scope, draft(2).once(2, 1)).await.replayed, "another key is another batch");
}

pub(super) async fn a_failed_batch_leaves_its_key_free(bench: &Workbench) {
    let scope = bench.found().await;
    let draft = bench.draft().create(Customer::object(), &bench.customer("Once"));
    let failing = draft.clone().bound("test.figure", "", 1, 1);
    refused!(bench.try_commit(&scope, failing.once(1, 1)).await, Error::Conflict(Conflict::Rule(_)));
    assert!(!bench.commit(&scope, draft.once(1, 2)).await.replayed, "even for another content");
}

pub(super) async fn an_empty_batch_takes_its_key(bench: &Workbench) {
    let scope = bench.found().await;
    let first = bench.commit(&scope, bench.draft().once(1, 1)).await;
    let again = bench.commit(&scope, bench.draft().once(1, 1)).await;
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!((again.first, again.last), (first.first, first.last));
    refused!(bench.try_commit(&scope, bench.draft().once(1, 2)).await, Error::Conflict(Conflict::Once));
}

pub(super) async fn a_create_under_a_key_makes_one_record(bench: &Workbench) {
    let scope = bench.found().await;
    let once = Once { key: bench.new_id(), content: bench.new_id() };
    let create = || async { bench.crm.leads(&scope).once(once).create(Lead::company("Once")).await };
    let first = create().await.unwrap();
    bench.tick();
    let again = create().await.unwrap();
    assert_eq!((again.id, again.number), (first.id, Some(1)));
    bench.crm.leads(&scope).update(first.id, |lead| lead.name = Some("Ada".into())).await.unwrap();
    assert_eq!(create().await.unwrap(), first, "as it was made");
    assert_eq!(bench.count(&scope, Lead::object(), &anything()).await, 1);
    let other = Once { content: bench.new_id(), ..once };
    let done = bench.crm.leads(&scope).once(other).create(Lead::company("Other")).await;
    refused!(done, Error::Conflict(Conflict::Once));
}

pub(super) async fn many_records_under_a_key_are_made_once(bench: &Workbench) {
    let scope = bench.found().await;
    let once = Once { key: bench.new_id(), content: bench.new_id() };
    let all = || (0..1_200).map(|nth| Lead::company(format!("Company {nth}"))).collect::<Vec<_>>();
    let first = bench.crm.leads(&scope).once(once).create_many(all()).await.unwrap();
    let again = bench.crm.leads(&scope).once(once).create_many(all()).await.unwrap();
    assert_eq!(again, first, "all of them, in order");
    assert_eq!(
        again.iter().map(|lead| lead.number).collect::<Vec<_>>(),
        (1..=1_200).map(Some).collect::<Vec<_>>()
    );
    assert_eq!(bench.count(&scope, Lead::object(), &anything()).await, 1_200);
}

pub(super) async fn a_conversion_under_a_key_is_done_once(bench: &Workbench) {
    let scope = bench.found().await;
    let once = Once { key: bench.new_id(), content: bench.new_id() };
    let leads = bench.crm.leads(&scope);
    let lead = leads.create(Lead::company("Once")).await.unwrap().id;
    let convert = || async { bench.crm.leads(&scope).once(once).convert(lead, None).await };
    let first = convert().await.unwrap();
    assert!(!first.replayed);
    let again = convert().await.unwrap();
    assert_eq!(again, Conversion { replayed: true, ..first.clone() });
    bench.tick();
    let reopened = leads.advance(lead, "proposal").await.unwrap();
    bench.crm.customers(&scope).update(first.customer.id, |own| own.name = Some("Ada".into())).await.unwrap();
    let before = bench.everything(&scope, &[]).await;
    let again = convert().await.unwrap();
    assert_eq!((again.replayed, again.lead), (true, reopened), "the lead as it is now");
    assert_eq!(again.customer.name.as_deref(), Some("Ada"), "and the customer");
    assert_eq!(bench.everything(&scope, &[]).await, before, "nothing was done");
    leads.update(lead, |own| own.customer_id = None).await.unwrap();
    let before = bench.everything(&scope, &[]).await;
    refused!(convert().await, Error::NotFound { what: "customer" });
    assert_eq!(bench.everything(&scope, &[]).await, before, "no customer is made up");
}

pub(super) async fn what_a_replay_rests_on_may_be_gone(bench: &Workbench) {
    let scope = bench.found().await;
    let once = Once { key: bench.new_id(), content: bench.new_id() };
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let create = || async { crm.contacts(&scope).once(once).create(Contact::at(customer, "Ada")).await };
    let first = create().await.unwrap();
    crm.customers(&scope).delete(customer, None).await.unwrap();
    assert_eq!(create().await.unwrap(), first, "a new one would be refused");
    crm.contacts(&scope).delete(first.id, None).await.unwrap();
    assert_eq!(create().await.unwrap(), first, "as it was made, even if it is deleted now");
    crm.contacts(&scope).erase(first.id).await.unwrap();
    refused!(create().await, Error::NotFound { what: "contact" });
    let other = Once { key: bench.new_id(), content: bench.new_id() };
    let fresh = crm.contacts(&scope).once(other).create(Contact::at(customer, "Ada")).await;
    refused!(fresh, Error::Invalid { .. });
}
