//! A table of a configuration file, read member by member: every problem with its place, unknown members with the name
//! that was probably meant.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Fault;
use crate::policy::read::{clip, did_you_mean, nearest};
use crate::source::{FileId, Span};

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// As written.
    pub span: Span,
}

/// A table that is being read.
#[derive(Debug)]
pub(super) struct Table<'t, 'i> {
    members: BTreeMap<&'t str, (Span, &'t Spanned<DeValue<'i>>)>,
    file: FileId,
    known: Vec<&'static str>,
    /// The whole table as written; for a table with a header, the header.
    pub(super) span: Span,
}

/// A byte range of a file as a span.
pub(super) fn span(file: FileId, range: &std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: offset(range.start), end: offset(range.end) }
}

impl<'t, 'i> Table<'t, 'i> {
    pub(super) fn of(table: &'t DeTable<'i>, file: FileId, place: Span) -> Table<'t, 'i> {
        let member = |(key, value): (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)| {
            (key.get_ref().as_ref(), (span(file, &key.span()), value))
        };
        Table { members: table.iter().map(member).collect(), file, known: Vec::new(), span: place }
    }

    fn take(&mut self, name: &'static str) -> Option<Located<&'t DeValue<'i>>> {
        self.known.push(name);
        let (_, value) = self.members.remove(name)?;
        Some(Located { value: value.get_ref(), span: span(self.file, &value.span()) })
    }

    /// A text.
    pub(super) fn text(&mut self, name: &'static str, faults: &mut Vec<Fault>) -> Option<Located<String>> {
        let Located { value, span } = self.take(name)?;
        match value.as_str() {
            Some(text) => Some(Located { value: text.to_owned(), span }),
            None => wrong(name, "a text", value, span, faults),
        }
    }

    /// A list of texts; empty if it is absent.
    pub(super) fn texts(&mut self, name: &'static str, faults: &mut Vec<Fault>) -> Vec<Located<String>> {
        let Some(Located { value, span: place }) = self.take(name) else { return Vec::new() };
        let Some(list) = value.as_array() else {
            wrong::<()>(name, "a list of texts", value, place, faults);
            return Vec::new();
        };
        let mut out = Vec::new();
        for entry in list {
            let place = span(self.file, &entry.span());
            match entry.get_ref().as_str() {
                Some(text) => out.push(Located { value: text.to_owned(), span: place }),
                None => {
                    wrong::<()>(name, "a list of texts", entry.get_ref(), place, faults);
                }
            }
        }
        if list.is_empty() {
            faults.push(Fault::new(place, format!("`{name}` is empty")).help("leave it out, or list something"));
        }
        out
    }

    /// A date without a time.
    pub(super) fn date(&mut self, name: &'static str, faults: &mut Vec<Fault>) -> Option<Located<Date>> {
        let Located { value, span } = self.take(name)?;
        let day = value.as_datetime().filter(|at| at.time.is_none() && at.offset.is_none()).and_then(|at| at.date);
        let narrow = |part: u8| i8::try_from(part).ok();
        let date =
            day.and_then(|day| Date::new(i16::try_from(day.year).ok()?, narrow(day.month)?, narrow(day.day)?).ok());
        match date {
            Some(value) => Some(Located { value, span }),
            None => wrong(name, "a date like 2027-01-31, without quotes and time", value, span, faults),
        }
    }

    /// A text, or a number that counts from 0.
    pub(super) fn text_or_number(
        &mut self,
        name: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Option<Located<Result<usize, String>>> {
        let Located { value, span } = self.take(name)?;
        if let Some(text) = value.as_str() {
            return Some(Located { value: Err(text.to_owned()), span });
        }
        let number = value.as_integer().and_then(|number| usize::from_str_radix(number.as_str(), number.radix()).ok());
        match number {
            Some(number) => Some(Located { value: Ok(number), span }),
            None => wrong(name, "a number from 0, or a Sid", value, span, faults),
        }
    }

    /// Tables by name.
    pub(super) fn tables(
        &mut self,
        name: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Vec<(Located<String>, Table<'t, 'i>)> {
        let Some(Located { value, span: place }) = self.take(name) else { return Vec::new() };
        let Some(table) = value.as_table() else {
            wrong::<()>(name, "a table of tables", value, place, faults);
            return Vec::new();
        };
        let mut out = Vec::new();
        for (key, value) in table {
            let place = span(self.file, &key.span());
            match value.get_ref().as_table() {
                Some(table) => {
                    let name = Located { value: key.get_ref().to_string(), span: place };
                    out.push((name, Table::of(table, self.file, place)));
                }
                None => faults.push(
                    Fault::new(place, format!("`{}` is {}, not a table", clip(key.get_ref()), a(value.get_ref())))
                        .help(format!("write `[{name}.{}]`", clip(key.get_ref()))),
                ),
            }
        }
        out
    }

    /// A list of tables.
    pub(super) fn list(&mut self, name: &'static str, faults: &mut Vec<Fault>) -> Vec<Table<'t, 'i>> {
        let Some(Located { value, span: place }) = self.take(name) else { return Vec::new() };
        let Some(list) = value.as_array() else {
            let problem = Fault::new(place, format!("`{name}` is {}, not a list of tables", a(value)));
            faults.push(problem.help(format!("write `[[{name}]]`")));
            return Vec::new();
        };
        let mut out = Vec::new();
        for entry in list {
            let place = span(self.file, &entry.span());
            match entry.get_ref().as_table() {
                Some(table) => out.push(Table::of(table, self.file, place)),
                None => {
                    wrong::<()>(name, "a list of tables", entry.get_ref(), place, faults);
                }
            }
        }
        out
    }

    /// Whatever is left is a member that nobody knows.
    pub(super) fn end(self, whose: &str, faults: &mut Vec<Fault>) {
        for (name, (span, _)) in &self.members {
            let meant = nearest(name, self.known.iter().copied());
            let help = did_you_mean(meant).unwrap_or_else(|| format!("known are {}", self.known.join(", ")));
            faults.push(Fault::new(*span, format!("`{}` is no member of {whose}", clip(name))).help(help));
        }
    }
}

fn a(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

fn wrong<T>(name: &str, wanted: &str, value: &DeValue<'_>, span: Span, faults: &mut Vec<Fault>) -> Option<T> {
    faults.push(Fault::new(span, format!("`{name}` is {wanted}, not {}", a(value))));
    None
}
