//! The baseline: findings that were there when the team began, by fingerprint.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The version of the shape.
pub const SCHEMA: &str = "keyaki-baseline/1";

/// Findings that were there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By fingerprint: what it was, for people.
    pub accepted: BTreeMap<String, Entry>,
}

/// A finding, as the file keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is, whatever the text looks like.
    pub fingerprint: String,
    /// The check.
    pub check: String,
    /// The policy: file and address.
    pub policy: String,
    /// The statement or what stayed undecided, for people.
    pub finding: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    accepted: Vec<Entry>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// It is none, with line and column; or of a version that is not known here.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.schema != SCHEMA {
            return Err(format!("its `schema` is `{}`, not `{SCHEMA}`", file.schema));
        }
        let by_fingerprint = file.accepted.into_iter().map(|entry| (entry.fingerprint.clone(), entry));
        Ok(Baseline { accepted: by_fingerprint.collect() })
    }
}
