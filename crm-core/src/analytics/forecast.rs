//! The forecast: what the open leads may bring, by the month in which they are expected to be won.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Analytics, Purse, parts};
use crate::{CounterQuery, Money, Result, Stage, StageKind};

/// The open leads that are expected to be won in one month. Months that are over are listed as well: their leads wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForecastMonth {
    /// The month of the expected close: `2026-03`.
    pub month: String,
    /// How many leads.
    pub count: i64,
    /// What they are worth, by currency.
    pub value: Vec<Money>,
    /// The same, each stage's weighted by its probability.
    pub weighted: Vec<Money>,
}

#[derive(Debug, Default)]
struct Sum {
    count: i64,
    value: Purse,
    weighted: Purse,
}

impl Analytics<'_> {
    /// Each month in which open leads are expected to be won, in order.
    ///
    /// # Errors
    /// As [`overview`](Self::overview).
    pub async fn forecast(&self) -> Result<Vec<ForecastMonth>> {
        let pipeline = self.pipeline().await?;
        let names = ["leads.expected", "leads.expected_value"];
        let counters = self.counters(CounterQuery::of(&names)).await?;
        let open = |key: &str| -> Option<&Stage> {
            pipeline.stage(key).filter(|stage| stage.kind == StageKind::Open)
        };
        let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
        for (key, count) in counters.of("leads.expected") {
            if let Some([month, stage]) = parts(key)
                && open(stage).is_some()
            {
                sums.entry(month).or_default().count += count;
            }
        }
        for (key, amount) in counters.of("leads.expected_value") {
            if let Some([month, stage, currency]) = parts(key)
                && let Some(stage) = open(stage)
            {
                let (sum, amount) = (sums.entry(month).or_default(), i128::from(amount));
                sum.value.add(currency, amount);
                sum.weighted.add(currency, stage.probability.of(amount));
            }
        }
        let month = |(month, sum): (&str, Sum)| {
            Ok(ForecastMonth {
                month: month.to_owned(),
                count: sum.count,
                value: sum.value.into_list()?,
                weighted: sum.weighted.into_list()?,
            })
        };
        sums.into_iter().map(month).collect()
    }
}
