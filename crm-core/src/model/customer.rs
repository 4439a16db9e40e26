//! Customers: the companies and people that a tenant sells to.

use std::sync::LazyLock;

use crate::{Access, Entity, Faults, Field, Id, Object, Row, Rules, Tally, User, Value, entity};

entity! {
    /// A company or a person that a tenant does business with. It has a company or a name, or both.
    pub struct Customer {
        /// The company.
        @bare COMPANY company: Option<String> => Field::line(200).searchable().sortable();
        /// The person, or the person to ask for.
        NAME name: Option<String> => Field::line(200).searchable().sortable();
        /// The e-mail address.
        EMAIL email: Option<String> => Field::email().searchable().sortable();
        /// The phone number.
        PHONE phone: Option<String> => Field::phone().searchable().lookup();
        /// The web site.
        WEBSITE website: Option<String> => Field::url();
        /// The first line of the postal address.
        ADDRESS_LINE1 address_line1: Option<String> => Field::line(200);
        /// The second line of the postal address.
        ADDRESS_LINE2 address_line2: Option<String> => Field::line(200);
        /// The town.
        CITY city: Option<String> => Field::line(100).searchable();
        /// The state, county or province.
        STATE state: Option<String> => Field::line(100);
        /// The postal code.
        POSTAL_CODE postal_code: Option<String> => Field::line(20);
        /// The country, by name or ISO 3166 code. National phone numbers are read as of this country.
        COUNTRY country: Option<String> => Field::line(100);
        /// Whether business goes on with it.
        IS_ACTIVE is_active: bool = true => Field::flag();
        /// The user who looks after it.
        OWNER_ID owner_id: Option<Id<User>> => Field::reference(User::object);
        /// Its id in another system; no two live customers have the same.
        EXTERNAL_ID external_id: Option<String> => Field::line(200).unique();
        /// Labels.
        TAGS tags: Vec<String> => Field::labels();
        /// Notes of any length up to 10,000 characters.
        NOTES notes: Option<String> => Field::lines(10_000);
    }
}

impl Customer {
    /// A customer that is a company.
    pub fn company(company: impl Into<String>) -> Self {
        Self { company: Some(company.into()), ..Self::default() }
    }

    /// A customer that is a person.
    pub fn person(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    Object::new("customers", "customer", Access::Work, Customer::fields(), tally)
        .counts_by_day(&["customers", "customers.created"])
});

fn tally(row: &Row, tally: &mut Tally<'_>) {
    let active = OBJECT.index_of("is_active").and_then(|index| row.values.get(index));
    let key = if active == Some(&Value::Bool(true)) { "active" } else { "inactive" };
    tally.one("customers", key);
    tally.one("customers.created", tally.day(row.created_at));
}

impl Entity for Customer {
    type Managed = ();
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn check(&self, _: &Rules<'_, Self>, faults: &mut Faults) {
        if self.company.is_none() && self.name.is_none() && !faults.has("company") && !faults.has("name") {
            faults.field("company", "required", "or `name` must be given");
        }
    }

    fn manage(&self, _: &Rules<'_, Self>) {}
}
