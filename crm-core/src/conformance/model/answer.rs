//! Answers, as text that can be compared: values as they are, refusals by their meaning.

use std::fmt::{Debug, Write};

use uuid::Uuid;

use crate::Result;

/// What a store answered to a step.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// All of it.
    pub(super) text: String,
    /// Whether it was a refusal.
    pub(super) refused: bool,
    /// The records that came of it.
    pub(super) made: Vec<Uuid>,
    /// Where its page ended.
    pub(super) cursor: Option<String>,
}

/// The answer that a result is.
pub(super) fn told<T: Debug>(result: Result<T>, made: impl FnOnce(&T) -> Vec<Uuid>) -> Answer {
    match result {
        Ok(done) => Answer { text: format!("{done:?}"), refused: false, made: made(&done), cursor: None },
        Err(error) => Answer { text: format!("{error:?}"), refused: true, made: Vec::new(), cursor: None },
    }
}

impl Answer {
    /// This answer and another that was given with it.
    pub(super) fn and(mut self, other: &Self) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "; {}", other.text);
        self
    }

    /// A record that is live and referred to may be refused for either reason.
    pub(super) fn of_erasing(mut self) -> Self {
        if self.refused && self.text.starts_with("Conflict") {
            self.text = "Conflict".into();
        }
        self
    }
}
