//! Pages in LZ4 frames: `pages-N.comp.img`, as CRaC's fork of CRIU writes them for Java virtual machines.

use std::io;
use std::sync::Mutex;

use icecore_archive::{SharedSource, Source};

use super::cache::Cache;
use super::damaged;
use super::frame_table::{Block, BlockForm, Fault, Table, decode};

/// The decoded content of a file of frames.
#[derive(Debug)]
pub(in crate::memory) struct FramePages {
    file: SharedSource,
    table: Table,
    cache: Cache,
    /// How far linked blocks were decoded the last time.
    reached: Mutex<Reached>,
}

/// The content in front of a block that needs it.
#[derive(Debug, Default)]
struct Reached {
    /// The block that comes next.
    next: usize,
    history: History,
}

/// The last bytes of content, which linked blocks copy from.
#[derive(Debug, Default)]
pub(super) struct History(Vec<u8>);

impl History {
    /// As far back as LZ4 can refer, in bytes.
    const REACH: usize = 64 << 10;

    pub(super) fn push(&mut self, content: &[u8]) {
        let kept = Self::REACH.saturating_sub(content.len()).min(self.0.len());
        self.0.drain(..self.0.len().saturating_sub(kept));
        let tail = content.len().saturating_sub(Self::REACH);
        self.0.extend_from_slice(content.get(tail..).unwrap_or_default());
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FramePages {
    /// Makes a table of a file, in one pass that decodes everything once.
    pub(in crate::memory) fn new(file: SharedSource, faults: &mut Vec<Fault>) -> Self {
        let table = Table::read(&file, faults);
        Self { file, table, cache: Cache::default(), reached: Mutex::default() }
    }

    /// Where the block begins in the file that has a byte of the content.
    pub(in crate::memory) fn position(&self, logical: u64) -> Option<u64> {
        self.table.at(logical).map(|(_, block)| block.physical)
    }

    /// The end of the block that has a byte of the content.
    pub(in crate::memory) fn unit_end(&self, logical: u64) -> Option<u64> {
        self.table.at(logical).map(|(_, block)| block.logical.saturating_add(block.length.into()))
    }

    fn block(&self, index: usize, block: &Block) -> io::Result<Vec<u8>> {
        let wrong = |what: String| damaged(format!("offset {:#x}: {what}", block.physical));
        let BlockForm::Linked { first } = block.form else {
            return decode(&self.file, block, &[]).map_err(wrong);
        };
        let mut reached = self.reached.lock().map_err(|_| wrong("another reader failed".to_owned()))?;
        if reached.next > index || reached.next < first {
            *reached = Reached { next: first, history: History::default() };
        }
        while let Some(before) = self.table.blocks.get(reached.next..index).and_then(<[Block]>::first) {
            let content = decode(&self.file, before, reached.history.bytes()).map_err(wrong)?;
            reached.history.push(&content);
            reached.next = reached.next.saturating_add(1);
        }
        let content = decode(&self.file, block, reached.history.bytes()).map_err(wrong)?;
        reached.history.push(&content);
        reached.next = index.saturating_add(1);
        Ok(content)
    }
}

impl Source for FramePages {
    fn len(&self) -> u64 {
        self.table.length
    }

    /// Reads up to the end of a block; callers go on from there.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((index, block)) = self.table.at(offset) else { return Ok(0) };
        let content = self.cache.get(block.logical, || self.block(index, &block))?;
        let from = usize::try_from(offset.saturating_sub(block.logical)).unwrap_or(usize::MAX);
        let rest = content.get(from..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
