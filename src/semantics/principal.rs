//! The truth of `Principal` and `NotPrincipal`: who is named, and how directly (spec 2.5, 6.2–6.4).

use std::collections::BTreeMap;

use crate::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use crate::policy::template::Template;
use crate::policy::{Effect, Kind};
use crate::request::CallerKind;
use crate::semantics::document::{Position, Scope};
use crate::semantics::variable::{glob, literal, plain_tokens};
use crate::semantics::{Algebra, Contested, Field, Part, Pattern, Token};
use crate::source::Span;

/// How an element names the caller: for each match class of spec 6.2, whether some entry matches with it. DIRECT is
/// split in three, because C1 and C5 tell its cases apart.
#[derive(Clone, Debug)]
pub struct Classes<Truth> {
    /// `*`: every caller of any kind (DIRECT).
    pub everyone: Truth,
    /// The caller's account (ACCOUNT).
    pub account: Truth,
    /// The role behind the session, or the user behind the federated user (ROLE).
    pub role: Truth,
    /// The session or federated user by its own ARN (DIRECT).
    pub session: Truth,
    /// The user, service or federation provider itself (DIRECT).
    pub itself: Truth,
}

impl<Truth: Clone> Classes<Truth> {
    /// Whether some entry matches with class DIRECT.
    pub fn direct<A: Algebra<Truth = Truth>>(&self, a: &mut A) -> Truth {
        a.any(vec![self.everyone.clone(), self.session.clone(), self.itself.clone()])
    }

    /// Whether some entry matches at all.
    pub fn any<A: Algebra<Truth = Truth>>(&self, a: &mut A) -> Truth {
        let direct = self.direct(a);
        a.any(vec![direct, self.role.clone(), self.account.clone()])
    }

    /// The same truth in every class, for an element that does not tell classes apart.
    fn uniform<A: Algebra<Truth = Truth>>(a: &mut A, truth: Truth) -> Self {
        let never = a.constant(false);
        Self { everyone: truth, account: never.clone(), role: never.clone(), session: never.clone(), itself: never }
    }
}

/// Whether the caller is one the statement speaks of; an absent element speaks of every caller.
pub fn applies<A: Algebra>(a: &mut A, scope: Scope, element: Option<&PrincipalElement>) -> A::Truth {
    classes(a, scope, element).any(a)
}

/// The match classes of the caller in the element. `NotPrincipal` and an absent element match everyone they match
/// directly.
pub fn classes<A: Algebra>(a: &mut A, scope: Scope, element: Option<&PrincipalElement>) -> Classes<A::Truth> {
    let Some(element) = element else {
        let always = a.constant(true);
        return Classes::uniform(a, always);
    };
    let listed = named(a, scope, element);
    let classes = if element.negated {
        let truth = not_listed(a, scope, &listed);
        Classes::uniform(a, truth)
    } else {
        listed
    };
    let any = classes.any(a);
    a.mark(Part::Principal, element.span, any);
    classes
}

/// `NotPrincipal` (spec 6.4): R1, under a Deny also R2 and R3 {C1}.
fn not_listed<A: Algebra>(a: &mut A, scope: Scope, listed: &Classes<A::Truth>) -> A::Truth {
    let any = listed.any(a);
    let by_r1 = a.not(any);
    if scope.effect == Effect::Allow {
        return by_r1;
    }
    let truth = a.choose(Contested::C1R2, true, |a, r2| {
        a.choose(Contested::C1R3, !r2, |a, r3| match (r2, r3) {
            (false, false) => by_r1.clone(),
            (true, _) => some_level_missing(a, listed, true),
            (false, true) => some_level_missing(a, listed, false),
        })
    });
    if !scope.bounded {
        return truth;
    }
    // spec 6.4: such a Deny always matches a user or role with a permissions boundary
    let (user, session) = (a.kind(CallerKind::User), a.kind(CallerKind::Session));
    a.any(vec![truth, user, session])
}

/// Whether some identity level of the caller is not listed (spec 6.4): every level counts in R2 (`own`); in R3 the
/// session itself need not be listed.
fn some_level_missing<A: Algebra>(a: &mut A, listed: &Classes<A::Truth>, own: bool) -> A::Truth {
    let direct = listed.direct(a);
    let mut levels = vec![
        (iam(a), listed.account.clone()),
        (a.kind(CallerKind::Session), listed.role.clone()),
        (a.kind(CallerKind::FederatedUser), listed.role.clone()),
    ];
    let alone = [CallerKind::User, CallerKind::Service, CallerKind::Federated, CallerKind::Anonymous];
    levels.extend(alone.map(|kind| (a.kind(kind), direct.clone())));
    if own {
        let sessions = [CallerKind::Session, CallerKind::FederatedUser];
        levels.extend(sessions.map(|kind| (a.kind(kind), direct.clone())));
    }
    let mut missing = Vec::with_capacity(levels.len());
    for (has_level, listed) in levels {
        let unlisted = a.not(listed);
        missing.push(a.all(vec![has_level, unlisted]));
    }
    let missing = a.any(missing);
    let not_everyone = a.not(listed.everyone.clone());
    a.all(vec![not_everyone, missing])
}

/// Whether the caller is of an IAM kind (spec 6.5(1)).
pub fn iam<A: Algebra>(a: &mut A) -> A::Truth {
    let kinds =
        [CallerKind::Root, CallerKind::User, CallerKind::Session, CallerKind::FederatedUser].map(|kind| a.kind(kind));
    a.any(kinds.into())
}

/// The actions of the requests that federated callers make: `AssumeRoleWith…`, and what those ask for besides (spec
/// 6.3, 8.3).
const FEDERATE: [&str; 4] = ["sts:assumerolewith*", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];

/// Whether the request is one that a federated caller makes (spec 6.3, 8.3).
pub(crate) fn federating<A: Algebra>(a: &mut A) -> A::Truth {
    let action = a.field(Field::Action);
    a.matches(&action, &FEDERATE.map(glob))
}

/// The unknown of an account that is known by its canonical id only (spec 6.3).
pub(crate) fn canonical_unknown(id: &str) -> String {
    format!("the caller's account has the canonical id {id}")
}

/// The classes of the entries, the entries of one sort in one question.
fn named<A: Algebra>(a: &mut A, scope: Scope, element: &PrincipalElement) -> Classes<A::Truth> {
    let list = List { scope, negated: element.negated, entries: &element.entries };
    Classes {
        everyone: list.everyone(a),
        account: list.account(a),
        role: list.role(a),
        session: list.session(a),
        itself: list.itself(a),
    }
}

/// The entries of an element.
struct List<'p> {
    scope: Scope,
    negated: bool,
    entries: &'p [PrincipalEntry],
}

impl List<'_> {
    /// `*` (spec 6.2, 6.3).
    fn everyone<A: Algebra>(&self, a: &mut A) -> A::Truth {
        self.certain(a, |name| *name == PrincipalName::Everyone)
    }

    /// Account ids and root ARNs; S3 canonical ids, each an account known only by that id (spec 6.2, 6.3).
    fn account<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let ids = self.account_ids(a);
        let canonical = self.canonical_users(a);
        let some = a.any(vec![ids, canonical]);
        // spec 8.8: of a gateway endpoint an account is its root user only; the endpoint's type is not known
        let whole = self.scope.kind != Kind::Endpoint || self.scope.generous() != self.negated;
        let who = if whole { iam(a) } else { a.kind(CallerKind::Root) };
        a.all(vec![who, some])
    }

    fn account_ids<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut by_partition: BTreeMap<Option<&str>, Vec<(String, Span)>> = BTreeMap::new();
        for entry in self.entries {
            if let PrincipalName::Account { partition, account } = &entry.name {
                by_partition.entry(partition.as_deref()).or_default().push((account.clone(), entry.span));
            }
        }
        let mut parts = Vec::new();
        for (partition, accounts) in by_partition {
            let account = one_of(a, Field::CallerAccount, accounts);
            let Some(partition) = partition else {
                parts.push(account);
                continue;
            };
            let own = one_of(a, Field::CallerPartition, vec![(partition.to_owned(), crate::semantics::NOWHERE)]);
            parts.push(a.all(vec![own, account]));
        }
        a.any(parts)
    }

    /// Opaque accounts (spec 6.3): whether the caller is of that account is an unknown of the request.
    fn canonical_users<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let mut parts = Vec::new();
        for entry in self.entries {
            if let PrincipalName::CanonicalUser(id) = &entry.name {
                let belongs = a.unknown(&canonical_unknown(id));
                parts.push(a.mark(Part::Entry, entry.span, belongs));
            }
        }
        a.any(parts)
    }

    /// Role ARNs and unique ids for their sessions; user ARNs for the user's federated sessions (spec 6.2).
    fn role<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let roles =
            self.texts(|name| if let PrincipalName::Role { arn, .. } = name { Some(arn.clone()) } else { None });
        let parts = vec![
            self.of_kind(a, CallerKind::Session, Field::RoleArn, roles),
            self.of_kind(a, CallerKind::FederatedUser, Field::CallerArn, self.texts(federated_session)),
            self.unique_ids(a, true),
            self.wildcards(a, CallerKind::Session, Field::RoleArn),
        ];
        a.any(parts)
    }

    /// Session and federated-user ARNs (spec 6.2).
    fn session<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let sessions =
            self.texts(|name| if let PrincipalName::Session { arn } = name { Some(arn.clone()) } else { None });
        let federated =
            self.texts(|name| if let PrincipalName::FederatedUser { arn } = name { Some(arn.clone()) } else { None });
        let parts = vec![
            self.of_kind(a, CallerKind::Session, Field::CallerArn, sessions),
            self.of_kind(a, CallerKind::FederatedUser, Field::CallerArn, federated),
            self.wildcards(a, CallerKind::Session, Field::CallerArn),
            self.wildcards(a, CallerKind::FederatedUser, Field::CallerArn),
        ];
        a.any(parts)
    }

    /// Users, services and federation providers themselves (spec 6.2, 6.3).
    fn itself<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let users =
            self.texts(|name| if let PrincipalName::User { arn, .. } = name { Some(arn.clone()) } else { None });
        let services =
            self.texts(|name| if let PrincipalName::Service(name) = name { Some(name.clone()) } else { None });
        let providers =
            self.texts(|name| if let PrincipalName::Federated(name) = name { Some(name.clone()) } else { None });
        let parts = vec![
            self.of_kind(a, CallerKind::User, Field::CallerArn, users),
            self.unique_ids(a, false),
            self.of_kind(a, CallerKind::Service, Field::CallerName, services),
            self.federated(a, providers),
            self.any_service(a),
            self.wildcards(a, CallerKind::User, Field::CallerArn),
            self.wildcards(a, CallerKind::Root, Field::CallerArn),
        ];
        a.any(parts)
    }

    /// Unique ids (spec 6.2): the id itself, or as `role` followed by `:` and a session name.
    fn unique_ids<A: Algebra>(&self, a: &mut A, role: bool) -> A::Truth {
        let mut patterns = Vec::new();
        for entry in self.entries {
            if let PrincipalName::UniqueId(id) = &entry.name {
                let mut tokens = literal(id);
                if role {
                    tokens.extend([Token::Char(':'), Token::Many]);
                }
                patterns.push(Pattern { tokens, span: entry.span });
            }
        }
        let matched = self.ask(a, Field::CallerId, &patterns);
        let iam = iam(a);
        a.all(vec![iam, matched])
    }

    /// `{"Service":"*"}` (spec 2.5): every service where that widens access under test or narrows the reference.
    fn any_service<A: Algebra>(&self, a: &mut A) -> A::Truth {
        let wide = self.scope.generous() != self.negated;
        let named = self.certain(a, |name| wide && *name == PrincipalName::AnyService);
        let service = a.kind(CallerKind::Service);
        a.all(vec![named, service])
    }

    /// Federation providers by name, or all of them (spec 2.5), in the requests that their callers make (spec 6.3).
    fn federated<A: Algebra>(&self, a: &mut A, providers: Vec<(String, Span)>) -> A::Truth {
        if providers.is_empty() && !self.entries.iter().any(|entry| entry.name == PrincipalName::AnyFederated) {
            return a.constant(false);
        }
        let named = self.of_kind(a, CallerKind::Federated, Field::CallerName, providers);
        let listed = self.certain(a, |name| *name == PrincipalName::AnyFederated);
        let federated = a.kind(CallerKind::Federated);
        let any = a.all(vec![listed, federated]);
        let some = a.any(vec![named, any]);
        let federating = federating(a);
        a.all(vec![some, federating])
    }

    /// ARNs with wildcards (spec 2.5): in the reference a glob over the caller's ARNs, elsewhere literal, which no
    /// caller's ARN is.
    fn wildcards<A: Algebra>(&self, a: &mut A, kind: CallerKind, field: Field) -> A::Truth {
        let mut patterns = Vec::new();
        for entry in self.entries.iter().filter(|_| self.scope.position == Position::Reference) {
            if let PrincipalName::Wildcard(template) = &entry.name {
                patterns.push(Pattern { tokens: wildcard_tokens(template), span: entry.span });
            }
        }
        let matched = self.ask(a, field, &patterns);
        let kind = a.kind(kind);
        a.all(vec![kind, matched])
    }

    /// Whether the list has an entry that needs nothing of the request.
    fn certain<A: Algebra>(&self, a: &mut A, is: impl Fn(&PrincipalName) -> bool) -> A::Truth {
        let mut parts = Vec::new();
        for entry in self.entries.iter().filter(|entry| is(&entry.name)) {
            let truth = a.constant(true);
            parts.push(a.mark(Part::Entry, entry.span, truth));
        }
        a.any(parts)
    }

    fn of_kind<A: Algebra>(&self, a: &mut A, kind: CallerKind, field: Field, texts: Vec<(String, Span)>) -> A::Truth {
        if texts.is_empty() {
            return a.constant(false);
        }
        let kind = a.kind(kind);
        let matched = one_of(a, field, texts);
        a.all(vec![kind, matched])
    }

    fn ask<A: Algebra>(&self, a: &mut A, field: Field, patterns: &[Pattern<A::Text>]) -> A::Truth {
        if patterns.is_empty() {
            return a.constant(false);
        }
        let text = a.field(field);
        a.matches(&text, patterns)
    }

    /// The texts that entries of one sort stand for.
    fn texts(&self, pick: impl Fn(&PrincipalName) -> Option<String>) -> Vec<(String, Span)> {
        self.entries.iter().filter_map(|entry| pick(&entry.name).map(|text| (text, entry.span))).collect()
    }
}

/// Whether the field is exactly one of the texts.
fn one_of<A: Algebra>(a: &mut A, field: Field, texts: Vec<(String, Span)>) -> A::Truth {
    let patterns: Vec<_> = texts.into_iter().map(|(text, span)| Pattern { tokens: literal(&text), span }).collect();
    let text = a.field(field);
    a.matches(&text, &patterns)
}

/// The ARN of the session that `GetFederationToken` makes for a user entry: a federated user of the user's name.
fn federated_session(name: &PrincipalName) -> Option<String> {
    let PrincipalName::User { partition, account, name, .. } = name else { return None };
    Some(format!("arn:{partition}:sts::{account}:federated-user/{name}"))
}

/// The tokens of a principal with wildcards, which has no variables.
fn wildcard_tokens<Text>(template: &Template) -> Vec<Token<Text>> {
    plain_tokens(template).unwrap_or_default()
}
