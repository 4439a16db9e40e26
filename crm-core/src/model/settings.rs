//! Settings: what a tenant decides for itself.

use std::sync::LazyLock;

use crate::{
    Access, Calendar, Entity, Error, Faults, Field, Id, Object, Plan, Record, Result, Row, Rules, Tally,
    TenantId, entity,
};

entity! {
    /// The settings of a tenant. Each tenant has one record of them, whose id is the tenant's.
    pub struct Settings {
        /// The time zone by whose days figures are kept, of the IANA database: `Europe/Berlin`.
        TIME_ZONE time_zone: String = Calendar::default().name().to_owned() => Field::line(64).required();
    }
}

static OBJECT: LazyLock<Object> =
    LazyLock::new(|| Object::new("settings", "settings", Access::Settings, Settings::fields(), tally));

fn tally(_: &Row, _: &mut Tally<'_>) {}

/// What a time zone must be.
pub(crate) const TIME_ZONE: &str =
    "must be a time zone of the IANA database, such as `UTC` or `Europe/Berlin`";

impl Settings {
    /// The id of a tenant's settings.
    pub fn of(tenant: TenantId) -> Id<Self> {
        Id::from_uuid(tenant.uuid())
    }

    /// The days by which figures are kept.
    pub fn calendar(&self) -> Calendar {
        Calendar::named(&self.time_zone).unwrap_or_default()
    }
}

impl Entity for Settings {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn check(&self, _: &Rules<'_, Self>, faults: &mut Faults) {
        if !faults.has("time_zone") && Calendar::named(&self.time_zone).is_none() {
            faults.field("time_zone", "unknown_time_zone", TIME_ZONE);
        }
    }

    fn manage(&self, _: &Rules<'_, Self>) {}

    async fn guard(
        plan: &mut Plan<'_>,
        before: Option<&Record<Self>>,
        after: Option<&Record<Self>>,
    ) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        let Some(after) = after else {
            return Err(Error::Conflict(crate::Conflict::Rule("settings cannot be deleted, only changed")));
        };
        if before.calendar() == after.calendar() {
            return Ok(());
        }
        plan.count_anew(before.calendar(), after.calendar()).await
    }
}
