//! Bytes of pipes and FIFOs: `pipes-data.img`, `fifo-data.img`.
//!
//! Each record is a [`PipeDataEntry`]; its payload is what was in the pipe, nothing else, so
//! [`Entry::payload`](crate::Entry::payload) has it.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::PipeDataEntry;

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = PipeDataEntry::decode(framed.record)?;
    Ok(super::size(entry.bytes))
}
