//! Checking a catalogue that a user brings: every line, so that later searches can rely on the format (README.md).

use std::fmt;

use super::action::colons;
use super::text::{self, Kind, Line};

/// Larger texts are refused.
const MOST_BYTES: usize = 16 << 20;

/// A catalogue text that does not fit the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a line of a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The first line is not `keyaki-catalogue 1`.
    Header,
    /// Over 16 MiB.
    TooLarge,
    /// A character outside printable ASCII.
    Character,
    /// The line begins like none of the kinds of line.
    Kind,
    /// The line is of a known kind, but does not fit its form.
    Form,
    /// A line before the first section, or of an earlier kind than the one before it.
    Place,
    /// Sections or actions are not in ascending order, or one is there twice.
    Order,
    /// A reference to a key, resource type or support line that the section does not have.
    Reference,
    /// The section has resource types of its own and no count of colons, or a format has more colons than it says.
    Colons,
    /// There is no service with actions.
    Empty,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            Problem::Header => "a catalogue begins with the line `keyaki-catalogue 1`",
            Problem::TooLarge => "a catalogue has at most 16 MiB",
            Problem::Character => "only printable ASCII characters may appear in a catalogue",
            Problem::Kind => "a line begins with `@`, `%`, `+`, `=`, `>` or the name of an action",
            Problem::Form => "the line does not have the form of its kind",
            Problem::Place => {
                "the line is in the wrong place: a section has `@`, `%`, `+`, `=`, `>`, actions, in this order"
            }
            Problem::Order => "services and actions are listed once each, in ascending order of their lower-case names",
            Problem::Reference => "the line refers to a key, resource type or `+` line that its section does not have",
            Problem::Colons => {
                "a section with resource types of its own says with `>` how many colons their formats have at most"
            }
            Problem::Empty => "the catalogue lists no action",
        };
        write!(out, "line {}: {what}", self.line)
    }
}

impl std::error::Error for CatalogueError {}

/// Checks a whole text.
pub(super) fn check(text: &str) -> Result<(), CatalogueError> {
    if text.len() > MOST_BYTES {
        return Err(CatalogueError { line: 1, problem: Problem::TooLarge });
    }
    let mut checker = Checker::default();
    let mut last = 1;
    for (at, line) in text.split('\n').enumerate() {
        last = at + 1;
        checker.line(line, at, text).map_err(|problem| CatalogueError { line: at + 1, problem })?;
    }
    checker.finish().map_err(|problem| CatalogueError { line: last, problem })
}

/// The state of the check: the section so far.
#[derive(Default)]
struct Checker {
    section: Option<Counts>,
    any_action: bool,
}

/// What the current section has, and what was referred to.
#[derive(Default)]
struct Counts {
    prefix: String,
    kind: Kind,
    keys: usize,
    supports: usize,
    resources: usize,
    /// The most resource types that a support line refers to.
    referred: usize,
    colons: Option<u32>,
    /// In formats of the service itself; a section also lists foreign ones.
    most_colons: Option<usize>,
    action: String,
}

impl Checker {
    fn line(&mut self, line: &str, at: usize, text: &str) -> Result<(), Problem> {
        if !line.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Problem::Character);
        }
        match (at, &mut self.section) {
            (0, _) if line == "keyaki-catalogue 1" => Ok(()),
            (0, _) => Err(Problem::Header),
            // The end of the last line.
            _ if line.is_empty() && text.ends_with('\n') && text.matches('\n').count() == at => Ok(()),
            (_, None) if line.starts_with('#') => Ok(()),
            _ if line.starts_with('@') => self.heading(line.get(1..).unwrap_or("")),
            (_, None) => Err(Problem::Place),
            (_, Some(section)) => section.line(line),
        }
    }

    fn heading(&mut self, prefix: &str) -> Result<(), Problem> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if prefix.is_empty() || !prefix.bytes().all(allowed) {
            return Err(Problem::Form);
        }
        self.finish_section()?;
        if self.section.as_ref().is_some_and(|before| before.prefix.as_str() >= prefix) {
            return Err(Problem::Order);
        }
        self.section = Some(Counts { prefix: prefix.to_owned(), ..Counts::default() });
        Ok(())
    }

    /// What can be said only at the end of a section.
    fn finish_section(&mut self) -> Result<(), Problem> {
        let Some(section) = &self.section else { return Ok(()) };
        self.any_action |= !section.action.is_empty();
        section.finish()
    }

    fn finish(&mut self) -> Result<(), Problem> {
        self.finish_section()?;
        if self.any_action { Ok(()) } else { Err(Problem::Empty) }
    }
}

impl Counts {
    fn line(&mut self, line: &str) -> Result<(), Problem> {
        let kind = Kind::of(line).ok_or(Problem::Kind)?;
        if kind < self.kind {
            return Err(Problem::Place);
        }
        self.kind = kind;
        match Line::read(line) {
            Line::Key { name, .. } => self.key(name.0),
            Line::Support(support) => self.support(support),
            Line::Resource { name, format, keys } => self.resource(name, format, keys),
            Line::Colons(most) => self.colons(most),
            Line::Action { name, support } => self.action(name, support),
            Line::Other => Err(Problem::Form),
        }
    }

    fn key(&mut self, name: &str) -> Result<(), Problem> {
        self.keys += 1;
        let parts = name.split_once(':').is_some_and(|(_, rest)| !rest.is_empty());
        if parts && !name.contains(' ') && name.matches('$').count() <= 1 { Ok(()) } else { Err(Problem::Form) }
    }

    fn support(&mut self, support: &str) -> Result<(), Problem> {
        self.supports += 1;
        let mut groups = support.split('|');
        self.references(groups.next().unwrap_or(""))?;
        for group in groups {
            let (number, keys) = group.split_once(' ').unwrap_or((group, ""));
            let number: usize = number.strip_suffix('*').unwrap_or(number).parse().map_err(|_| Problem::Form)?;
            self.referred = self.referred.max(number.checked_add(1).ok_or(Problem::Reference)?);
            self.references(keys)?;
        }
        Ok(())
    }

    fn resource(&mut self, name: &str, format: &str, keys: &str) -> Result<(), Problem> {
        self.resources += 1;
        let braces = format.matches('{').count() == format.matches('}').count() && !format.contains('$');
        let colons = colons(format).filter(|_| braces && !name.is_empty()).ok_or(Problem::Form)?;
        let own = format.starts_with('~') || format.split(':').next() == Some(&self.prefix);
        if own {
            self.most_colons = Some(self.most_colons.map_or(colons, |most| most.max(colons)));
        }
        self.references(keys)
    }

    fn colons(&mut self, most: u32) -> Result<(), Problem> {
        if self.colons.replace(most).is_some() { Err(Problem::Place) } else { Ok(()) }
    }

    fn action(&mut self, name: &str, support: usize) -> Result<(), Problem> {
        let lower = name.to_ascii_lowercase();
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
            return Err(Problem::Form);
        }
        if lower <= self.action {
            return Err(Problem::Order);
        }
        self.action = lower;
        if support < self.supports { Ok(()) } else { Err(Problem::Reference) }
    }

    /// References to keys, such as `0 2-5`; empty for none.
    fn references(&self, text: &str) -> Result<(), Problem> {
        for reference in text.split(' ').filter(|_| !text.is_empty()) {
            let range = text::range(reference).ok_or(Problem::Form)?;
            if range.is_empty() || *range.end() >= self.keys {
                return Err(Problem::Reference);
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Problem> {
        // Support lines come before the resource types that they refer to.
        if self.referred > self.resources {
            return Err(Problem::Reference);
        }
        let counted = match (self.colons, self.most_colons) {
            (Some(allowed), Some(most)) => usize::try_from(allowed).is_ok_and(|allowed| allowed >= most),
            (None, Some(_)) => false,
            (Some(_) | None, None) => true,
        };
        if counted { Ok(()) } else { Err(Problem::Colons) }
    }
}
