//! Which policies a check of the standard is for.

use glob::{MatchOptions, Pattern};

use crate::policy::Kind;
use crate::scan::Found;

/// Which policies a check is for: every part must agree, and an empty part always does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Files, as patterns over paths from the configuration's folder.
    pub paths: Vec<Pattern>,
    /// Files that it is not for.
    pub exclude: Vec<Pattern>,
    /// Kinds of policies.
    pub kinds: Vec<Kind>,
    /// Types of resources, as patterns over the names of check-no-public-access.
    pub resource_types: Vec<Pattern>,
}

impl Scope {
    /// Whether a policy is in it; `path` is its file as the configuration sees it.
    pub fn holds(&self, found: &Found, path: &str) -> bool {
        let listed = |patterns: &[Pattern]| patterns.iter().any(|pattern| path_matches(pattern, path));
        let file = (self.paths.is_empty() || listed(&self.paths)) && !listed(&self.exclude);
        let kind = self.kinds.is_empty() || found.kind.is_some_and(|kind| self.kinds.contains(&kind));
        let matches = |name: &str| self.resource_types.iter().any(|pattern| pattern.matches(name));
        file && kind && (self.resource_types.is_empty() || found.resource_type.is_some_and(matches))
    }
}

/// Whether a pattern names a file: `*` stays within a folder, `**` does not.
pub(super) fn path_matches(pattern: &Pattern, file: &str) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
    pattern.matches_with(file, options) || {
        // a pattern for a folder is for all that is in it
        let below = file.match_indices('/').map(|(at, _)| file.get(..at).unwrap_or(""));
        below.into_iter().any(|folder| pattern.matches_with(folder, options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_files_and_folders() {
        let rows = [
            ("infra", "infra/a/b.json", true),
            ("infra/**", "infra/a/b.json", true),
            ("infra/*.json", "infra/a/b.json", false),
            ("**/b.json", "infra/a/b.json", true),
            ("**/b.json", "b.json", true),
            ("fra", "infra/a.json", false),
        ];
        for (pattern, file, expected) in rows {
            assert_eq!(path_matches(&Pattern::new(pattern).unwrap(), file), expected, "{pattern} {file}");
        }
    }
}
