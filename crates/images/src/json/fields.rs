//! The fields of a record by its descriptor: what JSON works on, without a type per message.

use alloc::vec::Vec;

use super::canonical::Order;
use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label};
use crate::error::{Located, distance};
use crate::wire::{self, Value};

/// The known fields of a message, by rising number, each with all values that it has on the wire.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    known: &'static [FieldDescriptor],
    /// Indexes into the descriptor's fields, rising, and values; those of a field in wire order.
    values: Vec<(usize, Value<'a>)>,
}

impl<'a> Fields<'a> {
    /// Reads a message that stands in one or more parts (a single message that occurs twice is one).
    ///
    /// Unknown fields and wrong wire types are left out, packed lists are taken apart.
    pub(super) fn read(
        parts: impl IntoIterator<Item = &'a [u8]>,
        message: &'static Descriptor,
    ) -> Result<Self, Located<'a>> {
        let values = Vec::with_capacity(message.fields.len().min(16));
        let mut fields = Self { known: message.fields, values };
        for part in parts {
            fields.take(part, message, None)?;
        }
        fields.sort();
        Ok(fields)
    }

    /// Reads a record in place of the one before, whose memory is used again, and looks at its order.
    pub(super) fn read_again(
        &mut self,
        record: &'a [u8],
        message: &'static Descriptor,
        order: &mut Order,
    ) -> Result<(), Located<'a>> {
        self.known = message.fields;
        self.values.clear();
        self.take(record, message, Some(order))?;
        self.sort();
        Ok(())
    }

    /// Takes all fields of some bytes.
    #[inline]
    fn take(
        &mut self,
        bytes: &'a [u8],
        message: &'static Descriptor,
        mut order: Option<&mut Order>,
    ) -> Result<(), Located<'a>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (after, (number, value)) = wire::numbered(rest).map_err(wire::located)?;
            let known = message.find(number);
            if let Some(order) = order.as_deref_mut() {
                order.see(known, &value, distance(rest, after));
            }
            rest = after;
            let Some((index, known)) = known else { continue };
            let (found, expected) = (value.wire_type(), known.kind.wire_type());
            match value {
                value if found == expected => self.values.push((index, value)),
                Value::Delimited(packed) if known.is_packed_when(found) => {
                    for value in wire::packed(packed, expected) {
                        self.values.push((index, value?));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// CRIU writes in the order of numbers: then this only looks once.
    fn sort(&mut self) {
        self.values.sort_by_key(|&(index, _)| index);
    }

    /// The fields that are present.
    pub(super) fn present(&self) -> impl Iterator<Item = Present<'_, 'a>> {
        self.values.chunk_by(|(a, _), (b, _)| a == b).filter_map(|values| {
            let index = values.first()?.0;
            Some(Present { field: self.known.get(index)?, values })
        })
    }
}

/// A field that is present, with its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present<'f, 'a> {
    pub(super) field: &'static FieldDescriptor,
    values: &'f [(usize, Value<'a>)],
}

impl<'f, 'a> Present<'f, 'a> {
    /// The values of a list; of a single field the last one, unless it is a message.
    pub(super) fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'f, 'a> {
        let from = match self.field.label {
            Label::Repeated => 0,
            _ => self.values.len().saturating_sub(1),
        };
        self.values.get(from..).unwrap_or_default().iter().map(|&(_, value)| value)
    }

    /// The messages of the field, each as its parts: a list has many of one part, a single field has one.
    pub(super) fn messages(&self) -> impl Iterator<Item = Parts<'f, 'a>> + use<'f, 'a> {
        let size = match self.field.label {
            Label::Repeated => 1,
            _ => self.values.len().max(1),
        };
        self.values.chunks(size).map(Parts)
    }

    /// The message that the values of the field are.
    pub(super) fn message(&self) -> Option<&'static Descriptor> {
        match self.field.kind {
            FieldType::Message(message) => Some(message()),
            _ => None,
        }
    }
}

/// The parts of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'f, 'a>(&'f [(usize, Value<'a>)]);

impl<'f, 'a> Parts<'f, 'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = &'a [u8]> + use<'f, 'a> {
        self.0.iter().filter_map(|(_, value)| match value {
            Value::Delimited(bytes) => Some(*bytes),
            _ => None,
        })
    }
}
