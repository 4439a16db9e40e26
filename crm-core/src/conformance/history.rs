//! History, the directory and the check of a tenant: what is read from the log and from above the tenants.

use chrono::TimeDelta;

use crate::{
    Actor, Conflict, Customer, Delta, Entity, Error, EventKind, Id, Lead, Query, Role, Session, Tenant,
    TenantStatus, User,
};

use super::workbench::{FOUNDING, Workbench, refused};

pub(super) async fn a_history_is_newest_first(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let own = customers.create(Customer::company("Solar")).await.unwrap().id;
    let other = customers.create(Customer::company("Other")).await.unwrap().id;
    for name in ["a", "b", "c"] {
        customers.update(own, |own| own.name = Some(name.into())).await.unwrap();
        customers.update(other, |own| own.name = Some(name.into())).await.unwrap();
    }
    customers.delete(own, None).await.unwrap();
    let history = customers.history(own, None, 100).await.unwrap();
    let versions: Vec<i64> = history.iter().map(|event| event.version).collect();
    assert_eq!(versions, [5, 4, 3, 2, 1]);
    assert!(history.iter().all(|event| event.record_id == own.uuid()));
    assert_eq!(
        (history[0].kind, history[4].kind),
        (EventKind::Deleted, EventKind::Created),
        "a deleted one has it too"
    );
    let page = customers.history(own, None, 2).await.unwrap();
    let next = customers.history(own, Some(page[1].seq), 2).await.unwrap();
    assert_eq!([page, next].concat(), history[..4], "page by page");
    customers.restore(own).await.unwrap();
    assert_eq!(customers.history(own, None, 1).await.unwrap()[0].kind, EventKind::Restored);
}

pub(super) async fn only_what_was_there_has_a_history(bench: &Workbench) {
    let scope = bench.found().await;
    let customer = bench.crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let unknown = bench.crm.customers(&scope).history(Id::from_uuid(bench.new_id()), None, 10).await;
    refused!(unknown, Error::NotFound { what: "customer" });
    let other_kind = bench.crm.leads(&scope).history(Id::from_uuid(customer.uuid()), None, 10).await;
    refused!(other_kind, Error::NotFound { what: "lead" });
    assert!(bench.crm.customers(&scope).history(customer, Some(1), 10).await.unwrap().is_empty());
}

pub(super) async fn a_sound_tenant_verifies(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let leads = crm.leads(&scope);
    let made = leads.create_many((0..30).map(|nth| Lead::company(format!("{nth}"))).collect()).await.unwrap();
    for lead in &made[..10] {
        leads.convert(lead.id, None).await.unwrap();
    }
    for lead in &made[20..] {
        leads.delete(lead.id, None).await.unwrap();
    }
    leads.erase(made[29].id).await.unwrap();
    leads.restore(made[28].id).await.unwrap();
    crm.users(&scope).create(User::new("ada@example.com", Role::Owner)).await.unwrap();
    let report = crm.verify(&crm.maintenance(), scope.tenant()).await.unwrap();
    assert_eq!(report.differences, [""; 0]);
    assert!(!report.unsettled);
    assert_eq!(
        (report.rows, report.events),
        (FOUNDING as u64 + 29 + 10 + 1, bench.head(&scope).await as u64)
    );
    assert!(report.counters >= 4);
}

pub(super) async fn a_wrong_counter_is_found(bench: &Workbench) {
    let scope = bench.found().await;
    bench.crm.customers(&scope).create(Customer::company("Solar")).await.unwrap();
    let mut batch = bench.draft().create(Customer::object(), &bench.customer("Planted")).build();
    batch.counters = vec![Delta { name: "customers", key: "active".into(), by: 3 }];
    bench.store.commit(&scope, batch).await.expect("a store does not judge counters");
    let report = bench.crm.verify(&bench.crm.maintenance(), scope.tenant()).await.unwrap();
    let expected = [
        "counter customers `active` is 4, the rows make 2",
        "counter customers.created `2026-03-01` is 1, the rows make 2",
    ];
    assert_eq!(report.differences, expected);
}

pub(super) async fn tenants_are_listed_and_found_by_slug(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    assert!(directory.tenants(Query::new()).await.unwrap().data.is_empty(), "before the first tenant");
    let acme = directory.create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let globex = directory.create_tenant(Tenant::new("globex", "Globex")).await.unwrap();
    let taken = directory.create_tenant(Tenant::new("acme", "Other")).await;
    refused!(taken, Error::Conflict(Conflict::Unique { object: "tenants", field: "slug" }));
    refused!(directory.create_tenant(Tenant::new("No Slug", "x")).await, Error::Invalid { .. });
    let taken = directory.create_tenant_with_id(acme.id, Tenant::new("third", "Third")).await;
    refused!(taken, Error::Conflict(Conflict::Tenant));
    assert!(directory.tenant_by_slug("third").await.unwrap().is_none(), "no entry that leads nowhere");
    assert_eq!(directory.tenant_by_slug("acme").await.unwrap(), Some(acme.clone()));
    let listed = directory.tenants(Query::new().sort(Tenant::SLUG.asc())).await.unwrap().data;
    assert_eq!(listed.iter().map(|own| own.id).collect::<Vec<_>>(), [acme.id, globex.id]);
    let suspended = TenantStatus::Suspended.name();
    let changed = directory.update_tenant(acme.id, |own| own.status = suspended.into()).await.unwrap();
    assert!(!changed.is_active() && directory.tenant(acme.id).await.unwrap() == changed);
}

pub(super) async fn memberships_follow_the_users(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let mut expected = Vec::new();
    for slug in ["acme", "globex"] {
        let tenant = directory.create_tenant(Tenant::new(slug, slug)).await.unwrap().id;
        let scope = bench.crm.scope(tenant, Actor::job("conformance"));
        let user =
            bench.crm.users(&scope).create(User::new("Ada@example.com", Role::Member)).await.unwrap().id;
        expected.push((tenant, user));
    }
    let mut found = directory.memberships("ada@EXAMPLE.com").await.unwrap();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let (tenant, user) = expected[0];
    let scope = bench.crm.scope(tenant, Actor::job("conformance"));
    bench.crm.users(&scope).update(user, |own| own.email = "ada.new@example.com".into()).await.unwrap();
    assert_eq!(directory.memberships("ada@example.com").await.unwrap(), [expected[1]]);
    assert_eq!(directory.memberships("ada.new@example.com").await.unwrap(), [expected[0]]);
    assert_eq!(directory.user(tenant, user).await.unwrap().expect("the user").email, "ada.new@example.com");
    assert!(directory.user(expected[1].0, user).await.unwrap().is_none(), "a user is in one tenant");
}

pub(super) async fn sessions_end(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let tenant = directory.create_tenant(Tenant::new("acme", "Acme")).await.unwrap().id;
    let until = bench.now() + TimeDelta::hours(1);
    let user = bench.new_id();
    let id = |token: &str| Id::from_uuid(uuid::Uuid::from_u128(token.len() as u128));
    let open = async |token: &'static str| {
        let account = directory.account("ada@example.com").await.unwrap().expect("the account");
        let session = Session::default().token_hash(token).tenant_id(tenant).user_id(user).expires_at(until);
        directory.open_session(id(token), &account, session).await
    };
    directory.set_password_hash("ada@example.com", "$one").await.unwrap();
    let first = open("a").await.unwrap();
    open("bb").await.unwrap();
    refused!(open("cc").await, Error::Conflict(Conflict::Version { object: "sessions" }));
    assert_eq!(directory.session(id("a"), "a").await.unwrap(), Some(first.clone()));
    assert_eq!(directory.session(id("dddd"), "dddd").await.unwrap(), None);
    assert_eq!(directory.session(id("bb"), "cc").await.unwrap(), None, "the hash decides, not the id");
    directory.close_session(&first).await.unwrap();
    directory.close_session(&first).await.unwrap();
    assert_eq!(directory.session(id("a"), "a").await.unwrap(), None);
    directory.set_password_hash("ada@example.com", "$two").await.unwrap();
    assert_eq!(directory.session(id("bb"), "bb").await.unwrap(), None, "a new password ends every sign-in");
    open("eeeee").await.unwrap();
    bench.clock.set(until);
    assert_eq!(directory.session(id("eeeee"), "eeeee").await.unwrap(), None, "it has expired");
    assert_eq!(
        (directory.purge_sessions().await.unwrap(), directory.purge_sessions().await.unwrap()),
        (1, 0)
    );
}
