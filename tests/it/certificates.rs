//! Certificates: every PASS has one that is accepted; one that was tampered with is not.

use std::collections::BTreeMap;
use std::process::Command;

use keyaki::catalogue::Catalogue;
use keyaki::certificate::{File, Property, Refused};
use keyaki::checks::claims::Claims;
use keyaki::checks::proof::Posed;
use keyaki::checks::{Certification, Proof, Question, Report, Settings, Side, Verdict, ask, pose};
use keyaki::policy::Policy;
use keyaki::semantics::document::Position;
use keyaki::semantics::symbolic::Readings;
use keyaki::source::Sources;
use serde_json::Value;
use solver::budget::Budget;
use solver::certificate::{Certificate, Claim, Failure, prove};
use solver::formula::Formula;
use solver::search::{Outcome, solve_each};

use crate::differential::{policy, settings};
use crate::generate::{self, Pair, Rng, cases};

const BUDGET: u64 = Settings::DEFAULT_BUDGET;

/// A random pair, read.
struct Documents {
    old: Policy,
    new: Policy,
    settings: Settings,
}

impl Documents {
    fn of(seed: u64, pair: &Pair) -> Self {
        let sources = &mut Sources::default();
        let old = policy(sources, &pair.old, pair.kind, Position::Reference);
        let new = policy(sources, &pair.new, pair.kind, Position::UnderTest);
        Self { old, new, settings: Settings { certification: Certification::Made, ..settings(seed) } }
    }

    fn question<'a>(&'a self, catalogue: &'a Catalogue) -> Question<'a> {
        let (old, new) = (Side::Document(&self.old), Side::Document(&self.new));
        Question::no_new_access(old, new, catalogue, &self.settings)
    }
}

fn property() -> Property {
    Property::of("no-new-access").with("existing", "one").with("new", "other")
}

/// The certificate of a PASS, as a file.
fn file(question: &Question<'_>, report: &Report) -> File {
    let proof = report.proof.clone().expect("a PASS has a proof");
    File::of(property(), &Claims::Question(*question), vec![proof]).unwrap()
}

fn verify(file: &File, question: &Question<'_>) -> Result<Vec<String>, Refused> {
    file.verify(&property(), &Claims::Question(*question), BUDGET)
}

#[test]
fn every_pass_of_random_pairs_is_accepted() {
    let catalogue = Catalogue::embedded();
    let mut accepted = 0;
    for seed in 0..cases(300) {
        let pair = generate::pair(seed);
        let documents = Documents::of(seed, &pair);
        let question = documents.question(&catalogue);
        let report = ask(&question).unwrap_or_else(|error| panic!("seed {seed}: {}", error.what));
        if report.verdict == Verdict::Pass {
            let written = file(&question, &report).write();
            let read = File::read(&written).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{written}"));
            assert_eq!(read.write(), written, "seed {seed}");
            assert_eq!(verify(&read, &question).err(), None, "seed {seed}\n{}\n{}", pair.old, pair.new);
            accepted += 1;
        }
    }
    println!("{accepted} certificates accepted");
    assert!(accepted > 20, "only {accepted} PASS");
}

// ---- Tampering

/// A certificate with the question that it proves.
struct Held<'a> {
    question: Question<'a>,
    proof: Proof,
    claim: Claim,
    posed: Posed,
}

impl<'a> Held<'a> {
    fn of(question: Question<'a>) -> Option<Self> {
        let report = ask(&question).ok()?;
        let proof = report.proof.filter(|_| report.verdict == Verdict::Pass)?;
        let mut posed = pose(&question, &proof.relations, &proof.readings, &proof.given).unwrap();
        let claim = Claim::new(&mut posed.formulas, posed.context, &posed.goals);
        Some(Self { question, proof, claim, posed })
    }

    fn is_accepted(&self, certificate: Certificate, question: &Question<'_>) -> bool {
        let proof = Proof { certificate, ..self.proof.clone() };
        let posed = pose(question, &proof.relations, &proof.readings, &proof.given).unwrap();
        proof.verify(posed, BUDGET).is_ok()
    }

    /// Whether the claim follows from these lemmas: if not, no derivation can be right.
    fn follows_from(&self, lemmas: &[Vec<Formula>]) -> bool {
        let proved = prove(&self.posed.formulas, &self.claim, lemmas, &mut Budget::new(BUDGET));
        !matches!(proved, Err(Failure::Unfounded))
    }

    /// Whether some values satisfy all the literals: then they are no lemma.
    fn has_values(&self, literals: &[Formula]) -> bool {
        let mut formulas = self.posed.formulas.clone();
        let all = formulas.all(literals);
        let (outcomes, _) = solve_each(&mut formulas, all, &[Formula::TRUE], &mut Budget::new(BUDGET));
        matches!(outcomes.as_slice(), [Outcome::Satisfiable(_)])
    }

    fn lemmas(&self) -> Vec<Vec<Formula>> {
        self.proof.certificate.lemmas.iter().map(|lemma| lemma.literals.clone()).collect()
    }
}

/// The number of tries of each kind of tampering, and those that were accepted.
#[derive(Default)]
struct Tries {
    counts: BTreeMap<&'static str, usize>,
    accepted: Vec<String>,
}

impl Tries {
    fn total(&self) -> usize {
        self.counts.values().sum()
    }

    fn of_lemmas(&self) -> usize {
        self.counts.iter().filter(|(kind, _)| kind.starts_with("lemma")).map(|(_, count)| count).sum()
    }

    fn count(&mut self, kind: &'static str, held: &Held<'_>, certificate: Certificate, what: &str) {
        *self.counts.entry(kind).or_default() += 1;
        if held.is_accepted(certificate, &held.question) {
            self.accepted.push(format!("{kind}: {what}"));
        }
    }
}

/// A necessary lemma dropped, with the numbers of the clauses behind it moved up.
fn drop_lemma(tries: &mut Tries, held: &Held<'_>, what: &str) {
    for at in 0..held.proof.certificate.lemmas.len() {
        let mut lemmas = held.lemmas();
        lemmas.remove(at);
        if held.follows_from(&lemmas) {
            continue;
        }
        let mut certificate = held.proof.certificate.clone();
        certificate.lemmas.remove(at);
        let gone = u32::try_from(certificate.skeleton.len() + at).unwrap();
        for hints in certificate.steps.iter_mut().map(|step| &mut step.hints) {
            hints.retain(|hint| *hint != gone);
            hints.iter_mut().filter(|hint| **hint > gone).for_each(|hint| *hint -= 1);
        }
        tries.count("lemma dropped", held, certificate, what);
    }
}

/// A necessary lemma that says less: another literal among those that have no values together.
fn weaken_lemma(tries: &mut Tries, held: &Held<'_>, rng: &mut Rng, what: &str) {
    let all: Vec<Formula> = held.lemmas().into_iter().flatten().collect();
    for at in 0..held.proof.certificate.lemmas.len() {
        let other = *rng.pick(&all);
        let mut lemmas = held.lemmas();
        lemmas[at].push(other);
        if held.follows_from(&lemmas) {
            continue;
        }
        let mut certificate = held.proof.certificate.clone();
        certificate.lemmas[at].literals.push(other);
        tries.count("lemma weakened", held, certificate, what);
    }
}

/// A lemma that says more than is true: one of its literals left out.
fn strengthen_lemma(tries: &mut Tries, held: &Held<'_>, what: &str) {
    for (at, lemma) in held.proof.certificate.lemmas.iter().enumerate() {
        for out in 0..lemma.literals.len() {
            let mut certificate = held.proof.certificate.clone();
            certificate.lemmas[at].literals.remove(out);
            certificate.lemmas[at].covers.clear();
            if held.has_values(&certificate.lemmas[at].literals) {
                tries.count("lemma strengthened", held, certificate, what);
            }
        }
    }
}

/// A lemma with evidence for it that names any globs.
fn forge_evidence(tries: &mut Tries, held: &Held<'_>, what: &str) {
    for (at, lemma) in held.proof.certificate.lemmas.iter().enumerate() {
        let mut literals = lemma.literals.clone();
        let Some(out) = literals.iter().position(|literal| literal.number() % 2 == 1) else { continue };
        literals.remove(out);
        if !held.has_values(&literals) {
            continue;
        }
        let mut certificate = held.proof.certificate.clone();
        certificate.lemmas[at].literals = literals;
        tries.count("evidence forged", held, certificate, what);
    }
}

fn truncate(tries: &mut Tries, held: &Held<'_>, what: &str) {
    let mut certificate = held.proof.certificate.clone();
    certificate.steps.pop();
    tries.count("derivation truncated", held, certificate.clone(), what);
    if let Some(step) = held.proof.certificate.steps.last() {
        let mut shorter = step.clone();
        shorter.hints.pop();
        certificate.steps.push(shorter);
        tries.count("derivation truncated", held, certificate, what);
    }
}

/// The same certificate for a question that has another answer.
fn exchange(tries: &mut Tries, held: &Held<'_>, other: &Question<'_>, kind: &'static str, what: &str) {
    let settings = Settings { certification: Certification::Omitted, ..other.settings.clone() };
    let asked = Question { settings: &settings, ..*other };
    if ask(&asked).is_ok_and(|report| report.verdict == Verdict::Fail) {
        *tries.counts.entry(kind).or_default() += 1;
        if held.is_accepted(held.proof.certificate.clone(), other) {
            tries.accepted.push(format!("{kind}: {what}"));
        }
    }
}

#[test]
fn what_was_tampered_with_is_rejected() {
    let catalogue = Catalogue::embedded();
    let mut tries = Tries::default();
    let mut seed = 0;
    let wanted = usize::try_from(cases(1_000)).unwrap();
    while tries.total() < wanted || tries.of_lemmas() < wanted / 3 {
        seed += 1;
        let pair = generate::pair(seed);
        let documents = Documents::of(seed, &pair);
        let Some(held) = Held::of(documents.question(&catalogue)) else { continue };
        let what = format!("seed {seed}\n{}\n{}", pair.old, pair.new);
        let rng = &mut Rng::new(seed);
        drop_lemma(&mut tries, &held, &what);
        weaken_lemma(&mut tries, &held, rng, &what);
        strengthen_lemma(&mut tries, &held, &what);
        forge_evidence(&mut tries, &held, &what);
        truncate(&mut tries, &held, &what);
        let other =
            Documents::of(seed, &Pair { new: generate::document(seed, pair.kind, &Default::default()), ..pair });
        exchange(&mut tries, &held, &other.question(&catalogue), "another document", &what);
        let (old, new) = (Side::Document(&documents.old), Side::Document(&documents.new));
        let reversed = Question { existing: Some(new), asked: old, ..held.question };
        exchange(&mut tries, &held, &reversed, "another property", &what);
        let granted = Question { existing: None, ..held.question };
        exchange(&mut tries, &held, &granted, "another property", &what);
    }
    println!("{:#?}", tries.counts);
    assert_eq!(tries.counts.len(), 7, "some kind of tampering was never tried");
    assert!(tries.accepted.is_empty(), "{}", tries.accepted.join("\n"));
}

#[test]
fn flipped_bits_are_rejected_or_harmless() {
    let catalogue = Catalogue::embedded();
    let (mut read, mut accepted, mut flips) = (0, 0, 0u64);
    for seed in 0..200 {
        let pair = generate::pair(seed);
        let documents = Documents::of(seed, &pair);
        let question = documents.question(&catalogue);
        let report = ask(&question).unwrap();
        if report.verdict != Verdict::Pass {
            continue;
        }
        let original = file(&question, &report);
        let text = original.write().into_bytes();
        let rng = &mut Rng::new(seed);
        for _ in 0..cases(300) / 10 {
            let mut flipped = text.clone();
            let at = rng.below(flipped.len());
            flipped[at] ^= 1 << rng.below(8);
            flips += 1;
            let Ok(file) = String::from_utf8(flipped).map_err(drop).and_then(|text| File::read(&text).map_err(drop))
            else {
                continue;
            };
            read += 1;
            if verify(&file, &question).is_ok() {
                // it says the same of the same documents, and was proved
                accepted += 1;
                assert_eq!(file.property, original.property);
                for (proved, before) in file.proofs.iter().zip(&original.proofs) {
                    assert_eq!((&proved.none, &proved.assumptions), (&before.none, &before.assumptions));
                    assert_eq!(proved.proof.readings, Readings { free: true, ..before.proof.readings.clone() });
                }
            }
        }
    }
    println!("{flips} flips, {read} still certificates, {accepted} accepted");
}

// ---- From outside

fn keyaki(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_keyaki")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// The options of a case of the corpus that name its documents and its question.
fn options(folder: &str, case: &Value) -> Vec<String> {
    let names: &[(&str, &str)] = match case["check"].as_str().unwrap() {
        "no-new-access" => &[("--existing", "existing.json"), ("--new", "new.json")],
        _ => &[("--policy", "policy.json")],
    };
    let mut out: Vec<String> =
        names.iter().flat_map(|(option, file)| [(*option).to_owned(), format!("{folder}/{file}")]).collect();
    for (member, option) in
        [("policyType", "--policy-type"), ("principal", "--principal"), ("resourceAccount", "--resource-account")]
    {
        out.extend(case[member].as_str().into_iter().flat_map(|value| [option.to_owned(), value.to_owned()]));
    }
    if case["check"] == "access-not-granted" {
        out.extend(["--access".to_owned(), case["access"].to_string()]);
    }
    out
}

#[test]
fn every_pass_of_the_corpus_is_accepted_from_outside() {
    let scratch = std::env::temp_dir().join(format!("keyaki-certificates-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).unwrap();
    let path = scratch.join("pass.keyaki").to_string_lossy().into_owned();
    let mut accepted = 0;
    for group in ["corpus/checks", "corpus/stacks"] {
        let group = format!("{}/{group}", env!("CARGO_MANIFEST_DIR"));
        let mut folders: Vec<_> = std::fs::read_dir(&group).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in folders.iter().map(|folder| folder.to_string_lossy().into_owned()) {
            let case: Value = serde_json::from_slice(&std::fs::read(format!("{folder}/case.json")).unwrap()).unwrap();
            let check = case["check"].as_str().unwrap();
            if case["result"] != "PASS" || !["no-new-access", "access-not-granted"].contains(&check) {
                continue;
            }
            let options = options(&folder, &case);
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let name = format!("check-{check}");
            let asked = [&[name.as_str(), "--certificate", &path], options.as_slice()].concat();
            assert_eq!(keyaki(&asked).0, 0, "{folder}");
            let (code, said) = keyaki(&[&["verify", &path], options.as_slice()].concat());
            assert_eq!((code, said.starts_with("ACCEPTED  ")), (0, true), "{folder}: {said}");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("\"steps\"", "\"stets\"")).unwrap();
            assert_eq!(keyaki(&[&["verify", &path], options.as_slice()].concat()).0, 2, "{folder}");
            accepted += 1;
        }
    }
    std::fs::remove_dir_all(&scratch).unwrap();
    println!("{accepted} certificates accepted");
    assert!(accepted > 10);
}

#[test]
fn verify_says_what_is_wrong() {
    let scratch = std::env::temp_dir().join(format!("keyaki-verify-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).unwrap();
    let path = scratch.join("pass.keyaki").to_string_lossy().into_owned();
    let absent = scratch.join("absent").to_string_lossy().into_owned();
    let narrow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
    let wide = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;
    let check = ["check-no-new-access", "--existing", wide, "--new", narrow, "--certificate", &path];
    assert_eq!(keyaki(&check).0, 0);
    let verify = |old: &str, new: &str| keyaki(&["verify", &path, "--existing", old, "--new", new]);
    assert_eq!(verify(wide, narrow).0, 0);
    let (code, said) = verify(narrow, wide);
    assert!(code == 1 && said.starts_with("REJECTED  existing: it is about `sha256:"), "{said}");
    assert_eq!(verify(wide, &narrow.replace("GetObject", "GetObjectAcl")).0, 1);
    let (code, said) = keyaki(&["verify", &path, "--policy", narrow, "--action", "s3:PutObject"]);
    assert!(code == 1 && said.contains("it is about `no-new-access`"), "{said}");
    let other_caller = ["verify", &path, "--existing", wide, "--new", narrow, "--resource-account", "111122223333"];
    assert_eq!(keyaki(&other_caller).0, 1);
    assert_eq!(keyaki(&["verify", &absent, "--existing", wide, "--new", narrow]).0, 2);
    let (code, said) = keyaki(&["verify", &path, "--existing", wide, "--new", narrow, "--output", "json"]);
    assert_eq!((code, serde_json::from_str::<Value>(&said).unwrap()["result"].as_str()), (0, Some("ACCEPTED")));
    let fails = ["check-no-new-access", "--existing", narrow, "--new", wide, "--certificate", &absent];
    let (code, said) = keyaki(&fails);
    assert!(code == 1 && said.contains("only a PASS has a certificate"), "{said}");
    assert!(!std::path::Path::new(&absent).exists());
    std::fs::remove_dir_all(&scratch).unwrap();
}
