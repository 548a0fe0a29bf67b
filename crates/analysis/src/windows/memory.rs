//! The memory of one process as ground for windows.

use std::collections::VecDeque;
use std::ops::Range;

use icecore::memory::{PageSource, Run};
use icecore::{Memory, Vaddr};

use super::{Ground, Piece};
use crate::filter::Filter;

/// The known bytes of a process.
///
/// Of a run that was never written, or that is looked at elsewhere, only as much is shown as a match across its border can
/// need: a process may have terabytes of it.
pub(crate) struct InMemory<'m> {
    memory: &'m Memory,
    runs: Box<dyn Iterator<Item = Run<'m>> + 'm>,
    /// Whether a run is looked at elsewhere.
    elsewhere: Box<dyn Fn(&Run<'m>) -> bool + 'm>,
    /// The run that was planned last.
    run: Option<Run<'m>>,
}

impl<'m> InMemory<'m> {
    /// The memory that a filter leaves.
    pub(crate) fn new(memory: &'m Memory, filter: &Filter) -> Self {
        Self { memory, runs: Box::new(filter.runs(memory)), elsewhere: Box::new(|_| false), run: None }
    }

    /// Without the inner parts of runs that are looked at elsewhere.
    pub(crate) fn without(mut self, elsewhere: impl Fn(&Run<'m>) -> bool + 'm) -> Self {
        self.elsewhere = Box::new(elsewhere);
        self
    }
}

impl Ground for InMemory<'_> {
    fn plan(&mut self, carry: usize, plan: &mut VecDeque<Piece>) -> bool {
        let Some(run) = self.runs.next() else { return false };
        let last = self.run.as_ref().map(|last| last.end);
        if !run.is_known() || last != Some(run.start) {
            plan.push_back(Piece::Gap);
        }
        let (start, end, carry) = (run.start.0, run.end.0, carry as u64);
        let is_long = run.length() > carry.saturating_mul(2);
        if !run.is_known() {
            // Nothing to look at.
        } else if is_long && (run.source == PageSource::Zero || (self.elsewhere)(&run)) {
            plan.push_back(Piece::Read(start..start.saturating_add(carry)));
            plan.push_back(Piece::Gap);
            plan.push_back(Piece::Read(end.saturating_sub(carry)..end));
        } else if run.as_slice().is_some() {
            plan.push_back(Piece::InPlace(start..end));
        } else {
            plan.push_back(Piece::Read(start..end));
        }
        self.run = Some(run);
        true
    }

    fn slice(&self, range: &Range<u64>) -> Option<&[u8]> {
        let run = self.run.as_ref()?;
        let start = usize::try_from(range.start.checked_sub(run.start.0)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(run.start.0)?).ok()?;
        run.as_slice()?.get(start..end)
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize, u64> {
        let Some(run) = self.run.clone() else { return Err(u64::MAX) };
        let run = run.from(Vaddr(at));
        match self.memory.fill_some(&run, buffer) {
            Ok(0) => Err(run.end.0),
            Ok(length) => Ok(length),
            Err(lost) => Err(lost.end.0.max(at.saturating_add(1))),
        }
    }
}
