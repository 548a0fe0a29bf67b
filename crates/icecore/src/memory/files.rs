//! The files that areas are mapped from: their names, and the memory objects among them.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use icecore_images::messages::{FileEntry, IpcShmEntry, MemfdInodeEntry, RegFileEntry};
use icecore_images::raw::sysv;
use icecore_images::{Kind, Message, Record};

use super::objects::ObjectKey;
use crate::diagnostic::SHARED_CLASH;
use crate::files::Remap;
use crate::files::{build_id, byte_order, read_remaps};
use crate::images::Images;
use crate::{Diagnostic, FileId, MountId};

/// What can be mapped, by the ids of `files.img`, and all shared objects.
#[derive(Debug, Default)]
pub(super) struct MappedFiles {
    files: BTreeMap<u32, MappedFile>,
    memfds: BTreeMap<u64, Memfd>,
    segments: BTreeMap<u32, Segment>,
    /// Numbers that both a memory file and a System V segment have: one image for both.
    pub(super) clashes: BTreeSet<u64>,
}

/// A file of `files.img`, as far as a mapping shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MappedFile {
    /// A file with a path.
    Path(PathFile),
    /// A memory file, by its `inode_id`.
    Memfd(u64),
}

/// A file with a path. Source: `reg_file_entry`, `remap-fpath.img`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathFile {
    /// Without ` (deleted)`.
    pub(super) path: BString,
    pub(super) size: Option<u64>,
    pub(super) mount: Option<MountId>,
    pub(super) build_id: Option<Vec<u8>>,
    /// Where it is, if its name is gone.
    pub(super) remap: Option<Remap>,
}

impl PathFile {
    /// The name that `/proc/PID/maps` shows.
    pub(super) fn name(&self) -> BString {
        let mut name = self.path.clone();
        if matches!(self.remap, Some(Remap::Ghost(_) | Remap::Linked(_))) {
            name.extend_from_slice(b" (deleted)");
        }
        name
    }
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
    pub(super) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut mapped = Self::default();
        let remaps = read_remaps(images, diagnostics);
        let order = byte_order(images);
        let path = |file: RegFileEntry| {
            let mount = file.mnt_id.and_then(|id| u32::try_from(id).ok()).map(MountId);
            let remap = remaps.get(&FileId(file.id)).copied();
            let build_id = build_id(&file.build_id, order);
            (file.id, MappedFile::Path(PathFile { path: file.name, size: file.size, mount, build_id, remap }))
        };
        each::<FileEntry>(images, "files.img", diagnostics, |file| {
            let memfd = file.memfd.map(|memfd| (file.id, MappedFile::Memfd(memfd.inode_id.into())));
            mapped.files.extend(memfd.or(file.reg.map(|reg| path(*reg))));
        });
        // Before CRIU 3.4 each kind of file had an image of its own.
        each::<RegFileEntry>(images, "reg-files.img", diagnostics, |file| mapped.files.extend([path(file)]));
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

    pub(super) fn file(&self, id: u32) -> Option<&MappedFile> {
        self.files.get(&id)
    }

    /// The file with a path of this id.
    pub(super) fn path_file(&self, id: u32) -> Option<&PathFile> {
        match self.files.get(&id)? {
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
