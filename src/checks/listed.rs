//! Listed accesses as formulas: actions and ARNs with wildcards, no variables (spec 10.2).

use crate::checks::Access;
use crate::policy::action::ActionPattern;
use crate::policy::resource::ResourcePattern;
use crate::policy::template::{Template, Variables, Wildcards, arn_fields};
use crate::semantics::{Algebra, Field, NOWHERE, Pattern, Token};

/// A listed action as a pattern (spec 10.2: any pattern valid in `Action`).
pub(super) fn action_pattern(text: &str) -> ActionPattern {
    if text.bytes().all(|byte| byte == b'*') || text == "*:*" {
        return ActionPattern::All;
    }
    let lower = text.to_ascii_lowercase();
    ActionPattern::Glob(Template::parse(&lower, Wildcards::Active, Variables::Literal, |_, _| {}))
}

/// A listed resource as a pattern: field by field, every `*` within its field but in the last.
pub(super) fn resource_pattern(text: &str) -> ResourcePattern {
    let parse = |field: &str| Template::parse(field, Wildcards::Active, Variables::Literal, |_, _| {});
    ResourcePattern::Arn(arn_fields(text, Variables::Literal).into_iter().map(|(_, field)| parse(field)).collect())
}

/// Whether the request is one of the accesses; true if there are none.
pub(super) fn is_listed<A: Algebra>(a: &mut A, accesses: &[Access]) -> A::Truth {
    if accesses.is_empty() {
        return a.constant(true);
    }
    let mut any = Vec::with_capacity(accesses.len());
    for access in accesses {
        let action = listed_actions(a, &access.actions);
        let resource = listed_resources(a, &access.resources);
        any.push(a.all(vec![action, resource]));
    }
    a.any(any)
}

fn listed_actions<A: Algebra>(a: &mut A, actions: &[String]) -> A::Truth {
    let mut patterns = Vec::new();
    for text in actions {
        match action_pattern(text) {
            ActionPattern::All => return a.constant(true),
            ActionPattern::Glob(template) => patterns.push(pattern(&template, false)),
            ActionPattern::VendorWildcard(_) | ActionPattern::Nothing => {}
        }
    }
    if actions.is_empty() {
        return a.constant(true);
    }
    let action = a.field(Field::Action);
    a.matches(&action, &patterns)
}

fn listed_resources<A: Algebra>(a: &mut A, resources: &[String]) -> A::Truth {
    if resources.is_empty() {
        return a.constant(true);
    }
    let mut patterns = Vec::new();
    for text in resources {
        if let ResourcePattern::Arn(fields) = resource_pattern(text) {
            let mut tokens = Vec::new();
            for (index, field) in fields.iter().enumerate() {
                if index > 0 {
                    tokens.push(Token::Char(':'));
                }
                tokens.extend(pattern::<A::Text>(field, index < 5).tokens);
            }
            patterns.push(Pattern { tokens, span: NOWHERE });
        }
    }
    let resource = a.field(Field::Resource);
    a.matches(&resource, &patterns)
}

fn pattern<Text>(template: &Template, in_field: bool) -> Pattern<Text> {
    use crate::policy::template::Piece;
    let token = |piece: Piece<'_>| match piece {
        Piece::Char(c) => Some(Token::Char(c)),
        Piece::One if in_field => Some(Token::OneInField),
        Piece::One => Some(Token::One),
        Piece::Many if in_field => Some(Token::ManyInField),
        Piece::Many => Some(Token::Many),
        Piece::Variable(_) | Piece::Nothing => None,
    };
    Pattern { tokens: template.pieces().filter_map(token).collect(), span: NOWHERE }
}
