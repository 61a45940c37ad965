//! Snapshots: what is read, and what is said to be lacking.

use super::{Lack, Role, Snapshot, Sort};
use crate::policy::Kind;
use crate::policy::read::ReadOptions;
use crate::source::Sources;

fn read(text: &str) -> Snapshot {
    Snapshot::read(&mut Sources::default(), "account.json", text.as_bytes(), &ReadOptions::default())
}

const DOCUMENT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

fn trust() -> String {
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
        .to_owned()
}

/// Percent-encodes as the service does.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn account(roles: &str, groups: &str, users: &str, policies: &str) -> String {
    format!(
        r#"{{"RoleDetailList":[{roles}],"GroupDetailList":[{groups}],"UserDetailList":[{users}],"Policies":[{policies}],"IsTruncated":false}}"#
    )
}

fn managed(arn: &str, document: &str) -> String {
    format!(
        r#"{{"PolicyName":"p","Arn":"{arn}","DefaultVersionId":"v2","PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":false,"Document":{{}}}},{{"VersionId":"v2","IsDefaultVersion":true,"Document":{document}}}]}}"#
    )
}

#[test]
fn documents_are_objects_or_texts_url_encoded() {
    let trust = encoded(&trust());
    let role = format!(
        r#"{{"Arn":"arn:aws:iam::111122223333:role/app","RoleName":"app","AssumeRolePolicyDocument":"{trust}","RolePolicyList":[{{"PolicyName":"in","PolicyDocument":"{}"}},{{"PolicyName":"two","PolicyDocument":{DOCUMENT}}}]}}"#,
        encoded(DOCUMENT)
    );
    let snapshot = read(&account(&role, "", "", ""));
    assert!(snapshot.missing.is_empty() && snapshot.diagnostics.is_empty(), "{:?}", snapshot.missing);
    let addresses: Vec<&str> = snapshot.policies.iter().map(|found| found.address.as_str()).collect();
    let role = "arn:aws:iam::111122223333:role/app";
    let expected =
        ["RolePolicyList.0", "RolePolicyList.1", "AssumeRolePolicyDocument"].map(|rest| format!("{role}.{rest}"));
    assert_eq!(addresses, expected);
    assert!(snapshot.policies.iter().all(|found| found.policy.is_some()));
    assert_eq!(snapshot.policies[2].kind, Kind::Trust);
    let stack = snapshot.stack_of(&snapshot.entities[0]);
    assert_eq!((stack.identity.len(), stack.boundary.is_none()), (2, true));
    assert!(snapshot.trust_of(&snapshot.entities[0]).is_some());
}

#[test]
fn managed_policies_and_boundaries_are_joined_by_arn() {
    let own = "arn:aws:iam::111122223333:policy/p";
    let role = format!(
        r#"{{"Arn":"arn:aws:iam::111122223333:role/app","RoleName":"app","AssumeRolePolicyDocument":{},"RolePolicyList":[],"AttachedManagedPolicies":[{{"PolicyName":"p","PolicyArn":"{own}"}}],"PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"{own}"}}}}"#,
        trust()
    );
    let snapshot = read(&account(&role, "", "", &managed(own, DOCUMENT)));
    let roles: Vec<Role> = snapshot.policies[0].attached_to.iter().map(|held| held.role).collect();
    assert_eq!(roles, [Role::Identity, Role::Boundary]);
    let stack = snapshot.stack_of(&snapshot.entities[0]);
    assert_eq!(stack.boundary.unwrap().kind, Kind::Boundary);
    assert!(snapshot.missing.is_empty());
}

#[test]
fn a_user_has_the_policies_of_its_groups_and_their_gaps() {
    let group = format!(
        r#"{{"Arn":"arn:aws:iam::111122223333:group/dev","GroupName":"dev","GroupPolicyList":[{{"PolicyName":"g","PolicyDocument":{DOCUMENT}}}],"AttachedManagedPolicies":[{{"PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}]}}"#
    );
    let user = r#"{"Arn":"arn:aws:iam::111122223333:user/ann","UserName":"ann","GroupList":["dev","ops"]}"#;
    let snapshot = read(&account("", &group, user, ""));
    let ann = snapshot.entities.iter().find(|entity| entity.sort == Sort::User).unwrap();
    assert_eq!(ann.identity.len(), 1);
    let lacks: Vec<&Lack> = snapshot.missing_of(ann).map(|missing| &missing.lack).collect();
    let expected =
        [Lack::ManagedPolicy("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()), Lack::Group("ops".to_owned())];
    assert_eq!(lacks, expected.iter().collect::<Vec<_>>());
}

#[test]
fn everything_that_is_missing_is_named() {
    let role = r#"{"Arn":"arn:aws:iam::111122223333:role/app","RoleName":"app","Fancy":1,"RolePolicyList":[{"PolicyName":"x"}],"PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/gone"}}"#;
    let undefaulted = r#"{"Arn":"arn:aws:iam::111122223333:policy/v","PolicyVersionList":[]}"#;
    let text = account(role, "", "", undefaulted).replace("\"IsTruncated\":false", "\"IsTruncated\":true,\"Extra\":[]");
    let snapshot = read(&text);
    let said: Vec<String> =
        snapshot.missing.iter().map(|missing| format!("{}: {}", missing.address, missing.lack.in_words())).collect();
    for part in [
        ": the answer is truncated",
        ": `Extra` is not a known member",
        "policy/v: no version",
        "role/app: `Fancy`",
        "role/app.RolePolicyList.0: `PolicyDocument`",
        "role/app.PermissionsBoundary: the permissions boundary",
        "role/app.AssumeRolePolicyDocument: `AssumeRolePolicyDocument`",
    ] {
        assert!(said.iter().any(|line| line.contains(part)), "{part} is not in {said:#?}");
    }
    assert_eq!(said.len(), 7, "{said:#?}");
}

#[test]
fn other_texts_are_no_snapshots() {
    for text in ["[]", "{}", DOCUMENT, "nonsense", r#"{"RoleDetailList":1}"#] {
        assert!(!read(text).diagnostics.is_empty(), "{text}");
    }
    let unreadable = r#"{"Arn":"arn:aws:iam::111122223333:role/app","AssumeRolePolicyDocument":"nonsense"}"#;
    let snapshot = read(&account(unreadable, "", "", ""));
    assert_eq!(snapshot.missing[0].lack, Lack::Unreadable);
    assert!(!snapshot.policies[0].diagnostics.is_empty());
    let twice = r#"{"Arn":"arn:aws:iam::1:group/g","GroupName":"g"}"#;
    assert_eq!(read(&account("", &format!("{twice},{twice}"), "", "")).missing[0].lack, Lack::Twice);
}
