//! Documents from the command line: a path, `file://path`, `-` for standard input, or inline JSON.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use crate::catalogue::Catalogue;
use crate::certificate::digest;
use crate::checks::{Admission, Strictness, admission};
use crate::cli::Failure;
use crate::cli::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Fault, Severity};
use crate::policy::Kind;
use crate::policy::read::ReadOptions;
use crate::report::Named;
use crate::report::diagnostic::{render, render_fault};
use crate::snapshot::Snapshot;
use crate::source::{FileId, Sources};
use crate::stack::{self, Builder, Document, Layer};

/// Bytes read from one document at most. The reader of policies has a smaller limit of its own (spec 2.1); this one
/// leaves room for a wrapper and keeps an endless file from filling the memory.
const LONGEST: u64 = 8 << 20;
/// Bytes of a snapshot of an account, which holds hundreds of policies.
const LONGEST_SNAPSHOT: u64 = 64 << 20;

/// How a policy is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its kind; `None` infers it (spec 2.4).
    pub kind: Option<Kind>,
    /// Which side of the question it is.
    pub side: Side,
    /// How strictly.
    pub strictness: Strictness,
}

/// The sides of a question. On the existing side wildcards in principals are patterns (spec 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The existing policy, the bound.
    Existing,
    /// The policy asked about.
    Asked,
}

/// The documents of one run.
#[derive(Debug, Default)]
pub struct Documents {
    /// Their texts.
    pub sources: Sources,
    /// What there is to say about them, in the order of reading.
    pub diagnostics: Vec<Diagnostic>,
    /// Names of the policies read, with their part of the diagnostics.
    read: Vec<(String, Range<usize>)>,
    /// The digest of the user's catalogue.
    pub catalogue_digest: Option<String>,
    standard_input_is_read: bool,
    inline: usize,
}

/// A document that can be analysed, with the name that the user gave it.
#[derive(Clone, Debug)]
pub struct Given {
    /// A path, `<stdin>` or `<inline>`.
    pub name: String,
    /// The document.
    pub document: Document,
    /// The digest of its bytes, as certificates name it.
    pub digest: String,
}

impl Given {
    /// For the report.
    pub fn named(&self) -> Named<'_> {
        Named { name: &self.name, side: self.document.side() }
    }
}

impl Reading {
    pub(super) fn options(self) -> ReadOptions {
        ReadOptions {
            kind: self.kind,
            lenient: self.strictness == Strictness::Lenient,
            strict: self.strictness == Strictness::Strict,
            reference: self.side == Side::Existing,
            holes: false,
        }
    }
}

impl Documents {
    /// Reads the text that an argument names.
    ///
    /// # Errors
    /// It cannot be read, is too long or not UTF-8, or standard input was asked for twice.
    pub fn text(&mut self, argument: &OsStr) -> Result<FileId, Failure> {
        let (name, bytes) = self.bytes(argument)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::CouldNotRun(format!("error: {name} is not UTF-8 (byte {at})"))
        })?;
        Ok(self.sources.add(name, text))
    }

    /// Reads a policy or a stack; `None` if it cannot be analysed. Its diagnostics are kept, and [`Documents::admitted`]
    /// is to be asked when all documents have been read, so that the problems of all are reported.
    ///
    /// # Errors
    /// It cannot be read, is too long, or standard input was asked for twice.
    pub fn given(&mut self, argument: &OsStr, how: Reading) -> Result<Option<Given>, Failure> {
        let (name, bytes) = self.bytes(argument)?;
        let outcome = stack::read(&mut self.sources, &name, &bytes, &how.options());
        self.keep(&name, outcome.diagnostics);
        Ok(outcome.document.map(|document| Given { name, document, digest: digest(&bytes) }))
    }

    /// Reads a document as a stack, whatever its members; `None` if it cannot be analysed.
    ///
    /// # Errors
    /// As [`Documents::given`].
    pub fn stack(&mut self, argument: &OsStr, how: Reading) -> Result<Option<Given>, Failure> {
        let (name, bytes) = self.bytes(argument)?;
        let outcome = stack::read_as_stack(&mut self.sources, &name, &bytes, &how.options());
        self.keep(&name, outcome.diagnostics);
        Ok(outcome.document.map(|document| Given { name, document, digest: digest(&bytes) }))
    }

    /// Makes a stack of documents given layer by layer; `None` if one of them cannot be analysed.
    ///
    /// # Errors
    /// As [`Documents::given`].
    pub fn layers(
        &mut self,
        arguments: &[(&OsStr, Layer)],
        management_account: Option<&str>,
        how: Reading,
    ) -> Result<Option<Given>, Failure> {
        let options = how.options();
        let mut builder = Builder::new(&options);
        if let Some(account) = management_account {
            builder.set_management_account(account.to_owned());
        }
        let mut all = Vec::new();
        for (argument, layer) in arguments {
            let (name, bytes) = self.bytes(argument)?;
            all.extend(&bytes);
            let found = builder.add(&mut self.sources, *layer, &name, &bytes);
            self.keep(&name, found);
        }
        let (name, digest) = ("<stack>".to_owned(), digest(&all));
        Ok(builder.finish().0.map(|stack| Given { name, document: Document::Stack(Box::new(stack)), digest }))
    }

    /// Reads a snapshot of an account, with its name.
    ///
    /// # Errors
    /// As [`Documents::given`].
    pub fn snapshot(&mut self, argument: &OsStr, how: Reading) -> Result<(String, Snapshot), Failure> {
        let (name, bytes) = self.bytes_up_to(argument, LONGEST_SNAPSHOT)?;
        let snapshot = Snapshot::read(&mut self.sources, &name, &bytes, &how.options());
        Ok((name, snapshot))
    }

    fn keep(&mut self, name: &str, diagnostics: Vec<Diagnostic>) {
        let first = self.diagnostics.len();
        self.diagnostics.extend(diagnostics);
        self.read.push((name.to_owned(), first..self.diagnostics.len()));
    }

    /// The facts about services: the user's, or the built-in ones.
    ///
    /// # Errors
    /// The file cannot be read or is no catalogue.
    pub fn catalogue(&mut self, path: Option<&Path>) -> Result<Catalogue, Failure> {
        let Some(path) = path else { return Ok(Catalogue::embedded()) };
        let file = self.text(path.as_os_str())?;
        self.catalogue_digest = Some(digest(self.sources.shared(file).as_bytes()));
        Catalogue::parse(&self.sources.shared(file)).map_err(|error| {
            let name = self.sources.name(file);
            Failure::CouldNotRun(format!("error: {name} is no catalogue: {error}"))
        })
    }

    /// Writes faults to standard error, and is the failure that they are.
    pub fn refused(&self, name: &str, faults: &[Fault], terminal: &Terminal) -> Failure {
        for fault in faults {
            terminal.complain(&render_fault(fault, &self.sources, terminal.error_paint));
        }
        let count = if faults.len() == 1 { "1 error".to_owned() } else { format!("{} errors", faults.len()) };
        Failure::CouldNotRun(format!("error: {name} was not read ({count}). Exit code 2."))
    }

    /// Writes the diagnostics to standard error and stops if a document cannot be analysed.
    ///
    /// # Errors
    /// A document that is not analysed, by name.
    pub fn admitted(&self, strictness: Strictness, terminal: &Terminal) -> Result<Admission, Failure> {
        for found in &self.diagnostics {
            terminal.complain(&render(found, &self.sources, terminal.error_paint));
        }
        let refused = self.read.iter().find_map(|(name, range)| {
            let found = self.diagnostics.get(range.clone()).unwrap_or_default();
            (admission(found, strictness) == Admission::Refused).then(|| refusal(name, found))
        });
        match refused {
            Some(failure) => Err(failure),
            None => Ok(admission(&self.diagnostics, strictness)),
        }
    }

    fn bytes(&mut self, argument: &OsStr) -> Result<(String, Vec<u8>), Failure> {
        self.bytes_up_to(argument, LONGEST)
    }

    fn bytes_up_to(&mut self, argument: &OsStr, most: u64) -> Result<(String, Vec<u8>), Failure> {
        match argument.to_str() {
            Some("-") if self.standard_input_is_read => {
                Err(Failure::CouldNotRun("error: only one document can be `-`, standard input".to_owned()))
            }
            Some("-") => {
                self.standard_input_is_read = true;
                let name = "<stdin>".to_owned();
                limited(&name, std::io::stdin().lock(), most).map(|bytes| (name, bytes))
            }
            Some(text) if text.starts_with('{') => {
                self.inline = self.inline.saturating_add(1);
                let name = if self.inline == 1 { "<inline>".to_owned() } else { format!("<inline {}>", self.inline) };
                limited(&name, text.as_bytes(), most).map(|bytes| (name, bytes))
            }
            Some(_) | None => {
                let path = path(argument);
                let name = path.to_string_lossy().into_owned();
                let file = File::open(&path)
                    .map_err(|error| Failure::CouldNotRun(format!("error: cannot read {name}: {error}")))?;
                limited(&name, file, most).map(|bytes| (name, bytes))
            }
        }
    }
}

/// The path of an argument without `file://`.
fn path(argument: &OsStr) -> OsString {
    match argument.to_str().and_then(|text| text.strip_prefix("file://")) {
        Some(path) => OsString::from(path),
        None => argument.to_owned(),
    }
}

/// All bytes, or an error if there are too many.
fn limited(name: &str, from: impl Read, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::CouldNotRun(format!("error: cannot read {name}: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(Failure::CouldNotRun(format!("error: {name} is longer than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// `bucket.json was not analysed (2 errors, 1 warning)`
pub(super) fn refusal(name: &str, found: &[Diagnostic]) -> Failure {
    let errors = found.iter().filter(|d| d.severity <= Severity::Error).count();
    let warnings = found.iter().filter(|d| d.severity == Severity::Warning).count();
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") })
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    Failure::CouldNotRun(format!("error: {name} was not analysed{counts}. Exit code 2."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_json_is_its_own_document() {
        let mut documents = Documents::default();
        let first = documents.text(OsStr::new("{}")).unwrap();
        let second = documents.text(OsStr::new(r#"{"a":1}"#)).unwrap();
        assert_eq!(documents.sources.get(first).unwrap().name, "<inline>");
        assert_eq!(documents.sources.get(second).unwrap().name, "<inline 2>");
        assert_eq!(documents.sources.get(second).unwrap().text.as_ref(), r#"{"a":1}"#);
    }

    #[test]
    fn an_endless_document_is_refused() {
        let error = limited("zero", std::io::repeat(b' '), LONGEST).unwrap_err();
        assert!(matches!(error, Failure::CouldNotRun(text) if text.contains("longer than 8 MiB")));
    }

    #[test]
    fn file_urls_are_paths() {
        assert_eq!(path(OsStr::new("file://a/b.json")), "a/b.json");
        assert_eq!(path(OsStr::new("a/b.json")), "a/b.json");
    }
}
