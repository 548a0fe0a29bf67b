//! Areas, pagemaps and pages as address spaces.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| icecore_fuzz::memory(data));
