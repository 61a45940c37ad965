//! Growth: how the time of a question grows when its documents double, from text to verdict. Each family is asked as a
//! PASS and as a FAIL; a factor near 2 is linear.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod measure;

use std::fmt::Write as _;

use keyaki::catalogue::Catalogue;
use keyaki::checks::{Question, Settings, Verdict, verdict};
use keyaki::policy::Kind;
use keyaki::policy::read::ReadOptions;
use keyaki::source::Sources;
use keyaki::stack::{self, Document};
use measure::best;

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

fn main() {
    println!("text to verdict; `new` is `old` backwards (PASS), or has one entry more (FAIL)");
    for (name, most, make) in FAMILIES {
        let mut last: [f64; 2] = [0.0; 2];
        let mut count = most / 16;
        while count <= most {
            let (old, new, more) = (make(count, false), make(count, true), make(count + 1, true));
            let mut row = format!("{name:<28} {count:>6}");
            for (index, (new, wanted)) in [(&new, Verdict::Pass), (&more, Verdict::Fail)].into_iter().enumerate() {
                let mut found = None;
                let micros = best(3, || found = ask(&old, new));
                assert_eq!(found, Some(wanted), "{name} {count}");
                let before = last.get(index).copied().unwrap_or(0.0);
                let factor = if before > 0.0 { format!("{:.2}", micros / before) } else { "-".to_owned() };
                let _ = write!(row, "  {wanted:?} {:>9.2} ms  x{factor:<5}", micros / 1e3);
                if let Some(slot) = last.get_mut(index) {
                    *slot = micros;
                }
            }
            println!("{row}");
            count *= 2;
        }
    }
}
