//! Writing records and images.
//!
//! [`canonical`] is the form in which CRIU itself writes: fields by rising number, varints as short as
//! possible, nothing packed that the schema does not pack. What is not so comes from damage, forks or other
//! writers, and is kept by [`edit`](crate::edit).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::descriptor::FieldDescriptor;
use crate::error::Located;
use crate::fields::{Fields, Present};
use crate::image::{ByteOrder, IMG_COMMON, IMG_SERVICE};
use crate::kinds::{Framing, Kind};
use crate::value::{put_bytes, put_tag, put_varint};
use crate::wire::{self, Value};

/// Writes an image, record by record.
///
/// ```
/// use icecore_images::{ByteOrder, Framing, Image, Kind, Message, Writer, messages::UtsnsEntry};
///
/// let mut entry = UtsnsEntry::default();
/// entry.nodename = "webserver".into();
/// entry.domainname = "(none)".into();
/// let mut writer = Writer::new(Kind::Utsns, Framing::Common, ByteOrder::Little);
/// writer.record(&entry.encode(), &[]);
/// let bytes = writer.finish();
/// assert_eq!(Image::parse("utsns-9.img", &bytes)?.records::<UtsnsEntry>().count(), 1);
/// # Ok::<(), icecore_images::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    framing: Framing,
    order: ByteOrder,
}

impl Writer {
    /// Begins an image of a kind with its magics.
    #[must_use]
    pub fn new(kind: Kind, framing: Framing, order: ByteOrder) -> Self {
        let mut writer = Self { bytes: Vec::new(), framing, order };
        let head = match framing {
            Framing::Common => Some(IMG_COMMON),
            Framing::Service => Some(IMG_SERVICE),
            _ => None,
        };
        let own = if matches!(framing, Framing::Raw | Framing::Plugin) { None } else { kind.magic() };
        for magic in [head, own].into_iter().flatten() {
            writer.word(magic);
        }
        writer
    }

    /// Appends a record and the payload that follows it.
    pub fn record(&mut self, record: &[u8], payload: &[u8]) {
        if self.framing == Framing::Plugin {
            let length = wire::len(record);
            self.bytes.extend_from_slice(&match self.order {
                ByteOrder::Little => length.to_le_bytes(),
                ByteOrder::Big => length.to_be_bytes(),
            });
        } else {
            // No image can say that a record has more bytes than a word counts.
            self.word(u32::try_from(record.len()).unwrap_or(u32::MAX));
        }
        self.bytes.extend_from_slice(record);
        self.bytes.extend_from_slice(payload);
    }

    /// Appends bytes that are no record.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The image.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn word(&mut self, word: u32) {
        self.bytes.extend_from_slice(&match self.order {
            ByteOrder::Little => word.to_le_bytes(),
            ByteOrder::Big => word.to_be_bytes(),
        });
    }
}

/// What is written for text and bytes: what JSON shows of them may be less than they are.
pub(crate) type Text = for<'a> fn(&FieldDescriptor, &'a [u8]) -> Cow<'a, [u8]>;

/// Appends the canonical form of a record; unknown fields are left out, and messages below a depth are empty.
pub(crate) fn canonical<'a>(
    fields: &Fields<'a>,
    text: Text,
    depth: u32,
    out: &mut Vec<u8>,
) -> Result<(), Located<'a>> {
    fields.present().try_for_each(|present| write_field(present, text, depth, out))
}

fn write_field<'a>(
    present: Present<'_, 'a>,
    text: Text,
    depth: u32,
    out: &mut Vec<u8>,
) -> Result<(), Located<'a>> {
    let field = present.field;
    if let Some(message) = present.message() {
        for parts in present.messages() {
            put_tag(field.number, 2, out);
            let start = out.len();
            if let Some(depth) = depth.checked_sub(1) {
                canonical(&Fields::read(parts.iter(), message)?, text, depth, out)?;
            }
            put_length_at(start, out);
        }
        return Ok(());
    }
    if field.packed {
        put_tag(field.number, 2, out);
        let start = out.len();
        present.values().for_each(|value| put_value(&value, field, text, out));
        put_length_at(start, out);
        return Ok(());
    }
    for value in present.values() {
        put_tag(field.number, value.wire_type(), out);
        put_value(&value, field, text, out);
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

fn put_value(value: &Value<'_>, field: &FieldDescriptor, text: Text, out: &mut Vec<u8>) {
    match *value {
        Value::Varint(raw) => put_varint(field.kind.cut(raw), out),
        Value::Fixed64(raw) => out.extend_from_slice(&raw.to_le_bytes()),
        Value::Delimited(bytes) => put_bytes(&text(field, bytes), out),
        // No schema type has these wire types.
        Value::Fixed32(_) | Value::Group(_) => {}
    }
}
