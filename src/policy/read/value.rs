//! Condition values parsed for the family of their operator (spec 5.3, 5.6–5.11).

use solver::decimal::Decimal;

use super::condition::Scalar;
use super::{Reader, clip};
use crate::diagnostic::{Code, Diagnostic};
use crate::policy::binary::decode_base64;
use crate::policy::condition::{Instant, Network, Operand, Operator, Relation, Value};
use crate::policy::template::{Template, Wildcards, arn_fields};

impl Reader<'_> {
    pub(super) fn value(&mut self, operator: Operator, key: &str, scalar: Scalar<'_, '_>) -> Value {
        let operand = match operator.relation {
            Relation::StringEquals | Relation::StringEqualsIgnoreCase => {
                self.check_like(operator, &scalar);
                Operand::Text(self.template(scalar.node, 0, &scalar.text, Wildcards::Literal))
            }
            Relation::StringLike => Operand::Text(self.template(scalar.node, 0, &scalar.text, Wildcards::Active)),
            Relation::ArnLike => self.arn_operand(&scalar),
            Relation::Bool => Operand::Bool(self.bool_value(&scalar)),
            Relation::BinaryEquals => Operand::Binary(self.parsed(&scalar, decode_base64, Code::BadBase64, "base64")),
            Relation::Numeric(_) => Operand::Number(self.parsed(&scalar, Decimal::parse, Code::BadNumber, "a number")),
            Relation::Date(_) => Operand::Instant(self.date(&scalar)),
            Relation::IpAddress => Operand::Network(self.network(key, &scalar)),
        };
        Value { text: scalar.text.into_owned(), operand, span: scalar.node.span }
    }

    /// `true` or `false` in any case; for `Null` (spec 5.5).
    pub(super) fn null_value(&mut self, scalar: &Scalar<'_, '_>) -> Option<bool> {
        self.bool_value(scalar)
    }

    fn bool_value(&mut self, scalar: &Scalar<'_, '_>) -> Option<bool> {
        self.parsed(scalar, parse_bool, Code::BadBool, "`true` or `false`")
    }

    /// A value of a family without variables; one that is malformed equals nothing (C7).
    fn parsed<T>(
        &mut self,
        scalar: &Scalar<'_, '_>,
        parse: impl Fn(&str) -> Option<T>,
        code: Code,
        wanted: &str,
    ) -> Option<T> {
        let (text, span) = (&scalar.text, scalar.node.span);
        if text.contains("${") {
            self.check_no_variable(Code::VariableOperator, "values of this operator", span, text);
            return parse(text);
        }
        let value = parse(text);
        if value.is_none() {
            self.say(code, span, format!("`{}` is not {wanted}", clip(text)), "nothing equals this");
        }
        value
    }

    /// `*` and `?` are plain text in this family (spec 3).
    fn check_like(&mut self, operator: Operator, scalar: &Scalar<'_, '_>) {
        let text = &scalar.text;
        let mut before = None;
        let escaped = |c: char, before: Option<char>| matches!(c, '*' | '?') && before != Some('{');
        let bare = text.chars().any(|c| escaped(c, before.replace(c)));
        if bare {
            let message = format!("`*` and `?` are no wildcards under `{operator}`");
            let diagnostic = Diagnostic::new(Code::WildcardWithoutLike, Some(scalar.node.span), message);
            self.report(diagnostic.label("matches only itself").help("use the `Like` form of the operator"));
        }
    }

    /// Six fields, split outside `${…}`, each a pattern; beside them the whole as one pattern (spec 5.10, C15).
    fn arn_operand(&mut self, scalar: &Scalar<'_, '_>) -> Operand {
        let (text, variables) = (&scalar.text, self.variables());
        let whole = self.template(scalar.node, 0, text, Wildcards::Active);
        let split = arn_fields(text, variables);
        let field = |(_, text): &(usize, &str)| Template::parse(text, Wildcards::Active, variables, |_, _| {});
        let fields: Option<[Template; 6]> = split.iter().map(field).collect::<Vec<_>>().try_into().ok();
        if fields.is_none() {
            let message = format!("`{}` has fewer than the six fields of an ARN", clip(text));
            let diagnostic = Diagnostic::new(Code::ShortArn, Some(scalar.node.span), message);
            self.report(diagnostic.label("matches no ARN").help("write `arn:*:*:*:*:*` with the fields that matter"));
        }
        Operand::Arn { fields: fields.map(Box::new), whole }
    }

    fn date(&mut self, scalar: &Scalar<'_, '_>) -> Option<Instant> {
        if Instant::is_ambiguous(&scalar.text) {
            let message = format!("`{}` is read as seconds of the epoch, not as a year", scalar.text);
            let diagnostic = Diagnostic::new(Code::AmbiguousDate, Some(scalar.node.span), message);
            self.report(diagnostic.label("four digits").help(format!("a year is written `{}-01-01`", scalar.text)));
        }
        self.parsed(scalar, Instant::parse, Code::BadDate, "a date")
    }

    fn network(&mut self, key: &str, scalar: &Scalar<'_, '_>) -> Option<Network> {
        let (text, span) = (&scalar.text, scalar.node.span);
        let network = self.parsed(scalar, Network::parse, Code::BadCidr, "an IP address or block")?;
        if Network::is_mapped(text) {
            self.say(Code::MappedAddress, span, "an IPv4 address written as IPv6", "read as the IPv4 address");
        } else if network.range != network.without_prefix {
            let message = "an IPv6 address without prefix length is read as one address";
            let diagnostic = Diagnostic::new(Code::Ipv6WithoutPrefix, Some(span), message).label("/128 or /32?");
            self.report(diagnostic.help(format!("write `{text}/128`")));
        }
        if key == "aws:sourceip" && network.is_private() {
            let message = format!("`{text}` is private: `aws:SourceIp` carries public addresses");
            self.say(Code::PrivateSourceIp, span, message, "matches no request");
        }
        Some(network)
    }
}

/// spec 5.8
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
