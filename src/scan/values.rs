//! Values for what is not known: the finitely many that have to be tried, and those that a counterexample suggests.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::condition::Test;
use crate::policy::template::HOLE;
use crate::request::{ContextValue, Request};
use crate::scan::bounds::Variables;
use crate::scan::tree::{Binding, Language, Piece, Text, Tree, Value, matches};
use crate::stack::{self, Document};

/// More combinations than these are not tried.
pub(super) const MOST_CASES: usize = 64;

/// Digits of an account id.
const DIGITS: usize = 12;

/// All combinations of values for the accounts and for what has a list of values: one of each list, and for accounts every
/// account that is written somewhere and one that is not. `None` if there are too many.
///
/// That one unwritten account stands for all others: exchanging two unwritten accounts in a request changes no match of
/// any pattern, provided that no pattern tells digits apart beside a wildcard ([`tells_digits_apart`]).
pub(super) fn cases(unknown: &BTreeMap<String, Language>, written: &BTreeSet<String>) -> Option<Vec<Binding>> {
    let mut cases = vec![Binding::new()];
    for (expression, language) in unknown {
        let values: Vec<String> = match language {
            Language::Account => with_one_more(written),
            Language::OneOf(texts) => texts.clone(),
            Language::Name | Language::Path | Language::Pattern(_) | Language::Computed(_) | Language::Opaque => {
                continue;
            }
        };
        let mut next = Vec::new();
        for case in &cases {
            for value in &values {
                let mut case = case.clone();
                case.insert(expression.clone(), value.clone());
                next.push(case);
            }
        }
        if next.len() > MOST_CASES {
            return None;
        }
        cases = next;
    }
    cases.retain(is_consistent);
    Some(cases)
}

/// The unwritten account first: it is the usual case.
fn with_one_more(written: &BTreeSet<String>) -> Vec<String> {
    let mut fresh = 111_122_223_333_u64;
    while written.contains(&fresh.to_string()) {
        fresh += 1;
    }
    std::iter::once(fresh.to_string()).chain(written.iter().cloned()).collect()
}

/// Partition and URL suffix go together.
fn is_consistent(case: &Binding) -> bool {
    match (case.get("AWS::Partition"), case.get("AWS::URLSuffix")) {
        (Some(partition), Some(suffix)) => (partition == "aws-cn") == suffix.ends_with(".cn"),
        (None, _) | (_, None) => true,
    }
}

/// The account ids in a text.
pub(super) fn accounts(text: &str, into: &mut BTreeSet<String>) {
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == DIGITS) {
        into.insert(run.to_owned());
    }
}

/// Whether a pattern may tell one unwritten account from another: it has digits beside a wildcard, where part of an
/// account could stand.
pub(super) fn tells_digits_apart(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let wild = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| matches!(c, '*' | '?'));
    let mut start = 0;
    while start < chars.len() {
        let length = chars.iter().skip(start).take_while(|c| c.is_ascii_digit()).count();
        if length > 0 && length <= DIGITS && (wild(start.checked_sub(1)) || wild(Some(start + length))) {
            return true;
        }
        start += length.max(1);
    }
    false
}

/// Values for names and patterns that may make a counterexample of a bound one of the policy: those of its variables,
/// those that its resource, action or caller shows, and any for the rest. Best guess first; the empty binding, which
/// makes it fail for every value, is not among them. `usual`: what usual values look like is enough of an answer.
pub(super) fn suggested(
    unknown: &BTreeMap<String, Language>,
    trees: &[&Tree],
    request: &Request,
    variables: &Variables,
    usual: bool,
) -> Vec<Binding> {
    let mut seen = Binding::new();
    for (expression, number) in variables {
        if let Some(ContextValue::Single(text)) = request.context.get(&format!("{HOLE}{number}"))
            && unknown.get(expression).is_some_and(|language| language.admits(text))
        {
            seen.insert(expression.clone(), text.clone());
        }
    }
    let subjects = [request.resource.clone(), request.action.clone(), request.principal.to_string()];
    for tree in trees {
        tree.each_text(&mut |text| subjects.iter().for_each(|subject| show(text, subject, &mut seen)));
    }
    seen.retain(|expression, text| unknown.get(expression).is_some_and(|language| language.admits(text)));
    let mut out = Vec::new();
    for stars in [false, true] {
        let mut binding = Binding::new();
        for (expression, language) in unknown {
            let value = match (language, seen.get(expression)) {
                (Language::Opaque, _) => continue,
                (Language::Computed(_), _) if !usual => continue,
                (Language::Pattern(glob), _) if stars && matches(glob, "*") => "*".to_owned(),
                (_, Some(text)) => text.clone(),
                (_, None) => language.example(),
            };
            binding.insert(expression.clone(), value);
        }
        if !binding.is_empty() && !out.contains(&binding) {
            out.push(binding);
        }
    }
    out
}

/// Reads off values: those of the holes with which the text is (or, as a pattern, matches) the subject.
fn show(text: &Text, subject: &str, seen: &mut Binding) {
    let mut binding = Binding::new();
    let holes = text.unknowns().count();
    if (1..=3).contains(&holes) && fit(&text.pieces, subject, &mut binding) {
        for (expression, value) in binding {
            seen.entry(expression).or_insert(value);
        }
    }
}

/// Shortest values first, but a hole at the end takes the rest.
fn fit(pieces: &[Piece], subject: &str, binding: &mut Binding) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return subject.is_empty() };
    match first {
        Piece::Known(known) if rest.is_empty() => matches(known, subject),
        Piece::Known(known) => subject.strip_prefix(known.as_str()).is_some_and(|after| fit(rest, after, binding)),
        Piece::Unknown(unknown) => {
            let ends = subject.char_indices().map(|(at, _)| at).skip(1).chain([subject.len()]);
            for end in ends {
                let Some((value, after)) = subject.split_at_checked(end) else { continue };
                let mut more = binding.clone();
                let fresh = more.insert(unknown.expression.clone(), value.to_owned()).is_none_or(|old| old == value);
                if fresh && unknown.language.admits(value) && fit(rest, after, &mut more) {
                    *binding = more;
                    return true;
                }
            }
            false
        }
    }
}

/// The known texts of a tree.
pub(super) fn known_texts(tree: &Tree, see: &mut impl FnMut(&str)) {
    tree.each_text(&mut |text| {
        for piece in &text.pieces {
            if let Piece::Known(known) = piece {
                see(known);
            }
        }
    });
}

/// The texts of a document that was read as a whole.
pub(super) fn written_texts(document: &Document, see: &mut impl FnMut(&str)) {
    let policies = match document {
        Document::Policy(policy) => vec![&**policy],
        Document::Stack(stack) => stack::places(stack).into_iter().map(|(_, policy)| policy).collect(),
    };
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        statement.action.entries.iter().for_each(|entry| see(&entry.text));
        statement.resource.iter().flat_map(|listed| &listed.entries).for_each(|entry| see(&entry.text));
        statement.principal.iter().flat_map(|element| &element.entries).for_each(|entry| see(&entry.text));
        for clause in &statement.conditions {
            match &clause.test {
                Test::Compare { values, .. } => values.iter().for_each(|value| see(&value.text)),
                Test::Null { .. } => {}
                Test::Unknown { text } => see(text),
            }
        }
    }
}

/// A policy with any values, for the reader: so that what is wrong with the rest of it is said.
pub(super) fn example(tree: &Tree) -> Tree {
    let binding = tree.unknowns().into_iter().map(|(expression, language)| (expression, language.example())).collect();
    let bound = tree.bind(&binding);
    let value = match &bound.value {
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .cloned()
                .map(|mut entry| {
                    if entry.key.as_known() == Some("Version") && tree.get("Version").is_some_and(Tree::is_open) {
                        entry.value = Tree::text(entry.value.span, "2012-10-17");
                    }
                    entry
                })
                .collect(),
        ),
        _ => bound.value,
    };
    Tree { span: bound.span, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_beside_wildcards() {
        for (text, apart) in [
            ("arn:aws:iam::111122223333:role/*", false),
            ("arn:aws:s3:::logs-2024/*", false),
            ("arn:aws:s3:::logs-2024*", true),
            ("*2024", true),
            ("111122223333*", true),
            ("arn:aws:iam::*:root", false),
            ("1234567890123*", false),
        ] {
            assert_eq!(tells_digits_apart(text), apart, "{text}");
        }
    }
}
