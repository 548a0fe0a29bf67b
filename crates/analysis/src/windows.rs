//! Memory as a row of windows: stretches of known bytes without a gap, each looked at once, borders included.

use std::ops::{ControlFlow, Range};

use icecore::archive::Source;
use icecore::memory::{Area, PageSource, Reason, Run};
use icecore::{Memory, Vaddr};

/// Bytes that are read for a window, besides those carried over.
const FRESH: usize = 1 << 20;

/// A part of a stretch.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    /// The address of the first byte.
    pub(crate) start: Vaddr,
    pub(crate) bytes: &'a [u8],
    /// What begins at or behind this index is seen again in the next window, with more behind it.
    pub(crate) limit: usize,
}

/// Which memory is looked at. The default is all of it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Only these processes; empty: all.
    pub pids: Vec<icecore::Pid>,
    /// Only these addresses.
    pub range: Option<Range<Vaddr>>,
    /// Only areas whose permissions, as `/proc/PID/maps` shows them, have all these letters, such as `wx` or `s`.
    pub perms: String,
    /// Only areas of these kinds, by the names that [`icecore::memory::AreaKind::name`] gives; empty: all.
    pub kinds: Vec<String>,
}

impl Filter {
    /// Whether a process is looked at.
    pub fn wants_pid(&self, pid: icecore::Pid) -> bool {
        self.pids.is_empty() || self.pids.contains(&pid)
    }

    /// The pieces of a process's memory that are looked at, cut to the range.
    pub(crate) fn runs<'m>(&self, memory: &'m Memory) -> impl Iterator<Item = Run<'m>> {
        self.clone().into_runs(memory)
    }

    /// As [`Filter::runs`].
    pub(crate) fn into_runs(self, memory: &Memory) -> impl Iterator<Item = Run<'_>> {
        let clip = self.range.clone().unwrap_or(Vaddr(0)..Vaddr(u64::MAX));
        let runs = memory.runs_within(clip).filter(|run| run.reason != Some(Reason::Unmapped));
        runs.filter(move |run| self.wants_area(run.area))
    }

    /// Whether an area is looked at. Pages outside of all areas have neither kind nor permissions.
    fn wants_area(&self, area: Option<&Area>) -> bool {
        let Some(area) = area else { return self.kinds.is_empty() && self.perms.is_empty() };
        let perms = area.perms();
        self.perms.chars().all(|letter| perms.contains(letter))
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == area.kind.name()))
    }
}

/// Windows over the memory of one process. `carry` is the length of the longest thing that is looked for.
///
/// Of a run that was never written only as much is given as a match across its border can need: a process may have
/// terabytes of it.
pub(crate) fn visit(
    memory: &Memory,
    filter: &Filter,
    carry: usize,
    look: &mut dyn FnMut(&Window<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut stretch = Stretch { memory, carry, start: Vaddr(0), bytes: Vec::new() };
    for run in filter.runs(memory) {
        let begin = run.start;
        if !run.is_known() {
            stretch.end(look)?;
            continue;
        }
        if stretch.next() != begin {
            stretch.end(look)?;
            stretch.start = begin;
        }
        let most = (carry as u64).saturating_mul(2);
        if run.source == PageSource::Zero && run.end.0.saturating_sub(begin.0) > most {
            stretch.read(begin..Vaddr(begin.0.saturating_add(carry as u64)), look)?;
            stretch.end(look)?;
            stretch.start = Vaddr(run.end.0.saturating_sub(carry as u64));
            stretch.read(stretch.start..run.end, look)?;
        } else {
            stretch.run(&run, begin, look)?;
        }
    }
    stretch.end(look)
}

/// Bytes of one run of a source that cannot be read at once are passed over, and so many times at most: behind that, the
/// rest of the run is given up.
const SKIP: u64 = 64 << 10;
const SKIPS: u32 = 64;

/// Windows over the bytes of a source; the addresses are offsets. Holes, and what cannot be read, lie between stretches:
/// nothing is found across them.
pub(crate) fn visit_source(
    source: &dyn Source,
    carry: usize,
    look: &mut dyn FnMut(&Window<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if let Some(bytes) = source.as_slice() {
        return look(&Window { start: Vaddr(0), bytes, limit: bytes.len() });
    }
    let mut at = 0;
    let mut bytes = Vec::new();
    while let Some(run) = source.next_data(at) {
        at = run.start.max(at);
        let mut skips = 0;
        bytes.clear();
        while at < run.end {
            let fresh = usize::try_from(run.end.saturating_sub(at)).unwrap_or(FRESH).min(FRESH);
            let old = bytes.len();
            bytes.resize(old.saturating_add(fresh), 0);
            let start = Vaddr(at.saturating_sub(old as u64));
            let read = source.read_at(at, bytes.get_mut(old..).unwrap_or_default()).unwrap_or(0);
            bytes.truncate(old.saturating_add(read));
            at = at.saturating_add(read as u64);
            // The last window of a stretch is seen to its end, all others up to what may go on.
            let ends = read == 0 || at >= run.end;
            let limit = if ends { bytes.len() } else { bytes.len().saturating_sub(carry) };
            look(&Window { start, bytes: &bytes, limit })?;
            bytes.drain(..limit);
            if read == 0 {
                skips = u32::saturating_add(skips, 1);
                at = if skips > SKIPS { run.end } else { at.saturating_add(SKIP) };
            }
        }
        at = at.max(run.end);
    }
    ControlFlow::Continue(())
}

/// The bytes that wait for more behind them.
struct Stretch<'m> {
    memory: &'m Memory,
    carry: usize,
    start: Vaddr,
    bytes: Vec<u8>,
}

type Look<'a> = dyn FnMut(&Window<'_>) -> ControlFlow<()> + 'a;

impl Stretch<'_> {
    /// The address behind the last byte.
    fn next(&self) -> Vaddr {
        Vaddr(self.start.0.saturating_add(self.bytes.len() as u64))
    }

    /// Takes a run. Where its bytes lie in memory, all but its borders are looked at in place.
    fn run(&mut self, run: &Run<'_>, begin: Vaddr, look: &mut Look<'_>) -> ControlFlow<()> {
        let Some(slice) = run.as_slice() else { return self.read(begin..run.end, look) };
        let skipped = usize::try_from(begin.0.saturating_sub(run.start.0)).unwrap_or(usize::MAX);
        let slice = slice.get(skipped..).unwrap_or_default();
        // What was carried over, and as much of the run as a match from there can reach.
        let head = if self.bytes.is_empty() { 0 } else { self.carry.min(slice.len()) };
        if head > 0 {
            let carried = self.bytes.len();
            self.bytes.extend_from_slice(slice.get(..head).unwrap_or_default());
            let short = slice.len() <= self.carry;
            if short {
                return self.give(look);
            }
            look(&Window { start: self.start, bytes: &self.bytes, limit: carried })?;
        } else if slice.len() <= self.carry {
            self.bytes.extend_from_slice(slice);
            return ControlFlow::Continue(());
        }
        let limit = slice.len().saturating_sub(self.carry);
        look(&Window { start: begin, bytes: slice, limit })?;
        self.start = Vaddr(begin.0.saturating_add(limit as u64));
        self.bytes.clear();
        self.bytes.extend_from_slice(slice.get(limit..).unwrap_or_default());
        ControlFlow::Continue(())
    }

    /// Reads a range into windows. What cannot be read ends the stretch and is passed over.
    fn read(&mut self, range: Range<Vaddr>, look: &mut Look<'_>) -> ControlFlow<()> {
        let mut at = range.start;
        while at < range.end {
            let left = usize::try_from(range.end.0.saturating_sub(at.0)).unwrap_or(FRESH);
            let old = self.bytes.len();
            self.bytes.resize(old.saturating_add(left.min(FRESH)), 0);
            let fresh = self.bytes.get_mut(old..).unwrap_or_default();
            match self.memory.read_some(at, fresh) {
                Ok(length) if length > 0 => {
                    self.bytes.truncate(old.saturating_add(length));
                    at = Vaddr(at.0.saturating_add(length as u64));
                    self.give(look)?;
                }
                lost => {
                    self.bytes.truncate(old);
                    self.end(look)?;
                    at = lost.map_or_else(|lost| lost.end, |_| range.end);
                    self.start = at;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Shows what there is and keeps the end of it.
    fn give(&mut self, look: &mut Look<'_>) -> ControlFlow<()> {
        let limit = self.bytes.len().saturating_sub(self.carry);
        if limit == 0 {
            return ControlFlow::Continue(());
        }
        look(&Window { start: self.start, bytes: &self.bytes, limit })?;
        self.bytes.drain(..limit);
        self.start = Vaddr(self.start.0.saturating_add(limit as u64));
        ControlFlow::Continue(())
    }

    /// Shows the rest: nothing follows it.
    fn end(&mut self, look: &mut Look<'_>) -> ControlFlow<()> {
        if !self.bytes.is_empty() {
            look(&Window { start: self.start, bytes: &self.bytes, limit: self.bytes.len() })?;
        }
        self.start = self.next();
        self.bytes.clear();
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
