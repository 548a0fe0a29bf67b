//! A source that counts what is asked of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use icecore_archive::{SharedSource, Source};

/// A source around another that counts the bytes it gave and the calls it took. It never lends its bytes, so that
/// every use of them is a read that counts.
#[derive(Debug)]
pub struct Counting {
    inner: SharedSource,
    bytes: AtomicU64,
    calls: AtomicU64,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Bytes that were read, twice where they were read twice.
    pub bytes: u64,
    /// Reads.
    pub calls: u64,
}

impl Counting {
    /// Counts from 0.
    pub fn new(inner: SharedSource) -> Arc<Self> {
        Arc::new(Self { inner, bytes: AtomicU64::new(0), calls: AtomicU64::new(0) })
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        Counts { bytes: self.bytes.load(Ordering::Relaxed), calls: self.calls.load(Ordering::Relaxed) }
    }
}

impl Source for Counting {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read_at(offset, buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_as_often_as_they_are_read() {
        let source = Counting::new(Arc::new(vec![1_u8, 2, 3]));
        let mut buffer = [0; 2];
        source.read_at(0, &mut buffer).unwrap();
        source.read_at(2, &mut buffer).unwrap();
        source.read_at(2, &mut buffer).unwrap();
        assert_eq!(source.counts(), Counts { bytes: 4, calls: 3 });
        assert!(source.as_slice().is_none());
    }
}
