//! Packs, as a list and as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::packs::{Pack, Property};
use crate::report::json::{SCHEMA, policy_type};
use crate::report::paint::{Ink, Paint};

/// One line for each pack.
pub fn list(packs: &[Pack], paint: Paint) -> String {
    let width = packs.iter().map(|pack| pack.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for pack in packs {
        let name = paint.paint(Ink::Open, &format!("{:<width$}", pack.name));
        out.push_str(&format!("{name}  {}\n", pack.title));
    }
    out.push_str(&format!("\n{} packs. `keyaki packs NAME` shows the page of one.\n", packs.len()));
    out
}

#[derive(Serialize)]
struct ListJson {
    packs: Vec<PackJson>,
    schema: &'static str,
}

#[derive(Serialize)]
struct PackJson {
    name: &'static str,
    title: &'static str,
}

#[derive(Serialize)]
struct PageJson {
    name: &'static str,
    title: &'static str,
    page: &'static str,
    /// By the service's name of the kind.
    references: BTreeMap<&'static str, serde_json::Value>,
    schema: &'static str,
}

/// All packs as one JSON object.
pub fn list_json(packs: &[Pack]) -> String {
    let packs = packs.iter().map(|pack| PackJson { name: pack.name, title: pack.title }).collect();
    encode(&ListJson { packs, schema: SCHEMA })
}

/// The page of a pack as one JSON object.
pub fn page_json(pack: &Pack) -> String {
    let mut references = BTreeMap::new();
    for demand in &pack.demands {
        if let Property::Within(text) = demand.property {
            let document = serde_json::from_str(text).unwrap_or_default();
            references
                .extend(demand.kinds.iter().map(|kind| (policy_type(*kind), serde_json::Value::clone(&document))));
        }
    }
    encode(&PageJson { name: pack.name, title: pack.title, page: pack.page, references, schema: SCHEMA })
}

/// Texts and lists always encode.
fn encode(value: &impl Serialize) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap_or_default())
}
