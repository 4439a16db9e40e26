//! Figures: whatever happens to the records, each figure is what they make, by the days of the tenant's calendar.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use crate::{
    Actor, Agenda, Bucket, Cohort, Conflict, Customer, Durations, Error, FunnelStage, Id, Interaction, Lead,
    Metric, Money, Past, Period, Pipeline, Probability, Project, ProjectFigures, ProjectMetrics, Query,
    Record, Result, Role, Settings, Stage, StageKind, Task, TenantScope, User,
};

use super::workbench::{Workbench, refused};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, currency).expect("a currency")
}

fn days(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).expect("a period")
}

/// All days that these tests are about.
fn always() -> Period {
    days("2024-01-01", "2026-12-31")
}

/// The pointer and the code of each fault.
fn faults<T: Debug>(result: Result<T>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Invalid { violations }) => {
            violations.into_iter().map(|own| (own.pointer, own.code)).collect()
        }
        other => panic!("must be invalid, got {other:?}"),
    }
}

fn fault<T: Debug>(result: Result<T>, pointer: &str, code: &'static str) {
    assert_eq!(faults(result), [(pointer.to_owned(), code)]);
}

async fn move_to(bench: &Workbench, scope: &TenantScope, zone: &str) -> Result<Record<Settings>> {
    let settings = bench.crm.settings(scope);
    settings.update(Settings::of(scope.tenant()), |own| zone.clone_into(&mut own.time_zone)).await
}

async fn define(
    bench: &Workbench,
    scope: &TenantScope,
    mut define: impl FnMut(&mut Vec<Stage>) + Send,
) -> Result<Record<Pipeline>> {
    let id = Pipeline::of(scope.tenant());
    bench.crm.pipelines(scope).update(id, move |own| define(&mut own.stages.0)).await
}

fn stage<'s>(stages: &'s mut [Stage], key: &str) -> &'s mut Stage {
    stages.iter_mut().find(|own| own.key == key).expect("the stage")
}

/// The points of a series that are not 0, by their first day.
async fn series(
    bench: &Workbench,
    scope: &TenantScope,
    metric: Metric,
    period: Period,
    bucket: Bucket,
) -> Vec<(String, i64)> {
    let series = bench.crm.analytics(scope).series(metric, period, bucket).await.unwrap();
    assert_eq!((series.metric, series.bucket), (metric, bucket));
    let points = series.data.into_iter().filter(|point| point.count != 0);
    points.map(|point| (point.start.to_string(), point.count)).collect()
}

/// The days on which something happened.
async fn daily(bench: &Workbench, scope: &TenantScope, metric: Metric) -> Vec<(String, i64)> {
    series(bench, scope, metric, always(), Bucket::Day).await
}

fn counts(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(start, count)| ((*start).to_owned(), *count)).collect()
}

/// Every figure there is, to compare by.
async fn all(bench: &Workbench, scope: &TenantScope) -> Json {
    let figures = bench.crm.analytics(scope);
    let overview = figures.overview().await.unwrap();
    let mut all = json!({
        "overview": { "customers": overview.customers, "leads": overview.leads, "projects": overview.projects },
        "funnel": figures.funnel(always()).await.unwrap(),
        "velocity": figures.velocity(always()).await.unwrap(),
        "cohorts": figures.cohorts().await.unwrap(),
        "forecast": figures.forecast().await.unwrap(),
        "leaderboard": figures.leaderboard(always()).await.unwrap(),
    });
    for metric in Metric::ALL {
        all[format!("{metric:?}")] = json!(figures.series(metric, always(), Bucket::Day).await.unwrap());
    }
    all
}

async fn verifies(bench: &Workbench, scope: &TenantScope) {
    let report = bench.crm.verify(&bench.crm.maintenance(), scope.tenant()).await.unwrap();
    assert_eq!(report.differences, [""; 0]);
    assert!(!report.unsettled);
}

async fn funnel(bench: &Workbench, scope: &TenantScope, period: Period) -> Vec<(String, i64, i64)> {
    let funnel = bench.crm.analytics(scope).funnel(period).await.unwrap();
    for FunnelStage { entered, advanced, conversion, .. } in &funnel {
        let share = (*entered > 0).then(|| *advanced as f64 / *entered as f64);
        assert_eq!(*conversion, share, "{advanced} of {entered}");
    }
    let entered = funnel.into_iter().filter(|own| own.entered > 0);
    entered.map(|own| (own.stage, own.entered, own.advanced)).collect()
}

fn stages(of: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    of.iter().map(|(stage, entered, advanced)| ((*stage).to_owned(), *entered, *advanced)).collect()
}

fn past(created: &str, closed: Option<&str>) -> Past {
    Past { created_at: Some(at(created)), closed_at: closed.map(at) }
}

/// A lead that goes through these stages, an hour in each.
async fn through(bench: &Workbench, scope: &TenantScope, way: &[&str]) -> Id<Lead> {
    let leads = bench.crm.leads(scope);
    let lead = leads.create(Lead::company("Solar").stage(way[0])).await.unwrap().id;
    for stage in &way[1..] {
        bench.clock.advance(TimeDelta::hours(1));
        leads.advance(lead, stage).await.unwrap();
    }
    lead
}

/// A tenant with a little of everything.
async fn filled(bench: &Workbench) -> TenantScope {
    let scope = bench.found().await;
    let crm = &bench.crm;
    bench.clock.set(at("2026-01-10T10:00:00Z"));
    let ada = crm.users(&scope).create(User::new("ada@example.com", Role::Member).name("Ada")).await.unwrap();
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let lead = |value| Lead::company("Wind").value(money(value, "EUR")).source("web");
    let close = day("2026-04-30");
    let won = crm.leads(&scope).create(lead(500).owner_id(ada.id)).await.unwrap().id;
    crm.leads(&scope).create(lead(70).expected_close(close)).await.unwrap();
    bench.clock.set(at("2026-01-12T10:00:00Z"));
    crm.leads(&scope).advance(won, "closed_won").await.unwrap();
    crm.leads(&scope).create(lead(9).stage("closed_lost")).await.unwrap();
    let call = Interaction::default().kind("phone").customer_id(customer);
    crm.interactions(&scope).create(call).await.unwrap();
    crm.tasks(&scope).create(Task::new("Call").due_at(at("2026-01-11T10:00:00Z"))).await.unwrap();
    crm.tasks(&scope).create(Task::new("Write").status("done")).await.unwrap();
    crm.projects(&scope).create(Project::new("Roof").status("active")).await.unwrap();
    scope
}

pub(super) async fn a_series_has_a_point_for_every_bucket_of_its_period(bench: &Workbench) {
    let scope = bench.found().await;
    for (time, count) in [
        ("2026-01-31T23:59:59Z", 1),
        ("2026-02-01T00:00:00Z", 2),
        ("2026-02-04T12:00:00Z", 3),
        ("2026-03-02T12:00:00Z", 4),
        ("2026-03-03T00:00:00Z", 5),
    ] {
        bench.clock.set(at(time));
        let leads = (0..count).map(|_| Lead::company("Solar")).collect();
        bench.crm.leads(&scope).create_many(leads).await.unwrap();
    }
    let figures = bench.crm.analytics(&scope);
    let points = |from, to, bucket| {
        let figures = &figures;
        async move {
            let series = figures.series(Metric::LeadsCreated, days(from, to), bucket).await.unwrap();
            series.data.iter().map(|own| (own.start.to_string(), own.count)).collect::<Vec<_>>()
        }
    };
    assert_eq!(
        points("2026-01-30", "2026-02-04", Bucket::Day).await,
        counts(&[
            ("2026-01-30", 0),
            ("2026-01-31", 1),
            ("2026-02-01", 2),
            ("2026-02-02", 0),
            ("2026-02-03", 0),
            ("2026-02-04", 3),
        ])
    );
    assert_eq!(
        points("2026-02-01", "2026-03-02", Bucket::Week).await,
        counts(&[
            ("2026-01-26", 2),
            ("2026-02-02", 3),
            ("2026-02-09", 0),
            ("2026-02-16", 0),
            ("2026-02-23", 0),
            ("2026-03-02", 4),
        ]),
        "weeks begin on Monday, and the first and the last count what is within the period"
    );
    assert_eq!(
        points("2025-12-31", "2026-03-02", Bucket::Month).await,
        counts(&[("2025-12-01", 0), ("2026-01-01", 1), ("2026-02-01", 5), ("2026-03-01", 4)])
    );
    assert_eq!(points("2026-03-03", "2026-03-03", Bucket::Month).await, counts(&[("2026-03-01", 5)]));
}

pub(super) async fn each_metric_counts_what_it_is_named_for(bench: &Workbench) {
    let scope = &bench.found().await;
    let crm = &bench.crm;
    bench.clock.set(at("2026-02-02T10:00:00Z"));
    let customer = crm.customers(scope).create(Customer::company("Solar")).await.unwrap().id;
    let mut made = Vec::new();
    for value in [money(500, "EUR"), money(70, "JPY"), money(30, "EUR"), money(1, "USD")] {
        made.push(crm.leads(scope).create(Lead::company("Wind").value(value)).await.unwrap().id);
    }
    let task = crm.tasks(scope).create(Task::new("Call")).await.unwrap().id;
    let interaction = |kind: &str, time| {
        let new = Interaction::default().kind(kind).occurred_at(at(time)).customer_id(customer);
        async move { crm.interactions(scope).create(new).await }
    };
    interaction("phone", "2026-02-01T10:00:00Z").await.unwrap();
    interaction("email", "2026-02-01T11:00:00Z").await.unwrap();
    interaction("phone", "2026-02-01T12:00:00Z").await.unwrap();
    let moved = interaction("note", "2026-02-05T12:00:00Z").await.unwrap().id;
    bench.clock.set(at("2026-02-04T10:00:00Z"));
    for (lead, stage) in made.iter().zip(["closed_won", "closed_won", "closed_won", "closed_lost"]) {
        crm.leads(scope).advance(*lead, stage).await.unwrap();
    }
    crm.leads(scope).create(Lead::company("Late").stage("closed_lost")).await.unwrap();
    crm.tasks(scope).update(task, |own| own.status = "done".into()).await.unwrap();
    crm.interactions(scope)
        .update(moved, |own| own.occurred_at = Some(at("2026-02-06T12:00:00Z")))
        .await
        .unwrap();
    assert_eq!(
        daily(bench, scope, Metric::LeadsCreated).await,
        counts(&[("2026-02-02", 4), ("2026-02-04", 1)])
    );
    assert_eq!(daily(bench, scope, Metric::LeadsWon).await, counts(&[("2026-02-04", 3)]));
    assert_eq!(daily(bench, scope, Metric::LeadsLost).await, counts(&[("2026-02-04", 2)]));
    assert_eq!(daily(bench, scope, Metric::CustomersCreated).await, counts(&[("2026-02-02", 1)]));
    assert_eq!(daily(bench, scope, Metric::TasksCompleted).await, counts(&[("2026-02-04", 1)]));
    assert_eq!(
        daily(bench, scope, Metric::Interactions).await,
        counts(&[("2026-02-01", 3), ("2026-02-06", 1)]),
        "on the day on which they happened"
    );
    let figures = crm.analytics(scope);
    let february = days("2026-02-01", "2026-02-28");
    let by_type = figures.series(Metric::Interactions, february, Bucket::Month).await.unwrap();
    let by_type = by_type.data[0].by_type.clone().expect("interactions are counted by type");
    assert_eq!(
        by_type.into_iter().collect::<Vec<_>>(),
        [("email".to_owned(), 1), ("note".to_owned(), 1), ("phone".to_owned(), 2)]
    );
    let value = figures.series(Metric::ValueWon, february, Bucket::Month).await.unwrap();
    let point = &value.data[0];
    assert_eq!((point.count, &point.value[..]), (3, &[money(530, "EUR"), money(70, "JPY")][..]));
    assert_eq!(point.by_type, None);
    verifies(bench, scope).await;
}

pub(super) async fn days_are_those_where_the_tenant_is(bench: &Workbench) {
    let scope = bench.found().await;
    move_to(bench, &scope, "Europe/Berlin").await.unwrap();
    // Clocks go from two to three on 29 March; a day has 23 hours then.
    for (time, own) in [
        ("2026-01-31T22:59:59Z", "2026-01-31"),
        ("2026-01-31T23:00:00Z", "2026-02-01"),
        ("2026-03-28T22:59:59Z", "2026-03-28"),
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T21:59:59Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
    ] {
        let before = daily(bench, &scope, Metric::LeadsCreated).await;
        bench.clock.set(at(time));
        bench.crm.leads(&scope).create(Lead::company("Solar").stage("closed_lost")).await.unwrap();
        let after = daily(bench, &scope, Metric::LeadsCreated).await;
        let count = |of: &[(String, i64)]| of.iter().find(|(start, _)| start == own).map_or(0, |own| own.1);
        assert_eq!(count(&after), count(&before) + 1, "{time} is on {own}");
        assert_eq!(daily(bench, &scope, Metric::LeadsLost).await, after);
    }
    let cohorts = bench.crm.analytics(&scope).cohorts().await.unwrap();
    let months: Vec<_> = cohorts.iter().map(|own| (own.month.as_str(), own.created)).collect();
    assert_eq!(months, [("2026-01", 1), ("2026-02", 1), ("2026-03", 4)]);
    let one = bench.crm.analytics(&scope).velocity(days("2026-03-29", "2026-03-29")).await.unwrap();
    assert_eq!(one.lost.count, 2);
    verifies(bench, &scope).await;
}

pub(super) async fn another_time_zone_turns_every_figure_to_its_days(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    bench.clock.set(at("2026-01-31T11:30:00Z"));
    let lead = |stage: &str| Lead::company("Solar").stage(stage).value(money(10, "EUR"));
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    crm.leads(&scope).create_many(vec![lead("new"), lead("closed_won"), lead("closed_lost")]).await.unwrap();
    let gone = crm.leads(&scope).create(lead("closed_won")).await.unwrap().id;
    crm.leads(&scope).delete(gone, None).await.unwrap();
    let call = Interaction::default().kind("phone").customer_id(customer);
    crm.interactions(&scope).create(call).await.unwrap();
    crm.tasks(&scope).create(Task::new("Call").due_at(bench.now())).await.unwrap();
    crm.tasks(&scope).create(Task::new("Write").status("done")).await.unwrap();
    let metrics = [
        (Metric::LeadsCreated, 3),
        (Metric::LeadsWon, 1),
        (Metric::LeadsLost, 1),
        (Metric::ValueWon, 1),
        (Metric::CustomersCreated, 1),
        (Metric::Interactions, 1),
        (Metric::TasksCompleted, 1),
    ];
    let begun = all(bench, &scope).await;
    for (zone, own, month) in [
        ("UTC", "2026-01-31", "2026-01"),
        ("Pacific/Auckland", "2026-02-01", "2026-02"),
        ("Pacific/Pago_Pago", "2026-01-31", "2026-01"),
        ("Asia/Kathmandu", "2026-01-31", "2026-01"),
        ("Pacific/Kiritimati", "2026-02-01", "2026-02"),
    ] {
        move_to(bench, &scope, zone).await.unwrap();
        for (metric, count) in metrics {
            assert_eq!(daily(bench, &scope, metric).await, counts(&[(own, count)]), "{metric:?} in {zone}");
        }
        let figures = crm.analytics(&scope);
        let one = Period::new(day(own), day(own)).unwrap();
        assert_eq!(figures.velocity(one).await.unwrap().closed.count, 2, "{zone}");
        let expected = stages(&[("new", 1, 0), ("closed_won", 1, 0), ("closed_lost", 1, 0)]);
        assert_eq!(funnel(bench, &scope, one).await, expected, "{zone}");
        assert_eq!(figures.leaderboard(one).await.unwrap().len(), 1, "{zone}");
        let cohorts = figures.cohorts().await.unwrap();
        let expected = Cohort { month: month.into(), created: 3, won: 1, lost: 1, open: 1 };
        assert_eq!(cohorts, [expected], "{zone}");
        verifies(bench, &scope).await;
    }
    // The deleted lead comes back on the day that it is by now.
    crm.leads(&scope).restore(gone).await.unwrap();
    assert_eq!(daily(bench, &scope, Metric::LeadsWon).await, counts(&[("2026-02-01", 2)]));
    crm.leads(&scope).delete(gone, None).await.unwrap();
    move_to(bench, &scope, "UTC").await.unwrap();
    assert_eq!(all(bench, &scope).await, begun, "and back again");
    verifies(bench, &scope).await;
}

pub(super) async fn an_unknown_time_zone_is_refused(bench: &Workbench) {
    let scope = bench.found().await;
    let before = bench.everything(&scope, &[]).await;
    for unknown in ["Europe/Nowhere", "Mars", "+01:00"] {
        fault(move_to(bench, &scope, unknown).await, "/time_zone", "unknown_time_zone");
    }
    fault(move_to(bench, &scope, "").await, "/time_zone", "required");
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let id = Id::from_uuid(bench.new_id());
    let settings = |zone: &str| Settings { time_zone: zone.into() };
    let tenant = || crate::Tenant::new("acme", "Acme");
    let refused = directory.create_tenant_with(Some(id), tenant(), settings("Mars")).await;
    fault(refused, "/time_zone", "unknown_time_zone");
    assert_eq!(bench.everything(&scope, &[]).await, before);
    directory.create_tenant_with(Some(id), tenant(), settings("Asia/Kathmandu")).await.unwrap();
    let own = bench.crm.scope(id, Actor::job("conformance"));
    bench.clock.set(at("2026-02-01T18:15:00Z"));
    bench.crm.leads(&own).create(Lead::company("Solar")).await.unwrap();
    assert_eq!(daily(bench, &own, Metric::LeadsCreated).await, counts(&[("2026-02-02", 1)]));
    let settings = Settings::of(scope.tenant());
    refused!(bench.crm.settings(&scope).delete(settings, None).await, Error::Conflict(Conflict::Rule(_)));
}

pub(super) async fn writers_and_a_move_of_the_calendar_leave_no_difference(bench: &Workbench) {
    let scope = bench.found().await;
    bench.clock.set(at("2026-01-31T23:30:00Z"));
    let writers = (0..6).map(|task| {
        let (crm, scope) = (bench.crm.clone(), scope.clone());
        tokio::spawn(async move {
            for nth in 0..4 {
                let lead = crm.leads(&scope).create(Lead::company(format!("{task} {nth}"))).await?;
                crm.leads(&scope).advance(lead.id, "closed_won").await?;
            }
            Ok::<_, Error>(())
        })
    });
    let writers: Vec<_> = writers.collect();
    for zone in ["Europe/Berlin", "UTC", "Pacific/Auckland"] {
        match move_to(bench, &scope, zone).await {
            // Whoever moves the calendar may have to wait for a quieter time.
            Ok(_) | Err(Error::Conflict(Conflict::Log)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    for writer in writers {
        writer.await.expect("the writer does not panic").expect("no writer is refused");
    }
    move_to(bench, &scope, "Europe/Berlin").await.unwrap();
    assert_eq!(daily(bench, &scope, Metric::LeadsWon).await, counts(&[("2026-02-01", 24)]));
    verifies(bench, &scope).await;
}

pub(super) async fn a_funnel_counts_a_lead_once_per_stage(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    bench.clock.set(at("2026-02-02T00:00:00Z"));
    let today = days("2026-02-02", "2026-02-02");
    assert_eq!(funnel(bench, &scope, today).await, []);
    through(bench, &scope, &["new", "proposal", "closed_won"]).await;
    let expected = stages(&[("new", 1, 1), ("proposal", 1, 1), ("closed_won", 1, 0)]);
    assert_eq!(funnel(bench, &scope, today).await, expected, "a skipped stage was not entered");
    through(bench, &scope, &["contacted", "new", "contacted", "new"]).await;
    let expected = stages(&[("new", 2, 2), ("contacted", 1, 0), ("proposal", 1, 1), ("closed_won", 1, 0)]);
    assert_eq!(funnel(bench, &scope, today).await, expected, "going back is no going on");
    through(bench, &scope, &["contacted", "qualified", "closed_lost"]).await;
    let expected = stages(&[
        ("new", 2, 2),
        ("contacted", 2, 1),
        ("qualified", 1, 0),
        ("proposal", 1, 1),
        ("closed_won", 1, 0),
        ("closed_lost", 1, 0),
    ]);
    assert_eq!(funnel(bench, &scope, today).await, expected, "being lost is no going on, and undoes none");
    let reopened = through(bench, &scope, &["new", "closed_lost", "qualified"]).await;
    let expected = stages(&[
        ("new", 3, 3),
        ("contacted", 2, 1),
        ("qualified", 2, 0),
        ("proposal", 1, 1),
        ("closed_won", 1, 0),
        ("closed_lost", 2, 0),
    ]);
    assert_eq!(funnel(bench, &scope, today).await, expected, "who is reopened keeps what is behind");
    crm.leads(&scope).delete(reopened, None).await.unwrap();
    let without = stages(&[
        ("new", 2, 2),
        ("contacted", 2, 1),
        ("qualified", 1, 0),
        ("proposal", 1, 1),
        ("closed_won", 1, 0),
        ("closed_lost", 1, 0),
    ]);
    assert_eq!(funnel(bench, &scope, today).await, without);
    bench.clock.set(at("2026-02-05T00:00:00Z"));
    crm.leads(&scope).restore(reopened).await.unwrap();
    assert_eq!(funnel(bench, &scope, today).await, expected, "on the day on which it was there");
    crm.leads(&scope).advance(reopened, "closed_won").await.unwrap();
    let figures = funnel(bench, &scope, today).await;
    assert_eq!(figures[2], ("qualified".to_owned(), 2, 1), "by now, one of those of that day has gone on");
    assert_eq!(figures[5], ("closed_lost".to_owned(), 2, 1), "who is won after all has gone on from there");
    let later = stages(&[("closed_won", 1, 0)]);
    assert_eq!(funnel(bench, &scope, days("2026-02-03", "2026-02-28")).await, later);
    verifies(bench, &scope).await;
}

pub(super) async fn velocity_tells_how_long_closed_leads_took(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lasted = |count, median, mean| Durations { count, median_days: Some(median), mean_days: Some(mean) };
    let february = days("2026-02-01", "2026-02-28");
    let none = bench.crm.analytics(&scope).velocity(february).await.unwrap();
    assert_eq!((none.closed, none.stages.len()), (Durations::default(), 6));
    let begun = at("2026-02-01T00:00:00Z");
    // Days in `new`, then in `proposal`, and how it ended.
    for (new, proposal, end) in
        [(1, 2, "closed_won"), (2, 4, "closed_won"), (6, 3, "closed_lost"), (3, 31, "closed_won")]
    {
        bench.clock.set(begun);
        let lead = leads.create(Lead::company("Solar")).await.unwrap().id;
        bench.clock.set(begun + TimeDelta::days(new));
        leads.advance(lead, "proposal").await.unwrap();
        bench.clock.set(begun + TimeDelta::days(new + proposal));
        leads.advance(lead, end).await.unwrap();
    }
    let told = bench.crm.analytics(&scope).velocity(february).await.unwrap();
    assert_eq!(told.won, lasted(2, 4.5, 4.5), "by the day on which they were closed");
    assert_eq!(told.lost, lasted(1, 9.0, 9.0));
    assert_eq!(told.closed, lasted(3, 6.0, 6.0));
    let keys: Vec<_> = told.stages.iter().map(|own| own.stage.as_str()).collect();
    assert_eq!(keys, ["new", "contacted", "qualified", "proposal", "closed_won", "closed_lost"]);
    assert_eq!(told.stages[0].durations, lasted(3, 2.0, 3.0));
    assert_eq!(told.stages[1].durations, Durations::default());
    assert_eq!(told.stages[3].durations, lasted(3, 3.0, 3.0));
    assert_eq!(told.stages[4].durations, Durations::default(), "where a lead stays counts for nothing");
    let march = bench.crm.analytics(&scope).velocity(days("2026-03-07", "2026-03-07")).await.unwrap();
    assert_eq!((march.won, march.closed.count), (lasted(1, 34.0, 34.0), 1));
}

pub(super) async fn a_reopened_lead_is_out_of_velocity_until_it_is_closed_again(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let begun = at("2026-02-01T00:00:00Z");
    let on = |nth| bench.clock.set(begun + TimeDelta::days(nth));
    on(0);
    let lead = leads.create(Lead::company("Solar")).await.unwrap().id;
    on(4);
    leads.advance(lead, "closed_lost").await.unwrap();
    let velocity = || async { bench.crm.analytics(&scope).velocity(always()).await.unwrap() };
    assert_eq!(velocity().await.lost.mean_days, Some(4.0));
    on(5);
    leads.advance(lead, "new").await.unwrap();
    let open = velocity().await;
    assert_eq!((open.closed, open.stages[0].durations), (Durations::default(), Durations::default()));
    assert_eq!(daily(bench, &scope, Metric::LeadsLost).await, []);
    on(8);
    leads.advance(lead, "closed_won").await.unwrap();
    let won = velocity().await;
    assert_eq!((won.won.mean_days, won.lost.count), (Some(8.0), 0));
    assert_eq!(won.stages[0].durations.mean_days, Some(7.0), "both times together");
    assert_eq!(won.stages[5].durations.mean_days, Some(1.0), "it has left the stage in which it was lost");
    leads.delete(lead, None).await.unwrap();
    assert_eq!(velocity().await.closed, Durations::default());
    on(20);
    leads.restore(lead).await.unwrap();
    assert_eq!(velocity().await, won);
    on(21);
    leads.advance(lead, "closed_lost").await.unwrap();
    on(23);
    leads.advance(lead, "closed_won").await.unwrap();
    let back = velocity().await;
    assert_eq!(back.won, won.won, "it has been closed since then");
    assert_eq!(back.stages[5].durations.mean_days, Some(3.0));
    assert_eq!(back.stages[4].durations, Durations::default(), "where it is, however long it was there");
}

pub(super) async fn velocity_is_of_every_closed_lead_however_many(bench: &Workbench) {
    let scope = bench.found().await;
    let lead = |nth: i64| {
        let past =
            Past { created_at: Some(bench.now() - TimeDelta::days(nth)), closed_at: Some(bench.now()) };
        (Lead::company("Solar").stage(if nth % 2 == 0 { "closed_won" } else { "closed_lost" }), past)
    };
    bench.crm.leads(&scope).import_many((1..=1_101).map(lead).collect()).await.unwrap();
    let told = bench.crm.analytics(&scope).velocity(always()).await.unwrap();
    let all = Durations { count: 1_101, median_days: Some(551.0), mean_days: Some(551.0) };
    assert_eq!((told.closed, told.won.count, told.lost.count), (all, 550, 551));
}

pub(super) async fn cohorts_tell_what_became_of_each_month(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let mut made = Vec::new();
    for (time, count) in
        [("2025-12-31T23:59:59Z", 1), ("2026-01-01T00:00:00Z", 4), ("2026-03-15T10:00:00Z", 1)]
    {
        bench.clock.set(at(time));
        for _ in 0..count {
            made.push(leads.create(Lead::company("Solar")).await.unwrap().id);
        }
    }
    bench.clock.set(at("2026-04-01T10:00:00Z"));
    for (nth, stage) in [(0, "closed_won"), (1, "closed_won"), (2, "closed_lost"), (3, "proposal")] {
        leads.advance(made[nth], stage).await.unwrap();
    }
    leads.delete(made[4], None).await.unwrap();
    let cohort =
        |month: &str, created, won, lost, open| Cohort { month: month.into(), created, won, lost, open };
    let expected =
        [cohort("2025-12", 1, 1, 0, 0), cohort("2026-01", 3, 1, 1, 1), cohort("2026-03", 1, 0, 0, 1)];
    assert_eq!(bench.crm.analytics(&scope).cohorts().await.unwrap(), expected);
}

pub(super) async fn a_forecast_weighs_what_is_open(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let mut made = Vec::new();
    for (stage, close, value) in [
        ("new", Some("2026-01-31"), Some(money(1_005, "EUR"))),
        ("proposal", Some("2026-01-01"), Some(money(1_001, "EUR"))),
        ("proposal", Some("2026-01-15"), Some(money(50, "JPY"))),
        ("qualified", Some("2026-01-15"), None),
        ("closed_won", Some("2026-01-15"), Some(money(9_000, "EUR"))),
        ("closed_lost", Some("2026-01-15"), Some(money(9_000, "EUR"))),
        ("new", None, Some(money(9_000, "EUR"))),
        ("new", Some("2024-02-29"), Some(money(10, "USD"))),
    ] {
        let new = Lead { value, expected_close: close.map(day), ..Lead::company("Solar").stage(stage) };
        made.push(leads.create(new).await.unwrap().id);
    }
    let forecast = || async {
        let months = bench.crm.analytics(&scope).forecast().await.unwrap();
        months.into_iter().map(|own| (own.month, own.count, own.value, own.weighted)).collect::<Vec<_>>()
    };
    let waiting = ("2024-02".to_owned(), 1, vec![money(10, "USD")], vec![money(1, "USD")]);
    let january = (
        "2026-01".to_owned(),
        4,
        vec![money(2_006, "EUR"), money(50, "JPY")],
        // 100.5 and 600.6, each rounded.
        vec![money(702, "EUR"), money(30, "JPY")],
    );
    assert_eq!(forecast().await, [waiting.clone(), january.clone()]);
    move_to(bench, &scope, "Pacific/Auckland").await.unwrap();
    assert_eq!(forecast().await, [waiting.clone(), january], "a day is the same in every zone");
    leads.advance(made[0], "closed_won").await.unwrap();
    leads.update(made[1], |own| own.expected_close = Some(day("2026-02-01"))).await.unwrap();
    leads.update(made[2], |own| own.value = None).await.unwrap();
    let moved = ("2026-02".to_owned(), 1, vec![money(1_001, "EUR")], vec![money(601, "EUR")]);
    assert_eq!(forecast().await, [waiting, ("2026-01".to_owned(), 2, vec![], vec![]), moved]);
    verifies(bench, &scope).await;
}

pub(super) async fn the_leaderboard_puts_who_won_most_first(bench: &Workbench) {
    let scope = bench.found().await;
    let (users, leads) = (bench.crm.users(&scope), bench.crm.leads(&scope));
    let user = |email: &'static str, name: Option<&str>| User {
        name: name.map(str::to_owned),
        ..User::new(email, Role::Member)
    };
    let ada = users.create(user("ada@example.com", Some("Ada"))).await.unwrap().id;
    let bob = users.create(user("bob@example.com", None)).await.unwrap().id;
    let eve = users.create(user("eve@example.com", Some("Eve"))).await.unwrap().id;
    let mut made = Vec::new();
    for (owner, stage, value) in [
        (Some(ada), "closed_won", Some(money(100, "EUR"))),
        (Some(bob), "closed_won", Some(money(60, "EUR"))),
        (Some(bob), "closed_won", Some(money(70, "EUR"))),
        (Some(eve), "closed_won", Some(money(120, "USD"))),
        (Some(eve), "closed_lost", Some(money(900, "EUR"))),
        (Some(eve), "proposal", Some(money(900, "EUR"))),
        (None, "closed_won", None),
        (None, "closed_won", None),
    ] {
        let lead = Lead { owner_id: owner, value, ..Lead::company("Solar").stage(stage) };
        made.push(leads.create(lead).await.unwrap().id);
    }
    let today = Period::new(bench.now().date_naive(), bench.now().date_naive()).unwrap();
    let board = || async {
        let leaders = bench.crm.analytics(&scope).leaderboard(today).await.unwrap();
        let told = leaders.into_iter().map(|own| (own.owner_id, own.name, own.won, own.value));
        told.collect::<Vec<_>>()
    };
    let line =
        |owner, name: Option<&str>, won, value: Vec<Money>| (owner, name.map(str::to_owned), won, value);
    let expected = [
        line(Some(bob), Some("bob@example.com"), 2, vec![money(130, "EUR")]),
        line(Some(ada), Some("Ada"), 1, vec![money(100, "EUR")]),
        line(None, None, 2, vec![]),
        line(Some(eve), Some("Eve"), 1, vec![money(120, "USD")]),
    ];
    assert_eq!(board().await, expected, "most euros first, as most was won in euros; then the most leads");
    bench.clock.advance(TimeDelta::days(3));
    leads.update(made[2], |own| own.owner_id = Some(ada)).await.unwrap();
    users.update(bob, |own| own.name = Some("Bob".into())).await.unwrap();
    users.delete(ada, None).await.unwrap();
    let expected = [
        line(Some(ada), Some("Ada"), 2, vec![money(170, "EUR")]),
        line(Some(bob), Some("Bob"), 1, vec![money(60, "EUR")]),
        line(None, None, 2, vec![]),
        line(Some(eve), Some("Eve"), 1, vec![money(120, "USD")]),
    ];
    assert_eq!(board().await, expected, "whoever owns it by now, who may have left");
    let yesterday = bench.now().date_naive() - TimeDelta::days(1);
    let later = Period::new(yesterday, yesterday).unwrap();
    assert_eq!(bench.crm.analytics(&scope).leaderboard(later).await.unwrap(), []);
    verifies(bench, &scope).await;
}

pub(super) async fn sources_and_owners_tell_how_their_leads_stand(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let ada = bench.crm.users(&scope).create(User::new("ada@example.com", Role::Member)).await.unwrap().id;
    let mut made = Vec::new();
    for (stage, source, owner) in [
        ("new", Some("a|b"), Some(ada)),
        ("closed_won", Some("a|b"), None),
        ("closed_won", Some("a|b"), Some(ada)),
        ("closed_lost", Some("a|b"), Some(ada)),
        ("proposal", None, None),
        ("contacted", Some("new"), Some(ada)),
    ] {
        let source = source.map(str::to_owned);
        let lead = Lead { source, owner_id: owner, ..Lead::company("Solar").stage(stage) };
        made.push(leads.create(lead).await.unwrap().id);
    }
    let told = || async {
        let figures = bench.crm.analytics(&scope).overview().await.unwrap().leads;
        let group = |own: &crate::Group| (own.count, own.open, own.won, own.lost, own.win_rate);
        let sources: Vec<_> =
            figures.by_source.iter().map(|own| (own.source.clone(), group(&own.leads))).collect();
        let owners: Vec<_> = figures.by_owner.iter().map(|own| (own.owner_id, group(&own.leads))).collect();
        (sources, owners)
    };
    let (sources, owners) = told().await;
    let expected = [
        (Some("a|b".to_owned()), (4, 1, 2, 1, Some(2.0 / 3.0))),
        (None, (1, 1, 0, 0, None)),
        (Some("new".to_owned()), (1, 1, 0, 0, None)),
    ];
    assert_eq!(sources, expected);
    assert_eq!(owners, [(Some(ada), (4, 2, 1, 1, Some(0.5))), (None, (2, 1, 1, 0, Some(1.0)))]);
    leads.update(made[2], |own| (own.owner_id, own.source) = (None, None)).await.unwrap();
    let (sources, owners) = told().await;
    assert_eq!(sources[0].1, (3, 1, 1, 1, Some(0.5)));
    assert_eq!(owners[0], (None, (3, 1, 2, 0, Some(1.0))), "most first, and those of nobody before others");
}

pub(super) async fn deleted_records_leave_every_figure_and_restored_ones_are_back(bench: &Workbench) {
    let scope = filled(bench).await;
    let crm = &bench.crm;
    let without = all(bench, &scope).await;
    bench.clock.set(at("2026-02-03T10:00:00Z"));
    let customer = crm.customers(&scope).create(Customer::company("Wind")).await.unwrap().id;
    let lead = Lead::company("Wind").value(money(7, "USD")).source("fair");
    let open = crm.leads(&scope).create(lead.clone().expected_close(day("2026-05-01"))).await.unwrap().id;
    let won = crm.leads(&scope).create(lead).await.unwrap().id;
    bench.clock.set(at("2026-02-04T10:00:00Z"));
    crm.leads(&scope).advance(won, "closed_won").await.unwrap();
    let call = Interaction::default().kind("note").lead_id(open);
    let call = crm.interactions(&scope).create(call).await.unwrap().id;
    let due = Task::new("Call").due_at(at("2026-02-01T10:00:00Z"));
    let due = crm.tasks(&scope).create(due).await.unwrap().id;
    let done = crm.tasks(&scope).create(Task::new("Write").status("done")).await.unwrap().id;
    let project = crm.projects(&scope).create(Project::new("Roof").status("completed")).await.unwrap().id;
    let with = all(bench, &scope).await;
    assert_ne!(with, without);
    for round in 0..2 {
        bench.clock.advance(TimeDelta::days(20));
        crm.customers(&scope).delete(customer, None).await.unwrap();
        crm.leads(&scope).delete(open, None).await.unwrap();
        crm.leads(&scope).delete(won, None).await.unwrap();
        crm.interactions(&scope).delete(call, None).await.unwrap();
        crm.tasks(&scope).delete(due, None).await.unwrap();
        crm.tasks(&scope).delete(done, None).await.unwrap();
        crm.projects(&scope).delete(project, None).await.unwrap();
        assert_eq!(all(bench, &scope).await, without, "deleted, round {round}");
        bench.clock.advance(TimeDelta::days(20));
        crm.customers(&scope).restore(customer).await.unwrap();
        crm.leads(&scope).restore(open).await.unwrap();
        crm.leads(&scope).restore(won).await.unwrap();
        crm.interactions(&scope).restore(call).await.unwrap();
        crm.tasks(&scope).restore(due).await.unwrap();
        crm.tasks(&scope).restore(done).await.unwrap();
        crm.projects(&scope).restore(project).await.unwrap();
        assert_eq!(all(bench, &scope).await, with, "restored, round {round}");
    }
    crm.leads(&scope).delete(won, None).await.unwrap();
    let before = all(bench, &scope).await;
    crm.leads(&scope).erase(won).await.unwrap();
    assert_eq!(all(bench, &scope).await, before, "what is erased was in no figure any more");
    verifies(bench, &scope).await;
}

pub(super) async fn figures_follow_the_stages_as_they_are_defined(bench: &Workbench) {
    let scope = filled(bench).await;
    let begun = all(bench, &scope).await;
    let overview = || async { bench.crm.analytics(&scope).overview().await.unwrap().leads };
    define(bench, &scope, |all| {
        stage(all, "closed_won").kind = StageKind::Lost;
        stage(all, "closed_lost").kind = StageKind::Won;
    })
    .await
    .unwrap();
    let turned = overview().await;
    assert_eq!((turned.won, turned.lost, &turned.won_value[..]), (1, 1, &[money(9, "EUR")][..]));
    assert_eq!(daily(bench, &scope, Metric::LeadsWon).await, counts(&[("2026-01-12", 1)]));
    let figures = bench.crm.analytics(&scope);
    let value =
        figures.series(Metric::ValueWon, days("2026-01-12", "2026-01-12"), Bucket::Day).await.unwrap();
    assert_eq!(value.data[0].value, [money(9, "EUR")]);
    let velocity = figures.velocity(always()).await.unwrap();
    assert_eq!((velocity.won.mean_days, velocity.lost.mean_days), (Some(0.0), Some(2.0)));
    let leaders = figures.leaderboard(always()).await.unwrap();
    assert_eq!((leaders.len(), leaders[0].owner_id, leaders[0].won), (1, None, 1));
    let cohorts = figures.cohorts().await.unwrap();
    assert_eq!(cohorts, [Cohort { month: "2026-01".into(), created: 3, won: 1, lost: 1, open: 1 }]);
    verifies(bench, &scope).await;
    define(bench, &scope, |all| {
        stage(all, "closed_won").kind = StageKind::Won;
        stage(all, "closed_lost").kind = StageKind::Lost;
    })
    .await
    .unwrap();
    assert_eq!(all(bench, &scope).await, begun, "and back again");
    define(bench, &scope, |all| {
        stage(all, "new").probability = Probability::parts(9_000).expect("below certainty");
        stage(all, "new").qualified = true;
        stage(all, "new").name = "Fresh".into();
        all.swap(0, 2);
    })
    .await
    .unwrap();
    let changed = overview().await;
    assert_eq!((changed.qualified, &changed.weighted_value[..]), (2, &[money(63, "EUR")][..]));
    let third = &changed.by_stage[2];
    assert_eq!((third.stage.as_str(), third.name.as_str(), third.count), ("new", "Fresh", 1));
    assert_eq!(bench.crm.analytics(&scope).forecast().await.unwrap()[0].weighted, [money(63, "EUR")]);
    let keys: Vec<String> = bench
        .crm
        .analytics(&scope)
        .funnel(always())
        .await
        .unwrap()
        .into_iter()
        .map(|own| own.stage)
        .collect();
    assert_eq!(keys[..3], ["qualified", "contacted", "new"], "in the order of the pipeline");
    let before = bench.everything(&scope, &[]).await;
    for used in ["new", "closed_won"] {
        fault(
            define(bench, &scope, |all| all.retain(|own| own.key != used)).await,
            "/stages",
            match used {
                "new" => "stage_in_use",
                _ => "missing_kind",
            },
        );
    }
    let paid = |all: &mut Vec<Stage>| {
        all.push(Stage { key: "paid".into(), ..all[4].clone() });
        all.retain(|own| own.key != "closed_won");
    };
    fault(define(bench, &scope, paid).await, "/stages", "stage_in_use");
    assert_eq!(bench.everything(&scope, &[]).await, before);
    verifies(bench, &scope).await;
}

pub(super) async fn going_on_is_by_the_order_of_the_stages_of_then(bench: &Workbench) {
    let scope = bench.found().await;
    through(bench, &scope, &["contacted", "qualified"]).await;
    define(bench, &scope, |all| all.swap(1, 2)).await.unwrap();
    through(bench, &scope, &["contacted", "qualified"]).await;
    let expected = stages(&[("qualified", 2, 0), ("contacted", 2, 1)]);
    assert_eq!(funnel(bench, &scope, always()).await, expected, "what was a going on stays one");
}

pub(super) async fn what_is_brought_in_counts_where_it_was(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lead = |stage: &str, value| Lead::company("Solar").stage(stage).value(money(value, "EUR"));
    let all = vec![
        (lead("closed_won", 10), past("2025-03-01T10:00:00Z", Some("2025-03-11T10:00:00Z"))),
        (lead("closed_lost", 20), past("2025-03-02T10:00:00Z", Some("2025-04-01T10:00:00Z"))),
        (lead("qualified", 40), past("2025-03-31T10:00:00Z", None)),
        (lead("closed_won", 80), past("2026-02-27T12:00:00Z", None)),
        (lead("new", 160), Past::default()),
    ];
    let made = leads.import_many(all).await.unwrap();
    assert_eq!(leads.get(made[0].id).await.unwrap(), made[0]);
    assert_eq!(
        (made[0].created_at, made[0].managed.closed_at, made[0].managed.stage_entered_at),
        (at("2025-03-01T10:00:00Z"), Some(at("2025-03-11T10:00:00Z")), Some(at("2025-03-11T10:00:00Z")))
    );
    assert_eq!(made[2].managed.stage_entered_at, Some(at("2025-03-31T10:00:00Z")));
    assert_eq!(made[3].managed.closed_at, Some(bench.now()), "closed now, unless it says otherwise");
    let event = bench.events(&scope).await.into_iter().next_back().expect("an event");
    assert_eq!(event.at, bench.now(), "in the log it is made now");
    let created = counts(&[
        ("2025-03-01", 1),
        ("2025-03-02", 1),
        ("2025-03-31", 1),
        ("2026-02-27", 1),
        ("2026-03-01", 1),
    ]);
    assert_eq!(daily(bench, &scope, Metric::LeadsCreated).await, created);
    let won = counts(&[("2025-03-11", 1), ("2026-03-01", 1)]);
    assert_eq!(daily(bench, &scope, Metric::LeadsWon).await, won);
    assert_eq!(daily(bench, &scope, Metric::LeadsLost).await, counts(&[("2025-04-01", 1)]));
    let figures = bench.crm.analytics(&scope);
    let spring = figures.velocity(days("2025-03-01", "2025-04-30")).await.unwrap();
    let told = (spring.won.mean_days, spring.lost.mean_days, spring.closed.mean_days);
    assert_eq!(told, (Some(10.0), Some(30.0), Some(20.0)));
    assert_eq!(figures.velocity(days("2026-03-01", "2026-03-01")).await.unwrap().won.mean_days, Some(2.0));
    let cohort =
        |month: &str, created, won, lost, open| Cohort { month: month.into(), created, won, lost, open };
    let expected =
        [cohort("2025-03", 3, 1, 1, 1), cohort("2026-02", 1, 1, 0, 0), cohort("2026-03", 1, 0, 0, 1)];
    assert_eq!(figures.cohorts().await.unwrap(), expected);
    let entered = stages(&[("qualified", 1, 0), ("closed_won", 1, 0)]);
    assert_eq!(funnel(bench, &scope, days("2025-03-01", "2025-03-31")).await, entered);
    let visits = leads.stage_history(made[2].id).await.unwrap();
    assert_eq!((visits[0].entered_at, visits.len()), (at("2025-03-31T10:00:00Z"), 1));
    leads.advance(made[2].id, "closed_won").await.unwrap();
    let told = figures.velocity(days("2026-03-01", "2026-03-01")).await.unwrap();
    let days = (bench.now() - at("2025-03-31T10:00:00Z")).num_seconds() as f64 / 86_400.0;
    assert_eq!(told.stages[2].durations.mean_days, Some(days), "it was there since then");
    let customer = (Customer::company("Old"), past("2024-05-05T10:00:00Z", None));
    bench.crm.customers(&scope).import_many(vec![customer]).await.unwrap();
    assert_eq!(daily(bench, &scope, Metric::CustomersCreated).await, counts(&[("2024-05-05", 1)]));
    verifies(bench, &scope).await;
}

pub(super) async fn only_who_may_import_brings_a_past(bench: &Workbench) {
    let scope = bench.found().await;
    let before = bench.everything(&scope, &[]).await;
    let lead = || vec![(Lead::company("Solar"), past("2025-03-01T10:00:00Z", None))];
    for role in [Role::Viewer, Role::Member] {
        let acting = bench.as_role(&scope, role);
        let refused = bench.crm.leads(&acting).import_many(lead()).await;
        refused!(refused, Error::Forbidden { action: "import", object: "leads" });
        refused!(bench.crm.leads(&acting).import_many(Vec::new()).await, Error::Forbidden { .. });
    }
    assert_eq!(bench.everything(&scope, &[]).await, before);
    for role in [Role::Admin, Role::Owner] {
        bench.crm.leads(&bench.as_role(&scope, role)).import_many(lead()).await.unwrap();
    }
}

pub(super) async fn a_past_must_be_over_and_in_order(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let before = bench.everything(&scope, &[]).await;
    let won = || Lead::company("Solar").stage("closed_won");
    let single = |lead, past| leads.import_many(vec![(lead, past)]);
    let later = "2026-03-01T12:00:00.000001Z";
    fault(single(won(), past(later, None)).await, "/0/created_at", "in_the_future");
    let early = "2026-01-01T10:00:00Z";
    fault(single(won(), past(early, Some(later))).await, "/0/closed_at", "in_the_future");
    let reversed = past(early, Some("2026-01-01T09:59:59Z"));
    fault(single(won(), reversed).await, "/0/closed_at", "before_creation");
    let open = Lead::company("Solar").stage("proposal");
    fault(single(open, past(early, Some(early))).await, "/0/closed_at", "not_closed");
    let several =
        vec![(won(), past(early, Some(early))), (Lead::default(), past(later, None)), (won(), reversed)];
    let told = faults(leads.import_many(several).await);
    let expected =
        [("/1/company", "required"), ("/1/created_at", "in_the_future"), ("/2/closed_at", "before_creation")];
    assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    let customer = (Customer::company("Solar"), past(later, None));
    let told = bench.crm.customers(&scope).import_many(vec![customer]).await;
    fault(told, "/0/created_at", "in_the_future");
    assert_eq!(
        faults(leads.check_import(won(), reversed).await),
        [("/closed_at".to_owned(), "before_creation")]
    );
    assert_eq!(bench.everything(&scope, &[]).await, before);
    single(won(), past("2026-03-01T12:00:00Z", Some("2026-03-01T12:00:00Z"))).await.unwrap();
}

pub(super) async fn a_lead_is_not_closed_before_it_was_made(bench: &Workbench) {
    let scope = bench.found().await;
    // Made now, as nothing else is said, and so not closed yesterday.
    let past = Past { created_at: None, closed_at: Some(bench.now() - TimeDelta::days(1)) };
    let lead = (Lead::company("Solar").stage("closed_won"), past);
    fault(bench.crm.leads(&scope).import_many(vec![lead]).await, "/0/closed_at", "before_creation");
}

pub(super) async fn a_past_is_kept_to_the_microsecond(bench: &Workbench) {
    let scope = bench.found().await;
    let exact = past("2026-01-01T10:00:00.123456789Z", Some("2026-01-02T10:00:00.123456789Z"));
    let lead = (Lead::company("Solar").stage("closed_won"), exact);
    let made = bench.crm.leads(&scope).import_many(vec![lead]).await.unwrap().remove(0);
    assert_eq!(made.created_at, at("2026-01-01T10:00:00.123456Z"));
    assert_eq!(made.managed.closed_at, Some(at("2026-01-02T10:00:00.123456Z")));
    assert_eq!(bench.crm.leads(&scope).get(made.id).await.unwrap(), made);
    let ancient =
        Past { created_at: Some(at("0001-01-01T00:00:00Z") - TimeDelta::seconds(1)), closed_at: None };
    let told = faults(bench.crm.leads(&scope).import_many(vec![(Lead::company("Rome"), ancient)]).await);
    assert_eq!(told[0].0, "/0/created_at", "no store keeps a time before the year 1");
}

pub(super) async fn a_lead_that_comes_back_is_closed_as_its_stage_is(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let open = leads.create(Lead::company("Solar").stage("contacted")).await.unwrap().id;
    leads.delete(open, None).await.unwrap();
    // Nothing that is there is in the stage, so that it may close from now on.
    define(bench, &scope, |all| stage(all, "contacted").kind = StageKind::Lost).await.unwrap();
    bench.tick();
    let back = leads.restore(open).await.unwrap();
    assert_eq!(back.managed.closed_at, Some(bench.now()));
    assert_eq!(daily(bench, &scope, Metric::LeadsLost).await, counts(&[("2026-03-01", 1)]));
    leads.delete(open, None).await.unwrap();
    define(bench, &scope, |all| stage(all, "contacted").kind = StageKind::Open).await.unwrap();
    assert_eq!(leads.restore(open).await.unwrap().managed.closed_at, None);
    verifies(bench, &scope).await;
}

pub(super) async fn what_another_process_defines_is_known_at_once(bench: &Workbench) {
    let scope = bench.found().await;
    let other = bench.crm_on(&bench.store);
    let leads = bench.crm.leads(&scope);
    leads.create(Lead::company("Before")).await.unwrap();
    let id = Pipeline::of(scope.tenant());
    let extra = |own: &mut Pipeline| {
        own.stages.0.insert(1, Stage { key: "extra".into(), ..own.stages.0[1].clone() });
    };
    other.pipelines(&scope).update(id, extra).await.unwrap();
    leads.check(Lead::company("Solar").stage("extra")).await.unwrap();
    let lead = leads.create(Lead::company("Solar").stage("extra")).await.unwrap().id;
    other.pipelines(&scope).update(id, |own| own.stages.0.rotate_left(1)).await.unwrap();
    assert_eq!(leads.create(Lead::company("First")).await.unwrap().stage, "extra");
    let settings = Settings::of(scope.tenant());
    other.settings(&scope).update(settings, |own| own.time_zone = "Pacific/Auckland".into()).await.unwrap();
    leads.advance(lead, "closed_won").await.unwrap();
    assert_eq!(daily(bench, &scope, Metric::LeadsWon).await, counts(&[("2026-03-02", 1)]));
    verifies(bench, &scope).await;
}

pub(super) async fn a_task_that_is_done_says_when(bench: &Workbench) {
    let scope = bench.found().await;
    let tasks = bench.crm.tasks(&scope);
    let task = tasks.create(Task::new("Call")).await.unwrap();
    let standing = (task.status.as_str(), task.priority.as_str(), task.managed.completed_at);
    assert_eq!(standing, ("open", "normal", None));
    bench.clock.advance(TimeDelta::days(1));
    let done_at = bench.now();
    let done = tasks.update(task.id, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(done.managed.completed_at, Some(done_at));
    bench.clock.advance(TimeDelta::days(1));
    let renamed = tasks.update(task.id, |own| own.title = "Called".into()).await.unwrap();
    assert_eq!(renamed.managed.completed_at, Some(done_at), "another field does not do it again");
    assert_eq!(daily(bench, &scope, Metric::TasksCompleted).await, counts(&[("2026-03-02", 1)]));
    let again = tasks.update(task.id, |own| own.status = "open".into()).await.unwrap();
    assert_eq!(again.managed.completed_at, None);
    assert_eq!(daily(bench, &scope, Metric::TasksCompleted).await, []);
    let done = tasks.update(task.id, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(done.managed.completed_at, Some(bench.now()));
    assert_eq!(tasks.get(task.id).await.unwrap(), done);
    let born_done = tasks.create(Task::new("Write").status("done")).await.unwrap();
    assert_eq!(born_done.managed.completed_at, Some(bench.now()));
    fault(tasks.create(Task::new("Call").status("dropped")).await, "/status", "unknown_choice");
    fault(tasks.create(Task::new(" ")).await, "/title", "required");
    verifies(bench, &scope).await;
}

pub(super) async fn a_task_belongs_to_one_record_at_most(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let lead = crm.leads(&scope).create(Lead::company("Wind")).await.unwrap().id;
    let project = crm.projects(&scope).create(Project::new("Roof").customer_id(customer)).await.unwrap().id;
    let tasks = crm.tasks(&scope);
    let call = || Task::new("Call");
    for fits in [call(), call().customer_id(customer), call().lead_id(lead), call().project_id(project)] {
        tasks.create(fits).await.unwrap();
    }
    fault(tasks.create(call().customer_id(customer).lead_id(lead)).await, "/lead_id", "conflicting");
    fault(tasks.create(call().lead_id(lead).project_id(project)).await, "/project_id", "conflicting");
    let all = call().customer_id(customer).lead_id(lead).project_id(project);
    let expected = ["/lead_id", "/project_id"].map(|pointer| (pointer.to_owned(), "conflicting"));
    assert_eq!(faults(tasks.create(all).await), expected);
    let unknown = call().project_id(Id::from_uuid(bench.new_id()));
    fault(tasks.create(unknown).await, "/project_id", "unknown_reference");
}

pub(super) async fn a_task_is_given_to_active_users_alone(bench: &Workbench) {
    let scope = bench.found().await;
    let (users, tasks) = (bench.crm.users(&scope), bench.crm.tasks(&scope));
    let ada = users.create(User::new("ada@example.com", Role::Member)).await.unwrap().id;
    let task = tasks.create(Task::new("Call").assignee_id(ada)).await.unwrap().id;
    let other = tasks.create(Task::new("Write")).await.unwrap().id;
    users.update(ada, |own| own.is_active = false).await.unwrap();
    let give = || tasks.update(other, |own| own.assignee_id = Some(ada));
    fault(give().await, "/assignee_id", "inactive_user");
    fault(tasks.create(Task::new("Call").assignee_id(ada)).await, "/assignee_id", "inactive_user");
    let kept = tasks.update(task, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(kept.assignee_id, Some(ada), "a task that was theirs can go on");
    users.update(ada, |own| own.is_active = true).await.unwrap();
    give().await.unwrap();
    users.delete(ada, None).await.unwrap();
    let gone = tasks.create(Task::new("Call").assignee_id(ada)).await;
    fault(gone, "/assignee_id", "unknown_reference");
}

pub(super) async fn a_task_is_due_and_overdue_by_the_days_of_the_tenant(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    bench.clock.set(at("2026-02-10T11:30:00Z"));
    let ada = crm.users(&scope).create(User::new("ada@example.com", Role::Member)).await.unwrap().id;
    for (title, due, status) in [
        ("yesterday", Some("2026-02-09T23:59:59.999999Z"), "open"),
        ("first", Some("2026-02-10T00:00:00Z"), "open"),
        ("noon", Some("2026-02-10T11:00:00Z"), "open"),
        ("last", Some("2026-02-10T23:59:59.999999Z"), "open"),
        ("tomorrow", Some("2026-02-11T00:00:00Z"), "open"),
        ("done", Some("2026-02-09T10:00:00Z"), "done"),
        ("whenever", None, "open"),
    ] {
        let assignee = ["noon", "whenever", "done"].contains(&title).then_some(ada);
        let task = Task { due_at: due.map(at), assignee_id: assignee, ..Task::new(title).status(status) };
        crm.tasks(&scope).create(task).await.unwrap();
    }
    let person = crm.scope(scope.tenant(), Actor::user(ada, Role::Member));
    let titles = |agenda| {
        let tasks = crm.tasks(&person);
        async move {
            let found = tasks.agenda(agenda).await.unwrap();
            found.into_iter().map(|own| own.data.title).collect::<Vec<_>>()
        }
    };
    let overdue = || async { crm.analytics(&scope).overview().await.unwrap().projects.overdue_tasks };
    assert_eq!(titles(Agenda::Mine).await, ["whenever", "noon"], "what is open and theirs");
    assert_eq!(titles(Agenda::DueToday).await, ["first", "noon", "last"]);
    assert_eq!((titles(Agenda::Overdue).await, overdue().await), (vec!["yesterday".to_owned()], 1));
    // There it is half past midnight of the next day, which began when the task named noon was due.
    move_to(bench, &scope, "Pacific/Auckland").await.unwrap();
    assert_eq!(titles(Agenda::DueToday).await, ["noon", "last", "tomorrow"]);
    assert_eq!((titles(Agenda::Overdue).await.len(), overdue().await), (2, 2));
    move_to(bench, &scope, "UTC").await.unwrap();
    bench.clock.set(at("2026-02-11T00:00:00Z"));
    assert_eq!(titles(Agenda::Overdue).await, ["yesterday", "first", "noon", "last"], "midnight has come");
    assert_eq!((titles(Agenda::DueToday).await, overdue().await), (vec!["tomorrow".to_owned()], 4));
    let narrowed = crm.tasks(&person).on(Agenda::Overdue, Query::new().search("noon")).await.unwrap();
    assert_eq!(crm.tasks(&person).count(&narrowed).await.unwrap(), 1);
    fault(crm.tasks(&scope).agenda(Agenda::Mine).await, "", "no_user");
}

pub(super) async fn a_project_is_not_due_before_it_begins(bench: &Workbench) {
    let scope = bench.found().await;
    let projects = bench.crm.projects(&scope);
    let roof = |starts: Option<&str>, due: Option<&str>| Project {
        starts_on: starts.map(day),
        due_on: due.map(day),
        ..Project::new("Roof")
    };
    let early = roof(Some("2026-02-02"), Some("2026-02-01"));
    fault(projects.create(early).await, "/due_on", "before_start");
    for fits in [
        roof(Some("2026-02-02"), Some("2026-02-02")),
        roof(Some("2026-02-02"), None),
        roof(None, Some("2026-02-01")),
    ] {
        projects.create(fits).await.unwrap();
    }
    let one = projects.create(roof(Some("2026-02-02"), Some("2026-02-03"))).await.unwrap().id;
    let moved = projects.update(one, |own| own.starts_on = Some(day("2026-02-04"))).await;
    fault(moved, "/due_on", "before_start");
    fault(projects.create(Project::new("Roof").status("lost")).await, "/status", "unknown_choice");
    fault(projects.create(Project::default()).await, "/name", "required");
}

pub(super) async fn projects_and_tasks_are_counted_as_they_stand(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let figures = || async { crm.analytics(&scope).overview().await.unwrap().projects };
    assert_eq!(figures().await, ProjectFigures::default());
    let mut made = Vec::new();
    for status in ["planned", "active", "active", "on_hold", "completed", "cancelled"] {
        made.push(crm.projects(&scope).create(Project::new("Roof").status(status)).await.unwrap().id);
    }
    let yesterday = bench.now() - TimeDelta::days(1);
    let task = crm.tasks(&scope).create(Task::new("Call").due_at(yesterday)).await.unwrap().id;
    crm.tasks(&scope).create(Task::new("Write").project_id(made[0])).await.unwrap();
    let told = |total, active, completed, overdue_tasks, open_tasks| ProjectFigures {
        total,
        active,
        completed,
        overdue_tasks,
        open_tasks,
    };
    assert_eq!(figures().await, told(6, 2, 1, 1, 2));
    crm.projects(&scope).update(made[1], |own| own.status = "completed".into()).await.unwrap();
    crm.projects(&scope).delete(made[0], None).await.unwrap();
    crm.tasks(&scope).update(task, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(figures().await, told(5, 1, 2, 0, 1));
    verifies(bench, &scope).await;
}

/// A host's own board of projects, which knows one tenant.
struct Board(crate::TenantId);

#[async_trait]
impl ProjectMetrics for Board {
    async fn figures(&self, scope: &TenantScope) -> Result<ProjectFigures> {
        if scope.tenant() != self.0 {
            return Err(Error::Unsupported("projects of others"));
        }
        Ok(ProjectFigures { total: 7, active: 4, completed: 3, overdue_tasks: 2, open_tasks: 5 })
    }
}

pub(super) async fn a_host_tells_its_own_figures_about_projects(bench: &Workbench) {
    let scope = filled(bench).await;
    let other = bench.found().await;
    let crm = bench.crm_on(&bench.store).with_project_metrics(Board(scope.tenant()));
    let (own, told) = (
        bench.crm.analytics(&scope).overview().await.unwrap(),
        crm.analytics(&scope).overview().await.unwrap(),
    );
    let board = ProjectFigures { total: 7, active: 4, completed: 3, overdue_tasks: 2, open_tasks: 5 };
    assert_eq!(told.projects, board);
    assert_ne!(own.projects, board);
    assert_eq!((told.customers, told.leads), (own.customers, own.leads), "and nothing else");
    let refused = crm.analytics(&other).overview().await;
    refused!(refused, Error::Unsupported("projects of others"));
}

pub(super) async fn figures_are_of_the_tenant_alone(bench: &Workbench) {
    let ours = bench.found().await;
    let empty = all(bench, &ours).await;
    let theirs = filled(bench).await;
    assert_eq!(all(bench, &ours).await, empty);
    let before = all(bench, &theirs).await;
    move_to(bench, &ours, "Pacific/Auckland").await.unwrap();
    define(bench, &ours, |all| stage(all, "closed_won").name = "Business".into()).await.unwrap();
    bench.crm.leads(&ours).create(Lead::company("Solar").stage("closed_won")).await.unwrap();
    assert_eq!(all(bench, &theirs).await, before);
    let viewer = bench.as_role(&theirs, Role::Viewer);
    assert_eq!(all(bench, &viewer).await, before, "whoever may read sees them all");
    let nowhere = bench.nowhere();
    let figures = bench.crm.analytics(&nowhere);
    refused!(figures.overview().await, Error::NotFound { what: "tenant" });
    refused!(figures.funnel(always()).await, Error::NotFound { what: "tenant" });
    refused!(figures.velocity(always()).await, Error::NotFound { what: "tenant" });
    refused!(figures.cohorts().await, Error::NotFound { what: "tenant" });
    refused!(figures.forecast().await, Error::NotFound { what: "tenant" });
    refused!(figures.leaderboard(always()).await, Error::NotFound { what: "tenant" });
    let series = figures.series(Metric::LeadsWon, always(), Bucket::Week).await;
    refused!(series, Error::NotFound { what: "tenant" });
    let overdue = bench.crm.tasks(&nowhere).agenda(Agenda::Overdue).await;
    refused!(overdue, Error::NotFound { what: "tenant" });
}
