//! Contacts: the people at a customer.

use std::sync::LazyLock;

use crate::{
    Access, Customer, Entity, Error, Field, Id, Object, Plan, Query, Record, Result, Row, Rules, Tally,
    entity,
};

entity! {
    /// A person at a customer.
    pub struct Contact {
        /// The customer.
        CUSTOMER_ID customer_id: Option<Id<Customer>> => Field::reference(Customer::object).required();
        /// The person's name.
        NAME name: String => Field::line(200).required().searchable().sortable();
        /// What the person does there.
        TITLE title: Option<String> => Field::line(200).searchable();
        /// The e-mail address.
        EMAIL email: Option<String> => Field::email().searchable().sortable();
        /// The phone number.
        PHONE phone: Option<String> => Field::phone().searchable();
        /// Whether this is the person to ask first. A customer has at most one: naming another unmarks the one before.
        IS_PRIMARY is_primary: bool => Field::flag();
    }
}

impl Contact {
    /// A person at a customer.
    pub fn at(customer: Id<Customer>, name: impl Into<String>) -> Self {
        Self { customer_id: Some(customer), name: name.into(), ..Self::default() }
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    Object::new("contacts", "contact", Access::Work, Contact::fields(), tally).counts(&["contacts"])
});

fn tally(_: &Row, tally: &mut Tally<'_>) {
    tally.one("contacts", "");
}

impl Entity for Contact {
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
        let Some((after, customer)) = after.and_then(|after| Some((after, after.customer_id?))) else {
            return Ok(());
        };
        let was = before.is_some_and(|before| {
            before.deleted_at.is_none() && before.is_primary && before.customer_id == after.customer_id
        });
        if was || !after.is_primary {
            return Ok(());
        }
        let rivals = plan.pending::<Self>()?;
        if rivals.iter().any(|rival| rival.is_primary && rival.customer_id == Some(customer)) {
            let detail = "is set on two contacts of the same customer at once; set it on one";
            return Err(Error::invalid("is_primary", "conflicting", detail));
        }
        // Two that become primary at the same time must not both win: each touches the customer, as it was before it is
        // read who is primary. Whoever commits in between has touched it then.
        plan.touch(customer).await?;
        let primary = Query::new().filter(Self::CUSTOMER_ID.eq(customer)).filter(Self::IS_PRIMARY.eq(true));
        for other in plan.list(primary).await? {
            if other.id != after.id {
                let mut data = other.data.clone();
                data.is_primary = false;
                plan.replace(other, data)?;
            }
        }
        Ok(())
    }
}
