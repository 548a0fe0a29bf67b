//! Decoding images: against a bare walk over every tag and varint of the same bytes, against itself at a tenth of the
//! size, and against python crit.
//!
//! The aims: a million pagemap entries at most 2.5 times the walk; `files.img` linear; JSON at least 50 times as fast as crit.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a bench reports to a person"
)]

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use icecore_benches::{least, processor_time, report};
use icecore_images::json::{self, Form};
use icecore_images::messages::{FileEntry, PagemapEntry};
use icecore_images::{Image, Message, wire};
use icecore_synth::{Message as Record, image};

const ROUNDS: usize = 15;
const PAGEMAP: u32 = 0x5608_4025;
const FILES: u32 = 0x5630_3138;

fn main() {
    let pagemap = pagemap(1_000_000);
    let image = Image::parse("pagemap-1.img", &pagemap).unwrap();
    let [typed, walk] = least(ROUNDS, [&mut || decode::<PagemapEntry>(&image), &mut || bare_walk(&image)]);
    report("10^6 pagemap entries", typed, "bare walk", walk, 2.5);

    let (many, few) = (files(100_000), files(10_000));
    let (many, few) = (Image::parse("files.img", &many).unwrap(), Image::parse("files.img", &few).unwrap());
    let [all, tenth] = least(ROUNDS, [&mut || decode::<FileEntry>(&many), &mut || decode::<FileEntry>(&few)]);
    // Caches are smaller than the larger image.
    report("10^5 files", all, "ten times 10^4", tenth * 10, 1.5);

    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("pagemap-1.img", self::pagemap(100_000)), ("files.img", files(20_000))] {
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        against_crit(&path);
    }
}

fn decode<M: Message>(image: &Image<'_>) {
    image.records::<M>().for_each(|record| {
        black_box(record.unwrap().message);
    });
}

fn bare_walk(image: &Image<'_>) {
    for entry in image.entries() {
        wire::fields(entry.unwrap().bytes).for_each(|field| {
            black_box(field.unwrap());
        });
    }
}

/// From the file to JSON: this crate in this process, and crit as a process of its own, whose start is small beside the rest.
fn against_crit(path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let to_json = || {
        let bytes = std::fs::read(path).unwrap();
        let mut text = Nowhere(0);
        json::write(&Image::parse(name, &bytes).unwrap(), Form::COMPACT, &mut text).unwrap();
        black_box(text.0);
    };
    let [own] = least(ROUNDS, [&mut { to_json }]);
    let crit = processor_time(2, || {
        let mut command = Command::new("crit");
        command.args(["decode", "-i"]).arg(path);
        command
    });
    match crit {
        Ok(crit) => report(&format!("{name} to JSON"), own, "crit decode", crit, 0.02),
        Err(why) => println!("crit is not there: {why}"),
    }
}

/// Takes text as `/dev/null` does, and counts it.
struct Nowhere(usize);

impl std::fmt::Write for Nowhere {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// A pagemap of single pages, far apart, as present CRIUs write them.
fn pagemap(entries: u64) -> Vec<u8> {
    let head = image::Image::of(PAGEMAP).record(&Record::new().varint(1, 1));
    let entry = |index: u64| {
        let start = 0x7f00_0000_0000 + index * 0x2000;
        Record::new().varint(1, start).varint(2, 0).varint(4, 4).varint(5, 1)
    };
    (0..entries).fold(head, |image, index| image.record(&entry(index))).bytes()
}

/// Regular files with names of usual length.
fn files(entries: u64) -> Vec<u8> {
    let owner = Record::new().varint(1, 0).varint(2, 0).varint(3, 0).varint(4, 0).varint(5, 0);
    let entry = |id: u64| {
        let reg = Record::new().varint(1, id).varint(2, 0o100_002).varint(3, 4096 * id).message(5, &owner);
        let reg = reg.bytes(6, format!("/var/lib/shop/orders/{id:08}.csv")).signed(7, 13).varint(8, 65_536);
        Record::new().varint(1, 1).varint(2, id).message(3, &reg.varint(10, 0o100_644))
    };
    (1..=entries).fold(image::Image::of(FILES), |image, id| image.record(&entry(id))).bytes()
}
