//! From crit's JSON back to an image.
//!
//! Read is what python crit writes, compact and pretty, and what go-crit writes: numbers of 64 bits as strings,
//! base64 without line feeds, also for the names of unix sockets.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::canonical::put_canonical;
use super::extra::{self, Extra};
use super::fields::Fields;
use super::number::{self, Number};
use super::{DEPTH, Tree, base64, quoted_printable};
use crate::descriptor::{Descriptor, FieldDescriptor, FieldType, Label, Show};
use crate::edit::edit;
use crate::encode::Writer;
use crate::image::{ByteOrder, Framed};
use crate::kinds::{Framing, Kind};
use crate::message::{MAX_DEPTH, Message};
use crate::messages::IpcMsg;
use crate::value::{put_bytes, put_tag, put_varint};
use crate::wire;

/// Why JSON is no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
#[non_exhaustive]
pub struct Error {
    /// Keys and indexes down to the place, such as `entries[2].flags`.
    pub path: String,
    /// What is wrong there, and what was expected.
    pub what: String,
}

impl Error {
    fn new(what: impl Into<String>) -> Self {
        Self { path: String::new(), what: what.into() }
    }

    /// The error, seen from the value around it.
    fn within(mut self, outer: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{outer}{separator}{}", self.path);
        self
    }
}

/// Makes the image that some JSON shows.
///
/// An entry is encoded canonically. One that has `$raw` gives exactly these bytes as long as the visible fields
/// are what they show; if some were edited, these alone are changed in them.
///
/// # Errors
///
/// Says where the JSON is none that crit or this crate would write: unknown kinds and fields, values that a
/// field cannot hold, payloads that were left out or do not have the length that their record says.
pub fn encode(tree: &Tree) -> Result<Vec<u8>, Error> {
    let name =
        tree.get("magic").and_then(Tree::as_str).ok_or_else(|| Error::new("no text").within("magic"))?;
    let kind = Kind::of_magic_name(name)
        .ok_or_else(|| Error::new(format!("{name:?} is no kind of image")).within("magic"))?;
    let (framing, order) = frame(tree, kind).map_err(|error| error.within("$frame"))?;
    let mut writer = Writer::new(kind, framing, order);
    let reader = Reader { kind, order, dialect: Dialect::of(tree) };
    for (index, entry) in entries(tree)?.iter().enumerate() {
        let (record, payload) =
            reader.entry(index, entry).map_err(|error| error.within(&format!("entries[{index}]")))?;
        writer.record(&record, &payload);
    }
    if let Some(tail) = bytes_of(tree, "$tail")? {
        writer.raw(&tail);
    }
    Ok(writer.finish())
}

fn entries(tree: &Tree) -> Result<&[Tree], Error> {
    match tree.get("entries") {
        // go-crit writes null for no entries.
        None => Ok(&[]),
        Some(Tree::List(entries)) => Ok(entries),
        Some(_) => Err(Error::new("not a list").within("entries")),
    }
}

fn frame(tree: &Tree, kind: Kind) -> Result<(Framing, ByteOrder), Error> {
    let frame = tree.get("$frame").unwrap_or(&Tree::Null);
    let framing = match frame.get("magic").map(Tree::as_str) {
        None => kind.row().framing,
        Some(Some("one")) => Framing::One,
        Some(Some("common")) => Framing::Common,
        Some(Some("service")) => Framing::Service,
        _ => return Err(Error::new("not one, common or service").within("magic")),
    };
    let order = match frame.get("byte_order").map(Tree::as_str) {
        None | Some(Some("little")) => ByteOrder::Little,
        Some(Some("big")) => ByteOrder::Big,
        _ => return Err(Error::new("not little or big").within("byte_order")),
    };
    Ok((framing, order))
}

/// The bytes of a key that has base64.
fn bytes_of(tree: &Tree, key: &str) -> Result<Option<Vec<u8>>, Error> {
    tree.get(key).map(|value| base64_of(value).map_err(|error| error.within(key))).transpose()
}

fn base64_of(tree: &Tree) -> Result<Vec<u8>, Error> {
    match tree.as_str() {
        Some(text) if text.starts_with("... <") => Err(Error::new("the payload was left out")),
        Some(text) => base64::decode(text).ok_or_else(|| Error::new("not base64")),
        None => Err(Error::new("not a text of base64")),
    }
}

/// Whose JSON it is, where the same value could mean two things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Python,
    Go,
}

impl Dialect {
    /// go-crit writes numbers of 64 bits as strings, which are decimal unlike all of python crit's. Every record
    /// in which the difference matters has such a number: timeouts among the options of a socket.
    fn of(tree: &Tree) -> Self {
        let is_decimal = |tree: &Tree| tree.as_str().is_some_and(|text| !text.starts_with("0x"));
        let has = |entry: &Tree| {
            let options = [entry, entry.get("usk").unwrap_or(&Tree::Null)].map(|socket| socket.get("opts"));
            options.into_iter().flatten().any(|options| options.get("so_snd_tmo_sec").is_some_and(is_decimal))
        };
        match tree.get("entries") {
            Some(Tree::List(entries)) if entries.iter().any(has) => Self::Go,
            _ => Self::Python,
        }
    }
}

struct Reader {
    kind: Kind,
    order: ByteOrder,
    dialect: Dialect,
}

impl Reader {
    /// Record and payload of an entry.
    fn entry(&self, index: usize, entry: &Tree) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let Some(message) = self.kind.message_at(index) else {
            return Err(Error::new(format!("images of kind {} have no records", self.kind)));
        };
        let raw = bytes_of(entry, "$raw")?;
        let raw_payload = bytes_of(entry, "$payload")?;
        if entry.get("$error").is_some() {
            let raw = raw.ok_or_else(|| Error::new("a record with `$error` needs `$raw`"))?;
            return Ok((raw, raw_payload.unwrap_or_default()));
        }
        let mut visible = Vec::new();
        self.message(entry, message, true, MAX_DEPTH, &mut visible)?;
        let record = match raw {
            Some(raw) => with_raw(&raw, &visible, message)?,
            None => visible,
        };
        let payload = self.payload(index, &record, entry, raw_payload)?;
        Ok((record, payload))
    }

    /// The payload that `extra` is, or the raw one if it shows the same.
    fn payload(
        &self,
        index: usize,
        record: &[u8],
        entry: &Tree,
        raw: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, Error> {
        let visible = entry.get("extra").map_or(Ok(Vec::new()), |extra| self.extra(extra));
        let visible = visible.map_err(|error| error.within("extra"))?;
        let shows = |payload| -> Option<Vec<u8>> {
            let framed = Framed { index, record, rest: payload, order: self.order };
            Some(Extra::of(self.kind, &framed).ok()??.encode(self.kind, self.order).into_owned())
        };
        let payload = match raw {
            Some(raw) if shows(&raw).unwrap_or_default() == visible => raw,
            _ => visible,
        };
        let Some(length) = self.kind.payload() else { return Ok(payload) };
        let framed = Framed { index, record, rest: &payload, order: self.order };
        let said =
            length(&framed).map_err(|located| Error::new(format!("{}", located.fault)).within("extra"))?;
        if said != payload.len() {
            let what = format!("the record says {said} bytes, but there are {}", payload.len());
            return Err(Error::new(what).within("extra"));
        }
        Ok(payload)
    }

    /// The bytes of an `extra` in any of its forms.
    fn extra(&self, extra: &Tree) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        match (self.kind, extra) {
            (Kind::TcpStream, Tree::Object(_)) => {
                for keys in [["inq", "in_q"], ["outq", "out_q"]] {
                    let key = keys.into_iter().find(|key| extra.get(key).is_some());
                    out.extend(
                        key.map(|key| bytes_of(extra, key)).transpose()?.flatten().unwrap_or_default(),
                    );
                }
            }
            (Kind::IpcnsSem, _) => extra::put_semaphores(&semaphores(extra)?, self.order, &mut out),
            (Kind::IpcnsMsg, Tree::List(items)) => self.messages(items, &mut out)?,
            (Kind::IpcnsShm, _) => {
                out = base64_of(extra)?;
                extra::pad(&mut out, 4);
            }
            _ => out = base64_of(extra)?,
        }
        Ok(out)
    }

    /// Messages of a queue: an object and a text in turn.
    fn messages(&self, items: &[Tree], out: &mut Vec<u8>) -> Result<(), Error> {
        for (index, pair) in items.chunks(2).enumerate() {
            let [message, text] = pair else { return Err(Error::new("a message without its text")) };
            let mut record = Vec::new();
            let read = self.message(message, IpcMsg::descriptor(), false, 1, &mut record);
            let text = read.and_then(|()| base64_of(text));
            let text = text.map_err(|error| error.within(&format!("[{}]", index.saturating_mul(2))))?;
            extra::put_message(&record, &text, self.order, out);
        }
        Ok(())
    }

    /// Appends a message in its canonical form.
    fn message(
        &self,
        tree: &Tree,
        message: &'static Descriptor,
        is_entry: bool,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let Tree::Object(pairs) = tree else {
            return Err(Error::new(format!("not an object of `{}`", message.name)));
        };
        let depth = depth.checked_sub(1).ok_or_else(|| Error::new("messages are nested too deep"))?;
        let is_key =
            |key: &str| message.named(key).is_some() || is_entry && (key == "extra" || key.starts_with('$'));
        if let Some((key, _)) = pairs.iter().find(|(key, _)| !is_key(key)) {
            return Err(Error::new(format!("`{}` has no such field", message.name)).within(key));
        }
        for field in message.fields {
            if let Some(value) = tree.get(field.name) {
                self.field(value, field, depth, out).map_err(|error| error.within(field.name))?;
            }
        }
        Ok(())
    }

    fn field(
        &self,
        tree: &Tree,
        field: &FieldDescriptor,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if field.label != Label::Repeated {
            return self.value(tree, field, depth, out);
        }
        let Tree::List(items) = tree else { return Err(Error::new("not a list")) };
        if field.show == Show::Address
            && let [Tree::Text(text)] = &items[..]
            && let Some(words) = number::words(text, self.order)
        {
            for word in words {
                put_tag(field.number, 0, out);
                put_varint(word, out);
            }
            return Ok(());
        }
        let mut list = Vec::new();
        for (index, item) in items.iter().enumerate() {
            self.value(item, field, depth, &mut list).map_err(|error| error.within(&format!("[{index}]")))?;
        }
        if field.packed && !list.is_empty() {
            // What was written has a tag before each value; packed there are none.
            let values = wire::fields(&list).flatten().map(|field| field.value);
            let mut packed = Vec::new();
            values.for_each(|value| {
                if let wire::Value::Varint(raw) = value {
                    put_varint(raw, &mut packed)
                }
            });
            put_tag(field.number, 2, out);
            put_bytes(&packed, out);
        } else {
            out.extend_from_slice(&list);
        }
        Ok(())
    }

    /// Appends one value with its tag.
    fn value(
        &self,
        tree: &Tree,
        field: &FieldDescriptor,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        put_tag(field.number, field.kind.wire_type(), out);
        match field.kind {
            FieldType::Message(message) => {
                let mut inner = Vec::new();
                self.message(tree, message(), false, depth, &mut inner)?;
                put_bytes(&inner, out);
            }
            FieldType::String => {
                put_bytes(tree.as_str().ok_or_else(|| Error::new("not a text"))?.as_bytes(), out);
            }
            FieldType::Bytes => put_bytes(&self.bytes(tree, field)?, out),
            FieldType::Bool => match tree {
                Tree::Bool(value) => put_varint((*value).into(), out),
                _ => return Err(Error::new("not true or false")),
            },
            kind => {
                let raw = number_of(tree, field)
                    .and_then(|number| number.raw(kind))
                    .ok_or_else(|| Error::new(format!("not a value of {}", type_name(kind))))?;
                match kind {
                    FieldType::Fixed64 => out.extend_from_slice(&raw.to_le_bytes()),
                    _ => put_varint(raw, out),
                }
            }
        }
        Ok(())
    }

    fn bytes(&self, tree: &Tree, field: &FieldDescriptor) -> Result<Vec<u8>, Error> {
        match (field.show, self.dialect, tree.as_str()) {
            (Show::UnixName, Dialect::Python, Some(text)) => Ok(quoted_printable::decode(text)),
            _ => base64_of(tree),
        }
    }
}

/// The raw bytes, with those fields changed that are not what they show.
fn with_raw(raw: &[u8], visible: &[u8], message: &'static Descriptor) -> Result<Vec<u8>, Error> {
    let mut shown = Vec::new();
    let fields = Fields::read([raw], message);
    let edited = match fields.and_then(|fields| put_canonical(&fields, DEPTH, &mut shown)) {
        Ok(()) => edit(raw, &shown, visible, message),
        Err(located) => Err(located.fault),
    };
    edited.map_err(|fault| Error::new(format!("{fault}")).within("$raw"))
}

fn number_of(tree: &Tree, field: &FieldDescriptor) -> Option<Number> {
    match tree {
        Tree::Unsigned(value) => Some(Number::Unsigned(*value)),
        Tree::Negative(value) => Some(Number::Signed(*value)),
        Tree::Text(text) => match field.kind {
            FieldType::Enum(_, names) => {
                let named =
                    names.iter().find(|(name, _)| name == text).map(|(_, value)| Number::Signed(*value));
                named.or_else(|| number::digits(text))
            }
            _ => number::parse(text, field),
        },
        _ => None,
    }
}

fn type_name(kind: FieldType) -> String {
    match kind {
        FieldType::Enum(name, _) => name.into(),
        kind => format!("{kind:?}").to_lowercase(),
    }
}

/// A list of numbers; go-crit writes it as text.
fn semaphores(extra: &Tree) -> Result<Vec<u16>, Error> {
    let wrong = || Error::new("not a list of numbers up to 65535");
    let value = |item: &Tree| match item {
        Tree::Unsigned(value) => u16::try_from(*value).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    match extra {
        Tree::List(items) => items.iter().map(value).collect(),
        Tree::Text(text) if text.starts_with("... <") => base64_of(extra).map(|_| Vec::new()),
        Tree::Text(text) => {
            let inner =
                text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or_else(wrong)?;
            let items = inner.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(|item| item.parse().map_err(|_| wrong())).collect()
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests;
