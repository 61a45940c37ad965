//! Laws of public access: a Deny never makes a PASS a FAIL, an Allow never makes a FAIL a PASS, order does not matter.

use keyaki::checks::Verdict;
use serde_json::Value;

use super::cases::{Case, answer, cases};

fn statements(document: &Value) -> Vec<Value> {
    document["Statement"].as_array().unwrap().clone()
}

fn verdict(case: &Case, statements: &[Value]) -> Verdict {
    let mut document = case.document.clone();
    let statements: Vec<Value> = statements
        .iter()
        .map(|statement| {
            let mut statement = statement.clone();
            // a Sid may not occur twice
            statement.as_object_mut().unwrap().shift_remove("Sid");
            statement
        })
        .collect();
    document["Statement"] = statements.into();
    answer(&document, case.resource_type()).0.verdict
}

/// Statements of other cases that the kind of this one's policies may hold.
fn others<'c>(case: &'c Case, cases: &'c [Case], effect: &'c str) -> Vec<Value> {
    let fits = |other: &&Case| other.name != case.name && other.resource_type().kind == case.resource_type().kind;
    let of_others = cases.iter().filter(fits).flat_map(|other| statements(&other.document));
    of_others.filter(|statement| statement["Effect"] == effect).collect()
}

/// Some of a list, other ones for each case.
fn some(list: &[Value], at: usize, count: usize) -> impl Iterator<Item = &Value> {
    let len = list.len();
    (0..count.min(len)).filter_map(move |step| list.get((at * 7 + step * 11) % len))
}

#[test]
fn statements_added_move_the_verdict_one_way_only() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let own = statements(&case.document);
        let before = verdict(case, &own);
        for (effect, forbidden) in [("Deny", (Verdict::Pass, Verdict::Fail)), ("Allow", (Verdict::Fail, Verdict::Pass))]
        {
            if before != forbidden.0 {
                continue;
            }
            for added in some(&others(case, &cases, effect), at, 3) {
                let after = verdict(case, &[own.as_slice(), std::slice::from_ref(added)].concat());
                if after == forbidden.1 {
                    wrong.push(format!("{}: {before:?} became {after:?} by {added}", case.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn order_does_not_matter() {
    let cases = cases();
    for (at, case) in cases.iter().enumerate() {
        let mut all = statements(&case.document);
        all.extend(some(&others(case, &cases, "Allow"), at, 1).cloned());
        all.extend(some(&others(case, &cases, "Deny"), at, 1).cloned());
        let before = verdict(case, &all);
        all.reverse();
        assert_eq!(verdict(case, &all), before, "{}", case.name);
    }
}
