//! `keyaki diff`: the parts of real differences, held against the solver again.

use std::time::Instant;

use keyaki::catalogue::Catalogue;
use keyaki::checks::diff::{Difference, diff, reviewed};
use keyaki::checks::{Settings, Side};
use keyaki::policy::Kind;
use keyaki::policy::read::{ReadOptions, read};
use keyaki::source::Sources;
use serde_json::Value;

use crate::data::shared;

#[test]
fn parts_of_real_updates() {
    let Some(updates) = shared("data/policy-updates.jsonl.gz") else { return };
    let take: usize = std::env::var("KEYAKI_UPDATES").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let lines: Vec<&str> = updates.lines().collect();
    let step = lines.len() / take;
    let mut rows = Vec::new();
    for line in lines.iter().step_by(step).take(take) {
        let update: Value = serde_json::from_str(line).unwrap();
        let mut sources = Sources::default();
        let options = ReadOptions { kind: Some(Kind::Identity), reference: true, ..ReadOptions::default() };
        let mut policy = |name: &str| read(&mut sources, name, update[name].to_string().as_bytes(), &options).policy.unwrap();
        let (old, new) = (policy("old"), policy("new"));
        let catalogue = Catalogue::embedded();
        let settings = Settings::default();
        let (old, new) = (Side::Document(&old), Side::Document(&new));
        let start = Instant::now();
        let found = diff(old, new, &catalogue, &settings).unwrap();
        let time = start.elapsed();
        let again = reviewed(old, new, &catalogue, &settings, &found);
        for review in &again { if !review.is_covered || !review.outside.is_empty() { println!("  !! {review:?}"); } }
        let show = |d: &Difference| for part in &d.parts { 
            let c = &part.cube;
            println!("   {:?} !{:?} on {:?} !{:?} when {:?} {:?}", c.actions.only.as_ref().map(|l| l.iter().map(|e| &*e.entry.text).collect::<Vec<_>>()), c.actions.except.iter().map(|e| &*e.entry.text).collect::<Vec<_>>(), c.resources.only.as_ref().map(|l| l.iter().map(|e| &*e.entry.text).collect::<Vec<_>>()), c.resources.except.iter().map(|e| &*e.entry.text).collect::<Vec<_>>(), c.conditions.iter().map(|c| (c.negated, c.operator(), &c.clause.key, c.values())).collect::<Vec<_>>(), part.note); };
        println!("{} {:?} gained {} lost {} {:?}", update["id"], time, found.gained.parts.len(), found.lost.parts.len(), (&found.gained.unknown, &found.lost.unknown));
        println!(" +"); show(&found.gained); println!(" -"); show(&found.lost);
        rows.push((time, found.gained.parts.len() + found.lost.parts.len()));
    }
    rows.sort();
    println!("median {:?} max {:?}", rows[rows.len() / 2], rows.last());
    let mut n: Vec<usize> = rows.iter().map(|r| r.1).collect(); n.sort();
    println!("parts median {:?} max {:?}", n[n.len() / 2], n.last());
}
