//! `icecore fs diff` of a container that changed a million files: time against a tenth of them and against `tar -tvf` of the
//! same files, memory against a bound.
//!
//! The aims: linear; at most four times the processor time of tar, which prints less of each; less than 256 MiB of resident
//! memory, whatever the format. With `-- --small` everything has a tenth of that size.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a bench reports to a person"
)]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use icecore_benches::{binary, command, largest_child, processor_time, report, verdict};
use icecore_synth::{Field, Header};

const ROUNDS: usize = 3;

/// Bytes of resident memory that a command may have.
const MEMORY: u64 = 256 << 20;

/// Files in a directory.
const BRANCH: u64 = 50;

fn main() {
    let scale = if std::env::args().any(|word| word == "--small") { 10 } else { 1 };
    let folder = tempfile::tempdir().unwrap();
    let [tenth, whole] = [100_000, 1_000_000].map(|entries| Archives::write(folder.path(), entries / scale));
    let tar = processor_time(ROUNDS, || command(Path::new("tar"), &["-tvf"], &whole.diff, &[])).unwrap();
    for format in ["text", "jsonl", "json"] {
        let diff = |archives: &Archives| {
            command(&binary(), &["fs", "diff"], &archives.checkpoint, &["--format", format])
        };
        let [tenth, whole] = [&tenth, &whole].map(|size| processor_time(ROUNDS, || diff(size)).unwrap());
        report(format, whole, "ten times a tenth", tenth * 10, 1.2);
        report(format, whole, "tar -tvf", tar, 4.0);
    }
    let peak = largest_child().unwrap();
    println!("{:>34}  {} of {} MiB: {}", "memory", peak >> 20, MEMORY >> 20, verdict(peak < MEMORY));
}

/// A checkpoint of CRI-O's, and the archive of changed files in it as a file of its own.
struct Archives {
    checkpoint: PathBuf,
    diff: PathBuf,
}

impl Archives {
    fn write(folder: &Path, entries: u64) -> Self {
        let [checkpoint, diff] = ["", "-diff"].map(|part| folder.join(format!("{entries}{part}.tar")));
        let mut tar = BufWriter::new(File::create(&diff).unwrap());
        (0..entries).for_each(|number| entry(&mut tar, number));
        tar.write_all(&[0; 1024]).unwrap();
        tar.flush().unwrap();
        let mut tar = BufWriter::new(File::create(&checkpoint).unwrap());
        append(&mut tar, "spec.dump", br#"{"annotations": {"io.container.manager": "cri-o"}}"#);
        append(
            &mut tar,
            "config.dump",
            br#"{"id": "1", "name": "giant", "checkpointedTime": "2026-11-25T20:30:46Z"}"#,
        );
        let length = std::fs::metadata(&diff).unwrap().len();
        tar.write_all(&Header::file("rootfs-diff.tar").block(length)).unwrap();
        io::copy(&mut File::open(&diff).unwrap(), &mut tar).unwrap();
        tar.write_all(&[0; 1024]).unwrap();
        tar.flush().unwrap();
        Self { checkpoint, diff }
    }
}

/// A directory and what is in it, in the order in which a walk finds them.
fn entry(tar: &mut impl Write, number: u64) {
    let directory = format!("usr/lib/python3/dist-packages/pkg-{:05}/", number / BRANCH);
    let owned =
        |header: Header| header.field(Field::Owner, "root").field(Field::Group, "root").mtime(1_764_102_646);
    match number % BRANCH {
        0 => tar.write_all(&owned(Header::new(b'5', directory).mode(0o755)).block(0)).unwrap(),
        module => {
            let content = *b"import os\n";
            let header = owned(Header::file(format!("{directory}module_{module:04}.py")));
            tar.write_all(&header.block(content.len() as u64)).unwrap();
            padded(tar, &content);
        }
    }
}

fn append(tar: &mut impl Write, name: &str, content: &[u8]) {
    tar.write_all(&Header::file(name).block(content.len() as u64)).unwrap();
    padded(tar, content);
}

fn padded(tar: &mut impl Write, content: &[u8]) {
    let mut blocks = content.to_vec();
    blocks.resize(content.len().next_multiple_of(512), 0);
    tar.write_all(&blocks).unwrap();
}
