//! Exit codes: one enum, one rule of combination.

use std::process::ExitCode;

use crate::checks::Verdict;

/// What the program says to its caller. The code never depends on the output format.
///
/// | code | variant | meaning |
/// |---|---|---|
/// | 0 | `Holds` | every property holds, or the question was answered |
/// | 1 | `Fails` | at least one property fails |
/// | 2 | `CouldNotRun` | usage, input or output, malformed document |
/// | 3 | `Undecided` | undecided, or input was left unchecked |
/// | 4 | `Internal` | a replay or certificate did not agree: a defect, never a verdict |
///
/// Of several: 4 before 2 before 1 before 3 before 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Holds,
    /// 1
    Fails,
    /// 2
    CouldNotRun,
    /// 3
    Undecided,
    /// 4
    Internal,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Holds => 0,
            Exit::Fails => 1,
            Exit::CouldNotRun => 2,
            Exit::Undecided => 3,
            Exit::Internal => 4,
        }
    }

    /// The one that counts of two.
    #[must_use]
    pub fn and(self, other: Exit) -> Exit {
        if self.weight() >= other.weight() { self } else { other }
    }

    /// Under `--exit-zero`: 0 over 1 and 3; what could not run is still said.
    #[must_use]
    pub fn forgiven(self) -> Exit {
        match self {
            Exit::Holds | Exit::Fails | Exit::Undecided => Exit::Holds,
            Exit::CouldNotRun | Exit::Internal => self,
        }
    }

    /// Rank in the rule of combination.
    fn weight(self) -> u8 {
        match self {
            Exit::Holds => 0,
            Exit::Undecided => 1,
            Exit::Fails => 2,
            Exit::CouldNotRun => 3,
            Exit::Internal => 4,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Pass => Exit::Holds,
            Verdict::Fail => Exit::Fails,
            Verdict::Unknown => Exit::Undecided,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_before_two_before_one_before_three_before_zero() {
        let order = [Exit::Internal, Exit::CouldNotRun, Exit::Fails, Exit::Undecided, Exit::Holds];
        assert_eq!(order.map(Exit::code), [4, 2, 1, 3, 0]);
        for (rank, first) in order.iter().enumerate() {
            for second in &order[rank..] {
                assert_eq!(first.and(*second), *first);
                assert_eq!(second.and(*first), *first);
            }
        }
    }

    #[test]
    fn exit_zero_forgives_verdicts_only() {
        let all = [Exit::Holds, Exit::Fails, Exit::CouldNotRun, Exit::Undecided, Exit::Internal];
        assert_eq!(all.map(|exit| exit.forgiven().code()), [0, 0, 2, 0, 4]);
    }

    #[test]
    fn unknown_is_not_a_pass() {
        let all = [Verdict::Pass, Verdict::Fail, Verdict::Unknown];
        assert_eq!(all.map(|verdict| Exit::from(verdict).code()), [0, 1, 3]);
    }
}
