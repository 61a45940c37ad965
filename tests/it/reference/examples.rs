//! The worked examples of the specification (3.3, 6.4, 8.9, appendix A) through the second opinion.

use super::{Decision, Exempt, Readings, Role, allows, evaluate};
use crate::generate::request_for;
use serde_json::{Value, json};

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/ci";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn request(principal: &str, resource: &str) -> Value {
    json!({"principal": principal, "action": "s3:GetObject", "resource": resource,
           "resourceAccount": "111122223333", "context": {}})
}

#[test]
fn resource_examples() {
    let cases = [
        ("arn:aws:s3:::data/*/x", "arn:aws:s3:::data/a/b/x", true, true),
        ("arn:aws:s3:::data/*/x", "arn:aws:s3:::data/x", false, false),
        ("arn:aws:sns:*:111122223333:t?", "arn:aws:sns:eu-west-1:111122223333:t1", true, true),
        ("arn:aws:dynamodb:*:table/p-*", "arn:aws:dynamodb:us-east-1:111122223333:table/p-1", true, false),
        ("arn:aws:iam::*:role/app", "arn:aws:iam::111122223333:role/team/app", false, false),
        (
            "arn:aws:logs:*:*:log-group:/aws/x*",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:log-stream:s",
            true,
            true,
        ),
    ];
    for (pattern, resource, default, other) in cases {
        let policy = document(&json!({"Effect": "Allow", "Action": "*", "Resource": pattern}));
        for (c2, expected) in [(false, default), (true, other)] {
            let readings = Readings { c2, ..Readings::default() };
            let answer = allows(&policy, "identity", &request(ALICE, resource), &readings, Role::UnderTest);
            assert_eq!(answer, expected, "{pattern} {resource} {c2}");
        }
    }
}

/// The table of spec 8.9: identity allow, class, boundary, session policy (`None` absent, `Some(allows)`), same account.
#[test]
fn decision_table() {
    let all = |allow: bool| {
        document(&json!({"Effect": "Allow", "Action": if allow { "*" } else { "ec2:*" }, "Resource": "*"}))
    };
    let foreign = "arn:aws:iam::444455556666:user/bob";
    let cases = [
        (ALICE, true, None, None, None, true),
        (ALICE, true, None, Some(false), None, false),
        (ALICE, false, Some(ALICE), Some(false), None, true),
        (ALICE, false, Some("111122223333"), None, None, false),
        (SESSION, false, Some(ROLE), Some(true), Some(true), true),
        (SESSION, false, Some(ROLE), Some(false), None, false),
        (SESSION, false, Some(ROLE), None, Some(false), false),
        (SESSION, false, Some(SESSION), Some(false), Some(false), true),
        (SESSION, false, Some("*"), Some(false), Some(false), true),
        (SESSION, true, None, None, Some(false), false),
        (foreign, true, Some("444455556666"), None, None, true),
        (foreign, false, Some(foreign), None, None, false),
        (foreign, true, Some(foreign), Some(false), None, false),
        (foreign, true, None, None, None, false),
    ];
    for (caller, identity, named, boundary, session, allowed) in cases {
        let mut stack = json!({});
        if identity {
            stack["identity"] = json!([all(true)]);
        }
        if let Some(name) = named {
            stack["resource"] =
                document(&json!({"Effect": "Allow", "Principal": {"AWS": name}, "Action": "*", "Resource": "*"}));
        }
        if let Some(allow) = boundary {
            stack["boundary"] = all(allow);
        }
        if let Some(allow) = session {
            stack["session"] = all(allow);
        }
        let decision = evaluate(&stack, &request(caller, "arn:aws:s3:::b/x"), &Readings::default());
        let expected = if allowed { Decision::Allowed } else { Decision::ImplicitlyDenied };
        assert_eq!(decision, expected, "{caller} {stack:#}");
    }
}

#[test]
fn not_principal_readings() {
    let judge = |listed: Value, caller: &str, c1: Exempt| {
        let policy = document(&json!([
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"},
        ]));
        let readings = Readings { c1, ..Readings::default() };
        allows(&policy, "resource", &request(caller, "arn:aws:s3:::b/x"), &readings, Role::UnderTest)
    };
    let readings = [Exempt::AnyEntry, Exempt::EveryLevel, Exempt::EveryLevelButSession];
    let all = |listed: Value, caller| readings.map(|c1| judge(listed.clone(), caller, c1));
    assert_eq!(all(json!("111122223333"), ALICE), [true, false, false]);
    assert_eq!(all(json!("111122223333"), "arn:aws:iam::111122223333:root"), [true, true, true]);
    assert_eq!(all(json!([ROLE, "111122223333"]), SESSION), [true, false, true]);
    assert_eq!(all(json!([ROLE, "111122223333", SESSION]), SESSION), [true, true, true]);
    assert_eq!(all(json!([ROLE, "111122223333", SESSION]), "anonymous"), [false, false, false]);
}

fn allow(action: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition})
}

fn deny(condition: &Value) -> Value {
    json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition})
}

/// Appendix A by sampling: a PASS has no counterexample among many aimed requests, a FAIL has one.
#[test]
fn appendix_a() {
    let none = json!({});
    let team = |operator: &str, values: Value| json!({operator: {"aws:PrincipalTag/team": values}});
    let keys = |operator: &str| json!({operator: {"aws:TagKeys": ["a", "b"]}});
    let tls = |value: &str| json!({"Bool": {"aws:SecureTransport": value}});
    let colour = |operator: &str| json!({operator: {"acme:Colour": "red"}});
    let mut present = keys("ForAllValues:StringEquals");
    present["Null"] = json!({"aws:TagKeys": "false"});
    let mut new_deny = colour("StringNotEqualsIfExists");
    new_deny["Null"] = json!({"acme:Colour": "false"});
    let e2 = |resource: &str| json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource});
    let named = |name: &str, condition: &Value| json!({"Effect": "Allow", "Principal": {"AWS": name}, "Action": "s3:GetObject", "Resource": "*", "Condition": condition});
    let is_role = json!({"ArnEquals": {"aws:PrincipalArn": ROLE}});
    let e15 = json!([allow("s3:*", &none), deny(&colour("StringNotEquals"))]);
    let cases = [
        (
            "E1",
            allow("s3:Get*", &none),
            json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetBucketAcl"], "Resource": "*"}),
            true,
        ),
        ("E2", e2("arn:aws:s3:::a/*"), e2("arn:aws:s3:::a*"), false),
        (
            "E3",
            allow("s3:*", &team("StringEquals", json!("x"))),
            allow("s3:*", &team("StringEqualsIfExists", json!("x"))),
            false,
        ),
        (
            "E4",
            allow("s3:*", &team("StringEqualsIfExists", json!("x"))),
            allow("s3:*", &team("StringEquals", json!("x"))),
            true,
        ),
        (
            "E5",
            allow("s3:*", &keys("ForAnyValue:StringEquals")),
            allow("s3:*", &keys("ForAllValues:StringEquals")),
            false,
        ),
        ("E6", allow("s3:*", &keys("ForAnyValue:StringEquals")), allow("s3:*", &present), true),
        ("E7", json!([allow("s3:*", &none), deny(&tls("false"))]), allow("s3:*", &tls("true")), true),
        ("E8", allow("s3:*", &tls("true")), json!([allow("s3:*", &none), deny(&tls("false"))]), false),
        (
            "E9",
            allow("s3:*", &team("StringNotEquals", json!(["a", "b"]))),
            allow("s3:*", &team("StringNotEquals", json!(["a", "b", "c"]))),
            true,
        ),
        (
            "E10",
            allow("s3:*", &team("StringNotEquals", json!(["a", "b", "c"]))),
            allow("s3:*", &team("StringNotEquals", json!(["a", "b"]))),
            false,
        ),
        ("E11", named("111122223333", &none), named(ROLE, &none), true),
        ("E12", named(ROLE, &none), named("111122223333", &none), false),
        ("E13", named(ROLE, &none), named("*", &is_role), true),
        ("E14", allow("*", &none), allow("iam:PassRole", &none), true),
        ("E15", e15.clone(), json!([allow("s3:*", &none), deny(&new_deny)]), false),
        ("E16", e15, allow("s3:*", &colour("StringEquals")), true),
    ];
    for (name, old, new, pass) in cases {
        let kind = if ["E11", "E12", "E13"].contains(&name) { "resource" } else { "identity" };
        let (old, new) = (document(&old), document(&new));
        let violated = (0..400).any(|seed| {
            let request = request_for(seed, &[&old, &new]);
            // Tag keys are never empty (spec 6.5, 14); E6 would not hold otherwise {C8}.
            let empty = request.to_string().contains("\"\"");
            let judge = |document, role| allows(document, kind, &request, &Readings::default(), role);
            !empty && judge(&new, Role::UnderTest) && !judge(&old, Role::Reference)
        });
        assert_eq!(violated, !pass, "{name}");
    }
}
