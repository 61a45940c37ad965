//! The standard of a run: the nearest `keyaki.toml`, packs, suppressions and baseline.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use crate::checks::Strictness;
use crate::cli::Failure;
use crate::cli::access::listed;
use crate::cli::document::{Documents, Reading, Side};
use crate::cli::packs::find;
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::baseline::baseline;
use crate::scan::{Level, Scan};
use crate::stack::Document;
use crate::standard::{self, Baseline, Configuration, Paths, Scope, Settled, Standard, settle};

/// The file that is looked for.
const NAME: &str = "keyaki.toml";

/// Which standard policies are held to.
#[derive(Debug, Args)]
#[command(next_help_heading = "The standard")]
pub struct Options {
    /// The configuration; the nearest keyaki.toml above the current folder if absent
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    isolated: bool,
    /// A pack to hold policies to; repeatable (`keyaki packs` lists them)
    #[arg(long, value_name = "NAME")]
    pack: Vec<String>,
    /// Findings that were there before, which do not count; the configuration's if absent
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all findings of this run into the baseline
    #[arg(long)]
    update_baseline: bool,
    /// Let nothing be accepted: neither suppressions nor the baseline
    #[arg(long, conflicts_with = "update_baseline")]
    no_ignores: bool,
    /// The day for which suppressions count, for example 2027-01-31; today if absent
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules.
    pub standard: Standard,
    /// What was written, and in which file; `None` without a configuration.
    pub configuration: Option<(String, Configuration)>,
    baseline: Option<PathBuf>,
    accepted: Baseline,
}

impl Options {
    /// Reads everything that the rules need. Texts become part of the documents, so that their places can be shown.
    ///
    /// # Errors
    /// A file that cannot be read or is faulty; a pack that does not exist.
    pub fn load(
        &self,
        documents: &mut Documents,
        strictness: Strictness,
        terminal: &Terminal,
    ) -> Result<Loaded, Failure> {
        let mut loaded = Loaded::default();
        if let Some(path) = self.file()? {
            let configuration = configuration(&path, documents, terminal)?;
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let references = references(&configuration, &folder, documents, strictness, terminal)?;
            loaded.standard = Standard::of(&configuration, &references, &mut documents.sources);
            loaded.baseline = configuration.baseline.as_ref().map(|baseline| folder.join(&baseline.value));
            loaded.configuration = Some((path.to_string_lossy().into_owned(), configuration));
            loaded.standard.paths = paths(&folder);
        }
        for name in &self.pack {
            find(name)?;
            let zone = loaded.configuration.as_ref().map_or(&[][..], |(_, configuration)| &configuration.zone);
            let zone = zone.to_vec();
            let scope = Scope::default();
            loaded.standard.add_pack(name, name, Level::Error, &zone, &scope, &mut documents.sources);
        }
        if let Some(path) = &self.baseline {
            loaded.baseline = Some(path.clone());
        }
        loaded.accepted = self.accepted(loaded.baseline.as_deref())?;
        Ok(loaded)
    }

    /// The configuration's file, if there is one.
    fn file(&self) -> Result<Option<PathBuf>, Failure> {
        if self.isolated {
            return Ok(None);
        }
        if let Some(path) = &self.config {
            return Ok(Some(path.clone()));
        }
        let here = std::env::current_dir()
            .map_err(|error| Failure::CouldNotRun(format!("error: the current folder is not known: {error}")))?;
        // as short as it can be: below the current folder nothing is before the name
        let mut above = here.ancestors().map(|folder| folder.join(NAME));
        let nearest = above.find(|path| path.is_file());
        Ok(nearest.map(|path| path.strip_prefix(&here).map_or_else(|_| path.clone(), Path::to_owned)))
    }

    fn accepted(&self, path: Option<&Path>) -> Result<Baseline, Failure> {
        let Some(path) = path else {
            let message = "error: --update-baseline needs --baseline FILE, or `baseline` in the configuration";
            return if self.update_baseline {
                Err(Failure::CouldNotRun(message.to_owned()))
            } else {
                Ok(Baseline::default())
            };
        };
        let name = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && self.update_baseline => return Ok(Baseline::default()),
            Err(error) => return Err(Failure::CouldNotRun(format!("error: cannot read {name}: {error}"))),
        };
        Baseline::parse(&text).map_err(|error| Failure::CouldNotRun(format!("error: {name} is no baseline: {error}")))
    }

    /// Decides what counts of a scan, writes the baseline if that was asked for, and says what is stale.
    ///
    /// # Errors
    /// The baseline cannot be written.
    pub fn settle(&self, scan: &mut Scan, loaded: &Loaded, terminal: &Terminal) -> Result<(), Failure> {
        if self.no_ignores {
            return Ok(());
        }
        let none = Vec::new();
        let suppressions =
            loaded.configuration.as_ref().map_or(&none, |(_, configuration)| &configuration.suppressions);
        let paths = &loaded.standard.paths;
        let today = self.today.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date());
        let mut settled = settle(scan, suppressions, &loaded.accepted, today, paths);
        if let (true, Some(path)) = (self.update_baseline, &loaded.baseline) {
            let written = std::fs::write(path, baseline(&settled.findings));
            written
                .map_err(|error| Failure::CouldNotRun(format!("error: cannot write {}: {error}", path.display())))?;
            let count = settled.findings.len();
            terminal.complain(&format!("{}: {count} findings written", path.display()));
            let accepted = settled.findings.iter().map(|entry| (entry.fingerprint.clone(), entry.clone()));
            settled = settle(scan, suppressions, &Baseline { accepted: accepted.collect() }, today, paths);
        }
        loaded.stale(&settled, terminal);
        Ok(())
    }
}

impl Loaded {
    /// The revision that the configuration compares with.
    pub fn against(&self) -> Option<&str> {
        self.configuration.as_ref().and_then(|(_, configuration)| configuration.against.as_deref())
    }

    /// Says what the configuration and the baseline accept without need.
    fn stale(&self, settled: &Settled, terminal: &Terminal) {
        if let Some((name, configuration)) = &self.configuration {
            let line = |at: &usize| configuration.suppressions.get(*at).map_or(0, |suppression| suppression.line);
            for at in &settled.expired {
                terminal.complain(&format!("warning: {name}:{}: this suppression is over", line(at)));
            }
            for at in &settled.unused {
                terminal.complain(&format!("warning: {name}:{}: this suppression suppresses nothing", line(at)));
            }
        }
        if let (Some(path), false) = (&self.baseline, settled.gone.is_empty()) {
            let count = settled.gone.len();
            let name = path.display();
            terminal.complain(&format!(
                "warning: {name}: {count} of its findings are gone; --update-baseline leaves them out"
            ));
        }
    }
}

fn configuration(path: &Path, documents: &mut Documents, terminal: &Terminal) -> Result<Configuration, Failure> {
    let file = documents.text(path.as_os_str())?;
    let read = standard::read(&documents.sources, file, listed);
    read.map_err(|faults| documents.refused(&path.display().to_string(), &faults, terminal))
}

/// How a configuration in a folder sees files.
fn paths(folder: &Path) -> Paths {
    let Ok(here) = std::env::current_dir() else { return Paths::default() };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Paths { folder: text(&here.join(folder)), here: text(&here) }
}

/// The reference policies that a configuration names, by the name it gives them. A reference is read as the kind of
/// policies its check is for, if that is one.
fn references(
    configuration: &Configuration,
    folder: &Path,
    documents: &mut Documents,
    strictness: Strictness,
    terminal: &Terminal,
) -> Result<BTreeMap<String, Document>, Failure> {
    let mut out = BTreeMap::new();
    for (reference, scope) in configuration.references() {
        let kind: Option<Kind> = match scope.kinds.as_slice() {
            [one] => Some(*one),
            [] | [_, ..] => None,
        };
        let path: OsString = folder.join(&reference.value).into_os_string();
        let given = documents.given(&path, Reading { kind, side: Side::Existing, strictness })?;
        if let Some(given) = given {
            out.insert(reference.value.clone(), given.document);
        }
    }
    documents.admitted(strictness, terminal)?;
    Ok(out)
}
