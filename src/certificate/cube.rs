//! Parts of a difference in a certificate: each entry as the policy language writes it, with the place that decides its
//! meaning, so that it can be read back by the reader of policies.

use serde_json::{Value, json};

use crate::checks::cube::entry::Entry;
use crate::checks::cube::{Circumstance, Condition, Cube, Extent, Scoped};
use crate::policy::action::ActionEntry;
use crate::policy::condition::Test;
use crate::policy::principal::PrincipalEntry;
use crate::policy::read::{ReadOptions, read};
use crate::policy::resource::ResourceEntry;
use crate::policy::{Effect, Kind, Statement};
use crate::request::CallerKind;
use crate::semantics::authorization::Special;
use crate::semantics::document::{Position, Scope};
use crate::source::Sources;

/// Versions of the language: in the older one variables are text.
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];

/// The cube as JSON that [`from_json`] reads back as the same.
///
/// # Errors
/// Something in it has no text that says the same.
pub(crate) fn to_json(cube: &Cube) -> Result<Value, String> {
    let Cube { actions, resources, principals, conditions, callers, circumstances } = cube;
    let callers = callers.as_ref().map(|kinds| kinds.iter().map(|kind| caller_name(*kind)).collect::<Vec<&str>>());
    let circumstances: Vec<Value> =
        circumstances.iter().map(|(one, holds)| json!([circumstance_name(one), holds])).collect();
    Ok(json!({
        "actions": extent(actions)?,
        "resources": extent(resources)?,
        "principals": extent(principals)?,
        "conditions": conditions.iter().map(condition).collect::<Result<Vec<Value>, String>>()?,
        "callers": callers,
        "circumstances": circumstances,
    }))
}

/// Reads a cube.
///
/// # Errors
/// It is none.
pub(crate) fn from_json(value: &Value) -> Result<Cube, String> {
    let list = |name: &str| value.get(name).and_then(Value::as_array).ok_or_else(|| format!("a part has no {name}"));
    let conditions = list("conditions")?.iter().map(read_condition).collect::<Result<Vec<Condition>, String>>()?;
    let callers = match value.get("callers") {
        None | Some(Value::Null) => None,
        Some(kinds) => Some(kinds.as_array().into_iter().flatten().map(read_caller).collect::<Result<_, String>>()?),
    };
    let circumstances = list("circumstances")?.iter().map(read_circumstance).collect::<Result<_, String>>()?;
    Ok(Cube {
        actions: read_extent(value.get("actions"))?,
        resources: read_extent(value.get("resources"))?,
        principals: read_extent(value.get("principals"))?,
        conditions,
        callers,
        circumstances,
    })
}

/// An entry as a member of a statement.
trait Spelled: Entry {
    /// A statement with this entry.
    fn statement(text: &Value) -> Value;
    /// What stands in it.
    fn spelled(&self) -> Value;
    /// The one entry of such a statement.
    fn of(statement: &Statement) -> Option<&Self>;
}

impl Spelled for ActionEntry {
    fn statement(text: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": text, "Resource": "*"})
    }

    fn spelled(&self) -> Value {
        json!(self.text)
    }

    fn of(statement: &Statement) -> Option<&Self> {
        statement.action.entries.first()
    }
}

impl Spelled for ResourceEntry {
    fn statement(text: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": text})
    }

    fn spelled(&self) -> Value {
        json!(self.text)
    }

    fn of(statement: &Statement) -> Option<&Self> {
        statement.resource.as_ref()?.entries.first()
    }
}

impl Spelled for PrincipalEntry {
    fn statement(text: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": text, "Action": "*", "Resource": "*"})
    }

    fn spelled(&self) -> Value {
        json!({self.name.member(): self.text})
    }

    fn of(statement: &Statement) -> Option<&Self> {
        statement.principal.as_ref()?.entries.first()
    }
}

/// The statement that the reader of policies makes of this one.
fn statement(version: &str, statement: &Value) -> Option<Statement> {
    let document = json!({"Version": version, "Statement": [statement]}).to_string();
    let options = ReadOptions { kind: Some(Kind::Resource), lenient: true, reference: true, ..ReadOptions::default() };
    let policy = read(&mut Sources::default(), "a part", document.as_bytes(), &options).policy?;
    policy.statements.into_iter().next()
}

fn read_entry<E: Spelled>(version: &str, text: &Value) -> Option<E> {
    E::of(&statement(version, &E::statement(text))?).cloned()
}

fn extent<E: Spelled>(extent: &Extent<E>) -> Result<Value, String> {
    let all = |entries: &[Scoped<E>]| entries.iter().map(scoped).collect::<Result<Vec<Value>, String>>();
    let only = extent.only.as_deref().map(all).transpose()?;
    Ok(json!([only, all(&extent.except)?]))
}

fn scoped<E: Spelled>(scoped: &Scoped<E>) -> Result<Value, String> {
    let text = scoped.entry.spelled();
    let same = |version: &&&str| read_entry::<E>(version, &text).as_ref() == Some(&scoped.entry);
    let version = VERSIONS.iter().find(same);
    let version = version.ok_or_else(|| format!("no text says the same as the entry `{}`", scoped.entry.text()))?;
    Ok(json!([place(scoped.scope), scoped.negated, version, text]))
}

fn read_extent<E: Spelled>(value: Option<&Value>) -> Result<Extent<E>, String> {
    let all = |value: &Value| {
        let entries = value.as_array().ok_or("a list of a part is none")?;
        entries.iter().map(read_scoped).collect::<Result<Vec<Scoped<E>>, String>>()
    };
    match value.and_then(Value::as_array).map(Vec::as_slice) {
        Some([Value::Null, except]) => Ok(Extent { only: None, except: all(except)? }),
        Some([only, except]) => Ok(Extent { only: Some(all(only)?), except: all(except)? }),
        Some(_) | None => Err("a part lacks a list".to_owned()),
    }
}

fn read_scoped<E: Spelled>(value: &Value) -> Result<Scoped<E>, String> {
    let Some([Value::String(scope), Value::Bool(negated), Value::String(version), text]) =
        value.as_array().map(Vec::as_slice)
    else {
        return Err("an entry of a part is none".to_owned());
    };
    let entry = read_entry(version, text).ok_or_else(|| format!("{text} is no entry of a policy"))?;
    Ok(Scoped { scope: read_place(scope)?, negated: *negated, entry })
}

/// `resource deny existing bounded`
fn place(scope: Scope) -> String {
    let kind = Kind::names().filter(|name| Kind::named(name) == Some(scope.kind)).last().unwrap_or("");
    let effect = if scope.effect == Effect::Allow { "allow" } else { "deny" };
    let position = if scope.position == Position::UnderTest { "new" } else { "existing" };
    let bounded = if scope.bounded { " bounded" } else { "" };
    format!("{kind} {effect} {position}{bounded}")
}

fn read_place(text: &str) -> Result<Scope, String> {
    let words: Vec<&str> = text.split(' ').collect();
    let (kind, effect, position, bounded) = match words.as_slice() {
        [kind, effect, position] => (kind, effect, position, false),
        [kind, effect, position, "bounded"] => (kind, effect, position, true),
        _ => return Err(format!("`{text}` is no place")),
    };
    let effect = match *effect {
        "allow" => Some(Effect::Allow),
        "deny" => Some(Effect::Deny),
        _ => None,
    };
    let position = match *position {
        "new" => Some(Position::UnderTest),
        "existing" => Some(Position::Reference),
        _ => None,
    };
    match (Kind::named(kind), effect, position) {
        (Some(kind), Some(effect), Some(position)) => Ok(Scope { kind, effect, position, bounded }),
        _ => Err(format!("`{text}` is no place")),
    }
}

fn condition(condition: &Condition) -> Result<Value, String> {
    let (operator, key, values) = (condition.operator(), &condition.clause.key, condition.values());
    let read = |version: &&&str| {
        let value = json!([version, operator, key, values, condition.negated]);
        read_condition(&value).is_ok_and(|other| is_same(&other, condition))
    };
    match VERSIONS.iter().find(read) {
        Some(version) => Ok(json!([version, operator, key, values, condition.negated])),
        None => Err(format!("no text says the same as the condition on `{key}`")),
    }
}

fn read_condition(value: &Value) -> Result<Condition, String> {
    let Some([Value::String(version), Value::String(operator), Value::String(key), values, Value::Bool(negated)]) =
        value.as_array().map(Vec::as_slice)
    else {
        return Err("a condition of a part is none".to_owned());
    };
    let block = json!({operator.as_str(): {key.as_str(): values}});
    let text = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": block});
    let clause = statement(version, &text).and_then(|statement| statement.conditions.into_iter().next());
    let clause = clause.ok_or_else(|| format!("{block} is no condition"))?;
    Ok(Condition { clause, negated: *negated })
}

/// Whether two conditions say the same, value by value.
fn is_same(one: &Condition, other: &Condition) -> bool {
    let tests = match (&one.clause.test, &other.clause.test) {
        (Test::Compare { operator: a, values: one }, Test::Compare { operator: b, values: other }) => {
            let same = |(one, other): (&crate::policy::condition::Value, &crate::policy::condition::Value)| {
                one.operand == other.operand && one.text == other.text
            };
            a == b && one.len() == other.len() && one.iter().zip(other).all(same)
        }
        (Test::Null { quantifier: a, values: one }, Test::Null { quantifier: b, values: other }) => {
            a == b && one == other
        }
        (Test::Compare { .. } | Test::Null { .. } | Test::Unknown { .. }, _) => false,
    };
    tests && one.clause.key == other.clause.key && one.negated == other.negated
}

const CALLERS: [(&str, CallerKind); 7] = [
    ("Account", CallerKind::Root),
    ("User", CallerKind::User),
    ("AssumedRole", CallerKind::Session),
    ("FederatedUser", CallerKind::FederatedUser),
    ("Service", CallerKind::Service),
    ("Federated", CallerKind::Federated),
    ("Anonymous", CallerKind::Anonymous),
];

fn caller_name(kind: CallerKind) -> &'static str {
    CALLERS.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name)
}

fn read_caller(value: &Value) -> Result<CallerKind, String> {
    let known = CALLERS.iter().find(|(name, _)| value.as_str() == Some(name));
    known.map(|(_, kind)| *kind).ok_or_else(|| format!("{value} is no kind of caller"))
}

const CIRCUMSTANCES: [(&str, Circumstance); 9] = [
    ("sameAccount", Circumstance::SameAccount),
    ("serviceLinkedRole", Circumstance::ServiceLinkedRole),
    ("sessionPolicy", Circumstance::SessionPolicy),
    ("onManagedPolicy", Circumstance::Resource(Special::ManagedPolicy)),
    ("onReservedRole", Circumstance::Resource(Special::ReservedRole)),
    ("onManagedAlias", Circumstance::Resource(Special::ManagedAlias)),
    ("onBucket", Circumstance::Resource(Special::Bucket)),
    ("onKey", Circumstance::Resource(Special::Key)),
    ("onRole", Circumstance::Resource(Special::Role)),
];

/// `sameAccount`; with an account `callerIn:111122223333`
fn circumstance_name(circumstance: &Circumstance) -> String {
    match circumstance {
        Circumstance::CallerIn(account) => format!("callerIn:{account}"),
        Circumstance::ResourceIn(account) => format!("resourceIn:{account}"),
        Circumstance::SameAccount
        | Circumstance::ServiceLinkedRole
        | Circumstance::SessionPolicy
        | Circumstance::Resource(_) => {
            let known = CIRCUMSTANCES.iter().find(|(_, known)| known == circumstance);
            known.map_or_else(String::new, |(name, _)| (*name).to_owned())
        }
    }
}

fn read_circumstance(value: &Value) -> Result<(Circumstance, bool), String> {
    let Some([Value::String(name), Value::Bool(holds)]) = value.as_array().map(Vec::as_slice) else {
        return Err("a circumstance of a part is none".to_owned());
    };
    let circumstance = match name.split_once(':') {
        Some(("callerIn", account)) => Some(Circumstance::CallerIn(account.to_owned())),
        Some(("resourceIn", account)) => Some(Circumstance::ResourceIn(account.to_owned())),
        Some(_) => None,
        None => CIRCUMSTANCES.iter().find(|(known, _)| known == name).map(|(_, known)| known.clone()),
    };
    circumstance.map(|known| (known, *holds)).ok_or_else(|| format!("`{name}` is no circumstance"))
}
