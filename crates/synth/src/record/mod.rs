//! Records by the names of CRIU's schema: a message and what its fields are, and the bytes that CRIU would write.

mod path;
mod random;

use crate::Message;
use crate::schema::{self, Field};

pub use random::{Choices, Random};

/// A message of the schema with values in its fields.
///
/// ```
/// use icecore_synth::Record;
///
/// let area = Record::new("vma_entry").with("start", 0x1000).with("end", 0x3000).with("fd", -1);
/// assert_eq!(area.encode().as_bytes(), [0x08, 0x80, 0x20, 0x10, 0x80, 0x60, 0x40, 0x01]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    message: &'static [Field],
    parts: Vec<Part>,
}

/// What stands in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A field with its values: one, but of a list any number.
    Known(&'static Field, Vec<Value>),
    /// A field that the schema does not have, as bytes.
    Unknown(Message),
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, a `bool` or a value of an enumeration, whatever way it is coded.
    Number(i128),
    /// A string or bytes.
    Bytes(Vec<u8>),
    /// A message.
    Message(Record),
}

impl Record {
    /// A message without fields.
    ///
    /// # Panics
    /// If the schema has no message of that name.
    pub fn new(name: &str) -> Self {
        let message = schema::messages().get(name);
        assert!(message.is_some(), "the schema has no message {name}");
        Self { message: message.map_or(&[], Vec::as_slice), parts: Vec::new() }
    }

    /// With a value in a field; where a list has some already, one more.
    ///
    /// # Panics
    /// If the message has no field of that name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let field = self.message.iter().find(|field| field.name == name);
        assert!(field.is_some(), "no field {name} in {:?}", self.message.first().map(|field| field.message));
        let known = self.parts.iter_mut().find_map(|part| match part {
            Part::Known(known, values) if known.name == name => Some(values),
            _ => None,
        });
        match (known, field) {
            (Some(values), Some(field)) => values.push(value.into().in_field(field)),
            (None, Some(field)) => self.parts.push(Part::Known(field, vec![value.into().in_field(field)])),
            (_, None) => {}
        }
        self
    }

    /// What stands in the record, in its order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The record without what the schema does not know, inside of it also.
    #[must_use]
    pub fn known(&self) -> Self {
        let known = |part: &Part| match part {
            Part::Known(field, values) => Some(Part::Known(field, values.iter().map(Value::known).collect())),
            Part::Unknown(_) => None,
        };
        Self { message: self.message, parts: self.parts.iter().filter_map(known).collect() }
    }

    /// The record as protobuf.
    pub fn encode(&self) -> Message {
        self.parts.iter().fold(Message::new(), |message, part| match part {
            Part::Known(field, values) if field.packed => {
                let packed = values.iter().fold(Message::new(), |packed, value| match value {
                    Value::Number(number) => packed.number(raw(field, *number)),
                    _ => packed,
                });
                if values.is_empty() { message } else { message.message(field.number, &packed) }
            }
            Part::Known(field, values) => {
                values.iter().fold(message, |message, value| value.put(field, message))
            }
            Part::Unknown(unknown) => message.raw(unknown.as_bytes()),
        })
    }
}

impl Value {
    fn known(&self) -> Self {
        match self {
            Self::Message(record) => Self::Message(record.known()),
            other => other.clone(),
        }
    }

    fn put(&self, field: &Field, message: Message) -> Message {
        match self {
            Self::Number(number) if field.kind == "fixed64" => {
                message.fixed64(field.number, raw(field, *number))
            }
            Self::Number(number) => message.varint(field.number, raw(field, *number)),
            Self::Bytes(bytes) => message.bytes(field.number, bytes),
            Self::Message(record) => message.message(field.number, &record.encode()),
        }
    }
}

/// The 64 bits that stand for a number of a field: negative ones are extended to 64 bits, those of the two types that
/// begin with an `s` have their sign in the lowest bit.
fn raw(field: &Field, number: i128) -> u64 {
    let [low, _] = halves(number);
    match field.kind {
        "sint32" | "sint64" => {
            let [sign, _] = halves(number >> 127);
            (low << 1) ^ sign
        }
        _ => low,
    }
}

/// The lower and the upper 64 bits.
fn halves(number: i128) -> [u64; 2] {
    let bits = number.cast_unsigned();
    [bits, bits >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or_default())
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl From<$type> for Value {
            fn from(number: $type) -> Self {
                Self::Number(number.into())
            }
        }
    )*};
}

numbers! { bool u32 u64 i32 i64 }

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Self {
        Self::Message(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(record: &Record, bytes: &[u8]) {
        assert_eq!(record.encode().as_bytes(), bytes);
    }

    /// Bytes worked out by hand from the rules of the encoding.
    #[test]
    fn types_are_coded_as_the_schema_says() {
        check(&Record::new("fs_entry").with("cwd_id", 76u32), b"\x08\x4c");
        // fd of vma_entry is sint64, fs_type of file_handle a fixed64.
        check(&Record::new("vma_entry").with("fd", -1), b"\x40\x01");
        check(
            &Record::new("vma_entry").with("fd", i64::MIN),
            b"\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        );
        check(
            &Record::new("vma_entry").with("fd", i64::MAX),
            b"\x40\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        );
        // An int32 that is negative has ten bytes.
        check(&Record::new("autofs_entry").with("fd", -2), b"\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
        check(&Record::new("utsns_entry").with("nodename", "web"), b"\x0a\x03web");
        check(&Record::new("binfmt_misc_entry").with("enabled", true), b"\x10\x01");
    }

    #[test]
    fn lists_are_one_field_where_they_are_packed() {
        let blocks = Record::new("pagemap_blocks").with("block_sizes", 300u32).with("block_sizes", 1u32);
        check(&blocks, b"\x0a\x03\xac\x02\x01");
        let list = Record::new("mm_entry").with("mm_saved_auxv", 6u64).with("mm_saved_auxv", 4096u64);
        check(&list, b"\x68\x06\x68\x80\x20");
    }

    #[test]
    fn messages_stand_in_messages() {
        let policy = Record::new("aa_policy").with("name", "p").with("blob", &b"\0\xff"[..]);
        let space = Record::new("aa_namespace").with("name", "n").with("policies", policy);
        check(&space, b"\x0a\x01n\x12\x07\x0a\x01p\x12\x02\0\xff");
    }

    #[test]
    fn what_is_unknown_can_be_left_out() {
        let unknown = Part::Unknown(Message::new().varint(1000, 5));
        let mut policy = Record::new("aa_policy").with("name", "p");
        policy.parts.push(unknown.clone());
        let mut space = Record::new("aa_namespace").with("policies", policy);
        space.parts.insert(0, unknown);
        check(&space, b"\xc0\x3e\x05\x12\x06\x0a\x01p\xc0\x3e\x05");
        check(&space.known(), b"\x12\x03\x0a\x01p");
    }

    #[test]
    #[should_panic(expected = "no field cwd in Some(\"fs_entry\")")]
    fn a_field_that_is_none_is_a_mistake() {
        drop(Record::new("fs_entry").with("cwd", 1u32));
    }
}
