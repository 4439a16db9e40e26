//! Roles: the permission table is asked before anything is read or written.

use serde_json::Map;

use crate::{
    Access, Account, Action, ApiKey, Conflict, Contact, Customer, Entity, Error, Id, Incident, Interaction,
    Lead, Membership, Once, Past, Pipeline, Project, Query, Result, Role, Session, Settings, Task, Tenant,
    TenantScope, User,
    permission::{allows, granted, least_role},
};

use super::workbench::{Workbench, refused};

/// Whether a refusal is for lack of permission.
fn is_forbidden<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Forbidden { .. }))
}

/// Tries every operation of one kind of record with a role; how many cells of the table were tried.
async fn holds<T: Entity>(bench: &Workbench, scope: &TenantScope, role: Role) -> usize {
    let acting = bench.as_role(scope, role);
    let records = bench.crm.records::<T>(&acting);
    let object = T::object();
    let id = Id::<T>::from_uuid(bench.new_id());
    let once = Once { key: bench.new_id(), content: bench.new_id() };
    let tries: [(Action, &str, bool); 17] = [
        (Action::Read, "get", is_forbidden(records.get(id).await)),
        (Action::Read, "get_many", is_forbidden(records.get_many(&[id]).await)),
        (Action::Read, "list", is_forbidden(records.list(Query::new()).await)),
        (Action::Read, "count", is_forbidden(records.count(&Query::new()).await)),
        (Action::Read, "history", is_forbidden(records.history(id, None, 10).await)),
        (Action::Create, "create", is_forbidden(records.create(T::default()).await)),
        (Action::Create, "create_json", is_forbidden(records.create_json(&Map::new()).await)),
        (Action::Create, "create_many", is_forbidden(records.create_many(vec![T::default()]).await)),
        (Action::Create, "check", is_forbidden(records.check(T::default()).await)),
        (
            Action::Create,
            "once",
            is_forbidden(bench.crm.records::<T>(&acting).once(once).create(T::default()).await),
        ),
        (Action::Update, "update", is_forbidden(records.update(id, |_| {}).await)),
        (Action::Update, "patch", is_forbidden(records.patch(id, None, &Map::new()).await)),
        (Action::Delete, "delete", is_forbidden(records.delete(id, None).await)),
        (Action::Restore, "restore", is_forbidden(records.restore(id).await)),
        (Action::Erase, "erase", is_forbidden(records.erase(id).await)),
        (
            Action::Import,
            "import_many",
            is_forbidden(records.import_many(vec![(T::default(), Past::default())]).await),
        ),
        (Action::Export, "export", is_forbidden(records.export(Query::new()).await)),
    ];
    for (action, operation, forbidden) in &tries {
        let expected = !allows(role, *action, object);
        assert_eq!(*forbidden, expected, "{role} may {operation} {object:?}: {}", !expected);
    }
    tries.len()
}

pub(super) async fn every_operation_asks_the_table(bench: &Workbench) {
    let scope = bench.found().await;
    let mut tried = 0;
    for role in Role::ALL {
        tried += holds::<Customer>(bench, &scope, role).await;
        tried += holds::<Contact>(bench, &scope, role).await;
        tried += holds::<Lead>(bench, &scope, role).await;
        tried += holds::<Interaction>(bench, &scope, role).await;
        tried += holds::<Project>(bench, &scope, role).await;
        tried += holds::<Task>(bench, &scope, role).await;
        tried += holds::<User>(bench, &scope, role).await;
        tried += holds::<ApiKey>(bench, &scope, role).await;
        tried += holds::<Incident>(bench, &scope, role).await;
        tried += holds::<Tenant>(bench, &scope, role).await;
        tried += holds::<Account>(bench, &scope, role).await;
        tried += holds::<Membership>(bench, &scope, role).await;
        tried += holds::<Session>(bench, &scope, role).await;
    }
    assert_eq!(tried, 4 * 13 * 17);
    for role in [Role::Viewer, Role::Member] {
        let acting = bench.as_role(&scope, role);
        let id = Pipeline::of(scope.tenant());
        let pipelines = bench.crm.pipelines(&acting);
        pipelines.get(id).await.unwrap();
        assert!(is_forbidden(pipelines.update(id, |own| own.stages.0.swap(0, 1)).await), "{role}");
        let id = Settings::of(scope.tenant());
        let settings = bench.crm.settings(&acting);
        settings.get(id).await.unwrap();
        assert!(
            is_forbidden(settings.update(id, |own| own.time_zone = "Europe/Berlin".into()).await),
            "{role}"
        );
    }
    let viewer = bench.as_role(&scope, Role::Viewer);
    let lead = bench.crm.leads(&scope).create(Lead::company("Solar")).await.unwrap().id;
    assert!(is_forbidden(bench.crm.leads(&viewer).convert(lead, None).await));
    assert!(is_forbidden(bench.crm.leads(&viewer).advance(lead, "qualified").await));
    bench.crm.leads(&viewer).stage_history(lead).await.unwrap();
    bench.crm.analytics(&viewer).overview().await.unwrap();
}

pub(super) async fn the_table_is_the_one_written_down(_: &Workbench) {
    use Access::{Administration, Audit, Directory, Settings, Work};
    let least = |access| Action::ALL.map(|action| least_role(action, access));
    let (viewer, member) = (Some(Role::Viewer), Some(Role::Member));
    let (admin, owner) = (Some(Role::Admin), Some(Role::Owner));
    assert_eq!(least(Work), [viewer, member, member, member, member, owner, admin, admin, admin]);
    assert_eq!(least(Settings), [viewer, admin, admin, admin, admin, owner, admin, admin, admin]);
    assert_eq!(least(Administration), [admin, admin, admin, admin, admin, owner, admin, admin, admin]);
    assert_eq!(least(Audit), [admin, None, None, None, None, owner, None, admin, admin]);
    assert_eq!(least(Directory), [None; 9]);
    assert_eq!(granted(Role::Viewer).len(), 9, "one right for each kind of record that everybody sees");
    assert_eq!(granted(Role::Owner).len(), 10 * 9 + 4);
}

pub(super) async fn what_is_forbidden_writes_nothing(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let gone = crm.customers(&scope).create(Customer::company("Gone")).await.unwrap().id;
    crm.customers(&scope).delete(gone, None).await.unwrap();
    let lead = crm.leads(&scope).create(Lead::company("Solar")).await.unwrap().id;
    let user = crm.users(&scope).create(User::new("ada@example.com", Role::Member)).await.unwrap().id;
    let before = bench.everything(&scope, &["users.owners"]).await;
    let viewer = bench.as_role(&scope, Role::Viewer);
    let member = bench.as_role(&scope, Role::Member);
    let tries = [
        is_forbidden(crm.customers(&viewer).create(Customer::company("No")).await),
        is_forbidden(crm.customers(&viewer).update(customer, |own| own.name = Some("No".into())).await),
        is_forbidden(crm.customers(&viewer).delete(customer, None).await),
        is_forbidden(crm.customers(&viewer).restore(gone).await),
        is_forbidden(crm.customers(&member).erase(gone).await),
        is_forbidden(crm.leads(&viewer).convert(lead, Some(customer)).await),
        is_forbidden(crm.contacts(&viewer).create(Contact::at(customer, "No").is_primary(true)).await),
        is_forbidden(crm.users(&member).update(user, |own| own.role = "owner".into()).await),
        is_forbidden(crm.users(&member).create(User::new("eve@example.com", Role::Owner)).await),
        is_forbidden(crm.users(&member).delete(user, None).await),
    ];
    assert_eq!(tries, [true; 10]);
    assert_eq!(bench.everything(&scope, &["users.owners"]).await, before);
}

pub(super) async fn administrators_cannot_make_or_break_owners(bench: &Workbench) {
    let scope = bench.found().await;
    let users = bench.crm.users(&scope);
    let owner = users.create(User::new("owner@example.com", Role::Owner)).await.unwrap().id;
    users.create(User::new("second@example.com", Role::Owner)).await.unwrap();
    let member = users.create(User::new("member@example.com", Role::Member)).await.unwrap().id;
    let admin = bench.as_role(&scope, Role::Admin);
    let acting = bench.crm.users(&admin);
    let before = bench.everything(&scope, &["users.owners"]).await;
    let tries = [
        is_forbidden(acting.create(User::new("eve@example.com", Role::Owner)).await),
        is_forbidden(acting.update(member, |own| own.role = "owner".into()).await),
        is_forbidden(acting.update(owner, |own| own.role = "member".into()).await),
        is_forbidden(acting.update(owner, |own| own.email = "eve@example.com".into()).await),
        is_forbidden(acting.update(owner, |own| own.is_active = false).await),
        is_forbidden(acting.delete(owner, None).await),
        is_forbidden(acting.erase(owner).await),
    ];
    assert_eq!(tries, [true; 7]);
    assert_eq!(bench.everything(&scope, &["users.owners"]).await, before);
    acting.update(member, |own| own.role = "admin".into()).await.unwrap();
    users.delete(owner, None).await.unwrap();
    assert!(is_forbidden(acting.restore(owner).await));
}

pub(super) async fn a_tenant_keeps_an_active_owner(bench: &Workbench) {
    let scope = bench.found().await;
    let users = bench.crm.users(&scope);
    let first = users.create(User::new("first@example.com", Role::Owner)).await.unwrap().id;
    let last_one = |result: Result<()>| refused!(result, Error::Conflict(Conflict::Rule(_)));
    last_one(users.update(first, |own| own.role = "admin".into()).await.map(drop));
    last_one(users.update(first, |own| own.is_active = false).await.map(drop));
    last_one(users.delete(first, None).await);
    let idle = User { is_active: false, ..User::new("idle@example.com", Role::Owner) };
    users.create(idle).await.unwrap();
    last_one(users.delete(first, None).await);
    let second = users.create(User::new("second@example.com", Role::Owner)).await.unwrap().id;
    users.update(first, |own| own.name = Some("Ada".into())).await.unwrap();
    users.delete(first, None).await.unwrap();
    last_one(users.delete(second, None).await);
    users.restore(first).await.unwrap();
    users.update(second, |own| own.is_active = false).await.unwrap();
    assert_eq!(bench.counter(&scope, "users.owners", "").await, 1);
}
