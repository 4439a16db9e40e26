//! What becomes of leads: funnel, velocity, cohorts, forecast, leaderboard, sources and owners.

use chrono::TimeDelta;

use crate::{Cohort, Durations, Lead, Metric, Money, Past, Period, Role, User};

use super::reckoning::{always, at, daily, day, days, funnel, money, move_to, stages, through, verifies};
use super::workbench::Workbench;

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
