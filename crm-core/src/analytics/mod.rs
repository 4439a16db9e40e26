//! The figures of a tenant, read from its counters: they cost the same at any size.
//!
//! Days and months are those of the tenant's calendar, that is, of its time zone. Deleted records are in no figure, and
//! restored ones are back in all that they were in. Money is listed by currency and never added across two.

mod agenda;
mod cohorts;
mod forecast;
mod funnel;
mod leaderboard;
mod leads;
mod period;
mod projects;
mod series;
mod velocity;

pub use agenda::Agenda;
pub use cohorts::Cohort;
pub use forecast::ForecastMonth;
pub use funnel::FunnelStage;
pub use leaderboard::Leader;
pub use leads::{Group, LeadFigures, OwnerFigures, SourceFigures, StageFigures};
pub use period::{Bucket, MAX_DAYS, Period};
pub use projects::{ProjectFigures, ProjectMetrics};
pub use series::{Metric, Point, Series};
pub use velocity::{Durations, StageDurations, Velocity};

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    Calendar, CounterQuery, Counters, Currency, Error, Id, Money, Pipeline, Result, Settings, StageKind,
    TenantScope,
    counter::overflow,
    crm::Handle,
    entity::Entity,
    permission::{self, Action},
    plan::read,
};

/// The figures of one tenant.
#[derive(Debug)]
pub struct Analytics<'a> {
    handle: Handle<'a>,
    scope: &'a TenantScope,
}

/// The figures of one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overview {
    /// About customers.
    pub customers: CustomerFigures,
    /// About leads.
    pub leads: LeadFigures,
    /// About projects and tasks.
    pub projects: ProjectFigures,
    /// Every event up to this one is in the figures, and none after it.
    pub as_of_seq: i64,
}

/// Figures about customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerFigures {
    /// All.
    pub total: i64,
    /// Those that are active.
    pub active: i64,
    /// Those that are not.
    pub inactive: i64,
}

impl<'a> Analytics<'a> {
    pub(crate) fn new(handle: Handle<'a>, scope: &'a TenantScope) -> Self {
        Self { handle, scope }
    }

    /// The figures of now.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] if the tenant does not exist; [`Error::Invalid`] if a sum over
    /// stages leaves the range of 64 bits; whatever the host's [`ProjectMetrics`] answers.
    pub async fn overview(&self) -> Result<Overview> {
        let pipeline = self.pipeline().await?;
        let mut names = vec!["customers"];
        names.extend(leads::COUNTERS);
        let elsewhere = match self.handle.project_metrics() {
            Some(metrics) => Some(metrics.figures(self.scope).await?),
            None => None,
        };
        let today = match elsewhere {
            Some(_) => None,
            None => {
                names.extend(projects::COUNTERS);
                Some(self.calendar().await?.day(self.handle.now()))
            }
        };
        let counters = self.counters(CounterQuery::of(&names)).await?;
        let (active, inactive) =
            (counters.value("customers", "active"), counters.value("customers", "inactive"));
        Ok(Overview {
            customers: CustomerFigures { total: active + inactive, active, inactive },
            leads: leads::figures(&pipeline, &counters)?,
            projects: match (elsewhere, today) {
                (None, Some(today)) => projects::figures(&counters, today),
                (elsewhere, _) => elsewhere.unwrap_or_default(),
            },
            as_of_seq: counters.as_of,
        })
    }

    /// The pipeline, for whoever may see figures.
    async fn pipeline(&self) -> Result<Pipeline> {
        permission::check(self.scope, Action::Read, crate::Lead::object(), None)?;
        self.standing(Pipeline::of(self.scope.tenant())).await
    }

    /// The tenant's calendar.
    pub(crate) async fn calendar(&self) -> Result<Calendar> {
        Ok(self.standing(Settings::of(self.scope.tenant())).await?.calendar())
    }

    async fn standing<T: Entity>(&self, id: Id<T>) -> Result<T> {
        let record = read(self.handle, self.scope, id).await?;
        Ok(record.ok_or(Error::NotFound { what: "tenant" })?.data)
    }

    async fn counters(&self, query: CounterQuery) -> Result<Counters> {
        self.handle.store.counters(self.scope, &query).await
    }

    /// Counters whose keys begin with a day of a period.
    async fn by_day(&self, names: &[&'static str], period: Period) -> Result<Counters> {
        let (from, to) = period.keys();
        self.counters(CounterQuery { from: Some(from), to: Some(to), ..CounterQuery::of(names) }).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.handle.now()
    }
}

/// A share of something; `None` of nothing.
#[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^52")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Money by currency, which is added up within a currency and never across two.
#[derive(Debug, Default)]
struct Purse(BTreeMap<Currency, i128>);

impl Purse {
    /// Adds an amount of a currency, as a counter's key names it.
    fn add(&mut self, currency: &str, amount: i128) {
        if let Some(currency) = Currency::new(currency) {
            *self.0.entry(currency).or_default() += amount;
        }
    }

    /// By currency in the order of its code.
    fn into_list(self) -> Result<Vec<Money>> {
        let fit = |(currency, sum): (Currency, i128)| {
            let amount = i64::try_from(sum).map_err(|_| overflow())?;
            Money::new(amount, currency.code())
                .ok_or_else(|| Error::Corrupt(format!("the currency `{currency}`")))
        };
        self.0.into_iter().map(fit).collect()
    }
}

/// The parts of a counter's key. The last takes what is left.
fn parts<const N: usize>(key: &str) -> Option<[&str; N]> {
    let mut parts = key.splitn(N, '|');
    let mut all = [""; N];
    for part in &mut all {
        *part = parts.next()?;
    }
    Some(all)
}

/// The day that a counter's key begins with.
fn day_of(key: &str) -> Option<NaiveDate> {
    key.get(..10)?.parse().ok()
}

/// What the kind of a stage is; `None` for a stage that the pipeline does not have.
fn kind_of(pipeline: &Pipeline, stage: &str) -> Option<StageKind> {
    pipeline.stage(stage).map(|stage| stage.kind)
}
