//! A document explained, as text: the formula, statement by statement, each with what of it adds nothing.

use super::{Length, Page, WIDTH, plural, wrapped};
use crate::checks::{Element, Place, Redundancy, Redundant};
use crate::minify::Minified;
use crate::policy::{Effect, Statement};
use crate::report::explanation::{Explanation, element_name};
use crate::report::formula::{self, Conjunct};
use crate::report::paint::{Ink, Paint, printable};

/// Entries of a list that are shown under [`Length::Short`].
const MOST_ITEMS: usize = 12;

/// Notes of a statement that are shown under [`Length::Short`].
const MOST_NOTES: usize = 8;

/// The explanation, ending in a line end.
pub fn explanation(explanation: &Explanation<'_>, paint: Paint, length: Length) -> String {
    let mut page = Page { out: String::new(), paint, sources: explanation.sources };
    let policy = explanation.policy;
    let of = explanation.layer.map_or(String::new(), |layer| format!(" {layer}"));
    let inferred = if policy.inferred { " (inferred)" } else { "" };
    let kind = policy.kind.with_article();
    page.line(&format!(
        "{}{of}: {kind}{inferred}, {}",
        printable(explanation.name),
        plural(policy.statements.len(), "statement")
    ));
    page.line("");
    for line in wrapped(&formula::allowed(policy, explanation.notation), WIDTH.saturating_sub(14)).iter().enumerate() {
        let caption = if line.0 == 0 { "allowed =" } else { "" };
        page.line(&format!("  {caption:<9} {}", line.1));
    }
    for statement in &policy.statements {
        page.statement(statement, explanation, length);
    }
    page.line("");
    page.summary(explanation);
    page.out
}

impl Page<'_> {
    fn statement(&mut self, statement: &Statement, explanation: &Explanation<'_>, length: Length) {
        let effect = match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let sid = statement.sid.as_ref().map_or(String::new(), |sid| format!(" \"{}\"", printable(sid)));
        let line = self.sources.line_column(statement.span.file, statement.span.start).line;
        let head = format!("S{}  {effect}{sid}", statement.index);
        self.line("");
        self.line(&format!("  {head}, {}", self.paint.paint(Ink::Faint, &format!("line {line}"))));
        let and = explanation.notation.and();
        for (at, part) in formula::statement(statement, explanation.notation).iter().enumerate() {
            let sign = if at == 0 { "" } else { and };
            self.conjunct(sign, part, length);
        }
        self.notes(statement, explanation, length);
    }

    /// A part, its list broken into lines.
    fn conjunct(&mut self, sign: &str, part: &Conjunct, length: Length) {
        let shown = match length {
            Length::Short if part.items.len() > MOST_ITEMS => MOST_ITEMS.saturating_sub(2),
            Length::Short | Length::Full => part.items.len(),
        };
        let mut words: Vec<String> = part.items.iter().take(shown).map(|item| printable(item)).collect();
        let hidden = part.items.len().saturating_sub(shown);
        if hidden > 0 {
            words.push(format!("… {hidden} more"));
        }
        let mut line = format!("    {sign:>3} {}", printable(&part.head));
        let last = words.len().saturating_sub(1);
        for (at, word) in words.iter().enumerate() {
            let end = if at == last { "" } else { "," };
            let fits = line.chars().count().saturating_add(word.chars().count()).saturating_add(2) <= WIDTH;
            if at > 0 && !fits {
                self.line(&line);
                line = format!("{:10}{word}{end}", "");
            } else {
                let space = if at == 0 { "" } else { " " };
                line.push_str(&format!("{space}{word}{end}"));
            }
        }
        line.push_str(&part.tail);
        self.line(&line);
    }

    fn notes(&mut self, statement: &Statement, explanation: &Explanation<'_>, length: Length) {
        let said = explanation.of_statement(statement.index);
        let most = match length {
            Length::Short if said.len() > MOST_NOTES => MOST_NOTES.saturating_sub(1),
            Length::Short | Length::Full => said.len(),
        };
        for redundant in said.iter().take(most) {
            self.note(&note(redundant, statement, explanation));
        }
        if said.len() > most {
            self.note(&format!("{} that change nothing; --all shows them", plural(said.len() - most, "more place")));
        }
        for place in explanation.only_by_itself(statement.index) {
            self.note(&only_by_itself(place, statement, explanation));
        }
        if explanation.is_unopposed(statement.index) {
            let grants = explanation.policy.statements.iter().any(|s| s.effect == Effect::Allow);
            let nothing = if grants { "nothing that an Allow here grants" } else { "no Allow here: there is none" };
            self.note(&format!("denies {nothing}; it stays, for it also stops what other policies grant"));
        }
    }

    fn note(&mut self, text: &str) {
        for (at, line) in wrapped(&printable(text), WIDTH.saturating_sub(10)).iter().enumerate() {
            let mark = if at == 0 { "->" } else { "" };
            self.line(&format!("     {mark:>3} {}", self.paint.paint(Ink::Open, line)));
        }
    }

    /// What was found, and what it rests on.
    fn summary(&mut self, explanation: &Explanation<'_>) {
        let Some(redundancy) = explanation.redundancy else {
            self.line("The document has errors, so nothing is proved of it; `--lenient` proves all the same.");
            return;
        };
        if let Some(idle) = &redundancy.idle {
            let index = idle.place.statement;
            self.line(&format!(
                "The document grants and denies nothing. A document needs a statement: S{index} can stay."
            ));
        }
        self.line(&tally(redundancy));
        for assumption in &redundancy.assumptions {
            self.row("relies on", assumption);
        }
        if !redundancy.complete {
            self.line("Not every place could be decided: there may be more that changes nothing.");
        }
    }
}

/// `line 9, Action "s3:GetObject" is covered by "s3:Get*"`
fn note(redundant: &Redundant, statement: &Statement, explanation: &Explanation<'_>) -> String {
    let because = explanation.because(redundant);
    let place = redundant.place.span;
    let line = explanation.sources.line_column(place.file, place.start).line;
    match redundant.place.element {
        Element::Statement => because,
        element => {
            let name = element_name(element, Some(statement));
            format!("line {line}, {name} {} {because}", explanation.quote(place))
        }
    }
}

/// Why a place stays although the document by itself says the same without it.
fn only_by_itself(place: &Place, statement: &Statement, explanation: &Explanation<'_>) -> String {
    let what = match place.element {
        Element::Statement => "by itself the document says the same without this statement".to_owned(),
        element => {
            let (name, quote) = (element_name(element, Some(statement)), explanation.quote(place.span));
            format!("by itself the document says the same without {name} {quote}")
        }
    };
    let why = match statement.effect {
        Effect::Allow => "it stays, for it names callers more directly, who then need no identity policy",
        Effect::Deny => "it stays, for it also denies callers with a permissions boundary",
    };
    format!("{what}; {why}")
}

/// The last line.
fn tally(redundancy: &Redundancy) -> String {
    let count = |statements: bool| {
        let is = |redundant: &&Redundant| (redundant.place.element == Element::Statement) == statements;
        redundancy.places.iter().filter(is).count()
    };
    let counts: Vec<String> = [(count(true), "statement"), (count(false), "place")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(*count, noun))
        .collect();
    match counts.as_slice() {
        [] => "Nothing was found that can be left out.".to_owned(),
        some => format!("{} can be left out (proved, all at once); --minify does it.", some.join(" and ")),
    }
}

/// What was saved, in a few lines.
pub fn saved(minified: &Minified) -> String {
    let (before, after) = (minified.bytes_before, minified.text.len());
    if !minified.proved {
        let text = "equivalence was not proved, so this is the document given, without its white space";
        return format!("UNKNOWN  {text}.\n");
    }
    let statements = match minified.statements {
        (before, after) if before == after => plural(after, "statement"),
        (before, after) => format!("{} of {before}", plural(after, "statement")),
    };
    let mut out = format!("{after} of {before} bytes, {statements}: proved to say the same, in every reading.\n");
    for assumption in &minified.assumptions {
        out.push_str(&format!("  relies on  {assumption}\n"));
    }
    out
}
