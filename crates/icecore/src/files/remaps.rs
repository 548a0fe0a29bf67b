//! Files whose name is gone, and where they are instead.

use std::collections::BTreeMap;

use icecore_images::messages::{RemapFilePathEntry, RemapType};
use serde::Serialize;

use crate::images::Images;
use crate::{Diagnostic, FileId, Pid};

/// Where a file without its name is. Source: `remap-fpath.img`, `remap_file_path_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Remap {
    /// In the image of this number: [`Remap::image`].
    Ghost(u32),
    /// In the container's file system, under the name of this file: CRIU linked it there, because it had more names.
    Linked(FileId),
    /// In `/proc` of a process that no longer exists.
    DeadProcess(Pid),
    /// Somewhere that this version does not know.
    Unknown(i32),
}

/// The bit that before CRIU 1.4 told ghosts from links.
const GHOST: u32 = 1 << 31;

impl Remap {
    /// The name of the image with its content.
    pub fn image(self) -> Option<String> {
        match self {
            Self::Ghost(id) => Some(format!("ghost-file-{id:x}.img")),
            _ => None,
        }
    }

    fn of(entry: &RemapFilePathEntry) -> Self {
        match entry.remap_type {
            Some(RemapType::GHOST) => Self::Ghost(entry.remap_id),
            Some(RemapType::LINKED) => Self::Linked(FileId(entry.remap_id)),
            Some(RemapType::PROCFS) => Self::DeadProcess(Pid(entry.remap_id)),
            Some(other) => Self::Unknown(other.0),
            None if entry.remap_id & GHOST != 0 => Self::Ghost(entry.remap_id & !GHOST),
            None => Self::Linked(FileId(entry.remap_id)),
        }
    }
}

/// All remaps by file; of a file that occurs twice, the first.
pub(crate) fn read(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<FileId, Remap> {
    let records: Vec<RemapFilePathEntry> = images.records("remap-fpath.img", diagnostics).unwrap_or_default();
    let mut remaps = BTreeMap::new();
    for record in &records {
        remaps.entry(FileId(record.orig_id)).or_insert_with(|| Remap::of(record));
    }
    remaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(remap_id: u32, remap_type: Option<RemapType>, expected: Remap) {
        let mut entry = RemapFilePathEntry::default();
        (entry.remap_id, entry.remap_type) = (remap_id, remap_type);
        assert_eq!(Remap::of(&entry), expected);
    }

    #[test]
    fn old_images_say_it_with_a_bit() {
        check(0x8000_001f, None, Remap::Ghost(31));
        check(31, None, Remap::Linked(FileId(31)));
        check(31, Some(RemapType::GHOST), Remap::Ghost(31));
        check(31, Some(RemapType::PROCFS), Remap::DeadProcess(Pid(31)));
        assert_eq!(Remap::Ghost(31).image().unwrap(), "ghost-file-1f.img");
    }
}
