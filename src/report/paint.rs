//! Colour, or none: the few styles of the text output, and text made safe for a terminal.

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI escape sequences.
    Ansi,
}

/// What is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// PASS.
    Good,
    /// FAIL, and the underlining of guilty parts.
    Bad,
    /// UNKNOWN.
    Open,
    /// Line numbers and captions.
    Faint,
}

impl Paint {
    /// The text in this colour. The text must not hold line ends.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        let code = match (self, ink) {
            (Paint::Plain, _) => return text.to_owned(),
            (Paint::Ansi, Ink::Good) => "1;32",
            (Paint::Ansi, Ink::Bad) => "1;31",
            (Paint::Ansi, Ink::Open) => "1;33",
            (Paint::Ansi, Ink::Faint) => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Text of the user with control characters and invisible direction marks written out, so that a policy cannot draw
/// on the terminal. Does not change the number of lines.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\t' {
            out.push(' ');
        } else if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that steer a terminal, or reorder or hide text: controls, zero width, bidirectional controls, byte-order
/// mark, line separators.
pub(super) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_only_when_asked() {
        assert_eq!(Paint::Plain.paint(Ink::Bad, "FAIL"), "FAIL");
        assert_eq!(Paint::Ansi.paint(Ink::Bad, "FAIL"), "\u{1b}[1;31mFAIL\u{1b}[0m");
    }

    #[test]
    fn a_policy_cannot_draw_on_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\td"), "a\\u{1b}[2Jb\\u{202e}c d");
    }
}
