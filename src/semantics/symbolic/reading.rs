//! The algebra of the symbolic reading: every question about the request as a formula.

use solver::decimal::Decimal;
use solver::formula::{Formula, Formulas};
use solver::interval::IntervalSet;

use crate::request::CallerKind;
use crate::semantics::symbolic::keys::{self, Family};
use crate::semantics::symbolic::{Origin, Symbolic, Term};
use crate::semantics::{Address, Algebra, Contested, Field, NOWHERE, Pattern, Side, Token};

impl Algebra for Symbolic<'_> {
    type Truth = Formula;
    type Text = Term;

    fn constant(&mut self, value: bool) -> Formula {
        Formulas::constant(value)
    }

    fn all(&mut self, parts: Vec<Formula>) -> Formula {
        self.formulas.all(&parts)
    }

    fn any(&mut self, parts: Vec<Formula>) -> Formula {
        self.formulas.any(&parts)
    }

    fn not(&mut self, part: Formula) -> Formula {
        Formulas::not(part)
    }

    fn contested(&mut self, rule: Contested) -> Formula {
        if let Some(other) = self.settings.readings.fixed.get(&rule) {
            return Formulas::constant(*other);
        }
        if !self.settings.readings.free {
            self.deferred.insert(rule);
            return Formula::FALSE;
        }
        let formulas = &mut self.formulas;
        let variable = *self.contested.entry(rule).or_insert_with(|| formulas.declare_bool());
        formulas.bool(variable)
    }

    fn unknown(&mut self, name: &str) -> Formula {
        if !self.footprint.unknowns.contains(name) {
            let pattern = Pattern { tokens: name.chars().map(Token::Char).collect(), span: NOWHERE };
            return self.opaque(None, Some(&pattern), "its variables unfold into too many cases");
        }
        let formulas = &mut self.formulas;
        let variable = *self.unknowns.entry(name.to_owned()).or_insert_with(|| formulas.declare_bool());
        formulas.bool(variable)
    }

    fn kind(&mut self, kind: CallerKind) -> Formula {
        self.callers.is(kind)
    }

    fn field(&mut self, field: Field) -> Term {
        let cases = match field {
            Field::Action => vec![(Formula::TRUE, Origin::Text(self.action))],
            Field::Resource => self.resource_cases(),
            Field::ResourceAccount => self.owner(),
            Field::CallerAccount
            | Field::CallerPartition
            | Field::CallerArn
            | Field::RoleArn
            | Field::CallerName
            | Field::CallerId => {
                let views = self.callers.field(&mut self.formulas, field);
                views.into_iter().map(|(_, is, text)| (is, Origin::Text(text))).collect()
            }
        };
        self.term(cases, None)
    }

    fn present(&mut self, key: &str) -> Formula {
        match self.derived(key) {
            Some(cases) => {
                let mut parts: Vec<Formula> = cases.into_iter().map(|(is, _)| is).collect();
                let free = self.free_kinds(key);
                if free != Formula::FALSE {
                    let own = self.key(key).present;
                    // C14, other reading: a service principal has neither
                    let withheld = match key {
                        "aws:principalarn" | "aws:principalaccount" => self.contested(Contested::C14),
                        _ => Formula::FALSE,
                    };
                    let service = self.callers.is(CallerKind::Service);
                    let withheld = self.formulas.all(&[withheld, service]);
                    parts.push(self.formulas.all(&[free, own, Formulas::not(withheld)]));
                }
                self.formulas.any(&parts)
            }
            None => self.key(key).present,
        }
    }

    fn single(&mut self, key: &str) -> Formula {
        match self.key(key).set {
            Some(set) => {
                let (present, single) = (self.formulas.present(set), self.formulas.single(set));
                self.formulas.all(&[present, single])
            }
            None => self.present(key),
        }
    }

    fn value(&mut self, key: &str) -> Term {
        let own = self.key(key).clone();
        let name = Some(key.to_owned());
        if let Some(mut cases) = self.derived(key) {
            let free = self.free_kinds(key);
            if free != Formula::FALSE {
                cases.push((free, Origin::Text(own.text)));
            }
            return self.term(cases, name);
        }
        if self.is_owner(key) {
            return self.term(self.owner(), name);
        }
        let origin = own.set.map_or(Origin::Text(own.text), |set| Origin::Only(set, own.text));
        self.term(vec![(Formula::TRUE, origin)], name)
    }

    fn some(&mut self, key: &str, body: &mut dyn FnMut(&mut Self, Term) -> Formula) -> Formula {
        let own = self.key(key).clone();
        match own.set {
            Some(set) => {
                let member = self.term(vec![(Formula::TRUE, Origin::Text(own.text))], Some(key.to_owned()));
                let truth = body(self, member);
                self.formulas.some(set, truth)
            }
            None => {
                let value = self.value(key);
                let (present, truth) = (self.present(key), body(self, value));
                self.formulas.all(&[present, truth])
            }
        }
    }

    fn matches(&mut self, text: &Term, patterns: &[Pattern<Term>]) -> Formula {
        let cases = self.cases(*text).to_vec();
        let mut parts = Vec::with_capacity(cases.len());
        for (guard, origin) in &cases {
            let matched = self.matches_origin(origin, patterns);
            parts.push(self.formulas.all(&[*guard, matched]));
        }
        self.formulas.any(&parts)
    }

    fn number_in(&mut self, text: &Term, set: &IntervalSet<Decimal>) -> Formula {
        self.ordered(text, Family::Number, &keys::numbers(set))
    }

    fn instant_in(&mut self, text: &Term, set: &IntervalSet<Decimal>) -> Formula {
        self.ordered(text, Family::Instant, &keys::numbers(set))
    }

    fn address_in(&mut self, text: &Term, set: &IntervalSet<Address>) -> Formula {
        self.ordered(text, Family::Address, &keys::addresses(set))
    }

    fn known(&self, truth: &Formula) -> Option<bool> {
        match *truth {
            Formula::TRUE => Some(true),
            Formula::FALSE => Some(false),
            _ => None,
        }
    }

    fn exercises_case(&self) -> bool {
        self.footprint.exercises_case
    }

    fn multiple(&mut self, key: &str) -> bool {
        self.key(key).set.is_some()
    }

    /// The policies of the stack are those that apply: SCPs and RCPs are given for accounts that have them.
    fn member(&mut self, _: Side) -> Formula {
        Formula::TRUE
    }

    fn unlisted_session_policy(&mut self) -> Formula {
        let formulas = &mut self.formulas;
        let variable = *self.session_policy.get_or_insert_with(|| formulas.declare_bool());
        formulas.bool(variable)
    }
}
