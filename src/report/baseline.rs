//! The baseline as a file.

use serde::Serialize;

use crate::standard::baseline::{Entry, SCHEMA};

#[derive(Serialize)]
struct FileJson<'a> {
    schema: &'static str,
    accepted: Vec<EntryJson<'a>>,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    fingerprint: &'a str,
    check: &'a str,
    policy: &'a str,
    finding: &'a str,
}

impl<'a> From<&'a Entry> for EntryJson<'a> {
    fn from(entry: &'a Entry) -> EntryJson<'a> {
        let Entry { fingerprint, check, policy, finding } = entry;
        EntryJson { fingerprint, check, policy, finding }
    }
}

/// Findings as `--baseline` reads them, one after the other, so that a change shows line by line.
pub fn baseline(findings: &[Entry]) -> String {
    let file = FileJson { schema: SCHEMA, accepted: findings.iter().map(EntryJson::from).collect() };
    serde_json::to_string_pretty(&file).map_or_else(|_| String::new(), |text| text + "\n")
}
