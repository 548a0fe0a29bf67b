//! The open files: every open file description once, and the descriptors that share it.
//!
//! A descriptor is a number of a process and refers to a description, which has position and flags:
//!
//! ```text
//! pstree.img → ids-PID.img → fdinfo-FILES_ID.img → files.img (before CRIU 3.4: an image for each kind)
//! ```
//!
//! Records of `files.img` that nobody has open are here too: executables, mapped files, current directories, files in
//! flight between sockets.

mod descriptors;
mod events;
mod file;
mod flags;
mod holders;
mod link;
mod locks;
pub(crate) mod records;
mod remaps;
mod terminals;
mod watches;

use std::collections::BTreeMap;
use std::sync::Arc;

use icecore_images::messages::FdTypes;
use serde::Serialize;

use crate::sockets::Socket;
use crate::{Checkpoint, Diagnostic, Fd, FileId, Pid, sockets};

pub use descriptors::{Descriptor, DescriptorTable, OpenIn, Slot};
pub use events::{Bpfmap, EpollTarget, Pidfd, Timerfd};
pub use file::{File, FileKind, Memfd, NamespaceFile, PathKind, PipeEnd, SignalOwner};
pub use flags::OpenFlags;
pub use locks::{Lock, LockKind, LockMode};
pub use remaps::Remap;
pub use terminals::{Terminal, TerminalKind, WindowSize};
pub use watches::{Fanotify, Mark, MarkTarget, Watch};

use holders::Holders;
use locks::Held;

/// All files of a checkpoint, read once.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Files {
    /// Every record, by rising id. An id can stand for a file and for its path (FIFOs before CRIU 3.6, tun devices).
    pub files: Arc<Vec<File>>,
    /// The descriptor tables, in the order of the process list. Processes that share a table are named in one.
    pub tables: Vec<DescriptorTable>,
    /// Processes in the order of the process list, each with its table and its directories.
    pub processes: Vec<OpenIn>,
    /// File locks, in the order of `filelocks.img`.
    pub locks: Vec<Lock>,
    #[serde(skip)]
    by_pid: BTreeMap<Pid, usize>,
    #[serde(skip)]
    holders: Holders,
    #[serde(skip)]
    held: Held,
}

impl Files {
    pub(crate) fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let images = checkpoint.images();
        let files = checkpoint.file_records().clone();
        sockets::tell_odd_peers(images, &files, diagnostics);
        let descriptors::Tables { tables, processes } = descriptors::read(checkpoint, diagnostics);
        let locks = locks::read(images, diagnostics);
        let by_pid = processes.iter().enumerate().map(|(index, process)| (process.pid, index)).collect();
        let mut files = Self { files, tables, processes, locks, by_pid, ..Self::default() };
        files.holders = Holders::of(&files);
        files.held = Held::of(&files);
        files.tell_dangling(images, diagnostics);
        files.tell_lost_locks(images, diagnostics);
        files
    }

    /// The descriptors of all processes by rising pid, those of a process by rising number, its directories and its
    /// executable first. What is shared comes once for each process.
    pub fn open(&self) -> impl Iterator<Item = Open<'_>> {
        self.by_pid.values().filter_map(|&index| self.processes.get(index)).flat_map(|it| self.open_by(it))
    }

    /// What one process has open, as [`open`](Self::open). Nothing for a zombie, or if there is no such process.
    pub fn open_of(&self, pid: Pid) -> impl Iterator<Item = Open<'_>> {
        let process = self.by_pid.get(&pid).and_then(|&index| self.processes.get(index));
        process.into_iter().flat_map(|it| self.open_by(it))
    }

    fn open_by<'a>(&'a self, process: &'a OpenIn) -> impl Iterator<Item = Open<'a>> {
        let pid = process.pid;
        let paths = process.paths().map(move |(slot, id)| Open {
            pid,
            slot,
            descriptor: None,
            id,
            file: self.find(id, FdTypes::REG),
        });
        let descriptors = self.table_of(process).into_iter().flat_map(|table| &table.descriptors);
        paths.chain(descriptors.map(move |descriptor| Open {
            pid,
            slot: Slot::Fd(descriptor.fd),
            descriptor: Some(descriptor),
            id: descriptor.file,
            file: self.find(descriptor.file, descriptor.kind),
        }))
    }

    fn table_of(&self, process: &OpenIn) -> Option<&DescriptorTable> {
        self.tables.get(process.table?)
    }

    /// Where among [`tables`](Self::tables) that of a process is.
    fn table_index(&self, pid: Pid) -> Option<usize> {
        self.by_pid.get(&pid).and_then(|&index| self.processes.get(index))?.table
    }

    /// The file that a descriptor of a process refers to.
    pub fn at(&self, pid: Pid, fd: u32) -> Option<&File> {
        let descriptor = self.tables.get(self.table_index(pid)?)?.find(fd)?;
        self.find(descriptor.file, descriptor.kind)
    }

    /// All sockets with their files, by rising id of the file.
    pub fn sockets(&self) -> impl Iterator<Item = (&File, &Socket)> {
        self.files.iter().filter_map(|file| Some((file, file.socket()?)))
    }

    /// The sockets that a process has open, by rising number.
    pub fn sockets_of(&self, pid: Pid) -> impl Iterator<Item = (Fd, &Socket)> {
        self.open_of(pid).filter_map(|open| match open.slot {
            Slot::Fd(fd) => Some((fd, open.file?.socket()?)),
            _ => None,
        })
    }

    /// The record of this id, preferably one that is more than a path.
    pub fn get(&self, id: FileId) -> Option<&File> {
        let from = self.files.partition_point(|file| file.id < id);
        let all = self.files.get(from..)?.iter().take_while(|file| file.id == id);
        all.max_by_key(|file| !matches!(file.kind, FileKind::Path(_)))
    }

    /// The record of this id and kind; else whatever has the id.
    pub(crate) fn find(&self, id: FileId, kind: FdTypes) -> Option<&File> {
        self.files.get(self.index(id, kind)?)
    }

    /// Where [`find`](Self::find) finds it.
    fn index(&self, id: FileId, kind: FdTypes) -> Option<usize> {
        match self.files.binary_search_by_key(&(id, kind), |file| (file.id, file.fd_type)) {
            Ok(index) => Some(index),
            Err(_) => {
                let index = self.files.partition_point(|file| file.id < id);
                self.files.get(index).filter(|file| file.id == id).map(|_| index)
            }
        }
    }

    /// The record that has the path of a file: itself, or for FIFOs, terminals and tun devices another one.
    pub fn path_record<'a>(&'a self, file: &'a File) -> &'a File {
        file.named_by.and_then(|id| self.find(id, FdTypes::REG)).unwrap_or(file)
    }

    /// The descriptors of this file: all processes and numbers that share the open description, by rising pid of the
    /// first process of each table. Current directories, roots and executables are not among them.
    pub fn holders(&self, file: &File) -> impl Iterator<Item = (Pid, Fd)> {
        let index = self.index(file.id, file.fd_type);
        self.holders.of_file(index).iter().flat_map(|&(table, fd)| {
            let processes = self.tables.get(table).map(|table| table.processes.as_slice());
            processes.unwrap_or_default().iter().map(move |&pid| (pid, fd))
        })
    }

    /// As [`holders`](Self::holders), but of processes that share a table only the first.
    pub(crate) fn first_holders(&self, file: &File) -> impl Iterator<Item = (Pid, Fd)> {
        let index = self.index(file.id, file.fd_type);
        self.holders.of_file(index).iter().filter_map(|&(table, fd)| {
            let first = self.tables.get(table)?.processes.first()?;
            Some((*first, fd))
        })
    }

    /// How many descriptors share this file, without listing them.
    pub fn sharers(&self, file: &File) -> u64 {
        self.holders.count(self.index(file.id, file.fd_type))
    }
}

/// A descriptor of a process with its file, or a directory or executable that the process refers to otherwise.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Open<'a> {
    /// The process.
    pub pid: Pid,
    /// The number of the descriptor, or what else it is.
    pub slot: Slot,
    /// The descriptor; `None` for directories and executables.
    pub descriptor: Option<&'a Descriptor>,
    /// The id of the file, as the images have it.
    pub id: FileId,
    /// The file; `None` if its record is missing, which is among the diagnostics.
    pub file: Option<&'a File>,
}

impl Open<'_> {
    /// Whether execve(2) closes it.
    pub fn cloexec(&self) -> Option<bool> {
        self.descriptor.map(|descriptor| descriptor.cloexec)
    }

    /// The flags as `/proc/PID/fdinfo` shows them: those of the description, and close-on-exec of the descriptor.
    pub fn flags(&self) -> Option<OpenFlags> {
        let flags = self.file?.flags?;
        Some(if self.cloexec() == Some(true) { flags.with_cloexec() } else { flags })
    }
}

#[cfg(test)]
mod tests;
