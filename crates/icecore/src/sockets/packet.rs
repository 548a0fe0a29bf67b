//! Packet sockets.

use icecore_images::ByteOrder;
use icecore_images::messages::{PacketRing, PacketSockEntry};
use serde::Serialize;

use super::{Details, Family, Socket};

/// What only packet sockets have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Packet {
    /// The device that it is bound to; `None` is all.
    pub ifindex: Option<u32>,
    /// The version of its rings, from 0.
    pub version: u32,
    /// `PACKET_RESERVE`: bytes that are kept free in front of each packet in a ring.
    pub reserve: u32,
    /// `PACKET_AUXDATA`: each packet comes with what the device said of it.
    pub aux_data: bool,
    /// `PACKET_ORIGDEV`: the device that received a packet, not the one above it, is told.
    pub orig_dev: bool,
    /// `PACKET_VNET_HDR`: packets have the header of virtual machines.
    pub vnet_hdr: bool,
    /// `PACKET_LOSS`: what cannot be sent is dropped in silence.
    pub loss: bool,
    /// `PACKET_TIMESTAMP`: which clock stamps packets in a ring, `SOF_TIMESTAMPING_*`.
    pub timestamp: u32,
    /// `PACKET_COPY_THRESH`: packets of more bytes than this are kept for reading, too.
    pub copy_thresh: u32,
    /// The fanout group, if it is in one: the low 16 bits are its number, the next 8 how it deals packets out, then flags.
    pub fanout: Option<u32>,
    /// Multicast addresses that it joined.
    pub multicast: Vec<PacketMulticast>,
    /// The receive ring, if there is one.
    pub rx_ring: Option<Ring>,
    /// The transmit ring, if there is one.
    pub tx_ring: Option<Ring>,
}

/// A ring of packets in memory that a program shares with the kernel. Source: `packet_ring`, as `struct tpacket_req3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ring {
    /// Bytes of a block.
    pub block_size: u32,
    /// How many blocks.
    pub block_nr: u32,
    /// Bytes of a frame.
    pub frame_size: u32,
    /// How many frames.
    pub frame_nr: u32,
    /// Milliseconds until a block is given out though it is not full.
    pub retire_tmo: u32,
    /// Bytes of each block that are the program's own.
    pub sizeof_priv: u32,
    /// `TP_FT_REQ_*`.
    pub features: u32,
}

impl Ring {
    /// Bytes of all blocks.
    pub fn bytes(&self) -> u64 {
        u64::from(self.block_size).saturating_mul(self.block_nr.into())
    }
}

impl From<&PacketRing> for Ring {
    fn from(ring: &PacketRing) -> Self {
        Self {
            block_size: ring.block_size,
            block_nr: ring.block_nr,
            frame_size: ring.frame_size,
            frame_nr: ring.frame_nr,
            retire_tmo: ring.retire_tmo,
            sizeof_priv: ring.sizeof_priv,
            features: ring.features,
        }
    }
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
        let multicast = entry.mclist.iter().map(|it| PacketMulticast {
            ifindex: it.index,
            kind: it.r#type,
            address: it.addr.clone(),
        });
        let packet = Packet {
            ifindex: (entry.ifindex != 0).then_some(entry.ifindex),
            version: entry.version,
            reserve: entry.reserve,
            aux_data: entry.aux_data,
            orig_dev: entry.orig_dev,
            vnet_hdr: entry.vnet_hdr,
            loss: entry.loss,
            timestamp: entry.timestamp,
            copy_thresh: entry.copy_thresh,
            fanout: entry.fanout.filter(|&group| group != u32::MAX),
            multicast: multicast.collect(),
            rx_ring: entry.rx_ring.as_ref().map(Ring::from),
            tx_ring: entry.tx_ring.as_ref().map(Ring::from),
        };
        Self {
            socket_type: Some(entry.r#type),
            protocol: ethernet(entry.protocol, order),
            ..Self::new(Family::Packet, &entry.opts, entry.ns_id, Details::Packet(Box::new(packet)))
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
