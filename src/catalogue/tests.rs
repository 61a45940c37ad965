//! Tests of the catalogue: the embedded data, the tables written by hand, and users' own texts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeSet;
use std::io::Read;

use super::lists::{self, ACTIONS_WITHOUT_RESOURCE_KEYS, RCP_SERVICES, SESSION_ONLY_KEYS};
use super::*;

const SMALL: &str = "keyaki-catalogue 1\n# ours\n@a.example\n%S a.example:sub\n@zoo\n%S* :Animals\n%S :Cage/$\n+0|0* 1\n+\n\
                     =cage;~cage:{Id};0-1\n>1\nFeed\nVisit 1\n";

fn problem(text: &str) -> (usize, Problem) {
    let error = Catalogue::parse(text).unwrap_err();
    assert!(error.to_string().starts_with(&format!("line {}: ", error.line)));
    (error.line, error.problem)
}

#[test]
fn embedded_text_is_small_and_valid() {
    assert!(EMBEDDED.len() < 750_000, "{} bytes", EMBEDDED.len());
    if let Err(error) = Catalogue::parse(EMBEDDED) {
        panic!("{error}");
    }
}

#[test]
fn embedded_copies_nothing() {
    assert!(matches!(Catalogue::embedded().text, Cow::Borrowed(text) if std::ptr::eq(text, EMBEDDED)));
}

#[test]
fn every_section_and_action_is_found_by_its_name() {
    let catalogue = Catalogue::embedded();
    let (mut services, mut actions) = (0, 0);
    for service in catalogue.services() {
        assert!(catalogue.knows_service(service), "{service}");
        services += 1;
        for action in catalogue.actions(service) {
            let found = catalogue.action(&action.name().to_ascii_lowercase()).map(|found| found.name());
            assert_eq!(found, Some(action.name()));
            actions += 1;
        }
    }
    println!("{services} services, {actions} actions, {} bytes", EMBEDDED.len());
    assert!(services > 400 && actions > 20_000);
}

#[test]
fn support_of_every_action_can_be_read() {
    let catalogue = Catalogue::embedded();
    for service in catalogue.services() {
        for action in catalogue.actions(service).step_by(7) {
            for supported in action.resource_types() {
                assert!(supported.resource.arn_glob().starts_with("arn:*:"), "{action}");
                assert!(supported.condition_keys().iter().all(|key| key.contains(':')), "{action}");
            }
        }
    }
}

#[test]
fn actions_have_proper_capitals() {
    let catalogue = Catalogue::embedded();
    assert_eq!(catalogue.action("s3:getobject").map(|a| a.name()).as_deref(), Some("s3:GetObject"));
    assert_eq!(catalogue.action("iam:passrole").map(|a| a.short_name()), Some("PassRole"));
    assert_eq!(catalogue.action("s3:getobjec").map(|a| a.name()), None);
    assert_eq!(catalogue.action("s3:").map(|a| a.name()), None);
    assert_eq!(catalogue.action("nosuch:getobject").map(|a| a.name()), None);
    assert_eq!(catalogue.action("s3").map(|a| a.name()), None);
    assert!(!catalogue.knows_service("saml"), "a family of keys is no service");
    assert!(!catalogue.knows_service("") && !catalogue.knows_service("zzz") && !catalogue.knows_service("@"));
}

#[test]
fn actions_know_their_resources_and_keys() {
    let catalogue = Catalogue::embedded();
    let put = catalogue.action("s3:putobject").expect("known");
    let types: Vec<&str> = put.resource_types().iter().map(|t| t.resource.name()).collect();
    assert!(types.contains(&"object") && !types.contains(&"bucket"), "{types:?}");
    assert!(put.supports_key("s3:X-Amz-Acl") && put.supports_key("s3:RequestObjectTag/team"));
    assert!(put.supports_key("aws:SourceIp") && !put.supports_key("s3:prefix") && !put.supports_key("kms:ViaService"));
    let list = catalogue.action("ec2:describeinstances").expect("known");
    assert_eq!(list.resource_types().len(), 0);
    let run = catalogue.action("ec2:runinstances").expect("known");
    assert!(run.resource_types().iter().any(|t| t.required && t.resource.name() == "instance"));
    let bucket = catalogue.resource_formats("s3").find(|t| t.name() == "bucket").expect("known");
    assert_eq!(bucket.arn_format(), "arn:${Partition}:s3:::${BucketName}");
    assert_eq!(bucket.arn_glob(), "arn:*:s3:::*");
    let queue = catalogue.resource_formats("sqs").next().expect("known");
    assert_eq!(queue.arn_format(), "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}");
}

/// The numbers of spec 3.2; ours may be larger.
#[test]
fn colon_budgets_are_those_of_the_specification() {
    let one = "backup batch cloudformation cloudwatch codebuild codedeploy codepipeline connect detective devicefarm dms ecs \
               elasticache glue kinesis license-manager medialive payments rds-db secretsmanager synthetics wisdom sns \
               cognito-identity";
    let two = "autoscaling lambda mq rds dynamodb bedrock redshift ssm";
    let three = "codeguru-reviewer logs states";
    let rest = [("mediaconnect", 4), ("apigateway", 5), ("greengrass", 6), ("lex", 7)];
    let zero = ["ec2", "sqs", "kms", "ecr", "elasticfilesystem"];
    let catalogue = Catalogue::embedded();
    let listed = [(one, 1), (two, 2), (three, 3)]
        .into_iter()
        .flat_map(|(names, n)| names.split_whitespace().map(move |s| (s, n)));
    for (service, number) in listed.chain(rest) {
        assert_eq!(catalogue.resource_colons(service), Colons::AtMost(number), "{service}");
    }
    for service in zero {
        assert_eq!(catalogue.resource_colons(service), Colons::AtMost(0), "{service}");
    }
    for service in ["s3", "iam", "nosuch", "account-without-formats"] {
        assert_eq!(catalogue.resource_colons(service), Colons::Unlimited, "{service}");
    }
    assert_eq!(catalogue.free_text_resources("ec2"), ["key-pair/"]);
    assert!(catalogue.free_text_resources("sqs").is_empty());
    let none = catalogue.services().filter(|s| catalogue.resource_colons(s) == Colons::AtMost(0)).count();
    println!("{none} services without colons (spec 3.2 counts 323)");
}

#[test]
fn corrections_say_something() {
    let catalogue = Catalogue::embedded();
    for (service, corrected, reason) in corrections::CORRECTIONS {
        assert!(catalogue.resource_colons(service) >= *corrected && reason.contains(':'), "{service}");
        assert!(catalogue.resource_formats(service).count() > 0, "{service}: unlimited anyway");
    }
    assert!(corrections::CORRECTIONS.is_sorted_by_key(|entry| entry.0));
    assert!(corrections::FREE_TEXT.is_sorted_by_key(|entry| entry.0));
}

/// Service keys with the types of spec 7.2, as `service: name type, ...`.
const SERVICE_KEYS: &str = "\
s3: prefix S, delimiter S, max-keys N, versionid S, x-amz-acl S, x-amz-copy-source S, x-amz-server-side-encryption S, \
x-amz-server-side-encryption-aws-kms-key-id A, authType S, signatureversion S, signatureAge N, TlsVersion N, \
locationconstraint S, ExistingObjectTag/k S, RequestObjectTag/k S, RequestObjectTagKeys S*, BucketTag/k S, \
DataAccessPointArn A, DataAccessPointAccount S, AccessPointNetworkOrigin S, ResourceAccount S
iam: PassedToService S, AssociatedResourceArn A, PermissionsBoundary A, PolicyARN A, AWSServiceName S, ResourceTag/k S
sts: ExternalId S, RoleSessionName S, SourceIdentity S, TransitiveTagKeys S*, DurationSeconds N, RequestContext/k S, \
RequestContextProviders A*, AWSServiceName S
kms: ViaService S, CallerAccount S, GrantIsForAWSResource B, GrantOperations S*, EncryptionContext:k S, \
EncryptionContextKeys S*, ResourceAliases S*, RequestAlias S, KeySpec S, KeyUsage S, KeyOrigin S, MultiRegion B, ValidTo D, \
BypassPolicyLockoutSafetyCheck B
ec2: ResourceTag/k S, InstanceType S, Region S, Vpc A, Subnet A, Owner S, CreateAction S, InstanceProfile A, RoleDelivery N, \
SourceInstanceArn A
dynamodb: LeadingKeys S*, Attributes S*, Select S
lambda: FunctionArn A, Principal S, FunctionUrlAuthType S, SourceFunctionArn A
sns: Endpoint S, Protocol S
secretsmanager: ResourceTag/k S, Name S, SecretId A, VersionStage S
events: source S*, detail-type S*, ManagedBy S
glue: RoleAssumedBy S, CredentialIssuingService S
codebuild: BuildArn A, ProjectArn A
ssm: SourceInstanceArn A
identitystore: UserId S
saml: aud S, sub S, iss S, edupersonaffiliation S*
accounts.google.com: aud S
graph.facebook.com: app_id S
www.amazon.com: app_id S
cognito-identity.amazonaws.com: aud S, sub S, amr S*
token.actions.githubusercontent.com: sub S, aud S, repository S
oidc.eks.eu-west-1.amazonaws.com/id/E0123: sub S, aud S";

fn letters(facts: &KeyFacts) -> String {
    let letter = match facts.key_type {
        KeyType::String => "S",
        KeyType::Arn => "A",
        KeyType::Bool => "B",
        KeyType::Numeric => "N",
        KeyType::Date => "D",
        KeyType::Ip => "I",
        KeyType::Binary => "X",
    };
    format!("{letter}{}", if facts.multivalued { "*" } else { "" })
}

#[test]
fn service_keys_have_the_types_of_the_specification() {
    let catalogue = Catalogue::embedded();
    for line in SERVICE_KEYS.lines() {
        let (service, keys) = line.split_once(": ").expect("form");
        for key in keys.split(", ") {
            let (name, expected) = key.split_once(' ').expect("form");
            let facts = catalogue.key(&format!("{service}:{name}").to_ascii_lowercase());
            assert!(facts.known, "{service}:{name}");
            assert_eq!(letters(&facts), expected, "{service}:{name}");
        }
    }
}

#[test]
fn global_keys_have_the_types_of_the_specification() {
    let expected = "PrincipalArn A, PrincipalAccount S, PrincipalOrgID S, PrincipalOrgPaths S*, PrincipalTag/k S, \
                    PrincipalIsAWSService B, PrincipalServiceName S, PrincipalServiceNamesList S*, PrincipalType S, userid S, \
                    username S, AssumedRoot B, FederatedProvider S, TokenIssueTime D, SignInSessionArn A, MultiFactorAuthAge N, \
                    MultiFactorAuthPresent B, ChatbotSourceArn A, Ec2InstanceSourceVpc S, Ec2InstanceSourcePrivateIPv4 I, \
                    SourceIdentity S, SourceIp I, SourceVpc S, SourceVpce S, SourceVpcArn A, VpceAccount S, VpceOrgID S, \
                    VpceOrgPaths S*, VpcSourceIp I, ResourceAccount S, ResourceOrgID S, ResourceOrgPaths S*, ResourceTag/k S, \
                    CalledVia S*, CalledViaFirst S, CalledViaLast S, CalledViaAWSMCP S, ViaAWSMCPService B, \
                    IsMcpServiceAction B, ViaAWSService B, CurrentTime D, EpochTime D, referer S, RequestedRegion S, \
                    RequestTag/k S, TagKeys S*, SecureTransport B, SourceAccount S, SourceArn A, SourceOrgID S, \
                    SourceOrgPaths S*, SourceOwner S, UserAgent S";
    let catalogue = Catalogue::embedded();
    for key in expected.split(", ") {
        let (name, expected) = key.split_once(' ').expect("form");
        let facts = catalogue.key(&format!("aws:{name}").to_ascii_lowercase());
        assert!(facts.known, "{name}");
        assert_eq!((letters(&facts).as_str(), facts.spelling.as_str()), (expected, format!("aws:{name}").as_str()));
    }
}

#[test]
fn keys_are_spelled_with_the_part_of_the_user() {
    let catalogue = Catalogue::embedded();
    let spelling = |name: &str| catalogue.key(name).spelling;
    assert_eq!(spelling("AWS:principaltag/Team"), "aws:PrincipalTag/Team");
    assert_eq!(spelling("aws:principaltag/datazone:userId"), "aws:PrincipalTag/datazone:userId");
    assert_eq!(spelling("kms:encryptioncontext:aws:x"), "kms:EncryptionContext:aws:x");
    assert_eq!(
        spelling("codebuild:environment.environmentvariables/path.value"),
        "codebuild:environment.environmentVariables/path.value"
    );
    assert_eq!(spelling("ssm:resourcetag/aws:ssmmessages:session-id"), "ssm:resourceTag/aws:ssmmessages:session-id");
    assert_eq!(spelling("aws:principaltag/名前"), "aws:PrincipalTag/名前");
}

#[test]
fn unlisted_keys_are_free_texts() {
    let catalogue = Catalogue::embedded();
    for name in [
        "aws:arn",
        "aws:nosuch",
        "s3:nosuch",
        "nosuch",
        "",
        ":",
        "aws:requesttag/",
        "aws:requesttag",
        "saml:nosuch",
        "é:x",
    ] {
        let facts = catalogue.key(name);
        assert!(!facts.known && facts.may_be_empty && !facts.multivalued, "{name}");
        assert_eq!((facts.key_type, facts.domain, facts.spelling.as_str()), (KeyType::String, KeyDomain::Text, name));
    }
}

#[test]
fn domains_and_empty_values_follow_rule_6_5_14() {
    let catalogue = Catalogue::embedded();
    let domain = |name: &str| catalogue.key(name).domain;
    assert_eq!(domain("aws:principalaccount"), KeyDomain::CallerAccount);
    assert_eq!(domain("kms:calleraccount"), KeyDomain::AccountId);
    assert_eq!(domain("aws:resourceorgpaths"), KeyDomain::OrgPath);
    assert_eq!(domain("aws:sourcevpce"), KeyDomain::VpceId);
    assert_eq!(domain("aws:epochtime"), KeyDomain::EpochSeconds);
    assert!(!domain("aws:requestedregion").binds() && domain("aws:sourceip").binds());
    let empty = |name: &str| catalogue.key(name).may_be_empty;
    for name in [
        "aws:requesttag/a",
        "s3:existingobjecttag/a",
        "rds:req-tag/a",
        "s3:prefix",
        "s3:delimiter",
        "aws:referer",
        "aws:useragent",
    ] {
        assert!(empty(name), "{name}");
    }
    for name in ["aws:username", "aws:tagkeys", "s3:versionid", "aws:sourcevpc", "kms:encryptioncontext:a"] {
        assert!(!empty(name), "{name}");
    }
}

#[test]
fn lists_are_in_order_and_about_known_things() {
    let catalogue = Catalogue::embedded();
    assert!(SESSION_ONLY_KEYS.is_sorted() && RCP_SERVICES.is_sorted() && ACTIONS_WITHOUT_RESOURCE_KEYS.is_sorted());
    assert_eq!((SESSION_ONLY_KEYS.len(), RCP_SERVICES.len()), (14, 62));
    assert!(SESSION_ONLY_KEYS.iter().all(|key| catalogue.key(key).known));
    for action in ACTIONS_WITHOUT_RESOURCE_KEYS {
        assert!(catalogue.action(action).is_some(), "{action}");
    }
    assert!(lists::is_under_rcp("s3") && !lists::is_under_rcp("ec2"));
    assert!(lists::is_session_only("glue:RoleAssumedBy") && !lists::is_session_only("glue:VpcIds"));
    assert!(lists::lacks_resource_keys("ebs:getsnapshotblock") && lists::lacks_resource_keys("ec2:copysnapshot"));
    assert!(!lists::lacks_resource_keys("ec2:runinstances"));
}

#[test]
fn a_text_of_the_user_replaces_the_data() {
    let catalogue = Catalogue::parse(SMALL).expect("valid");
    assert_eq!(catalogue.services().collect::<Vec<_>>(), ["zoo"]);
    assert_eq!(catalogue.actions("zoo").map(|a| a.name()).collect::<Vec<_>>(), ["zoo:Feed", "zoo:Visit"]);
    assert_eq!(catalogue.resource_colons("zoo"), Colons::AtMost(1));
    assert_eq!(catalogue.resource_colons("sqs"), Colons::Unlimited);
    assert_eq!(catalogue.resource_colons("dynamodb"), Colons::Unlimited, "a correction is no knowledge of a service");
    let feed = catalogue.action("zoo:feed").expect("known");
    assert_eq!(feed.condition_keys(), ["zoo:Animals", "zoo:Cage/$"]);
    assert_eq!(catalogue.key("zoo:cage/Lion").spelling, "zoo:Cage/Lion");
    assert!(catalogue.key("aws:sourceip").known && !catalogue.key("s3:prefix").known);
}

#[test]
fn broken_texts_are_refused_with_the_line() {
    let change = |from: &str, to: &str| problem(&SMALL.replacen(from, to, 1));
    assert_eq!(problem(""), (1, Problem::Header));
    assert_eq!(problem("keyaki-catalogue 2\n"), (1, Problem::Header));
    assert_eq!(problem("keyaki-catalogue 1\n"), (2, Problem::Empty));
    assert_eq!(problem("keyaki-catalogue 1\n@a\n"), (3, Problem::Empty));
    assert_eq!(problem("keyaki-catalogue 1\nFeed\n"), (2, Problem::Place));
    assert_eq!(problem(&format!("{}x", " ".repeat(17 << 20))), (1, Problem::TooLarge));
    assert_eq!(change("Feed", "Fêed"), (12, Problem::Character));
    assert_eq!(change("\n", "\r\n"), (1, Problem::Character));
    assert_eq!(change("Feed", "&Feed"), (12, Problem::Kind));
    assert_eq!(change("Feed\n", "\n"), (12, Problem::Kind));
    assert_eq!(change("Feed", "Feed the lions"), (12, Problem::Form));
    assert_eq!(change("%S*", "%Q*"), (6, Problem::Form));
    assert_eq!(change(":Animals", "Animals"), (6, Problem::Form));
    assert_eq!(change("@zoo", "@Zoo"), (5, Problem::Form));
    assert_eq!(change(">1", ">-1"), (11, Problem::Form));
    assert_eq!(change("=cage;~cage:{Id};0-1", "=cage;zoo:x;"), (10, Problem::Form));
    assert_eq!(change(">1\nFeed", "Feed\n>1"), (12, Problem::Place));
    assert_eq!(change("Visit", "Eat"), (13, Problem::Order));
    assert_eq!(change("Visit", "FEED"), (13, Problem::Order));
    assert_eq!(change("@a.example", "@zzz"), (5, Problem::Order));
    assert_eq!(change("Visit 1", "Visit 2"), (13, Problem::Reference));
    assert_eq!(change("+0|", "+2|"), (8, Problem::Reference));
    assert_eq!(change("+0|", "+1-0|"), (8, Problem::Reference));
    assert_eq!(change("|0* 1", "|1* 1"), (14, Problem::Reference));
    assert_eq!(change("|0* 1", "|99999999999999999999 1"), (8, Problem::Form));
    assert_eq!(change(">1\n", ""), (13, Problem::Colons));
    assert_eq!(change(">1\n", ">0\n"), (14, Problem::Colons));
}

/// Literal actions of the AWS-managed policies, in lower case; `None` if the corpus is not there.
fn managed_actions() -> Option<BTreeSet<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/managed-policies.jsonl.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).ok()?).read_to_string(&mut text).expect("text");
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let statements = as_list(&record["document"]["Statement"]);
        let entries: Vec<_> =
            statements.iter().flat_map(|s| [&s["Action"], &s["NotAction"]]).flat_map(as_list).collect();
        let names = entries.iter().filter_map(|entry| entry.as_str()).filter(|name| !name.contains(['*', '?']));
        found.extend(names.map(str::to_ascii_lowercase));
    }
    Some(found)
}

fn as_list(value: &serde_json::Value) -> Vec<serde_json::Value> {
    match value {
        serde_json::Value::Array(items) => items.clone(),
        serde_json::Value::Null => Vec::new(),
        other => vec![other.clone()],
    }
}

#[test]
fn most_actions_of_managed_policies_are_known() {
    let Some(actions) = managed_actions() else {
        println!("not run: ../shared/data/managed-policies.jsonl.gz is absent");
        return;
    };
    let catalogue = Catalogue::embedded();
    let unknown: Vec<&String> = actions.iter().filter(|name| catalogue.action(name).is_none()).collect();
    let services: BTreeSet<&str> = unknown.iter().filter_map(|name| name.split(':').next()).collect();
    println!("{} of {} literal actions known", actions.len() - unknown.len(), actions.len());
    println!("services of the others: {services:?}");
    assert!(unknown.len() * 10 < actions.len());
}

#[test]
fn damaged_texts_never_panic() {
    let pieces = ["", "\n", "@", "%", "+", "=", ">", " ", "|", ";", ":", "$", "{", "}", "~", "0", "9-", "*", "A", "é"];
    let mut accepted = 0;
    for at in 0..=SMALL.len() {
        for piece in pieces {
            for cut in [0, 2] {
                let end = (at + cut).min(SMALL.len());
                let text = [&SMALL[..at], piece, &SMALL[end..]].concat();
                if let Ok(catalogue) = Catalogue::parse(&text) {
                    accepted += 1;
                    use_everything(&catalogue);
                }
            }
        }
    }
    println!("{accepted} damaged texts were still catalogues");
    assert!(accepted > 0);
}

fn use_everything(catalogue: &Catalogue) {
    for service in catalogue.services() {
        for action in catalogue.actions(service) {
            assert!(catalogue.action(&action.name().to_ascii_lowercase()).is_some(), "{action}");
            assert!(action.condition_keys().iter().all(|key| key.contains(':')));
        }
        assert!(catalogue.resource_formats(service).all(|format| format.arn_glob().starts_with("arn:*:")));
        assert!(catalogue.resource_colons(service) >= Colons::AtMost(0));
        assert!(!catalogue.key(&format!("{service}:cage/x")).spelling.is_empty());
    }
}
