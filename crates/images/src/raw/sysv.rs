//! SysV objects: `ipcns-msg-NS.img`, `ipcns-sem-NS.img`, `ipcns-shm-NS.img`.

use crate::error::Located;
use crate::image::{Framed, record};
use crate::message::Message;
use crate::messages::{IpcMsg, IpcMsgEntry, IpcSemEntry, IpcShmEntry};
use crate::wire;

/// The values, two bytes each, padded to a multiple of eight.
pub(crate) fn semaphores_length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = IpcSemEntry::decode(framed.record)?;
    Ok(padded(super::size(entry.nsems).saturating_mul(2), 8))
}

/// A record and a padded text for each message.
pub(crate) fn messages_length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = IpcMsgEntry::decode(framed.record)?;
    let mut rest = framed.rest;
    for _ in 0..entry.qnum {
        let (after, bytes) = record(rest, framed.order).map_err(wire::located)?;
        let message = IpcMsg::decode(bytes)?;
        rest = super::skip(after, padded(super::size(message.msize), 8))?;
    }
    Ok(framed.rest.len().saturating_sub(rest.len()))
}

/// Nothing since CRIU 3.0; before, the content padded to a multiple of four.
pub(crate) fn memory_length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    let entry = IpcShmEntry::decode(framed.record)?;
    match entry.in_pagemaps {
        Some(true) => Ok(0),
        _ => Ok(padded(usize::try_from(entry.size).unwrap_or(usize::MAX), 4)),
    }
}

fn padded(length: usize, multiple: usize) -> usize {
    length.checked_next_multiple_of(multiple).unwrap_or(usize::MAX)
}
