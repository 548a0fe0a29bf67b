//! Mounts as a look-up meets them: what is mounted where and on what, and which files it shows.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use bstr::{BStr, BString, ByteSlice};

use super::holder::Holder;
use super::layers::Layers;
use super::root_files::RootFiles;
use super::shown::{Shown, Shows};
use crate::mounts::Mount;
use crate::namespaces::NamespaceKind;
use crate::{Checkpoint, MountId};

/// All mounts of a checkpoint, each with what is mounted on it. There is always one at the root of the first process:
/// where the images have none, because the namespace of the host is not dumped, it is made up, and whatever the archive
/// has of other file systems is on it.
#[derive(Debug)]
pub(super) struct MountTable {
    mounts: Vec<Mounted>,
    by_id: HashMap<MountId, usize>,
    root: usize,
}

/// A mount.
#[derive(Debug)]
pub(super) struct Mounted {
    mountpoint: BString,
    /// What it shows.
    pub(super) shows: Shows,
    /// What is mounted on it, by the path.
    on_it: BTreeMap<BString, usize>,
}

/// Mounts over each other that are looked through at one path.
const STACKED: usize = 64;

impl MountTable {
    pub(super) fn of(checkpoint: &Checkpoint, layers: &Layers) -> Self {
        let namespaces = &checkpoint.mounts().namespaces;
        let first = checkpoint.processes().first().map(|process| process.pid);
        let own =
            first.and_then(|pid| checkpoint.namespaces().find(pid, NamespaceKind::Mnt)).map(|own| own.id);
        let own = namespaces.iter().position(|mounts| Some(mounts.id) == own).unwrap_or(0);
        let lists = || namespaces.iter().map(|namespace| namespace.mounts.as_slice());
        let top = lists().nth(own).and_then(top);
        let mut shown = Shown::of(layers, lists().flatten(), top);
        let mut table = Self { mounts: Vec::new(), by_id: HashMap::new(), root: 0 };
        let mut root = None;
        for (namespace, mounts) in lists().enumerate() {
            let begin = table.mounts.len();
            table.add(mounts, &mut shown);
            let top = mounts.iter().position(|mount| mount.mountpoint == "/");
            root = root.or(top.filter(|_| namespace == own).map(|top| begin.saturating_add(top)));
        }
        table.root = root.unwrap_or_else(|| table.push("/".into(), shown.root()));
        table.root = table.covered(table.root, b"/");
        table.add_unmounted(&shown);
        table
    }

    /// Adds the mounts of a namespace.
    fn add(&mut self, mounts: &[Mount], shown: &mut Shown<'_>) {
        let begin = self.mounts.len();
        let mut own = HashMap::new();
        for mount in mounts {
            let index = self.push(mount.mountpoint.clone(), shown.by(mount));
            own.entry(mount.id).or_insert(index);
            self.by_id.entry(mount.id).or_insert(index);
        }
        for (index, mount) in (begin..).zip(mounts).filter(|(_, mount)| mount.parent != mount.id) {
            let below = own.get(&mount.parent).filter(|below| **below != index);
            if let Some(below) = below.and_then(|&below| self.mounts.get_mut(below)) {
                below.on_it.entry(mount.mountpoint.clone()).or_insert(index);
            }
        }
    }

    /// Adds what no mount shows, each on the innermost that is around it.
    fn add_unmounted(&mut self, shown: &Shown<'_>) {
        let mut unmounted: Vec<(BString, Shows)> = shown.left().collect();
        unmounted.sort_by(|left, right| left.0.cmp(&right.0));
        let mut added: BTreeMap<BString, usize> = BTreeMap::new();
        for (path, shows) in unmounted {
            let around =
                super::changes::ancestors(&path).filter_map(|above| added.get(above.as_bstr())).last();
            let below = around.copied().unwrap_or(self.root);
            let index = self.push(path.clone(), shows);
            if let Some(below) = self.mounts.get_mut(below) {
                below.on_it.entry(path.clone()).or_insert(index);
            }
            added.insert(path, index);
        }
    }

    fn push(&mut self, mountpoint: BString, shows: Shows) -> usize {
        self.mounts.push(Mounted { mountpoint, shows, on_it: BTreeMap::new() });
        self.mounts.len().saturating_sub(1)
    }

    /// The mount at the root of the first process.
    pub(super) fn root(&self) -> usize {
        self.root
    }

    /// The mount of an id, in whatever namespace.
    pub(super) fn of_id(&self, id: MountId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn get(&self, mount: usize) -> Option<&Mounted> {
        self.mounts.get(mount)
    }

    /// The uppermost of the mounts at a path, beginning with the one that it is on.
    pub(super) fn covered(&self, mount: usize, path: &[u8]) -> usize {
        let mut at = mount;
        for _ in 0..STACKED {
            match self.get(at).and_then(|mount| mount.on_it.get(path.as_bstr())) {
                Some(&over) => at = over,
                None => break,
            }
        }
        at
    }
}

/// The mount at the root of a namespace, above those that it covers.
fn top(mounts: &[Mount]) -> Option<&Mount> {
    let mut top = mounts.iter().find(|mount| mount.mountpoint == "/")?;
    for _ in 0..STACKED {
        let over = |mount: &&Mount| mount.parent == top.id && mount.id != top.id && mount.mountpoint == "/";
        match mounts.iter().find(over) {
            Some(over) => top = over,
            None => break,
        }
    }
    Some(top)
}

impl Mounted {
    /// The name, in what the mount shows, of a path on it. The path has no links and no `.`, `..` or `//`.
    pub(super) fn name_of(&self, path: &[u8], top: &[u8]) -> BString {
        let mountpoint = self.mountpoint.trim_end_with(|c| c == '/');
        let below = path.strip_prefix(mountpoint).filter(|rest| rest.is_empty() || rest.starts_with(b"/"));
        let inner = below.unwrap_or(path);
        let inner = inner.strip_prefix(b"/").unwrap_or(inner);
        match (top.is_empty(), inner.is_empty()) {
            (true, _) => inner.into(),
            (_, true) => top.into(),
            _ => [top, b"/", inner].concat().into(),
        }
    }

    /// The first names of what is mounted below a directory.
    pub(super) fn mounted_below(&self, directory: &[u8]) -> impl Iterator<Item = &BStr> {
        let prefix: BString = [directory.trim_end_with(|c| c == '/'), b"/"].concat().into();
        let from = self.on_it.range::<BStr, _>((Bound::Included(prefix.as_bstr()), Bound::Unbounded));
        let below = from.map_while(move |(path, _)| path.strip_prefix(prefix.as_slice()));
        below
            .filter_map(|inner| inner.split(|&byte| byte == b'/').next())
            .filter(|name| !name.is_empty())
            .map(BStr::new)
    }

    /// The root file system, if it shows that from its top on.
    pub(super) fn root_files(&self) -> Option<&RootFiles> {
        match &self.shows {
            Shows::Files(Holder::Root(files), top) if top.is_empty() => Some(files),
            _ => None,
        }
    }

    /// Whether something is mounted on it at a path or above that.
    pub(super) fn is_covered(&self, path: &[u8]) -> bool {
        let has = |path: &[u8]| self.on_it.contains_key(path.as_bstr());
        !self.on_it.is_empty() && super::changes::ancestors(path).chain([path]).any(has)
    }
}
