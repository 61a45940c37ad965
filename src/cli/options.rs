//! Options that several commands share, and how their values are read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::checks::{Certification, READINGS, Reading, Realizability, Requests, Settings, Strictness};
use crate::policy::Kind;
use crate::request::Caller;
use crate::semantics::Contested;

/// How to show the answer.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Text for people or JSON for programs; `scan` also writes sarif, junit, github, gitlab, markdown and html, and
    /// each of them into a file with FORMAT=FILE, repeatable. The exit code is the same
    #[arg(long, visible_alias = "format", value_name = "FORMAT", default_value = "text", global = true)]
    #[arg(value_parser = destination)]
    pub output: Vec<Destination>,
    /// Colour; `auto` is on a terminal only, and follows `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,
    /// Show every reason in full, not only the first five
    #[arg(long, global = true)]
    pub all: bool,
    /// Show also how to reproduce each request, with keyaki and with the AWS CLI
    #[arg(long, global = true)]
    pub verbose: bool,
    /// Exit 0 instead of 1 and 3, for jobs that upload the answer
    #[arg(long, global = true)]
    pub exit_zero: bool,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What is written where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The format.
    pub form: Form,
    /// The file; standard output if absent.
    pub file: Option<PathBuf>,
}

/// Formats of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For code scanning and editors.
    Sarif,
    /// For test reports.
    Junit,
    /// Annotations of a GitHub workflow.
    Github,
    /// GitLab's code quality.
    Gitlab,
    /// For step summaries and comments.
    Markdown,
    /// One page, for people.
    Html,
}

/// Reads `--output`.
fn destination(text: &str) -> Result<Destination, String> {
    let (form, file) = match text.split_once('=') {
        Some((_, "")) => return Err("the name of the file is missing after `=`".to_owned()),
        Some((form, file)) => (form, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let form = Form::from_str(form, false).map_err(|_| {
        let names: Vec<_> = Form::value_variants().iter().filter_map(Form::to_possible_value).collect();
        let names: Vec<&str> = names.iter().map(clap::builder::PossibleValue::get_name).collect();
        format!("expected one of {}", names.join(", "))
    })?;
    Ok(Destination { form, file })
}

impl Output {
    /// What goes to standard output where there is a choice of two.
    pub fn format(&self) -> Format {
        let json = |destination: &Destination| destination.form == Form::Json && destination.file.is_none();
        if self.output.iter().any(json) { Format::Json } else { Format::Text }
    }

    /// Whether only text or JSON is asked for, on standard output: all that the commands beside `scan` write.
    pub fn is_plain(&self) -> bool {
        let plain = |destination: &Destination| {
            matches!(destination.form, Form::Text | Form::Json) && destination.file.is_none()
        };
        self.output.len() == 1 && self.output.iter().all(plain)
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to ask.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to ask")]
pub struct Asking {
    /// Work units to spend on a question: counted, not timed, so the answer is the same on every machine
    #[arg(long, value_name = "N", default_value_t = Settings::DEFAULT_BUDGET, value_parser = clap::value_parser!(u64).range(1..))]
    pub budget: u64,
    /// Take warnings about a document as fatal
    #[arg(long, conflicts_with = "lenient")]
    pub strict: bool,
    /// Let a document with errors that are not fatal end in PASS
    #[arg(long)]
    pub lenient: bool,
    /// Relations between the parts of a request that are taken for granted
    #[arg(long, value_name = "WHICH", default_value = "all", conflicts_with = "compat")]
    pub assume: Assume,
    /// Drop the relations that the service is not known to use
    #[arg(long, value_name = "SERVICE")]
    pub compat: Option<Compat>,
    /// Look only at requests whose action, resource and keys the catalogue knows together; without it they are free, as in
    /// the service's own checks
    #[arg(long)]
    pub realistic: bool,
    /// Contested rules: `all` readings at once, the `default` one, or some fixed (`C2=alt,C1=R3,C7=default`)
    #[arg(long, value_name = "READING", default_value = "all", value_parser = reading)]
    pub reading: Reading,
    /// Write the proof of a PASS there; `keyaki verify` checks it without the solver
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// Do not check the proof of a PASS before it is shown
    #[arg(long)]
    pub no_self_check: bool,
}

/// What is fixed in a question about all requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "How to ask")]
pub struct Fixed {
    /// In a stack: only this caller; any caller if absent
    #[arg(long, value_name = "ARN", value_parser = caller)]
    pub principal: Option<Caller>,
    /// In a stack: the account of every resource; any account if absent
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub resource_account: Option<String>,
    /// Facts about services instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
}

/// Reads `--principal`.
fn caller(text: &str) -> Result<Caller, String> {
    Caller::parse(text).map_err(|error| format!("{error}: {}", error.hint()))
}

/// Reads the id of an account.
///
/// # Errors
/// Not 12 digits.
pub fn account(text: &str) -> Result<String, String> {
    let complete = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if complete { Ok(text.to_owned()) } else { Err("an account id has 12 digits".to_owned()) }
}

impl Asking {
    /// For the engine.
    pub fn settings(&self, fixed: &Fixed) -> Settings {
        let realizability = match (self.assume, self.compat) {
            (_, Some(Compat::Aws)) => Realizability::LikeAws,
            (Assume::None, None) => Realizability::Nothing,
            (Assume::All, None) => Realizability::All,
        };
        Settings {
            budget: self.budget,
            realizability,
            reading: self.reading.clone(),
            principal: fixed.principal.clone(),
            resource_account: fixed.resource_account.clone(),
            zone: None,
            requests: if self.realistic { Requests::Realistic } else { Requests::Free },
            certification: self.certification(),
        }
    }

    fn certification(&self) -> Certification {
        match (self.no_self_check, &self.certificate) {
            (false, _) => Certification::Checked,
            (true, Some(_)) => Certification::Made,
            (true, None) => Certification::Omitted,
        }
    }

    /// For the diagnostics.
    pub fn strictness(&self) -> Strictness {
        match (self.strict, self.lenient) {
            (true, _) => Strictness::Strict,
            (false, true) => Strictness::Lenient,
            (false, false) => Strictness::Ordinary,
        }
    }
}

/// `--assume`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Assume {
    /// All relations.
    All,
    /// No relation.
    None,
}

/// `--compat`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compat {
    /// As the service is known to do.
    Aws,
}

/// Reads `--policy-type`.
///
/// # Errors
/// No such kind; the sentence lists them.
pub fn kind(text: &str) -> Result<Kind, String> {
    Kind::named(text).ok_or_else(|| {
        let names: Vec<&str> = Kind::names().collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// Reads `--reading`. Rules that are not named stay open: a PASS then holds in both of their readings.
///
/// # Errors
/// No such rule or reading, or a rule fixed twice.
pub fn reading(text: &str) -> Result<Reading, String> {
    match text {
        "all" => Ok(Reading::default()),
        "default" => Ok(every_default()),
        some => {
            let mut fixed = BTreeMap::new();
            for part in some.split(',') {
                for (rule, value) in fix(part)? {
                    if fixed.insert(rule, value).is_some() {
                        return Err(format!("`{part}` fixes a rule again"));
                    }
                }
            }
            Ok(Reading { fixed })
        }
    }
}

/// Every rule in its default reading.
fn every_default() -> Reading {
    Reading { fixed: READINGS.iter().map(|(_, rule)| (*rule, false)).collect() }
}

/// One `RULE=READING`. C1 has three readings: R1 (the default), R2 and R3.
fn fix(part: &str) -> Result<Vec<(Contested, bool)>, String> {
    let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` is not of the form C2=alt"))?;
    if name == "C1" {
        let (second, third) = match value {
            "R1" | "default" => (false, false),
            "R2" => (true, false),
            "R3" => (false, true),
            _ => return Err(format!("`{value}` is no reading of C1: R1, R2, R3")),
        };
        return Ok(vec![(Contested::C1R2, second), (Contested::C1R3, third)]);
    }
    let rule = READINGS.iter().find(|(known, _)| *known == name);
    let (_, rule) = rule.ok_or_else(|| format!("`{name}` is no contested rule"))?;
    match value {
        "alt" => Ok(vec![(*rule, true)]),
        "default" => Ok(vec![(*rule, false)]),
        _ => Err(format!("`{value}` is no reading of {name}: default, alt")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_policy_kind() {
        assert_eq!(kind("IDENTITY_POLICY"), Ok(Kind::Identity));
        assert_eq!(kind("vpce"), Ok(Kind::Endpoint));
        assert!(kind("role").unwrap_err().contains("RESOURCE_CONTROL_POLICY"));
    }

    #[test]
    fn readings() {
        assert!(reading("all").unwrap().fixed.is_empty());
        let default = reading("default").unwrap().fixed;
        assert_eq!((default.len(), default.values().any(|value| *value)), (16, false));
        let some = reading("C2=alt,C1=R3,C17=default").unwrap().fixed;
        let expected =
            [(Contested::C1R2, false), (Contested::C1R3, true), (Contested::C2, true), (Contested::C17, false)];
        assert_eq!(some, expected.into_iter().collect());
        for bad in ["", "C2", "C11=alt", "C2=R2", "C1=alt", "C2=alt,C2=alt", "C2=alt,"] {
            assert!(reading(bad).is_err(), "{bad}");
        }
    }
}
