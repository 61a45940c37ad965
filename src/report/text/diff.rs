//! A difference as text: what was gained and lost, one part after the other, and whether that is all.

use crate::checks::cube::entry::Entry;
use crate::checks::cube::{Circumstance, Cube, Extent, Scoped};
use crate::checks::diff::{Difference, Part};
use crate::checks::{Side, Undecided};
use crate::report::Compared;
use crate::report::paint::{Ink, Paint, printable};
use crate::report::text::condition::{listed, words};
use crate::report::text::{FULL_REASONS, Length, Page, WIDTH, place, wrapped};
use crate::request::{CallerKind, Request};
use crate::semantics::authorization::Special;
use crate::source::Span;

/// Entries of a list under [`Length::Short`].
const SHORT_LIST: usize = 6;

/// Undecided things told one by one.
const MOST_OPEN: usize = 3;

/// Parts as one line each under [`Length::Short`], after those in full.
const MOST_LINES: usize = 12;

/// The difference of two sides, ending in a line end.
pub fn diff(compared: &Compared<'_>, paint: Paint, length: Length) -> String {
    let mut page = Page { out: String::new(), paint, sources: compared.sources };
    let (old, new) = (printable(compared.old.name), printable(compared.new.name));
    if compared.diff.is_empty() {
        page.line(&format!("{old} and {new} allow the same requests (proved)."));
        return page.out;
    }
    let (gained, lost) = (&compared.diff.gained, &compared.diff.lost);
    page.line(&format!("{old} -> {new}: {}, {}.", counted(gained, "gained"), counted(lost, "lost")));
    page.line("");
    let mut shown = 0;
    for (sign, difference) in [("+", gained), ("-", lost)] {
        for part in &difference.parts {
            let view = View { compared, sign, length };
            match length {
                Length::Short if shown >= FULL_REASONS => page.part_in_short(part, view, shown),
                Length::Short | Length::Full => page.part(part, view),
            }
            shown += 1;
        }
    }
    page.rest(shown, length);
    page.end(compared, length);
    page.out
}

/// How a part is shown.
#[derive(Clone, Copy)]
struct View<'a> {
    compared: &'a Compared<'a>,
    sign: &'static str,
    length: Length,
}

impl View<'_> {
    fn most(self) -> usize {
        match self.length {
            Length::Short => SHORT_LIST,
            Length::Full => usize::MAX,
        }
    }
}

/// `2 gained`, `none lost`, `at least 3 gained`
fn counted(difference: &Difference, word: &str) -> String {
    let least = if difference.unknown.is_empty() { "" } else { "at least " };
    match difference.parts.len() {
        0 if difference.unknown.is_empty() => format!("none {word}"),
        0 => format!("not known what is {word}"),
        count => format!("{least}{count} {word}"),
    }
}

impl Page<'_> {
    /// One part: on one line if it fits, else a line for each of what, on what, who and when; then one of its requests.
    fn part(&mut self, part: &Part, view: View<'_>) {
        let pieces = pieces(&part.cube, view);
        let ink = if view.sign == "+" { Ink::Good } else { Ink::Bad };
        let sign = self.paint.paint(ink, view.sign);
        let one = pieces.join("   ");
        if one.chars().count() + 4 <= WIDTH {
            self.line(&format!("  {sign} {one}"));
        } else {
            for (number, piece) in pieces.iter().enumerate() {
                let indent = if number == 0 { format!("  {sign} ") } else { " ".repeat(6) };
                for (row, line) in wrapped(piece, WIDTH.saturating_sub(8)).iter().enumerate() {
                    let indent = if row == 0 { indent.as_str() } else { "        " };
                    self.line(&format!("{indent}{line}"));
                }
            }
        }
        let caption = self.paint.paint(Ink::Faint, "e.g.");
        self.line(&format!("        {caption} {}", example(part, view.compared)));
        if let Some(note) = &part.note {
            self.line(&format!("        {note}"));
        }
    }

    /// One part as one line, cut where the line ends.
    fn part_in_short(&mut self, part: &Part, view: View<'_>, shown: usize) {
        if shown >= FULL_REASONS + MOST_LINES {
            return;
        }
        let one = pieces(&part.cube, view).join("   ");
        let most = WIDTH.saturating_sub(5);
        let text: String =
            if one.chars().count() > most { one.chars().take(most).chain(['…']).collect() } else { one };
        self.line(&format!("  {} {text}", view.sign));
    }

    /// What was left out.
    fn rest(&mut self, shown: usize, length: Length) {
        let lines = FULL_REASONS + MOST_LINES;
        if length == Length::Short && shown > lines {
            self.line(&format!("  … and {} more: --all shows them", shown - lines));
        }
    }

    /// Whether that is all.
    fn end(&mut self, compared: &Compared<'_>, length: Length) {
        if !compared.diff.gained.parts.is_empty() || !compared.diff.lost.parts.is_empty() {
            self.line("");
        }
        if compared.diff.is_complete() {
            self.line("This is all of the difference (proved).");
            return;
        }
        self.line("There may be more:");
        let open: Vec<&Undecided> = compared.diff.gained.unknown.iter().chain(&compared.diff.lost.unknown).collect();
        let most = if length == Length::Full { open.len() } else { MOST_OPEN };
        for undecided in open.iter().take(most) {
            let at = undecided.span.map_or(String::new(), |span: Span| format!("{}: ", place(compared.sources, span)));
            self.line(&format!("  {at}{}", printable(&undecided.reason)));
            self.line(&format!("    needed: {}", printable(&undecided.needed)));
        }
        if open.len() > most {
            self.line(&format!("  … and {} more", open.len() - most));
        }
        self.line("Exit code 3.");
    }
}

/// What, on what, who, and when, in words.
fn pieces(cube: &Cube, view: View<'_>) -> Vec<String> {
    let most = view.most();
    let texts = |part: &str, given: Vec<String>, but: Vec<String>| {
        let given = if given.is_empty() { part.to_owned() } else { listed(&given, most, false, ",") };
        if but.is_empty() { given } else { format!("{given} except {}", listed(&but, most, false, ",")) }
    };
    let (actions, no_actions) = entries(&cube.actions);
    let (resources, no_resources) = entries(&cube.resources);
    let (principals, no_principals) = entries(&cube.principals);
    let mut pieces = vec![
        texts("any action", actions, no_actions),
        format!("on {}", texts("any resource", resources, no_resources)),
    ];
    if !principals.is_empty() || !no_principals.is_empty() {
        pieces.push(format!("by {}", texts("anyone", principals, no_principals)));
    }
    pieces.extend(cube.callers.as_ref().map(|kinds| {
        let kinds: Vec<String> = kinds.iter().map(|kind| callers(*kind).to_owned()).collect();
        format!("by {}", listed(&kinds, usize::MAX, false, "and"))
    }));
    pieces.extend(cube.circumstances.iter().map(|(circumstance, holds)| said(circumstance, *holds)));
    for (number, condition) in cube.conditions.iter().enumerate() {
        let key = view.compared.catalogue.key(&condition.clause.key).spelling;
        let join = if number == 0 { "when" } else { "and" };
        pieces.push(format!("{join} {}", words(condition, &key, most)));
    }
    pieces
}

/// A circumstance of a stack in words.
fn said(circumstance: &Circumstance, holds: bool) -> String {
    match (circumstance, holds) {
        (Circumstance::SameAccount, true) => "from the resource's account".to_owned(),
        (Circumstance::SameAccount, false) => "not from the resource's account".to_owned(),
        (Circumstance::ServiceLinkedRole, true) => "by service-linked roles".to_owned(),
        (Circumstance::ServiceLinkedRole, false) => "not by service-linked roles".to_owned(),
        (Circumstance::SessionPolicy, true) => "with a session policy that allows it".to_owned(),
        (Circumstance::SessionPolicy, false) => "without a session policy that allows it".to_owned(),
        (Circumstance::CallerIn(account), true) => format!("from the management account {}", printable(account)),
        (Circumstance::CallerIn(account), false) => format!("not from the management account {}", printable(account)),
        (Circumstance::ResourceIn(account), true) => format!("in the management account {}", printable(account)),
        (Circumstance::ResourceIn(account), false) => format!("not in the management account {}", printable(account)),
        (Circumstance::Resource(special), true) => format!("on {}", kind(*special)),
        (Circumstance::Resource(special), false) => format!("not on {}", kind(*special)),
    }
}

fn kind(special: Special) -> &'static str {
    match special {
        Special::ManagedPolicy => "policies that AWS manages",
        Special::ReservedRole => "roles that AWS reserves",
        Special::ManagedAlias => "aliases of keys that AWS manages",
        Special::Bucket => "buckets and objects",
        Special::Key => "KMS keys",
        Special::Role => "roles",
    }
}

/// The texts of the entries, and of the exceptions; none for everything.
fn entries<E: Entry>(extent: &Extent<E>) -> (Vec<String>, Vec<String>) {
    let texts = |list: &[Scoped<E>]| list.iter().map(|scoped| scoped.entry.text().to_owned()).collect::<Vec<String>>();
    (extent.only.as_deref().map(texts).unwrap_or_default(), texts(&extent.except))
}

fn callers(kind: CallerKind) -> &'static str {
    match kind {
        CallerKind::Root => "root users",
        CallerKind::User => "users",
        CallerKind::Session => "role sessions",
        CallerKind::FederatedUser => "federated users",
        CallerKind::Service => "services",
        CallerKind::Federated => "federated callers",
        CallerKind::Anonymous => "anonymous callers",
    }
}

/// `s3:GetObject on arn:…`, with the caller where callers are told apart.
fn example(part: &Part, compared: &Compared<'_>) -> String {
    let Request { principal, action, resource, .. } = &part.witness;
    let named = |side: Side<'_>| match side {
        Side::Document(policy) => policy.kind.names_principals(),
        Side::Stack(_) => true,
    };
    let who = if named(compared.new.side) || named(compared.old.side) {
        format!(" by {}", printable(&principal.to_string()))
    } else {
        String::new()
    };
    format!("{} on {}{who}", printable(action), printable(resource))
}
