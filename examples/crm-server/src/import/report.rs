//! What an import did: its figures, and what it tells on the way.

use std::{collections::BTreeMap, fmt};

/// How much of a cell a message shows.
const SHOWN: usize = 60;
/// How many different values a report remembers.
const MEMORY: usize = 100;

/// The figures of an import. `read` is the sum of the other four.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The rows that were read, without the header and without empty ones.
    pub read: u64,
    /// Records that were made.
    pub created: u64,
    /// Records that were there already and were changed.
    pub updated: u64,
    /// Records that were there already and stayed as they are.
    pub already_there: u64,
    /// Rows that made no record.
    pub refused: u64,
    /// Of those already there: how many say something else than their row.
    pub differing: u64,
    /// Cells that no field takes and that went to the notes instead.
    pub moved: u64,
    /// Rows without any content, which are not among those read.
    pub empty: u64,
    /// Cells that named no known stage, with how many rows have each.
    pub unknown_stages: BTreeMap<String, u64>,
}

impl Report {
    /// Whether every row that was read is accounted for.
    pub fn adds_up(&self) -> bool {
        self.read == self.created + self.updated + self.already_there + self.refused
    }

    pub(crate) fn note_unknown_stage(&mut self, cell: &str) {
        if self.unknown_stages.len() < MEMORY || self.unknown_stages.contains_key(cell) {
            *self.unknown_stages.entry(cell.to_owned()).or_default() += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, created, updated, already_there, refused, .. } = self;
        write!(
            f,
            "read {read}, created {created}, updated {updated}, already there {already_there}, refused {refused}"
        )
    }
}

/// What a file says, safe to print: cut to a line, without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars().take(SHOWN) {
        // Control characters could steer the terminal, and marks of direction could turn the line around.
        let odd = letter.is_control()
            || matches!(letter, '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if odd {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// `line 7`, or `lines 7 to 9`.
pub(crate) fn lines(first: u64, last: u64) -> String {
    if last > first { format!("lines {first} to {last}") } else { format!("line {first}") }
}
