//! A policy inside a plan, template or snapshot: from its tree to what was found or why it is skipped.

use crate::diagnostic::{Diagnostic, Severity};
use crate::json::{self, Limits};
use crate::policy::Kind;
use crate::policy::read::{ReadOptions, read_node};
use crate::scan::found::{Before, Found, Open, Written};
use crate::scan::read::{Options, Seen, malformed, skipped};
use crate::scan::tree::{Piece, Text, Tree, Unknown, Value};
use crate::scan::values::example;
use crate::source::{Sources, Span};
use crate::stack::Document;

/// Where a policy was found, and what it is attached to.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file, as the user gave it.
    pub(super) file: String,
    /// The address in it.
    pub(super) address: String,
    /// The kind of policy.
    pub(super) kind: Kind,
    /// The type of resource, as check-no-public-access names it.
    pub(super) resource_type: Option<&'static str>,
}

/// Reads a policy of which perhaps not everything is known.
pub(super) fn found(sources: &mut Sources, place: &Place, tree: &Tree, options: &Options) -> Seen {
    let span = Some(tree.span);
    let mut made = Vec::new();
    match written(sources, place, tree, options, &mut made) {
        Ok(document) => Seen::Found(Box::new(Found {
            file: place.file.clone(),
            address: place.address.clone(),
            kind: Some(place.kind),
            resource_type: place.resource_type,
            span,
            document,
            before: Before::Unasked,
            supposed: None,
            diagnostics: made,
        })),
        Err(Problem::Malformed) => {
            let mut skipped = malformed(&place.file, Some(place.address.clone()), made);
            skipped.span = skipped.span.or(span);
            Seen::Skipped(skipped)
        }
        Err(Problem::Undetermined(reason)) => {
            let skipped = skipped(&place.file, reason);
            Seen::Skipped(crate::scan::Skipped { address: Some(place.address.clone()), span, ..skipped })
        }
    }
}

/// Why a policy cannot be asked about.
pub(super) enum Problem {
    /// The reader refused it.
    Malformed,
    /// What it says is not known, for this reason.
    Undetermined(String),
}

/// Reads a policy for one side of a question; what there is to say about it is added to `made`.
pub(super) fn written(
    sources: &mut Sources,
    place: &Place,
    tree: &Tree,
    options: &Options,
    made: &mut Vec<Diagnostic>,
) -> Result<Written, Problem> {
    let parsed;
    let tree = match &tree.value {
        Value::Text(text) if text.as_known().is_none() => {
            parsed = in_text(sources, place, text)?;
            &parsed
        }
        Value::Unknown(unknown) => return Err(Problem::Undetermined(not_known(unknown))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => tree,
    };
    let reference = options.reference;
    let options = ReadOptions { kind: Some(place.kind), ..options.read_options() };
    let open = tree.is_open();
    let whole = if open { example(tree) } else { tree.clone() };
    let Some(node) = whole.node() else { return Err(Problem::Undetermined("what it says is not known".to_owned())) };
    let mut outcome = read_node(sources, &node, &options);
    // what is said about an example of a value is not said of the policy
    let holes = tree.open_spans();
    let about_example = |found: &Diagnostic| {
        let within = |span: Span| holes.iter().any(|hole| covers(*hole, span));
        found.severity != Severity::Fatal && found.span.is_some_and(within)
    };
    outcome.diagnostics.retain(|found| !about_example(found));
    made.append(&mut outcome.diagnostics);
    let about_hole = |found: &&Diagnostic| {
        found.severity != Severity::Fatal || found.span.is_some_and(|span| holes.iter().any(|hole| covers(*hole, span)))
    };
    if outcome.policy.is_none() && open && made.iter().all(|found| about_hole(&found)) {
        let names: Vec<String> = tree.unknowns().into_keys().map(|name| format!("`{name}`")).collect();
        return Err(Problem::Undetermined(format!("what it says is not known here: {}", names.join(", "))));
    }
    let policy = outcome.policy.ok_or(Problem::Malformed)?;
    Ok(if open {
        Written::Open(Box::new(Open { tree: tree.clone(), kind: place.kind, reference }))
    } else {
        Written::Whole(Box::new(Document::Policy(Box::new(policy))))
    })
}

/// Whether a place lies in another.
fn covers(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The clause that says what is not known.
pub(super) fn not_known(unknown: &Unknown) -> String {
    format!("what it says is not known here: `{}`", unknown.expression)
}

/// Brackets around an expression in a text that holds a policy.
const BRACKETS: [char; 2] = ['\u{27E8}', '\u{27E9}'];

/// A policy written as a text with holes: the text is read with the expressions in brackets that no policy has.
fn in_text(sources: &mut Sources, place: &Place, text: &Text) -> Result<Tree, Problem> {
    let mut whole = String::new();
    let mut unknowns = Vec::new();
    for piece in &text.pieces {
        match piece {
            Piece::Known(known) if known.contains(BRACKETS) => {
                let reason = format!("it contains `{}`, with which places of unknown values are marked", BRACKETS[0]);
                return Err(Problem::Undetermined(reason));
            }
            Piece::Known(known) => whole.push_str(known),
            Piece::Unknown(unknown) => {
                whole.push_str(&format!("{}{}{}", BRACKETS[0], shown(unknown), BRACKETS[1]));
                unknowns.push(unknown.clone());
            }
        }
    }
    let file = sources.add(format!("{} ({})", place.file, place.address), whole);
    let whole = sources.shared(file);
    let parsed = json::parse(&whole, file, Limits::DOCUMENT);
    let undetermined = || {
        let names: Vec<String> = unknowns.iter().map(|unknown| format!("`{}`", unknown.expression)).collect();
        Problem::Undetermined(format!("what it says is not known here: {}", names.join(", ")))
    };
    let root = parsed.root.as_ref().filter(|_| parsed.diagnostics.is_empty()).ok_or_else(undetermined)?;
    let tree = Tree::of(root).map_texts(&|text| with_holes(text, &unknowns));
    let found: Vec<String> = tree.unknowns().into_keys().collect();
    let all = unknowns.iter().all(|unknown| found.contains(&unknown.expression));
    if all { Ok(tree) } else { Err(undetermined()) }
}

/// An expression that can stand inside a JSON string.
fn shown(unknown: &Unknown) -> String {
    unknown.expression.replace(['"', '\\'], "'").replace(char::is_control, " ")
}

/// A text with the expressions in brackets as holes again.
fn with_holes(text: &Text, unknowns: &[Unknown]) -> Text {
    let Some(known) = text.as_known() else { return text.clone() };
    let mut out = Text::default();
    let mut rest = known;
    while let Some((before, after)) = rest.split_once(BRACKETS[0]) {
        out.push_known(before);
        let (name, after) = after.split_once(BRACKETS[1]).unwrap_or((after, ""));
        if let Some(unknown) = unknowns.iter().find(|unknown| shown(unknown) == name) {
            out.push(&Text::unknown(unknown.clone()));
        }
        rest = after;
    }
    out.push_known(rest);
    out
}
