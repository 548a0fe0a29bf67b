//! One marker: a protobuf message of at most 10 KiB behind its length.

/// Bytes of the length in front of a marker, little-endian.
pub(super) const LENGTH: usize = 4;

/// The most bytes that a marker has: the streamer refuses longer ones.
pub(super) const LONGEST: usize = 10 << 10;

/// What a marker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker<'a> {
    /// Its number among the markers of all shards (`seq`, field 1); absent is 0.
    pub(super) number: u64,
    /// One of the fields 2 to 5; `None` if there is none of them.
    pub(super) body: Option<Body<'a>>,
}

/// What a marker is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// What follows belongs to the file of this name (`filename`, field 2).
    Name(&'a [u8]),
    /// So many bytes of the file follow this marker (`file_data`, field 3).
    Data(u32),
    /// The file is complete (`file_eof`, field 4).
    FileEnd,
    /// The stream is complete (`image_eof`, field 5).
    StreamEnd,
}

/// The length of a marker, unless it is above what a marker may have.
pub(super) fn length(bytes: [u8; LENGTH]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes)).ok().filter(|&length| length <= LONGEST)
}

/// Parses a marker. `None`: these bytes are none, or go on behind it. Of a field given twice the last one counts, as
/// everywhere in protobuf.
pub(super) fn parse(bytes: &[u8]) -> Option<Marker<'_>> {
    /// Keys are the field's number times eight, and 0 for a number or 2 for bytes.
    const NUMBER: u64 = 1 << 3;
    const NAME: u64 = 2 << 3 | 2;
    const DATA: u64 = 3 << 3;
    const FILE_END: u64 = 4 << 3;
    const STREAM_END: u64 = 5 << 3;

    let mut marker = Marker { number: 0, body: None };
    let mut rest = bytes;
    while !rest.is_empty() {
        let key;
        let value;
        (key, rest) = varint(rest)?;
        (value, rest) = varint(rest)?;
        match key {
            NUMBER => marker.number = value,
            NAME => {
                let name;
                (name, rest) = rest.split_at_checked(usize::try_from(value).ok()?)?;
                marker.body = Some(Body::Name(name));
            }
            DATA => marker.body = Some(Body::Data(u32::try_from(value).ok()?)),
            FILE_END if value <= 1 => marker.body = Some(Body::FileEnd),
            STREAM_END if value <= 1 => marker.body = Some(Body::StreamEnd),
            _ => return None,
        }
    }
    Some(marker)
}

/// A number of seven bits a byte, lowest first, of at most 64 bits.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)?.checked_add(1)?;
    let (number, rest) = bytes.split_at_checked(length)?;
    // The tenth byte has room for one bit.
    if number.get(9).is_some_and(|&byte| byte > 1) {
        return None;
    }
    Some((number.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markers_parse() {
        let cases: [(&[u8], u64, Option<Body<'_>>); 7] = [
            (b"\x12\x08note.txt", 0, Some(Body::Name(b"note.txt"))),
            (b"\x08\x01\x18\x14", 1, Some(Body::Data(20))),
            (b"\x18\xff\xff\xff\xff\x0f\x08\x02", 2, Some(Body::Data(u32::MAX))),
            (b"\x08\x02\x20\x01", 2, Some(Body::FileEnd)),
            (b"\x08\x3b\x28\x01", 59, Some(Body::StreamEnd)),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", u64::MAX, None),
            (b"", 0, None),
        ];
        for (bytes, number, body) in cases {
            assert_eq!(parse(bytes), Some(Marker { number, body }), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_no_marker_is_refused() {
        let cases: [(&str, &[u8]); 9] = [
            ("cut in a number", b"\x08\xff"),
            ("a key alone", b"\x08"),
            ("a name that is cut", b"\x12\x05ab"),
            ("a field that markers do not have", b"\x30\x01"),
            ("a name as a number", b"\x10\x01"),
            ("a number as bytes", b"\x0a\x01a"),
            ("data above 32 bits", b"\x18\xff\xff\xff\xff\x1f"),
            ("65 bits", b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
            ("truth above 1", b"\x20\x02"),
        ];
        for (what, bytes) in cases {
            assert_eq!(parse(bytes), None, "{what}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(Marker { body: Some(Body::Name(name)), .. }) = parse(&bytes) {
                prop_assert!(name.len() < bytes.len());
            }
        }
    }
}
