//! Reading a policy document: from bytes or a JSON tree to a typed [`Policy`] and everything there is to say about it
//! (spec 2).

mod action;
mod condition;
mod document;
mod envelope;
mod principal;
mod resource;
mod set_keys;
mod statement;
mod text;
mod value;

use crate::diagnostic::{Code, Diagnostic, MOST_DIAGNOSTICS, Severity};
use crate::json::{self, Limits, Member, Node};
use crate::policy::template::{Template, VariableProblem, Variables, Wildcards};
use crate::policy::{Kind, Policy, Version};
use crate::source::{FileId, Sources, Span};

/// How a document is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The kind; `None` infers it (spec 2.4).
    pub kind: Option<Kind>,
    /// An unknown operator is an error and an unknown instead of fatal (spec 5.12).
    pub lenient: bool,
    /// Warnings are fatal.
    pub strict: bool,
    /// The existing document of check-no-new-access: wildcards in principal ARNs are patterns there (spec 2.5).
    pub reference: bool,
    /// The keys of values that are not known ([`super::template::HOLE`]) are variables in every field of a resource.
    pub holes: bool,
}

/// What came of reading.
#[derive(Clone, Debug)]
pub struct ReadOutcome {
    /// The document; `None` if something fatal is among the diagnostics.
    pub policy: Option<Policy>,
    /// Everything there is to say, in order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that holds the document: a derived one if the document was wrapped in text.
    pub file: FileId,
}

/// Envelopes inside envelopes that are opened.
const MOST_ENVELOPES: u32 = 4;

/// Reads a document from bytes, adding them to the sources under `name`. Envelopes are opened (contract 4).
pub fn read(sources: &mut Sources, name: &str, bytes: &[u8], options: &ReadOptions) -> ReadOutcome {
    let file = sources.next_id();
    match json::decode(bytes, file, Limits::DOCUMENT) {
        Ok(text) => {
            sources.add(name, text);
            read_text(sources, file, options, MOST_ENVELOPES)
        }
        Err(undecodable) => {
            sources.add(name, undecodable.shown);
            refused(file, vec![undecodable.problem])
        }
    }
}

/// Reads a document that is a value inside a larger text of `sources`, an object or a text that holds one.
pub fn read_node(sources: &mut Sources, node: &Node<'_>, options: &ReadOptions) -> ReadOutcome {
    read_value(sources, node, Vec::new(), options, MOST_ENVELOPES)
}

fn refused(file: FileId, diagnostics: Vec<Diagnostic>) -> ReadOutcome {
    ReadOutcome { policy: None, diagnostics, file }
}

/// Reads a text that is among the sources.
fn read_text(sources: &mut Sources, file: FileId, options: &ReadOptions, envelopes: u32) -> ReadOutcome {
    let text = sources.shared(file);
    if envelope::is_url_encoded(&text) {
        return match envelope::url_decode(&text, file) {
            Ok(decoded) => read_derived(sources, file, "URL-decoded", &decoded, options, envelopes),
            Err(problem) => refused(file, vec![problem]),
        };
    }
    let parsed = json::parse(&text, file, Limits::DOCUMENT);
    match &parsed.root {
        None => refused(file, parsed.diagnostics),
        Some(root) => read_value(sources, root, parsed.diagnostics, options, envelopes),
    }
}

/// Reads a text found inside another one, as a source of its own.
fn read_derived(
    sources: &mut Sources,
    outer: FileId,
    how: &str,
    text: &str,
    options: &ReadOptions,
    envelopes: u32,
) -> ReadOutcome {
    let name = format!("{} ({how})", sources.name(outer));
    let file = sources.add(name, text);
    match envelopes.checked_sub(1) {
        Some(left) => read_text(sources, file, options, left),
        None => refused(file, vec![Diagnostic::new(Code::BadWrapper, None, "too many envelopes inside each other")]),
    }
}

fn read_value(
    sources: &mut Sources,
    node: &Node<'_>,
    mut diagnostics: Vec<Diagnostic>,
    options: &ReadOptions,
    envelopes: u32,
) -> ReadOutcome {
    let file = node.span.file;
    match envelope::open(node, &mut diagnostics) {
        envelope::Opened::Document(document) => {
            let text = sources.shared(file);
            let under = text.get(document.span.start as usize..document.span.end as usize).unwrap_or("");
            let whole =
                document.span.start == 0 || text.trim_start().len() + document.span.start as usize == text.len();
            document::read(document, under, whole, options, diagnostics)
        }
        envelope::Opened::Text(node, text) => {
            let line = sources.line_column(file, node.span.start).line;
            let mut outcome = read_derived(sources, file, &format!("text in line {line}"), text, options, envelopes);
            diagnostics.append(&mut outcome.diagnostics);
            if diagnostics.iter().any(|d| d.severity == Severity::Fatal) {
                outcome.policy = None;
            }
            ReadOutcome { diagnostics, ..outcome }
        }
        envelope::Opened::Nothing => refused(file, diagnostics),
    }
}

/// What is known while reading one document.
struct Reader<'a> {
    options: &'a ReadOptions,
    kind: Kind,
    version: Version,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Notes a diagnostic, up to a limit that is itself fatal.
    fn report(&mut self, diagnostic: Diagnostic) {
        match self.diagnostics.len() {
            0..MOST_DIAGNOSTICS => self.diagnostics.push(diagnostic),
            MOST_DIAGNOSTICS => {
                let message = format!("more than {MOST_DIAGNOSTICS} problems; the rest is not shown");
                self.diagnostics.push(Diagnostic::new(Code::TooManyProblems, diagnostic.span, message));
            }
            _ => {}
        }
    }

    fn say(&mut self, code: Code, span: Span, message: impl Into<String>, label: &str) {
        self.report(Diagnostic::new(code, Some(span), message).label(label));
    }

    /// A value of the wrong JSON type (fatal: spec 2.6, 1).
    fn wrong_type(&mut self, what: &str, wanted: &str, node: &Node<'_>) {
        let message = format!("{what} must be {wanted}, not {}", node.describe());
        self.say(Code::BadValueType, node.span, message, &format!("expected {wanted}"));
    }

    /// Members that occur twice (spec 2.1: names compared after unescaping).
    fn check_duplicates(&mut self, members: &[Member<'_>]) {
        for (first, again) in duplicates(members, |member| member.key.as_ref()) {
            let message = format!("`{}` is given twice in one object", clip(&again.key));
            let diagnostic = Diagnostic::new(Code::DupKey, Some(again.key_span), message).label("again here");
            self.report(diagnostic.also(first.key_span, "first here").help("keep one; several values go into a list"));
        }
    }

    /// Whether variables are active where the grammar allows them (spec 2.2, 4.1).
    fn variables(&self) -> Variables {
        match self.version {
            Version::V2008 => Variables::Literal,
            Version::V2012 => Variables::Active,
        }
    }

    /// A pattern in a place where variables are allowed. `text` starts at byte `offset` of the string `node`.
    fn template(&mut self, node: &Node<'_>, offset: usize, text: &str, wildcards: Wildcards) -> Template {
        let mut problems = Vec::new();
        let template = Template::parse(text, wildcards, self.variables(), |problem, range| {
            problems.push((problem, offset + range.start..offset + range.end));
        });
        for (problem, range) in problems {
            self.report(variable_problem(problem, inner_span(node, range)));
        }
        if self.version == Version::V2008 && text.contains("${") {
            self.variable_under_2008(node);
        }
        template
    }

    fn variable_under_2008(&mut self, node: &Node<'_>) {
        let message = "policy variables are plain text in version 2008-10-17";
        let diagnostic = Diagnostic::new(Code::VariableUnder2008, Some(node.span), message).label("taken as it stands");
        self.report(diagnostic.help("add `\"Version\": \"2012-10-17\"`"));
    }

    /// A variable where none is replaced (spec 4.1: literal, error).
    fn check_no_variable(&mut self, code: Code, place: &str, span: Span, text: &str) {
        if text.contains("${") {
            let message = format!("policy variables are not replaced in {place}");
            self.say(code, span, message, "taken as plain text");
        }
    }
}

fn variable_problem(problem: VariableProblem, span: Span) -> Diagnostic {
    match problem {
        VariableProblem::Unclosed => {
            Diagnostic::new(Code::UnclosedVariable, Some(span), "a policy variable without its closing brace")
                .label("no `}` follows, so this is plain text")
        }
        VariableProblem::Empty => Diagnostic::new(Code::EmptyVariable, Some(span), "a policy variable without a name")
            .label("matches nothing"),
        VariableProblem::Malformed => {
            Diagnostic::new(Code::BadVariable, Some(span), "a policy variable that is not well formed")
                .label("there is no such key")
                .help(
                    "write a default after a comma and one blank, in single quotes: `${aws:PrincipalTag/team, 'none'}`",
                )
        }
    }
}

/// The place of a byte range of a string's text: exact if the string is written without escapes, else the string.
fn inner_span(node: &Node<'_>, range: std::ops::Range<usize>) -> Span {
    let whole = node.span;
    match node.as_str() {
        Some(text) if whole.len() == text.len() + 2 => {
            let at = |offset: usize| whole.start.saturating_add(1).saturating_add(u32::try_from(offset).unwrap_or(0));
            Span { file: whole.file, start: at(range.start), end: at(range.end) }
        }
        _ => whole,
    }
}

/// Pairs of an item and an earlier one with the same name; each item at most once.
pub(crate) fn duplicates<'m, T, K: Ord>(items: &'m [T], name: impl Fn(&'m T) -> K) -> Vec<(&'m T, &'m T)> {
    if items.len() <= 8 {
        let repeats = |(at, item)| earlier(items, at, &name).map(|first| (first, item));
        return items.iter().enumerate().filter_map(repeats).collect(); // the usual case, without a map
    }
    let mut seen = std::collections::BTreeMap::new();
    let mut pairs = Vec::new();
    for item in items {
        match seen.entry(name(item)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(item);
            }
            std::collections::btree_map::Entry::Occupied(first) => pairs.push((*first.get(), item)),
        }
    }
    pairs
}

/// The first item before position `at` with the same name as the one there.
fn earlier<'m, T, K: Ord>(items: &'m [T], at: usize, name: &impl Fn(&'m T) -> K) -> Option<&'m T> {
    let wanted = name(items.get(at)?);
    items.iter().take(at).find(|item| name(item) == wanted)
}

/// The known name that a misspelt one is near to.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > 64 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let distance = |known: &str| strsim::osa_distance(&lower, &known.to_ascii_lowercase());
    let best = known.into_iter().map(|known| (distance(known), known)).min_by_key(|pair| pair.0)?;
    (best.0 <= 1 + name.len() / 6).then_some(best.1)
}

pub(crate) fn did_you_mean(nearest: Option<&str>) -> Option<String> {
    nearest.map(|name| format!("did you mean `{name}`?"))
}

/// The beginning of a text that may be very long, for messages.
pub(crate) fn clip(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests;
