//! Memory that areas and processes share: memory files, shared anonymous memory, System V segments.

use bstr::BString;

use super::area::AreaKind;
use super::backing::{Backing, Span, SpanPlace};
use super::chain::Chain;
use super::files::MappedFiles;
use super::page_size::PageSize;
use super::run::Reason;
use crate::{Diagnostic, memory_names};

/// An object with pages of its own, which any number of areas show.
#[derive(Debug)]
#[non_exhaustive]
pub struct Object {
    /// Its number: the inode of a memory file, or the id of a segment. Both count in one image name.
    pub number: u64,
    /// [`AreaKind::Memfd`], [`AreaKind::SharedAnon`] or [`AreaKind::SysvShm`].
    pub kind: AreaKind,
    /// The name that `/proc/PID/maps` shows.
    pub name: BString,
    /// Bytes that it has. `None`: not stored, as for shared anonymous memory before CRIU 3.14.
    pub size: Option<u64>,
    backing: Backing,
    /// Why nothing of it can be had.
    lost: Option<Reason>,
}

/// Which object: segments and memory files have numbers that may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ObjectKey {
    /// By the `inode_id` of `memfd.img`.
    Memfd(u64),
    /// By the number of the image; before CRIU 3.14.
    Anon(u64),
    /// By the id of the segment.
    Segment(u64),
}

impl Object {
    pub(super) fn read(
        key: ObjectKey,
        files: &MappedFiles,
        chain: &Chain,
        page_size: PageSize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let (number, kind, name, size) = describe(key, files)?;
        let behind_record = files.segment_content(key).zip(chain.links.first());
        if let Some(((content, size), images)) = behind_record {
            let backing = Backing::of_bytes(images, content, size, page_size);
            return Some(Self { number, kind, name, size: Some(size), backing, lost: None });
        }
        let image = format!("pagemap-shmem-{number}.img");
        let backing = Backing::read(chain, &image, page_size, diagnostics);
        let full_name = chain.links.first().map(|images| images.full_name(&image)).unwrap_or_default();
        let overwritten = kind != AreaKind::SysvShm && files.clashes.contains(&number);
        let lost = if overwritten {
            Some(Reason::Overwritten(full_name))
        } else if !backing.exists && size != Some(0) {
            Some(Reason::PagemapMissing(full_name))
        } else {
            None
        };
        Some(Self { number, kind, name, size, backing, lost })
    }

    /// The span at an offset, or where the next one begins, or why there can be none.
    pub(super) fn at(&self, offset: u64) -> Result<Span, Gap> {
        if let Some(lost) = &self.lost {
            return Err(Gap { end: u64::MAX, reason: Some(lost.clone()) });
        }
        let end = self.size.map(|size| size.next_multiple_of(self.backing.page_size.max(1)));
        match self.backing.at(offset) {
            Ok(span) => Ok(span),
            Err(next) => match end {
                Some(end) if offset >= end => {
                    Err(Gap { end: next.unwrap_or(u64::MAX), reason: Some(Reason::BeyondObject) })
                }
                _ => Err(Gap { end: next.or(end).unwrap_or(u64::MAX), reason: None }),
            },
        }
    }

    /// The member that holds the byte at an offset, and where in it; `None` where none is stored.
    pub fn place(&self, offset: u64) -> Option<(&BString, u64)> {
        let span = self.at(offset).ok()?;
        let SpanPlace::Stored { file, offset } = span.place else { return None };
        let file = self.backing.file(file)?;
        Some((file.member(), file.position(offset)?))
    }

    /// Why nothing of it can be had; `None` if something can.
    pub(super) fn lost(&self) -> Option<&Reason> {
        self.lost.as_ref()
    }

    /// Bytes of it that are in the archive.
    pub fn stored(&self) -> u64 {
        match self.lost {
            Some(_) => 0,
            None => self.backing.stored(),
        }
    }

    pub(super) fn backing(&self) -> &Backing {
        &self.backing
    }
}

/// A part of an object that has no span.
#[derive(Debug)]
pub(super) struct Gap {
    /// Where it ends at the latest.
    pub(super) end: u64,
    /// `None`: it reads as zeros.
    pub(super) reason: Option<Reason>,
}

/// Number of the image, kind, name and size of an object.
fn describe(key: ObjectKey, files: &MappedFiles) -> Option<(u64, AreaKind, BString, Option<u64>)> {
    Some(match key {
        ObjectKey::Memfd(inode) => {
            let memfd = files.memfd(inode)?;
            let anonymous = memory_names::is_anonymous(&memfd.name);
            let kind = if anonymous { AreaKind::SharedAnon } else { AreaKind::Memfd };
            (memfd.shmid.into(), kind, memory_names::shown(&memfd.name), Some(memfd.size))
        }
        ObjectKey::Anon(number) => (number, AreaKind::SharedAnon, memory_names::SHARED_SHOWN.into(), None),
        ObjectKey::Segment(number) => {
            let segment = u32::try_from(number).ok().and_then(|id| files.segment(id));
            let key = segment.map_or(0, |segment| segment.key);
            let name = format!("/SYSV{key:08x} (deleted)");
            (number, AreaKind::SysvShm, name.into(), segment.map(|segment| segment.size))
        }
    })
}
