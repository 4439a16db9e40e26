//! What is asked for twice under one key happens once, and is answered as the first time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crm_core::{
    Actor, Conflict, Crm, Customer, Error, Journey, Lead, LeadTimes, MemoryStore, Money, Once, Query, Record,
    Role, Tenant, TenantScope, User,
};
use uuid::Uuid;

async fn open() -> (Crm, TenantScope) {
    let crm = Crm::new(MemoryStore::new());
    let tenant = crm.directory(&crm.maintenance()).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(tenant.id, Actor::job("test"));
    (crm, scope)
}

fn once(content: u128) -> Once {
    Once { key: Uuid::from_u128(1), content: Uuid::from_u128(content) }
}

/// A lead without what no answer knows of: the stages that it has been in are kept for the figures, and the log from
/// which it is answered again has them not.
fn answered(lead: Record<Lead>) -> Record<Lead> {
    Record { managed: LeadTimes { journey: Journey::default(), ..lead.managed }, ..lead }
}

#[tokio::test]
async fn a_create_is_answered_as_the_first_time_whatever_happened_since() {
    let (crm, scope) = open().await;
    let owner = crm.users(&scope).create(User::new("o@acme.test", Role::Member)).await.unwrap();
    let lead = Lead::company("Ada")
        .email("Ada@Example.com")
        .owner_id(owner.id)
        .value(Money::new(5, "EUR").unwrap())
        .expected_close(chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap())
        .tags(vec!["a".to_owned()]);
    let leads = || crm.leads(&scope).once(once(1));
    let first = answered(leads().create(lead.clone()).await.unwrap());
    crm.leads(&scope).update(first.id, |lead| lead.stage = "closed_won".into()).await.unwrap();
    assert_eq!(answered(leads().create(lead.clone()).await.unwrap()), first, "after a change");
    crm.leads(&scope).delete(first.id, None).await.unwrap();
    assert_eq!(answered(leads().create(lead.clone()).await.unwrap()), first, "after it was deleted");
    crm.users(&scope).delete(owner.id, None).await.unwrap();
    assert_eq!(answered(leads().create(lead.clone()).await.unwrap()), first, "after its owner was deleted");
    let again = leads().create_many(vec![lead]).await.unwrap();
    assert_eq!(again.into_iter().map(answered).collect::<Vec<_>>(), [first]);
}

#[tokio::test]
async fn another_content_is_refused_even_if_it_is_invalid() {
    let (crm, scope) = open().await;
    crm.customers(&scope).once(once(1)).create(Customer::company("Ada")).await.unwrap();
    for other in [Customer::company("Bob"), Customer::default(), Customer::company("Bob").email("nonsense")] {
        let refused = crm.customers(&scope).once(once(2)).create(other).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Once))), "{refused:?}");
    }
    assert_eq!(crm.customers(&scope).count(&Query::new()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_try_that_failed_leaves_the_key_free() {
    let (crm, scope) = open().await;
    let failed = crm.customers(&scope).once(once(1)).create(Customer::default()).await;
    assert!(matches!(failed, Err(Error::Invalid { .. })), "{failed:?}");
    assert!(crm.customers(&scope).once(once(2)).create(Customer::company("Ada")).await.is_ok());
}

#[tokio::test]
async fn a_conversion_has_its_effect_once() {
    let (crm, scope) = open().await;
    let lead = crm.leads(&scope).create(Lead::company("Ada")).await.unwrap();
    let first = crm.leads(&scope).once(once(1)).convert(lead.id, None).await.unwrap();
    assert!(!first.replayed);
    let again = crm.leads(&scope).once(once(1)).convert(lead.id, None).await.unwrap();
    assert!(again.replayed);
    assert_eq!((&again.lead, &again.customer), (&first.lead, &first.customer));
    let other = crm.leads(&scope).once(once(2)).convert(lead.id, None).await;
    assert!(matches!(other, Err(Error::Conflict(Conflict::Once))), "{other:?}");
}
