//! The tree as the container saw it: a path is looked up through mounts, then in what the archive has of that file system.
//!
//! ```text
//! mount table of the first process → tmpfs image · volume · /dev/shm · changes of the root file system
//! ```
//!
//! Links are followed inside, at most [`MAX_LINKS`] of them, as the kernel does. What the image's own layers hold is not
//! known: a name that they have as a link is taken as it is written.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::entry::Entry;
use super::mount_table::MountTable;
use super::{ChangeKind, Filesystem, Layer};
use crate::Checkpoint;
use crate::mounts::Mount;

/// Links that are followed in one look-up, as many as Linux follows.
pub const MAX_LINKS: u32 = 40;

/// Components that are walked in one look-up, those of links included: more than any path of 4096 bytes has.
const MAX_STEPS: usize = 100_000;

/// What is at a path.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Found<'a> {
    /// The archive has it.
    Stored(Box<Entry<'a>>),
    /// A directory of which the archive has no header: something that is stored lies below it.
    Implied(BString),
    /// The archive does not have it; who would.
    Absent(Absent),
}

/// Why the archive has nothing at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lookup<'a> {
    /// The path that it came to, without links.
    pub path: BString,
    /// What is there.
    pub found: Found<'a>,
}

impl Lookup<'_> {
    /// Whether the archive has it, header and all.
    pub fn is_stored(&self) -> bool {
        matches!(self.found, Found::Stored(_))
    }
}

/// The container's tree.
#[derive(Debug)]
pub struct Tree<'a> {
    filesystem: &'a Filesystem,
    mounts: MountTable<'a>,
}

impl Checkpoint {
    /// The tree as the first process of the container saw it.
    pub fn tree(&self) -> Tree<'_> {
        Tree { filesystem: self.filesystem(), mounts: MountTable::of(self) }
    }
}

impl<'a> Tree<'a> {
    /// What a path leads to, with links followed.
    pub fn follow(&self, path: &[u8]) -> Lookup<'a> {
        self.walk(path, true)
    }

    /// What is at a path itself: links in front of its last component are followed, the last is not.
    pub fn look_up(&self, path: &[u8]) -> Lookup<'a> {
        self.walk(path, false)
    }

    fn walk(&self, path: &[u8], follow_last: bool) -> Lookup<'a> {
        let mut todo: Vec<BString> = components(path).rev().collect();
        let mut at = Position { path: BString::default(), mounts: vec![self.mounts.root()] };
        let (mut links, mut steps) = (0_u32, 0_usize);
        while let Some(part) = todo.pop() {
            steps = steps.saturating_add(1);
            if part == ".." {
                at.leave();
                continue;
            }
            at.enter(&part, &self.mounts);
            let is_last = todo.is_empty();
            let link = self.link_at(&at).filter(|_| !is_last || follow_last);
            let Some(target) = link else { continue };
            links = links.saturating_add(1);
            if links > MAX_LINKS || steps.saturating_add(todo.len()) > MAX_STEPS {
                return Lookup { path: at.absolute(), found: Found::Absent(Absent::Loop) };
            }
            at.leave();
            if target.starts_with(b"/") {
                at = Position { path: BString::default(), mounts: vec![self.mounts.root()] };
            }
            todo.extend(components(&target).rev().take(MAX_STEPS));
        }
        Lookup { found: self.found(&at), path: at.absolute() }
    }

    /// The target of the link at a place.
    fn link_at(&self, at: &Position) -> Option<BString> {
        let (layer, name) = self.place(at)?;
        layer.find(&name)?.link
    }

    /// The layer that has the file system of a place, and the name there.
    fn place(&self, at: &Position) -> Option<(&'a Layer, BString)> {
        let mount = self.mounts.get(at.mount());
        let layer = self.filesystem.layer_of(mount, self.mounts.root_mount())?;
        let path = at.absolute();
        let name = match layer.is_seen_from_mountpoint() {
            true => self.mounts.name_below(at.mount(), &path),
            false => self.mounts.name_in(at.mount(), &path),
        };
        Some((layer, name))
    }

    fn found(&self, at: &Position) -> Found<'a> {
        let path = at.absolute();
        let Some((layer, name)) = self.place(at) else {
            return match self.mounts.below(at.mount(), &path).next() {
                Some(_) => Found::Implied(path),
                None => Found::Absent(self.absent(at, &path)),
            };
        };
        match layer.find(&name) {
            Some(entry) if !self.filesystem.is_whiteout(layer, &name) => {
                Found::Stored(Box::new(Entry { path, ..entry }))
            }
            _ if layer.has_below(&name) || self.mounts.below(at.mount(), &path).next().is_some() => {
                Found::Implied(path)
            }
            _ => Found::Absent(self.absent(at, &path)),
        }
    }

    /// Who would know of a path that is not stored.
    fn absent(&self, at: &Position, path: &[u8]) -> Absent {
        let Some(mount) = self.mounts.get(at.mount()) else { return self.filesystem.absent_in_root(path) };
        if self.mounts.is_of_root(mount) {
            return self
                .filesystem
                .absent_in_root(&[b"/", self.mounts.name_in(at.mount(), path).as_slice()].concat());
        }
        if self.filesystem.layer_of(Some(mount), self.mounts.root_mount()).is_some() {
            return Absent::Nothing;
        }
        if mount.is_external() || mount.fstype.is_none() {
            let source = mount.spec.as_ref().and_then(|spec| spec.source.clone()).map(BString::from);
            return Absent::Host(source);
        }
        Absent::Kernel(mount.fstype.clone())
    }

    /// What lies directly in a directory, by rising name: stored files, directories above such, mount points. What only
    /// the image has is not there; [`lists_all`](Self::lists_all) says whether there may be such.
    pub fn children(&self, directory: &[u8]) -> Vec<Lookup<'a>> {
        let at = self.position(directory);
        let path = at.absolute();
        let mut names: BTreeSet<BString> = BTreeSet::new();
        if let Some((layer, name)) = self.place(&at) {
            for (inner, _) in
                layer.below(&name).filter(|(inner, _)| !self.filesystem.is_whiteout(layer, inner))
            {
                let first = inner.split(|&byte| byte == b'/').next().unwrap_or_default();
                if !names.contains(first.as_bstr()) {
                    names.insert(first.into());
                }
            }
        }
        names.extend(self.mounts.below(at.mount(), &path).map(BString::from));
        let children = names.into_iter().map(|name| {
            let mut child = at.clone();
            child.enter(&name, &self.mounts);
            Lookup { found: self.found(&child), path: child.absolute() }
        });
        children.collect()
    }

    /// Whether the archive has all that there is in a directory: its file system is stored whole, or the container made
    /// the directory itself.
    pub fn lists_all(&self, directory: &[u8]) -> bool {
        let at = self.position(directory);
        self.absent(&at, &[at.absolute().as_slice(), b"/x"].concat()) == Absent::Nothing
    }

    /// Where a path without links leads.
    fn position(&self, path: &[u8]) -> Position {
        let mut at = Position { path: BString::default(), mounts: vec![self.mounts.root()] };
        for part in components(path) {
            if part == ".." { at.leave() } else { at.enter(&part, &self.mounts) }
        }
        at
    }
}

/// The components of a path that lead somewhere.
fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = BString> {
    path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".").map(BString::from)
}

/// A place on the way: the path so far, and the mount that each of its components is on.
#[derive(Debug, Clone)]
struct Position {
    /// Empty for the root.
    path: BString,
    mounts: Vec<Option<usize>>,
}

impl Position {
    fn absolute(&self) -> BString {
        if self.path.is_empty() { "/".into() } else { self.path.clone() }
    }

    fn mount(&self) -> Option<usize> {
        self.mounts.last().copied().flatten()
    }

    fn enter(&mut self, name: &BString, mounts: &MountTable<'_>) {
        self.path.push(b'/');
        self.path.extend_from_slice(name);
        self.mounts.push(mounts.entered(self.mount(), &self.path));
    }

    fn leave(&mut self) {
        let end = self.path.rfind_byte(b'/').unwrap_or(0);
        self.path.truncate(end);
        if self.mounts.len() > 1 {
            self.mounts.pop();
        }
    }
}

impl Filesystem {
    /// The layer that holds the file system of a mount.
    fn layer_of(&self, mount: Option<&Mount>, root: Option<&Mount>) -> Option<&Layer> {
        let changes = || self.changes.as_ref().and_then(|changes| changes.layer.as_deref());
        let Some(mount) = mount else { return changes() };
        let of_root = root.is_some_and(|root| root.dev == mount.dev) && !mount.is_external();
        let mounted = self.layers.mounted.iter().map(Arc::as_ref).find(|layer| layer.holds(mount));
        mounted.or_else(|| changes().filter(|_| of_root))
    }

    /// Whether a name in the archive of changes is the deletion of another.
    fn is_whiteout(&self, layer: &Layer, name: &[u8]) -> bool {
        let of_changes = |changes: &&super::Changes| {
            changes.layer.as_deref().is_some_and(|of_changes| std::ptr::eq(of_changes, layer))
        };
        self.changes.as_ref().filter(of_changes).is_some_and(|changes| changes.is_deletion(name))
    }

    /// Why nothing is stored for a path of the root file system.
    fn absent_in_root(&self, path: &[u8]) -> Absent {
        let Some(changes) = &self.changes else { return Absent::Image };
        let is_new =
            super::changes::ancestors(path).any(|above| changes.kind_of(above) == Some(ChangeKind::Added));
        match changes.hides(path) {
            true => Absent::Deleted,
            false if is_new => Absent::Nothing,
            false => Absent::Image,
        }
    }
}
