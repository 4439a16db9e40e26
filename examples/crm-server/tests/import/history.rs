//! What another system knew of when things happened comes along, and the figures honour it.

use chrono::{DateTime, Utc};
use crm_core::{Bucket, Lead, Metric, Period, Role, Settings, User};

use crate::bench::{Bench, options};

/// As an export of sales opportunities has them: engaged and closed on days, with the agent's name.
const OPPORTUNITIES: &str = "\
opportunity_id,sales_agent,account,deal_stage,engage_date,close_date,close_value
1,Mara Field,Cancity,Won,2016-10-20,2017-03-01,1054
2,Dana Schmidt,Isdom,Won,2016-10-25,2017-03-11,4514
3,Dana Schmidt,Cancity,Lost,2016-11-01,2017-03-05,0
4,Mara Field,Codehow,Engaging,2016-11-03,,
5,Nobody Known,Codehow,Won,2016-11-03,2016-12-01,10
6,Mara Field,Hatfan,Won,2017-03-02,2017-03-01,10
7,Mara Field,Ron-tech,Engaging,2016-11-03,2017-01-01,
";

const MAPPED: &[&str] = &[
    "map opportunity_id=external_id",
    "map sales_agent=owner_id",
    "map engage_date=created_at",
    "map close_date=closed_at",
    "map close_value=value",
    "stage Engaging=contacted",
    "currency USD",
];

async fn bench() -> Bench {
    let bench = Bench::new().await;
    for name in ["Mara Field", "Dana Schmidt"] {
        let email = format!("{}@acme.test", name.split(' ').next().unwrap().to_lowercase());
        bench.crm.users(&bench.scope).create(User::new(email, Role::Member).name(name)).await.unwrap();
    }
    bench
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn leads_count_on_the_days_on_which_they_were_made_and_closed() {
    let bench = bench().await;
    let done = bench.leads(OPPORTUNITIES, &options(MAPPED)).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (4, 3), "{:?}", done.lines);
    for reason in [
        "line 6: refused: sales_agent must be the e-mail address, the name or the id of a user of this tenant, \
         not `Nobody Known`",
        "line 7: refused: close_date must not be before `created_at`",
        "line 8: refused: close_date must be empty while `contacted` is open",
    ] {
        assert!(done.has(reason), "{reason}: {:?}", done.lines);
    }
    let leads = bench.all::<Lead>().await;
    let lead = leads.iter().find(|lead| lead.external_id.as_deref() == Some("2")).unwrap();
    assert_eq!(lead.created_at, time("2016-10-25T00:00:00Z"));
    assert_eq!(lead.managed.closed_at, Some(time("2017-03-11T00:00:00Z")));
    assert_eq!(lead.managed.stage_entered_at, lead.managed.closed_at);

    let period = Period::new("2016-10-01".parse().unwrap(), "2017-03-31".parse().unwrap()).unwrap();
    let figures = bench.crm.analytics(&bench.scope);
    let counts = async |metric| -> Vec<i64> {
        let series = figures.series(metric, period, Bucket::Month).await.unwrap();
        series.data.iter().map(|point| point.count).collect()
    };
    assert_eq!(counts(Metric::LeadsCreated).await, [2, 2, 0, 0, 0, 0]);
    assert_eq!(counts(Metric::LeadsWon).await, [0, 0, 0, 0, 0, 2]);
    assert_eq!(counts(Metric::LeadsLost).await, [0, 0, 0, 0, 0, 1]);
    let won = figures.series(Metric::ValueWon, period, Bucket::Month).await.unwrap();
    assert_eq!(won.data[5].value[0].amount(), 556_800);
    let velocity = figures.velocity(period).await.unwrap();
    assert_eq!((velocity.won.median_days, velocity.won.mean_days), (Some(134.5), Some(134.5)));
    assert_eq!(velocity.lost.median_days, Some(124.0));
    assert_eq!((velocity.closed.count, velocity.closed.median_days), (3, Some(132.0)));
    let cohorts = figures.cohorts().await.unwrap();
    let cohorts: Vec<_> = cohorts.iter().map(|own| (own.month.as_str(), own.created, own.won)).collect();
    assert_eq!(cohorts, [("2016-10", 2, 2), ("2016-11", 2, 0)]);
    let leaders = figures.leaderboard(period).await.unwrap();
    let leaders: Vec<_> = leaders.iter().map(|own| (own.name.as_deref(), own.value[0].amount())).collect();
    assert_eq!(leaders, [(Some("Dana Schmidt"), 451_400), (Some("Mara Field"), 105_400)]);
    let verified = bench.crm.verify(&bench.crm.maintenance(), bench.scope.tenant()).await.unwrap();
    assert_eq!(verified.differences, [] as [String; 0]);
}

#[tokio::test]
async fn a_second_import_changes_nothing_and_a_dry_run_says_the_same() {
    let bench = bench().await;
    let dry = bench.leads(OPPORTUNITIES, &options(&[MAPPED, &["dry_run"]].concat())).await.unwrap();
    bench.leads(OPPORTUNITIES, &options(MAPPED)).await.unwrap();
    assert_eq!((dry.report.created, dry.report.refused), (4, 3), "{:?}", dry.lines);
    let head = bench.head().await;
    let again = bench.leads(OPPORTUNITIES, &options(MAPPED)).await.unwrap();
    assert_eq!((again.report.created, again.report.already_there), (0, 4), "{:?}", again.lines);
    assert_eq!(bench.head().await, head);
}

#[tokio::test]
async fn a_day_is_one_of_the_tenants() {
    let bench = bench().await;
    let settings = Settings::of(bench.scope.tenant());
    let zone = |own: &mut Settings| "America/New_York".clone_into(&mut own.time_zone);
    bench.crm.settings(&bench.scope).update(settings, zone).await.unwrap();
    let csv = "Id,Name,Created Date\n1,Ada,2017-01-31\n2,Bob,2017-07-01 08:30\n3,Cy,2017-07-01T00:00:00Z\n";
    let done = bench.leads(csv, &options(&[])).await.unwrap();
    assert!(done.has("`Created Date` => created_at"), "{:?}", done.lines);
    let mut made: Vec<_> = bench.all::<Lead>().await.iter().map(|lead| lead.created_at).collect();
    made.sort_unstable();
    let expected = ["2017-01-31T05:00:00Z", "2017-07-01T00:00:00Z", "2017-07-01T12:30:00Z"];
    assert_eq!(made, expected.map(time));
}

#[tokio::test]
async fn a_name_that_two_users_have_is_told_to_be_one() {
    let bench = bench().await;
    let twin = User::new("other@acme.test", Role::Member).name("mara field");
    bench.crm.users(&bench.scope).create(twin).await.unwrap();
    let csv = "Id,Name,Owner\n1,Ada,Mara Field\n2,Bob,mara@acme.test\n";
    let done = bench.leads(csv, &options(&["map Owner=owner_id"])).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (1, 1), "{:?}", done.lines);
    assert!(done.has("Owner is what several users are called: give the e-mail address"), "{:?}", done.lines);
}
