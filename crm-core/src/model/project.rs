//! Projects: what is done for customers once business is won.

use std::sync::LazyLock;

use chrono::NaiveDate;

use crate::{Access, Customer, Entity, Faults, Field, Id, Money, Object, Row, Rules, Tally, Value, entity};

entity! {
    /// A piece of work with a beginning and an end, for a customer or for the tenant itself.
    pub struct Project {
        /// The name.
        NAME name: String => Field::line(200).required().searchable().sortable();
        /// How it stands: `planned`, `active`, `on_hold`, `completed` or `cancelled`.
        STATUS status: String = "planned".to_owned() => Field::choice(&["planned", "active", "on_hold", "completed", "cancelled"]).required().lookup();
        /// The customer it is for.
        CUSTOMER_ID customer_id: Option<Id<Customer>> => Field::reference(Customer::object);
        /// The day on which it begins.
        STARTS_ON starts_on: Option<NaiveDate> => Field::date().sortable();
        /// The day on which it is to be done; not before it begins.
        DUE_ON due_on: Option<NaiveDate> => Field::date().sortable();
        /// What it may cost.
        BUDGET budget: Option<Money> => Field::price();
        /// What it is about, up to 20,000 characters.
        DESCRIPTION description: Option<String> => Field::lines(20_000).searchable();
    }
}

impl Project {
    /// A project of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    Object::new("projects", "project", Access::Work, Project::fields(), tally).counts(&["projects"])
});

fn tally(row: &Row, tally: &mut Tally<'_>) {
    let status = OBJECT.index_of("status").and_then(|index| row.values.get(index)).and_then(Value::as_text);
    tally.one("projects", status.unwrap_or_default());
}

impl Entity for Project {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn check(&self, _: &Rules<'_, Self>, faults: &mut Faults) {
        if let (Some(starts), Some(due)) = (self.starts_on, self.due_on)
            && due < starts
        {
            faults.field("due_on", "before_start", "must not be before `starts_on`");
        }
    }

    fn manage(&self, _: &Rules<'_, Self>) {}
}
