//! Adversarial families at small sizes: the answer is the right one, or UNKNOWN; never a wrong one.

use keyaki::checks::Verdict;

use crate::generate::family::FAMILIES;

#[test]
fn small_members_of_every_family_are_decided() {
    let mut wrong = Vec::new();
    for (name, make) in FAMILIES {
        for size in [2, 3, 4] {
            let question = make(size);
            let verdict = question.answer().verdict;
            let expected = question.violated.map(|violated| if violated { Verdict::Fail } else { Verdict::Pass });
            println!("{name} {size}: {verdict:?}");
            if verdict == Verdict::Unknown || expected.is_some_and(|expected| expected != verdict) {
                wrong.push(format!("{name} {size}: {verdict:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
