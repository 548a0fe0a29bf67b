//! The words for numbers of sockets, as people know them from `ss` and the kernel's headers.

use std::borrow::Cow;

use super::{Details, Family, Packet, PacketMulticast, Socket, State};

/// A number and its word.
type Word = (u32, &'static str);

/// TCP states in the kernel's words.
const STATES: [Word; 11] = [
    (1, "established"),
    (2, "syn_sent"),
    (3, "syn_recv"),
    (4, "fin_wait1"),
    (5, "fin_wait2"),
    (6, "time_wait"),
    (7, "close"),
    (8, "close_wait"),
    (9, "last_ack"),
    (10, "listen"),
    (11, "closing"),
];

const TYPES: [Word; 5] = [(1, "stream"), (2, "dgram"), (3, "raw"), (5, "seqpacket"), (10, "packet")];

/// IP protocols of sockets that are not raw.
const PROTOCOLS: [Word; 6] =
    [(1, "icmp"), (6, "tcp"), (17, "udp"), (58, "icmpv6"), (132, "sctp"), (136, "udplite")];

const NETLINK: [Word; 14] = [
    (0, "route"),
    (2, "usersock"),
    (4, "sock_diag"),
    (6, "xfrm"),
    (7, "selinux"),
    (9, "audit"),
    (10, "fib_lookup"),
    (11, "connector"),
    (12, "netfilter"),
    (15, "kobject_uevent"),
    (16, "generic"),
    (18, "scsitransport"),
    (20, "rdma"),
    (21, "crypto"),
];

const ETHERNET: [Word; 5] =
    [(0x0003, "all"), (0x0800, "ip"), (0x0806, "arp"), (0x8100, "vlan"), (0x86dd, "ipv6")];

fn word(words: &[Word], number: u32) -> Option<&'static str> {
    words.iter().find(|&&(other, _)| other == number).map(|&(_, word)| word)
}

fn word_or_number(words: &[Word], number: u32) -> Cow<'static, str> {
    word(words, number).map_or_else(|| number.to_string().into(), Cow::Borrowed)
}

/// `PACKET_FANOUT_*`: how the sockets of a group share packets.
const FANOUT: [Word; 8] =
    [(0, "hash"), (1, "lb"), (2, "cpu"), (3, "rollover"), (4, "rnd"), (5, "qm"), (6, "cbpf"), (7, "ebpf")];

/// `PACKET_MR_*`.
const MEMBERSHIPS: [Word; 4] = [(0, "multicast"), (1, "promiscuous"), (2, "all-multicast"), (3, "unicast")];

impl Packet {
    /// How the sockets of its fanout group share packets: `hash`, `lb` (in turn), `cpu` …, or the number.
    pub fn fanout_name(&self) -> Option<Cow<'static, str>> {
        self.fanout.map(|group| word_or_number(&FANOUT, group >> 16 & 0xff))
    }
}

impl PacketMulticast {
    /// `multicast`, `promiscuous` (every packet of the device), `all-multicast`, `unicast`, or the number.
    pub fn kind_name(&self) -> Cow<'static, str> {
        word_or_number(&MEMBERSHIPS, self.kind)
    }
}

impl Socket {
    /// What it is, in a word: `tcp`, `udp`, `raw`, `unix`, `netlink`, `packet` …
    pub fn type_name(&self) -> &'static str {
        match &self.details {
            Details::Inet(_) if self.socket_type == Some(3) => "raw",
            Details::Inet(_) => word(&PROTOCOLS, self.protocol).unwrap_or("inet"),
            Details::Unix(_) => "unix",
            Details::Netlink(_) => "netlink",
            Details::Packet(_) => "packet",
        }
    }

    /// `stream`, `dgram`, `raw`, `seqpacket`, or the number; `None` if the image does not say.
    pub fn socket_type_name(&self) -> Option<Cow<'static, str>> {
        self.socket_type.map(|number| word_or_number(&TYPES, number))
    }

    /// `tcp`, `udp` … of internet sockets, `route` … of netlink sockets, `ip` … of packet sockets; numbers where there is
    /// no word. `None` for unix sockets.
    pub fn protocol_name(&self) -> Option<Cow<'static, str>> {
        match self.family {
            Family::Unix => None,
            Family::Netlink => Some(word_or_number(&NETLINK, self.protocol)),
            Family::Packet => Some(match word(&ETHERNET, self.protocol) {
                Some(word) => word.into(),
                None => format!("{:#06x}", self.protocol).into(),
            }),
            _ => Some(word_or_number(&PROTOCOLS, self.protocol)),
        }
    }

    /// `established`, `listen` … of internet sockets; `listen`, `connected`, `unconnected` of others.
    pub fn state_name(&self) -> Cow<'static, str> {
        let connected = self.peer_ino().is_some() || self.state == State::ESTABLISHED;
        match &self.details {
            Details::Inet(_) => word_or_number(&STATES, self.state.0),
            _ if self.is_listening() => "listen".into(),
            _ if connected => "connected".into(),
            _ => "unconnected".into(),
        }
    }
}
