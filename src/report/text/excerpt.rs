//! Lines of a policy with the guilty part underlined, in a width that fits.

use std::collections::BTreeMap;

use crate::report::paint::{Ink, Paint, printable};
use crate::source::{Source, Sources, Span};

/// Characters of a source line that are shown.
const WIDTH: usize = 68;
/// Underlined places that are shown; a statement can have thousands.
const PLACES: usize = 8;

/// A marked part of one line, in characters from 0; the end is exclusive.
#[derive(Clone, Copy, Debug)]
struct Mark {
    start: usize,
    end: usize,
}

/// Numbered lines around the spans, each span underlined, the label beside the last. All spans are taken to lie in the
/// file of the first.
pub(super) fn lines(sources: &Sources, spans: &[Span], label: &str, paint: Paint) -> Vec<String> {
    let Some(source) = spans.first().and_then(|span| sources.get(span.file)) else { return Vec::new() };
    let marks = marks(sources, source, spans);
    let mut shown: BTreeMap<usize, Option<Mark>> = BTreeMap::new();
    for (line, mark) in marks.iter().take(PLACES) {
        for near in line.saturating_sub(1)..=line.saturating_add(1) {
            if !source.line(near).trim().is_empty() {
                shown.entry(near).or_insert(None);
            }
        }
        shown.insert(*line, Some(*mark));
    }
    let last = shown.iter().filter(|(_, mark)| mark.is_some()).map(|(line, _)| *line).next_back();
    let mut out = Vec::new();
    let mut previous = None;
    for (line, mark) in &shown {
        if previous.is_some_and(|previous: usize| previous.saturating_add(1) < *line) {
            out.push("        ...".to_owned());
        }
        previous = Some(*line);
        let label = if Some(*line) == last { label } else { "" };
        out.extend(numbered(*line, source.line(*line), *mark, label, paint));
    }
    let hidden = marks.len().saturating_sub(PLACES);
    if hidden > 0 {
        out.push(format!("        ... and {hidden} more"));
    }
    out
}

/// One mark a line: the first span that begins there. A span of several lines is marked to the end of its first.
fn marks(sources: &Sources, source: &Source, spans: &[Span]) -> BTreeMap<usize, Mark> {
    let mut marks = BTreeMap::new();
    for span in spans {
        let (from, to) = (sources.line_column(span.file, span.start), sources.line_column(span.file, span.end));
        let (line, start) = (from.line.saturating_sub(1) as usize, from.column.saturating_sub(1) as usize);
        let length = source.line(line).trim_end().chars().count();
        let end = if to.line == from.line { to.column.saturating_sub(1) as usize } else { length };
        let mark = Mark { start, end: end.max(start.saturating_add(1)) };
        marks.entry(line).or_insert(mark);
    }
    marks
}

/// The line with its number and, if marked, the line of carets.
fn numbered(line: usize, text: &str, mark: Option<Mark>, label: &str, paint: Paint) -> Vec<String> {
    let gutter = paint.paint(Ink::Faint, &format!("{:>7} |", line.saturating_add(1)));
    let (text, mark) = window(text, mark);
    let mut out = vec![format!("{gutter} {text}")];
    if let Some(mark) = mark {
        let gutter = paint.paint(Ink::Faint, "        |");
        let carets = "^".repeat(mark.end.saturating_sub(mark.start));
        let beside = mark.end.saturating_add(label.chars().count()).saturating_add(11) <= WIDTH.saturating_add(12);
        let indent = " ".repeat(mark.start);
        if beside || label.is_empty() {
            let under = format!("{carets} {label}");
            out.push(format!("{gutter} {indent}{}", paint.paint(Ink::Bad, under.trim_end())));
        } else {
            out.push(format!("{gutter} {indent}{}", paint.paint(Ink::Bad, &carets)));
            out.push(format!("{gutter} {}", paint.paint(Ink::Bad, label)));
        }
    }
    out
}

/// The part of a long line around the mark, made printable, with the mark moved accordingly.
fn window(text: &str, mark: Option<Mark>) -> (String, Option<Mark>) {
    let chars: Vec<char> = text.trim_end().chars().collect();
    let from = match mark {
        Some(mark) if chars.len() > WIDTH && mark.end > WIDTH => {
            mark.start.saturating_sub(WIDTH / 4).min(chars.len().saturating_sub(WIDTH))
        }
        Some(_) | None => 0,
    };
    let to = chars.len().min(from.saturating_add(WIDTH));
    let piece = |from: usize, to: usize| {
        let chars: String = chars.get(from..to.max(from)).unwrap_or_default().iter().collect();
        printable(&chars)
    };
    let head = if from > 0 { "…" } else { "" };
    let tail = if to < chars.len() { "…" } else { "" };
    let shown = format!("{head}{}{tail}", piece(from, to));
    let mark = mark.map(|mark| {
        let (start, end) = (mark.start.clamp(from, to), mark.end.clamp(from, to));
        let lead = head.chars().count().saturating_add(piece(from, start).chars().count());
        Mark { start: lead, end: lead.saturating_add(piece(start, end).chars().count().max(1)) }
    });
    (shown, mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, guilty: &[&str], label: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("p.json", text);
        let span = |part: &&str| {
            let start = text.find(*part).unwrap();
            Span { file, start: u32::try_from(start).unwrap(), end: u32::try_from(start + part.len()).unwrap() }
        };
        let spans: Vec<Span> = guilty.iter().map(span).collect();
        lines(&sources, &spans, label, Paint::Plain)
    }

    #[test]
    fn the_guilty_part_is_underlined_with_a_line_around() {
        let found = rendered("[\n  \"a\",\n  \"bc\"\n]\nx\n", &["\"bc\""], "here");
        assert_eq!(found, ["      2 |   \"a\",", "      3 |   \"bc\"", "        |   ^^^^ here", "      4 | ]"]);
    }

    #[test]
    fn lines_far_apart_are_separated() {
        let found = rendered("a\nb\nc\nd\ne\nf\n", &["a", "f"], "two");
        let expected = [
            "      1 | a",
            "        | ^",
            "      2 | b",
            "        ...",
            "      5 | e",
            "      6 | f",
            "        | ^ two",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let text = format!("{}GUILTY{}", "x".repeat(5000), "y".repeat(5000));
        let found = rendered(&text, &["GUILTY"], "here");
        assert!(found.iter().all(|line| line.chars().count() <= 80), "{found:?}");
        assert!(found[0].contains("GUILTY") && found[1].contains("^^^^^^ here"), "{found:?}");
        let (column, caret) = (found[0].chars().position(|c| c == 'G'), found[1].chars().position(|c| c == '^'));
        assert_eq!(column, caret);
    }

    #[test]
    fn carets_stay_in_place_after_tabs_wide_escapes_and_umlauts() {
        for text in ["\täö G", "\u{1b}[0m G"] {
            let found = rendered(text, &["G"], "");
            let at = |line: &str, c| line.chars().position(|d| d == c);
            assert_eq!(at(&found[0], 'G'), at(&found[1], '^'), "{found:?}");
            assert!(!found[0].contains('\u{1b}'));
        }
    }

    #[test]
    fn an_empty_file_and_a_span_past_its_end_are_no_problem() {
        let mut sources = Sources::default();
        let file = sources.add("p.json", "");
        lines(&sources, &[Span { file, start: 4, end: 9 }], "", Paint::Plain);
        assert!(lines(&sources, &[], "", Paint::Plain).is_empty());
    }
}
