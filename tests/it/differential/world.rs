//! Documents, stacks, requests and readings carried from JSON into the product, and back.

use keyaki::policy::read::{ReadOptions, read};
use keyaki::policy::{Kind, Policy};
use keyaki::request::{Caller, Request};
use keyaki::semantics::Contested;
use keyaki::semantics::authorization::Stack;
use keyaki::semantics::concrete::derived_keys;
use keyaki::semantics::document::Position;
use keyaki::source::Sources;
use serde_json::{Value, json};

use crate::reference::{Exempt, Readings, Role};

/// The seeds of a test: as many as asked for, from `KEYAKI_FROM`.
pub(super) fn seeds(default: u64) -> std::ops::Range<u64> {
    let from = std::env::var("KEYAKI_FROM").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    from..from + crate::generate::cases(default)
}

/// The product's name of a kind.
pub(super) fn kind_of(name: &str) -> Kind {
    match name {
        "identity" => Kind::Identity,
        "boundary" => Kind::Boundary,
        "session" => Kind::Session,
        "scp" => Kind::ServiceControl,
        "rcp" => Kind::ResourceControl,
        "resource" => Kind::Resource,
        "trust" => Kind::Trust,
        "vpce" => Kind::Endpoint,
        other => panic!("unknown kind {other}"),
    }
}

/// A position and the role that the reference calls it.
pub(super) const POSITIONS: [(Position, Role); 2] =
    [(Position::UnderTest, Role::UnderTest), (Position::Reference, Role::Reference)];

/// Reads one document, in which nothing is fatal.
pub(crate) fn policy(sources: &mut Sources, json: &Value, kind: &str, position: Position) -> Policy {
    let options = ReadOptions {
        kind: Some(kind_of(kind)),
        lenient: true,
        reference: position == Position::Reference,
        ..ReadOptions::default()
    };
    let outcome = read(sources, "random", json.to_string().as_bytes(), &options);
    outcome.policy.unwrap_or_else(|| panic!("refused, {kind}: {json}\n{:#?}", outcome.diagnostics))
}

/// Reads a stack.
pub(super) fn stack(sources: &mut Sources, json: &Value, position: Position) -> Stack {
    let list = |member: &str| match json.get(member) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(item) => vec![item.clone()],
    };
    let mut read = |json: &Value, kind: &str| policy(sources, json, kind, position);
    let mut all = |member: &str, kind: &str| list(member).iter().map(|json| read(json, kind)).collect::<Vec<_>>();
    let (identity, session) = (all("identity", "identity"), all("session", "session"));
    let (boundary, endpoint) = (all("boundary", "boundary").pop(), all("endpoint", "vpce").pop());
    let resource = list("resource").pop().map(|json| {
        let kind = if is_trust(&json) { "trust" } else { "resource" };
        policy(sources, &json, kind, position)
    });
    let mut levels = |member: &str, kind: &str| -> Vec<Vec<Policy>> {
        let levels = list(member).into_iter();
        levels
            .map(|level| {
                crate::generate::list_of(&level).iter().map(|json| policy(sources, json, kind, position)).collect()
            })
            .collect()
    };
    let (scps, rcps) = (levels("scps", "scp"), levels("rcps", "rcp"));
    let management_account = json["managementAccount"].as_str().map(str::to_owned);
    Stack { identity, resource, scps, rcps, boundary, session, endpoint, management_account }
}

/// A role's trust policy has no Resource.
fn is_trust(document: &Value) -> bool {
    let statements = crate::generate::list_of(&document["Statement"]);
    statements.iter().all(|statement| statement.get("Resource").is_none() && statement.get("NotResource").is_none())
}

/// A request read by the product.
pub(super) fn request(json: &Value) -> Request {
    Request::from_json(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// The request as the reference wants it: with the keys that follow from the caller, which it never derives.
pub(super) fn explicit(request: &Request) -> Value {
    let mut json = request.to_json();
    if request.principal_in_management_account || request.resource_in_management_account {
        json["env"] = json!({
            "principalInManagementAccount": request.principal_in_management_account,
            "resourceInManagementAccount": request.resource_in_management_account,
        });
    }
    for (key, value) in derived_keys(request) {
        json["context"][key] = json!(value);
    }
    json
}

/// As [`explicit`], but the path of a session's role stays unknown where the request does not know it.
pub(super) fn explicit_pathless(request: &Request) -> Value {
    let mut json = explicit(request);
    let unknown = matches!(&request.principal, Caller::Session { path: None, .. });
    if unknown && !request.context.contains_key("aws:principalarn") {
        json["context"].as_object_mut().unwrap().shift_remove("aws:principalarn");
    }
    json
}

/// The other readings of the reference as the product names them.
pub(super) fn contested(readings: &Readings) -> Vec<Contested> {
    let flags = [
        (readings.c1 == Exempt::EveryLevel, Contested::C1R2),
        (readings.c1 == Exempt::EveryLevelButSession, Contested::C1R3),
        (readings.c2, Contested::C2),
        (readings.c3, Contested::C3),
        (readings.c4, Contested::C4),
        (readings.c5, Contested::C5),
        (readings.c6, Contested::C6),
        (readings.c7, Contested::C7),
        (readings.c8, Contested::C8),
        (readings.c9, Contested::C9),
        (readings.c10, Contested::C10),
        (readings.c12, Contested::C12),
        (readings.c15, Contested::C15),
        (readings.c16, Contested::C16),
        (readings.c17, Contested::C17),
    ];
    flags.into_iter().filter(|(on, _)| *on).map(|(_, rule)| rule).collect()
}

/// Every contested rule but C14, which only says which requests exist.
pub(super) const RULES: [Contested; 16] = [
    Contested::C1R2,
    Contested::C1R3,
    Contested::C2,
    Contested::C3,
    Contested::C4,
    Contested::C5,
    Contested::C6,
    Contested::C7,
    Contested::C8,
    Contested::C9,
    Contested::C10,
    Contested::C12,
    Contested::C14,
    Contested::C15,
    Contested::C16,
    Contested::C17,
];

/// Every reading of one rule, and the default.
pub(super) fn all_readings() -> Vec<Readings> {
    let rules = (1..=17).flat_map(|n| crate::reference::others(&format!("C{n}")));
    [Readings::default()].into_iter().chain(rules).collect()
}

/// What the tests of this folder gather: figures by name, and what went wrong.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) figures: std::collections::BTreeMap<String, u64>,
    pub(super) wrong: Vec<String>,
}

impl Tally {
    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.figures.entry(what.into()).or_default() += 1;
    }

    pub(super) fn wrong(&mut self, what: String) {
        self.count("WRONG");
        if self.wrong.len() < 5 {
            self.wrong.push(what);
        }
    }

    /// Prints the figures; fails if something was wrong.
    pub(super) fn end(self, name: &str) {
        println!("{name}: {:#?}", self.figures);
        assert!(
            self.wrong.is_empty(),
            "{name}: {} wrong, for example\n{}",
            self.figures["WRONG"],
            self.wrong.join("\n----\n")
        );
    }
}
