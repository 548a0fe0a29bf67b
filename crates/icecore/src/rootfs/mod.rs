//! A root file system that the user names: what the image of the container had, which a checkpoint does not hold.
//!
//! It is a directory, a tar, or an image (OCI layout, `docker save`, skopeo's `dir:`) whose layers are applied on each
//! other. Paths are looked up inside of it only, links included. Nothing of the machine at hand is looked at unless it
//! is named.
//!
//! ```
//! use std::sync::Arc;
//!
//! use icecore::RootFilesystem;
//! use icecore_synth::Tar;
//!
//! let tar = Tar::new().file("usr/bin/true", "program").symlink("bin", "usr/bin").finish();
//! let rootfs = RootFilesystem::from_source(Arc::new(tar), "base.tar")?;
//! assert_eq!(rootfs.file(b"/bin/true").unwrap().size, 7);
//! # Ok::<(), icecore::Error>(())
//! ```

mod build_id;
mod path;

use std::path::Path;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use icecore_archive::{Archive, Member, Members, Options, SharedSource};

pub(crate) use build_id::build_id;

use crate::{Diagnostic, Error};

/// The files of a container's image.
#[derive(Debug)]
pub struct RootFilesystem {
    name: BString,
    archive: Archive,
    members: Arc<Members>,
}

impl RootFilesystem {
    /// Opens a directory, tar or image. Of the options, limits, `map` and `watch` count.
    ///
    /// # Errors
    /// If it cannot be read, or is an image layout of several images.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Self, Error> {
        let path = path.as_ref();
        let archive = Archive::open_path(path, &options.clone().file_system())?;
        Self::of(archive, path.as_os_str().as_encoded_bytes().into())
    }

    /// Opens a tar or image; the name is what messages call it by.
    ///
    /// # Errors
    /// As [`RootFilesystem::open`].
    pub fn from_source(source: SharedSource, name: impl Into<BString>) -> Result<Self, Error> {
        Self::of(Archive::open(source, &Options::default().file_system())?, name.into())
    }

    fn of(archive: Archive, name: BString) -> Result<Self, Error> {
        match archive.roots() {
            [only] => {
                let members = only.members.clone();
                Ok(Self { name, archive, members })
            }
            roots => Err(Error::RootFilesystem { name, images: roots.len() }),
        }
    }

    /// What messages call it by.
    pub fn name(&self) -> &BStr {
        self.name.as_bstr()
    }

    /// The regular file that a path leads to by links inside, at most 40 of them.
    pub fn file(&self, path: &[u8]) -> Option<&Member> {
        path::file(&self.members, path)
    }

    /// What is at a path itself: links of the directories above it are followed, it is not.
    pub fn entry(&self, path: &[u8]) -> Option<&Member> {
        path::entry(&self.members, path)
    }

    /// The same as a list of members.
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }

    /// All its files, directories and links, sorted by name; names are paths without the slash in front.
    pub fn entries(&self) -> impl Iterator<Item = &Member> {
        self.members.below(b"")
    }

    /// What was wrong or remarkable with it; members are named behind its own name.
    pub fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        self.archive.findings().iter().map(|finding| Diagnostic::from(finding).inside(&self.name))
    }
}

#[cfg(test)]
mod tests;
