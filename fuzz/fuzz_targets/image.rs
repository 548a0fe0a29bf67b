//! A name and bytes as a CRIU image.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| icecore_fuzz::image(data));
