//! The algebra of boxes: for each question about a request, the boxes where it surely holds and where it may.

use std::collections::BTreeMap;

use solver::decimal::Decimal;
use solver::interval::IntervalSet;

use crate::policy::condition::Clause;
use crate::policy::template::Piece;
use crate::request::CallerKind;
use crate::semantics::boxes::column::{Column, Mask};
use crate::semantics::boxes::set::Set;
use crate::semantics::boxes::{Boxes, Letter, Resources, Text};
use crate::semantics::resource::Reading as ResourceReading;
use crate::semantics::{Address, Algebra, Contested, Field, Pattern, Side};

/// Comparisons of patterns in one reading beyond which the rest is left to the solver.
const MOST_WORK: u64 = 50_000_000;

/// What holds all over a box, and what may hold somewhere in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    /// The boxes where it surely holds, of every request.
    pub(crate) must: Set,
    /// The boxes where it may hold, of some request.
    pub(crate) may: Set,
}

impl Truth {
    /// Nothing is known.
    pub(crate) fn unknown() -> Self {
        Truth { must: Set::none(), may: Set::all() }
    }

    fn certain(value: bool) -> Self {
        let set = if value { Set::all() } else { Set::none() };
        Truth { must: set.clone(), may: set }
    }
}

/// What documents say of all boxes, in one reading of the rules about resource patterns. Of the other contested rules
/// every reading counts at once, but for those that are fixed.
pub(crate) struct Reading<'b> {
    boxes: &'b Boxes<'b>,
    resources: &'b Resources,
    reading: ResourceReading,
    fixed: &'b BTreeMap<Contested, bool>,
    work: u64,
}

impl<'b> Reading<'b> {
    /// A reading over these boxes, with what is known of their resources in it.
    pub(crate) fn new(
        boxes: &'b Boxes<'b>,
        (reading, resources): (ResourceReading, &'b Resources),
        fixed: &'b BTreeMap<Contested, bool>,
    ) -> Self {
        Self { boxes, resources, reading, fixed, work: 0 }
    }

    fn resources(&self) -> &'b Column {
        self.resources.0.get_or_init(|| self.boxes.resources(self.reading))
    }

    fn reading_of(&self, rule: Contested) -> Option<bool> {
        match rule {
            Contested::C2 => Some(self.reading.closed),
            Contested::C12 => Some(self.reading.folded),
            Contested::C6 => Some(self.reading.active),
            _ => self.fixed.get(&rule).copied(),
        }
    }

    fn in_column(&mut self, column: &Column, patterns: &[Pattern<Text>]) -> Truth {
        let (mut must, mut may) = (Vec::new(), Vec::new());
        for pattern in patterns {
            let Some(mask) = Mask::new(&pattern.tokens) else { return Truth::unknown() };
            let (inside, meets) = column.compare(&mask, &mut self.work);
            inside.iter().for_each(|number| must.extend(column.boxes(*number)));
            meets.iter().for_each(|number| may.extend(column.boxes(*number)));
            self.work += meets.len() as u64 / 8;
            if self.work > MOST_WORK {
                return Truth::unknown();
            }
        }
        Truth { must: Set::of(must), may: Set::of(may) }
    }

    /// The boxes that insert the value.
    fn inserting(&self, letter: Letter) -> Set {
        Set::of(self.boxes.inserting.get(&letter).cloned().unwrap_or_default())
    }
}

impl Algebra for Reading<'_> {
    type Truth = Truth;
    type Text = Text;

    fn constant(&mut self, value: bool) -> Truth {
        Truth::certain(value)
    }

    fn all(&mut self, parts: Vec<Truth>) -> Truth {
        parts
            .into_iter()
            .fold(Truth::certain(true), |all, part| Truth { must: all.must.and(part.must), may: all.may.and(part.may) })
    }

    fn any(&mut self, parts: Vec<Truth>) -> Truth {
        let (must, may): (Vec<Set>, Vec<Set>) = parts.into_iter().map(|part| (part.must, part.may)).unzip();
        Truth { must: Set::union(must), may: Set::union(may) }
    }

    fn not(&mut self, part: Truth) -> Truth {
        Truth { must: part.may.complement(), may: part.must.complement() }
    }

    fn contested(&mut self, rule: Contested) -> Truth {
        self.reading_of(rule).map_or_else(Truth::unknown, Truth::certain)
    }

    fn unknown(&mut self, _: &str) -> Truth {
        Truth::unknown()
    }

    fn kind(&mut self, _: CallerKind) -> Truth {
        Truth::unknown()
    }

    fn field(&mut self, field: Field) -> Text {
        match field {
            Field::Action => Text::Action,
            Field::Resource => Text::Resource,
            Field::CallerAccount
            | Field::CallerPartition
            | Field::CallerArn
            | Field::RoleArn
            | Field::CallerName
            | Field::CallerId
            | Field::ResourceAccount => Text::Other,
        }
    }

    fn present(&mut self, key: &str) -> Truth {
        self.single(key)
    }

    /// A box that inserts the value of a key holds only requests where there is one (spec 4.3).
    fn single(&mut self, key: &str) -> Truth {
        let letter = self.boxes.letters.get(key);
        Truth { must: letter.map_or_else(Set::none, |letter| self.inserting(*letter)), may: Set::all() }
    }

    fn value(&mut self, key: &str) -> Text {
        Text::Key(self.boxes.letters.get(key).copied().unwrap_or(self.boxes.foreign))
    }

    fn some(&mut self, _: &str, _: &mut dyn FnMut(&mut Self, Text) -> Truth) -> Truth {
        Truth::unknown()
    }

    fn matches(&mut self, text: &Text, patterns: &[Pattern<Text>]) -> Truth {
        match text {
            _ if patterns.is_empty() => Truth::certain(false),
            Text::Action => self.in_column(&self.boxes.actions, patterns),
            Text::Resource => self.in_column(self.resources(), patterns),
            // a value that is inserted is not empty {C16}
            Text::Key(letter) if patterns.iter().all(|pattern| pattern.tokens.is_empty()) => {
                Truth { must: Set::none(), may: self.inserting(*letter).complement() }
            }
            Text::Key(_) | Text::Other => Truth::unknown(),
        }
    }

    fn number_in(&mut self, _: &Text, _: &IntervalSet<Decimal>) -> Truth {
        Truth::unknown()
    }

    fn instant_in(&mut self, _: &Text, _: &IntervalSet<Decimal>) -> Truth {
        Truth::unknown()
    }

    fn address_in(&mut self, _: &Text, _: &IntervalSet<Address>) -> Truth {
        Truth::unknown()
    }

    fn may_match<'p>(&self, text: &Text, pieces: impl IntoIterator<Item = Piece<'p>>) -> bool {
        let column = match text {
            Text::Action => &self.boxes.actions,
            Text::Resource => self.resources(),
            Text::Key(_) | Text::Other => return true,
        };
        let (mut start, mut whole) = (String::new(), true);
        for piece in pieces {
            let Piece::Char(c) = piece else {
                whole = false;
                break;
            };
            start.push(c);
        }
        column.may_begin(&start, whole)
    }

    fn settled(&self, truth: &Truth) -> bool {
        truth.may.is_none()
    }

    fn known(&self, truth: &Truth) -> Option<bool> {
        if truth.must.is_all() {
            Some(true)
        } else if truth.may.is_none() {
            Some(false)
        } else {
            None
        }
    }

    /// Only variables of resources ask: a key of several values inserts nothing, which the condition of being single says
    /// as well.
    fn multiple(&mut self, _: &str) -> bool {
        false
    }

    fn member(&mut self, _: Side) -> Truth {
        Truth::unknown()
    }

    fn unlisted_session_policy(&mut self) -> Truth {
        Truth::unknown()
    }

    fn choose(&mut self, rule: Contested, exercised: bool, mut read: impl FnMut(&mut Self, bool) -> Truth) -> Truth {
        match self.reading_of(rule).filter(|_| exercised) {
            Some(other) => read(self, other),
            None if !exercised => read(self, false),
            None => {
                let (default, other) = (read(self, false), read(self, true));
                Truth { must: default.must.and(other.must), may: default.may.or(other.may) }
            }
        }
    }

    /// A clause holds all over the boxes of statements that have it, or a stronger one; elsewhere nothing is known of it.
    fn clause(&mut self, clause: &Clause) -> Option<Truth> {
        let statements = self.boxes.clauses.implying(clause);
        let ranges = statements.iter().filter_map(|number| self.boxes.statements.get(*number as usize));
        Some(Truth { must: Set::of(ranges.cloned().flatten().collect()), may: Set::all() })
    }
}
