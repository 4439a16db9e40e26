//! Leads that come with a past, and what another process has changed meanwhile.

use chrono::TimeDelta;

use crate::{Cohort, Customer, Error, Lead, Metric, Past, Pipeline, Role, Settings, Stage, StageKind};

use super::reckoning::{
    at, counts, daily, days, define, fault, faults, funnel, money, past, stage, stages, verifies,
};
use super::workbench::{Workbench, refused};

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
