//! A scan written where the options ask for it: one format to standard output, others into files.

use crate::catalogue::Catalogue;
use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::cli::options::{Destination, Form, Output};
use crate::cli::terminal::Terminal;
use crate::report::finding::{Overall, Shown};
use crate::report::{github, gitlab, html, junit, markdown, sarif, scan};
use crate::scan::Scan;
use crate::standard::Paths;

/// A scan and what it comes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished<'a> {
    pub(super) scan: &'a Scan,
    pub(super) catalogue: &'a Catalogue,
    pub(super) paths: &'a Paths,
    pub(super) allow_skips: bool,
    pub(super) exit: Exit,
}

/// Writes all formats that are asked for. What nobody asked to be in a file alone goes to standard output as text.
pub(super) fn write(finished: &Finished<'_>, output: &Output, terminal: &Terminal) -> Result<(), Failure> {
    let (files, shown): (Vec<&Destination>, Vec<&Destination>) =
        output.output.iter().partition(|destination| destination.file.is_some());
    if shown.len() > 1 {
        let message = "error: only one format goes to standard output; write FORMAT=FILE for the others";
        return Err(Failure::CouldNotRun(message.to_owned()));
    }
    for destination in files {
        let Some(file) = &destination.file else { continue };
        let written = std::fs::write(file, finished.text(destination.form, None));
        written.map_err(|error| Failure::CouldNotRun(format!("error: cannot write {}: {error}", file.display())))?;
    }
    let form = shown.first().map_or(Form::Text, |destination| destination.form);
    terminal.show(&finished.text(form, Some(terminal)))
}

impl Finished<'_> {
    /// In a format; text in a file is in full and plain.
    fn text(&self, form: Form, terminal: Option<&Terminal>) -> String {
        use crate::report::paint::Paint;
        use crate::report::text::Length;
        let shown = Shown {
            scan: self.scan,
            catalogue: self.catalogue,
            allow_skips: self.allow_skips,
            overall: overall(self.exit),
            paths: self.paths,
        };
        match form {
            Form::Text => {
                let (paint, length) =
                    terminal.map_or((Paint::Plain, Length::Full), |terminal| (terminal.paint, terminal.length));
                scan::text(self.scan, self.catalogue, paint, length)
            }
            Form::Json => format!("{}\n", scan::json(self.scan, self.catalogue)),
            Form::Sarif => sarif::log(&shown),
            Form::Junit => junit::suites(&shown),
            Form::Github => github::annotations(&shown),
            Form::Gitlab => gitlab::code_quality(&shown),
            Form::Markdown => markdown::summary(&shown),
            Form::Html => html::page(&shown),
        }
    }
}

fn overall(exit: Exit) -> Overall {
    match exit {
        Exit::Holds => Overall::Holds,
        Exit::Fails => Overall::Fails,
        Exit::CouldNotRun => Overall::CouldNotRun,
        Exit::Undecided => Overall::Undecided,
        Exit::Internal => Overall::Internal,
    }
}
