//! Keys and values of BPF maps: `bpfmap-data.img`.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::BpfmapDataEntry;

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = BpfmapDataEntry::decode(framed.record)?;
    Ok(super::size(entry.keys_bytes).saturating_add(super::size(entry.values_bytes)))
}
