//! Documents from the command line: a path, `file://path`, `-` for standard input, or inline JSON.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;

use crate::checks::{Admission, Strictness, admission};
use crate::cli::Failure;
use crate::cli::terminal::Terminal;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::policy::{Kind, Policy, Version};
use crate::report::json::kebab;
use crate::source::{FileId, Sources, Span};

/// Bytes read from one document at most. The reader of policies has a smaller limit of its own (spec 2.1); this one
/// leaves room for a wrapper and keeps an endless file from filling the memory.
const LONGEST: u64 = 8 << 20;

/// The documents of one run.
#[derive(Debug, Default)]
pub struct Documents {
    /// Their texts.
    pub sources: Sources,
    /// What there is to say about them, in the order of reading.
    pub diagnostics: Vec<Diagnostic>,
    standard_input_is_read: bool,
    inline: usize,
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

    /// Reads a policy. Its diagnostics are kept; whether the check may proceed is for [`Documents::admitted`] to say.
    ///
    /// # Errors
    /// As [`Documents::text`].
    pub fn policy(&mut self, argument: &OsStr, kind: Option<Kind>) -> Result<Policy, Failure> {
        let file = self.text(argument)?;
        let (policy, found) = read(&self.sources, file, kind);
        self.diagnostics.extend(found);
        Ok(policy)
    }

    /// Writes the diagnostics to standard error and stops if a document cannot be analysed.
    ///
    /// # Errors
    /// A document with fatal diagnostics.
    pub fn admitted(&self, strictness: Strictness, terminal: &Terminal) -> Result<Admission, Failure> {
        for found in &self.diagnostics {
            terminal.complain(&sketch(found, &self.sources));
        }
        match admission(&self.diagnostics, strictness) {
            Admission::Refused => {
                Err(Failure::CouldNotRun("error: the policy was not analysed. Exit code 2.".to_owned()))
            }
            admission @ (Admission::Clean | Admission::NoPass) => Ok(admission),
        }
    }

    fn bytes(&mut self, argument: &OsStr) -> Result<(String, Vec<u8>), Failure> {
        match argument.to_str() {
            Some("-") if self.standard_input_is_read => {
                Err(Failure::CouldNotRun("error: only one document can be `-`, standard input".to_owned()))
            }
            Some("-") => {
                self.standard_input_is_read = true;
                let name = "<stdin>".to_owned();
                limited(&name, std::io::stdin().lock()).map(|bytes| (name, bytes))
            }
            Some(text) if text.starts_with('{') => {
                self.inline = self.inline.saturating_add(1);
                let name = if self.inline == 1 { "<inline>".to_owned() } else { format!("<inline {}>", self.inline) };
                limited(&name, text.as_bytes()).map(|bytes| (name, bytes))
            }
            Some(_) | None => {
                let path = path(argument);
                let name = path.to_string_lossy().into_owned();
                let file = File::open(&path)
                    .map_err(|error| Failure::CouldNotRun(format!("error: cannot read {name}: {error}")))?;
                limited(&name, file).map(|bytes| (name, bytes))
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
fn limited(name: &str, from: impl Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::CouldNotRun(format!("error: cannot read {name}: {error}")))?;
    if bytes.len() as u64 > LONGEST {
        return Err(Failure::CouldNotRun(format!("error: {name} is longer than {} MiB", LONGEST >> 20)));
    }
    Ok(bytes)
}

/// Stands for the reader of policies until it is built: JSON or not, and an empty policy.
fn read(sources: &Sources, file: FileId, kind: Option<Kind>) -> (Policy, Vec<Diagnostic>) {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    let span = Span { file, start: 0, end: u32::try_from(text.len()).unwrap_or(u32::MAX) };
    let found =
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).err().map(|error| Diagnostic {
            code: Code::JsonSyntax,
            severity: Severity::Fatal,
            message: format!("not a policy: {error}"),
            span: Some(span),
            label: String::new(),
            secondary: Vec::new(),
            help: None,
        });
    let policy = Policy {
        kind: kind.unwrap_or(Kind::Identity),
        inferred: kind.is_none(),
        version: Version::V2012,
        id: None,
        statements: Vec::new(),
        file,
        span,
    };
    (policy, found.into_iter().collect())
}

/// A diagnostic in two lines, until the report shows it with its excerpt.
fn sketch(found: &Diagnostic, sources: &Sources) -> String {
    let word = match found.severity {
        Severity::Fatal | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    };
    let code = kebab(&format!("{:?}", found.code));
    let place = found.span.map_or(String::new(), |span| {
        let name = sources.get(span.file).map_or("", |source| source.name.as_str());
        let at = sources.line_column(span.file, span.start);
        format!("\n  --> {name}:{}:{}", at.line, at.column)
    });
    format!("{word}[{code}]: {}{place}", found.message)
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
        assert_eq!(documents.sources.get(second).unwrap().text, r#"{"a":1}"#);
    }

    #[test]
    fn an_endless_document_is_refused() {
        let error = limited("zero", std::io::repeat(b' ')).unwrap_err();
        assert!(matches!(error, Failure::CouldNotRun(text) if text.contains("longer than 8 MiB")));
    }

    #[test]
    fn file_urls_are_paths() {
        assert_eq!(path(OsStr::new("file://a/b.json")), "a/b.json");
        assert_eq!(path(OsStr::new("a/b.json")), "a/b.json");
    }
}
