//! The bytes of a source as ground for windows; places are offsets.

use std::collections::VecDeque;
use std::ops::Range;

use icecore::archive::SharedSource;

use super::{Ground, Piece};

/// Bytes of one run of a source that cannot be read at once are passed over, and so many times at most: behind that, the
/// rest of the run is given up.
pub(super) const SKIP: u64 = 64 << 10;
const SKIPS: u32 = 64;

/// The bytes of a source. Holes, and what cannot be read, are gaps: nothing is found across them.
pub(crate) struct InSource {
    source: SharedSource,
    /// The end of the run that was planned last.
    end: u64,
    /// How often it could not be read.
    skips: u32,
}

impl InSource {
    pub(crate) fn new(source: SharedSource) -> Self {
        Self { source, end: 0, skips: 0 }
    }
}

impl Ground for InSource {
    fn plan(&mut self, _: usize, plan: &mut VecDeque<Piece>) -> bool {
        let Some(run) = self.source.next_data(self.end).filter(|run| run.end > self.end) else {
            return false;
        };
        let start = run.start.max(self.end);
        if start > self.end {
            plan.push_back(Piece::Gap);
        }
        plan.push_back(if self.source.as_slice().is_some() {
            Piece::InPlace(start..run.end)
        } else {
            Piece::Read(start..run.end)
        });
        (self.end, self.skips) = (run.end, 0);
        true
    }

    fn slice(&self, range: &Range<u64>) -> Option<&[u8]> {
        let (start, end) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
        self.source.as_slice()?.get(start..end)
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize, u64> {
        match self.source.read_at(at, buffer) {
            Ok(length) if length > 0 => Ok(length),
            _ if self.skips >= SKIPS => Err(self.end),
            _ => {
                self.skips = self.skips.saturating_add(1);
                Err(at.saturating_add(SKIP))
            }
        }
    }
}
