use std::vec::Vec;

use super::*;

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().wrapping_add(4);
    let mut bytes = [length.to_le_bytes(), kind.to_le_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

#[test]
fn a_connection_is_read() {
    let addresses = [attribute(1, &[10, 0, 0, 1]), attribute(2, &[10, 0, 0, 2])].concat();
    let ports = [attribute(1, &[6]), attribute(2, &[0x1f, 0x90]), attribute(3, &[0, 80])].concat();
    let tuple = [attribute(0x8001, &addresses), attribute(0x8002, &ports)].concat();
    let state = attribute(0x8001, &attribute(1, &[3]));
    let body = [
        &[2, 0, 0, 0][..],
        &attribute(0x8001, &tuple),
        &attribute(3, &[0, 0, 1, 0x8e]),
        &attribute(0x8004, &state),
        &attribute(7, &[0, 0, 0, 120]),
    ]
    .concat();
    let length = u32::try_from(body.len()).unwrap().wrapping_add(16).to_le_bytes();
    let bytes = [&length[..], &0x0100u16.to_le_bytes(), &[2, 0], &[0; 8], &body].concat();
    let image = Image::parse("netns-ct-9.img", &bytes).unwrap();
    let found: Vec<_> = connections(&image).map(Result::unwrap).collect();
    let expected = Tuple {
        source: Some([10, 0, 0, 1].into()),
        destination: Some([10, 0, 0, 2].into()),
        protocol: 6,
        source_port: Some(8080),
        destination_port: Some(80),
    };
    assert_eq!(found[0].original, expected);
    assert_eq!((found[0].status, found[0].tcp_state, found[0].timeout), (0x18e, Some(3), Some(120)));
}

/// A message of connection tracking with a body behind `struct nfgenmsg`.
fn message(kind: u16, family: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let body = [&[family, 0, 0, 0][..], &attributes.concat()].concat();
    let length = u32::try_from(body.len()).unwrap().wrapping_add(16).to_le_bytes();
    [&length[..], &kind.to_le_bytes(), &[2, 0], &[0; 8], &body].concat()
}

fn only(bytes: &[u8]) -> Connection {
    let image = Image::parse("netns-ct-9.img", bytes).unwrap();
    let mut found = connections(&image).map(Result::unwrap);
    let connection = found.next().unwrap();
    assert_eq!(found.next(), None);
    connection
}

/// Addresses are attributes 1 and 2 for IPv4, 3 and 4 for IPv6.
#[test]
fn connections_of_ipv6_are_read() {
    let mut from = [0u8; 16];
    from[15] = 1;
    let to = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    let addresses = [attribute(3, &from), attribute(4, &to)].concat();
    let ports = [attribute(1, &[58])].concat();
    let tuple = [attribute(0x8001, &addresses), attribute(0x8002, &ports)].concat();
    let connection = only(&message(0x0100, 10, &[attribute(0x8001, &tuple), attribute(0x8002, &tuple)]));
    assert_eq!(connection.family, 10);
    assert_eq!(connection.original.source, Some("::1".parse().unwrap()));
    assert_eq!(connection.original.destination, Some("fe80::2".parse().unwrap()));
    assert_eq!((connection.original.protocol, connection.original.source_port), (58, None));
    assert_eq!(connection.reply, connection.original);
}

#[test]
fn counts_marks_and_ids_are_read() {
    let counters = |packets: u64, bytes: u64| {
        [attribute(1, &packets.to_be_bytes()), attribute(2, &bytes.to_be_bytes())].concat()
    };
    let connection = only(&message(
        0x0100,
        2,
        &[
            attribute(8, &[0, 0, 0xc1, 0x14]),
            attribute(0x8009, &counters(3, 180)),
            attribute(0x800a, &counters(2, u64::MAX)),
            attribute(12, &[1, 2, 3, 4]),
            attribute(99, b"of a later kernel"),
        ],
    ));
    assert_eq!((connection.mark, connection.id), (Some(0xc114), Some(0x0102_0304)));
    assert_eq!((connection.original_count, connection.reply_count), (Some((3, 180)), Some((2, u64::MAX))));
    assert_eq!((connection.timeout, connection.tcp_state, connection.status), (None, None, 0));
}

#[test]
fn halves_of_counts_are_none() {
    let half = attribute(0x8009, &attribute(1, &[0, 0, 0, 1]));
    assert_eq!(only(&message(0x0100, 2, &[half])).original_count, None);
}

#[test]
fn numbers_that_do_not_fit_are_none() {
    let ports = [attribute(1, &[1, 0]), attribute(2, &[1, 0, 0]), attribute(3, &[])].concat();
    let tuple = attribute(0x8002, &ports);
    let connection = only(&message(0x0100, 2, &[attribute(0x8001, &tuple), attribute(3, &[1, 2, 3, 4, 5])]));
    assert_eq!(connection.original, Tuple::default());
    assert_eq!(connection.status, 0);
}

/// Expectations, and what a dump has besides connections, are other types of message.
#[test]
fn other_messages_are_passed_over() {
    let bytes = [message(0x0101, 2, &[]), message(0x0100, 2, &[]), message(3, 0, &[])].concat();
    assert_eq!(only(&bytes), Connection { family: 2, ..Connection::default() });
}

#[test]
fn damage_is_said_once() {
    let mut bytes = message(0x0100, 2, &[]);
    bytes.extend(b"\xff\0\0\0");
    let image = Image::parse("netns-ct-9.img", &bytes).unwrap();
    let all: Vec<_> = connections(&image).collect();
    assert_eq!((all.len(), all[0].is_ok(), all[1].is_err()), (2, true, true));
}
