//! Checks of a document's text as a whole: characters and sizes (spec 2.1, 2.8).

use super::Reader;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::policy::Kind;
use crate::source::Span;

impl Reader<'_> {
    /// `text` is what stands under `span`.
    pub(super) fn check_text(&mut self, text: &str, span: Span) {
        match self.kind {
            Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust => self.check_characters(text, span),
            Kind::Resource | Kind::ServiceControl | Kind::ResourceControl | Kind::Endpoint => {}
        }
        if !self.options.reference {
            self.check_size(text, span);
        }
    }

    /// IAM accepts tab, line feed, carriage return and U+0020 to U+00FF (spec 2.1).
    fn check_characters(&mut self, text: &str, span: Span) {
        if text.bytes().all(|byte| byte < 0xC4) {
            return; // lead bytes up to C3 encode at most U+00FF; the rest of a control character is no JSON
        }
        let mut foreign = text.char_indices().filter(|(_, c)| u32::from(*c) > 0xFF);
        let Some((at, character)) = foreign.next() else { return };
        let more = foreign.count();
        let message = match more {
            0 => format!("IAM accepts no character beyond U+00FF, such as `{character}`"),
            _ => format!("IAM accepts no character beyond U+00FF, such as `{character}`; {more} more follow"),
        };
        let offset = |at: usize| span.start.saturating_add(u32::try_from(at).unwrap_or(0));
        let place = Span { start: offset(at), end: offset(at + character.len_utf8()), ..span };
        self.say(Code::BadCharacters, place, message, &format!("U+{:04X}", u32::from(character)));
    }

    fn check_size(&mut self, text: &str, span: Span) {
        let (usual, most, what) = match self.kind {
            Kind::Identity => (6_144, 10_240, "a managed policy holds 6,144 characters"),
            Kind::Boundary => (6_144, 6_144, "a boundary holds 6,144 characters"),
            Kind::Session => (2_048, 2_048, "a session policy holds 2,048 characters"),
            Kind::Trust => (2_048, 4_096, "a trust policy holds 2,048 characters, 4,096 at most"),
            Kind::ServiceControl => (10_240, 10_240, "a service control policy holds 10,240 characters"),
            Kind::ResourceControl => (5_120, 5_120, "a resource control policy holds 5,120 characters"),
            Kind::Resource | Kind::Endpoint => (20_480, 32_768, "a bucket policy holds 20,480 bytes"),
        };
        if text.len() <= usual {
            return; // no fewer bytes than characters
        }
        let size = match self.kind {
            Kind::ServiceControl | Kind::ResourceControl => text.chars().count(),
            Kind::Identity | Kind::Boundary | Kind::Session | Kind::Trust | Kind::Resource | Kind::Endpoint => {
                text.chars().filter(|c| !c.is_whitespace()).count()
            }
        };
        if size > usual {
            let severity = if size > most { Severity::Warning } else { Severity::Suggestion };
            let start = Span { end: span.start.saturating_add(1), ..span };
            let diagnostic = Diagnostic::new(Code::OverQuota, Some(start), format!("{size} characters; {what}"));
            self.report(diagnostic.label("begins here").severity(severity));
        }
    }
}
