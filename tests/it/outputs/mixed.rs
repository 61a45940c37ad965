//! A scan in which everything happens: FAIL, UNKNOWN, PASS, a defect, a warning, suppressed, in the baseline, skipped.

use std::sync::Arc;

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Access, Disagreement, Report, Settings, Strictness, Undecided};
use keyaki::policy::Kind;
use keyaki::policy::read::ReadOptions;
use keyaki::report::finding::{Overall, Shown};
use keyaki::scan::{
    Asking, Before, Cause, Checked, Found, Level, Question, Rule, Scan, Skipped, Standing, Written, hold,
};
use keyaki::stack;
use keyaki::standard::Paths;

/// A file that nobody should have.
pub(crate) const HOSTILE: &str = "a b/<script>alert(1)</script>\u{202e}\"'`|]]>&amp;%0A::error\u{1}\u{1f98a}.json";

const GRANTS: &str = "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [
    {
      \"Sid\": \"Deploy\",
      \"Effect\": \"Allow\",
      \"Action\": [\"s3:DeleteBucket\", \"s3:GetObject\"],
      \"Resource\": \"arn:aws:s3:::amzn-s3-demo-bucket\"
    }
  ]
}
";

const READS: &str = "{
  \"Version\": \"2012-10-17\",
  \"Statement\": { \"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\" }
}
";

/// The scan.
pub(crate) fn mixed() -> Scan {
    of(&|text| text.to_owned())
}

/// The scan, its documents written otherwise.
pub(crate) fn of(written: &dyn Fn(&str) -> String) -> Scan {
    let mut scan = Scan { files: 6, ..Scan::default() };
    add(&mut scan, "policies/app.json", "", &written(GRANTS), Level::Error);
    add(&mut scan, HOSTILE, "module.a[\"<b>\"].aws_iam_role.x", &written(GRANTS), Level::Error);
    add(&mut scan, "policies/read.json", "", &written(READS), Level::Error);
    add(&mut scan, "policies/mild.json", "", &written(GRANTS), Level::Warning);
    for address in ["undecided", "defect", "suppressed", "known"] {
        add(&mut scan, "plan.json", address, &written(GRANTS), Level::Error);
    }
    for checked in &mut scan.policies {
        let open = Undecided { reason: "two variables".to_owned(), span: None, needed: "a separator".to_owned() };
        for outcome in &mut checked.outcomes {
            match checked.found.address.as_str() {
                "undecided" => outcome.report = Ok(Report::undecided(open.clone())),
                "defect" => outcome.report = Err(Disagreement { what: "a replay".to_owned() }),
                "suppressed" => {
                    let (reason, until) = ("reviewed <b>".to_owned(), Some("2027-01-31".to_owned()));
                    outcome.standing = Standing::Suppressed { reason, until };
                }
                "known" => outcome.standing = Standing::Baselined,
                _ => {}
            }
        }
    }
    skip(&mut scan, Cause::Malformed, "policies/bad.json", None, "a brace is missing");
    skip(&mut scan, Cause::Undetermined, "plan.json", Some("aws_iam_policy.later"), "known only after apply | <i>");
    skip(&mut scan, Cause::NoPolicy, "package.json", None, "holds no policy");
    scan
}

fn add(scan: &mut Scan, file: &str, address: &str, text: &str, level: Level) {
    let options = ReadOptions { kind: Some(Kind::Identity), ..ReadOptions::default() };
    let outcome = stack::read(&mut scan.sources, file, text.as_bytes(), &options);
    let found = Found {
        file: file.to_owned(),
        address: address.to_owned(),
        kind: Some(Kind::Identity),
        resource_type: None,
        span: None,
        document: Written::Whole(Box::new(outcome.document.unwrap())),
        before: Before::Unasked,
        supposed: None,
        diagnostics: outcome.diagnostics,
    };
    let access = vec![Access { actions: vec!["s3:DeleteBucket".to_owned()], resources: Vec::new() }];
    let rule = Rule { name: "critical".to_owned(), level, question: Question::AccessNotGranted { access } };
    let (catalogue, settings) = (Catalogue::embedded(), Settings::default());
    let asking = Asking { catalogue: &catalogue, settings: &settings, strictness: Strictness::Ordinary };
    let outcomes = hold(&found, &[Arc::new(rule)], &asking);
    scan.policies.push(Checked { found, outcomes });
}

fn skip(scan: &mut Scan, cause: Cause, file: &str, address: Option<&str>, reason: &str) {
    scan.skipped.push(Skipped {
        file: file.to_owned(),
        address: address.map(str::to_owned),
        cause,
        reason: reason.to_owned(),
        span: None,
        diagnostics: Vec::new(),
    });
}

/// As reports show it.
pub(crate) fn shown(scan: &Scan, allow_skips: bool) -> Shown<'_> {
    use std::sync::OnceLock;
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    static PATHS: OnceLock<Paths> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(Catalogue::embedded);
    let paths = PATHS.get_or_init(Paths::default);
    Shown { scan, catalogue, allow_skips, overall: Overall::Internal, paths }
}
