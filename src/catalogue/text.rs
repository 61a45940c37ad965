//! The text of a catalogue: finding sections and lines in it without parsing the rest (format: README.md).

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use super::action::ResourceType;
use super::keys::Shape;

/// One service, or one family of condition keys, as a piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section<'a> {
    /// The service prefix.
    pub(super) prefix: &'a str,
    /// The lines after the heading.
    body: &'a str,
}

/// One line of a section.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line<'a> {
    /// `%S* name`: a condition key.
    Key {
        /// Type and number of values.
        shape: Shape,
        /// The name as stored.
        name: StoredKey<'a>,
    },
    /// `+keys|type* keys`: what some actions support.
    Support(&'a str),
    /// `=name;format;keys`: a resource type.
    Resource {
        /// Its name.
        name: &'a str,
        /// Its ARN format as stored.
        format: &'a str,
        /// References to its condition keys.
        keys: &'a str,
    },
    /// `>1`: the most colons in a resource part.
    Colons(u32),
    /// `Name 3`: an action.
    Action {
        /// The name in proper capitals, without the service.
        name: &'a str,
        /// Which support line it has.
        support: usize,
    },
    /// Something else: only in texts that were not checked.
    Other,
}

/// The name of a key as stored: `:name` stands for `service:name`, `$` for the part that a user chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredKey<'a>(pub(super) &'a str);

impl StoredKey<'_> {
    /// With its service.
    pub(super) fn full(self, service: &str) -> String {
        if self.0.starts_with(':') { format!("{service}{}", self.0) } else { self.0.to_owned() }
    }
}

impl<'a> Line<'a> {
    /// Reads one line.
    pub(super) fn read(line: &'a str) -> Line<'a> {
        let parsed = match line.as_bytes().first() {
            Some(b'%') => key_line(line),
            Some(b'+') => line.get(1..).map(Line::Support),
            Some(b'=') => resource_line(line),
            Some(b'>') => line.get(1..).and_then(|n| n.parse().ok()).map(Line::Colons),
            Some(first) if first.is_ascii_alphanumeric() => action_line(line),
            Some(_) | None => None,
        };
        parsed.unwrap_or(Line::Other)
    }
}

fn key_line(line: &str) -> Option<Line<'_>> {
    let (shape, name) = line.get(1..)?.split_once(' ')?;
    Some(Line::Key { shape: Shape::read(shape)?, name: StoredKey(name) })
}

fn resource_line(line: &str) -> Option<Line<'_>> {
    let (name, rest) = line.get(1..)?.split_once(';')?;
    let (format, keys) = rest.split_once(';')?;
    Some(Line::Resource { name, format, keys })
}

fn action_line(line: &str) -> Option<Line<'_>> {
    let (name, support) = match line.split_once(' ') {
        Some((name, number)) => (name, number.parse().ok()?),
        None => (line, 0),
    };
    Some(Line::Action { name, support })
}

/// The kinds of line, in their order in a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Begins with `%`.
    #[default]
    Key,
    /// Begins with `+`.
    Support,
    /// Begins with `=`.
    Resource,
    /// Begins with `>`.
    Colons,
    /// Begins with a letter or digit.
    Action,
}

impl Kind {
    /// The kind of a line.
    pub(super) fn of(line: &str) -> Option<Kind> {
        match line.as_bytes().first()? {
            b'%' => Some(Kind::Key),
            b'+' => Some(Kind::Support),
            b'=' => Some(Kind::Resource),
            b'>' => Some(Kind::Colons),
            first if first.is_ascii_alphanumeric() => Some(Kind::Action),
            _ => None,
        }
    }
}

impl<'a> Section<'a> {
    /// The lines of one kind.
    pub(super) fn lines(self, kind: Kind) -> impl Iterator<Item = Line<'a>> {
        let rest = self.after(|line| Kind::of(line) < Some(kind));
        rest.lines().take_while(move |line| Kind::of(line) == Some(kind)).map(Line::read)
    }

    /// Whether it is a service: a section without actions is a family of condition keys.
    pub(super) fn has_actions(&self) -> bool {
        // Actions come last.
        self.body.lines().next_back().and_then(Kind::of) == Some(Kind::Action)
    }

    /// The line of an action, by its lower-case name.
    pub(super) fn action_line(self, name: &str) -> Option<Line<'a>> {
        let line = self.after(|line| order(line, name) == Ordering::Less).lines().next()?;
        (order(line, name) == Ordering::Equal).then(|| Line::read(line))
    }

    /// The text from the first line that is not `before` something, by binary search: such lines come first.
    fn after(self, before: impl Fn(&str) -> bool) -> &'a str {
        let (mut low, mut high) = (0, self.body.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let start = self.piece(low, middle).rfind('\n').map_or(low, |at| low + at + 1);
            let end = self.piece(middle, high).find('\n').map_or(high, |at| middle + at);
            if before(self.piece(start, end)) {
                low = end + 1;
            } else {
                high = start;
            }
        }
        self.body.get(low..).unwrap_or("")
    }

    fn piece(self, from: usize, to: usize) -> &'a str {
        self.body.get(from..to).unwrap_or("")
    }

    /// The resource types.
    pub(super) fn resource_types(self) -> impl Iterator<Item = ResourceType<'a>> {
        self.lines(Kind::Resource).filter_map(move |line| match line {
            Line::Resource { name, format, keys } => Some(ResourceType { section: self, name, format, keys }),
            _ => None,
        })
    }

    /// The most colons that a format has in its resource part.
    pub(super) fn colons(self) -> Option<u32> {
        self.lines(Kind::Colons).find_map(|line| if let Line::Colons(most) = line { Some(most) } else { None })
    }

    /// The support line with this number.
    pub(super) fn support(self, number: usize) -> Option<&'a str> {
        match self.lines(Kind::Support).nth(number)? {
            Line::Support(text) => Some(text),
            _ => None,
        }
    }

    /// The service's own keys, as `:name`.
    pub(super) fn own_keys(self) -> impl Iterator<Item = (Shape, &'a str)> {
        self.lines(Kind::Key).filter_map(move |line| match line {
            Line::Key { shape, name: StoredKey(name) } => {
                Some((shape, name.strip_prefix(self.prefix).unwrap_or(name))).filter(|(_, name)| name.starts_with(':'))
            }
            _ => None,
        })
    }

    /// Full names of the keys referred to, in the order of the text.
    pub(super) fn key_names(self, references: &str) -> Vec<String> {
        let wanted: Vec<RangeInclusive<usize>> = numbers(references).collect();
        let keys = self.lines(Kind::Key).enumerate().filter(|(at, _)| wanted.iter().any(|range| range.contains(at)));
        keys.filter_map(|(_, line)| if let Line::Key { name, .. } = line { Some(name.full(self.prefix)) } else { None })
            .collect()
    }
}

/// How an action line stands to a lower-case name; all other lines come before the actions.
fn order(line: &str, name: &str) -> Ordering {
    if Kind::of(line) != Some(Kind::Action) {
        return Ordering::Less;
    }
    let found = line.split(' ').next().unwrap_or(line);
    found.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(name.bytes())
}

/// References such as `0 2-5 9`; malformed ones are left out (checked texts have none).
pub(super) fn numbers(references: &str) -> impl Iterator<Item = RangeInclusive<usize>> {
    references.split(' ').filter_map(range)
}

/// One reference: `3` or `2-5`.
pub(super) fn range(reference: &str) -> Option<RangeInclusive<usize>> {
    let (low, high) = reference.split_once('-').unwrap_or((reference, reference));
    Some(low.parse().ok()?..=high.parse().ok()?)
}

/// All sections in order.
pub(super) fn sections(text: &str) -> impl Iterator<Item = Section<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let found = section_at(text, next_heading(text, from, text.len())?)?;
        from = found.1;
        Some(found.0)
    })
}

/// The section of a prefix, by binary search for headings.
pub(super) fn section<'a>(text: &'a str, prefix: &str) -> Option<Section<'a>> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(heading) = next_heading(text, middle, high) else {
            high = middle;
            continue;
        };
        match heading_name(text, heading)?.cmp(prefix) {
            Ordering::Equal => return Some(section_at(text, heading)?.0),
            Ordering::Less => low = heading + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}

/// Where the line break before the next heading is, at or after `from` and before `to`.
fn next_heading(text: &str, from: usize, to: usize) -> Option<usize> {
    // One byte more than `to`: a line break just before it belongs to the range, its `@` may not.
    let until = (to + 1).min(text.len());
    let range = text.get(from..until)?;
    // A search for one character is several times faster than one for two.
    let mut signs = range.match_indices('@').map(|(at, _)| at);
    signs
        .find_map(|at| at.checked_sub(1).filter(|before| range.as_bytes().get(*before) == Some(&b'\n')))
        .map(|at| from + at)
}

fn heading_name(text: &str, heading: usize) -> Option<&str> {
    text.get(heading + 2..)?.lines().next()
}

/// The section whose heading follows the line break at `heading`, and where the search for the next one goes on.
fn section_at(text: &str, heading: usize) -> Option<(Section<'_>, usize)> {
    let prefix = heading_name(text, heading)?;
    let start = heading + 2 + prefix.len();
    let end = next_heading(text, start, text.len()).unwrap_or(text.len());
    let body = text.get(start..end)?;
    Some((Section { prefix, body: body.strip_prefix('\n').unwrap_or(body) }, end))
}

/// A stored format without its `{placeholders}`.
pub(super) fn fixed_parts(format: &str) -> String {
    format
        .split('{')
        .enumerate()
        .map(|(at, piece)| if at == 0 { piece } else { piece.split_once('}').map_or("", |p| p.1) })
        .collect()
}
