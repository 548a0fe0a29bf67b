//! What the fuzz targets do: bytes in, and what must hold of them whatever they are.
//!
//! A target in `fuzz_targets/` is one line that calls a function here, so that the replay of seeds ([`TARGETS`]) runs
//! the very same without a fuzzer.

mod archive;
mod checkpoint;
mod extract;
mod image;
mod memory;
mod metadata;
pub mod seeds;

pub use archive::archive;
pub use checkpoint::checkpoint;
pub use extract::extract;
pub use image::image;
pub use memory::memory;
pub use metadata::metadata;

/// One fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, as for `cargo fuzz run`.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
    /// Its seeds: a name for people, and the bytes.
    pub seeds: fn() -> Vec<(String, Vec<u8>)>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "archive", run: archive, seeds: seeds::archives },
    Target { name: "checkpoint", run: checkpoint, seeds: seeds::checkpoints },
    Target { name: "extract", run: extract, seeds: seeds::extractions },
    Target { name: "image", run: image, seeds: seeds::images },
    Target { name: "memory", run: memory, seeds: seeds::address_spaces },
    Target { name: "metadata", run: metadata, seeds: seeds::documents },
];

/// Inputs of a target may be several named files: each a name, a byte 0, its content, and between files this line.
pub const BETWEEN: &[u8] = b"\n--next-file--\n";

/// A name, and the content behind the first byte 0; without one, all is content.
fn named(file: &[u8]) -> (&[u8], &[u8]) {
    let at = file.iter().position(|byte| *byte == 0);
    at.map_or((b"", file), |at| (&file[..at], &file[at + 1..]))
}

/// The files of an input; what is behind that many is the last one's.
fn split(data: &[u8], most: usize) -> Vec<&[u8]> {
    let mut files = Vec::new();
    let mut rest = data;
    while files.len() < most
        && let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN)
    {
        files.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    files.push(rest);
    files
}
