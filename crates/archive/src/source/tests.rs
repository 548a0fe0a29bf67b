//! The contract of [`Source`], held by every source there is.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small, and overflow would fail it"
)]

use std::fs::File;
use std::io::{Read as _, Write as _};

use proptest::prelude::*;

use super::*;

/// The bytes of a source by whatever reads of `step` bytes give.
fn by_steps(source: &dyn Source, step: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; step];
    loop {
        let count = source.read_at(bytes.len() as u64, &mut buffer).unwrap();
        if count == 0 {
            return bytes;
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}

fn on_disk(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn spooled(bytes: &[u8], memory: u64) -> SharedSource {
    let mut spool = Spool::new(memory, u64::MAX);
    // Something in front, so that the run begins anywhere but at 0.
    spool.write(b"before").unwrap();
    spool.finish_run().unwrap();
    bytes.chunks(1000).for_each(|chunk| assert!(spool.write(chunk).unwrap()));
    let run = spool.finish_run().unwrap();
    spool.write(b"behind").unwrap();
    spool.finish_run().unwrap();
    run
}

/// The same bytes in all the ways that this crate has for them.
fn sources(bytes: &[u8]) -> Vec<(&'static str, SharedSource)> {
    let whole: SharedSource = Arc::new(bytes.to_vec());
    let wide: SharedSource = Arc::new([b"front", bytes, b"back"].concat());
    let (half, length) = (bytes.len() as u64 / 2, bytes.len() as u64);
    let piece = |start, length, offset| Piece { start, length, base: 0, offset };
    let halves = vec![piece(0, half, 5), piece(half, length - half, 5 + half)];
    let mut sources: Vec<(&'static str, SharedSource)> = vec![
        ("a vector", whole.clone()),
        ("a range of all", Arc::new(Range::new(whole.clone(), 0, u64::MAX))),
        ("a range", Arc::new(Range::new(wide.clone(), 5, length))),
        (
            "a range of a range",
            Arc::new(Range::new(Arc::new(Range::new(wide.clone(), 2, length + 4)), 3, length)),
        ),
        ("two pieces", Arc::new(Pieces::new(vec![wide.clone()], halves, length))),
        ("one piece", Arc::new(Pieces::new(vec![wide], vec![piece(0, length, 5)], length))),
        ("a run in memory", spooled(bytes, 1 << 20)),
        ("a run in the file", spooled(bytes, 6)),
        ("a file", Arc::new(FileSource::new(on_disk(bytes)).unwrap())),
    ];
    if !bytes.is_empty() {
        sources.push(("a map", Arc::new(MappedFile::new(on_disk(bytes)).unwrap())));
    }
    sources
}

#[test]
fn every_source_keeps_the_contract() {
    for length in [0, 1, 2, 511, 4096, 10_000] {
        let bytes: Vec<u8> = (1..=251).cycle().take(length).collect();
        for (name, source) in sources(&bytes) {
            assert_eq!(source.len(), length as u64, "{name}");
            for step in [1, 7, 4096, 20_000].into_iter().filter(|step| *step > 1 || length < 1000) {
                assert!(by_steps(source.as_ref(), step) == bytes, "{name} by {step}");
            }
            for behind in [length as u64, length as u64 + 1, u64::MAX / 2, u64::MAX] {
                assert_eq!(source.read_at(behind, &mut [0; 9]).unwrap(), 0, "{name} at {behind}");
            }
            assert_eq!(source.read_at(0, &mut []).unwrap(), 0, "{name}");
            assert!(source.as_slice().is_none_or(|slice| slice == bytes), "{name}");
            // Without holes, data begins everywhere, though it may be said in several runs.
            let starts = |at: u64| source.next_data(at).map(|run| run.start);
            assert_eq!(starts(0), (length > 0).then_some(0), "{name}");
            assert_eq!(starts(length as u64 / 2), (length > 0).then_some(length as u64 / 2), "{name}");
            assert_eq!(starts(length as u64), None, "{name}");
        }
    }
}

#[test]
fn what_lies_in_memory_is_lent() {
    let lent: Vec<&str> = sources(b"content")
        .into_iter()
        .filter(|(_, source)| source.as_slice().is_some())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        lent,
        [
            "a vector",
            "a range of all",
            "a range",
            "a range of a range",
            "one piece",
            "a run in memory",
            "a map"
        ]
    );
}

/// Interrupted before each byte it gives.
#[derive(Debug, Default)]
struct Trickle(std::sync::atomic::AtomicBool);

impl Source for Trickle {
    fn len(&self) -> u64 {
        10
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.0.fetch_xor(true, std::sync::atomic::Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let Some(first) = buffer.first_mut().filter(|_| offset < 10) else { return Ok(0) };
        *first = u8::try_from(offset).unwrap();
        Ok(1)
    }
}

/// Fails behind its third byte.
#[derive(Debug)]
struct Failing;

impl Source for Failing {
    fn len(&self) -> u64 {
        10
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset < 3 {
            let count = buffer.len().min(3);
            return Ok(count);
        }
        Err(io::Error::other("disk on fire"))
    }
}

#[test]
fn a_full_read_goes_on_until_all_is_there() {
    let mut buffer = [0xff; 12];
    assert_eq!(read_full_at(&Trickle::default(), 2, &mut buffer).unwrap(), 8);
    assert_eq!(buffer[..9], [2, 3, 4, 5, 6, 7, 8, 9, 0xff]);
    assert_eq!(read_full_at(&vec![1, 2, 3], 1, &mut buffer).unwrap(), 2);
    assert_eq!(read_full_at(&Failing, 0, &mut buffer[..3]).unwrap(), 3);
    assert_eq!(read_full_at(&Failing, 0, &mut buffer).unwrap_err().to_string(), "disk on fire");
}

#[test]
fn a_reader_reads_from_front_to_back() {
    let mut reader = Reader::new(Arc::new((0..100).collect::<Vec<u8>>()));
    let mut first = [0; 10];
    reader.read_exact(&mut first).unwrap();
    let mut copy = reader.clone();
    let (mut rest, mut again) = (Vec::new(), Vec::new());
    reader.read_to_end(&mut rest).unwrap();
    copy.read_to_end(&mut again).unwrap();
    assert_eq!((first[9], rest.len(), rest[0], rest == again), (9, 90, 10, true));
}

/// Somebody cuts the file off while it is open: reads end early, and nothing else happens.
#[test]
fn a_file_that_is_cut_off_meanwhile_just_ends() {
    let file = on_disk(&[7; 1000]);
    let source = FileSource::new(file.try_clone().unwrap()).unwrap();
    file.set_len(10).unwrap();
    assert_eq!(source.len(), 1000);
    let mut buffer = [0; 100];
    assert_eq!(read_full_at(&source, 0, &mut buffer).unwrap(), 10);
    assert_eq!(read_full_at(&source, 500, &mut buffer).unwrap(), 0);
}

#[test]
fn ranges_of_ranges_never_leave_the_outer_one() {
    let base: SharedSource = Arc::new((0..100).collect::<Vec<u8>>());
    for (offset, length, within, inner, expected) in [
        (10, 20, 5, 100, 15..30),
        (10, 20, 20, 1, 30..30),
        (10, 20, 25, 1, 30..30),
        (90, 50, 0, 50, 90..100),
        (200, 5, 0, 5, 0..0),
        (0, 0, 0, 9, 0..0),
    ] {
        let outer: SharedSource = Arc::new(Range::new(base.clone(), offset, length));
        let range = Range::new(outer, within, inner);
        assert_eq!(by_steps(&range, 7), expected.clone().collect::<Vec<u8>>());
        assert!(range.as_slice().is_none_or(|slice| slice == expected.collect::<Vec<u8>>()));
    }
}

#[test]
fn a_piece_longer_than_its_base_ends_in_zeros() {
    let bases: Vec<SharedSource> = vec![Arc::new(vec![1_u8, 2, 3])];
    let source = Pieces::new(bases, vec![Piece { start: 1, length: 6, base: 0, offset: 1 }], 8);
    assert_eq!(by_steps(&source, 100), [0, 2, 3, 0, 0, 0, 0, 0]);
    assert_eq!(by_steps(&source, 1), [0, 2, 3, 0, 0, 0, 0, 0]);
}

#[test]
fn a_piece_of_no_base_is_a_hole() {
    let source = Pieces::new(Vec::new(), vec![Piece { start: 0, length: 4, base: 7, offset: 0 }], 4);
    assert_eq!(by_steps(&source, 3), [0; 4]);
    assert_eq!(source.next_data(0), None);
    assert_eq!(source.as_slice(), None);
    assert_eq!(source.pieces().len(), 1);
}

/// Naive pieces: a byte array in which each is copied.
fn naive(bases: &[Vec<u8>], pieces: &[Piece], length: u64) -> (Vec<u8>, Vec<bool>) {
    let length = usize::try_from(length).unwrap();
    let (mut bytes, mut stored) = (vec![0; length], vec![false; length]);
    for piece in pieces {
        for index in 0..piece.length {
            let at = usize::try_from(piece.start + index).unwrap();
            if at < length {
                let from = usize::try_from(piece.offset + index).unwrap();
                bytes[at] = bases[piece.base].get(from).copied().unwrap_or(0);
                stored[at] = true;
            }
        }
    }
    (bytes, stored)
}

proptest! {
    #[test]
    fn pieces_read_as_if_they_were_copied(
        runs in prop::collection::vec((0_u64..20, 0_u64..30, 0_usize..3, 0_u64..40), 0..12),
        tail in 0_u64..30,
        step in 1_usize..40,
    ) {
        let bases: Vec<Vec<u8>> = (1..4).map(|base| vec![base; 45]).collect();
        let mut end = 0;
        let pieces: Vec<Piece> = runs.into_iter().map(|(hole, length, base, offset)| {
            let start = end + hole;
            end = start + length;
            Piece { start, length, base, offset }
        }).collect();
        let shared = bases.iter().map(|base| Arc::new(base.clone()) as SharedSource).collect();
        let source = Pieces::new(shared, pieces.clone(), end + tail);
        let (bytes, stored) = naive(&bases, &pieces, end + tail);
        prop_assert_eq!(by_steps(&source, step), bytes);
        // Runs of data cover exactly what pieces cover.
        let mut seen = vec![false; stored.len()];
        let mut at = 0;
        while let Some(run) = source.next_data(at) {
            prop_assert!(run.start >= at && run.end > run.start);
            for index in run.clone() {
                seen[usize::try_from(index).unwrap()] = true;
            }
            at = run.end;
        }
        prop_assert_eq!(seen, stored);
    }

    #[test]
    fn a_range_is_a_slice(offset in 0_u64..30, length in 0_u64..30, at in 0_u64..40, count in 0_usize..40) {
        let bytes: Vec<u8> = (0..20).collect();
        let range = Range::new(Arc::new(bytes.clone()), offset, length);
        let slice: Vec<u8> = bytes.iter().copied().skip(usize::try_from(offset).unwrap()).take(usize::try_from(length).unwrap()).collect();
        prop_assert_eq!(range.len(), slice.len() as u64);
        let mut buffer = vec![0; count];
        let read = range.read_at(at, &mut buffer).unwrap();
        let expected: Vec<u8> = slice.into_iter().skip(usize::try_from(at).unwrap()).take(count).collect();
        prop_assert_eq!(&buffer[..read], &expected[..]);
    }

    /// Runs of any lengths come back whole, wherever the spool put them, unless it said that they do not fit.
    #[test]
    fn runs_come_back(
        runs in prop::collection::vec(prop::collection::vec(0_usize..3000, 0..4), 0..6),
        memory in 0_u64..4000,
        disk in 0_u64..20_000,
    ) {
        let mut spool = Spool::new(memory, disk);
        let mut kept = Vec::new();
        for (number, chunks) in runs.iter().enumerate() {
            let byte = u8::try_from(number + 1).unwrap();
            let fits = chunks.iter().all(|length| spool.write(&vec![byte; *length]).unwrap());
            kept.push((fits, byte, chunks.iter().sum::<usize>(), spool.finish_run().unwrap()));
        }
        for (fits, byte, length, run) in kept {
            let bytes = by_steps(run.as_ref(), 777);
            prop_assert!(bytes.iter().all(|found| *found == byte));
            prop_assert!(!fits || bytes.len() <= length);
        }
    }
}
