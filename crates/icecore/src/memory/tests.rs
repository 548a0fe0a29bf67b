//! Address spaces made to measure, through all of this module: from images to bytes and reasons.

mod old_images;

use icecore_archive::Options;
use icecore_synth::address_space::{ALIGNED, AddressSpace, Coding, LAZY, PARENT, PRESENT, Vma};
use icecore_synth::{Tar, image};

use super::*;

mod chains;
mod kinds;

const PAGE: u64 = 4096;

fn page(byte: u8) -> Vec<u8> {
    vec![byte; 4096]
}

fn open(tar: Vec<u8>) -> Checkpoint {
    Checkpoint::from_source(Arc::new(tar), &Options::default()).unwrap()
}

fn memory(space: &AddressSpace) -> Arc<Memory> {
    open(space.tar()).memory(Pid(1)).unwrap()
}

fn space() -> AddressSpace {
    AddressSpace::new(1, PAGE)
}

/// The pieces as start, end and source in pages; `!` behind what cannot be read.
fn shape(memory: &Memory) -> Vec<String> {
    let shown = |run: Run<'_>| {
        let lost = if run.is_known() { "" } else { "!" };
        format!("{:x}-{:x} {}{lost}", run.start.0 / PAGE, run.end.0 / PAGE, run.source.name())
    };
    memory.runs().map(shown).collect()
}

fn byte(memory: &Memory, at: u64) -> Option<u8> {
    let mut byte = [0xee];
    memory.read_at(Vaddr(at), &mut byte).ok().map(|()| byte[0])
}

fn reason(memory: &Memory, at: u64) -> String {
    memory.run_at(Vaddr(at)).reason.unwrap().to_string()
}

/// Diagnostics of memory, by code.
fn told(checkpoint: &Checkpoint) -> Vec<&'static str> {
    let _ = checkpoint.memory(Pid(1));
    checkpoint.address_spaces().diagnostics().into_iter().map(|told| told.code).collect()
}

#[test]
fn each_page_has_the_source_that_its_entry_says() {
    let memory = memory(
        &space()
            .area(Vma::anon(0x1000, 0x7000))
            .stored(0, 0x1000, &[page(1), page(2)].concat())
            .entry(0, 0x3000, 1, LAZY)
            .entry(0, 0x4000, 1, PARENT)
            .stored(1, 0x4000, &page(3))
            .area(Vma::guard(0x6000, 0x7000)),
    );
    let wanted = ["1-3 stored", "3-4 lazy!", "4-5 parent", "5-6 zero", "6-7 unknown!"];
    assert_eq!(shape(&memory), wanted);
    let bytes = [0x1000, 0x2fff, 0x3000, 0x4001, 0x5000, 0x6000, 0x7000].map(|at| byte(&memory, at));
    assert_eq!(bytes, [Some(1), Some(2), None, Some(3), Some(0), None, None]);
    assert!(reason(&memory, 0x6000).contains("guard"));
    assert_eq!(reason(&memory, 0x8000), "not mapped");
    let counts = memory.pages_of(&memory.areas()[0]);
    let found = (counts.stored, counts.parent, counts.zero, counts.lazy, counts.unknown, counts.total());
    assert_eq!(found, (2, 1, 1, 1, 1, 6));
}

#[test]
fn areas_show_parts_of_an_object() {
    let memory = memory(
        &space()
            .area(Vma::shared(0x1000, 0x4000, 9, 0))
            .area(Vma::shared(0x8000, 0x9000, 9, 0x1000))
            .area(Vma { flags: 2, ..Vma::shared(0xa000, 0xb000, 9, 0x1000) })
            .stored(0, 0xa000, &page(b'p'))
            .shared(9, 0x1000, &page(b's')),
    );
    assert_eq!(shape(&memory), ["1-2 zero", "2-3 shared", "3-4 zero", "8-9 shared", "a-b stored"]);
    assert_eq!([0x2000, 0x8fff, 0xa000].map(|at| byte(&memory, at)), [Some(b's'), Some(b's'), Some(b'p')]);
    let object = memory.areas()[0].object.as_ref().unwrap();
    assert_eq!((object.number, object.stored(), object.kind), (9, PAGE, AreaKind::SharedAnon));
    assert_eq!(
        object.place(0x1004).map(|(member, at)| (member.to_string(), at)),
        Some(("checkpoint/pages-2.img".into(), 4))
    );
    assert_eq!(object.place(0), None);
}

#[test]
fn an_object_without_its_image_is_lost() {
    let memory = memory(&space().area(Vma::shared(0x1000, 0x2000, 9, 0)));
    assert_eq!(shape(&memory), ["1-2 unknown!"]);
    assert!(reason(&memory, 0x1000).contains("pagemap-shmem-9.img is not in the archive"));
}

#[test]
fn contradicting_areas_are_told_and_the_lower_one_counts() {
    let checkpoint = open(
        space()
            .area(Vma::anon(0x5000, 0x6000))
            .area(Vma::anon(0x1000, 0x4000))
            .area(Vma { prot: 5, ..Vma::anon(0x2000, 0x5000) })
            .area(Vma::anon(0x9000, 0x8000))
            .area(Vma::anon(0xa000, 0xa800))
            .stored(0, 0xc000, &page(1))
            .tar(),
    );
    let memory = checkpoint.memory(Pid(1)).unwrap();
    let told: Vec<String> =
        checkpoint.address_spaces().diagnostics().into_iter().map(|told| told.text).collect();
    for words in [
        "not sorted",
        "1 areas end where they start",
        "1 areas do not begin and end",
        "1 areas lie over",
        "in no area",
    ] {
        assert!(told.iter().any(|text| text.contains(words)), "{words}: {told:?}");
    }
    assert_eq!(told.len(), 5);
    assert_eq!(memory.area_at(Vaddr(0x3000)).unwrap().prot, 3);
    assert_eq!(memory.area_at(Vaddr(0x4000)).unwrap().prot, 5);
    // Pages outside of all areas can be read.
    assert_eq!((byte(&memory, 0xc000), memory.run_at(Vaddr(0xc000)).area.is_none()), (Some(1), true));
    let counts: Vec<u64> = memory.areas().iter().map(|area| memory.pages_of(area).total()).collect();
    assert_eq!(counts, [3, 3, 1, 0, 0]);
}

#[test]
fn an_area_off_the_borders_of_pages_has_as_many_as_fit_into_it() {
    for (start, end, pages) in
        [(0xfff, 0x2000, 1), (0xfff, 0x1001, 0), (0x1001, 0x3000, 1), (0x1800, 0x3800, 2)]
    {
        let memory = memory(&space().area(Vma::anon(start, end)).stored(0, 0x1000, &page(1)));
        assert_eq!(memory.pages_of(&memory.areas()[0]).total(), pages, "{start:#x}-{end:#x}");
    }
}

#[test]
fn entries_over_each_other_are_told_and_cut() {
    let overlapping = space()
        .area(Vma::anon(0x1000, 0x8000))
        .stored(0, 0x2000, &[page(b'a'), page(b'b')].concat())
        .stored(0, 0x1000, &[page(b'x'), page(b'y')].concat())
        .entry(0, u64::MAX - 0xfff, 3, PRESENT)
        .entry(0, 0x5000, u64::MAX, LAZY);
    let checkpoint = open(overlapping.tar());
    let memory = checkpoint.memory(Pid(1)).unwrap();
    let bytes = [0x1000, 0x2000, 0x3000].map(|at| byte(&memory, at));
    assert_eq!(bytes, [Some(b'x'), Some(b'y'), Some(b'b')]);
    let texts: Vec<String> =
        checkpoint.address_spaces().diagnostics().into_iter().map(|told| told.text).collect();
    for words in ["not sorted by address", "2 entries leave the 64 bits", "1 entries lie over others"] {
        assert!(texts.iter().any(|text| text.contains(words)), "{words}: {texts:?}");
    }
}

#[test]
fn a_pages_file_that_ends_early_costs_its_last_pages() {
    let space =
        space().area(Vma::anon(0x1000, 0x4000)).stored(0, 0x1000, &[page(1), page(2), page(3)].concat());
    let cut = |length: Option<usize>| {
        let images = space.images().swap_remove(0);
        let tar = images.iter().fold(Tar::new(), |tar, (name, bytes)| match (name.as_str(), length) {
            ("pages-1.img", None) => tar,
            ("pages-1.img", Some(length)) => {
                let mut bytes = bytes.clone();
                bytes.resize(length, 7);
                tar.file("checkpoint/pages-1.img", bytes)
            }
            _ => tar.file(format!("checkpoint/{name}"), bytes),
        });
        open(tar.finish())
    };
    let short = cut(Some(6000));
    let memory = short.memory(Pid(1)).unwrap();
    assert_eq!([0x1000, 0x276f, 0x2770, 0x3000].map(|at| byte(&memory, at)), [Some(1), Some(2), None, None]);
    assert_eq!(told(&short), ["pages-length"]);
    assert!(reason(&memory, 0x3000).contains("ends in front of it"));
    assert_eq!(told(&cut(Some(5 * 4096))), ["pages-length"]);
    let missing = cut(None);
    assert_eq!(told(&missing), ["member-missing"]);
    assert!(reason(&missing.memory(Pid(1)).unwrap(), 0x1000).contains("pages-1.img is not in the archive"));
    // Whoever looks whether all is there misses it too, and once is enough.
    missing.check_completeness();
    let all = missing.diagnostics();
    let of_pages =
        all.iter().filter(|told| told.member.as_ref().is_some_and(|it| it.ends_with(b"pages-1.img")));
    assert_eq!(of_pages.count(), 1, "{all:?}");
}

#[test]
fn two_pagemaps_that_name_one_pages_file_are_told() {
    let space = space().area(Vma::anon(0x1000, 0x2000)).stored(0, 0x1000, &page(1));
    let mut images = space.images().swap_remove(0);
    let copy = |name: &str| images.iter().find(|(of, _)| of == name).unwrap().1.clone();
    let (mm, pagemap) = (copy("mm-1.img"), copy("pagemap-1.img"));
    images.extend([("mm-2.img".into(), mm), ("pagemap-2.img".into(), pagemap)]);
    let tar =
        images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let checkpoint = open(tar.finish());
    let both = [1, 2].map(|pid| byte(&checkpoint.memory(Pid(pid)).unwrap(), 0x1000));
    assert_eq!(both, [Some(1), Some(1)]);
    assert_eq!(told(&checkpoint), ["pages-shared"]);
}

#[test]
fn the_page_size_is_told_forced_or_derived() {
    let large = AddressSpace::new(1, 65536).area(Vma::anon(0x10000, 0x30000)).stored(0, 0x10000, &[5; 65536]);
    let memory = memory(&large);
    assert_eq!(
        (memory.page_size(), byte(&memory, 0x1ffff), byte(&memory, 0x20000)),
        (65536, Some(5), Some(0))
    );
    let forced = open(large.tar()).with_page_size(4096).memory(Pid(1)).unwrap();
    assert_eq!(
        (forced.page_size(), byte(&forced, 0x10fff), byte(&forced, 0x11000)),
        (4096, Some(5), Some(0))
    );
    // An auxiliary vector that lies: addresses and the length of the pages file say otherwise.
    let lying = AddressSpace::new(1, 65536).area(Vma::anon(0x1000, 0x3000)).entry(0, 0x1000, 2, PRESENT);
    let images = lying.images().swap_remove(0);
    let tar = images.iter().fold(Tar::new(), |tar, (name, bytes)| {
        let bytes = if name == "pages-1.img" { vec![6; 2 * 4096] } else { bytes.clone() };
        tar.file(format!("checkpoint/{name}"), bytes)
    });
    let checkpoint = open(tar.finish());
    let memory = checkpoint.memory(Pid(1)).unwrap();
    assert_eq!((memory.page_size(), byte(&memory, 0x2fff)), (4096, Some(6)));
    assert_eq!(told(&checkpoint), ["page-size-odd"]);
}

#[test]
fn reading_gives_all_of_a_range_or_nothing() {
    let memory = memory(
        &space()
            .area(Vma::anon(0x1000, 0x5000))
            .stored(0, 0x1000, &page(b'a'))
            .stored(0, 0x2000, &[b"end\0".to_vec(), vec![b'z'; 4092]].concat())
            .entry(0, 0x3000, 1, LAZY),
    );
    let range = |start, end| Vaddr(start)..Vaddr(end);
    assert_eq!(memory.read(range(0x1ffe, 0x2003), 100).unwrap(), b"aaend");
    let lost = memory.read(range(0x2ff0, 0x3010), 100).unwrap_err();
    assert_eq!((lost.start, lost.end, lost.page_source), (Vaddr(0x3000), Vaddr(0x3010), PageSource::Lazy));
    assert!(lost.to_string().starts_with("pid 1: 0x3000 to 0x3010: left to a page server"));
    let long = memory.read(range(0x1000, 0x2000), 100).unwrap_err();
    assert_eq!(long.reason, Reason::TooLong(100));
    let outside = memory.read_at(Vaddr(0x4fff), &mut [0; 2]).unwrap_err();
    assert_eq!((outside.start, outside.reason), (Vaddr(0x5000), Reason::Unmapped));
    assert!(memory.read_at(Vaddr(u64::MAX), &mut [0; 8]).is_err());
    assert_eq!(memory.read(range(0x9000, 0x9000), 0).unwrap(), b"");
}

#[test]
fn strings_end_at_a_nul_a_limit_or_what_is_unknown() {
    let text = [vec![b'x'; 4090], b"over\0more".to_vec(), vec![b'y'; 4093]].concat();
    let memory =
        memory(&space().area(Vma::anon(0x1000, 0x4000)).stored(0, 0x1000, &text).entry(0, 0x3000, 1, LAZY));
    let read = |at, limit| memory.read_cstr(Vaddr(at), limit).map(|text| text.len());
    assert_eq!(read(0x1000, 1 << 20), Ok(4094));
    assert_eq!(read(0x1000, 10), Ok(10));
    assert_eq!(memory.read_cstr(Vaddr(0x1ffa), 100).unwrap(), "over");
    assert_eq!(read(0x2fff, 1), Ok(1));
    assert_eq!(read(0x2fff, 2).unwrap_err().start, Vaddr(0x3000));
}

#[test]
fn a_piece_can_be_read_from_its_middle() {
    let memory =
        memory(&space().area(Vma::anon(0x1000, 0x3000)).stored(0, 0x1000, &[page(1), page(2)].concat()));
    let run = memory.run_at(Vaddr(0x1000)).from(Vaddr(0x1fff));
    assert_eq!((run.start, run.length(), run.offset()), (Vaddr(0x1fff), 0x1001, Some(0xfff)));
    let mut bytes = [0; 2];
    memory.fill(&run, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2]);
    assert_eq!(run.as_slice().unwrap()[..2], [1, 2]);
    assert_eq!(run.clone().from(Vaddr(0)).start, run.start);
    assert_eq!(run.from(Vaddr(u64::MAX)).length(), 0);
}

/// What is damaged is lost alone: the block with its pages, and no byte beside it.
#[test]
fn what_is_in_front_of_damage_and_behind_it_is_read() {
    let bytes: Vec<u8> = (0..=250_u8).cycle().flat_map(|byte| [byte; 32]).take(6 * 4096).collect();
    let packed =
        space().coding(Coding::Blocks(1, true)).area(Vma::anon(0x1000, 0x7000)).stored(0, 0x1000, &bytes);
    let images = packed.images().swap_remove(0);
    let tar = images.iter().fold(Tar::new(), |tar, (name, bytes)| {
        let mut bytes = bytes.clone();
        if name == "pages-1.img" {
            bytes[2 * 4096..2 * 4096 + 50].fill(0xff);
        }
        tar.file(format!("checkpoint/{name}"), bytes)
    });
    let memory = open(tar.finish()).memory(Pid(1)).unwrap();
    let mut buffer = vec![0; 6 * 4096];
    assert_eq!(memory.read_some(Vaddr(0x1000), &mut buffer), Ok(2 * 4096));
    assert_eq!(buffer[..2 * 4096], bytes[..2 * 4096]);
    let lost = memory.read_some(Vaddr(0x3000), &mut buffer).unwrap_err();
    assert_eq!((lost.start, lost.end), (Vaddr(0x3000), Vaddr(0x4000)));
    assert!(matches!(&lost.reason, Reason::Damaged(why) if why.contains("pages-1.img")), "{lost}");
    assert_eq!(memory.read_some(Vaddr(0x4000), &mut buffer), Ok(3 * 4096));
    assert_eq!(memory.read_some(Vaddr(0x4000), &mut []), Ok(0));
}

/// In every coding, through aligned raw entries too, the same pages.
#[test]
fn a_file_that_cannot_be_opened_is_lost_at_once() {
    let claims = space().area(Vma::anon(0x1000, 1 << 46)).entry(0, 0x1000, 1 << 33, PRESENT);
    let named = |(name, bytes): &(String, Vec<u8>)| (format!("checkpoint/{name}"), bytes.clone());
    let mut files: Vec<_> = claims.images()[0].iter().map(named).collect();
    files.push(("checkpoint/pages-1.comp.img".to_owned(), b"of another checkpoint".to_vec()));
    let tar = files.into_iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes));
    let memory = open(tar.finish()).memory(Pid(1)).unwrap();
    let lost = memory.read_some(Vaddr(0x1000), &mut [0; 16]).unwrap_err();
    assert_eq!(lost.end, memory.run_at(Vaddr(0x1000)).end, "page by page, 2^33 of them would take days");
}

#[test]
fn every_coding_gives_the_same_pages() {
    let bytes = [page(0), page(1), (0..=255).cycle().take(4096).collect()].concat();
    let codings = [
        Coding::Fields,
        Coding::Old,
        Coding::Oldest,
        Coding::Blocks(1, false),
        Coding::Blocks(2, false),
        Coding::Blocks(1, true),
        Coding::Blocks(1024, true),
        Coding::Frames,
    ];
    // A page server counts pages files from 65537 on.
    for (coding, first) in codings.into_iter().zip([1, 65_537].into_iter().cycle()) {
        let memory = memory(
            &space()
                .coding(coding)
                .first_pages(first)
                .area(Vma::anon(0x1000, 0x9000))
                .stored(0, 0x1000, &bytes)
                .entry(0, 0x5000, 1, PARENT)
                .stored(0, 0x6000, &bytes)
                .stored(1, 0x5000, &page(9)),
        );
        for start in [0x1000, 0x6000] {
            assert_eq!(
                memory.read(Vaddr(start)..Vaddr(start + 3 * PAGE), 1 << 20).as_deref(),
                Ok(&bytes[..]),
                "{coding:?}"
            );
        }
        assert_eq!((byte(&memory, 0x5000), byte(&memory, 0x4000)), (Some(9), Some(0)), "{coding:?}");
    }
}

#[test]
fn a_process_without_areas_has_no_memory() {
    let tar = Tar::new().file("checkpoint/inventory.img", image::inventory()).finish();
    let checkpoint = open(tar);
    let error = checkpoint.memory(Pid(7)).unwrap_err();
    assert!(error.to_string().contains("process 7 has no memory here: `checkpoint/mm-7.img`"), "{error}");
    assert_eq!(checkpoint.pids_with_memory(), []);
    let empty = memory(&space());
    assert_eq!((empty.areas().len(), empty.runs().count()), (0, 0));
    assert_eq!(ALIGNED, 8);
}
