//! Exact matching of one text against one pattern: no backtracking, so that no pattern explodes.

use crate::semantics::Token;
use crate::semantics::variable::lower;

/// Whether the whole text matches. Every text is inserted literally before ([`expand`]); an insertion left over matches
/// nothing.
///
/// A set of positions in the pattern walks along the text. Once an unbounded `*` is reached, every earlier position is
/// dropped: whatever it leads to, the `*` does too. The set stays within the stretch between two `*`.
pub(crate) fn matches(tokens: &[Token<String>], text: &str) -> bool {
    let (mut tokens, mut rest) = (tokens, text.chars());
    while let Some((first, after)) = tokens.split_first() {
        if matches!(first, Token::Many | Token::ManyInField) {
            return after.is_empty() && *first == Token::Many || walks(tokens, rest.as_str());
        }
        match rest.next() {
            Some(c) if consumes(first, c) => tokens = after,
            Some(_) | None => return false,
        }
    }
    rest.next().is_none()
}

/// Whether the text may match, by the characters that the pattern begins with: spares most of the matching.
pub(crate) fn begins<Text>(tokens: &[Token<Text>], text: &str) -> bool {
    let mut rest = text.chars();
    tokens
        .iter()
        .map_while(|token| if let Token::Char(c) = token { Some(*c) } else { None })
        .all(|c| rest.next() == Some(c))
}

fn walks(tokens: &[Token<String>], text: &str) -> bool {
    let mut positions = closure(tokens, vec![0]);
    for c in text.chars() {
        let mut next = Vec::with_capacity(positions.len() + 1);
        for &at in &positions {
            match tokens.get(at) {
                Some(Token::Many) => next.push(at),
                Some(Token::ManyInField) if c != ':' => next.push(at),
                Some(token) if consumes(token, c) => next.push(at + 1),
                Some(_) | None => {}
            }
        }
        positions = closure(tokens, next);
        if positions.is_empty() {
            return false;
        }
    }
    positions.last() == Some(&tokens.len())
}

/// Whether the token takes exactly this one character.
fn consumes(token: &Token<String>, c: char) -> bool {
    match token {
        Token::Char(own) => *own == c,
        Token::Folded(own) => *own == lower(c),
        Token::One => true,
        Token::OneInField => c != ':',
        Token::Many | Token::ManyInField => false,
        Token::Insert(_) | Token::InsertFolded(_) | Token::InsertGlob(_) | Token::InsertGlobInField(_) => false,
    }
}

/// The positions reachable without a character, in order; from the last unbounded `*` on. `positions` is sorted.
fn closure(tokens: &[Token<String>], positions: Vec<usize>) -> Vec<usize> {
    let mut closed: Vec<usize> = Vec::with_capacity(positions.len() + 1);
    for start in positions {
        let mut at = start;
        while closed.last().is_none_or(|last| *last < at) {
            if tokens.get(at) == Some(&Token::Many) {
                closed.clear();
            }
            closed.push(at);
            if !matches!(tokens.get(at), Some(Token::Many | Token::ManyInField)) {
                break;
            }
            at += 1;
        }
    }
    closed
}

/// The pattern with its inserted texts as tokens of their own.
pub(crate) fn expand<Text>(tokens: &[Token<Text>], text: impl Fn(&Text) -> String) -> Vec<Token<String>> {
    let mut expanded = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::Char(c) => expanded.push(Token::Char(*c)),
            Token::Folded(c) => expanded.push(Token::Folded(*c)),
            Token::One => expanded.push(Token::One),
            Token::OneInField => expanded.push(Token::OneInField),
            Token::Many => expanded.push(Token::Many),
            Token::ManyInField => expanded.push(Token::ManyInField),
            Token::Insert(inserted) => expanded.extend(text(inserted).chars().map(Token::Char)),
            Token::InsertFolded(inserted) => {
                expanded.extend(text(inserted).chars().map(crate::semantics::variable::folded));
            }
            Token::InsertGlob(inserted) => expanded.extend(text(inserted).chars().map(|c| active(c, false))),
            Token::InsertGlobInField(inserted) => expanded.extend(text(inserted).chars().map(|c| active(c, true))),
        }
    }
    expanded
}

/// A character of a substituted text whose wildcards are active (C6).
fn active(c: char, in_field: bool) -> Token<String> {
    match (c, in_field) {
        ('*', false) => Token::Many,
        ('*', true) => Token::ManyInField,
        ('?', false) => Token::One,
        ('?', true) => Token::OneInField,
        (c, _) => Token::Char(c),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;
    use crate::semantics::Token;

    /// `*`, `?` as in policies; `~` and `_` are their twins that stop at `:`.
    fn tokens(pattern: &str) -> Vec<Token<String>> {
        let token = |c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            '~' => Token::ManyInField,
            '_' => Token::OneInField,
            c => Token::Char(c),
        };
        pattern.chars().map(token).collect()
    }

    /// The definition, by plain recursion.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        let Some((&first, rest)) = pattern.split_first() else { return text.is_empty() };
        let in_field = first == '~' || first == '_';
        let step = text.first().is_some_and(|c| !in_field || *c != ':');
        match first {
            '*' | '~' => slow(rest, text) || (step && slow(pattern, &text[1..])),
            '?' | '_' => step && slow(rest, &text[1..]),
            c => text.first() == Some(&c) && slow(rest, &text[1..]),
        }
    }

    fn words(alphabet: &[char], longest: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut from = 0;
        for _ in 0..longest {
            let until = all.len();
            for at in from..until {
                for c in alphabet {
                    let word = format!("{}{c}", all[at]);
                    all.push(word);
                }
            }
            from = until;
        }
        all
    }

    #[test]
    fn agrees_with_the_definition_on_all_small_words() {
        let texts = words(&['a', ':'], 4);
        for pattern in words(&['a', ':', '*', '?', '~', '_'], 4) {
            let chars: Vec<char> = pattern.chars().collect();
            for text in &texts {
                let expected = slow(&chars, &text.chars().collect::<Vec<_>>());
                assert_eq!(matches(&tokens(&pattern), text), expected, "{pattern} {text}");
            }
        }
    }

    #[test]
    fn hostile_patterns_stay_small() {
        let text = "a".repeat(20_000);
        for stars in ["*a", "~a", "*a?~"] {
            assert!(!matches(&tokens(&format!("{}b", stars.repeat(100))), &text));
        }
    }
}
