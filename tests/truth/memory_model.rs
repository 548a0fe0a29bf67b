//! Random address spaces against a plain array of bytes: reading and searching give what the array has.

use std::sync::Arc;

use icecore::archive::Options;
use icecore::{Checkpoint, Pid, Vaddr};
use icecore_analysis::dump;
use icecore_analysis::search::{Filter, Needles, Pattern, Search};
use icecore_synth::address_space::{AddressSpace, Coding, LAZY, PARENT, Vma};
use proptest::prelude::*;

/// Where the address space begins.
const BASE: u64 = 0x7000_0000_0000;
/// The shared object that areas may show.
const OBJECT: u32 = 9;

/// What is behind a page of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Behind {
    NotMapped,
    Untouched,
    Stored(u8),
    /// In the parent of so many links; `true`: which has it.
    Parent(u8, usize, bool),
    Lazy,
    /// A page of the object, at the offset that the page has in the space; `None`: never written.
    Shared(Option<u8>),
}

/// A page, and whether an area and a record of the pagemap begin with it.
#[derive(Debug, Clone, Copy)]
struct Page {
    behind: Behind,
    begins: bool,
}

fn page() -> impl Strategy<Value = Page> {
    let behind = prop_oneof![
        2 => Just(Behind::NotMapped),
        2 => Just(Behind::Untouched),
        6 => any::<u8>().prop_map(Behind::Stored),
        3 => (any::<u8>(), 1_usize..4, prop::bool::weighted(0.9))
            .prop_map(|(seed, depth, there)| Behind::Parent(seed, depth, there)),
        1 => Just(Behind::Lazy),
        2 => prop::option::of(any::<u8>()).prop_map(Behind::Shared),
    ];
    (behind, prop::bool::weighted(0.3)).prop_map(|(behind, begins)| Page { behind, begins })
}

fn coding() -> impl Strategy<Value = Coding> {
    prop_oneof![
        Just(Coding::Fields),
        Just(Coding::Old),
        Just(Coding::Frames),
        (1_u32..5, any::<bool>()).prop_map(|(pages, padded)| Coding::Blocks(pages, padded)),
    ]
}

/// Bytes of a page: few values, so that searches find something, and never all zeros.
fn content(seed: u8, page_size: usize) -> Vec<u8> {
    let step = |at: usize| u8::try_from(at / 7 % 256).unwrap();
    (0..page_size).map(|at| b'a' + step(at).wrapping_mul(seed | 1) % 3).collect()
}

/// What the model says of an address: a byte, or that it cannot be known.
fn model(pages: &[Page], page_size: usize) -> Vec<Option<u8>> {
    let bytes = |page: &Page| match page.behind {
        Behind::Untouched | Behind::Shared(None) => vec![Some(0); page_size],
        Behind::Stored(seed) | Behind::Parent(seed, _, true) | Behind::Shared(Some(seed)) => {
            content(seed, page_size).into_iter().map(Some).collect()
        }
        Behind::NotMapped | Behind::Lazy | Behind::Parent(_, _, false) => vec![None; page_size],
    };
    pages.iter().flat_map(bytes).collect()
}

fn offset(index: usize, page_size: usize) -> u64 {
    (index * page_size) as u64
}

/// Runs of pages that belong together: of one kind, up to where another begins.
fn groups<T: PartialEq>(pages: &[Page], of: impl Fn(&Page) -> Option<T>) -> Vec<(usize, usize, T)> {
    let mut groups: Vec<(usize, usize, T)> = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        let Some(kind) = of(page) else { continue };
        match groups.last_mut() {
            Some((_, end, last)) if *end == index && *last == kind && !page.begins => *end += 1,
            _ => groups.push((index, index + 1, kind)),
        }
    }
    groups
}

fn checkpoint(pages: &[Page], page_size: usize, coding: Coding) -> Checkpoint {
    let mut space = AddressSpace::new(1, page_size as u64).coding(coding);
    let at = |index| BASE + offset(index, page_size);
    let is_shared = |page: &Page| matches!(page.behind, Behind::Shared(_));
    let mapped = |page: &Page| (page.behind != Behind::NotMapped).then_some(is_shared(page));
    for (start, end, shared) in groups(pages, mapped) {
        let (from, to) = (at(start), at(end));
        let vma = if shared {
            Vma::shared(from, to, OBJECT, offset(start, page_size))
        } else {
            Vma::anon(from, to)
        };
        space = space.area(vma);
    }
    // The image of an object is there even if nothing of it was ever written.
    space = space.shared(OBJECT, 0, &[]);
    let kind = |page: &Page| match page.behind {
        Behind::Stored(_) => Some(0),
        Behind::Lazy => Some(1),
        Behind::Parent(..) => Some(2),
        _ => None,
    };
    for (start, end, kind) in groups(pages, kind) {
        let bytes = || {
            pages[start..end].iter().flat_map(|page| match page.behind {
                Behind::Stored(seed) => content(seed, page_size),
                _ => Vec::new(),
            })
        };
        space = match kind {
            0 => space.stored(0, at(start), &bytes().collect::<Vec<_>>()),
            1 => space.entry(0, at(start), (end - start) as u64, LAZY),
            _ => space.entry(0, at(start), (end - start) as u64, PARENT),
        };
    }
    for (index, page) in pages.iter().enumerate() {
        match page.behind {
            Behind::Parent(seed, depth, there) => {
                for between in 1..depth {
                    space = space.entry(between, at(index), 1, PARENT);
                }
                if there {
                    space = space.stored(depth, at(index), &content(seed, page_size));
                }
            }
            Behind::Shared(Some(seed)) => {
                space = space.shared(OBJECT, offset(index, page_size), &content(seed, page_size));
            }
            _ => {}
        }
    }
    Checkpoint::from_source(Arc::new(space.tar()), &Options::default()).unwrap()
}

/// Where the model has a needle, and every byte of it is known.
fn places(model: &[Option<u8>], needle: &[u8]) -> Vec<u64> {
    let at = |window: &[Option<u8>]| window.iter().zip(needle).all(|(found, wanted)| *found == Some(*wanted));
    let found = model.windows(needle.len()).enumerate().filter(|(_, window)| at(window));
    found.map(|(index, _)| BASE + index as u64).collect()
}

fn found(checkpoint: &Checkpoint, pattern: Pattern) -> Vec<u64> {
    let needles = Needles::with_max_match(&[pattern], 64).unwrap();
    Search::new(checkpoint, &needles).hits().map(|hit| hit.owners[0].address.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn reads_are_those_of_an_array(
        pages in prop::collection::vec(page(), 1..24),
        size in 0_u32..3,
        coding in coding(),
        reads in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..20_000), 1..20),
    ) {
        let page_size = 4096 << (2 * size);
        let model = model(&pages, page_size);
        let checkpoint = checkpoint(&pages, page_size, coding);
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
        let mapped = pages.iter().filter(|page| page.behind != Behind::NotMapped).count() as u64;
        let counted: u64 = memory.areas().iter().map(|area| memory.pages_of(area).total()).sum();
        prop_assert_eq!(counted, mapped);
    }

    #[test]
    fn dumps_are_those_of_an_array(
        pages in prop::collection::vec(page(), 1..24),
        size in 0_u32..3,
        coding in coding(),
    ) {
        let page_size = 4096 << (2 * size);
        let model = model(&pages, page_size);
        let checkpoint = checkpoint(&pages, page_size, coding);
        let memory = checkpoint.memory(Pid(1)).unwrap();
        let mut file = std::io::Cursor::new(Vec::new());
        let mut pieces = Vec::new();
        for piece in dump::sparse(&memory, &Filter::default(), &mut file) {
            let piece = piece.unwrap();
            pieces.push((piece.run.start.0, piece.run.length(), piece.at.unwrap(), piece.run.is_known()));
        }
        let file = file.into_inner();
        for (start, length, at, known) in pieces {
            let part = |from: u64| usize::try_from(from).unwrap()..usize::try_from(from + length).unwrap();
            let wanted: Option<Vec<u8>> = model[part(start - BASE)].iter().copied().collect();
            prop_assert_eq!(known, wanted.is_some());
            let wanted = wanted.unwrap_or_else(|| vec![0; usize::try_from(length).unwrap()]);
            prop_assert!(file[part(at)] == wanted, "{:#x}", start);
        }
    }

    #[test]
    fn searches_are_those_of_an_array(
        pages in prop::collection::vec(page(), 1..24),
        size in 0_u32..3,
        coding in coding(),
        needles in prop::collection::vec("[abc]{1,12}|[ab]{1,3}", 1..4),
    ) {
        // An object's page is given once, with all who see it; here each is seen at one place.
        let page_size = 4096 << (2 * size);
        let model = model(&pages, page_size);
        let checkpoint = checkpoint(&pages, page_size, coding);
        for needle in needles {
            let wanted = places(&model, needle.as_bytes());
            prop_assert_eq!(&found(&checkpoint, Pattern::literal(&needle)), &wanted);
            let hex: String = needle.bytes().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(&found(&checkpoint, Pattern::hex(&hex).unwrap()), &wanted);
            // What is stored is letters, so that a word begins where something else is in front of it.
            let is_behind_letter = |at: u64| {
                let index = usize::try_from(at - BASE).unwrap();
                index > 0 && model[index - 1].is_some_and(|byte| byte != 0)
            };
            let begins: Vec<u64> = wanted.iter().copied().filter(|at| !is_behind_letter(*at)).collect();
            prop_assert_eq!(&found(&checkpoint, Pattern::regex(format!(r"\b{needle}"))), &begins);
            // As an expression matches do not overlap; those of one byte cannot.
            if needle.len() == 1 {
                prop_assert_eq!(&found(&checkpoint, Pattern::regex(&needle)), &wanted);
            }
        }
    }
}
