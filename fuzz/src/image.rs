//! Bytes as a CRIU image: walked, put together again, and through crit's JSON and back.

use icecore_images::json::{self, Form, Tree};
use icecore_images::{Entry, Image};

use crate::named;

/// Reads a name, a byte 0, and an image of that name.
///
/// # Panics
/// If the image cannot be written again: from its records, or from its JSON.
pub fn image(data: &[u8]) {
    let (name, bytes) = named(data);
    let Ok(image) = Image::parse(name, bytes) else { return };
    rebuild(&image);
    for form in [Form::COMPACT, Form::PRETTY] {
        let text = json::to_string(&image, form);
        let tree: Tree = serde_json::from_str(&text).expect("what is written as JSON is JSON");
        let encoded = json::encode(&tree).expect("what was shown can be encoded");
        assert!(encoded == bytes, "not the same behind JSON: {text}");
    }
    let _ = json::to_string(&image, Form::NO_PAYLOADS);
}

/// Magics, records and what is in none give the image again.
fn rebuild(image: &Image<'_>) {
    let mut writer = image.writer();
    let mut entries = image.entries();
    for entry in entries.by_ref().map_while(Result::ok) {
        check(&entry);
        writer.record(entry.bytes, entry.payload);
    }
    writer.raw(entries.unframed());
    assert!(writer.finish() == image.bytes(), "{}: not the same from its records", image.name());
}

/// A record lies where it says.
fn check(entry: &Entry<'_>) {
    let image = entry.image();
    let at = usize::try_from(entry.offset).expect("an offset within the image");
    assert!(at <= image.bytes().len().saturating_sub(entry.bytes.len() + entry.payload.len()));
    if let Some(message) = entry.message() {
        // Records that are not canonical encode otherwise; they must encode.
        let _ = message.recode(entry.bytes);
    }
}
