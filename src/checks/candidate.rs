//! A plausible request inside a box of a policy: what one action entry, one resource entry and the condition of an Allow
//! statement ask for, filled in. A guess that is only believed once the concrete reading has replayed it.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, KeyDomain, lists};
use crate::policy::action::ActionPattern;
use crate::policy::condition::{Clause, Operand, Operator, Order, Quantifier, Relation, Test, Value};
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Piece, Template};
use crate::policy::{Policy, Statement};
use crate::request::{Caller, ContextValue, Request};
use crate::semantics::boxes::Cell;
use crate::semantics::symbolic;

/// What stands for a wildcard: no document names it.
const FRESH: &str = "zz9";
const ACCOUNT: &str = "123456789012";
const USER: &str = "alice";
const USER_ID: &str = "AIDAEXAMPLEUSERID";

/// Keys of every request (spec 6.5(7), 6.5(8), 6.5(10), 6.5(11)), at one instant and from outside any network of AWS.
const ALWAYS: [(&str, &str); 7] = [
    ("aws:currenttime", "2026-01-01T00:00:00Z"),
    ("aws:epochtime", "1767225600"),
    ("aws:requestedregion", "us-east-1"),
    ("aws:securetransport", "true"),
    ("aws:sourceip", "203.0.113.7"),
    ("aws:useragent", "aws-cli/2"),
    ("aws:viaawsservice", "false"),
];

/// Keys that follow from the caller: never guessed.
const DERIVED: [&str; 5] =
    ["aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username"];

/// Keys that show through which services a call was made.
const VIA: [&str; 3] = ["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];

/// Keys that show who owns the resource: guessed as the caller's account only.
const OWNER: [&str; 2] = ["aws:resourceaccount", "s3:resourceaccount"];

/// What a guess is asked for beside the box.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beside<'p> {
    /// The action, instead of the box's own.
    pub(super) action: Option<&'p str>,
    /// Conditions that are to hold too.
    pub(super) conditions: &'p [Clause],
}

/// A request in the box, if one comes to mind.
pub(super) fn request(catalogue: &Catalogue, policy: &Policy, cell: Cell, beside: Beside<'_>) -> Option<Request> {
    let statement = policy.statements.get(cell.statement as usize)?;
    let conditions = || statement.conditions.iter().chain(beside.conditions);
    let asked = conditions().filter(asks_presence).map(|clause| clause.key.as_str()).collect();
    let mut guess = Guess { catalogue, policy, asked, context: BTreeMap::new(), owner: ACCOUNT.to_owned() };
    let resource = guess.resource(statement, cell)?;
    let own_account = resource.split(':').nth(4).filter(|field| field.len() == 12);
    guess.owner = own_account.unwrap_or(ACCOUNT).to_owned();
    for (key, value) in ALWAYS {
        guess.context.insert(key.to_owned(), ContextValue::Single(value.to_owned()));
    }
    let compares = |clause: &&Clause| matches!(clause.test, Test::Compare { .. });
    let (first, then): (Vec<&Clause>, Vec<&Clause>) = conditions().partition(compares);
    for clause in first.into_iter().chain(then) {
        guess.satisfy(clause)?;
    }
    Some(Request {
        principal: guess.caller(),
        action: beside.action.map_or_else(|| action_text(statement, cell), |action| Some(action.to_owned()))?,
        resource,
        resource_account: None,
        context: guess.context,
        principal_in_management_account: false,
        resource_in_management_account: false,
    })
}

fn action_text(statement: &Statement, cell: Cell) -> Option<String> {
    if cell.buckets {
        return Some("s3:ListAllMyBuckets".to_owned());
    }
    let Some(index) = cell.action else { return Some(format!("{FRESH}:{FRESH}")) };
    match &statement.action.entries.get(index as usize)?.pattern {
        ActionPattern::Glob(template) | ActionPattern::VendorWildcard(template) => filled(template, FRESH),
        ActionPattern::All | ActionPattern::Nothing => None,
    }
}

/// The pattern with its wildcards filled; `None` if it has variables.
fn filled(template: &Template, filler: &str) -> Option<String> {
    let mut text = String::new();
    for piece in template.pieces() {
        match piece {
            Piece::Char(c) => text.push(c),
            Piece::One => text.extend(filler.chars().take(1)),
            Piece::Many => text.push_str(filler),
            Piece::Variable(_) | Piece::Nothing => return None,
        }
    }
    Some(text)
}

/// Whether the clause asks for the key to be there.
fn asks_presence(clause: &&Clause) -> bool {
    match &clause.test {
        Test::Null { quantifier: Quantifier::One, values } => !values.contains(&Some(true)),
        Test::Null { .. } | Test::Compare { .. } | Test::Unknown { .. } => false,
    }
}

/// A request in the making.
struct Guess<'c> {
    catalogue: &'c Catalogue,
    policy: &'c Policy,
    /// Keys that the statement asks to be there.
    asked: BTreeSet<&'c str>,
    context: BTreeMap<String, ContextValue>,
    owner: String,
}

impl Guess<'_> {
    /// A user, or a session of a role if a key says that it is one (spec 6.5(13)); with the id that they have.
    fn caller(&mut self) -> Caller {
        let (partition, account, path) = ("aws".to_owned(), ACCOUNT.to_owned(), "/".to_owned());
        let session = self.context.keys().any(|key| lists::is_session_only(key));
        let mut give = |key: &str, value: &str| {
            self.context.entry(key.to_owned()).or_insert_with(|| ContextValue::Single(value.to_owned()));
        };
        if !session {
            give("aws:userid", USER_ID);
            return Caller::User { partition, account, path, name: USER.to_owned() };
        }
        give("aws:userid", &format!("AROAEXAMPLEROLEID:{FRESH}"));
        give("aws:tokenissuetime", "2026-01-01T00:00:00Z");
        let (role, session) = (FRESH.to_owned(), Some(FRESH.to_owned()));
        Caller::Session { partition, account, path: Some(path), role, session }
    }

    fn resource(&mut self, statement: &Statement, cell: Cell) -> Option<String> {
        if cell.buckets {
            return Some("*".to_owned());
        }
        let Some((entry, _)) = cell.resource else {
            return Some(format!("arn:aws:{FRESH}:us-east-1:{ACCOUNT}:{FRESH}"));
        };
        let ResourcePattern::Arn(fields) = &statement.resource.as_ref()?.entries.get(entry as usize)?.pattern else {
            return None;
        };
        let usual = ["arn", "aws", FRESH, "us-east-1", ACCOUNT, FRESH];
        let mut full = Vec::with_capacity(usual.len());
        for (index, usual) in usual.into_iter().enumerate() {
            full.push(match fields.get(index) {
                Some(field) if !field.pieces().all(|piece| piece == Piece::Many) || field.is_empty() => {
                    let text = self.with_values(field, if index == 4 { "" } else { FRESH })?;
                    Some(text).filter(|text| field.is_literal() || fits(index, text))?
                }
                Some(_) | None => usual.to_owned(),
            });
        }
        Some(full.join(":"))
    }

    /// The pattern filled, the values of keys for its variables.
    fn with_values(&mut self, template: &Template, filler: &str) -> Option<String> {
        let mut text = String::new();
        for piece in template.pieces() {
            match piece {
                Piece::Char(c) => text.push(c),
                Piece::One => text.extend(filler.chars().take(1)),
                Piece::Many => text.push_str(filler),
                Piece::Variable(variable) => text.push_str(&self.value_of(&variable.key)?),
                Piece::Nothing => return None,
            }
        }
        Some(text)
    }

    /// The value of a key that is inserted.
    fn value_of(&mut self, key: &str) -> Option<String> {
        match key {
            "aws:username" => return Some(USER.to_owned()),
            "aws:principalaccount" => return Some(ACCOUNT.to_owned()),
            "aws:principalarn" => return Some(format!("arn:aws:iam::{ACCOUNT}:user/{USER}")),
            "aws:principaltype" => return Some("User".to_owned()),
            "aws:userid" => return Some(USER_ID.to_owned()),
            _ => {}
        }
        if let Some(value) = self.context.get(key) {
            return if let ContextValue::Single(value) = value { Some(value.clone()) } else { None };
        }
        if let Some((_, value)) = ALWAYS.iter().find(|(always, _)| *always == key) {
            return Some((*value).to_owned());
        }
        let value = if OWNER.contains(&key) { self.owner.clone() } else { self.plain(key)? };
        self.set(key, value.clone())?;
        Some(value)
    }

    /// Some value of the key.
    fn plain(&self, key: &str) -> Option<String> {
        let text = match self.catalogue.key(key).domain {
            KeyDomain::Text => FRESH,
            KeyDomain::Region => "us-east-1",
            KeyDomain::ServiceName => "s3.amazonaws.com",
            KeyDomain::AccountId => "111122223333",
            KeyDomain::OrgId => "o-a1b2c3d4e5",
            KeyDomain::OrgPath => "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
            KeyDomain::Bool => "true",
            KeyDomain::Number => "1",
            KeyDomain::Date => "2026-01-01T00:00:00Z",
            KeyDomain::Arn => "arn:aws:zz9:us-east-1:123456789012:zz9",
            KeyDomain::CallerAccount
            | KeyDomain::VpcId
            | KeyDomain::VpceId
            | KeyDomain::EpochSeconds
            | KeyDomain::Ip
            | KeyDomain::Base64
            | KeyDomain::PrincipalType => return None,
        };
        Some(text.to_owned())
    }

    /// Gives a key a value; `None` if it shows another owner than the resource has.
    fn set(&mut self, key: &str, value: String) -> Option<()> {
        let facts = self.catalogue.key(key);
        if OWNER.contains(&key) && value != self.owner {
            return None;
        }
        // of an unknown key the documents decide whether it carries several values (spec 6.5(15))
        let several = facts.multivalued || !facts.known && quantified(self.policy).any(|quantified| quantified == key);
        let value = if several { ContextValue::Multi(vec![value]) } else { ContextValue::Single(value) };
        self.context.insert(key.to_owned(), value);
        Some(())
    }

    /// Makes a clause hold, as far as keys can be chosen; `None` if no way comes to mind.
    fn satisfy(&mut self, clause: &Clause) -> Option<()> {
        let key = clause.key.as_str();
        if DERIVED.contains(&key) {
            self.give_variables(clause); // it holds of the caller or it does not
            return Some(());
        }
        match &clause.test {
            Test::Null { .. } => {
                if asks_presence(&clause) && !self.context.contains_key(key) {
                    let value = if OWNER.contains(&key) { self.owner.clone() } else { self.plain(key)? };
                    self.set(key, value)?;
                }
                Some(())
            }
            Test::Compare { operator, values } => self.compare(clause, *operator, values),
            Test::Unknown { .. } => None,
        }
    }

    /// Gives the keys that the values insert a value.
    fn give_variables(&mut self, clause: &Clause) {
        let Test::Compare { values, .. } = &clause.test else { return };
        for value in values {
            if let Operand::Text(template) = &value.operand {
                self.with_values(template, FRESH);
            }
        }
    }

    fn compare(&mut self, clause: &Clause, operator: Operator, values: &[Value]) -> Option<()> {
        let key = clause.key.as_str();
        let always = ALWAYS.iter().any(|(name, _)| *name == key);
        let holds_of_none = operator.quantifier == Quantifier::All
            || (operator.negated || operator.if_exists) && operator.quantifier == Quantifier::One;
        let absent_is_fine = holds_of_none && !self.asked.contains(key);
        let settled = if always { operator.negated } else { absent_is_fine || self.context.contains_key(key) };
        if settled {
            return Some(());
        }
        let value = if operator.negated {
            self.plain(key)?
        } else {
            values.iter().find_map(|value| self.instance(key, operator.relation, value))?
        };
        if key == "aws:currenttime" || key == "aws:epochtime" {
            return Some(()); // one instant: it is in the range or it is not
        }
        self.set(key, value)?;
        if VIA.contains(&key) {
            self.come_via(key)?;
        }
        if let Some(tag) = clause.key_text.get("aws:requesttag/".len()..).filter(|_| key.starts_with("aws:requesttag/"))
        {
            self.name_tag(tag);
        }
        Some(())
    }

    /// Calls made through a service show the whole chain (spec 6.5(10)): all links are the same here.
    fn come_via(&mut self, key: &str) -> Option<()> {
        let service = match self.context.get(key)? {
            ContextValue::Single(service) => service.clone(),
            ContextValue::Multi(services) => services.first()?.clone(),
        };
        for other in VIA.iter().filter(|other| **other != key) {
            self.set(other, service.clone())?;
        }
        self.set("aws:viaawsservice", "true".to_owned())
    }

    /// The tag keys of a request list its tags (spec 6.5(12)).
    fn name_tag(&mut self, tag: &str) {
        let keys = self.context.entry("aws:tagkeys".to_owned()).or_insert_with(|| ContextValue::Multi(Vec::new()));
        if let ContextValue::Multi(names) = keys {
            names.push(tag.to_owned());
        }
    }

    /// A text that is in the positive relation to a value.
    fn instance(&mut self, key: &str, relation: Relation, value: &Value) -> Option<String> {
        let text = match &value.operand {
            Operand::Text(template) => self.with_values(template, FRESH)?,
            Operand::Arn { fields: Some(fields), .. } => {
                let parts = fields.iter().map(|field| self.with_values(field, FRESH)).collect::<Option<Vec<_>>>()?;
                parts.join(":")
            }
            Operand::Bool(Some(value)) => value.to_string(),
            Operand::Number(Some(_)) => match relation {
                Relation::Numeric(Order::Less) => "0".to_owned(),
                Relation::Numeric(Order::Greater) => "999999999".to_owned(),
                _ => value.text.clone(),
            },
            Operand::Instant(Some(_)) => value.text.clone(),
            Operand::Network(Some(network)) => address_text(network.range.family, network.range.first),
            Operand::Binary(Some(_)) => value.text.clone(),
            Operand::Arn { fields: None, .. }
            | Operand::Bool(None)
            | Operand::Number(None)
            | Operand::Instant(None)
            | Operand::Network(None)
            | Operand::Binary(None) => return None,
        };
        let facts = self.catalogue.key(key);
        // a text that a document names is a value of the key, unless all values are ordered (spec 6.5(14))
        let named = matches!(&value.operand, Operand::Text(template) if template.is_literal());
        let fits = match facts.domain {
            KeyDomain::Number | KeyDomain::EpochSeconds => matches!(value.operand, Operand::Number(_)),
            KeyDomain::Date => matches!(value.operand, Operand::Instant(_)),
            KeyDomain::Ip => matches!(value.operand, Operand::Network(_)),
            KeyDomain::Text
            | KeyDomain::Region
            | KeyDomain::ServiceName
            | KeyDomain::AccountId
            | KeyDomain::OrgId
            | KeyDomain::OrgPath
            | KeyDomain::Bool
            | KeyDomain::Arn
            | KeyDomain::CallerAccount
            | KeyDomain::VpcId
            | KeyDomain::VpceId
            | KeyDomain::Base64
            | KeyDomain::PrincipalType => named || symbolic::admits(&facts, &text),
        };
        Some(text).filter(|_| fits)
    }
}

/// The keys that a document uses under a set operator.
pub(super) fn quantified(policy: &Policy) -> impl Iterator<Item = &str> {
    let clauses = policy.statements.iter().flat_map(|statement| &statement.conditions);
    let is_set = |clause: &&Clause| match &clause.test {
        Test::Compare { operator, .. } => operator.quantifier != Quantifier::One,
        Test::Null { quantifier, .. } => *quantifier != Quantifier::One,
        Test::Unknown { .. } => false,
    };
    clauses.filter(is_set).map(|clause| clause.key.as_str())
}

fn address_text(family: u8, bits: u128) -> String {
    match u32::try_from(bits) {
        Ok(bits) if family == 4 => std::net::Ipv4Addr::from(bits).to_string(),
        Ok(_) | Err(_) => std::net::Ipv6Addr::from(bits).to_string(),
    }
}

/// Whether a text is one of the field of an ARN, whatever the documents name (spec 3.2).
fn fits(index: usize, text: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c == '-';
    let dashed = |c: char| lower(c) || c.is_ascii_digit();
    match index {
        0 => text == "arn",
        1 => text.chars().all(lower),
        2 => !text.is_empty() && text.chars().all(dashed),
        3 => text.chars().all(dashed),
        4 => text.is_empty() || text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()),
        _ => !text.is_empty(),
    }
}
