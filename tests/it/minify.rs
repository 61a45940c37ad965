//! Redundancies and minimal documents of real policies.

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Settings, redundancy};
use keyaki::policy::read::{ReadOptions, read};
use keyaki::source::Sources;
use std::time::Instant;

use crate::data::shared;

#[test]
fn measure() {
    let Some(text) = shared("data/managed-policies.jsonl.gz") else { return };
    let catalogue = Catalogue::embedded();
    let from: usize = std::env::var("FROM").ok().map_or(0, |t| t.parse().unwrap());
    let to: usize = std::env::var("TO").ok().map_or(20, |t| t.parse().unwrap());
    let only = std::env::var("ONLY").ok();
    for line in text.lines().skip(from).take(to - from) {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        if only.as_ref().is_some_and(|only| row["name"] != only.as_str()) {
            continue;
        }
        let mut sources = Sources::default();
        let policy =
            read(&mut sources, "p", row["document"].to_string().as_bytes(), &ReadOptions::default()).policy.unwrap();
        let start = Instant::now();
        let found = redundancy(&policy, &catalogue, &Settings::default());
        let text = sources.shared(policy.file);
        let show =
            |s: keyaki::source::Span| text[s.start as usize..s.end as usize].chars().take(60).collect::<String>();
        println!(
            "{:>7} ms {} places {} unopposed {:?} idle {} complete {} {:?}",
            start.elapsed().as_millis(),
            row["name"],
            found.places.len(),
            found.unopposed,
            found.idle,
            found.complete,
            found.assumptions
        );
        for r in &found.places {
            let by = match &r.cause {
                keyaki::checks::RedundancyCause::List { entry: Some(s) } => show(*s),
                other => format!("{other:?}").chars().take(150).collect(),
            };
            println!("      {:?} {} <- {by}", r.place.element, show(r.place.span));
        }
    }
}
