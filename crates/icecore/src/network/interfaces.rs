//! Network devices.

use bstr::BString;
use icecore_images::messages::{NdType, NetDeviceEntry};
use serde::Serialize;

use crate::NamespaceId;

/// A network device. Source: `netdev-N.img`, `net_device_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Interface {
    /// Its index.
    pub index: u32,
    /// Its name.
    pub name: BString,
    /// What it is.
    pub link: Link,
    /// The largest packet in bytes.
    pub mtu: u32,
    /// `IFF_*` bits.
    pub flags: u32,
    /// The hardware address; not of loopback.
    pub address: Option<Vec<u8>>,
    /// The index of the bridge or bond that it belongs to.
    pub master: Option<u32>,
    /// The index of the other end, and its namespace, which is absent if it is outside of the dump; since CRIU 3.8.
    pub peer: Option<(u32, Option<NamespaceId>)>,
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Link {
    /// Loopback.
    Loopback,
    /// One end of a pair.
    Veth,
    /// Tun or tap.
    Tun,
    /// Handed in by who restores; what it is is not stored.
    External,
    /// OpenVZ.
    Venet,
    /// Bridge.
    Bridge,
    /// Macvlan.
    Macvlan,
    /// Tunnel of IPv6 in IPv4.
    Sit,
    /// None of these.
    Unknown(i32),
}

impl Link {
    /// The kernel's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Veth => "veth",
            Self::Tun => "tun",
            Self::External => "external",
            Self::Venet => "venet",
            Self::Bridge => "bridge",
            Self::Macvlan => "macvlan",
            Self::Sit => "sit",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl From<NdType> for Link {
    fn from(number: NdType) -> Self {
        match number {
            NdType::LOOPBACK => Self::Loopback,
            NdType::VETH => Self::Veth,
            NdType::TUN => Self::Tun,
            NdType::EXTLINK => Self::External,
            NdType::VENET => Self::Venet,
            NdType::BRIDGE => Self::Bridge,
            NdType::MACVLAN => Self::Macvlan,
            NdType::SIT => Self::Sit,
            other => Self::Unknown(other.0),
        }
    }
}

impl From<NetDeviceEntry> for Interface {
    fn from(entry: NetDeviceEntry) -> Self {
        let own = entry.ifindex;
        Self {
            index: entry.ifindex,
            name: entry.name,
            link: entry.r#type.into(),
            mtu: entry.mtu,
            flags: entry.flags,
            address: entry.address.filter(|address| !address.is_empty()),
            master: entry.master,
            // A device without other end names itself.
            peer: entry
                .peer_ifindex
                .filter(|&peer| peer != own)
                .map(|peer| (peer, entry.peer_nsid.map(NamespaceId))),
        }
    }
}

const UP: u32 = 0x1;
const RUNNING: u32 = 0x40;

/// Flags in the order of iproute2.
const FLAGS: [(&str, u32); 17] = [
    ("LOOPBACK", 0x8),
    ("BROADCAST", 0x2),
    ("POINTOPOINT", 0x10),
    ("MULTICAST", 0x1000),
    ("NOARP", 0x80),
    ("ALLMULTI", 0x200),
    ("PROMISC", 0x100),
    ("MASTER", 0x400),
    ("SLAVE", 0x800),
    ("DEBUG", 0x4),
    ("DYNAMIC", 0x8000),
    ("AUTOMEDIA", 0x4000),
    ("PORTSEL", 0x2000),
    ("NOTRAILERS", 0x20),
    ("UP", UP),
    ("LOWER_UP", 0x1_0000),
    ("DORMANT", 0x2_0000),
];

impl Interface {
    /// Its flags in the words of `ip link`.
    pub fn flag_names(&self) -> Vec<&'static str> {
        let dead = self.flags & UP != 0 && self.flags & RUNNING == 0;
        let names = FLAGS.iter().filter(|(_, bit)| self.flags & bit != 0).map(|(name, _)| *name);
        dead.then_some("NO-CARRIER").into_iter().chain(names).collect()
    }
}
