//! Wildcards (spec 3) and policy variables (spec 4).

use super::Question;

/// One piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `?` that is not a colon.
    OneInField,
    /// `*` without colons.
    ManyInField,
}

impl Token {
    /// The same within one field of an ARN.
    pub(super) fn within_field(self) -> Token {
        match self {
            Token::One => Token::OneInField,
            Token::Many => Token::ManyInField,
            Token::Char(_) | Token::OneInField | Token::ManyInField => self,
        }
    }
}

/// The pieces of a text without variables.
pub(super) fn tokens(text: &str, wildcards: bool) -> Vec<Token> {
    let piece = |c: char| match c {
        '*' if wildcards => Token::Many,
        '?' if wildcards => Token::One,
        other => Token::Char(other),
    };
    text.chars().map(piece).collect()
}

/// Whether the whole text matches: one row of a table per piece, so never more than |pattern| × |text| steps (spec 3).
pub(super) fn glob(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // row[i]: the pieces so far match the first i characters.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for token in pattern {
        let mut next = vec![false; text.len() + 1];
        for i in 0..=text.len() {
            next[i] = match token {
                Token::Char(c) => i > 0 && row[i - 1] && text[i - 1] == *c,
                Token::One => i > 0 && row[i - 1],
                Token::OneInField => i > 0 && row[i - 1] && text[i - 1] != ':',
                Token::Many => row[i] || (i > 0 && next[i - 1]),
                Token::ManyInField => row[i] || (i > 0 && next[i - 1] && text[i - 1] != ':'),
            };
        }
        row = next;
    }
    row[text.len()]
}

/// At most six fields at the colons outside `${…}`; the sixth keeps its colons (spec 3.2, 4.4).
pub(super) fn split_fields(text: &str, variables: bool) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let whole =
            if variables && rest.starts_with("${") { rest.find('}').map_or(1, |end| end + 1) } else { c.len_utf8() };
        if c == ':' && fields.len() < 6 {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push_str(&rest[..whole]);
        }
        rest = &rest[whole..];
    }
    fields
}

/// Whether a complete `${…}` occurs.
pub(super) fn has_variable(text: &str) -> bool {
    text.find("${").is_some_and(|start| text[start..].contains('}'))
}

/// The pieces of a text with its variables replaced; `None` if one of them has no value (spec 4).
pub(super) fn resolve(text: &str, wildcards: bool, variables: bool, question: &Question) -> Option<Vec<Token>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${").filter(|_| variables) {
        let Some(length) = rest[start..].find('}') else {
            break; // unclosed: literal text (spec 4.1)
        };
        pieces.extend(tokens(&rest[..start], wildcards));
        pieces.extend(variable(&rest[start + 2..start + length], wildcards, question)?);
        rest = &rest[start + length + 1..];
    }
    pieces.extend(tokens(rest, wildcards));
    Some(pieces)
}

/// What `${inner}` stands for (spec 4.2 to 4.4).
fn variable(inner: &str, wildcards: bool, question: &Question) -> Option<Vec<Token>> {
    if matches!(inner, "*" | "?" | "$") {
        return Some(tokens(inner, false)); // spec 4.2
    }
    let (name, default) = match inner.split_once(", '").and_then(|(name, rest)| Some((name, rest.strip_suffix('\'')?)))
    {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None), // with blanks or a comma it is the name of no key (spec 4.1)
    };
    let usable = |text: &&String| !text.is_empty() || question.readings.c16; // spec 4.3 {C16}
    let values = question.request.values(name).filter(|values| !values.multi); // spec 4.3
    match values.map(|values| &values.list[0]).filter(usable) {
        Some(value) => Some(tokens(value, wildcards && question.readings.c6)), // spec 4.4 {C6}
        None => default.map(|text| tokens(text, false)),
    }
}

/// The text of pieces that are all characters.
pub(super) fn literal(pieces: &[Token]) -> String {
    let character = |token: &Token| match token {
        Token::Char(c) => *c,
        Token::One | Token::OneInField => '?',
        Token::Many | Token::ManyInField => '*',
    };
    pieces.iter().map(character).collect()
}

#[test]
fn glob_is_anchored_and_does_not_blow_up() {
    let like = |pattern: &str, text: &str| glob(&tokens(pattern, true), text);
    assert!(like("a*b?", "aXXbc") && like("*", "") && like("", "") && !like("a", "ab") && !like("?", ""));
    assert!(!like(&"a*".repeat(200), &"a".repeat(199)));
}

#[test]
fn fields_are_split_outside_variables() {
    assert_eq!(split_fields("arn:a:b:${x:y}:c:d:e", true), ["arn", "a", "b", "${x:y}", "c", "d:e"]);
    assert_eq!(split_fields("a:${b:c", true), ["a", "${b", "c"]);
}
