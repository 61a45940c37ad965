//! Envelopes around a document as command-line tools print them (contract 4), and URL-encoded text.

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Member, Node, Value};
use crate::source::{FileId, Span};

/// What an envelope held.
pub(super) enum Opened<'n, 't> {
    /// A document: an object without a known envelope, or something else to complain about.
    Document(&'n Node<'t>),
    /// A string that holds a document as text.
    Text(&'n Node<'t>, &'n str),
    /// Nothing; the reason is among the diagnostics.
    Nothing,
}

/// Members that hold a document, with the members that tools print beside them.
const ENVELOPES: [(&str, &[&str]); 4] = [
    ("PolicyVersion", &[]),
    ("Policy", &["RevisionId", "PolicyName"]),
    ("PolicyDocument", &["RoleName", "UserName", "GroupName", "PolicyName", "PolicyArn"]),
    ("Document", &["VersionId", "IsDefaultVersion", "CreateDate"]),
];

/// Opens envelopes until a document or a text is found.
pub(super) fn open<'n, 't>(node: &'n Node<'t>, diagnostics: &mut Vec<Diagnostic>) -> Opened<'n, 't> {
    let mut node = node;
    loop {
        let members = match &node.value {
            Value::String(text) => return Opened::Text(node, text),
            Value::Object(members) => members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return Opened::Document(node),
        };
        let Some((held, beside)) = envelope(members) else {
            return Opened::Document(node);
        };
        check_beside(held, beside, members, diagnostics);
        node = &held.value;
        let metadata_only = node
            .as_object()
            .is_some_and(|inner| !inner.iter().any(|member| member.key == "Statement") && envelope(inner).is_none());
        if metadata_only || !matches!(node.value, Value::Object(_) | Value::String(_)) {
            diagnostics.push(no_document(held));
            return Opened::Nothing;
        }
    }
}

/// The member that makes an object an envelope: it has no `Statement`, so it is no document itself.
fn envelope<'n, 't>(members: &'n [Member<'t>]) -> Option<(&'n Member<'t>, &'static [&'static str])> {
    if members.iter().any(|member| member.key == "Statement") {
        return None;
    }
    ENVELOPES
        .iter()
        .find_map(|(name, beside)| members.iter().find(|member| member.key == *name).map(|member| (member, *beside)))
}

fn no_document(held: &Member<'_>) -> Diagnostic {
    let message = format!("`{}` holds no policy document", held.key);
    Diagnostic::new(Code::BadWrapper, Some(held.value.span), message)
        .label("no `Statement` in here")
        .help("give the document itself, or the answer of a command that prints it, such as `get-policy-version`")
}

/// Members beside the held one: known ones are passed over, others are not accepted silently.
fn check_beside(held: &Member<'_>, beside: &[&str], members: &[Member<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let others = members.iter().filter(|member| !std::ptr::eq(*member, held));
    for other in others.filter(|member| !beside.contains(&member.key.as_ref())).take(20) {
        let (code, message) = if other.key == held.key {
            (Code::DupKey, format!("`{}` is given twice in one object", held.key))
        } else {
            (Code::UnknownElement, format!("`{}` beside `{}`", super::clip(&other.key), held.key))
        };
        diagnostics.push(Diagnostic::new(code, Some(other.key_span), message).label("not expected here"));
    }
}

/// Whether the text begins with an encoded brace.
pub(super) fn is_url_encoded(text: &str) -> bool {
    text.trim_start().get(..3).is_some_and(|head| head.eq_ignore_ascii_case("%7B"))
}

/// Replaces `%XX`; `+` stands for itself, as IAM encodes by RFC 3986.
pub(super) fn url_decode(text: &str, file: FileId) -> Result<String, Diagnostic> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.trim().bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => return Err(bad_encoding(file, "`%` without two hexadecimal digits")),
        }
    }
    String::from_utf8(bytes).map_err(|_| bad_encoding(file, "the URL-encoded text is not UTF-8"))
}

fn bad_encoding(file: FileId, message: &str) -> Diagnostic {
    Diagnostic::new(Code::BadWrapper, Some(Span { file, start: 0, end: 0 }), message)
        .help("give the document as plain JSON")
}
