//! Headers of small members lie close together, and one read fetches many of them.

use std::io;

use crate::source::{Source, read_full_at};

/// The bytes that were read last.
///
/// A portion that begins close behind the last one is twice as large, up to [`LARGEST`]; behind a jump it is no more than
/// what is asked for. So an archive of small members takes a read for every 64 KiB, and one of large members a short
/// one for each of them.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Where they begin.
    start: u64,
    bytes: Vec<u8>,
}

/// The most bytes that are read at once without being asked for.
const LARGEST: usize = 64 << 10;

impl Ahead {
    /// Fills `buffer` from `position` on as far as there are bytes, and says how far.
    pub(super) fn read(
        &mut self,
        source: &dyn Source,
        position: u64,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        if buffer.len() > LARGEST {
            return read_full_at(source, position, buffer);
        }
        if self.from(position).len() < buffer.len() {
            let size = self.next_size(position).max(buffer.len());
            self.bytes.resize(size, 0);
            let count = read_full_at(source, position, &mut self.bytes)?;
            self.bytes.truncate(count);
            self.start = position;
        }
        let bytes = self.from(position);
        let count = bytes.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    /// What is here of the bytes from `position` on.
    fn from(&self, position: u64) -> &[u8] {
        let at = position.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.bytes.get(at..)).unwrap_or_default()
    }

    /// How much is worth reading from `position` on.
    fn next_size(&self, position: u64) -> usize {
        let length = self.bytes.len();
        let end = self.start.saturating_add(length as u64);
        let twice = length.saturating_mul(2).min(LARGEST);
        let is_close = position >= self.start && position.saturating_sub(end) <= twice as u64;
        if is_close { twice } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Bytes, and the lengths of all reads.
    #[derive(Debug)]
    struct Watched(Vec<u8>, Mutex<Vec<usize>>);

    impl Source for Watched {
        fn len(&self) -> u64 {
            self.0.as_slice().len() as u64
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read_at(offset, buffer)?;
            self.1.lock().unwrap().push(count);
            Ok(count)
        }
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    /// Reads `count` headers of 512 bytes, each `distance` behind the one before it, and tells the lengths of the reads.
    fn walk(distance: usize, count: usize) -> Vec<usize> {
        let source = Watched(bytes(distance.saturating_mul(count)), Mutex::default());
        let (mut ahead, mut header) = (Ahead::default(), [0; 512]);
        for at in (0..count).map(|number| distance.saturating_mul(number)) {
            let read = ahead.read(&source, at as u64, &mut header).unwrap();
            assert_eq!((read, Some(&header[..])), (512, source.0[at..].get(..512)));
        }
        source.1.into_inner().unwrap()
    }

    #[test]
    fn headers_that_lie_close_come_many_at_once() {
        for distance in [512, 1024, 1536] {
            let reads = walk(distance, 1000);
            assert!(reads.len() < distance * 1000 / LARGEST + 12, "{distance}: {reads:?}");
            assert!(reads.iter().sum::<usize>() <= distance * 1000, "{distance}: {reads:?}");
        }
    }

    #[test]
    fn headers_that_lie_far_apart_come_alone() {
        assert_eq!(walk(100 << 10, 50), [512; 50]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_read_is_what_is_there(
            steps in proptest::collection::vec((0_u64..3000, 0_usize..2000), 1..60)
        ) {
            let whole = bytes(40_000);
            let (mut ahead, mut position) = (Ahead::default(), 0_u64);
            for (skip, length) in steps {
                position = position.saturating_add(skip);
                let mut buffer = vec![0; length];
                let count = ahead.read(&whole, position, &mut buffer).unwrap();
                let rest = whole.get(usize::try_from(position).unwrap()..).unwrap_or_default();
                assert_eq!(buffer[..count], rest[..length.min(rest.len())]);
                position = position.saturating_add(count as u64);
            }
        }
    }
}
