//! Names and bytes as the documents of an engine.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| icecore_fuzz::metadata(data));
