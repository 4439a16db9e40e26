//! Which stage of the tenant's pipeline a cell means.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use crm_core::{Stage, fold};
use strsim::normalized_damerau_levenshtein;

use super::{
    columns::{listed, plain},
    report::shown,
};

/// Words that say nothing about the stage they stand with: `New Lead` is `New`, `Proposal Sent` is `Proposal`.
const FILLERS: [&str; 10] =
    ["lead", "leads", "deal", "opportunity", "prospect", "stage", "status", "sent", "made", "submitted"];
/// Words that look like a misspelt stage and mean another.
const NO_TYPO: [&str; 5] = ["contracted", "contract", "unqualified", "disqualified", "requalified"];
/// How alike a misspelt name must be, from 0 to 1: one slip in seven letters.
const ALIKE: f64 = 0.85;
/// How many different cells are remembered, so that a column of anything does not fill the memory.
const MEMORY: usize = 1000;

/// Tells stages by what cells say.
#[derive(Debug)]
pub(super) struct Stages {
    stages: Vec<Stage>,
    told: BTreeMap<String, String>,
    known: BTreeMap<String, Result<String, String>>,
}

impl Stages {
    /// Tells the stages of a pipeline, with what each of some cells means.
    ///
    /// # Errors
    /// If one is to mean a stage that the pipeline does not have.
    pub(super) fn new(stages: Vec<Stage>, told: &[(String, String)]) -> Result<Self> {
        let mut own = Self { stages, told: BTreeMap::new(), known: BTreeMap::new() };
        for (cell, meant) in told {
            let Some(stage) = own.named(meant) else {
                bail!("the pipeline has no stage `{meant}`; there are {}", own.keys());
            };
            own.told.insert(plain(cell), stage.key.clone());
        }
        Ok(own)
    }

    /// The key of the stage that a cell means.
    ///
    /// # Errors
    /// A message that reads on from the name of the column.
    pub(super) fn read(&mut self, cell: &str) -> Result<String, String> {
        if let Some(known) = self.known.get(cell) {
            return known.clone();
        }
        let found = self.find(cell);
        if self.known.len() < MEMORY {
            self.known.insert(cell.to_owned(), found.clone());
        }
        found
    }

    /// The cells that meant a stage under another name, with its key.
    pub(super) fn interpreted(&self) -> impl Iterator<Item = (&str, &str)> {
        let known =
            self.known.iter().filter_map(|(cell, found)| Some((cell.as_str(), found.as_deref().ok()?)));
        known.filter(|(cell, key)| self.named(cell).is_none_or(|stage| stage.key != *key))
    }

    fn find(&self, cell: &str) -> Result<String, String> {
        if let Some(key) = self.told.get(&plain(cell)) {
            return Ok(key.clone());
        }
        if let Some(stage) = self.named(cell).or_else(|| self.of_words(cell)).or_else(|| self.misspelt(cell))
        {
            return Ok(stage.key.clone());
        }
        Err(format!(
            "must be a stage of the pipeline ({}); say which one is meant with --stage \"{}=STAGE\"",
            self.keys(),
            shown(cell)
        ))
    }

    fn keys(&self) -> String {
        listed(&self.stages.iter().map(|stage| stage.key.as_str()).collect::<Vec<_>>())
    }

    /// By key or name, but for case, white space and punctuation.
    fn named(&self, cell: &str) -> Option<&Stage> {
        let cell = plain(cell);
        self.stages.iter().find(|stage| plain(&stage.key) == cell || plain(&stage.name) == cell)
    }

    /// By its words, fillers aside: all those of one stage, or some that only one stage has.
    fn of_words(&self, cell: &str) -> Option<&Stage> {
        let told = words(cell);
        if told.is_empty() {
            return None;
        }
        let own = |stage: &&Stage| -> Vec<String> { words(&stage.name) };
        let some = |stage: &&Stage| told.iter().all(|word| own(stage).contains(word));
        only(self.stages.iter().filter(|stage| own(stage) == told))
            .or_else(|| only(self.stages.iter().filter(some)))
    }

    /// By a name that is much like it, and more so than any other.
    fn misspelt(&self, cell: &str) -> Option<&Stage> {
        let cell = words(cell).concat();
        if NO_TYPO.contains(&cell.as_str()) {
            return None;
        }
        let likeness = |stage: &Stage| {
            let by = |name: &str| normalized_damerau_levenshtein(&words(name).concat(), &cell);
            by(&stage.name).max(by(&stage.key))
        };
        only(self.stages.iter().filter(|stage| likeness(stage) >= ALIKE))
    }
}

fn only<'a>(mut stages: impl Iterator<Item = &'a Stage>) -> Option<&'a Stage> {
    let first = stages.next();
    first.filter(|_| stages.next().is_none())
}

fn words(name: &str) -> Vec<String> {
    let folded = fold(name);
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty() && !FILLERS.contains(word)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_core::Pipeline;

    fn stages(told: &[(&str, &str)]) -> Stages {
        let told: Vec<_> = told.iter().map(|(cell, key)| ((*cell).to_owned(), (*key).to_owned())).collect();
        Stages::new(Pipeline::default().stages.0, &told).unwrap()
    }

    #[test]
    fn stages_are_told_by_key_name_words_and_small_slips() {
        let mut stages = stages(&[]);
        for (cell, key) in [
            ("closed_won", "closed_won"),
            ("Closed - Won", "closed_won"),
            ("CLOSED WON", "closed_won"),
            ("won", "closed_won"),
            ("Deal lost", "closed_lost"),
            ("Qualifed", "qualified"),
            ("Contcated", "contacted"),
            ("New Lead", "new"),
            ("Proposal Sent", "proposal"),
            ("Opportunity: Qualified", "qualified"),
        ] {
            assert_eq!(stages.read(cell).as_deref(), Ok(key), "{cell}");
        }
    }

    #[test]
    fn a_stage_that_may_mean_something_else_is_not_guessed() {
        let mut stages = stages(&[]);
        for cell in [
            "On Hold",
            "Disqualified",
            "Unqualified",
            "Not Qualified",
            "Contracted",
            "Closed",
            "Negotiation",
            "Proposal Rejected",
            "Re-engagement",
            "Lead",
            "Not contacted",
            "x",
        ] {
            let refused = stages.read(cell).unwrap_err();
            assert!(refused.contains(&format!("--stage \"{cell}=STAGE\"")), "{refused}");
        }
    }

    #[test]
    fn a_cell_means_what_it_was_told_to_mean() {
        let mut stages = stages(&[("On Hold", "contacted"), ("negotiation", "Closed Won")]);
        assert_eq!(stages.read("on hold").as_deref(), Ok("contacted"));
        assert_eq!(stages.read("Negotiation").as_deref(), Ok("closed_won"));
        assert!(Stages::new(Pipeline::default().stages.0, &[("a".into(), "nowhere".into())]).is_err());
    }
}
