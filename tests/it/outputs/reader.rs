//! Readers of reports that are not ours: Python's `jsonschema` and `junitparser`.
//!
//! Where they are absent that is said by name; with `KEYAKI_READERS` set (CI does), it is a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The official schema of SARIF 2.1.0; the licence of the package it is from lies beside it.
pub(crate) const SARIF: &str = include_str!("sarif-schema-2.1.0.json");

/// The published shape of `scan --output json`.
pub(crate) const SCAN: &str = include_str!("../../../src/report/scan/schema.json");

/// The documented shape of a GitLab code quality report.
pub(crate) const GITLAB: &str = r#"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "array",
  "items": {
    "type": "object",
    "additionalProperties": false,
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
      "description": {"type": "string", "minLength": 1},
      "check_name": {"type": "string", "minLength": 1},
      "fingerprint": {"type": "string", "minLength": 1},
      "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
      "location": {
        "type": "object",
        "required": ["path", "lines"],
        "properties": {
          "path": {"type": "string", "pattern": "^[^./]|^\\.[^/]"},
          "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
        }
      }
    }
  }
}"#;

/// Prints what a schema has against a text, a line each.
const BY_SCHEMA: &str = "
import json, sys
try:
    from jsonschema.validators import validator_for
except ImportError:
    sys.exit(77)
schema, text = (json.load(open(name, encoding='utf-8')) for name in sys.argv[1:])
reader = validator_for(schema)
reader.check_schema(schema)
for error in reader(schema).iter_errors(text):
    print('/'.join(map(str, error.absolute_path)), error.message[:300])
";

/// Prints the counts of the whole, then how each test ended and its name.
const BY_JUNIT: &str = "
import sys
try:
    from junitparser import JUnitXml
except ImportError:
    sys.exit(77)
sys.stdout.reconfigure(encoding='utf-8')
suites = JUnitXml.fromfile(sys.argv[1])
print(suites.tests, suites.failures, suites.errors, suites.skipped)
for suite in suites:
    for case in suite:
        print(case.result[0]._tag if case.result else 'passed', case.classname, case.name)
";

/// The lines that a program prints about files; `None` if there is no reader on this machine.
fn run(program: &str, what: &str, files: &[PathBuf]) -> Option<Vec<String>> {
    for python in ["python3", "/usr/bin/python3"] {
        let Ok(output) = Command::new(python).arg("-c").arg(program).args(files).output() else { continue };
        match output.status.code() {
            Some(0) => return Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()),
            Some(77) => {}
            _ => panic!("{what}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
    assert!(std::env::var_os("KEYAKI_READERS").is_none(), "{what} is absent");
    eprintln!("not run: {what} is absent");
    None
}

fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reader");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// What a schema has against a text.
pub(crate) fn complaints(name: &str, schema: &str, text: &str) -> Option<Vec<String>> {
    let files = [file(&format!("{name}.schema.json"), schema), file(&format!("{name}.json"), text)];
    run(BY_SCHEMA, "Python's jsonschema", &files)
}

/// Fails with everything that a schema has against a text.
pub(crate) fn demand(name: &str, schema: &str, text: &str) {
    let complaints = complaints(name, schema, text).unwrap_or_default();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The counts of a JUnit report, and its tests.
pub(crate) fn junit(text: &str) -> Option<Vec<String>> {
    run(BY_JUNIT, "Python's junitparser", &[file("junit.xml", text)])
}
