//! Bytes that lie in pieces: sparse members, members of an image stream.

use std::io;

use super::{SharedSource, Source};

/// One run of bytes of a [`Pieces`] source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where the run begins in the member, in bytes. What no piece covers is a hole and reads as zeros.
    pub start: u64,
    /// How many bytes it has.
    pub length: u64,
    /// Which of the bases holds it.
    pub base: usize,
    /// Where it begins there, in bytes.
    pub offset: u64,
}

impl Piece {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.length)
    }
}

/// A source put together from pieces of others, with holes that read as zeros and cost nothing.
#[derive(Debug, Clone)]
pub struct Pieces {
    bases: Vec<SharedSource>,
    pieces: Vec<Piece>,
    length: u64,
}

impl Pieces {
    /// Puts `pieces` together; they must be sorted by their start and not overlap. `length` is the whole.
    ///
    /// A piece that is longer than its base has bytes reads as far as there are bytes, and as zeros then.
    pub fn new(bases: Vec<SharedSource>, pieces: Vec<Piece>, length: u64) -> Self {
        debug_assert!(pieces.is_sorted_by(|left, right| left.end() <= right.start), "pieces overlap");
        Self { bases, pieces, length }
    }

    /// The pieces, sorted by their start.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The piece that holds `position`, or where the hole around it ends.
    fn at(&self, position: u64) -> Result<&Piece, u64> {
        let next = self.pieces.partition_point(|piece| piece.end() <= position);
        match self.pieces.get(next) {
            Some(piece) if piece.start <= position => Ok(piece),
            Some(piece) => Err(piece.start.min(self.length)),
            None => Err(self.length),
        }
    }
}

impl Source for Pieces {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if position >= self.length {
            return Ok(0);
        }
        let (end, from) = match self.at(position) {
            Ok(piece) => (piece.end().min(self.length), Some(piece)),
            Err(end) => (end, None),
        };
        let count = usize::try_from(end.saturating_sub(position)).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..count) else { return Ok(0) };
        let base = from.and_then(|piece| Some((piece, self.bases.get(piece.base)?)));
        let read = match base {
            Some((piece, base)) => {
                let within = position.saturating_sub(piece.start);
                base.read_at(piece.offset.saturating_add(within), buffer)?
            }
            None => 0,
        };
        if read == 0 {
            buffer.fill(0);
            return Ok(count);
        }
        Ok(read)
    }

    fn next_data(&self, offset: u64) -> Option<std::ops::Range<u64>> {
        let next = self.pieces.partition_point(|piece| piece.end() <= offset);
        let mut rest = self.pieces.get(next..)?.iter();
        let piece = rest.find(|piece| piece.length > 0 && self.bases.get(piece.base).is_some())?;
        let run = piece.start.max(offset)..piece.end().min(self.length);
        Some(run).filter(|run| !run.is_empty())
    }

    /// In memory only where one piece is the whole.
    fn as_slice(&self) -> Option<&[u8]> {
        let [piece] = self.pieces.as_slice() else {
            return (self.length == 0).then_some(&[]);
        };
        let start = usize::try_from(piece.offset).ok()?;
        let end = start.checked_add(usize::try_from(piece.length).ok()?)?;
        let whole = piece.start == 0 && piece.length == self.length;
        self.bases.get(piece.base)?.as_slice()?.get(start..end).filter(|_| whole)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::read_full_at;

    #[test]
    fn holes_read_as_zeros_and_pieces_as_their_bytes() {
        let bases: Vec<SharedSource> = vec![Arc::new(vec![1_u8, 2, 3]), Arc::new(vec![7_u8, 8])];
        let pieces = vec![
            Piece { start: 1, length: 2, base: 0, offset: 1 },
            Piece { start: 5, length: 2, base: 1, offset: 0 },
        ];
        let source = Pieces::new(bases, pieces, 9);
        let mut all = [9; 12];
        assert_eq!(read_full_at(&source, 0, &mut all).unwrap(), 9);
        assert_eq!(all, [0, 2, 3, 0, 0, 7, 8, 0, 0, 9, 9, 9]);
        assert_eq!(source.as_slice(), None);
    }

    #[test]
    fn holes_are_told_from_what_is_stored() {
        let bases: Vec<SharedSource> = vec![Arc::new(vec![1_u8; 9])];
        let piece = |start, length| Piece { start, length, base: 0, offset: 0 };
        let source = Pieces::new(bases, vec![piece(2, 2), piece(6, 0), piece(8, 9)], 10);
        for (from, expected) in
            [(0, Some(2..4)), (3, Some(3..4)), (4, Some(8..10)), (9, Some(9..10)), (10, None)]
        {
            assert_eq!(source.next_data(from), expected, "{from}");
        }
        assert_eq!(Pieces::new(Vec::new(), Vec::new(), 9).next_data(0), None);
        let whole: Vec<u8> = vec![1, 2];
        assert_eq!((whole.next_data(1), whole.next_data(2)), (Some(1..2), None));
    }

    #[test]
    fn a_hole_of_exabytes_is_read_like_any_other() {
        let source = Pieces::new(Vec::new(), Vec::new(), 1 << 60);
        let mut buffer = [9; 4];
        assert_eq!(source.read_at((1 << 60) - 2, &mut buffer).unwrap(), 2);
        assert_eq!(buffer, [0, 0, 9, 9]);
    }

    #[test]
    fn one_whole_piece_is_borrowed() {
        let bases: Vec<SharedSource> = vec![Arc::new(vec![1_u8, 2, 3, 4])];
        let whole = Pieces::new(bases, vec![Piece { start: 0, length: 2, base: 0, offset: 1 }], 2);
        assert_eq!(whole.as_slice(), Some(&[2, 3][..]));
    }
}
