//! A question about all requests, put to the solver: which of the asked side's grants violate the property.

use solver::Limit;
use solver::budget::Budget;
use solver::formula::Formula;
use solver::search::{Outcome, solve_each};

use crate::catalogue::Catalogue;
use crate::checks::compiled::{self, Settled};
use crate::checks::counterexample::{Found, Replay};
use crate::checks::{Access, Disagreement, Realizability, Report, Settings, Undecided, Verdict, blame};
use crate::policy::action::ActionPattern;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Template, Variables, Wildcards, arn_fields};
use crate::policy::{Effect, Policy, Statement};
use crate::request::Caller;
use crate::semantics::authorization::{Stack, authorize};
use crate::semantics::document::{self, Position};
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::footprint::Footprint;
use crate::semantics::symbolic::{self, Readings, Symbolic};
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};

/// One side of a question: a document judged by itself (spec 10.1), or a whole stack (spec 8).
#[derive(Clone, Copy, Debug)]
pub enum Side<'p> {
    /// One document.
    Document(&'p Policy),
    /// Everything that applies to a request.
    Stack(&'p Stack),
}

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
    /// How the question is asked.
    pub settings: &'p Settings,
}

/// A statement that may grant, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant<'p> {
    pub(super) policy: &'p Policy,
    pub(super) statement: &'p Statement,
}

impl<'p> Side<'p> {
    /// The documents of the side.
    pub(crate) fn documents(self) -> Vec<&'p Policy> {
        match self {
            Side::Document(policy) => vec![policy],
            Side::Stack(stack) => {
                let layers = stack.scps.iter().chain(&stack.rcps).flatten();
                let lone = stack.resource.iter().chain(&stack.boundary).chain(&stack.endpoint);
                stack.identity.iter().chain(lone).chain(&stack.session).chain(layers).collect()
            }
        }
    }

    /// Whether the side allows the request.
    pub(super) fn allows<A: Algebra>(self, a: &mut A, position: Position) -> A::Truth {
        match self {
            Side::Document(policy) => document::allows(a, policy, position),
            Side::Stack(stack) => authorize(a, stack, position).allowed,
        }
    }

    /// The Allow statements that can be blamed: those of the document, or of the layers that grant.
    pub(super) fn grants(self) -> Vec<Grant<'p>> {
        let granting: Vec<&Policy> = match self {
            Side::Document(policy) => vec![policy],
            Side::Stack(stack) => stack.identity.iter().chain(&stack.resource).collect(),
        };
        let mut grants = Vec::new();
        for policy in granting {
            let allows = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
            grants.extend(allows.map(|statement| Grant { policy, statement }));
        }
        grants
    }

    /// What must hold beside one of the grants: no Deny for a document, the whole decision for a stack.
    fn beside_grants(self, a: &mut Symbolic<'_>) -> Formula {
        match self {
            Side::Document(policy) => {
                let denied = document::deny(a, policy, Position::UnderTest);
                a.not(denied)
            }
            Side::Stack(_) => self.allows(a, Position::UnderTest),
        }
    }

    pub(super) fn is_stack(self) -> bool {
        matches!(self, Side::Stack(_))
    }
}

impl Question<'_> {
    /// Whether the request is one of the listed accesses; true if none is listed (spec 10.2).
    pub(super) fn is_listed<A: Algebra>(&self, a: &mut A) -> A::Truth {
        is_listed(a, self.access)
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
        a.all(parts)
    }

    fn footprint(&self) -> Footprint {
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
        footprint
    }
}

/// Whether the request is one of the accesses; true if there are none (spec 10.2).
pub(super) fn is_listed<A: Algebra>(a: &mut A, accesses: &[Access]) -> A::Truth {
    if accesses.is_empty() {
        return a.constant(true);
    }
    let mut any = Vec::with_capacity(accesses.len());
    for access in accesses {
        let action = listed_actions(a, &access.actions);
        let resource = listed_resources(a, &access.resources);
        any.push(a.all(vec![action, resource]));
    }
    a.any(any)
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

/// A listed action as a pattern (spec 10.2: any pattern valid in `Action`).
fn action_pattern(text: &str) -> ActionPattern {
    if text.bytes().all(|byte| byte == b'*') || text == "*:*" {
        return ActionPattern::All;
    }
    let lower = text.to_ascii_lowercase();
    ActionPattern::Glob(Template::parse(&lower, Wildcards::Active, Variables::Literal, |_, _| {}))
}

/// A listed resource as a pattern: field by field, every `*` within its field but in the last.
fn resource_pattern(text: &str) -> ResourcePattern {
    let parse = |field: &str| Template::parse(field, Wildcards::Active, Variables::Literal, |_, _| {});
    ResourcePattern::Arn(arn_fields(text, Variables::Literal).into_iter().map(|(_, field)| parse(field)).collect())
}

fn listed_actions<A: Algebra>(a: &mut A, actions: &[String]) -> A::Truth {
    let mut patterns = Vec::new();
    for text in actions {
        match action_pattern(text) {
            ActionPattern::All => return a.constant(true),
            ActionPattern::Glob(template) => patterns.push(pattern(&template, false)),
            ActionPattern::VendorWildcard(_) | ActionPattern::Nothing => {}
        }
    }
    if actions.is_empty() {
        return a.constant(true);
    }
    let action = a.field(Field::Action);
    a.matches(&action, &patterns)
}

fn listed_resources<A: Algebra>(a: &mut A, resources: &[String]) -> A::Truth {
    if resources.is_empty() {
        return a.constant(true);
    }
    let mut patterns = Vec::new();
    for text in resources {
        if let ResourcePattern::Arn(fields) = resource_pattern(text) {
            let mut tokens = Vec::new();
            for (index, field) in fields.iter().enumerate() {
                if index > 0 {
                    tokens.push(Token::Char(':'));
                }
                tokens.extend(pattern::<A::Text>(field, index < 5).tokens);
            }
            patterns.push(Pattern { tokens, span: NOWHERE });
        }
    }
    let resource = a.field(Field::Resource);
    a.matches(&resource, &patterns)
}

fn pattern<Text>(template: &Template, in_field: bool) -> Pattern<Text> {
    use crate::policy::template::Piece;
    let token = |piece: &Piece| match piece {
        Piece::Char(c) => Some(Token::Char(*c)),
        Piece::One if in_field => Some(Token::OneInField),
        Piece::One => Some(Token::One),
        Piece::Many if in_field => Some(Token::ManyInField),
        Piece::Many => Some(Token::Many),
        Piece::Variable(_) | Piece::Nothing => None,
    };
    Pattern { tokens: template.pieces.iter().filter_map(token).collect(), span: NOWHERE }
}

/// One run of the solver under given relations and readings.
pub(super) struct Attempt {
    pub(super) found: Vec<Found>,
    open: Vec<Undecided>,
    /// Contested rules that were read by default.
    deferred: bool,
    /// Relations that the answer may rest on.
    related: Vec<Relation>,
}

impl Attempt {
    fn is_proof(&self) -> bool {
        self.found.is_empty() && self.open.is_empty()
    }
}

/// Answers the question; a PASS that evaluation proves needs no search. The default reading of contested rules comes first; only if it violates nothing, the others
/// are asked as well, as free Booleans of one formula (spec 0.3).
///
/// # Errors
/// A counterexample that does not replay.
pub fn ask(question: &Question<'_>) -> Result<Report, Disagreement> {
    if let Some(Settled::Pass) = compiled::settle(question) {
        return Ok(proved(question));
    }
    let mut budget = Budget::new(question.settings.budget);
    let relations = relations(question.settings.realizability);
    let readings = |free| Readings { fixed: question.settings.reading.fixed.clone(), free };
    let mut attempt = run(question, &relations, readings(false), &mut budget)?;
    let mut assumptions = Vec::new();
    if attempt.found.is_empty() && attempt.open.is_empty() {
        let related = attempt.related.clone();
        let bare = related.iter().fold(relations.clone(), |on, relation| on.without(*relation));
        // a proof without relations in every reading is the strongest there is
        let strongest =
            if related.is_empty() { None } else { Some(run(question, &bare, readings(true), &mut budget)?) };
        if !strongest.as_ref().is_some_and(Attempt::is_proof) {
            if attempt.deferred {
                attempt = run(question, &relations, readings(true), &mut budget)?;
            }
            if attempt.is_proof() {
                assumptions = needed(question, &relations, &related, &readings(true), &mut budget)?;
            }
        }
    } else if attempt.found.is_empty() && attempt.deferred {
        let open = std::mem::take(&mut attempt.open);
        attempt = run(question, &relations, readings(true), &mut budget)?;
        attempt.open.extend(open);
    }
    let verdict = match (attempt.found.is_empty(), attempt.open.is_empty()) {
        (false, _) => Verdict::Fail,
        (true, false) => Verdict::Unknown,
        (true, true) => Verdict::Pass,
    };
    let complete = attempt.open.is_empty();
    let carried_by = match verdict {
        Verdict::Pass => blame::carried_by(question),
        Verdict::Fail | Verdict::Unknown => Vec::new(),
    };
    let reasons = attempt.found.iter().map(|found| blame::reason(question, found)).collect();
    Ok(Report { verdict, reasons, unknown: attempt.open, complete, assumptions, carried_by })
}

/// A PASS in every reading that needs no relation.
fn proved(question: &Question<'_>) -> Report {
    Report {
        verdict: Verdict::Pass,
        reasons: Vec::new(),
        unknown: Vec::new(),
        complete: true,
        assumptions: Vec::new(),
        carried_by: blame::carried_by(question),
    }
}

pub(super) fn unreplayed(request: &crate::request::Request) -> Disagreement {
    Disagreement { what: format!("a counterexample did not replay: {}", request.to_json()) }
}

/// The question as formulas over its own request variables.
pub(super) fn formulas<'q>(
    question: &Question<'q>,
    relations: &Relations,
    readings: Readings,
) -> (Symbolic<'q>, Formula, Vec<Formula>) {
    let stack = question.asked.is_stack()
        || question.existing.is_some_and(Side::is_stack)
        || question.settings.resource_account.is_some();
    let settings = symbolic::Settings { relations: relations.clone(), readings, stack };
    let mut a = Symbolic::new(question.catalogue, question.footprint(), settings);
    let (mut context, mut goals) = compile(question, &mut a);
    if a.wants_second_reading() {
        (context, goals) = compile(question, &mut a);
    }
    (a, context, goals)
}

pub(super) fn relations(realizability: Realizability) -> Relations {
    match realizability {
        Realizability::All => Relations::all(),
        Realizability::Nothing => Relations::none(),
        Realizability::LikeAws => Relations::like_aws(),
    }
}

/// The relations that the proof needs: switched off one at a time, and left off while the proof stands.
fn needed(
    question: &Question<'_>,
    relations: &Relations,
    related: &[Relation],
    readings: &Readings,
    budget: &mut Budget,
) -> Result<Vec<String>, Disagreement> {
    let mut kept = relations.clone();
    let mut needed = Vec::new();
    for relation in related {
        let fewer = kept.without(*relation);
        if run(question, &fewer, readings.clone(), budget)?.is_proof() {
            kept = fewer;
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
    let (mut a, context, goals) = formulas(question, relations, readings);
    let (outcomes, _) = solve_each(&mut a.formulas, context, &goals, budget);
    let grants = question.asked.grants();
    let mut attempt = Attempt {
        found: Vec::new(),
        open: Vec::new(),
        deferred: !a.deferred().is_empty(),
        related: Relation::ALL.into_iter().filter(|relation| a.may_rest_on(*relation)).collect(),
    };
    for (index, outcome) in outcomes.iter().enumerate() {
        let grant = grants.get(index);
        match outcome {
            Outcome::Unsatisfiable => {}
            Outcome::Unknown(limit, _) => attempt.open.push(undecided(*limit, grant)),
            Outcome::Satisfiable(model) => {
                let decoded = a.decode(model);
                let replay = Replay::new(question, &grants, index, &decoded);
                if replay.stands() {
                    attempt.found.push(replay.improved(&a));
                } else if let Some(opaque) = decoded.opaque.first() {
                    attempt.open.push(Undecided {
                        reason: opaque.reason.to_owned(),
                        span: Some(opaque.span).filter(|span| *span != NOWHERE).or(grant.map(|g| g.statement.span)),
                        needed: "write the value out, or compare the key without it".to_owned(),
                    });
                } else {
                    return Err(unreplayed(&decoded.request));
                }
            }
        }
    }
    Ok(attempt)
}

/// The question as formulas: what must hold in any case, and a goal for each grant.
fn compile(question: &Question<'_>, a: &mut Symbolic<'_>) -> (Formula, Vec<Formula>) {
    let mut context = vec![question.asked.beside_grants(a)];
    if let Some(existing) = question.existing {
        let before = existing.allows(a, Position::Reference);
        context.push(a.not(before));
    }
    context.push(question.is_listed(a));
    context.push(question.is_pinned(a));
    let mut goals = Vec::new();
    for grant in question.asked.grants() {
        goals.push(document::statement(a, grant.policy, grant.statement, Position::UnderTest));
    }
    if unconditional(question.asked) {
        let some = a.any(goals.clone());
        goals.push(a.not(some));
    }
    context.push(a.relations());
    context.push(a.frame());
    (a.all(context), goals)
}

/// Whether the side can allow a request that no statement grants: an RCP with its allow-all, the root user of a stack.
fn unconditional(side: Side<'_>) -> bool {
    match side {
        Side::Document(policy) => policy.kind == crate::policy::Kind::ResourceControl,
        Side::Stack(_) => true,
    }
}

fn undecided(limit: Limit, grant: Option<&Grant<'_>>) -> Undecided {
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
