//! A strict reader of pcapng files, from the definition of the format, and of the packets that are in ours.
//!
//! It knows nothing of the writer. Whatever the definition forbids or leaves unsaid, and every checksum that is wrong, panics.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A section with its interfaces and packets.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// The comment of the section.
    pub(crate) comment: String,
    /// Link type and name of each interface.
    pub(crate) interfaces: Vec<(u16, String)>,
    /// The packets in the order of the file.
    pub(crate) packets: Vec<Packet>,
}

/// An enhanced packet block.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) interface: usize,
    /// Microseconds since 1970.
    pub(crate) time: u64,
    pub(crate) data: Vec<u8>,
    pub(crate) comment: String,
    /// 1 inbound, 2 outbound.
    pub(crate) direction: u32,
}

/// A TCP segment in its IP packet.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) from: (IpAddr, u16),
    pub(crate) to: (IpAddr, u16),
    pub(crate) sequence: u32,
    pub(crate) acknowledged: u32,
    pub(crate) payload: Vec<u8>,
}

/// A message behind Wireshark's header.
#[derive(Debug)]
pub(crate) struct UpperPdu {
    pub(crate) protocol: String,
    pub(crate) info: String,
    pub(crate) payload: Vec<u8>,
}

/// All sections of a file.
pub(crate) fn read(file: &[u8]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let (kind, length) = (u32_le(rest, 0), u32_le(rest, 4) as usize);
        assert!(length >= 12 && length.is_multiple_of(4), "a block of {length} bytes");
        assert_eq!(u32_le(rest, length - 4) as usize, length, "the two lengths of a block");
        let body = &rest[8..length - 4];
        match kind {
            0x0a0d_0d0a => sections.push(section(body)),
            1 => interface(body, sections.last_mut().expect("a section comes first")),
            6 => packet(body, sections.last_mut().expect("a section comes first")),
            other => panic!("a block of type {other}"),
        }
        rest = &rest[length..];
    }
    assert!(!sections.is_empty(), "a file has a section");
    sections
}

fn section(body: &[u8]) -> Section {
    assert_eq!(u32_le(body, 0), 0x1a2b_3c4d, "byte order");
    assert_eq!((u16_le(body, 4), u16_le(body, 6)), (1, 0), "version");
    assert_eq!(body[8..16], [0xff; 8], "the length of the section is not given");
    let options = options(&body[16..]);
    assert!(text(&options, 4).unwrap().starts_with("icecore "), "who wrote it");
    Section { comment: text(&options, 1).unwrap(), ..Section::default() }
}

fn interface(body: &[u8], section: &mut Section) {
    assert!(section.packets.is_empty(), "interfaces are described before their packets");
    assert_eq!(u16_le(body, 2), 0, "reserved");
    let options = options(&body[8..]);
    // Without if_tsresol, times are microseconds.
    assert!(options.iter().all(|(code, _)| [1, 2, 3].contains(code)), "{options:?}");
    section.interfaces.push((u16_le(body, 0), text(&options, 2).unwrap()));
}

fn packet(body: &[u8], section: &mut Section) {
    let interface = u32_le(body, 0) as usize;
    assert!(interface < section.interfaces.len(), "interface {interface}");
    let time = u64::from(u32_le(body, 4)) << 32 | u64::from(u32_le(body, 8));
    let (captured, original) = (u32_le(body, 12) as usize, u32_le(body, 16) as usize);
    assert_eq!(captured, original, "nothing was cut");
    assert!(captured <= 262_144, "Wireshark takes no more, and this has {captured}");
    let data = body[20..20 + captured].to_vec();
    let padded = captured.next_multiple_of(4);
    assert!(body[20 + captured..20 + padded].iter().all(|byte| *byte == 0), "padding");
    let options = options(&body[20 + padded..]);
    let flags = options.iter().find(|(code, _)| *code == 2).map(|(_, value)| u32_le(value, 0));
    section.packets.push(Packet {
        interface,
        time,
        data,
        comment: text(&options, 1).unwrap(),
        direction: flags.unwrap(),
    });
}

fn options(mut rest: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut options = Vec::new();
    while !rest.is_empty() {
        let (code, length) = (u16_le(rest, 0), usize::from(u16_le(rest, 2)));
        if code == 0 {
            assert_eq!((length, rest.len()), (0, 4), "the end of options is the end of the block");
            return options;
        }
        let padded = length.next_multiple_of(4);
        assert!(rest[4 + length..4 + padded].iter().all(|byte| *byte == 0), "padding of an option");
        options.push((code, rest[4..4 + length].to_vec()));
        rest = &rest[4 + padded..];
    }
    assert!(options.is_empty(), "options have an end");
    options
}

fn text(options: &[(u16, Vec<u8>)], code: u16) -> Option<String> {
    let mut values = options.iter().filter(|(other, _)| *other == code);
    let text = String::from_utf8(values.next()?.1.clone()).expect("texts are UTF-8");
    assert!(values.next().is_none(), "option {code} stands once");
    assert!(!text.chars().any(char::is_control), "{text:?}");
    Some(text)
}

/// The segment of a packet with link type 101.
pub(crate) fn segment(packet: &[u8]) -> Segment {
    let (from, to, tcp) = match packet[0] >> 4 {
        4 => ipv4(packet),
        6 => ipv6(packet),
        other => panic!("IP version {other}"),
    };
    let mut pseudo = match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => [from.octets(), to.octets()].concat(),
        (IpAddr::V6(from), IpAddr::V6(to)) => [from.octets(), to.octets()].concat(),
        _ => unreachable!("one packet, one version"),
    };
    pseudo.extend(u32::try_from(tcp.len()).unwrap().to_be_bytes());
    pseudo.extend([0, 0, 0, 6]);
    pseudo.extend(tcp);
    assert_eq!(sum(&pseudo), 0xffff, "checksum of TCP");
    let header = usize::from(tcp[12] >> 4) * 4;
    // PSH and ACK, as data on a connection that stands.
    assert_eq!(tcp[13], 0x18, "flags");
    Segment {
        from: (from, u16_be(tcp, 0)),
        to: (to, u16_be(tcp, 2)),
        sequence: u32_be(tcp, 4),
        acknowledged: u32_be(tcp, 8),
        payload: tcp[header..].to_vec(),
    }
}

fn ipv4(packet: &[u8]) -> (IpAddr, IpAddr, &[u8]) {
    let header = usize::from(packet[0] & 0xf) * 4;
    assert_eq!(usize::from(u16_be(packet, 2)), packet.len(), "length of IP");
    assert_eq!(packet[9], 6, "protocol");
    assert_eq!(sum(&packet[..header]), 0xffff, "checksum of IP");
    let address =
        |at: usize| -> IpAddr { Ipv4Addr::from(<[u8; 4]>::try_from(&packet[at..at + 4]).unwrap()).into() };
    (address(12), address(16), &packet[header..])
}

fn ipv6(packet: &[u8]) -> (IpAddr, IpAddr, &[u8]) {
    assert_eq!(usize::from(u16_be(packet, 4)) + 40, packet.len(), "length of IP");
    assert_eq!(packet[6], 6, "next header");
    let address =
        |at: usize| -> IpAddr { Ipv6Addr::from(<[u8; 16]>::try_from(&packet[at..at + 16]).unwrap()).into() };
    (address(8), address(24), &packet[40..])
}

/// The sum of one's complement over words of 16 bits, RFC 1071.
fn sum(bytes: &[u8]) -> u16 {
    let words =
        bytes.chunks(2).map(|word| u32::from(word[0]) << 8 | word.get(1).map_or(0, |low| u32::from(*low)));
    let mut sum: u64 = words.map(u64::from).sum();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum.try_into().unwrap()
}

/// The message of a packet with link type 252.
pub(crate) fn upper_pdu(packet: &[u8]) -> UpperPdu {
    let mut tags = Vec::new();
    let mut rest = packet;
    loop {
        let (tag, length) = (u16_be(rest, 0), usize::from(u16_be(rest, 2)));
        assert!(length.is_multiple_of(4), "values are padded");
        let value = rest[4..4 + length].to_vec();
        rest = &rest[4 + length..];
        if tag == 0 {
            assert_eq!(length, 0);
            break;
        }
        let value = String::from_utf8(value).expect("texts are UTF-8");
        tags.push((tag, value.trim_end_matches('\0').to_owned()));
    }
    let find = |tag| tags.iter().find(|(other, _)| *other == tag).unwrap().1.clone();
    assert_eq!(find(12), "data", "the dissector");
    UpperPdu { protocol: find(33), info: find(36), payload: rest.to_vec() }
}

fn u16_le(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_le(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u16_be(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_be(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}
