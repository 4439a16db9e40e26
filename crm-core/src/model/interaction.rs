//! Interactions: what was said and written with a customer or a lead.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use crate::{Access, Customer, Entity, Faults, Field, Id, Lead, Object, Row, Rules, Tally, Value, entity};

entity! {
    /// An e-mail, a call, a meeting or a note, with one customer or one lead.
    pub struct Interaction {
        /// What it was: `email`, `phone`, `meeting` or `note`.
        KIND kind as "type": String => Field::choice(&["email", "phone", "meeting", "note"]).required();
        /// What it was about.
        SUBJECT subject: Option<String> => Field::line(300).searchable();
        /// What was said, up to 20,000 characters.
        DESCRIPTION description: Option<String> => Field::lines(20_000).searchable();
        /// When it happened; when it was noted, if nobody says otherwise.
        OCCURRED_AT occurred_at: Option<DateTime<Utc>> => Field::time().required().sortable();
        /// The customer it was with.
        CUSTOMER_ID customer_id: Option<Id<Customer>> => Field::reference(Customer::object);
        /// The lead it was with.
        LEAD_ID lead_id: Option<Id<Lead>> => Field::reference(Lead::object);
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    Object::new("interactions", "interaction", Access::Work, Interaction::fields(), tally)
        .newest_by("occurred_at")
        .counts_by_day(&["interactions", "interactions.occurred"])
});

fn tally(row: &Row, tally: &mut Tally<'_>) {
    let kind = row.values.first().and_then(Value::as_text).unwrap_or_default();
    tally.one("interactions", kind);
    if let Some(Value::Time(at)) = OBJECT.index_of("occurred_at").and_then(|index| row.values.get(index)) {
        tally.one("interactions.occurred", format!("{}|{kind}", tally.day(*at)));
    }
}

impl Entity for Interaction {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn fill(&mut self, rules: &Rules<'_, Self>) {
        if rules.before.is_none() {
            self.occurred_at.get_or_insert(rules.now);
        }
    }

    fn check(&self, _: &Rules<'_, Self>, faults: &mut Faults) {
        match (self.customer_id, self.lead_id) {
            (None, None) => faults.field("customer_id", "required", "or `lead_id` must be given"),
            (Some(_), Some(_)) => {
                faults.field("lead_id", "conflicting", "must not be given together with `customer_id`");
            }
            _ => {}
        }
    }

    fn manage(&self, _: &Rules<'_, Self>) {}
}
