//! The standard that a team holds its policies to: `keyaki.toml`, what it accepts, and what was there before.

pub mod baseline;
pub mod configuration;
mod fingerprint;
pub mod paths;
mod read;
mod scope;
mod settle;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use baseline::Baseline;
pub use configuration::{Configuration, Suppression};
pub use fingerprint::fingerprint;
pub use paths::Paths;
pub use read::{ReadAccess, read};
pub use scope::Scope;
pub use settle::{Settled, settle};
pub use table::Located;

use crate::packs;
use crate::scan::{Bound, Found, Level, Question, Reference, Rule};
use crate::source::Sources;
use crate::stack::Document;
use configuration::{Ask, Check};

/// A rule and the policies it is for.
#[derive(Clone, Debug)]
pub struct Held {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The policies.
    pub scope: Scope,
}

/// What policies are held to.
#[derive(Clone, Debug, Default)]
pub struct Standard {
    /// The rules, in the order of names.
    pub rules: Vec<Held>,
    /// How the configuration sees files.
    pub paths: Paths,
}

impl Standard {
    /// The rules of a configuration. `references` holds the documents of [`Configuration::references`] by file; a check
    /// whose reference is not there is left out, so that all of them must be.
    pub fn of(
        configuration: &Configuration,
        references: &BTreeMap<String, Document>,
        sources: &mut Sources,
    ) -> Standard {
        let mut standard = Standard::default();
        for check in &configuration.checks {
            standard.add(check, &configuration.zone, references, sources);
        }
        standard
    }

    fn add(&mut self, check: &Check, zone: &[String], references: &BTreeMap<String, Document>, sources: &mut Sources) {
        let question = match &check.ask {
            Ask::Pack { name } => {
                return self.add_pack(name, &check.name, check.level, zone, &check.scope, sources);
            }
            Ask::NoPublicAccess => Question::NoPublicAccess,
            Ask::NoExternalAccess { zone } => Question::no_external_access(zone.clone()),
            Ask::AccessNotGranted { access } => Question::AccessNotGranted { access: vec![access.clone()] },
            Ask::NotMoreThanBefore => Question::NoNewAccess { bound: Bound::Before },
            Ask::Within { reference } => match references.get(&reference.value) {
                Some(document) => {
                    let reference = Reference { name: reference.value.clone(), document: document.clone() };
                    Question::NoNewAccess { bound: Bound::Reference(Arc::new(reference)) }
                }
                None => return,
            },
        };
        let rule = Rule { name: check.name.clone(), level: check.level, question };
        self.rules.push(Held { rule: Arc::new(rule), scope: check.scope.clone() });
    }

    /// Adds the rules of a pack, under a name. Nothing if there is no such pack.
    pub fn add_pack(
        &mut self,
        pack: &str,
        name: &str,
        level: Level,
        zone: &[String],
        scope: &Scope,
        sources: &mut Sources,
    ) {
        let Some(pack) = packs::find(pack) else { return };
        for packs::PackRule { kinds, rule } in pack.rules(name, level, zone, sources) {
            let both = |kind: &crate::policy::Kind| scope.kinds.is_empty() || scope.kinds.contains(kind);
            let kinds: Vec<_> = kinds.into_iter().filter(both).collect();
            if !kinds.is_empty() {
                self.rules.push(Held { rule, scope: Scope { kinds, ..scope.clone() } });
            }
        }
    }

    /// The rules that a policy is held to.
    pub fn rules_for(&self, found: &Found) -> Vec<Arc<Rule>> {
        let path = self.paths.of(&found.file);
        let held = self.rules.iter().filter(|held| held.scope.holds(found, &path));
        held.map(|held| Arc::clone(&held.rule)).collect()
    }
}
