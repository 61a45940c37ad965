//! Models back to requests.

use std::collections::BTreeMap;

use solver::evaluate::{Assignment, evaluate};
use solver::formula::{Formula, ScalarVar};
use solver::record::Record;
use solver::search::Model;

use crate::catalogue::KeyDomain;
use crate::request::{ContextValue, Request};
use crate::semantics::Contested;
use crate::semantics::symbolic::keys::KeyVariable;
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
        if let Some(arn) = session_path {
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
        Decoded {
            request,
            readings: self.contested.iter().filter(|(_, v)| chosen(v)).map(|(rule, _)| *rule).collect(),
            unknowns: self.unknowns.iter().filter(|(_, v)| chosen(v)).map(|(name, _)| name.clone()).collect(),
            unlisted_session_policy: self.session_policy.as_ref().is_some_and(chosen),
            opaque: self.opaque.values().filter(|o| at.bools.contains_key(&o.variable)).cloned().collect(),
        }
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
            let value = |slot: &solver::quantifier::Slot| self.one_value(at, name, key, slot.record, &slot.scalars);
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
        let scalars: Vec<ScalarVar> = key.orders.iter().map(|ordered| ordered.scalar).collect();
        Some(ContextValue::Single(self.one_value(at, name, key, key.record, &scalars)))
    }

    /// Whether the caller of the model has the key by what it is.
    fn is_derived(&self, name: &str, truth: &dyn Fn(Formula) -> bool) -> bool {
        use crate::request::CallerKind;
        use crate::semantics::realizability::Relation;
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

    fn one_value(
        &self,
        at: &Assignment,
        name: &str,
        key: &KeyVariable,
        record: Record,
        scalars: &[ScalarVar],
    ) -> String {
        if let Some(fields) = at.records.get(&record) {
            return fields.concat();
        }
        let number = key
            .orders
            .iter()
            .zip(scalars)
            .find_map(|(ordered, scalar)| at.scalars.get(scalar).map(|point| (ordered.family.print())(point)));
        number.unwrap_or_else(|| self.plain_value(name))
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
