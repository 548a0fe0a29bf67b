//! Edges through shared memory.

use std::collections::BTreeMap;

use icecore_images::messages::FdTypes;

use super::ends::{Ends, mesh};
use super::{Edge, EdgeKind, End};
use crate::files::FileKind;
use crate::memory_names::is_anonymous;
use crate::vma::{flags, status};
use crate::{Checkpoint, Diagnostic, FileId};

pub(super) fn add(
    checkpoint: &Checkpoint,
    ends: &Ends<'_>,
    edges: &mut Vec<Edge>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut sharers = mapped(checkpoint, diagnostics);
    for file in checkpoint.file_records().iter() {
        if let (FileKind::Memfd(Some(memfd)), Some(ino)) = (&file.kind, file.ino) {
            sharers.entry((kind(&memfd.name), ino)).or_default().extend(ends.of_file(file));
        }
    }
    let ipc = checkpoint.ipc();
    for segment in ipc.namespaces.iter().flat_map(|namespace| &namespace.segments) {
        let attached = segment.attached.iter().map(|&(pid, _)| End { pid, fd: None });
        // Ids of segments and inodes of nameless memory are two spaces, but both are shared memory.
        let mut attached: Vec<End> = attached.collect();
        tell(EdgeKind::Shm, segment.descriptor.id.into(), &mut attached, edges);
    }
    for ((kind, id), mut all) in sharers {
        tell(kind, id, &mut all, edges);
    }
}

/// What connects those that share a memory file of this name.
fn kind(name: &[u8]) -> EdgeKind {
    if is_anonymous(name) { EdgeKind::Shm } else { EdgeKind::Memfd }
}

/// Edges among the sharers of one object, each process once.
fn tell(kind: EdgeKind, id: u64, sharers: &mut Vec<End>, edges: &mut Vec<Edge>) {
    // A descriptor says more than a mapping of the same process.
    sharers.sort_by_key(|end| (end.pid, end.fd.is_none(), end.fd));
    sharers.dedup_by_key(|end| end.pid);
    mesh(sharers, |from, to| Edge { kind, id, from, to, remote: None }, edges);
}

/// Who has mapped which memory file, shared.
fn mapped(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<(EdgeKind, u64), Vec<End>> {
    let files = checkpoint.files();
    let mut mapped: BTreeMap<(EdgeKind, u64), Vec<End>> = BTreeMap::new();
    for process in &files.processes {
        let end = End { pid: process.pid, fd: None };
        let mm = checkpoint.space(process.pid, diagnostics);
        for area in mm.iter().flat_map(|mm| &mm.vmas).filter(|area| area.flags & flags::MAP_SHARED != 0) {
            let object = if area.status & status::MEMFD != 0 {
                let file =
                    u32::try_from(area.shmid).ok().and_then(|id| files.find(FileId(id), FdTypes::MEMFD));
                file.and_then(|file| match &file.kind {
                    FileKind::Memfd(Some(memfd)) => Some((kind(&memfd.name), file.ino?)),
                    FileKind::Memfd(None) => Some((EdgeKind::Memfd, file.ino?)),
                    _ => None,
                })
            } else {
                let is_nameless =
                    area.status & (status::ANON_SHARED | status::SYSVIPC) == status::ANON_SHARED;
                is_nameless.then_some((EdgeKind::Shm, area.shmid))
            };
            let Some(object) = object else { continue };
            let sharers = mapped.entry(object).or_default();
            // Areas of one process stand together: so each is there once for a run of its areas.
            if sharers.last() != Some(&end) {
                sharers.push(end);
            }
        }
    }
    mapped
}
