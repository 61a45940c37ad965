//! Random documents, valid for their kind (spec 2.4): nothing in them is fatal.

use super::rng::Rng;
use super::world::*;
use super::{condition, grammar};
use serde_json::{Map, Value, json};

/// Every kind of document.
pub(crate) const KINDS: [&str; 8] = ["identity", "boundary", "session", "scp", "resource", "trust", "rcp", "vpce"];

/// What documents may contain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Policy variables.
    pub(crate) variables: bool,
    /// Kinds that have a Principal element.
    pub(crate) principals: bool,
    /// Constructs with an error diagnostic that is not fatal.
    pub(crate) errors: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { variables: true, principals: true, errors: true }
    }
}

impl Options {
    pub(super) fn kinds(&self) -> &'static [&'static str] {
        if self.principals { &KINDS } else { &KINDS[..4] }
    }
}

/// A document of one to three statements.
pub(super) fn document_of(rng: &mut Rng, kind: &'static str, options: &Options) -> Value {
    let count = *rng.pick(&[1, 1, 2, 2, 2, 3]);
    let mut statements: Vec<Value> = (0..count).map(|_| statement(rng, kind, options)).collect();
    for (index, statement) in statements.iter_mut().enumerate().filter(|_| rng.chance(1, 5)) {
        statement["Sid"] = json!(format!("S{index}"));
    }
    let mut document = Map::new();
    if kind == "rcp" || rng.chance(9, 10) {
        document.insert("Version".into(), json!("2012-10-17"));
    } else if rng.chance(1, 2) {
        document.insert("Version".into(), json!("2008-10-17"));
    }
    let single = statements.len() == 1 && rng.chance(1, 4);
    document.insert("Statement".into(), if single { statements.remove(0) } else { json!(statements) });
    Value::Object(document)
}

/// One statement.
pub(super) fn statement(rng: &mut Rng, kind: &'static str, options: &Options) -> Value {
    let deny = kind == "rcp" || rng.chance(1, 3);
    let mut statement = Map::new();
    statement.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
    if grammar::has_principal(kind) {
        let (name, element) = principal(rng, kind, deny, options);
        statement.insert(name.into(), element);
    }
    let not = kind != "rcp" && kind != "trust" && rng.chance(1, 10);
    statement.insert(if not { "NotAction" } else { "Action" }.into(), actions(rng, kind, not, options));
    if kind != "trust" {
        let not = rng.chance(1, 8);
        statement.insert(if not { "NotResource" } else { "Resource" }.into(), resources(rng, kind, options));
    }
    if rng.chance(1, 2) {
        statement.insert("Condition".into(), condition::block(rng, options));
    }
    Value::Object(statement)
}

/// One string, or a list of up to three.
fn one_or_more(rng: &mut Rng, mut pick: impl FnMut(&mut Rng) -> String) -> Value {
    if rng.chance(1, 2) {
        return json!(pick(rng));
    }
    let items: Vec<String> = (0..rng.between(1, 3)).map(|_| pick(rng)).collect();
    json!(items)
}

fn actions(rng: &mut Rng, kind: &str, not: bool, options: &Options) -> Value {
    if options.errors && kind != "rcp" && rng.chance(1, 60) {
        return json!(["GetObject", "s3:Get Object", "s3:GetObject"]);
    }
    if vendor_wildcards(kind) && !not && options.errors && rng.chance(1, 60) {
        return json!("s?:GetObject"); // no error there is fatal (spec 2.6); what it means in NotAction is left open
    }
    let trust = kind == "trust";
    one_or_more(rng, |rng| action(rng, trust, kind == "rcp"))
}

/// Kinds where a wildcard in the service's name is not fatal (spec 2.6).
pub(super) fn vendor_wildcards(kind: &str) -> bool {
    matches!(kind, "scp" | "resource" | "vpce")
}

/// One action pattern; an RCP's names its service (spec 2.4).
pub(super) fn action(rng: &mut Rng, trust: bool, service: bool) -> String {
    let text = match rng.below(5) {
        _ if trust => *rng.pick(&TRUST_ACTIONS),
        0..2 => *rng.pick(&ACTIONS),
        _ => *rng.pick(if service { &ACTION_PATTERNS[1..] } else { &ACTION_PATTERNS }),
    };
    match text.split_once(':') {
        Some((vendor, name)) if !trust && rng.chance(1, 4) => format!("{vendor}:{}", blur(rng, name)),
        Some(_) | None => text.to_owned(),
    }
}

fn resources(rng: &mut Rng, kind: &str, options: &Options) -> Value {
    one_or_more(rng, |rng| resource(rng, kind, options))
}

/// One resource pattern; a short ARN outside identity policies is an error (spec 3.2).
pub(super) fn resource(rng: &mut Rng, kind: &str, options: &Options) -> String {
    let short = options.errors || matches!(kind, "identity" | "boundary");
    loop {
        let text = any_resource(rng, options);
        if short || text == "*" || text.split(':').count() >= 6 {
            return text;
        }
    }
}

fn any_resource(rng: &mut Rng, options: &Options) -> String {
    if options.variables && rng.chance(1, 8) {
        return (*rng.pick(&VARIABLE_RESOURCES)).to_owned();
    }
    let exact = rng.chance(1, 3);
    let text = *rng.pick(if exact { &RESOURCES[..] } else { &RESOURCE_PATTERNS });
    let cut = text.match_indices(':').nth(4).map(|(at, _)| at + 1);
    match cut {
        Some(at) if rng.chance(1, 4) => format!("{}{}", &text[..at], blur(rng, &text[at..])),
        Some(_) | None => text.to_owned(),
    }
}

/// Puts one wildcard in: a letter becomes `?` or `*`, or a `*` comes in between, or replaces the end.
pub(super) fn blur(rng: &mut Rng, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = rng.below(letters.len().max(1));
    match rng.below(4) {
        0 if !letters.is_empty() => letters[at] = '?',
        1 if !letters.is_empty() => letters[at] = '*',
        2 => letters.insert(at, '*'),
        _ => {
            letters.truncate(at);
            letters.push('*');
        }
    }
    letters.into_iter().collect()
}

/// The name and value of a principal element.
pub(super) fn principal(rng: &mut Rng, kind: &str, deny: bool, options: &Options) -> (&'static str, Value) {
    let no_star = kind == "trust" && !options.errors; // TRUST_STAR (spec 2.9)
    if kind == "rcp" || (kind == "vpce" && rng.chance(3, 4)) || (!no_star && rng.chance(1, 6)) {
        return ("Principal", json!("*"));
    }
    let names = if no_star { &NAMES[1..] } else { &NAMES[..] };
    let not = kind != "trust" && deny && rng.chance(1, 2);
    let not = not || (kind == "resource" && options.errors && rng.chance(1, 40));
    let name = if not { "NotPrincipal" } else { "Principal" };
    if rng.chance(1, 10) {
        return (name, json!(*rng.pick(names))); // a bare string (spec 2.5)
    }
    let mut members = Map::new();
    if rng.chance(4, 5) {
        members.insert("AWS".into(), one_or_more(rng, |rng| aws_name(rng, names, options)));
    }
    if rng.chance(1, 4) {
        let wild = options.errors && !not && rng.chance(1, 12);
        let service = if wild { "*" } else { *rng.pick(&SERVICES) };
        members.insert("Service".into(), json!(service));
    }
    if kind == "trust" && (members.is_empty() || rng.chance(1, 3)) {
        let wild = options.errors && rng.chance(1, 8);
        members.insert("Federated".into(), json!(if wild { "*" } else { *rng.pick(&PROVIDERS) }));
    }
    if members.is_empty() {
        members.insert("AWS".into(), json!(*rng.pick(names)));
    }
    (name, Value::Object(members))
}

fn aws_name(rng: &mut Rng, names: &[&str], options: &Options) -> String {
    let bad = options.errors && rng.chance(1, 20);
    (*rng.pick(if bad { &BAD_NAMES[..] } else { names })).to_owned()
}
