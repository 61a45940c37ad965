//! The fences of the architecture (ARCHITECTURE.md, invariants) and the order of the house, as tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The one file that names the SAT solver, and the one that may name its checker.
const SAT: &str = "solver/src/sat.rs";
const SAT_CHECKER: &str = "(no file)";
/// The certificate checker, and what it may use of the solver: data, and the budget.
const CHECKER: &str = "solver/src/checker";
const CHECKER_USES: [&str; 12] = [
    "budget::{Budget, Exhausted}",
    "budget::Budget",
    "certificate::",
    "checker",
    "chars::CharClass",
    "formula::",
    "glob::Token",
    "interval::",
    "language::{GlobId, Language}",
    "language::GlobId",
    "record::",
    "decimal::",
];
/// Decisions of the search that data of those modules could be asked for.
const CHECKER_SHUNS: [&str; 12] = [
    ".matches(",
    "surely_",
    ".literal(",
    "languages.contains",
    "unnamed_char",
    ".intersection(",
    "prove",
    "varisat",
    "crate::search",
    "crate::theory",
    ".has_form(",
    "shape.contains",
];
/// Words of the policy world, which the solver does not know.
const FOREIGN: [&str; 8] = ["iam", "aws", "arn", "policy", "principal", "statement", "serde_json", "clap"];
/// What reaches outside the process. Only the command line may. Addresses of `std::net` are values.
const OUTSIDE: [&str; 11] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::os",
    "std::io::std",
    "Instant::now",
    "SystemTime",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
];
const LONGEST_FUNCTION: usize = 60;
const LONGEST_FILE: usize = 500;
/// Functions that may be longer: file, name, longest, why.
const LONG_FUNCTIONS: [(&str, &str, usize, &str); 2] = [
    (
        "tests/it/generate/request.rs",
        "realizable",
        90,
        "one relation of 6.5 after the other, as the specification lists them",
    ),
    ("tests/it/reference/examples.rs", "appendix_a", 80, "a table: the worked examples"),
];
/// Files that may be longer before their tests: file, longest, why.
const LONG_FILES: [(&str, usize, &str); 1] =
    [("src/diagnostic/code.rs", 700, "a table: every diagnostic code with its page")];
const LICENCES: [&str; 8] =
    ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "Unicode-3.0", "Unlicense", "Zlib"];
/// Unsound, unmaintained, or against the choice of having no SMT solver and no system library.
const BANNED: [&str; 10] =
    ["serde_yml", "libyml", "yaml-rust", "openssl", "openssl-sys", "z3", "z3-sys", "cvc5", "cvc5-sys", "bitwuzla-sys"];
const SAT_CRATES: [&str; 9] =
    ["varisat", "batsat", "splr", "screwsat", "rustsat", "cadical", "minisat", "kissat", "cryptominisat"];

// ---- Sources

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder with this ending, by path from the root.
fn files(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                out.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    out
}

/// All our Rust files.
fn sources() -> BTreeMap<String, String> {
    ["src", "solver", "tests", "benches"].iter().flat_map(|folder| files(folder, ".rs")).collect()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Documents and settings at the top.
fn documents() -> BTreeMap<String, String> {
    let mut out = files("corpus", ".md");
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "PIPELINE.md",
        "Cargo.toml",
        ".ci/run",
    ] {
        out.insert(name.to_owned(), text(name));
    }
    out
}

fn demand(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// From a path and its text to what is wrong.
type Fence = fn(&str, &str) -> Vec<String>;

// ---- Fences, as functions from one file to complaints

/// Identifiers, and their pieces by `_` and capitals, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for name in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        out.insert(name.to_ascii_lowercase());
        let mut piece = String::new();
        let mut lower_before = false;
        for c in name.chars() {
            if (c == '_' || (c.is_ascii_uppercase() && lower_before)) && !piece.is_empty() {
                out.insert(std::mem::take(&mut piece));
            }
            lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
            if c != '_' {
                piece.push(c.to_ascii_lowercase());
            }
        }
        out.insert(piece);
    }
    out
}

/// The solver knows nothing of policies.
fn foreign_words(path: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let found = FOREIGN.iter().filter(|word| words.contains(**word));
    found.map(|word| format!("{path} mentions `{word}`: the solver knows nothing of policies")).collect()
}

/// Only one file names the SAT solver, one its checker.
fn sat_names(path: &str, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if path != SAT && (text.contains("varisat::") || text.contains("use varisat;")) {
        out.push(format!("{path} names varisat: only {SAT} does"));
    }
    if path != SAT_CHECKER && text.contains("varisat_checker") {
        out.push(format!("{path} names varisat_checker: only {SAT_CHECKER} does"));
    }
    out
}

/// The checker of certificates shares nothing with the search.
fn search_in_checker(path: &str, text: &str) -> Vec<String> {
    let code = without_comments(text);
    let mut out = Vec::new();
    for after in code.split("crate::").skip(1) {
        if !CHECKER_USES.iter().any(|allowed| after.starts_with(allowed)) {
            let used: String = after.chars().take_while(|c| !c.is_whitespace()).collect();
            out.push(format!("{path} uses crate::{used}: the checker knows data only"));
        }
    }
    let shunned = CHECKER_SHUNS.iter().filter(|word| code.contains(**word));
    out.extend(shunned.map(|word| format!("{path} uses `{word}`, a decision of the search")));
    out
}

/// A file of a module's tests.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.starts_with("tests/") || path.contains("/tests/")
}

/// Only the command line reaches outside. Tests may.
fn outside(path: &str, text: &str) -> Vec<String> {
    if is_test(path) {
        return Vec::new();
    }
    let code = without_comments(text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text));
    let found = OUTSIDE.iter().filter(|name| code.contains(**name));
    let mut out: Vec<String> =
        found.map(|name| format!("{path} uses {name}: only src/cli and src/main.rs do")).collect();
    if code.contains("use std::{") {
        out.push(format!("{path} imports `std::{{…}}`: name the modules one by one, so that this fence sees them"));
    }
    out
}

/// The document model shares values with the solver, never decisions.
fn decisions(path: &str, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for after in without_comments(text).split("solver::").skip(1) {
        let module: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !["decimal", "interval"].contains(&module.as_str()) {
            out.push(format!("{path} uses solver::{module}: only solver::decimal and solver::interval are values"));
        }
    }
    out
}

/// Only reports are serialized.
fn serialized(path: &str, text: &str) -> Vec<String> {
    let derives = without_comments(text).lines().any(|line| line.contains("derive(") && line.contains("Serialize"));
    if derives { vec![format!("{path} derives Serialize: only src/report does")] } else { Vec::new() }
}

/// A name says what a file is about.
fn vague_name(path: &str) -> Vec<String> {
    let vague = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];
    let parts = path.split(['/', '.', '_']);
    parts.filter(|part| vague.contains(part)).map(|part| format!("{path}: `{part}` says nothing")).collect()
}

/// The first line says what the file is.
fn first_line(path: &str, text: &str) -> Vec<String> {
    let said = text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 8);
    if said { Vec::new() } else { vec![format!("{path}: the first line does not say what the file is (`//! …`)")] }
}

/// A test that does not run is no test.
fn ignored(path: &str, text: &str) -> Vec<String> {
    let found = text.lines().any(|line| line.trim_start().starts_with("#[ignore"));
    if found { vec![format!("{path} ignores a test")] } else { Vec::new() }
}

/// No places of the machine it was written on.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let mut out = Vec::new();
    for place in places {
        let begins = |at: usize| {
            let before = text[..at].chars().next_back();
            before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | '=' | ':'))
        };
        if text.match_indices(place).any(|(at, _)| begins(at)) {
            out.push(format!("{path} mentions the machine path {place}"));
        }
    }
    out
}

/// Text without `//` comments. A `//` inside a string goes too, which no fence minds.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Functions with their lengths in lines, as rustfmt lays them out: the closing brace stands below the first letter.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let closing = format!("{indent}}}");
        let rest = lines[at..].iter();
        let header = rest.clone().position(|line| line.ends_with(['{', '}', ';'])).unwrap_or(0);
        let length = if lines[at + header].ends_with('{') {
            rest.skip(header + 1).position(|line| *line == closing).map_or(0, |body| header + body + 2)
        } else {
            header + 1
        };
        out.push((name, length));
    }
    out
}

/// The name, if the line begins a function.
fn function_name(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    loop {
        let word = words.next()?;
        if word == "fn" {
            break;
        }
        if !(word.starts_with("pub") || ["const", "async", "extern", "crate)", "super)"].contains(&word)) {
            return None;
        }
    }
    let name = words.next()?;
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

fn too_long(path: &str, text: &str) -> Vec<String> {
    let allowed = |name: &str| {
        let row = LONG_FUNCTIONS.iter().find(|(file, function, ..)| *file == path && *function == name);
        row.map_or(LONGEST_FUNCTION, |row| row.2)
    };
    let mut out = Vec::new();
    for (name, length) in functions(text) {
        if length > allowed(&name) {
            out.push(format!("{path}: fn {name} has {length} lines, at most {}", allowed(&name)));
        }
    }
    let most = LONG_FILES.iter().find(|(file, ..)| *file == path).map_or(LONGEST_FILE, |row| row.1);
    let length = text.lines().position(|line| line == "#[cfg(test)]").unwrap_or(text.lines().count());
    if length > most && !is_test(path) {
        out.push(format!("{path} has {length} lines before its tests, at most {most}"));
    }
    out
}

/// A variant of the codes without its page. Where a macro makes the variants from their pages, none can be without.
fn undocumented_codes(text: &str) -> Vec<String> {
    let body = text.split("pub enum Code {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap_or("");
    let mut out = Vec::new();
    if body.contains("$(") {
        return out;
    }
    let mut documented = false;
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("///") {
            documented = true;
        } else if !line.starts_with("#[") {
            if !documented {
                out.push(format!("diagnostic code {line} has no page"));
            }
            documented = false;
        }
    }
    out
}

/// Every licence that must be kept together is allowed, one of every choice.
fn licence_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let one = |text: &str| text.trim().split(" WITH ").next().is_some_and(|name| LICENCES.contains(&name.trim()));
    // Without parentheses AND binds closer; our dependencies write `(A OR B) AND C`, so read AND first: stricter.
    plain.split(" AND ").all(|part| part.split(" OR ").any(one))
}

// ---- The fences hold

#[test]
fn the_solver_knows_nothing_of_policies() {
    demand(&files("solver", ".rs").iter().flat_map(|(path, text)| foreign_words(path, text)).collect::<Vec<_>>());
}

#[test]
fn one_file_names_the_sat_solver() {
    let sources: Vec<_> = files("solver/src", ".rs").into_iter().chain(files("src", ".rs")).collect();
    demand(&sources.iter().flat_map(|(path, text)| sat_names(path, text)).collect::<Vec<_>>());
}

#[test]
fn the_checker_shares_nothing_with_the_search() {
    let sources = files("solver/src", ".rs");
    let checker: Vec<_> = sources.iter().filter(|(path, _)| path.starts_with(CHECKER)).collect();
    assert!(checker.len() > 5, "the checker is not at {CHECKER}");
    demand(&checker.iter().flat_map(|(path, text)| search_in_checker(path, text)).collect::<Vec<_>>());
}

/// Lines of code: without comments, blank lines and tests.
fn code_lines(text: &str) -> usize {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// Rows of SECURITY.md's table of what has to be trusted: the first words of the row, what is counted, what is not.
const TRUSTED: [(&str, &[&str], &[&str]); 8] = [
    (
        "reading documents",
        &["src/json", "src/source.rs", "src/policy", "src/stack.rs", "src/diagnostic"],
        &["src/policy/read/tests.rs", "src/json/tests.rs"],
    ),
    (
        "the meaning",
        &["src/semantics"],
        &[
            "concrete.rs",
            "trace.rs",
            "partial.rs",
            "symbolic/decode.rs",
            "semantics/boxes.rs",
            "boxes/clauses.rs",
            "boxes/column.rs",
            "boxes/reading.rs",
            "boxes/set.rs",
            "/tests.rs",
        ],
    ),
    ("facts about services", &["src/catalogue"], &["/tests.rs"]),
    (
        "posing the question",
        &[
            "src/checks/question.rs",
            "src/checks/claims.rs",
            "src/checks/space.rs",
            "src/checks/side.rs",
            "src/checks/listed.rs",
            "src/checks/catalogued.rs",
        ],
        &[],
    ),
    (
        "posing the other answers",
        &[
            "src/checks/public.rs",
            "src/checks/public/beyond.rs",
            "src/checks/public/exposure.rs",
            "src/checks/findings/claim.rs",
            "src/checks/findings/survey.rs",
            "src/checks/findings/axis.rs",
            "src/checks/diff/claim.rs",
            "src/checks/cube.rs",
            "src/checks/cube/entry.rs",
            "src/checks/cube/condition.rs",
            "src/checks/redundancy/meaning.rs",
            "src/checks/redundancy/proof.rs",
        ],
        &[],
    ),
    (
        "formulas and slots",
        &[
            "solver/src/formula.rs",
            "solver/src/record.rs",
            "solver/src/language.rs",
            "solver/src/glob.rs",
            "solver/src/interval.rs",
            "solver/src/decimal.rs",
            "solver/src/chars.rs",
            "solver/src/quantifier.rs",
            "solver/src/fixing.rs",
        ],
        &[],
    ),
    ("the checker", &["solver/src/checker", "solver/src/certificate.rs"], &[]),
    ("the file", &["src/certificate.rs", "src/certificate/cube.rs"], &[]),
];

#[test]
fn security_says_how_much_has_to_be_trusted() {
    let sources: BTreeMap<_, _> = files("solver/src", ".rs").into_iter().chain(files("src", ".rs")).collect();
    let security = text("SECURITY.md");
    let mut complaints = Vec::new();
    for (row, counted, not_counted) in TRUSTED {
        let counts = |path: &str| {
            counted.iter().any(|part| path.starts_with(part)) && !not_counted.iter().any(|part| path.ends_with(part))
        };
        let lines: usize = sources.iter().filter(|(path, _)| counts(path)).map(|(_, text)| code_lines(text)).sum();
        let line = security.lines().find(|line| line.starts_with(&format!("| {row}")));
        let said = line.and_then(|line| line.split('|').nth(3)).map(|cell| cell.trim().replace(',', ""));
        let said: usize = said.and_then(|said| said.parse().ok()).unwrap_or(0);
        // a table that is edited with every line of code would be no use
        if lines * 5 > said * 6 || lines * 4 < said * 3 {
            complaints.push(format!("SECURITY.md says {said} lines for {row}; they are {lines}"));
        }
    }
    demand(&complaints);
}

#[test]
fn the_library_reaches_nothing_outside() {
    let inside = |path: &str| path != "src/main.rs" && path != "src/cli.rs" && !path.starts_with("src/cli/");
    let sources: Vec<_> = files("solver/src", ".rs").into_iter().chain(files("src", ".rs")).collect();
    let sources = sources.iter().filter(|(path, _)| inside(path));
    demand(&sources.flat_map(|(path, text)| outside(path, text)).collect::<Vec<_>>());
}

#[test]
fn documents_and_requests_share_only_values_with_the_solver() {
    let model = ["src/policy", "src/request", "src/source", "src/json"];
    let sources = files("src", ".rs");
    let sources = sources.iter().filter(|(path, _)| model.iter().any(|part| path.starts_with(part)));
    demand(&sources.flat_map(|(path, text)| decisions(path, text)).collect::<Vec<_>>());
}

#[test]
fn only_reports_are_serialized() {
    let sources = files("src", ".rs");
    let sources = sources.iter().filter(|(path, _)| !path.starts_with("src/report"));
    demand(&sources.flat_map(|(path, text)| serialized(path, text)).collect::<Vec<_>>());
}

#[test]
fn every_file_says_what_it_is() {
    let sources = sources();
    demand(&sources.iter().flat_map(|(path, text)| first_line(path, text)).collect::<Vec<_>>());
    demand(&sources.keys().flat_map(|path| vague_name(path)).collect::<Vec<_>>());
}

#[test]
fn files_and_functions_are_short() {
    demand(&sources().iter().flat_map(|(path, text)| too_long(path, text)).collect::<Vec<_>>());
    assert!(text("src/main.rs").lines().count() < 40, "src/main.rs has 40 lines or more");
}

#[test]
fn no_test_is_ignored() {
    demand(&sources().iter().flat_map(|(path, text)| ignored(path, text)).collect::<Vec<_>>());
}

#[test]
fn no_machine_path_is_mentioned() {
    let all: Vec<_> = sources().into_iter().chain(documents()).collect();
    demand(&all.iter().flat_map(|(path, text)| machine_paths(path, text)).collect::<Vec<_>>());
}

#[test]
fn every_diagnostic_code_has_a_page() {
    let codes = files("src", ".rs")
        .into_iter()
        .find(|(path, text)| path.starts_with("src/diagnostic") && text.contains("pub enum Code {"));
    demand(&undocumented_codes(&codes.expect("src/diagnostic defines Code").1));
}

#[test]
fn the_changelog_has_a_place_for_the_next_release() {
    assert!(text("CHANGELOG.md").contains("\n## [Unreleased]\n"), "CHANGELOG.md has no Unreleased section");
}

#[test]
fn the_readme_has_two_commands_and_ci_runs_the_second() {
    let readme = text("README.md");
    let blocks: Vec<&str> = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2, "README.md has other than two commands");
    assert!(blocks[0].starts_with("cargo run --release"), "the first command does not run the main job");
    assert!(text(".ci/run").contains(blocks[1].trim()), ".ci/run does not call the README's test command");
}

/// The platform tests run on: the packages of others need not have been fetched.
fn host() -> String {
    let run = Command::new(std::env::var("RUSTC").unwrap_or("rustc".to_owned())).arg("-vV").output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc -vV names its host").to_owned()
}

/// What `cargo metadata` knows of the packages, without network.
fn packages() -> serde_json::Value {
    let run = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform"])
        .arg(host())
        .current_dir(root())
        .output()
        .unwrap();
    assert!(run.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

#[test]
fn dependencies_are_licensed_and_not_banned() {
    let metadata = packages();
    let mut complaints = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("(none)");
        if !licence_allowed(licence) {
            complaints.push(format!("{name} is licensed {licence}"));
        }
        if BANNED.contains(&name) {
            complaints.push(format!("{name} is banned"));
        }
        let source = package["source"].as_str().unwrap_or("registry+ours");
        if !source.starts_with("registry+") {
            complaints.push(format!("{name} comes from {source}, not from the registry"));
        }
    }
    demand(&complaints);
}

#[test]
fn the_solver_stands_on_few_packages_and_one_sat_engine() {
    let metadata = packages();
    let mut engines = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let dependencies = package["dependencies"].as_array().unwrap();
        let shipped: Vec<&str> =
            dependencies.iter().filter(|d| d["kind"].is_null()).map(|d| d["name"].as_str().unwrap()).collect();
        match package["name"].as_str().unwrap() {
            "keyaki-solver" => {
                let foreign: Vec<_> = shipped
                    .iter()
                    .filter(|name| !["varisat", "regex-automata", "regex-syntax", "rustc-hash"].contains(name))
                    .collect();
                assert!(foreign.is_empty(), "the solver depends on {foreign:?}");
                engines.extend(shipped.iter().filter(|name| SAT_CRATES.contains(name)).map(ToString::to_string));
            }
            "keyaki" => {
                engines.extend(shipped.iter().filter(|name| SAT_CRATES.contains(name)).map(ToString::to_string));
            }
            _ => {}
        }
    }
    assert_eq!(engines, ["varisat"], "exactly one SAT engine is shipped, by the solver");
}

/// The same lists for people who have cargo-deny.
#[test]
fn deny_toml_agrees() {
    let deny = text("deny.toml");
    for licence in LICENCES {
        assert!(deny.contains(&format!("\"{licence}\"")), "deny.toml does not allow {licence}");
    }
    for name in BANNED {
        assert!(deny.contains(&format!("name = \"{name}\"")), "deny.toml does not ban {name}");
    }
}

// ---- The fences are real: each catches a bad sample and lets a good one through

#[test]
fn fences_catch_what_they_are_for() {
    let long = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(70));
    let rows: [(&str, Fence, &str, &str); 14] = [
        ("words", foreign_words, "// an ARN\n", "// warning, learn, airman\n"),
        ("camel", foreign_words, "struct PolicySet;\n", "struct PolicymakerSet;\n"),
        ("snake", foreign_words, "fn aws_key() {}\n", "fn laws_key() {}\n"),
        ("sat", sat_names, "use varisat::Solver;\n", "//! varisat is named in sat.rs\n"),
        ("checker", sat_names, "use varisat_checker::Checker;\n", "use crate::checker::Checker;\n"),
        ("search", search_in_checker, "use crate::glob::Glob;\n", "use crate::glob::Token;\n"),
        ("decision", search_in_checker, "if glob.matches(text) {}\n", "if matches!(glob, None) {}\n"),
        ("outside", outside, "let x = std::env::var(\"A\");\n", "// std::env is for the command line\n"),
        ("network", outside, "let s = TcpStream::connect(a);\n", "use std::net::Ipv4Addr;\n"),
        ("import", outside, "use std::{fs, io};\n", "use std::fmt;\n"),
        ("decisions", decisions, "use solver::formula::Formula;\n", "use solver::decimal::Decimal;\n"),
        ("serialize", serialized, "#[derive(Clone, Serialize)]\n", "#[derive(Clone, Debug)]\n"),
        ("first line", first_line, "use x;\n", "//! What it is.\n"),
        ("ignored", ignored, "#[test]\n    #[ignore = \"later\"]\n", "#[test]\n"),
    ];
    for (name, fence, bad, good) in rows {
        assert!(!fence("src/x.rs", bad).is_empty(), "{name} lets the bad sample through");
        assert_eq!(fence("src/x.rs", good), Vec::<String>::new(), "{name} stops the good sample");
    }
    assert_eq!(too_long("src/x.rs", &long).len(), 1);
    assert_eq!(too_long("src/x.rs", &"x\n".repeat(501)).len(), 1);
    assert_eq!(too_long("src/x.rs", &format!("{}#[cfg(test)]\n{}", "x\n".repeat(400), "x\n".repeat(400))).len(), 0);
    assert!(!vague_name("src/policy/string_utils.rs").is_empty() && vague_name("src/commonwealth.rs").is_empty());
    assert!(!machine_paths("x", concat!("see /ho", "me/alice/x")).is_empty());
    assert!(machine_paths("x", concat!("arn:aws:s3:::b/ho", "me/*")).is_empty());
    assert_eq!(undocumented_codes("pub enum Code {\n    /// Page.\n    A,\n    B,\n}\n").len(), 1);
}

#[test]
fn functions_are_measured() {
    let text = "impl A {\n    pub(crate) fn short(&self) -> u8 { 1 }\n    fn declared(&self);\n    fn long(\n        a: u8,\n    ) {\n        b();\n    }\n}\n";
    let expected = [("short", 1), ("declared", 1), ("long", 5)].map(|(name, length)| (name.to_owned(), length));
    assert_eq!(functions(text), expected);
}

#[test]
fn licences_are_read() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "GPL-3.0 OR MIT",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(licence_allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(none)", ""] {
        assert!(!licence_allowed(bad), "{bad}");
    }
}
