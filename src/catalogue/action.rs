//! Actions and resource types of the catalogue, as views of its text.

use std::fmt;

use super::keys;
use super::text::{self, Line, Section};

/// One action of a service.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    section: Section<'a>,
    name: &'a str,
    support: usize,
}

/// The action on a line of a section, if the line is one.
pub(super) fn of<'a>(section: Section<'a>, line: Line<'a>) -> Option<Action<'a>> {
    if let Line::Action { name, support } = line { Some(Action { section, name, support }) } else { None }
}

impl<'a> Action<'a> {
    /// The service prefix, in lower case.
    pub fn service(&self) -> &'a str {
        self.section.prefix
    }

    /// The name without the service, in proper capitals: `GetObject`.
    pub fn short_name(&self) -> &'a str {
        self.name
    }

    /// The whole name in proper capitals: `s3:GetObject`.
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// The resource types that the action can be limited to; none: its requests have the resource `*` (spec 3.2).
    pub fn resource_types(&self) -> Vec<SupportedType<'a>> {
        let resources: Vec<ResourceType<'a>> = self.section.resource_types().collect();
        let groups = self.section.support(self.support).unwrap_or("").split('|').skip(1);
        groups.filter_map(|group| supported(group, &resources)).collect()
    }

    /// The condition keys of the action whatever its resource, and those of each resource type that it supports; in
    /// canonical spelling, `$` for the part a user chooses, ascending without repetition.
    pub fn condition_keys(&self) -> Vec<String> {
        let general = self.section.support(self.support).and_then(|text| text.split('|').next()).unwrap_or("");
        let mut names = self.section.key_names(general);
        names.extend(self.resource_types().iter().flat_map(SupportedType::condition_keys));
        names.sort();
        names.dedup();
        names
    }

    /// Whether requests of the action on a resource of this type (`None`: without a resource) can carry the key, in any
    /// letter case. Claims of identity providers come with the actions of the token service.
    pub fn carries(&self, on: Option<&SupportedType<'_>>, key: &str) -> bool {
        let general = self.section.support(self.support).and_then(|text| text.split('|').next()).unwrap_or("");
        let own = on.map_or_else(Vec::new, SupportedType::condition_keys);
        let mut names = self.section.key_names(general).into_iter().chain(own);
        let claim = self.service() == "sts" && keys::federation(key).is_some();
        claim || keys::in_every_service(key) || names.any(|pattern| keys::member(&pattern, key).is_some())
    }

    /// Whether requests of the action can carry the key, in any letter case. Global keys can always be there, but for
    /// the three families about tags, which a service must support.
    pub fn supports_key(&self, key: &str) -> bool {
        keys::in_every_service(key) || self.condition_keys().iter().any(|pattern| keys::member(pattern, key).is_some())
    }
}

impl fmt::Display for Action<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.section.prefix, self.name)
    }
}

/// `3* 0 2-4`: resource type 3, required, with keys.
fn supported<'a>(group: &'a str, resources: &[ResourceType<'a>]) -> Option<SupportedType<'a>> {
    let (number, keys) = group.split_once(' ').unwrap_or((group, ""));
    let required = number.ends_with('*');
    let resource = *resources.get(number.trim_end_matches('*').parse::<usize>().ok()?)?;
    Some(SupportedType { resource, required, keys })
}

/// A resource type as one action supports it.
#[derive(Clone, Copy, Debug)]
pub struct SupportedType<'a> {
    /// The resource type.
    pub resource: ResourceType<'a>,
    /// Whether every request of the action has a resource of this type.
    pub required: bool,
    keys: &'a str,
}

impl SupportedType<'_> {
    /// Keys of a request of the action on this type: the type's own and those listed with the action.
    pub fn condition_keys(&self) -> Vec<String> {
        let mut names = self.resource.section.key_names(self.keys);
        names.extend(self.resource.condition_keys());
        names.sort();
        names.dedup();
        names
    }
}

/// A resource type of a service.
#[derive(Clone, Copy, Debug)]
pub struct ResourceType<'a> {
    pub(super) section: Section<'a>,
    pub(super) name: &'a str,
    pub(super) format: &'a str,
    pub(super) keys: &'a str,
}

impl<'a> ResourceType<'a> {
    /// Its name: `bucket`.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its ARN format: `arn:${Partition}:s3:::${BucketName}`.
    pub fn arn_format(&self) -> String {
        self.stored().replace('{', "${")
    }

    /// Its ARN format with `*` for every part to fill in: `arn:*:s3:::*`.
    pub fn arn_glob(&self) -> String {
        let mut glob = String::new();
        for piece in self.stored().split('{') {
            match piece.split_once('}') {
                Some((_, literal)) => glob.extend(["*", literal]),
                None => glob.push_str(piece),
            }
        }
        glob
    }

    /// The keys that requests on this type can carry, in canonical spelling.
    pub fn condition_keys(&self) -> Vec<String> {
        self.section.key_names(self.keys)
    }

    /// The whole format with `{Name}` for the parts to fill in.
    fn stored(&self) -> String {
        match self.format.strip_prefix('~') {
            Some(rest) => format!("arn:{{Partition}}:{}:{{Region}}:{{Account}}:{rest}", self.section.prefix),
            None => format!("arn:{{Partition}}:{}", self.format),
        }
    }
}

/// How many colons the resource part of a stored format has.
pub(super) fn colons(format: &str) -> Option<usize> {
    let fixed: String = text::fixed_parts(format);
    let part = if let Some(rest) = fixed.strip_prefix('~') { rest } else { fixed.splitn(4, ':').nth(3)? };
    Some(part.matches(':').count())
}
