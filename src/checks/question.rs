//! A question about all requests, put to the solver: which of the asked side's grants violate the property.

use solver::Limit;
use solver::budget::Budget;
use solver::formula::Formula;
use solver::search::{Outcome, solve_and_learn};

use crate::catalogue::Catalogue;
use crate::checks::compiled::{self, Settled};
use crate::checks::counterexample::{Found, Replay};
use crate::checks::listed::{self, action_pattern, resource_pattern};
use crate::checks::proof::{Basis, Refuted, Work, proved};
use crate::checks::side::Grant;
use crate::checks::side::Side;
use crate::checks::verdict::evaluated;
use crate::checks::{
    Access, Disagreement, Realizability, Report, Requests, Settings, Undecided, Verdict, blame, public,
};
use crate::policy::action::ActionPattern;
use crate::policy::resource::ResourcePattern;
use crate::request::Caller;
use crate::semantics::authorization::is_service_linked;
use crate::semantics::document::{self, Position};
use crate::semantics::outsider::Outsiders;
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::blocks::SOURCE_IP;
use crate::semantics::symbolic::footprint::Footprint;
use crate::semantics::symbolic::{self, Readings, Symbolic};
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};

/// A question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'p> {
    /// Facts about services.
    pub catalogue: &'p Catalogue,
    /// The existing side; violating requests are not allowed by it.
    pub existing: Option<Side<'p>>,
    /// The side whose access is examined; violating requests are allowed by it.
    pub asked: Side<'p>,
    /// If not empty, violating requests are one of these accesses.
    pub access: &'p [Access],
    /// If given, violating requests are ones that outsiders can make (spec 9.3).
    pub outsiders: Option<&'p Outsiders>,
    /// How the question is asked.
    pub settings: &'p Settings,
}

impl<'p> Question<'p> {
    /// Whether `new` allows a request that `old` does not (spec 10.1).
    pub fn no_new_access(old: Side<'p>, new: Side<'p>, catalogue: &'p Catalogue, settings: &'p Settings) -> Self {
        Self { catalogue, existing: Some(old), asked: new, access: &[], outsiders: None, settings }
    }

    /// Whether the side allows one of the accesses (spec 10.2).
    pub fn access_not_granted(
        side: Side<'p>,
        access: &'p [Access],
        catalogue: &'p Catalogue,
        settings: &'p Settings,
    ) -> Self {
        Self { catalogue, existing: None, asked: side, access, outsiders: None, settings }
    }
}

impl Question<'_> {
    /// Whether the request is judged by a whole stack (spec 8).
    pub(super) fn is_about_stacks(&self) -> bool {
        self.asked.is_stack() || self.existing.is_some_and(Side::is_stack) || self.settings.resource_account.is_some()
    }

    /// Whether the question is about callers from outside only.
    fn is_from_outside(&self) -> bool {
        self.outsiders.is_some() || self.settings.zone.is_some()
    }

    /// Whether the asked side allows the request; for an outsider, a stack's resource policy and RCPs decide.
    pub(super) fn is_allowed<A: Algebra>(&self, a: &mut A) -> A::Truth {
        match self.asked {
            Side::Stack(stack) if self.is_from_outside() => public::exposes(a, stack),
            side => side.allows(a, Position::UnderTest),
        }
    }

    /// What must hold beside one of the grants.
    fn beside_grants(&self, a: &mut Symbolic<'_>) -> Formula {
        match self.asked {
            Side::Stack(_) if self.is_from_outside() => self.is_allowed(a),
            side => side.beside_grants(a),
        }
    }

    /// Whether the request could be an outsider's, if it has to be one.
    pub(super) fn is_outside<A: Algebra>(&self, a: &mut A) -> A::Truth {
        match self.outsiders {
            Some(outsiders) => outsiders.may_make(a),
            None => a.constant(true),
        }
    }

    /// Whether the request is one of the listed accesses; true if none is listed (spec 10.2).
    pub(super) fn is_listed<A: Algebra>(&self, a: &mut A) -> A::Truth {
        listed::is_listed(a, self.access)
    }

    /// Whether the request is by the principal, and on a resource of the account, that the question is about.
    pub(super) fn is_pinned<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut parts = Vec::new();
        if let Some(caller) = &self.settings.principal {
            parts.push(a.kind(caller.kind()));
            parts.push(is_caller(a, caller));
        }
        if let Some(account) = &self.settings.resource_account {
            let owner = a.field(Field::ResourceAccount);
            parts.push(a.matches(&owner, &[exactly(account)]));
        }
        if let Some(zone) = &self.settings.zone {
            let spoken = self.footprint().keys.keys().cloned().collect();
            parts.push(zone.is_outside(a, &spoken));
            if self.asked.is_stack() {
                // RCPs spare sessions of service-linked roles (spec 8.5), which nobody can use at will
                let linked = is_service_linked(a);
                parts.push(a.not(linked));
            }
        }
        a.all(parts)
    }

    /// The requests of each grant, and of none where that can be allowed.
    pub(super) fn goals(&self, a: &mut Symbolic<'_>) -> Vec<Formula> {
        let mut goals = Vec::new();
        for grant in self.asked.grants() {
            goals.push(document::statement(a, grant.policy, grant.statement, Position::UnderTest));
        }
        if !self.is_from_outside() && unconditional(self.asked) {
            let some = a.any(goals.clone());
            goals.push(a.not(some));
        }
        goals
    }

    /// Whether the request violates the property: allowed by the asked side and not by the existing one, and listed.
    pub(super) fn violation<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut parts = vec![self.is_allowed(a), self.is_outside(a), self.is_listed(a)];
        if let Some(existing) = self.existing {
            let before = existing.allows(a, Position::Reference);
            parts.push(a.not(before));
        }
        a.all(parts)
    }

    pub(super) fn footprint(&self) -> Footprint {
        let mut footprint = Footprint::default();
        footprint.add_caller(self.settings.principal.as_ref());
        for policy in self.existing.into_iter().chain([self.asked]).flat_map(Side::documents) {
            footprint.add(policy);
        }
        for access in self.access {
            access.actions.iter().for_each(|text| {
                if let ActionPattern::Glob(template) = action_pattern(text) {
                    footprint.add_action(&template);
                }
            });
            for text in &access.resources {
                if let ResourcePattern::Arn(fields) = resource_pattern(text) {
                    footprint.add_resource(&fields);
                }
            }
        }
        if let Requests::Among(combinations) = &self.settings.requests {
            for format in combinations.resources() {
                if let ResourcePattern::Arn(fields) = resource_pattern(format) {
                    footprint.add_resource(&fields);
                }
            }
        }
        if self.outsiders.is_some() {
            footprint.add_address(SOURCE_IP);
        }
        if let Some(zone) = &self.settings.zone {
            zone.announce(&mut footprint);
        }
        footprint
    }
}

/// Whether a caller of the right kind is this one; a role's ARN names some session of the role (spec 6.2).
fn is_caller<A: Algebra>(a: &mut A, caller: &Caller) -> A::Truth {
    let (field, text) = match caller {
        Caller::Anonymous => return a.constant(true),
        Caller::Service(name) | Caller::Federated(name) => (Field::CallerName, name.clone()),
        Caller::Session { session: None, .. } => match caller.principal_arn() {
            Some(arn) => (Field::RoleArn, arn),
            None => return a.constant(true),
        },
        Caller::Root { .. } | Caller::User { .. } | Caller::Session { .. } | Caller::FederatedUser { .. } => {
            (Field::CallerArn, caller.to_string())
        }
    };
    let own = a.field(field);
    a.matches(&own, &[exactly(&text)])
}

fn exactly<Text>(text: &str) -> Pattern<Text> {
    Pattern { tokens: text.chars().map(Token::Char).collect(), span: NOWHERE }
}

/// One run of the solver under given relations and readings.
pub(super) struct Attempt {
    pub(super) found: Vec<Found>,
    pub(super) open: Vec<Undecided>,
    /// Contested rules that were read by default.
    deferred: bool,
    /// Relations that the answer may rest on.
    related: Vec<Relation>,
    /// If every goal was refuted: how, and under which relations and readings.
    pub(super) basis: Option<Basis>,
    /// If addresses were counted: the blocks that outsiders may come from.
    pub(super) possible: Vec<bool>,
    /// What no more addresses than these carry, in words.
    pub(super) carried_by: Vec<String>,
}

impl Attempt {
    fn is_proof(&self) -> bool {
        self.found.is_empty() && self.open.is_empty()
    }
}

/// Answers the question. The default reading of contested rules comes first; only if it violates nothing, the others
/// are asked as well, as free Booleans of one formula (spec 0.3).
///
/// # Errors
/// A counterexample that does not replay, a proof that is not accepted.
pub fn ask(question: &Question<'_>) -> Result<Report, Disagreement> {
    ask_counting(question, &mut Work::default())
}

/// [`ask`], with the work that it took.
///
/// # Errors
/// A counterexample that does not replay, a proof that is not accepted.
pub fn ask_counting(question: &Question<'_>, work: &mut Work) -> Result<Report, Disagreement> {
    if let Some(report) = evaluated(question) {
        return Ok(report);
    }
    let settings = question.settled();
    let question = &Question { settings: &settings, ..*question };
    let mut budget = Budget::new(question.settings.budget);
    let relations = relations(question);
    let readings = |free| Readings { fixed: question.settings.reading.fixed.clone(), free };
    let mut attempt = run(question, &relations, readings(false), &mut budget)?;
    let mut assumptions = Vec::new();
    if attempt.found.is_empty() && attempt.open.is_empty() {
        let related = attempt.related.clone();
        let bare = related.iter().fold(relations.clone(), |on, relation| on.without(*relation));
        // a proof without relations in every reading is the strongest there is
        let strongest =
            if related.is_empty() { None } else { Some(run(question, &bare, readings(true), &mut budget)?) };
        if let Some(strongest) = strongest.filter(Attempt::is_proof) {
            attempt.basis = strongest.basis;
        } else {
            if attempt.deferred {
                attempt = run(question, &relations, readings(true), &mut budget)?;
            }
            if attempt.is_proof() {
                assumptions = needed(question, &relations, &related, &mut attempt, &mut budget)?;
            }
        }
    } else if attempt.found.is_empty() && attempt.deferred {
        let open = std::mem::take(&mut attempt.open);
        attempt = run(question, &relations, readings(true), &mut budget)?;
        attempt.open.extend(open);
    }
    work.search += budget.used();
    let proof = if attempt.is_proof() { proved(question, &mut attempt, work)? } else { None };
    let verdict = match (attempt.found.is_empty(), attempt.open.is_empty()) {
        (false, _) => Verdict::Fail,
        (true, false) => Verdict::Unknown,
        (true, true) => Verdict::Pass,
    };
    let complete = attempt.open.is_empty();
    let carried_by = match verdict {
        Verdict::Pass => attempt.carried_by,
        Verdict::Fail | Verdict::Unknown => Vec::new(),
    };
    let reasons = attempt.found.iter().map(|found| blame::reason(question, found)).collect();
    Ok(Report {
        verdict,
        reasons,
        unknown: attempt.open,
        complete,
        assumptions,
        carried_by,
        proof,
        remarks: Vec::new(),
        realistic: question.settings.requests != Requests::Free,
    })
}

/// Whether the property is proved, in every reading of contested rules that the settings leave open.
///
/// # Errors
/// A counterexample that does not replay.
pub(super) fn proves(question: &Question<'_>) -> Result<bool, Disagreement> {
    match compiled::settle(question) {
        Some(Settled::Pass) => return Ok(true),
        Some(Settled::Fail) => return Ok(false),
        Some(Settled::Open(_)) | None => {}
    }
    let mut budget = Budget::new(question.settings.budget);
    let relations = relations(question);
    let readings = |free| Readings { fixed: question.settings.reading.fixed.clone(), free };
    let attempt = run(question, &relations, readings(false), &mut budget)?;
    if !attempt.is_proof() || !attempt.deferred {
        return Ok(attempt.is_proof());
    }
    Ok(run(question, &relations, readings(true), &mut budget)?.is_proof())
}

/// The relations that a setting takes for granted.
pub(super) fn granted(realizability: Realizability) -> Relations {
    match realizability {
        Realizability::All => Relations::all(),
        Realizability::Nothing => Relations::none(),
        Realizability::LikeAws => Relations::like_aws(),
    }
}

pub(super) fn relations(question: &Question<'_>) -> Relations {
    let relations = granted(question.settings.realizability);
    match question.outsiders {
        // spec 9.3: an outsider can have a service act for a resource of his own
        Some(_) => relations.without(Relation::Source),
        None => relations,
    }
}

/// The relations that the proof needs: switched off one at a time, and left off while the proof stands.
fn needed(
    question: &Question<'_>,
    relations: &Relations,
    related: &[Relation],
    attempt: &mut Attempt,
    budget: &mut Budget,
) -> Result<Vec<String>, Disagreement> {
    let readings = Readings { fixed: question.settings.reading.fixed.clone(), free: true };
    let mut kept = relations.clone();
    let mut needed = Vec::new();
    for relation in related {
        let fewer = kept.without(*relation);
        let without = run(question, &fewer, readings.clone(), budget)?;
        if without.is_proof() {
            kept = fewer;
            attempt.basis = without.basis;
        } else {
            needed.push(relation.sentence().to_owned());
        }
    }
    Ok(needed)
}

pub(super) fn run(
    question: &Question<'_>,
    relations: &Relations,
    readings: Readings,
    budget: &mut Budget,
) -> Result<Attempt, Disagreement> {
    let (mut a, context, goals) = read(question, relations, &readings);
    let mut attempt = Attempt {
        found: Vec::new(),
        open: Vec::new(),
        deferred: !a.deferred().is_empty(),
        related: Relation::ALL.into_iter().filter(|relation| a.may_rest_on(*relation)).collect(),
        basis: None,
        possible: Vec::new(),
        carried_by: Vec::new(),
    };
    if question.outsiders.is_some() && public::counts(question, &mut a, context, &goals, budget, &mut attempt)? {
        if attempt.is_proof() {
            let possible = std::mem::take(&mut attempt.possible);
            attempt.basis = Some(Basis { refuted: None, relations: relations.clone(), readings, possible });
        }
        return Ok(attempt);
    }
    let grants = question.asked.grants();
    let (outcomes, _, learnt) = solve_and_learn(&mut a.formulas, context, &goals, budget);
    for (index, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Unsatisfiable => {}
            Outcome::Unknown(limit, _) => attempt.open.push(undecided(*limit, grants.get(index))),
            Outcome::Satisfiable(model) => {
                attempt.take(&Replay::new(question, &grants, index, &a.decode(model)), &a)?;
            }
        }
    }
    if attempt.is_proof() {
        let refuted = Some(Refuted { formulas: a.formulas, learnt });
        attempt.basis = Some(Basis { refuted, relations: relations.clone(), readings, possible: Vec::new() });
    }
    Ok(attempt)
}

/// The documents read symbolically under these relations and readings, with the context and the goals.
pub(super) fn read<'q>(
    question: &Question<'q>,
    relations: &Relations,
    readings: &Readings,
) -> (Symbolic<'q>, Formula, Vec<Formula>) {
    read_among(question, question.footprint(), relations, readings)
}

/// [`read`], among the requests that documents of this footprint speak of.
pub(super) fn read_among<'q>(
    question: &Question<'q>,
    footprint: Footprint,
    relations: &Relations,
    readings: &Readings,
) -> (Symbolic<'q>, Formula, Vec<Formula>) {
    let stack = question.is_about_stacks();
    let settings = symbolic::Settings { relations: relations.clone(), readings: readings.clone(), stack };
    let mut a = Symbolic::new(question.catalogue, footprint, settings);
    let (mut context, mut goals) = compile(question, &mut a);
    if a.wants_second_reading() {
        (context, goals) = compile(question, &mut a);
    }
    (a, context, goals)
}

impl Attempt {
    /// Takes a counterexample once it has been replayed.
    pub(super) fn take(&mut self, replay: &Replay<'_>, a: &Symbolic<'_>) -> Result<(), Disagreement> {
        if replay.stands() {
            self.found.push(replay.improved(a));
        } else {
            self.open.push(unreplayed(replay)?);
        }
        Ok(())
    }
}

/// Why a model did not replay: it rests on something undecided, or it is a defect.
pub(super) fn unreplayed(replay: &Replay<'_>) -> Result<Undecided, Disagreement> {
    let Some(opaque) = replay.opaque.first() else {
        let what = format!("a counterexample did not replay: {}", replay.request.to_json());
        return Err(Disagreement { what });
    };
    let statement = replay.grant.map(|grant| grant.statement.span);
    Ok(Undecided {
        reason: opaque.reason.to_owned(),
        span: Some(opaque.span).filter(|span| *span != NOWHERE).or(statement),
        needed: "write the value out, or compare the key without it".to_owned(),
    })
}

/// The question as formulas: what must hold in any case, and a goal for each grant.
fn compile(question: &Question<'_>, a: &mut Symbolic<'_>) -> (Formula, Vec<Formula>) {
    let mut context = vec![question.beside_grants(a)];
    if let Some(existing) = question.existing {
        let before = existing.allows(a, Position::Reference);
        context.push(a.not(before));
    }
    context.push(question.is_listed(a));
    context.push(question.is_pinned(a));
    context.push(question.is_catalogued(a));
    context.push(question.is_outside(a));
    let goals = question.goals(a);
    context.push(a.relations());
    context.push(a.frame());
    (a.all(context), goals)
}

/// Whether the side can allow a request that no statement grants: an RCP with its allow-all, the root user of a stack.
pub(super) fn unconditional(side: Side<'_>) -> bool {
    match side {
        Side::Document(policy) => policy.kind == crate::policy::Kind::ResourceControl,
        Side::Stack(_) => true,
    }
}

pub(super) fn undecided(limit: Limit, grant: Option<&Grant<'_>>) -> Undecided {
    let (reason, needed) = match limit {
        Limit::Budget => ("the work budget ended before this was decided", "a larger `--budget`"),
        Limit::EntangledTexts => (
            "two inserted values can overlap in one text in a way that is not decided",
            "a separator that neither value can contain (for example `/`) makes this decidable",
        ),
        Limit::MixedComparison => (
            "one key is compared both as text and as a number, date or address",
            "comparing the key in one family only makes this decidable",
        ),
    };
    let span = grant.map(|grant| grant.statement.span);
    Undecided { reason: reason.to_owned(), span, needed: needed.to_owned() }
}
