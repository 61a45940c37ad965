//! The resource of the request: `*`, or an ARN as a record of its fields; who owns it (spec 3.2, 6.5(6)).

use std::collections::BTreeSet;

use solver::formula::{Formula, Formulas};
use solver::record::{Piece, Record, Text};

use crate::catalogue::Catalogue;
use crate::semantics::realizability::{self, Relation};
use crate::semantics::symbolic::domain::{self, ArnShapes, Budgets};
use crate::semantics::symbolic::footprint::Footprint;
use crate::semantics::symbolic::{Origin, Settings, Symbolic};

/// The resource of the request.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// The request has no resource: `*`.
    pub(super) nothing: Formula,
    /// An ARN whose account field is the owner, if owners are told apart, and that account.
    pub(super) owned: Option<(Arn, Text)>,
    /// Any other ARN.
    pub(super) other: Arn,
    /// The owner where the ARN does not tell.
    pub(super) owner: Option<Text>,
    /// The colon budget of both records (spec 3.2).
    pub(super) budget: Formula,
}

/// One sort of resource ARN.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arn {
    /// The resource is of this sort.
    pub(super) is: Formula,
    pub(super) record: Record,
    /// The whole ARN.
    pub(super) text: Text,
}

impl Resource {
    pub(super) fn declare(
        formulas: &mut Formulas,
        footprint: &Footprint,
        catalogue: &Catalogue,
        settings: &Settings,
    ) -> Self {
        let shapes = ArnShapes::new(&footprint.resources);
        let budgets = Budgets::new(&footprint.resources, catalogue);
        let keys = ["aws:resourceaccount", "s3:resourceaccount"];
        let spoken: BTreeSet<String> = footprint.keys.keys().cloned().collect();
        let tells_owners = settings.stack
            || settings.relations.contains(Relation::SameOrganisation)
                && realizability::concerns(Relation::SameOrganisation, &spoken)
            || settings.relations.contains(Relation::ResourceOwner) && keys.iter().any(|key| footprint.speaks_of(key));
        let nothing = formulas.declare_bool();
        let nothing = formulas.bool(nothing);
        let something = Formulas::not(nothing);
        let mut budget = Vec::new();
        let mut declare = |formulas: &mut Formulas, forms: Vec<solver::record::Form>| {
            let record = formulas.records.declare(forms.clone());
            if !budgets.is_empty() {
                let bounded = formulas.records.forms(ArnShapes::budgeted(&forms, &budgets));
                budget.push(formulas.within(record, bounded));
            }
            let text = formulas.records.view(record, arn_pieces());
            (record, text)
        };
        if !tells_owners {
            let (record, text) = declare(formulas, shapes.any());
            let budget = formulas.all(&budget);
            return Self { nothing, owned: None, other: Arn { is: something, record, text }, owner: None, budget };
        }
        let in_arn = formulas.declare_bool();
        let in_arn = formulas.bool(in_arn);
        let (owned, elsewhere) =
            (formulas.all(&[something, in_arn]), formulas.all(&[something, Formulas::not(in_arn)]));
        let (record, text) = declare(formulas, shapes.owned());
        let owned = Arn { is: owned, record, text };
        let (record, text) = declare(formulas, shapes.ownerless());
        let other = Arn { is: elsewhere, record, text };
        let account = formulas.records.view(owned.record, vec![Piece::Field(3)]);
        let named: Vec<_> = keys.iter().filter_map(|key| footprint.keys.get(*key)).flat_map(|key| &key.named).collect();
        let owner = formulas.records.declare_text(domain::admitting(domain::account(), &named));
        let budget = formulas.all(&budget);
        Self { nothing, owned: Some((owned, account)), other, owner: Some(owner), budget }
    }
}

/// `arn:P:S:R:A:rest`
fn arn_pieces() -> Vec<Piece> {
    let mut pieces = vec![Piece::Fixed("arn:".to_owned()), Piece::Field(0)];
    for field in 1..5 {
        pieces.extend([Piece::Fixed(":".to_owned()), Piece::Field(field)]);
    }
    pieces
}

impl Symbolic<'_> {
    /// Whether the key is the account that owns the resource (spec 6.5(6)).
    pub(super) fn is_owner(&self, key: &str) -> bool {
        matches!(key, "aws:resourceaccount" | "s3:resourceaccount") && self.has(Relation::ResourceOwner)
    }

    pub(super) fn owner(&self) -> Vec<(Formula, Origin)> {
        let mut cases = Vec::new();
        if let Some((arn, owner)) = &self.resource.owned {
            cases.push((arn.is, Origin::Text(*owner)));
        }
        if let Some(owner) = self.resource.owner {
            let elsewhere = self.resource.owned.as_ref().map_or(Formula::TRUE, |(arn, _)| Formulas::not(arn.is));
            cases.push((elsewhere, Origin::Text(owner)));
        }
        cases
    }

    pub(super) fn resource_cases(&self) -> Vec<(Formula, Origin)> {
        let mut cases = Vec::new();
        cases.extend(self.resource.owned.iter().map(|(arn, _)| (arn.is, Origin::Text(arn.text))));
        cases.push((self.resource.other.is, Origin::Text(self.resource.other.text)));
        cases.push((self.resource.nothing, Origin::Constant("*".to_owned())));
        cases
    }
}
