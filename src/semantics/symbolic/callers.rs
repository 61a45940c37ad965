//! The principal as a tagged union of records: one record a kind, the derived keys as views (spec 6.1, 6.5(1), 6.5(2)).

use std::collections::{BTreeMap, BTreeSet};

use solver::chars::CharClass;
use solver::formula::{Formula, Formulas};
use solver::record::{Piece, Record, Run, Shape, Text};

use crate::policy::template::{Piece as Pattern, Template};
use crate::request::{Caller, CallerKind};
use crate::semantics::Field;
use crate::semantics::symbolic::domain;
use crate::semantics::symbolic::footprint::Footprint;

/// All kinds, in the order in which counterexamples prefer them.
pub(super) const KINDS: [CallerKind; 7] = [
    CallerKind::User,
    CallerKind::Session,
    CallerKind::Root,
    CallerKind::FederatedUser,
    CallerKind::Service,
    CallerKind::Federated,
    CallerKind::Anonymous,
];

/// One kind of caller.
#[derive(Clone, Debug)]
struct Kind {
    is: Formula,
    record: Option<Record>,
}

/// The callers of a question.
#[derive(Clone, Debug)]
pub(super) struct Callers {
    kinds: BTreeMap<CallerKind, Kind>,
}

/// Fields of the record of a kind.
mod field {
    pub(super) const PARTITION: u16 = 0;
    pub(super) const ACCOUNT: u16 = 1;
    pub(super) const PATH: u16 = 2;
    pub(super) const NAME: u16 = 3;
    pub(super) const ID: u16 = 4;
    pub(super) const SESSION: u16 = 5;
}

impl Callers {
    /// Declares the possible kinds.
    pub(super) fn new(formulas: &mut Formulas, possible: &BTreeSet<CallerKind>, footprint: &Footprint) -> Self {
        let shapes = Shapes::new(footprint);
        let kinds = KINDS
            .into_iter()
            .filter(|kind| possible.contains(kind))
            .map(|kind| {
                let variable = formulas.declare_bool();
                let is = if possible.len() == 1 { Formula::TRUE } else { formulas.bool(variable) };
                let form = shapes.form(kind);
                let record = (!form.is_empty()).then(|| formulas.records.declare(vec![form]));
                (kind, Kind { is, record })
            })
            .collect();
        Self { kinds }
    }

    /// Whether the caller is of the kind.
    pub(super) fn is(&self, kind: CallerKind) -> Formula {
        self.kinds.get(&kind).map_or(Formula::FALSE, |kind| kind.is)
    }

    /// Exactly one kind (spec 6.5(1)).
    pub(super) fn exactly_one(&self, formulas: &mut Formulas) -> Formula {
        let all: Vec<Formula> = KINDS.into_iter().map(|kind| self.is(kind)).filter(|f| *f != Formula::FALSE).collect();
        let mut parts = vec![formulas.any(&all)];
        for (index, a) in all.iter().enumerate() {
            for b in all.iter().take(index) {
                let both = formulas.all(&[*a, *b]);
                parts.push(Formulas::not(both));
            }
        }
        formulas.all(&parts)
    }

    /// The text of a field of the request for each kind that has it.
    pub(super) fn field(&self, formulas: &mut Formulas, wanted: Field) -> Vec<(CallerKind, Formula, Text)> {
        self.views(formulas, |kind| match wanted {
            Field::CallerPartition => own(kind, field::PARTITION),
            Field::CallerAccount => own(kind, field::ACCOUNT),
            Field::CallerArn => caller_arn(kind),
            Field::RoleArn => (kind == CallerKind::Session).then(|| principal_arn(kind)).flatten(),
            Field::CallerName => caller_name(kind),
            Field::CallerId => caller_id(kind),
            Field::Action | Field::Resource | Field::ResourceAccount => None,
        })
    }

    /// The value of `aws:PrincipalArn` for each kind that has it.
    pub(super) fn principal_arn(&self, formulas: &mut Formulas) -> Vec<(CallerKind, Formula, Text)> {
        self.views(formulas, principal_arn)
    }

    /// The value of `aws:username`.
    pub(super) fn user_name(&self, formulas: &mut Formulas) -> Vec<(CallerKind, Formula, Text)> {
        self.views(formulas, |kind| (kind == CallerKind::User).then(|| vec![Piece::Field(field::NAME)]))
    }

    fn views(
        &self,
        formulas: &mut Formulas,
        pieces: impl Fn(CallerKind) -> Option<Vec<Piece>>,
    ) -> Vec<(CallerKind, Formula, Text)> {
        let mut views = Vec::new();
        for kind in KINDS {
            if let (Some(Kind { is, record: Some(record) }), Some(pieces)) = (self.kinds.get(&kind), pieces(kind)) {
                views.push((kind, *is, formulas.records.view(*record, pieces)));
            }
        }
        views
    }

    /// The caller of a model: the kind that is true (or the first possible one), its fields, plain ones where they do
    /// not matter.
    pub(super) fn decode(
        &self,
        is_true: &dyn Fn(Formula) -> bool,
        fields: &dyn Fn(Record) -> Option<Vec<String>>,
    ) -> (Caller, Option<String>) {
        let chosen = KINDS.into_iter().find(|kind| is_true(self.is(*kind)));
        let kind = chosen.or_else(|| KINDS.into_iter().find(|kind| self.kinds.contains_key(kind)));
        let kind = kind.unwrap_or(CallerKind::User);
        let record = self.kinds.get(&kind).and_then(|kind| kind.record);
        let values = record.and_then(fields);
        let value = |field: u16, plain: &str| {
            let given = values.as_ref().and_then(|values| values.get(usize::from(field)));
            given.map_or_else(|| plain.to_owned(), Clone::clone)
        };
        let partition = value(field::PARTITION, "aws");
        let account = value(field::ACCOUNT, "123456789012");
        let path = value(field::PATH, "/");
        let caller = match kind {
            CallerKind::Root => Caller::Root { partition, account },
            CallerKind::User => Caller::User { partition, account, path, name: value(field::NAME, "alice") },
            CallerKind::Session => Caller::Session {
                partition,
                account,
                path: Some(path),
                role: value(field::NAME, "app"),
                session: Some(value(field::SESSION, "session")),
            },
            CallerKind::FederatedUser => {
                Caller::FederatedUser { partition, account, name: value(field::NAME, "alice") }
            }
            CallerKind::Service => Caller::Service(value(field::PARTITION, "s3.amazonaws.com")),
            CallerKind::Federated => Caller::Federated(value(field::PARTITION, "accounts.google.com")),
            CallerKind::Anonymous => Caller::Anonymous,
        };
        let id = match kind {
            CallerKind::User => Some(value(field::ID, "AIDAEXAMPLEUSERID")),
            CallerKind::Session => {
                Some(format!("{}:{}", value(field::ID, "AROAEXAMPLEROLEID"), value(field::SESSION, "session")))
            }
            CallerKind::Root
            | CallerKind::FederatedUser
            | CallerKind::Service
            | CallerKind::Federated
            | CallerKind::Anonymous => None,
        };
        (caller, id)
    }
}

fn fixed(text: &str) -> Piece {
    Piece::Fixed(text.to_owned())
}

fn own(kind: CallerKind, field: u16) -> Option<Vec<Piece>> {
    match kind {
        CallerKind::Root | CallerKind::User | CallerKind::Session | CallerKind::FederatedUser => {
            Some(vec![Piece::Field(field)])
        }
        CallerKind::Service | CallerKind::Federated | CallerKind::Anonymous => None,
    }
}

/// `arn:<partition>:<service>::<account>:` and what follows.
fn arn(service: &str, rest: Vec<Piece>) -> Vec<Piece> {
    let middle = fixed(&format!(":{service}::"));
    let mut pieces = vec![fixed("arn:"), Piece::Field(field::PARTITION), middle, Piece::Field(field::ACCOUNT)];
    pieces.extend(rest);
    pieces
}

/// Column "caller ARN" of spec 6.1.
fn caller_arn(kind: CallerKind) -> Option<Vec<Piece>> {
    match kind {
        CallerKind::Root => Some(arn("iam", vec![fixed(":root")])),
        CallerKind::User => {
            Some(arn("iam", vec![fixed(":user"), Piece::Field(field::PATH), Piece::Field(field::NAME)]))
        }
        CallerKind::Session => Some(arn(
            "sts",
            vec![fixed(":assumed-role/"), Piece::Field(field::NAME), fixed("/"), Piece::Field(field::SESSION)],
        )),
        CallerKind::FederatedUser => Some(arn("sts", vec![fixed(":federated-user/"), Piece::Field(field::NAME)])),
        CallerKind::Service | CallerKind::Federated | CallerKind::Anonymous => None,
    }
}

/// Column `aws:PrincipalArn` of spec 6.1.
fn principal_arn(kind: CallerKind) -> Option<Vec<Piece>> {
    match kind {
        CallerKind::Session => {
            Some(arn("iam", vec![fixed(":role"), Piece::Field(field::PATH), Piece::Field(field::NAME)]))
        }
        CallerKind::Root
        | CallerKind::User
        | CallerKind::FederatedUser
        | CallerKind::Service
        | CallerKind::Federated
        | CallerKind::Anonymous => caller_arn(kind),
    }
}

fn caller_name(kind: CallerKind) -> Option<Vec<Piece>> {
    match kind {
        CallerKind::FederatedUser => Some(vec![Piece::Field(field::NAME)]),
        CallerKind::Service | CallerKind::Federated => Some(vec![Piece::Field(0)]),
        CallerKind::Root | CallerKind::User | CallerKind::Session | CallerKind::Anonymous => None,
    }
}

/// Column `aws:userid` of spec 6.1.
fn caller_id(kind: CallerKind) -> Option<Vec<Piece>> {
    match kind {
        CallerKind::Root => Some(vec![Piece::Field(field::ACCOUNT)]),
        CallerKind::User => Some(vec![Piece::Field(field::ID)]),
        CallerKind::Session => Some(vec![Piece::Field(field::ID), fixed(":"), Piece::Field(field::SESSION)]),
        CallerKind::FederatedUser => Some(vec![Piece::Field(field::ACCOUNT), fixed(":"), Piece::Field(field::NAME)]),
        CallerKind::Service | CallerKind::Federated | CallerKind::Anonymous => None,
    }
}

/// The shapes of the parts of callers, with every character that the documents name in this place.
struct Shapes {
    partition: Shape,
    account: Shape,
    path: Shape,
    name: Shape,
    id: Shape,
    free: Shape,
}

/// Partitions that exist, the most common first.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// The text of a pattern with its wildcards as written; what a variable stands for is not known.
fn with_wildcards(template: &Template) -> String {
    let of_piece = |piece: Pattern<'_>| match piece {
        Pattern::Char(c) => c,
        Pattern::One => '?',
        Pattern::Many | Pattern::Variable(_) | Pattern::Nothing => '*',
    };
    template.pieces().map(of_piece).collect()
}

impl Shapes {
    fn new(footprint: &Footprint) -> Self {
        let mut named: BTreeSet<char> = footprint.principals.iter().flat_map(|text| text.chars()).collect();
        named.retain(|c| !matches!(c, '*' | '?'));
        let mut partitions: BTreeSet<String> = BTreeSet::new();
        let mut accounts: BTreeSet<String> = BTreeSet::new();
        let mut texts: Vec<String> = footprint.principals.iter().cloned().collect();
        for key in ["aws:principalarn", "aws:userid", "aws:username", "aws:principalaccount"] {
            for template in footprint.keys.get(key).into_iter().flat_map(|key| &key.named) {
                named.extend(template.pieces().filter_map(Pattern::char));
                texts.push(with_wildcards(template));
            }
        }
        for text in &texts {
            let fields: Vec<&str> = text.splitn(6, ':').collect();
            if let ["arn", partition, _, _, account, _] = fields.as_slice() {
                partitions.insert((*partition).to_owned());
                accounts.insert((*account).to_owned());
            }
        }
        // a field with a wildcard or a variable names no partition and no account
        let names = |text: &str| !text.is_empty() && !text.contains(['*', '?', '$']);
        partitions.retain(|text| names(text) && !PARTITIONS.contains(&text.as_str()));
        accounts.retain(|text| names(text) && !domain::account().contains(text));
        let tested = footprint.keys.get("aws:principalaccount").into_iter().flat_map(|key| &key.named);
        let tested: Vec<&Template> = tested.filter(|template| with_wildcards(template) != "anonymous").collect();
        let extra: String = named.iter().filter(|c| !matches!(c, '/' | ':')).collect();
        let usual = CharClass::of(&[('a', 'z'), ('A', 'Z'), ('0', '9')]).with(&CharClass::chars("_+=,.@-"));
        let name = usual.with(&CharClass::chars(&extra));
        let slash = || Run::exactly(1, CharClass::chars("/"));
        let printable = CharClass::of(&[('!', '~')]).with(&CharClass::chars(&extra));
        let words = |words: &BTreeSet<String>| Shape::words(words.iter().map(String::as_str));
        Self {
            partition: Shape::words(PARTITIONS).or(words(&partitions)),
            account: domain::admitting(domain::account(), &tested).or(words(&accounts)),
            path: Shape::runs(vec![slash()]).or(Shape::runs(vec![slash(), Run::at_least(1, printable), slash()])),
            name: Shape::runs(vec![Run::at_least(1, name.clone())]),
            id: Shape::runs(vec![Run::at_least(1, name)]),
            free: Shape::runs(vec![Run::at_least(1, CharClass::any())]),
        }
    }

    fn form(&self, kind: CallerKind) -> Vec<Shape> {
        let (partition, account) = (self.partition.clone(), self.account.clone());
        let (path, name, id) = (self.path.clone(), self.name.clone(), self.id.clone());
        match kind {
            CallerKind::Root => vec![partition, account],
            CallerKind::User => vec![partition, account, path, name, id],
            CallerKind::Session => vec![partition, account, path, name.clone(), id, name],
            CallerKind::FederatedUser => vec![partition, account, Shape::words([""]), name],
            CallerKind::Service | CallerKind::Federated => vec![self.free.clone()],
            CallerKind::Anonymous => Vec::new(),
        }
    }
}
