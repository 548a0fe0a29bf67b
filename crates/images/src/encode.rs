//! Writing images: magics, then records with their payloads.

use alloc::vec::Vec;

use crate::image::{ByteOrder, IMG_COMMON, IMG_SERVICE};
use crate::kinds::{Framing, Kind};
use crate::wire;

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

#[cfg(test)]
mod tests;
