//! The truth of `Action` and `NotAction` (spec 2.6, 3.1).

use crate::policy::Listed;
use crate::policy::action::{ActionEntry, ActionPattern};
use crate::policy::template::Template;
use crate::semantics::document::Scope;
use crate::semantics::variable::{Draft, matched, plain_tokens};
use crate::semantics::{Algebra, Field, Part};

/// Whether the request's action is one the statement speaks of.
pub fn applies<A: Algebra>(a: &mut A, scope: Scope, listed: &Listed<ActionEntry>) -> A::Truth {
    let action = a.field(Field::Action);
    let mut parts = Vec::new();
    let mut drafts = Vec::new();
    for entry in &listed.entries {
        match &entry.pattern {
            ActionPattern::Glob(template) | ActionPattern::VendorWildcard(template)
                if !a.may_match(&action, template.pieces()) => {}
            ActionPattern::All => {
                let all = a.constant(true);
                parts.push(a.mark(Part::Entry, entry.span, all));
            }
            ActionPattern::Glob(template) => drafts.extend(draft(entry, template)),
            // spec 2.6: a glob where that widens access under test or narrows the reference, else nothing
            ActionPattern::VendorWildcard(template) if scope.generous() != listed.negated => {
                drafts.extend(draft(entry, template));
            }
            ActionPattern::VendorWildcard(_) | ActionPattern::Nothing => {}
        }
    }
    parts.push(matched(a, &action, &drafts, "action"));
    let some = a.any(parts);
    let truth = if listed.negated { a.not(some) } else { some };
    a.mark(Part::Action, listed.span, truth)
}

/// The pattern of an entry; its text is in lower case already, as the action of the request is (spec 3.1).
fn draft<'p>(entry: &'p ActionEntry, template: &'p Template) -> Option<Draft<'p>> {
    // spec 4.1: no variables in actions; the reader leaves their text literal
    let tokens = plain_tokens(template)?;
    Some(Draft { tokens, fenced: 0, text: &entry.text, span: entry.span })
}
