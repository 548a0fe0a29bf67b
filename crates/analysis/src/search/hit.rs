//! What a search gives.

use bstr::BString;
use icecore::process::MemoryLayout;
use icecore::queues::{Holder, QueueKind};
use icecore::{Pid, Vaddr};
use serde::Serialize;

use super::place::Source;

/// A place where a pattern matches.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// Index of the pattern.
    pub pattern: usize,
    /// The bytes that match, cut at [`MAX_SHOWN`](super::MAX_SHOWN).
    pub matched: Vec<u8>,
    /// How many bytes match.
    pub length: u64,
    /// Known bytes in front of it, at most [`CONTEXT`](super::CONTEXT).
    pub before: Vec<u8>,
    /// Known bytes behind it, at most [`CONTEXT`](super::CONTEXT).
    pub after: Vec<u8>,
    /// Everybody who sees these bytes in memory, by rising process and address.
    pub owners: Vec<Owner>,
    /// Where its first byte comes from.
    pub source: Source,
    /// The path of the file in the container, or the name of the object, beside mapped memory.
    pub path: Option<BString>,
    /// The queue that it waited in.
    pub queue: Option<InQueue>,
    /// The member that holds its first byte; absent where that was never written.
    pub member: Option<BString>,
    /// Where in the member, in bytes; for compressed pages, where their block begins.
    pub offset: Option<u64>,
}

/// Who sees the bytes of a hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Owner {
    /// The process.
    pub pid: Pid,
    /// The address of the first byte there.
    pub address: Vaddr,
    /// Where its area begins; absent outside of all areas.
    pub vma_start: Option<Vaddr>,
    /// The name of the area.
    pub vma_name: Option<BString>,
    /// The permissions of the area, such as `rw-p`.
    pub perms: Option<String>,
    /// What the kernel keeps at the address.
    pub part: Option<Part>,
}

/// What the kernel put into memory when a program began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The argument strings.
    Arguments,
    /// The environment strings.
    Environment,
}

impl Part {
    /// The name in JSON: `argv`, `environ`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arguments => "argv",
            Self::Environment => "environ",
        }
    }

    /// What is at an address.
    pub(super) fn at(layout: &MemoryLayout, address: Vaddr) -> Option<Self> {
        if (layout.arg_start..layout.arg_end).contains(&address) {
            Some(Self::Arguments)
        } else if (layout.env_start..layout.env_end).contains(&address) {
            Some(Self::Environment)
        } else {
            None
        }
    }
}

/// Where in a queue a hit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InQueue {
    /// What it is the queue of, and in which direction.
    pub kind: QueueKind,
    /// What tells it from others of its kind, as [`Queue::id`](icecore::queues::Queue::id).
    pub id: u64,
    /// The number of the message, or piece of a stream, that has the first byte, counted from 0.
    pub message: usize,
    /// The descriptors at its ends.
    pub holders: Vec<Holder>,
}
