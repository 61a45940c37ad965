//! The Boolean engine behind a small interface: the only file that names the SAT crate.
//!
//! varisat's known defects are fenced in: nothing is ever assumed, no failed core is read, clauses are only added, and
//! a solver that was interrupted is not used again. It has no interrupt; a proof writer that fails after a number of
//! bytes stops it at the same point on every machine.

use std::io;

use varisat::{ExtendFormula, Lit, ProofFormat, Solver, Var};

use crate::budget::{Budget, Exhausted};

/// A literal: variable number times two, plus one if negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Literal(pub(crate) u32);

impl Literal {
    pub(crate) fn positive(variable: u32) -> Self {
        Self(variable << 1)
    }

    pub(crate) fn negated(self) -> Self {
        Self(self.0 ^ 1)
    }

    pub(crate) fn variable(self) -> u32 {
        self.0 >> 1
    }

    pub(crate) fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }
}

/// The answer to a set of clauses.
pub(crate) enum Answer {
    /// Truth by variable; variables beyond the end are false.
    Satisfiable(Vec<bool>),
    Unsatisfiable,
}

/// A growing set of clauses.
pub(crate) trait Backend {
    /// Adds a clause.
    fn add(&mut self, clause: &[Literal]);

    /// Solves what was added so far.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends; the backend must not be used again.
    fn solve(&mut self, budget: &mut Budget) -> Result<Answer, Exhausted>;
}

/// Bytes of proof that one budget unit pays for: about one learnt clause.
const BYTES_PER_UNIT: u64 = 16;

/// varisat.
pub(crate) struct Varisat {
    solver: Solver<'static>,
    meter: Meter,
}

impl Varisat {
    pub(crate) fn new() -> Self {
        let meter = Meter::default();
        let mut solver = Solver::new();
        solver.write_proof(meter.clone(), ProofFormat::Varisat);
        Self { solver, meter }
    }
}

impl Backend for Varisat {
    fn add(&mut self, clause: &[Literal]) {
        let literals: Vec<Lit> =
            clause.iter().map(|l| Lit::from_var(Var::from_index(l.variable() as usize), !l.is_negated())).collect();
        // adding writes to the proof too; it must not fail in between
        self.meter.allow(u64::MAX);
        self.solver.add_clause(&literals);
    }

    fn solve(&mut self, budget: &mut Budget) -> Result<Answer, Exhausted> {
        budget.spend(1)?;
        self.meter.allow(budget.left().saturating_mul(BYTES_PER_UNIT));
        let result = self.solver.solve();
        let spent = budget.spend(self.meter.used() / BYTES_PER_UNIT);
        match result {
            Ok(false) => Ok(Answer::Unsatisfiable),
            Ok(true) => spent.map(|()| Answer::Satisfiable(self.model())),
            Err(_) => Err(Exhausted),
        }
    }
}

impl Varisat {
    fn model(&self) -> Vec<bool> {
        let literals = self.solver.model().unwrap_or_default();
        let size = literals.iter().map(|l| l.index() + 1).max().unwrap_or(0);
        let mut model = vec![false; size];
        for literal in literals {
            if let Some(value) = model.get_mut(literal.index()) {
                *value = literal.is_positive();
            }
        }
        model
    }
}

/// Clauses that follow one after the other by unit propagation, the last being the empty one; `None` if the clauses have
/// a model. One fresh solver, asked once (its proofs are right then, and only then).
///
/// # Errors
/// [`Exhausted`] when the budget ends.
pub(crate) fn refutation(clauses: &[Vec<u32>], budget: &mut Budget) -> Result<Option<Vec<Vec<u32>>>, Exhausted> {
    budget.spend(1 + clauses.len() as u64 / 8)?;
    let transcript = Transcript::default();
    transcript.meter.allow(budget.left().saturating_mul(BYTES_PER_UNIT));
    let mut solver = Solver::new();
    solver.write_proof(transcript.clone(), ProofFormat::Drat);
    for clause in clauses {
        let literal = |code: &u32| Lit::from_var(Var::from_index(*code as usize / 2), code & 1 == 0);
        solver.add_clause(&clause.iter().map(literal).collect::<Vec<Lit>>());
    }
    let answer = solver.solve();
    let closed = solver.close_proof();
    drop(solver);
    budget.spend(transcript.meter.used() / BYTES_PER_UNIT)?;
    match (answer, closed) {
        (Ok(true), _) => Ok(None),
        (Ok(false), Ok(())) => Ok(Some(transcript.clauses())),
        (Err(_), _) | (_, Err(_)) => Err(Exhausted),
    }
}

/// The text of a proof, as long as its meter allows.
#[derive(Clone, Debug, Default)]
struct Transcript {
    meter: Meter,
    text: std::rc::Rc<std::cell::RefCell<Vec<u8>>>,
}

impl Transcript {
    /// The clauses added, in order: one a line, numbers up to a `0`; lines that begin with `d` take clauses away again.
    fn clauses(&self) -> Vec<Vec<u32>> {
        let text = self.text.borrow();
        let text = String::from_utf8_lossy(&text);
        let code = |word: &str| {
            let number: i64 = word.parse().ok()?;
            let variable = u32::try_from(number.unsigned_abs()).ok()?.checked_sub(1)?;
            Some((variable << 1) | u32::from(number < 0))
        };
        let added = text.lines().filter(|line| !line.starts_with('d'));
        added.map(|line| line.split(' ').map_while(code).collect()).collect()
    }
}

impl io::Write for Transcript {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.meter.write(bytes)?;
        self.text.borrow_mut().extend_from_slice(bytes);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts the bytes written since the last [`Meter::allow`] and fails beyond the allowance.
#[derive(Clone, Debug, Default)]
struct Meter {
    state: std::rc::Rc<std::cell::Cell<(u64, u64)>>,
}

impl Meter {
    fn allow(&self, bytes: u64) {
        self.state.set((0, bytes));
    }

    fn used(&self) -> u64 {
        self.state.get().0
    }
}

impl io::Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (used, allowed) = self.state.get();
        let used = used.saturating_add(bytes.len() as u64);
        self.state.set((used, allowed));
        if used > allowed { Err(io::Error::other("budget")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Backend, Literal, Varisat};
    use crate::budget::{Budget, Exhausted};

    /// n + 1 pigeons, n holes.
    fn pigeonhole(holes: u32) -> Vec<Vec<Literal>> {
        let at = |pigeon: u32, hole: u32| Literal::positive(pigeon * holes + hole);
        let mut clauses: Vec<Vec<Literal>> = (0..=holes).map(|p| (0..holes).map(|h| at(p, h)).collect()).collect();
        for hole in 0..holes {
            for p in 0..=holes {
                for q in 0..p {
                    clauses.push(vec![at(p, hole).negated(), at(q, hole).negated()]);
                }
            }
        }
        clauses
    }

    #[test]
    fn decides_and_models() {
        let mut sat = Varisat::new();
        let mut budget = Budget::new(1_000_000);
        sat.add(&[Literal::positive(0), Literal::positive(1)]);
        sat.add(&[Literal::positive(0).negated()]);
        match sat.solve(&mut budget) {
            Ok(Answer::Satisfiable(model)) => assert_eq!(model, vec![false, true]),
            _ => panic!("satisfiable"),
        }
        sat.add(&[Literal::positive(1).negated()]);
        assert!(matches!(sat.solve(&mut budget), Ok(Answer::Unsatisfiable)));
    }

    #[test]
    fn a_hard_instance_stops_at_the_budget() {
        let mut sat = Varisat::new();
        for clause in pigeonhole(11) {
            sat.add(&clause);
        }
        let mut budget = Budget::new(2_000);
        assert!(matches!(sat.solve(&mut budget), Err(Exhausted)));
        assert_eq!(budget.left(), 0);
    }

    #[test]
    fn small_pigeonholes_are_refuted() {
        for holes in 1..=5 {
            let mut sat = Varisat::new();
            for clause in pigeonhole(holes) {
                sat.add(&clause);
            }
            assert!(matches!(sat.solve(&mut Budget::new(10_000_000)), Ok(Answer::Unsatisfiable)), "{holes}");
        }
    }
}
