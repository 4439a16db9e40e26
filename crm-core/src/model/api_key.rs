//! API keys: how programs act in a tenant.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use crate::{
    Access, Entity, Error, Faults, Field, Object, Plan, Record, Result, Role, Row, Rules, Tally, entity,
};

entity! {
    /// A program's way into one tenant. The key itself is shown once, when it is made; here is its hash.
    pub struct ApiKey {
        /// What it is for.
        NAME name: String => Field::line(200).required().sortable();
        /// What its holder may do: `viewer`, `member`, `admin` or `owner`. Nobody gives more than they have.
        ROLE role: String = "viewer".to_owned() => Field::choice(&["owner", "admin", "member", "viewer"]).required();
        /// When it stops working; nothing for a key that works until it is revoked.
        EXPIRES_AT expires_at: Option<DateTime<Utc>> => Field::time();
        /// The hash of its secret.
        SECRET_HASH secret_hash: String => Field::line(100).required().secret();
    }
}

impl ApiKey {
    /// The role; the least one should the stored name be unknown.
    pub fn role_of(&self) -> Role {
        Role::named(&self.role).unwrap_or(Role::Viewer)
    }

    /// Whether it works at this moment.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

static OBJECT: LazyLock<Object> =
    LazyLock::new(|| Object::new("api_keys", "API key", Access::Administration, ApiKey::fields(), tally));

fn tally(_: &Row, _: &mut Tally<'_>) {}

impl Entity for ApiKey {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn check(&self, rules: &Rules<'_, Self>, faults: &mut Faults) {
        let is_kept = rules.before.is_some_and(|before| before.expires_at == self.expires_at);
        if !is_kept && !faults.has("expires_at") && !self.is_valid(rules.now) {
            faults.field("expires_at", "in_the_past", "must lie in the future");
        }
    }

    fn manage(&self, _: &Rules<'_, Self>) {}

    async fn guard(
        plan: &mut Plan<'_>,
        _: Option<&Record<Self>>,
        after: Option<&Record<Self>>,
    ) -> Result<()> {
        let (given, own) = (after.map(|after| after.role_of()), plan.scope().actor().role());
        if let (Some(given), Some(own)) = (given, own)
            && given > own
        {
            return Err(Error::Forbidden { action: "manage", object: "keys with a higher role" });
        }
        Ok(())
    }
}
