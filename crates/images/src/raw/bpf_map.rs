//! Keys and values of BPF maps: `bpfmap-data.img`.
//!
//! ```text
//! <keys_bytes> bytes: all keys, <values_bytes> bytes: all values
//! ```

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::BpfmapDataEntry;
use crate::record::Record;

/// The keys of a map with their values, in the order of the image.
///
/// The sizes of a key and of a value follow from the number of pairs; where they do not come out even, or
/// there are none, nothing is given.
pub fn pairs<'a>(
    record: &Record<'a, BpfmapDataEntry>,
) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
    let entry = &record.message;
    let (keys, values) = split(record.entry.payload, entry.keys_bytes);
    let count = super::size(entry.count);
    let each = |bytes: &[u8]| {
        bytes.len().checked_div(count).filter(|&size| size > 0 && bytes.len().is_multiple_of(count))
    };
    // Without a size for both, one chunk would be longer than there are bytes.
    let (key, value) = each(keys).zip(each(values)).unwrap_or((usize::MAX, usize::MAX));
    keys.chunks_exact(key).zip(values.chunks_exact(value))
}

pub(crate) fn split(payload: &[u8], keys_bytes: u32) -> (&[u8], &[u8]) {
    payload.split_at_checked(super::size(keys_bytes)).unwrap_or((payload, &[]))
}

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = BpfmapDataEntry::decode(framed.record)?;
    Ok(super::size(entry.keys_bytes).saturating_add(super::size(entry.values_bytes)))
}
