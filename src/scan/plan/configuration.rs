//! The configuration inside a plan: what expressions refer to.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Node;
use crate::scan::plan::{Resource, Step};

/// Calls followed from module to module at most.
const MOST_HOPS: usize = 16;

/// The expressions of a plan's configuration, by module (without instance keys) and address in it.
#[derive(Default)]
pub(super) struct Configuration<'n, 't> {
    resources: BTreeMap<(String, String), &'n Node<'t>>,
    /// Of the arguments of module calls: the calling module, the name of the call.
    calls: BTreeMap<(String, String), &'n Node<'t>>,
    /// Of outputs: the module, the name.
    outputs: BTreeMap<(String, String), &'n Node<'t>>,
}

impl<'n, 't> Configuration<'n, 't> {
    pub(super) fn of(root: &'n Node<'t>) -> Self {
        let mut out = Configuration::default();
        if let Some(module) = root.get("configuration").and_then(|configuration| configuration.get("root_module")) {
            out.module("", module, 0);
        }
        out
    }

    fn module(&mut self, path: &str, module: &'n Node<'t>, depth: usize) {
        if depth > MOST_HOPS {
            return;
        }
        for node in module.get("resources").and_then(Node::as_array).unwrap_or_default() {
            if let (Some(address), Some(expressions)) =
                (node.get("address").and_then(Node::as_str), node.get("expressions"))
            {
                self.resources.insert((path.to_owned(), address.to_owned()), expressions);
            }
        }
        for output in module.get("outputs").and_then(Node::as_object).unwrap_or_default() {
            if let Some(expression) = output.value.get("expression") {
                self.outputs.insert((path.to_owned(), output.key.to_string()), expression);
            }
        }
        for call in module.get("module_calls").and_then(Node::as_object).unwrap_or_default() {
            if let Some(expressions) = call.value.get("expressions") {
                self.calls.insert((path.to_owned(), call.key.to_string()), expressions);
            }
            if let Some(inner) = call.value.get("module") {
                self.module(&inside(path, &call.key), inner, depth + 1);
            }
        }
    }

    /// Whether the configuration sets an attribute; `None` if it does not show the resource. What it does not set is the
    /// provider's.
    pub(super) fn sets(&self, resource: &Resource<'_, '_>, attribute: &str) -> Option<bool> {
        let key = (without_keys(resource.module), self.address(resource));
        Some(self.resources.get(&key)?.get(attribute).is_some())
    }

    /// What an attribute of a resource refers to, in full: `aws_s3_bucket.logs.arn` without the shorter
    /// `aws_s3_bucket.logs`.
    pub(super) fn references(&self, resource: &Resource<'_, '_>, path: &[Step<'_>]) -> Vec<String> {
        let key = (without_keys(resource.module), self.address(resource));
        let mut expression = self.resources.get(&key).copied();
        for step in path {
            expression = expression.and_then(|node| match step {
                Step::Member(name) => node.get(name),
                // a list of blocks is a list here as well, but a block that occurs once may be an object
                Step::Element(index) => node.as_array().map_or(Some(node), |list| list.get(*index)),
            });
        }
        expression.map(references_of).unwrap_or_default()
    }

    /// The data source with a policy document that an attribute is, followed through arguments and outputs of modules:
    /// its module (without instance keys) and its address there. `None` if it refers to more than that.
    pub(super) fn data_document(&self, resource: &Resource<'_, '_>, path: &[Step<'_>]) -> Option<(String, String)> {
        let mut module = without_keys(resource.module);
        let mut references = self.references(resource, path);
        let all = references.len();
        references.retain(|name| !name.starts_with("count.") && !name.starts_with("each."));
        let by_instance = references.len() < all; // then the reference ends before the key
        for _ in 0..MOST_HOPS {
            let [reference] = references.as_slice() else { return None };
            if let Some(rest) = reference.strip_prefix("data.aws_iam_policy_document.") {
                let name = rest.strip_suffix(".json").or(by_instance.then_some(rest))?;
                return Some((module, format!("data.aws_iam_policy_document.{}", without_index(name))));
            }
            let expression = if let Some(name) = reference.strip_prefix("var.") {
                let (outer, call) = outside(&module)?;
                module = outer;
                self.calls.get(&(module.clone(), call))?.get(name)?
            } else {
                let (call, output) = reference.strip_prefix("module.")?.split_once('.')?;
                module = inside(&module, without_index(call));
                *self.outputs.get(&(module.clone(), output.to_owned()))?
            };
            references = references_of(expression);
        }
        None
    }

    fn address(&self, resource: &Resource<'_, '_>) -> String {
        let data = if resource.is_data { "data." } else { "" };
        format!("{data}{}.{}", resource.sort, resource.name)
    }
}

/// The references of an expression, without those that are the beginning of another.
fn references_of(expression: &Node<'_>) -> Vec<String> {
    let list = expression.get("references").and_then(Node::as_array).unwrap_or_default();
    let all: BTreeSet<&str> = list.iter().filter_map(Node::as_str).collect();
    let is_longest = |name: &&&str| {
        let longer = |other: &&str| other.strip_prefix(**name).is_some_and(|rest| rest.starts_with(['.', '[']));
        !all.iter().any(longer)
    };
    all.iter().filter(is_longest).map(|name| (*name).to_owned()).collect()
}

/// `module.a.module.b` of `module.a[0].module.b["x"]`
pub(super) fn without_keys(module: &str) -> String {
    let (mut out, mut depth, mut quoted) = (String::new(), 0_usize, false);
    for c in module.chars() {
        match c {
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth = depth.saturating_add(1),
            ']' if !quoted => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

fn without_index(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

fn inside(module: &str, call: &str) -> String {
    if module.is_empty() { format!("module.{call}") } else { format!("{module}.module.{call}") }
}

/// The calling module, and the name of the call.
fn outside(module: &str) -> Option<(String, String)> {
    match module.rsplit_once(".module.") {
        Some((outer, call)) => Some((outer.to_owned(), call.to_owned())),
        None => module.strip_prefix("module.").map(|call| (String::new(), call.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_without_instance_keys() {
        for (written, expected) in [
            ("", ""),
            ("module.a", "module.a"),
            ("module.a[0].module.b[\"x].y\"].module.c", "module.a.module.b.module.c"),
        ] {
            assert_eq!(without_keys(written), expected);
        }
        assert_eq!(outside("module.a.module.b"), Some(("module.a".to_owned(), "b".to_owned())));
        assert_eq!(outside("module.a"), Some((String::new(), "a".to_owned())));
        assert_eq!(outside(""), None);
    }
}
