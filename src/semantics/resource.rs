//! The truth of `Resource` and `NotResource` (spec 2.6, 3.2, 4).

use std::collections::BTreeSet;

use crate::policy::resource::{ResourceEntry, ResourcePattern};
use crate::policy::template::{Piece, Template, Variable};
use crate::policy::{Kind, Listed, Policy};
use crate::semantics::document::Scope;
use crate::semantics::variable::{Draft, folded, glob, literal, lower, matched, unresolved};
use crate::semantics::{Algebra, Contested, Field, NOWHERE, Part, Pattern, Token};

/// Number of fields of an ARN.
const FIELDS: usize = 6;

/// How the patterns of a list are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reading {
    /// C2: every `*` of fields 2–5 stays in its field.
    pub(crate) closed: bool,
    /// C12: letter case of fields 1–5 is ignored.
    pub(crate) folded: bool,
    /// C6: wildcards in substituted values are active.
    pub(crate) active: bool,
}

impl Reading {
    /// The default reading.
    pub(crate) const DEFAULT: Reading = Reading { closed: false, folded: false, active: false };
}

/// The patterns that an entry stands for, without what lies beside them ([`names_all_buckets`]).
pub(crate) fn spelled(scope: Scope, entry: &ResourceEntry, reading: Reading) -> Vec<Vec<Token<&Variable>>> {
    let drafts = arn(scope, entry).map_or_else(Vec::new, |fields| drafts(entry, fields, reading));
    drafts.into_iter().map(|draft| draft.tokens).collect()
}

/// The keys whose values an entry inserts, but those with a default.
pub(crate) fn inserted(scope: Scope, entry: &ResourceEntry) -> impl Iterator<Item = &str> {
    let last = arn(scope, entry).and_then(|fields| fields.get(FIELDS - 1));
    let variables = last.into_iter().flat_map(Template::variables);
    variables.filter(|variable| variable.default.is_none()).map(|variable| variable.key.as_str())
}

/// Whether the entry also grants listing all buckets (spec 3.2).
pub(crate) fn names_all_buckets(scope: Scope, entry: &ResourceEntry) -> bool {
    arn(scope, entry).is_some_and(is_all_of_s3)
}

/// The rules about resource patterns whose readings differ on a question with this document {C2, C12, C6}.
pub(crate) fn exercised(policy: &Policy) -> BTreeSet<Contested> {
    let lists = policy.statements.iter().filter_map(|statement| statement.resource.as_ref());
    let mut rules = BTreeSet::new();
    for entry in lists.flat_map(|listed| &listed.entries) {
        let ResourcePattern::Arn(fields) = &entry.pattern else { continue };
        rules.extend(crosses(fields).then_some(Contested::C2));
        rules.extend(fields.iter().any(Template::has_variable).then_some(Contested::C6));
    }
    rules.extend(exercises_case(policy).then_some(Contested::C12));
    rules
}

/// Whether the request's resource is one the statement speaks of; an absent element speaks of every resource.
pub fn applies<A: Algebra>(a: &mut A, scope: Scope, listed: Option<&Listed<ResourceEntry>>) -> A::Truth {
    let Some(listed) = listed else { return a.constant(true) };
    let mut parts = whole(a, listed);
    parts.push(patterns(a, scope, listed));
    parts.push(all_my_buckets(a, scope, listed));
    if listed.negated {
        parts.push(unresolved_entries(a, scope, listed));
    }
    let some = a.any(parts);
    let truth = if listed.negated { a.not(some) } else { some };
    a.mark(Part::Resource, listed.span, truth)
}

/// Entries of all `*`: every resource and requests without one (spec 3.2).
fn whole<A: Algebra>(a: &mut A, listed: &Listed<ResourceEntry>) -> Vec<A::Truth> {
    let mut parts = Vec::new();
    for entry in listed.entries.iter().filter(|entry| entry.pattern == ResourcePattern::All) {
        let all = a.constant(true);
        parts.push(a.mark(Part::Entry, entry.span, all));
    }
    parts
}

/// The ARN patterns, as one list in each reading that differs textually {C2, C12, C6}.
fn patterns<A: Algebra>(a: &mut A, scope: Scope, listed: &Listed<ResourceEntry>) -> A::Truth {
    let entries: Vec<(&ResourceEntry, &[Template])> =
        listed.entries.iter().filter_map(|entry| arn(scope, entry).map(|fields| (entry, fields))).collect();
    let crossing = entries.iter().any(|(_, fields)| crosses(fields));
    let variables = entries.iter().any(|(_, fields)| fields.iter().any(Template::has_variable));
    let resource = a.field(Field::Resource);
    a.choose(Contested::C2, crossing, |a, closed| {
        a.choose(Contested::C12, a.exercises_case(), |a, folded| {
            a.choose(Contested::C6, variables, |a, active| {
                let reading = Reading { closed, folded, active };
                let near =
                    |(_, fields): &&(&ResourceEntry, &[Template])| folded || a.may_match(&resource, written(fields));
                let near = entries.iter().filter(near);
                let drafts: Vec<Draft<'_>> = near.flat_map(|(entry, fields)| drafts(entry, fields, reading)).collect();
                matched(a, &resource, &drafts, "resource")
            })
        })
    })
}

/// The fields of an ARN entry that can match in this kind of document (spec 3.2).
fn arn(scope: Scope, entry: &ResourceEntry) -> Option<&[Template]> {
    let ResourcePattern::Arn(fields) = &entry.pattern else { return None };
    let is_arn = fields.first().is_some_and(|field| spells(field, "arn"));
    let complete = fields.len() == FIELDS || completes(scope, fields);
    (is_arn && complete && fields.len() <= FIELDS).then_some(fields.as_slice())
}

/// Whether a short ARN stands for its completion with `:*` in this kind of document; if not, it matches nothing.
fn completes(scope: Scope, fields: &[Template]) -> bool {
    let is_star = |piece: Piece<'_>| piece == Piece::Many;
    let has_star = || fields.iter().any(|field| field.pieces().any(is_star));
    match scope.kind {
        Kind::Identity | Kind::Boundary | Kind::Session => true,
        Kind::Resource | Kind::Trust | Kind::Endpoint => has_star(),
        Kind::ServiceControl => fields.last().is_some_and(|field| field.pieces().last().is_some_and(is_star)),
        Kind::ResourceControl => false,
    }
}

/// Whether C2 changes the patterns: a `*` at the end of one of fields 2–5, or fields to be completed by such.
fn crosses(fields: &[Template]) -> bool {
    fields.len() < FIELDS || fields.iter().take(FIELDS - 1).any(|field| field.pieces().last() == Some(Piece::Many))
}

/// Whether the document exercises C12: a capital letter in fields 1–5. The reading then holds for every pattern of the
/// question, those without capitals too (spec 0.3).
pub fn exercises_case(policy: &Policy) -> bool {
    let capital = |piece: Piece<'_>| matches!(piece, Piece::Char(c) if lower(c) != c);
    let lists = policy.statements.iter().filter_map(|statement| statement.resource.as_ref());
    lists.flat_map(|listed| &listed.entries).any(|entry| match &entry.pattern {
        ResourcePattern::Arn(fields) => fields.iter().take(FIELDS - 1).any(|field| field.pieces().any(capital)),
        ResourcePattern::All | ResourcePattern::Nothing => false,
    })
}

/// Whether the field is this text, without wildcards.
fn spells(field: &Template, text: &str) -> bool {
    let pieces = field.pieces();
    pieces.len() == text.chars().count() && pieces.zip(text.chars()).all(|(piece, c)| piece == Piece::Char(c))
}

/// The patterns an entry stands for: itself, and if it is short its completion (spec 3.2).
fn drafts<'p>(entry: &'p ResourceEntry, fields: &'p [Template], reading: Reading) -> Vec<Draft<'p>> {
    let Some(tokens) = tokens(fields, reading) else { return Vec::new() };
    // of the fields but the last, which hold variables only for values that a scan does not know
    let fenced = fields.iter().take(FIELDS - 1).map(|field| field.len() + 1).sum();
    let draft = |tokens| Draft { tokens, fenced, text: &entry.text, span: entry.span };
    if fields.len() == FIELDS {
        return vec![draft(tokens)];
    }
    let mut completed = tokens.clone();
    for field in fields.len()..FIELDS {
        let inner = field < FIELDS - 1;
        completed.push(Token::Char(':'));
        completed.push(if inner && reading.closed { Token::ManyInField } else { Token::Many });
    }
    vec![draft(tokens), draft(completed)]
}

/// The pieces of the fields, joined by colons; of a short ARN the beginning.
fn written(fields: &[Template]) -> impl Iterator<Item = Piece<'_>> {
    let joined = fields
        .iter()
        .enumerate()
        .flat_map(|(index, field)| (index > 0).then_some(Piece::Char(':')).into_iter().chain(field.pieces()));
    joined.chain((fields.len() < FIELDS).then_some(Piece::Many))
}

/// The tokens of the fields, joined by colons; `None` if the entry matches nothing.
fn tokens(fields: &[Template], reading: Reading) -> Option<Vec<Token<&Variable>>> {
    let mut tokens = Vec::with_capacity(fields.iter().map(|field| field.len() + 1).sum());
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            tokens.push(Token::Char(':'));
        }
        let inner = index < FIELDS - 1;
        for (at, piece) in field.pieces().enumerate() {
            let last = at + 1 == field.len();
            tokens.push(if inner { inner_token(piece, last, reading)? } else { outer_token(piece, reading)? });
        }
    }
    Some(tokens)
}

/// A piece of fields 1–5 (spec 3.2).
fn inner_token(piece: Piece<'_>, last: bool, reading: Reading) -> Option<Token<&Variable>> {
    match piece {
        Piece::Char(c) if reading.folded => Some(folded(c)),
        Piece::Char(c) => Some(Token::Char(c)),
        Piece::One => Some(Token::OneInField),
        Piece::Many if last && !reading.closed => Some(Token::Many), // {C2}
        Piece::Many => Some(Token::ManyInField),
        // variables are not supported here: the reader leaves their text literal, which no ARN holds; but a value that
        // is not known may stand here
        Piece::Variable(variable) if reading.active => Some(Token::InsertGlobInField(variable)),
        Piece::Variable(variable) => Some(Token::Insert(variable)),
        Piece::Nothing => None,
    }
}

/// A piece of the sixth field.
fn outer_token(piece: Piece<'_>, reading: Reading) -> Option<Token<&Variable>> {
    match piece {
        Piece::Char(c) => Some(Token::Char(c)),
        Piece::One => Some(Token::One),
        Piece::Many => Some(Token::Many),
        Piece::Variable(variable) if reading.active => Some(Token::InsertGlob(variable)),
        Piece::Variable(variable) => Some(Token::Insert(variable)),
        Piece::Nothing => None,
    }
}

/// C9, other reading: an entry of NotResource with an unresolved variable keeps the statement from applying.
fn unresolved_entries<A: Algebra>(a: &mut A, scope: Scope, listed: &Listed<ResourceEntry>) -> A::Truth {
    let sixth = |entry| arn(scope, entry).and_then(|fields| fields.get(FIELDS - 1));
    let templates: Vec<&Template> =
        listed.entries.iter().filter_map(sixth).filter(|template| template.has_variable()).collect();
    a.choose(Contested::C9, !templates.is_empty(), |a, other| {
        let parts = if other { templates.iter().map(|template| unresolved(a, template)).collect() } else { Vec::new() };
        a.any(parts)
    })
}

/// `s3:ListAllMyBuckets`, a request without resource, is also one on `arn:aws:s3:::*` (spec 3.2).
fn all_my_buckets<A: Algebra>(a: &mut A, scope: Scope, listed: &Listed<ResourceEntry>) -> A::Truth {
    let names_s3 = |entry: &&ResourceEntry| arn(scope, entry).is_some_and(is_all_of_s3);
    let Some(entry) = listed.entries.iter().find(names_s3) else { return a.constant(false) };
    let (action, resource) = (a.field(Field::Action), a.field(Field::Resource));
    let listing = a.matches(&action, &[glob("s3:listallmybuckets")]);
    let nothing = a.matches(&resource, &[Pattern { tokens: literal("*"), span: NOWHERE }]);
    let truth = a.all(vec![listing, nothing]);
    a.mark(Part::Entry, entry.span, truth)
}

/// `arn:aws:s3:::*`, in any partition.
fn is_all_of_s3(fields: &[Template]) -> bool {
    let [_, partition, service, region, account, own] = fields else { return false };
    let empty = region.is_empty() && account.is_empty();
    spells(partition, "aws") && spells(service, "s3") && empty && own.pieces().eq([Piece::Many])
}
