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

/// Known bytes in front of what is new that are shown again, as a match may depend on what it stands behind: a character.
pub(crate) const BEHIND: usize = 4;

/// The most bytes behind its limit to which a window grows where a match reaches its end, and how many times as large it
/// becomes at once.
const GROWN: usize = 8 << 20;
const GROWTH: usize = 4;

/// A part of a stretch.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    /// The place of the first byte: an address or an offset.
    pub(crate) start: u64,
    pub(crate) bytes: &'a [u8],
    /// What is in front of this index was looked at before.
    pub(crate) from: usize,
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
    /// Bytes that wait for more behind them, the place of the first, and how many of them were looked at.
    kept: Vec<u8>,
    start: u64,
    from: usize,
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
        from: usize,
        limit: usize,
    },
}

impl<'a, G: Ground> Windows<'a, G> {
    /// `carry` is the length of the longest thing that is looked for.
    pub(crate) fn new(ground: G, carry: usize, meter: Option<&'a Meter>) -> Self {
        let (plan, kept) = (VecDeque::new(), Vec::new());
        Self { ground, carry, meter, plan, kept, start: 0, from: 0, shown: Shown::Nothing }
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
            Shown::Nothing => Window { start: 0, bytes: &[], from: 0, limit: 0 },
            Shown::Kept { limit, .. } => {
                Window { start: self.start, bytes: &self.kept, from: self.from, limit: *limit }
            }
            Shown::InPlace { range, from, limit } => {
                let bytes = self.ground.slice(range).unwrap_or_default();
                Window { start: range.start, bytes, from: *from, limit: *limit }
            }
        }
    }

    /// Adds bytes at the end of the window at hand, of the same piece; says whether there are any, and it may grow.
    pub(crate) fn grow(&mut self) -> bool {
        let window = self.window();
        let (size, most) = (window.bytes.len(), window.limit.saturating_add(GROWN));
        let next = self.plan.front().cloned();
        let more = size.saturating_mul(GROWTH).min(most).saturating_sub(size) as u64;
        match (&mut self.shown, next) {
            (Shown::InPlace { range, .. }, Some(Piece::InPlace(rest))) => {
                let end = range.end.saturating_add(more).min(rest.end);
                end > std::mem::replace(&mut range.end, end)
            }
            // Nothing follows it.
            (Shown::Kept { limit, .. }, _) if *limit >= size => false,
            (Shown::Kept { done, .. }, Some(Piece::InPlace(rest))) => {
                let at = self.start.saturating_add(size as u64);
                let slice = self.ground.slice(&(at..at.saturating_add(more).min(rest.end)));
                self.kept.extend_from_slice(slice.unwrap_or_default());
                *done = self.kept.len();
                self.kept.len() > size
            }
            (Shown::Kept { .. }, Some(Piece::Read(rest))) if more > 0 && !rest.is_empty() => {
                self.plan.pop_front();
                self.add(rest, usize::try_from(more).unwrap_or(usize::MAX))
            }
            _ => false,
        }
    }

    /// Lets what was shown go.
    fn forget(&mut self) {
        let fresh = match std::mem::replace(&mut self.shown, Shown::Nothing) {
            Shown::Nothing => return,
            Shown::InPlace { from, limit, .. } => limit.saturating_sub(from),
            Shown::Kept { limit, done } => {
                let fresh = limit.saturating_sub(self.from);
                self.kept.drain(..done.min(self.kept.len()));
                self.start = self.start.saturating_add(done as u64);
                self.from = limit.saturating_sub(done);
                fresh
            }
        };
        if let Some(meter) = self.meter {
            meter.pass(fresh as u64);
        }
    }

    /// How many new bytes a window has: not fewer than are seen twice.
    fn fresh(&self) -> usize {
        FRESH.max(self.carry)
    }

    /// A piece that lies in memory: all but its borders is looked at in place.
    fn in_place(&mut self, range: Range<u64>) -> Option<Shown> {
        let (carry, fresh) = (self.carry, self.fresh());
        let Some(length) = self.ground.slice(&range).map(<[u8]>::len) else {
            self.plan.push_front(Piece::Read(range));
            return None;
        };
        if self.kept.len() <= self.from {
            let (start, from) = self.behind(&range);
            if length > carry {
                let new = length.saturating_sub(carry).min(fresh);
                let behind = range.start.saturating_add(new as u64);
                let end = behind.saturating_add(carry as u64).min(range.end);
                self.plan.push_front(Piece::InPlace(behind..range.end));
                return Some(Shown::InPlace { range: start..end, from, limit: from.saturating_add(new) });
            }
            self.clear(start);
            self.from = from;
            self.kept.extend_from_slice(self.ground.slice(&(start..range.start)).unwrap_or_default());
        }
        let carried = self.kept.len();
        let head = carry.saturating_add(BEHIND).min(length);
        let behind = range.start.saturating_add(head as u64);
        self.kept.extend_from_slice(self.ground.slice(&(range.start..behind)).unwrap_or_default());
        if head == length {
            return self.more();
        }
        // What begins in what was carried over is seen with as much of the piece as it can reach.
        self.plan.push_front(Piece::InPlace(range.start.saturating_add(BEHIND as u64)..range.end));
        Some(Shown::Kept { limit: carried.saturating_add(BEHIND), done: self.kept.len() })
    }

    /// Where a window begins that shows what lies in front of its piece too, as far as that is at hand, and how much it is.
    fn behind(&self, range: &Range<u64>) -> (u64, usize) {
        let starts =
            (1..=BEHIND).rev().filter_map(|from| Some((range.start.checked_sub(from as u64)?, from)));
        let at_hand = |start: u64| self.ground.slice(&(start..range.end)).is_some();
        starts.into_iter().find(|(start, _)| at_hand(*start)).unwrap_or((range.start, 0))
    }

    /// Keeps nothing; what is kept next begins at a place.
    fn clear(&mut self, start: u64) {
        self.kept.clear();
        (self.start, self.from) = (start, 0);
    }

    /// A piece that has to be read. What cannot be read is a gap.
    fn read(&mut self, range: Range<u64>) -> Option<Shown> {
        if range.is_empty() {
            return None;
        }
        if self.kept.is_empty() {
            self.clear(range.start);
        }
        if self.add(range, self.fresh()) { self.more() } else { None }
    }

    /// Reads at most so many bytes of a piece that follows what is kept, and plans the rest of it; says whether there were
    /// any.
    fn add(&mut self, range: Range<u64>, most: usize) -> bool {
        let old = self.kept.len();
        let left = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        self.kept.resize(old.saturating_add(left.min(most)), 0);
        let fresh = self.kept.get_mut(old..).unwrap_or_default();
        match self.ground.read(range.start, fresh) {
            Ok(length) => {
                self.kept.truncate(old.saturating_add(length));
                let behind = range.start.saturating_add(length.max(1) as u64);
                self.plan.push_front(Piece::Read(behind..range.end));
                length > 0
            }
            Err(behind) => {
                self.kept.truncate(old);
                self.plan.push_front(Piece::Read(behind..range.end));
                self.plan.push_front(Piece::Gap);
                false
            }
        }
    }

    /// What is kept, but for the end of it, which may go on.
    fn more(&self) -> Option<Shown> {
        let limit = self.kept.len().saturating_sub(self.carry);
        (limit > self.from).then_some(Shown::Kept { limit, done: limit.saturating_sub(BEHIND) })
    }

    /// All that is kept: nothing follows it.
    fn rest(&mut self) -> Option<Shown> {
        let limit = self.kept.len();
        if limit <= self.from {
            self.clear(0);
            return None;
        }
        Some(Shown::Kept { limit, done: limit })
    }
}

#[cfg(test)]
mod tests;
