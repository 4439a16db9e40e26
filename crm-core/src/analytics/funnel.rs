//! The funnel: how many leads came to each stage, and how many of them went on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Analytics, Period, parts, ratio};
use crate::Result;

/// What became of the leads that came to one stage.
///
/// A lead counts once per stage, on the day on which it entered the stage for the first time; going back and coming
/// again changes nothing. A stage that it skipped it did not enter. It has gone on from a stage once it entered a later
/// stage of the pipeline, as that was then, or was won; being lost, or going back, is no going on. A lead that is
/// reopened keeps what it has behind it. A deleted lead is in no figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FunnelStage {
    /// The stage's key.
    pub stage: String,
    /// How many leads entered it in the period for the first time.
    pub entered: i64,
    /// How many of those have gone on by now.
    pub advanced: i64,
    /// The share that has, from 0 to 1; `None` if none entered.
    pub conversion: Option<f64>,
}

impl Analytics<'_> {
    /// The funnel of a period: each stage of the pipeline, in its order.
    ///
    /// # Errors
    /// As [`overview`](Self::overview).
    pub async fn funnel(&self, period: Period) -> Result<Vec<FunnelStage>> {
        let pipeline = self.pipeline().await?;
        let counters = self.by_day(&["leads.entered", "leads.advanced"], period).await?;
        let mut sums: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for counter in &counters.counters {
            if let Some([_, stage]) = parts(&counter.key) {
                *sums.entry((counter.name.as_str(), stage)).or_default() += counter.value;
            }
        }
        let sum = |name, stage| sums.get(&(name, stage)).copied().unwrap_or(0);
        let figures = pipeline.stages.0.iter().map(|stage| {
            let (entered, advanced) =
                (sum("leads.entered", stage.key.as_str()), sum("leads.advanced", stage.key.as_str()));
            FunnelStage { stage: stage.key.clone(), entered, advanced, conversion: ratio(advanced, entered) }
        });
        Ok(figures.collect())
    }
}
