//! The reasons of a FAIL: where, one request, why not before, what to do.

use crate::checks::{Cause, Edit, Narrowed, Part, Reason, StatementAt, Suggestion};
use crate::report::paint::{Ink, printable};
use crate::report::reproduction;
use crate::report::text::{
    FULL_REASONS, Length, MARGIN, Page, WIDTH, of_layer, place, plural, statement_name, wrapped,
};
use crate::report::{Answer, Named};
use crate::request::{Caller, ContextValue, Request};
use crate::source::Span;

/// A file name longer than this is not repeated beside every underlined part.
const LONG_NAME: usize = 20;
/// Lines that are named one by one in a suggestion.
const MOST_LINES: usize = 8;

impl Page<'_> {
    /// Some in full, the rest one line each.
    pub(super) fn reasons(&mut self, answer: &Answer<'_>, length: Length, verbose: bool) {
        let reasons = &answer.report.reasons;
        let full = match length {
            Length::Short => FULL_REASONS,
            Length::Full => usize::MAX,
        };
        for reason in reasons.iter().take(full) {
            self.reason(reason, answer);
            if verbose {
                self.reproduction(reason, answer);
            }
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
        let heading = self.heading(reason, *reason.guilty.first().unwrap_or(&reason.span), answer.asked);
        self.line(&format!("  {heading}"));
        if !reason.guilty.is_empty() {
            self.excerpt(&reason.guilty, &label(reason, answer));
            self.line("");
        }
        self.request(&reason.counterexample, answer);
        if let Some(exposure) = &reason.exposure {
            self.exposure(exposure);
        }
        let mut caption = "also needs";
        for needed in &reason.also {
            let name = self.named(&needed.place, Some(answer.asked));
            self.row(caption, &name);
            caption = "";
        }
        self.before(reason, answer);
        if let Some(note) = &reason.note {
            self.row("note", note);
        }
        if let Some(suggestion) = reason.suggestion.as_ref().filter(|suggestion| says_something(suggestion)) {
            self.line("");
            let text = self.suggested(suggestion, reason, answer);
            for line in wrapped(&text, WIDTH.saturating_sub(4)) {
                self.line(&format!("    {line}"));
            }
        }
    }

    /// `statement 0 "Base" of scps[0][1], new.json:9`
    fn heading(&self, reason: &Reason, shown: Span, asked: Named<'_>) -> String {
        let place = place(self.sources, shown);
        if reason.part == Part::Nothing {
            let is_root = matches!(reason.counterexample.principal, Caller::Root { .. });
            let why = if is_root { "a root user needs none" } else { "it is allowed without one" };
            return format!("no statement grants this; {why}, {place}");
        }
        let name = statement_name(reason.statement_index, reason.statement_id.as_deref());
        format!("{name}{}, {place}", of_layer(Some(asked), reason.span))
    }

    fn named(&self, at: &StatementAt, side: Option<Named<'_>>) -> String {
        let name = statement_name(at.statement_index, at.statement_id.as_deref());
        format!("{name}{}, {}", of_layer(side, at.span), place(self.sources, at.span))
    }

    pub(super) fn request(&mut self, request: &Request, answer: &Answer<'_>) {
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
                ContextValue::Multi(texts) if texts.is_empty() => format!("no {key}"),
                ContextValue::Multi(texts) => format!("{key} = [{}]", texts.join(", ")),
            };
            self.row(caption, &text);
            caption = "";
        }
    }

    /// What of the existing policy kept the request out, where a statement or a layer did.
    fn before(&mut self, reason: &Reason, answer: &Answer<'_>) {
        match &reason.why_not_before {
            Cause::NothingAllows | Cause::Granted => {}
            Cause::NothingInLayer { layer } => {
                let existing =
                    printable(&answer.existing().map_or(String::new(), |side| short(side, "the existing stack")));
                self.row("before", &format!("nothing in the {layer} of {existing} allowed this"));
                if let Some(needed) = reason.also.iter().find(|needed| needed.layer == *layer) {
                    let name = self.named(&needed.place, Some(answer.asked));
                    self.row("now", &format!("let through by {name}"));
                    self.excerpt(&needed.entries, "let through here");
                }
            }
            Cause::DeniedByOld { statement_index, statement_id, span, entries, narrowed } => {
                let at =
                    StatementAt { statement_index: *statement_index, statement_id: statement_id.clone(), span: *span };
                let name = self.named(&at, answer.existing());
                self.row("before", &format!("denied by {name}"));
                self.both_sides(entries, narrowed.as_deref(), answer);
            }
            Cause::ConditionLoosened { statement_index, statement_id, spans } => {
                let Some(first) = spans.first() else { return };
                let at =
                    StatementAt { statement_index: *statement_index, statement_id: statement_id.clone(), span: *first };
                let name = self.named(&at, answer.existing());
                self.row("before", &format!("allowed only under a condition: {name}"));
                self.excerpt(spans, "does not hold here");
            }
        }
    }

    /// The Deny of the existing side, and what became of it.
    fn both_sides(&mut self, entries: &[Span], narrowed: Option<&Narrowed>, answer: &Answer<'_>) {
        let Some(narrowed) = narrowed else {
            self.excerpt(entries, "denied there");
            self.row("now", &format!("no Deny of {} stops it", printable(&short(answer.asked, "the new side"))));
            return;
        };
        match narrowed.before {
            Some(before) => self.excerpt(&[before], "this held"),
            None => self.excerpt(entries, "denied there"),
        }
        let name = self.named(&narrowed.place, Some(answer.asked));
        self.row("now", &format!("narrowed: {name}"));
        self.excerpt(&[narrowed.now], "this does not");
    }

    /// `without line 9 the check passes (re-checked)`
    fn suggested(&self, suggestion: &Suggestion, reason: &Reason, answer: &Answer<'_>) -> String {
        let lines = |spans: &[Span]| {
            let mut lines: Vec<u32> =
                spans.iter().map(|span| self.sources.line_column(span.file, span.start).line).collect();
            lines.dedup();
            let more = lines.len().saturating_sub(MOST_LINES);
            let mut names: Vec<String> = lines.iter().take(MOST_LINES).map(u32::to_string).collect();
            names.extend((more > 0).then(|| format!("{more} more")));
            let noun = if lines.len() == 1 { "line" } else { "lines" };
            format!("{noun} {}", names.join(", "))
        };
        let existing =
            printable(&answer.existing().map_or(String::new(), |existing| short(existing, "the existing policy")));
        let edit = match &suggestion.edit {
            Edit::DropEntries(spans) if one_line(self, spans, reason.span) => {
                let texts: Vec<String> = spans.iter().map(|span| printable(self.sources.text(*span))).collect();
                format!("without {}", texts.join(", "))
            }
            Edit::DropEntries(spans) => format!("without {}", lines(spans)),
            Edit::DropStatement(place) => format!("without statement {}", place.statement_index),
            Edit::RestoreDeny(place) => {
                format!("with the Deny of {existing}, statement {}, put back", place.statement_index)
            }
            Edit::RestoreConditions(spans) => format!("with the condition of {existing}, {}, put back", lines(spans)),
        };
        let gone = match reason.why_not_before {
            Cause::Granted => "this statement grants none of it",
            Cause::NothingAllows
            | Cause::DeniedByOld { .. }
            | Cause::NothingInLayer { .. }
            | Cause::ConditionLoosened { .. } => "this statement grants nothing new",
        };
        format!("{edit} {} (re-checked)", if suggestion.passes { "the check passes" } else { gone })
    }

    fn reproduction(&mut self, reason: &Reason, answer: &Answer<'_>) {
        self.line("");
        let mut caption = "reproduce";
        for command in reproduction::commands(reason, answer) {
            let width = WIDTH.saturating_sub(MARGIN).saturating_sub(2);
            let lines = reproduction::folded(&command, width);
            for (number, line) in lines.iter().enumerate() {
                let shown = self.paint.paint(Ink::Faint, &format!("{caption:<12}"));
                let end = if number + 1 < lines.len() { " \\" } else { "" };
                self.line(&format!("    {shown}  {}{end}", printable(line)));
                caption = "";
            }
        }
    }
}

/// That a statement is innocent once it is gone needs no saying.
fn says_something(suggestion: &Suggestion) -> bool {
    suggestion.passes || !matches!(suggestion.edit, Edit::DropStatement(_))
}

/// Whether the entries share a line with others of the statement, so that the line's number would say too much.
fn one_line(page: &Page<'_>, spans: &[Span], statement: Span) -> bool {
    let line = |at: u32| page.sources.line_column(statement.file, at).line;
    spans.iter().any(|span| line(span.start) == line(statement.start) || shares_line(page, *span))
}

/// Whether something else than punctuation stands on the lines of a span.
fn shares_line(page: &Page<'_>, span: Span) -> bool {
    let Some(source) = page.sources.get(span.file) else { return false };
    let at = page.sources.line_column(span.file, span.start);
    let line = source.line(at.line.saturating_sub(1) as usize);
    let own = page.sources.text(span);
    let rest = line.replacen(own, "", 1);
    rest.chars().any(|c| !c.is_whitespace() && !matches!(c, ',' | '[' | ']'))
}

/// What stands beside the underlined part.
fn label(reason: &Reason, answer: &Answer<'_>) -> String {
    let existing = answer.existing().map_or(String::new(), |existing| short(existing, "the existing policy"));
    let existing = printable(&existing);
    let part = match reason.part {
        Part::Principal => "principal",
        Part::Resource => "resource",
        Part::Action | Part::Condition | Part::Nothing => "action",
    };
    let long = answer.existing().is_some_and(|side| side.name.chars().count() > LONG_NAME);
    match &reason.why_not_before {
        Cause::NothingAllows if long => format!("nothing allowed this {part} before"),
        Cause::NothingAllows => format!("nothing in {existing} allows this {part}"),
        Cause::DeniedByOld { .. } => format!("{existing} denied this"),
        Cause::NothingInLayer { .. } => "granted before too, but not let through".to_owned(),
        Cause::ConditionLoosened { .. } => format!("{existing} asks for more"),
        Cause::Granted => "granted here".to_owned(),
    }
}

/// The name of a side where it is short, else a word for it.
fn short(side: Named<'_>, otherwise: &str) -> String {
    if side.name.chars().count() <= LONG_NAME { side.name.to_owned() } else { otherwise.to_owned() }
}
