//! Connections that the firewall tracks: `netns-ct-NS.img`, `netns-exp-NS.img`.
//!
//! All numbers are in the byte order of the network. Present CRIU dumps the connections into both images.

use core::net::IpAddr;

use serde::Serialize;

use super::netlink::{Attribute, Attributes, Message, messages};
use crate::error::Error;
use crate::image::Image;

/// `NFNL_SUBSYS_CTNETLINK << 8`, with a message type of 0: new.
const NEW_CONNECTION: u16 = 0x0100;
/// Bytes of `struct nfgenmsg`, whose first is the family.
const HEADER: usize = 4;

/// A tracked connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Connection {
    /// 2 IPv4, 10 IPv6.
    pub family: u8,
    /// From who opened it.
    pub original: Tuple,
    /// Back; addresses differ from `original` if they are translated.
    pub reply: Tuple,
    /// `IPS_*` bits: 2 replied, 4 assured, 8 confirmed, 0x10 and 0x20 translated.
    pub status: u32,
    /// Seconds until it is forgotten.
    pub timeout: Option<u32>,
    /// Mark.
    pub mark: Option<u32>,
    /// Id.
    pub id: Option<u32>,
    /// State of a TCP connection: 1 SYN sent, 2 SYN received, 3 established, 4 FIN wait, 5 close wait, 6 last ACK, 7 time wait, 8 closed.
    pub tcp_state: Option<u8>,
    /// Packets and bytes from who opened it, if they are counted.
    pub original_count: Option<(u64, u64)>,
    /// Packets and bytes back, if they are counted.
    pub reply_count: Option<(u64, u64)>,
}

/// One direction of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tuple {
    /// Sender.
    pub source: Option<IpAddr>,
    /// Receiver.
    pub destination: Option<IpAddr>,
    /// 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6.
    pub protocol: u8,
    /// Port of the sender.
    pub source_port: Option<u16>,
    /// Port of the receiver.
    pub destination_port: Option<u16>,
}

/// The connections of a `netns-ct` or `netns-exp` image.
pub fn connections<'a>(image: &Image<'a>) -> impl Iterator<Item = Result<Connection, Error>> + use<'a> {
    messages(image)
        .filter(|message| !matches!(message, Ok(message) if message.kind != NEW_CONNECTION))
        .map(|message| message.map(|message| connection(&message)))
}

fn connection(message: &Message<'_>) -> Connection {
    let family = message.body.first().copied().unwrap_or_default();
    let mut connection = Connection { family, ..Connection::default() };
    for attribute in message.attributes(HEADER) {
        match attribute.kind {
            1 => connection.original = tuple(attribute.nested()),
            2 => connection.reply = tuple(attribute.nested()),
            3 => connection.status = number(&attribute).unwrap_or_default(),
            4 => connection.tcp_state = tcp_state(&attribute),
            7 => connection.timeout = number(&attribute),
            8 => connection.mark = number(&attribute),
            9 => connection.original_count = counters(attribute.nested()),
            10 => connection.reply_count = counters(attribute.nested()),
            12 => connection.id = number(&attribute),
            _ => {}
        }
    }
    connection
}

fn tuple(attributes: Attributes<'_>) -> Tuple {
    let mut tuple = Tuple::default();
    for part in attributes {
        for attribute in part.nested() {
            match (part.kind, attribute.kind) {
                (1, 1 | 3) => tuple.source = attribute.address(),
                (1, 2 | 4) => tuple.destination = attribute.address(),
                (2, 1) => tuple.protocol = number(&attribute).unwrap_or_default(),
                (2, 2) => tuple.source_port = number(&attribute),
                (2, 3) => tuple.destination_port = number(&attribute),
                _ => {}
            }
        }
    }
    tuple
}

fn tcp_state(attribute: &Attribute<'_>) -> Option<u8> {
    let tcp = attribute.nested().find(|protocol| protocol.kind == 1)?;
    number(&tcp.nested().find(|state| state.kind == 1)?)
}

fn counters(attributes: Attributes<'_>) -> Option<(u64, u64)> {
    let (mut packets, mut bytes) = (None, None);
    for attribute in attributes {
        match attribute.kind {
            1 => packets = attribute.network_number(),
            2 => bytes = attribute.network_number(),
            _ => {}
        }
    }
    packets.zip(bytes)
}

/// A number of the network that fits.
fn number<T: TryFrom<u64>>(attribute: &Attribute<'_>) -> Option<T> {
    attribute.network_number().and_then(|number| T::try_from(number).ok())
}

#[cfg(test)]
mod tests;
