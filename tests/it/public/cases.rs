//! The cases of corpus/public: every one is asked and its answer compared, by meaning and by the rule of S3.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use keyaki::catalogue::Catalogue;
use keyaki::checks::public::block::block_public_access;
use keyaki::checks::public::{RESOURCE_TYPES, ResourceType, no_public_access};
use keyaki::checks::{Report, Settings, Side, Strictness, admission};
use keyaki::policy::Policy;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::report::json::result;
use keyaki::source::Sources;
use serde_json::Value;

/// Members that a case may have.
const MEMBERS: [&str; 9] =
    ["title", "why", "source", "rules", "resourceType", "result", "statements", "s3", "sourceAddresses"];

/// One case.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) document: Value,
    expected: Value,
}

impl Case {
    fn text(&self, member: &str) -> &str {
        self.expected[member].as_str().unwrap_or_else(|| panic!("{}: no {member}", self.name))
    }

    pub(crate) fn resource_type(&self) -> ResourceType {
        ResourceType::named(self.text("resourceType")).unwrap_or_else(|| panic!("{}: no such type", self.name))
    }
}

/// Every case, by name.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/public");
    let mut out = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let json = |file: &str| -> Value {
            let text = std::fs::read_to_string(folder.join(file)).unwrap_or_else(|e| panic!("{name}: {e}"));
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        out.push(Case { document: json("policy.json"), expected: json("case.json"), name: name.clone() });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// The answer about a document, as the command gives it, with the document.
pub(crate) fn answer(document: &Value, resource_type: ResourceType) -> (Report, Policy) {
    let mut sources = Sources::default();
    let options = ReadOptions { kind: Some(resource_type.kind), ..ReadOptions::default() };
    let outcome = read(&mut sources, "policy", document.to_string().as_bytes(), &options);
    let policy = outcome.policy.unwrap_or_else(|| panic!("refused: {document}\n{:?}", outcome.diagnostics));
    let catalogue = Catalogue::embedded();
    let keys = resource_type.service_keys;
    let report = no_public_access(Side::Document(&policy), keys, &catalogue, &Settings::default())
        .unwrap_or_else(|error| panic!("{}\n{document}", error.what))
        .admitted(admission(&outcome.diagnostics, Strictness::Ordinary), &outcome.diagnostics);
    (report, policy)
}

fn complaints(case: &Case) -> Vec<String> {
    let mut out = Vec::new();
    let (report, policy) = answer(&case.document, case.resource_type());
    let mut expect = |what: &str, found: Value, expected: &Value| {
        if found != *expected {
            out.push(format!("{}: {what} is {found}, expected {expected}", case.name));
        }
    };
    expect("result", result(report.verdict).into(), &case.expected["result"]);
    if let Some(statements) = case.expected.get("statements") {
        let found: Vec<usize> = report.reasons.iter().map(|reason| reason.statement_index).collect();
        expect("statements", found.into(), statements);
    }
    if let Some(addresses) = case.expected.get("sourceAddresses").and_then(Value::as_object) {
        let exposure = report.reasons.first().and_then(|reason| reason.exposure.as_ref());
        let figure = |member: &str| match (exposure, member) {
            (None, _) => Value::Null,
            (Some(exposure), "ipv4") => exposure.ipv4().to_string().into(),
            (Some(exposure), "ipv6") => exposure.ipv6().to_string().into(),
            (Some(exposure), "widestBlock") => exposure.widest_block().into(),
            (Some(_), other) => panic!("{}: no figure {other}", case.name),
        };
        for (member, value) in addresses {
            expect(member, figure(member), value);
        }
    }
    if let Some(s3) = case.expected.get("s3") {
        let public = block_public_access(&policy, case.resource_type()).is_public();
        expect("s3", if public { "FAIL" } else { "PASS" }.into(), s3);
    }
    out
}

#[test]
fn cases_are_well_formed() {
    let cases = cases();
    let mut by_type: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in &cases {
        for member in case.expected.as_object().unwrap().keys() {
            assert!(MEMBERS.contains(&member.as_str()), "{}: unknown member {member}", case.name);
        }
        for member in ["title", "why", "source", "resourceType", "result"] {
            assert!(!case.text(member).is_empty(), "{}: {member} is empty", case.name);
        }
        let fails = case.text("result") == "FAIL";
        assert_eq!(case.expected["statements"].is_array(), fails, "{}: statements go with FAIL", case.name);
        let of_s3 = case.resource_type().is_of_s3();
        assert!(case.expected["s3"].is_string() || !of_s3, "{}: s3 is missing", case.name);
        by_type.entry(case.text("resourceType")).or_default().insert(case.text("result"));
    }
    assert!(cases.len() >= 60, "{} cases", cases.len());
    for known in RESOURCE_TYPES {
        let results = by_type.get(known.name).unwrap_or_else(|| panic!("no case of {}", known.name));
        assert!(results.contains("PASS") && results.contains("FAIL"), "{}: {results:?}", known.name);
    }
}

#[test]
fn answers_are_as_expected() {
    let cases = cases();
    let complaints: Vec<String> = cases.iter().flat_map(complaints).collect();
    println!("corpus/public: {} cases compared", cases.len());
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
