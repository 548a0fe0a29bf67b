use std::io;
use std::sync::Arc;

use icecore::archive::{Piece, Pieces, SharedSource};
use icecore_synth::Counting;

use super::*;

/// What the windows over a source show: where each begins, its length, and how much of it is new.
fn windows(source: &dyn Source, carry: usize) -> Vec<(u64, usize, usize)> {
    let mut windows = Vec::new();
    let _ = visit_source(source, carry, &mut |window| {
        windows.push((window.start.0, window.bytes.len(), window.limit));
        ControlFlow::Continue(())
    });
    windows
}

/// The bytes in front of every limit, in order: each byte of the source once.
fn shown(source: &dyn Source, carry: usize) -> Vec<u8> {
    let mut shown = Vec::new();
    let _ = visit_source(source, carry, &mut |window| {
        shown.extend_from_slice(&window.bytes[..window.limit]);
        ControlFlow::Continue(())
    });
    shown
}

#[test]
fn bytes_in_memory_are_one_window() {
    assert_eq!(windows(&vec![1_u8; 3 << 20], 100), [(0, 3 << 20, 3 << 20)]);
}

#[test]
fn what_must_be_read_comes_in_windows_that_overlap() {
    let bytes: Vec<u8> = (0..=255).cycle().take((2 << 20) + 1000).collect();
    let source = Counting::new(Arc::new(bytes.clone()));
    let carried = FRESH - 100;
    let seen = windows(source.as_ref(), 100);
    assert_eq!(seen[..2], [(0, FRESH, carried), (carried as u64, FRESH + 100, FRESH)]);
    assert_eq!(shown(source.as_ref(), 100), bytes);
    assert_eq!(shown(source.as_ref(), 0), bytes);
}

#[test]
fn holes_part_what_lies_beside_them() {
    let bases: Vec<SharedSource> = vec![Counting::new(Arc::new(vec![7_u8; 30]))];
    let piece = |start, length| Piece { start, length, base: 0, offset: 0 };
    let source = Pieces::new(bases, vec![piece(5, 10), piece(1 << 50, 20)], 1 << 60);
    assert_eq!(windows(&source, 4), [(5, 10, 10), (1 << 50, 20, 20)]);
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
    assert_eq!(shown(&source, 50).len() as u64, 200_000 - SKIP);
}

#[test]
fn a_source_that_cannot_be_read_at_all_ends() {
    let source = Damaged { bad: 0..u64::MAX, length: 1 << 60 };
    assert_eq!(shown(&source, 50), b"");
}
