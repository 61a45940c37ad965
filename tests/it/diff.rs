//! `keyaki diff`: the parts of real differences put to the solver again, the cases of corpus/diff, the command.

use std::path::Path;
use std::process::Output;

use keyaki::catalogue::Catalogue;
use keyaki::checks::diff::{diff, reviewed};
use keyaki::checks::{Settings, Side};
use keyaki::policy::Kind;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::report::paint::Paint;
use keyaki::report::text::Length;
use keyaki::report::{Compared, Named, text};
use keyaki::source::Sources;
use serde_json::Value;

use crate::command;
use crate::data::shared;
use crate::generate::cases;

/// Real updates whose difference is not told whole within the default budget, with what is said to be more.
const NOT_WHOLE: [(&str, &str); 4] = [
    ("FMSServiceRolePolicy:v28-v29:f77cab4a", "gained"),
    ("SageMakerStudioProjectUserRolePermissionsBoundary:v1-v2:03d2bb95", "gained"),
    ("SageMakerStudioProjectUserRolePolicy:v9-v10:95852367", "lost"),
    ("SageMakerStudioProjectUserRolePolicy:v61-v62:188dee70", "gained and lost"),
];

#[test]
fn the_parts_of_real_updates_are_all_of_the_difference() {
    let Some(updates) = shared("data/policy-updates.jsonl.gz") else { return };
    let lines: Vec<&str> = updates.lines().collect();
    let take = usize::try_from(cases(15)).unwrap().clamp(1, lines.len());
    let (mut lengths, mut counts, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let catalogue = Catalogue::embedded();
    for line in lines.iter().step_by(lines.len() / take).take(take) {
        let update: Value = serde_json::from_str(line).unwrap();
        let id = update["id"].as_str().unwrap();
        let mut sources = Sources::default();
        let options = ReadOptions { kind: Some(Kind::Identity), reference: true, ..ReadOptions::default() };
        let [old, new] = ["old", "new"].map(|name| {
            let outcome = read(&mut sources, &format!("{name}.json"), update[name].to_string().as_bytes(), &options);
            outcome.policy.unwrap()
        });
        let settings = Settings::default();
        let (old, new) = (Side::Document(&old), Side::Document(&new));
        let found = diff(old, new, &catalogue, &settings).unwrap_or_else(|error| panic!("{id}: {}", error.what));
        let reviews = reviewed(old, new, &catalogue, &settings, &found);
        if reviews.iter().any(|review| !review.outside.is_empty()) {
            wrong.push(format!("{id}: a part reaches outside: {reviews:?}"));
        }
        let known = NOT_WHOLE.iter().any(|(other, _)| *other == id);
        let whole = found.is_complete() && reviews.iter().all(|review| review.is_covered);
        let claimed = [&found.gained, &found.lost]
            .iter()
            .zip(&reviews)
            .all(|(way, review)| !way.unknown.is_empty() || review.is_covered);
        // what is claimed to be all of it is, in any case
        if !(whole || known && claimed) {
            wrong.push(format!("{id}: not all of the difference: {reviews:?} {:?}", found.gained.unknown.first()));
        }
        let compared = Compared {
            old: Named { name: "old.json", side: old },
            new: Named { name: "new.json", side: new },
            diff: &found,
            diagnostics: &[],
            sources: &sources,
            catalogue: &catalogue,
        };
        lengths.push(text::diff(&compared, Paint::Plain, Length::Short).lines().count());
        counts.push(found.gained.parts.len() + found.lost.parts.len());
    }
    lengths.sort_unstable();
    counts.sort_unstable();
    let middle = take / 2;
    println!(
        "{take} updates: lines median {} maximum {}, parts median {} maximum {}",
        lengths[middle],
        lengths[take - 1],
        counts[middle],
        counts[take - 1]
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn keyaki(arguments: &[&str]) -> Output {
    command::keyaki(&command::folder(""), arguments)
}

fn out(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_cases_of_the_corpus_read_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/diff");
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    let mut wrong = Vec::new();
    for name in &names {
        let [old, new] = ["old", "new"].map(|side| format!("corpus/diff/{name}/{side}.json"));
        let expected = std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("corpus/diff/{name}/expected.txt")),
        )
        .unwrap_or_default();
        let found = out(&keyaki(&["diff", &old, &new]));
        if found != expected {
            wrong.push(format!("--- {name}, expected\n{expected}--- found\n{found}"));
        }
    }
    assert!(names.len() > 10 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn json_holds_cubes_that_evaluate_reads() {
    let output = keyaki(&[
        "diff",
        "corpus/diff/actions-added/old.json",
        "corpus/diff/actions-added/new.json",
        "--output",
        "json",
    ]);
    let answer: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(answer["equivalent"], false);
    assert_eq!(answer["complete"], true);
    assert_eq!(answer["lost"], serde_json::json!([]));
    let cube = &answer["gained"][0];
    assert_eq!(cube["actions"], serde_json::json!(["s3:DeleteBucket", "s3:PutObject"]));
    assert_eq!(cube["resources"], serde_json::json!(["arn:aws:s3:::example-logs/*"]));
    assert_eq!(cube["principals"], serde_json::json!(["*"]));
    assert_eq!(cube.get("exceptActions"), None);
    let witness = cube["witness"].to_string();
    let folder = std::env::temp_dir().join(format!("keyaki-diff-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("witness.json");
    std::fs::write(&file, witness).unwrap();
    for (side, decision) in [("old", "ImplicitlyDenied"), ("new", "Allowed")] {
        let policy = format!("corpus/diff/actions-added/{side}.json");
        let request = file.to_str().unwrap();
        let found = keyaki(&["evaluate", "--request", request, "--identity", &policy, "--output", "json"]);
        let found: Value = serde_json::from_str(&out(&found)).unwrap();
        assert_eq!(found["decision"], decision);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn exit_codes_say_what_was_asked_for() {
    let case = |name: &str, more: &[&str]| {
        let [old, new] = ["old", "new"].map(|side| format!("corpus/diff/{name}/{side}.json"));
        keyaki(&[&["diff", old.as_str(), new.as_str()], more].concat()).status.code().unwrap()
    };
    assert_eq!(case("actions-added", &[]), 0);
    assert_eq!(case("actions-added", &["--fail-on", "gained"]), 1);
    assert_eq!(case("actions-added", &["--fail-on", "lost"]), 0);
    assert_eq!(case("actions-removed", &["--fail-on", "lost"]), 1);
    assert_eq!(case("actions-removed", &["--fail-on", "any"]), 1);
    assert_eq!(case("nothing-changed", &["--fail-on", "any"]), 0);
    assert_eq!(case("actions-added", &["--budget", "1"]), 3);
    assert_eq!(case("actions-added", &["--fail-on", "sideways"]), 2);
}

#[test]
fn the_readme_shows_a_diff_as_it_is() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let shown = out(&keyaki(&["diff", "corpus/diff/deny-narrowed/old.json", "corpus/diff/deny-narrowed/new.json"]));
    assert!(readme.contains(&shown), "README.md does not show\n{shown}");
}
