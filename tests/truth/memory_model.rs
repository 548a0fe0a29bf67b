//! Random address spaces against a plain array of bytes: reading and searching give what the array has.

use std::ops::ControlFlow;
use std::sync::Arc;

use icecore::archive::Options;
use icecore::{Checkpoint, Pid, Vaddr};
use icecore_analysis::search::{Filter, Needles, Pattern, search};
use icecore_synth::image::{Image, inventory};
use icecore_synth::{Message, Tar};
use proptest::prelude::*;

const MM: u32 = 0x5749_2820;
const PAGEMAP: u32 = 0x5608_4025;
/// Where the address space begins.
const BASE: u64 = 0x7000_0000_0000;

/// A page of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Page {
    NotMapped,
    Untouched,
    Stored(u8),
    /// In the parent; `true`: which has it.
    Parent(u8, bool),
    Lazy,
}

fn page() -> impl Strategy<Value = Page> {
    prop_oneof![
        2 => Just(Page::NotMapped),
        2 => Just(Page::Untouched),
        6 => any::<u8>().prop_map(Page::Stored),
        3 => (any::<u8>(), prop::bool::weighted(0.9)).prop_map(|(seed, there)| Page::Parent(seed, there)),
        1 => Just(Page::Lazy),
    ]
}

/// Bytes of a page: few values, so that searches find something, and never all zeros.
fn content(seed: u8, page_size: usize) -> Vec<u8> {
    let step = |at: usize| u8::try_from(at / 7 % 256).unwrap();
    (0..page_size).map(|at| b'a' + step(at).wrapping_mul(seed | 1) % 3).collect()
}

/// What the model says of an address: a byte, or that it cannot be known.
fn model(pages: &[Page], page_size: usize) -> Vec<Option<u8>> {
    let bytes = |page: &Page| match page {
        Page::Untouched => vec![Some(0); page_size],
        Page::Stored(seed) | Page::Parent(seed, true) => {
            content(*seed, page_size).into_iter().map(Some).collect()
        }
        Page::NotMapped | Page::Lazy | Page::Parent(_, false) => vec![None; page_size],
    };
    pages.iter().flat_map(bytes).collect()
}

fn address(index: usize, page_size: usize) -> u64 {
    BASE + (index * page_size) as u64
}

/// A pagemap and its pages; `cut` is the most pages of an entry, and old images count in another field.
fn pagemap(entries: &[(u64, u32, Vec<u8>)], old: bool) -> (Vec<u8>, Vec<u8>) {
    let mut image = Image::of(PAGEMAP).record(&Message::new().varint(1, 1));
    let mut pages = Vec::new();
    for (vaddr, flags, bytes) in entries {
        let entry = Message::new().varint(1, *vaddr);
        let entry = if old { entry.varint(2, 1) } else { entry.varint(2, 0) };
        let entry = entry.varint(4, (*flags).into());
        image = image.record(&if old { entry } else { entry.varint(5, 1) });
        pages.extend_from_slice(bytes);
    }
    (image.bytes(), pages)
}

fn mm(pages: &[Page], page_size: usize) -> Vec<u8> {
    let mut message = (1..=12).fold(Message::new(), |message, field| message.varint(field, 0));
    message = message.repeated(13, &[6, page_size as u64]);
    let mut at = 0;
    while at < pages.len() {
        let mapped = |page: &Page| *page != Page::NotMapped;
        let length = pages[at..].iter().take_while(|page| mapped(page)).count();
        if length > 0 {
            let vma = Message::new()
                .varint(1, address(at, page_size))
                .varint(2, address(at + length, page_size))
                .varint(3, 0)
                .varint(4, 0)
                .varint(5, 3)
                .varint(6, 0x22)
                .varint(7, 0x201)
                .signed(8, -1);
            message = message.message(14, &vma);
        }
        at += length.max(1);
    }
    Image::of(MM).record(&message).bytes()
}

fn checkpoint(pages: &[Page], page_size: usize, old: bool) -> Checkpoint {
    let (mut own, mut parent) = (Vec::new(), Vec::new());
    for (index, page) in pages.iter().enumerate() {
        let at = address(index, page_size);
        match page {
            Page::NotMapped | Page::Untouched => {}
            Page::Stored(seed) => own.push((at, 6, content(*seed, page_size))),
            Page::Lazy => own.push((at, 2, Vec::new())),
            Page::Parent(seed, there) => {
                own.push((at, 1, Vec::new()));
                if *there {
                    parent.push((at, 4, content(*seed, page_size)));
                }
            }
        }
    }
    let ((map, stored), (parent_map, parent_stored)) = (pagemap(&own, old), pagemap(&parent, old));
    let tar = Tar::new()
        .file("checkpoint/inventory.img", inventory())
        .file("checkpoint/mm-1.img", mm(pages, page_size))
        .file("checkpoint/pagemap-1.img", map)
        .file("checkpoint/pages-1.img", stored)
        .symlink("checkpoint/parent", "../pre-checkpoint")
        .file("pre-checkpoint/inventory.img", inventory())
        .file("pre-checkpoint/pagemap-1.img", parent_map)
        .file("pre-checkpoint/pages-1.img", parent_stored);
    Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
}

/// Where the model has a needle, and every byte of it is known.
fn places(model: &[Option<u8>], needle: &[u8]) -> Vec<u64> {
    let at = |window: &[Option<u8>]| window.iter().zip(needle).all(|(found, wanted)| *found == Some(*wanted));
    let found = model.windows(needle.len()).enumerate().filter(|(_, window)| at(window));
    found.map(|(index, _)| BASE + index as u64).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reads_are_those_of_an_array(
        pages in prop::collection::vec(page(), 1..40),
        large in any::<bool>(),
        old in any::<bool>(),
        reads in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..20_000), 1..20),
    ) {
        let page_size = if large { 16384 } else { 4096 };
        let model = model(&pages, page_size);
        let checkpoint = checkpoint(&pages, page_size, old);
        let memory = checkpoint.memory(Pid(1)).unwrap();
        prop_assert_eq!(memory.page_size(), page_size as u64);
        for (start, length) in reads {
            let start = start.index(model.len());
            let end = (start + length).min(model.len());
            let wanted: Option<Vec<u8>> = model[start..end].iter().copied().collect();
            let range = Vaddr(BASE + start as u64)..Vaddr(BASE + end as u64);
            prop_assert_eq!(memory.read(range, 1 << 20).ok(), wanted);
        }
        let known: u64 = memory.runs().filter(|run| run.is_known()).map(|run| run.length()).sum();
        prop_assert_eq!(known, model.iter().flatten().count() as u64);
    }

    #[test]
    fn searches_are_those_of_an_array(
        pages in prop::collection::vec(page(), 1..24),
        old in any::<bool>(),
        needles in prop::collection::vec("[abc]{1,12}|[ab]{1,3}", 1..4),
    ) {
        let model = model(&pages, 4096);
        let checkpoint = checkpoint(&pages, 4096, old);
        for needle in needles {
            let patterns = [Pattern::literal(&needle)];
            let mut found = Vec::new();
            let ended = search(&checkpoint, &Needles::new(&patterns).unwrap(), &Filter::default(), &mut |hit| {
                found.push(hit.owners[0].address.0);
                ControlFlow::Continue(())
            });
            prop_assert!(ended);
            prop_assert_eq!(found, places(&model, needle.as_bytes()));
        }
    }
}
