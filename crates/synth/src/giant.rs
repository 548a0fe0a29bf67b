//! A plain tar of any size, whose bodies are made when they are read.

use std::io;

use icecore_archive::Source;

use crate::Header;

/// What the body of a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filling {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many zeros.
    Zeros(u64),
    /// So many bytes, of which each is its offset modulo 251.
    Pattern(u64),
}

impl Filling {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Zeros(length) | Self::Pattern(length) => *length,
        }
    }

    /// Makes the bytes from `offset` on; there are as many.
    fn make(&self, offset: u64, buffer: &mut [u8]) {
        match self {
            Self::Bytes(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
                buffer.iter_mut().zip(rest.unwrap_or_default()).for_each(|(place, byte)| *place = *byte);
            }
            Self::Zeros(_) => buffer.fill(0),
            Self::Pattern(_) => {
                buffer.iter_mut().zip(offset..).for_each(|(place, at)| *place = Self::pattern_at(at));
            }
        }
    }

    /// The byte at an offset of [`Filling::Pattern`].
    pub fn pattern_at(offset: u64) -> u8 {
        u8::try_from(offset.checked_rem(251).unwrap_or(0)).unwrap_or(0)
    }
}

/// A source of a plain tar that may be far larger than any disk.
///
/// ```
/// use icecore_archive::Source;
/// use icecore_synth::{Filling, Giant};
///
/// let giant = Giant::new().member("checkpoint/pages-1.img", Filling::Zeros(64 << 30));
/// assert_eq!(giant.len(), (64 << 30) + 512 + 1024);
/// ```
#[derive(Debug, Clone)]
pub struct Giant {
    /// Runs of bytes and where each begins, without gaps.
    runs: Vec<(u64, Filling)>,
    length: u64,
}

/// The two blocks of zeros that end a tar.
const END: u64 = 1024;

impl Default for Giant {
    fn default() -> Self {
        Self::new()
    }
}

impl Giant {
    /// A tar without members; its end is there already and moves on with each member.
    pub fn new() -> Self {
        Self { runs: vec![(0, Filling::Zeros(END))], length: END }
    }

    /// Appends a regular file.
    #[must_use]
    pub fn member(mut self, name: &str, body: Filling) -> Self {
        let size = body.len();
        self.runs.pop();
        self.length = self.length.saturating_sub(END);
        let padding = size.next_multiple_of(512).saturating_sub(size);
        let header = Filling::Bytes(Header::file(name).block(size).to_vec());
        for run in [header, body, Filling::Zeros(padding), Filling::Zeros(END)] {
            let length = run.len();
            if length > 0 {
                self.runs.push((self.length, run));
                self.length = self.length.saturating_add(length);
            }
        }
        self
    }
}

impl Source for Giant {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let behind = self.runs.partition_point(|(start, _)| *start <= offset);
        let Some((start, run)) = behind.checked_sub(1).and_then(|index| self.runs.get(index)) else {
            return Ok(0);
        };
        let within = offset.saturating_sub(*start);
        let left = usize::try_from(run.len().saturating_sub(within)).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        run.make(within, buffer.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use icecore_archive::{Archive, Options, read_full_at};

    use super::*;
    use crate::Tar;

    #[test]
    fn a_small_giant_is_an_ordinary_tar() {
        let pattern: Vec<u8> = (0..1000).map(Filling::pattern_at).collect();
        let giant = Giant::new()
            .member("a", Filling::Bytes(b"abc".to_vec()))
            .member("p", Filling::Pattern(1000))
            .member("z", Filling::Zeros(512));
        let tar = Tar::new().file("a", "abc").file("p", pattern).file("z", [0; 512]).finish();
        let mut bytes = vec![1; tar.len() + 1];
        assert_eq!(read_full_at(&giant, 0, &mut bytes).unwrap(), tar.len());
        assert_eq!(bytes[..tar.len()], tar);
    }

    #[test]
    fn a_giant_opens() {
        let giant =
            Giant::new().member("pages-1.img", Filling::Pattern(64 << 30)).member("b", Filling::Zeros(1));
        let archive = Archive::open(Arc::new(giant), &Options::default()).unwrap();
        let pages = archive.members().get(b"pages-1.img").unwrap();
        assert_eq!((pages.size, archive.members().len()), (64 << 30, 2));
        let mut bytes = [0; 3];
        pages.source().unwrap().read_at((64 << 30) - 3, &mut bytes).unwrap();
        assert_eq!(
            bytes.to_vec(),
            ((64_u64 << 30) - 3..64 << 30).map(Filling::pattern_at).collect::<Vec<_>>()
        );
    }
}
