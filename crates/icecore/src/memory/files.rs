//! The files that areas are mapped from: their names, and the memory objects among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use icecore_images::messages::{IpcShmEntry, MemfdInodeEntry};
use icecore_images::raw::sysv;
use icecore_images::{Kind, Message, Record};

use super::objects::ObjectKey;
use crate::diagnostic::SHARED_CLASH;
use crate::files::{File, FileKind};
use crate::images::Images;
use crate::{Checkpoint, Diagnostic};

/// What can be mapped, by the ids of `files.img`, and all shared objects.
#[derive(Debug, Default)]
pub(super) struct MappedFiles {
    records: Arc<Vec<File>>,
    memfds: BTreeMap<u64, Memfd>,
    segments: BTreeMap<u32, Segment>,
    /// Numbers that both a memory file and a System V segment have: one image for both.
    pub(super) clashes: BTreeSet<u64>,
}

/// A record of a file that can be mapped.
#[derive(Debug, Clone, Copy)]
pub(super) enum MappedFile<'a> {
    /// A file with a path.
    Path(&'a File),
    /// A memory file, by its `inode_id`; `None` if `memfd.img` does not have it.
    Memfd(Option<u64>),
}

/// The path of a file, or the key of an external one, without ` (deleted)`.
pub(super) fn path(file: &File) -> Option<&BString> {
    file.path.as_ref().or(file.external.as_ref())
}

/// A memory file. Source: `memfd.img`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memfd {
    pub(super) name: BString,
    pub(super) size: u64,
    pub(super) shmid: u32,
}

/// A System V segment. Source: `ipcns-shm-*.img`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) key: u32,
    pub(super) size: u64,
    /// Where its content is, if it stands behind its record: until CRIU 2.12.
    pub(super) content: Option<SegmentContent>,
}

/// Bytes of an image that are a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SegmentContent {
    pub(super) image: String,
    /// Their offset in it.
    pub(super) offset: u64,
}

impl MappedFiles {
    pub(super) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let images = checkpoint.images();
        let mut mapped = Self { records: checkpoint.file_records().clone(), ..Self::default() };
        each::<MemfdInodeEntry>(images, "memfd.img", diagnostics, |memfd| {
            let MemfdInodeEntry { name, size, shmid, inode_id, .. } = memfd;
            mapped.memfds.insert(inode_id, Memfd { name, size, shmid });
        });
        let tables = images.known().filter(|(_, kind, _)| *kind == Kind::IpcnsShm);
        let tables: Vec<String> = tables.map(|(name, _, _)| name.to_str_lossy().into_owned()).collect();
        for table in tables {
            let found = images.each(&table, diagnostics, |record: Record<'_, IpcShmEntry>, _| {
                let content = sysv::memory(&record).map(|bytes| SegmentContent {
                    image: table.clone(),
                    offset: record.entry.image().offset_of(bytes),
                });
                let IpcShmEntry { desc, size, .. } = record.message;
                (desc.id, Segment { key: desc.key, size, content })
            });
            mapped.segments.extend(found.unwrap_or_default());
        }
        mapped.find_clashes(images, diagnostics);
        mapped
    }

    /// What can be mapped of this id.
    pub(super) fn file(&self, id: u32) -> Option<MappedFile<'_>> {
        let from = self.records.partition_point(|file| file.id.0 < id);
        let all = self.records.get(from..)?.iter().take_while(|file| file.id.0 == id);
        // Before CRIU 3.6 a FIFO and its path had one id.
        all.into_iter().find_map(|file| match &file.kind {
            FileKind::Path(_) => Some(MappedFile::Path(file)),
            FileKind::Memfd(memfd) => Some(MappedFile::Memfd(memfd.as_ref().map(|it| it.inode_id.into()))),
            _ => None,
        })
    }

    /// The file with a path of this id.
    pub(super) fn path_file(&self, id: u32) -> Option<&File> {
        match self.file(id)? {
            MappedFile::Path(file) => Some(file),
            MappedFile::Memfd(_) => None,
        }
    }

    /// All memory files by inode, then all segments by id.
    pub(super) fn object_keys(&self) -> impl Iterator<Item = ObjectKey> {
        let memfds = self.memfds.keys().map(|inode| ObjectKey::Memfd(*inode));
        memfds.chain(self.segments.keys().map(|id| ObjectKey::Segment((*id).into())))
    }

    pub(super) fn memfd(&self, inode_id: u64) -> Option<&Memfd> {
        self.memfds.get(&inode_id)
    }

    /// Where the content of a segment stands behind its record, and how many bytes it has.
    pub(super) fn segment_content(&self, key: ObjectKey) -> Option<(&SegmentContent, u64)> {
        let ObjectKey::Segment(id) = key else { return None };
        let segment = self.segment(u32::try_from(id).ok()?)?;
        Some((segment.content.as_ref()?, segment.size))
    }

    pub(super) fn segment(&self, id: u32) -> Option<&Segment> {
        self.segments.get(&id)
    }

    /// On a machine that has just started, inodes of memory files are as small as ids of segments, and CRIU names the
    /// images of both by them: the case `shmid-clash`.
    fn find_clashes(&mut self, images: &Images, diagnostics: &mut Vec<Diagnostic>) {
        for memfd in self.memfds.values().filter(|memfd| memfd.size > 0) {
            if self.segments.contains_key(&memfd.shmid) && self.clashes.insert(memfd.shmid.into()) {
                let text = format!(
                    "the memory file `{}` and the System V segment {} have one number, so that CRIU wrote both here; the \
                     segment is shown, the memory file is lost, though a pages file that no pagemap names may hold it",
                    memfd.name, memfd.shmid
                );
                let image = images.full_name(&format!("pagemap-shmem-{}.img", memfd.shmid));
                diagnostics.push(Diagnostic::new(SHARED_CLASH, text).of(image));
            }
        }
    }
}

fn each<M: Message>(images: &Images, name: &str, diagnostics: &mut Vec<Diagnostic>, take: impl FnMut(M)) {
    images.records(name, diagnostics).unwrap_or_default().into_iter().for_each(take);
}
