//! `keyaki explain`: what a policy says and what of it adds nothing; or the page of a diagnostic code.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::catalogue::Catalogue;
use crate::certificate::{Property, digest};
use crate::checks::claims::{Claims, equivalence};
use crate::checks::{Admission, Redundancy, Settings, redundancy};
use crate::cli::Failure;
use crate::cli::certificate::{self, Manner};
use crate::cli::document::{Documents, Given, Reading, Side};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::diagnostic::Code;
use crate::minify::minify;
use crate::policy::read::{ReadOptions, nearest};
use crate::policy::{Kind, Policy};
use crate::report::explanation::Explanation;
use crate::report::formula::Notation;
use crate::report::paint::printable;
use crate::report::{json, text};
use crate::source::Sources;
use crate::stack::{self, Document};

/// What does a policy say, and what of it adds nothing? Or: what does a diagnostic code mean?
///
/// A policy is shown as a formula, statement by statement, with the statements, entries and conditions that can be left
/// out without a change of meaning, each proved for every request. A Deny that stops nothing which its own document grants
/// is named, but stays: it also stops what other policies grant.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A policy or a stack (a path, `-` or JSON); or a code as diagnostics show it in brackets
    #[arg(value_name = "POLICY|CODE")]
    subject: OsString,
    /// Print a smaller policy that says the same, proved, instead of the explanation
    #[arg(long)]
    minify: bool,
    /// Words instead of ∧ ∨ ¬ ∈
    #[arg(long)]
    ascii: bool,
    /// What the document is attached to; inferred from the document if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// Facts about services instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    asking: Asking,
}

const EXAMPLES: &str = "\
Examples:
  keyaki explain policy.json
  keyaki explain --minify policy.json > smaller.json
  keyaki explain dup-key";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    match code(&arguments.subject)? {
        Some(code) => {
            let shown = match terminal.format {
                Format::Json => format!("{}\n", json::page(code)),
                Format::Text => text::page(code, terminal.paint),
            };
            terminal.show(&shown)?;
            Ok(Exit::Holds)
        }
        None => policy(arguments, terminal),
    }
}

/// The code that is meant; `None` if a document is.
fn code(subject: &OsStr) -> Result<Option<Code>, Failure> {
    let Some(text) = subject.to_str() else { return Ok(None) };
    let name = text.trim_matches(['[', ']']);
    if let Some(code) = Code::from_name(name) {
        return Ok(Some(code));
    }
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if !is_word || text == "-" || Path::new(subject).exists() {
        return Ok(None);
    }
    let near = nearest(name, Code::ALL.iter().map(|code| code.name()));
    let help = near.map_or(String::new(), |near| format!("\n  = help: did you mean `{near}`?"));
    let name = printable(name);
    Err(Failure::CouldNotRun(format!("error: `{name}` is no diagnostic code, and there is no such file{help}")))
}

fn policy(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::default();
    let strictness = arguments.asking.strictness();
    let how = Reading { kind: arguments.policy_type, side: Side::Asked, strictness };
    let given = documents.given(&arguments.subject, how)?;
    let catalogue = documents.catalogue(arguments.catalogue.as_deref())?;
    let admission = documents.admitted(strictness, terminal)?;
    let Some(given) = given else {
        return Err(Failure::CouldNotRun("error: the document was not read".to_owned()));
    };
    let fixed = Fixed { principal: None, resource_account: None, catalogue: None };
    let settings = arguments.asking.settings(&fixed);
    if arguments.minify {
        let options = how.options();
        let minified = |policy: &Policy| {
            minify(&documents.sources, policy, &options, &catalogue, &settings)
                .map_err(|defect| Failure::Internal(defect.what))
        };
        let certify = |policy: &Policy, text: &str| match &arguments.asking.certificate {
            Some(path) => {
                let asked = Equivalent { path, given: &given, policy, manner: Manner::of(&arguments.asking, &fixed) };
                asked.keep(text, &options, (&catalogue, &settings), &documents, terminal)
            }
            None => Ok(Exit::Holds),
        };
        return smaller(&given, admission, terminal, minified, certify);
    }
    certificate::none_for(&arguments.asking, "an explanation without `--minify`")?;
    let policies = policies(&given);
    let found: Vec<Option<Redundancy>> = policies
        .iter()
        .map(|(_, policy)| (admission == Admission::Clean).then(|| redundancy(policy, &catalogue, &settings)))
        .collect();
    let notation = if arguments.ascii { Notation::Words } else { Notation::Signs };
    let explanations: Vec<Explanation<'_>> = policies
        .iter()
        .zip(&found)
        .map(|((layer, policy), redundancy)| Explanation {
            name: &given.name,
            layer: layer.as_deref(),
            policy,
            redundancy: redundancy.as_ref(),
            diagnostics: &documents.diagnostics,
            sources: &documents.sources,
            notation,
        })
        .collect();
    terminal.show(&shown(&explanations, terminal))?;
    Ok(Exit::Holds)
}

/// The policies of a document with their layer.
fn policies(given: &Given) -> Vec<(Option<String>, &Policy)> {
    match &given.document {
        Document::Policy(policy) => vec![(None, policy)],
        Document::Stack(stack) => {
            stack::places(stack).into_iter().map(|(layer, policy)| (Some(layer), policy)).collect()
        }
    }
}

fn shown(explanations: &[Explanation<'_>], terminal: &Terminal) -> String {
    match terminal.format {
        Format::Json => format!("{}\n", json::explanations(explanations)),
        Format::Text => {
            let texts = explanations.iter().map(|one| text::explanation(one, terminal.paint, terminal.length));
            texts.collect::<Vec<String>>().join("\n")
        }
    }
}

/// Prints the smaller document on standard output, and what was saved on standard error.
fn smaller(
    given: &Given,
    admission: Admission,
    terminal: &Terminal,
    minify: impl Fn(&Policy) -> Result<crate::minify::Minified, Failure>,
    certify: impl Fn(&Policy, &str) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let Document::Policy(policy) = &given.document else {
        let text = "error: --minify takes one policy, not a stack\n  = help: give the policies of the stack one by one";
        return Err(Failure::CouldNotRun(text.to_owned()));
    };
    if admission != Admission::Clean {
        let name = printable(&given.name);
        let text = format!(
            "error: {name} has errors, so nothing can be proved of it\n  = help: correct them, or pass with `--lenient`"
        );
        return Err(Failure::CouldNotRun(text));
    }
    let minified = minify(policy)?;
    match terminal.format {
        Format::Json => terminal.show(&format!("{}\n", json::minified(&minified)))?,
        Format::Text => {
            terminal.show(&format!("{}\n", minified.text))?;
            terminal.complain(&text::saved(&minified));
        }
    }
    let kept = certify(policy, &minified.text)?;
    Ok(if minified.proved { kept } else { Exit::Undecided })
}

/// A certificate that is asked for beside a smaller document.
struct Equivalent<'a> {
    path: &'a Path,
    given: &'a Given,
    policy: &'a Policy,
    manner: Manner<'a>,
}

impl Equivalent<'_> {
    /// Writes the proof that the smaller document, with the line end that is printed after it, says the same.
    fn keep(
        &self,
        text: &str,
        options: &ReadOptions,
        (catalogue, settings): (&Catalogue, &Settings),
        documents: &Documents,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        let options = ReadOptions { kind: Some(self.policy.kind), ..options.clone() };
        let printed = format!("{text}\n");
        let smaller = stack::read(&mut Sources::default(), "the smaller document", printed.as_bytes(), &options);
        let Some(document) = smaller.document else {
            return Err(Failure::Internal("the smaller document cannot be read".to_owned()));
        };
        let digest = digest(printed.as_bytes());
        let smaller = Given { name: "the smaller document".to_owned(), document, digest };
        let property = equivalence_property(self.given, &smaller, self.manner, documents);
        let Document::Policy(second) = &smaller.document else {
            return Err(Failure::Internal("the smaller document is no policy".to_owned()));
        };
        let both = [self.policy, second];
        let proofs = equivalence(both, catalogue, settings)
            .map_err(|disagreement| certificate::defect(&disagreement, &property, documents))?;
        match proofs {
            Some(proofs) => {
                let claims = Claims::Equivalence { documents: both, catalogue, settings };
                certificate::keep_all(self.path, property, &claims, proofs)?;
                Ok(Exit::Holds)
            }
            None => {
                certificate::not_written(self.path, "that both say the same was not proved", terminal);
                Ok(Exit::Undecided)
            }
        }
    }
}

/// What was asked, as certificates say it.
pub(super) fn equivalence_property(
    first: &Given,
    second: &Given,
    manner: Manner<'_>,
    documents: &Documents,
) -> Property {
    let property = certificate::with_document(Property::of("equivalent"), "existing", first);
    certificate::with_manner(certificate::with_document(property, "new", second), manner, documents)
}
