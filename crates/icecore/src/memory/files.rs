//! The files that areas are mapped from: their names, and the memory objects among them.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use icecore_images::messages::{
    FileEntry, IpcShmEntry, MemfdInodeEntry, RegFileEntry, RemapFilePathEntry, RemapType,
};
use icecore_images::{Kind, Message};

use crate::Diagnostic;
use crate::diagnostic::SHARED_CLASH;
use crate::images::Images;

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
    Path { name: BString, size: Option<u64> },
    /// A memory file, by its `inode_id`.
    Memfd(u64),
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
}

impl MappedFiles {
    pub(super) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut mapped = Self::default();
        let deleted = deleted(images, diagnostics);
        let path = |file: RegFileEntry| {
            let mut name = file.name;
            if deleted.contains(&file.id) {
                name.extend_from_slice(b" (deleted)");
            }
            (file.id, MappedFile::Path { name, size: file.size })
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
            each::<IpcShmEntry>(images, &table, diagnostics, |segment| {
                mapped
                    .segments
                    .insert(segment.desc.id, Segment { key: segment.desc.key, size: segment.size });
            });
        }
        mapped.find_clashes(images, diagnostics);
        mapped
    }

    pub(super) fn file(&self, id: u32) -> Option<&MappedFile> {
        self.files.get(&id)
    }

    pub(super) fn memfd(&self, inode_id: u64) -> Option<&Memfd> {
        self.memfds.get(&inode_id)
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

/// Bit that told a ghost from a link before CRIU 1.4 had a type.
const OLD_GHOST: u32 = 1 << 31;

/// The files whose names are gone: CRIU cuts " (deleted)" off and remaps them.
fn deleted(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> BTreeSet<u32> {
    let mut deleted = BTreeSet::new();
    each::<RemapFilePathEntry>(images, "remap-fpath.img", diagnostics, |remap| {
        let gone = match remap.remap_type {
            Some(kind) => kind == RemapType::GHOST || kind == RemapType::LINKED,
            None => remap.remap_id & OLD_GHOST != 0,
        };
        if gone {
            deleted.insert(remap.orig_id);
        }
    });
    deleted
}

fn each<M: Message>(images: &Images, name: &str, diagnostics: &mut Vec<Diagnostic>, take: impl FnMut(M)) {
    images.records(name, diagnostics).unwrap_or_default().into_iter().for_each(take);
}
