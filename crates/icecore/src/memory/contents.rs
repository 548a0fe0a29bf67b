//! Content of mapped files: where a checkpoint, or the root file system that the user names, has it.
//!
//! ```text
//! name is gone        ghost-file-N.img, or the name that CRIU linked it to
//! on a mount          its tmpfs image, /dev/shm archive or volume; nothing else is right there
//! on the root         what the container changed, then the root file system that the user names
//! ```

use std::sync::{Arc, OnceLock};

use bstr::{BString, ByteSlice};
use icecore_archive::SharedSource;

use super::files::PathFile;
use super::pages::PagesFile;
use super::run::Reason;
use crate::files::Remap;
use crate::filesystem::{Layer, Layers, Origin, ghosts};
use crate::rootfs::build_id;
use crate::{Checkpoint, RootFilesystem};

/// Where files are looked for. Archives in it are opened when a page of a file is first needed.
#[derive(Debug)]
pub(super) struct Contents {
    layers: Arc<Layers>,
    rootfs: Option<Arc<RootFilesystem>>,
}

impl Contents {
    pub(super) fn of(checkpoint: &Checkpoint) -> Self {
        Self { layers: checkpoint.layers().clone(), rootfs: checkpoint.rootfs().cloned() }
    }

    /// The file of a path, that is on a mount of this mountpoint, if that is known.
    fn find(&self, path: &[u8], mountpoint: Option<&[u8]>) -> Option<Result<Found, Reason>> {
        let covers = |layer: &&Arc<Layer>| match mountpoint {
            Some(mountpoint) => layer.mountpoint == mountpoint,
            None => layer.name_of(path).is_some(),
        };
        let innermost = self.layers.mounted.iter().filter(covers).max_by_key(|layer| layer.mountpoint.len());
        if let Some(layer) = innermost {
            return in_layer(layer, path);
        }
        if mountpoint.is_some_and(|mountpoint| mountpoint != b"/") {
            return None;
        }
        let diff = self.layers.diff.as_ref().and_then(|layer| in_layer(layer, path));
        diff.or_else(|| in_rootfs(self.rootfs.as_deref()?, path))
    }
}

/// A file that was found.
#[derive(Debug)]
struct Found {
    name: BString,
    origin: Origin,
    content: SharedSource,
}

fn in_layer(layer: &Layer, path: &[u8]) -> Option<Result<Found, Reason>> {
    let entry = layer.find(&layer.name_of(path)?).filter(|entry| entry.is_file())?;
    let content = entry.content().map_err(|error| Reason::Damaged(error.to_string()));
    let (name, origin) = (entry.member.clone(), entry.origin);
    Some(content.map(|content| Found { name, origin, content }))
}

fn in_rootfs(rootfs: &RootFilesystem, path: &[u8]) -> Option<Result<Found, Reason>> {
    let member = rootfs.file(path)?;
    let name = [rootfs.name().as_bytes(), b"//", member.name.as_bytes()].concat().into();
    let content = member.source().map_err(|error| Reason::Damaged(error.to_string()));
    Some(content.map(|content| Found { name, origin: Origin::Rootfs, content }))
}

/// The content of one mapped file.
#[derive(Debug)]
pub(super) struct FileContent {
    /// The path under which it is looked for.
    path: BString,
    mountpoint: Option<BString>,
    size: Option<u64>,
    build_id: Option<Vec<u8>>,
    contents: Arc<Contents>,
    found: OnceLock<Result<PagesFile, Reason>>,
}

impl FileContent {
    /// The content of a file. `link` is what its name was replaced by, if CRIU linked it. `None`: it is nowhere.
    pub(super) fn new(
        checkpoint: &Checkpoint,
        file: &PathFile,
        link: Option<&PathFile>,
        contents: &Arc<Contents>,
    ) -> Option<Self> {
        let place = match (file.remap, link) {
            (None | Some(Remap::Ghost(_)), _) => file,
            (Some(Remap::Linked(_)), Some(link)) => link,
            (Some(_), _) => return None,
        };
        let content = Self {
            path: place.path.clone(),
            mountpoint: place.mount.or(file.mount).and_then(|mount| mountpoint(checkpoint, mount)),
            size: file.size,
            build_id: file.build_id.clone(),
            contents: contents.clone(),
            found: OnceLock::new(),
        };
        if let Some(Remap::Ghost(number)) = file.remap {
            let (name, ghost) = ghosts::content(checkpoint, number)?;
            let found = Found { name, origin: Origin::Ghost, content: ghost };
            content.found.get_or_init(|| content.checked(found));
        }
        Some(content)
    }

    /// Its bytes, or why there are none.
    pub(super) fn get(&self) -> Result<&PagesFile, &Reason> {
        let find = || {
            let mountpoint = self.mountpoint.as_ref().map(|mountpoint| mountpoint.as_slice());
            match self.contents.find(&self.path, mountpoint) {
                Some(found) => found.and_then(|found| self.checked(found)),
                None => Err(Reason::FileContent),
            }
        };
        self.found.get_or_init(find).as_ref()
    }

    /// Takes a file if it can be the one that was mapped.
    fn checked(&self, found: Found) -> Result<PagesFile, Reason> {
        let Found { name, origin, content } = found;
        let differs = |what: String| Err(Reason::FileDiffers(format!("{name} {what}")));
        if let Some(size) = self.size.filter(|size| *size != content.len()) {
            return differs(format!("has {} bytes, the mapped file had {size}", content.len()));
        }
        if let Some(wanted) = &self.build_id {
            let found = build_id(content.as_ref());
            if !found.as_ref().is_some_and(|found| same_build(found, wanted)) {
                let found = found.map_or("none".to_owned(), |found| hex(&found));
                return differs(format!("has build id {found}, the mapped file had {}", hex(wanted)));
            }
        }
        Ok(PagesFile::of_file(name, origin, content))
    }
}

/// The images pad a build id with zeros to whole words.
fn same_build(found: &[u8], stored: &[u8]) -> bool {
    let rest = stored.strip_prefix(found);
    !found.is_empty() && rest.is_some_and(|rest| rest.len() < 4 && rest.iter().all(|byte| *byte == 0))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mountpoint(checkpoint: &Checkpoint, id: crate::MountId) -> Option<BString> {
    let mut mounts = checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts);
    mounts.find(|mount| mount.id == id).map(|mount| mount.mountpoint.clone())
}

#[cfg(test)]
mod tests;
