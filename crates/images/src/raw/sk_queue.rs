//! Packets in the receive queues of sockets: `sk-queues.img`.
//!
//! Each record is a [`SkPacketEntry`]; its payload is the bytes of the packet, nothing else, so
//! [`Entry::payload`](crate::Entry::payload) has it. Records are in the order of delivery; of stream sockets
//! their borders mean nothing.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::SkPacketEntry;

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = SkPacketEntry::decode(framed.record)?;
    Ok(super::size(entry.length))
}
