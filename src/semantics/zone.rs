//! Zones of trust: an account or an organisation, and which requests come from outside it (spec 9.2).

use std::collections::BTreeSet;
use std::fmt;

use crate::request::CallerKind;
use crate::semantics::principal::iam;
use crate::semantics::symbolic::footprint::{Footprint, KeyUse};
use crate::semantics::variable::literal;
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};

/// Whom the owner of a resource trusts: accounts and organisations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    members: Vec<Trusted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Trusted {
    /// An account, 12 digits.
    Account(String),
    /// An organisation, `o-…`.
    Organisation(String),
}

impl Zone {
    /// Reads ids of accounts and organisations, separated by commas.
    ///
    /// # Errors
    /// Something else, or nothing.
    pub fn parse(text: &str) -> Result<Zone, String> {
        let members = text.split(',').map(|id| Trusted::parse(id.trim())).collect::<Result<_, _>>()?;
        Ok(Zone { members })
    }

    /// Adds the keys that tell the zone to what the documents of a question speak of.
    pub(crate) fn announce(&self, footprint: &mut Footprint) {
        if self.members.iter().any(|member| matches!(member, Trusted::Organisation(_))) {
            let key: &mut KeyUse = footprint.keys.entry("aws:principalorgid".to_owned()).or_default();
            key.text = true;
        }
    }

    /// Whether the request comes from outside the zone. A service counts as inside where it acts for a resource of the zone
    /// and the documents ask for that; `spoken` are the keys that they speak of.
    pub(crate) fn is_outside<A: Algebra>(&self, a: &mut A, spoken: &BTreeSet<String>) -> A::Truth {
        let mut inside = Vec::with_capacity(self.members.len());
        for member in &self.members {
            inside.push(member.calls(a, spoken));
            inside.push(member.is_served(a, spoken));
        }
        let inside = a.any(inside);
        a.not(inside)
    }
}

impl Trusted {
    fn parse(text: &str) -> Result<Trusted, String> {
        let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let id = text.strip_prefix("o-").filter(|rest| {
            (10..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        match id {
            Some(_) => Ok(Trusted::Organisation(text.to_owned())),
            None if digits => Ok(Trusted::Account(text.to_owned())),
            None => Err("expected the id of an account (12 digits) or of an organisation (o-…)".to_owned()),
        }
    }

    /// Whether the caller is an identity of it, by what it is or by what the request says of it.
    fn calls<A: Algebra>(&self, a: &mut A, spoken: &BTreeSet<String>) -> A::Truth {
        let mut parts = Vec::new();
        let said = match self {
            Trusted::Account(account) => {
                let (iam, own) = (iam(a), a.field(Field::CallerAccount));
                let own = a.matches(&own, &[Pattern { tokens: literal(account), span: NOWHERE }]);
                parts.push(a.all(vec![iam, own]));
                vec![("aws:principalaccount", literal(account)), ("aws:principalarn", arn_of(account))]
            }
            Trusted::Organisation(id) => vec![("aws:principalorgid", literal(id))],
        };
        for (key, tokens) in said.into_iter().filter(|(key, _)| spoken.contains(*key)) {
            parts.push(is(a, key, tokens));
        }
        a.any(parts)
    }

    /// Whether a service acts for a resource of it.
    fn is_served<A: Algebra>(&self, a: &mut A, spoken: &BTreeSet<String>) -> A::Truth {
        let patterns: Vec<(&str, Vec<Token<A::Text>>)> = match self {
            Trusted::Account(account) => {
                let own = || literal(account);
                vec![("aws:sourceaccount", own()), ("aws:sourceowner", own()), ("aws:sourcearn", arn_of(account))]
            }
            Trusted::Organisation(id) => vec![("aws:sourceorgid", literal(id))],
        };
        let mut parts = Vec::new();
        for (key, tokens) in patterns.into_iter().filter(|(key, _)| spoken.contains(*key)) {
            parts.push(is(a, key, tokens));
        }
        let some = a.any(parts);
        let service = a.kind(CallerKind::Service);
        a.all(vec![service, some])
    }
}

/// Any ARN of the account.
fn arn_of<Text>(account: &str) -> Vec<Token<Text>> {
    let mut tokens = literal("arn:");
    for _ in 0..3 {
        tokens.extend([Token::ManyInField, Token::Char(':')]);
    }
    tokens.extend(literal(account));
    tokens.extend([Token::Char(':'), Token::Many]);
    tokens
}

/// Whether the key is present with a value of this pattern.
fn is<A: Algebra>(a: &mut A, key: &str, tokens: Vec<Token<A::Text>>) -> A::Truth {
    let pattern = [Pattern { tokens, span: NOWHERE }];
    a.some(key, &mut |a, value| a.matches(&value, &pattern))
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Trusted::Account(id) | Trusted::Organisation(id)) in self.members.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{id}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;

    #[test]
    fn accounts_and_organisations() {
        for good in ["123456789012", "o-a1b2c3d4e5", "123456789012, o-a1b2c3d4e5"] {
            assert_eq!(Zone::parse(good).map(|zone| zone.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "12345678901", "o-", "o-A1B2C3D4E5", "alice", "123456789012,"] {
            assert!(Zone::parse(bad).is_err(), "{bad}");
        }
    }
}
