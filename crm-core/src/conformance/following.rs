//! Followers, keys and incidents: what the log tells while it grows, and who may know.

use std::sync::Arc;

use crate::{
    Actor, ApiKey, Conflict, Customer, Error, Event, EventKind, EventQuery, Follower, Id, Incident, Lead,
    Query, Role, Tenant, User,
};

use super::workbench::{FOUNDING, Workbench, refused};

/// So many events are told at least.
const TOLD: usize = 120;

/// Reads until this event has been looked at.
async fn until(follower: &mut Follower, last: i64) -> Vec<Arc<Event>> {
    let mut told = Vec::new();
    loop {
        let next = follower.next().await.unwrap();
        told.extend(next);
        if follower.place() >= last {
            return told;
        }
        follower.changed().await;
    }
}

fn numbers(events: &[Arc<Event>]) -> Vec<i64> {
    events.iter().map(|event| event.seq).collect()
}

pub(super) async fn a_follower_is_told_each_event_once_in_order(bench: &Workbench) {
    let scope = bench.found().await;
    let mut waiting = bench.crm.follow(&scope, None, None).await.unwrap();
    let last = FOUNDING + i64::try_from(TOLD).expect("it fits");
    let following = tokio::spawn(async move { until(&mut waiting, last).await });
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (crm, scope) = (bench.crm.clone(), scope.clone());
            tokio::spawn(async move {
                for _ in 0..TOLD / 4 {
                    crm.customers(&scope).create(Customer::company("Ada")).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let told = following.await.unwrap();
    assert_eq!(numbers(&told), (FOUNDING + 1..=last).collect::<Vec<_>>());
    // From anywhere, also with what nobody has followed for a while.
    for after in [0, 1, FOUNDING, last - 3, last] {
        let mut late = bench.crm.follow(&scope, Some(after), None).await.unwrap();
        assert_eq!(numbers(&until(&mut late, last).await), (after + 1..=last).collect::<Vec<_>>());
    }
    // A number that is not there yet hides nothing.
    let mut early = bench.crm.follow(&scope, Some(last + 100), None).await.unwrap();
    bench.crm.leads(&scope).create(Lead::company("Ada")).await.unwrap();
    assert_eq!(numbers(&until(&mut early, last + 1).await), [last + 1]);
    let mut leads = bench.crm.follow(&scope, Some(0), crate::object("leads")).await.unwrap();
    assert_eq!(numbers(&until(&mut leads, last + 1).await), [last + 1], "of the kind that was asked for");
}

pub(super) async fn a_follower_is_told_nothing_of_another_tenant(bench: &Workbench) {
    let (own, foreign) = bench.found_two().await;
    let mut follower = bench.crm.follow(&own, Some(0), None).await.unwrap();
    bench.crm.customers(&foreign).create(Customer::company("Foreign")).await.unwrap();
    let mine = bench.crm.customers(&own).create(Customer::company("Own")).await.unwrap();
    let told = until(&mut follower, FOUNDING + 1).await;
    assert_eq!(numbers(&told), (1..=FOUNDING + 1).collect::<Vec<_>>());
    assert_eq!(told.last().map(|event| event.record_id), Some(mine.id.uuid()));
}

pub(super) async fn a_follower_is_told_what_its_role_may_read(bench: &Workbench) {
    let scope = bench.found().await;
    let directory = bench.crm.maintenance();
    let (viewer, admin) = (bench.as_role(&scope, Role::Viewer), bench.as_role(&scope, Role::Admin));
    bench.crm.customers(&scope).create(Customer::company("Ada")).await.unwrap();
    let key = ApiKey { name: "import".into(), secret_hash: "hash".into(), ..ApiKey::default() };
    bench.crm.records::<ApiKey>(&scope).create(key).await.unwrap();
    let incident = Incident::forbidden("DELETE /api/customers/{id}".into(), None);
    bench.crm.directory(&directory).report(scope.tenant(), viewer.actor().clone(), incident).await.unwrap();
    let last = FOUNDING + 3;
    let told = |scope| async move {
        let mut follower = bench.crm.follow(&scope, Some(FOUNDING), None).await.unwrap();
        let told = until(&mut follower, last).await;
        told.iter().map(|event| event.object.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(viewer.clone()).await, ["customers"]);
    assert_eq!(told(admin.clone()).await, ["customers", "api_keys", "incidents"]);
    refused!(
        bench.crm.follow(&viewer, None, crate::object("api_keys")).await,
        Error::Forbidden { object: "api_keys", .. }
    );
    let query = EventQuery { object: crate::object("incidents"), ..EventQuery::default() };
    let logged = bench.crm.log(&admin).events(&query).await.unwrap();
    assert_eq!(logged.len(), 1);
    assert_eq!(
        (logged[0].actor.as_str(), logged[0].actor_type),
        (viewer.actor().id(), viewer.actor().kind()),
        "what was tried is in the log of whoever tried it"
    );
    for scope in [&viewer, &admin, &scope] {
        let incidents = bench.crm.records::<Incident>(scope);
        refused!(
            incidents.create(Incident::forbidden("x".into(), None)).await,
            Error::Forbidden { object: "incidents", .. }
        );
    }
}

pub(super) async fn what_was_erased_is_not_told_any_more(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let mut follower = bench.crm.follow(&scope, None, None).await.unwrap();
    let ada = customers.create(Customer::company("Ada")).await.unwrap().id;
    let told = until(&mut follower, FOUNDING + 1).await;
    assert!(!told[0].changes.is_empty());
    customers.delete(ada, None).await.unwrap();
    customers.erase(ada).await.unwrap();
    let mut again = bench.crm.follow(&scope, Some(FOUNDING), None).await.unwrap();
    let told = until(&mut again, FOUNDING + 3).await;
    let kinds: Vec<_> = told.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::Deleted, EventKind::Erased]);
    let values = told.iter().flat_map(|event| &event.changes).filter(|change| change.new == "Ada");
    assert_eq!(values.count(), 0);
}

pub(super) async fn a_key_gives_no_more_than_its_maker_has(bench: &Workbench) {
    let scope = bench.found().await;
    let admin = bench.as_role(&scope, Role::Admin);
    let key = |role: Role| ApiKey {
        name: "import".into(),
        role: role.name().into(),
        secret_hash: "hash".into(),
        ..ApiKey::default()
    };
    let keys = bench.crm.records::<ApiKey>(&admin);
    refused!(keys.create(key(Role::Owner)).await, Error::Forbidden { .. });
    let made = keys.create(key(Role::Admin)).await.unwrap();
    refused!(keys.update(made.id, |key| key.role = "owner".into()).await, Error::Forbidden { .. });
    bench.crm.records::<ApiKey>(&scope).create(key(Role::Owner)).await.unwrap();
    let past = ApiKey { expires_at: Some(bench.now()), ..key(Role::Viewer) };
    refused!(keys.create(past).await, Error::Invalid { .. });
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    assert_eq!(directory.api_key(scope.tenant(), made.id).await.unwrap(), Some(made.clone()));
    let elsewhere = bench.found().await;
    assert_eq!(directory.api_key(elsewhere.tenant(), made.id).await.unwrap(), None);
    keys.delete(made.id, None).await.unwrap();
    assert_eq!(directory.api_key(scope.tenant(), made.id).await.unwrap(), None);
    let logged = bench.crm.log(&admin).events(&EventQuery::default()).await.unwrap();
    let mut values =
        logged.iter().flat_map(|event| &event.changes).flat_map(|change| [&change.old, &change.new]);
    assert!(values.all(|value| value != "hash"), "the log knows no secret");
    assert_eq!(keys.list(Query::new()).await.unwrap().data.len(), 1);
}

pub(super) async fn no_session_outlives_the_password_it_was_opened_with(bench: &Workbench) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let tenant = directory.create_tenant(Tenant::new("acme", "Acme")).await.unwrap().id;
    let scope = bench.crm.scope(tenant, Actor::job("conformance"));
    let user = bench.crm.users(&scope).create(User::new("ada@example.com", Role::Owner)).await.unwrap();
    let account = directory.set_password_hash("ada@example.com", "$one").await.unwrap();
    let session = || {
        let session = crate::Session::default().token_hash("token").tenant_id(tenant).user_id(user.id.uuid());
        session.expires_at(bench.now() + chrono::TimeDelta::hours(1))
    };
    let id = Id::from_uuid(bench.new_id());
    directory.set_password_hash("ada@example.com", "$two").await.unwrap();
    refused!(
        directory.open_session(id, &account, session()).await,
        Error::Conflict(Conflict::Version { object: "accounts" })
    );
    let account = directory.account("ada@example.com").await.unwrap().expect("the account");
    directory.open_session(id, &account, session()).await.unwrap();
    assert!(directory.session(id, "token").await.unwrap().is_some());
    assert_eq!(directory.session(id, "other").await.unwrap(), None);
    directory.close_sessions(account.id).await.unwrap();
    assert_eq!(directory.session(id, "token").await.unwrap(), None);
}
