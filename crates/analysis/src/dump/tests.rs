use std::io::Cursor;
use std::sync::Arc;

use icecore::archive::Options;
use icecore::memory::{PageSource, Reason};
use icecore::{Checkpoint, Pid, RootFilesystem};
use icecore_synth::address_space::{AddressSpace, Coding, LAZY, Vma};
use icecore_synth::{Dump, Process, Record, Tar};

use super::*;

const PAGE: usize = 4096;

/// Two areas that touch, one page stored in each, and one that is lazy; then an area of one page that is never written.
fn space() -> AddressSpace {
    AddressSpace::new(1, PAGE as u64)
        .area(Vma::anon(0x1000, 0x4000))
        .area(Vma { prot: 5, ..Vma::anon(0x4000, 0x6000) })
        .area(Vma::anon(0x9000, 0xa000))
        .stored(0, 0x2000, &[b'a'; PAGE])
        .entry(0, 0x3000, 1, LAZY)
        .stored(0, 0x4000, &[b'b'; PAGE])
}

fn memory(tar: Vec<u8>) -> Arc<Memory> {
    let checkpoint = Checkpoint::from_source(Arc::new(tar), &Options::default()).unwrap();
    checkpoint.memory(Pid(1)).unwrap()
}

/// Where a piece begins, its place in the output, its source, and whether a reason is given.
type Told = (u64, Option<u64>, PageSource, bool);

fn told(piece: io::Result<Piece<'_>>) -> Told {
    let Piece { run, at, .. } = piece.unwrap();
    (run.start.0, at, run.source, run.reason.is_some())
}

fn perms(letters: &str) -> Filter {
    Filter { perms: letters.to_owned(), ..Filter::default() }
}

#[test]
fn a_stream_has_what_is_stored_and_tells_the_rest() {
    let memory = memory(space().tar());
    let mut out = Vec::new();
    let pieces: Vec<Told> = stream(&memory, &Filter::default(), &mut out).map(told).collect();
    assert_eq!(out, [[b'a'; PAGE], [b'b'; PAGE]].concat());
    let wanted = [
        (0x1000, None, PageSource::Zero, false),
        (0x2000, Some(0), PageSource::Stored, false),
        (0x3000, None, PageSource::Lazy, true),
        (0x4000, Some(4096), PageSource::Stored, false),
        (0x5000, None, PageSource::Zero, false),
        (0x9000, None, PageSource::Zero, false),
    ];
    assert_eq!(pieces, wanted);
}

#[test]
fn a_sparse_file_has_every_area_in_its_length() {
    let memory = memory(space().tar());
    let mut file = Cursor::new(Vec::new());
    let pieces: Vec<Told> = sparse(&memory, &Filter::default(), &mut file).map(told).collect();
    let places: Vec<_> = pieces.iter().map(|(start, at, ..)| (*start, *at)).collect();
    let at = |start, page: u64| (start, Some(page * PAGE as u64));
    let wanted = [at(0x1000, 0), at(0x2000, 1), at(0x3000, 2), at(0x4000, 3), at(0x5000, 4), at(0x9000, 5)];
    assert_eq!(places, wanted);
    let page = |byte: u8| [byte; PAGE];
    assert_eq!(file.into_inner(), [0, b'a', 0, b'b', 0, 0].map(page).concat());
}

#[test]
fn a_filter_leaves_areas_out() {
    let memory = memory(space().tar());
    let mut out = Vec::new();
    let starts: Vec<u64> = stream(&memory, &perms("x"), &mut out).map(|piece| told(piece).0).collect();
    assert_eq!((starts, out), (vec![0x4000, 0x5000], vec![b'b'; PAGE]));
    let range = Filter { range: Some(Vaddr(0x2800)..Vaddr(0x4800)), ..Filter::default() };
    let mut out = Vec::new();
    assert_eq!(stream(&memory, &range, &mut out).count(), 3);
    assert_eq!(out, [[b'a'; 0x800], [b'b'; 0x800]].concat());
}

#[test]
fn each_area_is_a_part_and_so_are_pages_outside() {
    let space = space().stored(0, 0x7000, &[1; PAGE]).stored(0, 0x8000, &[1; PAGE]);
    let memory = memory(space.tar());
    let parts = parts(&memory, &Filter::default());
    let wanted = [0x1000..0x4000, 0x4000..0x6000, 0x7000..0x9000, 0x9000..0xa000];
    assert_eq!(parts, wanted.map(|part| Vaddr(part.start)..Vaddr(part.end)));
}

/// A process that maps three pages of a file that has one and a bit.
fn mapped_file() -> Arc<Memory> {
    let area = Record::required("vma_entry").set("start", 0x1000u32).set("end", 0x4000u32);
    let area = area.set("status", 0x41u32).set("flags", 2u32).set("prot", 1u32).set("shmid", 9u32);
    let process = Process::new(1, 0).memory(|mm| mm.with("vmas", area));
    let dump = Dump::new().process(process).with_file(9, "REG", |it| it.set("name", "/opt/data"));
    let rootfs = Tar::new().file("opt/data", vec![b'f'; PAGE + 7]).finish();
    let rootfs = RootFilesystem::from_source(Arc::new(rootfs), "base.tar").unwrap();
    let checkpoint = Checkpoint::from_source(Arc::new(dump.tar()), &Options::default()).unwrap();
    checkpoint.with_rootfs(Arc::new(rootfs)).memory(Pid(1)).unwrap()
}

/// The zeros behind the last byte of a file are as much of its last page as its bytes are.
#[test]
fn the_last_page_of_a_file_is_whole() {
    let memory = mapped_file();
    let mut out = Vec::new();
    let pieces: Vec<Told> = stream(&memory, &Filter::default(), &mut out).map(told).collect();
    let mut pages = vec![b'f'; PAGE + 7];
    pages.resize(2 * PAGE, 0);
    assert_eq!(out, pages);
    let of_file = |start, at, lost| (start, at, PageSource::File, lost);
    let behind = PAGE as u64 + 7;
    let wanted = [
        of_file(0x1000, Some(0), false),
        of_file(0x1000 + behind, Some(behind), false),
        of_file(0x3000, None, true),
    ];
    assert_eq!(pieces, wanted);
}

/// A block that does not decode costs its own pages and no others.
#[test]
fn damage_costs_no_more_than_its_block() {
    let bytes: Vec<u8> = (0..=250_u8).cycle().flat_map(|byte| [byte; 16]).take(8 * PAGE).collect();
    let space = AddressSpace::new(1, PAGE as u64)
        .coding(Coding::Blocks(2, true))
        .area(Vma::anon(0x1000, 0x9000))
        .stored(0, 0x1000, &bytes);
    let mut tar = Tar::new();
    for (name, mut bytes) in space.images().swap_remove(0) {
        if name == "pages-1.img" {
            // The second of four padded blocks.
            let length = bytes.len() / 4;
            bytes[length..length + 20].fill(0xff);
        }
        tar = tar.file(format!("checkpoint/{name}"), bytes);
    }
    let memory = memory(tar.finish());
    let mut out = Vec::new();
    let pieces: Vec<_> = stream(&memory, &Filter::default(), &mut out).map(Result::unwrap).collect();
    let shape: Vec<_> = pieces.iter().map(|piece| (piece.run.start.0, piece.run.end.0, piece.at)).collect();
    let (first, third) = (0, 2 * PAGE as u64);
    assert_eq!(shape, [(0x1000, 0x3000, Some(first)), (0x3000, 0x5000, None), (0x5000, 0x9000, Some(third))]);
    assert!(matches!(&pieces[1].run.reason, Some(Reason::Damaged(why)) if why.contains("block 1")));
    assert_eq!(out, [&bytes[..2 * PAGE], &bytes[4 * PAGE..]].concat());
}

/// Gives an error behind so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.0);
        self.0 = self.0.saturating_sub(count);
        if count == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(count) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_of_the_writer_is_the_last_thing() {
    let memory = memory(space().tar());
    let told: Vec<_> = stream(&memory, &Filter::default(), Full(5000)).collect();
    assert_eq!(told.len(), 4);
    let error = told.into_iter().next_back().unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
