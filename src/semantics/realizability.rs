//! Which requests can exist: the relations between the parts of a request (spec 6.5, and the colon budget of 3.2).
//!
//! Each relation is written over the algebra, like the rest of the meaning: symbolically it is asserted with the
//! question, concretely it is checked on every counterexample. It speaks only of keys that the question's documents
//! speak of, and of those it needs in between. The keys that *are* parts of the caller or of the resource (6.5(1),
//! 6.5(2), 6.5(6)), typed values (6.5(14)) and the colon budget are built into the request variables themselves.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::catalogue::lists;
use crate::request::CallerKind;
use crate::semantics::principal::{federating, iam};
pub use crate::semantics::relation::{Relation, Relations};
use crate::semantics::variable::{folded, literal};
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};

/// Whether the request satisfies the relations in force, as far as they concern the spoken keys, and is one that its
/// caller makes by what it is: federated callers are those of `AssumeRoleWith…` (spec 6.1, 6.3).
pub fn hold<A: Algebra>(a: &mut A, relations: &Relations, spoken: &BTreeSet<String>) -> A::Truth {
    let federated = a.kind(CallerKind::Federated);
    let mut parts = match a.known(&federated) {
        Some(false) => Vec::new(),
        Some(true) | None => {
            let federating = federating(a);
            vec![implies(a, federated, federating)]
        }
    };
    for relation in &relations.on {
        parts.extend(demands(a, *relation, spoken));
    }
    a.all(parts)
}

/// Whether the relation says anything about these keys.
pub fn concerns(relation: Relation, spoken: &BTreeSet<String>) -> bool {
    let any = |keys: &[&str]| keys.iter().any(|key| spoken.contains(*key));
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| beginning(spoken, prefix).next().is_some());
    match relation {
        Relation::CallerAccount => any(&["aws:principalaccount"]),
        Relation::CallerIdentity => any(&["aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"]),
        Relation::ServiceCaller => any(&SERVICE_KEYS),
        Relation::CallerOrganisation => begins(&["aws:principalorg", "aws:principaltag/"]),
        Relation::SameOrganisation => ORGANISATIONS.iter().filter(|o| spoken.contains(o.id)).count() > 1,
        Relation::ResourceOwner => begins(&["aws:resourceaccount", "s3:resourceaccount", "aws:resourceorg"]),
        Relation::Time => any(&TIME_KEYS),
        Relation::Network => any(&NETWORK_KEYS),
        Relation::Source => any(&SOURCE_KEYS),
        Relation::CalledVia => any(&VIA_KEYS),
        Relation::Always => any(&ALWAYS_KEYS),
        Relation::Tags => TAGS.iter().any(|tags| begins(&[tags.tag])) || begins(&["aws:resourcetag/"]),
        Relation::SessionOnly => spoken.iter().any(|key| lists::is_session_only(key)) || any(&["aws:assumedroot"]),
        Relation::TypedValues | Relation::ColonBudget => true,
    }
}

/// The spoken keys that begin so.
fn beginning<'s>(spoken: &'s BTreeSet<String>, prefix: &'s str) -> impl Iterator<Item = &'s str> {
    let from = (Bound::Included(prefix), Bound::Unbounded);
    spoken.range::<str, _>(from).map(String::as_str).take_while(move |key| key.starts_with(prefix))
}

const SERVICE_KEYS: [&str; 3] =
    ["aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"];
const TIME_KEYS: [&str; 5] =
    ["aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "aws:multifactorauthpresent", "aws:multifactorauthage"];
const NETWORK_KEYS: [&str; 8] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];
const SOURCE_KEYS: [&str; 5] =
    ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"];
const VIA_KEYS: [&str; 4] = ["aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];
const ALWAYS_KEYS: [&str; 3] = ["aws:securetransport", "aws:requestedregion", "aws:useragent"];

/// An account and the organisation it is in.
struct Organisation {
    account: Option<&'static str>,
    id: &'static str,
}

/// The four accounts of a request; the first two are those of the caller and of the resource.
const ORGANISATIONS: [Organisation; 4] = [
    Organisation { account: None, id: "aws:principalorgid" },
    Organisation { account: None, id: "aws:resourceorgid" },
    Organisation { account: Some("aws:sourceaccount"), id: "aws:sourceorgid" },
    Organisation { account: Some("aws:vpceaccount"), id: "aws:vpceorgid" },
];

/// A family of tags and the key that lists their names.
struct Tags {
    tag: &'static str,
    keys: &'static str,
    /// Whether the names are listed only for tags that are there.
    converse: bool,
}

const TAGS: [Tags; 3] = [
    Tags { tag: "aws:requesttag/", keys: "aws:tagkeys", converse: false },
    Tags { tag: "s3:requestobjecttag/", keys: "s3:requestobjecttagkeys", converse: false },
    Tags { tag: "kms:encryptioncontext:", keys: "kms:encryptioncontextkeys", converse: true },
];

/// The key that lists the names of the tags of this one's family, and the name of this one.
pub(crate) fn listed_in(key: &str) -> Option<(&'static str, &str)> {
    TAGS.iter().find_map(|tags| Some((tags.keys, key.strip_prefix(tags.tag)?)))
}

fn demands<A: Algebra>(a: &mut A, relation: Relation, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    if !concerns(relation, spoken) {
        return Vec::new();
    }
    match relation {
        Relation::ServiceCaller => service_caller(a, spoken),
        Relation::CallerOrganisation => caller_organisation(a, spoken),
        Relation::SameOrganisation => same_organisation(a, spoken),
        Relation::ResourceOwner => resource_organisation(a, spoken),
        Relation::Time => time(a, spoken),
        Relation::Network => network(a, spoken),
        Relation::Source => source(a, spoken),
        Relation::CalledVia => called_via(a, spoken),
        Relation::Always => present_always(a, spoken, &ALWAYS_KEYS),
        Relation::Tags => tags(a, spoken),
        Relation::SessionOnly => session_only(a, spoken),
        // built into the request variables
        Relation::CallerAccount | Relation::CallerIdentity | Relation::TypedValues | Relation::ColonBudget => {
            Vec::new()
        }
    }
}

fn implies<A: Algebra>(a: &mut A, condition: A::Truth, consequence: A::Truth) -> A::Truth {
    let not = a.not(condition);
    a.any(vec![not, consequence])
}

fn same<A: Algebra>(a: &mut A, one: A::Truth, other: A::Truth) -> A::Truth {
    let there = implies(a, one.clone(), other.clone());
    let back = implies(a, other, one);
    a.all(vec![there, back])
}

fn is<A: Algebra>(a: &mut A, key: &str, text: &str) -> A::Truth {
    let (present, value) = (a.present(key), a.value(key));
    let equal = a.matches(&value, &[Pattern { tokens: literal(text), span: NOWHERE }]);
    a.all(vec![present, equal])
}

fn equals<A: Algebra>(a: &mut A, text: &A::Text, other: A::Text) -> A::Truth {
    a.matches(text, &[Pattern { tokens: vec![Token::Insert(other)], span: NOWHERE }])
}

fn present_always<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>, keys: &[&str]) -> Vec<A::Truth> {
    keys.iter().filter(|key| spoken.contains(**key)).map(|key| a.present(key)).collect()
}

/// Each spoken key of the list comes only with callers of these kinds.
fn only_with<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>, keys: &[&str], kinds: &[CallerKind]) -> Vec<A::Truth> {
    let mut parts = Vec::new();
    for key in keys.iter().filter(|key| spoken.contains(**key)) {
        let kinds: Vec<A::Truth> = kinds.iter().map(|kind| a.kind(*kind)).collect();
        let (present, caller) = (a.present(key), a.any(kinds));
        parts.push(implies(a, present, caller));
    }
    parts
}

/// 6.5(3)
fn service_caller<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let [flag, name, list] = SERVICE_KEYS;
    let service = a.kind(CallerKind::Service);
    let mut parts = Vec::new();
    if spoken.contains(flag) {
        let anonymous = a.kind(CallerKind::Anonymous);
        let (present, signed) = (a.present(flag), a.not(anonymous));
        parts.push(same(a, present.clone(), signed));
        let (yes, no) = (is(a, flag, "true"), is(a, flag, "false"));
        parts.push(same(a, yes.clone(), service.clone()));
        let either = a.any(vec![yes, no]);
        parts.push(implies(a, present, either));
    }
    if spoken.contains(name) {
        let (present, value, caller) = (a.present(name), a.value(name), a.field(Field::CallerName));
        parts.push(same(a, present.clone(), service.clone()));
        let equal = equals(a, &value, caller);
        parts.push(implies(a, present, equal));
    }
    if spoken.contains(list) {
        let present = a.present(list);
        parts.push(same(a, present.clone(), service));
        let caller = a.field(Field::CallerName);
        let listed = a.some(list, &mut |a, value| equals(a, &value, caller.clone()));
        parts.push(implies(a, present, listed));
    }
    parts
}

/// 6.5(4)
fn caller_organisation<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let mut parts = organisation_paths(a, spoken, "aws:principalorgid", "aws:principalorgpaths");
    let mut keys: Vec<&str> = vec!["aws:principalorgid", "aws:principalorgpaths"];
    keys.extend(beginning(spoken, "aws:principaltag/"));
    use CallerKind::{Federated, FederatedUser, Root, Session, User};
    parts.extend(only_with(a, spoken, &keys, &[Root, User, Session, FederatedUser, Federated]));
    parts
}

/// The id and the paths come together, and every path is one of the id.
fn organisation_paths<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>, id: &str, paths: &str) -> Vec<A::Truth> {
    if !spoken.contains(id) || !spoken.contains(paths) {
        return Vec::new();
    }
    let (has_id, has_paths) = (a.present(id), a.present(paths));
    let organisation = a.value(id);
    let together = same(a, has_id.clone(), has_paths);
    let strange = a.some(paths, &mut |a, path| {
        let tokens = vec![Token::Insert(organisation.clone()), Token::Char('/'), Token::Many];
        let below = a.matches(&path, &[Pattern { tokens, span: NOWHERE }]);
        let ended = a.matches(&path, &[Pattern { tokens: vec![Token::Many, Token::Char('/')], span: NOWHERE }]);
        let usual = a.all(vec![below, ended]);
        a.not(usual)
    });
    let none_strange = a.not(strange);
    vec![together, implies(a, has_id, none_strange)]
}

/// 6.5(5), for organisation ids.
fn same_organisation<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let involved: Vec<(usize, &Organisation)> =
        ORGANISATIONS.iter().enumerate().filter(|(_, o)| spoken.contains(o.id)).collect();
    let mut parts = Vec::new();
    for (at, (one_index, one)) in involved.iter().enumerate() {
        for (other_index, other) in involved.iter().take(at) {
            let Some((given, one_account)) = account(a, *one_index, one, spoken) else { continue };
            let Some((other_given, other_account)) = account(a, *other_index, other, spoken) else { continue };
            let equal = equals(a, &one_account, other_account);
            let (has_one, has_other) = (a.present(one.id), a.present(other.id));
            let condition = a.all(vec![given, other_given, equal, has_one, has_other]);
            let (one_id, other_id) = (a.value(one.id), a.value(other.id));
            let consequence = equals(a, &one_id, other_id);
            parts.push(implies(a, condition, consequence));
        }
    }
    parts
}

fn account<A: Algebra>(
    a: &mut A,
    index: usize,
    organisation: &Organisation,
    spoken: &BTreeSet<String>,
) -> Option<(A::Truth, A::Text)> {
    match (organisation.account, index) {
        (Some(key), _) if spoken.contains(key) => Some((a.present(key), a.value(key))),
        (Some(_), _) => None,
        (None, 0) => Some((iam(a), a.field(Field::CallerAccount))),
        (None, _) => Some((a.constant(true), a.field(Field::ResourceAccount))),
    }
}

/// 6.5(6), beside the account itself.
fn resource_organisation<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    organisation_paths(a, spoken, "aws:resourceorgid", "aws:resourceorgpaths")
}

/// 6.5(7). That a token is not issued in the future is not demanded: it could only make a PASS easier.
fn time<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    use CallerKind::{FederatedUser, Root, Session, User};
    let [now, epoch, issued, mfa, age] = TIME_KEYS;
    let mut parts = present_always(a, spoken, &[now, epoch]);
    parts.extend(only_with(a, spoken, &[issued, mfa, age], &[Root, User, Session, FederatedUser]));
    if spoken.contains(issued) {
        let (session, federated) = (a.kind(Session), a.kind(FederatedUser));
        let (temporary, present) = (a.any(vec![session, federated]), a.present(issued));
        parts.push(implies(a, temporary, present));
    }
    if spoken.contains(age) {
        let (present, with_mfa) = (a.present(age), is(a, mfa, "true"));
        parts.push(implies(a, present.clone(), with_mfa));
        let (value, zero) = (a.value(age), solver::decimal::Decimal::parse("0"));
        if let Some(zero) = zero.filter(|_| spoken.contains(age)) {
            let from_zero =
                solver::interval::IntervalSet::between(solver::interval::Cut::Before(zero), solver::interval::Cut::End);
            let positive = a.number_in(&value, &from_zero);
            parts.push(implies(a, present, positive));
        }
    }
    parts
}

/// 6.5(8)
fn network<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let [ip, vpc, endpoint, inner_ip, vpc_arn, ..] = NETWORK_KEYS;
    let through = a.present(endpoint);
    let mut parts = Vec::new();
    if spoken.contains(ip) {
        let has_ip = a.present(ip);
        let no_ip = a.not(has_ip.clone());
        parts.push(implies(a, through.clone(), no_ip));
        let service = a.kind(CallerKind::Service);
        parts.push(a.any(vec![through.clone(), has_ip, service]));
    }
    for key in [vpc, inner_ip].into_iter().filter(|key| spoken.contains(*key)) {
        let present = a.present(key);
        parts.push(same(a, present, through.clone()));
    }
    for key in NETWORK_KEYS.into_iter().skip(4).filter(|key| spoken.contains(*key)) {
        let present = a.present(key);
        parts.push(implies(a, present, through.clone()));
    }
    if spoken.contains(vpc_arn) && spoken.contains(vpc) {
        let (present, arn, id) = (a.present(vpc_arn), a.value(vpc_arn), a.value(vpc));
        let tokens = vec![Token::Many, Token::Char(':'), Token::Char('v'), Token::Char('p'), Token::Char('c')];
        let tokens = tokens.into_iter().chain([Token::Char('/'), Token::Insert(id)]).collect();
        let names = a.matches(&arn, &[Pattern { tokens, span: NOWHERE }]);
        parts.push(implies(a, present, names));
    }
    parts
}

/// 6.5(9)
fn source<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let [arn, account, ..] = SOURCE_KEYS;
    let mut parts = only_with(a, spoken, &SOURCE_KEYS, &[CallerKind::Service]);
    if spoken.contains(arn) && spoken.contains(account) {
        let (has_arn, has_account) = (a.present(arn), a.present(account));
        let (text, id) = (a.value(arn), a.value(account));
        let colon = Token::Char(':');
        let head = |field: Vec<Token<A::Text>>| {
            let mut tokens = literal("arn");
            for _ in 0..3 {
                tokens.extend([colon.clone(), Token::ManyInField]);
            }
            tokens.push(colon.clone());
            tokens.extend(field);
            tokens.extend([colon.clone(), Token::Many]);
            Pattern { tokens, span: NOWHERE }
        };
        let agrees = a.matches(&text, &[head(vec![Token::Insert(id)])]);
        let twelve = a.matches(&text, &[head(vec![Token::OneInField; 12])]);
        let silent = a.not(twelve);
        let fine = a.any(vec![agrees, silent]);
        let both = a.all(vec![has_arn, has_account]);
        parts.push(implies(a, both, fine));
    }
    parts
}

/// 6.5(10)
fn called_via<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let [flag, list, first, last] = VIA_KEYS;
    let via = is(a, flag, "true");
    let mut parts = vec![a.present(flag)];
    let callers = iam(a);
    parts.push(implies(a, via.clone(), callers));
    let chain: Vec<&str> = [list, first, last].into_iter().filter(|key| spoken.contains(*key)).collect();
    for key in &chain {
        let present = a.present(key);
        parts.push(implies(a, present, via.clone()));
    }
    for pair in chain.windows(2) {
        if let [one, other] = pair {
            let (one, other) = (a.present(one), a.present(other));
            parts.push(same(a, one, other));
        }
    }
    for key in chain.iter().skip(1).filter(|_| spoken.contains(list)) {
        let (present, value) = (a.present(key), a.value(key));
        let member = a.some(list, &mut |a, each| equals(a, &each, value.clone()));
        parts.push(implies(a, present, member));
    }
    parts
}

/// 6.5(12)
fn tags<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let mut parts = Vec::new();
    for tags in TAGS.iter().filter(|tags| spoken.contains(tags.keys)) {
        for key in beginning(spoken, tags.tag) {
            let name = key.get(tags.tag.len()..).unwrap_or_default();
            let present = a.present(key);
            let listed = a.some(tags.keys, &mut |a, each| {
                let tokens = name.chars().map(folded).collect();
                a.matches(&each, &[Pattern { tokens, span: NOWHERE }])
            });
            parts.push(if tags.converse { same(a, present, listed) } else { implies(a, present, listed) });
        }
    }
    for key in spoken {
        let Some((service, name)) = key.split_once(":resourcetag/") else { continue };
        let general = format!("aws:resourcetag/{name}");
        if service != "aws" && spoken.contains(&general) {
            let both = [a.present(key), a.present(&general)];
            let both = a.all(both.into());
            let (one, other) = (a.value(key), a.value(&general));
            let equal = equals(a, &one, other);
            parts.push(implies(a, both, equal));
        }
    }
    parts
}

/// 6.5(13)
fn session_only<A: Algebra>(a: &mut A, spoken: &BTreeSet<String>) -> Vec<A::Truth> {
    let keys: Vec<&str> = spoken.iter().map(String::as_str).filter(|key| lists::is_session_only(key)).collect();
    let mut parts = only_with(a, spoken, &keys, &[CallerKind::Session]);
    parts.extend(only_with(a, spoken, &["aws:assumedroot"], &[CallerKind::Root]));
    let pairs = [
        ("aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4"),
        ("ec2:roledelivery", "ec2:sourceinstancearn"),
    ];
    for (one, other) in pairs {
        if spoken.contains(one) && spoken.contains(other) {
            let (one, other) = (a.present(one), a.present(other));
            parts.push(same(a, one, other));
        }
    }
    parts
}
