//! The fields of a record by its descriptor: what JSON and editing work on, without a type per message.

use alloc::vec::Vec;

use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label};
use crate::error::Located;
use crate::wire::{self, Value};

/// The known fields of a message, by rising number, each with all values that it has on the wire.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    message: &'static Descriptor,
    /// Indexes into the descriptor's fields, rising, and values; those of a field in wire order.
    values: Vec<(usize, Value<'a>)>,
}

impl<'a> Fields<'a> {
    /// Reads a message that stands in one or more parts (a single message that occurs twice is one).
    ///
    /// Unknown fields and wrong wire types are left out, packed lists are taken apart.
    pub(crate) fn read(
        parts: impl IntoIterator<Item = &'a [u8]>,
        message: &'static Descriptor,
    ) -> Result<Self, Located<'a>> {
        let mut values = Vec::with_capacity(message.fields.len().min(16));
        for part in parts {
            let mut rest = part;
            while !rest.is_empty() {
                let number;
                let value;
                (rest, (number, value)) = wire::numbered(rest).map_err(wire::located)?;
                let Some((index, known)) = message.find(number) else { continue };
                let (found, expected) = (value.wire_type(), known.kind.wire_type());
                match value {
                    value if found == expected => values.push((index, value)),
                    Value::Delimited(packed) if known.is_packed_when(found) => {
                        for value in wire::packed(packed, expected) {
                            values.push((index, value?));
                        }
                    }
                    _ => {}
                }
            }
        }
        // CRIU writes in the order of numbers: then this only looks once.
        values.sort_by_key(|&(index, _)| index);
        Ok(Self { message, values })
    }

    /// The fields that are present.
    pub(crate) fn present(&self) -> impl Iterator<Item = Present<'_, 'a>> {
        self.values.chunk_by(|(a, _), (b, _)| a == b).filter_map(|values| {
            let index = values.first()?.0;
            Some(Present { field: self.message.fields.get(index)?, values })
        })
    }
}

/// A field that is present, with its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Present<'f, 'a> {
    pub(crate) field: &'static FieldDescriptor,
    values: &'f [(usize, Value<'a>)],
}

impl<'f, 'a> Present<'f, 'a> {
    /// The values of a list; of a single field the last one, unless it is a message.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'f, 'a> {
        let from = match self.field.label {
            Label::Repeated => 0,
            _ => self.values.len().saturating_sub(1),
        };
        self.values.get(from..).unwrap_or_default().iter().map(|&(_, value)| value)
    }

    /// The messages of the field, each as its parts: a list has many of one part, a single field has one.
    pub(crate) fn messages(&self) -> impl Iterator<Item = Parts<'f, 'a>> + use<'f, 'a> {
        let size = match self.field.label {
            Label::Repeated => 1,
            _ => self.values.len().max(1),
        };
        self.values.chunks(size).map(Parts)
    }

    /// The message that the values of the field are.
    pub(crate) fn message(&self) -> Option<&'static Descriptor> {
        match self.field.kind {
            FieldType::Message(message) => Some(message()),
            _ => None,
        }
    }
}

/// The parts of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'f, 'a>(&'f [(usize, Value<'a>)]);

impl<'f, 'a> Parts<'f, 'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [u8]> + use<'f, 'a> {
        self.0.iter().filter_map(|(_, value)| match value {
            Value::Delimited(bytes) => Some(*bytes),
            _ => None,
        })
    }
}
