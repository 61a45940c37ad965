//! What the documents of a question speak of: keys and how they are tested, characters and texts that are named.
//!
//! The domains of request variables are built from this: whatever a document names is in the domain (spec 3.2).

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::action::ActionPattern;
use crate::policy::condition::{Clause, Operand, Quantifier, Relation, Test};
use crate::policy::principal::PrincipalName;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Piece, Template};
use crate::policy::{Kind, Policy};
use crate::request::{Caller, CallerKind};
use crate::semantics::resource;

/// How a key is used.
#[derive(Clone, Debug, Default)]
pub struct KeyUse {
    /// Under a set operator.
    pub quantified: bool,
    /// As text: string, ARN, Boolean and binary families, policy variables.
    pub text: bool,
    /// By the numeric family.
    pub number: bool,
    /// By the date family.
    pub date: bool,
    /// By the address family.
    pub address: bool,
    /// The patterns it is compared with.
    pub named: Vec<Template>,
}

/// What some documents speak of.
#[derive(Clone, Debug, Default)]
pub struct Footprint {
    /// Keys by lower-case name.
    pub keys: BTreeMap<String, KeyUse>,
    /// Characters that action patterns name.
    pub action_chars: BTreeSet<char>,
    /// Resource patterns by field.
    pub resources: Vec<Vec<Template>>,
    /// Texts that principal elements name.
    pub principals: BTreeSet<String>,
    /// Whether some document has a principal element.
    pub has_principals: bool,
    /// Kinds of the documents.
    pub kinds: BTreeSet<Kind>,
    /// Kinds of callers that the question itself is about.
    pub callers: BTreeSet<CallerKind>,
    /// Whether some document exercises C12.
    pub exercises_case: bool,
    /// Texts of unknown operators (spec 5.12).
    pub unknowns: BTreeSet<String>,
}

impl Footprint {
    /// Adds a document.
    pub fn add(&mut self, policy: &Policy) {
        self.kinds.insert(policy.kind);
        self.exercises_case |= resource::exercises_case(policy);
        for statement in &policy.statements {
            for entry in &statement.action.entries {
                if let ActionPattern::Glob(t) | ActionPattern::VendorWildcard(t) = &entry.pattern {
                    self.add_action(t);
                }
            }
            for entry in statement.resource.iter().flat_map(|listed| &listed.entries) {
                if let ResourcePattern::Arn(fields) = &entry.pattern {
                    self.add_resource(fields);
                }
            }
            for entry in statement.principal.iter().flat_map(|element| &element.entries) {
                self.add_principal(&entry.name, &entry.text);
            }
            self.has_principals |= statement.principal.is_some();
            for clause in &statement.conditions {
                self.add_clause(clause);
            }
        }
    }

    /// Adds an action pattern in lower case.
    pub fn add_action(&mut self, template: &Template) {
        self.action_chars.extend(template.pieces().filter_map(Piece::char));
    }

    /// Adds a resource pattern.
    pub fn add_resource(&mut self, fields: &[Template]) {
        for template in fields {
            self.add_variables(template);
        }
        self.resources.push(fields.to_vec());
    }

    /// Adds the caller that a question is about: its text is in the domain, and it may be of any kind.
    pub fn add_caller(&mut self, caller: Option<&Caller>) {
        if let Some(caller) = caller {
            self.principals.extend([caller.to_string()].into_iter().chain(caller.principal_arn()));
            self.callers.insert(caller.kind());
        }
    }

    /// Says that the key, if it is spoken of, is asked for as an address whatever it is compared with.
    pub fn add_address(&mut self, key: &str) {
        if let Some(usage) = self.keys.get_mut(key) {
            usage.address = true;
        }
    }

    fn add_principal(&mut self, name: &PrincipalName, text: &str) {
        match name {
            PrincipalName::Everyone | PrincipalName::AnyService | PrincipalName::AnyFederated => {}
            PrincipalName::Account { .. }
            | PrincipalName::User { .. }
            | PrincipalName::Role { .. }
            | PrincipalName::Session { .. }
            | PrincipalName::FederatedUser { .. }
            | PrincipalName::UniqueId(_)
            | PrincipalName::Wildcard(_)
            | PrincipalName::Service(_)
            | PrincipalName::Federated(_)
            | PrincipalName::CanonicalUser(_)
            | PrincipalName::Nobody => {
                self.principals.insert(text.to_owned());
            }
        }
    }

    fn add_clause(&mut self, clause: &Clause) {
        match &clause.test {
            Test::Compare { operator, values } => {
                let key = self.keys.entry(clause.key.clone()).or_default();
                key.quantified |= operator.quantifier != Quantifier::One;
                match operator.relation {
                    Relation::StringEquals
                    | Relation::StringEqualsIgnoreCase
                    | Relation::StringLike
                    | Relation::ArnLike
                    | Relation::Bool
                    | Relation::BinaryEquals => key.text = true,
                    Relation::Numeric(_) => key.number = true,
                    Relation::Date(_) => key.date = true,
                    Relation::IpAddress => key.address = true,
                }
                // the set operators ask whether a value is the empty string (spec 5.4, C8)
                key.text |= operator.quantifier != Quantifier::One;
                let mut templates = Vec::new();
                for value in values {
                    match &value.operand {
                        Operand::Text(template) | Operand::Arn { whole: template, .. } => {
                            templates.push(template.clone());
                        }
                        Operand::Bool(_)
                        | Operand::Number(_)
                        | Operand::Instant(_)
                        | Operand::Network(_)
                        | Operand::Binary(_) => {}
                    }
                }
                key.named.extend(templates.iter().cloned());
                for template in &templates {
                    self.add_variables(template);
                }
            }
            Test::Null { quantifier, .. } => {
                self.keys.entry(clause.key.clone()).or_default().quantified |= *quantifier != Quantifier::One;
            }
            Test::Unknown { text } => {
                self.unknowns.insert(text.clone());
            }
        }
    }

    fn add_variables(&mut self, template: &Template) {
        for variable in template.variables() {
            self.keys.entry(variable.key.clone()).or_default().text = true;
        }
    }

    /// Whether some key of this name is spoken of.
    pub fn speaks_of(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }
}

/// The keys that a document speaks of: those of its clauses and of the variables in patterns. As in [`Footprint::keys`],
/// a key may be given several times.
pub(crate) fn keys_of(policy: &Policy) -> impl Iterator<Item = &str> {
    let statements = || policy.statements.iter();
    let entries = statements().filter_map(|statement| statement.resource.as_ref()).flat_map(|listed| &listed.entries);
    let in_resources = entries.flat_map(|entry| match &entry.pattern {
        ResourcePattern::Arn(fields) => fields.as_slice(),
        ResourcePattern::All | ResourcePattern::Nothing => &[],
    });
    let in_resources = in_resources.flat_map(variables);
    let clauses = || statements().flat_map(|statement| &statement.conditions);
    let own = clauses().filter(|clause| !matches!(clause.test, Test::Unknown { .. })).map(|clause| clause.key.as_str());
    in_resources.chain(own).chain(clauses().flat_map(in_values))
}

fn in_values(clause: &Clause) -> impl Iterator<Item = &str> {
    let values = if let Test::Compare { values, .. } = &clause.test { values.as_slice() } else { &[] };
    let templates = values.iter().filter_map(|value| match &value.operand {
        Operand::Text(template) | Operand::Arn { whole: template, .. } => Some(template),
        Operand::Bool(_) | Operand::Number(_) | Operand::Instant(_) | Operand::Network(_) | Operand::Binary(_) => None,
    });
    templates.flat_map(variables)
}

fn variables(template: &Template) -> impl Iterator<Item = &str> {
    template.variables().iter().map(|variable| variable.key.as_str())
}
