//! What follows the records of some kinds, and images that have no records: layouts that are not protobuf.

pub mod bpf;
pub mod bpf_map;
pub mod conntrack;
pub mod ghost_file;
pub mod ip_dump;
pub mod iptables;
pub mod netlink;
pub mod nftables;
pub mod pipe_data;
pub mod seccomp;
pub mod sk_queue;
pub mod sysv;
pub mod tcp_stream;
pub mod tty_data;

use crate::error::{Fault, Located};
use crate::wire;

/// A 32-bit length as a size in memory.
fn size(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// What is left behind some bytes.
fn skip(bytes: &[u8], length: usize) -> Result<&[u8], Located<'_>> {
    let claimed = u64::try_from(length).unwrap_or(u64::MAX);
    let fault = Fault::Length { what: "a payload", claimed, left: wire::len(bytes) };
    bytes.get(length..).ok_or(Located { at: bytes, fault })
}

#[cfg(test)]
mod tests;
