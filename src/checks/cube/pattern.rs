//! How two patterns lie to each other, read off their text: for choosing what to show, never for a verdict.
//!
//! Fields and letter case are passed over: whatever is chosen here is put to the solver afterwards.

use crate::policy::template::{Piece, Template};

/// Whether everything the inner pattern matches is matched by the outer one. Sure where it says so.
pub(crate) fn covers(outer: &[Piece], inner: &[Piece]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while from < inner.len() {
        match (outer.get(at), inner.get(from)) {
            (Some(Piece::Many), _) => {
                retry = Some((at, from));
                at += 1;
            }
            (Some(piece), Some(text)) if takes(*piece, *text) => (at, from) = (at + 1, from + 1),
            _ => match retry {
                None => return false,
                Some((star, start)) => {
                    retry = Some((star, start + 1));
                    (at, from) = (star + 1, start + 1);
                }
            },
        }
    }
    outer.iter().skip(at).all(|piece| *piece == Piece::Many)
}

fn takes(piece: Piece<'_>, text: Piece<'_>) -> bool {
    match (piece, text) {
        (Piece::One, Piece::Char(_) | Piece::One) => true,
        (Piece::Char(_) | Piece::Variable(_), text) => piece == text,
        (Piece::One | Piece::Many | Piece::Nothing, _) => false,
    }
}

/// Whether some text may match both. Sure where it says no.
pub(super) fn meets(one: &[Piece], other: &[Piece]) -> bool {
    // which prefixes of `other` can end where the prefix of `one` read so far ends
    let mut row = vec![false; other.len() + 1];
    skip_stars(&mut row, other, 0);
    for piece in one.iter().copied() {
        if piece == Piece::Nothing {
            return false;
        }
        let mut next = vec![false; other.len() + 1];
        for (at, _) in row.iter().enumerate().filter(|(_, reached)| **reached) {
            if is_any(piece) {
                next.iter_mut().skip(at).for_each(|reached| *reached = true);
                break;
            }
            match other.get(at).copied() {
                Some(there) if is_any(there) => skip_stars(&mut next, other, at),
                Some(there) if agree(piece, there) => skip_stars(&mut next, other, at + 1),
                Some(_) | None => {}
            }
        }
        row = next;
    }
    !other.contains(&Piece::Nothing) && row.last().copied().unwrap_or(false)
}

/// Marks a place and those that stars alone lead to.
fn skip_stars(row: &mut [bool], pieces: &[Piece], mut at: usize) {
    loop {
        if let Some(reached) = row.get_mut(at) {
            *reached = true;
        }
        match pieces.get(at).copied() {
            Some(piece) if is_any(piece) => at += 1,
            Some(_) | None => return,
        }
    }
}

fn is_any(piece: Piece<'_>) -> bool {
    matches!(piece, Piece::Many | Piece::Variable(_))
}

fn agree(one: Piece<'_>, other: Piece<'_>) -> bool {
    match (one, other) {
        (Piece::Char(c), Piece::Char(d)) => c == d,
        (Piece::Char(_) | Piece::One, Piece::Char(_) | Piece::One) => true,
        _ => false,
    }
}

/// Steps to spend on one intersection, and patterns it may become.
const MOST_STEPS: usize = 2000;
const MOST_PARTS: usize = 12;

/// Patterns that together match what both match; none if that takes too many.
pub(super) fn common<'p>(one: &[Piece<'p>], other: &[Piece<'p>]) -> Vec<Vec<Piece<'p>>> {
    if covers(one, other) {
        return vec![other.to_vec()];
    }
    if covers(other, one) {
        return vec![one.to_vec()];
    }
    let mut found = Vec::new();
    let mut open = vec![(0, 0, Vec::new())];
    let mut steps = 0;
    while let Some((i, j, sofar)) = open.pop() {
        steps += 1;
        if steps > MOST_STEPS || found.len() > MOST_PARTS {
            return Vec::new();
        }
        match (one.get(i).copied(), other.get(j).copied()) {
            (None, None) => keep(&mut found, sofar),
            (Some(Piece::Many), Some(Piece::Many)) => {
                let sofar = and(&sofar, Piece::Many);
                open.extend([(i + 1, j, sofar.clone()), (i, j + 1, sofar)]);
            }
            (Some(Piece::Many), there) => {
                open.push((i + 1, j, sofar.clone()));
                open.extend(there.map(|piece| (i, j + 1, and(&sofar, piece))));
            }
            (here, Some(Piece::Many)) => {
                open.push((i, j + 1, sofar.clone()));
                open.extend(here.map(|piece| (i + 1, j, and(&sofar, piece))));
            }
            (Some(here), Some(there)) if here == there || there == Piece::One => {
                open.push((i + 1, j + 1, and(&sofar, here)));
            }
            (Some(Piece::One), Some(there)) => open.push((i + 1, j + 1, and(&sofar, there))),
            _ => {}
        }
    }
    found
}

fn and<'p>(sofar: &[Piece<'p>], piece: Piece<'p>) -> Vec<Piece<'p>> {
    let mut longer = sofar.to_vec();
    if piece != Piece::Many || longer.last() != Some(&Piece::Many) {
        longer.push(piece);
    }
    longer
}

/// Keeps a pattern that no other covers.
fn keep<'p>(found: &mut Vec<Vec<Piece<'p>>>, pattern: Vec<Piece<'p>>) {
    if !found.iter().any(|known| covers(known, &pattern)) {
        found.retain(|known| !covers(&pattern, known));
        found.push(pattern);
    }
}

/// The pattern as a policy would write it.
pub(super) fn written(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Char(c @ ('*' | '?')) => text.extend(["${", &c.to_string(), "}"]),
            Piece::Char(c) => text.push(*c),
            Piece::One => text.push('?'),
            Piece::Many => text.push('*'),
            Piece::Variable(variable) => match &variable.default {
                None => text.extend(["${", &variable.key, "}"]),
                Some(default) => text.extend(["${", &variable.key, ", '", default, "'}"]),
            },
            Piece::Nothing => text.push_str("${}"),
        }
    }
    text
}

/// The fields of an ARN as one pattern.
pub(super) fn joined(fields: &[Template]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::Char(':'));
        }
        pieces.extend(field.pieces());
    }
    pieces
}

/// One pattern as the fields of an ARN.
pub(super) fn split(pieces: &[Piece]) -> Vec<Template> {
    let fields = pieces.splitn(6, |piece| *piece == Piece::Char(':'));
    fields.map(|field| field.iter().copied().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::template::{Variables, Wildcards};

    fn pattern(text: &str) -> Template {
        Template::parse(text, Wildcards::Active, Variables::Active, |_, _| {})
    }

    fn pieces(template: &Template) -> Vec<Piece<'_>> {
        template.pieces().collect()
    }

    /// Every text over `ab` of up to five letters.
    fn texts() -> Vec<Template> {
        let mut all = vec![String::new()];
        for length in 0..5 {
            let longer: Vec<String> =
                all.iter().filter(|t| t.len() == length).flat_map(|t| [format!("{t}a"), format!("{t}b")]).collect();
            all.extend(longer);
        }
        all.iter().map(|text| pattern(text)).collect()
    }

    #[test]
    fn patterns_against_all_short_texts() {
        let patterns = ["", "*", "a*", "*a", "?", "a?", "?*", "a*b", "*ab*", "ab", "*b?", "a*a", "??", "b*a*"];
        let (patterns, texts) = (patterns.map(pattern), texts());
        let patterns = patterns.each_ref().map(pieces);
        let texts: Vec<Vec<Piece<'_>>> = texts.iter().map(pieces).collect();
        for one in &patterns {
            for other in &patterns {
                let both: Vec<&Vec<Piece<'_>>> = texts.iter().filter(|t| covers(one, t) && covers(other, t)).collect();
                if covers(one, other) {
                    assert!(texts.iter().all(|t| !covers(other, t) || covers(one, t)), "{one:?} {other:?}");
                }
                assert!(meets(one, other) || both.is_empty(), "{one:?} {other:?}");
                let parts = common(one, other);
                for text in &texts {
                    let inside = parts.iter().any(|part| covers(part, text));
                    assert_eq!(inside, both.contains(&text), "{one:?} {other:?} {text:?}");
                }
                if both.is_empty() {
                    assert!(!meets(one, other), "{one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_pattern_survives_writing_and_fields() {
        for text in ["arn:aws:s3:::a*b?", "arn:aws:iam::*:user/${aws:username}", "arn:aws:sns:*:*:${*}:x"] {
            let whole = pattern(text);
            assert_eq!(written(&pieces(&whole)), text);
            assert_eq!(joined(&split(&pieces(&whole))), pieces(&whole));
        }
        let [name, open, below, alice] =
            ["${aws:username}", "${aws:username}*", "${aws:username}/a", "alice"].map(pattern);
        assert!(covers(&pieces(&open), &pieces(&below)));
        assert!(!covers(&pieces(&name), &pieces(&alice)));
        assert!(meets(&pieces(&name), &pieces(&alice)));
    }
}
