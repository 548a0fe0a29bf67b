//! Packet sockets.

use icecore_images::ByteOrder;
use icecore_images::messages::{PacketRing, PacketSockEntry};
use serde::Serialize;

use super::{Details, Family, Socket, SocketOptions, State};
use crate::NamespaceId;

/// What only packet sockets have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Packet {
    /// The device that it is bound to; `None` is all.
    pub ifindex: Option<u32>,
    /// The version of its rings, from 0.
    pub version: u32,
    /// The fanout group, if it is in one.
    pub fanout: Option<u32>,
    /// Multicast addresses that it joined.
    pub multicast: Vec<PacketMulticast>,
    /// Bytes of the receive ring and of the transmit ring, if they are there.
    pub rings: (Option<u64>, Option<u64>),
}

/// A multicast address that a packet socket joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PacketMulticast {
    /// The device.
    pub ifindex: u32,
    /// 0 multicast, 1 promiscuous, 2 all multicast, 3 unicast.
    pub kind: u32,
    /// The hardware address.
    pub address: Vec<u8>,
}

impl Socket {
    pub(crate) fn packet(entry: &PacketSockEntry, order: ByteOrder) -> Self {
        let ring = |ring: &PacketRing| u64::from(ring.block_size).saturating_mul(ring.block_nr.into());
        let multicast = entry.mclist.iter().map(|it| PacketMulticast {
            ifindex: it.index,
            kind: it.r#type,
            address: it.addr.clone(),
        });
        let packet = Packet {
            ifindex: (entry.ifindex != 0).then_some(entry.ifindex),
            version: entry.version,
            fanout: entry.fanout.filter(|&group| group != u32::MAX),
            multicast: multicast.collect(),
            rings: (entry.rx_ring.as_ref().map(ring), entry.tx_ring.as_ref().map(ring)),
        };
        Self {
            family: Family::Packet,
            socket_type: Some(entry.r#type),
            protocol: ethernet(entry.protocol, order),
            state: State::CLOSE,
            ino: None,
            netns: entry.ns_id.map(NamespaceId),
            local: None,
            remote: None,
            backlog: 0,
            recv_q: None,
            send_q: None,
            peer: None,
            shutdown: 0,
            options: SocketOptions::from(&entry.opts),
            details: Details::Packet(Box::new(packet)),
        }
    }
}

/// The Ethernet type from the number that network byte order makes of it on the machine.
fn ethernet(stored: u32, order: ByteOrder) -> u32 {
    match (order, u16::try_from(stored)) {
        (ByteOrder::Little, Ok(swapped)) => swapped.swap_bytes().into(),
        _ => stored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_in_network_byte_order() {
        assert_eq!(ethernet(8, ByteOrder::Little), 0x0800);
        assert_eq!(ethernet(768, ByteOrder::Little), 0x0003);
        assert_eq!(ethernet(0x0800, ByteOrder::Big), 0x0800);
        assert_eq!(ethernet(0x1_0008, ByteOrder::Little), 0x1_0008);
    }
}
