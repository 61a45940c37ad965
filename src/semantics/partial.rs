//! The meaning of policies for one request of which one text is left open: truth is what remains to be asked of that
//! text. One reading, and then any number of actions or resources are tried in it.

use std::rc::Rc;

use solver::decimal::Decimal;
use solver::interval::IntervalSet;

use crate::policy::template::Piece;
use crate::request::CallerKind;
use crate::semantics::concrete::{Concrete, Text};
use crate::semantics::{Address, Algebra, Contested, Field, Pattern, Side, Token, glob};

/// One request with one of its texts left open.
#[derive(Clone, Debug)]
pub struct Partial<'r> {
    concrete: Concrete<'r>,
    open: Field,
}

/// A text of the request, or the open one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// As the request has it.
    Given(Text),
    /// The text that is left open.
    Here,
}

/// What remains to be asked of the open text.
#[derive(Clone, Debug)]
pub enum Remains {
    /// Nothing: this is the truth whatever the text.
    Known(bool),
    /// Whether it matches one of the patterns.
    Matches(Rc<[Vec<Token<String>>]>),
    /// All of these.
    All(Rc<[Remains]>),
    /// Some of these.
    Any(Rc<[Remains]>),
    /// Not this.
    Not(Rc<Remains>),
}

impl Remains {
    /// The truth for this text; an action is given in lower case.
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Remains::Known(truth) => *truth,
            Remains::Matches(patterns) => patterns.iter().any(|tokens| glob::matches(tokens, text)),
            Remains::All(parts) => parts.iter().all(|part| part.holds(text)),
            Remains::Any(parts) => parts.iter().any(|part| part.holds(text)),
            Remains::Not(part) => !part.holds(text),
        }
    }
}

impl<'r> Partial<'r> {
    /// The request with its action or its resource left open.
    pub fn new(concrete: Concrete<'r>, open: Field) -> Self {
        Self { concrete, open }
    }

    /// Truth of a part that concerns a given text.
    fn given(&mut self, text: &Open, ask: impl FnOnce(&mut Concrete<'r>, &Text) -> bool) -> Remains {
        match text {
            Open::Given(text) => Remains::Known(ask(&mut self.concrete, text)),
            // actions and resources are neither numbers nor dates nor addresses
            Open::Here => Remains::Known(false),
        }
    }
}

/// The pattern with every given text as a token of its own; `None` where the open text is inserted, which no policy asks.
fn given_tokens(tokens: &[Token<Open>]) -> Option<Vec<Token<Text>>> {
    let given = |open: &Open| match open {
        Open::Given(text) => Some(text.clone()),
        Open::Here => None,
    };
    let mut all = Vec::with_capacity(tokens.len());
    for token in tokens {
        all.push(match token {
            Token::Char(c) => Token::Char(*c),
            Token::Folded(c) => Token::Folded(*c),
            Token::One => Token::One,
            Token::OneInField => Token::OneInField,
            Token::Many => Token::Many,
            Token::ManyInField => Token::ManyInField,
            Token::Insert(text) => Token::Insert(given(text)?),
            Token::InsertFolded(text) => Token::InsertFolded(given(text)?),
            Token::InsertGlob(text) => Token::InsertGlob(given(text)?),
            Token::InsertGlobInField(text) => Token::InsertGlobInField(given(text)?),
        });
    }
    Some(all)
}

/// A conjunction (`absorbing` false) or disjunction (`absorbing` true) without the parts that are known.
fn joined(parts: Vec<Remains>, absorbing: bool) -> Result<Vec<Remains>, Remains> {
    let mut open = Vec::new();
    for part in parts {
        match part {
            Remains::Known(truth) if truth == absorbing => return Err(Remains::Known(absorbing)),
            Remains::Known(_) => {}
            Remains::Matches(_) | Remains::All(_) | Remains::Any(_) | Remains::Not(_) => open.push(part),
        }
    }
    match (open.len(), open.pop()) {
        (_, None) => Err(Remains::Known(!absorbing)),
        (1, Some(only)) => Err(only),
        (_, Some(last)) => {
            open.push(last);
            Ok(open)
        }
    }
}

impl Algebra for Partial<'_> {
    type Truth = Remains;
    type Text = Open;

    fn constant(&mut self, value: bool) -> Remains {
        Remains::Known(value)
    }

    fn all(&mut self, parts: Vec<Remains>) -> Remains {
        joined(parts, false).map_or_else(|known| known, |parts| Remains::All(parts.into()))
    }

    fn any(&mut self, parts: Vec<Remains>) -> Remains {
        joined(parts, true).map_or_else(|known| known, |parts| Remains::Any(parts.into()))
    }

    fn not(&mut self, part: Remains) -> Remains {
        match part {
            Remains::Known(truth) => Remains::Known(!truth),
            Remains::Not(inner) => inner.as_ref().clone(),
            Remains::Matches(_) | Remains::All(_) | Remains::Any(_) => Remains::Not(Rc::new(part)),
        }
    }

    fn contested(&mut self, rule: Contested) -> Remains {
        Remains::Known(self.concrete.contested(rule))
    }

    fn unknown(&mut self, name: &str) -> Remains {
        Remains::Known(self.concrete.unknown(name))
    }

    fn kind(&mut self, kind: CallerKind) -> Remains {
        Remains::Known(self.concrete.kind(kind))
    }

    fn field(&mut self, field: Field) -> Open {
        if field == self.open { Open::Here } else { Open::Given(self.concrete.field(field)) }
    }

    fn present(&mut self, key: &str) -> Remains {
        Remains::Known(self.concrete.present(key))
    }

    fn single(&mut self, key: &str) -> Remains {
        Remains::Known(self.concrete.single(key))
    }

    fn value(&mut self, key: &str) -> Open {
        Open::Given(self.concrete.value(key))
    }

    fn some(&mut self, key: &str, body: &mut dyn FnMut(&mut Self, Open) -> Remains) -> Remains {
        let values = if self.concrete.present(key) { self.concrete.values(key).to_vec() } else { Vec::new() };
        let parts = values.into_iter().map(|value| body(self, Open::Given(Text::Known(value)))).collect();
        self.any(parts)
    }

    fn matches(&mut self, text: &Open, patterns: &[Pattern<Open>]) -> Remains {
        let given = patterns.iter().filter_map(|pattern| given_tokens(&pattern.tokens));
        match text {
            Open::Given(text) => {
                let concrete = &self.concrete;
                Remains::Known(given.into_iter().any(|tokens| concrete.matches_one(text, &tokens)))
            }
            Open::Here => Remains::Matches(given.map(|tokens| glob::expand(&tokens, Text::text)).collect()),
        }
    }

    fn number_in(&mut self, text: &Open, set: &IntervalSet<Decimal>) -> Remains {
        self.given(text, |concrete, text| concrete.number_in(text, set))
    }

    fn instant_in(&mut self, text: &Open, set: &IntervalSet<Decimal>) -> Remains {
        self.given(text, |concrete, text| concrete.instant_in(text, set))
    }

    fn address_in(&mut self, text: &Open, set: &IntervalSet<Address>) -> Remains {
        self.given(text, |concrete, text| concrete.address_in(text, set))
    }

    fn may_match<'p>(&self, text: &Open, pieces: impl IntoIterator<Item = Piece<'p>>) -> bool {
        match text {
            Open::Given(text) => self.concrete.may_match(text, pieces),
            Open::Here => true,
        }
    }

    fn known(&self, truth: &Remains) -> Option<bool> {
        match truth {
            Remains::Known(truth) => Some(*truth),
            Remains::Matches(_) | Remains::All(_) | Remains::Any(_) | Remains::Not(_) => None,
        }
    }

    fn settled(&self, truth: &Remains) -> bool {
        self.known(truth) == Some(false)
    }

    fn multiple(&mut self, key: &str) -> bool {
        self.concrete.multiple(key)
    }

    fn member(&mut self, side: Side) -> Remains {
        Remains::Known(self.concrete.member(side))
    }

    fn unlisted_session_policy(&mut self) -> Remains {
        Remains::Known(self.concrete.unlisted_session_policy())
    }
}
