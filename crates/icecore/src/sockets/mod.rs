//! Sockets of all families that CRIU dumps: internet, unix, netlink, packet.

mod inet;
mod joined;
mod names;
mod netlink;
mod options;
mod packet;
mod unix;

use std::fmt;
use std::net::IpAddr;

use bstr::BString;
use icecore_images::messages::SkOptsEntry;
use serde::Serialize;

pub(crate) use joined::{join, tell_odd_peers};

pub use inet::{Inet, Raw, TcpState};
pub use netlink::Netlink;
pub use options::SocketOptions;
pub use packet::{Packet, PacketMulticast, Ring};
pub use unix::Unix;

use crate::{FileId, NamespaceId};

/// A socket. Source: `files.img`, `inet_sk_entry`, `unix_sk_entry`, `netlink_sk_entry` or `packet_sock_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Socket {
    /// The address family.
    pub family: Family,
    /// How it carries data: `SOCK_STREAM` is 1, `SOCK_DGRAM` 2, `SOCK_RAW` 3, `SOCK_SEQPACKET` 5, also where the machine
    /// numbers them otherwise, as MIPS does. `None` for netlink, where the image does not say.
    pub socket_type: Option<u32>,
    /// The protocol, by the numbers of the family; of packet sockets an Ethernet type.
    pub protocol: u32,
    /// The state, by the numbers of TCP, which all families share.
    pub state: State,
    /// The inode; `None` where the image has none: packet sockets, and internet sockets that the kernel did not list.
    pub ino: Option<u32>,
    /// The network namespace; since CRIU 3.8.
    pub netns: Option<NamespaceId>,
    /// The own address of an internet socket; `None` if it has no address, or the record is not one.
    pub local: Option<Endpoint>,
    /// The address of the peer of an internet socket; `None` if it is not connected.
    pub remote: Option<Endpoint>,
    /// Listening: how many connections may wait. Else: bytes in the write queue.
    pub backlog: u32,
    /// Bytes that wait to be read; of a listening unix socket, connections that wait to be accepted. `None` where CRIU does
    /// not store it: listening TCP, UDP, raw, netlink and packet sockets. Source: `sk-queues.img`, `tcp-stream-INO.img`.
    pub recv_q: Option<u64>,
    /// Bytes that were written and not taken by the peer; of a listening socket, how many connections may wait.
    pub send_q: Option<u64>,
    /// The file at the other end of a unix socket, or the listening one that has not accepted it yet.
    pub peer: Option<FileId>,
    /// The directions that are shut down: 1 receiving, 2 sending, 3 both.
    pub shutdown: u32,
    /// Options that all families have.
    pub options: SocketOptions,
    /// What only sockets of one family have.
    pub details: Details,
}

impl Socket {
    /// What records of all families have in common; the rest is not known yet.
    fn new(family: Family, options: &SkOptsEntry, namespace: Option<u32>, details: Details) -> Self {
        Self {
            family,
            socket_type: None,
            protocol: 0,
            state: State::CLOSE,
            ino: None,
            netns: namespace.map(NamespaceId),
            local: None,
            remote: None,
            backlog: 0,
            recv_q: None,
            send_q: None,
            peer: None,
            shutdown: 0,
            options: SocketOptions::from(options),
            details,
        }
    }

    /// The socket of a record that was written on an architecture, named as by `uname -m`.
    pub(crate) fn written_on(mut self, arch: Option<&str>) -> Self {
        // `asm/socket.h` of MIPS, and of no other architecture that CRIU knows: datagrams are 1, streams 2.
        if arch == Some("mips64") {
            self.socket_type = self.socket_type.map(|number| match number {
                1 => 2,
                2 => 1,
                other => other,
            });
        }
        self
    }
}

/// What only sockets of one family have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Details {
    /// IPv4 and IPv6.
    Inet(Box<Inet>),
    /// Unix.
    Unix(Box<Unix>),
    /// Netlink.
    Netlink(Netlink),
    /// Packet.
    Packet(Box<Packet>),
}

/// The family of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Family {
    /// Unix.
    Unix,
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
    /// Netlink.
    Netlink,
    /// Packets of a network device.
    Packet,
    /// None that CRIU dumps, with its number.
    Other(u32),
}

impl Family {
    fn of(number: u32) -> Self {
        match number {
            1 => Self::Unix,
            2 => Self::Inet,
            10 => Self::Inet6,
            16 => Self::Netlink,
            17 => Self::Packet,
            other => Self::Other(other),
        }
    }
}

/// `inet`, `inet6`, `unix`, `netlink`, `packet`, or the number.
impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix => formatter.pad("unix"),
            Self::Inet => formatter.pad("inet"),
            Self::Inet6 => formatter.pad("inet6"),
            Self::Netlink => formatter.pad("netlink"),
            Self::Packet => formatter.pad("packet"),
            Self::Other(number) => number.fmt(formatter),
        }
    }
}

/// The state of a socket. A number that no kernel has is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct State(pub u32);

impl State {
    /// Connected.
    pub const ESTABLISHED: Self = Self(1);
    /// Not connected.
    pub const CLOSE: Self = Self(7);
    /// Waiting for connections.
    pub const LISTEN: Self = Self(10);
}

/// An address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// The address; all zeros is any.
    pub addr: IpAddr,
    /// The port; of raw sockets the protocol.
    pub port: u16,
}

/// `127.0.0.1:80`, `[::1]:80`.
impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::net::SocketAddr::new(self.addr, self.port).fmt(formatter)
    }
}

impl Socket {
    /// Whether it waits for connections.
    pub fn is_listening(&self) -> bool {
        self.state == State::LISTEN
    }

    /// The name of a unix socket, without the NUL behind a path. Abstract names begin with a NUL.
    pub fn name(&self) -> Option<&BString> {
        match &self.details {
            Details::Unix(unix) => unix.name.as_ref(),
            _ => None,
        }
    }

    /// The inode of the peer of a unix socket. Of a connection that was not accepted yet, that of the listening socket.
    pub fn peer_ino(&self) -> Option<u32> {
        match &self.details {
            Details::Unix(unix) => unix.peer,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
