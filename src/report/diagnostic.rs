//! Diagnostics and faults as people see them: an excerpt with the place underlined.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Fault, Severity};
use crate::report::paint::{Paint, printable, steers};
use crate::source::{Sources, Span};

/// A source region of at most this many bytes is shown as it is; of more, only a window around the place.
const LARGEST_EXCERPT: usize = 4000;

/// No line longer than this is shown as it is.
const LONGEST_LINE: usize = 300;

/// Characters shown before and after the beginning of a place on an enormous line.
const WINDOW: usize = 50;

/// The diagnostic as text, ending in a line feed.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, paint: Paint) -> String {
    let shown = Shown {
        severity: diagnostic.severity,
        code: Some(diagnostic.code.name()),
        message: &diagnostic.message,
        span: diagnostic.span,
        label: &diagnostic.label,
        secondary: &diagnostic.secondary,
        help: diagnostic.help.as_deref(),
    };
    shown.render(sources, paint)
}

/// The fault as text, ending in a line feed.
pub fn render_fault(fault: &Fault, sources: &Sources, paint: Paint) -> String {
    let shown = Shown {
        severity: Severity::Fatal,
        code: None,
        message: &fault.message,
        span: fault.span,
        label: "",
        secondary: &[],
        help: fault.help.as_deref(),
    };
    shown.render(sources, paint)
}

/// What is shown of a diagnostic or fault.
struct Shown<'a> {
    severity: Severity,
    code: Option<&'static str>,
    message: &'a str,
    span: Option<Span>,
    label: &'a str,
    secondary: &'a [(Span, String)],
    help: Option<&'a str>,
}

impl Shown<'_> {
    fn render(&self, sources: &Sources, paint: Paint) -> String {
        let mut text = match self.span.and_then(|span| Region::around(span, self, sources)) {
            Some(region) => annotated(self, &region, paint),
            None => abridged(self, sources),
        };
        text.push('\n');
        text
    }
}

/// The lines that an excerpt shows, with places relative to it.
struct Region<'a> {
    name: &'a str,
    text: &'a str,
    first_line: usize,
    primary: std::ops::Range<usize>,
    secondary: Vec<(std::ops::Range<usize>, &'a str)>,
}

impl<'a> Region<'a> {
    /// The whole lines around all places of the diagnostic; `None` if they are too long to show.
    fn around(primary: Span, diagnostic: &Shown<'a>, sources: &'a Sources) -> Option<Self> {
        let source = sources.get(primary.file)?;
        let text: &str = &source.text;
        let others: Vec<_> = diagnostic.secondary.iter().filter(|(span, _)| span.file == primary.file).collect();
        let spans = || others.iter().map(|(span, _)| *span).chain([primary]).map(|span| first_line(text, span));
        let start = spans().map(|range| range.start).min()?;
        let end = spans().map(|range| range.end).max()?;
        let start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let end = text.get(end..)?.find('\n').map_or(text.len(), |at| end + at);
        let shown = text.get(start..end)?;
        if shown.len() > LARGEST_EXCERPT || shown.lines().any(|line| line.len() > LONGEST_LINE) {
            return None;
        }
        let inside = |span: Span| {
            let range = first_line(text, span);
            range.start - start..range.end - start
        };
        Some(Region {
            name: &source.name,
            text: shown,
            first_line: sources.line_column(primary.file, u32::try_from(start).ok()?).line as usize,
            primary: inside(primary),
            secondary: others.iter().map(|(span, label)| (inside(*span), label.as_str())).collect(),
        })
    }
}

/// The part of a place on its first line, within the text.
fn first_line(text: &str, span: Span) -> std::ops::Range<usize> {
    let start = (span.start as usize).min(text.len());
    let end = (span.end as usize).clamp(start, text.len());
    let length = text.get(start..end).map_or(0, |under| under.find('\n').unwrap_or(under.len()));
    start..start + length
}

fn annotated(diagnostic: &Shown<'_>, region: &Region<'_>, paint: Paint) -> String {
    let text = harmless(region.text);
    let primary = AnnotationKind::Primary.span(region.primary.clone()).label(printable(diagnostic.label));
    let others = region
        .secondary
        .iter()
        .map(|(range, label)| AnnotationKind::Context.span(range.clone()).label(printable(label)));
    let snippet = Snippet::source(text)
        .path(printable(region.name))
        .line_start(region.first_line)
        .annotation(primary)
        .annotations(others);
    let mut title = level(diagnostic.severity).primary_title(printable(diagnostic.message));
    if let Some(code) = diagnostic.code {
        title = title.id(code);
    }
    let mut group: Group<'_> = title.element(snippet);
    if let Some(help) = diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    let renderer = match paint {
        Paint::Plain => Renderer::plain(),
        Paint::Ansi => Renderer::styled(),
    };
    renderer.render(&[group])
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Fatal | Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Suggestion => Level::NOTE.with_name("suggestion"),
    }
}

fn level_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    }
}

/// Without whole lines: for diagnostics without a place and for enormous lines.
fn abridged(diagnostic: &Shown<'_>, sources: &Sources) -> String {
    let code = diagnostic.code.map_or(String::new(), |code| format!("[{code}]"));
    let mut out = format!("{}{code}: {}", level_name(diagnostic.severity), printable(diagnostic.message));
    if let Some(span) = diagnostic.span.filter(|span| sources.get(span.file).is_some()) {
        let _ = write!(out, "\n --> {}", place(span, sources));
        write_window(&mut out, span, diagnostic, sources);
    }
    for (span, label) in diagnostic.secondary {
        let _ = write!(out, "\n  = {}: {}", place(*span, sources), printable(label));
    }
    if let Some(help) = diagnostic.help {
        let _ = write!(out, "\n  = help: {}", printable(help));
    }
    out
}

fn place(span: Span, sources: &Sources) -> String {
    let start = sources.line_column(span.file, span.start);
    format!("{}:{}:{}", printable(sources.name(span.file)), start.line, start.column)
}

fn write_window(out: &mut String, span: Span, diagnostic: &Shown<'_>, sources: &Sources) {
    let source = sources.shared(span.file);
    let range = first_line(&source, span);
    let (before, after) = (source.get(..range.start).unwrap_or(""), source.get(range.start..).unwrap_or(""));
    let head: String = {
        let mut reversed: Vec<char> = before.chars().rev().take_while(|c| *c != '\n').take(WINDOW).collect();
        reversed.reverse();
        reversed.into_iter().collect()
    };
    let tail: String = after.chars().take_while(|c| *c != '\n').take(WINDOW).collect();
    let under = source.get(range).map_or(0, |under| under.chars().take(WINDOW).count()).max(1);
    let head = printable(&head);
    let margin = " ".repeat(head.chars().count() + 1);
    let _ = write!(
        out,
        "\n  | …{head}{}…\n  | {margin}{} {}",
        printable(&tail),
        "^".repeat(under),
        printable(diagnostic.label)
    );
}

/// For excerpts, in which every byte keeps its place: each character that steers a terminal becomes as many `?`.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => out.push(c),
            c if steers(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::policy::read::{ReadOptions, read};
    use crate::report::paint::Paint;
    use crate::source::Sources;

    fn all(text: &str, paint: Paint) -> String {
        let mut sources = Sources::default();
        let outcome = read(&mut sources, "bucket.json", text.as_bytes(), &ReadOptions::default());
        outcome.diagnostics.iter().map(|diagnostic| render(diagnostic, &sources, paint)).collect()
    }

    const TWICE: &str = r#"{ "Version": "2012-10-17", "Statement": {
  "Effect": "Deny", "Action": "s3:*", "Resource": "*",
  "Condition": { "StringNotEquals": {
    "aws:SourceVpce": "vpce-1a2b3c4d",
    "AWS:SourceVpce": "vpce-5e6f7a8b" } } } }"#;

    #[test]
    fn shows_the_place() {
        let shown = all(TWICE, Paint::Plain);
        let expected = "\
error[dup-condition-key]: `AWS:SourceVpce` is given twice under one operator
 --> bucket.json:5:5
  |
4 |     \"aws:SourceVpce\": \"vpce-1a2b3c4d\",
  |     ---------------- first here
5 |     \"AWS:SourceVpce\": \"vpce-5e6f7a8b\" } } } }
  |     ^^^^^^^^^^^^^^^^ key names do not differ by case
  |
  = help: give the values in one list
";
        assert_eq!(shown, expected);
        assert!(all(TWICE, Paint::Ansi).contains("\u{1b}["));
    }

    #[test]
    fn enormous_lines_are_abridged() {
        let actions = "\"s3:GetObject\",".repeat(20_000);
        let text = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[{actions}\"x\"],\"Resource\":\"*\"}}]}}"
        );
        let shown = all(&text, Paint::Plain);
        assert!(shown.contains("error[bad-action]") && shown.len() < 2000, "{shown}");
        assert!(shown.contains("bucket.json:1:300066"), "{shown}");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let shown = all("{\"\\u001b[31m\u{9b}\": \"\u{202e}\"}", Paint::Plain);
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{shown:?}");
    }
}
