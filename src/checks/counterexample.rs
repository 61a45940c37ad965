//! Counterexamples: replayed by the concrete reading, then made to read like life without ceasing to be one.

mod plain;
mod plausible;

use crate::checks::Question;
use crate::checks::public::{self, Census, Exposure};
use crate::checks::side::Grant;
use crate::request::Request;
use crate::semantics::concrete::Concrete;
use crate::semantics::document::{self, Position};
use crate::semantics::partial::{Partial, Remains};
use crate::semantics::symbolic::decode::Decoded;
use crate::semantics::symbolic::{Opaque, Symbolic};
use crate::semantics::{Algebra, Contested, Field};
use plain::Improvement;

/// A violating request and the grant that lets it through.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Number of the grant; one past the last for a request that no statement grants.
    pub(super) grant: usize,
    pub(super) request: Request,
    pub(super) circumstances: Circumstances,
    pub(super) naming: Naming,
    /// From how many addresses, where that is what makes it a violation (spec 9.3).
    pub(super) exposure: Option<Exposure>,
}

/// What a model chose beside the request.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    /// Contested rules in their other reading.
    pub(super) readings: Vec<Contested>,
    /// Unknown operators taken as true.
    pub(super) unknowns: Vec<String>,
    pub(super) unlisted_session_policy: bool,
}

/// How real the action of a counterexample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// The catalogue or a document names it.
    Named,
    /// No action of the catalogue would do.
    Future,
    /// The search for an action of the catalogue ended before its end.
    Untold,
}

impl Circumstances {
    /// The concrete reading of a request under these circumstances.
    pub(super) fn concrete<'r>(&self, request: &'r Request) -> Concrete<'r> {
        let concrete = Concrete::new(request)
            .with_readings(self.readings.iter().copied())
            .with_unknowns(self.unknowns.iter().cloned());
        if self.unlisted_session_policy { concrete.with_unlisted_session_policy() } else { concrete }
    }
}

impl Found {
    /// The concrete reading of the counterexample.
    pub(super) fn concrete(&self) -> Concrete<'_> {
        self.circumstances.concrete(&self.request)
    }
}

/// Replays of one counterexample.
#[derive(Clone)]
pub(super) struct Replay<'q> {
    pub(super) question: &'q Question<'q>,
    /// The statement that lets the request through, if one does.
    pub(super) grant: Option<Grant<'q>>,
    index: usize,
    pub(super) request: &'q Request,
    /// Undecided parts that the model rests on.
    pub(super) opaque: &'q [Opaque],
    pub(super) circumstances: Circumstances,
    /// If given, the request must be allowed from too many addresses.
    census: Option<&'q Census<'q>>,
}

impl<'q> Replay<'q> {
    /// Of a model found for the grant of this number.
    pub(super) fn new(question: &'q Question<'q>, grants: &[Grant<'q>], index: usize, decoded: &'q Decoded) -> Self {
        let circumstances = Circumstances {
            readings: decoded.readings.clone(),
            unknowns: decoded.unknowns.clone(),
            unlisted_session_policy: decoded.unlisted_session_policy,
        };
        Self {
            question,
            grant: grants.get(index).copied(),
            index,
            request: &decoded.request,
            opaque: &decoded.opaque,
            circumstances,
            census: None,
        }
    }

    /// The same, where addresses count.
    pub(super) fn counted(self, census: &'q Census<'q>) -> Self {
        Self { census: Some(census), ..self }
    }

    /// Whether the request of the model violates the property.
    pub(super) fn stands(&self) -> bool {
        self.holds(self.request)
    }

    /// Whether a request violates the property through the same grant, by the concrete reading alone.
    fn holds(&self, request: &Request) -> bool {
        self.violation(&mut self.circumstances.concrete(request))
            && self.census.is_none_or(|census| census.exposure(self, request).is_some_and(|found| found.is_public()))
    }

    /// Whether the request violates the property through this grant, wherever it comes from.
    pub(super) fn holds_through(&self, grant: Option<Grant<'q>>, request: &Request) -> bool {
        let replay = Replay { grant, ..self.clone() };
        replay.violation(&mut self.circumstances.concrete(request))
    }

    /// What remains to be asked of the action or the resource for the request to violate the property.
    fn remaining(&self, request: &Request, open: Field) -> Remains {
        self.violation(&mut Partial::new(self.circumstances.concrete(request), open))
    }

    /// Whether the request violates the property through the grant; parts after one that fails are not read.
    fn violation<A: Algebra>(&self, a: &mut A) -> A::Truth {
        type Part<A> = fn(&Replay<'_>, &mut A) -> <A as Algebra>::Truth;
        let in_order: [Part<A>; 7] = [
            |replay, a| match replay.grant {
                Some(grant) => document::statement(a, grant.policy, grant.statement, Position::UnderTest),
                None => a.constant(true),
            },
            |replay, a| replay.question.is_listed(a),
            |replay, a| replay.question.is_pinned(a),
            |replay, a| replay.question.is_catalogued(a),
            |replay, a| replay.question.is_outside(a),
            |replay, a| replay.question.is_allowed(a),
            |replay, a| {
                let existing = replay.question.existing.map(|existing| existing.allows(a, Position::Reference));
                let allowed = existing.unwrap_or_else(|| a.constant(false));
                a.not(allowed)
            },
        ];
        let mut parts = Vec::with_capacity(in_order.len());
        for part in in_order {
            let truth = part(self, a);
            if a.settled(&truth) {
                return truth;
            }
            parts.push(truth);
        }
        a.all(parts)
    }

    /// The counterexample as it was decoded.
    pub(super) fn as_found(&self) -> Found {
        let (request, circumstances) = (self.request.clone(), self.circumstances.clone());
        Found { grant: self.index, request, circumstances, naming: Naming::Named, exposure: None }
    }

    /// The same violation by a plainer request.
    pub(super) fn improved(&self, a: &Symbolic<'_>) -> Found {
        let (mut request, naming) = Improvement::new(self, a.settings().relations.clone(), a.spoken()).improved();
        let exposure = self.census.and_then(|census| census.exposure(self, &request));
        public::as_served(self, &mut request, &a.spoken());
        Found { grant: self.index, request, circumstances: self.circumstances.clone(), naming, exposure }
    }
}
