//! Resources that are one statement of a policy: the permissions of functions and layers. The service writes the
//! statement; here it is written as its documentation describes.

use crate::scan::tree::{Entry, Language, Text, Tree, Unknown, Value};
use crate::source::Span;

/// What a permission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// A function.
    Function,
    /// A version of a layer.
    Layer,
}

impl On {
    /// The type of check-no-public-access.
    pub(super) fn checked_as(self) -> Option<&'static str> {
        match self {
            On::Function => Some("AWS::Lambda::Function"),
            On::Layer => None,
        }
    }
}

/// The parts of a permission; what is absent is not set.
#[derive(Clone, Debug, Default)]
pub(super) struct Permission {
    /// Who may.
    pub(super) principal: Option<Text>,
    /// What.
    pub(super) action: Option<Text>,
    /// The name or ARN of the function or layer.
    pub(super) on: Option<Text>,
    /// Its alias or version.
    pub(super) qualifier: Option<Text>,
    /// `AWS:SourceArn`
    pub(super) source_arn: Option<Text>,
    /// `AWS:SourceAccount`
    pub(super) source_account: Option<Text>,
    /// `aws:PrincipalOrgID`
    pub(super) organisation: Option<Text>,
    /// `lambda:FunctionUrlAuthType`
    pub(super) url_auth_type: Option<Text>,
    /// `lambda:EventSourceToken`
    pub(super) event_source_token: Option<Text>,
}

/// The statement as a policy.
pub(super) fn policy(span: Span, on: On, permission: &Permission) -> Tree {
    let text = |text: Text| Tree { span, value: Value::Text(text) };
    let mut members = vec![
        ("Effect", Tree::text(span, "Allow")),
        ("Principal", principal(span, permission)),
        ("Action", text(permission.action.clone().unwrap_or_default())),
        ("Resource", text(arn(on, permission))),
    ];
    members.extend(conditions(span, permission).map(|tree| ("Condition", tree)));
    let statement = Tree { span, value: Value::List(vec![object(span, members)]) };
    object(span, vec![("Version", Tree::text(span, "2012-10-17")), ("Statement", statement)])
}

fn principal(span: Span, permission: &Permission) -> Tree {
    let text = permission.principal.clone().unwrap_or_default();
    let known: String = text
        .pieces
        .iter()
        .filter_map(|piece| match piece {
            crate::scan::tree::Piece::Known(known) => Some(known.as_str()),
            crate::scan::tree::Piece::Unknown(_) => None,
        })
        .collect();
    let is_service = known.contains(".amazonaws.com")
        || known.ends_with(".amazon.com")
        || text.unknowns().any(|unknown| unknown.expression == "AWS::URLSuffix");
    let sort = match text.as_known() {
        Some("*") => return Tree::text(span, "*"),
        _ if is_service => "Service",
        None if text.unknowns().any(|unknown| unknown.language != Language::Account) && !known.starts_with("arn:") => {
            let unknown = text.unknowns().next().cloned();
            return Tree { span, value: unknown.map_or(Value::Null, Value::Unknown) };
        }
        Some(_) | None => "AWS",
    };
    object(span, vec![(sort, Tree { span, value: Value::Text(text) })])
}

/// The ARN of a function or layer that may be given by its name.
fn arn(on: On, permission: &Permission) -> Text {
    let given = permission.on.clone().unwrap_or_default();
    let starts_as_arn = |text: &Text| match text.pieces.first() {
        Some(crate::scan::tree::Piece::Known(known)) => known.starts_with("arn:"),
        Some(crate::scan::tree::Piece::Unknown(unknown)) => unknown.language != Language::Name,
        None => false,
    };
    let mut out = Text::default();
    if !starts_as_arn(&given) {
        let piece = |name: &str, language| Text::unknown(Unknown { expression: name.to_owned(), language });
        let partitions = ["aws", "aws-cn", "aws-us-gov"].map(str::to_owned).to_vec();
        out.push_known("arn:");
        out.push(&piece("AWS::Partition", Language::OneOf(partitions)));
        out.push_known(":lambda:");
        out.push(&piece("AWS::Region", Language::Name));
        out.push_known(":");
        out.push(&piece("AWS::AccountId", Language::Account));
        out.push_known(match on {
            On::Function => ":function:",
            On::Layer => ":layer:",
        });
    }
    out.push(&given);
    if let Some(qualifier) = &permission.qualifier {
        out.push_known(":");
        out.push(qualifier);
    }
    out
}

fn conditions(span: Span, permission: &Permission) -> Option<Tree> {
    let mut clauses: Vec<(&str, Vec<Entry>)> = Vec::new();
    let all = [
        ("ArnLike", "AWS:SourceArn", &permission.source_arn),
        ("StringEquals", "AWS:SourceAccount", &permission.source_account),
        ("StringEquals", "aws:PrincipalOrgID", &permission.organisation),
        ("StringEquals", "lambda:FunctionUrlAuthType", &permission.url_auth_type),
        ("StringEquals", "lambda:EventSourceToken", &permission.event_source_token),
    ];
    for (operator, key, text) in all {
        let Some(text) = text else { continue };
        let value = Tree { span, value: Value::Text(text.clone()) };
        let entry = Entry { key: Text::known(key), key_span: span, value };
        match clauses.iter_mut().find(|(name, _)| *name == operator) {
            Some((_, list)) => list.push(entry),
            None => clauses.push((operator, vec![entry])),
        }
    }
    let members: Vec<(&str, Tree)> =
        clauses.into_iter().map(|(name, list)| (name, Tree { span, value: Value::Map(list) })).collect();
    (!members.is_empty()).then(|| object(span, members))
}

/// An object of our own, with places of the file.
pub(super) fn object(span: Span, members: Vec<(&str, Tree)>) -> Tree {
    let entry = |(name, value): (&str, Tree)| Entry { key: Text::known(name), key_span: span, value };
    Tree { span, value: Value::Map(members.into_iter().map(entry).collect()) }
}
