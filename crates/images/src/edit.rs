//! Changing some fields of a record while all other bytes stay as they are: unknown fields, odd varints, order.

use alloc::vec::Vec;

use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label};
use crate::error::Fault;
use crate::message::MAX_DEPTH;
use crate::value::{put_bytes, put_tag};
use crate::wire::{self, Field, Located, Value};

/// A record with those fields changed in which two canonical forms differ: `old`, the record as it was
/// decoded, and `new`, as it should be. What is equal in both stays as the record has it.
///
/// # Errors
///
/// If one of the three is no protobuf, or messages nest too deep.
pub(crate) fn edit(
    record: &[u8],
    old: &[u8],
    new: &[u8],
    message: &'static Descriptor,
) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(record.len());
    // One level more than messages have: the record itself.
    edit_message(record, old, new, message, MAX_DEPTH.saturating_add(1), &mut out)?;
    Ok(out)
}

fn edit_message(
    record: &[u8],
    old: &[u8],
    new: &[u8],
    message: &'static Descriptor,
    depth: u32,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if old == new {
        out.extend_from_slice(record);
        return Ok(());
    }
    let depth = depth.checked_sub(1).ok_or(Fault::Depth(MAX_DEPTH))?;
    let record = fields(record)?;
    let (old, new) = (fields(old)?, fields(new)?);
    let mut changes: Vec<Change<'_>> =
        message.fields.iter().filter_map(|field| Change::of(field, &record, &old, &new)).collect();

    // A field that the record does not have yet comes behind the last one of a lower number.
    let mut added: Vec<(Option<usize>, Change<'_>)> = changes
        .extract_if(.., |change| change.record.is_empty())
        .map(|change| (record.iter().rposition(|field| field.number < change.field.number), change))
        .collect();
    let mut add_behind = |place: Option<usize>, out: &mut Vec<u8>| {
        added.iter_mut().filter(|(behind, _)| *behind == place).for_each(|(_, change)| change.finish(out));
    };
    add_behind(None, out);
    for (index, field) in record.iter().enumerate() {
        match changes.iter_mut().find(|change| change.is_about(field)) {
            Some(change) => change.replace_next(depth, out)?,
            None => out.extend_from_slice(field.bytes),
        }
        add_behind(Some(index), out);
    }
    Ok(())
}

fn fields(record: &[u8]) -> Result<Vec<Field<'_>>, Fault> {
    wire::fields(record).collect::<Result<_, Located<'_>>>().map_err(|located| located.fault)
}

/// A field that differs: its occurrences in the record and in both canonical forms.
struct Change<'a> {
    field: &'static FieldDescriptor,
    record: Vec<Field<'a>>,
    old: Vec<Field<'a>>,
    new: Vec<Field<'a>>,
    /// Occurrences in the record that were replaced.
    replaced: usize,
    /// Occurrences of the new form that were written.
    written: usize,
}

impl<'a> Change<'a> {
    fn of(
        field: &'static FieldDescriptor,
        record: &[Field<'a>],
        old: &[Field<'a>],
        new: &[Field<'a>],
    ) -> Option<Self> {
        let of_field =
            |list: &[Field<'a>]| list.iter().copied().filter(|f| fits(field, f)).collect::<Vec<_>>();
        let (old, new) = (of_field(old), of_field(new));
        (old != new).then(|| Self { field, record: of_field(record), old, new, replaced: 0, written: 0 })
    }

    fn is_about(&self, field: &Field<'_>) -> bool {
        fits(self.field, field)
    }

    /// Writes what comes in the place of the next occurrence in the record.
    fn replace_next(&mut self, depth: u32, out: &mut Vec<u8>) -> Result<(), Fault> {
        let index = self.replaced;
        self.replaced = index.saturating_add(1);
        let is_message = matches!(self.field.kind, FieldType::Message(_));
        match self.field.label {
            // Lists of texts and messages are changed one by one.
            Label::Repeated if !self.field.kind.is_packable() => {
                let record = self.record.get(index..self.replaced).unwrap_or_default();
                self.write_edited(record_bytes(record), index, depth, out)?;
            }
            // Of a single message all parts are one.
            Label::Required | Label::Optional if is_message && index == 0 => {
                self.write_edited(record_bytes(&self.record), 0, depth, out)?;
            }
            _ if index == 0 => self.finish(out),
            _ => {}
        }
        if self.replaced == self.record.len() {
            self.finish(out);
        }
        Ok(())
    }

    /// Writes the new form of one value; of a message, as an edit of what the record has.
    fn write_edited(
        &mut self,
        record: Vec<u8>,
        index: usize,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Some(new) = self.new.get(index) else { return Ok(()) };
        self.written = index.saturating_add(1);
        let old = self.old.get(index);
        match (self.field.kind, old.map(|old| old.value), new.value) {
            (FieldType::Message(message), Some(Value::Delimited(old)), Value::Delimited(new)) => {
                let mut edited = Vec::new();
                edit_message(&record, old, new, message(), depth, &mut edited)?;
                put_tag(self.field.number, 2, out);
                put_bytes(&edited, out);
            }
            _ => out.extend_from_slice(new.bytes),
        }
        Ok(())
    }

    /// Writes what is left of the new form.
    fn finish(&mut self, out: &mut Vec<u8>) {
        for field in self.new.get(self.written..).unwrap_or_default() {
            out.extend_from_slice(field.bytes);
        }
        self.written = self.new.len();
    }
}

/// The content of all occurrences of a message.
fn record_bytes(fields: &[Field<'_>]) -> Vec<u8> {
    let content = |field: &Field<'_>| match field.value {
        Value::Delimited(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    };
    fields.iter().flat_map(content).collect()
}

fn fits(known: &FieldDescriptor, field: &Field<'_>) -> bool {
    let found = field.value.wire_type();
    known.number == field.number && (found == known.kind.wire_type() || known.is_packed_when(found))
}

#[cfg(test)]
mod tests;
