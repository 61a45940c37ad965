//! The standard: configurations with their faults, suppressions with their dates, baselines by what a finding means.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use keyaki::catalogue::Catalogue;
use keyaki::checks::{Access, Settings, Strictness};
use keyaki::diagnostic::Fault;
use keyaki::policy::Kind;
use keyaki::policy::read::ReadOptions;
use keyaki::scan::{Asking, Before, Checked, Found, Scan, Standing, Written, hold};
use keyaki::source::Sources;
use keyaki::stack;
use keyaki::standard::{Baseline, Configuration, Paths, Standard, read, settle};

const TEMPLATE: &str = include_str!("../../src/standard/keyaki.toml");

fn access(actions: &[String], resources: &[String]) -> Result<Access, String> {
    keyaki::cli::access::listed(actions, resources)
}

fn configuration(text: &str) -> Result<Configuration, Vec<Fault>> {
    let mut sources = Sources::default();
    let file = sources.add("keyaki.toml", text);
    read(&sources, file, access)
}

/// `line: message / help` of every fault.
fn faults(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("keyaki.toml", text);
    let faults = read(&sources, file, access).err().unwrap_or_default();
    let line = |fault: &Fault| sources.line_column(file, fault.span.unwrap().start).line;
    let help = |fault: &Fault| fault.help.clone().unwrap_or_default();
    faults.iter().map(|fault| format!("{}: {} / {}", line(fault), fault.message, help(fault))).collect()
}

/// Configurations and the beginnings of what there is to say about them.
const FAULTS: [(&str, &[&str]); 24] = [
    (
        "zone-of-trst = [\"111122223333\"]",
        &["1: `zone-of-trst` is no member of the configuration / did you mean `zone-of-trust`?"],
    ),
    ("zone-of-trust = [\"1111\"]", &["1: `1111` is neither an account nor an organisation / an account has 12"]),
    ("zone-of-trust = \"111122223333\"", &["1: `zone-of-trust` is a list of texts, not a string"]),
    (
        "[checks.no-public-acess]",
        &["1: `no-public-acess` is neither a check nor a pack / did you mean `no-public-access`?"],
    ),
    (
        "[checks.privilege-escalations]",
        &["1: `privilege-escalations` is neither a check nor a pack / did you mean `privilege-escalation`?"],
    ),
    ("[checks.x]\ncheck = \"no-public\"", &["2: `no-public` is no check / known are no-public-access"]),
    ("[checks.x]\npack = \"mfaa\"", &["2: `mfaa` is no pack / did you mean `mfa`?"]),
    ("[checks.x]\npack = \"mfa\"\ncheck = \"no-public-access\"", &["2: a check names either `check` or `pack`"]),
    ("[checks.mfa]\nsevrity = \"error\"", &["2: `sevrity` is no member of the check `mfa` / did you mean `severity`?"]),
    ("[checks.mfa]\nseverity = \"eror\"", &["2: `eror` is no severity / did you mean `error`?"]),
    ("[checks.mfa]\nkinds = [\"identty\"]", &["2: `identty` is no kind of policies / did you mean `identity`?"]),
    ("[checks.mfa]\npaths = [\"a/***\"]", &["2: `a/***` is no pattern"]),
    ("[checks.mfa]\npaths = []", &["2: `paths` is empty / leave it out"]),
    ("[checks.no-external-access]", &["1: no zone of trust is given / write"]),
    ("[checks.access-not-granted]", &["1: an access names neither actions nor resources / write"]),
    (
        "[checks.access-not-granted]\nactions = [\n  \"s3:*\",\n  \"DeleteBucket\"\n]",
        &["4: `DeleteBucket` is no action"],
    ),
    ("[checks.no-new-access]", &["1: nothing to compare with is given / write `reference"]),
    ("[checks.no-new-access]\nagainst = \"main\"", &["2: `main` is not what a check compares with / write"]),
    ("[checks.a]\n[checks.a]", &["2: "]),
    ("checks = 3", &["1: `checks` is a table of tables, not an integer"]),
    ("[suppress]\ncheck = \"x\"", &["1: `suppress` is a table, not a list of tables / write `[[suppress]]`"]),
    ("[checks.mfa]\n[[suppress]]\ncheck = \"mfa\"\naddress = \"a\"", &["2: a suppression has no `reason`"]),
    (
        "[checks.mfa]\n[[suppress]]\ncheck = \"mfa\"\nreason = \" \"",
        &["2: a suppression names no policy / add", "4: `reason` is empty"],
    ),
    (
        "[checks.mfa]\n[[suppress]]\ncheck = \"maf\"\naddress = \"a\"\nreason = \"r\"\nexpires = \"2027-01-01\"\nstatement = -1\nfoo = 1",
        &[
            "7: `statement` is a number from 0, or a Sid, not an integer",
            "6: `expires` is a date like 2027-01-31, without quotes and time, not a string",
            "8: `foo` is no member of a suppression / known are",
        ],
    ),
];

#[test]
fn faults_are_told_with_line_and_what_was_meant() {
    for (text, expected) in FAULTS {
        let found = faults(text);
        assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{text}\n  found    {found}\n  expected {expected}");
        }
    }
    assert_eq!(
        faults("[checks.mfa]\n[[suppress]]\ncheck = \"maf\"\naddress = \"a\"\nreason = \"r\""),
        ["3: `maf` is no check of this configuration / did you mean `mfa`?"]
    );
}

#[test]
fn what_init_writes_is_a_configuration_also_when_everything_in_it_is_switched_on() {
    let plain = configuration(TEMPLATE).unwrap();
    assert_eq!(plain.checks.len(), 3);
    // a comment that begins with a letter or a bracket and has `=` or brackets is a setting
    let setting = |line: &str| {
        let rest = line.strip_prefix("# ")?;
        let key: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        (rest.starts_with('[') || (!key.is_empty() && rest[key.len()..].starts_with(" = "))).then(|| rest.to_owned())
    };
    let on: Vec<String> = TEMPLATE.lines().map(|line| setting(line).unwrap_or(line.to_owned())).collect();
    let all = configuration(&on.join("\n")).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!((all.checks.len(), all.suppressions.len(), all.zone.len()), (8, 1, 2));
    assert_eq!(all.suppressions[0].until, Some(date(2027, 6, 30)));
    assert!(all.compares_with_before() && all.baseline.is_some() && all.references().len() == 1);
}

// ---- Findings

const STATEMENTS: [&str; 3] = [
    r#"{"Sid":"One","Effect":"Allow","Action":["s3:DeleteBucket","s3:GetObject"],"Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]}"#,
    r#"{"Sid":"Two","Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::prod"}"#,
];

fn document(statements: &[&str]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// A scan of documents by address, held to a configuration.
fn scan(documents: &[(&str, String)], configuration: &str) -> (Scan, Configuration) {
    let mut scan = Scan::default();
    let configuration = self::configuration(configuration).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let standard = Standard::of(&configuration, &BTreeMap::new(), &mut scan.sources);
    let (catalogue, settings) = (Catalogue::embedded(), Settings::default());
    let asking = Asking { catalogue: &catalogue, settings: &settings, strictness: Strictness::Ordinary };
    for (address, text) in documents {
        let options = ReadOptions { kind: Some(Kind::Identity), ..ReadOptions::default() };
        let outcome = stack::read(&mut scan.sources, "plan.json", text.as_bytes(), &options);
        let found = Found {
            file: "plan.json".to_owned(),
            address: (*address).to_owned(),
            kind: Some(Kind::Identity),
            resource_type: None,
            span: None,
            document: Written::Whole(Box::new(outcome.document.unwrap())),
            before: Before::Unasked,
            supposed: None,
            diagnostics: outcome.diagnostics,
        };
        let outcomes = hold(&found, &standard.rules_for(&found), &asking);
        scan.policies.push(Checked { found, outcomes });
    }
    (scan, configuration)
}

const CRITICAL: &str = "[checks.critical]\ncheck = \"access-not-granted\"\nactions = [\"s3:DeleteBucket\"]\n";

fn fingerprints(statements: &[&str], address: &str, configuration: &str) -> Vec<String> {
    let (mut scan, _) = scan(&[(address, document(statements))], configuration);
    let settled = settle(&mut scan, &[], &Baseline::default(), date(2026, 1, 1), &Paths::default());
    settled.findings.into_iter().map(|entry| entry.fingerprint).collect()
}

#[test]
fn a_fingerprint_is_of_the_meaning() {
    let [one, two, deny] = STATEMENTS;
    let base = fingerprints(&[one], "a", CRITICAL);
    assert_eq!(base.len(), 1);
    let same = [
        one.replace("One", "Renamed"),
        one.replace(r#"["s3:DeleteBucket","s3:GetObject"]"#, r#"["S3:getobject", "s3:DELETEBUCKET", "s3:GetObject"]"#),
        one.replace(r#""arn:aws:s3:::a","arn:aws:s3:::b""#, "\n  \"arn:aws:s3:::b\",\n\"arn:aws:s3:::\\u0061\""),
    ];
    for text in &same {
        assert_eq!(fingerprints(&[text], "a", CRITICAL), base, "{text}");
    }
    // beside another Allow, before or after
    for order in [[one, two], [two, one]] {
        assert!(fingerprints(&order, "a", CRITICAL).contains(&base[0]));
    }
    let other = [
        fingerprints(&[&one.replace("s3:GetObject", "s3:PutObject")], "a", CRITICAL),
        fingerprints(&[&one.replace(r#","arn:aws:s3:::b""#, "")], "a", CRITICAL),
        fingerprints(&[one], "b", CRITICAL),
        fingerprints(&[one], "a", &CRITICAL.replace("critical", "other")),
        fingerprints(&[one], "a", &CRITICAL.replace("DeleteBucket", "Delete*")),
        fingerprints(&[one, deny], "a", CRITICAL),
        fingerprints(&[one, &deny.replace("prod", "test")], "a", CRITICAL),
    ];
    for (row, other) in other.iter().enumerate() {
        assert!(other.len() == 1 && other[0] != base[0], "row {row}");
    }
}

/// Standings of the outcomes, in order.
fn standings(documents: &[(&str, String)], more: &str, today: Date, baseline: &Baseline) -> Vec<&'static str> {
    let (mut scan, configuration) = scan(documents, &format!("{CRITICAL}{more}"));
    settle(&mut scan, &configuration.suppressions, baseline, today, &Paths::default());
    let word = |standing: &Standing| match standing {
        Standing::Counts => "counts",
        Standing::Suppressed { .. } => "suppressed",
        Standing::Baselined => "baseline",
    };
    scan.policies.iter().flat_map(|checked| &checked.outcomes).map(|outcome| word(&outcome.standing)).collect()
}

#[test]
fn suppressions_name_check_policy_and_statement_and_end() {
    let [one, two, _] = STATEMENTS;
    let both = [("a", document(&[one, two])), ("b", document(&[one]))];
    let suppress = |rest: &str| format!("[[suppress]]\nreason = \"r\"\ncheck = \"critical\"\n{rest}\n");
    let rows = [
        (String::new(), ["counts", "counts"]),
        (suppress("address = \"b\""), ["counts", "suppressed"]),
        (suppress("address = \"a\""), ["suppressed", "counts"]),
        // of two guilty statements one is not accepted
        (suppress("address = \"a\"\nstatement = 0"), ["counts", "counts"]),
        (suppress("address = \"a\"\nstatement = \"Two\""), ["counts", "counts"]),
        (
            suppress("address = \"a\"\nstatement = 0") + &suppress("address = \"a\"\nstatement = \"Two\""),
            ["suppressed", "counts"],
        ),
        (suppress("file = \"plan.json\"\nstatement = \"One\""), ["counts", "suppressed"]),
        (suppress("file = \"*.json\""), ["suppressed", "suppressed"]),
        (suppress("file = \"other/*.json\""), ["counts", "counts"]),
        (suppress("address = \"b\"\nexpires = 2026-05-31"), ["counts", "suppressed"]),
        (suppress("address = \"b\"\nexpires = 2026-05-30"), ["counts", "counts"]),
    ];
    for (more, expected) in rows {
        assert_eq!(standings(&both, &more, date(2026, 5, 31), &Baseline::default()), expected, "{more}");
    }
}

#[test]
fn the_baseline_accepts_what_was_there_and_nothing_new() {
    let [one, two, deny] = STATEMENTS;
    let today = date(2026, 5, 31);
    let (mut before, _) = scan(&[("a", document(&[one, deny])), ("gone", document(&[one]))], CRITICAL);
    let findings = settle(&mut before, &[], &Baseline::default(), today, &Paths::default()).findings;
    assert_eq!(findings.len(), 2);
    let text = keyaki::report::baseline::baseline(&findings);
    let baseline = Baseline::parse(&text).unwrap();
    let rows = [
        (document(&[one, deny]), "baseline"),
        (document(&[deny, one]), "baseline"),
        (document(&[one]), "counts"),
        (document(&[one, two, deny]), "counts"),
    ];
    for (text, expected) in rows {
        assert_eq!(standings(&[("a", text.clone())], "", today, &baseline), [expected], "{text}");
    }
    let (mut after, _) = scan(&[("a", document(&[one, deny]))], CRITICAL);
    let settled = settle(&mut after, &[], &baseline, today, &Paths::default());
    assert_eq!(settled.gone.iter().map(|entry| entry.policy.as_str()).collect::<Vec<_>>(), ["plan.json: gone"]);
    for bad in ["", "{}", &text.replace("baseline/1", "baseline/9"), &text.replace("\"check\"", "\"chek\"")] {
        assert!(Baseline::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn stale_suppressions_are_named() {
    let suppress = "[[suppress]]\nreason = \"r\"\ncheck = \"critical\"\naddress = \"nowhere\"\n";
    let expired = suppress.replace("nowhere", "a") + "expires = 2020-01-01\n";
    let (mut scan, configuration) =
        scan(&[("a", document(&[STATEMENTS[0]]))], &format!("{CRITICAL}{suppress}{expired}"));
    let settled =
        settle(&mut scan, &configuration.suppressions, &Baseline::default(), date(2026, 1, 1), &Paths::default());
    assert_eq!((settled.unused, settled.expired), (vec![0], vec![1]));
    assert_eq!(configuration.suppressions[1].line, 8);
}

#[test]
fn a_check_is_for_the_policies_of_its_scope() {
    let rows = [
        ("", 1),
        ("kinds = [\"identity\"]", 1),
        ("kinds = [\"trust\", \"resource\"]", 0),
        ("paths = [\"*.json\"]", 1),
        ("paths = [\"infra/**\"]", 0),
        ("exclude = [\"plan.json\"]", 0),
        ("resource-types = [\"AWS::S3::*\"]", 0),
    ];
    for (scope, expected) in rows {
        let (scan, _) = scan(&[("a", document(&[STATEMENTS[0]]))], &format!("{CRITICAL}{scope}"));
        assert_eq!(scan.policies[0].outcomes.len(), expected, "{scope}");
    }
}
