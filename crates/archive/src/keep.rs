//! What of a compressed archive stays once it has been decoded.

use crate::{Limits, MemberName};

/// What is kept of the members of a compressed archive while it is decoded, once.
///
/// Of an archive that is not compressed everything stays readable where it lies, whatever this says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Keep {
    /// Documents and images: all but memory pages, archives of files, and what is above the limits `document` and
    /// `image`. What is not kept is listed and counted.
    #[default]
    Metadata,
    /// As [`Keep::Metadata`], and these members.
    MetadataAnd(Vec<MemberName>),
    /// All but memory pages, and what is above the limit `image` and no archive of files.
    Files,
    /// Everything.
    Everything,
}

impl Keep {
    /// Whether a member is kept.
    pub(crate) fn wants(&self, name: &MemberName, size: u64, limits: &Limits) -> bool {
        let is_small = size <= SMALL.min(limits.image);
        let fits = size <= limits.image && !is_pages(name);
        match self {
            Self::Everything => true,
            Self::MetadataAnd(names) if names.contains(name) => true,
            Self::Metadata | Self::MetadataAnd(_) => is_small || is_layer(name) || fits && !is_archive(name),
            Self::Files => is_small || is_layer(name) || fits || is_archive(name),
        }
    }
}

/// Bytes up to which a member is kept whatever it is: keeping it costs less than asking again.
const SMALL: u64 = 64 << 10;

/// Length of the name that `docker save` gives a layer: 64 hexadecimal digits and `.tar`.
const DIGEST_TAR: usize = 68;

/// Whether a member may be a layer of an image, in which the checkpoint itself lies, whatever its size.
fn is_layer(name: &MemberName) -> bool {
    let docker = name.file_name() == "layer.tar" || name.file_name().len() == DIGEST_TAR;
    name.below(b"blobs").is_some() || docker && name.file_name().ends_with(b".tar")
}

/// Whether a member holds memory pages, by the names that CRIU gives.
fn is_pages(name: &MemberName) -> bool {
    let file: &[u8] = name.file_name();
    let prefixes = [b"pages-".as_slice(), b"amdgpu-pages-", b"amdgpu-drm-pages-"];
    file.ends_with(b".img") && prefixes.into_iter().any(|prefix| file.starts_with(prefix))
}

/// Whether a member holds an archive of files, by the names that CRIU and the engines give.
fn is_archive(name: &MemberName) -> bool {
    let file: &[u8] = name.file_name();
    let volume = name.as_bytes().split(|&byte| byte == b'/').rev().nth(1) == Some(b"volumes");
    file == b"rootfs-diff.tar"
        || file == b"devshm-checkpoint.tar"
        || volume && file.ends_with(b".tar")
        || (file.starts_with(b"tmpfs-") || file.starts_with(b"devtmpfs-")) && file.ends_with(b".tar.gz.img")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_documents_and_images() {
        let wants =
            |name: &str| Keep::Metadata.wants(&MemberName::new(name.as_bytes()), 1 << 20, &Limits::default());
        for name in
            ["config.dump", "checkpoint/pagemap-1.img", "checkpoint/core-1.img", "blobs/sha256/ab", "a.tar"]
        {
            assert!(wants(name), "{name}");
        }
        for name in [
            "checkpoint/pages-1.img",
            "rootfs-diff.tar",
            "x/volumes/v.tar",
            "checkpoint/tmpfs-dev-9.tar.gz.img",
        ] {
            assert!(!wants(name), "{name}");
        }
        assert!(!Keep::Metadata.wants(&MemberName::new(b"a"), 11, &Limits::default().image(10)));
        assert!(Keep::Metadata.wants(&MemberName::new(b"rootfs-diff.tar"), 10_240, &Limits::default()));
        for layer in ["blobs/sha256/ab", &format!("{}.tar", "ab".repeat(32)), "0123/layer.tar"] {
            let wants = Keep::Metadata.wants(&MemberName::new(layer.as_bytes()), 1 << 40, &Limits::default());
            assert!(wants, "{layer}");
        }
    }

    #[test]
    fn files_are_all_but_pages() {
        for name in ["rootfs-diff.tar", "x/volumes/v.tar", "checkpoint/tmpfs-dev-9.tar.gz.img"] {
            assert!(wants(&Keep::Files, name, 1 << 40), "{name}");
        }
        for name in ["checkpoint/pages-1.img", "checkpoint/pages-1.comp.img"] {
            assert!(!wants(&Keep::Files, name, 1 << 20), "{name}");
        }
        assert!(wants(&Keep::Files, "checkpoint/pagemap-1.img", 1 << 20));
        assert!(!wants(&Keep::Files, "checkpoint/pagemap-1.img", 1 << 40));
    }

    fn wants(keep: &Keep, name: &str, size: u64) -> bool {
        keep.wants(&MemberName::new(name.as_bytes()), size, &Limits::default())
    }

    /// One byte more than what is kept whatever it is.
    const LARGE: u64 = (64 << 10) + 1;

    #[test]
    fn what_is_bulk_goes_by_its_file_name() {
        for bulk in [
            "pages-1.img",
            "checkpoint/pages-4294967295.img",
            "a/b/c/pages-.img",
            "amdgpu-pages-7-0001.img",
            "amdgpu-drm-pages-7.img",
            "checkpoint/tmpfs-dev-73.tar.gz.img",
            "checkpoint/devtmpfs-dev-6.tar.gz.img",
            "rootfs-diff.tar",
            "top/rootfs-diff.tar",
            "devshm-checkpoint.tar",
            "volumes/data.tar",
            "top/volumes/data.tar",
        ] {
            assert!(!wants(&Keep::Metadata, bulk, LARGE), "{bulk}");
            assert!(wants(&Keep::Metadata, bulk, LARGE - 1), "{bulk}");
            assert!(wants(&Keep::Everything, bulk, u64::MAX), "{bulk}");
        }
    }

    #[test]
    fn what_only_looks_like_bulk_is_kept() {
        for metadata in [
            "pages-1.img.bak",
            "pagemap-1.img",
            "old-pages-1.img",
            "pages-1",
            "tmpfs-dev-73.img",
            "rootfs-diff.tar.gz",
            "volumes/a/b.tar",
            "volumes",
            "volumes/readme",
            "ghost-file-1.img",
            "dump.log",
        ] {
            assert!(wants(&Keep::Metadata, metadata, 1 << 20), "{metadata}");
        }
    }

    #[test]
    fn named_members_are_kept_beside_metadata() {
        let keep = Keep::MetadataAnd(vec![MemberName::new(b"./checkpoint/pages-1.img")]);
        assert!(wants(&keep, "checkpoint/pages-1.img", 1 << 40));
        assert!(!wants(&keep, "checkpoint/pages-2.img", 1 << 20));
        assert!(!wants(&keep, "pages-1.img", 1 << 20), "another directory is another member");
        assert!(wants(&keep, "config.dump", 1 << 20));
    }

    #[test]
    fn the_limit_on_images_bounds_metadata() {
        let limits = Limits::default().image(1 << 20);
        let wants = |name: &str, size| Keep::Metadata.wants(&MemberName::new(name.as_bytes()), size, &limits);
        assert!(wants("pagemap-1.img", 1 << 20) && !wants("pagemap-1.img", (1 << 20) + 1));
        // A layer holds the checkpoint itself.
        assert!(wants("blobs/sha256/ab", u64::MAX));
        assert!(!wants("blobs", 1 << 40) && !wants("x/blobs/y", 1 << 40));
    }
}
