//! The figures of a tenant, counted from its records one by one: what the engine keeps in counters, written again
//! without them, the slow way.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use crm_core::{
    Crm, Customer, Entity, Event, Id, Interaction, Lead, MAX_EVENTS, MAX_PAGE, Pipeline, Project, Query,
    Record, Records, Settings, StageKind, Stages, Task, TenantScope, User, Visibility,
};
use serde_json::{Value as Json, json};

/// Everything of a tenant that figures are about, and the time at which they are asked for.
pub(crate) struct Books {
    now: DateTime<Utc>,
    zone: Tz,
    pipeline: Pipeline,
    leads: Vec<Way>,
    customers: Vec<Record<Customer>>,
    interactions: Vec<Record<Interaction>>,
    pub(crate) tasks: Vec<Record<Task>>,
    projects: Vec<Record<Project>>,
    users: Vec<Record<User>>,
}

/// A lead and its way through the stages.
struct Way {
    lead: Record<Lead>,
    visits: Vec<Visit>,
}

/// A lead's time in one stage.
struct Visit {
    stage: String,
    entered_at: DateTime<Utc>,
    /// How long, of a visit that is over.
    seconds: Option<i64>,
    /// The pipeline as it was when the lead entered.
    stages: Stages,
}

/// Days from one to another, both included.
pub(crate) type Span = (NaiveDate, NaiveDate);

async fn all<T: Entity>(records: Records<'_, T>, visibility: Visibility) -> Vec<Record<T>> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let mut query = Query::new().visibility(visibility).limit(MAX_PAGE);
        if let Some(cursor) = cursor {
            query = query.after(cursor);
        }
        let page = records.list(query).await.unwrap();
        found.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

fn new_value<'e>(event: &'e Event, field: &str) -> Option<&'e Json> {
    event.changes.iter().find(|change| change.field == field).map(|change| &change.new)
}

impl Books {
    pub(crate) async fn read(crm: &Crm, scope: &TenantScope) -> Self {
        let pipelines = crm.pipelines(scope);
        let id = Pipeline::of(scope.tenant());
        let settings = crm.settings(scope).get(Settings::of(scope.tenant())).await.unwrap();
        // Every pipeline there ever was, with the event that made it, the newest first.
        let mut pasts: Vec<(i64, Stages)> = Vec::new();
        let mut before = None;
        loop {
            let events = pipelines.history(id, before, MAX_EVENTS).await.unwrap();
            let Some(last) = events.last() else { break };
            before = Some(last.seq);
            for event in &events {
                let stages = new_value(event, "stages").cloned();
                pasts.extend(stages.map(|stages| (event.seq, serde_json::from_value(stages).unwrap())));
            }
        }
        let mut leads = Vec::new();
        for lead in all(crm.leads(scope), Visibility::Live).await {
            let history = crm.leads(scope).history(lead.id, None, MAX_EVENTS).await.unwrap();
            assert!(history.len() < MAX_EVENTS as usize, "the whole history");
            let entered = history.iter().rev().filter(|event| new_value(event, "stage").is_some());
            let told = crm.leads(scope).stage_history(lead.id).await.unwrap();
            let visits = told.into_iter().zip(entered).map(|(visit, event)| {
                let stages = pasts.iter().find(|(seq, _)| *seq < event.seq).unwrap().1.clone();
                let seconds = visit.left_at.map(|_| visit.seconds);
                Visit { stage: visit.stage, entered_at: visit.entered_at, seconds, stages }
            });
            leads.push(Way { visits: visits.collect(), lead });
        }
        Self {
            now: crm.now(),
            zone: settings.time_zone.parse().unwrap(),
            pipeline: pipelines.get(id).await.unwrap().data,
            leads,
            customers: all(crm.customers(scope), Visibility::Live).await,
            interactions: all(crm.interactions(scope), Visibility::Live).await,
            tasks: all(crm.tasks(scope), Visibility::Live).await,
            projects: all(crm.projects(scope), Visibility::Live).await,
            users: all(crm.users(scope), Visibility::Any).await,
        }
    }

    pub(crate) fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.day(self.now)
    }

    fn within(&self, at: DateTime<Utc>, (from, to): Span) -> bool {
        (from..=to).contains(&self.day(at))
    }

    fn kind(&self, lead: &Record<Lead>) -> StageKind {
        self.pipeline.stage(&lead.stage).unwrap().kind
    }

    fn leads(&self) -> impl Iterator<Item = &Record<Lead>> {
        self.leads.iter().map(|way| &way.lead)
    }

    /// The leads of a kind that were closed in a period.
    fn closed(&self, kind: StageKind, period: Span) -> impl Iterator<Item = &Record<Lead>> {
        self.leads().filter(move |lead| {
            let closed = lead.managed.closed_at.is_some_and(|at| self.within(at, period));
            closed && self.kind(lead) == kind
        })
    }

    /// What leads are worth, each stage's weighted by its probability if asked for, and rounded half up.
    fn worth<'l>(&self, leads: impl Iterator<Item = &'l Record<Lead>>, weighted: bool) -> Json {
        let mut by_stage: BTreeMap<(String, String), i128> = BTreeMap::new();
        for lead in leads {
            // A value of nothing is no money of any currency.
            if let Some(value) = lead.value.filter(|value| value.amount() != 0) {
                let key = (lead.stage.clone(), value.currency().code().to_owned());
                *by_stage.entry(key).or_default() += i128::from(value.amount());
            }
        }
        let mut sums: BTreeMap<String, i128> = BTreeMap::new();
        for ((stage, currency), amount) in by_stage {
            let probability = serde_json::to_value(self.pipeline.stage(&stage).unwrap().probability).unwrap();
            let parts = (probability.as_f64().unwrap() * 10_000.0).round() as i128;
            let amount = if weighted { (amount * parts + 5_000).div_euclid(10_000) } else { amount };
            *sums.entry(currency).or_default() += amount;
        }
        Json::Array(
            sums.into_iter()
                .map(|(currency, amount)| json!({ "amount": amount as i64, "currency": currency }))
                .collect(),
        )
    }

    fn groups(&self, name: &str, by: impl Fn(&Record<Lead>) -> Option<String>) -> Json {
        let keys: BTreeSet<Option<String>> = self.leads().map(&by).collect();
        let mut groups: Vec<(i64, Json)> = Vec::new();
        for key in keys {
            let count = |kind: Option<StageKind>| {
                let own = self.leads().filter(|lead| by(lead) == key);
                own.filter(|lead| kind.is_none_or(|kind| self.kind(lead) == kind)).count() as i64
            };
            let all = count(None);
            let (won, lost) = (count(Some(StageKind::Won)), count(Some(StageKind::Lost)));
            let open = count(Some(StageKind::Open));
            let rate = share(won, won + lost);
            groups.push((
                all,
                json!({ name: key, "count": all, "open": open, "won": won, "lost": lost, "win_rate": rate }),
            ));
        }
        groups.sort_by_key(|(count, _)| Reverse(*count));
        Json::Array(groups.into_iter().map(|(_, group)| group).collect())
    }

    pub(crate) fn overview(&self) -> Json {
        let of = |kind| self.leads().filter(move |lead| self.kind(lead) == kind);
        let count = |kind| of(kind).count() as i64;
        let (won, lost) = (count(StageKind::Won), count(StageKind::Lost));
        let total = self.leads.len() as i64;
        let qualified =
            self.leads().filter(|lead| self.pipeline.stage(&lead.stage).unwrap().qualified).count();
        let by_stage: Vec<Json> = (self.pipeline.stages.0.iter())
            .map(|stage| {
                let own = || self.leads().filter(|lead| lead.stage == stage.key);
                let (count, value) = (own().count(), self.worth(own(), false));
                json!({ "stage": stage.key, "name": stage.name, "count": count, "value": value })
            })
            .collect();
        let active = self.customers.iter().filter(|own| own.is_active).count();
        let projects = |status: &str| self.projects.iter().filter(|own| own.status == status).count();
        let open = || self.tasks.iter().filter(|own| own.status == "open");
        let overdue = open().filter(|own| own.due_at.is_some_and(|due| self.day(due) < self.today()));
        json!({
            "customers": {
                "total": self.customers.len(),
                "active": active,
                "inactive": self.customers.len() - active,
            },
            "leads": {
                "total": total,
                "open": count(StageKind::Open),
                "qualified": qualified,
                "won": won,
                "lost": lost,
                "conversion_rate": share(won, total),
                "win_rate": share(won, won + lost),
                "by_stage": by_stage,
                "by_source": self.groups("source", |lead| lead.source.clone()),
                "by_owner": self.groups("owner_id", |lead| lead.owner_id.map(|id| id.to_string())),
                "pipeline_value": self.worth(of(StageKind::Open), false),
                "weighted_value": self.worth(of(StageKind::Open), true),
                "won_value": self.worth(of(StageKind::Won), false),
            },
            "projects": {
                "total": self.projects.len(),
                "active": projects("active"),
                "completed": projects("completed"),
                "overdue_tasks": overdue.count(),
                "open_tasks": open().count(),
            },
        })
    }

    /// A series of a metric by `day`, `week` or `month`: every day of the period is asked on its own.
    pub(crate) fn series(&self, metric: &str, (from, to): Span, bucket: &str) -> Json {
        let first = |day: NaiveDate| match bucket {
            "day" => day,
            "week" => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            _ => day.with_day(1).unwrap(),
        };
        let starts: BTreeSet<NaiveDate> = from.iter_days().take_while(|day| *day <= to).map(first).collect();
        let point = |start: &NaiveDate| {
            let mut days = start.iter_days().take_while(|day| first(*day) == *start);
            let last = days.by_ref().last().unwrap();
            let days = ((*start).max(from), last.min(to));
            let mut point = json!({ "start": start, "value": [] });
            let made = |at: DateTime<Utc>| self.within(at, days);
            point["count"] = match metric {
                "leads_created" => self.leads().filter(|own| made(own.created_at)).count(),
                "customers_created" => self.customers.iter().filter(|own| made(own.created_at)).count(),
                "leads_won" | "value_won" => self.closed(StageKind::Won, days).count(),
                "leads_lost" => self.closed(StageKind::Lost, days).count(),
                "tasks_completed" => {
                    self.tasks.iter().filter(|own| own.managed.completed_at.is_some_and(made)).count()
                }
                "interactions" => {
                    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
                    for own in self.interactions.iter().filter(|own| own.occurred_at.is_some_and(made)) {
                        *by_type.entry(&own.kind).or_default() += 1;
                    }
                    point["by_type"] = json!(by_type);
                    by_type.values().sum()
                }
                other => panic!("there is no metric `{other}`"),
            }
            .into();
            if metric == "value_won" {
                point["value"] = self.worth(self.closed(StageKind::Won, days), false);
            }
            point
        };
        json!({ "metric": metric, "bucket": bucket, "data": starts.iter().map(point).collect::<Vec<_>>() })
    }

    pub(crate) fn funnel(&self, period: Span) -> Json {
        let stage = |key: &str| {
            let (mut entered, mut advanced) = (0, 0);
            for way in &self.leads {
                let first = way.visits.iter().position(|visit| visit.stage == key);
                let Some(first) = first.filter(|first| self.within(way.visits[*first].entered_at, period))
                else {
                    continue;
                };
                entered += 1;
                let goes_on = |visit: &Visit| {
                    let place = |key: &str| visit.stages.0.iter().position(|stage| stage.key == key);
                    let there = place(&visit.stage).unwrap();
                    match visit.stages.0[there].kind {
                        StageKind::Won => true,
                        StageKind::Lost => false,
                        StageKind::Open => place(key).is_some_and(|here| here < there),
                    }
                };
                let later = way.visits[first..].iter().filter(|visit| visit.stage != key);
                advanced += i64::from(later.into_iter().any(goes_on));
            }
            json!({ "stage": key, "entered": entered, "advanced": advanced, "conversion": share(advanced, entered) })
        };
        self.pipeline.stages.0.iter().map(|own| stage(&own.key)).collect()
    }

    pub(crate) fn velocity(&self, period: Span) -> Json {
        let took = |kind| -> Vec<i64> {
            let closed = self.closed(kind, period);
            closed.map(|own| (own.managed.closed_at.unwrap() - own.created_at).num_seconds()).collect()
        };
        let stage = |key: &str| {
            let closed = self.leads.iter().filter(|way| {
                let lead = &way.lead;
                let closed = lead.managed.closed_at.is_some_and(|at| self.within(at, period));
                closed && self.kind(lead) != StageKind::Open && lead.stage != key
            });
            let times = closed.filter_map(|way| {
                let own = way.visits.iter().filter(|visit| visit.stage == key);
                own.map(|visit| visit.seconds.unwrap()).reduce(|sum, seconds| sum + seconds)
            });
            let mut durations = durations(times.collect());
            durations["stage"] = key.into();
            durations
        };
        let (won, lost) = (took(StageKind::Won), took(StageKind::Lost));
        json!({
            "stages": self.pipeline.stages.0.iter().map(|own| stage(&own.key)).collect::<Vec<_>>(),
            "closed": durations([won.clone(), lost.clone()].concat()),
            "won": durations(won),
            "lost": durations(lost),
        })
    }

    fn month(day: NaiveDate) -> String {
        day.format("%Y-%m").to_string()
    }

    pub(crate) fn cohorts(&self) -> Json {
        let of = |lead: &Record<Lead>| Self::month(self.day(lead.created_at));
        let months: BTreeSet<String> = self.leads().map(of).collect();
        let cohort = |month: String| {
            let own = || self.leads().filter(|lead| of(lead) == month);
            let count = |kind| own().filter(|lead| self.kind(lead) == kind).count();
            json!({
                "month": month,
                "created": own().count(),
                "won": count(StageKind::Won),
                "lost": count(StageKind::Lost),
                "open": count(StageKind::Open),
            })
        };
        months.into_iter().map(cohort).collect()
    }

    pub(crate) fn forecast(&self) -> Json {
        let open = || self.leads().filter(|lead| self.kind(lead) == StageKind::Open);
        let of = |lead: &Record<Lead>| lead.expected_close.map(Self::month);
        let months: BTreeSet<String> = open().filter_map(of).collect();
        let forecast = |month: String| {
            let own = || open().filter(|lead| of(lead).as_ref() == Some(&month));
            let (value, weighted) = (self.worth(own(), false), self.worth(own(), true));
            json!({ "month": month, "count": own().count(), "value": value, "weighted": weighted })
        };
        months.into_iter().map(forecast).collect()
    }

    pub(crate) fn leaderboard(&self, period: Span) -> Json {
        let won = || self.closed(StageKind::Won, period);
        let amount = |worth: &Json, currency: &str| {
            let own = worth.as_array().unwrap().iter().find(|money| money["currency"] == currency);
            own.map_or(0, |money| money["amount"].as_i64().unwrap())
        };
        let all = self.worth(won(), false);
        // In whole units, of which a yen is one.
        let whole = |money: &&Json| {
            money["amount"].as_i64().unwrap() / if money["currency"] == "JPY" { 1 } else { 100 }
        };
        let main = all.as_array().unwrap().iter().max_by_key(whole);
        let main = main.map_or("", |money| money["currency"].as_str().unwrap());
        let owners: BTreeSet<Option<String>> =
            won().map(|lead| lead.owner_id.map(|id| id.to_string())).collect();
        let mut leaders: Vec<((i64, usize), Json)> = Vec::new();
        for owner in owners {
            let own = || won().filter(|lead| lead.owner_id.map(|id| id.to_string()) == owner);
            let id: Option<Id<User>> = owner.as_ref().and_then(|id| id.parse().ok());
            let user = self.users.iter().find(|user| Some(user.id) == id);
            let name = user.map(|user| user.name.clone().unwrap_or_else(|| user.email.clone()));
            let value = self.worth(own(), false);
            leaders.push((
                (amount(&value, main), own().count()),
                json!({ "owner_id": owner, "name": name, "won": own().count(), "value": value }),
            ));
        }
        leaders.sort_by_key(|(order, _)| Reverse(*order));
        Json::Array(leaders.into_iter().map(|(_, leader)| leader).collect())
    }

    /// Each lead is closed exactly if its stage closes; what is not so.
    pub(crate) fn half_closed(&self) -> Vec<String> {
        let closed = |lead: &&Record<Lead>| lead.managed.closed_at.is_some();
        let half = self.leads().filter(|lead| closed(lead) != self.kind(lead).is_closing());
        half.map(|lead| format!("lead {} in `{}`", lead.id, lead.stage)).collect()
    }
}

fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn durations(mut seconds: Vec<i64>) -> Json {
    let (days, count) = (|seconds: f64| seconds / 86_400.0, seconds.len());
    if count == 0 {
        return json!({ "count": 0, "median_days": null, "mean_days": null });
    }
    seconds.sort_unstable();
    let middle = if count % 2 == 1 {
        seconds[count / 2] as f64
    } else {
        (seconds[count / 2 - 1] + seconds[count / 2]) as f64 / 2.0
    };
    let mean = seconds.iter().sum::<i64>() as f64 / count as f64;
    json!({ "count": count, "median_days": days(middle), "mean_days": days(mean) })
}
