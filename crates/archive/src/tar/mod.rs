//! Tar archives: the index of their members.
//!
//! One reader for every dialect: V7, ustar, GNU (long names, base-256 numbers, sparse files) and PAX (extended and
//! global headers, sparse files). It reads headers and passes bodies, so that a plain tar of any size is indexed with
//! a read for each member at most, and a compressed one while it is decoded.
//!
//! Damage is told and survived where the structure allows it: a header whose checksum is wrong but whose size leads
//! to a sound one is taken, with a finding; a size that cannot be true ends the listing, since whatever follows could
//! be the inside of that very member.

mod body;
mod described;
mod facts;
mod header;
mod in_front;
mod pax;
mod reader;
mod sparse;

#[cfg(test)]
mod tests;

use std::io;

use self::header::{BLOCK, Parsed};
pub(crate) use self::pax::Records;
use crate::finding::Findings;
use crate::input::Input;
use crate::{Limits, Member, MemberName};

/// Which members' bodies are worth keeping: their name and size.
pub(crate) type KeepMember<'a> = &'a dyn Fn(&MemberName, u64) -> bool;

/// Whether the first bytes are those of a tar: a header with its checksum, or two blocks of zeros.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(first) = head.first_chunk::<BLOCK>() else { return false };
    match header::parse(first) {
        Parsed::Header(_) => true,
        Parsed::Zeros => {
            head.get(BLOCK..BLOCK.saturating_mul(2)).is_some_and(|next| next.iter().all(|&byte| byte == 0))
        }
        // A damaged first header is still a tar if its magic stands.
        Parsed::Damaged(header) => header.has_magic,
    }
}

/// Reads the index of a tar.
///
/// # Errors
/// Only what the input says; damage is told in `findings`.
pub(crate) fn index(
    input: &mut dyn Input,
    keep: KeepMember<'_>,
    limits: &Limits,
    findings: &mut Findings,
) -> io::Result<Vec<Member>> {
    reader::Reader::new(input, keep, limits, findings).run()
}

/// A size rounded up to whole blocks.
fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX)
}
