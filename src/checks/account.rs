//! The access checks over an account: every role and user of a snapshot, with its own policies and boundary, and the trust
//! policy of every role.

use crate::catalogue::Catalogue;
use crate::checks::{
    Access, Disagreement, Report, Settings, Strictness, Undecided, Verdict, access_not_granted_by, admission,
    no_new_access_between,
};
use crate::diagnostic::Diagnostic;
use crate::policy::{Kind, Policy, Version};
use crate::request::Caller;
use crate::semantics::{Token, glob};
use crate::snapshot::{Entity, Lack, Missing, Snapshot, Sort};
use crate::source::{FileId, Span};
use crate::stack::Document;

/// What of an entity is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What it may do: its policies and its boundary.
    Access,
    /// Who may assume the role.
    Trust,
}

/// One question about an entity, with its answer.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Its ARN.
    pub address: String,
    /// What of it.
    pub part: Part,
    /// The side that was asked about.
    pub asked: Document,
    /// The existing side, if there is one; nothing where the entity is new.
    pub existing: Option<Document>,
    /// The answer.
    pub report: Report,
    /// What there is to say about the policies.
    pub diagnostics: Vec<Diagnostic>,
}

/// An entity with the snapshot that holds it.
type Held<'s> = (&'s Snapshot, &'s Entity);

/// How an account is examined.
#[derive(Clone, Copy, Debug)]
pub struct Examination<'a> {
    /// Facts about services.
    pub catalogue: &'a Catalogue,
    /// How each question is asked; the principal is the entity itself.
    pub settings: &'a Settings,
    /// How strictly diagnostics are taken.
    pub strictness: Strictness,
}

impl Examination<'_> {
    /// Whether a role or user may do any of the listed accesses, or a trust policy lets others do them on its role.
    ///
    /// # Errors
    /// A counterexample that does not replay.
    pub fn access_not_granted(&self, snapshot: &Snapshot, access: &[Access]) -> Result<Vec<Examined>, Disagreement> {
        let mut examined = Vec::new();
        for entity in callers(snapshot) {
            let asked = side(Some((snapshot, entity)), Part::Access, Kind::Identity);
            let settings = self.settings_for(&entity.arn);
            let report = access_not_granted_by(asked.side(), access, self.catalogue, &settings)?;
            examined.push(self.examined(
                &entity.arn,
                Part::Access,
                asked,
                None,
                report,
                (Some((snapshot, entity)), None),
            ));
            let on_role = on_role(access, &entity.arn);
            if entity.sort == Sort::Role && !on_role.is_empty() {
                let asked = side(Some((snapshot, entity)), Part::Trust, Kind::Trust);
                let report = access_not_granted_by(asked.side(), &on_role, self.catalogue, self.settings)?;
                let sides = (Some((snapshot, entity)), None);
                examined.push(self.examined(&entity.arn, Part::Trust, asked, None, report, sides));
            }
        }
        Ok(examined)
    }

    /// Whether a role or user may do what it could not before, or a trust policy lets in whom it did not; entities are
    /// paired by ARN. One that is new could do nothing before, one that is gone is not asked about.
    ///
    /// # Errors
    /// A counterexample that does not replay.
    pub fn no_new_access(&self, old: &Snapshot, new: &Snapshot) -> Result<Vec<Examined>, Disagreement> {
        let mut examined = Vec::new();
        for entity in callers(new) {
            let before = callers(old).find(|before| before.arn == entity.arn).map(|before| (old, before));
            let after = Some((new, entity));
            let parts: &[(Part, Kind)] = match entity.sort {
                Sort::Role => &[(Part::Access, Kind::Identity), (Part::Trust, Kind::Trust)],
                Sort::User | Sort::Group => &[(Part::Access, Kind::Identity)],
            };
            for (part, kind) in parts {
                let (existing, asked) = (side(before, *part, *kind), side(after, *part, *kind));
                let settings = match part {
                    Part::Access => self.settings_for(&entity.arn),
                    Part::Trust => self.settings.clone(),
                };
                let report = no_new_access_between(existing.side(), asked.side(), self.catalogue, &settings)?;
                examined.push(self.examined(&entity.arn, *part, asked, Some(existing), report, (after, before)));
            }
        }
        Ok(examined)
    }

    fn settings_for(&self, arn: &str) -> Settings {
        Settings { principal: Caller::parse(arn).ok(), ..self.settings.clone() }
    }

    fn examined(
        &self,
        address: &str,
        part: Part,
        asked: Document,
        existing: Option<Document>,
        report: Report,
        (after, before): (Option<Held<'_>>, Option<Held<'_>>),
    ) -> Examined {
        let diagnostics: Vec<Diagnostic> =
            [after, before].into_iter().flatten().flat_map(|one| said(one, part)).collect();
        let report = report.admitted(admission(&diagnostics, self.strictness), &diagnostics);
        let report = as_far_as_known(report, &lacks(after, part), &lacks(before, part));
        Examined { address: address.to_owned(), part, asked, existing, report, diagnostics }
    }
}

/// Roles and users; a group is no caller.
fn callers(snapshot: &Snapshot) -> impl Iterator<Item = &Entity> {
    snapshot.entities.iter().filter(|entity| entity.sort != Sort::Group)
}

/// One part of an entity as a document; nothing where there is none.
fn side(one: Option<Held<'_>>, part: Part, kind: Kind) -> Document {
    match (one, part) {
        (Some((snapshot, entity)), Part::Access) => Document::Stack(Box::new(snapshot.stack_of(entity))),
        (None, Part::Access) => Document::Stack(Box::default()),
        (Some((snapshot, entity)), Part::Trust) => {
            let trust = snapshot.trust_of(entity).cloned();
            Document::Policy(Box::new(trust.unwrap_or_else(|| nothing(kind))))
        }
        (None, Part::Trust) => Document::Policy(Box::new(nothing(kind))),
    }
}

/// A policy that grants nothing.
fn nothing(kind: Kind) -> Policy {
    let span = Span { file: FileId(u32::MAX), start: 0, end: 0 };
    let statements = Vec::new();
    Policy { kind, inferred: false, version: Version::V2012, id: None, statements, file: span.file, span }
}

/// The accesses that a role's trust policy can grant: the resource there is the role itself.
fn on_role(access: &[Access], role: &str) -> Vec<Access> {
    let names = |pattern: &String| {
        let token = |c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            c => Token::Char(c),
        };
        let tokens: Vec<Token<String>> = pattern.chars().map(token).collect();
        glob::matches(&tokens, role)
    };
    let concerned = access.iter().filter(|access| access.resources.is_empty() || access.resources.iter().any(names));
    concerned.map(|access| Access { actions: access.actions.clone(), resources: Vec::new() }).map(any_action).collect()
}

/// An access always lists something.
fn any_action(access: Access) -> Access {
    match access.actions.is_empty() {
        true => Access { actions: vec!["*".to_owned()], ..access },
        false => access,
    }
}

/// The policies of a part of an entity, as numbers.
fn policies(entity: &Entity, part: Part) -> Vec<usize> {
    match part {
        Part::Access => entity.identity.iter().copied().chain(entity.boundary).collect(),
        Part::Trust => entity.trust.into_iter().collect(),
    }
}

/// What there is to say about the policies of a part that can be analysed; the others are missing.
fn said((snapshot, entity): Held<'_>, part: Part) -> Vec<Diagnostic> {
    let found = policies(entity, part).into_iter().filter_map(|at| snapshot.policies.get(at));
    found.filter(|found| found.policy.is_some()).flat_map(|found| found.diagnostics.clone()).collect()
}

/// What is missing of a part.
fn lacks(one: Option<Held<'_>>, part: Part) -> Vec<Missing> {
    let Some((snapshot, entity)) = one else { return Vec::new() };
    let of_part = |missing: &&Missing| match missing.lack {
        Lack::Twice => true,
        Lack::Unknown(_) => false,
        _ => missing.address.ends_with(".AssumeRolePolicyDocument") == (part == Part::Trust),
    };
    snapshot.missing_of(entity).filter(of_part).cloned().collect()
}

/// The answer as far as what is missing allows one. What is missing of the existing side may have granted or denied; what
/// is missing of the asked side may grant or deny; a missing boundary only takes away.
fn as_far_as_known(mut report: Report, asked: &[Missing], existing: &[Missing]) -> Report {
    let open = |missing: &[Missing]| missing.iter().any(|missing| !missing.lack.only_bounds());
    let bounded = |missing: &[Missing]| missing.iter().any(|missing| missing.lack.only_bounds());
    let undecided = match report.verdict {
        Verdict::Pass => open(asked) || open(existing) || bounded(existing),
        Verdict::Fail => open(asked) || open(existing) || bounded(asked),
        Verdict::Unknown => true,
    };
    if undecided {
        let missing = asked.iter().chain(existing).map(|missing| Undecided {
            reason: format!("{}: {}", missing.address, missing.lack.in_words()),
            span: None,
            needed: "the whole answer of `aws iam get-account-authorization-details`".to_owned(),
        });
        report.unknown.extend(missing);
        report.verdict = Verdict::Unknown;
        report.complete = false;
    }
    report
}
