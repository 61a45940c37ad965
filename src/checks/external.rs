//! Access from outside a zone of trust, as a gate.

use crate::catalogue::Catalogue;
use crate::checks::{Disagreement, Question, Report, Settings, Side, ask, public};
use crate::semantics::zone::Zone;

/// Whether the side, the policy of a resource, allows no request from outside the zone. Of a stack the resource policy and
/// the RCPs count: they are what an outsider meets.
///
/// # Errors
/// A counterexample that does not replay.
pub fn no_external_access(
    side: Side<'_>,
    zone: &Zone,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<Report, Disagreement> {
    let met;
    let asked = match side {
        Side::Document(_) => side,
        Side::Stack(stack) => {
            met = public::met_by_outsiders(stack);
            Side::Stack(&met)
        }
    };
    let settings = Settings { zone: Some(zone.clone()), ..settings.clone() };
    ask(&Question { catalogue, existing: None, asked, access: &[], outsiders: None, settings: &settings })
}
