use std::sync::Arc;

use icecore::archive::Options;
use icecore_synth::address_space::{AddressSpace, Coding, LAZY, PARENT, Vma};

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
    let mut hits = Vec::new();
    assert!(search(checkpoint, &needles, filter, &mut |hit| {
        hits.push(hit);
        ControlFlow::Continue(())
    }));
    hits
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

#[test]
fn a_search_ends_when_it_is_told_to() {
    let space =
        AddressSpace::new(1, PAGE as u64).area(Vma::anon(0x1000, 0x2000)).stored(0, 0x1000, &page(b'a'));
    let mut count = 0;
    let ended = search(
        &open(&space),
        &Needles::new(&[Pattern::literal("a")]).unwrap(),
        &Filter::default(),
        &mut |_| {
            count += 1;
            if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    assert_eq!((ended, count), (false, 3));
}

mod beyond_memory {
    use icecore_synth::Tar;

    use super::*;

    /// A checkpoint of one process, with more members.
    fn open_with(space: &AddressSpace, more: &[(&str, &[u8])]) -> Checkpoint {
        let images = space.images().swap_remove(0);
        let tar = images
            .iter()
            .fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
        let tar = more.iter().fold(tar, |tar, (name, bytes)| tar.file(name, bytes));
        Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
    }

    fn found(
        checkpoint: &Checkpoint,
        places: &[Place],
        seen: &[Pid],
    ) -> Vec<(&'static str, String, Option<u64>)> {
        let needles = Needles::new(&[Pattern::literal("needle")]).unwrap();
        let mut found = Vec::new();
        assert!(search_beyond(checkpoint, &needles, places, seen, &mut |hit| {
            assert_eq!((hit.matched.as_slice(), hit.owners.len()), (&b"needle"[..], 0));
            found.push((hit.source.name(), hit.member.unwrap().to_string(), hit.offset));
            ControlFlow::Continue(())
        }));
        found
    }

    #[test]
    fn every_place_is_searched_when_it_is_asked_for() {
        let diff = Tar::new().file("etc/motd", "a needle").hardlink("etc/twin", "etc/motd").finish();
        let members: [(&str, &[u8]); 6] = [
            ("rootfs-diff.tar", &diff),
            ("checkpoint/sk-queues.img", b"needle in a queue"),
            ("dump.log", b"no needle here"),
            ("config.dump", br#"{"name": "needle"}"#),
            ("checkpoint/pages-77.img", b"...needle"),
            ("checkpoint/unheard-of.img", b"needle"),
        ];
        let checkpoint = open_with(&AddressSpace::new(1, PAGE as u64), &members);
        let all = [
            (Place::Files, ("diff", "rootfs-diff.tar//etc/motd", 2)),
            (Place::Queues, ("queue", "checkpoint/sk-queues.img", 0)),
            (Place::Logs, ("log", "dump.log", 3)),
            (Place::Documents, ("document", "config.dump", 10)),
            (Place::Stale, ("stale", "checkpoint/pages-77.img", 3)),
        ];
        for (place, (source, member, offset)) in all {
            assert_eq!(found(&checkpoint, &[place], &[]), [(source, member.to_owned(), Some(offset))]);
        }
        assert_eq!(found(&checkpoint, &Place::ALL, &[]).len(), 5);
        assert!(found(&checkpoint, &[Place::Memory], &[]).is_empty());
    }

    #[test]
    fn the_images_of_all_queues_are_searched() {
        for name in [
            "pipes-data.img",
            "fifo-data.img",
            "sk-queues.img",
            "tcp-stream-2f.img",
            "tty-data.img",
            "ipcns-msg-11.img",
        ] {
            let member = format!("checkpoint/{name}");
            let checkpoint = open_with(&AddressSpace::new(1, PAGE as u64), &[(&member, b"a needle")]);
            assert_eq!(found(&checkpoint, &[Place::Queues], &[]), [("queue", member, Some(2))]);
        }
    }

    /// The table `ipcns-shm-9.img`: a segment of three pages.
    fn segments() -> Vec<u8> {
        use icecore_synth::{Message, image::Image};
        let owner = (1..=6).fold(Message::new(), |owner, field| owner.varint(field, 0)).varint(7, 5);
        let segment = Message::new().message(1, &owner).varint(2, 3 * 4096).varint(3, 1);
        Image::of(0x4628_3044).record(&segment).bytes()
    }

    /// Of an object with two needles one is mapped: a search of memory gives that one, and this one the other.
    #[test]
    fn an_object_is_searched_where_nobody_sees_it() {
        let space = AddressSpace::new(1, PAGE as u64)
            .area(Vma { status: 0x501, ..Vma::shared(0x1000, 0x2000, 5, 0) })
            .shared(5, 0, &pages(1, 7, b"needle"))
            .shared(5, 8192, &pages(1, 9, b"needle"));
        let checkpoint = open_with(&space, &[("checkpoint/ipcns-shm-9.img", &segments())]);
        let stored = |at| ("sysv", "checkpoint/pages-2.img".to_owned(), Some(at));
        assert_eq!(found(&checkpoint, &[Place::Files], &[Pid(1)]), [stored(4096 + 9)]);
        assert_eq!(found(&checkpoint, &[Place::Files], &[]), [stored(7), stored(4096 + 9)]);
    }
}
