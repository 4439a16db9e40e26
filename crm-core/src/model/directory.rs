//! The directory: what the engine knows above the tenants. It is kept like any tenant's records, in a tenant of its
//! own that no role can reach.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Access, Entity, Field, Id, Object, Row, Rules, Tally, entity};

entity! {
    /// A tenant: a customer of the host, whose data nobody else sees.
    pub struct Tenant {
        /// The key in addresses and commands.
        SLUG slug: String => Field::slug(63).required().unique().sortable();
        /// The name.
        NAME name: String => Field::line(200).required().sortable();
        /// `active`, or `suspended`: nobody can sign in.
        STATUS status: String = TenantStatus::Active.name().to_owned() => Field::choice(&["active", "suspended"]).required();
    }
}

/// Whether a tenant can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantStatus {
    /// It can.
    Active,
    /// Nobody can sign in; its data stays.
    Suspended,
}

impl TenantStatus {
    /// The name in data and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl Tenant {
    /// A tenant.
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { slug: slug.into(), name: name.into(), ..Self::default() }
    }

    /// Whether it can be used.
    pub fn is_active(&self) -> bool {
        self.status == TenantStatus::Active.name()
    }
}

entity! {
    /// A person's sign-in, one for all tenants.
    pub struct Account {
        /// The e-mail address.
        EMAIL email: String => Field::email().required().unique();
        /// The password's hash, in PHC format.
        PASSWORD_HASH password_hash: String => Field::line(500).required().secret();
        /// Whether the operator stands for it that this is the person of that address. It then opens every tenant that has
        /// such a user. Otherwise, as its first password was set by an invitation, it opens those whose invitation was
        /// accepted with it: else a tenant could take an address that another one trusts.
        IS_VOUCHED is_vouched: bool = true => Field::flag();
    }
}

entity! {
    /// That an e-mail address is a user's in a tenant; what the user may do there, the tenant's own record says.
    pub struct Membership {
        /// The e-mail address.
        EMAIL email: String => Field::email().required().lookup();
        /// The tenant.
        TENANT_ID tenant_id as "member_tenant_id": Option<Id<Tenant>> => Field::reference(Tenant::object).required();
        /// The user in that tenant.
        USER_ID user_id: Option<Uuid> => Field::id().required().unique();
        /// Whether whoever has the account has accepted an invitation of the tenant.
        IS_CONFIRMED is_confirmed: bool = false => Field::flag();
        /// The hash of the token of the invitation that is open.
        INVITATION_HASH invitation_hash: Option<String> => Field::line(100).secret();
        /// When that invitation ends.
        INVITED_UNTIL invited_until: Option<DateTime<Utc>> => Field::time();
    }
}

entity! {
    /// A sign-in that is open.
    pub struct Session {
        /// The hash of its token.
        TOKEN_HASH token_hash: String => Field::line(100).required().unique().secret();
        /// The account.
        ACCOUNT_ID account_id: Option<Id<Account>> => Field::reference(Account::object).required();
        /// The tenant it is for.
        TENANT_ID tenant_id as "session_tenant_id": Option<Id<Tenant>> => Field::reference(Tenant::object).required();
        /// The user in that tenant.
        USER_ID user_id: Option<Uuid> => Field::id().required();
        /// When it ends.
        EXPIRES_AT expires_at: Option<DateTime<Utc>> => Field::time().required().sortable();
    }
}

fn uncounted(_: &Row, _: &mut Tally<'_>) {}

macro_rules! directory {
    ($($entity:ident $plural:literal $singular:literal;)*) => {$(
        impl Entity for $entity {
            type Managed = ();
            type Context = ();

            fn object() -> &'static Object {
                static OBJECT: LazyLock<Object> = LazyLock::new(|| {
                    Object::new($plural, $singular, Access::Directory, $entity::fields(), uncounted)
                });
                &OBJECT
            }

            fn manage(&self, _: &Rules<'_, Self>) {}
        }
    )*};
}

directory! {
    Tenant "tenants" "tenant";
    Account "accounts" "account";
    Membership "memberships" "membership";
    Session "sessions" "session";
}
