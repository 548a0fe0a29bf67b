//! Everything of large containers as one document: time against a tenth of the size, memory against the images, and a long
//! list of descriptors against decoding the images that it is made from.
//!
//! The aims: 1,000 processes with 20 descriptors and 1,000 areas each in less than ten times the size of their images; 100,
//! 1,000 and 10,000 processes with 100 areas each in times that grow as they do; 30,000 descriptors of one process in at most
//! ten times the time of decoding. With `-- --small` everything has a tenth of that size.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    reason = "a bench reports to a person"
)]

use std::ffi::OsString;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use icecore_benches::{command, largest_child, least, processor_time, report, verdict};
use icecore_images::Image;
use icecore_images::messages::{FdinfoEntry, FileEntry};
use icecore_inspect::{Io, Terminal, run};
use icecore_synth::image::{self, Task};
use icecore_synth::{Message, Tar};

const ROUNDS: usize = 3;

fn main() {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let Some(at) = words.iter().position(|word| word == "--answer") {
        // A process of its own, so that its memory and time can be told from those of this one.
        answer(words.into_iter().skip(at + 1));
        return;
    }
    let scale = if words.iter().any(|word| word == "--small") { 10 } else { 1 };
    let folder = tempfile::tempdir().unwrap();
    // The first of all: what counts is the largest process so far.
    memory(folder.path(), 1_000 / scale);
    linear(folder.path(), scale);
    descriptors(30_000 / scale);
}

/// Ten times as many processes take ten times as long.
fn linear(folder: &Path, scale: u32) {
    let times: Vec<Duration> = [100, 1_000, 10_000]
        .map(|count| {
            let path = write(folder, &Shape { processes: count / scale, descriptors: 0, areas: 100 });
            processor_time(ROUNDS, || answering(&path)).unwrap()
        })
        .to_vec();
    for (pair, count) in times.windows(2).zip([1_000, 10_000]) {
        let [tenth, whole] = pair else { continue };
        let name = format!("{} processes", count / scale);
        report(&name, *whole, "ten times a tenth", *tenth * 10, 1.5);
    }
}

/// What `inspect` keeps of a container beside its images.
fn memory(folder: &Path, processes: u32) {
    let shape = Shape { processes, descriptors: 20, areas: 1_000 };
    let path = write(folder, &shape);
    let size = std::fs::metadata(&path).unwrap().len();
    let took = processor_time(1, || answering(&path)).unwrap();
    let peak = largest_child().unwrap();
    let factor = peak as f64 / size as f64;
    let verdict = verdict(factor < 10.0);
    println!(
        "{:>34}  {took:>10.2?}  {} MiB of images, {} MiB of memory  {factor:>7.2}  {verdict}",
        format!("{processes} × 20 × 1000"),
        size >> 20,
        peak >> 20,
    );
}

/// The list of all descriptors of one process, and its images decoded.
fn descriptors(count: u32) {
    let images = Shape { processes: 1, descriptors: count, areas: 1 }.images();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("descriptors.tar");
    std::fs::write(&path, tar(&images)).unwrap();
    let bytes = |name: &str| &images.iter().find(|(other, _)| other == name).unwrap().1;
    let (files, fdinfo) = (bytes("files.img"), bytes("fdinfo-1.img"));
    let words = || ["files".into(), path.clone().into_os_string(), "--format".into(), "json".into()];
    let [list, decode] = least(
        5 * ROUNDS,
        [&mut || answer(words().into_iter()), &mut || {
            let image = Image::parse("files.img", files).unwrap();
            image.records::<FileEntry>().for_each(|record| drop(black_box(record.unwrap().message)));
            let image = Image::parse("fdinfo-1.img", fdinfo).unwrap();
            image.records::<FdinfoEntry>().for_each(|record| drop(black_box(record.unwrap().message)));
        }],
    );
    report(&format!("{count} descriptors"), list, "decoding", decode, 10.0);
}

/// Runs a command line whose answer nobody reads.
fn answer(words: impl Iterator<Item = OsString>) {
    let (mut out, mut err) = (std::io::sink(), Vec::new());
    let mut io = Io { out: &mut out, err: &mut err, input: None, terminal: Terminal::default() };
    let code = run(std::iter::once("icecore".into()).chain(words), &mut io);
    assert!(code == 0, "exit code {code}: {}", String::from_utf8_lossy(&err));
}

/// `inspect` of an archive in a process of its own.
/// This bench again, as a process that only answers.
fn answering(path: &Path) -> Command {
    let own = std::env::current_exe().unwrap();
    command(&own, &["--answer", "inspect"], path, &["--format", "json"])
}

/// The size of a synthetic container.
struct Shape {
    processes: u32,
    /// Of each process.
    descriptors: u32,
    /// Of each process.
    areas: u64,
}

fn write(folder: &Path, shape: &Shape) -> PathBuf {
    let path = folder.join(format!("{}-{}-{}.tar", shape.processes, shape.descriptors, shape.areas));
    std::fs::write(&path, tar(&shape.images())).unwrap();
    path
}

fn tar(images: &[(String, Vec<u8>)]) -> Vec<u8> {
    images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes)).bytes()
}

impl Shape {
    /// All images with their names. Every process has files and areas of its own; its pages are all zero.
    fn images(&self) -> Vec<(String, Vec<u8>)> {
        let task = |pid: u32| Task::new(pid, u32::from(pid > 1), format!("worker-{pid}"));
        let tasks: Vec<Task> = (1..=self.processes).map(task).collect();
        let mut images = vec![
            (String::from("inventory.img"), image::inventory()),
            (String::from("pstree.img"), image::pstree(&tasks)),
        ];
        let mut files = image::Image::of(FILES);
        for task in &tasks {
            let pid = task.pid;
            files = self.files(pid).into_iter().fold(files, |files, file| files.record(&file));
            images.push((format!("core-{pid}.img"), image::core(task)));
            images.push((format!("mm-{pid}.img"), self.mm(pid)));
            images.push((format!("ids-{pid}.img"), ids(pid)));
            images.push((format!("fdinfo-{pid}.img"), self.fdinfo(pid)));
            let pagemap = image::Image::of(PAGEMAP).record(&Message::new().varint(1, u64::from(pid)));
            images.push((format!("pagemap-{pid}.img"), pagemap.bytes()));
        }
        images.push((String::from("files.img"), files.bytes()));
        images
    }

    /// The number of a file among those of all processes.
    fn file_id(&self, pid: u32, index: u32) -> u64 {
        u64::from(pid) * (u64::from(self.descriptors) + 1) + u64::from(index)
    }

    /// The executable and the open files of a process.
    fn files(&self, pid: u32) -> Vec<Message> {
        let owner = Message::new().varint(1, 0).varint(2, 0).varint(3, 0).varint(4, 0).varint(5, 0);
        let file = |index: u32| {
            let (id, path) =
                (self.file_id(pid, index), format!("/var/lib/shop/orders/{pid:06}-{index:06}.csv"));
            let reg = Message::new().varint(1, id).varint(2, 0o100_002).varint(3, 4096).message(5, &owner);
            let reg = reg.bytes(6, path).signed(7, 13).varint(8, 65_536).varint(10, 0o100_644);
            Message::new().varint(1, 1).varint(2, id).message(3, &reg)
        };
        (0..=self.descriptors).map(file).collect()
    }

    fn fdinfo(&self, pid: u32) -> Vec<u8> {
        let record = |fd: u32| {
            let id = self.file_id(pid, fd + 1);
            Message::new().varint(1, id).varint(2, 0).varint(3, 1).varint(4, u64::from(fd))
        };
        (0..self.descriptors).fold(image::Image::of(FDINFO), |image, fd| image.record(&record(fd))).bytes()
    }

    fn mm(&self, pid: u32) -> Vec<u8> {
        const START: u64 = 0x7f00_0000_0000;
        let area = |index: u64| {
            let start = START + index * 0x3000;
            let area = Message::new().varint(1, start).varint(2, start + 0x1000).varint(3, 0).varint(4, 0);
            area.varint(5, 3).varint(6, 0x22).varint(7, 0x201).signed(8, -1)
        };
        let head = (1..=11).fold(Message::new(), |message, field| message.varint(field, START));
        let head = head.varint(12, self.file_id(pid, 0)).repeated(13, &[6, 4096, 0, 0]);
        let message = (0..self.areas).fold(head, |message, index| message.message(14, &area(index)));
        image::Image::of(MM).record(&message).bytes()
    }
}

/// A process that shares nothing but its namespaces.
fn ids(pid: u32) -> Vec<u8> {
    let own = (1..=4).fold(Message::new(), |message, field| message.varint(field, u64::from(pid)));
    let message = (5..=9_u32).fold(own, |message, field| message.varint(field, field.into()));
    image::Image::of(IDS).record(&message).bytes()
}

const FILES: u32 = 0x5630_3138;
const FDINFO: u32 = 0x5621_3732;
const MM: u32 = 0x5749_2820;
const IDS: u32 = 0x5443_2030;
const PAGEMAP: u32 = 0x5608_4025;
