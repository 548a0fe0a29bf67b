//! What of a decoded stream is kept: small things in memory, large ones in an unnamed file.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::file::{read_file_at, write_file_at};
use super::{Range, SharedSource, Source};

/// Bytes put aside, one run after another; each run is a source of its own afterwards.
///
/// A run stays in memory while it is small and a budget lasts; everything else goes to one temporary file without
/// a name, which the system removes with the process, however that ends.
///
/// ```
/// use icecore_archive::{Spool, read_full_at};
///
/// let mut spool = Spool::new(1 << 20, 1 << 30);
/// spool.write(b"a run")?;
/// let run = spool.finish_run()?;
/// let mut bytes = [0; 5];
/// assert_eq!(read_full_at(run.as_ref(), 0, &mut bytes)?, 5);
/// assert_eq!(&bytes, b"a run");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Spool {
    memory_left: u64,
    disk_left: u64,
    file: Option<Arc<File>>,
    file_length: u64,
    /// The run that is being written: its bytes so far, or those not yet in the file.
    pending: Vec<u8>,
    /// Where the run began in the file, once it has outgrown memory.
    started_at: Option<u64>,
}

/// The largest run that is kept in memory, and the portion in which larger ones are written, in bytes.
const PORTION: usize = 1 << 20;

impl Spool {
    /// A spool that keeps at most `memory` bytes in memory and at most `disk` in its file.
    pub fn new(memory: u64, disk: u64) -> Self {
        Self {
            memory_left: memory,
            disk_left: disk,
            file: None,
            file_length: 0,
            pending: Vec::new(),
            started_at: None,
        }
    }

    /// Adds bytes to the current run. `false`: the limit of the file is reached, nothing was added.
    ///
    /// # Errors
    /// When the temporary file cannot be made or written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() > PORTION || self.pending.len() as u64 > self.memory_left {
            return self.flush();
        }
        Ok(true)
    }

    /// Ends the current run and gives it as a source.
    ///
    /// # Errors
    /// As [`Spool::write`].
    pub fn finish_run(&mut self) -> io::Result<SharedSource> {
        if self.started_at.is_none() {
            let run = std::mem::take(&mut self.pending);
            self.memory_left = self.memory_left.saturating_sub(run.len() as u64);
            return Ok(Arc::new(run));
        }
        self.flush()?;
        let start = self.started_at.take().unwrap_or_default();
        let file = self.file.clone().map(|file| SpoolFile { file, length: self.file_length });
        match file {
            Some(file) => {
                Ok(Arc::new(Range::new(Arc::new(file), start, self.file_length.saturating_sub(start))))
            }
            None => Ok(Arc::new(Vec::new())),
        }
    }

    fn flush(&mut self) -> io::Result<bool> {
        let count = self.pending.len() as u64;
        self.started_at.get_or_insert(self.file_length);
        let fits = count <= self.disk_left;
        if fits && count > 0 {
            let file = match &self.file {
                Some(file) => file,
                None => self.file.insert(Arc::new(tempfile::tempfile()?)),
            };
            write_file_at(file, self.file_length, &self.pending)?;
            self.file_length = self.file_length.saturating_add(count);
            self.disk_left = self.disk_left.saturating_sub(count);
        }
        self.pending.clear();
        Ok(fits)
    }
}

/// The temporary file, as long as it was when a run ended.
#[derive(Debug)]
struct SpoolFile {
    file: Arc<File>,
    length: u64,
}

impl Source for SpoolFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_file_at(&self.file, offset, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::read_full_at;

    fn content(source: &SharedSource) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(source.len()).unwrap()];
        assert_eq!(read_full_at(source.as_ref(), 0, &mut bytes).unwrap(), bytes.len());
        bytes
    }

    #[test]
    fn small_runs_stay_in_memory_and_large_ones_go_to_the_file() {
        let mut spool = Spool::new(1 << 22, u64::MAX);
        spool.write(b"small").unwrap();
        let small = spool.finish_run().unwrap();
        let big: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        for chunk in big.chunks(70_001) {
            assert!(spool.write(chunk).unwrap());
        }
        let large = spool.finish_run().unwrap();
        spool.write(b"after").unwrap();
        let after = spool.finish_run().unwrap();
        assert_eq!(small.as_slice(), Some(&b"small"[..]));
        assert_eq!(large.as_slice(), None);
        assert!(content(&large) == big);
        assert_eq!(content(&after), b"after");
    }

    #[test]
    fn the_memory_budget_is_kept() {
        let mut spool = Spool::new(10, u64::MAX);
        spool.write(b"12345678").unwrap();
        assert!(spool.finish_run().unwrap().as_slice().is_some());
        spool.write(b"12345678").unwrap();
        let second = spool.finish_run().unwrap();
        assert!(second.as_slice().is_none());
        assert_eq!(content(&second), b"12345678");
    }

    #[test]
    fn the_file_is_bounded() {
        let mut spool = Spool::new(0, 10);
        assert!(spool.write(b"123456").unwrap());
        assert!(!spool.write(b"123456").unwrap());
        assert_eq!(content(&spool.finish_run().unwrap()), b"123456");
    }
}
