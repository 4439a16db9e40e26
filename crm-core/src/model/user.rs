//! Users: the people who work in a tenant.

use std::sync::LazyLock;

use crate::{
    Access, Entity, Error, Field, Fields, Object, Plan, Record, Result, Role, Row, Rules, Tally, crm::Handle,
    entity,
};

entity! {
    /// A person's place in one tenant. The same person can have a place in several, under the same e-mail address.
    pub struct User {
        /// The e-mail address, which no two live users of a tenant share.
        EMAIL email: String => Field::email().required().searchable().sortable().unique();
        /// The person's name.
        NAME name: Option<String> => Field::line(200).searchable().sortable();
        /// What the person may do: `viewer`, `member`, `admin` or `owner`.
        ROLE role: String = "member".to_owned() => Field::choice(&["owner", "admin", "member", "viewer"]).required();
        /// Whether the person may act at all.
        IS_ACTIVE is_active: bool = true => Field::flag();
    }
}

impl User {
    /// A user with a role.
    pub fn new(email: impl Into<String>, role: Role) -> Self {
        Self { email: email.into(), role: role.name().to_owned(), ..Self::default() }
    }

    /// The role; the least one should the stored name be unknown.
    pub fn role_of(&self) -> Role {
        Role::named(&self.role).unwrap_or(Role::Viewer)
    }

    fn is_active_owner(&self) -> bool {
        self.is_active && self.role_of() == Role::Owner
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    Object::new("users", "user", Access::Settings, User::fields(), tally).counts(&["users.owners"])
});

fn tally(row: &Row, tally: &mut Tally<'_>) {
    if User::from_values(&row.values).is_ok_and(|user| user.is_active_owner()) {
        tally.one("users.owners", "");
    }
}

impl Entity for User {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn manage(&self, _: &Rules<'_, Self>) {}

    async fn guard(
        plan: &mut Plan<'_>,
        before: Option<&Record<Self>>,
        after: Option<&Record<Self>>,
    ) -> Result<()> {
        let is_owner = |record: &Record<Self>| record.role_of() == Role::Owner;
        let concerns_owner = before.is_some_and(is_owner) || after.is_some_and(is_owner);
        if concerns_owner && plan.scope().actor().role().is_some_and(|role| role < Role::Owner) {
            return Err(Error::Forbidden { action: "manage", object: "owners" });
        }
        let was = before.is_some_and(|before| before.deleted_at.is_none() && before.is_active_owner());
        if was && !after.is_some_and(|after| after.is_active_owner()) {
            plan.bound("users.owners", "", 1, i64::MAX, "a tenant must keep at least one active owner");
        }
        Ok(())
    }

    async fn committed(handle: Handle<'_>, tenant: crate::TenantId, record: &Record<Self>) -> Result<()> {
        handle.directory(&crate::Maintenance::from_host()).enrol(tenant, record).await
    }
}
