//! Packets in the receive queues of sockets: `sk-queues.img`.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::SkPacketEntry;

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = SkPacketEntry::decode(framed.record)?;
    Ok(super::size(entry.length))
}
