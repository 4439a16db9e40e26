//! The figures, whole and by period.

use chrono::NaiveDate;
use crm_core::{Bucket, Metric, Period, Settings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::{
    answers::Rests,
    call::{Answer, Call},
    parameters::{Parameters, refused},
    problem::Problem,
};

/// `GET /api/crm/analytics`
pub(crate) async fn overview(call: Call) -> Answer {
    // Figures of the host's own projects change without an event.
    let rests = if call.crm().has_project_metrics() { Rests::More } else { Rests::Day };
    let overview = async || {
        call.no_parameters()?;
        Ok(call.crm().analytics(&call.scope).overview().await?)
    };
    call.kept(rests, overview).await
}

/// `GET /api/crm/analytics/timeseries`
pub(crate) async fn series(call: Call) -> Answer {
    let series = async || {
        let mut parameters = call.parameters()?;
        if !parameters.has("metric") {
            parameters.fault("metric", "required", format!("must be given: {METRICS}"));
        }
        let metric = word::<Metric>(&mut parameters, "metric", METRICS);
        let bucket = word::<Bucket>(&mut parameters, "bucket", BUCKETS);
        let days = Days::read(&mut parameters);
        parameters.finish()?;
        let period = days.period(&call).await?;
        let metric = metric.ok_or_else(|| Problem::internal("a series without a metric"))?;
        let bucket = bucket.unwrap_or(Bucket::Day);
        Ok(call.crm().analytics(&call.scope).series(metric, period, bucket).await?)
    };
    call.kept(Rests::Day, series).await
}

/// `GET /api/crm/analytics/funnel`
pub(crate) async fn funnel(call: Call) -> Answer {
    #[derive(Serialize)]
    struct Funnel<S> {
        stages: Vec<S>,
    }
    let funnel = async || {
        let period = period(&call).await?;
        Ok(Funnel { stages: call.crm().analytics(&call.scope).funnel(period).await? })
    };
    call.kept(Rests::Day, funnel).await
}

/// `GET /api/crm/analytics/velocity`
pub(crate) async fn velocity(call: Call) -> Answer {
    let velocity = async || {
        let period = period(&call).await?;
        Ok(call.crm().analytics(&call.scope).velocity(period).await?)
    };
    call.kept(Rests::Day, velocity).await
}

#[derive(Serialize)]
struct List<T> {
    data: Vec<T>,
}

/// `GET /api/crm/analytics/cohorts`
pub(crate) async fn cohorts(call: Call) -> Answer {
    let cohorts = async || {
        call.no_parameters()?;
        Ok(List { data: call.crm().analytics(&call.scope).cohorts().await? })
    };
    call.kept(Rests::Day, cohorts).await
}

/// `GET /api/crm/analytics/forecast`
pub(crate) async fn forecast(call: Call) -> Answer {
    let forecast = async || {
        call.no_parameters()?;
        Ok(List { data: call.crm().analytics(&call.scope).forecast().await? })
    };
    call.kept(Rests::Day, forecast).await
}

/// `GET /api/crm/analytics/leaderboard`
pub(crate) async fn leaderboard(call: Call) -> Answer {
    let leaderboard = async || {
        let period = period(&call).await?;
        Ok(List { data: call.crm().analytics(&call.scope).leaderboard(period).await? })
    };
    call.kept(Rests::Day, leaderboard).await
}

const METRICS: &str = "one of `leads_created`, `leads_won`, `leads_lost`, `value_won`, `customers_created`, \
     `interactions`, `tasks_completed`";
const BUCKETS: &str = "one of `day`, `week`, `month`";

/// A parameter that is one of a few words.
fn word<T: DeserializeOwned>(parameters: &mut Parameters, name: &str, known: &str) -> Option<T> {
    let text = parameters.take(name)?;
    let value = serde_json::from_value(Json::String(text)).ok();
    if value.is_none() {
        parameters.fault(name, "invalid_value", format!("must be {known}"));
    }
    value
}

/// The first and the last day that were asked for.
struct Days {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Days {
    fn read(parameters: &mut Parameters) -> Self {
        let mut day = |name: &str| {
            let text = parameters.take(name)?;
            let day = crm_core::value::parse_date(&text);
            if day.is_none() {
                parameters.fault(name, "invalid_value", "must be a day such as `2026-03-01`");
            }
            day
        };
        Self { from: day("from"), to: day("to") }
    }

    /// The period; without an end it ends today, without a beginning it has a year.
    async fn period(self, call: &Call) -> Result<Period, Problem> {
        let to = match self.to {
            Some(to) => to,
            None => {
                let settings = call.records::<Settings>().get(Settings::of(call.scope.tenant())).await?;
                settings.calendar().day(call.crm().now())
            }
        };
        let from = self.from.unwrap_or_else(|| Period::year_to(to).from());
        Period::new(from, to).map_err(refused)
    }
}

async fn period(call: &Call) -> Result<Period, Problem> {
    let mut parameters = call.parameters()?;
    let days = Days::read(&mut parameters);
    parameters.finish()?;
    days.period(call).await
}
