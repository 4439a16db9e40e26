//! What no figure forgets: deleted records, stages that change, other tenants.

use chrono::TimeDelta;

use crate::{
    Agenda, Bucket, Cohort, Customer, Error, Interaction, Lead, Metric, Probability, Project, Role, Stage,
    StageKind, Task,
};

use super::reckoning::{
    all, always, at, counts, daily, day, days, define, fault, filled, funnel, money, move_to, stage, stages,
    through, verifies,
};
use super::workbench::{Workbench, refused};

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
