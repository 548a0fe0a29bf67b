//! Names and bytes as the members of a checkpoint.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| icecore_fuzz::checkpoint(data));
