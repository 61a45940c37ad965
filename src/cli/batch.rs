//! `keyaki batch`: one question a line in, one answer a line out, in the same order.

mod shelf;

use std::io::{BufRead, Write};
use std::num::NonZeroUsize;

use clap::Args;

use crate::batch::read::{Parsers, read};
use crate::batch::{Check, Line, Question};
use crate::catalogue::Catalogue;
use crate::checks::diff::diff;
use crate::checks::findings::findings;
use crate::checks::{Disagreement, Settings, Strictness, admission};
use crate::cli::Failure;
use crate::cli::access;
use crate::cli::certificate;
use crate::cli::check_no_public_access::resource_type;
use crate::cli::document::Documents;
use crate::cli::exit::Exit;
use crate::cli::findings::mode;
use crate::cli::options::{Asking, Fixed, kind};
use crate::cli::progress::Progress;
use crate::evaluation::evaluate;
use crate::report::{Answer, Compared, Named, Question as Shown, Surveyed, json};
use crate::source::Sources;
use crate::stack::Document;
use shelf::Shelf;

/// Answers many questions: JSON lines in, JSON lines out.
///
/// Every line of standard input is an object {"id","check",...}; every line of standard output is the answer to the line
/// in the same place, with its "id" and the JSON that the command of the check prints. A check is no-new-access
/// {"existingPolicyDocument","newPolicyDocument","policyType"?}, access-not-granted
/// {"policyDocument","access","policyType"?}, no-public-access {"policyDocument","resourceType"}, no-external-access
/// {"policyDocument","zoneOfTrust","policyType"?}, evaluate {"request","policies"}, diff {"existingPolicyDocument",
/// "newPolicyDocument","policyType"?} or findings {"policyDocument","zoneOfTrust","mode"?,"policyType"?}. Documents are
/// objects or their text. A line that cannot be read is answered by {"id","error"} and spoils no other. Nothing is kept
/// between lines, so any program that pipes lines through others can spread them over machines.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Lines answered at the same time; all cores if absent
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

const EXAMPLES: &str = "\
Examples:
  keyaki batch < questions.jsonl > answers.jsonl
  xargs: split -l 10000 questions.jsonl part. && ls part.* | xargs -P 8 -I F sh -c 'keyaki batch --jobs 1 < F > F.out'
  Spark: sc.textFile(\"questions\").pipe(\"keyaki batch --jobs 1 --exit-zero\").saveAsTextFile(\"answers\")";

/// Longest line, in bytes: two documents of the longest kind, escaped.
const LONGEST_LINE: u64 = 16 << 20;

/// Lines between two signs of progress on a terminal.
const STRIDE: u64 = 256;

/// What the questions of a batch have in common.
struct Common {
    catalogue: Catalogue,
    settings: Settings,
    strictness: Strictness,
}

/// How the texts of questions are read that are options of the commands.
pub(super) fn parsers(strictness: Strictness) -> Parsers {
    Parsers { kind, access: access::parse, resource_type, mode, strictness }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    certificate::none_for(&arguments.asking, "batches")?;
    let catalogue = Documents::default().catalogue(arguments.fixed.catalogue.as_deref())?;
    let settings = arguments.asking.settings(&arguments.fixed);
    let common = Common { catalogue, settings, strictness: arguments.asking.strictness() };
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = arguments.jobs.map_or(cores, NonZeroUsize::get);
    let shelf = Shelf::new(std::io::BufReader::new(std::io::stdin()), written(), jobs);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| work(&shelf, &common));
        }
    });
    shelf.outcome().map_err(Failure::CouldNotRun)
}

/// Takes lines from the shelf until there are none, and puts their answers back.
fn work<R: BufRead, W: FnMut(&str) -> std::io::Result<()>>(shelf: &Shelf<R, W>, common: &Common) {
    while let Some((ticket, line)) = shelf.take(LONGEST_LINE) {
        let (answer, exit) = answered(&line, common);
        shelf.put(ticket, answer, exit);
    }
}

/// Writes answers to standard output, and shows how many there are.
fn written() -> impl FnMut(&str) -> std::io::Result<()> + Send {
    let mut progress = Progress::new(STRIDE);
    move |line| {
        progress.step(|count| format!("{count} questions answered"));
        writeln!(std::io::stdout().lock(), "{line}")
    }
}

/// The answer to a line, on one line, and what it says to the caller.
fn answered(bytes: &[u8], common: &Common) -> (String, Exit) {
    let mut sources = Sources::default();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if bytes.len() as u64 <= LONGEST_LINE => text,
        Ok(_) | Err(_) => {
            let message = format!("the line is not UTF-8, or longer than {} MiB", LONGEST_LINE >> 20);
            return (json::line(None, &json::not_asked(&message, &[], &sources)), Exit::CouldNotRun);
        }
    };
    let file = sources.add("<line>", text);
    let line = read(&mut sources, file, parsers(common.strictness));
    let (answer, exit) = match &line.question {
        Some(question) => asked(question, &line, &sources, common),
        None => (json::not_asked("the line was not read", &line.faults, &sources), Exit::CouldNotRun),
    };
    (json::line(line.id.as_deref(), &answer), exit)
}

fn asked(question: &Question, line: &Line, sources: &Sources, common: &Common) -> (String, Exit) {
    let Common { catalogue, settings, .. } = common;
    let diagnostics = &line.diagnostics;
    match question {
        Question::Check(check) => {
            checked(check, line, sources, common).unwrap_or_else(|disagreement| defect(&disagreement))
        }
        Question::Evaluate { request, policies } => {
            let found = evaluate(policies.side(), request, &settings.reading);
            (json::evaluation(&found, sources), Exit::Holds)
        }
        Question::Diff { old, new } => {
            compared([old, new], line, sources, common).unwrap_or_else(|disagreement| defect(&disagreement))
        }
        Question::Findings { policy, zone, mode } => {
            let found = findings(policy.side(), zone, *mode, catalogue, settings);
            let shown = Surveyed { policy: one(policy), zone, found: &found, diagnostics, sources, catalogue };
            (json::surveyed(&shown), answered_whole(found.is_complete()))
        }
    }
}

fn answered_whole(complete: bool) -> Exit {
    if complete { Exit::Holds } else { Exit::Undecided }
}

fn defect(disagreement: &Disagreement) -> (String, Exit) {
    let message = format!("internal: {}: a defect of keyaki, not a verdict", disagreement.what);
    (json::not_asked(&message, &[], &Sources::default()), Exit::Internal)
}

fn compared(
    [old, new]: [&Document; 2],
    line: &Line,
    sources: &Sources,
    common: &Common,
) -> Result<(String, Exit), Disagreement> {
    let Common { catalogue, settings, strictness } = common;
    let diagnostics = &line.diagnostics;
    let found =
        diff(old.side(), new.side(), catalogue, settings)?.admitted(admission(diagnostics, *strictness), diagnostics);
    let old = Named { name: "existingPolicyDocument", side: old.side() };
    let new = Named { name: "newPolicyDocument", side: new.side() };
    let shown = Compared { old, new, diff: &found, diagnostics, sources, catalogue };
    Ok((json::diff(&shown), answered_whole(found.is_complete())))
}

fn checked(check: &Check, line: &Line, sources: &Sources, common: &Common) -> Result<(String, Exit), Disagreement> {
    let Common { catalogue, settings, strictness } = common;
    let report = check.ask(&line.diagnostics, catalogue, settings, *strictness)?;
    let (question, asked) = match check {
        Check::NoNewAccess { existing, new } => {
            let existing = Named { name: "existingPolicyDocument", side: existing.side() };
            (Shown::NoNewAccess { existing }, Named { name: "newPolicyDocument", side: new.side() })
        }
        Check::AccessNotGranted { policy, access } => (Shown::AccessNotGranted { access }, one(policy)),
        Check::NoPublicAccess { policy, resource_type } => {
            (Shown::NoPublicAccess { resource_type: resource_type.name }, one(policy))
        }
        Check::NoExternalAccess { policy, zone } => (Shown::NoExternalAccess { zone }, one(policy)),
    };
    let diagnostics = &line.diagnostics;
    let answer = json::answer(&Answer { question, asked, report: &report, diagnostics, sources, catalogue });
    Ok((answer, Exit::from(report.verdict)))
}

fn one(policy: &Document) -> Named<'_> {
    Named { name: "policyDocument", side: policy.side() }
}
