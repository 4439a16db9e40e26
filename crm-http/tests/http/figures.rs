//! Figures by period, projects, tasks and settings, as a client sees them.

use crm_core::{Crm, MemoryStore, testing::ManualClock};
use serde_json::{Value as Json, json};

use crate::world::{Client, World, cheap, pairs};

/// A world in which it is noon of 1 March 2026, UTC.
async fn world() -> (World, ManualClock) {
    let clock = ManualClock::default();
    (World::on(Crm::new(MemoryStore::new()).with_clock(clock.clone()), cheap()).await, clock)
}

fn eur(amount: i64) -> Json {
    json!({ "amount": amount, "currency": "EUR" })
}

async fn read(client: &Client, path: &str) -> Json {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_series_has_a_point_for_each_bucket() {
    let (world, clock) = world().await;
    let mut member = world.member().await;
    member.make("/api/leads", json!({ "company": "A" })).await;
    let lead = member.make("/api/leads", json!({ "company": "B", "value": eur(500) })).await;
    clock.advance(chrono::TimeDelta::days(2));
    member = world.member().await;
    let won = json!({ "stage": "closed_won" });
    assert_eq!(member.patch(&format!("/api/leads/{}", lead["id"].as_str().unwrap()), won).await.status, 200);
    let path = |metric: &str, bucket: &str| {
        format!("/api/crm/analytics/timeseries?metric={metric}&from=2026-02-27&to=2026-03-04&bucket={bucket}")
    };
    let created = read(&member, &path("leads_created", "day")).await;
    assert_eq!((&created["metric"], &created["bucket"]), (&json!("leads_created"), &json!("day")));
    let points = created["data"].as_array().unwrap();
    let counts: Vec<_> = points
        .iter()
        .map(|point| (point["start"].as_str().unwrap(), point["count"].as_i64().unwrap()))
        .collect();
    let days = ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"];
    assert_eq!(counts, days.into_iter().zip([0, 0, 2, 0, 0, 0]).collect::<Vec<_>>());
    let won = read(&member, &path("value_won", "week")).await;
    assert_eq!(
        won["data"],
        json!([
            { "start": "2026-02-23", "count": 0, "value": [] },
            { "start": "2026-03-02", "count": 1, "value": [eur(500)] },
        ])
    );
    let month = read(&member, &path("leads_won", "month")).await;
    assert_eq!(month["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn funnel_velocity_cohorts_forecast_and_leaderboard_have_their_shapes() {
    let (world, clock) = world().await;
    let mut member = world.member().await;
    let lead = json!({ "company": "A", "value": eur(1_000), "expected_close": "2026-04-30" });
    member.make("/api/leads", lead.clone()).await;
    let won = member.make("/api/leads", lead).await;
    clock.advance(chrono::TimeDelta::days(3));
    member = world.member().await;
    let owner = read(&member, "/api/auth/me").await["user"]["id"].clone();
    let patch = json!({ "stage": "closed_won", "owner_id": owner });
    assert_eq!(member.patch(&format!("/api/leads/{}", won["id"].as_str().unwrap()), patch).await.status, 200);
    let funnel = read(&member, "/api/crm/analytics/funnel?from=2026-03-01&to=2026-03-31").await;
    assert_eq!(
        funnel["stages"][0],
        json!({ "stage": "new", "entered": 2, "advanced": 1, "conversion": 0.5 })
    );
    assert_eq!(
        funnel["stages"][1],
        json!({ "stage": "contacted", "entered": 0, "advanced": 0, "conversion": null })
    );
    let velocity = read(&member, "/api/crm/analytics/velocity").await;
    let three = json!({ "count": 1, "median_days": 3.0, "mean_days": 3.0 });
    let none = json!({ "count": 0, "median_days": null, "mean_days": null });
    assert_eq!((&velocity["won"], &velocity["lost"], &velocity["closed"]), (&three, &none, &three));
    assert_eq!(
        velocity["stages"][0],
        json!({ "stage": "new", "count": 1, "median_days": 3.0, "mean_days": 3.0 })
    );
    let cohorts = read(&member, "/api/crm/analytics/cohorts").await;
    assert_eq!(
        cohorts["data"],
        json!([{ "month": "2026-03", "created": 2, "won": 1, "lost": 0, "open": 1 }])
    );
    let forecast = read(&member, "/api/crm/analytics/forecast").await;
    assert_eq!(
        forecast["data"],
        json!([{ "month": "2026-04", "count": 1, "value": [eur(1_000)], "weighted": [eur(100)] }])
    );
    let leaders = read(&member, "/api/crm/analytics/leaderboard?from=2026-03-04&to=2026-03-04").await;
    assert_eq!(
        leaders["data"],
        json!([{ "owner_id": owner, "name": "member@acme.test", "won": 1, "value": [eur(1_000)] }])
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_period_is_said_of_its_parameters() {
    let (world, _) = world().await;
    let member = world.member().await;
    let series = "/api/crm/analytics/timeseries";
    for (query, wrong) in [
        (
            "?bucket=year&from=soon",
            &[("bucket", "invalid_value"), ("from", "invalid_value"), ("metric", "required")][..],
        ),
        ("?metric=money&odd=1", &[("metric", "invalid_value"), ("odd", "unknown_parameter")]),
        ("?metric=leads_won&from=2026-03-02&to=2026-03-01", &[("to", "before_start")]),
        ("?metric=leads_won&from=2019-01-01&to=2026-03-01", &[("to", "period_too_long")]),
        ("?metric=leads_won&from=0000-01-01", &[("from", "invalid_value")]),
    ] {
        assert_eq!(member.get(&format!("{series}{query}")).await.bad_parameters(), pairs(wrong), "{query}");
    }
    for path in
        ["funnel?bucket=day", "cohorts?from=2026-01-01", "forecast?to=2026-01-01", "velocity?metric=x"]
    {
        member.get(&format!("/api/crm/analytics/{path}")).await.is_problem(400, "invalid_parameter");
    }
    let five_years = format!("{series}?metric=interactions&from=2021-03-02&to=2026-03-01&bucket=day");
    assert_eq!(read(&member, &five_years).await["data"].as_array().unwrap().len(), 1_826);
}

#[tokio::test]
async fn tasks_have_one_parent_an_active_assignee_and_an_agenda() {
    let (world, clock) = world().await;
    let (member, admin) = (world.member().await, world.admin().await);
    let customer = member.make("/api/customers", json!({ "company": "A" })).await["id"].clone();
    let project = member.make("/api/projects", json!({ "name": "Roof" })).await["id"].clone();
    let both = json!({ "title": "Call", "customer_id": customer, "project_id": project });
    assert_eq!(member.post("/api/tasks", both).await.faults(), pairs(&[("/project_id", "conflicting")]));
    let gone = admin.make("/api/users", json!({ "email": "gone@acme.test", "is_active": false })).await;
    let given = json!({ "title": "Call", "assignee_id": gone["id"] });
    assert_eq!(member.post("/api/tasks", given).await.faults(), pairs(&[("/assignee_id", "inactive_user")]));
    let own = read(&member, "/api/auth/me").await["user"]["id"].clone();
    for (title, due) in [
        ("late", "2026-02-28T23:59:59Z"),
        ("today", "2026-03-01T23:59:59Z"),
        ("later", "2026-03-02T00:00:00Z"),
    ] {
        member.make("/api/tasks", json!({ "title": title, "due_at": due, "assignee_id": own })).await;
    }
    let task = member.make("/api/tasks", json!({ "title": "some day", "project_id": project })).await;
    let titles = async |path: &str| -> Vec<String> {
        let listed = read(&member, path).await;
        let titles = listed["data"].as_array().unwrap().iter();
        titles.map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("/api/tasks?agenda=overdue").await, ["late"]);
    assert_eq!(titles("/api/tasks?agenda=today").await, ["today"]);
    assert_eq!(titles("/api/tasks?agenda=mine&sort=due_at").await, ["late", "today", "later"]);
    assert_eq!(titles("/api/tasks?agenda=mine&search=lat&sort=due_at").await, ["late", "later"]);
    member.get("/api/tasks?agenda=all").await.is_problem(400, "invalid_parameter");
    let figures = read(&member, "/api/crm/analytics").await;
    assert_eq!(
        figures["projects"],
        json!({ "total": 1, "active": 0, "completed": 0, "overdue_tasks": 1, "open_tasks": 4 })
    );
    let path = format!("/api/tasks/{}", task["id"].as_str().unwrap());
    clock.advance(chrono::TimeDelta::hours(1));
    let done = member.patch(&path, json!({ "status": "done" })).await.json();
    assert_eq!(done["completed_at"], "2026-03-01T13:00:00Z");
    assert_eq!(member.patch(&path, json!({ "status": "open" })).await.json()["completed_at"], Json::Null);
}

#[tokio::test]
async fn the_time_zone_is_an_administrators_to_set_and_turns_the_days() {
    let (world, _) = world().await;
    let (member, admin) = (world.member().await, world.admin().await);
    // It is noon in UTC and the next day in Auckland.
    member.make("/api/leads", json!({ "company": "A" })).await;
    let day = async || {
        let series = "/api/crm/analytics/timeseries?metric=leads_created&from=2026-03-01&to=2026-03-02";
        let series = read(&member, series).await;
        let counts = series["data"].as_array().unwrap().iter();
        counts.map(|point| point["count"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(read(&member, "/api/settings").await["time_zone"], "UTC");
    assert_eq!(day().await, [1, 0]);
    let auckland = json!({ "time_zone": "Pacific/Auckland" });
    member.patch("/api/settings", auckland.clone()).await.is_problem(403, "forbidden");
    assert_eq!(admin.patch("/api/settings", auckland).await.status, 200);
    assert_eq!(day().await, [0, 1]);
    let nowhere = admin.patch("/api/settings", json!({ "time_zone": "Nowhere" })).await;
    assert_eq!(nowhere.faults(), pairs(&[("/time_zone", "unknown_time_zone")]));
    let stale = [("if-match", "\"0-0\"")];
    let stale = admin.call(axum::http::Method::PATCH, "/api/settings", &stale, Some(json!({}))).await;
    assert_eq!(stale.status, 412);
}

#[tokio::test]
async fn a_project_is_not_due_before_it_begins() {
    let (world, _) = world().await;
    let member = world.member().await;
    let project =
        json!({ "name": "Roof", "starts_on": "2026-03-02", "due_on": "2026-03-01", "status": "open" });
    assert_eq!(
        member.post("/api/projects", project).await.faults(),
        pairs(&[("/due_on", "before_start"), ("/status", "unknown_choice")])
    );
    let project = json!({ "name": "Roof", "status": "active", "budget": eur(5_000) });
    let made = member.make("/api/projects", project).await;
    assert_eq!((&made["status"], &made["budget"]), (&json!("active"), &eur(5_000)));
    assert_eq!(read(&member, "/api/projects?status=active&search=roo").await["data"][0]["id"], made["id"]);
}
