use std::sync::Arc;

use icecore_archive::Options;
use icecore_synth::image::{self, Image as Made};
use icecore_synth::{Message, Tar};

use super::*;
use crate::Checkpoint;

const PAGEMAP: u32 = 0x5608_4025;
const INVENTORY: u32 = 0x5831_3116;

/// An inventory that says that pages are compressed.
fn compressed() -> Vec<u8> {
    let message = Message::new().varint(1, 3).varint(2, 1).varint(4, 1).varint(15, 1);
    Made::new(&[INVENTORY]).record(&message).bytes()
}

/// Reads an image of these records behind a head for pages file 7.
fn read_with(inventory: Vec<u8>, records: &[Message]) -> (Pagemap, Vec<String>) {
    let made = records.iter().fold(Made::of(PAGEMAP).record(&Message::new().varint(1, 7)), Made::record);
    read_bytes(inventory, made.bytes())
}

fn read_bytes(inventory: Vec<u8>, bytes: Vec<u8>) -> (Pagemap, Vec<String>) {
    let tar = Tar::new().file("checkpoint/inventory.img", inventory).file("checkpoint/pagemap-1.img", bytes);
    let checkpoint = Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap();
    let mut told = Vec::new();
    let pagemap = Pagemap::read(checkpoint.images(), "pagemap-1.img", &mut told).unwrap();
    (pagemap, told.into_iter().map(|told| told.text).collect())
}

fn read(records: &[Message]) -> (Pagemap, Vec<String>) {
    read_with(image::inventory(), records)
}

fn entry(vaddr: u64) -> Message {
    Message::new().varint(1, vaddr)
}

/// As CRIU 4.2 writes it.
fn new(vaddr: u64, pages: u64, flags: u64) -> Message {
    entry(vaddr).varint(2, 0).varint(4, flags).varint(5, pages)
}

fn places(pagemap: &Pagemap) -> Vec<(u64, u64, EntryPlace)> {
    pagemap.entries.iter().map(|entry| (entry.vaddr, entry.pages, entry.place)).collect()
}

#[test]
fn pages_are_counted_in_every_form() {
    let forms: [(&str, Message, EntryPlace); 8] = [
        ("4.2", new(0x1000, 3, 4), EntryPlace::Present(0)),
        ("4.2, lazy-capable", new(0x1000, 3, 6), EntryPlace::Present(0)),
        ("4.2, lazy", new(0x1000, 3, 2), EntryPlace::Lazy),
        ("3.5", entry(0x1000).varint(2, 3).varint(4, 4), EntryPlace::Present(0)),
        ("3.5, parent", entry(0x1000).varint(2, 3).varint(4, 1), EntryPlace::Parent),
        ("0.5", entry(0x1000).varint(2, 3), EntryPlace::Present(0)),
        ("3.4, parent", entry(0x1000).varint(2, 3).varint(3, 1), EntryPlace::Parent),
        ("3.4, no parent", entry(0x1000).varint(2, 3).varint(3, 0), EntryPlace::Present(0)),
    ];
    for (name, record, place) in forms {
        let (pagemap, told) = read(&[record]);
        assert_eq!(places(&pagemap), [(0x1000, 3, place)], "{name}");
        assert_eq!((pagemap.pages_id, told.len()), (Some(7), 0), "{name}: {told:?}");
        let stored = if matches!(place, EntryPlace::Present(_)) { 3 } else { 0 };
        assert_eq!(
            (pagemap.present, pagemap.needs_parent()),
            (stored, place == EntryPlace::Parent),
            "{name}"
        );
    }
}

#[test]
fn offsets_count_stored_pages_alone() {
    let records =
        [new(0x1000, 2, 4), new(0x3000, 5, 1), new(0x8000, 1, 2), new(0x9000, 3, 6), new(0xc000, 0, 4)];
    let (pagemap, told) = read(&records);
    let found: Vec<_> = pagemap.entries.iter().map(|entry| entry.place).collect();
    let wanted = [EntryPlace::Present(0), EntryPlace::Parent, EntryPlace::Lazy, EntryPlace::Present(2)];
    assert_eq!((found, pagemap.present), (wanted.to_vec(), 5));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn flags_that_no_criu_writes_are_told_once() {
    let (pagemap, told) =
        read(&[new(0x1000, 1, 4), new(0x2000, 1, 5), new(0x3000, 1, 0), new(0x4000, 1, 20)]);
    let [text] = &told[..] else { panic!("{told:?}") };
    assert!(text.contains("3 entries") && text.contains("entry 2 first: 0x5"), "{text}");
    // Parent counts above stored, though the pages file goes on behind it.
    let found: Vec<_> = pagemap.entries.iter().map(|entry| entry.place).collect();
    let wanted = [EntryPlace::Present(0), EntryPlace::Parent, EntryPlace::None, EntryPlace::Present(2)];
    assert_eq!(found, wanted);
}

/// Behind a record that cannot be read nobody knows how many pages there are in front.
#[test]
fn what_stands_behind_a_damaged_record_is_not_guessed() {
    let damaged = Message::new().raw([0x0f, 0xff]);
    let (pagemap, told) = read(&[new(0x1000, 1, 4), damaged, new(0x2000, 1, 4), new(0x3000, 1, 1)]);
    let found: Vec<_> = pagemap.entries.iter().map(|entry| entry.place).collect();
    assert_eq!(found, [EntryPlace::Present(0), EntryPlace::Displaced, EntryPlace::Parent]);
    assert_eq!((pagemap.present, told.len()), (1, 1), "{told:?}");
}

#[test]
fn blocks_of_a_version_that_was_never_released_are_named() {
    let old = new(0x2000, 2, 4).varint(6, 100).varint(6, 4096).varint(7, 4196).varint(8, 1);
    let records = [new(0x1000, 1, 4), old, new(0x4000, 1, 4)];
    let (pagemap, told) = read_with(compressed(), &records);
    assert!(
        matches!(&told[..], [text] if text.contains("entry 2") && text.contains("spring 2026")),
        "{told:?}"
    );
    let found: Vec<_> = pagemap.entries.iter().map(|entry| entry.place).collect();
    assert_eq!(found, [EntryPlace::Present(0), EntryPlace::Displaced, EntryPlace::Displaced]);
}

fn blocks() -> Message {
    Message::new().bytes(1, [100]).varint(2, 100).varint(3, 1)
}

#[test]
fn blocks_where_there_can_be_none_are_told() {
    let stored = new(0x1000, 1, 12).message(6, &blocks());
    assert_eq!(read_with(compressed(), std::slice::from_ref(&stored)).1, [""; 0]);
    let (pagemap, told) = read(&[stored]);
    assert!(
        matches!(&told[..], [text] if text.contains("version 2") && text.contains("entry counts")),
        "{told:?}"
    );
    assert_eq!(pagemap.forms.len(), 1);
    let aligned = [new(0x1000, 1, 12)];
    assert!(read(&aligned).1[0].contains("aligned pages, though inventory.img"));
    // Compressed, says the inventory, in a version that has no compressed pages.
    let message = Message::new().varint(1, 2).varint(2, 1).varint(4, 1).varint(15, 1);
    let early = Made::new(&[INVENTORY]).record(&message).bytes();
    let told = read_with(early, &aligned).1;
    assert!(matches!(&told[..], [text] if text.contains("version 2, has no such pages")), "{told:?}");
    for record in [new(0x1000, 1, 1).message(6, &blocks()), new(0x1000, 1, 9)] {
        let (pagemap, told) = read_with(compressed(), &[record]);
        assert!(matches!(&told[..], [text] if text.contains("not stored")), "{told:?}");
        assert!(pagemap.forms.is_empty());
    }
}

#[test]
fn an_image_without_a_head_names_no_pages_file() {
    let (pagemap, told) = read_bytes(image::inventory(), Made::of(PAGEMAP).bytes());
    assert_eq!((pagemap.pages_id, pagemap.entries.len()), (None, 0));
    assert!(told.is_empty(), "{told:?}");
    let (pagemap, told) = read_bytes(image::inventory(), b"no image".to_vec());
    assert_eq!((pagemap.pages_id, told.len()), (None, 1));
}

#[test]
fn counts_that_leave_64_bits_stay_at_the_end() {
    let (pagemap, _) = read(&[new(0x1000, u64::MAX, 4), new(0x2000, 5, 4)]);
    assert_eq!(pagemap.present, u64::MAX);
    assert_eq!(pagemap.entries[1].place, EntryPlace::Present(u64::MAX));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    /// Any bytes behind the magics give entries that agree with their count, and never more than there is room for.
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let (pagemap, _) = read_bytes(compressed(), Made::of(PAGEMAP).raw(&bytes).bytes());
        assert!(pagemap.entries.len() <= bytes.len());
        assert!(pagemap.entries.iter().all(|entry| entry.pages > 0));
    }

    /// Entries come back as they were written, at the pages that those in front of them leave.
    #[test]
    fn entries_come_back(written in proptest::collection::vec((0_u64..1 << 40, 1_u64..1000, 0_usize..4), 0..20)) {
        let flags = |kind: usize| [1, 2, 4, 6][kind];
        let records: Vec<Message> = written.iter().map(|(at, pages, kind)| new(*at, *pages, flags(*kind))).collect();
        let (pagemap, told) = read(&records);
        assert!(told.is_empty());
        let mut first = 0;
        for (entry, (vaddr, pages, kind)) in pagemap.entries.iter().zip(&written) {
            assert_eq!((entry.vaddr, entry.pages), (*vaddr, *pages));
            let stored = flags(*kind) & 4 != 0;
            assert_eq!(matches!(entry.place, EntryPlace::Present(at) if at == first), stored);
            first = first.checked_add(if stored { *pages } else { 0 }).unwrap();
        }
        assert_eq!((pagemap.entries.len(), pagemap.present), (written.len(), first));
    }
}
