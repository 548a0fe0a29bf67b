//! Content of mapped files: where a checkpoint, or the root file system that the user names, has it.
//!
//! ```text
//! name is gone   ghost-file-N.img, or the name that CRIU linked it to
//! else           what the tree has at the path, on the mount that the file was opened through
//! ```

use std::sync::{Arc, OnceLock};

use bstr::BString;
use icecore_archive::SharedSource;

use super::files;
use super::pages::PagesFile;
use super::run::Reason;
use crate::files::{File, Remap};
use crate::filesystem::{Entry, Origin, Tree, ghosts};
use crate::rootfs::build_id;
use crate::{Checkpoint, MountId};

/// A file that was found.
#[derive(Debug)]
struct Found {
    name: BString,
    origin: Origin,
    content: SharedSource,
}

/// The content of one mapped file.
#[derive(Debug)]
pub(super) struct FileContent {
    /// The path under which it is looked for.
    path: BString,
    mount: Option<MountId>,
    size: Option<u64>,
    build_id: Option<Vec<u8>>,
    tree: Arc<Tree>,
    found: OnceLock<Result<PagesFile, Reason>>,
}

impl FileContent {
    /// The content of a file. `link` is what its name was replaced by, if CRIU linked it. `None`: it is nowhere.
    pub(super) fn new(checkpoint: &Checkpoint, file: &File, link: Option<&File>) -> Option<Self> {
        let place = match (file.remap, link) {
            (None | Some(Remap::Ghost(_)), _) => file,
            (Some(Remap::Linked(_)), Some(link)) => link,
            (Some(_), _) => return None,
        };
        let content = Self {
            path: files::path(place)?.clone(),
            mount: place.mnt_id.or(file.mnt_id),
            size: file.size,
            build_id: file.build_id.clone(),
            tree: checkpoint.shared_tree().clone(),
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
            let entry =
                self.tree.opened(self.mount, &self.path).filter(Entry::is_file).ok_or(Reason::FileContent)?;
            let content = entry.content().map_err(|error| Reason::Damaged(error.to_string()))?;
            self.checked(Found { name: entry.member, origin: entry.origin, content })
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

#[cfg(test)]
mod tests;
