//! Reading `keyaki.toml`: all problems are reported, each with its place.

use glob::Pattern;
use toml::de::DeTable;

use crate::checks::Access;
use crate::diagnostic::Fault;
use crate::packs;
use crate::policy::Kind;
use crate::policy::read::{clip, did_you_mean, nearest};
use crate::scan::Level;
use crate::source::{FileId, Sources};
use crate::standard::configuration::{Ask, Check, Configuration, StatementName, Suppression};
use crate::standard::scope::Scope;
use crate::standard::table::{Located, Table, span};

/// The checks by name.
const CHECKS: [&str; 4] = ["no-public-access", "no-external-access", "access-not-granted", "no-new-access"];

/// Levels by name.
const LEVELS: [(&str, Level); 3] = [("error", Level::Error), ("warning", Level::Warning), ("note", Level::Note)];

/// Actions and resources as the command line reads them.
pub type ReadAccess = fn(&[String], &[String]) -> Result<Access, String>;

/// Reads a text of the sources.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(sources: &Sources, file: FileId, access: ReadAccess) -> Result<Configuration, Vec<Fault>> {
    let text = sources.shared(file);
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut reader = Reader { sources, file, access, faults: Vec::new() };
    for error in &errors {
        let place = span(file, &error.span().unwrap_or(0..0));
        reader.faults.push(Fault::new(place, error.message().replace('\n', " ")));
    }
    if !errors.is_empty() {
        return Err(reader.faults);
    }
    let configuration = reader.configuration(Table::of(table.get_ref(), file, span(file, &table.span())));
    if reader.faults.is_empty() { Ok(configuration) } else { Err(reader.faults) }
}

struct Reader<'s> {
    sources: &'s Sources,
    file: FileId,
    access: ReadAccess,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn configuration(&mut self, mut table: Table<'_, '_>) -> Configuration {
        let zone = self.zone(&mut table);
        let baseline = table.text("baseline", &mut self.faults);
        let against = table.text("against", &mut self.faults).map(|against| against.value);
        let mut checks = Vec::new();
        for (name, table) in table.tables("checks", &mut self.faults) {
            checks.extend(self.check(&name, table, &zone));
        }
        let names: Vec<&str> = checks.iter().map(|check: &Check| check.name.as_str()).collect();
        let suppressions = table.list("suppress", &mut self.faults);
        let suppressions = suppressions.into_iter().filter_map(|table| self.suppression(table, &names)).collect();
        table.end("the configuration", &mut self.faults);
        Configuration { checks, zone, baseline, against, suppressions }
    }

    fn zone(&mut self, table: &mut Table<'_, '_>) -> Vec<String> {
        let listed = table.texts("zone-of-trust", &mut self.faults);
        for Located { value, span } in &listed {
            let account = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
            let organisation = value.strip_prefix("o-").is_some_and(|rest| {
                rest.len() >= 10 && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
            if !account && !organisation {
                let problem = Fault::new(*span, format!("`{}` is neither an account nor an organisation", clip(value)));
                self.faults
                    .push(problem.help("an account has 12 digits, an organisation is `o-` and 10 or more letters"));
            }
        }
        listed.into_iter().map(|zone| zone.value).collect()
    }

    fn check(&mut self, name: &Located<String>, mut table: Table<'_, '_>, zone: &[String]) -> Option<Check> {
        let before = self.faults.len();
        if !name.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            let problem = Fault::new(name.span, format!("`{}` is no name of a check", clip(&name.value)));
            self.faults.push(problem.help("use letters, digits, `-`, `_` and `.`"));
        }
        let level = self.level(&mut table);
        let scope = self.scope(&mut table);
        let ask = self.ask(name, &mut table, zone);
        table.end(&format!("the check `{}`", clip(&name.value)), &mut self.faults);
        if self.faults.len() > before {
            return None;
        }
        Some(Check { name: name.value.clone(), level, scope, ask: ask? })
    }

    fn level(&mut self, table: &mut Table<'_, '_>) -> Level {
        let Some(Located { value, span }) = table.text("severity", &mut self.faults) else { return Level::default() };
        let known = LEVELS.iter().find(|(name, _)| *name == value).map(|(_, level)| *level);
        known.unwrap_or_else(|| {
            self.unknown("severity", &value, span, &LEVELS.map(|(name, _)| name));
            Level::default()
        })
    }

    fn unknown(&mut self, what: &str, value: &str, span: crate::source::Span, known: &[&str]) {
        let meant = did_you_mean(nearest(value, known.iter().copied()));
        let help = meant.unwrap_or_else(|| format!("known are {}", known.join(", ")));
        self.faults.push(Fault::new(span, format!("`{}` is no {what}", clip(value))).help(help));
    }

    fn scope(&mut self, table: &mut Table<'_, '_>) -> Scope {
        let paths = self.patterns(table, "paths");
        let exclude = self.patterns(table, "exclude");
        let resource_types = self.patterns(table, "resource-types");
        let mut kinds = Vec::new();
        for Located { value, span } in table.texts("kinds", &mut self.faults) {
            match Kind::named(&value) {
                Some(kind) => kinds.push(kind),
                None => self.unknown("kind of policies", &value, span, &Kind::names().collect::<Vec<_>>()),
            }
        }
        Scope { paths, exclude, kinds, resource_types }
    }

    fn patterns(&mut self, table: &mut Table<'_, '_>, name: &'static str) -> Vec<Pattern> {
        let listed = table.texts(name, &mut self.faults);
        listed.iter().filter_map(|located| self.pattern(located)).collect()
    }

    fn pattern(&mut self, Located { value, span }: &Located<String>) -> Option<Pattern> {
        let text = value.strip_prefix("./").unwrap_or(value).trim_end_matches('/');
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.faults.push(Fault::new(*span, format!("`{}` is no pattern: {}", clip(value), error.msg)));
                None
            }
        }
    }

    /// What is asked: `check` or `pack`, or the check or pack that the table is named after.
    fn ask(&mut self, name: &Located<String>, table: &mut Table<'_, '_>, zone: &[String]) -> Option<Ask> {
        let check = table.text("check", &mut self.faults);
        let pack = table.text("pack", &mut self.faults);
        match (check, pack) {
            (Some(_), Some(pack)) => {
                self.faults.push(Fault::new(pack.span, "a check names either `check` or `pack`"));
                None
            }
            (None, Some(pack)) => self.pack(&pack),
            (Some(check), None) => self.named(&check, table, zone),
            (None, None) if packs::names().any(|known| known == name.value) => self.pack(name),
            (None, None) if CHECKS.contains(&name.value.as_str()) => self.named(name, table, zone),
            (None, None) => {
                let known = CHECKS.into_iter().chain(packs::names());
                let meant = nearest(&name.value, known).map(|meant| format!("did you mean `{meant}`?"));
                let help = meant.unwrap_or_else(|| format!("add `check = …` ({}) or `pack = …`", CHECKS.join(", ")));
                let message = format!("`{}` is neither a check nor a pack", clip(&name.value));
                self.faults.push(Fault::new(name.span, message).help(help));
                None
            }
        }
    }

    fn pack(&mut self, named: &Located<String>) -> Option<Ask> {
        let found = packs::names().find(|known| *known == named.value).map(|name| Ask::Pack { name });
        if found.is_none() {
            self.unknown("pack", &named.value, named.span, &packs::names().collect::<Vec<_>>());
        }
        found
    }

    fn named(&mut self, check: &Located<String>, table: &mut Table<'_, '_>, zone: &[String]) -> Option<Ask> {
        match check.value.as_str() {
            "no-public-access" => Some(Ask::NoPublicAccess),
            "no-external-access" => self.external(check, table, zone),
            "access-not-granted" => self.access(check, table),
            "no-new-access" => self.bound(check, table),
            other => {
                self.unknown("check", other, check.span, &CHECKS);
                None
            }
        }
    }

    fn external(&mut self, check: &Located<String>, table: &mut Table<'_, '_>, zone: &[String]) -> Option<Ask> {
        let own = self.zone(table);
        let zone = if own.is_empty() { zone.to_vec() } else { own };
        if zone.is_empty() {
            let problem = Fault::new(check.span, "no zone of trust is given");
            self.faults.push(problem.help("write `zone-of-trust = [\"111122223333\"]` here or at the top"));
            return None;
        }
        Some(Ask::NoExternalAccess { zone })
    }

    fn access(&mut self, check: &Located<String>, table: &mut Table<'_, '_>) -> Option<Ask> {
        let actions = table.texts("actions", &mut self.faults);
        let resources = table.texts("resources", &mut self.faults);
        let place = actions.iter().chain(&resources).next().map_or(check.span, |first| first.span);
        let plain = |listed: Vec<Located<String>>| listed.into_iter().map(|text| text.value).collect::<Vec<_>>();
        // each by itself first, so that a fault stands at its entry
        for (listed, is_action) in [(&actions, true), (&resources, false)] {
            for Located { value, span } in listed {
                let one = [value.clone()];
                let read = if is_action { (self.access)(&one, &[]) } else { (self.access)(&[], &one) };
                if let Err(error) = read {
                    self.faults.push(Fault::new(*span, error));
                }
            }
        }
        match (self.access)(&plain(actions), &plain(resources)) {
            Ok(access) => Some(Ask::AccessNotGranted { access }),
            Err(error) => {
                if place == check.span {
                    self.faults.push(Fault::new(place, error).help("write `actions = […]`, `resources = […]` or both"));
                }
                None
            }
        }
    }

    fn bound(&mut self, check: &Located<String>, table: &mut Table<'_, '_>) -> Option<Ask> {
        let reference = table.text("reference", &mut self.faults);
        let against = table.text("against", &mut self.faults);
        match (reference, against) {
            (Some(reference), None) => Some(Ask::Within { reference }),
            (None, Some(Located { value, .. })) if value == "before" => Some(Ask::NotMoreThanBefore),
            (None, Some(Located { value, span })) => {
                let problem = Fault::new(span, format!("`{}` is not what a check compares with", clip(&value)));
                self.faults.push(problem.help("write `against = \"before\"`; the revision is `against` at the top"));
                None
            }
            (Some(_), Some(Located { span, .. })) => {
                self.faults
                    .push(Fault::new(span, "a check compares either with a `reference` or with what was before"));
                None
            }
            (None, None) => {
                let problem = Fault::new(check.span, "nothing to compare with is given");
                self.faults.push(problem.help("write `reference = \"FILE\"` or `against = \"before\"`"));
                None
            }
        }
    }

    fn suppression(&mut self, mut table: Table<'_, '_>, checks: &[&str]) -> Option<Suppression> {
        let before = self.faults.len();
        let place = table.span;
        let check = table.text("check", &mut self.faults);
        let address = table.text("address", &mut self.faults);
        let file = table.text("file", &mut self.faults).and_then(|file| self.pattern(&file));
        let statement = table.text_or_number("statement", &mut self.faults);
        let reason = table.text("reason", &mut self.faults);
        let until = table.date("expires", &mut self.faults);
        table.end("a suppression", &mut self.faults);
        if self.faults.len() > before {
            return None;
        }
        if address.is_none() && file.is_none() {
            self.faults.push(Fault::new(place, "a suppression names no policy").help("add `address`, `file` or both"));
        }
        let check = self.required(check, "check", place)?;
        let reason = self.required(reason, "reason", place)?;
        // the rules of a pack are named after it
        let known = |check: &str| checks.contains(&check.split('/').next().unwrap_or(check));
        if !known(&check.value) {
            self.unknown("check of this configuration", &check.value, check.span, checks);
        }
        (self.faults.len() == before).then_some(Suppression {
            check: check.value,
            address: address.map(|address| address.value),
            file,
            statement: statement.map(|statement| match statement.value {
                Ok(index) => StatementName::Index(index),
                Err(sid) => StatementName::Sid(sid),
            }),
            reason: reason.value,
            until: until.map(|until| until.value),
            line: self.sources.line_column(self.file, place.start).line,
        })
    }

    /// A member that must be there and say something.
    fn required(
        &mut self,
        member: Option<Located<String>>,
        name: &str,
        place: crate::source::Span,
    ) -> Option<Located<String>> {
        match member {
            Some(text) if text.value.trim().is_empty() => {
                self.faults.push(Fault::new(text.span, format!("`{name}` is empty")));
                None
            }
            Some(text) => Some(text),
            None => {
                self.faults.push(Fault::new(place, format!("a suppression has no `{name}`")));
                None
            }
        }
    }
}
