//! A file read at positions, without a map.

use std::fs::File;
use std::io;

use super::Source;

/// A regular file, read with positioned reads.
///
/// Unlike a [`MappedFile`](super::MappedFile) it survives a file that somebody cuts off meanwhile: reads then
/// just end early.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    /// Takes an open file at the length it has now.
    ///
    /// # Errors
    /// When the file cannot be asked for its length.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // Systems refuse offsets above 2^63 instead of saying that nothing is there.
        if offset >= self.length {
            return Ok(0);
        }
        read_file_at(&self.file, offset, buffer)
    }
}

/// One positioned read.
#[cfg(unix)]
pub(super) fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Writes all of `bytes` at a position.
#[cfg(unix)]
pub(super) fn write_file_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

/// One positioned read.
#[cfg(windows)]
pub(super) fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Writes all of `bytes` at a position.
#[cfg(windows)]
pub(super) fn write_file_at(file: &File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(count..).unwrap_or_default();
        offset = offset.saturating_add(count as u64);
    }
    Ok(())
}
