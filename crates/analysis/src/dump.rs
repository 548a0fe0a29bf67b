//! Writing an address space out: the bytes that there are, and for each piece where they went or why there are none.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::{Checkpoint, Pid};
//! use icecore_analysis::dump;
//! use icecore_analysis::search::Filter;
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let memory = checkpoint.memory(Pid(1))?;
//! let mut bytes = Vec::new();
//! for piece in dump::stream(&memory, &Filter::default(), &mut bytes) {
//!     let piece = piece?;
//!     match piece.at {
//!         Some(at) => println!("{}: at {at}", piece.run.start),
//!         None => println!("{}: {:?}", piece.run.start, piece.run.reason),
//!     }
//! }
//! assert!(!bytes.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;

use icecore::memory::{PageSource, Run};
use icecore::{Memory, Vaddr};
use serde::Serialize;

use crate::filter::Filter;

/// A piece of memory that was written, or passed over.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Piece<'m> {
    /// Its addresses, where its bytes come from, and if there are none, why.
    pub run: Run<'m>,
    /// Where it begins in what was written, in bytes. `None`: nothing stands for it there.
    pub at: Option<u64>,
}

/// Writes all bytes that are stored, piece behind piece. What was never written and what is unknown is left out.
///
/// The iterator does the work: each step writes a piece and tells it. It ends behind the last one, or behind an error of
/// the writer.
pub fn stream<'m, W: Write>(memory: &'m Memory, filter: &Filter, out: W) -> Dump<'m, Stream<W>> {
    Dump::new(memory, filter, Stream { out, at: 0 })
}

/// Writes memory into a file with holes: what is mapped stands piece behind piece in its full length, and what was never
/// written or is unknown is a hole, which reads as zeros: only the pieces tell the one from the other.
///
/// The iterator does the work, as that of [`stream`]; it has to come to its end, so that the file gets its full length.
pub fn sparse<'m, W: Write + Seek>(memory: &'m Memory, filter: &Filter, out: W) -> Dump<'m, Sparse<W>> {
    Dump::new(memory, filter, Sparse { out, at: 0, hole: 0 })
}

/// The ranges that a dump is divided into if each area gets a file of its own: the areas that count, and stretches of
/// pages that lie in no area.
pub fn parts(memory: &Memory, filter: &Filter) -> Vec<Range<Vaddr>> {
    let mut parts: Vec<(Option<Vaddr>, Range<Vaddr>)> = Vec::new();
    for run in filter.runs(memory) {
        let area = run.area.map(|area| area.start);
        match parts.last_mut() {
            Some((last, part)) if *last == area && part.end == run.start => part.end = run.end,
            _ => parts.push((area, run.start..run.end)),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

/// A dump under way: an iterator over what it writes.
pub struct Dump<'m, S> {
    memory: &'m Memory,
    runs: Box<dyn Iterator<Item = Run<'m>> + 'm>,
    /// What is left of a piece of which a part could not be read.
    rest: Option<Run<'m>>,
    sink: Option<S>,
    buffer: Vec<u8>,
}

impl<S> std::fmt::Debug for Dump<'_, S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dump").field("pid", &self.memory.pid()).finish_non_exhaustive()
    }
}

/// Bytes that are read at once where they do not lie in memory.
const STEP: usize = 256 << 10;

impl<'m, S: Sink> Dump<'m, S> {
    fn new(memory: &'m Memory, filter: &Filter, sink: S) -> Self {
        let runs = Box::new(filter.runs(memory));
        Self { memory, runs, rest: None, sink: Some(sink), buffer: Vec::new() }
    }

    fn write(&mut self, run: Run<'m>, sink: &mut S) -> io::Result<Piece<'m>> {
        let at = sink.position();
        // Behind the last byte of a mapped file are zeros too, but those are as much of it as its bytes.
        if run.source == PageSource::Zero || !run.is_known() {
            return Ok(Piece { at: sink.pass(run.length())?.then_some(at), run });
        }
        if let Some(bytes) = run.as_slice() {
            sink.write(bytes)?;
            return Ok(Piece { run, at: Some(at) });
        }
        self.buffer.resize(STEP, 0);
        let mut rest = run.clone();
        while rest.start < rest.end {
            match self.memory.fill_some(&rest, &mut self.buffer) {
                Ok(length) if length > 0 => {
                    sink.write(self.buffer.get(..length).unwrap_or_default())?;
                    let behind = Vaddr(rest.start.0.saturating_add(length as u64));
                    rest = rest.from(behind);
                }
                lost => return self.lost(run, rest, lost.err(), sink),
            }
        }
        Ok(Piece { run, at: Some(at) })
    }

    /// Ends a piece where it can no longer be read; or gives what cannot be read, if that is its beginning.
    fn lost(
        &mut self,
        mut run: Run<'m>,
        mut rest: Run<'m>,
        lost: Option<icecore::memory::Unreadable>,
        sink: &mut S,
    ) -> io::Result<Piece<'m>> {
        if run.start < rest.start {
            let written = rest.start.0.saturating_sub(run.start.0);
            run.end = rest.start;
            self.rest = Some(rest);
            return Ok(Piece { run, at: sink.position().checked_sub(written) });
        }
        let end = lost.as_ref().map_or(rest.end, |lost| lost.end.min(rest.end));
        if end < rest.end {
            self.rest = Some(rest.clone().from(end));
        }
        rest.end = end;
        rest.reason = lost.map(|lost| lost.reason);
        let at = sink.position();
        Ok(Piece { at: sink.pass(rest.length())?.then_some(at), run: rest })
    }
}

impl<'m, S: Sink> Iterator for Dump<'m, S> {
    type Item = io::Result<Piece<'m>>;

    fn next(&mut self) -> Option<Self::Item> {
        // An error takes the writer away: what follows would stand in the wrong place.
        let mut sink = self.sink.take()?;
        let written = match self.rest.take().or_else(|| self.runs.next()) {
            Some(run) => self.write(run, &mut sink),
            None => return sink.finish().err().map(Err),
        };
        if written.is_ok() {
            self.sink = Some(sink);
        }
        Some(written)
    }
}

/// Where a dump goes.
pub trait Sink: sealed::Sink {}

impl<S: sealed::Sink> Sink for S {}

mod sealed {
    use std::io;

    /// What both forms of a dump do.
    pub trait Sink {
        /// Where the next byte goes.
        fn position(&self) -> u64;
        /// Writes bytes.
        fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
        /// Passes over so many bytes that there are not; says whether the output has a place for them.
        fn pass(&mut self, length: u64) -> io::Result<bool>;
        /// Ends the output.
        fn finish(self) -> io::Result<()>;
    }
}

/// The writer of [`stream`].
#[derive(Debug)]
pub struct Stream<W> {
    out: W,
    at: u64,
}

impl<W: Write> sealed::Sink for Stream<W> {
    fn position(&self) -> u64 {
        self.at
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at = self.at.saturating_add(bytes.len() as u64);
        self.out.write_all(bytes)
    }

    fn pass(&mut self, _: u64) -> io::Result<bool> {
        Ok(false)
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The writer of [`sparse`].
#[derive(Debug)]
pub struct Sparse<W> {
    out: W,
    at: u64,
    /// Bytes in front of `at` that were passed over and not yet made a hole of.
    hole: u64,
}

impl<W: Write + Seek> sealed::Sink for Sparse<W> {
    fn position(&self) -> u64 {
        self.at
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.hole > 0 {
            self.out.seek(SeekFrom::Start(self.at))?;
            self.hole = 0;
        }
        self.at = self.at.saturating_add(bytes.len() as u64);
        self.out.write_all(bytes)
    }

    fn pass(&mut self, length: u64) -> io::Result<bool> {
        self.at = self.at.saturating_add(length);
        self.hole = self.hole.saturating_add(length);
        Ok(true)
    }

    /// A hole at the end needs a byte behind it, or the file ends in front of it.
    fn finish(mut self) -> io::Result<()> {
        if self.hole > 0 {
            self.out.seek(SeekFrom::Start(self.at.saturating_sub(1)))?;
            self.out.write_all(&[0])?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
