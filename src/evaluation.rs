//! One concrete request evaluated against a document or a stack, and what decided (spec 8).

use crate::checks::{READINGS, Reading, Side};
use crate::policy::{Effect, Policy};
use crate::request::{CallerKind, Request};
use crate::semantics::authorization::{Decision, Stack, authorize};
use crate::semantics::concrete::Concrete;
use crate::semantics::document::{self, Position};
use crate::semantics::trace::{Line, document_lines, stack_lines};
use crate::semantics::{Algebra, Contested, Field, resource};

/// A request decided, with reasons.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The result.
    pub decision: Decision,
    /// What every statement did, layer by layer.
    pub trace: Vec<Line>,
    /// What decided.
    pub decider: Decider,
    /// Contested rules under whose other reading the result is another one (spec 0.3).
    pub otherwise: Vec<(&'static str, Decision)>,
}

/// What decided a request. Numbers are positions in the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decider {
    /// This Deny applies.
    Denied(usize),
    /// These Allows apply, and nothing stands against them.
    Granted(Vec<usize>),
    /// Allowed whatever the policies say (spec 8.7), or because the caller is the account's root user.
    Always,
    /// Nothing grants it.
    NothingGrants,
    /// The resource is in another account: this side does not allow it, and both must.
    OtherAccount(MissingSide),
    /// Identity policies count for the key or role only where its own policy delegates to the account (spec 8.6).
    NotDelegated,
    /// The policy of the resource only delegates to the account, whose identity policies do not allow it.
    OnlyDelegated,
    /// A federated user has what a session policy passed with it allows, and none is given (spec 8.2).
    NoSessionPolicy,
    /// It is granted, but these layers do not allow it: `boundary`, `session`, `scps`, `endpoint`.
    Limited(Vec<&'static str>),
    /// Refused whatever the policies say (spec 8.7).
    Never,
}

/// The side of a request across accounts that does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingSide {
    /// The caller's identity policies.
    Identity,
    /// The policy of the resource.
    Resource,
}

/// Decides a request under the fixed readings; rules that are not fixed are read by default.
pub fn evaluate(side: Side<'_>, request: &Request, reading: &Reading) -> Evaluation {
    let fixed: Vec<Contested> = reading.fixed.iter().filter(|(_, other)| **other).map(|(rule, _)| *rule).collect();
    let concrete = || Concrete::new(request).with_readings(fixed.iter().copied());
    let decision = decide(side, concrete());
    let trace = match side {
        Side::Document(policy) => document_lines(concrete(), policy, Position::UnderTest),
        Side::Stack(stack) => stack_lines(concrete(), stack, Position::UnderTest).1,
    };
    let case = side.documents().into_iter().any(resource::exercises_case);
    let exercised = |rule: &Contested| *rule != Contested::C12 || case;
    let free = READINGS.iter().filter(|(_, rule)| !reading.fixed.contains_key(rule) && exercised(rule));
    let otherwise = free.filter_map(|(name, rule)| {
        let other = decide(side, concrete().with_readings([*rule]));
        (other != decision).then_some((*name, other))
    });
    let otherwise = otherwise.collect();
    let decider = match side {
        Side::Document(_) => decider_of_document(decision, &trace),
        Side::Stack(stack) => decider_of_stack(stack, decision, &trace, &concrete()),
    };
    Evaluation { decision, trace, decider, otherwise }
}

fn decide(side: Side<'_>, mut concrete: Concrete<'_>) -> Decision {
    match side {
        Side::Document(policy) => decide_document(&mut concrete, policy),
        Side::Stack(stack) => authorize(&mut concrete, stack, Position::UnderTest).decision(),
    }
}

/// One document by itself (spec 10.1).
fn decide_document(concrete: &mut Concrete<'_>, policy: &Policy) -> Decision {
    if document::deny(concrete, policy, Position::UnderTest) {
        Decision::ExplicitlyDenied
    } else if document::allow(concrete, policy, Position::UnderTest) {
        Decision::Allowed
    } else {
        Decision::ImplicitlyDenied
    }
}

/// Lines that apply, with this effect, in layers whose names begin so.
fn matched<'t>(trace: &'t [Line], effect: Effect, layers: &'t [&'t str]) -> impl Iterator<Item = usize> + 't {
    let lines = trace.iter().enumerate().filter(move |(_, line)| line.matched && line.effect == effect);
    lines.filter(|(_, line)| layers.iter().any(|layer| line.layer.starts_with(layer))).map(|(at, _)| at)
}

fn decider_of_document(decision: Decision, trace: &[Line]) -> Decider {
    let first = matched(trace, Effect::Deny, &["policy"]).next();
    match (decision, first) {
        (Decision::ExplicitlyDenied, Some(deny)) => Decider::Denied(deny),
        (Decision::Allowed, _) => granted(trace, &["policy"]),
        (Decision::ExplicitlyDenied | Decision::ImplicitlyDenied, _) => Decider::NothingGrants,
    }
}

fn granted(trace: &[Line], layers: &[&str]) -> Decider {
    let grants: Vec<usize> = matched(trace, Effect::Allow, layers).collect();
    if grants.is_empty() { Decider::Always } else { Decider::Granted(grants) }
}

fn decider_of_stack(stack: &Stack, decision: Decision, trace: &[Line], concrete: &Concrete<'_>) -> Decider {
    match decision {
        Decision::Allowed => granted(trace, &["identity", "resource"]),
        Decision::ExplicitlyDenied => {
            matched(trace, Effect::Deny, &[""]).next().map_or(Decider::Never, Decider::Denied)
        }
        Decision::ImplicitlyDenied => {
            let limits = limits(stack, concrete);
            if limits.is_empty() { ungranted(stack, trace, &mut concrete.clone()) } else { Decider::Limited(limits) }
        }
    }
}

/// The layers that only restrict, each with what is left when it is the only one of them.
fn restrictions(stack: &Stack) -> Vec<(&'static str, Stack)> {
    let without = Stack {
        boundary: None,
        session: Vec::new(),
        scps: Vec::new(),
        rcps: Vec::new(),
        endpoint: None,
        ..stack.clone()
    };
    vec![
        ("", without.clone()),
        ("boundary", Stack { boundary: stack.boundary.clone(), ..without.clone() }),
        ("session", Stack { session: stack.session.clone(), ..without.clone() }),
        ("scps", Stack { scps: stack.scps.clone(), ..without.clone() }),
        ("endpoint", Stack { endpoint: stack.endpoint.clone(), ..without }),
    ]
}

/// The restricting layers that keep out what is granted without them; none if it is not granted.
fn limits(stack: &Stack, concrete: &Concrete<'_>) -> Vec<&'static str> {
    // a federated user has nothing without session policies, so this layer does not only restrict
    let federated = concrete.request().principal.kind() == CallerKind::FederatedUser && !stack.session.is_empty();
    let concrete = if federated { concrete.clone().with_unlisted_session_policy() } else { concrete.clone() };
    let allows =
        |stack: &Stack| authorize(&mut concrete.clone(), stack, Position::UnderTest).decision() == Decision::Allowed;
    let mut restrictions = restrictions(stack).into_iter();
    if !restrictions.next().is_some_and(|(_, without)| allows(&without)) {
        return Vec::new();
    }
    restrictions.filter(|(_, only)| !allows(only)).map(|(name, _)| name).collect()
}

/// Why nothing grants it.
fn ungranted(stack: &Stack, trace: &[Line], concrete: &mut Concrete<'_>) -> Decider {
    let allowed = |layer| matched(trace, Effect::Allow, &[layer]).next().is_some();
    let (identity, resource) = (allowed("identity"), allowed("resource"));
    let kind = concrete.request().principal.kind();
    let owned = concrete.request().principal.account().is_some();
    let same = concrete.same_account();
    let action = concrete.field(Field::Action).text();
    match (identity, resource) {
        _ if kind == CallerKind::FederatedUser && identity && stack.session.is_empty() => Decider::NoSessionPolicy,
        (false, false) => Decider::NothingGrants,
        (true, false) if owned && !same => Decider::OtherAccount(MissingSide::Resource),
        (false, true) if owned && !same => Decider::OtherAccount(MissingSide::Identity),
        (true, false) if action.starts_with("kms:") || action.starts_with("sts:") => Decider::NotDelegated,
        (false, true) => Decider::OnlyDelegated,
        (true, _) => Decider::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::read::ReadOptions;
    use crate::source::Sources;
    use crate::stack::{Document, read};
    use serde_json::json;

    fn allow(action: &str) -> serde_json::Value {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})
    }

    fn trusting(principal: &str, action: &str) -> serde_json::Value {
        json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}})
    }

    fn evaluated(stack: &serde_json::Value, principal: &str, action: &str, resource: &str) -> Evaluation {
        let mut sources = Sources::default();
        let outcome = read(&mut sources, "stack.json", stack.to_string().as_bytes(), &ReadOptions::default());
        let document = outcome.document.unwrap_or_else(|| panic!("{:?}", outcome.diagnostics));
        assert!(matches!(document, Document::Stack(_)));
        let request = json!({"principal": principal, "action": action, "resource": resource});
        evaluate(document.side(), &Request::from_json(&request).unwrap(), &Reading::default())
    }

    const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

    #[test]
    fn who_decided_is_named() {
        let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
        let foreign = "arn:aws:sqs:eu-west-1:444455556666:q";
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
        let rows = [
            (json!({"identity": [allow("sqs:*")]}), queue, Decider::Granted(vec![0])),
            (json!({"identity": [allow("s3:*")]}), queue, Decider::NothingGrants),
            (
                json!({"identity": [allow("sqs:*")], "boundary": allow("s3:*")}),
                queue,
                Decider::Limited(vec!["boundary"]),
            ),
            (
                json!({"identity": [allow("sqs:*")], "boundary": allow("s3:*"), "scps": [[allow("*")], []]}),
                queue,
                Decider::Limited(vec!["boundary", "scps"]),
            ),
            (json!({"identity": [allow("sqs:*")]}), foreign, Decider::OtherAccount(MissingSide::Resource)),
            (
                json!({"resource": trusting("111122223333", "sqs:SendMessage")}),
                foreign,
                Decider::OtherAccount(MissingSide::Identity),
            ),
            (json!({"resource": trusting("111122223333", "sqs:SendMessage")}), queue, Decider::OnlyDelegated),
        ];
        for (stack, resource, expected) in rows {
            let found = evaluated(&stack, ALICE, "sqs:SendMessage", resource);
            assert_eq!(found.decider, expected, "{stack}");
        }
        let kms = evaluated(&json!({"identity": [allow("kms:*")]}), ALICE, "kms:Decrypt", key);
        assert_eq!((kms.decision, kms.decider), (Decision::ImplicitlyDenied, Decider::NotDelegated));
        let own_name = evaluated(&json!({"identity": []}), ALICE, "sts:GetCallerIdentity", "*");
        assert_eq!((own_name.decision, own_name.decider), (Decision::Allowed, Decider::Always));
        let federated = evaluated(
            &json!({"identity": [allow("sqs:*")]}),
            "arn:aws:sts::111122223333:federated-user/bob",
            "sqs:SendMessage",
            queue,
        );
        assert_eq!(federated.decider, Decider::NoSessionPolicy);
    }

    #[test]
    fn a_deny_decides_wherever_it_stands() {
        let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}});
        let stack = json!({"identity": [allow("s3:*")], "scps": [[allow("*"), deny]]});
        let found = evaluated(&stack, ALICE, "s3:GetObject", "arn:aws:s3:::b/k");
        assert_eq!((found.decision, found.decider), (Decision::ExplicitlyDenied, Decider::Denied(2)));
    }
}
