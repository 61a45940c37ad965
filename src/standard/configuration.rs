//! `keyaki.toml` as written: typed, with the place of everything that can turn out wrong later.

use glob::Pattern;
use jiff::civil::Date;

use crate::checks::Access;
use crate::scan::Level;
use crate::standard::scope::Scope;
use crate::standard::table::Located;

/// A configuration.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What policies are held to, in the order of names.
    pub checks: Vec<Check>,
    /// Accounts and organisations that are inside.
    pub zone: Vec<String>,
    /// The file of accepted findings.
    pub baseline: Option<Located<String>>,
    /// The revision to compare with.
    pub against: Option<String>,
    /// What the team accepted, in the order of the file.
    pub suppressions: Vec<Suppression>,
}

/// A check of the standard.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name, unique.
    pub name: String,
    /// How much a failure weighs.
    pub level: Level,
    /// Which policies it is for.
    pub scope: Scope,
    /// What is asked.
    pub ask: Ask,
}

/// What a check asks.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Public access.
    NoPublicAccess,
    /// Access from outside the zone.
    NoExternalAccess {
        /// The zone of the check, or of the whole configuration.
        zone: Vec<String>,
    },
    /// Critical actions and resources.
    AccessNotGranted {
        /// What must not be granted.
        access: Access,
    },
    /// More than a reference policy.
    Within {
        /// The file of the reference policy.
        reference: Located<String>,
    },
    /// More than before.
    NotMoreThanBefore,
    /// What a pack demands.
    Pack {
        /// Its name.
        name: &'static str,
    },
}

/// A finding that the team accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The check.
    pub check: String,
    /// The policy's address, if its file alone does not name it.
    pub address: Option<String>,
    /// The policy's file.
    pub file: Option<Pattern>,
    /// The statement; all of them if absent.
    pub statement: Option<StatementName>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Its line in the configuration.
    pub line: u32,
}

/// A statement as a suppression names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementName {
    /// Its position, from 0.
    Index(usize),
    /// Its Sid.
    Sid(String),
}

impl Configuration {
    /// The reference policies that it names.
    pub fn references(&self) -> Vec<(&Located<String>, &Scope)> {
        self.checks
            .iter()
            .filter_map(|check| match &check.ask {
                Ask::Within { reference } => Some((reference, &check.scope)),
                Ask::NoPublicAccess
                | Ask::NoExternalAccess { .. }
                | Ask::AccessNotGranted { .. }
                | Ask::NotMoreThanBefore
                | Ask::Pack { .. } => None,
            })
            .collect()
    }

    /// Whether some check compares with what was before.
    pub fn compares_with_before(&self) -> bool {
        self.checks.iter().any(|check| matches!(check.ask, Ask::NotMoreThanBefore))
    }
}
