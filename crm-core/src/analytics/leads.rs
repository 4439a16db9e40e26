//! Figures about the leads there are.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Purse, kind_of, parts, ratio};
use crate::{Counters, Id, Money, Pipeline, Result, Stage, StageKind, User};

/// What they are read from.
pub(super) const COUNTERS: [&str; 4] = ["leads", "leads.value", "leads.source", "leads.owner"];

/// Figures about leads. Money is listed by currency and never added across two.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// By owner, most first.
    pub by_owner: Vec<OwnerFigures>,
    /// What the open leads are worth.
    pub pipeline_value: Vec<Money>,
    /// The same, each stage's weighted by its probability.
    pub weighted_value: Vec<Money>,
    /// What the won leads were worth.
    pub won_value: Vec<Money>,
}

/// Figures about one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// How the leads of one sort stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// How many there are.
    pub count: i64,
    /// Those in an open stage.
    pub open: i64,
    /// Those in a won stage.
    pub won: i64,
    /// Those in a lost stage.
    pub lost: i64,
    /// Won among won and lost, from 0 to 1; `None` if none is closed.
    pub win_rate: Option<f64>,
}

/// Figures about one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceFigures {
    /// The source; `None` for leads without one.
    pub source: Option<String>,
    /// The leads that came from it.
    #[serde(flatten)]
    pub leads: Group,
}

/// Figures about one owner.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnerFigures {
    /// The user; `None` for leads that nobody owns.
    pub owner_id: Option<Id<User>>,
    /// The leads that the user owns.
    #[serde(flatten)]
    pub leads: Group,
}

impl Group {
    fn add(&mut self, kind: Option<StageKind>, count: i64) {
        self.count += count;
        match kind {
            Some(StageKind::Open) => self.open += count,
            Some(StageKind::Won) => self.won += count,
            Some(StageKind::Lost) => self.lost += count,
            None => {}
        }
        self.win_rate = ratio(self.won, self.won + self.lost);
    }
}

/// The leads by what follows the stage in the keys of a counter, most first.
fn groups(pipeline: &Pipeline, counters: &Counters, name: &str) -> Vec<(String, Group)> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for (key, count) in counters.of(name) {
        if let Some([stage, by]) = parts(key) {
            groups.entry(by).or_default().add(kind_of(pipeline, stage), count);
        }
    }
    let mut groups: Vec<(String, Group)> =
        groups.into_iter().map(|(by, group)| (by.to_owned(), group)).collect();
    groups.sort_by(|(a, former), (b, latter)| latter.count.cmp(&former.count).then_with(|| a.cmp(b)));
    groups
}

pub(super) fn figures(pipeline: &Pipeline, counters: &Counters) -> Result<LeadFigures> {
    let stages = &pipeline.stages.0;
    let total_of = |admits: &dyn Fn(&Stage) -> bool| -> i64 {
        stages.iter().filter(|stage| admits(stage)).map(|stage| counters.value("leads", &stage.key)).sum()
    };
    let total: i64 = counters.of("leads").map(|(_, count)| count).sum();
    let (won, lost) =
        (total_of(&|stage| stage.kind == StageKind::Won), total_of(&|stage| stage.kind == StageKind::Lost));
    let worth = |admits: &dyn Fn(&Stage) -> bool, weigh: &dyn Fn(&Stage, i128) -> i128| {
        let mut purse = Purse::default();
        for (key, amount) in counters.of("leads.value") {
            let Some([key, currency]) = parts(key) else { continue };
            if let Some(stage) = stages.iter().find(|stage| stage.key == key && admits(stage)) {
                purse.add(currency, weigh(stage, i128::from(amount)));
            }
        }
        purse.into_list()
    };
    let whole = |_: &Stage, amount| amount;
    let open = |stage: &Stage| stage.kind == StageKind::Open;
    let figures_of = |stage: &Stage| -> Result<StageFigures> {
        Ok(StageFigures {
            stage: stage.key.clone(),
            name: stage.name.clone(),
            count: counters.value("leads", &stage.key),
            value: worth(&|own| own.key == stage.key, &whole)?,
        })
    };
    let by_source = groups(pipeline, counters, "leads.source").into_iter();
    let by_owner = groups(pipeline, counters, "leads.owner").into_iter();
    Ok(LeadFigures {
        total,
        open: total_of(&open),
        qualified: total_of(&|stage| stage.qualified),
        won,
        lost,
        conversion_rate: ratio(won, total),
        win_rate: ratio(won, won + lost),
        by_stage: stages.iter().map(figures_of).collect::<Result<_>>()?,
        by_source: by_source
            .map(|(source, leads)| SourceFigures { source: (!source.is_empty()).then_some(source), leads })
            .collect(),
        by_owner: by_owner
            .map(|(owner, leads)| OwnerFigures { owner_id: owner.parse().ok(), leads })
            .collect(),
        pipeline_value: worth(&open, &whole)?,
        weighted_value: worth(&open, &|stage, amount| stage.probability.of(amount))?,
        won_value: worth(&|stage| stage.kind == StageKind::Won, &whole)?,
    })
}
