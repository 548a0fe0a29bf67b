#![expect(clippy::arithmetic_side_effects, reason = "tests state facts")]

use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

fn half(order: ByteOrder, value: u16) -> [u8; 2] {
    match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    }
}

fn full(order: ByteOrder, value: u32) -> [u8; 4] {
    match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    }
}

/// `struct nlmsghdr` and a body, padded to four bytes.
fn message(order: ByteOrder, kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + HEADER).unwrap();
    let header = [&full(order, length)[..], &half(order, kind), &half(order, flags), &[0; 8]].concat();
    let mut bytes = [&header[..], body].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Type, flags and body of a message.
type Found = (u16, u16, Vec<u8>);

/// What is found in an image of that name: types, flags, bodies; and the error at the end.
fn found(name: &str, bytes: &[u8]) -> (Vec<Found>, Option<String>) {
    let image = Image::parse(name, bytes).unwrap();
    let mut error = None;
    let found = messages(&image)
        .filter_map(|message| match message {
            Ok(message) => Some((message.kind, message.flags, message.body.to_vec())),
            Err(found) => {
                error = Some(found.to_string());
                None
            }
        })
        .collect();
    (found, error)
}

/// The magics of iproute2's `save`, from its sources.
#[test]
fn each_kind_has_its_magic() {
    for order in ORDERS {
        for (name, magic) in [
            ("ifaddr-9.img", Some(0x4736_1222)),
            ("route-9.img", Some(0x4531_1224)),
            ("route6-9.img", Some(0x4531_1224)),
            ("rule-9.img", Some(0x7170_6986)),
            ("netns-ct-9.img", None),
            ("netns-exp-9.img", None),
        ] {
            let magic = magic.map_or(Vec::new(), |magic| full(order, magic).to_vec());
            let bytes = [magic.clone(), message(order, 20, 2, b"abcde"), message(order, 24, 0, b"")].concat();
            let expected = (alloc::vec![(20, 2, b"abcde".to_vec()), (24, 0, Vec::new())], None);
            assert_eq!(found(name, &bytes), expected, "{name}");
            assert_eq!(found(name, &magic), (Vec::new(), None), "{name}: a magic alone");
            assert_eq!(found(name, b""), (Vec::new(), None), "{name}: nothing");
        }
    }
}

#[test]
fn another_magic_is_said() {
    let said = "no magic of iproute2 in front of the messages";
    for bytes in [&b"text"[..], b"\x24\x12\x31\x45", b"ab"] {
        let (messages, error) = found("ifaddr-9.img", bytes);
        assert_eq!(
            (messages.len(), error.unwrap()),
            (0, std::format!("ifaddr-9.img: entry 0, offset 0x0: {said}"))
        );
    }
}

#[test]
fn other_images_have_no_messages() {
    assert_eq!(found("iptables-9.img", b"\x14\0\0\0"), (Vec::new(), None));
    assert_eq!(found("pages-9.img", &message(ByteOrder::Little, 20, 0, b"")), (Vec::new(), None));
}

#[test]
fn what_is_cut_is_said_with_its_place() {
    let whole =
        [message(ByteOrder::Little, 1, 0, b"one"), message(ByteOrder::Little, 2, 0, b"four")].concat();
    let (messages, error) = found("netns-ct-9.img", &whole[..whole.len() - 1]);
    assert_eq!(messages.len(), 1);
    let expected =
        "netns-ct-9.img: entry 1, offset 0x14: a netlink message of 20 bytes, but only 19 are left";
    assert_eq!(error.as_deref(), Some(expected));
    // A header that is shorter than itself, and one that is cut.
    let (_, error) = found("netns-ct-9.img", &[&[15, 0, 0, 0][..], &[0; 12]].concat());
    let expected = "netns-ct-9.img: entry 0, offset 0x0: a netlink message of 15 bytes, but only 16 are left";
    assert_eq!(error.as_deref(), Some(expected));
    assert!(found("netns-ct-9.img", &whole[..7]).1.unwrap().contains("the bytes end inside"));
}

/// The padding of the last message may be absent.
#[test]
fn the_last_padding_is_not_needed() {
    let mut bytes = message(ByteOrder::Little, 1, 0, b"one");
    bytes.pop();
    assert_eq!(found("netns-ct-9.img", &bytes), (alloc::vec![(1, 0, b"one".to_vec())], None));
}

fn attribute(order: ByteOrder, kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len() + ATTRIBUTE).unwrap();
    let mut bytes = [&half(order, length)[..], &half(order, kind), value].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn attributes(order: ByteOrder, bytes: &[u8]) -> Attributes<'_> {
    Message { index: 0, kind: 0, flags: 0, body: bytes, order }.attributes(0)
}

#[test]
fn attributes_are_read_one_behind_the_other() {
    for order in ORDERS {
        let inner = [attribute(order, 1, &full(order, 7)), attribute(order, 2, b"x")].concat();
        // The two bits that are no part of the type: nested, and in the order of the network.
        let body = [
            &b"fixed..."[..],
            &attribute(order, 3, b"eth0\0"),
            &attribute(order, 0x8004, &inner),
            &attribute(order, 0x4005, b""),
        ]
        .concat();
        let message = Message { index: 0, kind: 0, flags: 0, body: &body, order };
        let all: Vec<_> = message.attributes(8).collect();
        assert_eq!(all.iter().map(|attribute| attribute.kind).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(all[0].text(), "eth0");
        let inside: Vec<_> = all[1].nested().collect();
        assert_eq!((inside[0].word(), inside[1].value), (Some(7), &b"x"[..]));
        assert_eq!((inside[1].word(), all[2].nested().count()), (None, 0));
        assert_eq!(message.attributes(1000).count(), 0);
    }
}

#[test]
fn values_are_taken_by_their_length() {
    let order = ByteOrder::Little;
    let check = |value: &[u8]| {
        let bytes = attribute(order, 1, value);
        let attribute = attributes(order, &bytes).next().unwrap();
        (attribute.network_number(), attribute.address().map(|address| address.to_string()))
    };
    assert_eq!(check(&[]), (None, None));
    assert_eq!(check(&[7]), (Some(7), None));
    assert_eq!(check(&[0x1f, 0x90]), (Some(8080), None));
    assert_eq!(check(&[10, 0, 0, 1]), (Some(0x0a00_0001), Some("10.0.0.1".into())));
    assert_eq!(check(&[0xff; 8]), (Some(u64::MAX), None));
    assert_eq!(check(&[0; 9]), (None, None));
    let mut loopback = [0; 16];
    loopback[15] = 1;
    assert_eq!(check(&loopback), (None, Some("::1".into())));
}

#[test]
fn an_attribute_that_is_cut_ends_them() {
    let order = ByteOrder::Little;
    let whole = [attribute(order, 1, b"ab"), attribute(order, 2, b"cd")].concat();
    assert_eq!(attributes(order, &whole).count(), 2);
    assert_eq!(attributes(order, &whole[..whole.len() - 3]).count(), 1);
    // Lengths that are shorter than their header.
    assert_eq!(attributes(order, b"\x03\0\x01\0").count(), 0);
    assert_eq!(attributes(order, b"\0\0\0\0").count(), 0);
    assert_eq!(attributes(order, b"\xff\xff\x01\0abcd").count(), 0);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        items in proptest::collection::vec((any::<u16>(), any::<u16>(), any::<Vec<u8>>()), 1..5),
        big: bool,
    ) {
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let written: Vec<u8> =
            items.iter().flat_map(|(kind, flags, body)| message(order, *kind, *flags, body)).collect();
        let bytes = [&full(order, 0x7170_6986)[..], &written].concat();
        prop_assert_eq!(found("rule-9.img", &bytes), (items, None));
    }

    #[test]
    fn arbitrary_bytes_end(bytes: Vec<u8>) {
        for name in ["ifaddr-9.img", "netns-ct-9.img"] {
            let image = Image::parse(name, &bytes).unwrap();
            for message in messages(&image).map_while(Result::ok) {
                prop_assert!(message.attributes(0).count() <= message.body.len());
            }
        }
    }
}
