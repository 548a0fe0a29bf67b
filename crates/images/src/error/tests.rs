use std::string::ToString;

use super::*;

/// Every message of an error names the member, and where there is one the offset; what was found, and what was expected.
#[test]
fn errors_read_like_sentences() {
    let malformed = |fault| Error::Malformed { member: "a.img".into(), entry: 3, offset: 0x48, fault };
    let unknown = |found, expected| Error::UnknownMagic {
        member: "core-7.img".into(),
        offset: 4,
        found,
        expected: Expected(expected),
    };
    let cases = [
        (
            Error::Short { member: "x.img".into(), length: 3, expected: 8 },
            "x.img: 3 bytes are too short for a magic of 8 bytes",
        ),
        (unknown(0x33, None), "core-7.img: offset 0x4: magic 0x00000033 is of no known image kind"),
        (
            unknown(0x33, Some(Kind::Core)),
            "core-7.img: offset 0x4: magic 0x00000033 is of no known image kind, the name stands for CORE with 0x55053847",
        ),
        // A kind without magic cannot be what was meant.
        (
            unknown(0x33, Some(Kind::Pages)),
            "core-7.img: offset 0x4: magic 0x00000033 is of no known image kind",
        ),
        (
            Error::WrongMessage { member: "fs-1.img".into(), kind: Kind::Fs, wanted: "mm_entry" },
            "fs-1.img: an image of kind FS has no `mm_entry` records",
        ),
        (
            malformed(Fault::Truncated("a varint")),
            "a.img: entry 3, offset 0x48: the bytes end inside a varint",
        ),
        (
            malformed(Fault::Length { what: "a record", claimed: 9, left: 2 }),
            "a.img: entry 3, offset 0x48: a record of 9 bytes, but only 2 are left",
        ),
        (
            malformed(Fault::TooLong { claimed: 1 << 30, limit: 1 << 28 }),
            "a.img: entry 3, offset 0x48: a record of 1073741824 bytes is over the limit of 268435456",
        ),
        (malformed(Fault::Varint), "a.img: entry 3, offset 0x48: a varint has more than 64 bits"),
        (malformed(Fault::Tag(7)), "a.img: entry 3, offset 0x48: tag 7 is no field number and wire type"),
        (
            malformed(Fault::WireType { number: 5, wire_type: 6 }),
            "a.img: entry 3, offset 0x48: field 5 has wire type 6, which starts no value",
        ),
        (
            malformed(Fault::Group { began: 1, ended: 2 }),
            "a.img: entry 3, offset 0x48: group 1 is ended as group 2",
        ),
        (malformed(Fault::Depth(100)), "a.img: entry 3, offset 0x48: messages are nested more than 100 deep"),
        (malformed(Fault::Payload("no text")), "a.img: entry 3, offset 0x48: no text"),
    ];
    for (error, text) in cases {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn offsets_are_counted_from_the_whole() {
    let whole = b"0123456789";
    let located = |at| Located { at, fault: Fault::Varint };
    assert_eq!(located(&whole[3..]).offset_in(whole), 3);
    assert_eq!(located(&whole[3..5]).offset_in(&whole[2..]), 1);
    assert_eq!(located(&whole[10..]).offset_in(whole), 10, "the end");
    // What lies elsewhere has no offset in it.
    assert_eq!(located(b"elsewhere").offset_in(&[]), 0);
    assert_eq!((distance(&whole[5..], &whole[..2]), offset(whole, &whole[7..])), (0, 7));
}
