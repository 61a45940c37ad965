//! Answers as text for people: the verdict first, then one request, then where in the file, then why not before.

mod excerpt;

use crate::checks::{Cause, Decision, Evaluation, Reason, Undecided, Verdict};
use crate::policy::{Effect, Kind};
use crate::report::caller::principal;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::{Answer, Question};
use crate::request::{ContextValue, Request};
use crate::source::{Sources, Span};

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

/// A file name longer than this is not repeated beside every underlined part.
const LONG_NAME: usize = 20;

/// Reasons in full under [`Length::Short`].
const FULL_REASONS: usize = 5;

/// The answer to a check, ending in a line end.
pub fn answer(answer: &Answer<'_>, paint: Paint, length: Length) -> String {
    let mut page = Page { out: String::new(), paint, sources: answer.sources };
    page.headline(answer);
    page.reasons(answer, length);
    for open in &answer.report.unknown {
        page.undecided(open);
    }
    if answer.report.verdict == Verdict::Pass {
        page.basis(answer);
    }
    page.line("");
    page.line(&tally(answer));
    page.out
}

/// The result of one concrete request, ending in a line end.
pub fn evaluation(request: &Request, evaluation: &Evaluation, paint: Paint) -> String {
    let (word, ink, may) = match evaluation.decision {
        Decision::Allowed => ("Allowed", Ink::Good, "may do"),
        Decision::ImplicitlyDenied => ("Denied", Ink::Bad, "may not do"),
        Decision::ExplicitlyDenied => ("Denied explicitly", Ink::Bad, "may not do"),
    };
    let who = printable(&principal(&request.principal));
    let (action, resource) = (printable(&request.action), printable(&request.resource));
    let mut out = format!("{}  {who} {may} {action} on {resource}\n", paint.paint(ink, word));
    for (number, step) in evaluation.trace.iter().enumerate() {
        let before = if number == 0 { "\n" } else { "" };
        let effect = match (step.effect, step.matched) {
            (Effect::Allow, true) => "allows it",
            (Effect::Deny, true) => "denies it",
            (Effect::Allow | Effect::Deny, false) => "does not apply",
        };
        let name = statement_name(step.statement_index, step.statement_id.as_deref());
        out.push_str(&format!("{before}  {:<12} {name} {effect}: {}\n", step.layer, printable(&step.because)));
    }
    let count = evaluation.trace.len();
    out.push_str(&format!("\n1 request evaluated against {}.\n", plural(count, "statement")));
    out
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

    fn headline(&mut self, answer: &Answer<'_>) {
        let policy = printable(answer.policy_name());
        let (word, ink) = match answer.report.verdict {
            Verdict::Pass => ("PASS", Ink::Good),
            Verdict::Fail => ("FAIL", Ink::Bad),
            Verdict::Unknown => ("UNKNOWN", Ink::Open),
        };
        let existing = printable(answer.existing_name().unwrap_or("the existing policy"));
        let sentence = match (answer.question, answer.report.verdict) {
            (Question::NoNewAccess { .. }, Verdict::Pass) => {
                format!("{policy} allows nothing that {existing} does not.")
            }
            (Question::NoNewAccess { .. }, Verdict::Fail) => {
                format!("{policy} allows requests that {existing} does not.")
            }
            (Question::AccessNotGranted { .. }, Verdict::Pass) => format!("{policy} grants none of the listed access."),
            (Question::AccessNotGranted { .. }, Verdict::Fail) => format!("{policy} grants listed access."),
            (_, Verdict::Unknown) => match answer.report.unknown.len() {
                0 => "this could not be decided.".to_owned(),
                1 => "one thing could not be decided.".to_owned(),
                more => format!("{more} things could not be decided."),
            },
        };
        let indent = " ".repeat(word.len());
        let word = self.paint.paint(ink, word);
        let wide = indent.len().saturating_add(2).saturating_add(sentence.chars().count()) > WIDTH;
        match sentence.strip_prefix(&format!("{policy} ")) {
            Some(rest) if wide => {
                self.line(&format!("{word}  {policy}"));
                self.line(&format!("{indent}  {rest}"));
            }
            Some(_) | None => self.line(&format!("{word}  {sentence}")),
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
                let heading = self.heading(reason);
                self.line(&format!("  {heading}: {action}"));
            }
            let rest = plural(reasons.len().saturating_sub(full), "more statement");
            self.line(&format!("  {rest}; --all shows them in full"));
        }
    }

    fn reason(&mut self, reason: &Reason, answer: &Answer<'_>) {
        self.line("");
        let heading = self.heading(reason);
        self.line(&format!("  {heading}"));
        let label = label(&reason.why_not_before, answer);
        let guilty = if reason.guilty.is_empty() { vec![reason.span] } else { reason.guilty.clone() };
        self.excerpt(&guilty, &label);
        self.line("");
        self.request(&reason.counterexample);
        self.before(&reason.why_not_before);
        if let Some(note) = &reason.note {
            self.line("");
            self.line(&format!("    {}", printable(note)));
        }
    }

    /// `statement 0 "Base", new.json:9`
    fn heading(&self, reason: &Reason) -> String {
        let place = place(self.sources, *reason.guilty.first().unwrap_or(&reason.span));
        format!("{}, {place}", statement_name(reason.statement_index, reason.statement_id.as_deref()))
    }

    /// The lines of the spans, underlined in order.
    fn excerpt(&mut self, spans: &[Span], label: &str) {
        for line in excerpt::lines(self.sources, spans, label, self.paint) {
            self.line(&line);
        }
    }

    fn request(&mut self, request: &Request) {
        let rows = [
            ("for example", principal(&request.principal)),
            ("may do", request.action.clone()),
            ("on", request.resource.clone()),
        ];
        for (caption, text) in rows {
            self.row(caption, &text);
        }
        let mut caption = "with";
        for (key, value) in &request.context {
            let text = match value {
                ContextValue::Single(text) => format!("{key} = {text}"),
                ContextValue::Multi(texts) => format!("{key} = [{}]", texts.join(", ")),
            };
            self.row(caption, &text);
            caption = "";
        }
    }

    /// One captioned line, aligned with the others.
    fn row(&mut self, caption: &str, text: &str) {
        let caption = self.paint.paint(Ink::Faint, &format!("{caption:<12}"));
        self.line(&format!("    {caption}  {}", printable(text)));
    }

    /// What of the existing policy kept the request out, where a statement did.
    fn before(&mut self, cause: &Cause) {
        match cause {
            Cause::NothingAllows | Cause::Granted => {}
            Cause::DeniedByOld { statement_index, statement_id, span } => {
                let name = statement_name(*statement_index, statement_id.as_deref());
                let place = place(self.sources, *span);
                self.row("before", &format!("denied by {name}, {place}"));
            }
            Cause::ConditionLoosened { statement_index, statement_id, spans } => {
                let name = statement_name(*statement_index, statement_id.as_deref());
                self.row("before", &format!("{name} allowed it only under this condition"));
                self.excerpt(spans, "does not hold here");
            }
        }
    }

    fn undecided(&mut self, open: &Undecided) {
        self.line("");
        match open.span {
            None => self.line(&format!("  {}", printable(&open.reason))),
            Some(span) => {
                let place = place(self.sources, span);
                self.line(&format!("  {place}"));
                self.excerpt(&[span], &printable(&open.reason));
            }
        }
        self.line(&format!("    needed: {}", printable(&open.needed)));
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
    let name = answer.existing_name().filter(|name| name.chars().count() <= LONG_NAME);
    let existing = printable(name.unwrap_or("the existing policy"));
    match cause {
        Cause::NothingAllows => format!("nothing in {existing} allows this"),
        Cause::DeniedByOld { .. } => format!("{existing} denies this"),
        Cause::ConditionLoosened { .. } => format!("{existing} asks for more"),
        Cause::Granted => "granted here".to_owned(),
    }
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
    let name = sources.get(span.file).map_or("", |source| source.name.as_str());
    format!("{}:{}", printable(name), sources.line_column(span.file, span.start).line)
}

/// The last line: what was checked.
fn tally(answer: &Answer<'_>) -> String {
    let checked = match answer.question {
        Question::NoNewAccess { .. } if answer.policy.inferred => {
            format!("1 pair checked, read by the rules of {}", nouns(answer.policy.kind))
        }
        Question::NoNewAccess { .. } => "1 pair checked".to_owned(),
        Question::AccessNotGranted { access } => {
            let listed: usize = access.iter().map(|a| a.actions.len().saturating_add(a.resources.len())).sum();
            let against = plural(listed, "listed pattern");
            if answer.policy.inferred {
                format!("1 policy checked against {against}, read by the rules of {}", nouns(answer.policy.kind))
            } else {
                format!("1 policy checked against {against}")
            }
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

/// `1 pair`, `2 pairs`
fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
