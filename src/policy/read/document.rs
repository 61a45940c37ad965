//! The top level of a document, and its kind (spec 2.2, 2.4).

use super::{ReadOptions, ReadOutcome, Reader, clip, did_you_mean, duplicates, nearest};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::{Member, Node, Value};
use crate::policy::{Kind, Policy, Statement, Version};

/// The elements of a document.
const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// Reads a document. `text` is what stands under the node; `whole` says that nothing but blanks precedes it.
pub(super) fn read(
    node: &Node<'_>,
    text: &str,
    whole: bool,
    options: &ReadOptions,
    diagnostics: Vec<Diagnostic>,
) -> ReadOutcome {
    let file = node.span.file;
    let kind = options.kind.unwrap_or_else(|| infer(node));
    let mut reader = Reader { options, kind, version: Version::V2008, diagnostics };
    let policy = match &node.value {
        Value::Object(members) => {
            reader.check_text(text, node.span);
            if whole
                && node.span.start > 0
                && kind == Kind::Resource
                && !reader.diagnostics.iter().any(|d| d.code == Code::Bom)
            {
                let message = "S3 requires a bucket policy to begin with `{`";
                reader.say(
                    Code::LeadingSpace,
                    crate::source::Span { start: 0, ..node.span }.first(),
                    message,
                    "white space",
                );
            }
            Some(reader.document(node, members))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            reader.wrong_type("a policy document", "an object", node);
            None
        }
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.map(|span| (span.file, span.start)));
    if options.strict {
        for diagnostic in diagnostics.iter_mut().filter(|d| d.severity == Severity::Warning) {
            diagnostic.severity = Severity::Fatal;
        }
    }
    let fatal = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Fatal);
    ReadOutcome { policy: policy.filter(|_| !fatal), diagnostics, file }
}

impl Reader<'_> {
    fn document(&mut self, node: &Node<'_>, members: &[Member<'_>]) -> Policy {
        self.check_duplicates(members);
        for member in members.iter().filter(|member| !ELEMENTS.contains(&member.key.as_ref())) {
            self.unknown_element(member, "a policy document", &ELEMENTS);
        }
        self.version = self.read_version(node);
        let id = node.get("Id").and_then(|id| self.read_id(id));
        let statements = match node.get("Statement") {
            Some(statements) => self.read_statements(statements),
            None => {
                self.say(Code::MissingStatement, node.span.first(), "no `Statement` in this document", "this document");
                Vec::new()
            }
        };
        self.check_unique_sids(&statements);
        let (kind, version, span) = (self.kind, self.version, node.span);
        Policy { kind, inferred: self.options.kind.is_none(), version, id, statements, file: span.file, span }
    }

    /// An element that does not exist here (spec 2.2: names are exact).
    pub(super) fn unknown_element(&mut self, member: &Member<'_>, place: &str, known: &[&'static str]) {
        let message = format!("`{}` is no element of {place}", clip(&member.key));
        let mut diagnostic = Diagnostic::new(Code::UnknownElement, Some(member.key_span), message).label("unknown");
        diagnostic.help = did_you_mean(nearest(&member.key, known.iter().copied()));
        self.report(diagnostic);
    }

    fn read_version(&mut self, document: &Node<'_>) -> Version {
        let Some(node) = document.get("Version") else {
            // spec 2.2: absent means 2008-10-17
            self.check_version(document, Version::V2008);
            let message = "without `Version` the document is read as version 2008-10-17";
            let diagnostic = Diagnostic::new(Code::MissingVersion, Some(document.span.first()), message);
            self.report(diagnostic.label("no `Version` in here").help("add `\"Version\": \"2012-10-17\"`"));
            return Version::V2008;
        };
        let version = match &node.value {
            Value::String(text) if text == "2012-10-17" => Version::V2012,
            Value::String(text) if text == "2008-10-17" => Version::V2008,
            Value::String(text) => {
                let message = format!("there is no version `{}` of the policy language", clip(text));
                let diagnostic = Diagnostic::new(Code::BadVersion, Some(node.span), message).label("unknown version");
                self.report(diagnostic.help("write `2012-10-17`"));
                return Version::V2012;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong_type("`Version`", "a string", node);
                return Version::V2012;
            }
        };
        self.check_version(node, version);
        version
    }

    /// Organisation policies are of version 2012-10-17 (spec 2.2, 2.4).
    fn check_version(&mut self, node: &Node<'_>, version: Version) {
        let severity = match (self.kind, version) {
            (Kind::ServiceControl, Version::V2008) => Severity::Warning,
            (Kind::ResourceControl, Version::V2008) => Severity::Fatal,
            _ => return,
        };
        let message = format!("{} is written in version 2012-10-17", self.kind.with_article());
        let diagnostic = Diagnostic::new(Code::VersionRequired, Some(node.span.first()), message);
        self.report(diagnostic.severity(severity).help("write `\"Version\": \"2012-10-17\"`"));
    }

    fn read_id(&mut self, node: &Node<'_>) -> Option<String> {
        match node.as_str() {
            None => self.wrong_type("`Id`", "a string", node),
            Some(_) if self.kind.has_principal() => {}
            Some(_) => {
                let message = format!("{} has no `Id`", self.kind.with_article());
                self.say(Code::IdInIdentity, node.span, message, "has no effect");
            }
        }
        node.as_str().map(str::to_owned)
    }

    fn read_statements(&mut self, node: &Node<'_>) -> Vec<Statement> {
        match &node.value {
            Value::Object(_) => self.statement(0, node).into_iter().collect(),
            Value::Array(elements) if elements.is_empty() => {
                self.say(Code::EmptyStatement, node.span, "`Statement` is empty", "grants and forbids nothing");
                Vec::new()
            }
            Value::Array(elements) => {
                elements.iter().enumerate().filter_map(|(index, element)| self.statement(index, element)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.wrong_type("`Statement`", "an object or a list of objects", node);
                Vec::new()
            }
        }
    }

    fn check_unique_sids(&mut self, statements: &[Statement]) {
        let named: Vec<&Statement> = statements.iter().filter(|statement| statement.sid.is_some()).collect();
        let pairs: Vec<_> = duplicates(&named, |statement| statement.sid.as_deref())
            .into_iter()
            .map(|(first, again)| (first.span, again.span, again.sid.clone().unwrap_or_default()))
            .collect();
        for (first, again, sid) in pairs {
            let message = format!("two statements have the Sid `{}`", clip(&sid));
            let diagnostic = Diagnostic::new(Code::DupSid, Some(again.first()), message).label("again here");
            self.report(diagnostic.also(first.first(), "first here").severity(self.sid_severity()));
        }
    }

    /// Sid rules are errors in IAM policies and warnings elsewhere (spec 2.3).
    pub(super) fn sid_severity(&self) -> Severity {
        match self.kind {
            Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust => Severity::Error,
            Kind::Resource | Kind::ServiceControl | Kind::ResourceControl | Kind::Endpoint => Severity::Warning,
        }
    }
}

/// The kind that the elements suggest (spec 2.4).
fn infer(document: &Node<'_>) -> Kind {
    let statements: Vec<&Node<'_>> = match document.get("Statement").map(|node| (node, &node.value)) {
        Some((_, Value::Array(elements))) => elements.iter().collect(),
        Some((node, _)) => vec![node],
        None => Vec::new(),
    };
    let any = |names: [&str; 2]| statements.iter().any(|s| names.iter().any(|name| s.get(name).is_some()));
    if !any(["Principal", "NotPrincipal"]) {
        Kind::Identity
    } else if !any(["Resource", "NotResource"]) && statements.iter().all(|statement| is_about_sts(statement)) {
        Kind::Trust
    } else {
        Kind::Resource
    }
}

/// Whether there are actions and all begin with `sts:`.
pub(super) fn is_about_sts(statement: &Node<'_>) -> bool {
    let is_sts = |node: &Node<'_>| {
        node.as_str().and_then(|text| text.get(..4)).is_some_and(|prefix| prefix.eq_ignore_ascii_case("sts:"))
    };
    match statement.get("Action") {
        None => false,
        Some(action) => match action.as_array() {
            Some(entries) => !entries.is_empty() && entries.iter().all(is_sts),
            None => is_sts(action),
        },
    }
}
