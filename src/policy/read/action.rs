//! Entries of `Action` and `NotAction` (spec 2.6).

use super::statement::fatal_for_identities;
use super::{Reader, clip, did_you_mean, nearest};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Node;
use crate::policy::Kind;
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::template::Template;

/// The actions that a trust policy is asked about (spec 2.4).
const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

/// The pattern of an action that is written as nearly all are: letters, digits and wildcards after the colon, letters,
/// digits and dashes before it. For any other text `None`: it is looked at more closely.
fn usual_pattern(text: &str) -> Option<ActionPattern> {
    let (service, name) = text.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let usual = !service.is_empty()
        && !name.is_empty()
        && service.bytes().all(plain)
        && name.bytes().all(|byte| plain(byte) || matches!(byte, b'*' | b'?' | b'_' | b'.'));
    usual.then(|| ActionPattern::Glob(Template::lower_case(text)))
}

impl Reader<'_> {
    pub(super) fn action(&mut self, node: &Node<'_>, text: &str) -> ActionEntry {
        if text.contains('$') {
            self.check_no_variable(Code::VariableElsewhere, "actions", node.span, text);
        }
        let pattern = self.action_pattern(node, text);
        if self.kind == Kind::Trust && pattern != ActionPattern::Nothing {
            self.check_trust_action(node, text);
        }
        ActionEntry { text: text.to_owned(), pattern, span: node.span }
    }

    fn action_pattern(&mut self, node: &Node<'_>, text: &str) -> ActionPattern {
        if let Some(pattern) = usual_pattern(text) {
            return pattern;
        }
        let stars = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte == b'*');
        if stars(text) {
            return ActionPattern::All;
        }
        let bad = |reader: &mut Self, why: &str| {
            let message = format!("`{}` is no action: {why}", clip(text));
            let diagnostic = Diagnostic::new(Code::BadAction, Some(node.span), message).label("matches nothing");
            reader.report(diagnostic.help("an action is `service:Name`, such as `s3:GetObject`"));
            ActionPattern::Nothing
        };
        let Some((service, name)) = text.split_once(':') else { return bad(self, "it has no colon") };
        if text.contains(|c: char| c == ',' || c.is_whitespace()) {
            return bad(self, "it has a blank or a comma");
        }
        if name.contains(':') {
            return bad(self, "it has more than one colon");
        }
        if service.is_empty() || name.is_empty() {
            return bad(self, "a side of the colon is empty");
        }
        if stars(service) && stars(name) {
            return ActionPattern::All; // spec 2.6: `*:*` is `*`
        }
        let template = Template::lower_case(text);
        if !service.contains(['*', '?']) {
            return ActionPattern::Glob(template);
        }
        let message = format!("the service of `{}` has a wildcard", clip(text));
        let diagnostic = Diagnostic::new(Code::ActionVendorWildcard, Some(node.span), message);
        self.report(diagnostic.label("one service must be named").severity(fatal_for_identities(self.kind)));
        ActionPattern::VendorWildcard(template)
    }

    fn check_trust_action(&mut self, node: &Node<'_>, text: &str) {
        let useful = text.contains(['*', '?']) || TRUST_ACTIONS.iter().any(|known| known.eq_ignore_ascii_case(text));
        if !useful {
            let message = format!("a trust policy is never asked about `{}`", clip(text));
            let mut diagnostic = Diagnostic::new(Code::TrustAction, Some(node.span), message).label("no effect");
            diagnostic.help = did_you_mean(nearest(text, TRUST_ACTIONS));
            self.report(diagnostic);
        }
    }
}
