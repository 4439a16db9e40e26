//! Cohorts: what became of the leads that were made in each month.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Analytics, kind_of, parts};
use crate::{CounterQuery, Result, StageKind};

/// The leads that were made in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cohort {
    /// The month: `2026-03`.
    pub month: String,
    /// How many were made.
    pub created: i64,
    /// How many of them are won.
    pub won: i64,
    /// How many are lost.
    pub lost: i64,
    /// How many are open.
    pub open: i64,
}

impl Analytics<'_> {
    /// Each month in which leads were made, in order.
    ///
    /// # Errors
    /// As [`overview`](Self::overview).
    pub async fn cohorts(&self) -> Result<Vec<Cohort>> {
        let pipeline = self.pipeline().await?;
        let counters = self.counters(CounterQuery::of(&["leads.cohort"])).await?;
        let mut cohorts: BTreeMap<&str, Cohort> = BTreeMap::new();
        for (key, count) in counters.of("leads.cohort") {
            let Some([month, stage]) = parts(key) else { continue };
            let new = || Cohort { month: month.to_owned(), created: 0, won: 0, lost: 0, open: 0 };
            let cohort = cohorts.entry(month).or_insert_with(new);
            cohort.created += count;
            match kind_of(&pipeline, stage) {
                Some(StageKind::Won) => cohort.won += count,
                Some(StageKind::Lost) => cohort.lost += count,
                Some(StageKind::Open) => cohort.open += count,
                None => {}
            }
        }
        Ok(cohorts.into_values().collect())
    }
}
