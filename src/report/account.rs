//! The answers about the roles and users of an account, as text and as JSON.

use serde::Serialize;
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::checks::account::{Examined, Part};
use crate::checks::{Access, Verdict};
use crate::report::json::{self, SCHEMA};
use crate::report::paint::{Paint, printable};
use crate::report::text::{self, Length};
use crate::report::{Answer, Named, Question};
use crate::snapshot::Missing;
use crate::source::Sources;

/// What was asked of an account, with everything that is needed to show the answers.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The file, as the user named it.
    pub name: &'a str,
    /// The file of the existing side, if there is one.
    pub existing: Option<&'a str>,
    /// What must not be granted, if that was asked.
    pub access: &'a [Access],
    /// The answers.
    pub examined: &'a [Examined],
    /// ARNs of entities that are gone.
    pub gone: &'a [String],
    /// What the files lack, with the name of the file.
    pub missing: &'a [(&'a str, &'a Missing)],
    /// The texts.
    pub sources: &'a Sources,
    /// How condition keys are spelt.
    pub catalogue: &'a Catalogue,
}

impl Account<'_> {
    /// Shows one answer.
    fn with<T>(&self, examined: &Examined, show: impl FnOnce(&Answer<'_>) -> T) -> T {
        let part = match examined.part {
            Part::Access => "",
            Part::Trust => ".AssumeRolePolicyDocument",
        };
        let name = format!("{}: {}{part}", self.name, examined.address);
        let before = format!("{}: {}{part}", self.existing.unwrap_or("nothing"), examined.address);
        let question = match &examined.existing {
            Some(existing) => Question::NoNewAccess { existing: Named { name: &before, side: existing.side() } },
            None => Question::AccessNotGranted { access: self.access },
        };
        show(&Answer {
            question,
            asked: Named { name: &name, side: examined.asked.side() },
            report: &examined.report,
            diagnostics: &examined.diagnostics,
            sources: self.sources,
            catalogue: self.catalogue,
        })
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.examined.iter().filter(|examined| examined.report.verdict == verdict).count()
    }
}

/// What fails and what is undecided in full, what passes as a number; ending in a line end.
pub fn text(account: &Account<'_>, paint: Paint, length: Length) -> String {
    let mut out = String::new();
    for verdict in [Verdict::Fail, Verdict::Unknown] {
        for examined in account.examined.iter().filter(|examined| examined.report.verdict == verdict) {
            out.push_str(&account.with(examined, |answer| text::block(answer, paint, length)));
            out.push('\n');
        }
    }
    for (file, missing) in account.missing {
        let address = if missing.address.is_empty() { String::new() } else { format!("{}: ", missing.address) };
        out.push_str(&printable(&format!("not known: {file}: {address}{}", missing.lack.in_words())));
        out.push('\n');
    }
    for arn in account.gone {
        out.push_str(&printable(&format!("gone: {arn}")));
        out.push('\n');
    }
    if !account.missing.is_empty() || !account.gone.is_empty() {
        out.push('\n');
    }
    let trusts = account.examined.iter().filter(|examined| examined.part == Part::Trust).count();
    let entities = account.examined.len().saturating_sub(trusts);
    let noun = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let (pass, fail, open) =
        (account.count(Verdict::Pass), account.count(Verdict::Fail), account.count(Verdict::Unknown));
    out.push_str(&format!(
        "{} and {} checked: {pass} pass, {fail} fail, {open} undecided; {} missing.\n",
        noun(entities, "role or user", "roles and users"),
        noun(trusts, "trust policy", "trust policies"),
        noun(account.missing.len(), "thing", "things"),
    ));
    out
}

#[derive(Serialize)]
struct AccountJson {
    results: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<String>,
    missing: Vec<MissingJson>,
    summary: SummaryJson,
    complete: bool,
    schema: &'static str,
}

#[derive(Serialize)]
struct MissingJson {
    file: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    address: String,
    reason: String,
}

#[derive(Serialize)]
struct SummaryJson {
    pass: usize,
    fail: usize,
    unknown: usize,
    missing: usize,
}

/// One JSON object, without a line end: the answer to each question with its address and part.
pub fn json(account: &Account<'_>) -> String {
    let results = account.examined.iter().map(|examined| {
        let answer = account.with(examined, json::answer);
        let mut shown = serde_json::Map::new();
        shown.insert("address".to_owned(), examined.address.clone().into());
        let part = match examined.part {
            Part::Access => "access",
            Part::Trust => "trust",
        };
        shown.insert("part".to_owned(), part.into());
        if let Ok(Value::Object(members)) = serde_json::from_str(&answer) {
            shown.extend(members);
        }
        Value::Object(shown)
    });
    let missing = account.missing.iter().map(|(file, missing)| MissingJson {
        file: (*file).to_owned(),
        address: missing.address.clone(),
        reason: missing.lack.in_words(),
    });
    let open = account.count(Verdict::Unknown);
    let shown = AccountJson {
        results: results.collect(),
        gone: account.gone.to_vec(),
        missing: missing.collect(),
        summary: SummaryJson {
            pass: account.count(Verdict::Pass),
            fail: account.count(Verdict::Fail),
            unknown: open,
            missing: account.missing.len(),
        },
        complete: open == 0 && account.missing.is_empty(),
        schema: SCHEMA,
    };
    json::encode(&shown)
}
