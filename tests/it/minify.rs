//! Smaller documents of all AWS-managed policies: proved to say the same, never larger, nothing left that could go.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Settings, redundancy};
use keyaki::minify::{Minified, minify};
use keyaki::policy::read::{ReadOptions, read};
use keyaki::source::Sources;
use serde_json::Value;

use crate::data::shared;

/// Policies of which some place stays undecided: their patterns insert several values into one text. What is left out of
/// them is proved all the same.
const UNDECIDED: [&str; 6] = [
    "SageMakerStudioBedrockChatAgentUserRolePolicy",
    "SageMakerStudioBedrockEvaluationJobServiceRolePolicy",
    "SageMakerStudioBedrockKnowledgeBaseServiceRolePolicy",
    "SageMakerStudioBedrockPromptUserRolePolicy",
    "SageMakerStudioProjectUserRolePermissionsBoundary",
    "SageMakerStudioProjectUserRolePolicy",
];

/// The smaller document of a policy, and the places that its explanation would still call redundant.
fn smaller(text: &str, catalogue: &Catalogue) -> (Minified, usize, bool) {
    let (mut sources, options) = (Sources::default(), ReadOptions::default());
    let policy = read(&mut sources, "policy", text.as_bytes(), &options).policy.unwrap();
    let minified = minify(&sources, &policy, &options, catalogue, &Settings::default());
    let minified = minified.unwrap_or_else(|defect| panic!("{}", defect.what));
    let again = read(&mut sources, "smaller", minified.text.as_bytes(), &options).policy.unwrap();
    let left = redundancy(&again, catalogue, &Settings::default());
    (minified, left.places.len(), left.complete)
}

/// Every 25th policy, or with `KEYAKI_CASES` so many from `KEYAKI_FROM`: `KEYAKI_CASES=2000` is all of them.
#[test]
fn managed_policies() {
    let Some(text) = shared("data/managed-policies.jsonl.gz") else { return };
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let lines: Vec<&str> = match number("KEYAKI_CASES") {
        Some(cases) => text.lines().skip(number("KEYAKI_FROM").unwrap_or(0)).take(cases).collect(),
        None => text.lines().step_by(25).collect(),
    };
    let catalogue = Catalogue::embedded();
    let (mut wrong, mut before, mut after, mut changed, mut statements) = (Vec::new(), 0, 0, 0, (0, 0));
    for line in &lines {
        let row: Value = serde_json::from_str(line).unwrap();
        let document = row["document"].to_string();
        let (minified, left, complete) = smaller(&document, &catalogue);
        let decided = complete || UNDECIDED.contains(&row["name"].as_str().unwrap());
        if !minified.proved || !decided || left > 0 || minified.text.len() > document.len() {
            let proved = minified.proved;
            wrong.push(format!("{}: proved {proved}, complete {complete}, {left} places left", row["name"]));
        }
        before += minified.bytes_before;
        after += minified.text.len();
        statements = (statements.0 + minified.statements.0, statements.1 + minified.statements.1);
        changed += usize::from(minified.saved() > 0);
    }
    let saved = before - after;
    println!("{} policies, {changed} smaller: {saved} of {before} bytes saved, statements {statements:?}", lines.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
