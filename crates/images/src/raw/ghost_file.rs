//! Content of unlinked files: `ghost-file-ID.img`.
//!
//! ```text
//! plain      ghost_file_entry, then the content up to the end of the image
//! chunked    ghost_file_entry with chunks and size set, then for each chunk
//!            ghost_chunk_entry with len and off, <len> bytes
//! ```
//!
//! Since CRIU 3.3, regular files of at least 12288 bytes come in chunks. What lies between chunks, and behind
//! the last one up to `size`, is zeros that were never stored.

use crate::error::{Error, Located};
use crate::image::{Framed, Image};
use crate::message::Message;
use crate::messages::{GhostChunkEntry, GhostFileEntry};
use crate::record::Record;

/// An unlinked file: what it was, and where its content is.
#[derive(Clone, Debug)]
pub struct GhostFile<'a> {
    /// Type, owner, times.
    pub record: Record<'a, GhostFileEntry>,
    image: Image<'a>,
}

impl<'a> GhostFile<'a> {
    /// Reads the first record of a ghost image.
    ///
    /// # Errors
    ///
    /// If the image is of another kind, or its record is damaged. `None` if it has none.
    pub fn of(image: &Image<'a>) -> Option<Result<Self, Error>> {
        let record = image.records::<GhostFileEntry>().next()?;
        Some(record.map(|record| Self { record, image: *image }))
    }

    /// Length of the file in bytes, holes included.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self.record.message.size {
            Some(size) if self.is_chunked() => size,
            _ => crate::wire::len(self.record.entry.payload),
        }
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stored pieces of the file, each with its offset, in the order of the image: for sound ones rising
    /// and apart. A plain file is one piece, or none if it is empty.
    pub fn chunks(&self) -> impl Iterator<Item = Result<(u64, &'a [u8]), Error>> + use<'a> {
        let plain =
            (!self.is_chunked()).then_some(self.record.entry.payload).filter(|bytes| !bytes.is_empty());
        let chunks = self.image.records::<GhostChunkEntry>();
        plain
            .map(|bytes| Ok((0, bytes)))
            .into_iter()
            .chain(chunks.map(|chunk| chunk.map(|chunk| (chunk.message.off, chunk.entry.payload))))
    }

    fn is_chunked(&self) -> bool {
        self.record.message.chunks == Some(true)
    }
}

/// A plain file is all that follows its record; a chunk says its length.
pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    if framed.index > 0 {
        let chunk = GhostChunkEntry::decode(framed.record)?;
        return Ok(usize::try_from(chunk.len).unwrap_or(usize::MAX));
    }
    let file = GhostFileEntry::decode(framed.record)?;
    Ok(if file.chunks == Some(true) { 0 } else { framed.rest.len() })
}
