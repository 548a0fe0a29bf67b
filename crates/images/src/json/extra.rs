//! `extra`: the payload behind a record, as crit shows it.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::canonical::put_canonical;
use super::fields::Fields;
use super::{DEPTH, base64, number, show};
use crate::error::Located;
use crate::image::{ByteOrder, Framed};
use crate::kinds::Kind;
use crate::message::Message;
use crate::messages::{GhostFileEntry, IpcMsg, IpcMsgEntry, IpcSemEntry, IpcShmEntry, TcpStreamEntry};
use crate::raw::{sysv, tcp_stream};
use crate::wire;

/// A payload in the form that JSON gives it.
pub(crate) enum Extra<'a> {
    /// One string.
    Bytes(&'a [u8]),
    /// `inq` and `outq`.
    Queues(&'a [u8], &'a [u8]),
    /// A list of numbers.
    Semaphores(Vec<u16>),
    /// A list in which each message is an object and a string.
    Messages(Vec<sysv::QueuedMessage<'a>>),
}

impl<'a> Extra<'a> {
    /// The payload behind a record, which `framed` has as its rest; `None` for kinds, and generations of kinds,
    /// that have none.
    pub(crate) fn of(kind: Kind, framed: &Framed<'a>) -> Result<Option<Self>, Located<'a>> {
        let Framed { index, record, rest: payload, order } = *framed;
        Ok(Some(match kind {
            Kind::GhostFile if index == 0 && GhostFileEntry::decode(record)?.chunks == Some(true) => {
                return Ok(None);
            }
            Kind::PipesData | Kind::FifoData | Kind::SkQueues | Kind::BpfmapData | Kind::GhostFile => {
                Self::Bytes(payload)
            }
            Kind::TcpStream => {
                let (inq, outq) = tcp_stream::split(payload, TcpStreamEntry::decode(record)?.inq_len);
                Self::Queues(inq, outq)
            }
            Kind::IpcnsSem => {
                let nsems = IpcSemEntry::decode(record)?.nsems;
                Self::Semaphores(sysv::values(payload, nsems, order).collect())
            }
            Kind::IpcnsMsg => {
                let qnum = IpcMsgEntry::decode(record)?.qnum;
                Self::Messages(sysv::queued(payload, qnum, order).collect::<Result<_, _>>()?)
            }
            Kind::IpcnsShm => {
                let segment = IpcShmEntry::decode(record)?;
                let length = usize::try_from(segment.size).unwrap_or(usize::MAX);
                match segment.in_pagemaps {
                    Some(true) => return Ok(None),
                    _ => Self::Bytes(payload.get(..length).unwrap_or(payload)),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// The bytes that the form is read as again.
    pub(crate) fn encode(&self, kind: Kind, order: ByteOrder) -> Cow<'a, [u8]> {
        let mut out = Vec::new();
        match self {
            Self::Bytes(bytes) if kind != Kind::IpcnsShm => return Cow::Borrowed(bytes),
            Self::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                pad(&mut out, 4);
            }
            Self::Queues(inq, outq) => {
                out.extend_from_slice(inq);
                out.extend_from_slice(outq);
            }
            Self::Semaphores(values) => put_semaphores(values, order, &mut out),
            Self::Messages(messages) => {
                messages.iter().for_each(|m| put_message(&as_shown(m.record), m.text, order, &mut out));
            }
        }
        Cow::Owned(out)
    }

    /// Bytes that are shown: without padding, and without the lengths of records.
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => wire::len(bytes),
            Self::Queues(inq, outq) => wire::len(inq).saturating_add(wire::len(outq)),
            Self::Semaphores(values) => u64::try_from(values.len()).unwrap_or(0).saturating_mul(2),
            Self::Messages(messages) => {
                let size = |message: &sysv::QueuedMessage<'_>| {
                    wire::len(message.record).saturating_add(wire::len(message.text))
                };
                messages.iter().map(size).fold(0, u64::saturating_add)
            }
        }
    }
}

/// An extra in one of crit's variants.
pub(crate) struct Shown<'e, 'a> {
    pub(crate) extra: &'e Extra<'a>,
    /// Whether it is shown, or only how long it is.
    pub(crate) payloads: bool,
}

impl Serialize for Shown<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.payloads {
            return serializer.serialize_str(&number::size(self.extra.size()));
        }
        match self.extra {
            Extra::Bytes(bytes) => serializer.serialize_str(&base64::encode(bytes)),
            Extra::Queues(inq, outq) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("inq", &base64::encode(inq))?;
                map.serialize_entry("outq", &base64::encode(outq))?;
                map.end()
            }
            Extra::Semaphores(values) => serializer.collect_seq(values),
            Extra::Messages(messages) => {
                let mut list = serializer.serialize_seq(None)?;
                for message in messages {
                    list.serialize_element(&show::Message::compact(message.record, IpcMsg::descriptor()))?;
                    list.serialize_element(&base64::encode(message.text))?;
                }
                list.end()
            }
        }
    }
}

/// The record of a message with what JSON shows of it: a required field that is absent stays so.
fn as_shown(record: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // It was decoded before.
    _ = Fields::read([record], IpcMsg::descriptor())
        .and_then(|fields| put_canonical(&fields, DEPTH, &mut out));
    out
}

pub(crate) fn put_semaphores(values: &[u16], order: ByteOrder, out: &mut Vec<u8>) {
    for value in values {
        out.extend_from_slice(&match order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
    }
    pad(out, 8);
}

pub(crate) fn put_message(record: &[u8], text: &[u8], order: ByteOrder, out: &mut Vec<u8>) {
    let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&match order {
        ByteOrder::Little => length.to_le_bytes(),
        ByteOrder::Big => length.to_be_bytes(),
    });
    out.extend_from_slice(record);
    let mut padded = text.to_vec();
    pad(&mut padded, 8);
    out.extend_from_slice(&padded);
}

pub(crate) fn pad(bytes: &mut Vec<u8>, multiple: usize) {
    bytes.resize(sysv::padded(bytes.len(), multiple), 0);
}
