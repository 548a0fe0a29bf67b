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
    /// `SO_PASSSEC`.
    pub passsec: Option<bool>,
    /// `SO_DONTROUTE`: no gateway is used.
    pub dontroute: Option<bool>,
    /// `SO_NO_CHECK`: datagrams are sent without checksums.
    pub no_check: Option<bool>,
    /// `SO_OOBINLINE`: urgent data stay in the stream; since CRIU 3.15.
    pub oobinline: Option<bool>,
    /// `SO_BUF_LOCK`, the buffer sizes that the program set itself: 1 send, 2 receive; since CRIU 3.17.
    pub buf_lock: Option<u32>,
    /// `SO_RCVLOWAT` in bytes: how many a read waits for.
    pub rcvlowat: Option<u32>,
    /// `SO_RCVTIMEO` in microseconds; `None`: reads wait forever.
    pub rcvtimeo_us: Option<u64>,
    /// `SO_SNDTIMEO` in microseconds; `None`: writes wait forever.
    pub sndtimeo_us: Option<u64>,
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
            passsec: entry.so_passsec,
            dontroute: entry.so_dontroute,
            no_check: entry.so_no_check,
            oobinline: entry.so_oobinline.map(|set| set != 0),
            buf_lock: entry.so_buf_lock,
            rcvlowat: entry.so_rcvlowat,
            rcvtimeo_us: timeout(entry.so_rcv_tmo_sec, entry.so_rcv_tmo_usec),
            sndtimeo_us: timeout(entry.so_snd_tmo_sec, entry.so_snd_tmo_usec),
            priority: entry.so_priority,
            mark: entry.so_mark,
            linger: entry.so_linger,
            device: entry.so_bound_dev.clone(),
            filter: entry.so_filter.clone(),
        }
    }
}

/// A timeout in microseconds, of which 0 is none.
fn timeout(seconds: u64, micros: u64) -> Option<u64> {
    let sum = seconds.saturating_mul(1_000_000).saturating_add(micros);
    (sum != 0).then_some(sum)
}
