//! Answers as text for people: the verdict first, then one request, then where in the file, then why not before.

mod condition;
mod diff;
mod evaluation;
mod excerpt;
mod explanation;
mod exposure;
mod findings;
mod reasons;
mod scenarios;

use crate::checks::{Side, Undecided, Verdict};
use crate::diagnostic::Code;
use crate::policy::{Kind, Statement};
use crate::report::paint::{Ink, Paint, printable};
use crate::report::{Answer, Named, Question};
use crate::source::{Sources, Span};

pub use diff::diff;
pub use evaluation::evaluation;
pub use explanation::{explanation, saved};
pub use exposure::block_public_access;
pub use findings::surveyed;
pub use scenarios::scenarios;
pub(super) use scenarios::{because, words};

/// How much to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Five reasons in full, the rest as one line each.
    Short,
    /// Everything.
    Full,
}

/// Columns that lines keep to where their contents allow it.
const WIDTH: usize = 80;

/// Columns before the text of a captioned line.
const MARGIN: usize = 18;

/// Reasons, and undecided things, in full under [`Length::Short`].
const FULL_REASONS: usize = 5;

/// Lines of an example in the page of a diagnostic code.
const MOST_EXAMPLE: usize = 40;

/// The answer to a check, ending in a line end.
pub fn answer(answer: &Answer<'_>, paint: Paint, length: Length) -> String {
    format!("{}\n{}\n", written(answer, paint, length, Form::Alone), tally(answer))
}

/// The answer to a check with the commands that reproduce each request, ending in a line end.
pub fn verbose_answer(answer: &Answer<'_>, paint: Paint, length: Length) -> String {
    format!("{}\n{}\n", written(answer, paint, length, Form::Verbose), tally(answer))
}

/// The answer without the line that counts.
pub(super) fn block(answer: &Answer<'_>, paint: Paint, length: Length) -> String {
    written(answer, paint, length, Form::Part)
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Among others.
    Part,
    /// By itself.
    Alone,
    /// By itself, with the commands that reproduce it.
    Verbose,
}

fn written(answer: &Answer<'_>, paint: Paint, length: Length, form: Form) -> String {
    let mut page = Page { out: String::new(), paint, sources: answer.sources };
    page.headline(answer);
    page.reasons(answer, length, form == Form::Verbose);
    page.all_undecided(answer, length);
    if answer.report.verdict == Verdict::Pass {
        page.basis(answer, form);
    } else if !answer.report.remarks.is_empty() {
        page.line("");
        page.remarks(answer);
    }
    page.out
}

/// The page of a diagnostic code, ending in a line end.
pub fn page(code: Code, paint: Paint) -> String {
    let page = code.page();
    let mut out = Page { out: String::new(), paint, sources: &Sources::default() };
    out.line(&format!("{} ({}): {}", paint.paint(Ink::Open, page.name), code.severity().name(), page.summary));
    out.line("");
    for line in wrapped(page.why, WIDTH.saturating_sub(2)) {
        out.line(&format!("  {line}"));
    }
    out.line("");
    out.line(&format!("  {}", paint.paint(Ink::Faint, "for example")));
    for line in page.example.lines().take(MOST_EXAMPLE) {
        out.line(&format!("    {}", printable(line)));
    }
    out.line("");
    for (number, line) in wrapped(page.instead, WIDTH.saturating_sub(11)).iter().enumerate() {
        let caption = if number == 0 { paint.paint(Ink::Faint, "instead") } else { " ".repeat(7) };
        out.line(&format!("  {caption}  {line}"));
    }
    out.out
}

/// The text being written.
struct Page<'a> {
    out: String,
    paint: Paint,
    sources: &'a Sources,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// The word and a sentence; its first part may stand alone on the line if all of it is too long.
    fn verdict(&mut self, word: &str, ink: Ink, first: &str, rest: &str) {
        let indent = " ".repeat(word.len());
        let word = self.paint.paint(ink, word);
        let length = [indent.as_str(), "  ", first, " ", rest].iter().map(|part| part.chars().count()).sum::<usize>();
        if length > WIDTH && !rest.is_empty() {
            self.line(&format!("{word}  {first}"));
            self.line(&format!("{indent}  {rest}"));
        } else {
            self.line(&format!("{word}  {first} {rest}"));
        }
    }

    fn headline(&mut self, answer: &Answer<'_>) {
        let policy = printable(answer.asked.name);
        let existing = printable(answer.existing().map_or("the existing policy", |existing| existing.name));
        let open = answer.report.unknown.len();
        match (answer.question, answer.report.verdict) {
            (Question::NoNewAccess { .. }, Verdict::Pass) => {
                self.verdict("PASS", Ink::Good, &policy, &format!("allows nothing that {existing} does not."));
            }
            (Question::NoNewAccess { .. }, Verdict::Fail) => {
                self.verdict("FAIL", Ink::Bad, &policy, &format!("allows requests that {existing} does not."));
            }
            (Question::AccessNotGranted { .. }, Verdict::Pass) => {
                self.verdict("PASS", Ink::Good, &policy, "grants none of the listed access.");
            }
            (Question::AccessNotGranted { .. }, Verdict::Fail) => {
                self.verdict("FAIL", Ink::Bad, &policy, "grants listed access.");
            }
            (Question::NoExternalAccess { zone }, Verdict::Pass) => {
                self.verdict("PASS", Ink::Good, &policy, &format!("lets nobody outside {zone} in."));
            }
            (Question::NoExternalAccess { zone }, Verdict::Fail) => {
                self.verdict("FAIL", Ink::Bad, &policy, &format!("lets callers from outside {zone} in."));
            }
            (Question::NoPublicAccess { .. }, Verdict::Pass) => {
                self.verdict("PASS", Ink::Good, &policy, "grants nothing to the public.");
            }
            (Question::NoPublicAccess { .. }, Verdict::Fail) => {
                self.verdict("FAIL", Ink::Bad, &policy, "grants access to the public.");
            }
            (_, Verdict::Unknown) if open == 1 => {
                self.verdict("UNKNOWN", Ink::Open, "one thing could not be decided.", "");
            }
            (_, Verdict::Unknown) => {
                self.verdict("UNKNOWN", Ink::Open, &format!("{open} things could not be decided."), "");
            }
        }
    }

    /// The lines of the spans, underlined in order.
    fn excerpt(&mut self, spans: &[Span], label: &str) {
        for line in excerpt::lines(self.sources, spans, label, self.paint) {
            self.line(&line);
        }
    }

    /// One captioned line, aligned with the others; a long sentence goes on below.
    fn row(&mut self, caption: &str, text: &str) {
        let mut caption = self.paint.paint(Ink::Faint, &format!("{caption:<12}"));
        for line in wrapped(&printable(text), WIDTH.saturating_sub(MARGIN)) {
            self.line(&format!("    {caption}  {line}"));
            caption = " ".repeat(12);
        }
    }

    fn all_undecided(&mut self, answer: &Answer<'_>, length: Length) {
        let unknown = &answer.report.unknown;
        let full = match length {
            Length::Short => FULL_REASONS,
            Length::Full => usize::MAX,
        };
        for open in unknown.iter().take(full) {
            self.undecided(open, answer);
        }
        if unknown.len() > full {
            self.line("");
            self.line(&format!("  {}; --all shows them", plural(unknown.len().saturating_sub(full), "more thing")));
        }
    }

    fn undecided(&mut self, open: &Undecided, answer: &Answer<'_>) {
        self.line("");
        match open.span {
            None => self.line(&format!("  {}", printable(&open.reason))),
            Some(span) => {
                let place = place(self.sources, span);
                let sides = [Some(answer.asked), answer.existing()];
                let found = sides.into_iter().flatten().find_map(|side| Some((side, statement_at(side.side, span)?)));
                let name = found.map_or(String::new(), |(side, statement)| {
                    let name = statement_name(statement.index, statement.sid.as_deref());
                    format!("{name}{}, ", of_layer(Some(side), span))
                });
                self.line(&format!("  {name}{place}"));
                self.excerpt(&[span], &printable(&open.reason));
            }
        }
        self.row("needed", &open.needed);
    }

    /// What a PASS stands on.
    fn basis(&mut self, answer: &Answer<'_>, form: Form) {
        let report = answer.report;
        let realistic = "requests whose action, resource and keys the catalogue knows together".to_owned();
        let mut assumed = report.assumptions.clone();
        assumed.extend(report.realistic.then_some(realistic));
        self.line("");
        self.rows("carried by", &report.carried_by);
        self.rows("relies on", &assumed);
        self.row("proof", proof(answer, form));
        self.remarks(answer);
    }

    fn remarks(&mut self, answer: &Answer<'_>) {
        self.rows("note", &answer.report.remarks);
    }

    /// The caption once, the texts below each other.
    fn rows(&mut self, caption: &str, texts: &[String]) {
        let mut caption = caption;
        for text in texts {
            self.row(caption, text);
            caption = "";
        }
    }
}

/// What became of the proof of a PASS, and whether it can be had as a file.
fn proof(answer: &Answer<'_>, form: Form) -> &'static str {
    match (&answer.report.proof, form) {
        (None, _) => "none made",
        (Some(proof), _) if !proof.checked => "not checked here",
        (Some(_), Form::Part) => "checked",
        (Some(_), Form::Alone | Form::Verbose) => "checked; --certificate FILE keeps it",
    }
}

/// The statement that holds a place.
fn statement_at(side: Side<'_>, span: Span) -> Option<&Statement> {
    let within = |outer: Span| outer.file == span.file && outer.start <= span.start && span.end <= outer.end;
    match side {
        Side::Document(policy) => policy.statements.iter().find(|statement| within(statement.span)),
        Side::Stack(stack) => {
            let policies = crate::stack::places(stack).into_iter();
            policies.flat_map(|(_, policy)| &policy.statements).find(|statement| within(statement.span))
        }
    }
}

/// ` of scps[0][1]` for a place in a stack, nothing for one in a document.
fn of_layer(side: Option<Named<'_>>, span: Span) -> String {
    side.and_then(|side| side.layer(span)).map_or(String::new(), |layer| format!(" of {layer}"))
}

/// `statement 0 "Base"`, `statement 0 (no Sid)`
fn statement_name(index: usize, id: Option<&str>) -> String {
    match id {
        Some(id) if !id.is_empty() => format!("statement {index} \"{}\"", printable(id)),
        Some(_) | None => format!("statement {index} (no Sid)"),
    }
}

/// `new.json:9`
fn place(sources: &Sources, span: Span) -> String {
    format!("{}:{}", printable(sources.name(span.file)), sources.line_column(span.file, span.start).line)
}

/// The last line: what was checked.
fn tally(answer: &Answer<'_>) -> String {
    let rules = match answer.asked.kind() {
        Some((kind, true)) => format!(", read by the rules of {}", nouns(kind)),
        Some((_, false)) | None => String::new(),
    };
    let rules = if answer.report.realistic { format!("{rules}, realistic requests only") } else { rules };
    let checked = match answer.question {
        Question::NoNewAccess { .. } => format!("1 pair checked{rules}"),
        Question::NoPublicAccess { resource_type } => format!("1 policy checked as that of {resource_type}"),
        Question::NoExternalAccess { zone } => format!("1 policy checked against {zone}{rules}"),
        Question::AccessNotGranted { access } => {
            let listed: usize = access.iter().map(|a| a.actions.len().saturating_add(a.resources.len())).sum();
            let what = match answer.asked.side {
                Side::Document(_) => "1 policy",
                Side::Stack(_) => "1 stack",
            };
            format!("{what} checked against {}{rules}", plural(listed, "listed pattern"))
        }
    };
    let open = answer.report.unknown.len();
    match answer.report.verdict {
        Verdict::Pass => format!("{checked}: 1 passes."),
        Verdict::Fail if open > 0 => format!("{checked}: 1 fails; {} undecided.", plural(open, "thing")),
        Verdict::Fail => format!("{checked}: 1 fails."),
        Verdict::Unknown => format!("{checked}: undecided. Exit code 3."),
    }
}

/// What documents of this kind are called.
fn nouns(kind: Kind) -> &'static str {
    match kind {
        Kind::Identity => "identity policies",
        Kind::Boundary => "permissions boundaries",
        Kind::Session => "session policies",
        Kind::Resource => "resource policies",
        Kind::Trust => "role trust policies",
        Kind::ServiceControl => "service control policies",
        Kind::ResourceControl => "resource control policies",
        Kind::Endpoint => "endpoint policies",
    }
}

/// `1 policy`, `2 policies`
pub(super) fn plural(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// Lines of at most this width where the words allow it.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count().saturating_add(word.chars().count()).saturating_add(1);
        if line.is_empty() || length <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
