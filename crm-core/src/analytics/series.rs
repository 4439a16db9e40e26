//! Series: how much happened in each day, week or month of a period.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Analytics, Bucket, Period, Purse, day_of, kind_of, parts};
use crate::{Counters, Money, Pipeline, Result, StageKind};

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Leads, by the day on which they were made.
    LeadsCreated,
    /// Leads in a won stage, by the day on which they were closed.
    LeadsWon,
    /// Leads in a lost stage, by the day on which they were closed.
    LeadsLost,
    /// The same leads as [`Metric::LeadsWon`], with what they were worth.
    ValueWon,
    /// Customers, by the day on which they were made.
    CustomersCreated,
    /// Interactions, by the day on which they happened, and by type.
    Interactions,
    /// Tasks that are done, by the day on which they were.
    TasksCompleted,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 7] = [
        Self::LeadsCreated,
        Self::LeadsWon,
        Self::LeadsLost,
        Self::ValueWon,
        Self::CustomersCreated,
        Self::Interactions,
        Self::TasksCompleted,
    ];

    fn counters(self) -> &'static [&'static str] {
        match self {
            Self::LeadsCreated => &["leads.created"],
            Self::LeadsWon | Self::LeadsLost => &["leads.closed"],
            Self::ValueWon => &["leads.closed", "leads.closed_value"],
            Self::CustomersCreated => &["customers.created"],
            Self::Interactions => &["interactions.occurred"],
            Self::TasksCompleted => &["tasks.completed"],
        }
    }

    /// The kind of the stages whose leads it counts.
    fn kind(self) -> Option<StageKind> {
        match self {
            Self::LeadsWon | Self::ValueWon => Some(StageKind::Won),
            Self::LeadsLost => Some(StageKind::Lost),
            _ => None,
        }
    }
}

/// A series.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TimeSeries"))]
pub struct Series {
    /// What it counts.
    pub metric: Metric,
    /// What each point stands for.
    pub bucket: Bucket,
    /// A point for each bucket that has a day of the period, those in which nothing happened included. The first and
    /// the last count only what happened within the period.
    pub data: Vec<Point>,
}

/// How much happened in a bucket.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Point {
    /// The bucket's first day, which may be before the period.
    pub start: NaiveDate,
    /// How many.
    pub count: i64,
    /// What they were worth, by currency; empty but for [`Metric::ValueWon`].
    pub value: Vec<Money>,
    /// How many of each type, of [`Metric::Interactions`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_type: Option<BTreeMap<String, i64>>,
}

#[derive(Debug, Default)]
struct Sum {
    count: i64,
    value: Purse,
    by_type: BTreeMap<String, i64>,
}

impl Analytics<'_> {
    /// A metric by day, week or month.
    ///
    /// # Errors
    /// As [`overview`](Self::overview).
    pub async fn series(&self, metric: Metric, period: Period, bucket: Bucket) -> Result<Series> {
        let pipeline = self.pipeline().await?;
        let counters = self.by_day(metric.counters(), period).await?;
        let mut sums = sums(metric, bucket, &pipeline, &counters);
        let point = |start| {
            let Sum { count, value, by_type } = sums.remove(&start).unwrap_or_default();
            let by_type = (metric == Metric::Interactions).then_some(by_type);
            Ok(Point { start, count, value: value.into_list()?, by_type })
        };
        let data = bucket.starts(period).into_iter().map(point).collect::<Result<_>>()?;
        Ok(Series { metric, bucket, data })
    }
}

fn sums(
    metric: Metric,
    bucket: Bucket,
    pipeline: &Pipeline,
    counters: &Counters,
) -> BTreeMap<NaiveDate, Sum> {
    let mut sums: BTreeMap<NaiveDate, Sum> = BTreeMap::new();
    let counts = |stage| kind_of(pipeline, stage) == metric.kind();
    for counter in &counters.counters {
        let Some(day) = day_of(&counter.key) else { continue };
        let sum = sums.entry(bucket.start(day)).or_default();
        match (counter.name.as_str(), parts(&counter.key), parts(&counter.key)) {
            ("leads.closed", Some([_, stage]), _) if counts(stage) => sum.count += counter.value,
            ("leads.closed_value", _, Some([_, stage, currency])) if counts(stage) => {
                sum.value.add(currency, i128::from(counter.value));
            }
            ("leads.closed" | "leads.closed_value", ..) => {}
            (_, by, _) => {
                sum.count += counter.value;
                if let Some([_, kind]) = by {
                    *sum.by_type.entry(kind.to_owned()).or_default() += counter.value;
                }
            }
        }
    }
    sums
}
