//! Velocity: how long the leads that were closed in a period took.
//!
//! A median is of all values and no counter has it, so the leads that were closed in the period are read, by an index,
//! and no others: it costs what was closed, whatever else there is.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Analytics, Period, kind_of};
use crate::{
    Direction, Entity, Filter, Key, Lead, MAX_PAGE, Pipeline, Record, Result, Select, StageKind, Value,
    Visibility, permission,
};

/// How long the leads took that were closed in a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Velocity {
    /// For each stage of the pipeline, in its order: how long they were in it in all. The stage that a lead was closed
    /// into counts for nothing, as it stays there.
    pub stages: Vec<StageDurations>,
    /// Those that were won, from creation to closing.
    pub won: Durations,
    /// Those that were lost.
    pub lost: Durations,
    /// Both.
    pub closed: Durations,
}

/// How long leads were in one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageDurations {
    /// The stage's key.
    pub stage: String,
    /// How long.
    #[serde(flatten)]
    pub durations: Durations,
}

/// How long something took, in days of 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Durations {
    /// How many leads.
    pub count: i64,
    /// The median, of an even number the mean of the two in the middle; `None` of none.
    pub median_days: Option<f64>,
    /// The arithmetic mean; `None` of none.
    pub mean_days: Option<f64>,
}

impl Durations {
    #[allow(clippy::cast_precision_loss, reason = "seconds of centuries stay far below 2^52")]
    fn of(mut seconds: Vec<i64>) -> Self {
        const DAY: f64 = 86_400.0;
        let Some(last) = seconds.len().checked_sub(1) else { return Self::default() };
        seconds.sort_unstable();
        let (below, above) = (seconds[last / 2], seconds[last.div_ceil(2)]);
        let sum: i128 = seconds.iter().copied().map(i128::from).sum();
        Self {
            count: i64::try_from(seconds.len()).unwrap_or(i64::MAX),
            median_days: Some((below as f64 + above as f64) / 2.0 / DAY),
            mean_days: Some(sum as f64 / seconds.len() as f64 / DAY),
        }
    }
}

#[derive(Debug, Default)]
struct Times {
    stages: BTreeMap<String, Vec<i64>>,
    won: Vec<i64>,
    lost: Vec<i64>,
}

impl Times {
    fn add(&mut self, pipeline: &Pipeline, lead: &Record<Lead>) {
        let Some(closed_at) = lead.managed.closed_at else { return };
        let took = (closed_at - lead.created_at).num_seconds();
        match kind_of(pipeline, &lead.stage) {
            Some(StageKind::Won) => self.won.push(took),
            Some(StageKind::Lost) => self.lost.push(took),
            Some(StageKind::Open) | None => return,
        }
        for leg in lead.managed.journey.legs().iter().filter(|leg| leg.stage != lead.stage) {
            self.stages.entry(leg.stage.clone()).or_default().push(leg.seconds);
        }
    }
}

impl Analytics<'_> {
    /// How long the leads took that were closed in a period.
    ///
    /// # Errors
    /// As [`overview`](Self::overview).
    pub async fn velocity(&self, period: Period) -> Result<Velocity> {
        let pipeline = self.pipeline().await?;
        let calendar = self.calendar().await?;
        let object = Lead::object();
        let closed = Key::Field(object.index_of("closed_at").unwrap_or_default());
        let (start, end) = (calendar.start(period.from()), calendar.start(period.end()));
        let filter = Filter::All(vec![
            Filter::AtLeast(closed, Value::Time(start)),
            Filter::Less(closed, Value::Time(end)),
        ]);
        let mut select = Select {
            object,
            filter: filter.and(permission::visible(self.scope, object)),
            sort: vec![(closed, Direction::Ascending), (Key::Id, Direction::Ascending)],
            after: None,
            limit: MAX_PAGE,
            visibility: Visibility::Live,
        };
        let mut times = Times::default();
        loop {
            let page = self.handle.store.query(self.scope, &select).await?;
            select.after = page.rows.last().filter(|_| page.more).map(|last| select.position(last));
            for row in page.rows {
                times.add(&pipeline, &Record::from_row(row)?);
            }
            if select.after.is_none() {
                break;
            }
        }
        let mut stages = times.stages;
        let of_stage = |stage: &crate::Stage| StageDurations {
            stage: stage.key.clone(),
            durations: Durations::of(stages.remove(&stage.key).unwrap_or_default()),
        };
        Ok(Velocity {
            stages: pipeline.stages.0.iter().map(of_stage).collect(),
            closed: Durations::of([times.won.as_slice(), &times.lost].concat()),
            won: Durations::of(times.won),
            lost: Durations::of(times.lost),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        let days = |days: &[i64]| {
            let durations = Durations::of(days.iter().map(|days| days * 86_400).collect());
            (durations.count, durations.median_days, durations.mean_days)
        };
        assert_eq!(days(&[]), (0, None, None));
        assert_eq!(days(&[3]), (1, Some(3.0), Some(3.0)));
        assert_eq!(days(&[9, 1, 2]), (3, Some(2.0), Some(4.0)));
        assert_eq!(days(&[9, 1, 2, 4]), (4, Some(3.0), Some(4.0)));
    }
}
