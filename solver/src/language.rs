//! Languages: finite unions of globs, interned, with fast membership.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use crate::glob::Glob;
use crate::record::Text;

/// An interned glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlobId(pub(crate) u32);

/// An interned union of globs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(pub(crate) u32);

#[derive(Clone, Debug, Default)]
struct Union {
    globs: Vec<GlobId>,
    literals: HashSet<String>,
    wildcards: Vec<GlobId>,
    /// The wildcard globs by their literal beginning, if there are many; else none.
    beginnings: HashMap<String, Vec<GlobId>>,
    /// Lengths of the beginnings in bytes, sorted.
    lengths: Vec<usize>,
}

/// Fewer wildcard globs than this are looked through one by one.
const FEW: usize = 8;

/// All globs and languages of a question.
#[derive(Clone, Debug, Default)]
pub struct Languages {
    globs: Vec<(Glob, Option<String>)>,
    glob_ids: HashMap<Glob, GlobId>,
    unions: Vec<Union>,
    union_ids: HashMap<Vec<GlobId>, Language>,
}

impl Languages {
    /// The id of a glob.
    pub fn glob(&mut self, glob: Glob) -> GlobId {
        if let Some(id) = self.glob_ids.get(&glob) {
            return *id;
        }
        let id = GlobId(u32::try_from(self.globs.len()).unwrap_or(u32::MAX));
        let literal = glob.as_literal();
        self.globs.push((glob.clone(), literal));
        self.glob_ids.insert(glob, id);
        id
    }

    /// The union of these globs.
    pub fn union(&mut self, mut globs: Vec<GlobId>) -> Language {
        globs.sort_unstable();
        globs.dedup();
        if let Some(id) = self.union_ids.get(&globs) {
            return *id;
        }
        let mut union = Union { globs: globs.clone(), ..Union::default() };
        for id in &globs {
            match self.literal(*id) {
                Some(literal) => {
                    union.literals.insert(literal.to_owned());
                }
                None => union.wildcards.push(*id),
            }
        }
        self.index(&mut union);
        let id = Language(u32::try_from(self.unions.len()).unwrap_or(u32::MAX));
        self.unions.push(union);
        self.union_ids.insert(globs, id);
        id
    }

    fn index(&self, union: &mut Union) {
        if union.wildcards.len() < FEW {
            return;
        }
        for id in &union.wildcards {
            let beginning: String = self.get(*id).map(|glob| glob.literal_prefix().collect()).unwrap_or_default();
            union.lengths.push(beginning.len());
            union.beginnings.entry(beginning).or_default().push(*id);
        }
        union.lengths.sort_unstable();
        union.lengths.dedup();
    }

    /// The wildcard globs of a union that can match a text with this beginning, or contain a glob that has it: all whose
    /// own literal beginning is a part of it.
    fn beginning_like<'a>(&'a self, union: &'a Union, text: &'a str) -> impl Iterator<Item = GlobId> + 'a {
        let few = if union.lengths.is_empty() { union.wildcards.as_slice() } else { &[] };
        let starts = union.lengths.iter().filter_map(|length| text.get(..*length));
        let many = starts.filter_map(|start| union.beginnings.get(start)).flatten();
        few.iter().chain(many).copied()
    }

    /// The union of two languages.
    pub fn join(&mut self, a: Language, b: Language) -> Language {
        if a == b {
            return a;
        }
        let globs = [self.globs_of(a), self.globs_of(b)].concat();
        self.union(globs)
    }

    /// The union of several languages.
    pub fn join_all(&mut self, languages: &[Language]) -> Language {
        let globs = languages.iter().flat_map(|l| self.globs_of(*l).iter().copied()).collect();
        self.union(globs)
    }

    /// The globs of a language, sorted.
    pub fn globs_of(&self, language: Language) -> &[GlobId] {
        self.unions.get(language.0 as usize).map_or(&[], |u| u.globs.as_slice())
    }

    /// The glob of an id.
    pub fn get(&self, id: GlobId) -> Option<&Glob> {
        self.globs.get(id.0 as usize).map(|(glob, _)| glob)
    }

    /// The only text of a glob without wildcards.
    pub fn literal(&self, id: GlobId) -> Option<&str> {
        self.globs.get(id.0 as usize).and_then(|(_, literal)| literal.as_deref())
    }

    /// Whether the text is in the language: one look-up, and one match for every wildcard glob of it.
    pub fn contains(&self, language: Language, text: &str) -> bool {
        self.unions.get(language.0 as usize).is_some_and(|union| {
            union.literals.contains(text)
                || self.beginning_like(union, text).any(|id| self.get(id).is_some_and(|glob| glob.matches(text)))
        })
    }

    /// Whether some single glob of the language surely contains the whole glob (see [`Glob::surely_inside`]).
    pub(crate) fn surely_contains(&self, language: Language, glob: GlobId) -> bool {
        if let Some(literal) = self.literal(glob) {
            return self.contains(language, literal);
        }
        let listed = |union: &Union| union.globs.binary_search(&glob).is_ok();
        self.unions.get(language.0 as usize).is_some_and(listed) || self.wider(language, glob).is_some()
    }

    /// The first wildcard glob of the language that surely contains the whole glob.
    pub(crate) fn wider(&self, language: Language, glob: GlobId) -> Option<GlobId> {
        let (union, inner) = (self.unions.get(language.0 as usize)?, self.get(glob)?);
        let beginning: String = inner.named_prefix().collect();
        let wide = |id: &GlobId| self.get(*id).is_some_and(|outer| inner.surely_inside(outer));
        self.beginning_like(union, &beginning).filter(wide).min()
    }

    /// A lower-case letter or digit that no glob names, if there is one; else `x`.
    pub(crate) fn unnamed_char(&self) -> char {
        let mut named = [false; 128];
        for (glob, _) in &self.globs {
            for c in glob.items().iter().filter_map(|item| item.named()) {
                if let Some(mark) = named.get_mut(c as usize) {
                    *mark = true;
                }
            }
        }
        let free = |c: &char| named.get(*c as usize).is_some_and(|mark| !mark);
        ('a'..='z').rev().chain('0'..='9').find(free).unwrap_or('x')
    }

    /// The texts that the globs of a language insert.
    pub(crate) fn holes(&self, language: Language) -> Vec<Text> {
        let mut holes: Vec<Text> =
            self.globs_of(language).iter().filter_map(|id| self.get(*id)).flat_map(Glob::holes).collect();
        holes.sort_unstable();
        holes.dedup();
        holes
    }
}

#[cfg(test)]
mod tests {
    use super::{GlobId, Languages};
    use crate::glob::tests::glob;

    #[test]
    fn many_globs_are_found_by_their_beginnings() {
        let texts = ["*", "a*", "ab*", "abc?", "ab*c", "b*", "ba*", "^ab*", "?b*", "ç*", "abcd*", "x?y"];
        let mut languages = Languages::default();
        let ids: Vec<GlobId> = texts.iter().map(|text| languages.glob(glob(text))).collect();
        for skipped in &ids {
            let some = languages.union(ids.iter().copied().filter(|id| id != skipped).collect());
            let all = || languages.globs_of(some).iter().copied();
            for text in ["", "a", "ab", "abc", "abcd", "Ab", "b", "çx", "xzy", "q"] {
                let plain = all().any(|id| languages.get(id).is_some_and(|glob| glob.matches(text)));
                assert_eq!(languages.contains(some, text), plain, "{text} without {skipped:?}");
            }
            for inner in &ids {
                let inside = |id: &GlobId| {
                    languages.get(*inner).zip(languages.get(*id)).is_some_and(|(a, b)| a.surely_inside(b))
                };
                assert_eq!(languages.wider(some, *inner), all().find(inside), "without {skipped:?}");
            }
        }
    }
}
