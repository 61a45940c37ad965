//! The rule of S3 Block Public Access: a policy is public unless every Allow is for fixed values (spec 9.1). It reads the
//! text of the policy only: no Deny counts, and no combination of conditions.

use crate::checks::public::ResourceType;
use crate::checks::public::exposure::is_wide;
use crate::policy::condition::{Clause, Operand, Quantifier, Relation, Test, Value};
use crate::policy::principal::PrincipalName;
use crate::policy::template::Template;
use crate::policy::{Effect, Policy, Statement};
use crate::source::Span;

/// The statements that the rule finds public.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockPublicAccess {
    /// In order.
    pub statements: Vec<PublicStatement>,
}

impl BlockPublicAccess {
    /// One public statement makes the whole policy public.
    pub fn is_public(&self) -> bool {
        !self.statements.is_empty()
    }
}

/// An Allow statement that is not for fixed values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicStatement {
    /// Position in the policy, from 0.
    pub index: usize,
    /// Its Sid, if not empty.
    pub id: Option<String>,
    /// The whole statement.
    pub span: Span,
    /// What to underline: the principal, or the condition that is too wide.
    pub guilty: Span,
    /// Why, in a clause.
    pub because: &'static str,
}

/// Keys that pin a statement, in lower case (spec 9.1): the principal's, then the others.
const PINNING: [&str; 14] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Judges a policy by the rule.
pub fn block_public_access(policy: &Policy, resource_type: ResourceType) -> BlockPublicAccess {
    let allows = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    BlockPublicAccess { statements: allows.filter_map(|statement| public(statement, resource_type)).collect() }
}

fn public(statement: &Statement, resource_type: ResourceType) -> Option<PublicStatement> {
    let Err(by_principal) = principal(statement) else { return None };
    let mut wide = None;
    for clause in statement.conditions.iter().filter(|clause| PINNING.contains(&clause.key.as_str())) {
        match pins(clause, resource_type) {
            Ok(()) => return None,
            Err(because) => wide = wide.or(Some((clause.span, because))),
        }
    }
    let (guilty, because) = wide.unwrap_or(by_principal);
    Some(PublicStatement { index: statement.index, id: statement.sid.clone(), span: statement.span, guilty, because })
}

/// Whether the statement names fixed principals only.
fn principal(statement: &Statement) -> Result<(), (Span, &'static str)> {
    let Some(element) = &statement.principal else {
        return Err((statement.span, "no principal is named, and no condition pins it to fixed values"));
    };
    if element.negated {
        return Err((element.span, "`NotPrincipal` is everyone else, and no condition pins it to fixed values"));
    }
    for entry in &element.entries {
        match &entry.name {
            PrincipalName::Account { .. }
            | PrincipalName::User { .. }
            | PrincipalName::Role { .. }
            | PrincipalName::Session { .. }
            | PrincipalName::FederatedUser { .. }
            | PrincipalName::UniqueId(_)
            | PrincipalName::Service(_)
            | PrincipalName::CanonicalUser(_)
            | PrincipalName::Nobody => {}
            PrincipalName::Everyone | PrincipalName::Wildcard(_) => {
                return Err((entry.span, "the principal is everyone, and no condition pins it to fixed values"));
            }
            PrincipalName::AnyService => return Err((entry.span, "the principal is any service")),
            PrincipalName::Federated(_) | PrincipalName::AnyFederated => {
                return Err((entry.span, "users of a federation provider are not fixed"));
            }
        }
    }
    Ok(())
}

/// Whether the clause holds for fixed values only.
fn pins(clause: &Clause, resource_type: ResourceType) -> Result<(), &'static str> {
    let Test::Compare { operator, values } = &clause.test else { return Err("the condition pins no value") };
    let may_lack = operator.negated || operator.if_exists || operator.quantifier == Quantifier::All;
    if may_lack || values.is_empty() {
        return Err("the condition also holds for other values, or without any");
    }
    let address = clause.key == "aws:sourceip";
    match operator.relation {
        Relation::IpAddress if address => match values.iter().all(narrow) {
            true => Ok(()),
            false => Err("a block is wider than /8 (IPv6: /32)"),
        },
        Relation::StringEquals | Relation::StringEqualsIgnoreCase | Relation::StringLike | Relation::ArnLike => {
            let named = |value: &Value| fixed(clause, value, resource_type) && value.text != "anonymous";
            if values.iter().all(named) { Ok(()) } else { Err("a value has a wildcard or a variable") }
        }
        Relation::IpAddress | Relation::Bool | Relation::BinaryEquals | Relation::Numeric(_) | Relation::Date(_) => {
            Err("the condition does not name fixed values")
        }
    }
}

/// A block of at most /8 or /32 by itself.
fn narrow(value: &Value) -> bool {
    match &value.operand {
        Operand::Network(Some(network)) => !is_wide(&network.range),
        // a malformed block matches no address
        Operand::Network(None) => true,
        Operand::Text(_)
        | Operand::Arn { .. }
        | Operand::Bool(_)
        | Operand::Number(_)
        | Operand::Instant(_)
        | Operand::Binary(_) => false,
    }
}

/// A value without wildcard or variable. The name of an access point may have one, where the account is fixed, but not in
/// the policy of an access point.
fn fixed(clause: &Clause, value: &Value, resource_type: ResourceType) -> bool {
    let whole = Template::is_literal;
    // in a comparison without wildcards they would be literal, but the rule reads the text
    let literal = !value.text.contains(['*', '?']);
    match &value.operand {
        Operand::Arn { fields: Some(fields), .. } if clause.key == "s3:dataaccesspointarn" => {
            let account = fields.iter().take(5).all(whole);
            whole_arn(fields) && literal || account && !resource_type.is_access_point()
        }
        Operand::Text(template) if clause.key == "s3:dataaccesspointarn" => {
            let account = value.text.splitn(6, ':').take(5).all(|field| !field.contains(['*', '?', '$']));
            let has_name = value.text.splitn(6, ':').count() == 6;
            whole(template) && literal || account && has_name && !resource_type.is_access_point()
        }
        Operand::Text(template) | Operand::Arn { whole: template, .. } => whole(template) && literal,
        Operand::Bool(_) | Operand::Number(_) | Operand::Instant(_) | Operand::Network(_) | Operand::Binary(_) => false,
    }
}

fn whole_arn(fields: &[Template; 6]) -> bool {
    fields.iter().all(Template::is_literal)
}
