//! The meaning of policies for all requests: truth is a formula, texts are terms over request variables.
//!
//! Every request variable is declared from the footprint of the question's documents, so that the same documents give
//! the same formula. Keys that follow from the principal are views of the principal's record (spec 6.5(1), 6.5(2));
//! the others are variables of their own, tied by the relations of [`crate::semantics::realizability`].

pub mod blocks;
mod callers;
pub mod decode;
mod domain;
pub mod footprint;
mod keys;
mod patterns;
mod reading;
mod resource;

use std::collections::{BTreeMap, BTreeSet};

use solver::formula::{BoolVar, Formula, Formulas, SetVar};
use solver::glob::Token as Glyph;
use solver::record::{Piece, Text};

use crate::catalogue::{Catalogue, KeyFacts};
use crate::policy::Kind;
use crate::request::CallerKind;
use crate::semantics::realizability::{self, Relation, Relations};
use crate::semantics::{Contested, Field, Pattern, Token};
use crate::source::Span;
use callers::Callers;
use footprint::{Footprint, KeyUse};
use keys::KeyVariable;
use patterns::Loose;
use resource::Resource;

/// Which readings of contested rules a question admits (spec 0.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// Rules whose reading was chosen; true is the other reading.
    pub fixed: BTreeMap<Contested, bool>,
    /// Whether the rest is free, one Boolean a rule, instead of in the default reading.
    pub free: bool,
}

/// Settings of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Relations that requests satisfy.
    pub relations: Relations,
    /// Readings of contested rules.
    pub readings: Readings,
    /// Whether the question is about a whole stack, which tells accounts apart.
    pub stack: bool,
}

/// A text of the request: a number in [`Symbolic`]'s list of them, small because patterns are made of such tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(u32);

/// What a text is in each case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Cases {
    cases: Vec<(Formula, Origin)>,
    /// The key it is the value of.
    key: Option<String>,
}

/// Where the text of a case comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Origin {
    /// A solver text.
    Text(Text),
    /// This text.
    Constant(String),
    /// The only member of a set; the text is the set's bound member.
    Only(SetVar, Text),
}

/// What an undecided part says: about which text, which pattern, and why it is undecided.
type Said = (Option<Text>, Vec<Token<Term>>, String);

/// Something the solver has no exact formula for: a free Boolean that no verdict may rest on.
#[derive(Clone, Debug)]
pub struct Opaque {
    variable: BoolVar,
    /// Why.
    pub reason: &'static str,
    /// The pattern or value.
    pub span: Span,
}

/// All requests.
#[derive(Debug)]
pub struct Symbolic<'c> {
    /// The arena.
    pub formulas: Formulas,
    catalogue: &'c Catalogue,
    footprint: Footprint,
    settings: Settings,
    callers: Callers,
    action: Text,
    resource: Resource,
    keys: BTreeMap<String, KeyVariable>,
    contested: BTreeMap<Contested, BoolVar>,
    deferred: BTreeSet<Contested>,
    unknowns: BTreeMap<String, BoolVar>,
    opaque: BTreeMap<Said, Opaque>,
    terms: Vec<Cases>,
    term_ids: BTreeMap<Cases, Term>,
    loose: Vec<Loose>,
    loose_is_complete: bool,
    session_policy: Option<BoolVar>,
}

impl<'c> Symbolic<'c> {
    /// Declares the request variables for documents of this footprint.
    pub fn new(catalogue: &'c Catalogue, footprint: Footprint, settings: Settings) -> Self {
        let mut formulas = Formulas::default();
        let callers = Callers::new(&mut formulas, &possible_callers(&footprint), &footprint);
        let action = declare_action(&mut formulas, &footprint);
        let resource = Resource::declare(&mut formulas, &footprint, catalogue, &settings);
        Self {
            formulas,
            catalogue,
            footprint,
            settings,
            callers,
            action,
            resource,
            keys: BTreeMap::new(),
            contested: BTreeMap::new(),
            deferred: BTreeSet::new(),
            unknowns: BTreeMap::new(),
            opaque: BTreeMap::new(),
            terms: Vec::new(),
            term_ids: BTreeMap::new(),
            loose: Vec::new(),
            loose_is_complete: false,
            session_policy: None,
        }
    }

    fn term(&mut self, cases: Vec<(Formula, Origin)>, key: Option<String>) -> Term {
        let cases = Cases { cases, key };
        if let Some(term) = self.term_ids.get(&cases) {
            return *term;
        }
        let term = Term(u32::try_from(self.terms.len()).unwrap_or(u32::MAX));
        self.terms.push(cases.clone());
        self.term_ids.insert(cases, term);
        term
    }

    fn cases(&self, term: Term) -> &[(Formula, Origin)] {
        self.terms.get(term.0 as usize).map_or(&[], |term| term.cases.as_slice())
    }

    fn key_of(&self, term: Term) -> Option<&str> {
        self.terms.get(term.0 as usize).and_then(|term| term.key.as_deref())
    }

    /// The footprint of the question.
    pub fn footprint(&self) -> &Footprint {
        &self.footprint
    }

    /// The settings of the question.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Exercised contested rules that were read in the default reading because nothing was chosen.
    pub fn deferred(&self) -> &BTreeSet<Contested> {
        &self.deferred
    }

    /// Whether switching the relation off could change the question at all.
    pub fn may_rest_on(&self, relation: Relation) -> bool {
        self.has(relation)
            && match relation {
                Relation::TypedValues => !self.keys.is_empty(),
                Relation::ColonBudget => self.resource.budget != Formula::TRUE,
                _ => realizability::concerns(relation, &self.spoken()),
            }
    }

    /// The keys that the documents speak of.
    pub fn spoken(&self) -> BTreeSet<String> {
        self.footprint.keys.keys().cloned().collect()
    }

    /// The relations in force, as a formula. To be asserted with every question.
    pub fn relations(&mut self) -> Formula {
        let (relations, spoken) = (self.settings.relations.clone(), self.spoken());
        realizability::hold(self, &relations, &spoken)
    }

    fn has(&self, relation: Relation) -> bool {
        self.settings.relations.contains(relation)
    }

    /// What every request of the model satisfies by its structure: one kind of caller, the colon budget, well-formed
    /// values, one reading of C1. To be asserted with every question, after the documents were read.
    pub fn frame(&mut self) -> Formula {
        let mut parts = vec![self.callers.exactly_one(&mut self.formulas)];
        if self.has(Relation::ColonBudget) {
            parts.push(self.resource.budget);
        }
        for key in self.keys.values() {
            parts.push(key.well_formed(&mut self.formulas));
        }
        parts.extend(self.service_arn());
        if let (Some(r2), Some(r3)) = (self.contested.get(&Contested::C1R2), self.contested.get(&Contested::C1R3)) {
            let (r2, r3) = (self.formulas.bool(*r2), self.formulas.bool(*r3));
            let both = self.formulas.all(&[r2, r3]);
            parts.push(Formulas::not(both));
        }
        self.formulas.all(&parts)
    }

    /// A service principal that carries `aws:PrincipalArn` {C14} carries no ARN of an identity of an account.
    fn service_arn(&mut self) -> Option<Formula> {
        let key = self.keys.get("aws:principalarn").filter(|_| self.has(Relation::CallerIdentity))?.clone();
        let head = |service: &str| {
            let mut glyphs: Vec<Glyph> = "arn:".chars().map(Glyph::Char).collect();
            glyphs.push(Glyph::ManyExcept(':'));
            glyphs.extend(format!(":{service}:").chars().map(Glyph::Char));
            glyphs.push(Glyph::Many);
            glyphs
        };
        let identity = self.formulas.matches(key.text, [head("iam"), head("sts")]);
        let service = self.callers.is(CallerKind::Service);
        let wrong = self.formulas.all(&[service, identity]);
        Some(Formulas::not(wrong))
    }

    fn facts(&self, key: &str) -> KeyFacts {
        self.catalogue.key(key)
    }

    fn key(&mut self, name: &str) -> &KeyVariable {
        if !self.keys.contains_key(name) {
            let facts = self.facts(name);
            let silent = KeyUse { text: true, ..KeyUse::default() };
            let usage = self.footprint.keys.get(name).unwrap_or(&silent);
            let typed = self.has(Relation::TypedValues);
            let mut key = KeyVariable::declare(&mut self.formulas, &facts, usage, typed);
            if self.has(Relation::Time) && CLOCKS.contains(&name) {
                // 6.5(7): one instant
                let clock = CLOCKS.iter().find_map(|other| self.keys.get(*other));
                clock.into_iter().for_each(|clock| key.share_instant(clock));
            }
            self.keys.insert(name.to_owned(), key);
        }
        // inserted above if it was missing
        &self.keys[name]
    }

    /// A free Boolean for a question that has no exact formula: the same for the same question.
    fn opaque(&mut self, about: Option<Text>, pattern: Option<&Pattern<Term>>, reason: &'static str) -> Formula {
        let span = pattern.map_or(super::NOWHERE, |pattern| pattern.span);
        let tokens = pattern.map_or_else(Vec::new, |pattern| pattern.tokens.clone());
        let formulas = &mut self.formulas;
        let entry = self.opaque.entry((about, tokens, reason.to_owned()));
        let variable = entry.or_insert_with(|| Opaque { variable: formulas.declare_bool(), reason, span }).variable;
        self.formulas.bool(variable)
    }

    /// The cases of a key that follows from the principal, if the relations that make it follow are in force.
    fn derived(&mut self, key: &str) -> Option<Vec<(Formula, Origin)>> {
        let related = match key {
            "aws:principalaccount" => self.has(Relation::CallerAccount),
            "aws:principalarn" | "aws:userid" | "aws:username" | "aws:principaltype" => {
                self.has(Relation::CallerIdentity)
            }
            _ => false,
        };
        if !related {
            return None;
        }
        let views = match key {
            "aws:principalaccount" => self.callers.field(&mut self.formulas, Field::CallerAccount),
            "aws:principalarn" => self.callers.principal_arn(&mut self.formulas),
            "aws:userid" => self.callers.field(&mut self.formulas, Field::CallerId),
            "aws:username" => self.callers.user_name(&mut self.formulas),
            _ => Vec::new(),
        };
        let mut cases: Vec<(Formula, Origin)> =
            views.into_iter().map(|(_, is, text)| (is, Origin::Text(text))).collect();
        let constants = match key {
            "aws:principalaccount" | "aws:userid" => vec![(CallerKind::Anonymous, "anonymous")],
            "aws:principaltype" => vec![
                (CallerKind::Root, "Account"),
                (CallerKind::User, "User"),
                (CallerKind::Session, "AssumedRole"),
                (CallerKind::FederatedUser, "FederatedUser"),
                (CallerKind::Anonymous, "Anonymous"),
            ],
            _ => Vec::new(),
        };
        for (kind, text) in constants {
            let is = self.callers.is(kind);
            if is != Formula::FALSE {
                cases.push((is, Origin::Constant(text.to_owned())));
            }
        }
        Some(cases)
    }

    /// Kinds of caller for which a derived key is a free variable of its own (spec 6.1: "free", C14).
    fn free_kinds(&mut self, key: &str) -> Formula {
        let kinds: &[CallerKind] = match key {
            "aws:principalarn" => &[CallerKind::Service],
            "aws:principalaccount" | "aws:userid" | "aws:principaltype" => {
                &[CallerKind::Service, CallerKind::Federated]
            }
            _ => &[],
        };
        let free: Vec<Formula> = kinds.iter().map(|kind| self.callers.is(*kind)).collect();
        self.formulas.any(&free)
    }
}

/// Whether a text is a value of the key in every question (spec 6.5(14)).
pub(crate) fn admits(facts: &KeyFacts, text: &str) -> bool {
    domain::key(facts, &[], true).contains(text)
}

/// Keys that show the time of the request.
const CLOCKS: [&str; 2] = ["aws:currenttime", "aws:epochtime"];

/// Who can be a caller of a request that these documents apply to (spec 6.5(1), 8): policies of an identity apply to
/// that identity, SCPs to IAM callers, the others to anyone.
fn possible_callers(footprint: &Footprint) -> BTreeSet<CallerKind> {
    let attached = [CallerKind::User, CallerKind::Session, CallerKind::FederatedUser];
    let mut possible = BTreeSet::from(attached);
    possible.extend(&footprint.callers);
    for kind in &footprint.kinds {
        match kind {
            Kind::Identity | Kind::Boundary | Kind::Session => {}
            Kind::ServiceControl => drop(possible.insert(CallerKind::Root)),
            Kind::Resource | Kind::Trust | Kind::ResourceControl | Kind::Endpoint => possible.extend(callers::KINDS),
        }
    }
    possible
}

fn declare_action(formulas: &mut Formulas, footprint: &Footprint) -> Text {
    let record = formulas.records.declare(vec![domain::action(&footprint.action_chars)]);
    formulas.records.view(record, vec![Piece::Field(0), Piece::Fixed(":".to_owned()), Piece::Field(1)])
}
