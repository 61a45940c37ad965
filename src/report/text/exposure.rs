//! Public access as text: from how many addresses, and the rule of S3 Block Public Access.

use crate::checks::{Exposure, Verdict};
use crate::report::BlockAnswer;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::text::{Page, place, statement_name};

impl Page<'_> {
    /// Both figures: all addresses together, and the widest block by itself (spec 9.3).
    pub(super) fn exposure(&mut self, exposure: &Exposure) {
        self.row("from", &exposure.in_words());
        let figure = match exposure.widest_block() {
            Some(block) => format!("the block {block} alone is wider than /8 (IPv6: /32), as S3 counts"),
            None => "no block alone is wider than /8 (IPv6: /32), as S3 counts; together they are".to_owned(),
        };
        self.row("", &figure);
    }
}

/// The answer by the rule of S3 Block Public Access, ending in a line end.
pub fn block_public_access(answer: &BlockAnswer<'_>, paint: Paint) -> String {
    let by_meaning = answer.by_meaning;
    let mut page = Page { out: String::new(), paint, sources: by_meaning.sources };
    let policy = printable(by_meaning.asked.name);
    let rule = "by the rule of S3 Block Public Access.";
    match answer.verdict {
        Verdict::Pass => page.verdict("PASS", Ink::Good, &policy, &format!("is not public {rule}")),
        Verdict::Fail => page.verdict("FAIL", Ink::Bad, &policy, &format!("is public {rule}")),
        Verdict::Unknown => page.verdict("UNKNOWN", Ink::Open, &policy, "has errors, so the rule decides nothing."),
    }
    for statement in &answer.rule.statements {
        let name = statement_name(statement.index, statement.id.as_deref());
        let at = place(page.sources, statement.guilty);
        page.line("");
        page.line(&format!("  {name}, {at}"));
        page.excerpt(&[statement.guilty], statement.because);
    }
    if let Some(difference) = answer.difference() {
        page.line("");
        page.row("differs", difference);
        if let Some(reason) = by_meaning.report.reasons.first() {
            page.request(&reason.counterexample, by_meaning);
            reason.exposure.iter().for_each(|exposure| page.exposure(exposure));
        }
    }
    page.line("");
    let result = match answer.verdict {
        Verdict::Pass => "1 passes.",
        Verdict::Fail => "1 fails.",
        Verdict::Unknown => "undecided. Exit code 3.",
    };
    page.line(&format!("1 policy checked {} {result}", rule.replace('.', ":")));
    page.out
}
