//! Bytes in flight: what was written and not yet read when all stood still.
//!
//! | kind | image | key |
//! |---|---|---|
//! | pipe, FIFO | `pipes-data.img`, `fifo-data.img` | inode of the pipe |
//! | unix socket | `sk-queues.img` | file of the socket that would have received |
//! | TCP connection | `tcp-stream-INO.img` | inode of the socket, in hexadecimal in the name |
//! | terminal | `tty-data.img` | number of the terminal in `tty-info.img` |
//! | SysV messages | `ipcns-msg-NS.img` | id of the queue in its namespace |
//!
//! A [`Queue`] has no bytes, it says where they are: [`Queue::open`] reads them. CRIU does not store unread datagrams of internet
//! sockets, netlink messages, POSIX message queues, or events of inotify; and of queued unix messages not who sent them.

mod content;
mod ends;
mod messages;
mod pipes;
mod records;
mod tcp;
mod terminals;
mod unix;

#[cfg(test)]
mod tests;

use std::fmt;

use bstr::BString;
use serde::Serialize;

use crate::files::PipeEnd;
use crate::ipc::Descriptor;
use crate::{Checkpoint, Diagnostic, Fd, FileId, NamespaceId, Pid};

pub use content::Content;

use ends::Ends;

/// One queue of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Queue {
    /// What it is the queue of, and in which direction.
    pub kind: QueueKind,
    /// What tells it from others of its kind: the inode of the pipe, FIFO or socket, the number of the terminal in
    /// `tty-info.img`, the id of the SysV queue. Of a unix socket without a record, the id of its file.
    pub id: u64,
    /// The IPC namespace of a SysV queue, the network namespace of a socket.
    pub namespace: Option<NamespaceId>,
    /// The socket or terminal whose queue it is: it would have read the bytes, or of [`QueueKind::TcpSend`] wrote them. `None`
    /// if no record has it, which a diagnostic tells; of pipes and FIFOs, which have two ends, the first file in order.
    pub file: Option<FileId>,
    /// The descriptors at both ends, by rising process and number. Where a file has more than 64, of processes that share a
    /// descriptor table the first stands for all. Empty for SysV queues, which every process of the namespace can use.
    pub holders: Vec<Holder>,
    /// How many bytes it can hold, of pipes, FIFOs (since CRIU 0.4) and SysV queues.
    pub capacity: Option<u64>,
    /// What is in it, in the order of delivery.
    pub messages: Vec<Message>,
    /// Whether its messages are those that were sent. In a stream their borders mean nothing.
    pub keeps_borders: bool,
    /// Whether the image ends, or is damaged, inside of this queue, so that more was in it.
    pub is_cut: bool,
    /// Where it stands in the stream of bytes; of TCP connections only.
    pub sequence: Option<Sequence>,
    /// Key, permissions and owner, of SysV queues only.
    pub sysv: Option<Descriptor>,
    /// The image that holds the bytes.
    pub member: BString,
}

/// What a queue is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum QueueKind {
    /// A pipe without a name.
    Pipe,
    /// A named pipe.
    Fifo,
    /// What a unix socket would have received.
    Unix,
    /// What a TCP socket received, and nobody read.
    TcpReceive,
    /// What a TCP socket was given to send, and the peer did not acknowledge.
    TcpSend,
    /// What reading a terminal, or one side of it, would have given.
    Tty,
    /// A SysV message queue.
    Message,
}

impl QueueKind {
    /// All, in the order of lists.
    pub const ALL: [Self; 7] =
        [Self::Pipe, Self::Fifo, Self::Unix, Self::TcpReceive, Self::TcpSend, Self::Tty, Self::Message];

    /// `pipe`, `fifo`, `unix`, `tcp-recv`, `tcp-send`, `tty`, `msg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Fifo => "fifo",
            Self::Unix => "unix",
            Self::TcpReceive => "tcp-recv",
            Self::TcpSend => "tcp-send",
            Self::Tty => "tty",
            Self::Message => "msg",
        }
    }
}

/// As [`QueueKind::name`].
impl fmt::Display for QueueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A descriptor at an end of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// The process.
    pub pid: Pid,
    /// Its descriptor.
    pub fd: Fd,
    /// Whether the bytes come out there, went in there, or both.
    pub end: PipeEnd,
}

/// One message, or in a stream one piece, and where its bytes are in [`Queue::member`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// Where it begins in the image, in bytes.
    pub offset: u64,
    /// Its length in bytes, as far as the image has it.
    pub length: u64,
    /// Its type, of SysV messages.
    pub message_type: Option<u64>,
    /// The files that were sent along as descriptors (`SCM_RIGHTS`), in their order. Nobody has them open through this
    /// message; others may. Source: `sk_packet_entry.scm`.
    pub rights: Vec<FileId>,
}

/// Where the bytes of a TCP queue stand. Source: `tcp_stream_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sequence {
    /// The sequence number of the first byte.
    pub first: u32,
    /// The next byte that the sender of these bytes expects of the other side.
    pub acknowledged: u32,
    /// How many bytes at the end were never sent; of the send queue only, since CRIU 1.0.
    pub unsent: Option<u32>,
}

impl Queue {
    /// How many bytes are in it.
    pub fn length(&self) -> u64 {
        self.messages.iter().fold(0, |sum, message| sum.saturating_add(message.length))
    }

    /// Whether nothing is in it: no bytes, no message without bytes, no descriptor.
    pub fn is_empty(&self) -> bool {
        match self.kind {
            QueueKind::Message | QueueKind::Unix => self.messages.is_empty(),
            _ => self.length() == 0,
        }
    }

    /// A queue with nothing known of it but what it is.
    fn new(kind: QueueKind, id: u64, member: BString) -> Self {
        Self {
            kind,
            id,
            namespace: None,
            file: None,
            holders: Vec::new(),
            capacity: None,
            messages: Vec::new(),
            keeps_borders: false,
            is_cut: false,
            sequence: None,
            sysv: None,
            member,
        }
    }
}

/// All queues that images tell of, the empty ones too, by kind, namespace and id.
pub(crate) fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Vec<Queue> {
    let (images, files) = (checkpoint.images(), checkpoint.files());
    let ends = Ends::of(files);
    let mut queues = pipes::read(images, &ends, diagnostics);
    queues.extend(unix::read(images, files, &ends, diagnostics));
    queues.extend(tcp::read(images, &ends, diagnostics));
    queues.extend(terminals::read(images, &ends, diagnostics));
    queues.extend(messages::read(images, diagnostics));
    queues.sort_by_key(|queue| (queue.kind, queue.namespace, queue.id));
    queues
}
