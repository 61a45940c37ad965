//! Answers as text for people: the verdict first, then one request, then where in the file, then why not before.

mod condition;
mod diff;
mod evaluation;
mod excerpt;
mod explanation;
mod exposure;
mod focus;
mod scenarios;

use crate::checks::{Cause, Reason, Side, Undecided, Verdict};
use crate::diagnostic::Code;
use crate::policy::{Kind, Statement};
use crate::report::paint::{Ink, Paint, printable};
use crate::report::{Answer, Named, Question};
use crate::request::{ContextValue, Request};
use crate::source::{Sources, Span};

pub use diff::diff;
pub use evaluation::evaluation;
pub use explanation::{explanation, saved};
pub use exposure::block_public_access;
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

/// A file name longer than this is not repeated beside every underlined part.
const LONG_NAME: usize = 20;

/// Lines of an example in the page of a diagnostic code.
const MOST_EXAMPLE: usize = 40;

/// Reasons in full under [`Length::Short`].
const FULL_REASONS: usize = 5;

/// The answer to a check, ending in a line end.
pub fn answer(answer: &Answer<'_>, paint: Paint, length: Length) -> String {
    format!("{}\n{}\n", block(answer, paint, length), tally(answer))
}

/// The answer without the line that counts.
pub(super) fn block(answer: &Answer<'_>, paint: Paint, length: Length) -> String {
    let mut page = Page { out: String::new(), paint, sources: answer.sources };
    page.headline(answer);
    page.reasons(answer, length);
    for open in &answer.report.unknown {
        page.undecided(open, answer);
    }
    if answer.report.verdict == Verdict::Pass {
        page.basis(answer);
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

    fn reasons(&mut self, answer: &Answer<'_>, length: Length) {
        let reasons = &answer.report.reasons;
        let full = match length {
            Length::Short => FULL_REASONS,
            Length::Full => usize::MAX,
        };
        for reason in reasons.iter().take(full) {
            self.reason(reason, answer);
        }
        if reasons.len() > full {
            self.line("");
            for reason in reasons.iter().skip(full) {
                let action = printable(&reason.counterexample.action);
                let heading = self.heading(reason, reason.span, answer.asked);
                self.line(&format!("  {heading}: {action}"));
            }
            let rest = plural(reasons.len().saturating_sub(full), "more statement");
            self.line(&format!("  {rest}; --all shows them in full"));
        }
    }

    fn reason(&mut self, reason: &Reason, answer: &Answer<'_>) {
        self.line("");
        let guilty = focus::guilty(reason, answer);
        let heading = self.heading(reason, *guilty.first().unwrap_or(&reason.span), answer.asked);
        self.line(&format!("  {heading}"));
        if !guilty.is_empty() {
            self.excerpt(&guilty, &label(&reason.why_not_before, answer));
            self.line("");
        }
        self.request(&reason.counterexample, answer);
        if let Some(exposure) = &reason.exposure {
            self.exposure(exposure);
        }
        self.before(&reason.why_not_before, answer);
        if let Some(note) = &reason.note {
            self.row("note", note);
        }
    }

    /// `statement 0 "Base" of scps[0][1], new.json:9`
    fn heading(&self, reason: &Reason, shown: Span, asked: Named<'_>) -> String {
        let place = place(self.sources, shown);
        if focus::is_whole(reason, asked) {
            return format!("no statement grants this; it is allowed without one, {place}");
        }
        let name = statement_name(reason.statement_index, reason.statement_id.as_deref());
        format!("{name}{}, {place}", of_layer(Some(asked), reason.span))
    }

    /// The lines of the spans, underlined in order.
    fn excerpt(&mut self, spans: &[Span], label: &str) {
        for line in excerpt::lines(self.sources, spans, label, self.paint) {
            self.line(&line);
        }
    }

    fn request(&mut self, request: &Request, answer: &Answer<'_>) {
        let rows = [
            ("for example", request.principal.to_string()),
            ("may do", request.action.clone()),
            ("on", request.resource.clone()),
        ];
        for (caption, text) in rows {
            self.row(caption, &text);
        }
        if let Some(account) = &request.resource_account {
            self.row("of account", account);
        }
        let mut caption = "with";
        for (key, value) in &request.context {
            let key = answer.catalogue.key(key).spelling;
            let text = match value {
                ContextValue::Single(text) if text.is_empty() => format!("{key} = (the empty text)"),
                ContextValue::Single(text) => format!("{key} = {text}"),
                ContextValue::Multi(texts) => format!("{key} = [{}]", texts.join(", ")),
            };
            self.row(caption, &text);
            caption = "";
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

    /// What of the existing policy kept the request out, where a statement did.
    fn before(&mut self, cause: &Cause, answer: &Answer<'_>) {
        let named = |index, id: &Option<String>, span| {
            let name = statement_name(index, id.as_deref());
            format!("{name}{}, {}", of_layer(answer.existing(), span), place(answer.sources, span))
        };
        match cause {
            Cause::NothingAllows | Cause::Granted => {}
            Cause::DeniedByOld { statement_index, statement_id, span } => {
                self.row("before", &format!("denied by {}", named(*statement_index, statement_id, *span)));
            }
            Cause::ConditionLoosened { statement_index, statement_id, spans } => {
                let Some(first) = spans.first() else { return };
                let name = named(*statement_index, statement_id, *first);
                self.row("before", &format!("allowed only under a condition: {name}"));
                self.excerpt(spans, "does not hold here");
            }
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
    fn basis(&mut self, answer: &Answer<'_>) {
        let (carried, assumed) = (&answer.report.carried_by, &answer.report.assumptions);
        if carried.is_empty() && assumed.is_empty() {
            return;
        }
        self.line("");
        for (caption, texts) in [("carried by", carried), ("relies on", assumed)] {
            let mut caption = caption;
            for text in texts {
                self.row(caption, text);
                caption = "";
            }
        }
    }
}

/// What stands beside the underlined part.
fn label(cause: &Cause, answer: &Answer<'_>) -> String {
    let name = answer.existing().map(|existing| existing.name).filter(|name| name.chars().count() <= LONG_NAME);
    let existing = printable(name.unwrap_or("the existing policy"));
    match cause {
        Cause::NothingAllows => format!("nothing in {existing} allows this"),
        Cause::DeniedByOld { .. } => format!("{existing} denies this"),
        Cause::ConditionLoosened { .. } => format!("{existing} asks for more"),
        Cause::Granted => "granted here".to_owned(),
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
    let checked = match answer.question {
        Question::NoNewAccess { .. } => format!("1 pair checked{rules}"),
        Question::NoPublicAccess { resource_type } => format!("1 policy checked as that of {resource_type}"),
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
