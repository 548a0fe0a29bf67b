//! What a message looks like, as data: for JSON, remarks, tests and documentation.

use alloc::vec::Vec;

use crate::error::Located;
use crate::message::{Message, bit};
use crate::value::integer;

/// A message: its schema name and its fields by rising number.
#[derive(Debug)]
#[non_exhaustive]
pub struct Descriptor {
    /// Name in CRIU's schema, such as `vma_entry`.
    pub name: &'static str,
    /// The fields, by rising number.
    pub fields: &'static [FieldDescriptor],
    recode: Recode,
}

/// Decodes a record and encodes it again.
type Recode = for<'a> fn(&'a [u8]) -> Result<Vec<u8>, Located<'a>>;

impl Descriptor {
    pub(crate) const fn of<M: Message>(name: &'static str, fields: &'static [FieldDescriptor]) -> Self {
        Self { name, fields, recode: |record| Ok(M::decode(record)?.encode()) }
    }

    /// Decodes a record into the message's struct and encodes that: its canonical form, without unknown fields.
    /// For tests and fuzzing, which go through all messages by their descriptors.
    ///
    /// # Errors
    ///
    /// Where the bytes are no protobuf, or messages nest too deep.
    pub fn recode<'a>(&self, record: &'a [u8]) -> Result<Vec<u8>, Located<'a>> {
        (self.recode)(record)
    }

    /// The field with that number, if the message has one.
    #[must_use]
    pub fn field(&self, number: u32) -> Option<&'static FieldDescriptor> {
        self.find(number).map(|(_, field)| field)
    }

    /// The field with that number, and where it stands among the fields.
    pub(crate) fn find(&self, number: u32) -> Option<(usize, &'static FieldDescriptor)> {
        // Numbers rise without many gaps, so the field is at or a little before its number.
        let last = usize::try_from(number).ok()?.min(self.fields.len());
        let fields: &'static [FieldDescriptor] = self.fields;
        fields.get(..last)?.iter().enumerate().rev().find(|(_, field)| field.number == number)
    }

    /// The field with that schema name, if the message has one.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static FieldDescriptor> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fields that a sound record has.
    pub fn required(&self) -> impl Iterator<Item = &'static FieldDescriptor> {
        self.fields.iter().filter(|field| field.label == Label::Required)
    }
}

/// One field of a message.
#[derive(Debug)]
#[non_exhaustive]
pub struct FieldDescriptor {
    /// Number on the wire.
    pub number: u32,
    /// Name in CRIU's schema, which is the key in JSON.
    pub name: &'static str,
    /// How often it occurs.
    pub label: Label,
    /// What its values are.
    pub kind: FieldType,
    /// Whether a list stands in one field when CRIU writes it. Both forms are read.
    pub packed: bool,
    /// How pretty JSON shows it.
    pub show: Show,
}

impl FieldDescriptor {
    pub(crate) const fn new(
        number: u32,
        identifier: &'static str,
        label: Label,
        kind: FieldType,
        form: Form,
    ) -> Self {
        let Form { packed, show } = form;
        Self { number, name: schema_name(identifier), label, kind, packed, show }
    }
}

impl FieldDescriptor {
    /// Whether a field of that wire type is a packed list.
    pub(crate) fn is_packed_when(&self, wire_type: u8) -> bool {
        wire_type == 2 && self.kind.is_packable() && self.label == Label::Repeated
    }
}

/// What the word behind `as` says in a declaration.
pub(crate) struct Form {
    pub(crate) packed: bool,
    pub(crate) show: Show,
}

impl Form {
    pub(crate) const fn shown(show: Show) -> Self {
        Self { packed: false, show }
    }
}

/// A Rust identifier without the `r#` of a keyword.
const fn schema_name(identifier: &'static str) -> &'static str {
    match identifier.as_bytes() {
        [b'r', b'#', ..] => identifier.split_at(2).1,
        _ => identifier,
    }
}

/// How often a field occurs in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Once. A reader of damaged records takes the default value for it and says so.
    Required,
    /// Once or not at all.
    Optional,
    /// Any number of times; a list.
    Repeated,
}

/// The schema type of a field.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum FieldType {
    /// `uint32`, a varint.
    Uint32,
    /// `uint64`, a varint.
    Uint64,
    /// `int32`, a varint of ten bytes when negative.
    Int32,
    /// `int64`, a varint of ten bytes when negative.
    Int64,
    /// `sint32`, a zigzag varint.
    Sint32,
    /// `sint64`, a zigzag varint.
    Sint64,
    /// `fixed64`, eight bytes.
    Fixed64,
    /// `bool`, a varint.
    Bool,
    /// `string`, but of bytes that nobody checked to be UTF-8.
    String,
    /// `bytes`.
    Bytes,
    /// An enumeration: its schema name and its names.
    Enum(&'static str, Names),
    /// A message. A function, because two messages nest themselves.
    Message(fn() -> &'static Descriptor),
}

impl FieldType {
    /// The wire type of one value, unpacked.
    #[must_use]
    pub fn wire_type(&self) -> u8 {
        match self {
            Self::Fixed64 => 1,
            Self::String | Self::Bytes | Self::Message(_) => 2,
            _ => 0,
        }
    }

    /// A varint cut to the width of the type, as a reader understands it.
    pub(crate) fn cut(&self, raw: u64) -> u64 {
        match self {
            Self::Uint32 | Self::Sint32 => integer::to_u32(raw).into(),
            Self::Int32 | Self::Enum(..) => integer::from_i32(integer::to_i32(raw)),
            Self::Bool => integer::to_bool(raw).into(),
            _ => raw,
        }
    }

    /// Whether several values may stand packed in one field.
    #[must_use]
    pub fn is_packable(&self) -> bool {
        self.wire_type() != 2
    }
}

/// Values and their names, in the order in which they are printed.
pub type Names = &'static [(&'static str, i64)];

/// How pretty JSON shows the integers of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Show {
    /// As decimal number.
    Plain,
    /// As `0x…`, with all integers inside if the field is a message.
    Hex,
    /// As `major:minor`, the device number being `major << 20 | minor`.
    Dev,
    /// As `major:minor`, the device number being encoded as by the C library.
    Odev,
    /// As names of bits, joined by ` | `.
    Flags(Names),
    /// As one name, where the value has one.
    Dict(Names),
    /// A list of words that together are one address.
    Address,
    /// Bytes of a unix socket's name, quoted-printable (also in compact JSON).
    UnixName,
}

/// The bits of the required fields, or of all that are not repeated.
pub(crate) const fn bits(fields: &[FieldDescriptor], required: bool) -> u64 {
    match fields {
        [] => 0,
        [field, rest @ ..] => {
            let counts = match field.label {
                Label::Required => true,
                Label::Optional => !required,
                Label::Repeated => false,
            };
            let rest = bits(rest, required);
            if counts { rest | bit(field.number) } else { rest }
        }
    }
}

#[cfg(test)]
mod tests;
