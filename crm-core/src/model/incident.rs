//! Incidents: what was tried in a tenant and not let happen.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::{Access, Entity, Field, Object, Row, Rules, Tally, entity};

entity! {
    /// A sign-in that failed, or something that was tried without permission. The engine makes it, and nobody changes
    /// it; its event in the log says when, by whom and in which request.
    pub struct Incident {
        /// What happened: `login_failed` or `forbidden`.
        KIND kind: String => Field::choice(&["login_failed", "forbidden"]).required();
        /// The user whose password was not right.
        USER_ID user_id: Option<Uuid> => Field::id();
        /// What was tried: `DELETE /api/customers/{id}`.
        TRIED tried: Option<String> => Field::line(200);
        /// The network address that it came from, where it is known.
        ADDRESS address: Option<String> => Field::line(64);
    }
}

impl Incident {
    /// A sign-in as this user with a wrong password.
    pub fn login_failed(user: Uuid, address: Option<String>) -> Self {
        Self { kind: "login_failed".to_owned(), user_id: Some(user), address, ..Self::default() }
    }

    /// Something that its actor may not do.
    pub fn forbidden(tried: String, address: Option<String>) -> Self {
        Self { kind: "forbidden".to_owned(), tried: Some(tried), address, ..Self::default() }
    }
}

static OBJECT: LazyLock<Object> =
    LazyLock::new(|| Object::new("incidents", "incident", Access::Audit, Incident::fields(), tally));

fn tally(_: &Row, _: &mut Tally<'_>) {}

impl Entity for Incident {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn manage(&self, _: &Rules<'_, Self>) {}
}
