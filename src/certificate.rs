//! Certificates as files: what a PASS says, about which documents, and why it is so.
//!
//! The format, version 2, is JSON in UTF-8, written in one way only: a file that differs from what would be written for
//! its contents, be it by a space, is not read. Members, in this order:
//!
//! | member | meaning |
//! |---|---|
//! | `format` | `keyaki-certificate/2` |
//! | `semantics` | the version of keyaki whose reading of policies is meant |
//! | `property` | the question, fact by fact: the check, the SHA-256 of each document as it was given, its kind, what else was asked |
//! | `proofs` | one for each claim that the answer is made of, in a fixed order |
//!
//! Members of a proof:
//!
//! | member | meaning |
//! |---|---|
//! | `none` | what there is none of: requests `violating` the property; for `findings` access `outside the findings`; for `diff` what is `gained beside the parts` and `lost beside the parts`; for `equivalent` requests that are `differing` wherever the documents stand, `gained` and `lost` |
//! | `given` | what the claim speaks of beside the documents, see below; often nothing |
//! | `relations` | the relations between the parts of a request that the proof may use (spec 6.5), by name |
//! | `readings` | contested rules whose reading was chosen (spec 0.3); the proof covers every reading of the others |
//! | `assumptions` | what the relations say, as far as they concern the question |
//! | `skeleton` | clauses that say the question or what one of its formulas means |
//! | `lemmas` | literals that no values satisfy together (`none of`), and which globs lie in which (`covers`: literal, glob, literal, glob) |
//! | `steps` | clauses that follow by unit propagation (`clause`) from the clauses with these numbers (`from`); the last one is empty |
//!
//! What is given: if a check of public access counted addresses, sets of numbers of blocks of addresses, of which no request
//! can be made from more than one set holds (whoever verifies puts the blocks together again and counts each set); for
//! findings, what each of them says, as two lists of numbers into all that the documents say: all of the first hold, and
//! some of the second; for a difference its parts, entry by entry with the place that decides its meaning.
//!
//! Clauses are numbered from 0 through skeleton, lemmas (each as the clause that denies one of its literals) and steps. A
//! literal is the number of a formula of the question: twice that of its node, plus one if denied. Whoever reads the same
//! documents and asks the same question with the same version gets the same numbers.

mod cube;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use solver::certificate::{Certificate, Cover, Lemma, Step};
use solver::formula::Formula;

use crate::checks::claims::Claims;
use crate::checks::cube::Cube;
use crate::checks::proof::{Given, Region, Unposed};
use crate::checks::{Access, Proof, READINGS};
use crate::semantics::Contested;
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::Readings;

/// The name and version of the format.
pub const FORMAT: &str = "keyaki-certificate/2";
/// The version of the meaning of policies: formulas are numbered alike only within one.
pub const SEMANTICS: &str = env!("CARGO_PKG_VERSION");
/// Longest certificate that is read, in bytes.
pub const LONGEST: u64 = 256 << 20;

/// What was asked: facts by name, all as text. Two questions are the same if their facts are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Property {
    facts: BTreeMap<String, String>,
}

impl Property {
    /// A check with this name.
    pub fn of(check: &str) -> Self {
        Self { facts: BTreeMap::from([("check".to_owned(), check.to_owned())]) }
    }

    /// With one more fact; one that is absent is different from any that is given.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<String>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// With the accesses that were listed.
    #[must_use]
    pub fn with_access(self, access: &[Access]) -> Self {
        let list = |all: &[String]| Value::from(all.to_vec());
        let one = |access: &Access| Value::from(vec![list(&access.actions), list(&access.resources)]);
        self.with("access", Value::from(access.iter().map(one).collect::<Vec<Value>>()).to_string())
    }

    /// A fact.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).map(String::as_str)
    }

    /// All facts by name.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().map(|(name, fact)| (name.as_str(), fact.as_str()))
    }

    /// The first fact that differs, the check before all others: its name, here, and there.
    pub fn difference<'a>(&'a self, other: &'a Self) -> Option<(&'a str, Option<&'a str>, Option<&'a str>)> {
        let names = self.facts.keys().chain(other.facts.keys()).map(String::as_str);
        let mut all = std::iter::once("check").chain(names).map(|name| (name, self.fact(name), other.fact(name)));
        all.find(|(_, here, there)| here != there)
    }
}

/// The digest of a document, as certificates name it.
pub fn digest(bytes: &[u8]) -> String {
    let mut out = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        let _never_fails = write!(out, "{byte:02x}");
    }
    out
}

/// Why a certificate is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It does not prove the property.
    Rejected(String),
    /// The budget ended: nothing is known.
    Undecided(String),
}

/// A certificate as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What was asked.
    pub property: Property,
    /// A proof for each claim that the answer is made of.
    pub proofs: Vec<Proved>,
}

/// A claim with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// What there is none of.
    pub none: String,
    /// Facts about requests that the proof rests on, in words.
    pub assumptions: Vec<String>,
    /// The proof.
    pub proof: Proof,
}

impl Proved {
    /// A claim with its proof, which says in words what it rests on.
    ///
    /// # Errors
    /// The proof gives what the claim does not speak of.
    pub fn of(claims: &Claims<'_>, name: &str, proof: Proof) -> Result<Self, String> {
        if let Given::Cubes(cubes) = &proof.given {
            cubes.iter().try_for_each(|part| cube::to_json(part).map(drop))?;
        }
        let posed =
            claims.pose(name, &proof.relations, &proof.readings, &proof.given).map_err(|why| why.to_string())?;
        let assumptions = posed.assumptions();
        Ok(Self { none: name.to_owned(), assumptions, proof })
    }
}

impl File {
    /// The certificate of an answer: a proof for each of its claims, in their order.
    ///
    /// # Errors
    /// A proof gives what its claim does not speak of.
    pub fn of(property: Property, claims: &Claims<'_>, proofs: Vec<Proof>) -> Result<Self, String> {
        let named = claims.names().iter().zip(proofs);
        let proofs = named.map(|(name, proof)| Proved::of(claims, name, proof)).collect::<Result<_, _>>()?;
        Ok(Self { property, proofs })
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let facts = self.property.facts.iter().map(|(name, fact)| format!("{}:{}", text(name), text(fact)));
        let members = [
            ("format", text(FORMAT)),
            ("semantics", text(SEMANTICS)),
            ("property", format!("{{{}}}", lines(facts))),
            ("proofs", format!("[{}]", lines(self.proofs.iter().map(Proved::write)))),
        ];
        object(&members) + "\n"
    }

    /// Checks that the certificate proves the property, with each claim posed anew under its proof's own relations and
    /// readings. Returns the assumptions it rests on.
    ///
    /// # Errors
    /// What is wrong.
    pub fn verify(&self, property: &Property, claims: &Claims<'_>, budget: u64) -> Result<Vec<String>, Refused> {
        if let Some((name, here, there)) = property.difference(&self.property) {
            let said = |fact: Option<&str>| fact.map_or("nothing".to_owned(), |fact| format!("`{fact}`"));
            return Err(Refused::Rejected(format!("{name}: it is about {}, not about {}", said(there), said(here))));
        }
        if !self.proofs.iter().map(|proved| proved.none.as_str()).eq(claims.names().iter().copied()) {
            let wanted = claims.names().join(", ");
            return Err(Refused::Rejected(format!("it does not prove what the answer is made of: none {wanted}")));
        }
        let mut assumptions = Vec::new();
        for proved in &self.proofs {
            assumptions.extend(proved.verify(claims, budget)?);
        }
        assumptions.sort();
        assumptions.dedup();
        Ok(assumptions)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What makes it none, or one of another version.
    pub fn read(text: &str) -> Result<Self, String> {
        let members: Members = serde_json::from_str(text).map_err(|error| format!("no certificate: {error}"))?;
        if members.format != FORMAT {
            return Err(format!("its format is `{}`, not `{FORMAT}`", members.format));
        }
        if members.semantics != SEMANTICS {
            let theirs = &members.semantics;
            return Err(format!("it is about the meaning of policies in version {theirs}; this is {SEMANTICS}"));
        }
        let proofs = members.proofs.into_iter().map(ProofMembers::proved).collect::<Result<Vec<Proved>, String>>()?;
        let file = File { property: Property { facts: members.property }, proofs };
        if file.write() != text {
            return Err("it is not written as certificates are".to_owned());
        }
        Ok(file)
    }
}

impl Proved {
    fn write(&self) -> String {
        let Proof { relations, readings, given, certificate, checked: _ } = &self.proof;
        let names = Relation::ALL.into_iter().filter(|relation| relations.contains(*relation));
        let chosen = READINGS.iter().filter_map(|(name, rule)| {
            let reading = if *readings.fixed.get(rule)? { "alt" } else { "default" };
            Some(format!("{}:{}", text(name), text(reading)))
        });
        let numbers = |clause: &Vec<Formula>| numbers(clause.iter().map(|literal| literal.number()));
        object(&[
            ("none", text(&self.none)),
            ("given", written(given)),
            ("relations", format!("[{}]", joined(names.map(|relation| text(relation.name()))))),
            ("readings", format!("{{{}}}", joined(chosen))),
            ("assumptions", format!("[{}]", lines(self.assumptions.iter().map(|sentence| text(sentence))))),
            ("skeleton", format!("[{}]", lines(certificate.skeleton.iter().map(numbers)))),
            ("lemmas", format!("[{}]", lines(certificate.lemmas.iter().map(lemma)))),
            ("steps", format!("[{}]", lines(certificate.steps.iter().map(step)))),
        ])
    }

    fn verify(&self, claims: &Claims<'_>, budget: u64) -> Result<Vec<String>, Refused> {
        let Proof { relations, readings, given, .. } = &self.proof;
        let posed = claims.pose(&self.none, relations, readings, given).map_err(|why| match why {
            Unposed::Unfit(_) => Refused::Rejected(why.to_string()),
            Unposed::Exhausted => Refused::Undecided(why.to_string()),
        })?;
        let assumptions = posed.assumptions();
        if assumptions != self.assumptions {
            let these = assumptions.join("; ");
            return Err(Refused::Rejected(format!("it rests on other assumptions than it says: {these}")));
        }
        match self.proof.verify(posed, budget) {
            Ok(()) => Ok(assumptions),
            Err(refusal) if refusal.is_exhausted() => Err(Refused::Undecided(refusal.to_string())),
            Err(refusal) => Err(Refused::Rejected(refusal.to_string())),
        }
    }
}

fn text(text: &str) -> String {
    Value::from(text).to_string()
}

/// An object with a line for each member.
fn object(members: &[(&str, String)]) -> String {
    let mut out = String::new();
    for (at, (name, value)) in members.iter().enumerate() {
        let before = if at == 0 { "{" } else { "," };
        let _never_fails = write!(out, "{before}\n\"{name}\":{value}");
    }
    out.push_str("\n}");
    out
}

/// What is given, by its own name.
fn written(given: &Given) -> String {
    let list = |all: &[usize]| format!("[{}]", joined(all.iter().map(usize::to_string)));
    match given {
        Given::Nothing => "{}".to_owned(),
        Given::Blocks(sets) => format!("{{\"blocks\":[{}]}}", lines(sets.iter().map(|set| list(set)))),
        Given::Regions(regions) => {
            let one = |region: &Region| format!("[{},{}]", list(&region.all), list(&region.some));
            format!("{{\"findings\":[{}]}}", lines(regions.iter().map(one)))
        }
        Given::Cubes(cubes) => {
            // one that has no text is not written; [`File::of`] has made sure that all have
            let parts = cubes.iter().filter_map(|part| cube::to_json(part).ok());
            format!("{{\"parts\":[{}]}}", lines(parts.map(|part| part.to_string())))
        }
    }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<String>>().join(",")
}

/// One item a line.
fn lines(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("\n{item}")).collect::<Vec<String>>().join(",")
}

fn numbers(all: impl Iterator<Item = u32>) -> String {
    format!("[{}]", joined(all.map(|number| number.to_string())))
}

fn lemma(lemma: &Lemma) -> String {
    let literals = numbers(lemma.literals.iter().map(|literal| literal.number()));
    let covers = lemma.covers.iter().map(|c| numbers([c.inside, c.glob, c.outside, c.by].into_iter()));
    format!("{{\"none of\":{literals},\"covers\":[{}]}}", joined(covers))
}

fn step(step: &Step) -> String {
    let clause = numbers(step.clause.iter().map(|literal| literal.number()));
    format!("{{\"clause\":{clause},\"from\":{}}}", numbers(step.hints.iter().copied()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    format: String,
    semantics: String,
    property: BTreeMap<String, String>,
    proofs: Vec<ProofMembers>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofMembers {
    none: String,
    given: GivenMembers,
    relations: Vec<String>,
    readings: BTreeMap<String, String>,
    assumptions: Vec<String>,
    skeleton: Vec<Vec<u32>>,
    lemmas: Vec<LemmaMembers>,
    steps: Vec<StepMembers>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenMembers {
    blocks: Option<Vec<Vec<usize>>>,
    findings: Option<Vec<(Vec<usize>, Vec<usize>)>>,
    parts: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LemmaMembers {
    #[serde(rename = "none of")]
    literals: Vec<u32>,
    covers: Vec<[u32; 4]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepMembers {
    clause: Vec<u32>,
    from: Vec<u32>,
}

impl GivenMembers {
    fn given(self) -> Result<Given, String> {
        match (self.blocks, self.findings, self.parts) {
            (None, None, None) => Ok(Given::Nothing),
            (Some(sets), None, None) => Ok(Given::Blocks(sets)),
            (None, None, Some(parts)) => {
                Ok(Given::Cubes(parts.iter().map(cube::from_json).collect::<Result<Vec<Cube>, String>>()?))
            }
            (None, Some(found), None) => {
                Ok(Given::Regions(found.into_iter().map(|(all, some)| Region { all, some }).collect()))
            }
            (Some(_), _, _) | (None, Some(_), Some(_)) => Err("it gives two things".to_owned()),
        }
    }
}

impl ProofMembers {
    fn proved(self) -> Result<Proved, String> {
        let known = |name: &String| {
            let relation = Relation::ALL.into_iter().find(|relation| relation.name() == name);
            relation.ok_or_else(|| format!("`{name}` is no relation"))
        };
        let on = self.relations.iter().map(known).collect::<Result<Vec<Relation>, String>>()?;
        let off = Relation::ALL.into_iter().filter(|relation| !on.contains(relation));
        let relations = off.fold(Relations::all(), |relations, relation| relations.without(relation));
        let fixed = self.readings.iter().map(reading).collect::<Result<BTreeMap<Contested, bool>, String>>()?;
        let clause = |numbers: Vec<u32>| numbers.into_iter().map(Formula::numbered).collect::<Vec<Formula>>();
        let certificate = Certificate {
            skeleton: self.skeleton.into_iter().map(clause).collect(),
            lemmas: self.lemmas.into_iter().map(LemmaMembers::lemma).collect(),
            steps: self.steps.into_iter().map(|s| Step { clause: clause(s.clause), hints: s.from }).collect(),
        };
        let (readings, given) = (Readings { fixed, free: true }, self.given.given()?);
        let proof = Proof { relations, readings, given, certificate, checked: false };
        Ok(Proved { none: self.none, assumptions: self.assumptions, proof })
    }
}

impl LemmaMembers {
    fn lemma(self) -> Lemma {
        let cover = |[inside, glob, outside, by]: [u32; 4]| Cover { inside, glob, outside, by };
        Lemma {
            literals: self.literals.into_iter().map(Formula::numbered).collect(),
            covers: self.covers.into_iter().map(cover).collect(),
        }
    }
}

fn reading((name, value): (&String, &String)) -> Result<(Contested, bool), String> {
    let rule = READINGS.iter().find(|(known, _)| known == name).map(|(_, rule)| *rule);
    match (rule, value.as_str()) {
        (Some(rule), "alt") => Ok((rule, true)),
        (Some(rule), "default") => Ok((rule, false)),
        (Some(_) | None, _) => Err(format!("`{name}`: `{value}` is no reading of a contested rule")),
    }
}
