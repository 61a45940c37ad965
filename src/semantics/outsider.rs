//! Outsiders: callers without any relation to the identities, accounts, organisations, networks and sources that a
//! policy names (spec 9.3).
//!
//! Written over the algebra like the rest of the meaning: asserted with a question about all requests, checked on every
//! counterexample.

mod claim;
mod name;
mod provider;

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Policy;
use crate::request::CallerKind;
use crate::semantics::principal::iam;
use crate::semantics::variable::{glob, literal};
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};
use claim::Claims;
use name::{Mark, Names};

/// Service keys that an outsider cannot choose, by the service of the resource (spec 9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceKeys {
    /// None: the service has no such key.
    #[default]
    None,
    /// `kms:CallerAccount`
    Kms,
    /// `s3:DataAccessPointArn`, `s3:DataAccessPointAccount`
    S3,
    /// Those of S3 on Outposts.
    S3Outposts,
    /// Those of directory buckets.
    S3Express,
    /// All of them: the service of the resource is not known.
    All,
}

/// What the values of a trusted key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Account,
    Arn,
    NetworkArn,
    Organisation,
    OrganisationPath,
    Network,
    UserId,
}

/// The keys that an outsider cannot choose (spec 9.3), with those of services last.
const TRUSTED: [(&str, Sort); 18] = [
    ("aws:principalarn", Sort::Arn),
    ("aws:principalaccount", Sort::Account),
    ("aws:principalorgid", Sort::Organisation),
    ("aws:principalorgpaths", Sort::OrganisationPath),
    ("aws:userid", Sort::UserId),
    ("aws:sourcevpc", Sort::Network),
    ("aws:sourcevpce", Sort::Network),
    ("aws:sourcevpcarn", Sort::NetworkArn),
    ("aws:vpceaccount", Sort::Account),
    ("aws:vpceorgid", Sort::Organisation),
    ("aws:vpceorgpaths", Sort::OrganisationPath),
    ("aws:sourcearn", Sort::Arn),
    ("aws:sourceaccount", Sort::Account),
    ("aws:sourceorgid", Sort::Organisation),
    ("aws:sourceorgpaths", Sort::OrganisationPath),
    ("aws:sourceowner", Sort::Account),
    ("kms:calleraccount", Sort::Account),
    ("s3:dataaccesspointaccount", Sort::Account),
];

/// Trusted keys of access points, which come in three services.
const ACCESS_POINT: [(&str, Sort); 5] = [
    ("s3:dataaccesspointarn", Sort::Arn),
    ("s3-outposts:dataaccesspointarn", Sort::Arn),
    ("s3-outposts:dataaccesspointaccount", Sort::Account),
    ("s3express:dataaccesspointarn", Sort::Arn),
    ("s3express:dataaccesspointaccount", Sort::Account),
];

/// Keys about the account that owns the resource: no outsider's.
const OWNER: [(&str, Sort); 4] = [
    ("aws:resourceaccount", Sort::Account),
    ("s3:resourceaccount", Sort::Account),
    ("aws:resourceorgid", Sort::Organisation),
    ("aws:resourceorgpaths", Sort::OrganisationPath),
];

impl ServiceKeys {
    /// What the values of the key are, if an outsider cannot choose them.
    fn sort(self, key: &str) -> Option<Sort> {
        let service = key.split(':').next().unwrap_or(key);
        let counts = match (self, service) {
            (_, "aws") | (ServiceKeys::All, _) => true,
            (ServiceKeys::Kms, name) => name == "kms",
            (ServiceKeys::S3, name) => name == "s3",
            (ServiceKeys::S3Outposts, name) => name == "s3-outposts" || name == "s3",
            (ServiceKeys::S3Express, name) => name == "s3express" || name == "s3",
            (ServiceKeys::None, _) => false,
        };
        TRUSTED.iter().chain(&ACCESS_POINT).find(|(name, _)| counts && *name == key).map(|(_, sort)| *sort)
    }
}

/// The outsiders of some documents.
#[derive(Clone, Debug, Default)]
pub struct Outsiders {
    names: Names,
    /// Trusted keys that the documents speak of, with the values that are no outsider's.
    keys: BTreeMap<String, (Sort, Vec<Mark>)>,
    /// Federation claims that the documents speak of.
    claims: Claims,
    /// Whether trusted keys are compared with each other or with the owner's.
    compared: bool,
    /// Keys about the owner that the documents speak of.
    owner: BTreeSet<String>,
    /// Whether sessions of service-linked roles are left out: resource control policies do not apply to them (spec 8.5),
    /// and nobody can use one at will.
    without_service_linked: bool,
}

impl Outsiders {
    /// The outsiders of these documents.
    pub fn of<'p>(documents: impl IntoIterator<Item = &'p Policy>, service_keys: ServiceKeys) -> Self {
        let mut outsiders = Self::default();
        let mut values: BTreeMap<String, Vec<name::Value>> = BTreeMap::new();
        for policy in documents {
            outsiders.without_service_linked |= policy.kind == crate::policy::Kind::ResourceControl;
            outsiders.names.add(policy);
            for (key, given) in name::values(policy) {
                values.entry(key).or_default().extend(given);
            }
            for key in name::inserted(policy) {
                outsiders.compared = true;
                values.entry(key).or_default();
            }
        }
        for (key, given) in &values {
            if let Some(sort) = service_keys.sort(key) {
                outsiders.names.learn(sort, given);
            }
            if let Some((_, sort)) = OWNER.iter().find(|(owner, _)| owner == key) {
                outsiders.names.learn(*sort, given);
                outsiders.owner.insert(key.clone());
            }
        }
        for (key, given) in values {
            if let Some(sort) = service_keys.sort(&key) {
                let marks = outsiders.names.marks(sort, &given);
                outsiders.keys.insert(key, (sort, marks));
            } else {
                outsiders.claims.add(&key, &given);
            }
        }
        outsiders
    }

    /// Keys that only a service fills in, for its customer's resource (spec 9.3), as far as the documents speak of them.
    pub fn source_keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str).filter(|key| key.starts_with("aws:source") && !key.contains("vpc"))
    }

    /// Whether the request could be one that a service makes for an outsider: with source keys, none of them named.
    pub fn may_be_served<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let source: Vec<A::Truth> = self.source_keys().map(|key| a.present(key)).collect();
        let mut parts = vec![a.kind(CallerKind::Service), a.any(source)];
        parts.extend(self.keys_are_fresh(a));
        parts.extend(self.not_the_owner(a));
        a.all(parts)
    }

    /// Whether the request could be made by an outsider.
    pub fn may_make<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut parts = vec![self.kind(a)];
        parts.extend(self.account_is_fresh(a));
        parts.extend(self.keys_are_fresh(a));
        parts.extend(self.not_the_owner(a));
        if self.without_service_linked {
            let (session, role) = (a.kind(CallerKind::Session), a.field(Field::RoleArn));
            let linked = a.matches(&role, &[glob("arn:*:iam::*:role/aws-service-role/*")]);
            let linked = a.all(vec![session, linked]);
            parts.push(a.not(linked));
        }
        a.all(parts)
    }

    /// Anonymous, of an account of his own, or a user of a provider that anyone can join. A service acts for somebody:
    /// the request is then that of the one it acts for, and carries his source keys.
    fn kind<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let (anonymous, signed) = (a.kind(CallerKind::Anonymous), iam(a));
        let federated = a.kind(CallerKind::Federated);
        let provided = match a.known(&federated) {
            Some(false) => federated,
            Some(true) | None => {
                let free = self.claims.free(a);
                a.all(vec![federated, free])
            }
        };
        a.any(vec![anonymous, signed, provided])
    }

    /// The account is none that is named, nor is the caller's id.
    fn account_is_fresh<A: Algebra>(&self, a: &mut A) -> Vec<A::Truth> {
        let mut parts = Vec::new();
        if !self.names.accounts.is_empty() {
            let own = a.field(Field::CallerAccount);
            parts.push(is_signed_with(a, &own, &exact(&self.names.accounts)));
        }
        if !self.names.ids.is_empty() {
            let own = a.field(Field::CallerId);
            let mut patterns = exact(&self.names.ids);
            patterns.extend(self.names.ids.iter().map(|id| begins(&format!("{id}:"))));
            parts.push(is_signed_with(a, &own, &patterns));
        }
        let named: Vec<A::Truth> = self.names.canonical.iter().map(|unknown| a.unknown(unknown)).collect();
        parts.extend(named);
        parts.into_iter().map(|named| a.not(named)).collect()
    }

    /// Every trusted key that is present has a value that is not named (spec 9.3).
    fn keys_are_fresh<A: Algebra>(&self, a: &mut A) -> Vec<A::Truth> {
        let mut parts = Vec::new();
        for (key, (_, marks)) in self.keys.iter().filter(|(_, (_, marks))| !marks.is_empty()) {
            let patterns: Vec<Pattern<A::Text>> = marks.iter().map(Mark::pattern).collect();
            let named = a.some(key, &mut |a, value| a.matches(&value, &patterns));
            parts.push(a.not(named));
        }
        parts
    }

    /// Where the documents compare keys with each other: the owner of the resource is no outsider, nor is his
    /// organisation.
    fn not_the_owner<A: Algebra>(&self, a: &mut A) -> Vec<A::Truth> {
        if !self.compared {
            return Vec::new();
        }
        let mut parts = Vec::new();
        for (owner, sort) in OWNER.into_iter().filter(|(key, _)| self.owner.contains(*key)) {
            match sort {
                Sort::Account => {
                    parts.push(owns(a, owner));
                    parts.extend(self.shared(a, Sort::Account, owner, false));
                }
                Sort::Organisation => {
                    parts.extend(self.shared(a, Sort::Organisation, owner, false));
                    parts.extend(self.shared(a, Sort::OrganisationPath, owner, true));
                }
                Sort::OrganisationPath => parts.extend(self.above(a, owner)),
                Sort::Arn | Sort::NetworkArn | Sort::Network | Sort::UserId => {}
            }
        }
        parts.into_iter().map(|same| a.not(same)).collect()
    }

    fn of_sort(&self, wanted: Sort) -> impl Iterator<Item = &String> {
        self.keys.iter().filter(move |(_, (sort, _))| *sort == wanted).map(|(key, _)| key)
    }

    /// For each trusted key of the sort, whether it holds the owner's value, or a path below it.
    fn shared<A: Algebra>(&self, a: &mut A, sort: Sort, owner: &str, below: bool) -> Vec<A::Truth> {
        let mut parts = Vec::new();
        for key in self.of_sort(sort) {
            let (present, value) = (a.present(owner), a.value(owner));
            let pattern = if below { path_of(value) } else { vec![Token::Insert(value)] };
            let pattern = [Pattern { tokens: pattern, span: NOWHERE }];
            let same = a.some(key, &mut |a, own| a.matches(&own, &pattern));
            parts.push(a.all(vec![present, same]));
        }
        parts
    }

    /// For each organisation of the outsider's, whether the owner's paths are of it.
    fn above<A: Algebra>(&self, a: &mut A, owner: &str) -> Vec<A::Truth> {
        let mut parts = Vec::new();
        for key in self.of_sort(Sort::Organisation) {
            let (present, own) = (a.present(key), a.value(key));
            let pattern = [Pattern { tokens: path_of(own), span: NOWHERE }];
            let below = a.some(owner, &mut |a, path| a.matches(&path, &pattern));
            parts.push(a.all(vec![present, below]));
        }
        parts
    }
}

/// Whether the caller's account is the owner's.
fn owns<A: Algebra>(a: &mut A, owner: &str) -> A::Truth {
    let (caller, present, account) = (a.field(Field::CallerAccount), a.present(owner), a.value(owner));
    let (who, same) = (iam(a), equals(a, &caller, account));
    a.all(vec![who, present, same])
}

/// The paths of an organisation.
fn path_of<Text>(id: Text) -> Vec<Token<Text>> {
    vec![Token::Insert(id), Token::Char('/'), Token::Many]
}

/// Whether an IAM caller's text matches one of the patterns.
fn is_signed_with<A: Algebra>(a: &mut A, text: &A::Text, patterns: &[Pattern<A::Text>]) -> A::Truth {
    let (signed, matched) = (iam(a), a.matches(text, patterns));
    a.all(vec![signed, matched])
}

fn equals<A: Algebra>(a: &mut A, text: &A::Text, other: A::Text) -> A::Truth {
    a.matches(text, &[Pattern { tokens: vec![Token::Insert(other)], span: NOWHERE }])
}

fn exact<'s, Text>(texts: impl IntoIterator<Item = &'s String>) -> Vec<Pattern<Text>> {
    texts.into_iter().map(|text| Pattern { tokens: literal(text), span: NOWHERE }).collect()
}

fn begins<Text>(text: &str) -> Pattern<Text> {
    let mut tokens = literal(text);
    tokens.push(Token::Many);
    Pattern { tokens, span: NOWHERE }
}
