//! The condition keys of a counterexample: only those that matter, with values that read well.

use crate::checks::counterexample::plain::Improvement;
use crate::checks::counterexample::plausible;
use crate::policy::condition::Test;
use crate::request::{ContextValue, Request};
use crate::semantics::realizability;

/// Keys that come together, by the beginnings of their names: dropped together first.
const FAMILIES: [&[&str]; 4] = [
    &["aws:calledvia"],
    &["kms:encryptioncontext"],
    &["aws:requesttag/", "aws:tagkeys"],
    &["aws:sourcevpc", "aws:vpcsourceip", "aws:vpce"],
];

impl<'q> Improvement<'q> {
    /// Keys that do not matter are absent; lists are as short as they can be.
    pub(super) fn drop_keys(&self, request: &mut Request) {
        if request.context.is_empty() || self.try_change(request, |r| r.context.clear()) {
            return;
        }
        for family in FAMILIES {
            let members = |key: &String| family.iter().any(|beginning| key.starts_with(beginning));
            if request.context.keys().filter(|key| members(key)).count() > 1 {
                self.try_change(request, |r| r.context.retain(|key, _| !members(key)));
            }
        }
        let keys: Vec<String> = request.context.keys().cloned().collect();
        for key in keys {
            let is_listed = realizability::listed_in(&key).is_some();
            if is_listed && self.try_change(request, |r| drop_with_name(r, &key))
                || self.try_change(request, |r| drop(r.context.remove(&key)))
            {
                continue;
            }
            while let Some(ContextValue::Multi(values)) = request.context.get(&key).cloned() {
                let shorter = (0..values.len()).filter(|_| values.len() > 1).any(|at| {
                    self.try_change(request, |r| {
                        let mut fewer = values.clone();
                        fewer.remove(at);
                        r.context.insert(key.clone(), ContextValue::Multi(fewer));
                    })
                });
                if !shorter {
                    break;
                }
            }
        }
    }

    /// Values that no document names give way to plausible ones.
    pub(super) fn choose_values(&self, request: &mut Request) {
        let keys: Vec<String> = request.context.keys().cloned().collect();
        for key in keys {
            let Some(ContextValue::Single(value)) = request.context.get(&key) else { continue };
            let usual = plausible::values(&self.catalogue.key(&key));
            let named = self.named_values(&key);
            if usual.contains(&value.as_str()) || named.contains(&value.as_str()) {
                continue;
            }
            let filled =
                named.iter().filter(|text| text.contains('*')).take(2).map(|text| plausible::value_like(&key, text));
            let candidates = usual.iter().take(3).map(|text| (*text).to_owned());
            for candidate in candidates.chain(filled) {
                if self.try_change(request, |r| drop(r.context.insert(key.clone(), ContextValue::Single(candidate)))) {
                    break;
                }
            }
        }
    }

    /// The values that conditions on the key name, that of the grant first.
    fn named_values(&self, key: &str) -> Vec<&'q str> {
        let clauses = self.statements().flat_map(|statement| &statement.conditions);
        let values = clauses.filter(|clause| clause.key == key).flat_map(|clause| match &clause.test {
            Test::Compare { values, .. } => values.as_slice(),
            Test::Null { .. } | Test::Unknown { .. } => &[],
        });
        values.map(|value| value.text.as_str()).collect()
    }
}

/// Takes a key away, and its name out of the list of its family's names.
fn drop_with_name(request: &mut Request, key: &str) {
    request.context.remove(key);
    let Some((list, name)) = realizability::listed_in(key) else { return };
    if let Some(ContextValue::Multi(names)) = request.context.get_mut(list) {
        names.retain(|listed| !listed.eq_ignore_ascii_case(name));
        if names.is_empty() {
            request.context.remove(list);
        }
    }
}
