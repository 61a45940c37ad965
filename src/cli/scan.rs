//! `keyaki scan`: every policy in documents, plans, templates and snapshots, held to rules.

pub(in crate::cli) mod files;
mod git;
mod parameters;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::checks::{Access, Strictness};
use crate::cli::Failure;
use crate::cli::access::{Form, form, parse};
use crate::cli::certificate;
use crate::cli::document::{Documents, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Output, kind};
use crate::cli::reports::{self, Finished};
use crate::cli::standard::{self, Loaded};
use crate::cli::terminal::Terminal;
use crate::policy::Kind;
use crate::report::diagnostic::render;
use crate::report::json::policy_type;
use crate::scan::against;
use crate::scan::read::{Collector, Options, Seen};
use crate::scan::{
    self, Bound, Cause, Checked, Found, Level, Outcome, Question, Reference, Rule, Scan, Skipped, Standing,
};
use crate::semantics::zone::Zone;
use crate::source::Sources;
use crate::stack::Document;

/// Holds every policy in files and folders to rules, and skips none without saying so.
///
/// A path is a policy or stack, a Terraform plan (terraform show -json), a CloudFormation, SAM or CDK template, or a
/// folder of them; in folders the files *.json, *.yaml, *.yml and *.template are read, hidden folders and node_modules are
/// not. Without --check, policies that name callers must not grant public access, and a policy that has a before (in a
/// plan, or by --against) must grant nothing new. Values that are not known stand for every value they may have.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Files and folders; - is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// What to check; repeatable
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    check: Vec<Check>,
    /// For access-not-granted: access that must not be granted, as check-access-not-granted takes it; repeatable
    #[arg(long, value_name = "ACCESS")]
    access: Vec<String>,
    /// For no-new-access: the policy that bounds what may be granted; repeatable
    #[arg(long, value_name = "FILE")]
    reference: Vec<OsString>,
    /// Only policies of this type
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// For no-external-access: an account or organisation that may have access; repeatable
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    zone_of_trust: Vec<String>,
    /// Values of template parameters: Name=Value, also of AWS::AccountId, AWS::Region and the like; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameters::pair)]
    parameters: Vec<(String, String)>,
    /// A file of template parameters, as deployment tools take it; repeatable
    #[arg(long, value_name = "FILE")]
    parameter_file: Vec<OsString>,
    /// The git revision whose policies, at the same paths, are what was before
    #[arg(long, value_name = "REV")]
    against: Option<String>,
    #[command(flatten)]
    standard: standard::Options,
    /// Do not exit 3 because of policies that were not checked
    #[arg(long)]
    allow_skips: bool,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

/// `--check`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// Nobody but those named gets access.
    NoPublicAccess,
    /// None of the listed access is granted.
    AccessNotGranted,
    /// Nothing is granted that the reference, or what was before, does not grant.
    NoNewAccess,
    /// Nobody outside the zone of trust gets access.
    NoExternalAccess,
}

const EXAMPLES: &str = "\
Examples:
  keyaki scan policies/
  terraform show -json plan.out | keyaki scan -
  keyaki scan --parameters Stage=prod --parameters AWS::Region=eu-west-1 template.yaml
  keyaki scan --against main .
  keyaki scan --check access-not-granted --access actions=iam:PassRole,s3:DeleteBucket .
  keyaki scan --check no-new-access --reference bound.json --policy-type identity policies/";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, output: &Output, terminal: &Terminal) -> Result<Exit, Failure> {
    certificate::none_for(&arguments.asking, "scans")?;
    let mut documents = Documents::default();
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let loaded = arguments.standard.load(&mut documents, arguments.asking.strictness(), terminal)?;
    let rules = rules(arguments, &loaded, &mut documents, terminal)?;
    let against = arguments.against.as_deref().or(loaded.against());
    let (sources, seen, files) = collect(arguments, against, &mut documents)?;
    let mut scan = Scan { sources, files, ..Scan::default() };
    let settings = arguments.asking.settings(&arguments.fixed);
    let asking = scan::Asking { catalogue: &catalogue, settings: &settings, strictness: arguments.asking.strictness() };
    let mut progress = Progress::new(seen.len());
    for seen in seen {
        progress.step();
        match seen {
            Seen::Skipped(skipped) => scan.skipped.push(skipped),
            Seen::Found(found) => {
                let rules = [loaded.standard.rules_for(&found), rules.of(&found)].concat();
                let outcomes = scan::hold(&found, &rules, &asking);
                scan.policies.push(Checked { found: *found, outcomes });
            }
        }
    }
    progress.end();
    malformed(&scan, terminal);
    arguments.standard.settle(&mut scan, &loaded, terminal)?;
    let (allow_skips, exit) = (arguments.allow_skips, exit(&scan, arguments.allow_skips));
    let paths = &loaded.standard.paths;
    reports::write(&Finished { scan: &scan, catalogue: &catalogue, paths, allow_skips, exit }, output, terminal)?;
    Ok(exit)
}

/// The policies of the paths, with what they were at the revision.
fn collect(
    arguments: &Arguments,
    against: Option<&str>,
    documents: &mut Documents,
) -> Result<(Sources, Vec<Seen>, usize), Failure> {
    let strictness = arguments.asking.strictness();
    let options = Options {
        lenient: strictness == Strictness::Lenient,
        strict: strictness == Strictness::Strict,
        reference: false,
        parameters: parameters(arguments, documents)?,
    };
    let mut collector = Collector::new(options.clone(), std::mem::take(&mut documents.sources));
    for listed in files::listed(&arguments.paths) {
        match listed.and_then(|listed| files::input(&listed).map_err(|reason| (listed.path, reason))) {
            Ok(input) => collector.add(&input),
            Err((path, reason)) => collector.unreadable(&path.to_string_lossy(), reason),
        }
    }
    let (mut sources, mut seen, files) = collector.finish();
    if let Some(revision) = against {
        let inputs = git::inputs(&arguments.paths, revision)
            .map_err(|error| Failure::CouldNotRun(format!("error: --against: {error}")))?;
        let mut collector = Collector::new(Options { reference: true, ..options }, sources);
        inputs.iter().for_each(|input| collector.add(input));
        let (all, before, _) = collector.finish();
        sources = all;
        against::compare(&mut seen, before, revision);
    }
    Ok((sources, seen, files))
}

/// Parameters of files first, then those of the command line.
fn parameters(arguments: &Arguments, documents: &mut Documents) -> Result<BTreeMap<String, String>, Failure> {
    let mut out = BTreeMap::new();
    for name in &arguments.parameter_file {
        let file = documents.text(name)?;
        let text = documents.sources.shared(file);
        let more = parameters::file(&text)
            .map_err(|error| Failure::CouldNotRun(format!("error: {}: {error}", name.to_string_lossy())))?;
        out.extend(more);
    }
    out.extend(arguments.parameters.iter().cloned());
    Ok(out)
}

/// What there is to say about what is malformed.
fn malformed(scan: &Scan, terminal: &Terminal) {
    for skipped in scan.skipped.iter().filter(|skipped| skipped.cause == Cause::Malformed) {
        for found in &skipped.diagnostics {
            terminal.complain(&render(found, &scan.sources, terminal.error_paint));
        }
    }
}

/// What a scan comes to. Nothing checked at all is something left unchecked.
pub(super) fn exit(scan: &Scan, allow_skips: bool) -> Exit {
    let unchecked = if allow_skips { Exit::Holds } else { Exit::Undecided };
    let skip = |skipped: &Skipped| match skipped.cause {
        Cause::Unreadable | Cause::Malformed => Exit::CouldNotRun,
        Cause::Undetermined | Cause::NothingInFile => unchecked,
        Cause::NoPolicy => Exit::Holds,
    };
    let outcomes = || scan.policies.iter().flat_map(|checked| &checked.outcomes);
    let nothing = if outcomes().next().is_none() { unchecked } else { Exit::Holds };
    outcomes().map(weight).chain(scan.skipped.iter().map(skip)).fold(nothing, Exit::and)
}

fn weight(outcome: &Outcome) -> Exit {
    match (&outcome.report, &outcome.standing, outcome.rule.level) {
        (Err(_), _, _) => Exit::Internal,
        (Ok(_), Standing::Suppressed { .. } | Standing::Baselined, _) | (Ok(_), _, Level::Note | Level::Warning) => {
            Exit::Holds
        }
        (Ok(report), Standing::Counts, Level::Error) => Exit::from(report.verdict),
    }
}

/// The rules of the options.
struct Rules {
    rules: Vec<Arc<Rule>>,
    only: Option<Kind>,
}

impl Rules {
    /// Those for a policy: all, if the policy is of the type asked for; a reference is for policies of its own type.
    fn of(&self, found: &Found) -> Vec<Arc<Rule>> {
        let same = |one: Kind, other: Kind| policy_type(one) == policy_type(other);
        if let (Some(only), Some(kind)) = (self.only, found.kind)
            && !is_of(kind, only)
        {
            return Vec::new();
        }
        let speaks = |rule: &&Arc<Rule>| match &rule.question {
            Question::NoNewAccess { bound: Bound::Reference(reference) } => match (&reference.document, found.kind) {
                (Document::Policy(policy), Some(kind)) => same(policy.kind, kind),
                (Document::Policy(_) | Document::Stack(_), _) => true,
            },
            Question::NoNewAccess { bound: Bound::Before }
            | Question::NoPublicAccess
            | Question::NoExternalAccess { .. }
            | Question::AccessNotGranted { .. } => true,
        };
        self.rules.iter().filter(speaks).cloned().collect()
    }
}

/// `identity` and `resource` are families, the rest are themselves.
fn is_of(kind: Kind, wanted: Kind) -> bool {
    match wanted {
        Kind::Identity | Kind::Resource => policy_type(kind) == policy_type(wanted),
        Kind::Boundary
        | Kind::Session
        | Kind::Trust
        | Kind::ServiceControl
        | Kind::ResourceControl
        | Kind::Endpoint => kind == wanted,
    }
}

fn rules(
    arguments: &Arguments,
    loaded: &Loaded,
    documents: &mut Documents,
    terminal: &Terminal,
) -> Result<Rules, Failure> {
    let mut questions = Vec::new();
    let checks = match arguments.check.as_slice() {
        // a standard says by itself what is checked
        [] if !loaded.standard.rules.is_empty() => &[][..],
        [] => &[Check::NoPublicAccess, Check::NoNewAccess][..],
        some => some,
    };
    for check in checks {
        match check {
            Check::NoPublicAccess => questions.push(Question::NoPublicAccess),
            Check::NoExternalAccess => questions.push(zone(&arguments.zone_of_trust)?),
            Check::AccessNotGranted => {
                questions.push(Question::AccessNotGranted { access: access(arguments, documents)? });
            }
            Check::NoNewAccess if arguments.reference.is_empty() => {
                questions.push(Question::NoNewAccess { bound: Bound::Before });
            }
            Check::NoNewAccess => {
                for reference in references(arguments, documents, terminal)? {
                    questions.push(Question::NoNewAccess { bound: Bound::Reference(Arc::new(reference)) });
                }
            }
        }
    }
    let rule = |question: Question| Arc::new(Rule { name: question.check().to_owned(), level: Level::Error, question });
    Ok(Rules { rules: questions.into_iter().map(rule).collect(), only: arguments.policy_type })
}

fn zone(ids: &[String]) -> Result<Question, Failure> {
    if ids.is_empty() {
        return Err(Failure::CouldNotRun("error: no-external-access needs --zone-of-trust".to_owned()));
    }
    Zone::parse(&ids.join(",")).map_err(|error| Failure::CouldNotRun(format!("error: --zone-of-trust: {error}")))?;
    Ok(Question::no_external_access(ids.to_vec()))
}

fn access(arguments: &Arguments, documents: &mut Documents) -> Result<Vec<Access>, Failure> {
    if arguments.access.is_empty() {
        return Err(Failure::CouldNotRun("error: access-not-granted needs --access".to_owned()));
    }
    let mut out = Vec::new();
    for value in &arguments.access {
        let (name, text) = match form(value) {
            Form::Inline(text) => ("--access".to_owned(), text.to_owned()),
            Form::File(name) => {
                let file = documents.text(OsStr::new(name))?;
                (name.to_owned(), documents.sources.shared(file).to_string())
            }
        };
        out.extend(parse(&text).map_err(|error| Failure::CouldNotRun(format!("error: {name}: {error}")))?);
    }
    Ok(out)
}

fn references(
    arguments: &Arguments,
    documents: &mut Documents,
    terminal: &Terminal,
) -> Result<Vec<Reference>, Failure> {
    let strictness = arguments.asking.strictness();
    let how = Reading { kind: arguments.policy_type, side: Side::Existing, strictness };
    let mut given = Vec::new();
    for argument in &arguments.reference {
        given.push(documents.given(argument, how)?);
    }
    documents.admitted(strictness, terminal)?;
    let reference = |given: Option<crate::cli::document::Given>| match given {
        Some(given) => Ok(Reference { name: given.name, document: given.document }),
        None => Err(refusal("a reference", &documents.diagnostics)),
    };
    given.into_iter().map(reference).collect()
}

/// How far it got, on a terminal's standard error only.
struct Progress {
    total: usize,
    done: usize,
    shown: bool,
}

impl Progress {
    fn new(total: usize) -> Progress {
        Progress { total, done: 0, shown: std::io::stderr().is_terminal() }
    }

    fn step(&mut self) {
        self.done = self.done.saturating_add(1);
        if self.shown && self.done.is_multiple_of(16) {
            let _nobody_listens = write!(std::io::stderr(), "\rpolicy {} of {}", self.done, self.total);
        }
    }

    fn end(&self) {
        if self.shown {
            let _nobody_listens = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Disagreement, Report, Verdict};

    /// A scan with one policy and an outcome for each.
    fn scan(outcomes: Vec<Outcome>, causes: &[Cause]) -> Scan {
        let found = Found {
            file: "p.json".to_owned(),
            address: String::new(),
            kind: Some(Kind::Identity),
            resource_type: None,
            span: None,
            document: scan::Written::Whole(Box::new(empty())),
            before: scan::Before::Unasked,
            supposed: None,
            diagnostics: Vec::new(),
        };
        let skipped = |cause: &Cause| Skipped {
            file: "q.json".to_owned(),
            address: None,
            cause: *cause,
            reason: String::new(),
            span: None,
            diagnostics: Vec::new(),
        };
        let policies = vec![Checked { found, outcomes }];
        Scan { policies, skipped: causes.iter().map(skipped).collect(), ..Scan::default() }
    }

    fn empty() -> Document {
        let mut sources = crate::source::Sources::default();
        let options = crate::policy::read::ReadOptions::default();
        let text = br#"{"Version":"2012-10-17","Statement":[]}"#;
        Document::Policy(Box::new(crate::policy::read::read(&mut sources, "p", text, &options).policy.unwrap()))
    }

    fn outcome(verdict: Option<Verdict>, standing: Standing, level: Level) -> Outcome {
        let report =
            verdict.ok_or(Disagreement { what: "x".to_owned() }).map(|verdict| Report { verdict, ..Report::pass() });
        Outcome {
            rule: Arc::new(Rule { name: "r".to_owned(), level, question: Question::NoPublicAccess }),
            asked: Arc::new(empty()),
            existing: None,
            report,
            values: Vec::new(),
            diagnostics: Vec::new(),
            standing,
        }
    }

    #[test]
    fn every_combination_exits_as_the_contract_says() {
        let suppressed = || Standing::Suppressed { reason: "x".to_owned(), until: None };
        let mut outcomes = vec![(None, Standing::Counts, Level::Error, 4)];
        for (verdict, code) in [(Verdict::Pass, 0), (Verdict::Fail, 1), (Verdict::Unknown, 3)] {
            outcomes.push((Some(verdict), Standing::Counts, Level::Error, code));
            outcomes.push((Some(verdict), Standing::Counts, Level::Warning, 0));
            outcomes.push((Some(verdict), suppressed(), Level::Error, 0));
            outcomes.push((Some(verdict), Standing::Baselined, Level::Error, 0));
        }
        let causes = [
            (Cause::Unreadable, 2, 2),
            (Cause::Malformed, 2, 2),
            (Cause::Undetermined, 3, 0),
            (Cause::NothingInFile, 3, 0),
            (Cause::NoPolicy, 0, 0),
        ];
        let worst = |codes: &[u8]| [4, 2, 1, 3, 0].into_iter().find(|code| codes.contains(code)).unwrap();
        for one in &outcomes {
            for two in &outcomes {
                for cause in &causes {
                    let made =
                        [one, two].map(|(verdict, standing, level, _)| outcome(*verdict, standing.clone(), *level));
                    let seen = scan(made.into(), &[cause.0]);
                    assert_eq!(exit(&seen, false).code(), worst(&[one.3, two.3, cause.1]), "{one:?} {two:?} {cause:?}");
                    assert_eq!(exit(&seen, true).code(), worst(&[one.3, two.3, cause.2]), "{one:?} {two:?} {cause:?}");
                }
            }
        }
        assert_eq!((exit(&scan(vec![], &[]), false).code(), exit(&scan(vec![], &[]), true).code()), (3, 0));
    }
}
