//! `icecore extract`, against `tar -x` of the same files, and with sums against `tar -x` with `sha256sum` behind it.
//!
//! `ICECORE_BENCH_MIB` sets how many mebibytes of files there are; 2048 by default. Everything happens in the directory for
//! temporary files: it should have a disk that does not decide the race.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a bench reports to a person"
)]

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use icecore_benches::{binary, most_anonymous, report, verdict};
use icecore_synth::{Header, Tar, image};

const ROUNDS: usize = 3;
/// At least 70 % of the speed of the limit.
const AIM: f64 = 1.0 / 0.7;

/// How the bytes are cut into files.
struct Shape {
    name: &'static str,
    /// Bytes of one file.
    each: u64,
    /// Of the bytes that are asked for, one in so many: small files cost by their number, not by their bytes.
    part: u64,
}

const SHAPES: [Shape; 2] = [
    Shape { name: "few large files", each: 256 << 20, part: 1 },
    Shape { name: "many files of 4 KiB", each: 4 << 10, part: 5 },
];

/// A folder with an archive, the tar that is in it, and a place to unpack to.
struct Scene {
    folder: tempfile::TempDir,
    /// Of all files.
    bytes: u64,
}

fn main() {
    let mebibytes = std::env::var("ICECORE_BENCH_MIB").ok().and_then(|text| text.parse().ok());
    let bytes = mebibytes.unwrap_or(2048_u64) << 20;
    for shape in SHAPES {
        let scene = Scene::new(&shape, bytes / shape.part);
        scene.race(shape.name, &["--no-hash"], "tar -x", "tar -xf \"$1\" -C \"$2\"");
        let summed =
            "tar -xf \"$1\" -C \"$2\" && cd \"$2\" && find . -type f -print0 | xargs -0 sha256sum > ../sums";
        scene.race(&format!("{}, sums", shape.name), &[], "tar -x, sha256sum", summed);
        scene.resident(shape.name);
    }
}

impl Scene {
    fn new(shape: &Shape, bytes: u64) -> Self {
        let each = shape.each.min(bytes);
        let count = bytes / each;
        let scene = Self { folder: tempfile::tempdir().unwrap(), bytes: count * each };
        write_diff(&scene.path("diff.tar"), each, count);
        write_archive(&scene.path("archive.tar"), &scene.path("diff.tar"));
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn extract(&self, options: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.arg("extract").arg(self.path("archive.tar")).arg("-o").arg(self.path("out")).args(options);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Both by turns, each into a directory that was not there, whose removal is not counted.
    fn race(&self, name: &str, options: &[&str], limit: &str, script: &str) {
        let rival = || {
            fs::create_dir(self.path("out")).unwrap();
            let mut command = Command::new("sh");
            command.args(["-c", script, "sh"]).arg(self.path("diff.tar")).arg(self.path("out"));
            command
        };
        let mut least = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            least = [self.time(self.extract(options)).min(least[0]), self.time(rival()).min(least[1])];
        }
        report(name, least[0], limit, least[1], AIM);
    }

    fn time(&self, mut command: Command) -> Duration {
        let begun = Instant::now();
        assert!(command.status().unwrap().success());
        let took = begun.elapsed();
        fs::remove_dir_all(self.path("out")).unwrap();
        took
    }

    fn resident(&self, name: &str) {
        let mut child = self.extract(&[]).spawn().unwrap();
        let most = most_anonymous(&mut child).unwrap() >> 10;
        assert!(child.wait().unwrap().success());
        // Who leaves files out is fast.
        assert_eq!(bytes_below(&self.path("out/diff")), self.bytes);
        println!("{name:>34}  {most} KiB anonymous, at most 64 MiB: {}", verdict(most < 64 << 10));
        fs::remove_dir_all(self.path("out")).unwrap();
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let bytes = entries.map(|entry| match entry.metadata().unwrap() {
        of if of.is_dir() => bytes_below(&entry.path()),
        of => of.len(),
    });
    bytes.sum()
}

/// Files of this size in directories of a thousand.
fn write_diff(path: &Path, each: u64, count: u64) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let real = real();
    for index in 0..count {
        let name = format!("srv/{}/file-{index}", index / 1000);
        out.write_all(&Header::file(name).mode(0o644).mtime(1 << 30).block(each)).unwrap();
        let mut left = each;
        // No two files alike.
        let mut from = (index * 4093) % real.len() as u64;
        while left > 0 {
            let rest = real.get(usize::try_from(from).unwrap()..).unwrap();
            let piece = rest.get(..usize::try_from(left).unwrap()).unwrap_or(rest);
            out.write_all(piece).unwrap();
            (left, from) = (left - piece.len() as u64, 0);
        }
    }
    out.write_all(&[0; 1024]).unwrap();
    out.flush().unwrap();
}

/// A checkpoint of a container with these changes.
fn write_archive(path: &Path, diff: &Path) {
    let spec = r#"{"annotations":{"io.container.manager":"cri-o"}}"#;
    let tar = Tar::new().file("spec.dump", spec).file("config.dump", "{}");
    let mut out = File::create(path).unwrap();
    out.write_all(&tar.file("checkpoint/inventory.img", image::inventory()).bytes()).unwrap();
    let mut diff = File::open(diff).unwrap();
    let length = diff.seek(SeekFrom::End(0)).unwrap();
    diff.rewind().unwrap();
    out.write_all(&Header::file("rootfs-diff.tar").block(length)).unwrap();
    std::io::copy(&mut diff, &mut out).unwrap();
    out.write_all(&[0; 1024]).unwrap();
}

/// Bytes of a real archive: no tool of the system can shorten its work on them.
fn real() -> Vec<u8> {
    let fixture =
        "../fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar";
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).unwrap()
}
