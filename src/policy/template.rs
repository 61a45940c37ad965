//! Pattern text taken apart: characters, wildcards, policy variables (spec 3, 4).

/// The beginning of keys that stand for values which are not known: no service has such keys.
pub const HOLE: &str = "keyaki:unknown-";

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// This character and no other (also `${*}`, `${?}`, `${$}`: spec 4.2).
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `${key}` or `${key, 'default'}` (spec 4.1), only where variables are active.
    Variable(Box<Variable>),
    /// `${}`: the entry matches nothing (spec 4.1; error EMPTY_VARIABLE).
    Nothing,
}

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    /// The condition key in lower case.
    pub key: String,
    /// The default text, taken literally; may be empty.
    pub default: Option<String>,
}

/// A pattern as a sequence of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Template {
    /// In order of the text.
    pub pieces: Vec<Piece>,
}

/// Whether `*` and `?` are wildcards in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wildcards {
    /// They are.
    Active,
    /// They stand for themselves.
    Literal,
}

/// Whether `${…}` is replaced in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// It is (version 2012-10-17, last field of a resource, String and ARN values: spec 4.1).
    Active,
    /// It is plain text.
    Literal,
}

/// What is wrong with a variable (spec 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableProblem {
    /// No `}`: plain text.
    Unclosed,
    /// `${}`: the entry matches nothing.
    Empty,
    /// Quotes missing around the default, or a blank in the name: read as the name of no key.
    Malformed,
}

impl Template {
    /// Takes a pattern apart. Problems are given with their byte range in `text`.
    pub fn parse(
        text: &str,
        wildcards: Wildcards,
        variables: Variables,
        mut problem: impl FnMut(VariableProblem, std::ops::Range<usize>),
    ) -> Template {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text;
        loop {
            let run = match variables {
                Variables::Active => rest.find("${").unwrap_or(rest.len()),
                Variables::Literal => rest.len(),
            };
            let (before, from) = rest.split_at_checked(run).unwrap_or((rest, ""));
            pieces.extend(before.chars().map(|c| plain(c, wildcards)));
            if from.is_empty() {
                return Template { pieces };
            }
            let start = text.len() - from.len();
            let Some(end) = from.find('}') else {
                problem(VariableProblem::Unclosed, start..text.len());
                pieces.extend(from.chars().map(|c| plain(c, wildcards)));
                return Template { pieces };
            };
            let (piece, wrong) = variable(from.get(2..end).unwrap_or(""));
            pieces.push(piece);
            wrong.into_iter().for_each(|wrong| problem(wrong, start..start + end + 1));
            rest = from.get(end + 1..).unwrap_or("");
        }
    }

    /// A pattern without variables, its ASCII letters in lower case.
    pub fn lower_case(text: &str) -> Template {
        let mut pieces = Vec::with_capacity(text.len());
        pieces.extend(text.chars().map(|c| plain(c.to_ascii_lowercase(), Wildcards::Active)));
        Template { pieces }
    }

    /// The text as it stands, without wildcards and variables.
    pub fn literal(text: &str) -> Template {
        Template { pieces: text.chars().map(Piece::Char).collect() }
    }
}

fn plain(c: char, wildcards: Wildcards) -> Piece {
    match (c, wildcards) {
        ('*', Wildcards::Active) => Piece::Many,
        ('?', Wildcards::Active) => Piece::One,
        (other, _) => Piece::Char(other),
    }
}

/// The first `}` after the `${` at `start` ends it; there is no nesting (spec 4.1).
fn closing_brace(text: &str, start: usize) -> Option<usize> {
    text.get(start..)?.find('}').map(|length| start + length)
}

/// What stands between the braces.
fn variable(inner: &str) -> (Piece, Option<VariableProblem>) {
    match inner {
        "" => return (Piece::Nothing, Some(VariableProblem::Empty)),
        "*" => return (Piece::Char('*'), None), // spec 4.2
        "?" => return (Piece::Char('?'), None),
        "$" => return (Piece::Char('$'), None),
        _ => {}
    }
    let (name, default) = match inner.split_once(',') {
        None => (inner, None),
        Some((name, quoted)) => {
            let text = quoted.strip_prefix(" '").and_then(|rest| rest.strip_suffix('\''));
            match text {
                Some(text) => (name, Some(text.to_owned())),
                None => (inner, None), // the whole inner text is a (non-existing) name
            }
        }
    };
    let malformed = name.is_empty() || name.contains([',', '\'']) || name.contains(char::is_whitespace);
    let key = super::condition::canonical_key(name);
    (Piece::Variable(Box::new(Variable { key, default })), malformed.then_some(VariableProblem::Malformed))
}

/// Splits on colons into at most six fields, the sixth keeping its colons; with `variables` active, colons inside
/// `${…}` do not count (spec 3.2, 4.4). Each field with its byte offset.
pub fn arn_fields(text: &str, mut variables: Variables) -> Vec<(usize, &str)> {
    let mut fields = Vec::with_capacity(6);
    let (mut start, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b':' if fields.len() < 5 => {
                fields.push((start, text.get(start..at).unwrap_or("")));
                start = at + 1;
            }
            b'$' if variables == Variables::Active && bytes.get(at + 1) == Some(&b'{') => match closing_brace(text, at)
            {
                Some(end) => at = end,
                None => variables = Variables::Literal, // nor is any later one closed: keeps this linear
            },
            _ => {}
        }
        at += 1;
    }
    fields.push((start, text.get(start..).unwrap_or("")));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Vec<Piece>, Vec<VariableProblem>) {
        let mut problems = Vec::new();
        let template = Template::parse(text, Wildcards::Active, Variables::Active, |problem, _| problems.push(problem));
        (template.pieces, problems)
    }

    fn key(key: &str, default: Option<&str>) -> Piece {
        Piece::Variable(Box::new(Variable { key: key.to_owned(), default: default.map(str::to_owned) }))
    }

    #[test]
    fn pieces_of_a_pattern() {
        let (pieces, problems) = parse("a*?$${*}${aws:UserName}${aws:PrincipalTag/Team, 'x, y'}${a:b, ''}");
        let expected = [
            Piece::Char('a'),
            Piece::Many,
            Piece::One,
            Piece::Char('$'),
            Piece::Char('*'),
            key("aws:username", None),
            key("aws:principaltag/team", Some("x, y")),
            key("a:b", Some("")),
        ];
        assert_eq!(pieces, expected);
        assert!(problems.is_empty());
    }

    #[test]
    fn what_is_wrong_is_reported() {
        assert_eq!(
            parse("a${b*"),
            ("a${b".chars().map(Piece::Char).chain([Piece::Many]).collect(), vec![VariableProblem::Unclosed])
        );
        assert_eq!(parse("${}"), (vec![Piece::Nothing], vec![VariableProblem::Empty]));
        assert_eq!(parse("${a:b,'x'}"), (vec![key("a:b,'x'", None)], vec![VariableProblem::Malformed]));
        assert_eq!(parse("${a:b, x}").1, [VariableProblem::Malformed]);
        assert_eq!(parse("${a b}").1, [VariableProblem::Malformed]);
    }

    #[test]
    fn fields_of_an_arn() {
        let split = |text, variables| arn_fields(text, variables).iter().map(|field| field.1).collect::<Vec<_>>();
        assert_eq!(split("arn:aws:s3:::a:b", Variables::Active), ["arn", "aws", "s3", "", "", "a:b"]);
        assert_eq!(split("arn:${aws:x}:b", Variables::Active), ["arn", "${aws:x}", "b"]);
        assert_eq!(split("arn:${aws:x}:b", Variables::Literal), ["arn", "${aws", "x}", "b"]);
        assert_eq!(split("arn:${aws:x", Variables::Active), ["arn", "${aws", "x"]);
        assert_eq!(split("", Variables::Active), [""]);
    }
}
