//! The operations that answer with figures.

use crm_core::MAX_DAYS;
use serde_json::{Value as Json, json};

use super::{listing::query, operation::Operation, schemas::reference, tags};

/// The operation of this name, if it is one of these.
pub(super) fn describe(name: &str) -> Option<Operation> {
    let (summary, schema, example) = match name {
        "analytics" => ("The figures of now", "Overview", overview()),
        "analytics_timeseries" => ("A metric by day, week or month", "TimeSeries", series()),
        "analytics_funnel" => ("How far leads came that entered a stage", "Funnel", funnel()),
        "analytics_velocity" => ("How long closed leads took", "Velocity", velocity()),
        "analytics_cohorts" => ("What became of the leads of each month", "Cohorts", cohorts()),
        "analytics_forecast" => ("What open leads may bring, by month", "Forecast", forecast()),
        "analytics_leaderboard" => ("Who won what", "Leaderboard", leaderboard()),
        _ => return None,
    };
    let operation = Operation::new(tags::FIGURES, summary)
        .explained("The figures are of one moment. They answer 422 if a sum leaves the range of 64 bits.")
        .refuses(&[422])
        .finds("The figures.", reference(schema), example);
    Some(match name {
        "analytics_timeseries" => operation.parameters(series_parameters()).parameters(period()),
        "analytics_funnel" | "analytics_velocity" | "analytics_leaderboard" => operation.parameters(period()),
        _ => operation,
    })
}

fn period() -> [Json; 2] {
    let day = || json!({ "type": "string", "format": "date" });
    [
        query(
            "from",
            &format!("The first day; without it, the period has a year. It has at most {MAX_DAYS} days."),
            day(),
        ),
        query("to", "The last day; today, unless given.", day()),
    ]
}

fn series_parameters() -> [Json; 2] {
    let mut metric = query("metric", "What to count.", reference("Metric"));
    metric["required"] = json!(true);
    let bucket = json!({ "$ref": "#/components/schemas/Bucket", "default": "day" });
    [metric, query("bucket", "What each point stands for.", bucket)]
}

fn euros(amount: i64) -> Json {
    json!([{ "amount": amount, "currency": "EUR" }])
}

fn overview() -> Json {
    let stage = |stage: &str, name: &str, count: i64, value: Json| json!({ "stage": stage, "name": name, "count": count, "value": value });
    let group = json!({ "count": 4, "open": 2, "won": 1, "lost": 1, "win_rate": 0.5 });
    let mut by_source = group.clone();
    by_source["source"] = json!("referral");
    let mut by_owner = group;
    by_owner["owner_id"] = json!("01994a5e-7c00-7000-8000-00000000000a");
    json!({
        "customers": { "total": 3, "active": 2, "inactive": 1 },
        "leads": {
            "total": 4,
            "open": 2,
            "qualified": 2,
            "won": 1,
            "lost": 1,
            "conversion_rate": 0.25,
            "win_rate": 0.5,
            "by_stage": [
                stage("new", "New", 1, json!([])),
                stage("offer", "Offer", 1, euros(1_250_000)),
                stage("closed_won", "Won", 1, euros(900_000)),
                stage("closed_lost", "Lost", 1, json!([])),
            ],
            "by_source": [by_source],
            "by_owner": [by_owner],
            "pipeline_value": euros(1_250_000),
            "weighted_value": euros(625_000),
            "won_value": euros(900_000),
        },
        "projects": { "total": 1, "active": 1, "completed": 0, "overdue_tasks": 0, "open_tasks": 2 },
        "as_of_seq": 42,
    })
}

fn series() -> Json {
    json!({
        "metric": "value_won",
        "bucket": "month",
        "data": [
            { "start": "2026-02-01", "count": 0, "value": [] },
            { "start": "2026-03-01", "count": 1, "value": euros(900_000) },
        ],
    })
}

fn funnel() -> Json {
    json!({ "stages": [
        { "stage": "new", "entered": 4, "advanced": 3, "conversion": 0.75 },
        { "stage": "offer", "entered": 0, "advanced": 0, "conversion": null },
    ] })
}

fn velocity() -> Json {
    let took = |count: i64, days: f64| json!({ "count": count, "median_days": days, "mean_days": days });
    json!({
        "stages": [{ "stage": "new", "count": 2, "median_days": 3.5, "mean_days": 4.25 }],
        "won": took(1, 12.0),
        "lost": took(1, 20.0),
        "closed": took(2, 16.0),
    })
}

fn cohorts() -> Json {
    json!({ "data": [{ "month": "2026-03", "created": 4, "won": 1, "lost": 1, "open": 2 }] })
}

fn forecast() -> Json {
    let month =
        json!({ "month": "2026-06", "count": 1, "value": euros(1_250_000), "weighted": euros(625_000) });
    json!({ "data": [month] })
}

fn leaderboard() -> Json {
    let ada = "01994a5e-7c00-7000-8000-00000000000a";
    json!({ "data": [{ "owner_id": ada, "name": "Ada Brook", "won": 1, "value": euros(900_000) }] })
}
