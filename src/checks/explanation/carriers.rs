//! What carries a PASS: the statements without which it is no longer proved, found by leaving out one group after
//! another and asking again.

use crate::checks::explanation::{Oracle, copy, edit};
use crate::checks::{Disagreement, Side};
use crate::policy::{Effect, Policy};
use crate::source::Span;
use crate::stack::{self, Document};

/// Numbers of statements that are named one by one.
const NAMED: usize = 8;

/// A statement that may carry the proof.
#[derive(Clone, Debug)]
struct Item {
    /// Of the existing side: an Allow. Else of the asked side: a Deny.
    existing: bool,
    layer: Option<String>,
    index: usize,
    span: Span,
}

/// Which of the items are needed.
struct Search<'o> {
    oracle: &'o Oracle<'o>,
    existing: Option<Document>,
    asked: Document,
    left_out: Vec<Span>,
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
    let denies = items(question.asked, Effect::Deny, false);
    let allows = question.existing.map_or_else(Vec::new, |existing| items(existing, Effect::Allow, true));
    search.shrink(&denies)?;
    search.shrink(&allows)?;
    Ok(words(&search, &allows, &denies))
}

fn items(side: Side<'_>, effect: Effect, existing: bool) -> Vec<Item> {
    let places: Vec<(Option<String>, &Policy)> = match side {
        Side::Document(policy) => vec![(None, policy)],
        Side::Stack(of) => stack::places(of).into_iter().map(|(place, policy)| (Some(place), policy)).collect(),
    };
    let mut items = Vec::new();
    for (layer, policy) in places {
        let statements = policy.statements.iter().filter(|statement| statement.effect == effect);
        items.extend(statements.map(|s| Item { existing, layer: layer.clone(), index: s.index, span: s.span }));
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
        left_out.extend(items.iter().map(|item| item.span));
        let existing = self.existing.as_ref().map(|existing| edit::without_statements(existing, &left_out));
        let asked = edit::without_statements(&self.asked, &left_out);
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
}

fn words(search: &Search<'_>, allows: &[Item], denies: &[Item]) -> Vec<String> {
    let kept = |existing: bool| -> Vec<&Item> { search.kept.iter().filter(|item| item.existing == existing).collect() };
    let (grants, stops) = (kept(true), kept(false));
    let compared = search.existing.is_some();
    let (old, new) = if compared { (" of the existing side", " of the new side") } else { ("", "") };
    let mut words = Vec::new();
    if compared && grants.is_empty() {
        words.push("the new side grants nothing, whatever the existing side grants".to_owned());
    } else if !grants.is_empty() {
        words.push(format!("{}{old}", listed("Allow", &grants)));
    }
    if !stops.is_empty() {
        words.push(format!("{}{new}", listed("Deny", &stops)));
    } else if !compared && !denies.is_empty() {
        words.push("no Allow reaches any of it, even without the Deny statements".to_owned());
    } else if !compared {
        words.push("no Allow reaches any of it".to_owned());
    }
    let spared = allows.len() + denies.len() - search.kept.len();
    if !search.kept.is_empty() {
        words.push(match (search.complete, spared) {
            (true, 0) => "each of them is needed".to_owned(),
            (true, 1) => "each of them is needed; the other statement of these kinds is not".to_owned(),
            (true, many) => format!("each of them is needed; the other {many} of these kinds are not"),
            (false, _) => "not all of them were tried for being needed".to_owned(),
        });
    }
    words
}

/// `the Allow statements 0 and 3`, `the Deny statement 1 of scps[0][0]`
fn listed(effect: &str, items: &[&Item]) -> String {
    let name = |item: &&Item| match &item.layer {
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
