//! Small edits of documents: what is left out or put back, everything else as it was.

use crate::policy::condition::Clause;
use crate::policy::{Policy, Statement};
use crate::source::Span;
use crate::stack::{self, Document};

/// Without these statements.
pub(super) fn without_statements(document: &Document, spans: &[Span]) -> Document {
    edited(document, |policy| policy.statements.retain(|statement| !spans.contains(&statement.span)))
}

/// A stack without these layers, which restrict nothing then.
pub(super) fn without_layers(document: &Document, layers: &[&str]) -> Document {
    let mut copy = document.clone();
    if let Document::Stack(of) = &mut copy {
        of.boundary.take_if(|_| layers.contains(&"boundary"));
        of.endpoint.take_if(|_| layers.contains(&"endpoint"));
        if layers.contains(&"session") {
            of.session.clear();
        }
        let mut level = 0;
        of.scps.retain(|_| {
            level += 1;
            !layers.contains(&format!("scps[{}]", level - 1).as_str())
        });
    }
    copy
}

/// Without these entries of lists; `None` if a list would be empty then, or if some place is no entry of a list.
pub(super) fn without_entries(document: &Document, spans: &[Span]) -> Option<Document> {
    let mut left_out = 0;
    let mut emptied = false;
    let edited = edited(document, |policy| {
        for statement in &mut policy.statements {
            left_out += drop_entries(&mut statement.action.entries, |entry| entry.span, spans, &mut emptied);
            if let Some(listed) = &mut statement.resource {
                left_out += drop_entries(&mut listed.entries, |entry| entry.span, spans, &mut emptied);
            }
            if let Some(element) = &mut statement.principal {
                left_out += drop_entries(&mut element.entries, |entry| entry.span, spans, &mut emptied);
            }
        }
    });
    (left_out == spans.len() && !emptied).then_some(edited)
}

fn drop_entries<T>(entries: &mut Vec<T>, span: fn(&T) -> Span, spans: &[Span], emptied: &mut bool) -> usize {
    let before = entries.len();
    entries.retain(|entry| !spans.contains(&span(entry)));
    *emptied |= before > 0 && entries.is_empty();
    before - entries.len()
}

/// With a statement more in the policy of this layer (in a lone document: in it); `None` if there is no such layer.
pub(super) fn with_statement(document: &Document, layer: Option<&str>, statement: &Statement) -> Option<Document> {
    let target = match document {
        Document::Policy(policy) => Some(policy.span),
        Document::Stack(of) => {
            let places = stack::places(of).into_iter();
            places.filter(|(place, _)| Some(place.as_str()) == layer).map(|(_, policy)| policy.span).next()
        }
    }?;
    Some(edited(document, |policy| {
        if policy.span == target {
            policy.statements.push(statement.clone());
        }
    }))
}

/// With clauses more in a statement.
pub(super) fn with_clauses(document: &Document, statement: Span, clauses: &[Clause]) -> Document {
    edited(document, |policy| {
        for each in policy.statements.iter_mut().filter(|each| each.span == statement) {
            each.conditions.extend_from_slice(clauses);
        }
    })
}

fn edited(document: &Document, mut edit: impl FnMut(&mut Policy)) -> Document {
    let mut copy = document.clone();
    match &mut copy {
        Document::Policy(policy) => edit(policy),
        Document::Stack(of) => {
            let layers = of.scps.iter_mut().chain(&mut of.rcps).flatten();
            let lone = of.resource.iter_mut().chain(&mut of.boundary).chain(&mut of.endpoint);
            of.identity.iter_mut().chain(lone).chain(&mut of.session).chain(layers).for_each(edit);
        }
    }
    copy
}
