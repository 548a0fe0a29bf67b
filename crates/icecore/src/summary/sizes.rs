//! Where the bytes of an archive go.

use bstr::ByteSlice;
use icecore_archive::Archive;
use serde::Serialize;

use crate::images::Images;
use crate::{Checkpoint, logs};

/// Where the bytes of an archive go: all as they lie unpacked, but for `archive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Sizes {
    /// The archive as it lies there, compressed or not; `null` for a stream whose length nobody told.
    pub archive: Option<u64>,
    /// CRIU images without memory pages and archives of files.
    pub images: u64,
    /// Memory pages.
    pub pages: u64,
    /// Changes of the root file system; `null`: none are stored.
    pub rootfs_diff: Option<u64>,
    /// Named volumes.
    pub volumes: u64,
    /// Temporary file systems and `/dev/shm`.
    pub tmpfs: u64,
    /// Logs of the container and of the dump.
    pub logs: u64,
}

impl Sizes {
    pub(crate) fn of(checkpoint: &Checkpoint, archive: &Archive, images: &Images) -> Self {
        let mut sizes =
            Self { archive: Some(archive.length()).filter(|&length| length > 0), ..Self::default() };
        for (name, member) in images.iter().filter(|(_, member)| member.is_file()) {
            let part = match Part::of(name) {
                Part::Pages => &mut sizes.pages,
                Part::Tmpfs => &mut sizes.tmpfs,
                Part::Image => &mut sizes.images,
                Part::Other => continue,
            };
            *part = part.saturating_add(member.size);
        }
        let root = checkpoint.root();
        sizes.rootfs_diff = root.file("rootfs-diff.tar").map(|member| member.size);
        for (name, member) in root.iter() {
            let part = match name.as_bytes() {
                b"devshm-checkpoint.tar" => &mut sizes.tmpfs,
                name if name.starts_with(b"volumes/") => &mut sizes.volumes,
                _ => continue,
            };
            *part = part.saturating_add(member.size);
        }
        let logs = logs::members(checkpoint).map(|(_, member)| member.size);
        sizes.logs = logs.fold(0, u64::saturating_add);
        sizes
    }
}

/// What a file of an image directory counts as.
enum Part {
    Pages,
    Tmpfs,
    Image,
    Other,
}

impl Part {
    fn of(name: &[u8]) -> Self {
        let pages = [b"pages-".as_slice(), b"amdgpu-pages-", b"amdgpu-drm-pages-"];
        match name {
            _ if name.ends_with(b".tar.gz.img") => Self::Tmpfs,
            _ if name.ends_with(b".img") && pages.iter().any(|prefix| name.starts_with(prefix)) => {
                Self::Pages
            }
            _ if name.ends_with(b".img") => Self::Image,
            _ => Self::Other,
        }
    }
}
