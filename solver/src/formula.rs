//! Formulas: an arena of hash-consed nodes over conjunction and negation, with atoms on typed variables.
//!
//! Smart constructors fold constants and merge atoms of one disjunction: "x in A or x in B" is one atom, "x in A∪B". A
//! list of a thousand patterns is therefore one atom, and the number of atoms is that of the lists, not of their entries.

use rustc_hash::FxHashMap as HashMap;

use crate::decimal::Decimal;
use crate::glob::{Glob, Token};
use crate::interval::IntervalSet;
use crate::language::{Language, Languages};
use crate::record::{Forms, Piece, Record, Records, Text};

/// A Boolean variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoolVar(pub(crate) u32);

/// An ordered variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScalarVar(pub(crate) u32);

/// A variable whose value is a finite set of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetVar(pub(crate) u32);

/// A formula: a node of the arena, perhaps negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Formula(pub(crate) u32);

impl Formula {
    /// The constant true.
    pub const TRUE: Formula = Formula(0);
    /// The constant false.
    pub const FALSE: Formula = Formula(1);

    /// The number of the formula in its arena: twice that of its node, plus one if negated. The same declarations and
    /// constructions in the same order give the same numbers.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The formula of a number; it need not be one of any arena.
    pub fn numbered(number: u32) -> Formula {
        Formula(number)
    }

    pub(crate) fn node(self) -> u32 {
        self.0 >> 1
    }

    pub(crate) fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    pub(crate) fn negated(self) -> Formula {
        Formula(self.0 ^ 1)
    }

    fn positive(node: u32) -> Formula {
        Formula(node << 1)
    }
}

/// A value of an ordered variable: a number, or a number of one of several separate lines (all of line 0 before line 1 …).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// A decimal number.
    Number(Decimal),
    /// A number on a numbered line.
    Lined(u8, u128),
}

/// An atom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Atom {
    /// A Boolean variable.
    Bool(BoolVar),
    /// The text is in the language.
    Member(Text, Language),
    /// The ordered variable lies in the set.
    Scalar(ScalarVar, IntervalSet<Point>),
    /// The record has one of the forms. Used positively only.
    Within(Record, Forms),
    /// The two texts are equal; the smaller id first.
    Equal(Text, Text),
    /// Some member of the set satisfies the formula over the set's bound variables.
    Some(SetVar, Formula),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    True,
    Atom(Atom),
    /// At least two parts, sorted, no repetition; none a conjunction but under a guard.
    And(Vec<Formula>),
}

/// Ties an ordered variable to a text: the number that the text denotes, if it denotes one.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The text.
    pub text: Text,
    /// Whether the text denotes a number.
    pub parsed: BoolVar,
    /// The number.
    pub scalar: ScalarVar,
    /// Reads a text.
    pub parse: fn(&str) -> Option<Point>,
    /// Writes a number so that it is read back.
    pub print: fn(&Point) -> String,
}

/// What a set variable is made of.
#[derive(Clone, Debug)]
pub(crate) struct SetDeclaration {
    /// Whether the set is not empty.
    pub(crate) present: BoolVar,
    /// Whether the set has exactly one member.
    pub(crate) single: BoolVar,
    /// The bound record of members: bodies speak of it.
    pub(crate) member: Record,
    /// Bound ordered variables of members.
    pub(crate) scalars: Vec<ScalarVar>,
    /// Bound Boolean variables of members.
    pub(crate) bools: Vec<BoolVar>,
}

/// The arena.
#[derive(Clone, Debug)]
pub struct Formulas {
    nodes: Vec<Node>,
    ids: HashMap<Node, u32>,
    /// Declared records and their views.
    pub records: Records,
    /// Interned globs and languages.
    pub languages: Languages,
    pub(crate) bools: u32,
    scalars: Vec<IntervalSet<Point>>,
    pub(crate) sets: Vec<SetDeclaration>,
    pub(crate) links: Vec<Link>,
}

impl Default for Formulas {
    fn default() -> Self {
        Self {
            nodes: vec![Node::True],
            ids: HashMap::from_iter([(Node::True, 0)]),
            records: Records::default(),
            languages: Languages::default(),
            bools: 0,
            scalars: Vec::new(),
            sets: Vec::new(),
            links: Vec::new(),
        }
    }
}

impl Formulas {
    /// A fresh Boolean variable.
    pub fn declare_bool(&mut self) -> BoolVar {
        self.bools += 1;
        BoolVar(self.bools - 1)
    }

    /// A fresh ordered variable with values in this universe.
    pub fn declare_scalar(&mut self, universe: IntervalSet<Point>) -> ScalarVar {
        self.scalars.push(universe);
        ScalarVar(u32::try_from(self.scalars.len() - 1).unwrap_or(u32::MAX))
    }

    /// A fresh set variable whose members have these forms.
    pub fn declare_set(&mut self, member: Record) -> SetVar {
        let (present, single) = (self.declare_bool(), self.declare_bool());
        self.sets.push(SetDeclaration { present, single, member, scalars: Vec::new(), bools: Vec::new() });
        SetVar(u32::try_from(self.sets.len() - 1).unwrap_or(u32::MAX))
    }

    /// An ordered variable of each member of a set.
    pub fn declare_member_scalar(&mut self, set: SetVar, universe: IntervalSet<Point>) -> ScalarVar {
        let scalar = self.declare_scalar(universe);
        if let Some(declaration) = self.sets.get_mut(set.0 as usize) {
            declaration.scalars.push(scalar);
        }
        scalar
    }

    /// A Boolean variable of each member of a set.
    pub fn declare_member_bool(&mut self, set: SetVar) -> BoolVar {
        let variable = self.declare_bool();
        if let Some(declaration) = self.sets.get_mut(set.0 as usize) {
            declaration.bools.push(variable);
        }
        variable
    }

    /// Ties an ordered variable to a text that is spoken of too. Without a link the two are independent.
    pub fn link(&mut self, link: Link) {
        self.links.push(link);
    }

    /// The values an ordered variable may have.
    pub(crate) fn universe(&self, scalar: ScalarVar) -> IntervalSet<Point> {
        self.scalars.get(scalar.0 as usize).cloned().unwrap_or_else(IntervalSet::empty)
    }

    pub(crate) fn node_of(&self, formula: Formula) -> &Node {
        self.nodes.get(formula.node() as usize).unwrap_or(&Node::True)
    }

    fn intern(&mut self, node: Node) -> Formula {
        if let Some(id) = self.ids.get(&node) {
            return Formula::positive(*id);
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(node.clone());
        self.ids.insert(node, id);
        Formula::positive(id)
    }

    /// True or false.
    pub fn constant(value: bool) -> Formula {
        if value { Formula::TRUE } else { Formula::FALSE }
    }

    /// Negation. Constant time.
    #[must_use]
    pub fn not(formula: Formula) -> Formula {
        formula.negated()
    }

    /// The Boolean variable.
    pub fn bool(&mut self, variable: BoolVar) -> Formula {
        self.intern(Node::Atom(Atom::Bool(variable)))
    }

    /// The set is not empty.
    pub fn present(&mut self, set: SetVar) -> Formula {
        self.sets.get(set.0 as usize).map(|s| s.present).map_or(Formula::FALSE, |b| self.bool(b))
    }

    /// The set has exactly one member.
    pub fn single(&mut self, set: SetVar) -> Formula {
        self.sets.get(set.0 as usize).map(|s| s.single).map_or(Formula::FALSE, |b| self.bool(b))
    }

    /// Some member satisfies the body, a formula over the set's bound variables and others.
    pub fn some(&mut self, set: SetVar, body: Formula) -> Formula {
        match body {
            Formula::FALSE => Formula::FALSE,
            Formula::TRUE => self.present(set),
            body => self.intern(Node::Atom(Atom::Some(set, body))),
        }
    }

    /// The text matches one of the patterns. A hole that is a composed view becomes its pieces.
    pub fn matches(&mut self, text: Text, patterns: impl IntoIterator<Item = Vec<Token>>) -> Formula {
        let mut globs = Vec::new();
        for tokens in patterns {
            let tokens = self.with_plain_holes(tokens);
            globs.push(self.languages.glob(Glob::new(&tokens)));
        }
        let language = self.languages.union(globs);
        self.member(text, language)
    }

    fn with_plain_holes(&mut self, tokens: Vec<Token>) -> Vec<Token> {
        if !tokens.iter().any(|t| matches!(t, Token::Hole(_))) {
            return tokens;
        }
        let mut plain = Vec::with_capacity(tokens.len());
        for token in tokens {
            match token {
                Token::Hole(text) => plain.extend(self.as_tokens(text)),
                Token::Char(_)
                | Token::Folded(_)
                | Token::One
                | Token::OneExcept(_)
                | Token::Many
                | Token::ManyExcept(_) => plain.push(token),
            }
        }
        plain
    }

    /// A text as tokens: fixed characters, and a hole for each field.
    fn as_tokens(&mut self, text: Text) -> Vec<Token> {
        let record = self.records.record_of(text);
        let mut tokens = Vec::new();
        for piece in self.records.pieces(text).to_vec() {
            match piece {
                Piece::Fixed(fixed) => tokens.extend(fixed.chars().map(Token::Char)),
                Piece::Field(_) => tokens.push(Token::Hole(self.records.view(record, vec![piece]))),
            }
        }
        tokens
    }

    /// The text is in the language.
    pub fn member(&mut self, text: Text, language: Language) -> Formula {
        if self.languages.globs_of(language).is_empty() {
            return Formula::FALSE;
        }
        self.intern(Node::Atom(Atom::Member(text, language)))
    }

    /// The ordered variable lies in the set.
    pub fn scalar(&mut self, variable: ScalarVar, set: &IntervalSet<Point>) -> Formula {
        let universe = self.universe(variable);
        let inside = universe.intersection(set);
        if inside.is_empty() {
            Formula::FALSE
        } else if inside == universe {
            Formula::TRUE
        } else {
            self.intern(Node::Atom(Atom::Scalar(variable, inside)))
        }
    }

    /// The record has one of the forms. To be asserted, not denied: a negated occurrence is read as "unknown".
    pub fn within(&mut self, record: Record, forms: Forms) -> Formula {
        self.intern(Node::Atom(Atom::Within(record, forms)))
    }

    /// The two texts are equal.
    pub fn equal(&mut self, a: Text, b: Text) -> Formula {
        let plain = |t: Text| matches!(self.records.pieces(t), [Piece::Field(_)]);
        match (plain(a), plain(b)) {
            _ if a == b => Formula::TRUE,
            (true, true) => self.intern(Node::Atom(Atom::Equal(a.min(b), a.max(b)))),
            (false, true) => self.equal(b, a),
            (_, false) => {
                let tokens = self.as_tokens(b);
                self.matches(a, [tokens])
            }
        }
    }

    /// Disjunction; false if empty.
    pub fn any(&mut self, parts: &[Formula]) -> Formula {
        let negated: Vec<Formula> = parts.iter().map(|p| p.negated()).collect();
        self.all(&negated).negated()
    }

    /// Conjunction; true if empty. Flattens, removes repetitions, finds complements, merges atoms of one variable.
    pub fn all(&mut self, parts: &[Formula]) -> Formula {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match self.node_of(*part) {
                Node::And(inner) if !part.is_negated() => flat.extend_from_slice(inner),
                _ => flat.push(*part),
            }
        }
        let mut flat = self.merged(&flat);
        flat.sort_unstable();
        flat.dedup();
        flat.retain(|f| *f != Formula::TRUE);
        let contradictory = flat.windows(2).any(|pair| matches!(pair, [a, b] if a.negated() == *b));
        match flat.as_slice() {
            _ if contradictory => Formula::FALSE,
            [] => Formula::TRUE,
            [only] => *only,
            [first, ..] if *first == Formula::FALSE => Formula::FALSE,
            _ => self.intern(Node::And(flat)),
        }
    }

    /// The formula under a guard, as it stands: its atoms stay those of the formula.
    pub(crate) fn guarded(&mut self, guard: Formula, formula: Formula) -> Formula {
        match formula {
            Formula::FALSE => Formula::FALSE,
            Formula::TRUE => guard,
            formula => self.intern(Node::And(vec![guard.min(formula), guard.max(formula)])),
        }
    }

    /// Joins "not in A and not in B" to "not in A∪B", and ordered atoms of one variable to one.
    fn merged(&mut self, parts: &[Formula]) -> Vec<Formula> {
        let mut languages: Vec<(Text, Vec<Language>)> = Vec::new();
        let mut ranges: Vec<(ScalarVar, IntervalSet<Point>)> = Vec::new();
        let mut rest = Vec::with_capacity(parts.len());
        for part in parts {
            match self.node_of(*part) {
                Node::Atom(Atom::Member(text, language)) if part.is_negated() => {
                    match languages.iter_mut().find(|(t, _)| t == text) {
                        Some((_, all)) => all.push(*language),
                        None => languages.push((*text, vec![*language])),
                    }
                }
                Node::Atom(Atom::Scalar(variable, set)) => {
                    let set = if part.is_negated() { set.complement() } else { set.clone() };
                    match ranges.iter_mut().find(|(v, _)| v == variable) {
                        Some((_, all)) => *all = all.intersection(&set),
                        None => ranges.push((*variable, set)),
                    }
                }
                Node::True | Node::Atom(_) | Node::And(_) => rest.push(*part),
            }
        }
        for (text, all) in languages {
            let language = self.languages.join_all(&all);
            rest.push(self.member(text, language).negated());
        }
        for (variable, set) in ranges {
            rest.push(self.scalar(variable, &set));
        }
        rest
    }

    /// Nodes in the arena.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the constant.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::{Formula, Formulas};
    use crate::glob::Token;
    use crate::record::Shape;

    #[test]
    fn constructors_fold() {
        let mut f = Formulas::default();
        let (x, y) = (f.declare_bool(), f.declare_bool());
        let (x, y) = (f.bool(x), f.bool(y));
        let not_x = Formulas::not(x);
        assert_eq!(f.all(&[x, not_x]), Formula::FALSE);
        assert_eq!(f.any(&[x, not_x]), Formula::TRUE);
        assert_eq!(f.all(&[x, Formula::TRUE, x]), x);
        assert_eq!(f.any(&[]), Formula::FALSE);
        let xy = f.all(&[x, y]);
        assert_eq!(f.all(&[y, xy]), xy);
    }

    #[test]
    fn a_disjunction_of_memberships_is_one_atom() {
        let mut f = Formulas::default();
        let text = f.records.declare_text(Shape::any());
        let a = f.matches(text, [vec![Token::Char('a')]]);
        let b = f.matches(text, [vec![Token::Char('b')]]);
        let both = f.matches(text, [vec![Token::Char('b')], vec![Token::Char('a')]]);
        assert_eq!(f.any(&[a, b]), both);
    }
}
