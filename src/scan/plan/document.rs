//! Policies that are known only after apply, as far as the plan rendered the data source that they come from.
//!
//! An attribute whose only reference is the `json` of one `aws_iam_policy_document` is taken to be that document. The
//! plan does not show the expression itself, which may be a `replace` of it: what rests on it is said to be supposed. What
//! the data source holds is known but for the marked values.

use crate::json::{Node, Value as Json};
use crate::scan::permission::object;
use crate::scan::plan::configuration::without_keys;
use crate::scan::plan::{Plan, Resource, Step, at, is_unknown};
use crate::scan::tree::{Entry, Language, Text, Tree, Unknown, Value};
use crate::source::Span;

impl<'n, 't> Plan<'n, 't> {
    /// The policy of an attribute that is known only after apply, with the address of the data source.
    pub(super) fn rendered(&self, resource: &Resource<'n, 't>, path: &[Step<'_>]) -> Option<(&'n str, Tree)> {
        let (module, address) = self.configuration.data_document(resource, path)?;
        let of_document = |data: &&Resource<'_, '_>| {
            data.is_data
                && without_keys(data.module) == module
                && format!("data.{}.{}", data.sort, data.name) == address
        };
        let mut candidates: Vec<&Resource<'n, 't>> = self.resources.iter().filter(of_document).collect();
        if candidates.len() > 1 {
            // instances: the one with the same keys as the resource
            candidates.retain(|data| keys(data.address) == keys(resource.address));
        }
        let [data] = candidates.as_slice() else { return None };
        Some((data.address, Document { plan: self, data }.policy()?))
    }
}

/// The instance keys of an address: `[0]["x"]`.
fn keys(address: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in address.chars() {
        inside = inside || c == '[';
        if inside {
            out.push(c);
        }
        inside = inside && c != ']';
    }
    out
}

/// The data source with the document.
struct Document<'p, 'n, 't> {
    plan: &'p Plan<'n, 't>,
    data: &'p Resource<'n, 't>,
}

impl Document<'_, '_, '_> {
    /// `None` where it merges other documents, or where its structure is not known.
    fn policy(&self) -> Option<Tree> {
        for merged in ["source_json", "override_json", "source_policy_documents", "override_policy_documents"] {
            let path = [Step::Member(merged)];
            let empty = at(Some(self.data.after), &path).is_none_or(|node| match &node.value {
                Json::Null => true,
                Json::Array(nodes) => nodes.is_empty(),
                Json::String(text) => text.is_empty(),
                Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
            });
            if !empty || is_unknown(self.data.unknown, &path) {
                return None;
            }
        }
        if ["version", "statement"].iter().any(|name| is_unknown(self.data.unknown, &[Step::Member(name)])) {
            return None;
        }
        let span = self.data.after.span;
        let version = self.data.after.get("version").and_then(Node::as_str).unwrap_or("2012-10-17");
        let count = self.data.after.get("statement").and_then(Node::as_array).map_or(0, <[Node<'_>]>::len);
        let statements: Option<Vec<Tree>> = (0..count).map(|index| self.statement(index)).collect();
        let list = Tree { span, value: Value::List(statements?) };
        Some(object(span, vec![("Version", Tree::text(span, version)), ("Statement", list)]))
    }

    fn statement(&self, index: usize) -> Option<Tree> {
        let here = [Step::Member("statement"), Step::Element(index)];
        let node = at(Some(self.data.after), &here)?;
        let mut members = Vec::new();
        if let Some(sid) = node.get("sid").and_then(Node::as_str).filter(|sid| !sid.is_empty()) {
            members.push(("Sid", Tree::text(node.span, sid)));
        }
        if is_unknown(self.data.unknown, &[here[0], here[1], Step::Member("effect")]) {
            return None;
        }
        let effect = node.get("effect").and_then(Node::as_str).unwrap_or("Allow");
        members.push(("Effect", Tree::text(node.span, effect)));
        for (attribute, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            members.extend(self.principals(&here, attribute)?.map(|tree| (element, tree)));
        }
        let lists = [
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ];
        for (attribute, element) in lists {
            members.extend(self.texts(&here, attribute).map(|tree| (element, tree)));
        }
        members.extend(self.conditions(&here)?.map(|tree| ("Condition", tree)));
        Some(object(node.span, members))
    }

    /// A list of texts below a path; `None` if it is not set.
    fn texts(&self, here: &[Step<'_>], attribute: &str) -> Option<Tree> {
        let path: Vec<Step<'_>> = here.iter().copied().chain([Step::Member(attribute)]).collect();
        let node = at(Some(self.data.after), &path);
        if is_unknown(self.data.unknown, &path) {
            return Some(Tree { span: self.data.after.span, value: Value::Unknown(self.unknown(&path)) });
        }
        let node = node?;
        let elements = node.as_array().filter(|elements| !elements.is_empty())?;
        let texts = elements.iter().enumerate().map(|(index, element)| {
            let path: Vec<Step<'_>> = path.iter().copied().chain([Step::Element(index)]).collect();
            self.text(&path, element)
        });
        Some(Tree { span: node.span, value: Value::List(texts.collect()) })
    }

    /// One text; `&{…}` stands for a policy variable.
    fn text(&self, path: &[Step<'_>], node: &Node<'_>) -> Tree {
        if is_unknown(self.data.unknown, path) {
            return Tree { span: node.span, value: Value::Text(Text::unknown(self.unknown(path))) };
        }
        Tree::text(node.span, node.as_str().unwrap_or_default().replace("&{", "${"))
    }

    fn unknown(&self, path: &[Step<'_>]) -> Unknown {
        let mut expression = self.data.address.to_owned();
        for step in path {
            match step {
                Step::Member(name) => expression.push_str(&format!(".{name}")),
                Step::Element(index) => expression.push_str(&format!("[{index}]")),
            }
        }
        // of a list only the whole has an expression
        let whole = match path.split_last() {
            Some((Step::Element(_), before)) => before,
            Some((Step::Member(_), _)) | None => path,
        };
        let references = self.plan.configuration.references(self.data, whole);
        if !references.is_empty() {
            expression.push_str(&format!(" ({})", references.join(", ")));
        }
        Unknown { expression, language: usual(&references) }
    }

    /// The outer `None`: the structure is not known. The inner: there are none.
    fn principals(&self, here: &[Step<'_>; 2], attribute: &str) -> Option<Option<Tree>> {
        let path = [here[0], here[1], Step::Member(attribute)];
        if is_unknown(self.data.unknown, &path) {
            return Some(Some(Tree { span: self.data.after.span, value: Value::Unknown(self.unknown(&path)) }));
        }
        let blocks = at(Some(self.data.after), &path).and_then(Node::as_array).unwrap_or_default();
        let mut members: Vec<(String, Tree)> = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let here = [path[0], path[1], path[2], Step::Element(index)];
            let sort = block.get("type").and_then(Node::as_str)?;
            let identifiers = self.texts(&here, "identifiers")?;
            if sort == "*" && identifiers.as_list().is_some_and(|list| list.iter().all(|one| one.as_str() == Some("*")))
            {
                return Some(Some(Tree::text(block.span, "*")));
            }
            join(&mut members, sort, identifiers);
        }
        let span = blocks.first().map_or(self.data.after.span, |block| block.span);
        Some((!members.is_empty()).then(|| named(span, members)))
    }

    /// As [`Document::principals`].
    fn conditions(&self, here: &[Step<'_>; 2]) -> Option<Option<Tree>> {
        let path = [here[0], here[1], Step::Member("condition")];
        if is_unknown(self.data.unknown, &path) {
            return Some(Some(Tree { span: self.data.after.span, value: Value::Unknown(self.unknown(&path)) }));
        }
        let blocks = at(Some(self.data.after), &path).and_then(Node::as_array).unwrap_or_default();
        let mut operators: Vec<(String, Span, Vec<Entry>)> = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let here = [path[0], path[1], path[2], Step::Element(index)];
            let operator = block.get("test").and_then(Node::as_str)?;
            let variable = [here[0], here[1], here[2], here[3], Step::Member("variable")];
            let key = match self.text(&variable, block.get("variable").unwrap_or(block)).value {
                Value::Text(text) => text,
                _ => return None,
            };
            let values = self.texts(&here, "values")?;
            let entry = Entry { key, key_span: block.span, value: values };
            match operators.iter_mut().find(|(name, _, _)| name == operator) {
                Some((_, _, entries)) => add(entries, entry),
                None => operators.push((operator.to_owned(), block.span, vec![entry])),
            }
        }
        let members: Vec<(String, Tree)> = operators
            .into_iter()
            .map(|(name, span, entries)| (name, Tree { span, value: Value::Map(entries) }))
            .collect();
        let span = blocks.first().map_or(self.data.after.span, |block| block.span);
        Some((!members.is_empty()).then(|| named(span, members)))
    }
}

/// What a value computed from the ARN of one resource usually looks like.
fn usual(references: &[String]) -> Language {
    let of_arn = |reference: &String| reference.strip_suffix(".arn").map(str::to_owned);
    let [Some(resource)] = references.iter().map(of_arn).collect::<Vec<_>>().try_into().unwrap_or([None]) else {
        return Language::Opaque;
    };
    let form = match resource.split('.').next().unwrap_or("") {
        "aws_cloudwatch_log_group" => "logs:us-east-1:111122223333:log-group:example",
        "aws_dynamodb_table" => "dynamodb:us-east-1:111122223333:table/example",
        "aws_ecr_repository" => "ecr:us-east-1:111122223333:repository/example",
        "aws_iam_role" => "iam::111122223333:role/example",
        "aws_iam_user" => "iam::111122223333:user/example",
        "aws_kinesis_stream" => "kinesis:us-east-1:111122223333:stream/example",
        "aws_kms_key" => "kms:us-east-1:111122223333:key/11112222-3333-4444-5555-666677778888",
        "aws_lambda_function" => "lambda:us-east-1:111122223333:function:example",
        "aws_s3_bucket" => "s3:::example",
        "aws_secretsmanager_secret" => "secretsmanager:us-east-1:111122223333:secret:example-AbCdEf",
        "aws_sns_topic" => "sns:us-east-1:111122223333:example",
        "aws_sqs_queue" => "sqs:us-east-1:111122223333:example",
        "aws_ssm_parameter" => "ssm:us-east-1:111122223333:parameter/example",
        _ => return Language::Opaque,
    };
    Language::Computed(format!("arn:aws:{form}"))
}

/// Values of a second block about the same key join those of the first.
fn add(entries: &mut Vec<Entry>, entry: Entry) {
    match entries.iter_mut().find(|other| other.key == entry.key) {
        Some(other) => extend(&mut other.value, entry.value),
        None => entries.push(entry),
    }
}

fn join(members: &mut Vec<(String, Tree)>, name: &str, tree: Tree) {
    match members.iter_mut().find(|(other, _)| other == name) {
        Some((_, list)) => extend(list, tree),
        None => members.push((name.to_owned(), tree)),
    }
}

fn extend(list: &mut Tree, more: Tree) {
    match (&mut list.value, more.value) {
        (Value::List(list), Value::List(more)) => list.extend(more),
        (Value::List(list), value) => list.push(Tree { span: more.span, value }),
        (_, value) => {
            let first = std::mem::replace(&mut list.value, Value::Null);
            let first = Tree { span: list.span, value: first };
            list.value = Value::List(vec![first, Tree { span: more.span, value }]);
        }
    }
}

fn named(span: Span, members: Vec<(String, Tree)>) -> Tree {
    let entry = |(name, value): (String, Tree)| Entry { key: Text::known(name), key_span: span, value };
    Tree { span, value: Value::Map(members.into_iter().map(entry).collect()) }
}
