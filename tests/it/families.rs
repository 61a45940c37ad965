//! Adversarial families at small sizes: the answer is the right one; never a wrong one.

use keyaki::checks::Verdict;

use crate::generate::family::FAMILIES;

/// FIXME: one value stands at two places of one text. The search refutes that, the checker does not see it, so this PASS
/// is not accepted and there is no answer.
const NOT_ACCEPTED: &str = "A15 variable in the middle";

#[test]
fn small_members_of_every_family_are_decided() {
    let mut wrong = Vec::new();
    for (name, make) in FAMILIES {
        for size in [2, 3, 4] {
            let question = make(size);
            let verdict = question.answer().map(|report| report.verdict);
            let expected = question.violated.map(|violated| if violated { Verdict::Fail } else { Verdict::Pass });
            println!("{name} {size}: {verdict:?}");
            let right = match verdict {
                Ok(Verdict::Unknown) => UNDECIDED.contains(&name),
                Ok(verdict) => expected.is_none_or(|expected| expected == verdict) && name != NOT_ACCEPTED,
                Err(_) => name == NOT_ACCEPTED,
            };
            if !right {
                wrong.push(format!("{name} {size}: {verdict:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Families that stay undecided: variables that differ, in one text.
const UNDECIDED: [&str; 1] = ["A14 different variables"];
