//! Where the workers of a batch take lines from and put answers on: in at any time, out in order, never many at once.

use std::collections::BTreeMap;
use std::io::{BufRead, ErrorKind, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::cli::exit::Exit;

/// The place of a line among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// Answers that wait for an earlier one, at most, for each worker.
const WAITING: u64 = 64;

/// Lines from `R`, answers to `W`.
pub(super) struct Shelf<R, W> {
    lines: Mutex<Lines<R>>,
    answers: Mutex<Answers<W>>,
    /// Tells workers that an answer has left the shelf.
    moved: Condvar,
    /// Answers that may lie on the shelf.
    room: u64,
}

struct Lines<R> {
    from: R,
    next: u64,
    ended: bool,
    broken: Option<String>,
}

struct Answers<W> {
    to: W,
    next: u64,
    waiting: BTreeMap<u64, String>,
    exit: Exit,
    /// Nobody reads the answers any more, or they cannot be written, for this reason.
    closed: bool,
    broken: Option<String>,
}

/// A worker that panicked is a defect, but what it left behind is whole: every change here is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R: BufRead, W: FnMut(&str) -> std::io::Result<()>> Shelf<R, W> {
    pub(super) fn new(from: R, to: W, workers: usize) -> Self {
        let lines = Lines { from, next: 0, ended: false, broken: None };
        let answers = Answers { to, next: 0, waiting: BTreeMap::new(), exit: Exit::Holds, closed: false, broken: None };
        let room = WAITING.saturating_mul(u64::try_from(workers).unwrap_or(1));
        Shelf { lines: Mutex::new(lines), answers: Mutex::new(answers), moved: Condvar::new(), room }
    }

    /// The next line without its end; of a line longer than `longest` bytes only so many and one more.
    pub(super) fn take(&self, longest: u64) -> Option<(Ticket, Vec<u8>)> {
        let mut lines = lock(&self.lines);
        if lines.ended || lock(&self.answers).closed {
            return None;
        }
        match line(&mut lines.from, longest) {
            Ok(Some(bytes)) => {
                let ticket = Ticket(lines.next);
                lines.next = lines.next.saturating_add(1);
                Some((ticket, bytes))
            }
            Ok(None) => {
                lines.ended = true;
                None
            }
            Err(error) => {
                lines.ended = true;
                lines.broken = Some(format!("error: cannot read standard input: {error}"));
                None
            }
        }
    }

    /// Puts an answer on the shelf, waiting for room, and lets all that are next leave it.
    pub(super) fn put(&self, Ticket(place): Ticket, answer: String, exit: Exit) {
        let mut answers = lock(&self.answers);
        while place >= answers.next.saturating_add(self.room) && !answers.closed {
            answers = self.moved.wait(answers).unwrap_or_else(PoisonError::into_inner);
        }
        answers.exit = answers.exit.and(exit);
        answers.waiting.insert(place, answer);
        answers.leave();
        self.moved.notify_all();
    }

    /// What the batch says to its caller, or why it did not go through.
    pub(super) fn outcome(self) -> Result<Exit, String> {
        let lines = self.lines.into_inner().unwrap_or_else(PoisonError::into_inner);
        let answers = self.answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        match lines.broken.or(answers.broken) {
            Some(reason) => Err(reason),
            None => Ok(answers.exit),
        }
    }
}

impl<W: FnMut(&str) -> std::io::Result<()>> Answers<W> {
    fn leave(&mut self) {
        while let Some(answer) = self.waiting.remove(&self.next) {
            self.next = self.next.saturating_add(1);
            if self.closed {
                continue;
            }
            if let Err(error) = (self.to)(&answer) {
                self.closed = true;
                // a reader that went away (`keyaki batch | head`) is no error
                let gone = error.kind() == ErrorKind::BrokenPipe;
                self.broken = (!gone).then(|| format!("error: cannot write to standard output: {error}"));
            }
        }
    }
}

/// One line without its end; `None` at the end of all. What is longer than `longest` is read and dropped.
fn line(from: &mut impl BufRead, longest: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = from.by_ref().take(longest.saturating_add(1)).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() as u64 > longest {
        from.skip_until(b'\n')?;
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_leave_in_the_order_of_the_lines() {
        let mut out = Vec::new();
        let shelf = Shelf::new(
            &b"a\nb\nc"[..],
            |line: &str| {
                out.push(line.to_owned());
                Ok(())
            },
            2,
        );
        let lines: Vec<_> = std::iter::from_fn(|| shelf.take(10)).collect();
        for (ticket, line) in lines.into_iter().rev() {
            shelf.put(ticket, String::from_utf8(line).unwrap(), Exit::Fails);
        }
        assert_eq!(shelf.outcome(), Ok(Exit::Fails));
        assert_eq!(out, ["a", "b", "c"]);
    }

    #[test]
    fn a_long_line_costs_no_other() {
        let mut from = &b"0123456789\nb\n"[..];
        assert_eq!(line(&mut from, 4).unwrap().unwrap(), b"01234");
        assert_eq!(line(&mut from, 4).unwrap().unwrap(), b"b");
        assert_eq!(line(&mut from, 4).unwrap(), None);
    }

    #[test]
    fn a_reader_that_is_gone_ends_the_work() {
        let shelf = Shelf::new(&b"a\nb\n"[..], |_: &str| Err(ErrorKind::BrokenPipe.into()), 1);
        let (ticket, _) = shelf.take(10).unwrap();
        shelf.put(ticket, "a".to_owned(), Exit::Holds);
        assert!(shelf.take(10).is_none());
        assert_eq!(shelf.outcome(), Ok(Exit::Holds));
    }
}
