use proptest::prelude::*;

use super::*;
use crate::image::Image;

#[test]
fn magics_stand_in_front_by_framing_and_order() {
    let head = |framing, order| Writer::new(Kind::Pstree, framing, order).finish();
    assert_eq!(head(Framing::Common, ByteOrder::Little), b"\x19\x43\x56\x54\x30\x30\x27\x50");
    assert_eq!(head(Framing::Common, ByteOrder::Big), b"\x54\x56\x43\x19\x50\x27\x30\x30");
    assert_eq!(head(Framing::Service, ByteOrder::Little), b"\x40\x59\x10\x55\x30\x30\x27\x50");
    assert_eq!(head(Framing::One, ByteOrder::Little), b"\x30\x30\x27\x50");
    assert_eq!(head(Framing::Raw, ByteOrder::Little), b"");
    assert_eq!(head(Framing::Plugin, ByteOrder::Big), b"");
}

#[test]
fn records_have_their_length_in_the_order_of_the_image() {
    let written = |framing, order| {
        let mut writer = Writer::new(Kind::PipesData, framing, order);
        writer.record(b"rec", b"payload");
        writer.raw(b"tail");
        let bytes = writer.finish();
        let magics = if framing == Framing::One { 4 } else { 0 };
        bytes[magics..].to_vec()
    };
    assert_eq!(written(Framing::One, ByteOrder::Little), b"\x03\0\0\0recpayloadtail");
    assert_eq!(written(Framing::One, ByteOrder::Big), b"\0\0\0\x03recpayloadtail");
    assert_eq!(written(Framing::Plugin, ByteOrder::Little), b"\x03\0\0\0\0\0\0\0recpayloadtail");
    assert_eq!(written(Framing::Plugin, ByteOrder::Big), b"\0\0\0\0\0\0\0\x03recpayloadtail");
}

proptest! {
    /// What was written is read: kind, framing, order, and every record with its number.
    #[test]
    fn images_are_read_as_they_were_written(records: Vec<Vec<u8>>, one: bool, big: bool) {
        let framing = if one { Framing::One } else { Framing::Common };
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let mut writer = Writer::new(Kind::Pstree, framing, order);
        records.iter().for_each(|record| writer.record(record, &[]));
        let bytes = writer.finish();
        let image = Image::parse("pstree.img", &bytes).unwrap();
        prop_assert_eq!((image.kind(), image.framing(), image.byte_order()), (Kind::Pstree, framing, order));
        let read: Vec<_> = image.entries().map(|entry| entry.unwrap().bytes.to_vec()).collect();
        prop_assert_eq!(&read, &records);
        // And a writer that the image gives begins as it does.
        let mut again = image.writer();
        records.iter().for_each(|record| again.record(record, &[]));
        prop_assert_eq!(again.finish(), bytes);
    }
}
