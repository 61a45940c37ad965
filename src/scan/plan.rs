//! Terraform plans (`terraform show -json`): the policies of every resource in every module, after the plan and before.

mod configuration;
mod document;
mod table;

use crate::json::{Node, Value};
use crate::policy::Kind;
use crate::scan::Skipped;
use crate::scan::found::Before;
use crate::scan::permission::{self, On, Permission};
use crate::scan::policy::{Place, Problem, found, written};
use crate::scan::read::{Options, Seen, is_policy, skipped};
use crate::scan::table::Row;
use crate::scan::tree::{Language, Text, Tree, Unknown};
use crate::source::Sources;
use configuration::Configuration;
use table::{USUAL, rows};

/// How the before-side of a plan is named.
const BEFORE: &str = "the state before the plan";

/// Whether a value is a plan, or a state, which `terraform show -json` prints in the same form.
pub(super) fn is_plan(root: &Node<'_>) -> bool {
    let has = |name| root.get(name).is_some();
    has("resource_changes") || has("planned_values") || (has("terraform_version") && has("values"))
}

/// One resource of a plan.
#[derive(Clone, Copy)]
struct Resource<'n, 't> {
    address: &'n str,
    /// The module that it is in, by its address; empty for the root.
    module: &'n str,
    sort: &'n str,
    name: &'n str,
    is_data: bool,
    after: &'n Node<'t>,
    unknown: Option<&'n Node<'t>>,
    /// What it was, if it is changed.
    before: Option<&'n Node<'t>>,
}

/// A plan being read.
struct Plan<'n, 't> {
    file: &'n str,
    options: &'n Options,
    resources: Vec<Resource<'n, 't>>,
    configuration: Configuration<'n, 't>,
}

/// The policies of a plan.
pub(super) fn read(sources: &mut Sources, file: &str, root: &Node<'_>, options: &Options) -> Vec<Seen> {
    let resources = match root.get("resource_changes").and_then(Node::as_array) {
        Some(changes) => changes.iter().filter_map(changed).collect(),
        None => {
            let mut resources = Vec::new();
            let values = ["planned_values", "values"].iter().find_map(|name| root.get(name));
            values.and_then(|values| values.get("root_module")).into_iter().for_each(|m| standing(m, &mut resources));
            resources
        }
    };
    let configuration = Configuration::of(root);
    let plan = Plan { file, options, resources, configuration };
    let mut seen = Vec::new();
    for resource in plan.resources.iter().filter(|resource| !resource.is_data) {
        plan.resource(sources, resource, &mut seen);
    }
    seen
}

/// A resource of `resource_changes`; `None` if it is destroyed.
fn changed<'n, 't>(node: &'n Node<'t>) -> Option<Resource<'n, 't>> {
    let change = node.get("change")?;
    let after = change.get("after").filter(|after| after.as_object().is_some())?;
    let actions = change.get("actions").and_then(Node::as_array).unwrap_or_default();
    let is_change = actions.iter().any(|action| matches!(action.as_str(), Some("update" | "delete")));
    let before = change.get("before").filter(|before| is_change && before.as_object().is_some());
    Some(Resource { unknown: change.get("after_unknown"), before, ..named(node, after)? })
}

fn named<'n, 't>(node: &'n Node<'t>, after: &'n Node<'t>) -> Option<Resource<'n, 't>> {
    let text = |name: &str| node.get(name).and_then(Node::as_str);
    Some(Resource {
        address: text("address")?,
        module: text("module_address").unwrap_or(""),
        sort: text("type")?,
        name: text("name").unwrap_or(""),
        is_data: text("mode") == Some("data"),
        after,
        unknown: None,
        before: None,
    })
}

/// The resources of a module of planned values or of a state, and of the modules in it.
fn standing<'n, 't>(module: &'n Node<'t>, out: &mut Vec<Resource<'n, 't>>) {
    let list = |name: &str| module.get(name).and_then(Node::as_array).unwrap_or_default();
    for node in list("resources") {
        if let Some(resource) = node.get("values").and_then(|values| named(node, values)) {
            let module = module.get("address").and_then(Node::as_str).unwrap_or("");
            out.push(Resource { module, ..resource });
        }
    }
    list("child_modules").iter().for_each(|module| standing(module, out));
}

/// The value at a path.
fn at<'n, 't>(node: Option<&'n Node<'t>>, path: &[Step<'_>]) -> Option<&'n Node<'t>> {
    path.iter().try_fold(node?, |node, step| match step {
        Step::Member(name) => node.get(name),
        Step::Element(index) => node.as_array()?.get(*index),
    })
}

/// Whether a value is known only after apply: it is marked so, or lies in something that is.
fn is_unknown(marks: Option<&Node<'_>>, path: &[Step<'_>]) -> bool {
    (0..=path.len()).any(|length| {
        let marked = path.get(..length).and_then(|path| at(marks, path));
        marked.is_some_and(|mark| mark.value == Value::Bool(true))
    })
}

/// A step of a path into a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Element(usize),
}

/// A way to a policy.
struct Way<'a> {
    steps: Vec<Step<'a>>,
    /// Whether it ends at a list that is not known.
    is_cut: bool,
}

/// A way one member further: into every element, if that is a list.
fn descend<'a>(resource: &Resource<'_, '_>, mut way: Way<'a>, name: &'a str, in_list: bool) -> Vec<Way<'a>> {
    if way.is_cut {
        return vec![way];
    }
    way.steps.push(Step::Member(name));
    if !in_list {
        return vec![way];
    }
    if is_unknown(resource.unknown, &way.steps) {
        return vec![Way { is_cut: true, ..way }];
    }
    let elements = at(Some(resource.after), &way.steps).and_then(Node::as_array).map_or(0, <[Node<'_>]>::len);
    let into = |index| Way { steps: [way.steps.as_slice(), &[Step::Element(index)]].concat(), is_cut: false };
    (0..elements).map(into).collect()
}

/// A way in an address: `inline_policy.0` without the member in the element.
fn written_out(steps: &[Step<'_>]) -> String {
    let steps = match steps {
        [rest @ .., Step::Member(_)] if matches!(rest.last(), Some(Step::Element(_))) => rest,
        steps => steps,
    };
    let step = |step: &Step<'_>| match step {
        Step::Member(name) => (*name).to_owned(),
        Step::Element(index) => index.to_string(),
    };
    steps.iter().map(step).collect::<Vec<String>>().join(".")
}

impl<'n, 't> Plan<'n, 't> {
    fn resource(&self, sources: &mut Sources, resource: &Resource<'n, 't>, seen: &mut Vec<Seen>) {
        if !resource.sort.starts_with("aws_") && !resource.sort.starts_with("awscc_") {
            return;
        }
        if let Some((on, permission)) = permission(resource) {
            let place = self.place(resource, "", Kind::Resource, on.checked_as());
            let tree = permission::policy(resource.after.span, on, &permission);
            return seen.push(found(sources, &place, &tree, self.options));
        }
        let rows = rows(resource.sort);
        if rows.is_empty() {
            return self.unlisted(sources, resource, seen);
        }
        for row in &rows {
            self.row(sources, resource, row, rows.len() > 1, seen);
        }
    }

    /// The policies of one attribute.
    fn row(&self, sources: &mut Sources, resource: &Resource<'n, 't>, row: &Row, several: bool, seen: &mut Vec<Seen>) {
        let sort = resource.after.get("type").and_then(Node::as_str);
        let Some((kind, checked_as)) = row.attached(sort) else { return };
        let mut ways = vec![Way { steps: Vec::new(), is_cut: false }];
        for (name, in_list) in row.steps() {
            ways = ways.into_iter().flat_map(|way| descend(resource, way, name, in_list)).collect();
        }
        for Way { steps, is_cut } in ways {
            let member = if several || row.is_in_list() { written_out(&steps) } else { String::new() };
            let place = self.place(resource, &member, kind, checked_as);
            if !is_cut {
                seen.extend(self.policy(sources, resource, &steps, &place));
            } else if !self.is_set_by_provider(resource, &steps) {
                seen.push(self.undetermined(resource, &place, &steps));
            }
        }
    }

    /// Whether the configuration leaves an attribute to the provider.
    fn is_set_by_provider(&self, resource: &Resource<'n, 't>, path: &[Step<'_>]) -> bool {
        match path {
            [Step::Member(name), ..] => self.configuration.sets(resource, name) == Some(false),
            [Step::Element(_), ..] | [] => false,
        }
    }

    /// A resource that is not in the table: texts that hold a policy, and attributes with a usual name that are not known.
    fn unlisted(&self, sources: &mut Sources, resource: &Resource<'n, 't>, seen: &mut Vec<Seen>) {
        for member in resource.after.as_object().unwrap_or_default() {
            if member.value.as_str().is_some_and(|text| text.contains("\"Statement\"")) {
                let path = [Step::Member(&member.key)];
                let place = self.place(resource, &member.key, kind_of(&member.value), None);
                seen.extend(self.policy(sources, resource, &path, &place));
            }
        }
        for name in USUAL {
            let path = [Step::Member(name)];
            let unknown = at(resource.unknown, &path).is_some_and(|mark| mark.value == Value::Bool(true));
            if unknown && self.configuration.sets(resource, name) != Some(false) {
                let place = self.place(resource, name, Kind::Resource, None);
                seen.push(self.undetermined(resource, &place, &path));
            }
        }
    }

    fn place(
        &self,
        resource: &Resource<'_, '_>,
        member: &str,
        kind: Kind,
        resource_type: Option<&'static str>,
    ) -> Place {
        let address = match member {
            "" => resource.address.to_owned(),
            member => format!("{}.{member}", resource.address),
        };
        Place { file: self.file.to_owned(), address, kind, resource_type }
    }

    /// One policy, if the attribute is set.
    fn policy(
        &self,
        sources: &mut Sources,
        resource: &Resource<'n, 't>,
        path: &[Step<'_>],
        place: &Place,
    ) -> Option<Seen> {
        let mut supposed = None;
        let mut seen = if is_unknown(resource.unknown, path) {
            if self.is_set_by_provider(resource, path) {
                return None;
            }
            match self.rendered(resource, path) {
                Some((address, tree)) => {
                    supposed = Some(format!("the policy is `{address}.json`, unchanged"));
                    found(sources, place, &tree, self.options)
                }
                None => self.undetermined(resource, place, path),
            }
        } else {
            let node = at(Some(resource.after), path).filter(|node| is_set(node))?;
            found(sources, place, &Tree::of(node), self.options)
        };
        if let Seen::Found(found) = &mut seen {
            found.before = self.before(sources, resource, path, place);
            found.supposed = supposed;
        }
        Some(seen)
    }

    fn before(&self, sources: &mut Sources, resource: &Resource<'n, 't>, path: &[Step<'_>], place: &Place) -> Before {
        let Some(before) = resource.before else { return Before::Unasked };
        let options = Options { reference: true, ..self.options.clone() };
        let Some(node) = at(Some(before), path).filter(|node| is_set(node)) else { return Before::Absent };
        match written(sources, place, &Tree::of(node), &options, &mut Vec::new()) {
            Ok(document) => Before::Policy { name: BEFORE.to_owned(), document },
            Err(Problem::Malformed) => Before::Undetermined { reason: "it is malformed".to_owned() },
            Err(Problem::Undetermined(reason)) => Before::Undetermined { reason },
        }
    }

    fn undetermined(&self, resource: &Resource<'n, 't>, place: &Place, path: &[Step<'_>]) -> Seen {
        let references = self.configuration.references(resource, path);
        let on = match references.as_slice() {
            [] => String::new(),
            names => format!(
                " and depends on {}",
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        let skipped = skipped(&place.file, format!("what it says is known only after apply{on}"));
        Seen::Skipped(Skipped { address: Some(place.address.clone()), span: Some(resource.after.span), ..skipped })
    }
}

/// A resource that is one statement.
fn permission(resource: &Resource<'_, '_>) -> Option<(On, Permission)> {
    let on = match resource.sort {
        "aws_lambda_permission" => On::Function,
        "aws_lambda_layer_version_permission" => On::Layer,
        _ => return None,
    };
    let text = |name: &str| {
        let path = [Step::Member(name)];
        if is_unknown(resource.unknown, &path) {
            let expression = format!("{}.{name}", resource.address);
            return Some(Text::unknown(Unknown { expression, language: Language::Opaque }));
        }
        let text = at(Some(resource.after), &path).and_then(Node::as_str).filter(|text| !text.is_empty());
        text.map(Text::known)
    };
    let (name, qualifier) = match on {
        On::Function => ("function_name", "qualifier"),
        On::Layer => ("layer_name", "version_number"),
    };
    let permission = Permission {
        principal: text("principal"),
        action: text("action"),
        on: text(name),
        qualifier: text(qualifier),
        source_arn: text("source_arn"),
        source_account: text("source_account"),
        organisation: text("principal_org_id").or_else(|| text("organization_id")),
        url_auth_type: text("function_url_auth_type"),
        event_source_token: text("event_source_token"),
    };
    Some((on, permission))
}

/// Whether an attribute has a value: absent policies are null, empty texts or empty objects.
fn is_set(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null => false,
        Value::String(text) => !matches!(text.trim(), "" | "{}"),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => true,
    }
}

/// The kind of a policy of a resource that is not in the table: one that names callers is attached to a resource.
fn kind_of(node: &Node<'_>) -> Kind {
    let names_callers = node.as_str().is_some_and(|text| text.contains("Principal\""));
    if names_callers || is_policy(node) { Kind::Resource } else { Kind::Identity }
}
