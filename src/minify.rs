//! A smaller document that says the same: redundant places left out, statements that differ in one list joined, the rest
//! as it was; proved equivalent after it was printed and read again.

mod tree;

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::checks::{Disagreement, Settings, Side, Verdict, equivalent, no_new_access_between, removable_spans};
use crate::json::{Limits, parse};
use crate::policy::Policy;
use crate::policy::read::{ReadOptions, read};
use crate::source::{Sources, Span};
use tree::Tree;

/// The smaller document.
#[derive(Clone, Debug)]
pub struct Minified {
    /// Compact JSON, never longer than the compact form of the document given.
    pub text: String,
    /// Bytes of the compact form of the document given.
    pub bytes_before: usize,
    /// Statements before and after.
    pub statements: (usize, usize),
    /// Facts about requests that the proof needs (spec 6.5).
    pub assumptions: Vec<String>,
    /// Whether the text is proved to say the same; if not, it is the document given, in its compact form.
    pub proved: bool,
}

impl Minified {
    /// Bytes that were saved.
    pub fn saved(&self) -> usize {
        self.bytes_before.saturating_sub(self.text.len())
    }
}

/// Rounds of leaving out and joining at most; each makes the document smaller.
const MOST_ROUNDS: usize = 100;

/// Makes a document smaller. `options` are those it was read with.
///
/// # Errors
/// A counterexample that does not replay.
pub fn minify(
    sources: &Sources,
    policy: &Policy,
    options: &ReadOptions,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<Minified, Disagreement> {
    let given = tree_of(&sources.shared(policy.file), policy.span, &BTreeSet::new());
    let given = given.map_or_else(String::new, |tree| tree.compact());
    let options = ReadOptions { kind: Some(policy.kind), strict: false, reference: false, ..options.clone() };
    let smaller = Smaller { options, catalogue, settings };
    let best = smaller.smallest(&given);
    let proof = smaller.proof(policy, &best)?;
    let proved = proof.is_some();
    let text = if proved { best } else { given.clone() };
    let after = smaller.read(&text).map_or(0, |policy| policy.statements.len());
    Ok(Minified {
        bytes_before: given.len(),
        statements: (policy.statements.len(), after),
        assumptions: proof.unwrap_or_default(),
        proved,
        text,
    })
}

/// The tree of the document at `span` of a text, without some places.
fn tree_of(text: &str, span: Span, removed: &BTreeSet<Span>) -> Option<Tree> {
    let file = span.file;
    let under = text.get(span.start as usize..span.end as usize)?;
    let blank = " ".repeat(span.start as usize);
    // blanks before it keep every place where it was
    let padded = format!("{blank}{under}");
    let parsed = parse(&padded, file, Limits::CONTAINER);
    parsed.root.map(|root| Tree::of(&root, removed))
}

struct Smaller<'c> {
    options: ReadOptions,
    catalogue: &'c Catalogue,
    settings: &'c Settings,
}

impl Smaller<'_> {
    fn read(&self, text: &str) -> Option<Policy> {
        read(&mut Sources::default(), "document", text.as_bytes(), &self.options).policy
    }

    /// The smallest that rounds of leaving out and joining find. Nothing is taken for granted here: the whole is proved
    /// when it is done.
    fn smallest(&self, given: &str) -> String {
        let mut text = given.to_owned();
        for _ in 0..MOST_ROUNDS {
            let Some(next) = self.round(&text).filter(|next| next.len() <= text.len() && *next != text) else { break };
            text = next;
        }
        text
    }

    fn round(&self, text: &str) -> Option<String> {
        let policy = self.read(text)?;
        let removed = removable_spans(&policy, self.catalogue, self.settings);
        let mut tree = tree_of(text, policy.span, &removed)?;
        tree.shorten();
        tree.join_statements();
        Some(tree.compact())
    }

    /// Both checks PASS, and the two documents are proved to say the same wherever they stand: then the assumptions of
    /// the proofs.
    fn proof(&self, policy: &Policy, text: &str) -> Result<Option<Vec<String>>, Disagreement> {
        let Some(smaller) = self.read(text) else { return Ok(None) };
        if !equivalent(policy, &smaller, self.catalogue, self.settings) {
            return Ok(None);
        }
        let mut assumptions = Vec::new();
        for (old, new) in [(policy, &smaller), (&smaller, policy)] {
            let (old, new) = (Side::Document(old), Side::Document(new));
            let report = no_new_access_between(old, new, self.catalogue, self.settings)?;
            if report.verdict != Verdict::Pass {
                return Ok(None);
            }
            assumptions.extend(report.assumptions);
        }
        assumptions.sort();
        assumptions.dedup();
        Ok(Some(assumptions))
    }
}
