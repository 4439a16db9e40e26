//! After thousands of random changes every figure is what a count of the records makes of it.
//!
//! `CRM_FIGURES_CHANGES` sets how many changes, `CRM_FIGURES_SEED` which.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod recount;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use crm_core::{
    Actor, Agenda, Bucket, Crm, Customer, Entity, Error, Id, Interaction, Lead, MemoryStore, Metric, Money,
    Past, Period, Pipeline, Probability, Project, Query, Records, Result, Role, Settings, Stage, StageKind,
    Task, Tenant, TenantScope, User,
    testing::{ManualClock, SeededIds},
};
use recount::{Books, Span};
use serde_json::{Value as Json, json};

/// After so many changes the figures are compared.
const CHANGES_BETWEEN: usize = 250;
/// Zones at both ends of the world, with and without summer time, and with odd minutes.
const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Pacific/Pago_Pago", "Asia/Kathmandu"];

/// Numbers that depend on the seed alone (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.below(3) > 0).then_some(value)
    }

    /// A while of up to so many seconds, to the microsecond.
    fn within(&mut self, seconds: i64) -> TimeDelta {
        TimeDelta::microseconds(self.below(seconds.max(1) as usize * 1_000_000) as i64)
    }
}

/// A tenant in which things happen by chance.
struct World {
    crm: Crm,
    clock: ManualClock,
    scope: TenantScope,
    dice: Dice,
    users: Vec<Id<User>>,
    leads: Vec<Id<Lead>>,
    customers: Vec<Id<Customer>>,
    interactions: Vec<Id<Interaction>>,
    tasks: Vec<Id<Task>>,
    projects: Vec<Id<Project>>,
    stages: usize,
}

const DAY: i64 = 86_400;

impl World {
    async fn new(seed: u64) -> Self {
        let clock = ManualClock::default();
        let crm = Crm::new(MemoryStore::new()).with_clock(clock.clone()).with_ids(SeededIds::new(seed));
        let tenant =
            crm.directory(&crm.maintenance()).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
        let scope = crm.scope(tenant.id, Actor::job("figures"));
        let mut users = Vec::new();
        for (nth, name) in [Some("Ada"), Some("Bob"), None, Some("Ada"), None].into_iter().enumerate() {
            let user = User::new(format!("user{nth}@example.com"), Role::Member);
            users.push(
                crm.users(&scope).create(User { name: name.map(str::to_owned), ..user }).await.unwrap().id,
            );
        }
        Self {
            crm,
            clock,
            scope,
            dice: Dice(seed),
            users,
            leads: Vec::new(),
            customers: Vec::new(),
            interactions: Vec::new(),
            tasks: Vec::new(),
            projects: Vec::new(),
            stages: 0,
        }
    }

    async fn pipeline(&self) -> Vec<Stage> {
        let id = Pipeline::of(self.scope.tenant());
        self.crm.pipelines(&self.scope).get(id).await.unwrap().data.stages.0
    }

    async fn stage(&mut self) -> String {
        let stages = self.pipeline().await;
        self.dice.one(&stages).key.clone()
    }

    fn value(&mut self) -> Option<Money> {
        let amount = *self.dice.one(&[0, 1, 5, 99_999, 123_456, 7_000_003]);
        let currency = *self.dice.one(&["EUR", "EUR", "USD", "JPY"]);
        self.dice.maybe(Money::new(amount, currency).unwrap())
    }

    fn source(&mut self) -> Option<String> {
        let source = *self.dice.one(&["web", "fair", "a|b", "|", "Web", "new"]);
        self.dice.maybe(source.to_owned())
    }

    fn owner(&mut self) -> Option<Id<User>> {
        let owner = *self.dice.one(&self.users.clone());
        self.dice.maybe(owner)
    }

    fn expected_close(&mut self) -> Option<NaiveDate> {
        let days = self.dice.below(300) as u64;
        let day = self.crm.now().date_naive() - Days::new(100) + Days::new(days);
        self.dice.maybe(day)
    }

    /// A moment near now or far from it, before or after.
    fn moment(&mut self) -> DateTime<Utc> {
        let far = *self.dice.one(&[DAY, 40 * DAY]);
        self.crm.now() - self.dice.within(far) + self.dice.within(far)
    }

    async fn lead(&mut self) -> Lead {
        Lead {
            company: Some("Solar".into()),
            stage: self.stage().await,
            source: self.source(),
            value: self.value(),
            expected_close: self.expected_close(),
            owner_id: self.owner(),
            ..Lead::default()
        }
    }

    /// A lead with its past elsewhere, which may lack its beginning.
    async fn imported(&mut self) -> (Lead, Past) {
        let lead = self.lead().await;
        let stages = self.pipeline().await;
        let closing = stages.iter().any(|own| own.key == lead.stage && own.kind.is_closing());
        let now = self.crm.now();
        let created = now - self.dice.within(900 * DAY);
        let closed = created + self.dice.within((now - created).num_seconds());
        let closed_at = if closing { self.dice.maybe(closed) } else { None };
        (lead, Past { created_at: self.dice.maybe(created), closed_at })
    }

    /// Lets something happen; whether it did.
    async fn change(&mut self) -> bool {
        let done = match self.dice.below(100) {
            0..20 => self.advance_clock(),
            20..34 => self.create_lead().await,
            34..38 => self.import().await,
            38..60 => self.change_lead().await,
            60..68 => self.delete_or_restore().await,
            68..76 => self.change_stages().await,
            76..78 => self.change_time_zone().await,
            78..82 => self.change_customer().await,
            82..86 => self.change_interaction().await,
            86..95 => self.change_task().await,
            95..98 => self.change_project().await,
            _ => self.change_user().await,
        };
        match done {
            Ok(()) => true,
            Err(Error::NotFound { .. } | Error::Invalid { .. } | Error::Conflict(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }

    fn advance_clock(&mut self) -> Result<()> {
        let seconds = *self.dice.one(&[1, 3_600, 12 * 3_600, DAY, 5 * DAY]);
        let by = self.dice.within(seconds);
        self.clock.advance(by);
        Ok(())
    }

    async fn create_lead(&mut self) -> Result<()> {
        let lead = self.lead().await;
        self.leads.push(self.crm.leads(&self.scope).create(lead).await?.id);
        Ok(())
    }

    async fn import(&mut self) -> Result<()> {
        let mut all = Vec::new();
        for _ in 0..=self.dice.below(3) {
            all.push(self.imported().await);
        }
        let made = self.crm.leads(&self.scope).import_many(all).await?;
        self.leads.extend(made.iter().map(|lead| lead.id));
        Ok(())
    }

    async fn change_lead(&mut self) -> Result<()> {
        if self.leads.is_empty() {
            return Ok(());
        }
        let id = *self.dice.one(&self.leads);
        let stages = self.pipeline().await;
        let stage = match self.dice.below(4) {
            // On by one, or to where it is won, lost or anything.
            0 => {
                let now = self.crm.leads(&self.scope).get(id).await?.stage.clone();
                let place = stages.iter().position(|own| own.key == now).unwrap();
                stages[(place + 1).min(stages.len() - 1)].key.clone()
            }
            1 => stages.iter().find(|own| own.kind == StageKind::Won).unwrap().key.clone(),
            2 => stages.iter().find(|own| own.kind == StageKind::Lost).unwrap().key.clone(),
            _ => self.stage().await,
        };
        let (value, source, owner, expected) =
            (self.value(), self.source(), self.owner(), self.expected_close());
        let leads = self.crm.leads(&self.scope);
        match self.dice.below(10) {
            0..6 => leads.advance(id, &stage).await?,
            6 => leads.update(id, |own| own.value = value).await?,
            7 => leads.update(id, |own| (own.owner_id, own.source) = (owner, source.clone())).await?,
            8 => leads.update(id, |own| own.expected_close = expected).await?,
            _ => {
                let converted = leads.convert(id, None).await?;
                if !self.customers.contains(&converted.customer.id) {
                    self.customers.push(converted.customer.id);
                }
                return Ok(());
            }
        };
        Ok(())
    }

    async fn delete_or_restore(&mut self) -> Result<()> {
        async fn turn<T: Entity>(records: Records<'_, T>, dice: &mut Dice, ids: &[Id<T>]) -> Result<()> {
            if ids.is_empty() {
                return Ok(());
            }
            let id = *dice.one(ids);
            match dice.below(6) {
                0..3 => records.delete(id, None).await,
                3..5 => records.restore(id).await.map(drop),
                _ => records.erase(id).await,
            }
        }
        let (crm, scope, dice) = (&self.crm, &self.scope, &mut self.dice);
        match dice.below(8) {
            0 => turn(crm.customers(scope), dice, &self.customers).await,
            1 => turn(crm.interactions(scope), dice, &self.interactions).await,
            2 => turn(crm.tasks(scope), dice, &self.tasks).await,
            3 => turn(crm.projects(scope), dice, &self.projects).await,
            _ => turn(crm.leads(scope), dice, &self.leads).await,
        }
    }

    async fn change_stages(&mut self) -> Result<()> {
        let mut stages = self.pipeline().await;
        let (here, there) = (self.dice.below(stages.len()), self.dice.below(stages.len()));
        match self.dice.below(7) {
            0 => stages.swap(here, there),
            1 => stages[here].probability = Probability::parts(self.dice.below(10_001) as u16).unwrap(),
            2 => stages[here].name = format!("Name {}", self.dice.below(100)),
            3 => stages[here].qualified ^= true,
            4 => {
                stages[here].kind = *self.dice.one(&[StageKind::Open, StageKind::Won, StageKind::Lost]);
            }
            5 if stages.len() < 9 => {
                // A key that was there before may come back, and mean something else.
                self.stages += 1;
                let key = format!("extra_{}", self.stages % 4);
                let kind = *self.dice.one(&[StageKind::Open, StageKind::Won, StageKind::Lost]);
                let probability = Probability::parts(3_333).unwrap();
                stages.insert(here, Stage { name: key.clone(), key, kind, qualified: false, probability });
            }
            _ => drop(stages.remove(here)),
        }
        let id = Pipeline::of(self.scope.tenant());
        let pipelines = self.crm.pipelines(&self.scope);
        pipelines.update(id, move |own| own.stages.0.clone_from(&stages)).await.map(drop)
    }

    async fn change_time_zone(&mut self) -> Result<()> {
        let zone = *self.dice.one(&ZONES);
        let settings = self.crm.settings(&self.scope);
        settings.update(Settings::of(self.scope.tenant()), |own| own.time_zone = zone.into()).await.map(drop)
    }

    async fn change_customer(&mut self) -> Result<()> {
        let customers = self.crm.customers(&self.scope);
        if !self.customers.is_empty() && self.dice.below(2) == 0 {
            let id = *self.dice.one(&self.customers);
            return customers.update(id, |own| own.is_active ^= true).await.map(drop);
        }
        let customer = Customer::company(format!("Company {}", self.dice.below(1_000)));
        let created_at = Some(self.crm.now() - self.dice.within(400 * DAY));
        let past = self.dice.maybe(Past { created_at, closed_at: None }).unwrap_or_default();
        let made = customers.import_many(vec![(customer, past)]).await?;
        self.customers.push(made[0].id);
        Ok(())
    }

    async fn change_interaction(&mut self) -> Result<()> {
        let kind = *self.dice.one(&["email", "phone", "meeting", "note"]);
        let at = self.moment();
        let interactions = self.crm.interactions(&self.scope);
        if !self.interactions.is_empty() && self.dice.below(3) == 0 {
            let id = *self.dice.one(&self.interactions);
            return interactions
                .update(id, |own| (own.kind, own.occurred_at) = (kind.into(), Some(at)))
                .await
                .map(drop);
        }
        if self.customers.is_empty() {
            return Ok(());
        }
        let customer = *self.dice.one(&self.customers);
        let new = Interaction::default().kind(kind).occurred_at(at).customer_id(customer);
        self.interactions.push(interactions.create(new).await?.id);
        Ok(())
    }

    async fn change_task(&mut self) -> Result<()> {
        let at = self.moment();
        let due = self.dice.maybe(at);
        let status = *self.dice.one(&["open", "done"]);
        let assignee = self.owner();
        let tasks = self.crm.tasks(&self.scope);
        if !self.tasks.is_empty() && self.dice.below(2) == 0 {
            let id = *self.dice.one(&self.tasks);
            return tasks.update(id, |own| (own.status, own.due_at) = (status.into(), due)).await.map(drop);
        }
        let task = Task { due_at: due, assignee_id: assignee, ..Task::new("Call").status(status) };
        self.tasks.push(tasks.create(task).await?.id);
        Ok(())
    }

    async fn change_project(&mut self) -> Result<()> {
        let status = *self.dice.one(&["planned", "active", "on_hold", "completed", "cancelled"]);
        let projects = self.crm.projects(&self.scope);
        if !self.projects.is_empty() && self.dice.below(2) == 0 {
            let id = *self.dice.one(&self.projects);
            return projects.update(id, |own| own.status = status.into()).await.map(drop);
        }
        self.projects.push(projects.create(Project::new("Roof").status(status)).await?.id);
        Ok(())
    }

    async fn change_user(&mut self) -> Result<()> {
        let id = *self.dice.one(&self.users);
        let users = self.crm.users(&self.scope);
        let name = format!("Name {}", self.dice.below(100));
        let name = self.dice.maybe(name);
        match self.dice.below(4) {
            0 => users.delete(id, None).await,
            1 => users.restore(id).await.map(drop),
            _ => users.update(id, |own| own.name.clone_from(&name)).await.map(drop),
        }
    }

    /// Days of which most are within the time of the records.
    fn period(&mut self) -> Span {
        let today = self.crm.now().date_naive();
        let from = today - Days::new(self.dice.below(1_000) as u64);
        (from, from + Days::new(self.dice.below(120) as u64))
    }
}

/// Compares figures with the count of them, and counts what it compared.
#[derive(Default)]
struct Comparison {
    compared: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, path: &str, found: &Json, counted: &Json) {
        let mut differ = || self.differences.push(format!("{path} is {found}, the records make {counted}"));
        match (found, counted) {
            (Json::Object(own), Json::Object(other)) if own.keys().eq(other.keys()) => {
                for (key, value) in own {
                    self.compare(&format!("{path}/{key}"), value, &other[key]);
                }
            }
            (Json::Array(own), Json::Array(other)) if own.len() == other.len() => {
                for (nth, (value, other)) in own.iter().zip(other).enumerate() {
                    self.compare(&format!("{path}/{nth}"), value, other);
                }
            }
            (Json::Number(own), Json::Number(other)) => {
                self.compared += 1;
                let whole = own.is_i64() && other.is_i64();
                let near = (own.as_f64().unwrap() - other.as_f64().unwrap()).abs() < 1e-9;
                if (whole && own != other) || !near {
                    differ();
                }
            }
            _ => {
                self.compared += 1;
                if found != counted {
                    differ();
                }
            }
        }
    }

    /// Every figure, over periods by chance and over nearly all there is.
    async fn compare_all(&mut self, world: &mut World) {
        let (crm, scope) = (world.crm.clone(), world.scope.clone());
        let (books, figures) = (Books::read(&crm, &scope).await, crm.analytics(&scope));
        let mut overview = json!(figures.overview().await.unwrap());
        overview.as_object_mut().unwrap().remove("as_of_seq");
        self.compare("overview", &overview, &books.overview());
        self.compare("cohorts", &json!(figures.cohorts().await.unwrap()), &books.cohorts());
        self.compare("forecast", &json!(figures.forecast().await.unwrap()), &books.forecast());
        let today = books.today();
        let all = (today - Days::new(1_500), today);
        for span in [all, world.period(), world.period(), (today, today)] {
            let period = Period::new(span.0, span.1).unwrap();
            let path = |what: &str| format!("{what} from {} to {}", span.0, span.1);
            let funnel = json!(figures.funnel(period).await.unwrap());
            self.compare(&path("funnel"), &funnel, &books.funnel(span));
            let velocity = json!(figures.velocity(period).await.unwrap());
            self.compare(&path("velocity"), &velocity, &books.velocity(span));
            let leaders = json!(figures.leaderboard(period).await.unwrap());
            self.compare(&path("leaderboard"), &leaders, &books.leaderboard(span));
            for metric in Metric::ALL {
                for bucket in [Bucket::Day, Bucket::Week, Bucket::Month] {
                    // Whoever has counted by month has counted all, and by day it takes its time.
                    if span == all && bucket != Bucket::Month {
                        continue;
                    }
                    let series = json!(figures.series(metric, period, bucket).await.unwrap());
                    let [metric, bucket] = [json!(metric), json!(bucket)];
                    let [metric, bucket] = [metric.as_str().unwrap(), bucket.as_str().unwrap()];
                    let counted = books.series(metric, span, bucket);
                    self.compare(&path(&format!("{metric} by {bucket}")), &series, &counted);
                }
            }
        }
        let tasks = crm.tasks(&scope);
        let due = |admits: &dyn Fn(NaiveDate) -> bool| {
            let open = books.tasks.iter().filter(|own| own.status == "open");
            open.filter(|own| own.due_at.is_some_and(|at| admits(books.day(at)))).count()
        };
        let counted =
            [(Agenda::DueToday, due(&|day| day == today)), (Agenda::Overdue, due(&|day| day < today))];
        for (agenda, counted) in counted {
            let query = tasks.on(agenda, Query::new()).await.unwrap();
            let found = tasks.count(&query).await.unwrap();
            self.compare(&format!("{agenda:?}"), &json!(found), &json!(counted));
        }
        self.differences.extend(books.half_closed());
        let report = crm.verify(&crm.maintenance(), scope.tenant()).await.unwrap();
        self.differences.extend(report.differences);
    }
}

fn environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("`{name}` is `{text}`; give a whole number")))
}

#[tokio::test]
async fn every_figure_is_what_the_records_make() {
    let changes = environment("CRM_FIGURES_CHANGES").unwrap_or(4_000) as usize;
    let seed = environment("CRM_FIGURES_SEED")
        .unwrap_or_else(|| Dice(u64::from(Utc::now().timestamp_subsec_nanos())).next());
    let mut world = World::new(seed).await;
    let (mut done, mut all) = (0, Comparison::default());
    while done < changes {
        let mut left = CHANGES_BETWEEN.min(changes - done) - 1;
        while left > 0 {
            let happened = usize::from(world.change().await);
            (done, left) = (done + happened, left - happened);
        }
        // Chance alone would rarely let something be due on the very day of the comparison.
        let due = Task::new("Today").due_at(world.crm.now());
        world.tasks.push(world.crm.tasks(&world.scope).create(due).await.unwrap().id);
        done += 1;
        all.compare_all(&mut world).await;
        let Comparison { differences, .. } = &all;
        assert!(differences.is_empty(), "seed {seed}, after {done} changes:\n{}", differences.join("\n"));
    }
    println!("figures: changes {done}, figures compared {}, differences 0, seed {seed}", all.compared);
}
