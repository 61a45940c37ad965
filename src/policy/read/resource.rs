//! Entries of `Resource` and `NotResource` (spec 2.6, 3.2).

use super::{Reader, clip, inner_span};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::Node;
use crate::policy::resource::{ResourceEntry, ResourcePattern};
use crate::policy::template::{HOLE, Template, Variables, Wildcards, arn_fields};
use crate::policy::{Kind, Version};

impl Reader<'_> {
    pub(super) fn resource(&mut self, node: &Node<'_>, text: &str) -> ResourceEntry {
        let pattern = if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            ResourcePattern::All
        } else if text.starts_with("arn:") {
            self.arn(node, text)
        } else {
            let message = format!("`{}` is neither `*` nor an ARN", clip(text));
            let diagnostic = Diagnostic::new(Code::BadArn, Some(node.span), message).label("matches nothing");
            self.report(diagnostic.help("an ARN begins with `arn:`"));
            ResourcePattern::Nothing
        };
        ResourceEntry { text: text.to_owned(), pattern, span: node.span }
    }

    fn arn(&mut self, node: &Node<'_>, text: &str) -> ResourcePattern {
        let fields = arn_fields(text, self.variables());
        if fields.len() < 6 {
            self.report(self.short_arn(node, text));
        }
        let templates = fields.iter().enumerate().map(|(index, (offset, field))| match index {
            5 => self.template(node, *offset, field, Wildcards::Active),
            _ => self.early_field(node, *offset, field),
        });
        ResourcePattern::Arn(templates.collect())
    }

    /// Fields 1 to 5: no variables (spec 3.2); one written there is literal text.
    fn early_field(&mut self, node: &Node<'_>, offset: usize, field: &str) -> Template {
        if !field.contains('$') {
            return Template::parse(field, Wildcards::Active, Variables::Literal, |_, _| {});
        }
        if self.options.holes && field.contains(HOLE) {
            return Template::parse(field, Wildcards::Active, self.variables(), |_, _| {});
        }
        let active = self.version == Version::V2012 && field.contains("${");
        if !active {
            if field.contains("${") {
                self.variable_under_2008(node);
            }
            return Template::parse(field, Wildcards::Active, Variables::Literal, |_, _| {});
        }
        let span = inner_span(node, offset..offset + field.len());
        let message = "policy variables are replaced only after the fifth colon of a resource";
        self.say(Code::VariableInEarlyField, span, message, "taken as plain text, so this matches nothing");
        literal_variables(field)
    }

    /// What a short ARN means depends on the kind (spec 3.2).
    fn short_arn(&self, node: &Node<'_>, text: &str) -> Diagnostic {
        let completed = (Severity::Warning, "stands for itself and for itself with `:*` for each missing field");
        let (severity, label) = match self.kind {
            Kind::Identity | Kind::Boundary => completed,
            Kind::Session => (Severity::Error, "STS refuses such a session policy"),
            Kind::Resource | Kind::Trust | Kind::Endpoint if text.contains('*') => completed,
            Kind::ServiceControl if text.ends_with('*') => completed,
            Kind::Resource | Kind::Trust | Kind::Endpoint | Kind::ServiceControl | Kind::ResourceControl => {
                (Severity::Error, "matches nothing in this kind of policy")
            }
        };
        let message = format!("`{}` has fewer than the six fields of an ARN", clip(text));
        Diagnostic::new(Code::ShortArn, Some(node.span), message)
            .label(label)
            .severity(severity)
            .help("write `arn:partition:service:region:account:resource`")
    }
}

/// Wildcards are active but inside `${…}`, which is text as it stands.
fn literal_variables(field: &str) -> Template {
    let mut whole: Vec<Template> = Vec::new();
    let mut rest = field;
    while let Some((before, after)) = rest.split_once("${") {
        whole.push(Template::parse(before, Wildcards::Active, Variables::Literal, |_, _| {}));
        let end = after.find('}').map_or(after.len(), |end| end + 1);
        whole.push(Template::literal("${"));
        whole.push(Template::literal(after.get(..end).unwrap_or("")));
        rest = after.get(end..).unwrap_or("");
    }
    whole.push(Template::parse(rest, Wildcards::Active, Variables::Literal, |_, _| {}));
    whole.iter().flat_map(Template::pieces).collect()
}
