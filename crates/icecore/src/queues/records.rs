//! Walking the records of an image, the one included whose payload ends early.

use bstr::BString;
use icecore_images::{Image, Message, Record};

use crate::Diagnostic;
use crate::images::Images;

/// A record on the way to its queue.
pub(super) struct Found<'r, 'a, M> {
    /// The record; its payload is as long as it says, unless it is cut.
    pub(super) record: &'r Record<'a, M>,
    /// Whether the image ends, or is damaged, in the payload.
    pub(super) is_cut: bool,
    /// The name of the image in the archive.
    pub(super) member: &'r BString,
}

impl<M> Found<'_, '_, M> {
    /// The image that the record is in.
    pub(super) fn image(&self) -> Image<'_> {
        self.record.entry.image()
    }
}

/// Takes every record of an image. What cannot be read is told.
pub(super) fn each<M: Message>(
    images: &Images,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
    mut take: impl FnMut(&Found<'_, '_, M>),
) {
    let Some(bytes) = images.bytes(name, diagnostics) else { return };
    let image = match Image::parse(name, &bytes) {
        Ok(image) => image,
        Err(error) => return diagnostics.push(images.damaged(name, &error)),
    };
    let member = images.full_name(name);
    let mut entries = image.entries();
    let mut read = |entry: icecore_images::Entry<'_>, is_cut, diagnostics: &mut Vec<Diagnostic>| match entry
        .decode::<M>()
    {
        Ok(record) => take(&Found { record: &record, is_cut, member: &member }),
        Err(error) => diagnostics.push(images.damaged(name, &error)),
    };
    for entry in entries.by_ref() {
        match entry {
            Ok(entry) => read(entry, false, diagnostics),
            Err(error) => diagnostics.push(images.damaged(name, &error)),
        }
    }
    if let Some(entry) = entries.cut() {
        read(entry, true, diagnostics);
    }
}
