//! Searching, dumping and mapping memory, against what the machine can do with the same bytes.
//!
//! `ICECORE_BENCH_MIB` sets how many mebibytes of pages there are; 2048 by default.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a bench reports to a person"
)]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use icecore::archive::{Archive, Options, SharedSource};
use icecore::images_format::messages::{MmEntry, PagemapEntry};
use icecore::images_format::{Image, Message};
use icecore::{Checkpoint, Pid};
use icecore_analysis::search::{Filter, Needles, Pattern, Search};
use icecore_benches::{binary, least, most_anonymous, ratio, report, verdict};
use icecore_synth::Header;
use icecore_synth::address_space::{AddressSpace, PRESENT, Vma};

const ROUNDS: usize = 5;
const PAGE: u64 = 4096;
const START: u64 = 0x10_0000_0000;
/// What is searched for: not in the pages, and its bytes are.
const NEEDLE: &str = "nginx-session-token-that-is-not-there";

fn main() {
    let mebibytes = std::env::var("ICECORE_BENCH_MIB").ok().and_then(|text| text.parse().ok());
    let bytes = mebibytes.unwrap_or(2048_u64) << 20;
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.tar");
    write(&one, bytes, &[Layout { pid: 1, pages: bytes / PAGE, runs: 1 }]);
    literal(&one, folder.path(), bytes);
    many_patterns(&one);
    runs(&one, folder.path(), bytes);
    dump(&one, folder.path());
    resident(&one);
    maps();
}

/// How memory of a process is laid out.
#[derive(Clone, Copy)]
struct Layout {
    pid: u32,
    pages: u64,
    /// Pieces of the address space that do not touch; their pages lie one behind the other in the file.
    runs: u64,
}

fn open(path: &Path) -> Checkpoint {
    Checkpoint::open(path).unwrap()
}

/// The pages of a checkpoint as they lie in memory.
fn pages(checkpoint: &Checkpoint) -> Vec<SharedSource> {
    let members = checkpoint.members().filter(|member| member.name.file_name().starts_with(b"pages-"));
    members.map(|member| member.source().unwrap()).collect()
}

fn scan(checkpoint: &Checkpoint, patterns: &[Pattern], pids: &[u32]) {
    let needles = Needles::new(patterns).unwrap();
    let mut filter = Filter::default();
    filter.pids = pids.iter().copied().map(Pid).collect();
    assert_eq!(Search::new(checkpoint, &needles).filter(filter).hits().count(), 0);
}

/// A literal, and an expression that begins with one, against memmem; then with two threads.
fn literal(one: &Path, folder: &Path, bytes: u64) {
    let checkpoint = open(one);
    let pages = pages(&checkpoint);
    let finder = memchr::memmem::Finder::new(NEEDLE);
    let bare =
        || pages.iter().for_each(|pages| assert_eq!(black_box(finder.find(pages.as_slice().unwrap())), None));
    let literal = || scan(&checkpoint, &[Pattern::literal(NEEDLE)], &[]);
    let regex = || scan(&checkpoint, &[Pattern::regex(format!("{NEEDLE}[0-9]+"))], &[]);
    let [found, expression, limit] = least(ROUNDS, [&mut { literal }, &mut { regex }, &mut { bare }]);
    report("a literal", found, "memmem", limit, 1.0 / 0.8);
    report("an expression behind a literal", expression, "memmem", limit, 1.0 / 0.5);
    drop(checkpoint);
    let two = folder.join("two.tar");
    let half = bytes / PAGE / 2;
    write(&two, bytes, &[Layout { pid: 1, pages: half, runs: 1 }, Layout { pid: 2, pages: half, runs: 1 }]);
    let checkpoint = open(&two);
    let both = || {
        thread::scope(|scope| {
            for pid in [1, 2] {
                let checkpoint = &checkpoint;
                scope.spawn(move || scan(checkpoint, &[Pattern::literal(NEEDLE)], &[pid]));
            }
        });
    };
    let [both] = least(ROUNDS, [&mut { both }]);
    println!(
        "{:>34}  {both:>10.2?}  {:>28}  {limit:>10.2?}  {:>6.3}",
        "two processes in two threads",
        "memmem",
        ratio(both, limit)
    );
    fs::remove_file(two).unwrap();
}

/// A hundred literals at once, against the automaton alone.
fn many_patterns(one: &Path) {
    let checkpoint = open(one);
    let pages = pages(&checkpoint);
    let texts: Vec<String> = (0..100).map(|number| format!("{number:03}-{NEEDLE}-{number}")).collect();
    let automaton = AhoCorasick::new(&texts).unwrap();
    let patterns: Vec<Pattern> = texts.iter().map(Pattern::literal).collect();
    let bare = || {
        pages.iter().for_each(|pages| {
            let found = automaton.find_overlapping_iter(pages.as_slice().unwrap()).count();
            assert_eq!(black_box(found), 0);
        });
    };
    let many = || scan(&checkpoint, &patterns, &[]);
    let [many, limit] = least(ROUNDS, [&mut { many }, &mut { bare }]);
    report("100 literals", many, "aho-corasick", limit, 1.0 / 0.8);
}

/// The same bytes in one piece and in 100,000.
fn runs(one: &Path, folder: &Path, bytes: u64) {
    let many = folder.join("many.tar");
    let pages = bytes / PAGE;
    write(&many, bytes, &[Layout { pid: 1, pages, runs: 100_000.min(pages / 2) }]);
    let (one, cut) = (open(one), open(&many));
    let patterns = [Pattern::literal(NEEDLE)];
    let [cut, whole] =
        least(ROUNDS, [&mut || scan(&cut, &patterns, &[]), &mut || scan(&one, &patterns, &[])]);
    report("100,000 runs", cut, "one run", whole, 2.0);
    fs::remove_file(many).unwrap();
}

/// A dump to a file, against cat of the archive.
fn dump(one: &Path, folder: &Path) {
    let (binary, out) = (binary(), folder.join("out"));
    let run = |command: &mut Command| {
        let _ = fs::remove_file(&out);
        assert!(command.stderr(Stdio::null()).status().unwrap().success());
    };
    let dump = || run(Command::new(&binary).args(["mem", "dump", "-p", "1"]).arg(one).arg("-o").arg(&out));
    let cat = || run(Command::new("cat").arg(one).stdout(File::create(folder.join("copy")).unwrap()));
    let [dump, cat] = least(3, [&mut { dump }, &mut { cat }]);
    report("mem dump", dump, "cat IN > OUT", cat, 1.0 / 0.8);
}

/// Anonymous memory of a search, looked at while it runs.
fn resident(one: &Path) {
    let mut command = Command::new(binary());
    command.args(["search", "-e", NEEDLE]).arg(one).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let most = most_anonymous(&mut command.spawn().unwrap()).unwrap() >> 10;
    let verdict = verdict(most < 64 << 10);
    println!(
        "{:>34}  {:>10.2?}  {most} KiB anonymous  below 64 MiB: {verdict}",
        "resident memory of a search",
        begun.elapsed()
    );
}

/// Areas and their pages, against decoding the records that say them.
fn maps() {
    let (areas, entries) = (100_000_u64, 1_000_000_u64);
    let each = entries / areas;
    let mut space = AddressSpace::new(1, PAGE);
    for area in 0..areas {
        // Every second page is stored, so that no two entries are one run.
        let start = START + area * (2 * each + 2) * PAGE;
        space = space.area(Vma::anon(start, start + 2 * each * PAGE));
        for page in 0..each {
            space = space.entry(0, start + 2 * page * PAGE, 1, PRESENT);
        }
    }
    let images = space.images().swap_remove(0);
    let image = |name: &str| images.iter().find(|(of, _)| of == name).unwrap().1.clone();
    let (mm, pagemap) = (image("mm-1.img"), image("pagemap-1.img"));
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &images {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    File::create(folder.path().join("pages-1.img")).unwrap().set_len(entries * PAGE).unwrap();
    let parse = || {
        decode::<MmEntry>("mm-1.img", &mm);
        decode::<PagemapEntry>("pagemap-1.img", &pagemap);
    };
    let map = || {
        let checkpoint = open(folder.path());
        let memory = checkpoint.memory(Pid(1)).unwrap();
        let stored: u64 = memory.areas().iter().map(|area| memory.pages_of(area).stored).sum();
        assert_eq!(stored, entries);
    };
    let [map, parse] = least(ROUNDS, [&mut { map }, &mut { parse }]);
    report("10^5 areas, 10^6 entries: maps", map, "their records", parse, 20.0);
}

fn decode<M: Message>(name: &str, bytes: &[u8]) {
    let image = Image::parse(name, bytes).unwrap();
    image.records::<M>().for_each(|record| {
        black_box(record.is_ok());
    });
}

/// A checkpoint whose pages are memory of real processes, each piece a little different.
fn write(path: &Path, bytes: u64, layouts: &[Layout]) {
    let mut file = File::create(path).unwrap();
    let real = real();
    for (index, layout) in layouts.iter().enumerate() {
        let gap = if layout.runs > 1 { 1 } else { 0 };
        let of_run = layout.pages / layout.runs;
        let mut space = AddressSpace::new(layout.pid, PAGE);
        for run in 0..layout.runs {
            let pages = if run + 1 == layout.runs { layout.pages - of_run * run } else { of_run };
            let start = START + run * (of_run + gap) * PAGE;
            space = space.area(Vma::anon(start, start + pages * PAGE)).entry(0, start, pages, PRESENT);
        }
        for (name, mut image) in space.images().swap_remove(0) {
            match name.as_str() {
                "pages-1.img" => continue,
                "inventory.img" | "pstree.img" if index > 0 => continue,
                name if name.starts_with("pagemap-") => image = with_pages_id(&image, layout.pid),
                _ => {}
            }
            append(&mut file, &format!("checkpoint/{name}"), image.len() as u64, |file| {
                file.write_all(&image).unwrap()
            });
        }
        let size = layout.pages * PAGE;
        append(&mut file, &format!("checkpoint/pages-{}.img", layout.pid), size, |file| {
            fill(file, &real, size)
        });
    }
    assert!(bytes >= layouts.iter().map(|layout| layout.pages * PAGE).sum());
    file.write_all(&[0; 1024]).unwrap();
}

/// A pagemap that names another pages file: the number is the last byte of its head.
fn with_pages_id(image: &[u8], number: u32) -> Vec<u8> {
    let mut image = image.to_vec();
    assert_eq!(image[8..14], *b"\x02\0\0\0\x08\x01");
    image[13] = u8::try_from(number).unwrap();
    image
}

fn append(file: &mut File, name: &str, size: u64, content: impl FnOnce(&mut File)) {
    file.write_all(&Header::file(name).block(size)).unwrap();
    let start = file.stream_position().unwrap();
    content(file);
    file.seek(SeekFrom::Start(start + size.next_multiple_of(512))).unwrap();
}

fn fill(file: &mut File, real: &[u8], size: u64) {
    let mut left = usize::try_from(size).unwrap();
    let mut round = 0_u64;
    while left > 0 {
        let mut piece = real[..real.len().min(left)].to_vec();
        for place in piece.chunks_mut(509) {
            let count = place.len().min(8);
            place[..count].copy_from_slice(&round.to_le_bytes()[..count]);
            round += 1;
        }
        file.write_all(&piece).unwrap();
        left -= piece.len();
    }
}

/// Memory of real processes.
fn real() -> Vec<u8> {
    let fixture =
        "../fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture);
    let archive = Archive::open_path(path, &Options::default()).unwrap();
    let pages = archive.members().iter().filter(|member| member.name.file_name().starts_with(b"pages-"));
    pages.flat_map(|member| member.bytes(("image", 1 << 30)).unwrap().into_owned()).collect()
}
