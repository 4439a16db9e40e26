//! Leads: business that may come, on its way through the tenant's pipeline.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    Access, Column, Customer, Entity, Error, Faults, Field, FieldType, Id, Journey, Money, Object, Pipeline,
    Plan, Result, Row, Rules, Tally, User, Value, calendar::month_key, entity,
};

entity! {
    /// Business that may come. It has at least one of company, name and e-mail address; its number is LED-001.
    pub struct Lead {
        /// The company.
        @bare COMPANY company: Option<String> => Field::line(200).searchable().sortable();
        /// The person.
        NAME name: Option<String> => Field::line(200).searchable().sortable();
        /// The e-mail address.
        EMAIL email: Option<String> => Field::email().searchable().sortable();
        /// The phone number.
        PHONE phone: Option<String> => Field::phone().searchable().lookup();
        /// The key of its stage; the pipeline's first open one, if nobody says otherwise.
        STAGE stage: String => Field::slug(50).required().lookup();
        /// Where it came from.
        SOURCE source: Option<String> => Field::line(100).searchable();
        /// Notes of any length up to 10,000 characters.
        NOTES notes: Option<String> => Field::lines(10_000);
        /// What it is worth if it is won.
        VALUE value: Option<Money> => Field::price().sortable();
        /// When it is expected to be won.
        EXPECTED_CLOSE expected_close: Option<NaiveDate> => Field::date().sortable();
        /// The user who works on it.
        OWNER_ID owner_id: Option<Id<User>> => Field::reference(User::object);
        /// The customer it is about, or became.
        CUSTOMER_ID customer_id: Option<Id<Customer>> => Field::reference(Customer::object);
        /// Its id in another system; no two live leads have the same.
        EXTERNAL_ID external_id: Option<String> => Field::line(200).unique();
        /// Labels.
        TAGS tags: Vec<String> => Field::labels();
    }
}

entity! {
    /// When a lead came to where it is.
    pub struct LeadTimes {
        /// When it entered its stage.
        STAGE_ENTERED_AT stage_entered_at: Option<DateTime<Utc>> => Field::time().required().managed();
        /// When it was closed; nothing while it is open.
        CLOSED_AT closed_at: Option<DateTime<Utc>> => Field::time().managed().sortable();
        /// The stages that it has been in.
        JOURNEY journey: Journey => Field::line(20_000).hidden();
    }
}

impl Lead {
    /// When it entered its stage.
    pub const STAGE_ENTERED_AT: Column<Self, DateTime<Utc>> = Column::named("stage_entered_at");
    /// When it was closed.
    pub const CLOSED_AT: Column<Self, DateTime<Utc>> = Column::named("closed_at");

    /// A lead at a company.
    pub fn company(company: impl Into<String>) -> Self {
        Self { company: Some(company.into()), ..Self::default() }
    }

    /// A lead that is a person.
    pub fn person(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    let fields = Lead::fields().into_iter().chain(LeadTimes::fields()).collect();
    Object::new("leads", "lead", Access::Work, fields, tally)
        .numbered("LED", "lead_id")
        .counts_by_day(&COUNTERS)
});

/// What leads are counted by. A key's parts are joined by `|`; the stage comes before what may hold any character. Days
/// and months are those of the tenant's calendar.
const COUNTERS: [&str; 14] = [
    // stage: how many, and by currency what they are worth
    "leads",
    "leads.value",
    // stage|source, stage|owner
    "leads.source",
    "leads.owner",
    // day of creation; month of creation|stage
    "leads.created",
    "leads.cohort",
    // day of closing|stage (|owner) (|currency)
    "leads.closed",
    "leads.closed_value",
    "leads.closed_owner",
    "leads.closed_owner_value",
    // month of the expected close|stage (|currency)
    "leads.expected",
    "leads.expected_value",
    // day on which a stage was entered first|stage: how many did, and how many of them have gone on from it
    "leads.entered",
    "leads.advanced",
];

struct Places {
    stage: usize,
    source: usize,
    value: usize,
    owner: usize,
    expected_close: usize,
    closed_at: usize,
    journey: usize,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let place = |name| OBJECT.index_of(name).unwrap_or_default();
    Places {
        stage: place("stage"),
        source: place("source"),
        value: place("value"),
        owner: place("owner_id"),
        expected_close: place("expected_close"),
        closed_at: place("closed_at"),
        journey: place("journey"),
    }
});

fn tally(row: &Row, tally: &mut Tally<'_>) {
    let text = |index: usize| row.values.get(index).and_then(Value::as_text).unwrap_or_default();
    let stage = text(PLACES.stage);
    let owner = match row.values.get(PLACES.owner) {
        Some(Value::Id(owner)) => owner.to_string(),
        _ => String::new(),
    };
    let value = match row.values.get(PLACES.value) {
        Some(Value::Money(value)) => Some(value),
        _ => None,
    };
    tally.one("leads", stage);
    tally.one("leads.source", format!("{stage}|{}", text(PLACES.source)));
    tally.one("leads.owner", format!("{stage}|{owner}"));
    tally.one("leads.created", tally.day(row.created_at));
    tally.one("leads.cohort", format!("{}|{stage}", tally.month(row.created_at)));
    if let Some(value) = value {
        tally.add("leads.value", format!("{stage}|{}", value.currency()), value.amount());
    }
    if let Some(Value::Time(closed)) = row.values.get(PLACES.closed_at) {
        let day = tally.day(*closed);
        tally.one("leads.closed", format!("{day}|{stage}"));
        tally.one("leads.closed_owner", format!("{day}|{stage}|{owner}"));
        if let Some(value) = value {
            let currency = value.currency();
            tally.add("leads.closed_value", format!("{day}|{stage}|{currency}"), value.amount());
            let key = format!("{day}|{stage}|{owner}|{currency}");
            tally.add("leads.closed_owner_value", key, value.amount());
        }
    }
    if let Some(Value::Date(expected)) = row.values.get(PLACES.expected_close) {
        let month = month_key(*expected);
        tally.one("leads.expected", format!("{month}|{stage}"));
        if let Some(value) = value {
            tally.add(
                "leads.expected_value",
                format!("{month}|{stage}|{}", value.currency()),
                value.amount(),
            );
        }
    }
    let journey = row.values.get(PLACES.journey).cloned().and_then(Journey::from_value).unwrap_or_default();
    for leg in journey.legs() {
        let key = format!("{}|{}", tally.day(leg.entered_at), leg.stage);
        if leg.advanced {
            tally.one("leads.advanced", key.clone());
        }
        tally.one("leads.entered", key);
    }
}

impl Entity for Lead {
    type Managed = LeadTimes;
    type Context = Pipeline;

    fn object() -> &'static Object {
        &OBJECT
    }

    async fn context(plan: &mut Plan<'_>) -> Result<Pipeline> {
        plan.pipeline().await
    }

    fn fill(&mut self, rules: &Rules<'_, Self>) {
        if rules.before.is_none()
            && self.stage.is_empty()
            && let Some(first) = rules.context.first()
        {
            self.stage.clone_from(&first.key);
        }
    }

    fn check(&self, rules: &Rules<'_, Self>, faults: &mut Faults) {
        if self.company.is_none() && self.name.is_none() && self.email.is_none() && !faults.has("email") {
            faults.field("company", "required", "or `name` or `email` must be given");
        }
        if !faults.has("stage") && rules.context.stage(&self.stage).is_none() {
            let keys: Vec<&str> = rules.context.stages.0.iter().map(|stage| stage.key.as_str()).collect();
            let known = crate::normalize::listed(&keys);
            faults.field("stage", "unknown_stage", format!("must be a stage of the pipeline: {known}"));
        }
        if let Some(closed_at) = rules.past.closed_at {
            if rules.context.stage(&self.stage).is_some_and(|stage| !stage.kind.is_closing()) {
                faults.field(
                    "closed_at",
                    "not_closed",
                    format!("must be empty while `{}` is open", self.stage),
                );
            } else if closed_at > rules.now {
                faults.field("closed_at", "in_the_future", "must not be in the future");
            } else if closed_at < rules.past.created_at.unwrap_or(rules.now) {
                faults.field("closed_at", "before_creation", "must not be before `created_at`");
            }
        }
    }

    fn manage(&self, rules: &Rules<'_, Self>) -> LeadTimes {
        let closing = rules.context.stage(&self.stage).is_some_and(|stage| stage.kind.is_closing());
        if let Some(before) = rules.before.filter(|before| before.stage == self.stage) {
            let mut managed = before.managed.clone();
            // While it was deleted its stage may have begun or ceased to close.
            if closing != managed.closed_at.is_some() {
                managed.closed_at = closing.then_some(rules.now);
            }
            return managed;
        }
        // Going from one closing stage to another keeps the day on which the lead was closed.
        let closed_at = rules.before.map_or(rules.past.closed_at, |before| before.managed.closed_at);
        let closed_at = closing.then(|| closed_at.unwrap_or(rules.now));
        // What was brought in with its past has been where it is since then, as far as anybody knows.
        let moved = match rules.before {
            Some(_) => rules.now,
            None => closed_at.or(rules.past.created_at).unwrap_or(rules.now),
        };
        let mut journey = Journey::default();
        if let Some(before) = rules.before {
            journey.clone_from(&before.managed.journey);
            journey.leave(&before.stage, before.managed.stage_entered_at.unwrap_or(rules.now), rules.now);
        }
        journey.enter(&self.stage, rules.context, moved);
        LeadTimes { stage_entered_at: Some(moved), closed_at, journey }
    }
}

/// The customer that a lead becomes.
pub(crate) fn customer_of(lead: &Lead) -> Result<Customer> {
    if lead.company.is_none() && lead.name.is_none() {
        return Err(Error::invalid(
            "company",
            "required",
            "or `name` must be given before the lead can be converted",
        ));
    }
    Ok(Customer {
        company: lead.company.clone(),
        name: lead.name.clone(),
        email: lead.email.clone(),
        phone: lead.phone.clone(),
        owner_id: lead.owner_id,
        tags: lead.tags.clone(),
        notes: lead.notes.clone(),
        ..Customer::default()
    })
}
