//! The tree as the container saw it: a path is looked up through mounts, then in whatever has files of that file system.
//!
//! ```text
//! mount table of the first process → tmpfs image · volume · /dev/shm
//!                                  → changes of the root file system → what its image had, if the user names that
//! ```
//!
//! Links are followed inside, at most [`MAX_LINKS`] of them, as the kernel does. Without the files of its image
//! ([`RootFilesystem`](crate::RootFilesystem)), a name that the image has as a link is taken as it is written.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use super::entry::{Entry, FileType};
use super::holder::Holder;
use super::mount_table::{MountTable, Mounted};
use super::root_files::RootFiles;
use super::shown::Shows;
pub use crate::walk::MAX_LINKS;
use crate::walk::{Kind, Place, Stopped, names, walk};
use crate::{Checkpoint, MountId};

/// What is at a path.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Found<'a> {
    /// Something; its [`origin`](Entry::origin) says where it lies.
    Stored(Box<Entry<'a>>),
    /// A directory of which nothing but its name is known: something lies below it.
    Implied(BString),
    /// There is nothing at hand; who would have it.
    Absent(Absent),
}

/// Why the archive has nothing at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Absent {
    /// There was no such file.
    Nothing,
    /// The container deleted it.
    Deleted,
    /// The engine tells of no change: if it was there, the image has it.
    Image,
    /// It came from the host, as bind mounts do; where from, if that is told.
    Host(Option<BString>),
    /// The kernel makes it up, as in `/proc`; the name of the file system, if that is told.
    Kernel(Option<BString>),
    /// Links lead in a circle, or too far.
    Loop,
}

/// A look-up: where it ended, and what is there.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Lookup<'a> {
    /// The path that it came to, without links; where links lead in a circle, one of them.
    pub path: BString,
    /// What is there.
    pub found: Found<'a>,
}

impl<'a> Lookup<'a> {
    /// What is there, if more than its name is known.
    pub fn entry(&self) -> Option<&Entry<'a>> {
        match &self.found {
            Found::Stored(entry) => Some(entry),
            _ => None,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        match &self.found {
            Found::Stored(entry) => entry.file_type == FileType::Directory,
            Found::Implied(_) => true,
            Found::Absent(_) => false,
        }
    }
}

/// The container's tree.
#[derive(Debug)]
pub struct Tree {
    mounts: MountTable,
}

impl Tree {
    pub(super) fn of(checkpoint: &Checkpoint) -> Self {
        Self { mounts: MountTable::of(checkpoint, checkpoint.layers()) }
    }

    /// What a path leads to, with links followed.
    pub fn follow(&self, path: &[u8]) -> Lookup<'_> {
        self.walk(path, true)
    }

    /// What is at a path itself: links in front of its last name are followed, the last is not.
    pub fn look_up(&self, path: &[u8]) -> Lookup<'_> {
        self.walk(path, false)
    }

    fn walk(&self, path: &[u8], follow_last: bool) -> Lookup<'_> {
        let mut at = Position::top(self);
        let found = match walk(&mut at, path, follow_last) {
            Ok(()) => at.found(),
            Err(Stopped::Loop) => Found::Absent(Absent::Loop),
            Err(Stopped::NoDirectory) => Found::Absent(Absent::Nothing),
        };
        Lookup { found, path: at.absolute() }
    }

    /// What is at a path of a file that was opened through a mount, in whatever namespace: the kernel told both, so that no
    /// link is on the way. Without a mount, or with one that is not in the archive, what the path leads to.
    pub(crate) fn opened(&self, mount: Option<MountId>, path: &[u8]) -> Option<Entry<'_>> {
        let at = match mount.and_then(|mount| self.mounts.of_id(mount)) {
            Some(mount) => Position { tree: self, path: path.into(), mounts: vec![mount] },
            None => self.reached(path)?,
        };
        match at.found() {
            Found::Stored(entry) => Some(*entry),
            _ => None,
        }
    }

    fn reached(&self, path: &[u8]) -> Option<Position<'_>> {
        let mut at = Position::top(self);
        walk(&mut at, path, true).ok().map(|()| at)
    }

    /// What lies directly in a directory, by rising name: files that are at hand, directories above such, mount points.
    /// What only the image has is there if its files are; [`lists_all`](Self::lists_all) says whether more may be.
    pub fn children<'a>(&'a self, directory: &[u8]) -> impl Iterator<Item = Lookup<'a>> + use<'a> {
        let at = self.position(directory);
        let path = at.absolute();
        let mut names: BTreeSet<&BStr> = BTreeSet::new();
        if let Some((holder, name)) = at.place() {
            names.extend(holder.children(&name));
        }
        names.extend(at.mounted().into_iter().flat_map(|mount| mount.mounted_below(&path)));
        names.into_iter().map(move |name| {
            let mut child = at.clone();
            child.enter(name);
            Lookup { found: child.found(), path: child.absolute() }
        })
    }

    /// Whether all that there is in a directory is known: its file system is at hand as a whole, or the container made the
    /// directory itself.
    pub fn lists_all(&self, directory: &[u8]) -> bool {
        let mut inside = self.position(directory);
        inside.path.extend_from_slice(b"/x");
        inside.absent() == Absent::Nothing
    }

    /// Whether something is mounted over a path of the root file system, or above it.
    pub(super) fn is_covered(&self, path: &[u8]) -> bool {
        self.mounts.get(self.mounts.root()).is_some_and(|root| root.is_covered(path))
    }

    /// The files that only the image of the container has, by rising path: those that the container neither deleted nor
    /// replaced, and that nothing is mounted over. Without the image's files, none.
    pub fn of_image(&self) -> impl Iterator<Item = Entry<'_>> {
        let root = self.mounts.get(self.mounts.root());
        let entries = root.and_then(Mounted::root_files).into_iter().flat_map(RootFiles::of_image);
        entries.filter(move |entry| root.is_some_and(|root| !root.is_covered(&entry.path)))
    }

    /// Where a path without links leads.
    fn position(&self, path: &[u8]) -> Position<'_> {
        let mut at = Position::top(self);
        for name in names(path) {
            if name == b".." { at.leave() } else { at.enter(name.as_bstr()) }
        }
        at
    }
}

/// A place on the way: the path so far, and the mount that each of its names is on.
#[derive(Debug, Clone)]
struct Position<'a> {
    tree: &'a Tree,
    /// Empty for the root.
    path: BString,
    mounts: Vec<usize>,
}

impl Place for Position<'_> {
    fn enter(&mut self, name: &BStr) {
        self.path.push(b'/');
        self.path.extend_from_slice(name);
        self.mounts.push(self.tree.mounts.covered(self.mount(), &self.path));
    }

    fn leave(&mut self) {
        let above = self.path.rfind_byte(b'/').unwrap_or(0);
        self.path.truncate(above);
        if self.mounts.len() > 1 {
            self.mounts.pop();
        }
    }

    fn leave_all(&mut self) {
        self.path.clear();
        self.mounts.truncate(1);
    }

    fn kind(&self) -> Kind {
        let entry = self.place().and_then(|(holder, name)| holder.find(&name));
        match entry {
            Some(Entry { link: Some(target), .. }) => Kind::Link(target),
            Some(entry) if entry.file_type != FileType::Directory => Kind::File,
            _ => Kind::Directory,
        }
    }
}

impl<'a> Position<'a> {
    fn top(tree: &'a Tree) -> Self {
        Self { tree, path: BString::default(), mounts: vec![tree.mounts.root()] }
    }

    fn absolute(&self) -> BString {
        if self.path.is_empty() { "/".into() } else { self.path.clone() }
    }

    fn mount(&self) -> usize {
        self.mounts.last().copied().unwrap_or_else(|| self.tree.mounts.root())
    }

    fn mounted(&self) -> Option<&'a Mounted> {
        self.tree.mounts.get(self.mount())
    }

    /// What has the files of this place, and the name there.
    fn place(&self) -> Option<(&'a Holder, BString)> {
        let mount = self.mounted()?;
        match &mount.shows {
            Shows::Files(holder, top) => Some((holder, mount.name_of(&self.path, top))),
            Shows::Nothing(_) => None,
        }
    }

    fn found(&self) -> Found<'a> {
        let path = self.absolute();
        let place = self.place();
        if let Some(entry) = place.as_ref().and_then(|(holder, name)| holder.find(name)) {
            return Found::Stored(Box::new(Entry { path, ..entry }));
        }
        let is_above = place.is_some_and(|(holder, name)| holder.has_below(&name));
        if is_above || self.mounted().is_some_and(|mount| mount.mounted_below(&path).next().is_some()) {
            return Found::Implied(path);
        }
        Found::Absent(self.absent())
    }

    /// Who would know of a place of which nothing is at hand.
    fn absent(&self) -> Absent {
        match self.mounted().map(|mount| (&mount.shows, mount)) {
            Some((Shows::Files(holder, top), mount)) => holder.absent(&mount.name_of(&self.path, top)),
            Some((Shows::Nothing(absent), _)) => absent.clone(),
            None => Absent::Nothing,
        }
    }
}
