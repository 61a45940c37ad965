//! Who outside a zone of trust can do what, as findings: for each part of a request one label out of what the documents say
//! (spec 9.2). What no label says, such as an exception, does not appear: a finding covers the access, and may cover more.

mod axis;
pub mod claim;
mod cover;
mod lattice;
mod survey;

use std::collections::BTreeMap;

use solver::Limit;
use solver::budget::Budget;

use crate::catalogue::Catalogue;
use crate::checks::cube::Cube;
use crate::checks::proof::{Given, Region, demonstrated};
use crate::checks::question::{granted, undecided};
use crate::checks::{
    Certification, Disagreement, Proof, READINGS, Realizability, Settings, Side, Undecided, Verdict, Work, public,
};
use crate::policy::principal::PrincipalEntry;
use crate::semantics::outsider::ServiceKeys;
use crate::semantics::realizability::{Relation, Relations};
use crate::semantics::symbolic::Readings;
use crate::semantics::zone::Zone;
use survey::Survey;

/// Which findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The smallest list found that covers all access.
    #[default]
    Minimal,
    /// Every smallest combination of labels, as the service prints them.
    Aws,
}

/// All access from outside a zone.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Together they cover it.
    pub findings: Vec<Finding>,
    /// What kept that from being proved; empty if it is.
    pub unknown: Vec<Undecided>,
    /// The same findings as a proof speaks of them.
    pub regions: Vec<Region>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who; `None`: everyone.
    pub principal: Option<PrincipalEntry>,
    /// Action patterns.
    pub actions: Vec<String>,
    /// The resource pattern.
    pub resource: String,
    /// Keys, in lower case, with the value that limits the access.
    pub conditions: Vec<(String, String)>,
    /// Whether outsiders without any relation to the policy are among the callers (spec 9.3).
    pub is_public: bool,
    /// The type of the resource, where its ARN tells.
    pub resource_type: Option<&'static str>,
    /// The sorts of caller that come in this way.
    pub callers: Vec<Sort>,
    /// The same as a set of requests.
    pub cube: Cube,
}

/// A sort of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Root users, users and sessions of an account.
    Identity,
    /// AWS services.
    Service,
    /// Users of an identity provider.
    Federated,
    /// Nobody in particular.
    Anonymous,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 4] = [Sort::Identity, Sort::Service, Sort::Federated, Sort::Anonymous];
}

impl Findings {
    /// Whether the findings are proved to cover all access.
    pub fn is_complete(&self) -> bool {
        self.unknown.is_empty()
    }
}

impl Mode {
    /// The settings in this mode.
    fn settings(self, settings: &Settings) -> Settings {
        match self {
            Mode::Minimal => settings.clone(),
            // the service does not relate the caller's keys to the caller
            Mode::Aws => Settings { realizability: Realizability::LikeAws, ..settings.clone() },
        }
    }

    /// The readings of contested rules in which the findings cover all access.
    fn readings(self, settings: &Settings) -> Readings {
        let mut fixed = match self {
            Mode::Minimal => BTreeMap::new(),
            Mode::Aws => READINGS.iter().map(|(_, rule)| (*rule, false)).collect(),
        };
        fixed.extend(settings.reading.fixed.clone());
        Readings { fixed, free: true }
    }
}

/// The proof that findings cover all access; `None` if there is none within the budget.
///
/// # Errors
/// The proof is not accepted: a defect.
pub fn proof(
    (side, zone): (Side<'_>, &Zone),
    mode: Mode,
    catalogue: &Catalogue,
    settings: &Settings,
    found: &Findings,
) -> Result<Option<Proof>, Disagreement> {
    let settings = mode.settings(settings);
    let (relations, readings) = (granted(settings.realizability), mode.readings(&settings));
    let given = Given::Regions(found.regions.clone());
    let posed = |relations: &Relations, readings: &Readings, given: &Given| match given {
        Given::Regions(regions) => claim::pose(side, zone, catalogue, (relations, readings), regions),
        Given::Nothing | Given::Blocks(_) | Given::Cubes(_) => Err("no findings are given".into()),
    };
    demonstrated((&relations, &readings, &given), &settings, &mut Work::default(), &posed)
}

/// All access from outside the zone that a policy of a resource, or a stack with one, allows. Of a stack the resource policy
/// and the RCPs count: they are what an outsider meets.
pub fn findings(side: Side<'_>, zone: &Zone, mode: Mode, catalogue: &Catalogue, settings: &Settings) -> Findings {
    let mut budget = Budget::new(settings.budget.saturating_mul(10));
    let settings = mode.settings(settings);
    let met = survey::met(side);
    let side = met.as_ref().map_or(side, Side::Stack);
    let relations = granted(settings.realizability);
    let mut survey = Survey::of(side, zone, mode, catalogue, &settings, relations.clone());
    let regions = match mode {
        Mode::Minimal => cover::minimal(&mut survey, &mut budget),
        Mode::Aws => lattice::all(&mut survey, &mut budget),
    };
    let unproved = Settings { certification: Certification::Omitted, ..settings.clone() };
    let overall = public::no_public_access(side, ServiceKeys::All, catalogue, &unproved);
    let public = if overall.is_ok_and(|report| report.verdict == Verdict::Pass) {
        vec![false; regions.len()]
    } else {
        // spec 9.3: an outsider can have a service act for a resource of his own
        let relations = relations.without(Relation::Source);
        Survey::of(side, zone, mode, catalogue, &settings, relations).public(&regions, &mut budget)
    };
    let mut found = Findings {
        findings: survey.findings(&regions, &public, &mut budget),
        unknown: Vec::new(),
        regions: regions.iter().map(|region| claim::region(&survey, region)).collect(),
    };
    if !survey.is_covered(&regions, &mut budget) {
        found.unknown.push(undecided(Limit::Budget, None));
    }
    found
}
