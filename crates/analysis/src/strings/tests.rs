use std::sync::Arc;

use icecore::archive::Options;
use icecore::{Checkpoint, Pid};
use icecore_synth::address_space::{AddressSpace, LAZY, Vma};

use super::*;

const PAGE: usize = 4096;

#[test]
fn texts_of_every_encoding() {
    let check = |bytes: &[u8], encoding, wanted: &str| assert_eq!(longest(bytes, encoding).0, wanted);
    check(b"ab\tc\0d", Encoding::Ascii, "ab\tc");
    check("größe\x01".as_bytes(), Encoding::Ascii, "gr");
    check("größe\x01".as_bytes(), Encoding::Utf8, "größe");
    check("a\u{9f}b".as_bytes(), Encoding::Utf8, "a");
    check(b"ab\xff", Encoding::Utf8, "ab");
    check(b"ab\xc3", Encoding::Utf8, "ab");
    check(b"a\0b\0c", Encoding::Utf16Le, "ab");
    check(b"\0a\0b\0", Encoding::Utf16Be, "ab");
    check(b"a\0\x01\0", Encoding::Utf16Le, "a");
    check(b"", Encoding::Utf8, "");
}

/// Texts with the addresses of their first bytes, of a space that begins at 0x1000.
fn found(space: &AddressSpace, encoding: Encoding, least: usize, filter: &Filter) -> Vec<(u64, String)> {
    let checkpoint = Checkpoint::from_source(Arc::new(space.tar()), &Options::default()).unwrap();
    let memory = checkpoint.memory(Pid(1)).unwrap();
    let texts = strings(&memory, encoding, least, filter, None);
    texts
        .inspect(|text| assert_eq!(text.encoding, encoding))
        .map(|text| (text.address.0, text.text))
        .collect()
}

/// Pages of zeros with texts at offsets.
fn pages(count: usize, texts: &[(usize, &[u8])]) -> Vec<u8> {
    let mut pages = vec![0; count.checked_mul(PAGE).unwrap()];
    for (at, text) in texts {
        pages[*at..][..text.len()].copy_from_slice(text);
    }
    pages
}

fn space(bytes: &[u8]) -> AddressSpace {
    AddressSpace::new(1, 4096).area(Vma::anon(0x1000, 0x5000)).stored(0, 0x1000, bytes)
}

fn texts(all: &[(u64, &str)]) -> Vec<(u64, String)> {
    all.iter().map(|(at, text)| (*at, (*text).to_owned())).collect()
}

#[test]
fn texts_are_as_long_as_they_can_be() {
    let bytes = pages(2, &[(10, b"one"), (20, b"four"), (4090, b"over the border"), (8190, b"!!")]);
    let space = space(&bytes);
    let all = Filter::default();
    assert_eq!(
        found(&space, Encoding::Ascii, 4, &all),
        texts(&[(0x1014, "four"), (0x1ffa, "over the border")])
    );
    assert_eq!(found(&space, Encoding::Ascii, 2, &all).len(), 4);
    assert_eq!(found(&space, Encoding::Ascii, 100, &all), []);
}

#[test]
fn wide_texts_begin_at_any_address() {
    let bytes = pages(1, &[(11, b"w\0i\0d\0e\0"), (101, b"\0b\0i\0g\0!")]);
    let space = space(&bytes);
    let all = Filter::default();
    // Between zeros each order reads as the other, a byte further on.
    assert_eq!(found(&space, Encoding::Utf16Le, 4, &all), texts(&[(0x100b, "wide"), (0x1066, "big!")]));
    assert_eq!(found(&space, Encoding::Utf16Be, 4, &all), texts(&[(0x100a, "wide"), (0x1065, "big!")]));
}

#[test]
fn a_long_text_goes_on_as_another() {
    let bytes = vec![b'x'; 3 * PAGE];
    let found = found(&space(&bytes), Encoding::Ascii, 4, &Filter::default());
    let lengths: Vec<_> = found.iter().map(|(at, text)| (*at, text.len())).collect();
    assert_eq!(lengths, [(0x1000, LONGEST), (0x2000, LONGEST), (0x3000, LONGEST)]);
}

#[test]
fn what_is_unknown_ends_a_text() {
    let space = AddressSpace::new(1, 4096)
        .area(Vma::anon(0x1000, 0x4000))
        .stored(0, 0x1000, &pages(1, &[(4092, b"left")]))
        .entry(0, 0x2000, 1, LAZY)
        .stored(0, 0x3000, &pages(1, &[(0, b"right")]));
    let all = Filter::default();
    assert_eq!(found(&space, Encoding::Ascii, 4, &all), texts(&[(0x1ffc, "left"), (0x3000, "right")]));
    let filter = Filter { range: Some(Vaddr(0x3001)..Vaddr(0x4000)), ..all };
    assert_eq!(found(&space, Encoding::Ascii, 4, &filter), texts(&[(0x3001, "ight")]));
}

#[test]
fn a_caller_can_stop() {
    let bytes = pages(1, &[(0, b"first"), (100, b"second")]);
    let checkpoint = Checkpoint::from_source(Arc::new(space(&bytes).tar()), &Options::default()).unwrap();
    let memory = checkpoint.memory(Pid(1)).unwrap();
    let meter = Meter::default();
    let mut texts = strings(&memory, Encoding::Ascii, 4, &Filter::default(), Some(&meter));
    assert_eq!(texts.next().unwrap().text, "first");
    assert_eq!(texts.next().unwrap().text, "second");
    meter.stop();
    assert!(texts.next().is_none());
}
