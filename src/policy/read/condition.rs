//! The `Condition` block (spec 2.7, 5.1).

use std::borrow::Cow;

use super::set_keys::{has_one_value, has_several_values};
use super::{Reader, clip, did_you_mean, duplicates, nearest};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::{Member, Node, Value as Json};
use crate::policy::Effect;
use crate::policy::condition::{Clause, Operator, Quantifier, Test, canonical_key};
use crate::policy::operator::{OperatorError, OperatorName};
use crate::source::Span;

/// A value as text with its place (spec 1: scalars become strings).
pub(super) struct Scalar<'n, 't> {
    pub(super) node: &'n Node<'t>,
    pub(super) text: Cow<'n, str>,
}

impl Reader<'_> {
    /// Reads the block; `effect` only for a warning.
    pub(super) fn conditions(&mut self, node: &Node<'_>, effect: Option<Effect>) -> Vec<Clause> {
        let Json::Object(operators) = &node.value else {
            self.wrong_type("`Condition`", "an object", node);
            return Vec::new();
        };
        self.check_duplicates(operators);
        if operators.is_empty() {
            self.say(Code::EmptyCondition, node.span, "an empty condition is true of every request", "no effect");
        }
        let mut clauses = Vec::new();
        for operator in operators {
            self.operator_block(operator, &mut clauses);
        }
        if effect == Some(Effect::Allow) {
            self.check_for_all_in_allow(&clauses);
        }
        clauses
    }

    fn operator_block(&mut self, operator: &Member<'_>, clauses: &mut Vec<Clause>) {
        let name = self.operator_name(operator);
        let Json::Object(keys) = &operator.value.value else {
            self.wrong_type(&format!("`{}`", clip(&operator.key)), "an object of keys", &operator.value);
            return;
        };
        self.check_condition_keys(keys);
        if keys.is_empty() {
            let message = format!("`{}` without a key is true of every request", clip(&operator.key));
            self.say(Code::EmptyCondition, operator.value.span, message, "no effect");
        }
        for member in keys {
            clauses.push(self.clause(operator, name, member));
        }
    }

    /// The operator; `None` if there is none of this name (reported).
    fn operator_name(&mut self, member: &Member<'_>) -> Option<OperatorName> {
        match OperatorName::parse(&member.key) {
            Ok(name) => {
                match OperatorName::canonical(&member.key) {
                    Some(canonical) if canonical != member.key => self.operator_case(member, &canonical),
                    _ => {}
                }
                if let OperatorName::Null(Quantifier::Any | Quantifier::All) = name {
                    let message = format!("`{}` does not depend on the key", member.key);
                    let diagnostic = Diagnostic::new(Code::NullWithSetOperator, Some(member.key_span), message);
                    self.report(diagnostic.label("constant").help("write `Null` without prefix"));
                }
                Some(name)
            }
            Err(error) => {
                self.report(self.no_operator(member, error));
                None
            }
        }
    }

    fn operator_case(&mut self, member: &Member<'_>, canonical: &str) {
        let message = format!("operators are exact, capitals included: `{}`", member.key);
        let diagnostic = Diagnostic::new(Code::OperatorCase, Some(member.key_span), message).label("other capitals");
        self.report(diagnostic.help(format!("write `{canonical}`")));
    }

    fn no_operator(&self, member: &Member<'_>, error: OperatorError) -> Diagnostic {
        let name = clip(&member.key);
        let diagnostic = |code, message: String| Diagnostic::new(code, Some(member.key_span), message);
        match error {
            OperatorError::NullIfExists => diagnostic(Code::NullIfexists, "there is no `NullIfExists`".to_owned())
                .label("unknown")
                .help("write `Null`"),
            OperatorError::SetPrefix => {
                diagnostic(Code::SetOperatorUnknown, format!("the prefix of `{name}` is no set prefix"))
                    .label("unknown prefix")
                    .help("the prefixes are `ForAnyValue:` and `ForAllValues:`")
                    .severity(self.unknown_operator_severity())
            }
            OperatorError::Unknown => {
                let bare = member.key.rsplit(':').next().unwrap_or("");
                let near = nearest(bare.strip_suffix("IfExists").unwrap_or(bare), OperatorName::bases());
                let mut unknown = diagnostic(Code::UnknownOperator, format!("there is no operator `{name}`"));
                unknown.help = did_you_mean(near);
                unknown.label("unknown").severity(self.unknown_operator_severity())
            }
        }
    }

    /// spec 5.12: fatal, or let through as an unknown.
    fn unknown_operator_severity(&self) -> Severity {
        if self.options.lenient { Severity::Error } else { Severity::Fatal }
    }

    /// Names of one operator's keys: no two that differ by case only, none that no request carries (spec 2.7).
    fn check_condition_keys(&mut self, keys: &[Member<'_>]) {
        for (first, again) in duplicates(keys, |member| canonical_key(&member.key)) {
            let exact = first.key == again.key;
            let message = format!("`{}` is given twice under one operator", clip(&again.key));
            let label = if exact { "again here" } else { "key names do not differ by case" };
            let code = if exact { Code::DupKey } else { Code::DupConditionKey };
            let diagnostic = Diagnostic::new(code, Some(again.key_span), message).label(label);
            self.report(diagnostic.also(first.key_span, "first here").help("give the values in one list"));
        }
        for member in keys {
            self.check_no_variable(Code::VariableElsewhere, "key names", member.key_span, &member.key);
            let known_form =
                member.key.split_once(':').is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
            if !known_form || member.key.contains(['*', '?']) {
                let message = format!("no request carries a key `{}`", clip(&member.key));
                let diagnostic = Diagnostic::new(Code::BadConditionKey, Some(member.key_span), message);
                self.report(diagnostic.label("always absent").help("keys are `prefix:Name`, such as `aws:SourceIp`"));
            }
        }
    }

    fn clause(&mut self, operator: &Member<'_>, name: Option<OperatorName>, member: &Member<'_>) -> Clause {
        let key = canonical_key(&member.key);
        let scalars = self.scalars(&member.value);
        if scalars.is_empty() {
            let message = format!("`{}` is compared with no value", clip(&member.key));
            self.say(Code::EmptyValues, member.value.span, message, "nothing equals this");
        }
        let test = match name {
            Some(OperatorName::Compare(operator)) => {
                self.check_quantifier(operator, &key, member.key_span);
                let values = scalars.into_iter().map(|scalar| self.value(operator, &key, scalar)).collect();
                Test::Compare { operator, values }
            }
            Some(OperatorName::Null(quantifier)) => {
                let values = scalars.iter().map(|scalar| self.null_value(scalar)).collect();
                Test::Null { quantifier, values }
            }
            None => {
                let values: Vec<&str> = scalars.iter().map(|scalar| scalar.text.as_ref()).collect();
                Test::Unknown { text: format!("{} {key} {values:?}", operator.key) }
            }
        };
        let span = Span { end: member.value.span.end, ..member.key_span };
        Clause { key, key_text: member.key.as_ref().to_owned(), test, operator_span: operator.key_span, span }
    }

    /// The values as text; `null`, objects and lists in lists are fatal (spec 1).
    fn scalars<'n, 't>(&mut self, node: &'n Node<'t>) -> Vec<Scalar<'n, 't>> {
        let nodes = match &node.value {
            Json::Array(nodes) => nodes.as_slice(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                std::slice::from_ref(node)
            }
        };
        let mut scalars = Vec::with_capacity(nodes.len());
        for node in nodes {
            let text = match &node.value {
                Json::String(text) => Cow::Borrowed(text.as_ref()),
                Json::Number(text) => Cow::Borrowed(*text),
                Json::Bool(true) => Cow::Borrowed("true"),
                Json::Bool(false) => Cow::Borrowed("false"),
                Json::Null | Json::Array(_) | Json::Object(_) => {
                    self.wrong_type("a condition value", "a string, number or Boolean", node);
                    continue;
                }
            };
            scalars.push(Scalar { node, text });
        }
        self.check_mixed(node.span, &scalars);
        scalars
    }

    fn check_mixed(&mut self, span: Span, scalars: &[Scalar<'_, '_>]) {
        let kind = |scalar: &Scalar<'_, '_>| scalar.node.describe();
        let mixed = scalars.windows(2).any(|pair| matches!(pair, [a, b] if kind(a) != kind(b)));
        if mixed {
            self.say(Code::MixedTypes, span, "values of different JSON types in one list", "all are read as text");
        }
    }

    fn check_quantifier(&mut self, operator: Operator, key: &str, span: Span) {
        match operator.quantifier {
            Quantifier::One if has_several_values(key) => {
                let message =
                    format!("`{key}` carries several values; without a set prefix their comparison is undocumented");
                let diagnostic = Diagnostic::new(Code::MultiWithoutSet, Some(span), message).label("several values");
                self.report(diagnostic.help(format!("write `ForAnyValue:{operator}` or `ForAllValues:{operator}`")));
            }
            Quantifier::Any | Quantifier::All if has_one_value(key) => {
                let message = format!("`{key}` carries one value; a set prefix only changes what an absent key means");
                self.say(Code::SetOnSingleKey, span, message, "one value");
            }
            Quantifier::One | Quantifier::Any | Quantifier::All => {}
        }
    }

    /// ForAllValues is true when the key is absent (spec 5.4).
    fn check_for_all_in_allow(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            let Test::Compare { operator, .. } = &clause.test else { continue };
            let guarded = || clauses.iter().any(|other| other.key == clause.key && requires_presence(&other.test));
            if operator.quantifier == Quantifier::All && !guarded() {
                let message = format!("`ForAllValues` also holds when `{}` is absent", clip(&clause.key_text));
                let diagnostic = Diagnostic::new(Code::ForallAllowWithoutNull, Some(clause.span), message);
                let help = format!("add `\"Null\": {{\"{}\": \"false\"}}`", clip(&clause.key_text));
                self.report(diagnostic.label("true without the key").help(help));
            }
        }
    }
}

/// Whether the test is false whenever its key is absent (spec 5.2, 5.5).
fn requires_presence(test: &Test) -> bool {
    match test {
        Test::Null { quantifier: Quantifier::One, values } => values.iter().all(|value| *value != Some(true)),
        Test::Null { .. } | Test::Unknown { .. } => false,
        Test::Compare { operator, .. } => match operator.quantifier {
            Quantifier::One => !operator.negated && !operator.if_exists,
            Quantifier::Any => !operator.if_exists,
            Quantifier::All => false,
        },
    }
}
