//! The figures of a tenant, read from its counters: they cost the same at any size.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    CounterQuery, Counters, Currency, Error, Lead, Money, Pipeline, Result, Stage, StageKind, TenantScope,
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
pub struct Overview {
    /// About customers.
    pub customers: CustomerFigures,
    /// About leads.
    pub leads: LeadFigures,
    /// Every event up to this one is in the figures, and none after it.
    pub as_of_seq: i64,
}

/// Figures about customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerFigures {
    /// All.
    pub total: i64,
    /// Those that are active.
    pub active: i64,
    /// Those that are not.
    pub inactive: i64,
}

/// Figures about leads. Money is listed by currency and never added across two.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadFigures {
    /// All.
    pub total: i64,
    /// Those in an open stage.
    pub open: i64,
    /// Those in a stage that counts as qualified.
    pub qualified: i64,
    /// Those in a won stage.
    pub won: i64,
    /// Those in a lost stage.
    pub lost: i64,
    /// Won among all, from 0 to 1; `None` without leads.
    pub conversion_rate: Option<f64>,
    /// Won among won and lost, from 0 to 1; `None` if none is closed.
    pub win_rate: Option<f64>,
    /// Every stage of the pipeline, in its order.
    pub by_stage: Vec<StageFigures>,
    /// By source, most first.
    pub by_source: Vec<SourceFigures>,
    /// What the open leads are worth.
    pub pipeline_value: Vec<Money>,
    /// The same, each stage's weighted by its probability.
    pub weighted_value: Vec<Money>,
    /// What the won leads were worth.
    pub won_value: Vec<Money>,
}

/// Figures about one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageFigures {
    /// The stage's key.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// How many leads are in it.
    pub count: i64,
    /// What they are worth.
    pub value: Vec<Money>,
}

/// Figures about one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceFigures {
    /// The source; `None` for leads without one.
    pub source: Option<String>,
    /// How many leads came from it.
    pub count: i64,
}

impl<'a> Analytics<'a> {
    pub(crate) fn new(handle: Handle<'a>, scope: &'a TenantScope) -> Self {
        Self { handle, scope }
    }

    /// The figures of now.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] if the tenant does not exist; [`Error::Invalid`] if a sum over
    /// stages leaves the range of 64 bits.
    pub async fn overview(&self) -> Result<Overview> {
        permission::check(self.scope, Action::Read, Lead::object(), None)?;
        let pipeline = read(self.handle, self.scope, Pipeline::of(self.scope.tenant())).await?;
        let pipeline = pipeline.ok_or(Error::NotFound { what: "tenant" })?.data;
        let names = ["customers", "leads", "leads.source", "leads.value"];
        let counters = self.handle.store.counters(self.scope, &CounterQuery::of(&names)).await?;
        let (active, inactive) =
            (counters.value("customers", "active"), counters.value("customers", "inactive"));
        Ok(Overview {
            customers: CustomerFigures { total: active + inactive, active, inactive },
            leads: leads(&pipeline, &counters)?,
            as_of_seq: counters.as_of,
        })
    }
}

fn leads(pipeline: &Pipeline, counters: &Counters) -> Result<LeadFigures> {
    let stages = &pipeline.stages.0;
    let total_of = |admits: &dyn Fn(&Stage) -> bool| -> i64 {
        stages.iter().filter(|stage| admits(stage)).map(|stage| counters.value("leads", &stage.key)).sum()
    };
    let total: i64 = counters.of("leads").map(|(_, count)| count).sum();
    let won = total_of(&|stage| stage.kind == StageKind::Won);
    let lost = total_of(&|stage| stage.kind == StageKind::Lost);
    let figures_of = |stage: &Stage| -> Result<StageFigures> {
        Ok(StageFigures {
            stage: stage.key.clone(),
            name: stage.name.clone(),
            count: counters.value("leads", &stage.key),
            value: money(counters, |own| own.key == stage.key, stages, |_, amount| amount)?,
        })
    };
    let mut by_source: Vec<SourceFigures> = counters
        .of("leads.source")
        .map(|(source, count)| SourceFigures {
            source: (!source.is_empty()).then(|| source.to_owned()),
            count,
        })
        .collect();
    by_source.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.source.cmp(&b.source)));
    let open = |stage: &Stage| stage.kind == StageKind::Open;
    Ok(LeadFigures {
        total,
        open: total_of(&open),
        qualified: total_of(&|stage| stage.qualified),
        won,
        lost,
        conversion_rate: ratio(won, total),
        win_rate: ratio(won, won + lost),
        by_stage: stages.iter().map(figures_of).collect::<Result<_>>()?,
        by_source,
        pipeline_value: money(counters, open, stages, |_, amount| amount)?,
        weighted_value: money(counters, open, stages, |stage, amount| stage.probability.of(amount))?,
        won_value: money(counters, |stage| stage.kind == StageKind::Won, stages, |_, amount| amount)?,
    })
}

#[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^52")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// What the leads in some stages are worth, by currency in the order of its code.
fn money(
    counters: &Counters,
    admits: impl Fn(&Stage) -> bool,
    stages: &[Stage],
    weigh: impl Fn(&Stage, i128) -> i128,
) -> Result<Vec<Money>> {
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for (key, amount) in counters.of("leads.value") {
        let Some((key, currency)) = key.split_once('|') else { continue };
        let stage = stages.iter().find(|stage| stage.key == key && admits(stage));
        if let (Some(stage), Some(currency)) = (stage, Currency::new(currency)) {
            *sums.entry(currency).or_default() += weigh(stage, i128::from(amount));
        }
    }
    let fit = |(currency, sum): (Currency, i128)| {
        let amount = i64::try_from(sum).map_err(|_| overflow())?;
        Money::new(amount, currency.code())
            .ok_or_else(|| Error::Corrupt(format!("the currency `{currency}`")))
    };
    sums.into_iter().map(fit).collect()
}
