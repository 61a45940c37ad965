//! All requests, cut down to one: the formula "allowed, and the request is this one" is satisfiable iff it is allowed.

use std::collections::BTreeMap;

use keyaki::catalogue::Catalogue;
use keyaki::policy::Policy;
use keyaki::policy::condition::Instant;
use keyaki::policy::template::{Template, Variables, Wildcards};
use keyaki::request::{Caller, CallerKind, ContextValue, Request};
use keyaki::semantics::concrete::{Concrete, derived_keys};
use keyaki::semantics::document::{self};
use keyaki::semantics::realizability::Relations;
use keyaki::semantics::symbolic::footprint::{Footprint, KeyUse};
use keyaki::semantics::symbolic::{Readings, Settings, Symbolic};
use keyaki::semantics::{Algebra, Contested, Field, NOWHERE, Pattern, Token, address};
use keyaki::source::Sources;
use solver::budget::Budget;
use solver::decimal::Decimal;
use solver::formula::Formula;
use solver::interval::IntervalSet;
use solver::search::{Outcome, solve_each};

use super::world::{POSITIONS, RULES, Tally, all_readings, contested, explicit, policy, request, seeds};
use crate::generate::{self, KINDS, Options, realizable, request_for};
use crate::reference::allows;

/// The footprint of documents.
pub(super) fn footprint(policies: &[&Policy]) -> Footprint {
    let mut footprint = Footprint::default();
    policies.iter().for_each(|policy| footprint.add(policy));
    footprint
}

/// Gives the request what a caller of the model always has: a role's path and a unique id.
pub(super) fn settle(request: &mut Request) {
    let shown = explicit(request);
    let single = |text: &str| ContextValue::Single(text.to_owned());
    if let Caller::Session { session, .. } = &mut request.principal {
        session.get_or_insert_with(|| "some".to_owned());
        let arn = shown["context"]["aws:principalarn"].as_str().unwrap_or_default();
        request.context.entry("aws:principalarn".into()).or_insert_with(|| single(arn));
    }
    let id = match &request.principal {
        Caller::User { .. } => Some("AIDAEXAMPLE".to_owned()),
        Caller::Session { session, .. } => Some(format!("AROAEXAMPLE:{}", session.as_deref().unwrap_or("some"))),
        Caller::Root { .. }
        | Caller::FederatedUser { .. }
        | Caller::Service(_)
        | Caller::Federated(_)
        | Caller::Anonymous => None,
    };
    if let Some(id) = id {
        request.context.entry("aws:userid".into()).or_insert_with(|| single(&id));
    }
}

/// Gives lists to multivalued keys and single values to the others, where there is one value.
pub(super) fn as_typed(catalogue: &Catalogue, policies: &[&Policy], request: &mut Request) {
    let settings = Settings { relations: Relations::none(), readings: Readings::default(), stack: false };
    let footprint = footprint(policies);
    let keys: Vec<String> = footprint.keys.keys().cloned().collect();
    let mut a = Symbolic::new(catalogue, footprint, settings);
    for key in keys {
        let multiple = a.multiple(&key);
        let derived = derived_keys(request).remove(&key).map(ContextValue::Single);
        match request.context.get(&key).cloned().or(derived) {
            Some(ContextValue::Single(value)) if multiple => {
                request.context.insert(key, ContextValue::Multi(vec![value]));
            }
            Some(ContextValue::Multi(values)) if !multiple && values.len() == 1 => {
                request.context.insert(key, ContextValue::Single(values[0].clone()));
            }
            Some(_) | None => {}
        }
    }
}

fn literal<Text>(text: &str) -> Pattern<Text> {
    Pattern { tokens: text.chars().map(Token::Char).collect(), span: NOWHERE }
}

/// The values of every key of the request.
fn values(request: &Request) -> BTreeMap<String, Vec<String>> {
    let derived = derived_keys(request).into_iter().map(|(key, value)| (key, vec![value]));
    let given = request.context.iter().map(|(key, value)| match value {
        ContextValue::Single(value) => (key.to_lowercase(), vec![value.clone()]),
        ContextValue::Multi(values) => (key.to_lowercase(), values.clone()),
    });
    derived.chain(given).collect()
}

/// The text is this one, as far as the documents look at it.
fn value_is(a: &mut Symbolic<'_>, usage: &KeyUse, text: &<Symbolic<'_> as Algebra>::Text, value: &str) -> Formula {
    let mut parts = Vec::new();
    if usage.text || !(usage.number || usage.date || usage.address) {
        parts.push(a.matches(text, &[literal(value)]));
    }
    if usage.number {
        parts.push(match Decimal::parse(value) {
            Some(number) => a.number_in(text, &IntervalSet::point(number)),
            None => {
                let parsed = a.number_in(text, &IntervalSet::full());
                a.not(parsed)
            }
        });
    }
    if usage.date {
        parts.push(match Instant::parse(value) {
            // the request's value has the two readings of C17 as well
            Some(Instant { seconds, as_year }) => a.choose(Contested::C17, seconds != as_year, |a, year| {
                a.instant_in(text, &IntervalSet::point(if year { as_year.clone() } else { seconds.clone() }))
            }),
            None => {
                let parsed = a.instant_in(text, &IntervalSet::full());
                a.not(parsed)
            }
        });
    }
    if usage.address {
        parts.push(match address::parse(value) {
            Some(address) => a.address_in(text, &IntervalSet::point(address)),
            None => {
                let parsed = a.address_in(text, &IntervalSet::full());
                a.not(parsed)
            }
        });
    }
    a.all(parts)
}

/// The key has exactly these values; `None` if the model cannot say so.
fn key_is(a: &mut Symbolic<'_>, key: &str, usage: &KeyUse, values: &[String]) -> Option<Formula> {
    let present = a.present(key);
    match values {
        [] => Some(a.not(present)),
        [value] => {
            let (single, text) = (a.single(key), a.value(key));
            let equal = value_is(a, usage, &text, value);
            let known = a.some(key, &mut |a, text| value_is(a, usage, &text, value));
            Some(a.all(vec![present, single, equal, known]))
        }
        values => {
            if !a.multiple(key) {
                return None;
            }
            let mut parts = vec![present];
            let single = a.single(key);
            parts.push(a.not(single));
            for value in values {
                parts.push(a.some(key, &mut |a, text| value_is(a, usage, &text, value)));
            }
            let other = a.some(key, &mut |a, text| {
                let any = values.iter().map(|value| value_is(a, usage, &text, value)).collect();
                let any = a.any(any);
                a.not(any)
            });
            parts.push(a.not(other));
            Some(a.all(parts))
        }
    }
}

/// The formula "the request is this one".
pub(super) fn pin(a: &mut Symbolic<'_>, request: &Request, stack: bool) -> Option<Formula> {
    let mut concrete = Concrete::new(request);
    let kind = request.principal.kind();
    let mut fields = vec![Field::Action, Field::Resource];
    if !a.footprint().principals.is_empty() || stack {
        match kind {
            CallerKind::Root | CallerKind::User => fields.extend([Field::CallerArn, Field::CallerId]),
            CallerKind::Session => fields.extend([Field::CallerArn, Field::RoleArn, Field::CallerId]),
            CallerKind::FederatedUser => fields.extend([Field::CallerArn, Field::CallerName]),
            CallerKind::Service | CallerKind::Federated => fields.push(Field::CallerName),
            CallerKind::Anonymous => {}
        }
    }
    if stack {
        fields.push(Field::ResourceAccount);
    }
    let mut parts = vec![a.kind(kind)];
    for field in fields {
        let text = concrete.field(field).text();
        let term = a.field(field);
        parts.push(a.matches(&term, &[literal(&text)]));
    }
    let values = values(request);
    for (key, usage) in a.footprint().keys.clone() {
        let given = values.get(&key).map_or(&[][..], Vec::as_slice);
        let list = matches!(request.context.get(&key), Some(ContextValue::Multi(_)));
        if !given.is_empty() && list != a.multiple(&key) {
            return None; // in the model the key's type decides whether it is a list
        }
        parts.push(key_is(a, &key, &usage, given)?);
    }
    Some(a.all(parts))
}

/// Whether the model of a question about the documents has the request; `None` if that is not decided.
pub(super) fn in_model(
    catalogue: &Catalogue,
    policies: &[&Policy],
    request: &Request,
    relations: &Relations,
    stack: bool,
) -> Option<bool> {
    let settings = Settings { relations: relations.clone(), readings: Readings::default(), stack };
    let mut a = Symbolic::new(catalogue, footprint(policies), settings);
    let Some(pinned) = pin(&mut a, request, stack) else { return Some(false) };
    let (relations, frame) = (a.relations(), a.frame());
    let context = a.all(vec![pinned, relations, frame]);
    let (outcomes, _) = solve_each(&mut a.formulas, context, &[Formula::TRUE], &mut Budget::new(2_000_000));
    match &outcomes[0] {
        Outcome::Satisfiable(_) => Some(true),
        Outcome::Unsatisfiable => Some(false),
        Outcome::Unknown(..) => None,
    }
}

#[test]
fn one_request() {
    let catalogue = Catalogue::embedded();
    let readings = all_readings();
    let mut tally = Tally::default();
    for seed in seeds(500) {
        let kind = KINDS[(seed % 8) as usize];
        let json = generate::document(seed, kind, &Options::default());
        let (position, role) = POSITIONS[(seed / 8 % 2) as usize];
        let sources = &mut Sources::default();
        let policy = policy(sources, &json, kind, position);
        for n in 0..4 {
            let asked = request_for(seed * 100 + n, &[&json]);
            let asked = if n.is_multiple_of(2) { realizable(seed * 100 + n, &asked) } else { asked };
            let mut asked = request(&asked);
            settle(&mut asked);
            as_typed(&catalogue, &[&policy], &mut asked);
            let shown = explicit(&asked);
            let reading = &readings[if n < 2 { 0 } else { (seed * 2 + n) as usize % readings.len() }];
            let expected = allows(&json, kind, &shown, reading, role);
            let mut footprint = footprint(&[&policy]);
            if (seed + n).is_multiple_of(2) {
                // numbers, dates and addresses by their texts
                footprint.keys.values_mut().for_each(|key| key.text = true);
            }
            let literal = |text: &str| Template::parse(text, Wildcards::Literal, Variables::Literal, |_, _| {});
            if n != 0 {
                // the request is among what the question names, so that the domains have it
                footprint.add_action(&literal(&asked.action.to_lowercase()));
                let fields: Vec<Template> = asked.resource.splitn(6, ':').map(literal).collect();
                footprint.add_resource(&fields);
            }
            let mut fixed: BTreeMap<_, _> = RULES.iter().map(|rule| (*rule, false)).collect();
            fixed.extend(contested(reading).into_iter().map(|rule| (rule, true)));
            let settings =
                Settings { relations: Relations::none(), readings: Readings { fixed, free: false }, stack: false };
            let mut a = Symbolic::new(&catalogue, footprint, settings);
            let Some(pinned) = pin(&mut a, &asked, false) else {
                tally.count("several values of a key of one");
                continue;
            };
            let allowed = document::allows(&mut a, &policy, position);
            let denied = a.not(allowed);
            let frame = a.frame();
            let context = a.all(vec![pinned, frame]);
            let budget = &mut Budget::new(2_000_000);
            let (outcomes, _) = solve_each(&mut a.formulas, context, &[allowed, denied], budget);
            match (answer(&a, &outcomes[0]), answer(&a, &outcomes[1])) {
                (Ok(false), Ok(false)) => tally.count(format!("not in the model ({})", if n == 0 { "unnamed" } else { "named" })),
                (Ok(yes), Ok(no)) if yes != no && yes == expected => tally.count(format!("{expected}")),
                (Err(why), _) | (_, Err(why)) => tally.count(why),
                (yes, no) => tally.wrong(format!(
                    "seed {seed}.{n}, {kind}, {position:?}, {:?}: reference {expected}, allowed {yes:?}, not {no:?}\n{json}\n{shown}",
                    contested(reading)
                )),
            }
        }
    }
    tally.end("reference and symbolic, one request");
}

/// Whether there is a model, or why that is not known.
fn answer(a: &Symbolic<'_>, outcome: &Outcome) -> Result<bool, String> {
    match outcome {
        Outcome::Satisfiable(model) if a.decode(model).opaque.is_empty() => Ok(true),
        Outcome::Satisfiable(model) => Err(format!("opaque: {}", a.decode(model).opaque[0].reason)),
        Outcome::Unsatisfiable => Ok(false),
        Outcome::Unknown(limit, _) => Err(format!("{limit:?}")),
    }
}
