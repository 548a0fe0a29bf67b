//! The canonical form of a record: that in which CRIU itself writes it, made of what JSON shows.
//!
//! Fields stand by rising number, varints are as short as possible, nothing is packed that the schema does not
//! pack. What is not so comes from damage, forks or other writers: it stands under `$raw`, and is kept by
//! [`edit`](crate::edit).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::fields::{Fields, Present};
use super::text;
use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label};
use crate::error::{Located, distance};
use crate::value::{put_bytes, put_tag, put_varint, varint_width};
use crate::wire::{self, Value};

/// Looks at the fields of a message one after the other, and knows whether they stand in the canonical form:
/// then it need not be written to be compared.
///
/// A message with packed lists counts as not canonical, though it may be.
#[derive(Debug)]
pub(super) struct Order {
    is_canonical: bool,
    previous: Option<usize>,
    depth: u32,
}

impl Order {
    /// Begins with a message that holds others down to a depth.
    pub(super) fn new(depth: u32) -> Self {
        Self { is_canonical: true, previous: None, depth }
    }

    /// Whether all that was seen is canonical.
    pub(super) fn is_canonical(&self) -> bool {
        self.is_canonical
    }

    /// Takes the next field, if the message has it: where it stands among those that the message has, its
    /// value, and how many bytes it takes with its tag.
    #[inline]
    pub(super) fn see(
        &mut self,
        known: Option<(usize, &'static FieldDescriptor)>,
        value: &Value<'_>,
        width: usize,
    ) {
        self.is_canonical &= known.is_some_and(|(index, field)| {
            let is_next = match self.previous.replace(index) {
                Some(previous) if previous == index => field.label == Label::Repeated,
                Some(previous) => previous < index,
                None => true,
            };
            is_next && !field.packed && is_value_canonical(value, field, width, self.depth)
        });
    }
}

/// Whether a message is in its canonical form.
fn is_canonical(bytes: &[u8], message: &Descriptor, depth: u32) -> bool {
    let mut order = Order::new(depth);
    let mut rest = bytes;
    while !rest.is_empty() && order.is_canonical {
        let Ok((after, (number, value))) = wire::numbered(rest) else { return false };
        order.see(message.find(number), &value, distance(rest, after));
        rest = after;
    }
    order.is_canonical
}

/// Whether a value is written as it would be, with its tag in that many bytes.
fn is_value_canonical(value: &Value<'_>, field: &FieldDescriptor, width: usize, depth: u32) -> bool {
    if value.wire_type() != field.kind.wire_type() {
        return false;
    }
    let tag = varint_width(u64::from(field.number) << 3);
    let rest = match *value {
        Value::Varint(raw) if field.kind.cut(raw) == raw => varint_width(raw),
        Value::Fixed64(_) => size_of::<u64>(),
        Value::Delimited(bytes) if is_content_canonical(bytes, field, depth) => {
            varint_width(wire::len(bytes)).saturating_add(bytes.len())
        }
        _ => return false,
    };
    width == tag.saturating_add(rest)
}

fn is_content_canonical(bytes: &[u8], field: &FieldDescriptor, depth: u32) -> bool {
    match field.kind {
        FieldType::Message(message) => match depth.checked_sub(1) {
            Some(depth) => is_canonical(bytes, message(), depth),
            None => bytes.is_empty(),
        },
        _ => match text::as_shown(field, bytes) {
            Cow::Borrowed(_) => true,
            Cow::Owned(shown) => shown == bytes,
        },
    }
}

/// Appends the canonical form of a record; unknown fields are left out, and messages below a depth are empty.
pub(super) fn put_canonical<'a>(
    fields: &Fields<'a>,
    depth: u32,
    out: &mut Vec<u8>,
) -> Result<(), Located<'a>> {
    fields.present().try_for_each(|present| put_field(present, depth, out))
}

fn put_field<'a>(present: Present<'_, 'a>, depth: u32, out: &mut Vec<u8>) -> Result<(), Located<'a>> {
    let field = present.field;
    if let Some(message) = present.message() {
        for parts in present.messages() {
            put_tag(field.number, 2, out);
            let start = out.len();
            if let Some(depth) = depth.checked_sub(1) {
                put_canonical(&Fields::read(parts.iter(), message)?, depth, out)?;
            }
            put_length_at(start, out);
        }
        return Ok(());
    }
    if field.packed {
        put_tag(field.number, 2, out);
        let start = out.len();
        present.values().for_each(|value| put_value(&value, field, out));
        put_length_at(start, out);
        return Ok(());
    }
    for value in present.values() {
        put_tag(field.number, value.wire_type(), out);
        put_value(&value, field, out);
    }
    Ok(())
}

/// Puts the length of everything behind a place in front of it.
fn put_length_at(start: usize, out: &mut Vec<u8>) {
    let end = out.len();
    put_varint(wire::len(out.get(start..).unwrap_or_default()), out);
    let width = out.len().saturating_sub(end);
    if let Some(tail) = out.get_mut(start..) {
        tail.rotate_right(width);
    }
}

fn put_value(value: &Value<'_>, field: &FieldDescriptor, out: &mut Vec<u8>) {
    match *value {
        Value::Varint(raw) => put_varint(field.kind.cut(raw), out),
        Value::Fixed64(raw) => out.extend_from_slice(&raw.to_le_bytes()),
        Value::Delimited(bytes) => put_bytes(&text::as_shown(field, bytes), out),
        // No schema type has these wire types.
        Value::Fixed32(_) | Value::Group(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::DEPTH;
    use crate::messages;

    fn canonical<'a>(
        record: &'a [u8],
        message: &'static Descriptor,
        depth: u32,
    ) -> Result<Vec<u8>, Located<'a>> {
        let mut out = Vec::new();
        put_canonical(&Fields::read([record], message)?, depth, &mut out)?;
        Ok(out)
    }

    #[track_caller]
    fn check(message: &str, record: &[u8], expected: &[u8]) {
        let message = messages::all().find(|known| known.name == message).unwrap();
        assert_eq!(canonical(record, message, DEPTH).unwrap(), expected);
        assert_eq!(is_canonical(record, message, DEPTH), record == expected);
        assert!(is_canonical(expected, message, DEPTH));
    }

    #[test]
    fn order_and_varints_are_as_criu_writes_them() {
        check("fs_entry", b"\x08\x4c\x10\x4d\x18\x12", b"\x08\x4c\x10\x4d\x18\x12");
        check("fs_entry", b"\x10\x4d\x08\x4c", b"\x08\x4c\x10\x4d");
        check("fs_entry", b"\x08\xcc\x00\x10\x4d", b"\x08\x4c\x10\x4d");
        // A tag with a byte too many; a number wider than its field.
        check("fs_entry", b"\x88\x00\x4c", b"\x08\x4c");
        check("fs_entry", b"\x08\x81\x80\x80\x80\x10", b"\x08\x01");
        check("binfmt_misc_entry", b"\x10\x02", b"\x10\x01");
        // Of a single field that occurs twice the last value counts.
        check("fs_entry", b"\x08\x01\x08\x02", b"\x08\x02");
    }

    #[test]
    fn what_the_schema_does_not_know_is_left_out() {
        check("fs_entry", b"\x08\x4c\xc0\x3e\x05", b"\x08\x4c");
        check("fs_entry", b"\x0a\x01x\x10\x4d", b"\x10\x4d");
        check("fs_entry", b"\x0d\0\0\0\0\x10\x4d", b"\x10\x4d");
    }

    #[test]
    fn text_is_what_json_shows() {
        check("utsns_entry", b"\x0a\x03web\x12\x01d", b"\x0a\x03web\x12\x01d");
        check("utsns_entry", b"\x0a\x02a\xff", b"\x0a\x08b'a\\xff'");
        check("utsns_entry", b"\x0a\x83\x00web", b"\x0a\x03web");
    }

    #[test]
    fn messages_inside_count() {
        check("aa_namespace", b"\x0a\x01n\x12\x06\x0a\x01p\x12\x01b", b"\x0a\x01n\x12\x06\x0a\x01p\x12\x01b");
        check("aa_namespace", b"\x0a\x01n\x12\x06\x12\x01b\x0a\x01p", b"\x0a\x01n\x12\x06\x0a\x01p\x12\x01b");
        // A single message in two parts is one.
        check("file_entry", b"\x08\x01\x1a\x02\x08\x05\x1a\x02\x10\x02", b"\x08\x01\x1a\x04\x08\x05\x10\x02");
    }

    #[test]
    fn packed_lists_are_as_the_schema_packs_them() {
        let message = messages::all().find(|known| known.name == "pagemap_blocks").unwrap();
        let packed = b"\x0a\x03\xac\x02\x01\x10\x05";
        for record in [&packed[..], b"\x08\xac\x02\x08\x01\x10\x05", b"\x0a\x02\xac\x02\x08\x01\x10\x05"] {
            assert_eq!(canonical(record, message, DEPTH).unwrap(), packed);
            assert!(!is_canonical(record, message, DEPTH), "no answer");
        }
        // And one that the schema does not pack.
        check("mm_entry", b"\x6a\x03\x06\x80\x20", b"\x68\x06\x68\x80\x20");
    }

    #[test]
    fn below_a_depth_messages_are_empty() {
        let message = messages::all().find(|known| known.name == "aa_namespace").unwrap();
        let record = b"\x1a\x05\x1a\x03\x0a\x01n";
        assert_eq!(canonical(record, message, 1).unwrap(), b"\x1a\x02\x1a\x00");
        assert!(!is_canonical(record, message, 1) && is_canonical(record, message, 2));
        assert!(is_canonical(b"\x1a\x02\x1a\x00", message, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Fields of small numbers and of all wire types, in any order.
        #[test]
        fn the_walk_and_the_writer_agree(
            parts in proptest::collection::vec((1u8..16, 0u8..3, any::<[u8; 2]>()), 0..6),
        ) {
            let record: Vec<u8> = parts
                .iter()
                .flat_map(|&(number, wire_type, [low, high])| match wire_type {
                    0 => alloc::vec![number << 3, low | 0x80, high & 0x7f],
                    1 => [&[number << 3 | 1][..], &u64::from(low).to_le_bytes()].concat(),
                    _ => alloc::vec![number << 3 | 2, 2, low, high],
                })
                .collect();
            for message in messages::all() {
                let is = is_canonical(&record, message, DEPTH);
                match canonical(&record, message, DEPTH) {
                    Ok(written) if message.fields.iter().all(|field| !field.packed) => {
                        prop_assert_eq!(is, written == record, "{}", message.name);
                    }
                    Ok(written) => prop_assert!(!is || written == record, "{}", message.name),
                    Err(_) => prop_assert!(!is, "{}", message.name),
                }
                if let Ok(written) = canonical(&record, message, DEPTH) {
                    prop_assert_eq!(canonical(&written, message, DEPTH).unwrap(), written);
                }
            }
        }
    }
}
