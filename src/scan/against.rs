//! What policies said at another revision.

use std::collections::BTreeMap;

use crate::scan::Skipped;
use crate::scan::found::{Before, Found};
use crate::scan::read::Seen;

/// Gives each policy that has no before of its own what stood at the same address of the same file before. `name` is how
/// to name that: `main`.
pub fn compare(now: &mut [Seen], before: Vec<Seen>, name: &str) {
    let mut found: BTreeMap<(String, String), Found> = BTreeMap::new();
    let mut skipped: BTreeMap<(String, Option<String>), Skipped> = BTreeMap::new();
    for seen in before {
        match seen {
            Seen::Found(policy) => drop(found.insert((policy.file.clone(), policy.address.clone()), *policy)),
            Seen::Skipped(skip) => drop(skipped.insert((skip.file.clone(), skip.address.clone()), skip)),
        }
    }
    for seen in now {
        let Seen::Found(policy) = seen else { continue };
        if !matches!(policy.before, Before::Unasked) {
            continue;
        }
        let key = (policy.file.clone(), policy.address.clone());
        let skip = || {
            let of_policy = skipped.get(&(key.0.clone(), Some(key.1.clone())));
            of_policy.or_else(|| skipped.get(&(key.0.clone(), None)).filter(|skip| skip.cause.is_about_a_policy()))
        };
        policy.before = match (found.remove(&key), skip()) {
            (Some(old), _) => Before::Policy { name: format!("{} at {name}", old.name()), document: old.document },
            (None, Some(skip)) => Before::Undetermined { reason: format!("at {name}, {}", skip.reason) },
            (None, None) => Before::Absent,
        };
    }
}
