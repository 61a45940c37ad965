//! The reader behind [`super::parse`]: recursive descent, at most as deep as the limit.

use std::borrow::Cow;

use super::{Member, Node, Parsed, Value};
use crate::diagnostic::{Code, Diagnostic, MOST_DIAGNOSTICS};
use crate::source::{FileId, Span};

/// Reading cannot go on; the reason is among the diagnostics.
struct Stop;

type Step<T> = Result<T, Stop>;

struct Reader<'t> {
    text: &'t str,
    file: FileId,
    at: usize,
    depth: usize,
    deepest: usize,
    diagnostics: Vec<Diagnostic>,
}

/// Reads a whole text.
pub(super) fn parse(text: &str, file: FileId, deepest: usize) -> Parsed<'_> {
    let mut reader = Reader { text, file, at: 0, depth: 0, deepest, diagnostics: Vec::new() };
    let root = reader.document().ok();
    Parsed { root, diagnostics: reader.diagnostics }
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Step<Node<'t>> {
        if self.text.starts_with('\u{feff}') {
            self.at = 3;
            let bom = Diagnostic::new(Code::Bom, Some(self.span_from(0)), "the text begins with a byte-order mark");
            self.report(bom.label("U+FEFF").help("save the file as UTF-8 without a byte-order mark"))?;
        }
        self.blanks()?;
        let root = self.value()?;
        self.blanks()?;
        if self.at < self.text.len() {
            self.syntax(self.at, self.text.len(), "something follows the end of the document", "not expected here")?;
            return Err(Stop);
        }
        Ok(root)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: offset(start), end: offset(end) }
    }

    fn span_from(&self, start: usize) -> Span {
        self.span(start, self.at)
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Step<()> {
        self.diagnostics.push(diagnostic);
        if self.diagnostics.len() < MOST_DIAGNOSTICS { Ok(()) } else { Err(Stop) }
    }

    fn syntax(&mut self, start: usize, end: usize, message: &str, label: &str) -> Step<()> {
        let span = self.span(start, end);
        self.report(Diagnostic::new(Code::JsonSyntax, Some(span), message).label(label))
    }

    /// The character at the place is wrong: no way on.
    fn unexpected<T>(&mut self, wanted: &str) -> Step<T> {
        let start = self.at;
        match self.rest().chars().next() {
            None => self.syntax(start, start, &format!("the text ends where {wanted} should follow"), "the end")?,
            Some(c) => {
                let found = if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { format!("`{c}`") };
                let message = format!("{found} where {wanted} should follow");
                self.syntax(start, start + c.len_utf8(), &message, &format!("expected {wanted}"))?;
            }
        }
        Err(Stop)
    }

    /// White space; comments are reported and skipped.
    fn blanks(&mut self) -> Step<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/' | b'#') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Step<()> {
        let (start, rest) = (self.at, self.rest());
        let length = if rest.starts_with('#') || rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            return self.unexpected("a value");
        };
        self.at += length;
        self.syntax(start, self.at, "JSON has no comments", "remove this")
    }

    fn value(&mut self) -> Step<Node<'t>> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"' | b'\'') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return self.unexpected("a value"),
        };
        Ok(Node { span: self.span_from(start), value })
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Step<Value<'t>> {
        let length = self.rest().bytes().take_while(u8::is_ascii_alphanumeric).count();
        if self.rest().get(..length) == Some(word) {
            self.at += length;
            Ok(value)
        } else {
            self.unexpected("a value")
        }
    }

    fn nested(&mut self, body: fn(&mut Self) -> Step<Value<'t>>) -> Step<Value<'t>> {
        if self.depth == self.deepest {
            let message = format!("lists and objects are nested more than {} deep", self.deepest);
            let span = self.span(self.at, self.at + 1);
            self.report(Diagnostic::new(Code::TooDeep, Some(span), message).label("too deep"))?;
            return Err(Stop);
        }
        self.depth += 1;
        self.at += 1; // the bracket
        let value = body(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Step<Value<'t>> {
        let mut members = Vec::new();
        loop {
            self.blanks()?;
            match self.peek() {
                Some(b'}') if members.is_empty() => break,
                Some(b'"' | b'\'') => members.push(self.member()?),
                _ => return self.unexpected("a member name in double quotes"),
            }
            if self.list_ends(b'}', "`,` or `}`")? {
                return Ok(Value::Object(members));
            }
        }
        self.at += 1;
        Ok(Value::Object(members))
    }

    fn member(&mut self) -> Step<Member<'t>> {
        let start = self.at;
        let key = self.string()?;
        let key_span = self.span_from(start);
        self.blanks()?;
        if self.peek() != Some(b':') {
            return self.unexpected("`:`");
        }
        self.at += 1;
        self.blanks()?;
        Ok(Member { key, key_span, value: self.value()? })
    }

    fn array(&mut self) -> Step<Value<'t>> {
        let mut elements = Vec::new();
        self.blanks()?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(elements));
        }
        loop {
            self.blanks()?;
            elements.push(self.value()?);
            if self.list_ends(b']', "`,` or `]`")? {
                return Ok(Value::Array(elements));
            }
        }
    }

    /// After an element: whether the list ends here; a comma is passed, a trailing one reported.
    fn list_ends(&mut self, close: u8, wanted: &str) -> Step<bool> {
        self.blanks()?;
        let comma = self.at;
        match self.peek() {
            Some(b',') => self.at += 1,
            Some(byte) if byte == close => {
                self.at += 1;
                return Ok(true);
            }
            _ => return self.unexpected(wanted),
        }
        self.blanks()?;
        if self.peek() != Some(close) {
            return Ok(false);
        }
        self.syntax(comma, comma + 1, "a comma before the end of a list or object", "remove this comma")?;
        self.at += 1;
        Ok(true)
    }

    fn number(&mut self) -> Step<&'t str> {
        let (start, rest) = (self.at, self.rest());
        let length = rest.bytes().take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let text = rest.get(..length).unwrap_or("");
        self.at += length;
        if !is_number(text) {
            self.syntax(start, self.at, &format!("`{}` is not a number in JSON", clip(text)), "not a number")?;
        }
        Ok(text)
    }

    /// A string from its opening quote; single quotes are reported and read like double ones.
    fn string(&mut self) -> Step<Cow<'t, str>> {
        let start = self.at;
        let quote = self.peek().unwrap_or(b'"');
        self.at += 1;
        let plain = self.plain_run(quote);
        let text = if self.peek() == Some(quote) {
            self.at += 1;
            Cow::Borrowed(plain)
        } else {
            Cow::Owned(self.rest_of_string(start, quote, plain)?)
        };
        if quote == b'\'' {
            self.syntax(start, self.at, "strings are written in double quotes", "in single quotes")?;
        }
        Ok(text)
    }

    /// Characters that stand for themselves.
    fn plain_run(&mut self, quote: u8) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().position(|b| b == quote || b == b'\\' || b < 0x20).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn rest_of_string(&mut self, start: usize, quote: u8, head: &str) -> Step<String> {
        let mut text = String::from(head);
        loop {
            match self.peek() {
                None => {
                    self.syntax(start, start + 1, "a string without an end", "this quotation mark is never closed")?;
                    return Err(Stop);
                }
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(control) if control < 0x20 => {
                    self.at += 1;
                    let message = format!("the control character U+{control:04X} must be escaped in a string");
                    self.syntax(self.at - 1, self.at, &message, &format!("write \\u{control:04x}"))?;
                    text.push(char::from(control));
                }
                Some(_) => text.push_str(self.plain_run(quote)),
            }
        }
    }

    fn escape(&mut self) -> Step<char> {
        let start = self.at;
        self.at += 1; // the backslash
        let Some(letter) = self.rest().chars().next() else { return self.unexpected("an escape") };
        self.at += letter.len_utf8();
        let character = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(start),
            other => {
                let message = "there is no such escape in JSON";
                self.syntax(start, self.at, message, "write `\\\\` for a backslash")?;
                other
            }
        };
        Ok(character)
    }

    fn unicode_escape(&mut self, start: usize) -> Step<char> {
        let Some(first) = self.hex4() else {
            self.syntax(start, self.at, "`\\u` takes four hexadecimal digits", "incomplete")?;
            return Ok(char::REPLACEMENT_CHARACTER);
        };
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if first < 0xDC00 && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            if let Some(second @ 0xDC00..=0xDFFF) = self.hex4() {
                let scalar = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        self.syntax(start, self.at, "half of a surrogate pair", "stands for no character")?;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// Four hexadecimal digits; passes them only if they are there.
    fn hex4(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// The beginning of a text that may be very long.
fn clip(text: &str) -> &str {
    text.get(..40).unwrap_or(text)
}
