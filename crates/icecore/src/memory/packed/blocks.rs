//! Pages in blocks, decoded when they are read.

use std::io;
use std::sync::Arc;

use icecore_archive::{SharedSource, Source, read_full_at};

use super::cache::Cache;
use super::damaged;
use super::layout::{Block, Layout, Part, PartKind};

/// The decoded pages of a file.
#[derive(Debug)]
pub(in crate::memory) struct BlockPages {
    file: SharedSource,
    layout: Arc<Layout>,
    cache: Cache,
}

impl BlockPages {
    pub(in crate::memory) fn new(file: SharedSource, layout: Arc<Layout>) -> Self {
        Self { file, layout, cache: Cache::default() }
    }

    fn block(&self, part: &Part, block: Block) -> io::Result<Vec<u8>> {
        let wrong = |what: String| {
            let Block { number, physical, .. } = block;
            damaged(format!("offset {physical:#x}: block {number} of pagemap record {}: {what}", part.record))
        };
        let length = usize::try_from(block.length).map_err(|_| wrong("too large".to_owned()))?;
        let mut pages = vec![0; length];
        let stored = usize::try_from(block.stored).unwrap_or(usize::MAX);
        if stored == 0 {
            return Ok(pages);
        }
        let mut bytes = vec![0; stored.min(length)];
        let read = read_full_at(self.file.as_ref(), block.physical, &mut bytes)?;
        if read < bytes.len() {
            return Err(wrong(format!("{read} of its {stored} bytes are there")));
        }
        if stored == length {
            return Ok(bytes);
        }
        match lz4_flex::block::decompress_into(&bytes, &mut pages) {
            Ok(decoded) if decoded == length => Ok(pages),
            Ok(decoded) => Err(wrong(format!("decodes to {decoded} bytes; expected {length}"))),
            Err(error) => Err(wrong(format!("no LZ4 block: {error}"))),
        }
    }
}

impl Source for BlockPages {
    fn len(&self) -> u64 {
        self.layout.parts.last().map_or(0, |part| part.logical.saturating_add(part.length))
    }

    /// Reads up to the end of a block or plain part; callers go on from there.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.layout.part_at(offset) else { return Ok(0) };
        let within = offset.saturating_sub(part.logical);
        let left = part.length.saturating_sub(within);
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let Some(buffer) = buffer.get_mut(..count) else { return Ok(0) };
        match part.kind {
            PartKind::Plain => self.file.read_at(part.physical.saturating_add(within), buffer),
            PartKind::Broken => {
                Err(damaged(format!("the blocks of pagemap record {} contradict it", part.record)))
            }
            PartKind::Blocks { .. } => {
                let Some(block) = self.layout.block_at(part, offset) else { return Ok(0) };
                let decoded = self.cache.get(block.logical, || self.block(part, block))?;
                let from = usize::try_from(offset.saturating_sub(block.logical)).unwrap_or(usize::MAX);
                let rest = decoded.get(from..).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
                    to.copy_from_slice(from);
                }
                Ok(count)
            }
        }
    }
}
