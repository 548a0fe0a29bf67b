//! The queues of a TCP connection: `tcp-stream-INO.img`.
//!
//! ```text
//! <inq_len> bytes received but not read, <outq_len> bytes written but not acknowledged
//! ```

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::TcpStreamEntry;
use crate::record::Record;

/// The queues of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queues<'a> {
    /// Bytes that were received and not yet read.
    pub received: &'a [u8],
    /// Bytes that were written and not yet acknowledged, those first that were sent.
    pub written: &'a [u8],
}

/// The queues behind a record.
#[must_use]
pub fn queues<'a>(record: &Record<'a, TcpStreamEntry>) -> Queues<'a> {
    let (received, written) = split(record.entry.payload, record.message.inq_len);
    Queues { received, written }
}

pub(crate) fn split(payload: &[u8], inq_len: u32) -> (&[u8], &[u8]) {
    payload.split_at_checked(super::size(inq_len)).unwrap_or((payload, &[]))
}

pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = TcpStreamEntry::decode(framed.record)?;
    Ok(super::size(entry.inq_len).saturating_add(super::size(entry.outq_len)))
}
