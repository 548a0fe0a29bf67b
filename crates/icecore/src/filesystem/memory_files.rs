//! Files of memory: what memfd_create(2) made, and System V segments.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BString;
use icecore_archive::SharedSource;
use icecore_images::messages::MemfdInodeEntry;

use super::entry::{Content, Entry, FileType, Origin};
use crate::ipc::Segment;
use crate::memory_names::{is_anonymous, shown};
use crate::{Checkpoint, Diagnostic};

/// A file of memory, and where its bytes are.
#[derive(Debug)]
pub(super) struct MemoryFile {
    origin: Origin,
    path: BString,
    member: BString,
    /// Where its content begins in that, if it stands there in one piece.
    offset: Option<u64>,
    mode: Option<u32>,
    owner: (u32, u32),
    size: u64,
    content: Result<SharedSource, String>,
}

/// All files of memory: those of memfd_create(2) in the order of `memfd.img`, then segments by IPC namespace.
///
/// Shared anonymous memory is kept in `memfd.img` too, as a file that nobody made; it is no file here.
pub(super) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Vec<MemoryFile> {
    let images = checkpoint.images();
    let records: Vec<MemfdInodeEntry> = images.records("memfd.img", diagnostics).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let made = records.iter().filter(|record| !is_anonymous(&record.name) && seen.insert(record.inode_id));
    let made: Vec<MemoryFile> = made.map(|record| memfd(checkpoint, record, diagnostics)).collect();
    let segments = checkpoint.ipc().namespaces.iter().flat_map(|namespace| &namespace.segments);
    let segments: Vec<MemoryFile> = segments.map(|segment| sysv(checkpoint, segment, diagnostics)).collect();
    made.into_iter().chain(segments).collect()
}

fn memfd(checkpoint: &Checkpoint, record: &MemfdInodeEntry, diagnostics: &mut Vec<Diagnostic>) -> MemoryFile {
    MemoryFile {
        origin: Origin::Memfd,
        path: shown(&record.name),
        member: checkpoint.images().full_name(&format!("pagemap-shmem-{}.img", record.shmid)),
        offset: None,
        mode: record.mode,
        owner: (record.uid, record.gid),
        size: record.size,
        content: lost(checkpoint.memfd_content(record.inode_id, diagnostics)),
    }
}

fn sysv(checkpoint: &Checkpoint, segment: &Segment, diagnostics: &mut Vec<Diagnostic>) -> MemoryFile {
    let of = &segment.descriptor;
    let (member, offset) = match checkpoint.segment_place(of.id) {
        Some((member, offset)) => (member, Some(offset)),
        None => (checkpoint.images().full_name(&format!("pagemap-shmem-{}.img", of.id)), None),
    };
    MemoryFile {
        origin: Origin::Sysv,
        path: format!("/SYSV{:08x} (deleted)", of.key).into(),
        member,
        offset,
        mode: Some(of.mode),
        owner: of.owner,
        size: segment.size,
        content: lost(checkpoint.segment_content(of.id, diagnostics)),
    }
}

fn lost(content: Option<Result<SharedSource, String>>) -> Result<SharedSource, String> {
    content.unwrap_or_else(|| Err("nothing in the archive says where its pages are".to_owned()))
}

impl MemoryFile {
    pub(super) fn entry(&self) -> Entry<'_> {
        let mut entry = Entry::new(self.path.clone(), self.origin, FileType::File, self.member.clone());
        entry.mode = self.mode.map(|mode| mode & 0o7777);
        (entry.uid, entry.gid) = (Some(self.owner.0.into()), Some(self.owner.1.into()));
        (entry.size, entry.offset, entry.deleted) = (Some(self.size), self.offset, true);
        entry.content = match &self.content {
            Ok(source) => Content::Source(Arc::clone(source)),
            Err(why) => Content::Lost(why.clone()),
        };
        entry
    }
}
