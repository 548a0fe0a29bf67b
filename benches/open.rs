//! `icecore show` of plain tars from 1 MiB to 64 GiB, against `tar -tf` on the same file.
//!
//! The aim: flat, and at most three times the processor time of tar plus 20 ms.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a bench reports to a person"
)]

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use icecore_archive::{Archive, Options};
use icecore_benches::{binary, command, processor_time, ratio, verdict};
use icecore_synth::Header;

const ROUNDS: usize = 15;

fn main() {
    let binary = binary();
    let folder = tempfile::tempdir().unwrap();
    println!("{:>10}  {:>10}  {:>10}  {:>6}  aim", "size", "show", "tar -tf", "ratio");
    for size in [1_u64 << 20, 64 << 20, 1 << 30, 64 << 30] {
        let path = folder.path().join("checkpoint.tar");
        write(&path, size);
        let show = processor_time(ROUNDS, || command(&binary, &["show"], &path, &[])).unwrap();
        let tar = processor_time(ROUNDS, || command(Path::new("tar"), &["-tf"], &path, &[])).unwrap();
        let aim = tar * 3 + std::time::Duration::from_millis(20);
        let verdict = verdict(show <= aim);
        println!("{:>7} MiB  {show:>10.2?}  {tar:>10.2?}  {:>6.2}  {verdict}", size >> 20, ratio(show, tar));
    }
}

/// A real checkpoint whose memory was blown up to a size, as a file with a hole.
fn write(path: &Path, size: u64) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/minimal/checkpoint.tar");
    let archive = Archive::open_path(fixture, &Options::default()).unwrap();
    let mut file = File::create(path).unwrap();
    for member in archive.members().iter().filter(|member| member.is_file()) {
        let bytes = member.bytes(("image", 1 << 30)).unwrap();
        append(&mut file, &member.name.to_string(), &bytes, bytes.len() as u64);
    }
    append(&mut file, "pages-9.img", b"", size);
    file.write_all(&[0; 1024]).unwrap();
}

fn append(file: &mut File, name: &str, bytes: &[u8], size: u64) {
    file.write_all(&Header::file(name).block(size)).unwrap();
    let start = file.stream_position().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(start + size.next_multiple_of(512))).unwrap();
}
