use std::sync::Arc;

use icecore::archive::Options;
use icecore_synth::address_space::{AddressSpace, Coding, LAZY, PARENT, Vma};

use icecore::Pid;
use icecore::memory::PageSource;

use super::*;

const PAGE: usize = 4096;

fn page(byte: u8) -> Vec<u8> {
    vec![byte; PAGE]
}

/// Pages with bytes written over them at an offset.
fn pages(count: usize, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut pages = vec![b'.'; count * PAGE];
    pages[at..at + bytes.len()].copy_from_slice(bytes);
    pages
}

fn open(space: &AddressSpace) -> Checkpoint {
    Checkpoint::from_source(Arc::new(space.tar()), &Options::default()).unwrap()
}

fn hits(checkpoint: &Checkpoint, patterns: &[Pattern], filter: &Filter) -> Vec<Hit> {
    let needles = Needles::with_max_match(patterns, 100).unwrap();
    Search::new(checkpoint, &needles).filter(filter.clone()).hits().collect()
}

/// Addresses at which a pattern is found.
fn places(space: &AddressSpace, pattern: Pattern) -> Vec<u64> {
    let hits = hits(&open(space), &[pattern], &Filter::default());
    hits.iter().map(|hit| hit.owners[0].address.0).collect()
}

/// A needle of 11 bytes that lies over the border at 0x2000, five bytes in front of it.
const AT: u64 = 0x1ffb;

fn halves() -> (Vec<u8>, Vec<u8>) {
    let both = pages(2, PAGE - 5, b"over-border");
    (both[..PAGE].to_vec(), both[PAGE..].to_vec())
}

#[test]
fn a_match_lies_across_every_border() {
    let (front, back) = halves();
    let space = |coding| AddressSpace::new(1, PAGE as u64).coding(coding);
    let area = |space: AddressSpace| space.area(Vma::anon(0x1000, 0x3000));
    let two_areas = |space: AddressSpace| {
        space.area(Vma::anon(0x1000, 0x2000)).area(Vma { prot: 1, ..Vma::anon(0x2000, 0x3000) })
    };
    let plain = || space(Coding::Fields);
    let cases = [
        ("one entry", area(plain()).stored(0, 0x1000, &[&front[..], &back].concat())),
        ("two entries", area(plain()).stored(0, 0x1000, &front).stored(0, 0x2000, &back)),
        ("two areas", two_areas(plain()).stored(0, 0x1000, &front).stored(0, 0x2000, &back)),
        ("out of order", area(plain()).stored(0, 0x2000, &back).stored(0, 0x1000, &front)),
        (
            "into the parent",
            area(plain()).stored(0, 0x1000, &front).entry(0, 0x2000, 1, PARENT).stored(1, 0x2000, &back),
        ),
        (
            "out of the parent",
            area(plain()).entry(0, 0x1000, 1, PARENT).stored(0, 0x2000, &back).stored(1, 0x1000, &front),
        ),
        (
            "blocks of a page",
            area(space(Coding::Blocks(1, false))).stored(0, 0x1000, &[&front[..], &back].concat()),
        ),
        (
            "two padded blocks",
            area(space(Coding::Blocks(4, true))).stored(0, 0x1000, &front).stored(0, 0x2000, &back),
        ),
        (
            "into an object",
            plain()
                .area(Vma::anon(0x1000, 0x2000))
                .area(Vma::shared(0x2000, 0x3000, 9, 0))
                .stored(0, 0x1000, &front)
                .shared(9, 0, &back),
        ),
    ];
    for (name, space) in cases {
        assert_eq!(places(&space, Pattern::literal("over-border")), [AT], "{name}");
        assert_eq!(places(&space, Pattern::regex("o[a-z]+-b.{4}r")), [AT], "{name}");
        assert_eq!(places(&space, Pattern::hex("6f766572 ?? 626f72").unwrap()), [AT], "{name}");
        assert_eq!(places(&space, Pattern::literal("OVER-border").ignoring_case()), [AT], "{name}");
    }
}

#[test]
fn what_is_unknown_between_two_halves_parts_them() {
    let (front, back) = halves();
    let apart = AddressSpace::new(1, PAGE as u64).area(Vma::anon(0x1000, 0x4000)).stored(0, 0x1000, &front);
    let lazy = apart.clone().entry(0, 0x2000, 1, LAZY).stored(0, 0x3000, &back);
    let zeros = apart.clone().stored(0, 0x3000, &back);
    let guard = apart.area(Vma::guard(0x2000, 0x3000)).stored(0, 0x3000, &back);
    for space in [lazy, zeros, guard] {
        assert_eq!(places(&space, Pattern::literal("over-border")), [0_u64; 0]);
        assert_eq!(places(&space, Pattern::literal("-border")), [0_u64; 0]);
        assert_eq!(places(&space, Pattern::literal("over-")), [AT]);
    }
}

#[test]
fn wide_text_is_found_in_both_orders() {
    let wide: Vec<u8> = "naïve".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = "naïve".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut bytes = pages(2, PAGE - 3, &wide);
    bytes[100..100 + big.len()].copy_from_slice(&big);
    let space = AddressSpace::new(1, PAGE as u64).area(Vma::anon(0x1000, 0x3000)).stored(0, 0x1000, &bytes);
    let hits = hits(&open(&space), &Pattern::utf16("naïve"), &Filter::default());
    let found: Vec<_> = hits.iter().map(|hit| (hit.pattern, hit.owners[0].address.0)).collect();
    assert_eq!(found, [(1, 0x1064), (0, 0x1ffd)]);
}

/// Zeros that were never written belong to what lies beside them, and only so much of them is looked at.
#[test]
fn zeros_beside_stored_bytes_match() {
    let space = AddressSpace::new(1, PAGE as u64).area(Vma::anon(0x1000, 0x1000 + (1 << 40))).stored(
        0,
        0x1000,
        &pages(1, PAGE - 2, b"ab"),
    );
    assert_eq!(places(&space, Pattern::hex("6162 0000").unwrap()), [0x1ffe]);
    assert_eq!(places(&space, Pattern::literal("ab\0\0\0\0\0\0\0\0")), [0x1ffe]);
}

#[test]
fn an_expression_is_found_up_to_its_longest_match() {
    let found = |length: usize| {
        let text = [b"<".as_slice(), &vec![b'x'; length], b">"].concat();
        let bytes = pages(2, PAGE - length / 2, &text);
        let space = AddressSpace::new(1, PAGE as u64).area(Vma::anon(0x1000, 0x3000));
        // In two pieces, so that there is a border: the first is not in the order of the second.
        let space = space.stored(0, 0x2000, &bytes[PAGE..]).stored(0, 0x1000, &bytes[..PAGE]);
        places(&space, Pattern::regex("<x+>")).len()
    };
    for length in [2, 50, 98] {
        assert_eq!(found(length), 1, "{length}");
    }
}

/// One run of so many pages in both ways of reading: as it lies, and behind a decoder.
fn runs(bytes: &[u8]) -> [AddressSpace; 2] {
    let end = 0x1000 + bytes.len() as u64;
    [Coding::Fields, Coding::Blocks(16, false)].map(|coding| {
        let space = AddressSpace::new(1, PAGE as u64).coding(coding).area(Vma::anon(0x1000, end));
        space.stored(0, 0x1000, bytes)
    })
}

/// Of a run that is longer than any window, only the first byte begins it and only the last one ends it.
#[test]
fn what_stands_beside_a_match_counts_at_every_border_of_windows() {
    let length = 700 * PAGE;
    let (first, last) = (0x1000, 0x1000 + length as u64 - 1);
    for space in runs(&vec![b'n'; length]) {
        for begins in [r"\bn", "^n", r"\An", "(?m)^n"] {
            assert_eq!(places(&space, Pattern::regex(begins)), [first], "{begins}");
        }
        for ends in [r"n\b", "n$", r"n\z", "(?m)n$"] {
            assert_eq!(places(&space, Pattern::regex(ends)), [last], "{ends}");
        }
    }
}

/// The same where one run follows another: the border between them is none of the bytes.
#[test]
fn what_stands_beside_a_match_counts_between_runs() {
    let bytes = vec![b'n'; 300 * PAGE];
    for coding in [Coding::Fields, Coding::Blocks(16, false)] {
        let space = AddressSpace::new(1, PAGE as u64).coding(coding);
        let middle = 0x1000 + bytes.len() as u64;
        let space = space.area(Vma::anon(0x1000, middle + bytes.len() as u64));
        let space = space.stored(0, middle, &bytes).stored(0, 0x1000, &bytes);
        assert_eq!(places(&space, Pattern::regex(r"\bn")), [0x1000]);
        assert_eq!(places(&space, Pattern::regex(r"n\b")), [middle + bytes.len() as u64 - 1]);
    }
}

/// The longest that is sure to be found is 100 bytes here; these lie in one piece, wherever windows end.
#[test]
fn a_match_in_one_piece_has_its_whole_length() {
    let (length, size) = (3 << 20, 1500 * PAGE);
    for at in [10, (1 << 20) - 50, (2 << 20) - 1] {
        let mut bytes = vec![b'.'; size];
        bytes[at..at + length].fill(b'x');
        for space in runs(&bytes) {
            let hits =
                hits(&open(&space), &[Pattern::regex("x+"), Pattern::literal("x.")], &Filter::default());
            let found: Vec<_> =
                hits.iter().map(|hit| (hit.owners[0].address.0, hit.length, hit.pattern)).collect();
            let start = 0x1000 + at as u64;
            let end = start + length as u64;
            assert_eq!(found, [(start, length as u64, 0), (end - 1, 2, 1)], "{at}");
        }
    }
}

/// However long a match may be, a scan does not keep all of it.
#[test]
fn a_match_ends_where_a_window_can_grow_no_more() {
    let size = 5000 * PAGE;
    for space in runs(&vec![b'x'; size]) {
        let hits = hits(&open(&space), &[Pattern::regex("x+")], &Filter::default());
        let lengths: Vec<u64> = hits.iter().map(|hit| hit.length).collect();
        assert_eq!(lengths.iter().sum::<u64>(), size as u64);
        let (_, whole) = lengths.split_last().unwrap();
        assert!(whole.iter().all(|length| (8 << 20..10 << 20).contains(length)), "{lengths:?}");
    }
}

#[test]
fn everybody_who_sees_a_shared_page_is_named_once() {
    let space = AddressSpace::new(1, PAGE as u64)
        .area(Vma::shared(0x1000, 0x3000, 9, 0))
        .area(Vma { prot: 1, ..Vma::shared(0x8000, 0x9000, 9, 4096) })
        .shared(9, 4096, &pages(1, 10, b"shared"));
    let hits = hits(&open(&space), &[Pattern::literal("shared")], &Filter::default());
    let [hit] = &hits[..] else { panic!("{hits:?}") };
    let owners: Vec<_> = hit.owners.iter().map(|owner| (owner.address.0, owner.perms.as_deref())).collect();
    assert_eq!(owners, [(0x200a, Some("rw-s")), (0x800a, Some("r--s"))]);
    assert_eq!((hit.source.name(), hit.offset), ("shared", Some(10)));
    assert_eq!(hit.member.as_ref().unwrap(), "checkpoint/pages-2.img");
}

/// A process of its own in front of the one of `space`, both in one tar.
fn together(first: &AddressSpace, second: &AddressSpace) -> Checkpoint {
    let images = [first, second].map(|space| space.images().swap_remove(0));
    let mut names = std::collections::BTreeSet::new();
    let all = images.into_iter().flatten().filter(|(name, _)| names.insert(name.clone()));
    let tar = all
        .fold(icecore_synth::Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
}

/// The first of those that are searched tells of a shared page, wherever its needle lies; one that leaves the object is
/// everybody's own.
#[test]
fn a_shared_page_is_told_by_the_first_that_is_searched() {
    let mut object = pages(64, 40 * PAGE, b"inside");
    object[64 * PAGE - 3..].copy_from_slice(b"lea");
    let space = |pid: u32, perms: u32| {
        let end = 0x1000 + 64 * PAGE as u64;
        AddressSpace::new(pid, PAGE as u64)
            .area(Vma { prot: perms, ..Vma::shared(0x1000, end, 9, 0) })
            .area(Vma::anon(end, end + PAGE as u64))
            .shared(9, 0, &object)
            .stored(0, end, &pages(1, 0, b"ves"))
    };
    let checkpoint = together(&space(1, 1), &space(2, 3));
    let pids = |pattern: &str, perms: &str| -> Vec<Vec<u32>> {
        let filter = Filter { perms: perms.to_owned(), ..Filter::default() };
        let hits = hits(&checkpoint, &[Pattern::literal(pattern)], &filter);
        hits.iter().map(|hit| hit.owners.iter().map(|owner| owner.pid.0).collect()).collect()
    };
    assert_eq!(pids("inside", ""), [[1, 2]]);
    assert_eq!(pids("inside", "w"), [[1, 2]]);
    assert_eq!(pids("leaves", ""), [[1], [2]]);
}

/// A private mapping that wrote to its page does not see that of the object.
#[test]
fn who_wrote_a_page_of_its_own_is_no_owner() {
    let object = pages(2, PAGE + 5, b"needle");
    let shared = Vma::shared(0x1000, 0x3000, 9, 0);
    // A private mapping of an object: as CRIU has it of a memory file.
    let private = Vma { flags: 2, ..shared };
    let space = |pid| AddressSpace::new(pid, PAGE as u64).shared(9, 0, &object);
    let wrote = space(1).area(private).stored(0, 0x2000, &pages(1, 5, b"mended"));
    let read = space(1).area(private);
    for (first, owners) in [(wrote, vec![2]), (read, vec![1, 2])] {
        let checkpoint = together(&first, &space(2).area(shared));
        let hits = hits(&checkpoint, &[Pattern::literal("needle")], &Filter::default());
        let [hit] = &hits[..] else { panic!("{hits:?}") };
        assert_eq!(hit.owners.iter().map(|owner| owner.pid.0).collect::<Vec<_>>(), owners);
    }
}

#[test]
fn a_hit_says_where_it_is_stored_and_what_is_around_it() {
    let space = AddressSpace::new(1, PAGE as u64)
        .area(Vma::anon(0x1000, 0x4000))
        .entry(0, 0x1000, 1, LAZY)
        .stored(0, 0x2000, &pages(1, 2, b"needle"))
        .stored(0, 0x3000, &page(b'z'));
    let hits = hits(&open(&space), &[Pattern::literal("needle")], &Filter::default());
    let [hit] = &hits[..] else { panic!("{hits:?}") };
    assert_eq!((hit.before.as_slice(), hit.after.len(), hit.length), (&b".."[..], 32, 6));
    assert_eq!((hit.source, hit.offset), (Source::Page(PageSource::Stored), Some(2)));
}

#[test]
fn filters_leave_areas_out() {
    let space = AddressSpace::new(1, PAGE as u64)
        .area(Vma::anon(0x1000, 0x2000))
        .area(Vma { status: 0x221, ..Vma::anon(0x5000, 0x6000) })
        .area(Vma { prot: 5, ..Vma::anon(0x8000, 0x9000) });
    let space = [0x1000, 0x5000, 0x8000]
        .iter()
        .fold(space, |space, at| space.stored(0, *at, &pages(1, 0, b"needle")));
    let checkpoint = open(&space);
    let found = |filter: &Filter| -> Vec<u64> {
        let hits = hits(&checkpoint, &[Pattern::literal("needle")], filter);
        hits.iter().map(|hit| hit.owners[0].address.0).collect()
    };
    let all = Filter::default;
    assert_eq!(found(&all()), [0x1000, 0x5000, 0x8000]);
    assert_eq!(found(&Filter { kinds: vec!["heap".into()], ..all() }), [0x5000]);
    assert_eq!(found(&Filter { perms: "x".into(), ..all() }), [0x8000]);
    assert_eq!(found(&Filter { range: Some(Vaddr(0x1001)..Vaddr(0x8006)), ..all() }), [0x5000, 0x8000]);
    assert_eq!(found(&Filter { range: Some(Vaddr(0x1001)..Vaddr(0x8005)), ..all() }), [0x5000]);
    assert_eq!(found(&Filter { pids: vec![Pid(2)], ..all() }), [0_u64; 0]);
}

/// The meter counts what was looked at, and whoever stops it ends the search: behind the window that it is in.
#[test]
fn a_search_is_counted_and_ends_when_it_is_told_to() {
    let size = 8 << 20;
    let space = AddressSpace::new(1, PAGE as u64).area(Vma::anon(0x1000, 0x1000 + size as u64)).stored(
        0,
        0x1000,
        &pages(size / PAGE, 7, b"needle"),
    );
    let checkpoint = open(&space);
    let needles = Needles::new(&[Pattern::literal("needle")]).unwrap();
    let whole = Meter::default();
    let search = Search::new(&checkpoint, &needles).meter(&whole);
    assert_eq!((search.hits().count(), search.total(), whole.done()), (1, size as u64, size as u64));
    let stopped = Meter::default();
    let search = Search::new(&checkpoint, &needles).meter(&stopped);
    let mut hits = search.hits();
    assert!(hits.next().is_some());
    stopped.stop();
    assert!(hits.next().is_none());
    assert!(stopped.done() <= size as u64 / 4, "{}", stopped.done());
}

mod beside;
