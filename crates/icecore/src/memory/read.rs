//! Reading memory: exact bytes, or which of them are not there and why.

use std::ops::Range;

use bstr::BString;
use serde::Serialize;

use super::Memory;
use super::run::{PageSource, Reason, Run};
use crate::{Pid, Vaddr};

/// Memory that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("pid {pid}: {start} to {end}: {reason}")]
#[non_exhaustive]
pub struct Unreadable {
    /// The process.
    pub pid: Pid,
    /// The first address that cannot be read.
    pub start: Vaddr,
    /// The first address behind it that can, or where reading was to end.
    pub end: Vaddr,
    /// Where the bytes would come from.
    pub page_source: PageSource,
    /// Why they do not.
    pub reason: Reason,
}

impl Unreadable {
    fn new(pid: Pid, run: &Run<'_>, reason: Reason) -> Self {
        Self { pid, start: run.start, end: run.end, page_source: run.source, reason }
    }
}

/// Bytes that are read at once where a length is not known in advance.
const STEP: usize = 4096;

impl Memory {
    /// Fills `buffer` with the bytes from an address on.
    ///
    /// # Errors
    /// If any of them is not known; the buffer is then of no use.
    pub fn read_at(&self, address: Vaddr, buffer: &mut [u8]) -> Result<(), Unreadable> {
        let end = Vaddr(address.0.saturating_add(buffer.len() as u64));
        let mut rest = buffer;
        for run in self.runs_within(address..end) {
            let length = usize::try_from(run.length()).unwrap_or(usize::MAX).min(rest.len());
            let (piece, behind) = rest.split_at_mut(length);
            self.fill(&run, piece)?;
            rest = behind;
        }
        match rest.len() {
            0 => Ok(()),
            // The range runs out of the address space.
            _ => Err(Unreadable::new(self.pid, &self.run_at(Vaddr(u64::MAX)), Reason::Unmapped)),
        }
    }

    /// What reading a piece would end in, where it is known beforehand.
    pub fn unreadable(&self, run: &Run<'_>) -> Option<Unreadable> {
        run.reason.clone().map(|reason| Unreadable::new(self.pid, run, reason))
    }

    /// Fills a buffer with the first bytes of a piece that [`Memory::runs`] gave; the buffer is not longer than it.
    ///
    /// # Errors
    /// If they are not known, or the archive cannot be read there.
    pub fn fill(&self, run: &Run<'_>, buffer: &mut [u8]) -> Result<(), Unreadable> {
        let unreadable = |reason| Unreadable::new(self.pid, run, reason);
        match (&run.reason, run.place) {
            (Some(reason), _) => Err(unreadable(reason.clone())),
            (None, Some(place)) => place.file.read(place.offset, buffer).map_err(unreadable),
            (None, None) => {
                buffer.fill(0);
                Ok(())
            }
        }
    }

    /// Fills as much of a buffer as is known from the beginning of a piece on without a gap, and says how much: nothing
    /// only for an empty buffer. Where a part is damaged, what is in front of it and behind it can be had this way.
    ///
    /// # Errors
    /// If the first byte is not known: what cannot be read from there on, at most to the end of the piece.
    pub fn fill_some(&self, run: &Run<'_>, buffer: &mut [u8]) -> Result<usize, Unreadable> {
        let length = usize::try_from(run.length()).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        let Err(unreadable) = self.fill(run, buffer) else { return Ok(length) };
        let Some(place) = run.place else { return Err(unreadable) };
        let mut done = 0_usize;
        while done < length {
            // What is stored together is lost together, and is tried once.
            let unit = place.file.unit_end(place.offset.saturating_add(done as u64), self.page_size);
            let behind = unit.saturating_sub(place.offset).max((done as u64).saturating_add(1));
            let end = usize::try_from(behind).unwrap_or(usize::MAX).min(length);
            let piece = buffer.get_mut(done..end).unwrap_or_default();
            match place.file.read(place.offset.saturating_add(done as u64), piece) {
                Ok(()) => done = end,
                Err(_) if done > 0 => break,
                Err(reason) => {
                    let end = Vaddr(run.start.0.saturating_add(behind).min(run.end.0));
                    return Err(Unreadable { end, ..Unreadable::new(self.pid, run, reason) });
                }
            }
        }
        Ok(done)
    }

    /// As [`Memory::fill_some`], of the piece that begins at an address.
    ///
    /// # Errors
    /// If the first byte is not known.
    pub fn read_some(&self, address: Vaddr, buffer: &mut [u8]) -> Result<usize, Unreadable> {
        self.fill_some(&self.run_at(address), buffer)
    }

    /// The bytes of a range of at most `limit`.
    ///
    /// # Errors
    /// If any of them is not known, or the range is longer.
    pub fn read(&self, range: Range<Vaddr>, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let length = range.end.0.saturating_sub(range.start.0);
        // What cannot be read is found before room is made for what can.
        for run in self.runs_within(range.clone()) {
            if let Some(reason) = &run.reason {
                return Err(Unreadable::new(self.pid, &run, reason.clone()));
            }
        }
        let Some(length) = usize::try_from(length).ok().filter(|&length| length as u64 <= limit) else {
            let (pid, start, end) = (self.pid, range.start, range.end);
            let (page_source, reason) = (PageSource::Unknown, Reason::TooLong(limit));
            return Err(Unreadable { pid, start, end, page_source, reason });
        };
        let mut bytes = vec![0; length];
        self.read_at(range.start, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes up to the first NUL, without it, or the first `limit` bytes if there is none among them.
    ///
    /// # Errors
    /// If a byte in front of the NUL is not known.
    pub fn read_cstr(&self, address: Vaddr, limit: usize) -> Result<BString, Unreadable> {
        let mut text = Vec::new();
        let mut buffer = [0; STEP];
        while text.len() < limit {
            let at = Vaddr(address.0.saturating_add(text.len() as u64));
            let run = self.run_at(at);
            let length =
                usize::try_from(run.length()).unwrap_or(STEP).min(STEP).min(limit.saturating_sub(text.len()));
            let Some(piece) = buffer.get_mut(..length.max(1)) else { break };
            self.fill(&run, piece)?;
            let nul = piece.iter().position(|byte| *byte == 0);
            text.extend_from_slice(piece.get(..nul.unwrap_or(length)).unwrap_or_default());
            if nul.is_some() {
                break;
            }
        }
        Ok(text.into())
    }
}
