//! A checkpoint of one process with pipes, sockets, terminals and SysV queues that hold bytes.
//!
//! Field numbers and magics are this module's own, from CRIU's sources.

use std::net::{IpAddr, SocketAddr};

use crate::image::{self, Image, Task};
use crate::{Message, Tar};

const FILES: u32 = 0x5630_3138;
const FDINFO: u32 = 0x5621_3732;
const IDS: u32 = 0x5443_2030;
const PIPES_DATA: u32 = 0x5645_3709;
const FIFO_DATA: u32 = 0x5933_3054;
const SK_QUEUES: u32 = 0x5626_4026;
const TCP_STREAM: u32 = 0x5146_5506;
const TTY_INFO: u32 = 0x5945_3036;
const TTY_DATA: u32 = 0x5941_3026;
const IPCNS_MSG: u32 = 0x5545_3737;

/// Numbers of `fd_types`, each with the field of `file_entry` that has the record.
const REG: (u64, u32) = (1, 3);
const PIPE: (u64, u32) = (2, 18);
const FIFO: (u64, u32) = (3, 17);
const INETSK: (u64, u32) = (4, 4);
const UNIXSK: (u64, u32) = (5, 16);
const TTY: (u64, u32) = (11, 19);

/// Type and text of a SysV message.
pub type SysvMessage<'a> = (u64, &'a [u8]);

/// What waits in both directions of a TCP connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stream<'a> {
    /// Received and not read.
    pub received: &'a [u8],
    /// The sequence number behind that.
    pub inq_seq: u32,
    /// Written and not acknowledged.
    pub written: &'a [u8],
    /// The sequence number behind that.
    pub outq_seq: u32,
    /// How much of it was never sent.
    pub unsent: u32,
    /// The largest segment.
    pub mss: u32,
}

/// A checkpoint in the making: process 1, whose descriptors have the numbers of their files, from 1 on.
#[derive(Debug, Clone)]
pub struct Queues {
    files: Image,
    descriptors: Image,
    next: u64,
    pipes: Image,
    fifos: Image,
    packets: Image,
    terminals: Image,
    typed: Image,
    others: Vec<(String, Vec<u8>)>,
}

impl Default for Queues {
    fn default() -> Self {
        Self::new()
    }
}

impl Queues {
    /// One without files.
    pub fn new() -> Self {
        let image = Image::of;
        Self {
            files: image(FILES),
            descriptors: image(FDINFO),
            next: 1,
            pipes: image(PIPES_DATA),
            fifos: image(FIFO_DATA),
            packets: image(SK_QUEUES),
            terminals: image(TTY_INFO),
            typed: image(TTY_DATA),
            others: Vec::new(),
        }
    }

    /// A pipe with both ends: two files, that which reads first.
    #[must_use]
    pub fn pipe(self, ino: u64, data: &[u8]) -> Self {
        let mut all = (0..=1).fold(self, |all, flags| {
            let id = all.next;
            let record = Message::new().varint(1, id).varint(2, ino).varint(3, flags).message(4, &owner());
            all.file(PIPE, &record)
        });
        all.pipes = all.pipes.record(&data_entry(ino, data)).raw(data);
        all
    }

    /// A FIFO that is open for both: its path, then itself, two files.
    #[must_use]
    pub fn fifo(self, ino: u64, path: &[u8], data: &[u8]) -> Self {
        let path_id = self.next;
        let path =
            Message::new().varint(1, path_id).varint(2, 2).varint(3, 0).message(5, &owner()).bytes(6, path);
        let all = self.file(REG, &path.varint(10, 0o10_600));
        let record = Message::new().varint(1, all.next).varint(2, ino).varint(3, path_id);
        let mut all = all.file(FIFO, &record);
        all.fifos = all.fifos.record(&data_entry(ino, data)).raw(data);
        all
    }

    /// A unix socket of this `SOCK_` type that is connected to the one with inode `peer`: one file.
    #[must_use]
    pub fn unix(self, ino: u64, peer: u64, socket_type: u64, name: &[u8]) -> Self {
        let record = Message::new().varint(1, self.next).varint(2, ino).varint(3, socket_type).varint(4, 1);
        let record = record.varint(5, 2).varint(6, 0).varint(7, 0).varint(8, peer);
        let record = record.message(9, &owner()).message(10, &options()).bytes(11, name);
        self.file(UNIXSK, &record)
    }

    /// A message in flight to the unix socket of file `receiver`, with the files `rights` as descriptors.
    #[must_use]
    pub fn packet(mut self, receiver: u64, data: &[u8], rights: &[u64]) -> Self {
        let record = Message::new().varint(1, receiver).varint(2, data.len() as u64);
        let rights = (!rights.is_empty()).then(|| Message::new().varint(1, 1).repeated(2, rights));
        let record = rights.into_iter().fold(record, |record, rights| record.message(4, &rights));
        self.packets = self.packets.record(&record).raw(data);
        self
    }

    /// A TCP connection: one file.
    #[must_use]
    pub fn tcp(self, ino: u64, local: SocketAddr, remote: SocketAddr, stream: Stream<'_>) -> Self {
        let family = if local.is_ipv4() { 2 } else { 10 };
        let record = Message::new().varint(1, self.next).varint(2, ino).varint(3, family).varint(4, 1);
        let record = record.varint(5, 6).varint(6, 1).varint(7, local.port().into());
        let record = record.varint(8, remote.port().into()).varint(9, 2).varint(10, 0);
        let record = record.repeated(11, &words(local.ip())).repeated(12, &words(remote.ip()));
        let mut all = self.file(INETSK, &record.message(13, &owner()).message(14, &options()));
        let queue = Message::new().varint(1, stream.received.len() as u64).varint(2, stream.inq_seq.into());
        let queue = queue.varint(3, stream.written.len() as u64).varint(4, stream.outq_seq.into());
        let queue = queue.varint(5, 0).varint(6, 7).varint(7, stream.mss.into());
        let queue = Image::of(TCP_STREAM).record(&queue.varint(12, stream.unsent.into()).varint(16, 65_536));
        let image = queue.raw(stream.received).raw(stream.written).bytes();
        all.others.push((format!("tcp-stream-{ino:x}.img"), image));
        all
    }

    /// A pseudo-terminal with both sides: two files, the slave first.
    #[must_use]
    pub fn pty(self, index: u64, typed: &[u8], shown: &[u8]) -> Self {
        [(0, typed), (1, shown)].into_iter().fold(self, |all, (side, data)| {
            let id = index.saturating_mul(2).saturating_add(side);
            let info =
                (3..=8).fold(Message::new().varint(1, id).varint(2, 1), |info, field| info.varint(field, 0));
            let info = info.message(12, &Message::new().varint(1, index));
            let record = Message::new().varint(1, all.next).varint(2, id).varint(3, 2).message(4, &owner());
            let mut all = all.file(TTY, &record);
            all.terminals = all.terminals.record(&info);
            all.typed = all.typed.record(&Message::new().varint(1, id).bytes(2, data));
            all
        })
    }

    /// The SysV queues of an IPC namespace: each an id, and messages of a type and a text.
    #[must_use]
    pub fn sysv(mut self, namespace: u32, queues: &[(u64, &[SysvMessage<'_>])]) -> Self {
        let image = queues.iter().fold(Image::of(IPCNS_MSG), |image, (id, messages)| {
            let descriptor = (1..=6).fold(Message::new(), |it, field| it.varint(field, 0)).varint(7, *id);
            let entry =
                Message::new().message(1, &descriptor).varint(2, 16_384).varint(3, messages.len() as u64);
            messages.iter().fold(image.record(&entry), |image, (kind, text)| {
                let padding = text.len().next_multiple_of(8).saturating_sub(text.len());
                let message = Message::new().varint(1, *kind).varint(2, text.len() as u64);
                image.record(&message).raw(text).raw(vec![0; padding])
            })
        });
        self.others.push((format!("ipcns-msg-{namespace}.img"), image.bytes()));
        self
    }

    /// The images with their names.
    pub fn images(self) -> Vec<(String, Vec<u8>)> {
        let ids = (1..=4).fold(Message::new(), |ids, field| ids.varint(field, field.into()));
        let mut images = image::checkpoint(&[Task::new(1, 0, "queues")]);
        let named = [
            ("ids-1.img", Image::of(IDS).record(&ids)),
            ("fdinfo-2.img", self.descriptors),
            ("files.img", self.files),
            ("pipes-data.img", self.pipes),
            ("fifo-data.img", self.fifos),
            ("sk-queues.img", self.packets),
            ("tty-info.img", self.terminals),
            ("tty-data.img", self.typed),
        ];
        images.extend(named.into_iter().map(|(name, image)| (name.to_owned(), image.bytes())));
        images.extend(self.others);
        images
    }

    /// A tar of the images.
    pub fn tar(self) -> Vec<u8> {
        self.images().iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes)).finish()
    }

    /// Adds a file and its descriptor.
    fn file(mut self, (number, field): (u64, u32), record: &Message) -> Self {
        let id = self.next;
        let file = Message::new().varint(1, number).varint(2, id).message(field, record);
        let descriptor = Message::new().varint(1, id).varint(2, 0).varint(3, number).varint(4, id);
        self.files = self.files.record(&file);
        self.descriptors = self.descriptors.record(&descriptor);
        self.next = id.saturating_add(1);
        self
    }
}

/// What stands in front of the bytes of a pipe.
fn data_entry(ino: u64, data: &[u8]) -> Message {
    Message::new().varint(1, ino).varint(2, data.len() as u64).varint(3, 65_536)
}

/// Nobody gets signals.
fn owner() -> Message {
    (1..=5).fold(Message::new(), |owner, field| owner.varint(field, 0))
}

fn options() -> Message {
    (1..=6).fold(Message::new(), |options, field| options.varint(field, 0))
}

/// An address as the kernel of a little-endian machine has it in words.
fn words(address: IpAddr) -> Vec<u64> {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| u32::from_le_bytes(*word).into()).collect()
}
