//! What a document could do without: statements, entries and conditions whose removal changes nothing, each proved, with
//! the reason.
//!
//! "Nothing" is meant of the document wherever it stands (spec 8), which is stricter than of the document by itself (spec
//! 10.1): the same requests are denied, and of those not denied the same are granted, in each match class. So a Deny that
//! nothing in its own document grants is no redundancy, it may stop what another policy grants; nor is a role beside its
//! account, whose grant needs no identity policy.

mod cause;
mod meaning;
mod place;
mod proof;

use std::collections::BTreeSet;

use solver::formula::{Formula, Formulas};

use crate::catalogue::Catalogue;
use crate::checks::Settings;
use crate::checks::proof::Posed;
use crate::policy::{Effect, Kind, Policy};
use crate::semantics::document::Position;
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::Readings;
use crate::source::Span;
pub use cause::{Cause, Name};
use meaning::{Compared, Whole};
pub use place::{Element, Place};
use place::{empties_a_list, list_work, places, widens, without};
use proof::{Answer, Prover};

/// What a document could do without.
#[derive(Clone, Debug)]
pub struct Redundancy {
    /// The places, in the order of the text. All of them can go at once.
    pub places: Vec<Redundant>,
    /// If no statement grants or denies anything: the smallest, which stays because a document needs one.
    pub idle: Option<Redundant>,
    /// Places that change nothing if a resource policy is judged by itself (spec 10.1). They stay: in a whole stack they
    /// grant more directly, or deny callers with a permissions boundary (spec 6.2, 6.4).
    pub only_by_itself: Vec<Place>,
    /// The Deny statements, by index, that deny nothing that an Allow of this document grants. They stay: another policy
    /// may grant it.
    pub unopposed: Vec<usize>,
    /// Facts about requests that the proofs need (spec 6.5).
    pub assumptions: Vec<String>,
    /// Whether every place was decided; if not, there may be more to leave out.
    pub complete: bool,
}

/// A place that changes nothing.
#[derive(Clone, Debug)]
pub struct Redundant {
    /// Where.
    pub place: Place,
    /// Why.
    pub cause: Cause,
}

impl Redundancy {
    /// The bytes that can go.
    pub fn spans(&self) -> BTreeSet<Span> {
        self.places.iter().map(|redundant| redundant.place.span).collect()
    }
}

/// Finds what the document could do without, with proofs and reasons.
pub fn redundancy(policy: &Policy, catalogue: &Catalogue, settings: &Settings) -> Redundancy {
    let mut prover = Prover::new(&[policy], catalogue, settings);
    let (removed, idle) = removable(&prover, policy);
    let gone: BTreeSet<Span> = removed.iter().chain(&idle).map(|place| place.span).collect();
    let rest = without(policy, &gone);
    let assumptions = prover.reduce(|prover| prover.same(policy, &rest));
    let explained = |place: Place| Redundant { cause: cause::cause(&prover, policy, &rest, &gone, &place), place };
    let mut places: Vec<Redundant> = removed.into_iter().map(explained).collect();
    places.sort_by_key(|redundant| redundant.place.span);
    let idle = idle.map(explained);
    let only_by_itself = match policy.kind {
        Kind::Resource | Kind::Trust => outermost(dead_by_themselves(&prover, &rest, Levels::First)),
        Kind::Identity
        | Kind::Boundary
        | Kind::Session
        | Kind::ServiceControl
        | Kind::ResourceControl
        | Kind::Endpoint => Vec::new(),
    };
    let unopposed = unopposed(&prover, &rest);
    Redundancy { places, idle, only_by_itself, unopposed, assumptions, complete: !prover.limited.get() }
}

/// The same places without their reasons, for those who only want them gone.
pub(crate) fn removable_spans(policy: &Policy, catalogue: &Catalogue, settings: &Settings) -> BTreeSet<Span> {
    spans(&removable(&Prover::new(&[policy], catalogue, settings), policy).0)
}

/// Whether two documents say the same wherever they stand: proved, or not known.
pub(crate) fn equivalent(first: &Policy, second: &Policy, catalogue: &Catalogue, settings: &Settings) -> bool {
    Prover::new(&[first, second], catalogue, settings).same(first, second)
}

/// The claim that two documents say the same wherever they stand.
pub(crate) fn pose_equivalent(
    documents: [&Policy; 2],
    catalogue: &Catalogue,
    relations: &Relations,
    readings: &Readings,
) -> Posed {
    proof::pose_same(documents, catalogue, relations, readings)
}

fn spans(places: &[Place]) -> BTreeSet<Span> {
    places.iter().map(|place| place.span).collect()
}

/// Places that can all go at once, so many that of the rest none can; and, if nothing would be left, the smallest
/// statement, which stays.
fn removable(prover: &Prover<'_>, policy: &Policy) -> (Vec<Place>, Option<Place>) {
    let mut removed: Vec<Place> = Vec::new();
    loop {
        let rest = without(policy, &spans(&removed));
        let dead = dead_by_themselves(prover, &rest, Levels::All);
        let together = can_go(prover, policy, &removed, &dead);
        if together.is_empty() {
            break;
        }
        removed.extend(together);
    }
    let mut removed = outermost(removed);
    let nothing_left = without(policy, &spans(&removed)).statements.is_empty();
    let smallest =
        removed.iter().enumerate().filter(|_| nothing_left).min_by_key(|(_, place)| (place.span.len(), place.span));
    let smallest = smallest.map(|(at, _)| at);
    let idle = smallest.map(|at| removed.remove(at));
    (removed, idle)
}

/// The places without those inside a statement or clause among them.
fn outermost(mut places: Vec<Place>) -> Vec<Place> {
    let large = |place: &&Place| matches!(place.element, Element::Statement | Element::Clause);
    let outer: Vec<Span> = places.iter().filter(large).map(|place| place.span).collect();
    let inside = |inner: Span| outer.iter().any(|o| *o != inner && o.start <= inner.start && inner.end <= o.end);
    places.retain(|place| !inside(place.span));
    places
}

/// Which levels of a statement count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Levels {
    /// All: the document wherever it stands.
    All,
    /// Whether it matches at all: the document by itself.
    First,
}

/// Every place whose removal alone changes nothing.
fn dead_by_themselves(prover: &Prover<'_>, policy: &Policy, levels: Levels) -> Vec<Place> {
    let mut dead = Vec::new();
    for (at, statement) in policy.statements.iter().enumerate().rev() {
        let places = places(statement);
        let answers = prover.ask_more(list_work(statement), &mut |a| {
            let whole = Whole::of(a, policy, Position::UnderTest);
            let compared = Compared::of(a, policy.kind, statement);
            let elsewhere = match statement.effect {
                // without boundary the least is denied
                Effect::Allow => {
                    let denied = whole.denied(a, Some(at)).first().copied().unwrap_or(Formula::FALSE);
                    let granted = whole.granted(a, Some(at));
                    granted.iter().map(|granted| a.formulas.any(&[*granted, denied])).collect()
                }
                Effect::Deny => whole.denied(a, Some(at)),
            };
            let mut goals = Vec::with_capacity(places.len());
            for place in &places {
                let mut differing = compared.difference(a, place);
                if levels == Levels::First {
                    differing.truncate(1);
                }
                let mut by_level = Vec::with_capacity(differing.len());
                for (differs, elsewhere) in differing.iter().zip(&elsewhere) {
                    let elsewhere = if widens(statement, place) { *elsewhere } else { Formula::FALSE };
                    by_level.push(a.formulas.all(&[*differs, Formulas::not(elsewhere)]));
                }
                goals.push(a.formulas.any(&by_level));
            }
            goals
        });
        let pairs = places.into_iter().zip(answers);
        dead.extend(pairs.filter(|(_, answer)| *answer == Answer::Never).map(|(place, _)| place));
    }
    dead
}

/// Of places that can each go, so many that can go together, beside those that are gone already. If all can, one proof
/// says so; if not, each half is tried.
fn can_go(prover: &Prover<'_>, policy: &Policy, gone: &[Place], candidates: &[Place]) -> Vec<Place> {
    if candidates.is_empty() {
        return Vec::new();
    }
    let mut removed = spans(gone);
    let before = without(policy, &removed);
    removed.extend(candidates.iter().map(|place| place.span));
    let after = without(policy, &removed);
    if !empties_a_list(&before, &after) && prover.same(&before, &after) {
        return candidates.to_vec();
    }
    let (first, second) = candidates.split_at(candidates.len() / 2);
    if first.is_empty() {
        return Vec::new();
    }
    let mut together = can_go(prover, policy, gone, first);
    let gone: Vec<Place> = gone.iter().chain(&together).cloned().collect();
    together.extend(can_go(prover, policy, &gone, second));
    together
}

/// The Deny statements that deny nothing that an Allow of the document grants.
fn unopposed(prover: &Prover<'_>, policy: &Policy) -> Vec<usize> {
    if policy.kind == Kind::ResourceControl {
        return Vec::new();
    }
    let denies: Vec<usize> = (0..policy.statements.len())
        .filter(|at| policy.statements.get(*at).is_some_and(|statement| statement.effect == Effect::Deny))
        .collect();
    let answers = prover.ask(&mut |a| {
        let whole = Whole::of(a, policy, Position::UnderTest);
        let granted = whole.granted(a, None).first().copied().unwrap_or(Formula::FALSE);
        let mut goals = Vec::with_capacity(denies.len());
        for at in &denies {
            let own = whole.statements.get(*at).and_then(|(_, by_level)| by_level.first()).copied();
            goals.push(a.formulas.all(&[own.unwrap_or(Formula::FALSE), granted]));
        }
        goals
    });
    let never = denies.iter().zip(answers).filter(|(_, answer)| *answer == Answer::Never);
    never.filter_map(|(at, _)| policy.statements.get(*at).map(|statement| statement.index)).collect()
}
