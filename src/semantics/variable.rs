//! Patterns with policy variables: what a variable stands for in a request, and matching a text against a list of
//! patterns in as few questions to the algebra as possible (spec 4).

use crate::policy::template::{Piece, Template, Variable};
use crate::semantics::{Algebra, Contested, NOWHERE, Pattern, Token};
use crate::source::Span;

/// Unfolded cases of one pattern beyond which its truth is an unknown: every variable with a default doubles them.
const MOST_CASES: usize = 64;

/// A pattern whose variables are not resolved yet.
pub(crate) struct Draft<'p> {
    /// The tokens; what is inserted is a variable.
    pub(crate) tokens: Vec<Token<&'p Variable>>,
    /// This many leading tokens lie in fields that a substituted text may not leave: a value with a colon there
    /// matches nothing (spec 4.4, 5.10).
    pub(crate) fenced: usize,
    /// As written.
    pub(crate) text: &'p str,
    /// The place.
    pub(crate) span: Span,
}

/// One way to resolve the variables of a draft.
struct Case<'p, A: Algebra> {
    /// Which keys have a value in this case.
    decided: Vec<(&'p str, bool)>,
    /// What the request must satisfy for the case to arise, and for its fenced values.
    given: Vec<A::Truth>,
    tokens: Vec<Token<A::Text>>,
}

impl<A: Algebra> Clone for Case<'_, A> {
    fn clone(&self) -> Self {
        Self { decided: self.decided.clone(), given: self.given.clone(), tokens: self.tokens.clone() }
    }
}

/// Whether a variable over this key has a value: present, single, and not the empty string {C16} (spec 4.3).
pub fn valued<A: Algebra>(a: &mut A, key: &str) -> A::Truth {
    if a.multiple(key) {
        return a.constant(false);
    }
    let single = a.single(key);
    if a.known(&single) == Some(false) {
        return single;
    }
    let value = a.value(key);
    let filled = a.choose(Contested::C16, true, |a, other| {
        if other {
            return a.constant(true);
        }
        let empty = a.matches(&value, &[Pattern { tokens: Vec::new(), span: NOWHERE }]);
        a.not(empty)
    });
    a.all(vec![single, filled])
}

/// Whether some variable of the template has neither value nor default (spec 4.3, C9).
pub fn unresolved<A: Algebra>(a: &mut A, template: &Template) -> A::Truth {
    let mut parts = Vec::new();
    for variable in template.variables().iter().filter(|variable| variable.default.is_none()) {
        let valued = valued(a, &variable.key);
        parts.push(a.not(valued));
    }
    a.any(parts)
}

/// The tokens of a pattern without variables; `None` if it has some.
pub(crate) fn plain_tokens<Text>(template: &Template) -> Option<Vec<Token<Text>>> {
    let token = |piece: Piece<'_>| match piece {
        Piece::Char(c) => Some(Token::Char(c)),
        Piece::One => Some(Token::One),
        Piece::Many => Some(Token::Many),
        Piece::Variable(_) | Piece::Nothing => None,
    };
    template.pieces().map(token).collect()
}

/// Whether the text matches one of the drafts: those without variables in one question, the others one by one, each
/// under the condition that its variables have values. `subject` names what is tested, for unknowns.
pub(crate) fn matched<A: Algebra>(a: &mut A, text: &A::Text, drafts: &[Draft<'_>], subject: &str) -> A::Truth {
    let mut plain = Vec::new();
    let mut parts = Vec::new();
    for draft in drafts {
        if let Some(tokens) = without_variables(draft) {
            plain.push(Pattern { tokens, span: draft.span });
            continue;
        }
        match resolve(a, draft) {
            None => parts.push(a.unknown(&format!("{subject} {}", draft.text))),
            Some(cases) => {
                for case in cases {
                    let pattern = Pattern { tokens: case.tokens, span: draft.span };
                    if case.given.is_empty() {
                        plain.push(pattern);
                    } else {
                        parts.push(conditional(a, text, pattern, case.given));
                    }
                }
            }
        }
    }
    if !plain.is_empty() {
        parts.push(a.matches(text, &plain));
    }
    a.any(parts)
}

/// The tokens of a draft that has no variable.
fn without_variables<Text>(draft: &Draft<'_>) -> Option<Vec<Token<Text>>> {
    let mut tokens = Vec::with_capacity(draft.tokens.len());
    for token in &draft.tokens {
        tokens.push(plain(token).ok()?);
    }
    Some(tokens)
}

fn conditional<A: Algebra>(a: &mut A, text: &A::Text, pattern: Pattern<A::Text>, mut given: Vec<A::Truth>) -> A::Truth {
    given.push(a.matches(text, &[pattern]));
    a.all(given)
}

/// The ways to resolve the variables; `None` if there are too many.
fn resolve<'p, A: Algebra>(a: &mut A, draft: &Draft<'p>) -> Option<Vec<Case<'p, A>>> {
    let mut cases =
        vec![Case { decided: Vec::new(), given: Vec::new(), tokens: Vec::with_capacity(draft.tokens.len()) }];
    for (at, token) in draft.tokens.iter().enumerate() {
        match plain(token) {
            Ok(token) => cases.iter_mut().for_each(|case| case.tokens.push(token.clone())),
            Err(variable) => {
                let mut next = Vec::new();
                for case in cases {
                    branch(a, case, (token, variable), at < draft.fenced, &mut next);
                }
                cases = next;
            }
        }
        if cases.len() > MOST_CASES {
            return None;
        }
    }
    Some(cases)
}

/// A token without variable, or its variable.
fn plain<'p, Text>(token: &Token<&'p Variable>) -> Result<Token<Text>, &'p Variable> {
    match token {
        Token::Char(c) => Ok(Token::Char(*c)),
        Token::Folded(c) => Ok(Token::Folded(*c)),
        Token::One => Ok(Token::One),
        Token::OneInField => Ok(Token::OneInField),
        Token::Many => Ok(Token::Many),
        Token::ManyInField => Ok(Token::ManyInField),
        Token::Insert(v) | Token::InsertFolded(v) | Token::InsertGlob(v) | Token::InsertGlobInField(v) => Err(v),
    }
}

/// Continues a case by the value of the variable, and by its default; a case with neither ends: the pattern then
/// matches nothing (spec 4.3).
fn branch<'p, A: Algebra>(
    a: &mut A,
    case: Case<'p, A>,
    (token, variable): (&Token<&'p Variable>, &'p Variable),
    fenced: bool,
    next: &mut Vec<Case<'p, A>>,
) {
    let decided = case.decided.iter().find(|(key, _)| *key == variable.key).map(|(_, valued)| *valued);
    let (with, without) = match decided {
        Some(valued) => (valued, !valued),
        None => (true, true),
    };
    let valued = if decided.is_none() { Some(valued(a, &variable.key)) } else { None };
    let known = valued.as_ref().and_then(|truth| a.known(truth));
    if with && known != Some(false) {
        let mut case = case.clone();
        if let Some(truth) = &valued {
            case.decided.push((&variable.key, true));
            case.given.push(truth.clone());
        }
        insert(a, &mut case, token, &variable.key, fenced);
        next.push(case);
    }
    if without && known != Some(true) {
        let Some(default) = &variable.default else { return };
        if fenced && default.contains(':') {
            return;
        }
        let mut case = case;
        if let Some(truth) = valued {
            case.decided.push((&variable.key, false));
            case.given.push(a.not(truth));
        }
        case.tokens.extend(default.chars().map(|c| default_token(token, c)));
        next.push(case);
    }
}

/// Appends the value of the key.
fn insert<A: Algebra>(a: &mut A, case: &mut Case<'_, A>, token: &Token<&Variable>, key: &str, fenced: bool) {
    let value = a.value(key);
    if fenced {
        let in_field = Pattern { tokens: vec![Token::ManyInField], span: NOWHERE };
        case.given.push(a.matches(&value, &[in_field]));
    }
    case.tokens.push(match token {
        Token::InsertFolded(_) => Token::InsertFolded(value),
        Token::InsertGlob(_) => Token::InsertGlob(value),
        Token::InsertGlobInField(_) => Token::InsertGlobInField(value),
        Token::Insert(_)
        | Token::Char(_)
        | Token::Folded(_)
        | Token::One
        | Token::OneInField
        | Token::Many
        | Token::ManyInField => Token::Insert(value),
    });
}

/// One character of a default, under the reading of the token it stands in for {C6}.
fn default_token<Text>(token: &Token<&Variable>, c: char) -> Token<Text> {
    match (token, c) {
        (Token::InsertFolded(_), c) => folded(c),
        (Token::InsertGlob(_), '*') => Token::Many,
        (Token::InsertGlob(_), '?') => Token::One,
        (Token::InsertGlobInField(_), '*') => Token::ManyInField,
        (Token::InsertGlobInField(_), '?') => Token::OneInField,
        (_, c) => Token::Char(c),
    }
}

/// Simple lower-casing, ASCII and Latin-1 only (spec 5.3).
pub fn lower(c: char) -> char {
    match c {
        'A'..='Z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{DE}' => char::from_u32(c as u32 + 32).unwrap_or(c),
        c => c,
    }
}

/// A token for the character in either case; plain where there is only one.
pub(crate) fn folded<Text>(c: char) -> Token<Text> {
    match lower(c) {
        c @ ('a'..='z' | '\u{E0}'..='\u{F6}' | '\u{F8}'..='\u{FE}') => Token::Folded(c),
        c => Token::Char(c),
    }
}

/// The characters of a text as tokens.
pub(crate) fn literal<Text>(text: &str) -> Vec<Token<Text>> {
    text.chars().map(Token::Char).collect()
}

/// A pattern of our own: `*` is any text, every other character itself.
pub(crate) fn glob<Text>(text: &str) -> Pattern<Text> {
    let tokens = text.chars().map(|c| if c == '*' { Token::Many } else { Token::Char(c) }).collect();
    Pattern { tokens, span: NOWHERE }
}

/// An ARN pattern of our own: a `*` of the first five fields stays in its field, one of the resource part is any text.
/// What may hold colons itself, such as a path of IAM, then cannot pass for a later part.
pub(crate) fn arn_glob<Text>(arn: &str) -> Pattern<Text> {
    let mut colons = 0;
    let token = |c: char| {
        colons += usize::from(c == ':');
        match c {
            '*' if colons < 5 => Token::ManyInField,
            '*' => Token::Many,
            c => Token::Char(c),
        }
    };
    Pattern { tokens: arn.chars().map(token).collect(), span: NOWHERE }
}
