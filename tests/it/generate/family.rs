//! Adversarial families: questions that grow with a size and are made to be hard for one technique each.
//!
//! A1 to A22 of the solver's notes. Where a family speaks of one string x, x is the key `aws:referer`, which is any text: a
//! list that x is in is the Allow of the new policy, every further list a Deny with the negated operator, and the lists
//! that x is not in are what the existing policy allows. All are asked in the default reading of contested rules: in another
//! (C6) a wildcard in a variable's value solves A14. A19, A21 and A22 are read as follows.
//!
//! - **A19**: a set must hold, for each of n words, a value that contains it (a Deny with `ForAllValues:StringNotLike`
//!   each), while all its values come from a list that lacks one of the words. With `StringLike` a longer value contains
//!   two words, so there is such a set; with `StringEquals` there is none.
//! - **A21**: the new policy allows n words in any letter case and denies them in lower case; the existing one allows them
//!   in lower case only, so what is left is a word with a capital. The variant that passes allows them in any case.
//! - **A22**: a list of n actions, and the same list with one more in the middle; backwards it passes.

#![allow(clippy::needless_pass_by_value, reason = "documents are built from parts that nobody else needs")]

use keyaki::catalogue::Catalogue;
use keyaki::checks::{self, Access, Disagreement, READINGS, Reading, Report, Settings, Work, ask_counting};
use keyaki::policy::Kind;
use keyaki::policy::read::ReadOptions;
use keyaki::request::Caller;
use keyaki::source::Sources;
use keyaki::stack::{self, Document};
use serde_json::{Value, json};

use super::rng::Rng;

/// What is asked.
pub(crate) enum Asked {
    /// Does the second document allow what the first does not?
    NoNewAccess(Value, Value),
    /// Does the stack grant this action?
    Granted(Value, String),
}

/// One question of a family.
pub(crate) struct Question {
    /// What is asked.
    pub(crate) asked: Asked,
    /// Whether some request violates the property; `None` where nobody has worked it out.
    pub(crate) violated: Option<bool>,
}

fn document(json: &Value, reference: bool) -> Document {
    let options = ReadOptions { kind: Some(Kind::Identity), reference, ..ReadOptions::default() };
    stack::read(&mut Sources::default(), "document", json.to_string().as_bytes(), &options).document.unwrap()
}

impl Question {
    /// The answer in the default reading, within the default budget, and the work that it took.
    pub(crate) fn answer(&self) -> (Result<Report, Disagreement>, Work) {
        let mut work = Work::default();
        (self.answer_counting(&mut work), work)
    }

    fn answer_counting(&self, work: &mut Work) -> Result<Report, Disagreement> {
        let catalogue = Catalogue::embedded();
        let fixed = READINGS.into_iter().map(|(_, rule)| (rule, false)).collect();
        let settings = Settings { reading: Reading { fixed }, ..Settings::default() };
        match &self.asked {
            Asked::NoNewAccess(old, new) => {
                let (old, new) = (document(old, true), document(new, false));
                ask_counting(&checks::Question::no_new_access(old.side(), new.side(), &catalogue, &settings), work)
            }
            Asked::Granted(stack, action) => {
                let stack = document(stack, false);
                // service-linked roles are outside the reach of SCPs
                let principal = Caller::parse("arn:aws:iam::111122223333:user/alice").ok();
                let access = Access { actions: vec![action.clone()], resources: Vec::new() };
                let settings = Settings { principal, ..settings };
                let access = [access];
                ask_counting(&checks::Question::access_not_granted(stack.side(), &access, &catalogue, &settings), work)
            }
        }
    }
}

/// Makes the question of a size.
pub(crate) type Make = fn(usize) -> Question;

/// The families by name, with their generators.
pub(crate) const FAMILIES: [(&str, Make); 28] = [
    ("A1 tail counter", tail_counter),
    ("A2 several tails", several_tails),
    ("A3 superstring", superstring),
    ("A4 gaps", gaps),
    ("A5 wide literals", wide_literals),
    ("A6 prefix lists", prefix_lists),
    ("A7 nested deny", nested_deny),
    ("A8 pigeonhole", pigeonhole),
    ("A9 box cover", box_cover),
    ("A10 many stars", many_stars),
    ("A11 order", order),
    ("A12 cycle", cycle),
    ("A13 lengths", lengths),
    ("A14 different variables", different_variables),
    ("A15 variable in the middle", variable_in_the_middle),
    ("A16 cross product", |n| cross_product(n, false)),
    ("A16 cross product with a hole", |n| cross_product(n, true)),
    ("A17 networks", |n| networks(n, false)),
    ("A17 networks with a hole", |n| networks(n, true)),
    ("A18 interleaved exceptions", |n| exceptions(n, false)),
    ("A18 interleaved exceptions with a hole", |n| exceptions(n, true)),
    ("A19 set of words", |n| words(n, true)),
    ("A19 set of equal words", |n| words(n, false)),
    ("A20 layers", |n| layers(n, false)),
    ("A20 layers with a hole", |n| layers(n, true)),
    ("A21 letter case", |n| letter_case(n, true)),
    ("A21 letter case kept", |n| letter_case(n, false)),
    ("A22 near duplicate", near_duplicate),
];

fn policy(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(effect: &str, condition: Value) -> Value {
    json!({"Effect": effect, "Action": "s3:GetObject", "Resource": "*", "Condition": condition})
}

/// x is in each list of `all`, in none of `none`.
fn one_text(all: &[Vec<String>], none: &[String], violated: Option<bool>) -> Question {
    let key = "aws:referer";
    let mut new = Vec::new();
    for (number, list) in all.iter().enumerate() {
        new.push(match number {
            0 => statement("Allow", json!({"StringLike": {key: list}})),
            _ => statement("Deny", json!({"StringNotLike": {key: list}})),
        });
    }
    let old = statement("Allow", json!({"StringLike": {key: none}}));
    Question { asked: Asked::NoNewAccess(policy(vec![old]), policy(new)), violated }
}

/// The nth letter, all different; none is a wildcard or a letter of the other alphabets used here.
fn letter(n: usize) -> char {
    char::from_u32(0x4e00 + n as u32).unwrap()
}

fn tail_counter(n: usize) -> Question {
    let tail = |n: usize| "?".repeat(n);
    one_text(&[vec![format!("*a{}", tail(n))]], &[format!("*aa{}", tail(n - 1)), format!("*a{}", tail(n))], Some(false))
}

fn several_tails(n: usize) -> Question {
    let all: Vec<_> = (1..=n).map(|i| vec![format!("*{}{}", letter(i), "?".repeat(i))]).collect();
    let none: Vec<_> = (1..=n).map(|i| format!("*{0}*{0}*", letter(i))).collect();
    one_text(&all, &none, Some(true))
}

fn superstring(n: usize) -> Question {
    let word = |i: usize| format!("*{}{}{}*", letter(3 * i), letter(3 * i + 1), letter(3 * i + 2));
    let mut all = vec![vec!["?".repeat(3 * n - 1)]];
    all.extend((0..n).map(|i| vec![word(i)]));
    one_text(&all, &["nothing".to_owned()], Some(false))
}

fn gaps(n: usize) -> Question {
    let mut rng = Rng::new(n as u64);
    let positive: String = (0..n).map(|i| format!("{}*", letter(i))).collect::<String>() + &letter(n).to_string();
    let clauses = (n * 426).div_ceil(100);
    let none: Vec<String> = (0..clauses)
        .map(|_| {
            let mut chosen: Vec<usize> = (0..n).collect();
            rng.shuffle(&mut chosen);
            chosen.truncate(3);
            chosen.sort_unstable();
            let gap =
                |i: &usize, wide: bool| format!("{}{}{}", letter(*i), if wide { "?*" } else { "" }, letter(i + 1));
            let parts: Vec<String> = chosen.iter().map(|i| gap(i, rng.chance(1, 2))).collect();
            format!("*{}*", parts.join("*"))
        })
        .collect();
    one_text(&[vec![positive]], &none, None)
}

fn wide_literals(n: usize) -> Question {
    let mut list: Vec<String> = (0..n).map(|i| format!("word-{i}")).collect();
    let forwards = list.clone();
    list.reverse();
    one_text(&[forwards], &list, Some(false))
}

fn prefix_lists(n: usize) -> Question {
    let bucket = |i: usize| format!("arn:aws:s3:::bucket-{:x}", i * 2_654_435_761 % 0xffff_fff1);
    let list = |end: &str| (0..n).map(|i| format!("{}{end}", bucket(i))).collect::<Vec<_>>();
    let allow =
        |list: Vec<String>| policy(vec![json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": list})]);
    Question { asked: Asked::NoNewAccess(allow(list("/*")), allow(list("/team/*"))), violated: Some(false) }
}

fn nested_deny(n: usize) -> Question {
    let step = |i: usize| format!("{}b*", "a".repeat(i));
    let steps: Vec<String> = (0..n).map(step).collect();
    let mut denied = steps.clone();
    denied.push(format!("{}*", "a".repeat(n)));
    let new = policy(vec![
        statement("Allow", json!({"StringLike": {"aws:referer": steps}})),
        statement("Deny", json!({"StringNotLike": {"aws:referer": "a*"}})),
        statement("Deny", json!({"StringLike": {"aws:referer": denied}})),
    ]);
    let old = policy(vec![statement("Allow", json!({"StringLike": {"aws:referer": "nothing"}}))]);
    Question { asked: Asked::NoNewAccess(old, new), violated: Some(false) }
}

fn pigeonhole(n: usize) -> Question {
    let key = |i: usize| format!("aws:PrincipalTag/pigeon{i}");
    let holes: Vec<String> = (0..n).map(|h| format!("hole{h}")).collect();
    let all: serde_json::Map<String, Value> = (0..=n).map(|i| (key(i), json!(holes))).collect();
    let mut new = vec![statement("Allow", json!({"StringEquals": all}))];
    for i in 0..=n {
        for j in i + 1..=n {
            new.extend(
                holes.iter().map(|hole| statement("Deny", json!({"StringEquals": {key(i): hole, key(j): hole}}))),
            );
        }
    }
    let old = statement("Allow", json!({"StringEquals": {"aws:referer": "nothing"}}));
    Question { asked: Asked::NoNewAccess(policy(vec![old]), policy(new)), violated: Some(false) }
}

fn box_cover(n: usize) -> Question {
    let part = |i: usize| if i + 1 == n { format!("{}*", "?".repeat(i)) } else { "?".repeat(i) };
    let keys = ["aws:PrincipalTag/x", "aws:PrincipalTag/y", "aws:PrincipalTag/z"];
    let mut old = Vec::new();
    for x in 0..n {
        for y in 0..n {
            for z in 0..n {
                let condition = json!({keys[0]: part(x), keys[1]: part(y), keys[2]: part(z)});
                old.push(statement("Allow", json!({"StringLike": condition})));
            }
        }
    }
    let everything = json!({"StringLike": {keys[0]: "*", keys[1]: "*", keys[2]: "*"}});
    let new = policy(vec![statement("Allow", everything)]);
    Question { asked: Asked::NoNewAccess(policy(old), new), violated: Some(false) }
}

fn many_stars(n: usize) -> Question {
    let star = |word: &str| format!("*{}", format!("{word}*").repeat(n));
    one_text(&[vec![star("ab")]], &[star("a"), star("b")], Some(false))
}

/// Every letter occurs, and of each pair the one order only.
fn ordered(n: usize) -> (Vec<Vec<String>>, Vec<String>, Vec<usize>) {
    let mut rng = Rng::new(n as u64);
    let mut places: Vec<usize> = (0..n).collect();
    rng.shuffle(&mut places);
    let all = (0..n).map(|i| vec![format!("*{}*", letter(i))]).collect();
    let mut none = Vec::new();
    for (at, later) in places.iter().enumerate() {
        none.extend(places[..at].iter().map(|earlier| format!("*{}*{}*", letter(*later), letter(*earlier))));
    }
    (all, none, places)
}

fn order(n: usize) -> Question {
    let (all, none, _) = ordered(n);
    one_text(&all, &none, Some(true))
}

fn cycle(n: usize) -> Question {
    let (all, mut none, places) = ordered(n);
    none.push(format!("*{}*{}*", letter(places[0]), letter(places[n - 1])));
    one_text(&all, &none, Some(false))
}

fn lengths(n: usize) -> Question {
    let none: Vec<String> =
        (0..=n).map(|i| if i == n { format!("{}*", "?".repeat(n)) } else { "?".repeat(i) }).collect();
    one_text(&[vec!["*".to_owned()]], &none, Some(false))
}

fn different_variables(n: usize) -> Question {
    let key = |i: usize| format!("aws:PrincipalTag/u{i}");
    let home = |i: usize| format!("arn:aws:s3:::b/team/${{{}}}/*", key(i));
    let mut new = vec![json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": home(0)})];
    for i in 0..n {
        new.push(json!({"Effect": "Deny", "Action": "*", "NotResource": home(i)}));
        new.push(
            json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {key(i): "*/*"}}}),
        );
        for j in i + 1..n {
            let equal = json!({"StringEquals": {key(i): format!("${{{}}}", key(j))}});
            new.push(json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": equal}));
        }
    }
    let old = statement("Allow", json!({"StringEquals": {"aws:referer": "nothing"}}));
    Question { asked: Asked::NoNewAccess(policy(vec![old]), policy(new)), violated: Some(false) }
}

fn variable_in_the_middle(n: usize) -> Question {
    let key = "aws:PrincipalTag/u";
    let new = policy(vec![
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b/x${{{key}}}:end")}),
        json!({"Effect": "Deny", "Action": "*", "NotResource": format!("arn:aws:s3:::b/xb:${{{key}}}")}),
        json!({"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"StringNotLike": {key: format!("{}*", "a".repeat(n))}}}),
        json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {key: "*:*"}}}),
    ]);
    let old = statement("Allow", json!({"StringEquals": {"aws:referer": "nothing"}}));
    Question { asked: Asked::NoNewAccess(policy(vec![old]), new), violated: Some(false) }
}

fn cross_product(n: usize, hole: bool) -> Question {
    let action = |i: usize| format!("s3:getx{i}y*");
    let resource = |i: usize| format!("arn:aws:s3:::bucket{i}/*");
    let value = |i: usize| format!("team{i}");
    let one = |a: Value, r: Value, v: Value| {
        json!({"Effect": "Allow", "Action": a, "Resource": r,
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": v}}})
    };
    let mut old = Vec::new();
    for a in 0..n {
        for r in 0..n {
            old.extend((0..n).map(|v| one(json!(action(a)), json!(resource(r)), json!(value(v)))));
        }
    }
    if hole {
        old.remove(0);
    }
    Rng::new(n as u64).shuffle(&mut old);
    let list = |of: &dyn Fn(usize) -> String| json!((0..n).map(of).collect::<Vec<_>>());
    let new = one(list(&action), list(&resource), list(&value));
    Question { asked: Asked::NoNewAccess(policy(old), policy(vec![new])), violated: Some(hole) }
}

/// Networks that part all addresses by random halving; with a hole one of them lacks an address.
fn networks(n: usize, hole: bool) -> Question {
    let mut rng = Rng::new(n as u64);
    let mut parts: Vec<(u32, u32)> = vec![(0, 0)];
    while parts.len() < n {
        let at = rng.below(parts.len());
        let (start, bits) = parts[at];
        if bits < 28 {
            parts[at] = (start, bits + 1);
            parts.push((start | 1 << (31 - bits), bits + 1));
        }
    }
    if hole {
        let (start, bits) = parts.remove(0);
        // all of the network but its first address
        parts.extend((bits..32).map(|bit| (start | 1 << (31 - bit), bit + 1)));
    }
    let text = |(start, bits): &(u32, u32)| format!("{}/{bits}", std::net::Ipv4Addr::from(*start));
    let old: Vec<String> = parts.iter().map(text).collect();
    let allow = |list: Value| policy(vec![statement("Allow", json!({"IpAddress": {"aws:SourceIp": list}}))]);
    Question { asked: Asked::NoNewAccess(allow(json!(old)), allow(json!("0.0.0.0/0"))), violated: Some(hole) }
}

fn exceptions(n: usize, hole: bool) -> Question {
    let third = |part: usize, text: &dyn Fn(usize) -> String| (part..3 * n).step_by(3).map(text).collect::<Vec<_>>();
    let action = |i: usize| format!("s3:p{i}x*");
    let resource = |i: usize| format!("arn:aws:s3:::p{i}x*");
    let one = |part: usize, reversed: bool| {
        let (mut actions, mut resources) = (third(part, &action), third(part, &resource));
        if reversed {
            actions.reverse();
            resources.reverse();
        }
        json!({"Effect": "Allow", "NotAction": actions, "NotResource": resources})
    };
    let new = (0..3).map(|part| one(part, false)).collect();
    let old = (0..3).rev().skip(usize::from(hole)).map(|part| one(part, true)).collect();
    Question { asked: Asked::NoNewAccess(policy(old), policy(new)), violated: Some(hole) }
}

fn words(n: usize, like: bool) -> Question {
    let word = |i: usize| if like { format!("*word{}*", letter(i)) } else { format!("word{}", letter(i)) };
    let base = if like { "StringLike" } else { "StringEquals" };
    let negated = if like { "StringNotLike" } else { "StringNotEquals" };
    let listed: Vec<String> = (1..n).map(word).collect();
    let mut new = vec![statement(
        "Allow",
        json!({format!("ForAllValues:{base}"): {"aws:TagKeys": listed}, "Null": {"aws:TagKeys": "false"}}),
    )];
    new.extend((0..n).map(|i| statement("Deny", json!({format!("ForAllValues:{negated}"): {"aws:TagKeys": word(i)}}))));
    let old = statement("Allow", json!({"StringEquals": {"aws:referer": "nothing"}}));
    Question { asked: Asked::NoNewAccess(policy(vec![old]), policy(new)), violated: Some(like) }
}

fn layers(n: usize, hole: bool) -> Question {
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let level = |i: usize| {
        let rest = json!({"Effect": "Allow", "NotAction": format!("service{i}:*"), "Resource": "*"});
        json!([policy(vec![rest])])
    };
    let stack = json!({"identity": [policy(vec![everything])], "scps": (0..n).map(level).collect::<Vec<_>>()});
    let asked = if hole { n } else { n / 2 };
    Question { asked: Asked::Granted(stack, format!("service{asked}:get*")), violated: Some(hole) }
}

fn letter_case(n: usize, lower_only: bool) -> Question {
    let words: Vec<String> = (0..n).map(|i| format!("word-{i}")).collect();
    let mixed: Vec<String> =
        words.iter().enumerate().map(|(i, word)| if i % 2 == 0 { word.to_uppercase() } else { word.clone() }).collect();
    let condition = |operator: &str, list: &[String]| json!({operator: {"aws:referer": list}});
    let new = policy(vec![
        statement("Allow", condition("StringEqualsIgnoreCase", &mixed)),
        statement("Deny", condition("StringEquals", &words)),
    ]);
    let operator = if lower_only { "StringEquals" } else { "StringEqualsIgnoreCase" };
    let old = policy(vec![statement("Allow", condition(operator, &words))]);
    Question { asked: Asked::NoNewAccess(old, new), violated: Some(lower_only) }
}

fn near_duplicate(n: usize) -> Question {
    let mut actions: Vec<String> = (0..n).map(|i| format!("service{}:Action{i}", i % 97)).collect();
    let allow = |list: &[String]| policy(vec![json!({"Effect": "Allow", "Action": list, "Resource": "*"})]);
    let old = allow(&actions);
    actions.insert(n / 2, "service0:OneMore".to_owned());
    Question { asked: Asked::NoNewAccess(old, allow(&actions)), violated: Some(true) }
}
