//! Models back to requests.

use std::collections::BTreeMap;

use solver::evaluate::{Assignment, evaluate};
use solver::formula::{Formula, ScalarVar};
use solver::quantifier::Slot;
use solver::record::Record;
use solver::search::Model;

use crate::catalogue::KeyDomain;
use crate::request::{ContextValue, Request};
use crate::semantics::Contested;
use crate::semantics::concrete::derived_keys;
use crate::semantics::realizability::Relation;
use crate::semantics::symbolic::keys::{Family, KeyVariable, Ordered};
use crate::semantics::symbolic::{Opaque, Symbolic};

/// A request read off a model, with the circumstances that the model chose.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The request.
    pub request: Request,
    /// Contested rules in their other reading.
    pub readings: Vec<Contested>,
    /// Unknown clauses that hold (spec 5.12).
    pub unknowns: Vec<String>,
    /// A federated user's own session policy allows (spec 8.2).
    pub unlisted_session_policy: bool,
    /// Undecided parts that the model rests on.
    pub opaque: Vec<Opaque>,
}

/// An ordered family that a value is read in, whether it denotes a value of the family, and which.
type OrderedReading = (Family, bool, ScalarVar);

/// How a member of a set is read, from the copies of the key's variables.
fn member_readings(key: &KeyVariable, slot: &Slot, at: &Assignment) -> Vec<OrderedReading> {
    let copies = slot.scalars.iter().zip(&slot.bools);
    let readings = key.orders.iter().zip(copies).map(|(ordered, (scalar, parsed))| {
        let said = at.bools.get(parsed).copied().unwrap_or(false);
        (ordered.family, ordered.parsed == Formula::TRUE || said, *scalar)
    });
    readings.collect()
}

impl Symbolic<'_> {
    /// The request of a model. What the model leaves open gets plain values; keys that do not matter are absent.
    pub fn decode(&self, model: &Model) -> Decoded {
        let at = Assignment {
            bools: model.values.bools.clone(),
            records: model.values.records.clone(),
            scalars: model.values.scalars.clone(),
            sets: BTreeMap::new(),
        };
        let truth = |formula: Formula| evaluate(&self.formulas, formula, &at);
        let fields = |record: Record| at.records.get(&record).cloned();
        let (principal, id) = self.callers.decode(&truth, &fields);
        let mut context = self.context(model, &at, &truth);
        let session_path = match &principal {
            crate::request::Caller::Session { path: Some(path), .. } if path != "/" => principal.principal_arn(),
            _ => None,
        };
        // where the key is free of the caller it says what the model says
        let free = self.footprint.speaks_of("aws:principalarn") && !self.has(Relation::CallerIdentity);
        if let Some(arn) = session_path.filter(|_| !free) {
            context.entry("aws:principalarn".to_owned()).or_insert(ContextValue::Single(arn));
        }
        if let Some(id) = id.filter(|_| self.footprint.speaks_of("aws:userid") || !self.footprint.principals.is_empty())
        {
            context.entry("aws:userid".to_owned()).or_insert(ContextValue::Single(id));
        }
        let chosen = |variable: &solver::formula::BoolVar| at.bools.get(variable).copied().unwrap_or(false);
        let request = Request {
            principal,
            action: self.text_or(&at, self.action, "s3:GetObject"),
            resource: self.resource_of(&at, &truth),
            resource_account: self.owner_of(&at, &truth),
            context,
            principal_in_management_account: false,
            resource_in_management_account: false,
        };
        let request = self.without_underived(request);
        Decoded {
            request,
            readings: self.contested.iter().filter(|(_, v)| chosen(v)).map(|(rule, _)| *rule).collect(),
            unknowns: self.unknowns.iter().filter(|(_, v)| chosen(v)).map(|(name, _)| name.clone()).collect(),
            unlisted_session_policy: self.session_policy.as_ref().is_some_and(chosen),
            opaque: self.opaque.values().filter(|o| at.bools.contains_key(&o.variable)).cloned().collect(),
        }
    }

    /// Keys that the caller would bring along but that the model leaves out, where nothing ties them to the caller: an
    /// empty list says that a key is absent (spec 1).
    fn without_underived(&self, mut request: Request) -> Request {
        let derived = derived_keys(&request);
        let tied = |name: &str| match name {
            "aws:principalaccount" => self.has(Relation::CallerAccount),
            "aws:principalarn" | "aws:principaltype" | "aws:userid" | "aws:username" => {
                self.has(Relation::CallerIdentity)
            }
            _ => false,
        };
        for name in self.keys.keys().filter(|name| derived.contains_key(*name) && !tied(name)) {
            request.context.insert(name.clone(), ContextValue::Multi(Vec::new()));
        }
        request
    }

    fn text_or(&self, at: &Assignment, text: solver::record::Text, plain: &str) -> String {
        let record = self.formulas.records.record_of(text);
        at.records.get(&record).map_or_else(|| plain.to_owned(), |fields| self.formulas.records.read(text, fields))
    }

    fn resource_of(&self, at: &Assignment, truth: &dyn Fn(Formula) -> bool) -> String {
        if truth(self.resource.nothing) {
            return "*".to_owned();
        }
        match &self.resource.owned {
            Some((arn, _)) if truth(arn.is) => {
                self.text_or(at, arn.text, "arn:aws:sqs:us-east-1:123456789012:example-queue")
            }
            _ => self.text_or(at, self.resource.other.text, "arn:aws:s3:::amzn-s3-demo-bucket"),
        }
    }

    fn owner_of(&self, at: &Assignment, truth: &dyn Fn(Formula) -> bool) -> Option<String> {
        let owner = self.resource.owner?;
        match &self.resource.owned {
            Some((arn, account)) if truth(arn.is) => Some(self.text_or(at, *account, "123456789012")),
            _ => Some(self.text_or(at, owner, "123456789012")),
        }
    }

    fn context(
        &self,
        model: &Model,
        at: &Assignment,
        truth: &dyn Fn(Formula) -> bool,
    ) -> BTreeMap<String, ContextValue> {
        let mut context = BTreeMap::new();
        for (name, key) in &self.keys {
            if let Some(value) = self.key_value(model, at, name, key, truth) {
                context.insert(name.clone(), value);
            }
        }
        context
    }

    fn key_value(
        &self,
        model: &Model,
        at: &Assignment,
        name: &str,
        key: &KeyVariable,
        truth: &dyn Fn(Formula) -> bool,
    ) -> Option<ContextValue> {
        if let Some(set) = key.set {
            let slots = model.slots.get(&set)?;
            let used = slots.iter().filter(|slot| at.bools.get(&slot.in_use).copied().unwrap_or(false));
            let value = |slot: &Slot| self.one_value(at, name, slot.record, &member_readings(key, slot, at));
            let mut values: Vec<String> = used.map(value).collect();
            values.sort_unstable();
            values.dedup();
            return (!values.is_empty()).then_some(ContextValue::Multi(values));
        }
        if !truth(key.present) || self.is_derived(name, truth) {
            return None;
        }
        if self.is_owner(name) {
            return self.owner_of(at, truth).map(ContextValue::Single);
        }
        let reading = |ordered: &Ordered| (ordered.family, truth(ordered.parsed), ordered.scalar);
        let readings: Vec<_> = key.orders.iter().map(reading).collect();
        Some(ContextValue::Single(self.one_value(at, name, key.record, &readings)))
    }

    /// Whether the caller of the model has the key by what it is.
    fn is_derived(&self, name: &str, truth: &dyn Fn(Formula) -> bool) -> bool {
        use crate::request::CallerKind;
        let free: &[CallerKind] = match name {
            "aws:principalarn" => &[CallerKind::Service],
            "aws:principalaccount" | "aws:userid" | "aws:principaltype" => {
                &[CallerKind::Service, CallerKind::Federated]
            }
            "aws:username" => &[],
            _ => return false,
        };
        let relation = if name == "aws:principalaccount" { Relation::CallerAccount } else { Relation::CallerIdentity };
        self.has(relation) && !free.iter().any(|kind| truth(self.callers.is(*kind)))
    }

    /// A value as its text if the model says it; else a number that it is read as, or a text that is read as one exactly
    /// where the model says so.
    fn one_value(&self, at: &Assignment, name: &str, record: Record, readings: &[OrderedReading]) -> String {
        if let Some(fields) = at.records.get(&record) {
            return fields.concat();
        }
        let number = readings
            .iter()
            .filter(|(_, parsed, _)| *parsed)
            .find_map(|(family, _, scalar)| at.scalars.get(scalar).map(|point| (family.print())(point)));
        let agrees =
            |text: &&str| readings.iter().all(|(family, parsed, _)| (family.parse())(text).is_some() == *parsed);
        let plain = self.plain_value(name);
        let texts = [plain.as_str(), "example", "0.5", "1", "2026-01-01T00:00:00Z", "203.0.113.7"];
        number.unwrap_or_else(|| texts.into_iter().find(agrees).unwrap_or(plain.as_str()).to_owned())
    }

    /// Any value of the key.
    fn plain_value(&self, name: &str) -> String {
        let plain = match self.facts(name).domain {
            KeyDomain::AccountId | KeyDomain::CallerAccount => "111122223333",
            KeyDomain::OrgId => "o-a1b2c3d4e5",
            KeyDomain::OrgPath => "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
            KeyDomain::VpcId => "vpc-1a2b3c4d",
            KeyDomain::VpceId => "vpce-1a2b3c4d",
            KeyDomain::Bool => "true",
            KeyDomain::Number => "1",
            KeyDomain::Date => "2026-01-01T00:00:00Z",
            KeyDomain::EpochSeconds => "1767225600",
            KeyDomain::Ip => "203.0.113.7",
            KeyDomain::Arn => "arn:aws:s3:::amzn-s3-demo-bucket",
            KeyDomain::Base64 => "QQ==",
            KeyDomain::PrincipalType => "User",
            KeyDomain::Region => "us-east-1",
            KeyDomain::ServiceName => "s3.amazonaws.com",
            KeyDomain::Text => "example",
        };
        plain.to_owned()
    }
}
