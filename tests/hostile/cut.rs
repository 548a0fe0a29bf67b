//! Archives that end early.

use std::sync::Arc;

use icecore_archive::{Archive, Options};
use icecore_synth::damage;

/// The smallest checkpoint, cut at each block in front of its end marker: an error, or what is there and a finding
/// that says where it ends.
#[test]
fn a_cut_at_any_block_is_told() {
    let bytes = std::fs::read(icecore_tests::case("minimal").place("checkpoint.tar")).unwrap();
    let ends = ends(&bytes);
    let end = *ends.last().unwrap();
    assert!(bytes[end..].iter().all(|byte| *byte == 0) && end + 1024 <= bytes.len());
    // One more block is the first half of the marker.
    let mut opened = 0;
    for (block, cut) in damage::cuts(&bytes, 512, end + 513).enumerate() {
        let length = block * 512;
        match Archive::open(Arc::new(cut), &Options::default()) {
            Err(error) => assert!(length < 512, "{length}: {error}"),
            Ok(archive) => {
                opened += 1;
                let whole = ends.iter().filter(|end| **end <= length).count();
                let there = archive.members().iter().filter(|member| !member.is_cut()).count();
                assert_eq!(there, whole, "cut at {length}");
                let told = archive.findings().iter().any(|finding| finding.offset.is_some());
                assert!(told, "cut at {length}: {:?}", archive.findings());
            }
        }
    }
    assert_eq!(opened, end / 512 + 1);
}

/// Where each member ends, in bytes, padding included.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let archive = Archive::open(Arc::new(bytes.to_vec()), &Options::default()).unwrap();
    assert!(archive.findings().is_empty(), "{:?}", archive.findings());
    let end = |offset: u64, size: u64| (offset + size.next_multiple_of(512)) as usize;
    archive.members().iter().map(|member| end(member.offset, member.size)).collect()
}
