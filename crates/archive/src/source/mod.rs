//! Where bytes come from: [`Source`], and the sources this crate has.

mod file;
mod map;
mod pieces;
mod range;
mod spool;
mod stamp;

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

pub use file::FileSource;
pub use map::MappedFile;
pub use pieces::{Piece, Pieces};
pub use range::Range;
pub use spool::Spool;
pub(crate) use stamp::Stamp;

/// Bytes at offsets: a file, memory, a part of another source, or whatever the caller has.
///
/// Everything in this crate reads through this trait and asks for no more than it needs: opening a plain tar
/// reads its headers, whatever its size. So a source may as well be an object in a store far away.
///
/// A source is read from several threads at once, and its bytes must not change while it is in use.
///
/// ```
/// use icecore_archive::Source;
/// use std::io;
///
/// /// A gigabyte of the same byte, without the gigabyte.
/// #[derive(Debug)]
/// struct Uniform(u8);
///
/// impl Source for Uniform {
///     fn len(&self) -> u64 {
///         1 << 30
///     }
///     fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
///         let left = self.len().saturating_sub(offset);
///         let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
///         buffer[..count].fill(self.0);
///         Ok(count)
///     }
/// }
///
/// let mut tail = [0; 8];
/// assert_eq!(Uniform(7).read_at((1 << 30) - 3, &mut tail)?, 3);
/// assert_eq!(tail, [7, 7, 7, 0, 0, 0, 0, 0]);
/// # Ok::<(), io::Error>(())
/// ```
#[expect(clippy::len_without_is_empty, reason = "a source of length 0 is no special case for any caller")]
pub trait Source: Send + Sync + Debug {
    /// The number of bytes there are.
    fn len(&self) -> u64;

    /// Reads bytes from `offset` on into `buffer` and says how many; 0 only at or behind the end, or for an
    /// empty buffer. Fewer than asked for is not an error.
    ///
    /// # Errors
    /// What the medium says.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// All bytes, where they lie in memory already; pages of memory are then never copied.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// The first run of bytes at or behind `offset` that are stored, so that what lies in front of it is a hole and reads
    /// as zeros. `None`: nothing but a hole follows. A source that has no holes is one run.
    fn next_data(&self, offset: u64) -> Option<std::ops::Range<u64>> {
        Some(offset..self.len()).filter(|run| !run.is_empty())
    }
}

/// A source that several members share.
pub type SharedSource = Arc<dyn Source>;

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(copy_at(self, offset, buffer))
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// Copies what a slice has from `offset` on.
fn copy_at(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
    let count = rest.len().min(buffer.len());
    if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}

/// Reads until `buffer` is full or the source ends, and says how many bytes that were.
///
/// # Errors
/// What the source says, except interruptions, which are tried again.
pub fn read_full_at(source: &dyn Source, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0_usize;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match source.read_at(offset.saturating_add(done as u64), rest) {
            Ok(0) => break,
            Ok(count) => done = done.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// A source read from front to back.
#[derive(Debug, Clone)]
pub struct Reader {
    source: SharedSource,
    position: u64,
}

impl Reader {
    /// Begins at the first byte.
    pub fn new(source: SharedSource) -> Self {
        Self { source, position: 0 }
    }
}

impl io::Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.position, buffer)?;
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
