//! Packs: reference policies and checks written here, each with a page that says what it forbids, why, and examples.
//!
//! The page is the data: a section `Reference: KIND` holds a reference policy, `Check: NAME` names a check and the kinds
//! of policies it is for, `Fails: KIND` and `Passes: KIND` are examples, which a test runs.

use std::sync::Arc;

use crate::policy::Kind;
use crate::policy::read::{ReadOptions, read};
use crate::scan::{Bound, Level, Question, Reference, Rule};
use crate::source::Sources;
use crate::stack::Document;

/// Names and pages, by name.
const PAGES: [(&str, &str); 10] = [
    ("account-takeover", include_str!("packs/account-takeover.md")),
    ("administrator-access", include_str!("packs/administrator-access.md")),
    ("confused-deputy", include_str!("packs/confused-deputy.md")),
    ("data-exfiltration", include_str!("packs/data-exfiltration.md")),
    ("disabled-guardrails", include_str!("packs/disabled-guardrails.md")),
    ("mfa", include_str!("packs/mfa.md")),
    ("network-perimeter", include_str!("packs/network-perimeter.md")),
    ("privilege-escalation", include_str!("packs/privilege-escalation.md")),
    ("public-sharing", include_str!("packs/public-sharing.md")),
    ("required-tags", include_str!("packs/required-tags.md")),
];

/// A pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name.
    pub name: &'static str,
    /// What it holds policies to, in a line.
    pub title: &'static str,
    /// Its page, as Markdown.
    pub page: &'static str,
    /// What it demands.
    pub demands: Vec<Demand>,
    /// What it says of some policies.
    pub examples: Vec<Example>,
}

/// One demand of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The kinds of policies it is for.
    pub kinds: Vec<Kind>,
    /// What is demanded of them.
    pub property: Property,
}

/// What a pack demands of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// To allow nothing that this reference policy does not.
    Within(&'static str),
    /// To give nothing to everyone.
    NoPublicAccess,
    /// To give nothing to those outside the zone of trust, if there is one.
    NoExternalAccess,
}

/// A policy and what the pack says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its kind.
    pub kind: Kind,
    /// Whether some demand of the pack fails.
    pub fails: bool,
    /// The document.
    pub text: &'static str,
}

/// A rule that a pack makes, and the kinds of policies it is for.
#[derive(Clone, Debug)]
pub struct PackRule {
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// The rule.
    pub rule: Arc<Rule>,
}

/// The names of all packs, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(name, _)| *name)
}

/// All packs, by name.
pub fn all() -> Vec<Pack> {
    PAGES.iter().map(|(name, page)| pack(name, page)).collect()
}

/// The pack with this name.
pub fn find(name: &str) -> Option<Pack> {
    PAGES.iter().find(|(known, _)| *known == name).map(|(name, page)| pack(name, page))
}

impl Pack {
    /// The rules of the pack. References become texts of the sources, so that a Deny of theirs can be shown.
    pub fn rules(&self, name: &str, level: Level, zone: &[String], sources: &mut Sources) -> Vec<PackRule> {
        let mut out = Vec::new();
        for demand in &self.demands {
            let (name, question) = match demand.property {
                Property::Within(text) => match self.reference(text, &demand.kinds, sources) {
                    Some(reference) => {
                        (name.to_owned(), Question::NoNewAccess { bound: Bound::Reference(Arc::new(reference)) })
                    }
                    None => continue,
                },
                Property::NoPublicAccess => (format!("{name}/no-public-access"), Question::NoPublicAccess),
                Property::NoExternalAccess if zone.is_empty() => continue,
                Property::NoExternalAccess => {
                    (format!("{name}/no-external-access"), Question::no_external_access(zone.to_vec()))
                }
            };
            out.push(PackRule { kinds: demand.kinds.clone(), rule: Arc::new(Rule { name, level, question }) });
        }
        out
    }

    /// A reference policy of the pack, read. That each can be read is a test.
    fn reference(&self, text: &str, kinds: &[Kind], sources: &mut Sources) -> Option<Reference> {
        let name = format!("pack {}", self.name);
        let options = ReadOptions { kind: kinds.first().copied(), reference: true, ..ReadOptions::default() };
        let policy = read(sources, &name, text.as_bytes(), &options).policy?;
        Some(Reference { name, document: Document::Policy(Box::new(policy)) })
    }

    /// The reference policy for a kind of policies, as text.
    pub fn reference_text(&self, kind: Kind) -> Option<&'static str> {
        self.demands.iter().filter(|demand| demand.kinds.contains(&kind)).find_map(|demand| match demand.property {
            Property::Within(text) => Some(text),
            Property::NoPublicAccess | Property::NoExternalAccess => None,
        })
    }
}

/// Takes a page apart.
fn pack(name: &'static str, page: &'static str) -> Pack {
    let title = page.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(_, title)| title);
    let mut pack = Pack { name, title, page, demands: Vec::new(), examples: Vec::new() };
    for section in page.split("\n## ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        let Some((what, of)) = heading.split_once(": ") else { continue };
        let demand = |kinds, property| Demand { kinds, property };
        match (what, of, Kind::named(of), fenced(body)) {
            ("Reference", _, Some(kind), Some(text)) => pack.demands.push(demand(vec![kind], Property::Within(text))),
            ("Fails", _, Some(kind), Some(text)) => pack.examples.push(Example { kind, fails: true, text }),
            ("Passes", _, Some(kind), Some(text)) => pack.examples.push(Example { kind, fails: false, text }),
            ("Check", "no-public-access", ..) => pack.demands.push(demand(kinds(body), Property::NoPublicAccess)),
            ("Check", "no-external-access", ..) => pack.demands.push(demand(kinds(body), Property::NoExternalAccess)),
            // a page is data of ours: a test demands that every heading with a colon is one of the above
            _ => {}
        }
    }
    pack
}

/// The first code block.
fn fenced(body: &'static str) -> Option<&'static str> {
    body.split_once("```json\n")?.1.split_once("```").map(|(text, _)| text)
}

/// The kinds of a line `Kinds: resource, trust.`
fn kinds(body: &str) -> Vec<Kind> {
    let line = body.lines().find_map(|line| line.strip_prefix("Kinds: ")).unwrap_or("");
    let listed = line.split_once('.').map_or(line, |(listed, _)| listed);
    listed.split(", ").filter_map(Kind::named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_read_as_a_whole() {
        for pack in all() {
            let headings = pack.page.lines().filter(|line| line.starts_with("## ") && line.contains(": ")).count();
            assert_eq!(pack.demands.len() + pack.examples.len(), headings, "{}", pack.name);
            assert!(pack.page.starts_with(&format!("# {}: ", pack.name)) && !pack.title.is_empty(), "{}", pack.name);
            for section in ["\n## Forbids\n", "\n## Why\n"] {
                assert!(pack.page.contains(section), "{} lacks {section}", pack.name);
            }
            assert!(pack.demands.iter().all(|demand| !demand.kinds.is_empty()), "{}", pack.name);
            assert!(pack.page.lines().all(|line| line.len() <= 130), "{}", pack.name);
        }
    }

    #[test]
    fn every_kind_of_a_pack_has_a_failing_and_a_passing_example() {
        for pack in all() {
            for demand in &pack.demands {
                let some = |fails| {
                    pack.examples.iter().any(|example| example.fails == fails && demand.kinds.contains(&example.kind))
                };
                assert!(some(true) && some(false), "{} {:?}", pack.name, demand.kinds);
            }
        }
    }
}
