#![expect(clippy::arithmetic_side_effects, reason = "tests state facts")]

use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::messages::{AaNamespace, FsEntry, MmEntry, PagemapBlocks, PstreeEntry, VmaEntry};
use crate::wire::Value as Wire;

/// The bytes that a value has without its tag, and the value that these are.
#[track_caller]
fn check<C, T: Value<C> + PartialEq + core::fmt::Debug>(value: T, bytes: &[u8]) {
    let mut out = Vec::new();
    value.put(&mut out);
    assert_eq!(out, bytes);
    let wire = match T::TYPE.wire_type() {
        0 => Wire::Varint(wire::varint(bytes).unwrap().1),
        1 => Wire::Fixed64(u64::from_le_bytes(bytes.try_into().unwrap())),
        _ => Wire::Delimited(wire::delimited(bytes).unwrap().1),
    };
    let mut read = T::default();
    assert!(read.take(wire, &mut Decoder::new()).unwrap());
    assert_eq!(read, value);
}

/// The rules of protobuf's encoding, worked out by hand.
#[test]
fn values_are_coded_as_protobuf_says() {
    check::<Plain, u32>(0, b"\0");
    check::<Plain, u32>(300, b"\xac\x02");
    check::<Plain, u32>(u32::MAX, b"\xff\xff\xff\xff\x0f");
    check::<Plain, u64>(u64::MAX, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    check::<Plain, i32>(-1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    check::<Plain, i32>(i32::MIN, b"\x80\x80\x80\x80\xf8\xff\xff\xff\xff\x01");
    check::<Plain, i64>(i64::MIN, b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
    check::<Zigzag, i32>(-1, b"\x01");
    check::<Zigzag, i32>(i32::MIN, b"\xff\xff\xff\xff\x0f");
    check::<Zigzag, i32>(i32::MAX, b"\xfe\xff\xff\xff\x0f");
    check::<Zigzag, i64>(-65, b"\x81\x01");
    check::<Zigzag, i64>(i64::MIN, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    check::<Plain, bool>(true, b"\x01");
    check::<Fixed, u64>(0x0102_0304_0506_0708, b"\x08\x07\x06\x05\x04\x03\x02\x01");
    check::<Plain, BString>("web".into(), b"\x03web");
    check::<Plain, Vec<u8>>(alloc::vec![0, 0xff], b"\x02\0\xff");
}

/// A varint may have more bits than its field: protobuf takes the lower ones.
#[test]
fn integers_are_cut_to_their_field() {
    assert_eq!(integer::to_u32(0x1_0000_0007), 7);
    assert_eq!(integer::to_i32(0xffff_ffff), -1);
    assert_eq!(integer::to_i32(u64::MAX), -1);
    assert_eq!(integer::unzigzag_32(0x1_0000_0003), -2);
    assert!(integer::to_bool(2) && integer::to_bool(1 << 40) && !integer::to_bool(0));
    let fs = FsEntry::decode(b"\x08\x87\x80\x80\x80\x10").unwrap();
    assert_eq!(fs.cwd_id, 7);
}

#[test]
fn varints_have_the_width_that_is_said() {
    let mut out = Vec::new();
    for shift in 0..64 {
        for value in [1u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
            out.clear();
            put_varint(value, &mut out);
            assert_eq!(out.len(), varint_width(value), "{value:#x}");
            assert_eq!(wire::varint(&out).unwrap(), (&[][..], value));
        }
    }
    assert_eq!(
        (varint_width(0), varint_width(127), varint_width(128), varint_width(u64::MAX)),
        (1, 1, 2, 10)
    );
}

#[test]
fn optional_fields_are_there_or_not() {
    let none = FsEntry::decode(b"\x08\x01\x10\x02").unwrap();
    assert_eq!((none.umask, none.encode()), (None, b"\x08\x01\x10\x02".to_vec()));
    // A zero that is there is written.
    let zero = FsEntry::decode(b"\x08\x01\x10\x02\x18\x00").unwrap();
    assert_eq!((zero.umask, zero.encode()), (Some(0), b"\x08\x01\x10\x02\x18\x00".to_vec()));
    // One of another wire type is not.
    assert_eq!(FsEntry::decode(b"\x08\x01\x10\x02\x1a\x00").unwrap().umask, None);
}

#[test]
fn lists_are_read_packed_and_not() {
    for record in [&b"\x28\x01\x28\xac\x02"[..], b"\x2a\x03\x01\xac\x02", b"\x28\x01\x2a\x02\xac\x02"] {
        assert_eq!(PstreeEntry::decode(record).unwrap().threads, [1, 300]);
    }
    let mm = MmEntry { mm_saved_auxv: alloc::vec![6, 4096], ..MmEntry::default() };
    assert!(mm.encode().ends_with(b"\x68\x06\x68\x80\x20"), "not packed where the schema does not say so");
    let mut blocks = PagemapBlocks { block_sizes: alloc::vec![1, 300], ..PagemapBlocks::default() };
    assert!(blocks.encode().starts_with(b"\x0a\x03\x01\xac\x02"), "packed where it does");
    blocks.block_sizes.clear();
    assert_eq!(blocks.encode(), b"\x10\0\x18\0", "nothing for no values");
}

#[test]
fn a_packed_list_that_is_cut_is_an_error() {
    let record = b"\x2a\x02\x01\xac";
    let error = PstreeEntry::decode(record).unwrap_err();
    assert_eq!((error.offset_in(record), error.fault), (3, crate::Fault::Truncated("a varint")));
}

#[test]
fn the_last_of_several_values_counts_and_messages_are_merged() {
    assert_eq!(FsEntry::decode(b"\x08\x01\x08\x02").unwrap().cwd_id, 2);
    let record = b"\x08\x05\x1a\x02\x08\x07\x1a\x02\x10\x09";
    let file = crate::messages::FileEntry::decode(record).unwrap();
    let reg = file.reg.unwrap();
    assert_eq!((reg.id, reg.flags), (7, 9));
}

/// Nested to a depth, and one deeper.
#[test]
fn messages_that_nest_too_deep_count_as_empty() {
    let nested = |levels: u32| {
        (0..levels).fold(b"\x0a\x01x".to_vec(), |inner, _| {
            let mut outer = Vec::new();
            put_tag(3, 2, &mut outer);
            put_bytes(&inner, &mut outer);
            outer
        })
    };
    let depth = |mut space: &AaNamespace| {
        let mut depth = 0;
        while let Some(inner) = space.namespaces.first() {
            space = inner;
            depth += 1;
        }
        (depth, space.name.len())
    };
    let most = crate::MAX_DEPTH;
    assert_eq!(depth(&AaNamespace::decode(&nested(most)).unwrap()), (most, 1));
    assert_eq!(depth(&AaNamespace::decode(&nested(most + 1)).unwrap()), (most + 1, 0));
    // A hundred thousand levels are no danger to the stack.
    assert_eq!(depth(&AaNamespace::decode(&nested(20_000)).unwrap()), (most + 1, 0));
}

#[test]
fn types_are_those_of_the_schema() {
    assert_eq!(<u64 as Value<Fixed>>::TYPE.wire_type(), 1);
    assert_eq!(<BString as Value<Plain>>::TYPE.wire_type(), 2);
    assert_eq!(<VmaEntry as Value<Plain>>::TYPE.wire_type(), 2);
    assert_eq!(<i32 as Value<Zigzag>>::TYPE.wire_type(), 0);
    assert!(<u64 as Value<Fixed>>::TYPE.is_packable() && !<BString as Value<Plain>>::TYPE.is_packable());
    assert_eq!(<u32 as Slot<Plain>>::LABEL, Label::Required);
    assert_eq!(<Option<u32> as Slot<Plain>>::LABEL, Label::Optional);
    assert_eq!(<Vec<u32> as Slot<Plain>>::LABEL, Label::Repeated);
    assert_eq!(<Vec<u8> as Slot<Plain>>::LABEL, Label::Required, "bytes are one value");
}

proptest! {
    #[test]
    fn zigzag_goes_both_ways(small: i32, large: i64) {
        prop_assert_eq!(integer::unzigzag(integer::zigzag(large)), large);
        prop_assert_eq!(integer::unzigzag_32(integer::zigzag_32(small)), small);
        // Small amounts are short, whatever their sign.
        prop_assert_eq!(integer::zigzag(large) >> 1, large.unsigned_abs() - u64::from(large < 0));
        prop_assert_eq!(integer::to_i32(integer::from_i32(small)), small);
    }
}
