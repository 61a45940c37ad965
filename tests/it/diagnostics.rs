//! Every diagnostic code has an example that triggers it; real policies trigger only known ones; no bytes panic.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use keyaki::diagnostic::{Code, Severity};
use keyaki::policy::Kind;
use keyaki::policy::read::{ReadOptions, ReadOutcome, read};
use keyaki::report::diagnostic::render;
use keyaki::report::paint::Paint;
use keyaki::source::Sources;

fn read_as(bytes: &[u8], kind: Option<Kind>) -> ReadOutcome {
    read(&mut Sources::default(), "example.json", bytes, &ReadOptions { kind, ..ReadOptions::default() })
}

/// The kind to state for an example whose text does not show it.
fn kind_of_example(code: Code) -> Option<Kind> {
    match code {
        Code::VersionRequired => Some(Kind::ServiceControl),
        Code::EffectForbidden | Code::NotactionForbidden | Code::ActionStarForbidden | Code::PrincipalNotStar => {
            Some(Kind::ResourceControl)
        }
        Code::ResourceForbidden | Code::NotprincipalForbidden => Some(Kind::Trust),
        Code::PrincipalForbidden => Some(Kind::Identity),
        _ => None,
    }
}

/// Bytes for the codes whose example cannot be a file of readable size or encoding.
fn special_bytes(code: Code) -> Option<Vec<u8>> {
    let example = code.page().example;
    match code {
        Code::NotUtf8 => Some(example.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()),
        Code::TooLarge => Some(format!("{example}{}", " ".repeat(1 << 20)).into_bytes()),
        Code::TooManyProblems => {
            Some(example.replace("\"s3:GetObject\"", &format!("[{}1]", "1,".repeat(2000))).into_bytes())
        }
        _ => None,
    }
}

#[test]
fn every_code_has_an_example_that_triggers_it() {
    for code in Code::ALL {
        if matches!(code, Code::UnknownAction | Code::PassRoleStar | Code::Redundant) {
            continue; // `validate-policy` says them: tests/it/validate.rs
        }
        let bytes = special_bytes(*code).unwrap_or_else(|| code.page().example.as_bytes().to_vec());
        let outcome = read_as(&bytes, kind_of_example(*code));
        let triggered: Vec<_> = outcome.diagnostics.iter().map(|d| (d.code.name(), d.severity)).collect();
        assert!(outcome.diagnostics.iter().any(|d| d.code == *code), "{}: {triggered:?}", code.name());
        let fatal = outcome.diagnostics.iter().any(|d| d.severity == Severity::Fatal);
        assert_eq!(outcome.policy.is_none(), fatal, "{}", code.name());
        for diagnostic in &outcome.diagnostics {
            assert!(!diagnostic.message.is_empty() && !diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        }
    }
}

#[test]
fn examples_trigger_little_else() {
    let companions = [Code::EmptyPrincipal, Code::SetOnSingleKey, Code::ForallAllowWithoutNull];
    for code in Code::ALL {
        let outcome = read_as(code.page().example.as_bytes(), kind_of_example(*code));
        let others: Vec<_> =
            outcome.diagnostics.iter().map(|d| d.code).filter(|c| c != code && !companions.contains(c)).collect();
        assert!(others.is_empty(), "{}: {others:?}", code.name());
    }
}

#[test]
fn the_corpus_holds_one_file_for_each_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/diagnostics");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    files.sort();
    let mut names: Vec<String> = Code::ALL.iter().map(|code| code.name().to_owned()).collect();
    names.sort();
    assert_eq!(files, names);
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    above.exists().then_some(above)
}

/// Reads documents and counts the diagnostics by code.
fn census<'a>(documents: impl Iterator<Item = (&'a str, String)>, kind: Option<Kind>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (name, text) in documents {
        let outcome = read_as(text.as_bytes(), kind);
        let shown: Vec<_> = outcome.diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert!(outcome.policy.is_some(), "{name}: {shown:?}");
        for diagnostic in outcome.diagnostics {
            *counts.entry(diagnostic.code.name()).or_insert(0) += 1;
        }
    }
    counts
}

#[test]
fn managed_policies_are_read() {
    let Some(path) = shared("managed-policies.jsonl.gz") else {
        eprintln!("not checked: managed-policies.jsonl.gz is not present");
        return;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let values: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let documents = values.iter().map(|value| (value["name"].as_str().unwrap(), value["document"].to_string()));
    let counts = census(documents, None);
    let expected = BTreeMap::from([
        // Tags of requests: the policies mean "no other tags", and a request without tags satisfies them.
        ("forall-allow-without-null", 204),
        // `events:detail-type` and the like are typed as lists by the service (spec 5.2).
        ("multi-without-set", 4),
        // The quota of the service's own policies is higher.
        ("over-quota", 69),
        ("set-on-single-key", 1),
    ]);
    assert_eq!(counts, expected, "in {} policies", values.len());
}

#[test]
fn labelled_samples_are_read() {
    let Some(path) = shared("samples.jsonl") else {
        eprintln!("not checked: samples.jsonl is not present");
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let sample: serde_json::Value = serde_json::from_str(line).unwrap();
        let kind = if sample["policy_type"] == "IDENTITY_POLICY" { Kind::Identity } else { Kind::Resource };
        for side in ["existing", "new"] {
            let document = sample[side].to_string();
            for (code, count) in census([("sample", document)].into_iter(), Some(kind)) {
                *counts.entry((side, code)).or_insert(0) += count;
            }
        }
    }
    // A candidate that must fail: it lets the users of any provider in.
    assert_eq!(counts.get(&("new", "federated-wildcard")), Some(&1));
    let errors: Vec<_> = counts.keys().filter(|(_, code)| is_error(code)).collect();
    assert_eq!(errors, [&("new", "federated-wildcard")]);
}

fn is_error(code: &str) -> bool {
    Code::from_name(code).is_none_or(|code| code.severity() <= Severity::Error)
}

/// A small deterministic generator (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 1) as usize % below.max(1)
    }
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let pieces: [&[u8]; 12] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\\u",
        b"${",
        b"%7B",
        b"\xff",
        b"\xc3",
        b"Statement",
        "é日\u{1F600}".as_bytes(),
    ];
    for round in 0..6000 {
        let example = Code::ALL[round % Code::ALL.len()].page().example;
        let mut bytes = example.as_bytes()[..example.len().min(2000)].to_vec();
        for _ in 0..1 + numbers.next(4) {
            let at = numbers.next(bytes.len());
            let until = (at + numbers.next(12)).min(bytes.len());
            match numbers.next(4) {
                0 => drop(bytes.splice(at..until, pieces[numbers.next(pieces.len())].iter().copied())),
                1 => drop(bytes.drain(at..until)),
                2 if at < bytes.len() => bytes[at] = u8::try_from(numbers.next(256)).unwrap(),
                _ => {
                    let copy = bytes[at..until].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        let mut sources = Sources::default();
        let outcome = read(&mut sources, "bytes", &bytes, &ReadOptions { lenient: true, ..ReadOptions::default() });
        for diagnostic in &outcome.diagnostics {
            assert!(render(diagnostic, &sources, Paint::Plain).ends_with('\n'));
        }
        for span in outcome.diagnostics.iter().filter_map(|d| d.span) {
            let text = sources.shared(span.file);
            assert!(text.get(span.start as usize..(span.end as usize).min(text.len())).is_some(), "{outcome:?}");
        }
    }
}
