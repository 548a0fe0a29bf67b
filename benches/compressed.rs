//! Opening a compressed archive, against its decoder crate alone on the same bytes.
//!
//! The aim: at most 1.15 times. Both run in this process by turns; what is decoded is memory of real processes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench reports to a person"
)]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use icecore_archive::{Archive, Options, SharedSource};
use icecore_benches::{least, report};

/// Bytes of the archive before compression.
const SIZE: usize = 96 << 20;
const ROUNDS: usize = 7;

/// How a decoder crate alone reads a stream: everything, into one buffer that is thrown away.
type Bare = fn(&[u8]) -> u64;

/// A compressor of the system, and the decoder crate that reads what it writes.
const FORMATS: [(&str, &[&str], Bare); 5] = [
    ("gzip", &["-6"], |bytes| drain(flate2::read::MultiGzDecoder::new(bytes))),
    ("zstd", &["-3"], |bytes| drain(ruzstd::decoding::StreamingDecoder::new(bytes).unwrap())),
    ("xz", &["-1"], |bytes| drain(lzma_rust2::XzReader::new(bytes, true))),
    ("bzip2", &["-9"], |bytes| drain(bzip2::read::MultiBzDecoder::new(bytes))),
    ("lz4", &["-1"], |bytes| drain(lz4_flex::frame::FrameDecoder::new(bytes))),
];

fn main() {
    let tar = archive();
    for (program, flags, bare) in FORMATS {
        let Some(bytes) = compress(program, flags, &tar) else {
            eprintln!("{program} is not installed");
            continue;
        };
        let source: SharedSource = Arc::new(bytes.clone());
        let mut open =
            || assert_eq!(Archive::open(source.clone(), &Options::default()).unwrap().roots().len(), 1);
        let mut alone = || assert_eq!(bare(&bytes), tar.len() as u64);
        let [open, alone] = least(ROUNDS, [&mut open, &mut alone]);
        report(program, open, "decoder crate", alone, 1.15);
    }
}

fn drain(mut stream: impl Read) -> u64 {
    let mut buffer = vec![0; 128 << 10];
    let mut total = 0_u64;
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => return total,
            count => total = total.saturating_add(count as u64),
        }
    }
}

/// A checkpoint with memory of real processes, repeated with small changes so that no window sees it twice alike.
fn archive() -> Vec<u8> {
    let fixture =
        "../fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar";
    let real = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).unwrap();
    let mut pages = Vec::with_capacity(SIZE);
    while pages.len() < SIZE {
        let round = pages.len().to_le_bytes();
        for chunk in real.chunks(509) {
            pages.extend_from_slice(chunk);
            pages.extend_from_slice(round.get(..3).unwrap_or_default());
        }
    }
    pages.truncate(SIZE);
    icecore_synth::Tar::new().file("inventory.img", b"\x16\x31\x31\x58").file("pages-1.img", pages).finish()
}

fn compress(program: &str, flags: &[&str], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .args(flags)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let (written, output) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || std::io::Write::write_all(&mut input, bytes).is_ok());
        let output = child.wait_with_output().ok();
        (writer.join().unwrap_or(false), output)
    });
    output.filter(|_| written).map(|output| output.stdout)
}
