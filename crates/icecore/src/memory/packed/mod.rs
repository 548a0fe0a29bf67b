//! Pages files whose pages do not just lie one behind the other: compressed ones, of two kinds.
//!
//! Each gives its pages decoded, as one [`Source`](icecore_archive::Source), so that nothing else has to know.

pub(super) mod blocks;
mod cache;
mod checksum;
mod frame_table;
pub(super) mod frames;
pub(super) mod layout;

pub(super) use frame_table::Fault;

use std::io;

/// The largest block that any writer makes, in bytes; so much is decoded at once.
const LARGEST_BLOCK: u64 = 4 << 20;

fn damaged(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
