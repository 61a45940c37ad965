//! What a document says and what of it adds nothing, ready to be shown.

use crate::checks::{Element, Name, Place, Redundancy, RedundancyCause, Redundant};
use crate::diagnostic::Diagnostic;
use crate::policy::{Effect, Policy, Statement};
use crate::report::formula::Notation;
use crate::source::{Sources, Span};

/// One document explained.
#[derive(Clone, Copy, Debug)]
pub struct Explanation<'a> {
    /// As the user named it.
    pub name: &'a str,
    /// Its place in a stack: `scps[0][1]`.
    pub layer: Option<&'a str>,
    /// The document.
    pub policy: &'a Policy,
    /// What it could do without; `None` if it has errors, of which nothing is proved (spec 0.2).
    pub redundancy: Option<&'a Redundancy>,
    /// What there is to say about it.
    pub diagnostics: &'a [Diagnostic],
    /// The texts.
    pub sources: &'a Sources,
    /// Signs or words.
    pub notation: Notation,
}

/// Characters of a quoted place.
const LONGEST_QUOTE: usize = 60;

impl Explanation<'_> {
    /// What is said of a statement: places of it that add nothing, the statement itself first.
    pub(super) fn of_statement(&self, index: usize) -> Vec<&Redundant> {
        let Some(redundancy) = self.redundancy else { return Vec::new() };
        let all = redundancy.places.iter().chain(&redundancy.idle);
        all.filter(|redundant| redundant.place.statement == index).collect()
    }

    /// Places of a statement that add nothing if the document is judged by itself.
    pub(super) fn only_by_itself(&self, index: usize) -> Vec<&Place> {
        let places = self.redundancy.map_or(&[][..], |redundancy| redundancy.only_by_itself.as_slice());
        places.iter().filter(|place| place.statement == index).collect()
    }

    /// Whether the statement adds nothing as a whole.
    pub(super) fn is_redundant(&self, index: usize) -> bool {
        self.of_statement(index).iter().any(|redundant| redundant.place.element == Element::Statement)
    }

    /// Whether the statement is a Deny of what no Allow of the document grants.
    pub(super) fn is_unopposed(&self, index: usize) -> bool {
        self.redundancy.is_some_and(|redundancy| redundancy.unopposed.contains(&index))
    }

    /// The bytes of a place on one line, shortened.
    pub(super) fn quote(&self, span: Span) -> String {
        let text = self.sources.shared(span.file);
        let text = text.get(span.start as usize..span.end as usize).unwrap_or("");
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = words.join(" ");
        let operator = self.operator_of(span);
        let line = operator.map_or(line.clone(), |operator| format!("{operator} {{{line}}}"));
        match line.char_indices().nth(LONGEST_QUOTE) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or("")),
            None => line,
        }
    }

    /// The operator of a clause as written, if the place is one.
    fn operator_of(&self, span: Span) -> Option<String> {
        let clauses = self.policy.statements.iter().flat_map(|statement| &statement.conditions);
        let clause = clauses.into_iter().find(|clause| clause.span == span)?;
        Some(self.sources.text(clause.operator_span).trim_matches('"').to_owned())
    }

    /// Why the place adds nothing, as a clause whose subject is the place.
    pub(super) fn because(&self, redundant: &Redundant) -> String {
        let element = redundant.place.element;
        let statement = self.policy.statements.iter().find(|s| s.index == redundant.place.statement);
        let effect = statement.map_or(Effect::Allow, |statement| statement.effect);
        let does = verb(effect);
        match &redundant.cause {
            RedundancyCause::Never { parts } => self.never(element, parts, statement),
            RedundancyCause::Always => "holds of every request that the rest of the statement matches".to_owned(),
            RedundancyCause::List { entry: Some(entry) } => format!("is covered by {}", self.quote(*entry)),
            RedundancyCause::List { entry: None } => "changes nothing beside the rest of its list".to_owned(),
            RedundancyCause::Statements { by } if by.is_empty() => {
                format!("{does} nothing beside the other statements")
            }
            RedundancyCause::Statements { by } => match element {
                Element::Statement | Element::Principal | Element::Action | Element::Resource => {
                    format!("{does} nothing: {}", others(by, "all of it"))
                }
                Element::Clause | Element::Value => format!("changes nothing: {}", others(by, "what it keeps out")),
            },
        }
    }

    /// The place and why it adds nothing, as one clause.
    pub fn sentence(&self, redundant: &Redundant) -> String {
        let because = self.because(redundant);
        match redundant.place.element {
            Element::Statement => format!("this statement {because}"),
            Element::Clause | Element::Value | Element::Principal | Element::Action | Element::Resource => {
                format!("`{}` {because}", self.quote(redundant.place.span).trim_matches('"'))
            }
        }
    }

    fn never(&self, element: Element, parts: &[Span], statement: Option<&Statement>) -> String {
        let clauses = statement.map_or(&[][..], |statement| statement.conditions.as_slice());
        let is_clause = |span: &Span| clauses.iter().any(|clause| clause.span == *span);
        let quoted: Vec<String> = parts.iter().map(|span| self.quote(*span)).collect();
        let what = match element {
            Element::Statement => "can never apply",
            Element::Clause | Element::Value | Element::Principal | Element::Action | Element::Resource => {
                "can never match"
            }
        };
        match (quoted.as_slice(), parts) {
            ([], _) => what.to_owned(),
            ([only], [span]) if is_clause(span) => format!("{what}: no request satisfies the condition {only}"),
            ([only], _) => format!("{what}: no request matches {only}"),
            (several, _) if parts.iter().all(is_clause) => {
                format!("{what}: no request satisfies these conditions together: {}", several.join("; "))
            }
            (several, _) => format!("{what}: no request matches these together: {}", several.join("; ")),
        }
    }
}

fn verb(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "grants",
        Effect::Deny => "denies",
    }
}

/// `S1 grants all of it`, `S1 and S2 together deny all of it`
fn others(by: &[Name], what: &str) -> String {
    let of = |effect| by.iter().filter(move |name| name.effect == effect);
    let group = |effect: Effect, one: &str, several: &str| {
        let names: Vec<String> = of(effect).map(|name| format!("S{}", name.index)).collect();
        match names.as_slice() {
            [] => None,
            [only] => Some(format!("{only} {one}")),
            [first @ .., last] => Some(format!("{} and {last} {several}", first.join(", "))),
        }
    };
    match (group(Effect::Allow, "grants", "together grant"), group(Effect::Deny, "denies", "together deny")) {
        (Some(grant), None) => format!("{grant} {what}"),
        (None, Some(deny)) => format!("{deny} {what}"),
        (Some(grant), Some(deny)) => format!("{deny} part of it and {grant} the rest"),
        (None, None) => "the other statements do".to_owned(),
    }
}

/// The element as a member of a statement.
pub(super) fn element_name(element: Element, statement: Option<&Statement>) -> &'static str {
    let negated = |negated: Option<bool>, not: &'static str, plain: &'static str| {
        if negated == Some(true) { not } else { plain }
    };
    match element {
        Element::Statement => "Statement",
        Element::Clause => "Condition",
        Element::Value => "Condition value",
        Element::Principal => {
            let who = statement.and_then(|s| s.principal.as_ref()).map(|who| who.negated);
            negated(who, "NotPrincipal", "Principal")
        }
        Element::Action => negated(statement.map(|s| s.action.negated), "NotAction", "Action"),
        Element::Resource => {
            let listed = statement.and_then(|s| s.resource.as_ref()).map(|listed| listed.negated);
            negated(listed, "NotResource", "Resource")
        }
    }
}
