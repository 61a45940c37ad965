//! `keyaki test`: policy unit tests.

use std::ffi::OsString;

use clap::Args;

use crate::checks::Settings;
use crate::cli::Failure;
use crate::cli::batch::parsers;
use crate::cli::certificate;
use crate::cli::document::Documents;
use crate::cli::exit::Exit;
use crate::cli::options::{Asking, Fixed, Format};
use crate::cli::terminal::Terminal;
use crate::report::diagnostic::render;
use crate::report::{json, text};
use crate::scenario::{Outcome, Scenario, read};

/// Do policies answer as their unit tests expect?
///
/// A file holds a list of scenarios. A scenario is {"id","note"?,"policies","request","expected"} with the expected result
/// Allowed, ImplicitlyDenied, ExplicitlyDenied or Denied, or, for all requests at once, {"id","note"?,"check","expected"}
/// with PASS, FAIL or UNKNOWN. A check is {"check":"no-new-access","existingPolicyDocument","newPolicyDocument"},
/// {"check":"access-not-granted","policyDocument","access"}, {"check":"no-public-access","policyDocument","resourceType"}
/// or {"check":"no-external-access","policyDocument","zoneOfTrust"}, with "policyType" if it is not to be inferred (not
/// for no-public-access). "contested" and "alt" name a contested rule and the result in its other reading.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Files of scenarios
    #[arg(value_name = "SCENARIOS", required = true)]
    scenarios: Vec<OsString>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    fixed: Fixed,
}

const EXAMPLES: &str = "\
Examples:
  keyaki test scenarios.json
  keyaki test --reading C5=alt --output json tests/*.json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    certificate::none_for(&arguments.asking, "scenarios")?;
    let mut documents = Documents::default();
    let scenarios = read_all(arguments, &mut documents, terminal)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let settings: Settings = arguments.asking.settings(&arguments.fixed);
    let mut results: Vec<(Scenario, Outcome)> = Vec::with_capacity(scenarios.len());
    for scenario in scenarios {
        let outcome = scenario
            .run(&catalogue, &settings, arguments.asking.strictness())
            .map_err(|disagreement| Failure::Internal(format!("scenario {}: {}", scenario.id, disagreement.what)))?;
        results.push((scenario, outcome));
    }
    let shown = match terminal.format {
        Format::Json => format!("{}\n", json::scenarios(&results, &documents.sources)),
        Format::Text => text::scenarios(&results, &documents.sources, terminal.paint),
    };
    terminal.show(&shown)?;
    let holds = results.iter().all(|(_, outcome)| outcome.is_expected());
    Ok(if holds { Exit::Holds } else { Exit::Fails })
}

/// The scenarios of all files; the problems of all are reported.
fn read_all(arguments: &Arguments, documents: &mut Documents, terminal: &Terminal) -> Result<Vec<Scenario>, Failure> {
    let parsers = parsers(arguments.asking.strictness());
    let mut scenarios = Vec::new();
    let mut refused = None;
    for argument in &arguments.scenarios {
        let file = documents.text(argument)?;
        let mut found = read(&mut documents.sources, file, parsers);
        if terminal.length == text::Length::Full {
            for diagnostic in &found.diagnostics {
                terminal.complain(&render(diagnostic, &documents.sources, terminal.error_paint));
            }
        }
        if !found.faults.is_empty() {
            let failure = documents.refused(documents.sources.name(file), &found.faults, terminal);
            refused = refused.or(Some(failure));
        }
        scenarios.append(&mut found.scenarios);
    }
    match refused {
        Some(failure) => Err(failure),
        None if scenarios.is_empty() => Err(Failure::CouldNotRun("error: there is no scenario to test".to_owned())),
        None => Ok(scenarios),
    }
}
