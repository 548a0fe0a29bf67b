//! A part of another source.

use std::io;

use super::{SharedSource, Source};

/// A range of another source, cut to what that source really has.
#[derive(Debug, Clone)]
pub struct Range {
    base: SharedSource,
    offset: u64,
    length: u64,
}

impl Range {
    /// The `length` bytes from `offset` on, or as many of them as `base` has.
    pub fn new(base: SharedSource, offset: u64, length: u64) -> Self {
        let length = length.min(base.len().saturating_sub(offset));
        Self { base, offset, length }
    }
}

impl Source for Range {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        match buffer.get_mut(..count) {
            Some(buffer) if count > 0 => self.base.read_at(self.offset.saturating_add(offset), buffer),
            _ => Ok(0),
        }
    }

    fn as_slice(&self) -> Option<&[u8]> {
        let start = usize::try_from(self.offset).ok()?;
        let end = start.checked_add(usize::try_from(self.length).ok()?)?;
        self.base.as_slice()?.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_range_never_leaves_its_base() {
        let base: SharedSource = Arc::new(vec![0_u8, 1, 2, 3, 4]);
        let range = Range::new(base.clone(), 3, 100);
        assert_eq!(range.len(), 2);
        assert_eq!(range.as_slice(), Some(&[3, 4][..]));
        let mut buffer = [9; 4];
        assert_eq!(range.read_at(1, &mut buffer).unwrap(), 1);
        assert_eq!(buffer, [4, 9, 9, 9]);
        assert_eq!(Range::new(base, u64::MAX, 1).len(), 0);
    }
}
