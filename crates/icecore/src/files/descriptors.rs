//! Descriptor tables: from a process to its descriptors.

use std::collections::BTreeMap;
use std::fmt;

use bstr::BString;
use icecore_images::messages::{FdTypes, FdinfoEntry, FsEntry, TaskKobjIdsEntry};
use serde::Serialize;

use super::Files;
use crate::diagnostic::{FILE_DANGLING, MEMBER_MISSING};
use crate::images::Images;
use crate::place::Placed;
use crate::process::list;
use crate::{Checkpoint, Diagnostic, Fd, FileId, Pid, Place};

/// The numbers of one descriptor table. Most processes have one of their own; those made with `CLONE_FILES` share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DescriptorTable {
    /// Its number. Source: `ids-PID.img`, `files_id`; name of `fdinfo-N.img`.
    pub files_id: u32,
    /// The processes that have it, in the order of the process list.
    pub processes: Vec<Pid>,
    /// Its descriptors by rising number.
    pub descriptors: Vec<Descriptor>,
}

impl DescriptorTable {
    /// The descriptor of a number.
    pub fn find(&self, fd: u32) -> Option<&Descriptor> {
        let index = self.descriptors.binary_search_by_key(&Fd(fd), |descriptor| descriptor.fd).ok()?;
        self.descriptors.get(index)
    }
}

/// One descriptor. Source: `fdinfo-FILES_ID.img`, `fdinfo_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Descriptor {
    /// Its number.
    pub fd: Fd,
    /// The open file description.
    pub file: FileId,
    /// Whether execve(2) closes it (`FD_CLOEXEC`).
    pub cloexec: bool,
    /// The SELinux label of a socket; since CRIU 3.13, under SELinux.
    pub selinux: Option<BString>,
    /// Its record in `fdinfo-FILES_ID.img`, an `fdinfo_entry`.
    pub place: Place,
    #[serde(skip)]
    pub(crate) kind: FdTypes,
}

/// What one process has open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenIn {
    /// The process.
    pub pid: Pid,
    /// Its descriptor table, an index of [`Files::tables`]; `None` if its images are missing.
    pub table: Option<usize>,
    /// The current directory. Source: `fs-PID.img`, `cwd_id`.
    pub cwd: Option<FileId>,
    /// The root directory. Source: `fs-PID.img`, `root_id`.
    pub root: Option<FileId>,
    /// The executable. Source: `mm-PID.img`, `exe_file_id`.
    pub exe: Option<FileId>,
}

impl OpenIn {
    /// Its directories and its executable.
    pub(super) fn paths(&self) -> impl Iterator<Item = (Slot, FileId)> {
        let all = [(Slot::Cwd, self.cwd), (Slot::Root, self.root), (Slot::Exe, self.exe)];
        all.into_iter().filter_map(|(slot, id)| Some((slot, id?)))
    }
}

/// The place of a file in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Slot {
    /// The current directory.
    Cwd,
    /// The root directory.
    Root,
    /// The executable.
    Exe,
    /// A descriptor.
    Fd(Fd),
}

/// `cwd`, `root`, `exe` or the number.
impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cwd => formatter.pad("cwd"),
            Self::Root => formatter.pad("root"),
            Self::Exe => formatter.pad("exe"),
            Self::Fd(fd) => fd.fmt(formatter),
        }
    }
}

/// What is read of descriptors.
pub(super) struct Tables {
    pub(super) tables: Vec<DescriptorTable>,
    pub(super) processes: Vec<OpenIn>,
}

/// Reads the tables of all processes that live.
pub(super) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Tables {
    let images = checkpoint.images();
    let mut read = Tables { tables: Vec::new(), processes: Vec::new() };
    let mut by_files_id = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for record in list::records(images, diagnostics).unwrap_or_default() {
        let pid = record.pid;
        if !list::is_live(images, pid) || !seen.insert(pid) {
            continue;
        }
        let files_id = files_id(images, pid, diagnostics);
        let table = *by_files_id.entry(files_id).or_insert_with(|| {
            let descriptors = descriptors(images, files_id, pid, diagnostics)?;
            read.tables.push(DescriptorTable { files_id, processes: Vec::new(), descriptors });
            read.tables.len().checked_sub(1)
        });
        if let Some(table) = table.and_then(|index| read.tables.get_mut(index)) {
            table.processes.push(Pid(pid));
        }
        let fs: Option<FsEntry> = images.first(&format!("fs-{pid}.img"), diagnostics);
        let mm = checkpoint.space(Pid(pid), diagnostics);
        read.processes.push(OpenIn {
            pid: Pid(pid),
            table,
            cwd: fs.as_ref().map(|fs| FileId(fs.cwd_id)),
            root: fs.as_ref().map(|fs| FileId(fs.root_id)),
            exe: mm.as_ref().map(|mm| FileId(mm.exe_file_id)),
        });
    }
    read
}

/// The number of a process's table; the oldest images number tables by process.
fn files_id(images: &Images, pid: u32, diagnostics: &mut Vec<Diagnostic>) -> u32 {
    let name = format!("ids-{pid}.img");
    let ids: Option<TaskKobjIdsEntry> = images.first(&name, diagnostics);
    if images.member(&name).is_none() && images.member(&format!("fdinfo-{pid}.img")).is_none() {
        let text = format!("is not there, so nothing says which descriptors process {pid} has");
        diagnostics.push(Diagnostic::new(MEMBER_MISSING, text).of(images.full_name(&name)));
    }
    ids.map_or(pid, |ids| ids.files_id)
}

/// The descriptors of a table by rising number; of a number that occurs twice, the first.
fn descriptors(
    images: &Images,
    files_id: u32,
    pid: u32,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Descriptor>> {
    let name = format!("fdinfo-{files_id}.img");
    let Some(records) = images.placed::<FdinfoEntry>(&name, diagnostics) else {
        if images.member(&name).is_none() && images.member(&format!("ids-{pid}.img")).is_some() {
            let text = format!("is not there, so the descriptors of process {pid} are not known");
            diagnostics.push(Diagnostic::new(MEMBER_MISSING, text).of(images.full_name(&name)));
        }
        return None;
    };
    const CLOEXEC: u32 = 1;
    let mut descriptors: Vec<Descriptor> = records
        .into_iter()
        .map(|Placed { message: record, place }| Descriptor {
            fd: Fd(record.fd),
            file: FileId(record.id),
            cloexec: record.flags & CLOEXEC != 0,
            selinux: record.xattr_security_selinux,
            place,
            kind: record.r#type,
        })
        .collect();
    descriptors.sort_by_key(|descriptor| descriptor.fd);
    let count = descriptors.len();
    descriptors.dedup_by_key(|descriptor| descriptor.fd);
    if let Some(twice) = count.checked_sub(descriptors.len()).filter(|&twice| twice > 0) {
        let text = format!("{twice} of {count} records repeat a descriptor number; the first of each counts");
        diagnostics.push(Diagnostic::new(FILE_DANGLING, text).of(images.full_name(&name)));
    }
    Some(descriptors)
}

impl Files {
    /// Tells what descriptors and processes refer to and no record is.
    pub(super) fn tell_dangling(&self, images: &Images, diagnostics: &mut Vec<Diagnostic>) {
        for table in &self.tables {
            let missing = table
                .descriptors
                .iter()
                .filter(|descriptor| self.find(descriptor.file, descriptor.kind).is_none());
            let mut missing = missing.map(|descriptor| (descriptor.fd, descriptor.file));
            if let Some((fd, file)) = missing.next() {
                let others = match missing.count() {
                    0 => String::new(),
                    more => format!(", and so for {more} more"),
                };
                let text = format!("descriptor {fd} is file {file}, which no image describes{others}");
                let name = images.full_name(&format!("fdinfo-{}.img", table.files_id));
                diagnostics.push(Diagnostic::new(FILE_DANGLING, text).of(name));
            }
        }
        for process in &self.processes {
            for (slot, id) in process.paths().filter(|&(_, id)| self.find(id, FdTypes::REG).is_none()) {
                let image = if slot == Slot::Exe { "mm" } else { "fs" };
                let name = images.full_name(&format!("{image}-{}.img", process.pid));
                let text = format!("{slot} is file {id}, which no image describes");
                diagnostics.push(Diagnostic::new(FILE_DANGLING, text).of(name));
            }
        }
    }
}
