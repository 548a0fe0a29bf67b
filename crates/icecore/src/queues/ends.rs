//! Who is at the ends of a queue: files by what the images of queues call them, and the descriptors of files.

use std::collections::BTreeMap;

use super::Holder;
use crate::FileId;
use crate::files::{File, FileKind, Files, PipeEnd};
use crate::sockets::Family;

/// The most descriptors of one file that are all named. Where there are more, of processes that share a table the first
/// stands for all: so there are no more holders than the images have descriptors.
const ALL_SHARERS: u64 = 64;

/// The files of a checkpoint, found by pipe, socket, peer and terminal.
pub(super) struct Ends<'a> {
    files: &'a Files,
    pipes: BTreeMap<u64, Vec<&'a File>>,
    fifos: BTreeMap<u64, Vec<&'a File>>,
    inet: BTreeMap<u64, Vec<&'a File>>,
    terminals: BTreeMap<u32, Vec<&'a File>>,
    /// Sockets by the socket that they are connected to.
    senders: BTreeMap<FileId, Vec<&'a File>>,
}

impl<'a> Ends<'a> {
    pub(super) fn of(files: &'a Files) -> Self {
        let mut ends = Self {
            files,
            pipes: BTreeMap::new(),
            fifos: BTreeMap::new(),
            inet: BTreeMap::new(),
            terminals: BTreeMap::new(),
            senders: BTreeMap::new(),
        };
        for file in files.files.iter() {
            ends.add(file);
        }
        ends
    }

    fn add(&mut self, file: &'a File) {
        match (&file.kind, file.ino) {
            (FileKind::Pipe(_), Some(ino)) => self.pipes.entry(ino).or_default().push(file),
            (FileKind::Fifo(_), Some(ino)) => self.fifos.entry(ino).or_default().push(file),
            (FileKind::Terminal(Some(terminal)), _) => {
                self.terminals.entry(terminal.id).or_default().push(file);
            }
            (FileKind::Socket(socket), ino) => {
                if let Some(peer) = socket.peer {
                    self.senders.entry(peer).or_default().push(file);
                }
                if let (Family::Inet | Family::Inet6, Some(ino)) = (socket.family, ino) {
                    self.inet.entry(ino).or_default().push(file);
                }
            }
            _ => {}
        }
    }

    /// The ends of a pipe without a name.
    pub(super) fn of_pipe(&self, ino: u64) -> &[&'a File] {
        self.pipes.get(&ino).map_or(&[], Vec::as_slice)
    }

    /// The ends of a FIFO.
    pub(super) fn of_fifo(&self, ino: u64) -> &[&'a File] {
        self.fifos.get(&ino).map_or(&[], Vec::as_slice)
    }

    /// The internet sockets of an inode: one, in what CRIU writes.
    pub(super) fn of_inet(&self, ino: u64) -> &[&'a File] {
        self.inet.get(&ino).map_or(&[], Vec::as_slice)
    }

    /// The open files of a terminal.
    pub(super) fn of_terminal(&self, id: u32) -> &[&'a File] {
        self.terminals.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The unix sockets that send to one.
    pub(super) fn senders(&self, receiver: FileId) -> &[&'a File] {
        self.senders.get(&receiver).map_or(&[], Vec::as_slice)
    }

    /// The descriptors of some files, each at the end that `end` says, sorted.
    pub(super) fn holders<'f>(&self, files: impl IntoIterator<Item = (&'f File, PipeEnd)>) -> Vec<Holder> {
        let mut holders = Vec::new();
        for (file, end) in files {
            let holder = |(pid, fd)| Holder { pid, fd, end };
            if self.files.sharers(file) <= ALL_SHARERS {
                holders.extend(self.files.holders(file).map(holder));
            } else {
                holders.extend(self.files.first_holders(file).map(holder));
            }
        }
        holders.sort_unstable();
        holders
    }
}
