//! Growth: how the time of a question grows when its documents double, from text to verdict. Each family is asked as a
//! PASS and as a FAIL; a factor near 2 is linear.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::fmt::Write as _;
use std::process::Command;

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Question, Settings, Verdict, verdict};
use keyaki::policy::Kind;
use keyaki::policy::read::ReadOptions;
use keyaki::source::Sources;
use keyaki::stack::{self, Document};
use measure::micros;

/// How often each size is measured.
const ROUNDS: usize = 40;

/// The argument that asks for one size alone.
const ALONE: &str = "--alone";

/// A family: its name, its largest size, and the document of a size, forwards or backwards.
type Family = (&'static str, usize, fn(usize, bool) -> String);

const FAMILIES: [Family; 7] = [
    ("literal actions in one list", 20_000, actions),
    ("resources in one list", 20_000, resources),
    ("statements", 10_000, statements),
    ("values of one key", 20_000, values),
    ("actions times resources", 128, product),
    ("keys of one statement", 512, keys),
    ("layers of a stack", 64, layers),
];

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn list(count: usize, backwards: bool, entry: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for at in 0..count {
        let at = if backwards { count - 1 - at } else { at };
        let _ = write!(text, "{}{}", if text.is_empty() { "" } else { "," }, entry(at));
    }
    text
}

fn actions(count: usize, backwards: bool) -> String {
    let entries = list(count, backwards, |at| format!(r#""s3:GetThing{at}""#));
    document(&format!(r#"{{"Effect":"Allow","Action":[{entries}],"Resource":"*"}}"#))
}

fn resources(count: usize, backwards: bool) -> String {
    let entries = list(count, backwards, |at| format!(r#""arn:aws:s3:::bucket-{at}/home/*""#));
    document(&format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":[{entries}]}}"#))
}

fn statements(count: usize, backwards: bool) -> String {
    document(&list(count, backwards, |at| {
        format!(r#"{{"Effect":"Allow","Action":"s3:GetThing{at}","Resource":"arn:aws:s3:::bucket-{at}/*"}}"#)
    }))
}

fn values(count: usize, backwards: bool) -> String {
    let entries = list(count, backwards, |at| format!(r#""value-{at}""#));
    document(&format!(
        r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":[{entries}]}}}}}}"#
    ))
}

fn product(count: usize, backwards: bool) -> String {
    let actions = list(count, backwards, |at| format!(r#""s3:GetThing{at}""#));
    let resources = list(count, !backwards, |at| format!(r#""arn:aws:s3:::bucket-{at}/*""#));
    document(&format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":[{resources}]}}"#))
}

/// An even number of keys in the condition of one statement; one more is a statement more.
fn keys(count: usize, backwards: bool) -> String {
    let conditions = list(count & !1, backwards, |at| format!(r#""aws:PrincipalTag/key-{at}":"value""#));
    let more = if count.is_multiple_of(2) { "" } else { r#",{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"# };
    document(&format!(
        r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{"StringEquals":{{{conditions}}}}}}}{more}"#
    ))
}

/// An even number of SCP levels above an identity policy that allows everything; one more is an action more in all.
fn layers(count: usize, backwards: bool) -> String {
    let more = if count.is_multiple_of(2) { "" } else { r#","iam:*""# };
    let level = |at| {
        let actions = format!(r#"["s3:*","sqs:GetThing{at}"{more}]"#);
        format!("[{}]", document(&format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"*"}}"#)))
    };
    let levels = list(count & !1, backwards, level);
    let own = document(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    format!(r#"{{"identity":[{own}],"scps":[{levels}]}}"#)
}

fn read_side(text: &str, reference: bool) -> Option<Document> {
    let options = ReadOptions { kind: Some(Kind::Identity), reference, ..ReadOptions::default() };
    stack::read(&mut Sources::default(), "document", text.as_bytes(), &options).document
}

fn ask(old: &str, new: &str) -> Option<Verdict> {
    let (old, new) = (read_side(old, true)?, read_side(new, false)?);
    let (catalogue, settings) = (&Catalogue::embedded(), &Settings::default());
    let (existing, asked) = (Some(old.side()), new.side());
    verdict(&Question { catalogue, existing, asked, access: &[], outsiders: None, settings }).ok()
}

/// Milliseconds of one question, the faster of two: what this program prints when it is run for a size alone.
fn measure_one(family: &str, count: usize, wanted: Verdict) -> Option<f64> {
    let (.., make) = FAMILIES.iter().find(|(name, ..)| *name == family)?;
    let (old, new) = (make(count, false), make(count + usize::from(wanted == Verdict::Fail), true));
    let once = || {
        let mut found = None;
        let taken = micros(|| found = ask(&old, &new)) / 1e3;
        (found == Some(wanted)).then_some(taken)
    };
    Some(once()?.min(once()?))
}

/// The fastest of a few runs of every size of a family: of the question that passes and of the one that fails. Every size
/// is asked in a process of its own, as users ask, and each round asks all sizes, so that a machine that slows down for a
/// while slows all of them down.
fn measure_family(family: &str, sizes: &[usize]) -> Vec<[f64; 2]> {
    let alone = |count: &usize, wanted: &str| {
        let output =
            Command::new(std::env::current_exe().ok()?).args([ALONE, family, &count.to_string(), wanted]).output();
        String::from_utf8(output.ok()?.stdout).ok()?.trim().parse::<f64>().ok()
    };
    let mut fastest = vec![[f64::MAX; 2]; sizes.len()];
    for _ in 0..ROUNDS {
        for (count, fastest) in sizes.iter().zip(&mut fastest) {
            for (wanted, fastest) in ["PASS", "FAIL"].iter().zip(fastest) {
                let taken = alone(count, wanted);
                assert!(taken.is_some(), "{family} {count}: not {wanted}");
                *fastest = fastest.min(taken.unwrap_or(f64::MAX));
            }
        }
    }
    fastest
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, alone, family, count, wanted] = arguments.as_slice()
        && alone == ALONE
    {
        let wanted = if wanted == "PASS" { Verdict::Pass } else { Verdict::Fail };
        if let Some(taken) = count.parse().ok().and_then(|count| measure_one(family, count, wanted)) {
            println!("{taken}");
        }
        return;
    }
    println!("text to verdict; `new` is `old` backwards (PASS), or has one entry more (FAIL)");
    for (name, most, _) in FAMILIES {
        let sizes: Vec<usize> = (0..5).map(|halved| most >> (4 - halved)).collect();
        let rows = measure_family(name, &sizes);
        let mut last = None;
        for (count, [pass, fail]) in sizes.iter().zip(&rows) {
            let factor = last.map_or_else(String::new, |[p, f]: [f64; 2]| format!("x{:.2} x{:.2}", pass / p, fail / f));
            println!("{name:<28} {count:>6}  PASS {pass:>8.2} ms  FAIL {fail:>8.2} ms  {factor}");
            last = Some([*pass, *fail]);
        }
        if let [[first_pass, first_fail], .., [pass, fail]] = rows.as_slice() {
            let mean = |ratio: f64| ratio.powf(0.25);
            println!("{name:<28}   mean  x{:.2} x{:.2}", mean(pass / first_pass), mean(fail / first_fail));
        }
    }
}
