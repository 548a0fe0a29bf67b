//! The mounts of one namespace as a look-up meets them: what is mounted where, and on what.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};
use icecore_archive::MemberName;

use crate::mounts::Mount;
use crate::namespaces::NamespaceKind;
use crate::{Checkpoint, MountId};

/// The mounts that the first process saw. Without any, all is one file system: the namespace of the host is not dumped.
#[derive(Debug, Default)]
pub(super) struct MountTable<'a> {
    mounts: &'a [Mount],
    /// By the mount that it is on, and the path.
    on: BTreeMap<(MountId, &'a BStr), usize>,
    /// By the mount that they are on.
    children: BTreeMap<MountId, Vec<usize>>,
    root: Option<usize>,
}

/// Mounts over each other that are looked through at one path.
const STACKED: usize = 64;

impl<'a> MountTable<'a> {
    pub(super) fn of(checkpoint: &'a Checkpoint) -> Self {
        let first = checkpoint.processes().first().map(|process| process.pid);
        let namespace = first.and_then(|pid| checkpoint.namespaces().find(pid, NamespaceKind::Mnt));
        let all = &checkpoint.mounts().namespaces;
        let own = namespace.and_then(|own| all.iter().find(|mounts| mounts.id == own.id));
        own.or(all.first()).map(|namespace| Self::new(&namespace.mounts)).unwrap_or_default()
    }

    fn new(mounts: &'a [Mount]) -> Self {
        let (mut on, mut children) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for (index, mount) in mounts.iter().enumerate().filter(|(_, mount)| mount.parent != mount.id) {
            on.entry((mount.parent, mount.mountpoint.as_bstr())).or_insert(index);
            children.entry(mount.parent).or_default().push(index);
        }
        let root = mounts.iter().position(|mount| mount.mountpoint == "/");
        let table = Self { mounts, on, children, root };
        let root = table.covered(table.root, b"/");
        Self { root, ..table }
    }

    /// The mount at the root.
    pub(super) fn root(&self) -> Option<usize> {
        self.root
    }

    pub(super) fn root_mount(&self) -> Option<&'a Mount> {
        self.get(self.root)
    }

    pub(super) fn get(&self, index: Option<usize>) -> Option<&'a Mount> {
        self.mounts.get(index?)
    }

    /// The mount that a path is on which was entered from a mount.
    pub(super) fn entered(&self, from: Option<usize>, path: &[u8]) -> Option<usize> {
        self.covered(from, path)
    }

    /// The uppermost of the mounts at a path, beginning with the one that it is on.
    fn covered(&self, from: Option<usize>, path: &[u8]) -> Option<usize> {
        let mut at = from;
        for _ in 0..STACKED {
            let Some(mount) = self.get(at) else { break };
            match self.on.get(&(mount.id, path.as_bstr())) {
                Some(&over) if Some(over) != at => at = Some(over),
                _ => break,
            }
        }
        at
    }

    /// Whether a mount shows a part of the root file system.
    pub(super) fn is_of_root(&self, mount: &Mount) -> bool {
        self.root_mount().is_some_and(|root| root.dev == mount.dev) && !mount.is_external()
    }

    /// A path on a mount, as seen from its mountpoint. The path is in normal form: without links, `.` and `//`.
    pub(super) fn name_below(&self, mount: Option<usize>, path: &[u8]) -> BString {
        let mountpoint =
            self.get(mount).map_or(&b""[..], |mount| mount.mountpoint.trim_end_with(|c| c == '/'));
        let inner = path.strip_prefix(mountpoint).unwrap_or(path);
        inner.strip_prefix(b"/").unwrap_or(inner).into()
    }

    /// The name in the file system of a mount of a path on it, which is in normal form.
    pub(super) fn name_in(&self, mount: Option<usize>, path: &[u8]) -> BString {
        let inner = self.name_below(mount, path);
        let Some(mount) = self.get(mount) else { return inner };
        // Where the root file system is itself a part of one, as with plain directories, its top is that part.
        let root = self.root_mount().filter(|_| self.is_of_root(mount)).map_or(&b"/"[..], |root| &root.root);
        if mount.root == root {
            return inner;
        }
        let whole = [mount.root.as_slice(), b"/", &inner].concat();
        MemberName::new(whole.strip_prefix(root).unwrap_or(&whole)).as_bytes().into()
    }

    /// The first components of what is mounted below a directory, on the mount that this is on.
    pub(super) fn below(
        &self,
        mount: Option<usize>,
        directory: &[u8],
    ) -> impl Iterator<Item = &'a [u8]> + use<'a, '_> {
        let on = self.get(mount).and_then(|mount| self.children.get(&mount.id));
        let directory = BString::from(directory.trim_end_with(|c| c == '/'));
        let mounts = on.into_iter().flatten().filter_map(|&index| self.mounts.get(index));
        mounts.filter_map(move |mount| {
            let inner = mount.mountpoint.strip_prefix(directory.as_slice())?.strip_prefix(b"/")?;
            inner.split(|&byte| byte == b'/').next().filter(|name| !name.is_empty())
        })
    }
}
