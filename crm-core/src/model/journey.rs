//! A lead's way through the pipeline, kept with the lead so that figures about it need not read its past.

use std::fmt::Write as _;

use chrono::{DateTime, TimeZone, Utc};

use crate::{FieldType, Kind, Pipeline, Stage, StageKind, Value};

/// The stages that a lead has been in, each once, in the order in which it first entered them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journey(Vec<Leg>);

/// What is kept of a lead and one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The stage's key.
    pub stage: String,
    /// When the lead entered it for the first time.
    pub entered_at: DateTime<Utc>,
    /// How long it was there in all, in seconds, without the time since it entered the stage that it is in.
    pub seconds: i64,
    /// Whether it went on from there: it entered a stage further along the pipeline, or was won. That it was lost, or
    /// went back, is no going on; that it went back after it had gone on changes nothing.
    pub advanced: bool,
}

/// More stages than a lead can sensibly have been in. The oldest are forgotten then.
const MAX_LEGS: usize = 200;

impl Journey {
    /// The stages.
    pub fn legs(&self) -> &[Leg] {
        &self.0
    }

    /// The lead leaves a stage, in which it was since `entered_at`.
    pub(crate) fn leave(&mut self, stage: &str, entered_at: DateTime<Utc>, now: DateTime<Utc>) {
        if let Some(leg) = self.0.iter_mut().find(|leg| leg.stage == stage) {
            leg.seconds = leg.seconds.saturating_add((now - entered_at).num_seconds().max(0));
        }
    }

    /// The lead enters a stage of the pipeline as it is now.
    pub(crate) fn enter(&mut self, stage: &str, pipeline: &Pipeline, now: DateTime<Utc>) {
        let place = |key: &str| pipeline.stages.0.iter().position(|own| own.key == key);
        let kind = pipeline.stage(stage).map(|own: &Stage| own.kind);
        for leg in self.0.iter_mut().filter(|leg| leg.stage != stage) {
            leg.advanced |= match kind {
                Some(StageKind::Won) => true,
                Some(StageKind::Open) => place(&leg.stage) < place(stage) && place(&leg.stage).is_some(),
                Some(StageKind::Lost) | None => false,
            };
        }
        if self.0.iter().all(|leg| leg.stage != stage) {
            if self.0.len() >= MAX_LEGS {
                self.0.remove(0);
            }
            self.0.push(Leg { stage: stage.to_owned(), entered_at: now, seconds: 0, advanced: false });
        }
    }

    fn read(text: &str) -> Self {
        let leg = |text: &str| {
            let (stage, rest) = text.split_once('@')?;
            let (at, rest) = rest.split_once('+')?;
            let (seconds, advanced) = match rest.strip_suffix('>') {
                Some(seconds) => (seconds, true),
                None => (rest, false),
            };
            let entered_at = Utc.timestamp_micros(at.parse().ok()?).single()?;
            Some(Leg { stage: stage.to_owned(), entered_at, seconds: seconds.parse().ok()?, advanced })
        };
        Self(text.split(' ').filter_map(leg).collect())
    }
}

/// In a row it is a text: `new@1767225600000000+3600> contacted@1767229200000000+0`.
impl FieldType for Journey {
    type Plain = Self;
    const KIND: Kind = Kind::Text;
    const OPTIONAL: bool = true;

    fn to_value(&self) -> Value {
        let mut text = String::new();
        for leg in &self.0 {
            let space = if text.is_empty() { "" } else { " " };
            let (at, advanced) = (leg.entered_at.timestamp_micros(), if leg.advanced { ">" } else { "" });
            // Writing to a string does not fail.
            let _ = write!(text, "{space}{}@{at}+{}{advanced}", leg.stage, leg.seconds);
        }
        if text.is_empty() { Value::Null } else { Value::Text(text) }
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::default()),
            Value::Text(text) => Some(Self::read(&text)),
            _ => None,
        }
    }
    fn from_plain(plain: Self) -> Self {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(hour * 3_600, 0).single().unwrap()
    }

    /// A lead that enters these stages, an hour in each.
    fn through(stages: &[&str]) -> Journey {
        let (pipeline, mut journey) = (Pipeline::default(), Journey::default());
        for (hour, stage) in (0_usize..).zip(stages) {
            if let Some(left) = hour.checked_sub(1) {
                journey.leave(stages[left], at(left as i64), at(hour as i64));
            }
            journey.enter(stage, &pipeline, at(hour as i64));
        }
        journey
    }

    fn told(journey: &Journey) -> Vec<(&str, i64, bool)> {
        journey.legs().iter().map(|leg| (leg.stage.as_str(), leg.seconds / 3_600, leg.advanced)).collect()
    }

    #[test]
    fn a_skipped_stage_was_not_entered() {
        assert_eq!(
            told(&through(&["new", "proposal", "closed_won"])),
            [("new", 1, true), ("proposal", 1, true), ("closed_won", 0, false)]
        );
    }

    #[test]
    fn a_lost_lead_did_not_go_on_from_where_it_was_lost() {
        assert_eq!(
            told(&through(&["new", "qualified", "closed_lost"])),
            [("new", 1, true), ("qualified", 1, false), ("closed_lost", 0, false)]
        );
    }

    #[test]
    fn a_stage_that_is_entered_again_counts_once_and_adds_up_its_time() {
        assert_eq!(
            told(&through(&["contacted", "qualified", "contacted", "qualified", "proposal"])),
            [("contacted", 2, true), ("qualified", 2, true), ("proposal", 0, false)]
        );
    }

    #[test]
    fn going_back_is_no_going_on() {
        assert_eq!(told(&through(&["qualified", "new"])), [("qualified", 1, false), ("new", 0, false)]);
    }

    #[test]
    fn a_journey_is_read_as_it_was_written_and_whatever_else_is_left_out() {
        let journey = through(&["new", "qualified", "closed_lost", "new", "closed_won"]);
        assert_eq!(Journey::from_value(journey.to_value()), Some(journey));
        for odd in ["", "a", "a@", "a@1+", "@+", "a@x+1", "a@1+x> b"] {
            assert_eq!(Journey::from_value(Value::Text(odd.into())), Some(Journey::default()), "{odd}");
        }
        assert_eq!(Journey::default().to_value(), Value::Null);
    }
}
