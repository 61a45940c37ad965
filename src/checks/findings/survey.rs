//! What a policy says of each part of a request, and the access from outside the zone.

use std::collections::{BTreeMap, BTreeSet};

use solver::budget::Budget;
use solver::formula::{Formula, Formulas};

use crate::catalogue::Catalogue;
use crate::checks::cube::{Condition, Cube, Scoped};
use crate::checks::findings::axis::{Axis, Label, Part, Saying, sayings};
use crate::checks::findings::{Finding, Mode, Sort};
use crate::checks::space::{Content, Space};
use crate::checks::{Settings, Side, public};
use crate::policy::action::ActionEntry;
use crate::policy::condition::{Operand, Relation, Test};
use crate::policy::principal::PrincipalEntry;
use crate::policy::{Effect, Policy, Statement};
use crate::request::CallerKind;
use crate::semantics::Algebra;
use crate::semantics::authorization::{Stack, is_service_linked};
use crate::semantics::document::{self, Position, Scope};
use crate::semantics::outsider::{Outsiders, ServiceKeys};
use crate::semantics::principal::iam;
use crate::semantics::realizability::Relations;
use crate::semantics::symbolic::footprint::Footprint;
use crate::semantics::symbolic::{self, Readings, Symbolic};
use crate::semantics::zone::Zone;

/// Of a stack, what an outsider meets.
pub(super) fn met(side: Side<'_>) -> Option<Stack> {
    match side {
        Side::Document(_) => None,
        Side::Stack(stack) => Some(public::met_by_outsiders(stack)),
    }
}

/// What the documents and the zone speak of.
pub(super) fn footprint(side: Side<'_>, zone: &Zone) -> Footprint {
    let mut footprint = Footprint::default();
    side.documents().into_iter().for_each(|policy| footprint.add(policy));
    zone.announce(&mut footprint);
    footprint
}

/// The access from outside the zone.
pub(super) fn external(a: &mut Symbolic<'_>, side: Side<'_>, zone: &Zone, spoken: &BTreeSet<String>) -> Formula {
    let allowed = match side {
        Side::Document(policy) => document::allows(a, policy, Position::UnderTest),
        Side::Stack(stack) => public::exposes(a, stack),
    };
    let outside = zone.is_outside(a, spoken);
    // RCPs spare sessions of service-linked roles (spec 8.5), which nobody can use at will
    let linked = if side.is_stack() { is_service_linked(a) } else { Formula::FALSE };
    a.formulas.all(&[allowed, outside, Formulas::not(linked)])
}

/// A set of requests: one label of each part, and some of the labels of actions (none: any action).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Region {
    /// By axis; that of the actions is 0.
    pub(super) numbers: Vec<usize>,
    pub(super) actions: Vec<usize>,
}

/// The labels and the access.
pub(super) struct Survey<'p> {
    pub(super) side: Side<'p>,
    pub(super) space: Space<'p>,
    pub(super) axes: Vec<Axis>,
    /// The position of the actions among the axes.
    pub(super) actions: usize,
    /// Allowed, from outside.
    pub(super) external: Formula,
    /// Made by someone without any relation to the policy.
    public: Formula,
    /// The sorts of caller, as [`Sort::ALL`] lists them.
    kinds: [Formula; 4],
    /// For each value of a clause, what its label is.
    pub(super) labels: BTreeMap<Part, Vec<(Saying, Formula)>>,
}

impl<'p> Survey<'p> {
    pub(super) fn of(
        side: Side<'p>,
        zone: &Zone,
        mode: Mode,
        catalogue: &'p Catalogue,
        settings: &Settings,
        relations: Relations,
    ) -> Self {
        let footprint = footprint(side, zone);
        let spoken = footprint.keys.keys().cloned().collect();
        let readings = Readings { fixed: settings.reading.fixed.clone(), free: mode == Mode::Minimal };
        let how = symbolic::Settings { relations, readings, stack: side.is_stack() };
        let outsiders = Outsiders::of(side.documents(), ServiceKeys::All);
        let said = said(side);
        let a = Symbolic::new(catalogue, footprint, how);
        let (space, (external, public, labels, kinds)) = Space::read(a, |a| {
            let external = external(a, side, zone, &spoken);
            let kinds =
                [iam(a), a.kind(CallerKind::Service), a.kind(CallerKind::Federated), a.kind(CallerKind::Anonymous)];
            let mut labels: BTreeMap<Part, Vec<(Saying, Formula)>> = BTreeMap::new();
            for (part, saying) in &said {
                let truth = saying.holds(a);
                labels.entry(part.clone()).or_default().push((saying.clone(), truth));
            }
            (external, outsiders.may_make(a), labels, kinds)
        });
        let axes: Vec<Axis> = labels
            .iter()
            .map(|(part, said)| {
                let label = |(saying, truth): &(Saying, Formula)| Label { saying: saying.clone(), truth: *truth };
                Axis::of(part.clone(), said.iter().map(label).collect())
            })
            .collect();
        let actions = axes.iter().position(|axis| axis.part == Part::Action).unwrap_or(usize::MAX);
        Self { side, space, axes, actions, external, public, labels, kinds }
    }

    /// The region of everything.
    pub(super) fn everything(&self) -> Region {
        Region { numbers: vec![0; self.axes.len()], actions: Vec::new() }
    }

    /// Its formula.
    pub(super) fn truth(&mut self, region: &Region) -> Formula {
        let mut parts: Vec<Formula> =
            self.axes.iter().zip(&region.numbers).map(|(axis, number)| axis.truth(*number)).collect();
        if !region.actions.is_empty() {
            let axis = self.axes.get(self.actions);
            let some: Vec<Formula> =
                region.actions.iter().filter_map(|number| axis.map(|axis| axis.truth(*number))).collect();
            parts.push(self.space.a.formulas.any(&some));
        }
        self.space.a.formulas.all(&parts)
    }

    /// The union of regions.
    pub(super) fn union<'r>(&mut self, regions: impl IntoIterator<Item = &'r Region>) -> Formula {
        let all: Vec<Formula> = regions.into_iter().map(|region| self.truth(region)).collect();
        self.space.a.formulas.any(&all)
    }

    /// Whether each part of the access is not proved to be empty.
    pub(super) fn filled(&mut self, parts: &[Formula], budget: &mut Budget) -> Vec<bool> {
        let contents = self.space.contents(self.external, parts, budget);
        contents.iter().map(|content| !matches!(content, Content::Empty)).collect()
    }

    /// Whether the regions are proved to cover all access.
    pub(super) fn is_covered(&mut self, regions: &[Region], budget: &mut Budget) -> bool {
        let covered = self.union(regions);
        self.space.is_inside(self.external, covered, budget)
    }

    /// Whether one region lies inside another by its labels.
    pub(super) fn is_within(&self, inner: &Region, outer: &Region) -> bool {
        let by_labels = self
            .axes
            .iter()
            .zip(inner.numbers.iter().zip(&outer.numbers))
            .all(|(axis, (inner, outer))| axis.is_within(*inner, *outer));
        let axis = self.axes.get(self.actions);
        let within =
            |one: &usize| outer.actions.iter().any(|other| axis.is_some_and(|axis| axis.is_within(*one, *other)));
        let actions = outer.actions.is_empty() || (!inner.actions.is_empty() && inner.actions.iter().all(within));
        by_labels && actions
    }

    /// Without regions that lie inside others by their labels.
    pub(super) fn largest(&self, regions: Vec<Region>) -> Vec<Region> {
        let covered = |at: usize, region: &Region| {
            regions.iter().enumerate().any(|(other, outer)| {
                other != at && self.is_within(region, outer) && (!self.is_within(outer, region) || other < at)
            })
        };
        let kept: Vec<bool> = regions.iter().enumerate().map(|(at, region)| !covered(at, region)).collect();
        regions.into_iter().zip(kept).filter_map(|(region, kept)| kept.then_some(region)).collect()
    }

    /// In which of the regions someone without any relation to the policy is let in.
    pub(super) fn public(&mut self, regions: &[Region], budget: &mut Budget) -> Vec<bool> {
        let mut parts = Vec::with_capacity(regions.len());
        for region in regions {
            let truth = self.truth(region);
            parts.push(self.space.a.formulas.all(&[truth, self.public]));
        }
        self.filled(&parts, budget)
    }

    /// The regions as findings.
    pub(super) fn findings(&mut self, regions: &[Region], public: &[bool], budget: &mut Budget) -> Vec<Finding> {
        let callers = self.callers(regions, budget);
        let rows = regions.iter().zip(public).zip(callers);
        rows.map(|((region, public), callers)| Finding { callers, ..self.finding(region, *public) }).collect()
    }

    /// The sorts of caller that come in by each region.
    fn callers(&mut self, regions: &[Region], budget: &mut Budget) -> Vec<Vec<Sort>> {
        let mut parts = Vec::with_capacity(regions.len() * Sort::ALL.len());
        for region in regions {
            let truth = self.truth(region);
            parts.extend(self.kinds.map(|kind| self.space.a.formulas.all(&[truth, kind])));
        }
        let filled = self.filled(&parts, budget);
        let sorts = |filled: &[bool]| {
            Sort::ALL.into_iter().zip(filled).filter_map(|(sort, filled)| filled.then_some(sort)).collect()
        };
        filled.chunks(Sort::ALL.len()).map(sorts).collect()
    }

    fn finding(&self, region: &Region, public: bool) -> Finding {
        let mut finding = Finding {
            principal: None,
            actions: vec!["*".to_owned()],
            resource: "*".to_owned(),
            conditions: Vec::new(),
            is_public: public,
            resource_type: None,
            callers: Vec::new(),
            cube: Cube::everything(),
        };
        for (axis, number) in self.axes.iter().zip(&region.numbers) {
            match axis.saying(*number) {
                Some(Saying::Principal(scoped)) => {
                    finding.principal = Some(scoped.entry.clone());
                    finding.cube.principals.only = Some(vec![scoped.clone()]);
                }
                Some(Saying::Resource(scoped)) => {
                    finding.resource = scoped.entry.text.clone();
                    finding.cube.resources.only = Some(vec![scoped.clone()]);
                }
                Some(Saying::Value(clause)) => {
                    finding.cube.conditions.push(Condition { clause: clause.clone(), negated: false });
                    if let Test::Compare { operator, values } = &clause.test {
                        let value = values.first().map_or(String::new(), |value| value.text.clone());
                        let narrow = values.first().is_some_and(|value| match &value.operand {
                            Operand::Network(Some(network)) => !public::is_wide(&network.range),
                            _ => false,
                        });
                        finding.is_public &= !narrow;
                        let ordered = matches!(operator.relation, Relation::Numeric(_) | Relation::Date(_));
                        let value = if ordered { format!("{operator} {value}") } else { value };
                        finding.conditions.push((clause.key.clone(), value));
                    }
                }
                Some(Saying::Action(_)) | None => {}
            }
        }
        let scoped = |number: &usize| match self.axes.get(self.actions).and_then(|axis| axis.saying(*number)) {
            Some(Saying::Action(scoped)) => Some(scoped.clone()),
            _ => None,
        };
        let actions: Vec<Scoped<ActionEntry>> = region.actions.iter().filter_map(scoped).collect();
        if !actions.is_empty() {
            finding.actions = actions.iter().map(|scoped| scoped.entry.text.clone()).collect();
            finding.cube.actions.only = Some(actions);
        }
        finding.resource_type = resource_type(&finding, self.side);
        finding
    }

    /// The Allow statements.
    pub(super) fn grants(&self) -> Vec<&'p Statement> {
        self.side.grants().into_iter().map(|grant| grant.statement).collect()
    }

    /// The number of a label on its axis.
    pub(super) fn number(&self, axis: &Axis, text: impl Fn(&Saying) -> bool) -> usize {
        let said = self.labels.get(&axis.part).into_iter().flatten();
        let truth = said.into_iter().find(|(saying, _)| text(saying)).map(|(_, truth)| *truth);
        truth.map_or(0, |truth| axis.number(truth))
    }

    /// What is left of a part of the access outside others.
    pub(super) fn outside(&mut self, part: Formula, others: Formula) -> Formula {
        self.space.a.formulas.all(&[part, Formulas::not(others)])
    }
}

/// Everything that the documents say, by part.
pub(super) fn said(side: Side<'_>) -> Vec<(Part, Saying)> {
    let mut said = Vec::new();
    for policy in side.documents() {
        for statement in &policy.statements {
            of_statement(policy, statement, &mut said);
        }
    }
    said.sort_by_cached_key(|(_, saying)| saying.text());
    said
}

fn of_statement(policy: &Policy, statement: &Statement, said: &mut Vec<(Part, Saying)>) {
    // labels are read as an Allow would be, so that they cover what a doubtful entry may grant
    let scope = Scope { kind: policy.kind, effect: Effect::Allow, position: Position::UnderTest, bounded: false };
    for entry in &statement.action.entries {
        let scoped = Scoped { scope, negated: false, entry: entry.clone() };
        said.push((Part::Action, Saying::Action(scoped)));
    }
    for entry in statement.resource.iter().flat_map(|listed| &listed.entries) {
        let scoped = Scoped { scope, negated: false, entry: entry.clone() };
        said.push((Part::Resource, Saying::Resource(scoped)));
    }
    for entry in statement.principal.iter().flat_map(|element| &element.entries) {
        let entry: PrincipalEntry = entry.clone();
        said.push((Part::Principal, Saying::Principal(Scoped { scope, negated: false, entry })));
    }
    for clause in &statement.conditions {
        said.extend(sayings(clause).into_iter().map(|one| (Part::Key(clause.key.clone()), Saying::Value(one))));
    }
}

/// The type of the resource that a finding is about, by its ARN or its actions.
fn resource_type(finding: &Finding, side: Side<'_>) -> Option<&'static str> {
    let trust = side.documents().iter().any(|policy| policy.kind == crate::policy::Kind::Trust);
    let of_arn = finding.resource.split(':').nth(2).filter(|service| !service.contains(['*', '?']));
    let of_action = finding.actions.first().and_then(|action| action.split(':').next());
    match of_arn.filter(|service| !service.is_empty()).or(of_action)? {
        "s3" => Some("AWS::S3::Bucket"),
        "sqs" => Some("AWS::SQS::Queue"),
        "sns" => Some("AWS::SNS::Topic"),
        "kms" => Some("AWS::KMS::Key"),
        "lambda" => Some("AWS::Lambda::Function"),
        "secretsmanager" => Some("AWS::SecretsManager::Secret"),
        "dynamodb" => Some("AWS::DynamoDB::Table"),
        "kinesis" => Some("AWS::Kinesis::Stream"),
        "ecr" => Some("AWS::ECR::Repository"),
        "elasticfilesystem" => Some("AWS::EFS::FileSystem"),
        "backup" => Some("AWS::Backup::BackupVault"),
        "es" => Some("AWS::OpenSearchService::Domain"),
        "sts" | "iam" if trust => Some("AWS::IAM::Role"),
        _ => None,
    }
}
