//! What carries a PASS: the statements without which it is no longer proved, found by leaving out one group after
//! another and asking again.

use crate::checks::explanation::{Oracle, copy, edit};
use crate::checks::{Disagreement, Side, blame};
use crate::policy::{Effect, Policy};
use crate::source::Span;
use crate::stack::{self, Document};

/// Numbers of statements that are named one by one.
const NAMED: usize = 8;

/// What may carry the proof.
#[derive(Clone, Debug)]
enum Item {
    /// An Allow of the existing side.
    Grant(Statement),
    /// A Deny of the asked side.
    Stop(Statement),
    /// A layer of the asked stack in which everything must be allowed.
    Limit(String),
}

#[derive(Clone, Debug)]
struct Statement {
    layer: Option<String>,
    index: usize,
    span: Span,
}

/// Which of the items are needed.
struct Search<'o> {
    oracle: &'o Oracle<'o>,
    existing: Option<Document>,
    asked: Document,
    left_out: Vec<Item>,
    kept: Vec<Item>,
    complete: bool,
}

/// What carries the PASS, in words.
pub(super) fn of(oracle: &Oracle<'_>) -> Result<Vec<String>, Disagreement> {
    let question = oracle.question;
    let mut search = Search {
        oracle,
        existing: question.existing.map(copy),
        asked: copy(question.asked),
        left_out: Vec::new(),
        kept: Vec::new(),
        complete: true,
    };
    let stops = statements(question.asked, Effect::Deny).into_iter().map(Item::Stop).collect::<Vec<_>>();
    let limits = match question.asked {
        Side::Document(_) => Vec::new(),
        Side::Stack(of) => blame::limits(of).into_iter().map(|(layer, _)| Item::Limit(layer)).collect(),
    };
    let grants = question.existing.map_or_else(Vec::new, |existing| statements(existing, Effect::Allow));
    let grants: Vec<Item> = grants.into_iter().map(Item::Grant).collect();
    let mut tried = 0;
    for items in [&stops, &limits, &grants] {
        tried += items.len();
        search.shrink(items)?;
    }
    Ok(words(&search, tried))
}

fn statements(side: Side<'_>, effect: Effect) -> Vec<Statement> {
    let places: Vec<(Option<String>, &Policy)> = match side {
        Side::Document(policy) => vec![(None, policy)],
        Side::Stack(of) => stack::places(of).into_iter().map(|(place, policy)| (Some(place), policy)).collect(),
    };
    let mut items = Vec::new();
    for (layer, policy) in places {
        let statements = policy.statements.iter().filter(|statement| statement.effect == effect);
        items.extend(statements.map(|s| Statement { layer: layer.clone(), index: s.index, span: s.span }));
    }
    items
}

impl Search<'_> {
    /// Leaves the items out together if the proof stands without them; else each half by itself.
    fn shrink(&mut self, items: &[Item]) -> Result<(), Disagreement> {
        if items.is_empty() {
            return Ok(());
        }
        let mut left_out = self.left_out.clone();
        left_out.extend_from_slice(items);
        let (existing, asked) = self.without(&left_out);
        match self.oracle.proves(existing.as_ref(), &asked)? {
            Some(true) => self.left_out = left_out,
            Some(false) if items.len() > 1 => {
                let (first, second) = items.split_at(items.len() / 2);
                self.shrink(first)?;
                self.shrink(second)?;
            }
            Some(false) => self.kept.extend_from_slice(items),
            None => {
                self.complete = false;
                self.kept.extend_from_slice(items);
            }
        }
        Ok(())
    }

    fn without(&self, items: &[Item]) -> (Option<Document>, Document) {
        let mut spans = Vec::new();
        let mut layers = Vec::new();
        for item in items {
            match item {
                Item::Grant(statement) | Item::Stop(statement) => spans.push(statement.span),
                Item::Limit(layer) => layers.push(layer.as_str()),
            }
        }
        let existing = self.existing.as_ref().map(|existing| edit::without_statements(existing, &spans));
        (existing, edit::without_layers(&edit::without_statements(&self.asked, &spans), &layers))
    }
}

fn words(search: &Search<'_>, tried: usize) -> Vec<String> {
    let (mut grants, mut stops, mut words) = (Vec::new(), Vec::new(), Vec::new());
    for item in &search.kept {
        match item {
            Item::Grant(statement) => grants.push(statement),
            Item::Stop(statement) => stops.push(statement),
            Item::Limit(layer) => words.push(format!("what {layer} does not allow")),
        }
    }
    let compared = search.existing.is_some();
    if !stops.is_empty() {
        let whose = if compared { " of the new policy" } else { "" };
        words.insert(0, format!("{}{whose}", listed("Deny", &stops)));
    }
    if !grants.is_empty() {
        words.insert(0, format!("{} of the existing policy", listed("Allow", &grants)));
    } else if compared {
        words.insert(0, "the new policy grants nothing, whatever the existing one grants".to_owned());
    } else if search.kept.is_empty() {
        words.push(
            if tried > 0 {
                "no Allow reaches any of it, whatever else is denied"
            } else {
                "no Allow reaches any of it"
            }
            .to_owned(),
        );
    }
    let spared = tried - search.kept.len();
    if !search.kept.is_empty() {
        let needed = if search.kept.len() == 1 { "it is needed" } else { "each of them is needed" };
        words.push(match (search.complete, spared) {
            (true, 0) => needed.to_owned(),
            (true, 1) => format!("{needed}; one other Allow or Deny is not"),
            (true, many) => format!("{needed}; {many} others are not"),
            (false, _) => "not all of them were tried for being needed".to_owned(),
        });
    }
    words
}

/// `the Allow statements 0 and 3`, `the Deny statement 1 of scps[0][0]`
fn listed(effect: &str, items: &[&Statement]) -> String {
    let name = |item: &&Statement| match &item.layer {
        Some(layer) => format!("{} of {layer}", item.index),
        None => item.index.to_string(),
    };
    let mut names: Vec<String> = items.iter().take(NAMED).map(name).collect();
    if items.len() > NAMED {
        names.push(format!("{} more", items.len() - NAMED));
    }
    let plural = if items.len() > 1 { "s" } else { "" };
    let last = names.pop().unwrap_or_default();
    let joined = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
    format!("the {effect} statement{plural} {joined}")
}
