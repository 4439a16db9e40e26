//! What an import shows on a terminal while it runs.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::import::Listener;

/// Prints the report to the standard output, and a bar to the standard error if that is a terminal.
pub(crate) struct Console {
    bar: ProgressBar,
}

impl Console {
    /// For a file of so many bytes, if that is known.
    pub(crate) fn new(bytes: Option<u64>) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = match bytes {
            Some(_) => "{wide_bar} {bytes}/{total_bytes}, {eta} left",
            None => "{spinner} {bytes} in {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

impl Listener for Console {
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.bar.suspend(|| writeln!(io::stdout(), "{line}"))
    }

    fn progress(&mut self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}
