//! What the promises about figures work with.

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use crate::{
    Bucket, Customer, Error, FunnelStage, Id, Interaction, Lead, Metric, Money, Past, Period, Pipeline,
    Project, Record, Result, Role, Settings, Stage, Task, TenantScope, User,
};

use super::workbench::Workbench;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

pub(super) fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, currency).expect("a currency")
}

pub(super) fn days(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).expect("a period")
}

/// All days that these tests are about.
pub(super) fn always() -> Period {
    days("2024-01-01", "2026-12-31")
}

/// The pointer and the code of each fault.
pub(super) fn faults<T: Debug>(result: Result<T>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Invalid { violations }) => {
            violations.into_iter().map(|own| (own.pointer, own.code)).collect()
        }
        other => panic!("must be invalid, got {other:?}"),
    }
}

pub(super) fn fault<T: Debug>(result: Result<T>, pointer: &str, code: &'static str) {
    assert_eq!(faults(result), [(pointer.to_owned(), code)]);
}

pub(super) async fn move_to(bench: &Workbench, scope: &TenantScope, zone: &str) -> Result<Record<Settings>> {
    let settings = bench.crm.settings(scope);
    settings.update(Settings::of(scope.tenant()), |own| zone.clone_into(&mut own.time_zone)).await
}

pub(super) async fn define(
    bench: &Workbench,
    scope: &TenantScope,
    mut define: impl FnMut(&mut Vec<Stage>) + Send,
) -> Result<Record<Pipeline>> {
    let id = Pipeline::of(scope.tenant());
    bench.crm.pipelines(scope).update(id, move |own| define(&mut own.stages.0)).await
}

pub(super) fn stage<'s>(stages: &'s mut [Stage], key: &str) -> &'s mut Stage {
    stages.iter_mut().find(|own| own.key == key).expect("the stage")
}

/// The points of a series that are not 0, by their first day.
pub(super) async fn series(
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
pub(super) async fn daily(bench: &Workbench, scope: &TenantScope, metric: Metric) -> Vec<(String, i64)> {
    series(bench, scope, metric, always(), Bucket::Day).await
}

pub(super) fn counts(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(start, count)| ((*start).to_owned(), *count)).collect()
}

/// Every figure there is, to compare by.
pub(super) async fn all(bench: &Workbench, scope: &TenantScope) -> Json {
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

pub(super) async fn verifies(bench: &Workbench, scope: &TenantScope) {
    let report = bench.crm.verify(&bench.crm.maintenance(), scope.tenant()).await.unwrap();
    assert_eq!(report.differences, [""; 0]);
    assert!(!report.unsettled);
}

pub(super) async fn funnel(
    bench: &Workbench,
    scope: &TenantScope,
    period: Period,
) -> Vec<(String, i64, i64)> {
    let funnel = bench.crm.analytics(scope).funnel(period).await.unwrap();
    for FunnelStage { entered, advanced, conversion, .. } in &funnel {
        let share = (*entered > 0).then(|| *advanced as f64 / *entered as f64);
        assert_eq!(*conversion, share, "{advanced} of {entered}");
    }
    let entered = funnel.into_iter().filter(|own| own.entered > 0);
    entered.map(|own| (own.stage, own.entered, own.advanced)).collect()
}

pub(super) fn stages(of: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    of.iter().map(|(stage, entered, advanced)| ((*stage).to_owned(), *entered, *advanced)).collect()
}

pub(super) fn past(created: &str, closed: Option<&str>) -> Past {
    Past { created_at: Some(at(created)), closed_at: closed.map(at) }
}

/// A lead that goes through these stages, an hour in each.
pub(super) async fn through(bench: &Workbench, scope: &TenantScope, way: &[&str]) -> Id<Lead> {
    let leads = bench.crm.leads(scope);
    let lead = leads.create(Lead::company("Solar").stage(way[0])).await.unwrap().id;
    for stage in &way[1..] {
        bench.clock.advance(TimeDelta::hours(1));
        leads.advance(lead, stage).await.unwrap();
    }
    lead
}

/// A tenant with a little of everything.
pub(super) async fn filled(bench: &Workbench) -> TenantScope {
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
