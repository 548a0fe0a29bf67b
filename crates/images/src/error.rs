//! What can be wrong with an image, and where.

use bstr::BString;
use thiserror::Error;

use crate::kinds::Kind;

/// Why an image, or one record of it, cannot be read.
///
/// Offsets count bytes from the start of the image.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The image ends before its magic does; nothing in it can be read.
    #[error("{member}: {length} bytes are too short for a magic of {expected} bytes")]
    Short {
        /// Name of the image.
        member: BString,
        /// Bytes that there are.
        length: usize,
        /// Bytes that the magic needs.
        expected: usize,
    },
    /// The magic belongs to no kind that is known; nothing in the image can be read.
    #[error("{member}: offset {offset:#x}: magic {found:#010x} is of no known image kind{expected}")]
    UnknownMagic {
        /// Name of the image.
        member: BString,
        /// Where the magic stands.
        offset: u64,
        /// The magic, read in the byte order of the image (little-endian if that is unknown).
        found: u32,
        /// The kind that the file name stands for.
        expected: Expected,
    },
    /// The image has no records of the wanted message.
    #[error("{member}: an image of kind {kind} has no `{wanted}` records")]
    WrongMessage {
        /// Name of the image.
        member: BString,
        /// What the image is.
        kind: Kind,
        /// Schema name of the message that was asked for.
        wanted: &'static str,
    },
    /// A record is not what the format says. Records after it are given as long as the frame leads to them.
    #[error("{member}: entry {entry}, offset {offset:#x}: {fault}")]
    Malformed {
        /// Name of the image.
        member: BString,
        /// Number of the record, from 0.
        entry: usize,
        /// Where the fault was seen.
        offset: u64,
        /// What is wrong.
        fault: Fault,
    },
}

/// The kind that a file name stands for, as part of an error message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected(pub Option<Kind>);

impl core::fmt::Display for Expected {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0.and_then(|kind| Some((kind, kind.magic()?))) {
            Some((kind, magic)) => write!(f, ", the name stands for {kind} with {magic:#010x}"),
            None => Ok(()),
        }
    }
}

/// What is wrong at one place of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end inside a value.
    #[error("the bytes end inside {0}")]
    Truncated(&'static str),
    /// A length claims more than there is.
    #[error("{what} of {claimed} bytes, but only {left} are left")]
    Length {
        /// What has that length.
        what: &'static str,
        /// The length that the image claims.
        claimed: u64,
        /// Bytes up to the end of what holds it.
        left: u64,
    },
    /// A record is longer than this crate reads.
    #[error("a record of {claimed} bytes is over the limit of {limit}")]
    TooLong {
        /// The length that the image claims.
        claimed: u64,
        /// The longest record that is read.
        limit: u64,
    },
    /// A varint goes on after its tenth byte, or has bits beyond the 64th.
    #[error("a varint has more than 64 bits")]
    Varint,
    /// A field number of 0, or one beyond 29 bits.
    #[error("tag {0} is no field number and wire type")]
    Tag(u64),
    /// A wire type that protobuf does not have, or the end of a group that did not begin.
    #[error("field {number} has wire type {wire_type}, which starts no value")]
    WireType {
        /// Number of the field.
        number: u32,
        /// The three bits.
        wire_type: u8,
    },
    /// A group ends under another number than it began with.
    #[error("group {began} is ended as group {ended}")]
    Group {
        /// Number at the start.
        began: u32,
        /// Number at the end.
        ended: u32,
    },
    /// Messages are nested deeper than this crate follows.
    #[error("messages are nested more than {0} deep")]
    Depth(u32),
    /// A payload is not what its record says.
    #[error("{0}")]
    Payload(&'static str),
}

/// A fault and the bytes at which it was seen, which lie in the record's slice: the outermost reader turns
/// them into an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<'a> {
    /// What was left to read when the fault was seen.
    pub at: &'a [u8],
    /// What is wrong.
    pub fault: Fault,
}

impl Located<'_> {
    /// Bytes from the start of `whole` to the fault; `whole` must be the buffer that was being read.
    #[must_use]
    pub fn offset_in(&self, whole: &[u8]) -> usize {
        distance(whole, self.at)
    }
}

/// Bytes from the start of `whole` to the start of `part`, which is a part of it (0 if it is not).
pub(crate) fn distance(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().checked_sub(whole.as_ptr().addr()).filter(|&n| n <= whole.len()).unwrap_or(0)
}

/// [`distance`] as a number of a file.
pub(crate) fn offset(whole: &[u8], part: &[u8]) -> u64 {
    u64::try_from(distance(whole, part)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
