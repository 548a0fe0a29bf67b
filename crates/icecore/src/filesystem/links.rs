//! Files whose opened name was gone while they had others: link remaps.
//!
//! CRIU cannot tell the other names, so it links such a file once more, as `link_remap.N` beside where it was. That link is
//! in the container's file system when the engine stores it, and so in one of the layers.

use std::collections::BTreeSet;

use bstr::BString;

use super::Filesystem;
use super::entry::{Content, Entry, FileType, Origin};
use crate::files::Remap;
use crate::{Checkpoint, MountId};

/// The name that was gone, and the one that CRIU made.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkRemap {
    path: BString,
    link: Option<BString>,
    /// The mount that the link is on.
    mount: Option<MountId>,
    /// Bytes of its content, and type and permission bits, since CRIU stores both of open files.
    size: Option<u64>,
    mode: Option<u32>,
}

/// All of them, by rising path.
pub(super) fn read(checkpoint: &Checkpoint) -> Vec<LinkRemap> {
    let files = checkpoint.files();
    let remap = |file: &crate::files::File| {
        let Some(Remap::Linked(id)) = file.remap else { return None };
        let link = files.get(id);
        let mount = link.and_then(|link| link.mnt_id).or(file.mnt_id);
        let link = link.and_then(|link| link.path.clone());
        Some(LinkRemap { path: file.path.clone()?, link, mount, size: file.size, mode: file.mode })
    };
    let remaps: BTreeSet<LinkRemap> = files.files.iter().filter_map(remap).collect();
    remaps.into_iter().collect()
}

impl LinkRemap {
    /// The file under the name that was gone, with the content of the link.
    pub(super) fn entry<'a>(&self, filesystem: &'a Filesystem) -> Entry<'a> {
        let found = self.link.as_ref().and_then(|link| filesystem.tree.opened(self.mount, link));
        let why = || {
            let link = self
                .link
                .as_ref()
                .map_or_else(|| "a name that is not stored".to_owned(), ToString::to_string);
            format!("CRIU kept it as {link}, which is not among the files of the archive")
        };
        let mut entry = found.unwrap_or_else(|| {
            let file_type = self.mode.map_or(FileType::File, FileType::of_mode);
            let mut entry = Entry::new(BString::default(), Origin::LinkRemap, file_type, BString::default());
            (entry.size, entry.mode) = (self.size, self.mode.map(|mode| mode & 0o7777));
            entry.member = self.link.clone().unwrap_or_default();
            entry.content = Content::Lost(why());
            entry
        });
        entry.same_as = self.link.clone();
        (entry.path, entry.origin, entry.deleted) = (self.path.clone(), Origin::LinkRemap, true);
        entry
    }
}
