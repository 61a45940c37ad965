//! Findings of policies with 1 to 15 Allow statements, each with its own value on each of five keys: as many findings as
//! statements. Times at 5, 10 and 15, as ratios to parsing the document with `serde_json` in the same run.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use keyaki::catalogue::Catalogue;
use keyaki::checks::findings::{Mode, findings};
use keyaki::checks::{Settings, Side};
use keyaki::policy::Kind;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::semantics::zone::Zone;
use keyaki::source::Sources;

/// Statement `n` of the family.
fn statement(n: usize) -> serde_json::Value {
    serde_json::json!({
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::example-bucket",
        "Condition": {
            "StringLike": {
                "aws:PrincipalArn": format!("arn:aws:iam::111122223333:role/reader-{n}-*"),
                "s3:prefix": format!("team-{n}/*"),
            },
            "IpAddress": {"aws:SourceIp": format!("203.0.{n}.0/24")},
            "StringEquals": {
                "aws:SourceVpc": format!("vpc-{n:08x}"),
                "aws:PrincipalOrgID": format!("o-example{n:05}"),
            },
        },
    })
}

fn document(statements: usize) -> String {
    let statements: Vec<serde_json::Value> = (1..=statements).map(statement).collect();
    serde_json::json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// The number of findings, and whether they are proved to be all.
fn count(text: &str, catalogue: &Catalogue, zone: &Zone) -> Option<(usize, bool)> {
    let mut sources = Sources::default();
    let options = ReadOptions { kind: Some(Kind::Resource), ..ReadOptions::default() };
    let policy = read(&mut sources, "policy", text.as_bytes(), &options).policy?;
    // an address and a network exclude each other in requests that can exist: the family is about its labels
    let settings = Settings { realizability: keyaki::checks::Realizability::LikeAws, ..Settings::default() };
    let found = findings(Side::Document(&policy), zone, Mode::Minimal, catalogue, &settings);
    Some((found.findings.len(), found.is_complete()))
}

/// Microseconds of the fastest of a few runs.
fn time(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..runs {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
    }
    best
}

fn main() {
    let catalogue = Catalogue::embedded();
    let Ok(zone) = Zone::parse("999999999999") else { return };
    for statements in 1..=15 {
        let text = document(statements);
        let found = count(&text, &catalogue, &zone);
        let as_many = found == Some((statements, true));
        if !as_many {
            println!("{statements} statements: {found:?}");
        }
        if statements % 5 == 0 {
            let own = time(3, || {
                black_box(count(&text, &catalogue, &zone));
            });
            let parse = time(20, || drop(black_box(serde_json::from_str::<serde_json::Value>(&text))));
            println!(
                "{statements} statements: {:.1} ms, {:.0} times parsing; as many findings: {as_many}",
                own / 1e3,
                own / parse
            );
        }
    }
}
