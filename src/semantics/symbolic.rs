//! The meaning of policies for all requests: truth is a formula, texts are terms over request variables.
//!
//! Every request variable is declared from the footprint of the question's documents, so that the same documents give
//! the same formula. Keys that follow from the principal are views of the principal's record (spec 6.5(1), 6.5(2));
//! the others are variables of their own, tied by the relations of [`crate::semantics::realizability`].

mod callers;
pub mod decode;
mod domain;
pub mod footprint;
mod keys;

use std::collections::{BTreeMap, BTreeSet};

use solver::decimal::Decimal;
use solver::formula::{BoolVar, Formula, Formulas, Point, SetVar};
use solver::glob::{Glob, Token as Glyph};
use solver::interval::IntervalSet;
use solver::record::{Piece, Record, Text};

use crate::catalogue::{Catalogue, KeyFacts};
use crate::policy::Kind;
use crate::request::CallerKind;
use crate::semantics::realizability::{self, Relation, Relations};
use crate::semantics::{Address, Algebra, Contested, Field, Pattern, Side, Token, glob};
use crate::source::Span;
use callers::Callers;
use domain::{ArnShapes, Budgets};
use footprint::{Footprint, KeyUse};
use keys::{Family, KeyVariable};

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
    opaque: BTreeMap<(Option<Text>, Vec<Token<Term>>, String), Opaque>,
    terms: Vec<Cases>,
    term_ids: BTreeMap<Cases, Term>,
    loose: Vec<Loose>,
    loose_is_complete: bool,
    session_policy: Option<BoolVar>,
}

/// A pattern that inserts values loosely, with the value as one letter, and its truth.
#[derive(Clone, Debug)]
struct Loose {
    text: Text,
    letters: Glob,
    truth: Formula,
}

/// The resource of the request.
#[derive(Clone, Debug)]
struct Resource {
    /// The request has no resource: `*`.
    nothing: Formula,
    /// An ARN whose account field is the owner, if owners are told apart, and that account.
    owned: Option<(Arn, Text)>,
    /// Any other ARN.
    other: Arn,
    /// The owner where the ARN does not tell.
    owner: Option<Text>,
    /// The colon budget of both records (spec 3.2).
    budget: Formula,
}

/// One sort of resource ARN.
#[derive(Clone, Copy, Debug)]
struct Arn {
    /// The resource is of this sort.
    is: Formula,
    record: Record,
    /// The whole ARN.
    text: Text,
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

    /// Whether the key is the account that owns the resource (spec 6.5(6)).
    fn is_owner(&self, key: &str) -> bool {
        matches!(key, "aws:resourceaccount" | "s3:resourceaccount") && self.has(Relation::ResourceOwner)
    }

    fn owner(&self) -> Vec<(Formula, Origin)> {
        let mut cases = Vec::new();
        if let Some((arn, owner)) = &self.resource.owned {
            cases.push((arn.is, Origin::Text(*owner)));
        }
        if let Some(owner) = self.resource.owner {
            let elsewhere = self.resource.owned.as_ref().map_or(Formula::TRUE, |(arn, _)| Formulas::not(arn.is));
            cases.push((elsewhere, Origin::Text(owner)));
        }
        cases
    }

    fn resource_cases(&self) -> Vec<(Formula, Origin)> {
        let mut cases = Vec::new();
        cases.extend(self.resource.owned.iter().map(|(arn, _)| (arn.is, Origin::Text(arn.text))));
        cases.push((self.resource.other.is, Origin::Text(self.resource.other.text)));
        cases.push((self.resource.nothing, Origin::Constant("*".to_owned())));
        cases
    }

    /// The patterns on one origin.
    fn matches_origin(&mut self, origin: &Origin, patterns: &[Pattern<Term>]) -> Formula {
        match origin {
            Origin::Text(text) => self.matches_text(*text, patterns),
            Origin::Constant(text) => self.matches_constant(text, patterns),
            Origin::Only(set, member) => {
                let body = self.matches_text(*member, patterns);
                self.formulas.some(*set, body)
            }
        }
    }

    fn matches_text(&mut self, text: Text, patterns: &[Pattern<Term>]) -> Formula {
        let mut plain: Vec<Vec<Glyph>> = Vec::with_capacity(patterns.len());
        let mut parts = Vec::new();
        for pattern in patterns {
            match pattern.tokens.iter().map(glyph).collect::<Option<Vec<Glyph>>>() {
                Some(glyphs) => plain.push(glyphs),
                None => parts.push(self.matches_inserting(text, pattern)),
            }
        }
        parts.push(self.formulas.matches(text, plain));
        self.formulas.any(&parts)
    }

    /// A pattern with inserted terms: one alternative for each combination of their cases.
    fn matches_inserting(&mut self, text: Text, pattern: &Pattern<Term>) -> Formula {
        if let Some(plain) = with_plain_inserts(pattern, false) {
            return self.matches_loosely(text, pattern, &plain);
        }
        let mut alternatives: Vec<(Vec<Formula>, Vec<Glyph>)> = vec![(Vec::new(), Vec::new())];
        for token in &pattern.tokens {
            let options: Vec<(Formula, Vec<Glyph>)> = match (glyph(token), token) {
                (Some(glyph), _) => vec![(Formula::TRUE, vec![glyph])],
                (None, Token::Insert(term)) => match inserted(self.cases(*term)) {
                    Some(options) => options,
                    None => {
                        let reason = "it inserts the value of a key that can carry several values";
                        return self.opaque(Some(text), Some(pattern), reason);
                    }
                },
                // read by `matches_loosely`
                (None, _) => return Formula::FALSE,
            };
            let mut next = Vec::with_capacity(alternatives.len() * options.len());
            for (guards, glyphs) in &alternatives {
                for (guard, more) in &options {
                    let mut guards = guards.clone();
                    if *guard != Formula::TRUE && !guards.contains(guard) {
                        guards.push(*guard);
                    }
                    next.push((guards, [glyphs.as_slice(), more].concat()));
                }
            }
            alternatives = next;
        }
        let mut parts = Vec::new();
        for (mut guards, glyphs) in alternatives {
            let matched = match glyphs.as_slice() {
                [Glyph::Hole(other)] => self.formulas.equal(text, *other),
                _ => self.formulas.matches(text, [glyphs]),
            };
            guards.push(matched);
            parts.push(self.formulas.all(&guards));
        }
        self.formulas.any(&parts)
    }

    /// A pattern that inserts values in letter case or as patterns {C6}: it matches where the plain insertion does, and
    /// perhaps elsewhere. Where a value has no wildcard, there is no elsewhere.
    fn matches_loosely(&mut self, text: Text, pattern: &Pattern<Term>, plain: &Pattern<Term>) -> Formula {
        let exact = self.matches_text(text, std::slice::from_ref(plain));
        let mut active = Vec::new();
        for token in &pattern.tokens {
            match token {
                Token::InsertGlob(term) | Token::InsertGlobInField(term) => active.push(self.holds_wildcard(term)),
                Token::InsertFolded(_) => active.push(Formula::TRUE),
                Token::Char(_)
                | Token::Folded(_)
                | Token::One
                | Token::OneInField
                | Token::Many
                | Token::ManyInField
                | Token::Insert(_) => {}
            }
        }
        let active = self.formulas.any(&active);
        if active == Formula::FALSE {
            return exact;
        }
        let wide = with_plain_inserts(pattern, true).map_or(Formula::TRUE, |wide| self.matches_text(text, &[wide]));
        let perhaps =
            self.opaque(Some(text), Some(pattern), "it inserts a value in either letter case or as a pattern");
        let elsewhere = self.formulas.all(&[active, wide, perhaps]);
        let truth = self.formulas.any(&[exact, elsewhere]);
        let Some(letters) = self.letters(pattern).map(|glyphs| Glob::new(&glyphs)) else { return truth };
        if self.loose_is_complete {
            // a loose pattern inside this one, whatever language the inserted value stands for, implies it
            let inside = self.loose.iter().filter(|other| other.text == text && other.letters.surely_inside(&letters));
            let implied: Vec<Formula> = inside.map(|other| other.truth).chain([truth]).collect();
            return self.formulas.any(&implied);
        }
        if !self.loose.iter().any(|other| other.text == text && other.truth == truth) {
            self.loose.push(Loose { text, letters, truth });
        }
        truth
    }

    /// The pattern with each inserted value as one letter; `None` if a value is not one text or is read in either case.
    fn letters(&self, pattern: &Pattern<Term>) -> Option<Vec<Glyph>> {
        let letter = |term: &Term| match self.cases(*term) {
            [(_, Origin::Text(text))] => Some(Glyph::Hole(*text)),
            _ => None,
        };
        let one = |token: &Token<Term>| match token {
            Token::Insert(term) | Token::InsertGlob(term) => letter(term),
            other => glyph(other),
        };
        pattern.tokens.iter().map(one).collect()
    }

    /// Whether the documents insert values loosely and were read for the first time: they are to be read once more, so
    /// that each such pattern knows the others.
    pub fn wants_second_reading(&mut self) -> bool {
        !std::mem::replace(&mut self.loose_is_complete, true) && !self.loose.is_empty()
    }

    /// Whether the value holds a `*` or `?`; false where it cannot.
    fn holds_wildcard(&mut self, term: &Term) -> Formula {
        let mut parts = Vec::new();
        for (guard, origin) in &self.cases(*term).to_vec() {
            let holds = match origin {
                Origin::Constant(text) => Formulas::constant(text.contains(['*', '?'])),
                Origin::Only(..) => Formula::TRUE,
                Origin::Text(text) if !self.formulas.records.may_hold(*text, &['*', '?']) => Formula::FALSE,
                Origin::Text(text) => {
                    let around = |c| vec![Glyph::Many, Glyph::Char(c), Glyph::Many];
                    self.formulas.matches(*text, [around('*'), around('?')])
                }
            };
            parts.push(self.formulas.all(&[*guard, holds]));
        }
        self.formulas.any(&parts)
    }

    fn matches_constant(&mut self, text: &str, patterns: &[Pattern<Term>]) -> Formula {
        let mut parts = Vec::new();
        for pattern in patterns {
            if pattern.tokens.iter().all(|token| glyph(token).is_some()) {
                parts.push(Formulas::constant(glob::matches(&glob::expand(&pattern.tokens, |_| String::new()), text)));
            } else if let [Token::Insert(term)] = pattern.tokens.as_slice() {
                // a constant compared with a whole value: the value matches the constant
                let literal = Pattern { tokens: text.chars().map(Token::Char).collect(), span: pattern.span };
                parts.push(self.matches(term, &[literal]));
            } else if matches!(pattern.tokens.first(), Some(Token::Char(c)) if !text.starts_with(*c)) {
                parts.push(Formula::FALSE);
            } else {
                parts.push(self.opaque(None, Some(pattern), "it inserts a value into a pattern on a fixed text"));
            }
        }
        self.formulas.any(&parts)
    }

    fn ordered(&mut self, term: &Term, family: Family, set: IntervalSet<Point>) -> Formula {
        let key = self.key_of(*term).map(str::to_owned);
        let cases = self.cases(*term).to_vec();
        let ordered = key.as_deref().and_then(|name| self.keys.get(name)).and_then(|key| key.ordered(family)).cloned();
        let derived = key.as_deref().is_some_and(|name| self.derived(name).is_some() || self.is_owner(name));
        let Some(ordered) = ordered.filter(|_| !derived) else {
            let said = format!("{family:?} {set:?}");
            let tokens = std::iter::once(Token::Insert(*term)).chain(said.chars().map(Token::Char)).collect();
            let pattern = Pattern { tokens, span: super::NOWHERE };
            let reason = "a part of the caller or resource is compared as a number, date or address";
            return self.opaque(None, Some(&pattern), reason);
        };
        let inside = self.formulas.scalar(ordered.scalar, set);
        let truth = self.formulas.all(&[ordered.parsed, inside]);
        match cases.first() {
            Some((_, Origin::Only(member_of, _))) => self.formulas.some(*member_of, truth),
            _ => truth,
        }
    }
}

/// Keys that show the time of the request.
const CLOCKS: [&str; 2] = ["aws:currenttime", "aws:epochtime"];

/// The cases of an inserted term as glyphs; `None` for the only member of a set.
fn inserted(cases: &[(Formula, Origin)]) -> Option<Vec<(Formula, Vec<Glyph>)>> {
    let glyphs = |origin: &Origin| match origin {
        Origin::Text(text) => Some(vec![Glyph::Hole(*text)]),
        Origin::Constant(text) => Some(text.chars().map(Glyph::Char).collect()),
        Origin::Only(..) => None,
    };
    cases.iter().map(|(guard, origin)| Some((*guard, glyphs(origin)?))).collect()
}

/// The pattern with its loose insertions made plain, or (`wide`) with any text in their place; `None` if it has none.
fn with_plain_inserts(pattern: &Pattern<Term>, wide: bool) -> Option<Pattern<Term>> {
    let mut loose = false;
    let mut tokens = Vec::with_capacity(pattern.tokens.len());
    for token in &pattern.tokens {
        tokens.push(match token {
            Token::InsertFolded(term) | Token::InsertGlob(term) | Token::InsertGlobInField(term) => {
                loose = true;
                if wide { Token::Many } else { Token::Insert(*term) }
            }
            Token::Char(_)
            | Token::Folded(_)
            | Token::One
            | Token::OneInField
            | Token::Many
            | Token::ManyInField
            | Token::Insert(_) => token.clone(),
        });
    }
    loose.then_some(Pattern { tokens, span: pattern.span })
}

fn glyph(token: &Token<Term>) -> Option<Glyph> {
    match token {
        Token::Char(c) => Some(Glyph::Char(*c)),
        Token::Folded(c) => Some(Glyph::Folded(*c)),
        Token::One => Some(Glyph::One),
        Token::OneInField => Some(Glyph::OneExcept(':')),
        Token::Many => Some(Glyph::Many),
        Token::ManyInField => Some(Glyph::ManyExcept(':')),
        Token::Insert(_) | Token::InsertFolded(_) | Token::InsertGlob(_) | Token::InsertGlobInField(_) => None,
    }
}

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

impl Resource {
    fn declare(formulas: &mut Formulas, footprint: &Footprint, catalogue: &Catalogue, settings: &Settings) -> Self {
        let shapes = ArnShapes::new(&footprint.resources);
        let budgets = Budgets::new(&footprint.resources, catalogue);
        let keys = ["aws:resourceaccount", "s3:resourceaccount"];
        let spoken: BTreeSet<String> = footprint.keys.keys().cloned().collect();
        let tells_owners = settings.stack
            || settings.relations.contains(Relation::SameOrganisation)
                && realizability::concerns(Relation::SameOrganisation, &spoken)
            || settings.relations.contains(Relation::ResourceOwner) && keys.iter().any(|key| footprint.speaks_of(key));
        let nothing = formulas.declare_bool();
        let nothing = formulas.bool(nothing);
        let something = Formulas::not(nothing);
        let mut budget = Vec::new();
        let mut declare = |formulas: &mut Formulas, forms: Vec<solver::record::Form>| {
            let record = formulas.records.declare(forms.clone());
            if !budgets.is_empty() {
                let bounded = formulas.records.forms(ArnShapes::budgeted(&forms, &budgets));
                budget.push(formulas.within(record, bounded));
            }
            let text = formulas.records.view(record, arn_pieces());
            (record, text)
        };
        if !tells_owners {
            let (record, text) = declare(formulas, shapes.any());
            let budget = formulas.all(&budget);
            return Self { nothing, owned: None, other: Arn { is: something, record, text }, owner: None, budget };
        }
        let in_arn = formulas.declare_bool();
        let in_arn = formulas.bool(in_arn);
        let (owned, elsewhere) =
            (formulas.all(&[something, in_arn]), formulas.all(&[something, Formulas::not(in_arn)]));
        let (record, text) = declare(formulas, shapes.owned());
        let owned = Arn { is: owned, record, text };
        let (record, text) = declare(formulas, shapes.ownerless());
        let other = Arn { is: elsewhere, record, text };
        let account = formulas.records.view(owned.record, vec![Piece::Field(3)]);
        let named: Vec<_> = keys.iter().filter_map(|key| footprint.keys.get(*key)).flat_map(|key| &key.named).collect();
        let owner = formulas.records.declare_text(domain::admitting(domain::account(), &named));
        let budget = formulas.all(&budget);
        Self { nothing, owned: Some((owned, account)), other, owner: Some(owner), budget }
    }
}

/// `arn:P:S:R:A:rest`
fn arn_pieces() -> Vec<Piece> {
    let mut pieces = vec![Piece::Fixed("arn:".to_owned()), Piece::Field(0)];
    for field in 1..5 {
        pieces.extend([Piece::Fixed(":".to_owned()), Piece::Field(field)]);
    }
    pieces
}

impl Algebra for Symbolic<'_> {
    type Truth = Formula;
    type Text = Term;

    fn constant(&mut self, value: bool) -> Formula {
        Formulas::constant(value)
    }

    fn all(&mut self, parts: Vec<Formula>) -> Formula {
        self.formulas.all(&parts)
    }

    fn any(&mut self, parts: Vec<Formula>) -> Formula {
        self.formulas.any(&parts)
    }

    fn not(&mut self, part: Formula) -> Formula {
        Formulas::not(part)
    }

    fn contested(&mut self, rule: Contested) -> Formula {
        if let Some(other) = self.settings.readings.fixed.get(&rule) {
            return Formulas::constant(*other);
        }
        if !self.settings.readings.free {
            self.deferred.insert(rule);
            return Formula::FALSE;
        }
        let formulas = &mut self.formulas;
        let variable = *self.contested.entry(rule).or_insert_with(|| formulas.declare_bool());
        formulas.bool(variable)
    }

    fn unknown(&mut self, name: &str) -> Formula {
        if !self.footprint.unknowns.contains(name) {
            let pattern = Pattern { tokens: name.chars().map(Token::Char).collect(), span: super::NOWHERE };
            return self.opaque(None, Some(&pattern), "its variables unfold into too many cases");
        }
        let formulas = &mut self.formulas;
        let variable = *self.unknowns.entry(name.to_owned()).or_insert_with(|| formulas.declare_bool());
        formulas.bool(variable)
    }

    fn kind(&mut self, kind: CallerKind) -> Formula {
        self.callers.is(kind)
    }

    fn field(&mut self, field: Field) -> Term {
        let cases = match field {
            Field::Action => vec![(Formula::TRUE, Origin::Text(self.action))],
            Field::Resource => self.resource_cases(),
            Field::ResourceAccount => self.owner(),
            Field::CallerAccount
            | Field::CallerPartition
            | Field::CallerArn
            | Field::RoleArn
            | Field::CallerName
            | Field::CallerId => {
                let views = self.callers.field(&mut self.formulas, field);
                views.into_iter().map(|(_, is, text)| (is, Origin::Text(text))).collect()
            }
        };
        self.term(cases, None)
    }

    fn present(&mut self, key: &str) -> Formula {
        match self.derived(key) {
            Some(cases) => {
                let mut parts: Vec<Formula> = cases.into_iter().map(|(is, _)| is).collect();
                let free = self.free_kinds(key);
                if free != Formula::FALSE {
                    let own = self.key(key).present;
                    // C14, other reading: a service principal has neither
                    let withheld = match key {
                        "aws:principalarn" | "aws:principalaccount" => self.contested(Contested::C14),
                        _ => Formula::FALSE,
                    };
                    let service = self.callers.is(CallerKind::Service);
                    let withheld = self.formulas.all(&[withheld, service]);
                    parts.push(self.formulas.all(&[free, own, Formulas::not(withheld)]));
                }
                self.formulas.any(&parts)
            }
            None => self.key(key).present,
        }
    }

    fn single(&mut self, key: &str) -> Formula {
        match self.key(key).set {
            Some(set) => {
                let (present, single) = (self.formulas.present(set), self.formulas.single(set));
                self.formulas.all(&[present, single])
            }
            None => self.present(key),
        }
    }

    fn value(&mut self, key: &str) -> Term {
        let own = self.key(key).clone();
        let name = Some(key.to_owned());
        if let Some(mut cases) = self.derived(key) {
            let free = self.free_kinds(key);
            if free != Formula::FALSE {
                cases.push((free, Origin::Text(own.text)));
            }
            return self.term(cases, name);
        }
        if self.is_owner(key) {
            return self.term(self.owner(), name);
        }
        let origin = own.set.map_or(Origin::Text(own.text), |set| Origin::Only(set, own.text));
        self.term(vec![(Formula::TRUE, origin)], name)
    }

    fn some(&mut self, key: &str, body: &mut dyn FnMut(&mut Self, Term) -> Formula) -> Formula {
        let own = self.key(key).clone();
        match own.set {
            Some(set) => {
                let member = self.term(vec![(Formula::TRUE, Origin::Text(own.text))], Some(key.to_owned()));
                let truth = body(self, member);
                self.formulas.some(set, truth)
            }
            None => {
                let value = self.value(key);
                let (present, truth) = (self.present(key), body(self, value));
                self.formulas.all(&[present, truth])
            }
        }
    }

    fn matches(&mut self, text: &Term, patterns: &[Pattern<Term>]) -> Formula {
        let cases = self.cases(*text).to_vec();
        let mut parts = Vec::with_capacity(cases.len());
        for (guard, origin) in &cases {
            let matched = self.matches_origin(origin, patterns);
            parts.push(self.formulas.all(&[*guard, matched]));
        }
        self.formulas.any(&parts)
    }

    fn number_in(&mut self, text: &Term, set: &IntervalSet<Decimal>) -> Formula {
        self.ordered(text, Family::Number, keys::numbers(set))
    }

    fn instant_in(&mut self, text: &Term, set: &IntervalSet<Decimal>) -> Formula {
        self.ordered(text, Family::Instant, keys::numbers(set))
    }

    fn address_in(&mut self, text: &Term, set: &IntervalSet<Address>) -> Formula {
        self.ordered(text, Family::Address, keys::addresses(set))
    }

    fn known(&self, truth: &Formula) -> Option<bool> {
        match *truth {
            Formula::TRUE => Some(true),
            Formula::FALSE => Some(false),
            _ => None,
        }
    }

    fn multiple(&mut self, key: &str) -> bool {
        self.key(key).set.is_some()
    }

    /// The policies of the stack are those that apply: SCPs and RCPs are given for accounts that have them.
    fn member(&mut self, _: Side) -> Formula {
        Formula::TRUE
    }

    fn unlisted_session_policy(&mut self) -> Formula {
        let formulas = &mut self.formulas;
        let variable = *self.session_policy.get_or_insert_with(|| formulas.declare_bool());
        formulas.bool(variable)
    }
}
