//! A file mapped into memory: the one place of the project with `unsafe`.

use std::fs::File;
use std::io;

use memmap2::Mmap;

use super::Source;
use super::file::read_file_at;

/// A regular file mapped into memory, so that its bytes are borrowed and never copied.
///
/// What is asked for as a copy is read: a page of the map that nobody borrows never becomes one of this process, so that
/// looking at a header here and there takes no more memory than the headers.
///
/// # Contract
/// The file must not be changed or cut off while it is mapped. Changed bytes are merely read as they are then;
/// a file that was cut off ends the process with SIGBUS at the first access behind its new end. Where a writer
/// cannot be ruled out (the kubelet's directory while checkpoints are being made), use
/// [`FileSource`](super::FileSource), which is what `--no-mmap` does.
#[derive(Debug)]
pub struct MappedFile {
    map: Mmap,
    file: File,
}

impl MappedFile {
    /// Maps a whole file.
    ///
    /// # Errors
    /// When the system refuses the map: an empty file on some systems, a file that is no regular one.
    #[expect(unsafe_code, reason = "mapping a file is unsafe by nature; its contract stands on the type")]
    pub fn new(file: File) -> io::Result<Self> {
        // SAFETY: the map is read-only and private to this process, its length is the file's at this moment, and
        // the slice lives no longer than the map. What remains is another process that changes the file: changed
        // bytes cannot break an invariant, since every byte is taken for hostile and nothing read is trusted on a
        // second read; truncation is a SIGBUS, which the contract above hands to the caller with its way out.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self { map, file })
    }
}

impl Source for MappedFile {
    fn len(&self) -> u64 {
        self.map.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // The file may have grown since it was mapped.
        let left = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        match buffer.get_mut(..count) {
            Some(buffer) if count > 0 => read_file_at(&self.file, offset, buffer),
            _ => Ok(0),
        }
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.map)
    }
}
