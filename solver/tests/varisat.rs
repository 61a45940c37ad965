//! The SAT engine: its known defects, kept as they are today, and its answers beside those of another engine.
//!
//! The product never assumes a literal, never reads a failed core and never takes a proof from a solver that assumed:
//! clauses are only added (solver/src/sat.rs). So none of the defects below can reach a verdict. They are asserted as
//! they are, so that an upgrade that mends them, or moves them, is noticed here.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use batsat::{BasicSolver, SolverInterface, lbool};
use varisat::checker::Checker;
use varisat::{CnfFormula, ExtendFormula, Lit, ProofFormat, Solver};

/// One step on a growing solver; literals as in DIMACS.
enum Step {
    Add(&'static [isize]),
    /// Assume these and solve; the assumptions of the step before are forgotten.
    Solve(&'static [isize]),
}

use Step::{Add, Solve};

fn literals(numbers: &[isize]) -> Vec<Lit> {
    numbers.iter().map(|number| Lit::from_dimacs(*number)).collect()
}

fn run(solver: &mut Solver<'_>, steps: &[Step]) -> bool {
    let mut satisfiable = true;
    for step in steps {
        match step {
            Add(clause) => solver.add_clause(&literals(clause)),
            Solve(assumed) => {
                solver.assume(&literals(assumed));
                satisfiable = solver.solve().unwrap();
            }
        }
    }
    satisfiable
}

/// Whether the clauses of the steps, with these literals on top, have a model among all assignments.
fn has_model(steps: &[Step], on_top: &[isize]) -> bool {
    let holds = |bits: u32, literal: isize| (bits >> literal.unsigned_abs() & 1 == 1) == (literal > 0);
    (0..1u32 << 10).any(|bits| {
        let clauses = steps.iter().all(|step| match step {
            Add(clause) => clause.iter().any(|literal| holds(bits, *literal)),
            Solve(_) => true,
        });
        clauses && on_top.iter().all(|literal| holds(bits, *literal))
    })
}

/// Runs to an UNSAT under assumptions, and checks that the core is the recorded one, and satisfiable.
fn assert_wrong_core(steps: &[Step], recorded: &[isize]) {
    let mut solver = Solver::new();
    assert!(!run(&mut solver, steps), "the verdict itself is right");
    let Some(Solve(assumed)) = steps.last() else { return };
    assert!(!has_model(steps, assumed), "the verdict itself is right");
    let core: Vec<isize> = solver.failed_core().unwrap().iter().map(|literal| literal.to_dimacs()).collect();
    assert_eq!(core, recorded, "the core changed: has the defect been mended?");
    assert!(has_model(steps, &core), "the core became a real one: has the defect been mended?");
}

#[test]
fn a_failed_core_can_be_satisfiable_after_assumptions_only() {
    let steps = [Add(&[4, -1]), Add(&[4, 1]), Add(&[-9]), Solve(&[9]), Solve(&[-4]), Solve(&[1, -6, -1])];
    assert_wrong_core(&steps, &[-1, -6]);
}

#[test]
fn a_failed_core_can_be_satisfiable_after_clauses_between_assumptions() {
    let steps = [Add(&[5]), Solve(&[-5]), Add(&[-9]), Solve(&[]), Add(&[2, 3]), Add(&[6]), Solve(&[6, -3, -2])];
    assert_wrong_core(&steps, &[-3]);
}

#[test]
fn a_failed_core_can_be_satisfiable_after_an_empty_solve() {
    let steps = [
        Add(&[-1]),
        Add(&[-3]),
        Solve(&[3]),
        Add(&[4, 5, 1]),
        Solve(&[]),
        Solve(&[-7]),
        Add(&[-6, -7]),
        Solve(&[7, 6]),
    ];
    assert_wrong_core(&steps, &[6]);
}

/// Clauses and assumptions mixed: the last derivation does not check, though the verdict is right.
const UNPROVED: [Step; 7] =
    [Add(&[2]), Solve(&[]), Solve(&[6, -2]), Add(&[3]), Solve(&[]), Add(&[-5, 4]), Solve(&[-4, 5])];

#[test]
fn self_checking_fails_where_clauses_and_assumptions_mix() {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut solver = Solver::new();
        solver.enable_self_checking();
        run(&mut solver, &UNPROVED)
    }));
    let message = outcome.expect_err("self-checking passed: has the defect been mended?");
    let message = message.downcast_ref::<&str>().copied().unwrap_or_default();
    assert!(message.contains("self check failure"), "another panic: {message}");
    assert!(!has_model(&UNPROVED, &[-4, 5]));
}

#[test]
fn a_proof_is_refused_where_clauses_and_assumptions_mix() {
    let mut proof = Vec::new();
    let mut solver = Solver::new();
    solver.write_proof(&mut proof, ProofFormat::Varisat);
    assert!(!run(&mut solver, &UNPROVED));
    solver.close_proof().unwrap();
    drop(solver);
    let refused = Checker::new().check_proof(proof.as_slice());
    assert!(refused.is_err(), "the proof was accepted: has the defect been mended?");
}

/// splitmix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn clause(&mut self, variables: usize) -> Vec<isize> {
        (0..1 + self.below(4))
            .map(|_| {
                let variable = 1 + self.below(variables).cast_signed();
                if self.below(2) == 0 { variable } else { -variable }
            })
            .collect()
    }
}

/// Whether varisat, given the clauses added so far, is right that there is a model; its model is tried out.
fn agreed(solver: &mut Solver<'_>, other: &mut BasicSolver, clauses: &[Vec<isize>]) -> bool {
    let found = solver.solve().unwrap();
    let expected = other.solve_limited(&[]) == lbool::TRUE;
    assert_eq!(found, expected, "varisat and batsat differ on {clauses:?}");
    if found {
        let model: Vec<isize> = solver.model().unwrap().iter().map(|literal| literal.to_dimacs()).collect();
        let holds = |clause: &Vec<isize>| clause.iter().any(|literal| model.contains(literal));
        assert!(clauses.iter().all(holds), "{model:?} is no model of {clauses:?}");
    }
    found
}

#[test]
fn answers_are_those_of_another_engine() {
    let mut random = Random(20_261_124);
    let (mut solves, mut refuted) = (0, 0);
    let rounds = std::env::var("KEYAKI_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(4_000);
    for _ in 0..rounds {
        let variables = 2 + random.below(12);
        let (mut solver, mut other) = (Solver::new(), BasicSolver::default());
        let others: Vec<_> = (0..=variables).map(|_| other.new_var_default()).collect();
        let mut clauses: Vec<Vec<isize>> = Vec::new();
        // clauses are only added, and nothing is assumed: the way the product uses it
        let mut satisfiable = true;
        while satisfiable && clauses.len() < 8 * variables {
            for _ in 0..=random.below(variables) {
                let clause = random.clause(variables);
                solver.add_clause(&literals(&clause));
                let mut copy: Vec<_> =
                    clause.iter().map(|l| batsat::Lit::new(others[l.unsigned_abs()], *l > 0)).collect();
                other.add_clause_reuse(&mut copy);
                clauses.push(clause);
            }
            satisfiable = agreed(&mut solver, &mut other, &clauses);
            solves += 1;
        }
        refuted += usize::from(!satisfiable);
        if !satisfiable {
            assert_proved(&clauses);
        }
    }
    assert!(refuted > rounds / 4 && solves > 2 * refuted, "too easy: {solves} solves, {refuted} refuted");
    println!("{solves} solves, {refuted} refuted and proved");
}

/// The proof from one fresh solve of all clauses is accepted by the checker.
fn assert_proved(clauses: &[Vec<isize>]) {
    let clauses: Vec<Vec<Lit>> = clauses.iter().map(|clause| literals(clause)).collect();
    let formula = CnfFormula::from(clauses);
    let mut proof = Vec::new();
    let mut solver = Solver::new();
    solver.write_proof(&mut proof, ProofFormat::Varisat);
    solver.add_formula(&formula);
    assert!(!solver.solve().unwrap());
    solver.close_proof().unwrap();
    drop(solver);
    let mut checker = Checker::new();
    checker.add_formula(&formula).unwrap();
    assert!(checker.check_proof(proof.as_slice()).is_ok(), "refused: the proof of {formula:?}");
}
