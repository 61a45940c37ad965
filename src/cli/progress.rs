//! How far a long run is, on a terminal's standard error only.

use std::io::{IsTerminal, Write};

/// A count that is shown now and then in one place.
#[derive(Debug)]
pub(super) struct Progress {
    done: u64,
    /// Steps between two signs.
    stride: u64,
    shown: bool,
}

impl Progress {
    /// Shown every so many steps, if there is a terminal and the results do not go to one.
    pub(super) fn new(stride: u64) -> Self {
        let shown = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        Progress { done: 0, stride, shown }
    }

    /// One more is done; `say` puts the count into words.
    pub(super) fn step(&mut self, say: impl Fn(u64) -> String) {
        self.done = self.done.saturating_add(1);
        if self.shown && self.done.is_multiple_of(self.stride) {
            let _nobody_watches = write!(std::io::stderr().lock(), "\r{}\u{1b}[K", say(self.done));
        }
    }
}

impl Drop for Progress {
    /// Leaves the line empty for what is said at the end.
    fn drop(&mut self) {
        if self.shown {
            let _nobody_watches = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}
