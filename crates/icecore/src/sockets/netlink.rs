//! Netlink sockets.

use icecore_images::messages::NetlinkSkEntry;
use serde::Serialize;

use super::{Details, Family, Socket, State};

/// What only netlink sockets have. Messages that were not read are not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Netlink {
    /// The own port; 0 if it has none.
    pub port: u32,
    /// The multicast groups that it listens to: bit n-1 of word m is group 32 m + n.
    pub groups: Vec<u32>,
    /// Port of the peer; 0 is the kernel.
    pub peer_port: u32,
    /// Group of the peer.
    pub peer_group: u32,
}

impl Socket {
    pub(crate) fn netlink(entry: &NetlinkSkEntry) -> Self {
        let netlink = Netlink {
            port: entry.portid,
            groups: entry.groups.clone(),
            peer_port: entry.dst_portid,
            peer_group: entry.dst_group,
        };
        Self {
            protocol: entry.protocol,
            state: State(entry.state),
            ino: (entry.ino != 0).then_some(entry.ino),
            ..Self::new(Family::Netlink, &entry.opts, entry.ns_id, Details::Netlink(netlink))
        }
    }
}
