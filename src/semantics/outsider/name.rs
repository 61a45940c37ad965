//! What a policy names: accounts, organisations, networks, unique ids, and which values of a trusted key are theirs.

use std::collections::BTreeSet;

use crate::policy::Policy;
use crate::policy::condition::{Clause, Operand, Relation, Test};
use crate::policy::principal::PrincipalName;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Piece, Template};
use crate::semantics::outsider::Sort;
use crate::semantics::variable::{folded, glob, literal};
use crate::semantics::{NOWHERE, Pattern, Token};

/// The value that a document compares a key with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Up to the first wildcard or variable.
    pub(super) literal: String,
    /// Whether that is all of it.
    pub(super) whole: bool,
    /// Whether letters count in either case.
    pub(super) folded: bool,
    /// The text, wildcards and variables as `*`.
    text: String,
}

/// The names in some documents.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) accounts: BTreeSet<String>,
    pub(super) organisations: BTreeSet<String>,
    /// VPCs that the ARN of a VPC names.
    networks: BTreeSet<String>,
    /// Unique ids of users and roles.
    pub(super) ids: BTreeSet<String>,
    /// Unknowns about accounts that are known by a canonical id only (spec 6.3).
    pub(super) canonical: BTreeSet<String>,
}

/// Values of a trusted key that belong to somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// This text.
    Is(String),
    /// This text in either letter case.
    IsFolded(String),
    /// What begins so.
    Begins(String),
    /// ARNs of this account.
    OfAccount(String),
    /// What ends so.
    Ends(String),
}

impl Mark {
    pub(super) fn pattern<Text>(&self) -> Pattern<Text> {
        match self {
            Mark::Is(text) => Pattern { tokens: literal(text), span: NOWHERE },
            Mark::IsFolded(text) => Pattern { tokens: text.chars().map(folded).collect(), span: NOWHERE },
            Mark::Begins(text) => super::begins(text),
            Mark::OfAccount(account) => {
                let mut tokens = literal("arn");
                for _ in 0..3 {
                    tokens.extend([Token::Char(':'), Token::ManyInField]);
                }
                tokens.extend(literal(&format!(":{account}:")));
                tokens.push(Token::Many);
                Pattern { tokens, span: NOWHERE }
            }
            Mark::Ends(text) => glob(&format!("*{text}")),
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account field of a text that is an ARN, perhaps with wildcards elsewhere.
fn account_of(text: &str) -> Option<&str> {
    let mut fields = text.splitn(6, ':');
    let account = (fields.next() == Some("arn")).then(|| fields.nth(3)).flatten();
    account.filter(|account| is_account(account))
}

impl Names {
    /// Adds what the principals and resources of a document name, and the accounts of every ARN in its conditions.
    pub(super) fn add(&mut self, policy: &Policy) {
        for statement in &policy.statements {
            for entry in statement.principal.iter().flat_map(|element| &element.entries) {
                self.add_principal(&entry.name);
            }
            for entry in statement.resource.iter().flat_map(|listed| &listed.entries) {
                if let ResourcePattern::Arn(fields) = &entry.pattern {
                    let account = fields.get(4).map(|field| Value::of(field, false));
                    self.accounts.extend(account.filter(|v| v.whole && is_account(&v.literal)).map(|v| v.literal));
                }
            }
        }
        for (_, given) in values(policy) {
            self.accounts.extend(given.iter().filter_map(|value| account_of(&value.text)).map(str::to_owned));
        }
    }

    fn add_principal(&mut self, name: &PrincipalName) {
        match name {
            PrincipalName::Account { account, .. }
            | PrincipalName::User { account, .. }
            | PrincipalName::Role { account, .. } => drop(self.accounts.insert(account.clone())),
            PrincipalName::Session { arn } | PrincipalName::FederatedUser { arn } | PrincipalName::Federated(arn) => {
                self.accounts.extend(account_of(arn).map(str::to_owned));
            }
            PrincipalName::UniqueId(id) => drop(self.ids.insert(id.clone())),
            PrincipalName::CanonicalUser(id) => drop(self.canonical.insert(canonical(id))),
            PrincipalName::Everyone
            | PrincipalName::Wildcard(_)
            | PrincipalName::Service(_)
            | PrincipalName::AnyService
            | PrincipalName::AnyFederated
            | PrincipalName::Nobody => {}
        }
    }

    /// Learns the names that values of a key of this sort hold.
    pub(super) fn learn(&mut self, sort: Sort, given: &[Value]) {
        for value in given {
            match sort {
                Sort::Account if value.whole && is_account(&value.literal) => {
                    self.accounts.insert(value.literal.clone());
                }
                Sort::Organisation if value.whole => drop(self.organisations.insert(value.literal.clone())),
                Sort::OrganisationPath => self.organisations.extend(value.before('/')),
                Sort::NetworkArn => {
                    let network = value.text.splitn(6, ':').nth(5).filter(|rest| !rest.contains('*'));
                    self.networks.extend(network.and_then(|rest| rest.strip_prefix("vpc/")).map(str::to_owned));
                }
                Sort::UserId => self.ids.extend(value.before(':').filter(|id| id != "anonymous")),
                Sort::Account | Sort::Organisation | Sort::Arn | Sort::Network => {}
            }
        }
    }

    /// The values of a key of this sort that belong to somebody named; `given` are those that it is compared with.
    pub(super) fn marks(&self, sort: Sort, given: &[Value]) -> Vec<Mark> {
        let whole = given.iter().filter(|value| value.whole && value.literal != "anonymous");
        let mut marks: Vec<Mark> = whole
            .map(|value| match value.folded {
                true => Mark::IsFolded(value.literal.clone()),
                false => Mark::Is(value.literal.clone()),
            })
            .collect();
        let is = |text: &String| Mark::Is(text.clone());
        match sort {
            Sort::Account => marks.extend(self.accounts.iter().map(is)),
            Sort::Arn => marks.extend(self.accounts.iter().cloned().map(Mark::OfAccount)),
            Sort::NetworkArn => {
                marks.extend(self.accounts.iter().cloned().map(Mark::OfAccount));
                marks.extend(self.networks.iter().map(|id| Mark::Ends(format!(":vpc/{id}"))));
            }
            Sort::Organisation => marks.extend(self.organisations.iter().map(is)),
            Sort::OrganisationPath => {
                marks.extend(self.organisations.iter().map(|id| Mark::Begins(format!("{id}/"))));
            }
            Sort::Network => marks.extend(self.networks.iter().map(is)),
            Sort::UserId => {
                marks.extend(self.accounts.iter().chain(&self.ids).map(is));
                let with_name = |id: &String| Mark::Begins(format!("{id}:"));
                marks.extend(self.accounts.iter().chain(&self.ids).map(with_name));
            }
        }
        let mut once = Vec::with_capacity(marks.len());
        marks.into_iter().for_each(|mark| {
            if !once.contains(&mark) {
                once.push(mark);
            }
        });
        once
    }
}

/// The name of the unknown that `Principal` uses for an account known by its canonical id.
fn canonical(id: &str) -> String {
    crate::semantics::principal::canonical_unknown(id)
}

impl Value {
    fn of(template: &Template, folded: bool) -> Value {
        let literal: String = template.pieces().map_while(Piece::char).collect();
        let whole = template.is_literal();
        let text = template.pieces().map(|piece| piece.char().unwrap_or('*')).collect();
        Value { literal, whole, folded, text }
    }

    fn plain(text: &str) -> Value {
        Value { literal: text.to_owned(), whole: true, folded: false, text: text.to_owned() }
    }

    /// The literal beginning up to a separator; all of it if the value is one literal without it.
    fn before(&self, separator: char) -> Option<String> {
        match self.literal.split_once(separator) {
            Some((name, _)) => Some(name.to_owned()),
            None => self.whole.then(|| self.literal.clone()),
        }
        .filter(|name| !name.is_empty())
    }

    /// The literal beginning with its first segments, each ended by `:` or `/`; `None` if a wildcard comes before.
    pub(super) fn segments(&self, count: usize) -> Option<String> {
        let ends = self.literal.match_indices([':', '/']).nth(count.checked_sub(1)?)?.0;
        self.literal.get(..=ends).map(str::to_owned)
    }
}

/// The values that each key of a document is compared with.
pub(super) fn values(policy: &Policy) -> Vec<(String, Vec<Value>)> {
    let clauses = policy.statements.iter().flat_map(|statement| &statement.conditions);
    clauses.map(|clause| (clause.key.clone(), values_of(clause))).collect()
}

fn values_of(clause: &Clause) -> Vec<Value> {
    let Test::Compare { operator, values } = &clause.test else { return Vec::new() };
    let folded = operator.relation == Relation::StringEqualsIgnoreCase;
    let one = |value: &crate::policy::condition::Value| match &value.operand {
        Operand::Text(template) | Operand::Arn { whole: template, .. } => Value::of(template, folded),
        Operand::Bool(_) | Operand::Number(_) | Operand::Instant(_) | Operand::Network(_) | Operand::Binary(_) => {
            Value::plain(&value.text)
        }
    };
    values.iter().map(one).collect()
}

/// The keys whose values the document inserts.
pub(super) fn inserted(policy: &Policy) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut add = |template: &Template| {
        keys.extend(template.variables().iter().map(|variable| variable.key.clone()));
    };
    for statement in &policy.statements {
        for entry in statement.resource.iter().flat_map(|listed| &listed.entries) {
            if let ResourcePattern::Arn(fields) = &entry.pattern {
                fields.iter().for_each(&mut add);
            }
        }
        for clause in &statement.conditions {
            let Test::Compare { values, .. } = &clause.test else { continue };
            for value in values {
                if let Operand::Text(template) | Operand::Arn { whole: template, .. } = &value.operand {
                    add(template);
                }
            }
        }
    }
    keys
}
