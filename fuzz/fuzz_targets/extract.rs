//! Bytes as files of a container, extracted beside something to lose.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| icecore_fuzz::extract(data));
