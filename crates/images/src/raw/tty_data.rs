//! Bytes that wait in terminals: `tty-data.img`.
//!
//! They stand in the record itself, as its field `data`: what a read on that end would have returned.

use crate::messages::TtyDataEntry;
use crate::record::Record;
use crate::wire::{self, Value};

/// Number of the field `data`.
const DATA: u32 = 2;

/// The bytes of a record, where they lie in the image.
#[must_use]
pub fn data<'a>(record: &Record<'a, TtyDataEntry>) -> &'a [u8] {
    let data = wire::fields(record.entry.bytes).map_while(Result::ok).filter_map(|field| match field.value {
        Value::Delimited(bytes) if field.number == DATA => Some(bytes),
        _ => None,
    });
    // Of a single field that occurs twice the last one counts.
    data.last().unwrap_or_default()
}
