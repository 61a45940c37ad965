//! Access from outside a zone of trust, as a gate.

use crate::catalogue::Catalogue;
use crate::checks::public::FromOutside;
use crate::checks::{Disagreement, Report, Settings, Side, ask};
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
    ask(&FromOutside::external(side, zone, settings).question(catalogue))
}
