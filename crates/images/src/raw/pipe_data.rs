//! Bytes of pipes and FIFOs: `pipes-data.img`, `fifo-data.img`.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::PipeDataEntry;

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = PipeDataEntry::decode(framed.record)?;
    Ok(super::size(entry.bytes))
}
