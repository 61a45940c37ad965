//! Evidence for lemmas: which glob lies inside which. Found with the search's own engine, trusted by nobody.

use crate::budget::{Budget, Exhausted};
use crate::certificate::Cover;
use crate::formula::{Atom, Formula, Formulas, Node};
use crate::language::{GlobId, Language};
use crate::record::Text;

/// For a lemma with one positive membership: its globs that lie inside a single glob of a negative one on the same text.
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(super) fn covers(formulas: &Formulas, literals: &[Formula], budget: &mut Budget) -> Result<Vec<Cover>, Exhausted> {
    let positive = |literal: &Formula| !literal.is_negated() && member(formulas, *literal).is_some();
    let mut positives = (0u32..).zip(literals).filter(|(_, literal)| positive(literal));
    let (Some((inside, literal)), None) = (positives.next(), positives.next()) else { return Ok(Vec::new()) };
    let Some((text, language)) = member(formulas, *literal) else { return Ok(Vec::new()) };
    let outer: Vec<(u32, Language)> = (0u32..)
        .zip(literals)
        .filter(|(_, literal)| literal.is_negated())
        .filter_map(|(at, literal)| member(formulas, *literal).map(|found| (at, found)))
        .filter(|(_, (other, _))| *other == text)
        .map(|(at, (_, language))| (at, language))
        .collect();
    let mut covers = Vec::new();
    for (glob, id) in (0u32..).zip(formulas.languages.globs_of(language)) {
        budget.spend(1)?;
        if formulas.languages.get(*id).is_none_or(|glob| glob.has_holes()) {
            continue;
        }
        let found = outer.iter().find_map(|(at, language)| Some((*at, coverer(formulas, *id, *language)?)));
        covers.extend(found.map(|(outside, by)| Cover { inside, glob, outside, by }));
    }
    Ok(covers)
}

fn member(formulas: &Formulas, literal: Formula) -> Option<(Text, Language)> {
    match formulas.node_of(literal) {
        Node::Atom(Atom::Member(text, language)) => Some((*text, *language)),
        Node::True | Node::Atom(_) | Node::And(_) => None,
    }
}

/// A glob of the language that contains the whole glob, if one surely does; none is needed for a glob of the list itself.
fn coverer(formulas: &Formulas, inner: GlobId, language: Language) -> Option<u32> {
    let languages = &formulas.languages;
    let globs = languages.globs_of(language);
    if globs.binary_search(&inner).is_ok() {
        return None;
    }
    let wider = languages.wider(language, inner)?;
    globs.binary_search(&wider).ok().and_then(|at| u32::try_from(at).ok())
}
