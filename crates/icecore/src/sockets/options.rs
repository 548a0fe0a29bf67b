//! Options of the socket level.

use bstr::BString;
use icecore_images::messages::SkOptsEntry;
use serde::Serialize;

/// Options that sockets of all families have, as getsockopt(2) gives them. Source: `sk_opts_entry`. What the image does
/// not hold is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct SocketOptions {
    /// `SO_SNDBUF` in bytes: twice what was set.
    pub sndbuf: u32,
    /// `SO_RCVBUF` in bytes: twice what was set.
    pub rcvbuf: u32,
    /// `SO_REUSEADDR`.
    pub reuseaddr: Option<bool>,
    /// `SO_REUSEPORT`.
    pub reuseport: Option<bool>,
    /// `SO_KEEPALIVE`.
    pub keepalive: Option<bool>,
    /// `SO_BROADCAST`.
    pub broadcast: Option<bool>,
    /// `SO_PASSCRED`.
    pub passcred: Option<bool>,
    /// `SO_PRIORITY`.
    pub priority: Option<u32>,
    /// `SO_MARK`; absent if 0.
    pub mark: Option<u32>,
    /// `SO_LINGER` in seconds; absent if off.
    pub linger: Option<u32>,
    /// `SO_BINDTODEVICE`: a name.
    pub device: Option<BString>,
    /// `SO_ATTACH_FILTER`: one word an instruction, `code << 48 | jt << 40 | jf << 32 | k`.
    pub filter: Vec<u64>,
}

impl From<&SkOptsEntry> for SocketOptions {
    fn from(entry: &SkOptsEntry) -> Self {
        Self {
            sndbuf: entry.so_sndbuf,
            rcvbuf: entry.so_rcvbuf,
            reuseaddr: entry.reuseaddr,
            reuseport: entry.so_reuseport,
            keepalive: entry.so_keepalive,
            broadcast: entry.so_broadcast,
            passcred: entry.so_passcred,
            priority: entry.so_priority,
            mark: entry.so_mark,
            linger: entry.so_linger,
            device: entry.so_bound_dev.clone(),
            filter: entry.so_filter.clone(),
        }
    }
}
