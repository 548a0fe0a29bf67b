//! Content of mapped files that is in the archive: files of temporary file systems, which have no disk to be read from.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::BString;
use icecore_archive::{Archive, MemberName};

use super::pages::PagesFile;
use crate::Checkpoint;

/// The archive of `/dev/shm` that Podman adds: CRIU leaves it out, as it is a mount from outside.
const DEVSHM: &str = "devshm-checkpoint.tar";

/// The archives of temporary file systems that were opened, by the names of their members.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// `None`: it is not there, or cannot be opened.
    opened: BTreeMap<String, Option<Arc<Archive>>>,
}

impl Contents {
    /// The file of this path, if it is in the archive and as large as the images say.
    pub(super) fn find(
        &mut self,
        checkpoint: &Checkpoint,
        path: &[u8],
        size: Option<u64>,
    ) -> Option<PagesFile> {
        let (image, inner) = place(checkpoint, path)?;
        let open = || {
            let member = checkpoint.beside_images(&image)?;
            checkpoint.archive().open_member(member).ok().map(Arc::new)
        };
        let archive = self.opened.entry(image.clone()).or_insert_with(open).as_ref()?;
        let member = archive.members().file(MemberName::new(&inner).as_bytes())?;
        if size.is_some_and(|size| size != member.size) {
            return None;
        }
        let name = [image.as_bytes(), b"//", &inner].concat();
        Some(PagesFile::of_file(name.into(), member.clone()))
    }
}

/// The archive that has a path, and the path in it.
fn place(checkpoint: &Checkpoint, path: &[u8]) -> Option<(String, BString)> {
    let below = |directory: &[u8]| {
        let rest = path.strip_prefix(directory.strip_suffix(b"/").unwrap_or(directory))?;
        rest.strip_prefix(b"/").map(BString::from)
    };
    let mounts = checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts);
    let innermost = mounts
        .filter_map(|mount| Some((mount, below(&mount.mountpoint)?)))
        .min_by_key(|(_, inner)| inner.len())?;
    let (mount, inner) = innermost;
    match &mount.image {
        Some(image) => Some((image.clone(), inner)),
        None if mount.mountpoint == "/dev/shm" => Some((DEVSHM.to_owned(), inner)),
        None => None,
    }
}
