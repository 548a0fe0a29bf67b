//! The queues of a TCP connection: `tcp-stream-INO.img`.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::TcpStreamEntry;

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = TcpStreamEntry::decode(framed.record)?;
    Ok(super::size(entry.inq_len).saturating_add(super::size(entry.outq_len)))
}
