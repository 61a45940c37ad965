//! Counted work: the same input stops at the same place on every machine.

/// Work left, in units: one solver step, one automaton state, one candidate tried.
#[derive(Clone, Debug)]
pub struct Budget {
    left: u64,
    total: u64,
}

/// The budget ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl Budget {
    /// So many units.
    pub fn new(units: u64) -> Self {
        Self { left: units, total: units }
    }

    /// Uses units.
    ///
    /// # Errors
    /// [`Exhausted`] if fewer are left; then none is.
    pub fn spend(&mut self, units: u64) -> Result<(), Exhausted> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted)
            }
        }
    }

    /// Units left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Units used so far.
    pub fn used(&self) -> u64 {
        self.total - self.left
    }
}
