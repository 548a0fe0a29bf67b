//! SysV objects: `ipcns-sem-NS.img`, `ipcns-msg-NS.img`, `ipcns-shm-NS.img`.
//!
//! ```text
//! semaphores   <nsems> values of 16 bits, padded to a multiple of 8 bytes
//! messages     <qnum> times: u32 length, ipc_msg, <msize> bytes of text padded to a multiple of 8
//! memory       before CRIU 3.0: <size> bytes, padded to a multiple of 4; since: nothing, see pagemap-shmem
//! ```
//!
//! Words and values have the byte order of the machine.

use crate::error::{Error, Located};
use crate::image::{ByteOrder, Framed, record};
use crate::message::Message;
use crate::messages::{IpcMsg, IpcMsgEntry, IpcSemEntry, IpcShmEntry};
use crate::record::Record;
use crate::wire;

/// The values of a semaphore set, in its order.
pub fn semaphores<'a>(record: &Record<'a, IpcSemEntry>) -> impl Iterator<Item = u16> + use<'a> {
    values(record.entry.payload, record.message.nsems, record.entry.image().byte_order())
}

pub(crate) fn values(payload: &[u8], nsems: u32, order: ByteOrder) -> impl Iterator<Item = u16> {
    let (values, _) = payload.as_chunks::<2>();
    let value = move |bytes: &[u8; 2]| match order {
        ByteOrder::Little => u16::from_le_bytes(*bytes),
        ByteOrder::Big => u16::from_be_bytes(*bytes),
    };
    values.iter().take(super::size(nsems)).map(value)
}

/// A message of a queue.
#[derive(Clone, Debug)]
pub struct QueuedMessage<'a> {
    /// Type and length.
    pub message: IpcMsg,
    /// The record that says so.
    pub record: &'a [u8],
    /// The text.
    pub text: &'a [u8],
}

/// The messages of a queue, in its order.
pub fn messages<'a>(
    record: &Record<'a, IpcMsgEntry>,
) -> impl Iterator<Item = Result<QueuedMessage<'a>, Error>> + use<'a> {
    let entry = record.entry;
    queued(entry.payload, record.message.qnum, entry.image().byte_order())
        .map(move |message| message.map_err(|located| entry.image().malformed(entry.index, &located)))
}

pub(crate) fn queued(
    payload: &[u8],
    qnum: u32,
    order: ByteOrder,
) -> impl Iterator<Item = Result<QueuedMessage<'_>, Located<'_>>> {
    let mut rest = Some(payload);
    (0..qnum).map_while(move |_| {
        let parsed = next_message(rest.take()?, order);
        Some(parsed.map(|(after, message)| {
            rest = Some(after);
            message
        }))
    })
}

fn next_message(rest: &[u8], order: ByteOrder) -> Result<(&[u8], QueuedMessage<'_>), Located<'_>> {
    let (after, bytes) = record(rest, order).map_err(wire::located)?;
    let message = IpcMsg::decode(bytes)?;
    let length = super::size(message.msize);
    let rest = super::skip(after, padded(length, 8))?;
    let text = after.get(..length).unwrap_or_default();
    Ok((rest, QueuedMessage { message, record: bytes, text }))
}

/// The content of a segment, where the image has it.
#[must_use]
pub fn memory<'a>(record: &Record<'a, IpcShmEntry>) -> Option<&'a [u8]> {
    match record.message.in_pagemaps {
        Some(true) => None,
        _ => record.entry.payload.get(..usize::try_from(record.message.size).ok()?),
    }
}

pub(crate) fn semaphores_length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = IpcSemEntry::decode(framed.record)?;
    Ok(padded(super::size(entry.nsems).saturating_mul(2), 8))
}

pub(crate) fn messages_length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = IpcMsgEntry::decode(framed.record)?;
    let mut rest = framed.rest;
    for _ in 0..entry.qnum {
        (rest, _) = next_message(rest, framed.order)?;
    }
    Ok(framed.rest.len().saturating_sub(rest.len()))
}

pub(crate) fn memory_length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = IpcShmEntry::decode(framed.record)?;
    match entry.in_pagemaps {
        Some(true) => Ok(0),
        _ => Ok(padded(usize::try_from(entry.size).unwrap_or(usize::MAX), 4)),
    }
}

pub(crate) fn padded(length: usize, multiple: usize) -> usize {
    length.checked_next_multiple_of(multiple).unwrap_or(usize::MAX)
}
