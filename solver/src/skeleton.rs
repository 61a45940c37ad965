//! The Boolean skeleton: formulas as clauses (Plaisted and Greenbaum 1986), each node once and only in the polarities
//! in which it is used. Clause order follows the order of assertion, so the same formulas give the same clauses.

use rustc_hash::FxHashMap as HashMap;

use crate::formula::{Formula, Formulas, Node};
use crate::sat::Literal;

/// Clauses of asserted formulas, and the variables of their nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Skeleton {
    variables: HashMap<u32, u32>,
    nodes: Vec<u32>,
    /// Per variable: clauses for its truth, for its falsity were emitted.
    emitted: Vec<(bool, bool)>,
}

impl Skeleton {
    /// Emits the clauses that make the formula true.
    pub(crate) fn assert(&mut self, formulas: &Formulas, formula: Formula, emit: &mut dyn FnMut(&[Literal])) {
        match formulas.node_of(formula) {
            Node::And(parts) if !formula.is_negated() => {
                for part in parts {
                    self.assert_clause(formulas, *part, emit);
                }
            }
            Node::True | Node::Atom(_) | Node::And(_) => self.assert_clause(formulas, formula, emit),
        }
    }

    fn assert_clause(&mut self, formulas: &Formulas, formula: Formula, emit: &mut dyn FnMut(&[Literal])) {
        if let Node::And(parts) = formulas.node_of(formula)
            && formula.is_negated()
        {
            let clause: Vec<Literal> = parts.iter().map(|part| self.literal(formulas, part.negated(), emit)).collect();
            emit(&clause);
        } else if formula == Formula::FALSE {
            emit(&[]);
        } else if formula != Formula::TRUE {
            let literal = self.literal(formulas, formula, emit);
            emit(&[literal]);
        }
    }

    /// The literal of a formula, after emitting what its truth implies. Depth is that of the formula's nesting.
    pub(crate) fn literal(
        &mut self,
        formulas: &Formulas,
        formula: Formula,
        emit: &mut dyn FnMut(&[Literal]),
    ) -> Literal {
        let variable = self.variable(formula.node());
        let wanted = !formula.is_negated();
        let flags = self.emitted.get_mut(variable as usize);
        let fresh = match flags {
            Some((_, done)) if !wanted => !std::mem::replace(done, true),
            Some((done, _)) => !std::mem::replace(done, true),
            None => false,
        };
        let own = Literal::positive(variable);
        if fresh {
            match formulas.node_of(formula) {
                Node::And(parts) if wanted => {
                    for part in parts {
                        let part = self.literal(formulas, *part, emit);
                        emit(&[own.negated(), part]);
                    }
                }
                Node::And(parts) => {
                    let mut clause = vec![own];
                    for part in parts {
                        clause.push(self.literal(formulas, part.negated(), emit));
                    }
                    emit(&clause);
                }
                Node::True => emit(&[own]),
                Node::Atom(_) => {}
            }
        }
        if wanted { own } else { own.negated() }
    }

    fn variable(&mut self, node: u32) -> u32 {
        if let Some(variable) = self.variables.get(&node) {
            return *variable;
        }
        let variable = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.variables.insert(node, variable);
        self.nodes.push(node);
        self.emitted.push((false, false));
        variable
    }

    /// Whether the model makes the formula true; `None` if it has no variable here.
    pub(crate) fn value(&self, formula: Formula, model: &[bool]) -> Option<bool> {
        let variable = self.variables.get(&formula.node())?;
        let value = model.get(*variable as usize).copied().unwrap_or(false);
        Some(value != formula.is_negated())
    }
}
