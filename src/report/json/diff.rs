//! A difference as JSON: cubes as lists, each with its witness.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{DiagnosticJson, RequestJson, SCHEMA, UndecidedJson, encode};
use crate::catalogue::Catalogue;
use crate::checks::cube::entry::Entry;
use crate::checks::cube::{Circumstance, Condition, Cube, Extent, Scoped};
use crate::checks::diff::{Difference, Part};
use crate::report::Compared;
use crate::request::CallerKind;
use crate::semantics::authorization::Special;

/// The difference of two sides as one JSON object, without a line end.
pub fn diff(compared: &Compared<'_>) -> String {
    encode(&DiffJson::of(compared))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiffJson<'a> {
    equivalent: bool,
    gained: Vec<CubeJson<'a>>,
    lost: Vec<CubeJson<'a>>,
    /// Whether the cubes are all of the difference.
    complete: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UndecidedJson<'a>>,
    diagnostics: Vec<DiagnosticJson<'a>>,
    schema: &'static str,
}

impl<'a> DiffJson<'a> {
    fn of(compared: &Compared<'a>) -> DiffJson<'a> {
        let Compared { diff, diagnostics, sources, catalogue, .. } = *compared;
        let cubes = |difference: &'a Difference| {
            difference.parts.iter().map(|part| CubeJson::of(part, catalogue)).collect::<Vec<CubeJson<'a>>>()
        };
        let unknown = diff.gained.unknown.iter().chain(&diff.lost.unknown);
        DiffJson {
            equivalent: diff.is_empty(),
            gained: cubes(&diff.gained),
            lost: cubes(&diff.lost),
            complete: diff.is_complete(),
            unknown: unknown.map(|open| UndecidedJson::of(open, sources)).collect(),
            diagnostics: diagnostics.iter().map(|found| DiagnosticJson::of(found, sources)).collect(),
            schema: SCHEMA,
        }
    }
}

/// A set of requests: each part in its list and not in its list of exceptions, under all conditions.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CubeJson<'a> {
    actions: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except_actions: Vec<&'a str>,
    resources: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except_resources: Vec<&'a str>,
    principals: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except_principals: Vec<&'a str>,
    conditions: Vec<ConditionJson>,
    /// Kinds of caller, if only some.
    #[serde(skip_serializing_if = "Option::is_none")]
    callers: Option<Vec<&'static str>>,
    /// What else holds or does not, in stacks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    circumstances: BTreeMap<&'static str, bool>,
    witness: RequestJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

impl<'a> CubeJson<'a> {
    fn of(part: &'a Part, catalogue: &Catalogue) -> CubeJson<'a> {
        let Cube { actions, resources, principals, conditions, callers, circumstances } = &part.cube;
        CubeJson {
            actions: only(actions),
            except_actions: texts(&actions.except),
            resources: only(resources),
            except_resources: texts(&resources.except),
            principals: only(principals),
            except_principals: texts(&principals.except),
            conditions: conditions.iter().map(|condition| ConditionJson::of(condition, catalogue)).collect(),
            callers: callers.as_ref().map(|kinds| kinds.iter().map(|kind| caller(*kind)).collect()),
            circumstances: circumstances.iter().map(|(circumstance, holds)| (name(circumstance), *holds)).collect(),
            witness: RequestJson::of(&part.witness, catalogue),
            note: part.note.as_deref(),
        }
    }
}

fn texts<E: Entry>(entries: &[Scoped<E>]) -> Vec<&str> {
    entries.iter().map(|scoped| scoped.entry.text()).collect()
}

/// The list, or `*` for everything.
fn only<E: Entry>(extent: &Extent<E>) -> Vec<&str> {
    extent.only.as_deref().map_or_else(|| vec!["*"], texts)
}

/// The kind as `aws:PrincipalType` names it; services and federated callers have no such name.
fn caller(kind: CallerKind) -> &'static str {
    match kind {
        CallerKind::Root => "Account",
        CallerKind::User => "User",
        CallerKind::Session => "AssumedRole",
        CallerKind::FederatedUser => "FederatedUser",
        CallerKind::Service => "Service",
        CallerKind::Federated => "Federated",
        CallerKind::Anonymous => "Anonymous",
    }
}

fn name(circumstance: &Circumstance) -> &'static str {
    match circumstance {
        Circumstance::SameAccount => "sameAccount",
        Circumstance::ServiceLinkedRole => "serviceLinkedRole",
        Circumstance::SessionPolicy => "sessionPolicy",
        Circumstance::CallerIn(_) => "callerInManagementAccount",
        Circumstance::ResourceIn(_) => "resourceInManagementAccount",
        Circumstance::Resource(Special::ManagedPolicy) => "onManagedPolicy",
        Circumstance::Resource(Special::ReservedRole) => "onReservedRole",
        Circumstance::Resource(Special::ManagedAlias) => "onManagedAlias",
        Circumstance::Resource(Special::Bucket) => "onBucket",
        Circumstance::Resource(Special::Key) => "onKey",
        Circumstance::Resource(Special::Role) => "onRole",
    }
}

#[derive(Serialize)]
struct ConditionJson {
    operator: String,
    key: String,
    values: Vec<String>,
    /// The operator must not hold: only where no operator of the language says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    negated: bool,
}

impl ConditionJson {
    fn of(condition: &Condition, catalogue: &Catalogue) -> ConditionJson {
        ConditionJson {
            operator: condition.operator(),
            key: catalogue.key(&condition.clause.key).spelling.to_string(),
            values: condition.values(),
            negated: condition.negated,
        }
    }
}
