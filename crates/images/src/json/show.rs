//! Images and records as values that any serializer takes.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::cell::Cell;

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::canonical::{Order, put_canonical};
use super::extra::{self, Extra};
use super::fields::{Fields, Parts, Present};
use super::number::{self, Number};
use super::{DEPTH, Form, base64, quoted_printable, text};
use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label, Show};
use crate::error::Located;
use crate::image::{ByteOrder, Entry, Image};
use crate::kinds::{Framing, Kind};
use crate::wire::Value;

/// An image in crit's JSON, to be serialized.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    image: Image<'a>,
    form: Form,
}

/// Shows an image in crit's JSON.
#[must_use]
pub fn shown<'a>(image: &Image<'a>, form: Form) -> Shown<'a> {
    Shown { image: *image, form }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("magic", self.image.kind().row().name)?;
        let tail = Cell::new(&[][..]);
        map.serialize_entry("entries", &Records { shown: self, tail: &tail })?;
        let frame = Frame::of(&self.image);
        if frame != Frame::default() {
            map.serialize_entry("$frame", &frame)?;
        }
        if !tail.get().is_empty() {
            map.serialize_entry("$tail", &base64::encode(tail.get()))?;
        }
        map.end()
    }
}

/// What crit's JSON does not say about magics and byte order.
#[derive(Default, PartialEq, Eq)]
struct Frame {
    magic: Option<&'static str>,
    byte_order: Option<&'static str>,
}

impl Frame {
    fn of(image: &Image<'_>) -> Self {
        let usual = image.framing() == image.kind().row().framing;
        let magic = match image.framing() {
            Framing::One => "one",
            Framing::Common => "common",
            Framing::Service => "service",
            Framing::Raw | Framing::Plugin => "none",
        };
        let big = image.byte_order() == ByteOrder::Big;
        Self { magic: (!usual).then_some(magic), byte_order: big.then_some("big") }
    }
}

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in [("magic", self.magic), ("byte_order", self.byte_order)] {
            if let Some(value) = value {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// The entries of an image.
struct Records<'s, 'a> {
    shown: &'s Shown<'a>,
    /// Gets the bytes behind the last record, which are known when all have been shown.
    tail: &'s Cell<&'a [u8]>,
}

impl Serialize for Records<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Shown { image, form } = self.shown;
        let mut list = serializer.serialize_seq(None)?;
        let mut entries = image.entries();
        let mut fields = Fields::default();
        for entry in entries.by_ref().map_while(Result::ok) {
            let Some(message) = entry.message() else { continue };
            match read(&entry, message, &mut fields) {
                Ok((extra, raw)) => {
                    list.serialize_element(&Sound { entry, form: *form, fields: &fields, extra, raw })?;
                }
                Err(located) => list.serialize_element(&Damaged { entry, located })?,
            }
        }
        self.tail.set(entries.unframed());
        list.end()
    }
}

/// Whether an entry can be decoded in full.
pub(super) fn check<'a>(entry: &Entry<'a>) -> Result<(), Located<'a>> {
    match entry.message() {
        Some(message) => read(entry, message, &mut Fields::default()).map(drop),
        None => Ok(()),
    }
}

/// Reads an entry: its fields, its payload, and its bytes if the fields do not say them all.
fn read<'a>(
    entry: &Entry<'a>,
    message: &'static Descriptor,
    fields: &mut Fields<'a>,
) -> Result<(Option<Extra<'a>>, Option<&'a [u8]>), Located<'a>> {
    let mut order = Order::new(DEPTH);
    fields.read_again(entry.bytes, message, &mut order)?;
    let mut raw = None;
    if !order.is_canonical() {
        let mut written = Vec::with_capacity(entry.bytes.len());
        put_canonical(fields, DEPTH, &mut written)?;
        raw = (written != entry.bytes).then_some(entry.bytes);
    }
    Ok((Extra::of(entry.image().kind(), &entry.framed())?, raw))
}

/// A record that cannot be decoded.
struct Damaged<'a> {
    entry: Entry<'a>,
    located: Located<'a>,
}

impl Serialize for Damaged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = self.entry;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("$error", &entry.image().malformed(entry.index, &self.located).to_string())?;
        map.serialize_entry("$raw", &base64::encode(entry.bytes))?;
        if !entry.payload.is_empty() {
            map.serialize_entry("$payload", &base64::encode(entry.payload))?;
        }
        map.end()
    }
}

/// A record that can be decoded.
struct Sound<'f, 'a> {
    entry: Entry<'a>,
    form: Form,
    fields: &'f Fields<'a>,
    extra: Option<Extra<'a>>,
    raw: Option<&'a [u8]>,
}

impl Serialize for Sound<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { entry, form, .. } = self;
        let (kind, order) = (entry.image().kind(), entry.image().byte_order());
        let context = Context { pretty: form.pretty, hex: false, order, depth: DEPTH };
        let mut map = serializer.serialize_map(None)?;
        context.fields(self.fields, &mut map)?;
        if let Some(extra) = &self.extra
            && (form.payloads || kind != Kind::GhostFile)
        {
            map.serialize_entry("extra", &extra::Shown { extra, payloads: form.payloads })?;
        }
        if let Some(raw) = self.raw {
            map.serialize_entry("$raw", &base64::encode(raw))?;
        }
        let is_shown = match &self.extra {
            Some(extra) => *extra.encode(kind, order) == *entry.payload,
            None => entry.payload.is_empty(),
        };
        if form.payloads && !is_shown {
            map.serialize_entry("$payload", &base64::encode(entry.payload))?;
        }
        map.end()
    }
}

/// How fields are shown.
#[derive(Clone, Copy)]
struct Context {
    pretty: bool,
    /// Whether a message around is marked to be hexadecimal.
    hex: bool,
    order: ByteOrder,
    depth: u32,
}

impl Context {
    fn fields<M: SerializeMap>(self, fields: &Fields<'_>, map: &mut M) -> Result<(), M::Error> {
        for present in fields.present() {
            let field = present.field;
            let context = Self { hex: self.hex || field.show == Show::Hex, ..self };
            match (field.label, present.message()) {
                (Label::Repeated, _) => map.serialize_entry(field.name, &List { present, context })?,
                (_, Some(message)) => {
                    for parts in present.messages() {
                        map.serialize_entry(
                            field.name,
                            &Message { source: Source::Parts(parts), message, context },
                        )?;
                    }
                }
                (_, None) => {
                    for value in present.values() {
                        map.serialize_entry(field.name, &Scalar { value, field, context })?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A repeated field.
struct List<'f, 'a> {
    present: Present<'f, 'a>,
    context: Context,
}

impl Serialize for List<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { present, context } = *self;
        let mut list = serializer.serialize_seq(None)?;
        if let Some(message) = present.message() {
            for parts in present.messages() {
                list.serialize_element(&Message { source: Source::Parts(parts), message, context })?;
            }
        } else if let Some(address) = address(present, context) {
            list.serialize_element(&address)?;
        } else {
            for value in present.values() {
                list.serialize_element(&Scalar { value, field: present.field, context })?;
            }
        }
        list.end()
    }
}

/// The words of a list as one address, where it is shown as such.
fn address(present: Present<'_, '_>, context: Context) -> Option<alloc::string::String> {
    if !context.pretty || present.field.show != Show::Address {
        return None;
    }
    let word = |value| match value {
        Value::Varint(raw) => raw,
        _ => 0,
    };
    number::address(&present.values().map(word).collect::<Vec<_>>(), context.order)
}

/// A message inside a record.
pub(crate) struct Message<'f, 'a> {
    source: Source<'f, 'a>,
    message: &'static Descriptor,
    context: Context,
}

enum Source<'f, 'a> {
    Parts(Parts<'f, 'a>),
    Whole(&'a [u8]),
}

impl<'a> Message<'_, 'a> {
    /// A record by itself, in compact form.
    pub(crate) fn compact(record: &'a [u8], message: &'static Descriptor) -> Self {
        let context = Context { pretty: false, hex: false, order: ByteOrder::Little, depth: DEPTH };
        Self { source: Source::Whole(record), message, context }
    }

    fn read(&self) -> Result<Fields<'a>, Located<'a>> {
        match self.source {
            Source::Parts(parts) => Fields::read(parts.iter(), self.message),
            Source::Whole(record) => Fields::read([record], self.message),
        }
    }
}

impl Serialize for Message<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(depth) = self.context.depth.checked_sub(1) {
            // Records are read in full before they are shown, so this does not fail.
            let fields = self.read().map_err(|located| S::Error::custom(located.fault))?;
            Context { depth, ..self.context }.fields(&fields, &mut map)?;
        }
        map.end()
    }
}

/// One value that is no message.
struct Scalar<'a> {
    value: Value<'a>,
    field: &'static FieldDescriptor,
    context: Context,
}

impl Serialize for Scalar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, field, context } = self;
        match *value {
            Value::Varint(raw) | Value::Fixed64(raw) => self.number(raw, serializer),
            Value::Delimited(bytes) => match (field.kind, field.show) {
                (FieldType::String, _) => serializer.serialize_str(&text::of(bytes)),
                (_, Show::UnixName) => serializer.serialize_str(&quoted_printable::encode(bytes)),
                _ => serializer.serialize_str(&base64::encode(bytes)),
            },
            // No schema type has these wire types.
            Value::Fixed32(_) | Value::Group(_) => Err(S::Error::custom(context.depth)),
        }
    }
}

impl Scalar<'_> {
    fn number<S: Serializer>(&self, raw: u64, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { field, context, .. } = self;
        let number = Number::of(raw, field.kind);
        match field.kind {
            FieldType::Bool => serializer.serialize_bool(raw != 0),
            FieldType::Enum(_, names) => {
                let name = names.iter().find(|(_, value)| number == Number::Signed(*value));
                match name {
                    Some((name, _)) => serializer.serialize_str(name),
                    None => serialize(number, serializer),
                }
            }
            _ => match context.pretty.then(|| number::pretty(number, field.show, context.hex)).flatten() {
                Some(text) => serializer.serialize_str(&text),
                None => serialize(number, serializer),
            },
        }
    }
}

fn serialize<S: Serializer>(number: Number, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Number::Unsigned(value) => serializer.serialize_u64(value),
        Number::Signed(value) => serializer.serialize_i64(value),
    }
}

#[cfg(test)]
mod tests;
