//! Erasing a tenant: nothing of it is left, and nothing of another is touched.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::{
    Account, Conflict, CounterQuery, Counters, Customer, Entity, Error, Event, Id, Lead, Maintenance,
    Membership, Query, Record, Role, Session, Tenant, TenantScope, User, objects, scope::DIRECTORY,
};

use super::{
    specimen::populate,
    workbench::{Draft, FOUNDING, Workbench, anything, counter_names, refused, search},
};

/// Everything that a tenant can have, so that whatever is kept of it has something to keep.
async fn fill(bench: &Workbench, scope: &TenantScope) {
    populate(bench, scope, 12).await;
    let gone = bench.customers(scope, &["Solar Gone"]).await.remove(0);
    bench.delete(scope, Customer::object(), &gone).await;
    bench.store.erase(scope, Customer::object(), gone.id, bench.now()).await.expect("erase succeeds");
    let row = bench.customer("Solar Once");
    bench.commit(scope, bench.draft().create(Customer::object(), &row).once(1, 2)).await;
}

async fn assert_empty(bench: &Workbench, scope: &TenantScope) {
    for object in objects() {
        assert!(bench.all(scope, object, &anything()).await.is_empty(), "{object:?}");
    }
    for found in ["solar", "so", "a"] {
        assert!(bench.all(scope, Customer::object(), &search(found)).await.is_empty());
        assert_eq!(bench.count(scope, Customer::object(), &search(found)).await, 0);
    }
    assert_eq!(bench.events(scope).await, [] as [Event; 0]);
    let counters = bench.store.counters(scope, &CounterQuery::of(&counter_names())).await;
    assert_eq!(counters.expect("counters succeeds"), Counters::default());
}

pub(super) async fn an_erased_tenant_is_as_if_it_never_was(bench: &Workbench) {
    let scope = bench.found().await;
    fill(bench, &scope).await;
    bench.store.erase_tenant(&scope).await.expect("erase_tenant succeeds");
    assert_empty(bench, &scope).await;
    let late = bench.draft().create(Customer::object(), &bench.customer("Late"));
    refused!(bench.try_commit(&scope, late).await, Error::NotFound { what: "tenant" });
    assert_empty(bench, &scope).await;

    bench.commit(&scope, Draft::founding_of(scope.tenant(), bench.now())).await;
    let row = bench.customer("Second life");
    let once = bench.draft().create(Customer::object(), &row).once(1, 3);
    let committed = bench.commit(&scope, once).await;
    assert_eq!((committed.first, committed.replayed), (FOUNDING + 1, false));
    let lead = bench.lead(Lead::company("First again"));
    assert_eq!(bench.create(&scope, Lead::object(), &[lead]).await.numbers, [1]);
    for filter in [anything(), search("life")] {
        let found = bench.all(&scope, Customer::object(), &filter).await;
        assert_eq!(found, std::slice::from_ref(&row));
    }
    assert!(bench.all(&scope, Customer::object(), &search("solar")).await.is_empty());
    let report = bench.crm.verify(&bench.crm.maintenance(), scope.tenant()).await.expect("verify succeeds");
    assert_eq!(report.differences, [""; 0]);
}

pub(super) async fn erasing_a_tenant_touches_no_other(bench: &Workbench) {
    let (ours, theirs) = bench.found_two().await;
    let third = bench.found().await;
    for scope in [&ours, &theirs, &third] {
        fill(bench, scope).await;
    }
    let before = (bench.everything(&ours, &[]).await, bench.everything(&third, &[]).await);
    bench.store.erase_tenant(&theirs).await.expect("erase_tenant succeeds");
    assert_empty(bench, &theirs).await;
    assert_eq!((bench.everything(&ours, &[]).await, bench.everything(&third, &[]).await), before);
    for scope in [&ours, &third] {
        assert_eq!(bench.all(scope, Customer::object(), &search("solar")).await.len(), 1);
        let again = bench.draft().create(Customer::object(), &bench.customer("Solar Once")).once(1, 2);
        assert!(bench.commit(scope, again).await.replayed, "what has its effect once still has");
    }
}

pub(super) async fn a_tenant_that_is_not_there_can_be_erased(bench: &Workbench) {
    let (nowhere, other) = (bench.nowhere(), bench.found().await);
    let before = bench.everything(&other, &[]).await;
    for _ in 0..2 {
        bench.store.erase_tenant(&nowhere).await.expect("there is nothing to do");
    }
    assert_empty(bench, &nowhere).await;
    assert_eq!(bench.everything(&other, &[]).await, before);
}

pub(super) async fn a_late_writer_brings_no_erased_tenant_back(bench: &Workbench) {
    for _ in 0..5 {
        let scope = bench.found().await;
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let rows = [bench.customer(&format!("Solar {writer}")), bench.customer("Solar again")];
                let (store, scope, draft) = (Arc::clone(&bench.store), scope.clone(), bench.draft());
                tokio::spawn(async move {
                    for row in rows {
                        let batch = draft.clone().create(Customer::object(), &row).build();
                        match store.commit(&scope, batch).await {
                            Ok(_) | Err(Error::NotFound { what: "tenant" }) => {}
                            other => panic!("a late writer is told that there is no such tenant: {other:?}"),
                        }
                    }
                })
            })
            .collect();
        bench.store.erase_tenant(&scope).await.expect("erase_tenant succeeds");
        for writer in writers {
            writer.await.expect("the writer comes to its end");
        }
        assert_empty(bench, &scope).await;
    }
}

pub(super) async fn an_erased_tenant_stays_erased(bench: &mut Workbench) {
    let (kept, erased) = bench.found_two().await;
    fill(bench, &kept).await;
    fill(bench, &erased).await;
    let before = bench.everything(&kept, &[]).await;
    bench.store.erase_tenant(&erased).await.expect("erase_tenant succeeds");
    if bench.store.capabilities().durable {
        bench.reopen().await;
    }
    assert_empty(bench, &erased).await;
    assert_eq!(bench.everything(&kept, &[]).await, before);
}

/// A user of a tenant with an account, signed in.
async fn sign_in(
    bench: &Workbench,
    maintenance: &Maintenance,
    tenant: &Record<Tenant>,
    email: &str,
) -> Record<Session> {
    let scope = bench.crm.scope(tenant.id, crate::Actor::job("conformance"));
    let user = bench.crm.users(&scope).create(User::new(email, Role::Owner)).await.expect("a user");
    let directory = bench.crm.directory(maintenance);
    let account = match directory.account(email).await.expect("an answer") {
        Some(account) => account,
        None => directory.set_password_hash(email, "a-hash").await.expect("an account"),
    };
    let session = Session::default().tenant_id(tenant.id).user_id(user.id.uuid());
    let session = session.token_hash(format!("hash-{}", bench.new_id()));
    let session = session.expires_at(bench.now() + TimeDelta::hours(1));
    directory.open_session(Id::from_uuid(bench.new_id()), &account, session).await.expect("a session")
}

pub(super) async fn nobody_gets_into_an_erased_tenant(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let acme = directory.create_tenant(Tenant::new("acme", "Acme Marker")).await.expect("a tenant");
    let globex = directory.create_tenant(Tenant::new("globex", "Globex")).await.expect("a tenant");
    let gone = sign_in(bench, &maintenance, &acme, "marker@acme.test").await;
    let both = sign_in(bench, &maintenance, &acme, "both@demo.test").await;
    let stays = sign_in(bench, &maintenance, &globex, "both@demo.test").await;
    let owner = sign_in(bench, &maintenance, &globex, "owner@globex.test").await;

    directory.erase_tenant(acme.id).await.expect("erase_tenant succeeds");
    for ended in [&gone, &both] {
        assert_eq!(directory.session(ended.id, &ended.token_hash).await.expect("an answer"), None);
    }
    for going_on in [stays, owner] {
        let found = directory.session(going_on.id, &going_on.token_hash).await.expect("an answer");
        assert_eq!(found, Some(going_on));
    }
    assert_eq!(directory.account("marker@acme.test").await.expect("an answer"), None);
    assert!(directory.account("both@demo.test").await.expect("an answer").is_some());
    assert_eq!(directory.memberships("marker@acme.test").await.expect("an answer"), []);
    let left = directory.memberships("both@demo.test").await.expect("an answer");
    assert_eq!(left.iter().map(|(tenant, _)| *tenant).collect::<Vec<_>>(), [globex.id]);
    let tenants = directory.tenants(Query::new()).await.expect("a page").data;
    assert_eq!(tenants, [globex]);
    refused!(directory.erase_tenant(acme.id).await, Error::NotFound { what: "tenant" });

    let above = bench.crm.scope(DIRECTORY, crate::Actor::job("conformance"));
    for object in [Account::object(), Membership::object(), Session::object(), Tenant::object()] {
        let rows = bench.all(&above, object, &anything()).await;
        assert!(!format!("{rows:?}").to_lowercase().contains("marker"), "{object:?}");
    }
    assert!(!format!("{:?}", bench.events(&above).await).to_lowercase().contains("marker"));
    let report = bench.crm.verify(&maintenance, DIRECTORY).await.expect("verify succeeds");
    assert_eq!(report.differences, [""; 0]);

    let anew = directory.create_tenant(Tenant::new("acme", "Acme")).await.expect("the slug is free");
    let scope = bench.crm.scope(anew.id, crate::Actor::job("conformance"));
    assert_eq!(bench.crm.users(&scope).list(Query::new()).await.expect("a page").data, []);
    refused!(
        directory.create_tenant(Tenant::new("acme", "Acme")).await,
        Error::Conflict(Conflict::Unique { field: "slug", .. })
    );
}
