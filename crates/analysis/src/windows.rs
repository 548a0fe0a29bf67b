//! Bytes as a row of windows: stretches of known bytes without a gap, each looked at once, borders included.

use std::collections::VecDeque;
use std::ops::Range;

use crate::meter::Meter;

mod memory;
mod source;

pub(crate) use memory::InMemory;
pub(crate) use source::InSource;

/// New bytes in a window, besides those carried over; more if what is looked for may be longer. So much is looked at
/// before anybody hears of it.
const FRESH: usize = 1 << 20;

/// A part of a stretch.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    /// The place of the first byte: an address or an offset.
    pub(crate) start: u64,
    pub(crate) bytes: &'a [u8],
    /// What begins at or behind this index is seen again in the next window, with more behind it.
    pub(crate) limit: usize,
}

/// What windows are opened on.
pub(crate) trait Ground {
    /// Adds the pieces that come next, if there are any. Where one does not begin at the end of the one before, a
    /// [`Piece::Gap`] stands between them. `carry` is as for [`Windows::new`].
    fn plan(&mut self, carry: usize, plan: &mut VecDeque<Piece>) -> bool;

    /// The bytes of a piece that lies in memory.
    fn slice(&self, range: &Range<u64>) -> Option<&[u8]>;

    /// Reads bytes of the pieces that were planned last, and says how many: not nothing; or else from where on to try
    /// again, behind `at`.
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize, u64>;
}

/// A piece of ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// [`Ground::slice`] has it.
    InPlace(Range<u64>),
    /// To be read.
    Read(Range<u64>),
    /// What is behind it has nothing to do with what is in front.
    Gap,
}

/// Windows over a ground, one after the other.
pub(crate) struct Windows<'a, G> {
    ground: G,
    carry: usize,
    meter: Option<&'a Meter>,
    plan: VecDeque<Piece>,
    /// Bytes that wait for more behind them, and the place of the first.
    kept: Vec<u8>,
    start: u64,
    shown: Shown,
}

/// The window at hand.
#[derive(Debug)]
enum Shown {
    Nothing,
    /// The bytes that were kept, of which so many go then.
    Kept {
        limit: usize,
        done: usize,
    },
    InPlace {
        range: Range<u64>,
        limit: usize,
    },
}

impl<'a, G: Ground> Windows<'a, G> {
    /// `carry` is the length of the longest thing that is looked for.
    pub(crate) fn new(ground: G, carry: usize, meter: Option<&'a Meter>) -> Self {
        let (plan, kept) = (VecDeque::new(), Vec::new());
        Self { ground, carry, meter, plan, kept, start: 0, shown: Shown::Nothing }
    }

    /// Goes to the next window; there is none behind the last, or if the meter was stopped.
    pub(crate) fn advance(&mut self) -> bool {
        self.forget();
        if self.meter.is_some_and(Meter::is_stopped) {
            return false;
        }
        loop {
            let shown = match self.plan.pop_front() {
                Some(Piece::Gap) => self.rest(),
                Some(Piece::InPlace(range)) => self.in_place(range),
                Some(Piece::Read(range)) => self.read(range),
                None if self.ground.plan(self.carry, &mut self.plan) => None,
                None => match self.rest() {
                    Some(shown) => Some(shown),
                    None => return false,
                },
            };
            if let Some(shown) = shown {
                self.shown = shown;
                return true;
            }
        }
    }

    /// The window at hand; an empty one in front of the first.
    pub(crate) fn window(&self) -> Window<'_> {
        match &self.shown {
            Shown::Nothing => Window { start: 0, bytes: &[], limit: 0 },
            Shown::Kept { limit, .. } => Window { start: self.start, bytes: &self.kept, limit: *limit },
            Shown::InPlace { range, limit } => {
                let bytes = self.ground.slice(range).unwrap_or_default();
                Window { start: range.start, bytes, limit: *limit }
            }
        }
    }

    /// Lets what was shown go.
    fn forget(&mut self) {
        let limit = match std::mem::replace(&mut self.shown, Shown::Nothing) {
            Shown::Nothing => return,
            Shown::InPlace { limit, .. } => limit,
            Shown::Kept { limit, done } => {
                self.kept.drain(..done.min(self.kept.len()));
                self.start = self.start.saturating_add(done as u64);
                limit
            }
        };
        if let Some(meter) = self.meter {
            meter.pass(limit as u64);
        }
    }

    /// How many new bytes a window has: not fewer than are seen twice.
    fn fresh(&self) -> usize {
        FRESH.max(self.carry)
    }

    /// A piece that lies in memory: all but its borders is looked at in place.
    fn in_place(&mut self, range: Range<u64>) -> Option<Shown> {
        let (carry, fresh) = (self.carry, self.fresh());
        let Some(slice) = self.ground.slice(&range) else {
            self.plan.push_front(Piece::Read(range));
            return None;
        };
        let is_short = slice.len() <= carry;
        let head = slice.get(..carry.min(slice.len())).unwrap_or_default();
        if self.kept.is_empty() && !is_short {
            let limit = slice.len().saturating_sub(carry).min(fresh);
            let behind = range.start.saturating_add(limit as u64);
            let end = behind.saturating_add(carry as u64).min(range.end);
            self.plan.push_front(Piece::InPlace(behind..range.end));
            return Some(Shown::InPlace { range: range.start..end, limit });
        }
        if self.kept.is_empty() {
            self.start = range.start;
        }
        let carried = self.kept.len();
        self.kept.extend_from_slice(head);
        if is_short {
            return self.more();
        }
        // What begins in what was carried over is seen with as much of the piece as it can reach.
        self.plan.push_front(Piece::InPlace(range));
        Some(Shown::Kept { limit: carried, done: self.kept.len() })
    }

    /// A piece that has to be read. What cannot be read is a gap.
    fn read(&mut self, range: Range<u64>) -> Option<Shown> {
        if range.is_empty() {
            return None;
        }
        if self.kept.is_empty() {
            self.start = range.start;
        }
        let old = self.kept.len();
        let left = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        self.kept.resize(old.saturating_add(left.min(self.fresh())), 0);
        let fresh = self.kept.get_mut(old..).unwrap_or_default();
        match self.ground.read(range.start, fresh) {
            Ok(length) => {
                self.kept.truncate(old.saturating_add(length));
                let behind = range.start.saturating_add(length.max(1) as u64);
                self.plan.push_front(Piece::Read(behind..range.end));
                self.more()
            }
            Err(behind) => {
                self.kept.truncate(old);
                self.plan.push_front(Piece::Read(behind..range.end));
                self.plan.push_front(Piece::Gap);
                None
            }
        }
    }

    /// What is kept, but for the end of it, which may go on.
    fn more(&self) -> Option<Shown> {
        let limit = self.kept.len().saturating_sub(self.carry);
        (limit > 0).then_some(Shown::Kept { limit, done: limit })
    }

    /// All that is kept: nothing follows it.
    fn rest(&self) -> Option<Shown> {
        let limit = self.kept.len();
        (limit > 0).then_some(Shown::Kept { limit, done: limit })
    }
}

#[cfg(test)]
mod tests;
