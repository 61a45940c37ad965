//! What the checks share: from a question to its answer on the terminal, and the proof in a file.

use crate::certificate::Property;
use crate::checks::claims::Claims;
use crate::checks::{self, Admission, Disagreement, Report};
use crate::cli::Failure;
use crate::cli::certificate;
use crate::cli::document::Documents;
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Format};
use crate::cli::terminal::Terminal;
use crate::report::{Answer, Named, Question, json, text};

/// A question that is ready to be put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check<'a> {
    /// For all requests.
    pub(super) question: checks::Question<'a>,
    /// As reports say it.
    pub(super) shown: Question<'a>,
    /// About what.
    pub(super) asked: Named<'a>,
    /// How the user asks.
    pub(super) asking: &'a Asking,
    /// What the diagnostics leave of a PASS.
    pub(super) admission: Admission,
    /// All that was read.
    pub(super) documents: &'a Documents,
}

impl Check<'_> {
    /// The answer, what `more` adds to it included. A proof goes to the file that was asked for; `property` is what it
    /// says it proves.
    ///
    /// # Errors
    /// A counterexample that does not replay; a file that cannot be written.
    pub(super) fn report(
        &self,
        more: impl FnOnce(&checks::Question<'_>, Report) -> Result<Report, Disagreement>,
        property: impl Fn() -> Property,
        terminal: &Terminal,
    ) -> Result<Report, Failure> {
        let report = checks::ask(&self.question)
            .and_then(|report| more(&self.question, report))
            .map_err(|disagreement| certificate::defect(&disagreement, &property(), self.documents))?
            .admitted(self.admission, &self.documents.diagnostics);
        certificate::keep(self.asking, &report, property, &Claims::Question(self.question), terminal)?;
        Ok(report)
    }

    /// The answer with all that is needed to show it.
    pub(super) fn answer<'r>(&'r self, report: &'r Report) -> Answer<'r> {
        Answer {
            question: self.shown,
            asked: self.asked,
            report,
            diagnostics: &self.documents.diagnostics,
            sources: &self.documents.sources,
            catalogue: self.question.catalogue,
        }
    }

    /// Shows the answer in the format asked for; what it says to the caller.
    ///
    /// # Errors
    /// Nobody listens.
    pub(super) fn show(&self, report: &Report, terminal: &Terminal) -> Result<Exit, Failure> {
        let answer = self.answer(report);
        terminal.show(&match terminal.format {
            Format::Json => format!("{}\n", json::answer(&answer)),
            Format::Text if terminal.verbose => text::verbose_answer(&answer, terminal.paint, terminal.length),
            Format::Text => text::answer(&answer, terminal.paint, terminal.length),
        })?;
        Ok(Exit::from(report.verdict))
    }
}
