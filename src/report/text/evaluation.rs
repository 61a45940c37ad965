//! The result of one concrete request as text: who may not do what, what each layer says, and which one decided.

use std::collections::BTreeSet;

use crate::checks::Side;
use crate::evaluation::{Decider, Evaluation, MissingSide};
use crate::policy::Effect;
use crate::report::Named;
use crate::report::json;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::text::{Page, place, plural, statement_name};
use crate::request::Request;
use crate::semantics::authorization::{Decision, Stack};
use crate::semantics::trace::{Because, Line};
use crate::source::Sources;

/// Statements of a layer that are told one by one.
const MOST_LINES: usize = 3;

/// The result of one concrete request, ending in a line end.
pub fn evaluation(request: &Request, asked: Named<'_>, found: &Evaluation, sources: &Sources, paint: Paint) -> String {
    let mut page = Page { out: String::new(), paint, sources };
    let (word, ink, may) = match found.decision {
        Decision::Allowed => ("Allowed", Ink::Good, "may do"),
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => ("Denied", Ink::Bad, "may not do"),
    };
    let who = printable(&request.principal.to_string());
    let what = format!("{may} {} on {}", printable(&request.action), printable(&request.resource));
    page.verdict(word, ink, &who, &what);
    page.line("");
    page.layers(found, asked.side);
    page.row("decided by", &decided_by(found, sources));
    for (rule, other) in &found.otherwise {
        page.row(
            "note",
            &format!("{} under the other reading of {rule}, which is not documented", json::decision(*other)),
        );
    }
    page.line("");
    let policies = match asked.side {
        Side::Document(_) => 1,
        Side::Stack(stack) => crate::stack::places(stack).len(),
    };
    let statements = plural(found.trace.len(), "statement");
    page.line(&format!("1 request evaluated against {} ({statements}).", plural(policies, "policy")));
    page.out
}

impl Page<'_> {
    /// A row for every policy, and one for the layers that are not given.
    fn layers(&mut self, found: &Evaluation, side: Side<'_>) {
        let mut seen = BTreeSet::new();
        for line in &found.trace {
            if seen.insert(line.layer.as_str()) {
                let lines: Vec<&Line> = found.trace.iter().filter(|other| other.layer == line.layer).collect();
                self.layer(&line.layer, &lines);
            }
        }
        if let Side::Stack(stack) = side {
            let absent = absent(stack);
            if !absent.is_empty() {
                self.row("not given", &absent.join(", "));
            }
        }
    }

    fn layer(&mut self, layer: &str, lines: &[&Line]) {
        let name = |line: &Line| {
            format!("{}, {}", statement_name(line.index, line.sid.as_deref()), place(self.sources, line.span))
        };
        let matched = |effect| lines.iter().filter(move |line| line.matched && line.effect == effect);
        let mut says: Vec<String> = matched(Effect::Deny).map(|line| format!("denies it: {}", name(line))).collect();
        says.extend(matched(Effect::Allow).map(|line| format!("allows it: {}", name(line))));
        if says.is_empty() && lines.iter().any(|line| line.because == Because::OutOfForce) {
            says.push("does not apply to this caller or resource".to_owned());
        }
        if says.is_empty() {
            says.push("nothing allows it".to_owned());
            let near = lines.iter().filter(|line| line.effect == Effect::Allow && is_near(&line.because, lines));
            says.extend(near.map(|line| format!("{}: {}", name(line), line.because)));
        }
        let hidden = says.len().saturating_sub(MOST_LINES.saturating_add(1));
        says.truncate(MOST_LINES.saturating_add(1));
        if hidden > 0 {
            says.push(format!("and {}", plural(hidden, "more statement")));
        }
        let mut caption = layer;
        for text in says {
            self.row(caption, &text);
            caption = "";
        }
    }
}

/// Whether a statement is worth telling: it fails last of all parts, or is one of few.
fn is_near(because: &Because, lines: &[&Line]) -> bool {
    match because {
        Because::Condition { .. } => true,
        Because::Resource(_) | Because::Action(_) | Because::Principal(_) => lines.len() <= MOST_LINES,
        Because::Matches | Because::OutOfForce => false,
    }
}

/// The layers that are not given.
fn absent(stack: &Stack) -> Vec<&'static str> {
    let rows = [
        ("identity", stack.identity.is_empty()),
        ("resource", stack.resource.is_none()),
        ("boundary", stack.boundary.is_none()),
        ("session", stack.session.is_empty()),
        ("scps", stack.scps.is_empty()),
        ("rcps", stack.rcps.is_empty()),
        ("endpoint", stack.endpoint.is_none()),
    ];
    rows.into_iter().filter(|(_, absent)| *absent).map(|(name, _)| name).collect()
}

/// What decided, in a sentence.
pub(super) fn decided_by(found: &Evaluation, sources: &Sources) -> String {
    let name = |at: &usize| {
        found.trace.get(*at).map_or(String::new(), |line| {
            let statement = statement_name(line.index, line.sid.as_deref());
            let of = if line.layer == "policy" { String::new() } else { format!(" of {}", line.layer) };
            format!("{statement}{of}, {}", place(sources, line.span))
        })
    };
    match &found.decider {
        Decider::Denied(at) => format!("the Deny in {}", name(at)),
        Decider::Granted(all) => {
            let first = all.first().map(name).unwrap_or_default();
            match all.len().saturating_sub(1) {
                0 => first,
                more => format!("{first}, and {}", plural(more, "more statement")),
            }
        }
        Decider::Always => "nothing: this is allowed without a policy".to_owned(),
        Decider::NothingGrants => "nobody: no statement allows it".to_owned(),
        Decider::OtherAccount(MissingSide::Resource) => {
            "the policy of the resource, which is in another account: it must allow this too".to_owned()
        }
        Decider::OtherAccount(MissingSide::Identity) => {
            "the identity policies: the resource is in another account, so they must allow this too".to_owned()
        }
        Decider::NotDelegated => {
            "the policy of the resource: identity policies count for a KMS key or a role only where \
                                  its own policy delegates to the account"
                .to_owned()
        }
        Decider::OnlyDelegated => {
            "the identity policies: the policy of the resource leaves it to them, and they do not allow it".to_owned()
        }
        Decider::NoSessionPolicy => {
            "the session: a federated user may do what a policy passed with it allows, and none is given".to_owned()
        }
        Decider::Limited(layers) => format!("{}: granted, but not allowed there", layers.join(", ")),
        Decider::Never => "the service: it refuses this whatever the policies say".to_owned(),
    }
}
