//! How formulas depend on the address that requests come from: the blocks of addresses that they tell apart (spec 9.3).

use solver::budget::{Budget, Exhausted};
use solver::fixing::{comparisons, with_value};
use solver::formula::{Formula, Point};
use solver::interval::{Cut, IntervalSet};

use crate::policy::condition::AddressRange;
use crate::semantics::symbolic::Symbolic;
use crate::semantics::symbolic::keys::{Family, Ordered, print_address};

/// The key that holds the address.
pub const SOURCE_IP: &str = "aws:sourceip";

/// How some formulas depend on the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Not at all.
    Irrelevant,
    /// They cannot tell the addresses of one block from each other. Together the blocks are all addresses.
    Told(Vec<Block>),
    /// They compare it as text with wildcards.
    Textual,
}

/// Addresses that some formulas cannot tell from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    ranges: Vec<AddressRange>,
    sample: Point,
}

/// Addresses of documentation, which examples prefer.
const USUAL: [u32; 2] = [0xCB00_7107, 0xC633_6407];

/// Whether an IPv4 address is private (RFC 1918).
fn is_private(bits: u128) -> bool {
    PRIVATE.iter().any(|(first, last)| (u128::from(*first)..=u128::from(*last)).contains(&bits))
}

/// The private ranges of IPv4 (RFC 1918).
pub const PRIVATE: [(u32, u32); 3] =
    [(0x0A00_0000, 0x0AFF_FFFF), (0xAC10_0000, 0xAC1F_FFFF), (0xC0A8_0000, 0xC0A8_FFFF)];

impl Block {
    /// The addresses of some points; `None` if there are none: between two neighbours lie points, but no address.
    fn of(points: &IntervalSet<Point>) -> Option<Block> {
        let ranges = ranges(points);
        let within = |point: &Point| ranges.iter().any(|range| is_within(range, point));
        let usual = USUAL.map(|bits| Point::Lined(4, u128::from(bits))).into_iter().find(within);
        let begins = || ranges.iter().map(|range| Point::Lined(range.family, range.first));
        let public = |point: &Point| !matches!(point, Point::Lined(4, bits) if is_private(*bits));
        let sample = usual.or_else(|| begins().find(public)).or_else(|| begins().next())?;
        Some(Block { ranges, sample })
    }

    /// Some address of the block as text, if possible not a private one.
    pub fn sample(&self) -> String {
        print_address(&self.sample)
    }

    /// Its addresses in order.
    pub fn ranges(&self) -> &[AddressRange] {
        &self.ranges
    }
}

fn ranges(points: &IntervalSet<Point>) -> Vec<AddressRange> {
    let range = |(from, to): &(Cut<Point>, Cut<Point>)| {
        let (Point::Lined(family, first), Point::Lined(_, last)) = (first(from)?, last(to)?) else { return None };
        (first <= last).then_some(AddressRange { family, first, last })
    };
    points.intervals().iter().filter_map(range).collect()
}

fn is_within(range: &AddressRange, point: &Point) -> bool {
    matches!(point, Point::Lined(family, bits) if *family == range.family && (range.first..=range.last).contains(bits))
}

/// The first value after a cut. The addresses are bounded on both sides, so every cut is at a value.
fn first(cut: &Cut<Point>) -> Option<Point> {
    match cut {
        Cut::Before(point) => Some(point.clone()),
        Cut::After(Point::Lined(family, bits)) => Some(Point::Lined(*family, bits.checked_add(1)?)),
        Cut::After(Point::Number(_)) | Cut::Start | Cut::End => None,
    }
}

/// The last value before a cut.
fn last(cut: &Cut<Point>) -> Option<Point> {
    match cut {
        Cut::After(point) => Some(point.clone()),
        Cut::Before(Point::Lined(family, bits)) => Some(Point::Lined(*family, bits.checked_sub(1)?)),
        Cut::Before(Point::Number(_)) | Cut::Start | Cut::End => None,
    }
}

impl Symbolic<'_> {
    fn source_address(&self) -> Option<&Ordered> {
        self.keys.get(SOURCE_IP)?.ordered(Family::Address)
    }

    /// The blocks that the formulas tell apart.
    ///
    /// # Errors
    /// There are more than the budget allows.
    pub fn blocks(&self, roots: &[Formula], budget: &mut Budget) -> Result<Blocks, Exhausted> {
        let Some(address) = self.source_address() else { return Ok(Blocks::Irrelevant) };
        let found = comparisons(&self.formulas, roots, address.scalar);
        if found.textual {
            return Ok(Blocks::Textual);
        }
        let mut parts = vec![Family::Address.universe()];
        for set in &found.sets {
            let outside = set.complement();
            let mut next = Vec::with_capacity(parts.len() * 2);
            for part in parts {
                budget.spend(1 + part.intervals().len() as u64 + set.intervals().len() as u64)?;
                next.extend([part.intersection(set), part.intersection(&outside)]);
            }
            next.retain(|part| !part.is_empty());
            parts = next;
        }
        let blocks: Vec<Block> = parts.iter().filter_map(Block::of).collect();
        // also where only one is left: what is asked of the points between neighbours is then no question
        if found.sets.is_empty() { Ok(Blocks::Irrelevant) } else { Ok(Blocks::Told(blocks)) }
    }

    /// The formula for requests that come from the block, if they carry an address at all.
    pub fn from_block(&mut self, formula: Formula, block: &Block) -> Formula {
        match self.source_address().map(|address| address.scalar) {
            Some(scalar) => with_value(&mut self.formulas, formula, scalar, &block.sample),
            None => formula,
        }
    }
}
