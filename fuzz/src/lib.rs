//! What the fuzz targets do: bytes in, and what must hold of them whatever they are.
//!
//! A target in `fuzz_targets/` is one line that calls a function here, so that the replay of seeds ([`TARGETS`]) runs
//! the very same without a fuzzer.

mod archive;
pub mod seeds;

pub use archive::archive;

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
pub const TARGETS: &[Target] = &[Target { name: "archive", run: archive, seeds: seeds::archives }];
