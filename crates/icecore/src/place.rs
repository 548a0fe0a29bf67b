//! Where in the archive a value stands.

use std::fmt;
use std::sync::Arc;

use bstr::BString;
use icecore_images::{Message, Record};
use serde::Serialize;

/// The record that a value of the model was read from, or the part of one.
///
/// The bytes of the member from `offset` on, `length` of them, are a protobuf message: the one that the value's
/// documentation names as its source. What else belongs to the value stands in the images that the documentation of its
/// fields names.
///
/// ```
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
/// let checkpoint = icecore::Checkpoint::open(path)?;
/// let process = &checkpoint.processes()[0];
/// let place = process.place.as_ref().map(ToString::to_string);
/// assert_eq!(place.as_deref(), Some("pstree.img, entry 0, offset 0xc"));
/// # Ok::<(), icecore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The image, by its name in the archive.
    pub member: Arc<BString>,
    /// The number of the record in the image, from 0.
    pub entry: usize,
    /// Where the message begins, in bytes from the start of the member, behind its length.
    pub offset: u64,
    /// How many bytes the message has.
    pub length: u64,
}

impl Place {
    pub(crate) fn of<M: Message>(member: &Arc<BString>, record: &Record<'_, M>) -> Self {
        let entry = &record.entry;
        Self::of_part(member, record, entry.bytes)
    }

    /// Of the messages of a repeated field, in the order in which they are decoded.
    pub(crate) fn of_parts<M: Message>(
        member: &Arc<BString>,
        record: &Record<'_, M>,
        field: &str,
    ) -> Vec<Self> {
        record.parts(field).map(|part| Self::of_part(member, record, part)).collect()
    }

    fn of_part<M>(member: &Arc<BString>, record: &Record<'_, M>, part: &[u8]) -> Self {
        Self {
            member: Arc::clone(member),
            entry: record.entry.index,
            offset: record.entry.image().offset_of(part),
            length: part.len() as u64,
        }
    }
}

/// `MEMBER, entry N, offset 0x…`; the member as it is, for whoever prints it to escape.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, entry {}, offset {:#x}", self.member, self.entry, self.offset)
    }
}

/// A record that was decoded, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Placed<M> {
    pub(crate) message: M,
    pub(crate) place: Place,
}

impl<M> Placed<M> {
    /// The same place for what was made of the record.
    pub(crate) fn map<T>(self, make: impl FnOnce(M) -> T) -> Placed<T> {
        Placed { message: make(self.message), place: self.place }
    }
}
