//! Copying a content with its holes, and its sum on the way.

use std::io;

use icecore::archive::{SharedSource, Source, read_full_at};
use sha2::{Digest as _, Sha256 as Hasher};

use super::sink::Failure;
use crate::hashes::{HOLES, Sha256, stored};

/// Bytes that are copied at once.
const STEP: u64 = 1 << 20;

/// Gives what is stored of a content to `write`, each piece with its offset; holes are left out. Answers the sum of all,
/// holes included, if it is wanted and there are not more than [`HOLES`] bytes of them.
pub fn copy(
    source: &SharedSource,
    with_sum: bool,
    mut write: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> Result<Option<Sha256>, Failure> {
    let holes = source.len().saturating_sub(stored(source.as_ref()));
    let mut hasher = (with_sum && holes <= HOLES).then(Hasher::new);
    let mut buffer = Vec::new();
    let mut at = 0;
    while let Some(run) = source.next_data(at) {
        zeros(&mut hasher, run.start.saturating_sub(at));
        at = run.start;
        while at < run.end {
            let length = run.end.saturating_sub(at).min(STEP);
            let piece = piece(source.as_ref(), at, length, &mut buffer).map_err(Failure::Skip)?;
            if let Some(hasher) = &mut hasher {
                hasher.update(piece);
            }
            write(at, piece).map_err(Failure::End)?;
            at = at.saturating_add(length);
        }
    }
    zeros(&mut hasher, source.len().saturating_sub(at));
    Ok(hasher.map(|hasher| Sha256(hasher.finalize().into())))
}

/// A piece of a content: borrowed where it lies in memory.
fn piece<'a>(source: &'a dyn Source, at: u64, length: u64, buffer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let borrowed = source.as_slice().and_then(|bytes| {
        let start = usize::try_from(at).ok()?;
        bytes.get(start..start.checked_add(length)?)
    });
    if let Some(bytes) = borrowed {
        return Ok(bytes);
    }
    buffer.resize(length, 0);
    if read_full_at(source, at, buffer)? < length {
        let text = format!("the archive ends in front of byte {}", at.saturating_add(length as u64));
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
    }
    Ok(buffer)
}

fn zeros(hasher: &mut Option<Hasher>, mut count: u64) {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    let Some(hasher) = hasher else { return };
    while count > 0 {
        let length = usize::try_from(count).unwrap_or(usize::MAX).min(ZEROS.len());
        hasher.update(ZEROS.get(..length).unwrap_or_default());
        count = count.saturating_sub(length as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use icecore::archive::{Piece, Pieces};

    use super::*;

    fn sparse(length: u64) -> SharedSource {
        let base: SharedSource = Arc::new(b"abcdef".to_vec());
        let piece = |start, offset| Piece { start, length: 3, base: 0, offset };
        Arc::new(Pieces::new(vec![base], vec![piece(2, 0), piece(70_000, 3)], length))
    }

    #[test]
    fn pieces_come_with_their_offsets_and_the_sum_counts_holes() {
        let mut whole = vec![0; 70_010];
        let sum = copy(&sparse(70_010), true, |at, bytes| {
            let at = usize::try_from(at).unwrap();
            whole[at..at + bytes.len()].copy_from_slice(bytes);
            Ok(())
        });
        assert_eq!((&whole[2..5], &whole[70_000..70_003]), (&b"abc"[..], &b"def"[..]));
        assert_eq!(sum.unwrap(), Some(Sha256::of(&whole)));
    }

    #[test]
    fn a_file_of_holes_is_copied_without_a_sum() {
        let mut bytes = 0;
        let sum = copy(&sparse(1 << 50), true, |_, piece| {
            bytes += piece.len();
            Ok(())
        });
        assert_eq!((sum.unwrap(), bytes), (None, 6));
        assert_eq!(copy(&sparse(80_000), false, |_, _| Ok(())).unwrap(), None);
    }

    #[test]
    fn the_failure_says_which_side() {
        let full = copy(&sparse(80_000), true, |_, _| Err(io::ErrorKind::StorageFull.into()));
        assert!(matches!(full, Err(Failure::End(_))));
        #[derive(Debug)]
        struct Short;
        impl Source for Short {
            fn len(&self) -> u64 {
                9
            }
            fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
                Ok(0)
            }
        }
        let source: SharedSource = Arc::new(Short);
        assert!(matches!(copy(&source, true, |_, _| Ok(())), Err(Failure::Skip(_))));
    }
}
