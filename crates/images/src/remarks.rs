//! What is odd about a record that can be read.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label};
use crate::error::distance;
use crate::image::Entry;
use crate::message::{MAX_DEPTH, bit};
use crate::wire::{self, Field, Value};

/// How many remarks of one record are listed; the rest is counted.
pub const MAX_LISTED: usize = 64;

/// The remarks of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remarks {
    /// The first [`MAX_LISTED`] of them, as they were found.
    pub listed: Vec<Remark>,
    /// How many more there are.
    pub omitted: u64,
    /// How many of all are fields that the schema does not have, or not with this wire type: what nobody here can read.
    pub unknown: u64,
}

impl Remarks {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Whether a required field is absent: `path` is a field name, with those of the messages around it in
    /// front (`vmas.flags`).
    #[must_use]
    pub fn is_missing(&self, path: &str) -> bool {
        self.listed.iter().any(|remark| remark.what == What::Missing && remark.path == path)
    }

    fn push(&mut self, offset: u64, path: impl FnOnce() -> String, what: What) {
        if what.is_unknown() {
            self.unknown = self.unknown.saturating_add(1);
        }
        if self.listed.len() < MAX_LISTED {
            self.listed.push(Remark { offset, path: path(), what });
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }
}

impl Entry<'_> {
    /// What is odd about the record though it can be read, as [`Record::remarks`](crate::Record::remarks) says, without
    /// decoding it first.
    #[must_use]
    pub fn remarks(&self) -> Remarks {
        let start = u64::try_from(distance(self.image().bytes(), self.bytes)).unwrap_or(0);
        self.message().map_or_else(Remarks::default, |message| remarks(self.bytes, message, start))
    }
}

/// One oddity: where and what.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// Bytes from the start of the image, to the field, or to the message that lacks it.
    pub offset: u64,
    /// Names of the fields from the record down to this one, joined by dots; a number where it has no name.
    pub path: String,
    /// What is odd.
    pub what: What,
}

impl Remark {
    /// What is odd, without the offset.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}", Odd(self))
    }
}

impl core::fmt::Display for Remark {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "offset {:#x}: {}", self.offset, Odd(self))
    }
}

/// A remark without its offset.
struct Odd<'a>(&'a Remark);

impl core::fmt::Display for Odd<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Remark { path, what, .. } = self.0;
        match what {
            What::Missing => write!(f, "required field `{path}` is absent"),
            What::Unknown { wire_type } => write!(f, "unknown field `{path}` of wire type {wire_type}"),
            What::WireType { found, expected } => {
                write!(f, "field `{path}` has wire type {found} instead of {expected}, it counts as absent")
            }
            What::TooDeep => write!(f, "message `{path}` is nested too deep, it counts as empty"),
            What::Repeated => write!(f, "single field `{path}` occurs again, the last one counts"),
        }
    }
}

/// The kinds of oddity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum What {
    /// A required field is absent; the struct holds its default value.
    Missing,
    /// The schema has no such field: a later CRIU, a fork, or damage. It is kept when the record is edited.
    Unknown {
        /// Its wire type.
        wire_type: u8,
    },
    /// A known field has the wire type of another schema type; it counts as unknown.
    WireType {
        /// As it stands.
        found: u8,
        /// As the schema says.
        expected: u8,
    },
    /// A message is nested deeper than [`MAX_DEPTH`]; it counts as empty.
    TooDeep,
    /// A field that should occur once does again. The last value counts; messages are merged.
    Repeated,
}

impl What {
    /// Whether it is a field that the schema does not have, or not with this wire type.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::WireType { .. })
    }
}

/// The remarks of a record that begins at `start` of its image.
pub(crate) fn remarks(record: &[u8], message: &'static Descriptor, start: u64) -> Remarks {
    let mut walk = Walk { record, start, found: Remarks::default() };
    // One level more than messages have: the record itself.
    walk.message(&[record], message, &Path::Record, MAX_DEPTH.saturating_add(1));
    walk.found
}

/// The fields around the place that is looked at, innermost first.
enum Path<'p> {
    Record,
    Field(&'p Path<'p>, &'static str),
}

impl Path<'_> {
    fn join(&self, last: &str) -> String {
        match self {
            Self::Record => last.to_string(),
            Self::Field(around, name) => around.join(&format!("{name}.{last}")),
        }
    }
}

struct Walk<'a> {
    record: &'a [u8],
    start: u64,
    found: Remarks,
}

impl<'a> Walk<'a> {
    fn push(&mut self, at: &[u8], path: impl FnOnce() -> String, what: What) {
        let within = u64::try_from(distance(self.record, at)).unwrap_or(0);
        self.found.push(self.start.saturating_add(within), path, what);
    }

    /// A message, given as all the parts in which it occurs: they are merged before something is missing.
    fn message(&mut self, parts: &[&'a [u8]], message: &'static Descriptor, path: &Path<'_>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else {
            let Path::Field(around, name) = path else { return };
            return self.push(
                parts.first().copied().unwrap_or_default(),
                || around.join(name),
                What::TooDeep,
            );
        };
        let mut seen = 0u64;
        // Single messages wait until all their parts are known; there are as many as the message has fields.
        let mut singles: Vec<(&'static FieldDescriptor, Vec<&'a [u8]>)> = Vec::new();
        for part in parts {
            for field in wire::fields(part).map_while(Result::ok) {
                let Some(known) = self.field(&field, message, seen, path) else { continue };
                seen |= bit(field.number);
                let (FieldType::Message(inner), Value::Delimited(bytes)) = (known.kind, field.value) else {
                    continue;
                };
                if known.label == Label::Repeated {
                    self.message(&[bytes], inner(), &Path::Field(path, known.name), depth);
                } else {
                    match singles.iter_mut().find(|(single, _)| single.number == known.number) {
                        Some((_, parts)) => parts.push(bytes),
                        None => singles.push((known, alloc::vec![bytes])),
                    }
                }
            }
        }
        for field in message.required().filter(|field| seen & bit(field.number) == 0) {
            self.push(parts.first().copied().unwrap_or_default(), || path.join(field.name), What::Missing);
        }
        for (field, parts) in singles {
            if let FieldType::Message(inner) = field.kind {
                self.message(&parts, inner(), &Path::Field(path, field.name), depth);
            }
        }
    }

    /// One field; given back if the message has it and its wire type is right.
    fn field(
        &mut self,
        field: &Field<'a>,
        message: &'static Descriptor,
        seen: u64,
        path: &Path<'_>,
    ) -> Option<&'static FieldDescriptor> {
        let found = field.value.wire_type();
        let Some(known) = message.field(field.number) else {
            let what = What::Unknown { wire_type: found };
            self.push(field.bytes, || path.join(&field.number.to_string()), what);
            return None;
        };
        let expected = known.kind.wire_type();
        if found != expected && !known.is_packed_when(found) {
            self.push(field.bytes, || path.join(known.name), What::WireType { found, expected });
            return None;
        }
        if known.label != Label::Repeated && seen & bit(field.number) != 0 {
            self.push(field.bytes, || path.join(known.name), What::Repeated);
        }
        Some(known)
    }
}

#[cfg(test)]
mod tests;
