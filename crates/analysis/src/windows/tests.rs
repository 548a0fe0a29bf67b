use std::io;
use std::sync::Arc;

use icecore::archive::{Piece, Pieces, SharedSource, Source};
use icecore_synth::Counting;

use super::*;

/// What the windows over a source show: where each begins, its length, and how much of it is new.
fn windows(source: SharedSource, carry: usize) -> Vec<(u64, usize, usize)> {
    let mut windows = Windows::new(InSource::new(source), carry, None);
    let mut shown = Vec::new();
    while windows.advance() {
        let window = windows.window();
        let new = |end: usize| end.saturating_sub(window.from);
        let start = window.start.saturating_add(window.from as u64);
        shown.push((start, new(window.bytes.len()), new(window.limit)));
    }
    shown
}

/// The new bytes in front of every limit, in order: each byte of the source once.
fn shown(source: SharedSource, carry: usize) -> Vec<u8> {
    let mut windows = Windows::new(InSource::new(source), carry, None);
    let mut shown = Vec::new();
    while windows.advance() {
        let window = windows.window();
        shown.extend_from_slice(&window.bytes[window.from..window.limit]);
    }
    shown
}

#[test]
fn bytes_in_memory_are_looked_at_in_windows_that_overlap() {
    let bytes: Vec<u8> = (0..=255).cycle().take((2 << 20) + 1000).collect();
    let seen = windows(Arc::new(bytes.clone()), 100);
    let last = 2 * FRESH as u64;
    // What is as short as the longest match is carried to the end, where nothing follows it.
    let wanted = [
        (0, FRESH + 100, FRESH),
        (FRESH as u64, FRESH + 100, FRESH),
        (last, 1000, 900),
        (last + 900, 100, 100),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(shown(Arc::new(bytes.clone()), 100), bytes);
    assert_eq!(shown(Arc::new(bytes.clone()), 0), bytes);
}

#[test]
fn what_must_be_read_comes_in_windows_that_overlap() {
    let bytes: Vec<u8> = (0..=255).cycle().take((2 << 20) + 1000).collect();
    let source = || Counting::new(Arc::new(bytes.clone()));
    let carried = FRESH - 100;
    let seen = windows(source(), 100);
    assert_eq!(seen[..2], [(0, FRESH, carried), (carried as u64, FRESH + 100, FRESH)]);
    assert_eq!(shown(source(), 100), bytes);
    assert_eq!(shown(source(), 0), bytes);
}

/// However long a match may be, no byte is looked at more than twice.
#[test]
fn windows_grow_with_what_is_looked_for() {
    let length = 16 * FRESH;
    let seen = windows(Arc::new(vec![1; length]), 4 * FRESH);
    assert!(seen.iter().map(|(_, length, _)| length).sum::<usize>() <= 2 * length, "{seen:?}");
}

#[test]
fn holes_part_what_lies_beside_them() {
    let bases: Vec<SharedSource> = vec![Counting::new(Arc::new(vec![7_u8; 30]))];
    let piece = |start, length| Piece { start, length, base: 0, offset: 0 };
    let source = Pieces::new(bases, vec![piece(5, 10), piece(1 << 50, 20)], 1 << 60);
    assert_eq!(
        windows(Arc::new(source), 4),
        [(5, 10, 6), (11, 4, 4), (1 << 50, 20, 16), ((1 << 50) + 16, 4, 4)]
    );
}

/// Pieces that follow each other without a gap are one stretch.
#[test]
fn what_lies_side_by_side_is_looked_at_together() {
    let bases: Vec<SharedSource> = vec![Counting::new(Arc::new((0..30).collect::<Vec<u8>>()))];
    let piece = |start, length, offset| Piece { start, length, base: 0, offset };
    let source = || Arc::new(Pieces::new(bases.clone(), vec![piece(0, 10, 20), piece(10, 10, 0)], 20));
    assert_eq!(shown(source(), 4), [(20..30).collect::<Vec<u8>>(), (0..10).collect()].concat());
    assert!(
        windows(source(), 4).iter().any(|(start, length, _)| (*start..start + *length as u64).contains(&9)
            && (*start..start + *length as u64).contains(&10))
    );
}

/// Cannot be read from one offset on, for a while.
#[derive(Debug)]
struct Damaged {
    bad: Range<u64>,
    length: u64,
}

impl Source for Damaged {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bad.contains(&offset) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let end = if offset < self.bad.start { self.bad.start } else { self.length };
        let count = buffer.len().min(usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX));
        buffer[..count].fill(b'x');
        Ok(count)
    }
}

#[test]
fn what_cannot_be_read_is_passed_over() {
    let source = Damaged { bad: 1000..1001, length: 200_000 };
    assert_eq!(shown(Arc::new(source), 50).len() as u64, 200_000 - source::SKIP);
}

#[test]
fn a_source_that_cannot_be_read_at_all_ends() {
    let source = Damaged { bad: 0..u64::MAX, length: 1 << 60 };
    assert_eq!(shown(Arc::new(source), 50), b"");
}
