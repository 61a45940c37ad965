//! The catalogue: services, actions, resource formats and condition keys (contract 7).
//!
//! The data is a text that is never parsed as a whole: every question is a binary search in it. The embedded text is
//! made by `catalogue/generate.py`; a user may bring a text of the same format ([`Catalogue::parse`]). What the
//! specification adds by hand lies beside the data: [`corrections`] (colon budget), [`keys`] (condition keys),
//! [`lists`] (session-only keys, services under resource control policies, actions without resource keys).

pub mod action;
pub mod corrections;
pub mod keys;
pub mod lists;
mod parse;
mod text;

use std::borrow::Cow;

pub use action::{Action, ResourceType, SupportedType};
pub use corrections::Colons;
pub use keys::{KeyDomain, KeyFacts, KeyType};
pub use parse::{CatalogueError, Problem};

use corrections::corrected;
use text::{Kind, Section};

/// Written by `generate.py`.
static EMBEDDED: &str = include_str!("catalogue/data.txt");

/// Facts about services, their actions, resources and condition keys.
#[derive(Clone, Debug)]
pub struct Catalogue {
    text: Cow<'static, str>,
}

impl Catalogue {
    /// The catalogue inside the program. Costs nothing: the text is searched where it lies.
    pub fn embedded() -> Catalogue {
        Catalogue { text: Cow::Borrowed(EMBEDDED) }
    }

    /// A user's own catalogue, checked line by line.
    pub fn parse(text: &str) -> Result<Catalogue, CatalogueError> {
        parse::check(text)?;
        Ok(Catalogue { text: Cow::Owned(text.to_owned()) })
    }

    /// Prefixes of all services that have actions, ascending.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        text::sections(&self.text).filter(Section::has_actions).map(|section| section.prefix)
    }

    /// Whether a service with this prefix (lower case) has actions.
    pub fn knows_service(&self, prefix: &str) -> bool {
        self.section(prefix).is_some_and(|section| section.has_actions())
    }

    /// The actions of a service, ascending by lower-case name; none if the service is unknown.
    pub fn actions(&self, service: &str) -> impl Iterator<Item = Action<'_>> {
        self.section(service)
            .into_iter()
            .flat_map(|section| section.lines(Kind::Action).filter_map(move |l| action::of(section, l)))
    }

    /// The action with this name, `service:name` in lower case.
    pub fn action(&self, name: &str) -> Option<Action<'_>> {
        let (service, short) = name.split_once(':')?;
        let section = self.section(service)?;
        action::of(section, section.action_line(short)?)
    }

    /// The resource types of a service with their ARN formats, ascending by name.
    pub fn resource_formats(&self, service: &str) -> impl Iterator<Item = ResourceType<'_>> {
        self.section(service).into_iter().flat_map(|section| section.resource_types())
    }

    /// How many colons the resource part of an ARN of this service (the third field) can hold (spec 3.2): the larger of
    /// the formats in the data and the table of corrections; unlimited for a service without formats in the data. Not
    /// in it: [`Catalogue::free_text_resources`].
    pub fn resource_colons(&self, service: &str) -> Colons {
        let listed = self.section(service).and_then(|section| section.colons());
        listed.map_or(Colons::Unlimited, |listed| corrected(service, listed))
    }

    /// Beginnings of the resource part (such as `key-pair/`) after which any text may follow, colons included, whatever
    /// [`Catalogue::resource_colons`] says (spec 3.2: names that are free text).
    pub fn free_text_resources(&self, service: &str) -> &'static [&'static str] {
        corrections::free_text(service)
    }

    /// What is known of a condition key, in any letter case (spec 7).
    pub fn key(&self, name: &str) -> KeyFacts {
        keys::global(name)
            .or_else(|| self.service_key(name))
            .or_else(|| keys::federation(name))
            .unwrap_or_else(|| keys::unknown(name))
    }

    /// A key listed with its service in the data.
    fn service_key(&self, name: &str) -> Option<KeyFacts> {
        let at = name.find(':')?;
        let section = self.section(&name.get(..at)?.to_ascii_lowercase())?;
        let (shape, spelling) = keys::best(name.get(at..)?, section.own_keys())?;
        Some(keys::facts(shape, format!("{}{spelling}", section.prefix)))
    }

    fn section(&self, prefix: &str) -> Option<Section<'_>> {
        text::section(&self.text, prefix)
    }
}

#[cfg(test)]
mod tests;
