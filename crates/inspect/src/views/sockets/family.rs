//! What only sockets of one family have.

use icecore::sockets::{Details, Inet, Netlink, Packet, Raw, Ring, TcpState, Unix};

use super::options::{list, set};
use crate::output::{Cell, Object};
use crate::views::details::hex;

/// What only sockets of the family have.
pub(super) fn cell(details: &Details) -> Cell {
    match details {
        Details::Inet(it) => inet(it).into(),
        Details::Unix(it) => unix(it).into(),
        Details::Netlink(it) => netlink(it).into(),
        Details::Packet(it) => packet(it).into(),
        _ => Cell::NOT_APPLICABLE,
    }
}

fn inet(inet: &Inet) -> Object {
    let keepalive = inet.keepalive.map(|(count, idle, interval)| {
        Object::new().with("count", count).with("idle", idle).with("interval", interval)
    });
    Object::new()
        .with("v6only", inet.v6only)
        .with("device", inet.ifname.as_ref())
        .with("freebind", inet.freebind)
        .with("pktinfo", set(inet.pktinfo))
        .with("tos", inet.tos)
        .with("ttl", inet.ttl)
        .with("nodelay", inet.nodelay)
        .with("cork", inet.cork)
        .with("keepalive", keepalive)
        .with("raw", Cell::given(inet.raw.as_ref().map(raw)))
        .with("uid", Cell::given(inet.uid))
        .with("tcp", inet.tcp.map(tcp))
}

fn raw(raw: &Raw) -> Object {
    Object::new()
        .with("hdrincl", set(raw.hdrincl))
        .with("nodefrag", set(raw.nodefrag))
        .with("checksum", set(raw.checksum))
        .with("icmp_filter", list(&raw.icmp_filter, |word| Cell::Hex(word.into())))
}

fn tcp(tcp: TcpState) -> Object {
    Object::new()
        .with("inq_seq", tcp.inq_seq)
        .with("outq_seq", tcp.outq_seq)
        .with("unsent", tcp.unsent)
        .with("negotiated", Cell::Hex(tcp.negotiated.into()))
        .with("mss", tcp.mss)
        .with("snd_wscale", tcp.window_scale.0)
        .with("rcv_wscale", tcp.window_scale.1)
        .with("send_window", tcp.send_window)
        .with("max_window", tcp.max_window)
        .with("receive_window", tcp.receive_window)
        .with("timestamp", tcp.timestamp)
}

fn unix(unix: &Unix) -> Object {
    Object::new()
        .with("abstract", unix.is_abstract())
        .with("deleted", unix.deleted)
        .with("directory", unix.directory.as_ref())
        .with("mode", unix.mode.map(|mode| Cell::Mode(mode & 0o7777)))
        .with("uid", unix.owner.map(|(uid, _)| uid))
        .with("gid", unix.owner.map(|(_, gid)| gid))
        .with("flags", Cell::Hex(unix.flags.into()))
}

fn netlink(netlink: &Netlink) -> Object {
    Object::new()
        .with("port", netlink.port)
        .with("groups", netlink.groups.iter().map(|word| Cell::Hex((*word).into())).collect::<Cell>())
        .with("peer_port", netlink.peer_port)
        .with("peer_group", netlink.peer_group)
}

fn packet(packet: &Packet) -> Object {
    let multicast = packet.multicast.iter().map(|it| {
        Object::new()
            .with("ifindex", it.ifindex)
            .with("kind", it.kind)
            .with("kind_name", it.kind_name())
            .with("address", hex(&it.address))
    });
    Object::new()
        .with("ifindex", packet.ifindex)
        .with("version", packet.version)
        .with("fanout", packet.fanout)
        .with("fanout_name", Cell::given(packet.fanout_name()))
        .with("multicast", multicast.collect::<Cell>())
        .with("reserve", packet.reserve)
        .with("aux_data", packet.aux_data)
        .with("orig_dev", packet.orig_dev)
        .with("vnet_hdr", packet.vnet_hdr)
        .with("loss", packet.loss)
        .with("timestamp", Cell::Hex(packet.timestamp.into()))
        .with("copy_thresh", packet.copy_thresh)
        .with("rx_ring", packet.rx_ring.map(|ring| ring.bytes()))
        .with("tx_ring", packet.tx_ring.map(|ring| ring.bytes()))
        .with("rx_layout", Cell::given(packet.rx_ring.map(ring)))
        .with("tx_layout", Cell::given(packet.tx_ring.map(ring)))
}

fn ring(ring: Ring) -> Object {
    Object::new()
        .with("block_size", ring.block_size)
        .with("block_nr", ring.block_nr)
        .with("frame_size", ring.frame_size)
        .with("frame_nr", ring.frame_nr)
        .with("retire_tmo", ring.retire_tmo)
        .with("sizeof_priv", ring.sizeof_priv)
        .with("features", Cell::Hex(ring.features.into()))
}
