//! Pattern text taken apart: characters, wildcards, policy variables (spec 3, 4).

/// The beginning of keys that stand for values which are not known: no service has such keys.
pub const HOLE: &str = "keyaki:unknown-";

/// One piece of a pattern, as it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece<'p> {
    /// This character and no other (also `${*}`, `${?}`, `${$}`: spec 4.2).
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `${key}` or `${key, 'default'}` (spec 4.1), only where variables are active.
    Variable(&'p Variable),
    /// `${}`: the entry matches nothing (spec 4.1; error EMPTY_VARIABLE).
    Nothing,
}

impl Piece<'_> {
    /// The character, if it is one.
    pub fn char(self) -> Option<char> {
        if let Piece::Char(c) = self { Some(c) } else { None }
    }
}

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    /// The condition key in lower case.
    pub key: String,
    /// The default text, taken literally; may be empty.
    pub default: Option<String>,
}

/// A pattern as a sequence of pieces, four bytes each: a document may have tens of thousands of patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Template {
    /// In order of the text.
    codes: Box<[Code]>,
    /// In order of the text.
    variables: Box<[Variable]>,
}

/// A character as its scalar value, or one of the pieces above all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Code(u32);

impl Code {
    const ONE: Code = Code(char::MAX as u32 + 1);
    const MANY: Code = Code(char::MAX as u32 + 2);
    const NOTHING: Code = Code(char::MAX as u32 + 3);
    /// The first variable of the pattern; the others follow.
    const VARIABLE: Code = Code(char::MAX as u32 + 4);
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
        let mut draft = Draft::of_length(text.len());
        let mut rest = text;
        loop {
            let run = match variables {
                Variables::Active if rest.contains('$') => rest.find("${").unwrap_or(rest.len()),
                Variables::Active | Variables::Literal => rest.len(),
            };
            let (before, from) = rest.split_at_checked(run).unwrap_or((rest, ""));
            draft.codes.extend(before.chars().map(|c| plain(c, wildcards)));
            if from.is_empty() {
                return draft.done();
            }
            let start = text.len() - from.len();
            let Some(end) = from.find('}') else {
                problem(VariableProblem::Unclosed, start..text.len());
                draft.codes.extend(from.chars().map(|c| plain(c, wildcards)));
                return draft.done();
            };
            let wrong = draft.variable(from.get(2..end).unwrap_or(""));
            wrong.into_iter().for_each(|wrong| problem(wrong, start..start + end + 1));
            rest = from.get(end + 1..).unwrap_or("");
        }
    }

    /// A pattern without variables, its ASCII letters in lower case.
    pub fn lower_case(text: &str) -> Template {
        let mut draft = Draft::of_length(text.len());
        draft.codes.extend(text.chars().map(|c| plain(c.to_ascii_lowercase(), Wildcards::Active)));
        draft.done()
    }

    /// The text as it stands, without wildcards and variables.
    pub fn literal(text: &str) -> Template {
        let mut draft = Draft::of_length(text.len());
        draft.codes.extend(text.chars().map(|c| plain(c, Wildcards::Literal)));
        draft.done()
    }

    /// The pieces in order of the text.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = Piece<'_>> + ExactSizeIterator + Clone {
        self.codes.iter().map(|code| self.piece(*code))
    }

    /// The piece at this place.
    pub fn get(&self, at: usize) -> Option<Piece<'_>> {
        self.codes.get(at).map(|code| self.piece(*code))
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether it is the pattern of the empty text.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The variables in order of the text.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Whether some text is replaced in it.
    pub fn has_variable(&self) -> bool {
        !self.variables.is_empty()
    }

    /// Whether it is the pattern of one text.
    pub fn is_literal(&self) -> bool {
        self.codes.iter().all(|code| char::from_u32(code.0).is_some())
    }

    fn piece(&self, code: Code) -> Piece<'_> {
        if let Some(c) = char::from_u32(code.0) {
            return Piece::Char(c);
        }
        match code {
            Code::ONE => Piece::One,
            Code::MANY => Piece::Many,
            Code::NOTHING => Piece::Nothing,
            Code(variable) => {
                let index = variable.checked_sub(Code::VARIABLE.0).map(|index| index as usize);
                index.and_then(|index| self.variables.get(index)).map_or(Piece::Nothing, Piece::Variable)
            }
        }
    }
}

impl<'p> FromIterator<Piece<'p>> for Template {
    fn from_iter<I: IntoIterator<Item = Piece<'p>>>(pieces: I) -> Template {
        let mut draft = Draft::of_length(0);
        for piece in pieces {
            match piece {
                Piece::Char(c) => draft.codes.push(plain(c, Wildcards::Literal)),
                Piece::One => draft.codes.push(Code::ONE),
                Piece::Many => draft.codes.push(Code::MANY),
                Piece::Variable(variable) => draft.insert(variable.clone()),
                Piece::Nothing => draft.codes.push(Code::NOTHING),
            }
        }
        draft.done()
    }
}

/// A pattern in the making.
struct Draft {
    codes: Vec<Code>,
    variables: Vec<Variable>,
}

impl Draft {
    fn of_length(length: usize) -> Draft {
        Draft { codes: Vec::with_capacity(length), variables: Vec::new() }
    }

    fn insert(&mut self, variable: Variable) {
        // a text of four gigabytes is not read: it has fewer variables than that
        let index = u32::try_from(self.variables.len()).unwrap_or(u32::MAX);
        self.codes.push(Code(Code::VARIABLE.0.saturating_add(index)));
        self.variables.push(variable);
    }

    /// What stands between the braces.
    fn variable(&mut self, inner: &str) -> Option<VariableProblem> {
        let special = match inner {
            "" => Some((Code::NOTHING, Some(VariableProblem::Empty))),
            "*" | "?" | "$" => inner.chars().next().map(|c| (plain(c, Wildcards::Literal), None)), // spec 4.2
            _ => None,
        };
        if let Some((code, problem)) = special {
            self.codes.push(code);
            return problem;
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
        self.insert(Variable { key: super::condition::canonical_key(name), default });
        malformed.then_some(VariableProblem::Malformed)
    }

    fn done(self) -> Template {
        Template { codes: self.codes.into_boxed_slice(), variables: self.variables.into_boxed_slice() }
    }
}

fn plain(c: char, wildcards: Wildcards) -> Code {
    match (c, wildcards) {
        ('*', Wildcards::Active) => Code::MANY,
        ('?', Wildcards::Active) => Code::ONE,
        (other, _) => Code(u32::from(other)),
    }
}

/// The first `}` after the `${` at `start` ends it; there is no nesting (spec 4.1).
fn closing_brace(text: &str, start: usize) -> Option<usize> {
    text.get(start..)?.find('}').map(|length| start + length)
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

    fn parse(text: &str) -> (Template, Vec<VariableProblem>) {
        let mut problems = Vec::new();
        let template = Template::parse(text, Wildcards::Active, Variables::Active, |problem, _| problems.push(problem));
        (template, problems)
    }

    fn variable(key: &str, default: Option<&str>) -> Variable {
        Variable { key: key.to_owned(), default: default.map(str::to_owned) }
    }

    #[test]
    fn pieces_of_a_pattern() {
        let (template, problems) = parse("a*?$${*}${aws:UserName}${aws:PrincipalTag/Team, 'x, y'}${a:b, ''}");
        let expected = [
            Piece::Char('a'),
            Piece::Many,
            Piece::One,
            Piece::Char('$'),
            Piece::Char('*'),
            Piece::Variable(&variable("aws:username", None)),
            Piece::Variable(&variable("aws:principaltag/team", Some("x, y"))),
            Piece::Variable(&variable("a:b", Some(""))),
        ];
        assert!(template.pieces().eq(expected));
        assert!(problems.is_empty());
        assert_eq!(template.pieces().collect::<Template>(), template);
    }

    #[test]
    fn what_is_wrong_is_reported() {
        let unclosed = "a${b".chars().map(Piece::Char).chain([Piece::Many]).collect();
        assert_eq!(parse("a${b*"), (unclosed, vec![VariableProblem::Unclosed]));
        assert_eq!(parse("${}"), ([Piece::Nothing].into_iter().collect(), vec![VariableProblem::Empty]));
        let malformed = [Piece::Variable(&variable("a:b,'x'", None))].into_iter().collect();
        assert_eq!(parse("${a:b,'x'}"), (malformed, vec![VariableProblem::Malformed]));
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
