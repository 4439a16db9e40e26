//! Figures by day: series, and whose days they are.

use crate::{
    Actor, Bucket, Cohort, Conflict, Customer, Error, Id, Interaction, Lead, Metric, Period, Settings, Task,
};

use super::reckoning::{all, at, counts, daily, day, days, fault, funnel, money, move_to, stages, verifies};
use super::workbench::{Workbench, refused};

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
