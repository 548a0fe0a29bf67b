//! What rows of sockets have.

use crate::output::Kind;

/// An address with its port.
pub(crate) const ENDPOINT: Kind = Kind::Object(&[("addr", Kind::Text), ("port", Kind::Count)]);

pub(super) const SHUTDOWN: Kind = Kind::OneOf(&[Kind::Word(&["read", "write", "both"]), Kind::Count]);

/// What [`brief`](super::brief) gives.
pub(crate) const BRIEF: Kind = Kind::Object(&[
    ("family", Kind::Text),
    ("state", Kind::Text),
    ("local", ENDPOINT),
    ("remote", ENDPOINT),
    ("name", Kind::Bytes),
]);

pub(super) const OPTIONS: Kind = Kind::Object(&[
    ("sndbuf", Kind::Count),
    ("rcvbuf", Kind::Count),
    ("reuseaddr", Kind::Bool),
    ("reuseport", Kind::Bool),
    ("keepalive", Kind::Bool),
    ("broadcast", Kind::Bool),
    ("passcred", Kind::Bool),
    ("passsec", Kind::Bool),
    ("dontroute", Kind::Bool),
    ("no_check", Kind::Bool),
    ("oobinline", Kind::Bool),
    ("priority", Kind::Count),
    ("mark", Kind::Count),
    ("linger", Kind::Count),
    ("rcvlowat", Kind::Count),
    ("rcvtimeo", Kind::Count),
    ("sndtimeo", Kind::Count),
    ("buf_lock", Kind::Count),
    ("device", Kind::Bytes),
    ("filter", Kind::List(&Kind::Hex)),
    ("filter_text", Kind::List(&Kind::Text)),
]);

pub(super) const DETAILS: Kind = Kind::OneOf(&[INET, UNIX, NETLINK, PACKET]);

const INET: Kind = Kind::Object(&[
    ("v6only", Kind::Bool),
    ("device", Kind::Bytes),
    ("freebind", Kind::Bool),
    ("pktinfo", Kind::Bool),
    ("tos", Kind::Count),
    ("ttl", Kind::Count),
    ("nodelay", Kind::Bool),
    ("cork", Kind::Bool),
    ("keepalive", Kind::Object(&[("count", Kind::Count), ("idle", Kind::Count), ("interval", Kind::Count)])),
    ("raw", RAW),
    ("uid", Kind::Count),
    ("tcp", TCP),
]);

const RAW: Kind = Kind::Object(&[
    ("hdrincl", Kind::Bool),
    ("nodefrag", Kind::Bool),
    ("checksum", Kind::Bool),
    ("icmp_filter", Kind::List(&Kind::Hex)),
]);

const TCP: Kind = Kind::Object(&[
    ("inq_seq", Kind::Count),
    ("outq_seq", Kind::Count),
    ("unsent", Kind::Count),
    ("negotiated", Kind::Hex),
    ("mss", Kind::Count),
    ("snd_wscale", Kind::Count),
    ("rcv_wscale", Kind::Count),
    ("send_window", Kind::Count),
    ("max_window", Kind::Count),
    ("receive_window", Kind::Count),
    ("timestamp", Kind::Count),
]);

const UNIX: Kind = Kind::Object(&[
    ("abstract", Kind::Bool),
    ("deleted", Kind::Bool),
    ("directory", Kind::Bytes),
    ("mode", Kind::Octal),
    ("uid", Kind::Count),
    ("gid", Kind::Count),
    ("flags", Kind::Hex),
]);

const NETLINK: Kind = Kind::Object(&[
    ("port", Kind::Count),
    ("groups", Kind::List(&Kind::Hex)),
    ("peer_port", Kind::Count),
    ("peer_group", Kind::Count),
]);

const PACKET: Kind = Kind::Object(&[
    ("ifindex", Kind::Count),
    ("version", Kind::Count),
    ("fanout", Kind::Count),
    ("fanout_name", Kind::Text),
    ("multicast", Kind::List(&MEMBERSHIP)),
    ("reserve", Kind::Count),
    ("aux_data", Kind::Bool),
    ("orig_dev", Kind::Bool),
    ("vnet_hdr", Kind::Bool),
    ("loss", Kind::Bool),
    ("timestamp", Kind::Hex),
    ("copy_thresh", Kind::Count),
    ("rx_ring", Kind::Count),
    ("tx_ring", Kind::Count),
    ("rx_layout", RING),
    ("tx_layout", RING),
]);

const MEMBERSHIP: Kind = Kind::Object(&[
    ("ifindex", Kind::Count),
    ("kind", Kind::Count),
    ("kind_name", Kind::Text),
    ("address", Kind::Text),
]);

const RING: Kind = Kind::Object(&[
    ("block_size", Kind::Count),
    ("block_nr", Kind::Count),
    ("frame_size", Kind::Count),
    ("frame_nr", Kind::Count),
    ("retire_tmo", Kind::Count),
    ("sizeof_priv", Kind::Count),
    ("features", Kind::Hex),
]);
