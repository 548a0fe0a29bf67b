//! Protobuf blobs, real and damaged.

use super::*;
use proptest::prelude::*;

#[test]
fn options_of_a_real_checkpoint() {
    // The options blob of a `ctr containers checkpoint --task`: file locks only.
    let bytes = b"\n$containerd.runc.v1.CheckpointOptions\x12\x02(\x01";
    let mut findings = Findings::new("options");
    let options = CheckpointOptions::read(bytes, &mut findings).unwrap();
    let expected = CheckpointOptions {
        type_url: "containerd.runc.v1.CheckpointOptions".into(),
        file_locks: true,
        ..Default::default()
    };
    assert_eq!(options, expected);
    assert!(findings.finish().is_empty());
}

#[test]
fn a_cut_blob_says_where() {
    let mut findings = Findings::new("config");
    assert_eq!(spec_json(b"\x0a\x02ab\x12\x7f{", &mut findings), None);
    assert_eq!(findings.finish()[0].offset, Some(4));
}

#[test]
fn numbers_beyond_64_bits_are_none() {
    assert_eq!(varint(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01!"), Some((u64::MAX, &b"!"[..])));
    assert_eq!(varint(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), None);
    assert_eq!(varint(b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), None);
    assert_eq!(varint(b"\x80"), None);
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut findings = Findings::new("blob");
        let _ = spec_json(&bytes, &mut findings);
        let _ = CheckpointOptions::read(&bytes, &mut findings);
        let _ = RuntimeOptions::read(&bytes, &mut findings);
    }
}
