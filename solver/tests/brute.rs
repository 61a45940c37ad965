//! Random formulas on small worlds, decided by the solver and by trying every value.

#![expect(clippy::unwrap_used, reason = "tests")]

use solver::budget::Budget;
use solver::certificate::{Certificate, Claim, Lemma, Step, prove};
use solver::checker::check;
use solver::decimal::Decimal;
use solver::evaluate::{Assignment, Member, evaluate};
use solver::formula::{BoolVar, Formula, Formulas, Point, ScalarVar, SetVar};
use solver::glob::Token;
use solver::interval::{Cut, IntervalSet};
use solver::record::{Piece, Record, Shape, Text};
use solver::search::{Learnt, Model, Outcome, solve_and_learn};

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
}

struct World {
    formulas: Formulas,
    bools: Vec<BoolVar>,
    plain: Text,
    pair: Record,
    views: Vec<Text>,
    scalar: ScalarVar,
    set: SetVar,
    member: Text,
    /// Which kinds of atoms are used: b(ool) t(ext) v(iew) h(ole) e(qual) s(calar) m(ember) p(resent) 1 (single).
    kinds: &'static [u8],
}

const POINTS: [&str; 5] = ["0", "1", "1.5", "2", "3"];

fn number(text: &str) -> Point {
    Point::Number(Decimal::parse(text).unwrap())
}

impl World {
    fn new(kinds: &'static [u8]) -> Self {
        let mut formulas = Formulas::default();
        let bools = vec![formulas.declare_bool(), formulas.declare_bool()];
        let plain = formulas.records.declare_text(Shape::any());
        let pair = formulas.records.declare(vec![vec![Shape::any(), Shape::any()]]);
        let whole = vec![Piece::Field(0), Piece::Fixed("b".into()), Piece::Field(1)];
        let ending = vec![Piece::Field(0), Piece::Fixed("b".into())];
        let views = [whole, vec![Piece::Field(0)], vec![Piece::Field(1)], ending];
        let views = views.into_iter().map(|pieces| formulas.records.view(pair, pieces)).collect();
        let scalar = formulas.declare_scalar(IntervalSet::full());
        let bound = formulas.records.declare(vec![vec![Shape::any()]]);
        let member = formulas.records.view(bound, vec![Piece::Field(0)]);
        let set = formulas.declare_set(bound);
        Self { formulas, bools, plain, pair, views, scalar, set, member, kinds }
    }

    fn tokens(&mut self, random: &mut Random, holes: bool) -> Vec<Token> {
        let texts = [self.plain, self.views[1], self.views[2]];
        (0..random.below(4))
            .map(|_| match random.below(if holes { 8 } else { 6 }) {
                0 | 1 => Token::Char('a'),
                2 => Token::Char('b'),
                3 => Token::One,
                4 | 5 => Token::Many,
                _ => Token::Hole(texts[random.below(3)]),
            })
            .collect()
    }

    fn atom(&mut self, random: &mut Random) -> Formula {
        match self.kinds[random.below(self.kinds.len())] {
            b'b' => {
                let variable = self.bools[random.below(2)];
                self.formulas.bool(variable)
            }
            b't' => {
                let patterns: Vec<_> = (0..=random.below(2)).map(|_| self.tokens(random, false)).collect();
                self.formulas.matches(self.plain, patterns)
            }
            b'v' => {
                let patterns: Vec<_> = (0..=random.below(2)).map(|_| self.tokens(random, false)).collect();
                let text = self.views[random.below(3)];
                self.formulas.matches(text, patterns)
            }
            b'h' => {
                let patterns = [self.tokens(random, true)];
                let text = [self.plain, self.views[0], self.views[2], self.views[3]][random.below(4)];
                self.formulas.matches(text, patterns)
            }
            b'e' => {
                let pair = [(self.plain, self.views[1]), (self.plain, self.views[2]), (self.views[1], self.views[2])];
                let (a, b) = pair[random.below(3)];
                self.formulas.equal(a, b)
            }
            b's' => self.scalar_atom(random),
            b'm' => self.member_atom(random),
            b'p' => self.formulas.present(self.set),
            _ => self.formulas.single(self.set),
        }
    }

    fn scalar_atom(&mut self, random: &mut Random) -> Formula {
        let a = number(POINTS[random.below(5)]);
        let set = match random.below(3) {
            0 => IntervalSet::point(a),
            1 => IntervalSet::between(Cut::Start, Cut::Before(a)),
            _ => IntervalSet::between(Cut::After(a), Cut::End),
        };
        self.formulas.scalar(self.scalar, &set)
    }

    fn member_atom(&mut self, random: &mut Random) -> Formula {
        let mut body = Vec::new();
        for _ in 0..=random.below(2) {
            let tokens = self.tokens(random, false);
            let atom = self.formulas.matches(self.member, [tokens]);
            body.push(if random.below(2) == 0 { atom } else { Formulas::not(atom) });
        }
        let body = self.formulas.all(&body);
        self.formulas.some(self.set, body)
    }

    fn formula(&mut self, random: &mut Random, depth: usize) -> Formula {
        let formula = if depth == 0 {
            self.atom(random)
        } else {
            let parts: Vec<Formula> = (0..1 + random.below(3)).map(|_| self.formula(random, depth - 1)).collect();
            if random.below(2) == 0 { self.formulas.all(&parts) } else { self.formulas.any(&parts) }
        };
        if random.below(3) == 0 { Formulas::not(formula) } else { formula }
    }

    fn uses(&self, kinds: &[u8]) -> bool {
        kinds.iter().any(|kind| self.kinds.contains(kind))
    }

    /// Every assignment of a small world.
    fn assignments(&self) -> Vec<Assignment> {
        let plain = if self.uses(b"the") { words(3) } else { vec![String::new()] };
        let field = if self.uses(b"vhe") { words(2) } else { vec![String::new()] };
        let sets = if self.uses(b"mp1") { small_sets() } else { vec![Vec::new()] };
        let scalars: &[&str] =
            if self.uses(b"s") { &["-1", "0", "0.5", "1", "1.2", "1.5", "1.7", "2", "2.5", "3", "4"] } else { &["0"] };
        let plain_record = self.formulas.records.record_of(self.plain);
        let pairs: Vec<Vec<String>> =
            field.iter().flat_map(|f| field.iter().map(move |g| vec![f.clone(), g.clone()])).collect();
        let bits: &[bool] = if self.uses(b"b") { &[false, true] } else { &[false] };
        let mut all = vec![Assignment::default()];
        for variable in &self.bools {
            all = varied(&all, bits, |at, bit| at.bools.extend([(*variable, *bit)]));
        }
        all = varied(&all, &plain, |at, word| at.records.extend([(plain_record, vec![word.clone()])]));
        all = varied(&all, &pairs, |at, pair| at.records.extend([(self.pair, pair.clone())]));
        all = varied(&all, &sets, |at, set| at.sets.extend([(self.set, set.clone())]));
        varied(&all, scalars, |at, scalar| at.scalars.extend([(self.scalar, number(scalar))]))
    }

    /// The assignment a model stands for; what does not matter gets any value.
    fn completed(&self, model: &Model) -> Assignment {
        let mut at = Assignment {
            bools: model.values.bools.clone(),
            records: model.values.records.clone(),
            scalars: model.values.scalars.clone(),
            ..Assignment::default()
        };
        at.scalars.entry(self.scalar).or_insert_with(|| number("0"));
        for (set, slots) in &model.slots {
            let used = slots.iter().filter(|s| at.bools.get(&s.in_use).copied().unwrap_or(false));
            let fields = |r: &Record| at.records.get(r).cloned().unwrap_or_else(|| vec!["#".to_owned()]);
            let mut members: Vec<Member> =
                used.map(|s| Member { fields: fields(&s.record), ..Member::default() }).collect();
            members.sort_by(|a, b| a.fields.cmp(&b.fields));
            members.dedup_by(|a, b| a.fields == b.fields);
            at.sets.insert(*set, members);
        }
        at
    }
}

/// Each assignment with each option.
fn varied<T>(all: &[Assignment], options: &[T], set: impl Fn(&mut Assignment, &T)) -> Vec<Assignment> {
    let mut next = Vec::with_capacity(all.len() * options.len());
    for at in all {
        for option in options {
            let mut at = at.clone();
            set(&mut at, option);
            next.push(at);
        }
    }
    next
}

fn words(longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        last = last.iter().flat_map(|w| "ab#".chars().map(move |c| format!("{w}{c}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn small_sets() -> Vec<Vec<Member>> {
    let one: Vec<Member> = words(2).into_iter().map(|w| Member { fields: vec![w], ..Member::default() }).collect();
    let mut sets = vec![Vec::new()];
    for (i, a) in one.iter().enumerate() {
        sets.push(vec![a.clone()]);
        for (j, b) in one.iter().enumerate().take(i) {
            sets.push(vec![a.clone(), b.clone()]);
            sets.extend(one.iter().take(j).map(|c| vec![a.clone(), b.clone(), c.clone()]));
        }
    }
    sets
}

/// Solves random formulas; returns how many goals were satisfiable, unsatisfiable, undecided.
fn run(kinds: &'static [u8], seed: u64, rounds: usize, depth: usize) -> [usize; 3] {
    let mut counts = [0; 3];
    let everything = World::new(kinds).assignments();
    for round in 0..rounds {
        let mut random = Random(seed.wrapping_mul(1_000_003) + round as u64);
        let mut world = World::new(kinds);
        let goals = [world.formula(&mut random, depth), world.formula(&mut random, depth)];
        let context = world.formula(&mut random, 1);
        let (outcomes, _, learnt) = solve_and_learn(&mut world.formulas, context, &goals, &mut Budget::new(2_000_000));
        if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unsatisfiable)) {
            certified(&world, &learnt, round);
        }
        for (goal, outcome) in goals.iter().zip(outcomes) {
            let both = world.formulas.all(&[context, *goal]);
            match outcome {
                Outcome::Satisfiable(model) => {
                    counts[0] += 1;
                    let at = world.completed(&model);
                    assert!(evaluate(&world.formulas, both, &at), "round {round}: {at:?}");
                }
                Outcome::Unsatisfiable => {
                    counts[1] += 1;
                    let found = everything.iter().find(|at| evaluate(&world.formulas, both, at));
                    assert!(found.is_none(), "round {round}: {found:?}");
                }
                Outcome::Unknown(..) => counts[2] += 1,
            }
        }
    }
    counts
}

/// What was refuted has a certificate, and the checker accepts it; without one of its parts it does not.
fn certified(world: &World, learnt: &Learnt, round: usize) {
    let budget = || Budget::new(2_000_000);
    let certificate = prove(&world.formulas, &learnt.claim, &learnt.lemmas, &mut budget()).unwrap();
    let accepted = |certificate| check(&world.formulas, &learnt.claim, &certificate, &mut budget());
    assert_eq!(accepted(certificate.clone()), Ok(()), "round {round}: {certificate:?}");
    let mut shorter = certificate.clone();
    shorter.steps.pop();
    assert!(accepted(shorter).is_err(), "round {round}");
    let mut unfounded = certificate.clone();
    for step in &mut unfounded.steps {
        step.hints.pop();
    }
    assert!(accepted(unfounded).is_err(), "round {round}");
    for at in 0..certificate.lemmas.len() {
        let mut fewer = certificate.clone();
        fewer.lemmas[at].literals.clear();
        fewer.lemmas[at].covers.clear();
        assert!(accepted(fewer).is_err(), "round {round}");
    }
}

/// The claim that these literals have no values together, and the certificate that rests on just that lemma.
fn of_one_lemma(literals: &[Formula]) -> (Claim, Certificate) {
    let claim = Claim { asserted: literals.to_vec(), goals: vec![Formula::TRUE] };
    let skeleton: Vec<Vec<Formula>> = literals.iter().map(|literal| vec![*literal]).collect();
    let hints = (0..=u32::try_from(literals.len()).unwrap()).collect();
    let lemmas = vec![Lemma { literals: literals.to_vec(), covers: Vec::new() }];
    (claim, Certificate { skeleton, lemmas, steps: vec![Step { clause: Vec::new(), hints }] })
}

/// Random literals: what the checker takes for a lemma has no values in the small world. Returns how many were lemmas,
/// and how many had no values there.
fn lemmas(kinds: &'static [u8], seed: u64, rounds: usize) -> [usize; 2] {
    let mut counts = [0; 2];
    let everything = World::new(kinds).assignments();
    for round in 0..rounds {
        let mut random = Random(seed.wrapping_mul(1_000_003) + round as u64);
        let mut world = World::new(kinds);
        let literals: Vec<Formula> = (0..2 + random.below(3)).map(|_| world.formula(&mut random, 0)).collect();
        let (claim, certificate) = of_one_lemma(&literals);
        let confirmed = check(&world.formulas, &claim, &certificate, &mut Budget::new(2_000_000)).is_ok();
        let model = everything.iter().find(|at| literals.iter().all(|l| evaluate(&world.formulas, *l, at)));
        counts[0] += usize::from(confirmed);
        counts[1] += usize::from(model.is_none());
        assert!(!confirmed || model.is_none(), "round {round}: {literals:?} {model:?}");
    }
    counts
}

#[test]
fn the_checker_confirms_only_what_is_true() {
    for (seed, kinds) in (1..).zip([&b"bttt"[..], b"vvvb", b"sssb", b"etvv", b"htve", b"hhte"]) {
        let [confirmed, without] = lemmas(kinds, seed, cases(300));
        println!("{}: {confirmed} lemmas of {without} confirmed", String::from_utf8_lossy(kinds));
        assert!(confirmed * 10 >= without * 7 && confirmed > 10, "{confirmed} of {without}");
    }
}

fn cases(default: usize) -> usize {
    std::env::var("KEYAKI_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn decided(counts: [usize; 3]) {
    assert_eq!(counts[2], 0, "{counts:?}");
    assert!(counts[0] > 20 && counts[1] > 5, "{counts:?}");
}

#[test]
fn texts_and_bools() {
    decided(run(b"bttt", 1, cases(400), 2));
}

#[test]
fn views_of_one_record() {
    decided(run(b"vvvb", 2, cases(300), 2));
}

#[test]
fn ordered_values() {
    decided(run(b"sssb", 3, cases(400), 2));
}

#[test]
fn sets() {
    decided(run(b"mmmmp1", 4, cases(300), 2));
}

#[test]
fn equalities() {
    let counts = run(b"etvv", 5, cases(150), 2);
    println!("satisfiable, unsatisfiable, undecided: {counts:?}");
    assert!(counts[0] > 50 && counts[1] > 5, "{counts:?}");
}

#[test]
fn inserted_texts() {
    let counts = run(b"htve", 6, cases(150), 2);
    println!("satisfiable, unsatisfiable, undecided: {counts:?}");
    assert!(counts[0] > 50 && counts[1] > 5, "{counts:?}");
}
