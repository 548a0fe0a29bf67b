//! A file mapped into memory: the one place of the project with `unsafe`.

use std::fs::File;
use std::io;

use memmap2::Mmap;

use super::{Source, copy_at};

/// A regular file mapped into memory, so that its bytes are borrowed and never copied.
///
/// # Contract
/// The file must not be changed or cut off while it is mapped. Changed bytes are merely read as they are then;
/// a file that was cut off ends the process with SIGBUS at the first access behind its new end. Where a writer
/// cannot be ruled out (the kubelet's directory while checkpoints are being made), use
/// [`FileSource`](super::FileSource), which is what `--no-mmap` does.
#[derive(Debug)]
pub struct MappedFile(Mmap);

impl MappedFile {
    /// Maps a whole file.
    ///
    /// # Errors
    /// When the system refuses the map: an empty file on some systems, a file that is no regular one.
    #[expect(unsafe_code, reason = "mapping a file is unsafe by nature; its contract stands on the type")]
    pub fn new(file: &File) -> io::Result<Self> {
        // SAFETY: the map is read-only and private to this process, its length is the file's at this moment, and
        // the slice lives no longer than the map. What remains is another process that changes the file: changed
        // bytes cannot break an invariant, since every byte is taken for hostile and nothing read is trusted on a
        // second read; truncation is a SIGBUS, which the contract above hands to the caller with its way out.
        unsafe { Mmap::map(file) }.map(Self)
    }
}

impl Source for MappedFile {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(copy_at(&self.0, offset, buffer))
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}
