//! Resources that are one statement of a policy: the permissions of functions and layers. The service writes the
//! statement; here it is written as its documentation describes.

use crate::json::{Node, Value as Json};
use crate::scan::plan::document::object;
use crate::scan::plan::{Resource, Step, at, is_unknown};
use crate::scan::tree::{Language, Text, Tree, Unknown, Value};

/// The resources.
const FUNCTION: &str = "aws_lambda_permission";
const LAYER: &str = "aws_lambda_layer_version_permission";

/// The type of check-no-public-access.
pub(super) fn checked_as(sort: &str) -> Option<&'static str> {
    (sort == FUNCTION).then_some("AWS::Lambda::Function")
}

/// The statement as a policy; `None` if the resource is no permission.
pub(super) fn policy(resource: &Resource<'_, '_>) -> Option<Tree> {
    if resource.sort != FUNCTION && resource.sort != LAYER {
        return None;
    }
    let span = resource.after.span;
    let on = if resource.sort == FUNCTION { "function_name" } else { "layer_name" };
    let mut members = vec![
        ("Effect", Tree::text(span, "Allow")),
        ("Principal", principal(resource)),
        ("Action", Tree { span, value: Value::Text(attribute(resource, "action").unwrap_or_default()) }),
        ("Resource", Tree { span, value: Value::Text(arn(resource, on)) }),
    ];
    members.extend(conditions(resource).map(|tree| ("Condition", tree)));
    let statement = Tree { span, value: Value::List(vec![object(span, members)]) };
    Some(object(span, vec![("Version", Tree::text(span, "2012-10-17")), ("Statement", statement)]))
}

/// The text of an attribute, perhaps not known; `None` if it is not set.
fn attribute(resource: &Resource<'_, '_>, name: &str) -> Option<Text> {
    let path = [Step::Member(name)];
    if is_unknown(resource.unknown, &path) {
        let expression = format!("{}.{name}", resource.address);
        return Some(Text::unknown(Unknown { expression, language: Language::Opaque }));
    }
    let text = at(Some(resource.after), &path).filter(|node| node.value != Json::Null).and_then(Node::as_str)?;
    (!text.is_empty()).then(|| Text::known(text))
}

fn principal(resource: &Resource<'_, '_>) -> Tree {
    let span = resource.after.span;
    let text = attribute(resource, "principal").unwrap_or_default();
    let sort = match text.as_known() {
        Some("*") => return Tree::text(span, "*"),
        Some(name) if name.contains(".amazonaws.com") || name.ends_with(".amazon.com") => "Service",
        Some(_) => "AWS",
        None => {
            let unknown = text.unknowns().next().cloned();
            let value = unknown.map_or(Value::Null, Value::Unknown);
            return Tree { span, value };
        }
    };
    object(span, vec![(sort, Tree { span, value: Value::Text(text) })])
}

/// The ARN of a function or layer that may be given by its name.
fn arn(resource: &Resource<'_, '_>, name: &str) -> Text {
    let given = attribute(resource, name).unwrap_or_default();
    if given.as_known().is_none_or(|text| text.starts_with("arn:")) {
        return given;
    }
    let (sort, suffix) = if name == "function_name" { ("function", "qualifier") } else { ("layer", "version_number") };
    let piece = |name: &str, language| Text::unknown(Unknown { expression: name.to_owned(), language });
    let partitions = ["aws", "aws-cn", "aws-us-gov"].map(str::to_owned).to_vec();
    let mut text = Text::known("arn:");
    text.push(&piece("the partition of the provider", Language::OneOf(partitions)));
    text.push_known(":lambda:");
    text.push(&piece("the region of the provider", Language::Name));
    text.push_known(":");
    text.push(&piece("the account of the provider", Language::Account));
    text.push_known(&format!(":{sort}:"));
    text.push(&given);
    if let Some(qualifier) = attribute(resource, suffix) {
        text.push_known(":");
        text.push(&qualifier);
    }
    text
}

fn conditions(resource: &Resource<'_, '_>) -> Option<Tree> {
    let span = resource.after.span;
    let clause = |operator: &'static str, key: &'static str, name: &str| {
        let text = attribute(resource, name)?;
        Some((operator, object(span, vec![(key, Tree { span, value: Value::Text(text) })])))
    };
    let clauses = [
        clause("ArnLike", "AWS:SourceArn", "source_arn"),
        clause("StringEquals", "AWS:SourceAccount", "source_account"),
        clause("StringEquals", "aws:PrincipalOrgID", "principal_org_id"),
        clause("StringEquals", "aws:PrincipalOrgID", "organization_id"),
        clause("StringEquals", "lambda:FunctionUrlAuthType", "function_url_auth_type"),
        clause("StringEquals", "lambda:EventSourceToken", "event_source_token"),
    ];
    let mut operators: Vec<(&str, Vec<crate::scan::tree::Entry>)> = Vec::new();
    for (operator, tree) in clauses.into_iter().flatten() {
        let entries = tree.as_map().unwrap_or_default().to_vec();
        match operators.iter_mut().find(|(name, _)| *name == operator) {
            Some((_, list)) => list.extend(entries),
            None => operators.push((operator, entries)),
        }
    }
    let members: Vec<(&str, Tree)> =
        operators.into_iter().map(|(name, entries)| (name, Tree { span, value: Value::Map(entries) })).collect();
    (!members.is_empty()).then(|| object(span, members))
}
