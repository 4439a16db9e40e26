//! The demo: two tenants with what a sales team has after a few months.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context, Result};
use chrono::{DateTime, Days, TimeDelta, Utc};
use crm_core::{
    Actor, Contact, Crm, Customer, Id, Interaction, Lead, Money, Project, Role, Task, Tenant, TenantScope,
    User,
};
use crm_http::auth;

mod stories;

use stories::{COMPANIES, Company, GLOBEX, LEADS, Opportunity};

/// The password of every demo account.
pub(crate) const PASSWORD: &str = "demo-password-1";
/// Who to sign in as first.
pub(crate) const OWNER: &str = "owner@acme.test";

/// A user of the demo: the address, the name, and the role in each tenant.
type Person = (&'static str, &'static str, &'static [(&'static str, Role)]);

const PEOPLE: &[Person] = &[
    (OWNER, "Olivia Owens", &[("acme", Role::Owner)]),
    ("admin@acme.test", "Adam Adler", &[("acme", Role::Admin)]),
    ("member@acme.test", "Maya Meyer", &[("acme", Role::Member)]),
    ("viewer@acme.test", "Victor Vega", &[("acme", Role::Viewer)]),
    ("owner@globex.test", "Hana Globe", &[("globex", Role::Owner)]),
    ("both@demo.test", "Bo Thompson", &[("acme", Role::Member), ("globex", Role::Member)]),
];

/// The addresses of all demo accounts, the first to sign in as first.
pub(crate) fn accounts() -> impl Iterator<Item = &'static str> {
    PEOPLE.iter().map(|(email, ..)| *email)
}

/// Fills an empty database.
///
/// # Errors
/// Whatever the store objects to.
pub(crate) async fn fill(crm: &Crm) -> Result<()> {
    let now = crm.now();
    let clock = Arc::new(AtomicI64::new(now.timestamp()));
    let own = Arc::clone(&clock);
    let past = move || DateTime::from_timestamp(own.load(Ordering::Relaxed), 0).unwrap_or(now);
    let demo = Demo { crm: crm.clone().with_clock(past), clock, now };
    demo.at(120, 0);
    let mut scopes = BTreeMap::new();
    for (slug, name) in [("acme", "Acme Solar"), ("globex", "Globex Trading")] {
        let tenant = demo.crm.directory(&crm.maintenance()).create_tenant(Tenant::new(slug, name)).await?;
        scopes.insert(slug, demo.crm.scope(tenant.id, Actor::job("demo")));
    }
    let mut users = BTreeMap::new();
    for (email, name, places) in PEOPLE {
        for (slug, role) in *places {
            let scope = scopes.get(slug).context("a demo user has no tenant")?;
            let user = demo.crm.users(scope).create(User::new(*email, *role).name(*name)).await?;
            users.insert((*slug, *email), (user.id, *role));
        }
        auth::set_password(crm, email, PASSWORD).await?;
    }
    for (slug, companies, leads, sellers) in [
        ("acme", COMPANIES, LEADS, &[OWNER, "member@acme.test", "both@demo.test"][..]),
        ("globex", GLOBEX, &LEADS[..6], &["owner@globex.test", "both@demo.test"]),
    ] {
        let tenant = scopes.get(slug).context("a demo tenant is missing")?.tenant();
        let seller = |email: &&str| users.get(&(slug, *email)).copied();
        let sellers = sellers.iter().filter_map(seller);
        let sellers = sellers.map(|(id, role)| (id, demo.crm.scope(tenant, Actor::user(id, role)))).collect();
        demo.story(sellers, companies, leads).await?;
    }
    Ok(())
}

struct Demo {
    crm: Crm,
    clock: Arc<AtomicI64>,
    now: DateTime<Utc>,
}

/// Who sells, in turns.
type Sellers = Vec<(Id<User>, TenantScope)>;

impl Demo {
    /// Sets the clock back so many days, to some time of a working day.
    fn at(&self, days: u32, turn: usize) {
        let minutes = i64::try_from(turn * 37 % 480).unwrap_or(0);
        let day = self.now.checked_sub_days(Days::new(days.into())).unwrap_or(self.now);
        let time = day - TimeDelta::minutes(480 - minutes);
        self.clock.store(time.timestamp(), Ordering::Relaxed);
    }

    /// What happens in a tenant, day by day, so that its log reads like one.
    async fn story(&self, sellers: Sellers, companies: &[Company], leads: &[Opportunity]) -> Result<()> {
        for (turn, company) in companies.iter().enumerate() {
            let days = 110 - u32::try_from(turn * 100 / companies.len()).unwrap_or(0);
            self.at(days, turn);
            let customer = self.customer(pick(&sellers, turn)?, company, turn).await?;
            if turn % 3 == 0 {
                self.project(&sellers, customer, company, turn).await?;
            }
        }
        let mut open: BTreeMap<usize, Id<Lead>> = BTreeMap::new();
        let mut steps: Vec<(u32, usize, usize)> = Vec::new();
        for (turn, lead) in leads.iter().enumerate() {
            steps.extend(lead.path.iter().enumerate().map(|(step, (day, _))| (*day, turn, step)));
        }
        steps.sort_by_key(|(day, turn, step)| (std::cmp::Reverse(*day), *turn, *step));
        for (day, turn, step) in steps {
            let (seller, lead) = (pick(&sellers, turn)?, leads.get(turn).context("a demo lead is missing")?);
            let stage = lead.path.get(step).map_or("new", |(_, stage)| *stage);
            self.at(day, turn + step);
            match open.get(&turn) {
                Some(id) => self.advance(seller, *id, stage).await?,
                None => drop(open.insert(turn, self.lead(seller, lead, stage).await?)),
            }
        }
        Ok(())
    }

    async fn customer(
        &self,
        seller: &(Id<User>, TenantScope),
        company: &Company,
        turn: usize,
    ) -> Result<Id<Customer>> {
        let (user, scope) = seller;
        let domain = company.domain;
        let customer = Customer::company(company.name)
            .name(company.person)
            .email(format!("info@{domain}"))
            .phone(company.phone)
            .website(format!("https://www.{domain}/"))
            .address_line1(company.street)
            .city(company.city)
            .postal_code(company.postal_code)
            .country(company.country)
            .is_active(turn % 7 != 6)
            .owner_id(*user)
            .tags(vec![company.tag.to_owned()]);
        let customer = self.crm.customers(scope).create(customer).await?;
        let mut words = company.person.split_whitespace();
        let first = words.next().unwrap_or("info").to_lowercase();
        let person = Contact::at(customer.id, company.person).title(company.title).is_primary(true);
        self.crm.contacts(scope).create(person.email(format!("{first}@{domain}"))).await?;
        let talk = stories::talk(turn);
        let talk = Interaction { customer_id: Some(customer.id), ..talk };
        self.crm.interactions(scope).create(talk).await?;
        Ok(customer.id)
    }

    /// A project for a customer, with what is to be done; some of it is done, some late.
    async fn project(
        &self,
        sellers: &Sellers,
        customer: Id<Customer>,
        company: &Company,
        turn: usize,
    ) -> Result<()> {
        let (_, scope) = pick(sellers, turn)?;
        let today = self.now.date_naive();
        let status = stories::PROJECTS.get(turn / 3 % stories::PROJECTS.len()).copied().unwrap_or("planned");
        let project = Project {
            starts_on: Some(self.crm.now().date_naive()),
            due_on: today.checked_add_days(Days::new(30 + turn as u64)),
            budget: Money::new(2_500_000, "EUR"),
            ..Project::new(format!("Panels for {}", company.name)).status(status).customer_id(customer)
        };
        let project = self.crm.projects(scope).create(project).await?;
        for (nth, (title, days)) in stories::TASKS.iter().enumerate() {
            let (assignee, scope) = pick(sellers, turn + nth)?;
            let due = self.now + TimeDelta::days(days + i64::try_from(turn).unwrap_or(0));
            let task = Task::new(*title).due_at(due).assignee_id(*assignee).project_id(project.id);
            let task = self.crm.tasks(scope).create(task).await?;
            if status == "completed" || (nth == 0 && status == "active") {
                self.crm.tasks(scope).update(task.id, |task| "done".clone_into(&mut task.status)).await?;
            }
        }
        Ok(())
    }

    async fn lead(
        &self,
        (user, scope): &(Id<User>, TenantScope),
        lead: &Opportunity,
        stage: &str,
    ) -> Result<Id<Lead>> {
        let value = Money::new(lead.value * 100, lead.currency).context("a demo lead has no value")?;
        let expected = self.now.date_naive().checked_add_days(Days::new(lead.closes_in.into()));
        let data = Lead {
            expected_close: expected,
            ..Lead::company(lead.company)
                .name(lead.person)
                .email(lead.email)
                .stage(stage)
                .source(lead.source)
                .value(value)
                .owner_id(*user)
                .notes(lead.notes)
        };
        Ok(self.crm.leads(scope).create(data).await?.id)
    }

    /// The next stage, with the call that led to it.
    async fn advance(&self, (_, scope): &(Id<User>, TenantScope), lead: Id<Lead>, stage: &str) -> Result<()> {
        let (kind, subject) = stories::step(stage);
        let talk = Interaction { lead_id: Some(lead), kind: kind.to_owned(), ..Interaction::default() };
        self.crm.interactions(scope).create(talk.subject(subject)).await?;
        self.crm.leads(scope).advance(lead, stage).await?;
        Ok(())
    }
}

fn pick(sellers: &Sellers, turn: usize) -> Result<&(Id<User>, TenantScope)> {
    sellers.get(turn % sellers.len().max(1)).context("nobody sells in the demo")
}
