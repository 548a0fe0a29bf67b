//! Which files a mount shows.
//!
//! The top of whatever has files was one directory of one file system: the root of the container, a temporary file system
//! as a whole, the directory of the host that is a volume. A mount shows such a directory if its own root is there or below.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use icecore_archive::MemberName;

use super::holder::Holder;
use super::layers::Layers;
use super::tree::Absent;
use crate::mounts::Mount;

/// What is to be seen through a mount.
#[derive(Debug, Clone)]
pub(super) enum Shows {
    /// Files that are at hand, and the name of what is at the mountpoint.
    Files(Holder, BString),
    /// None; who has them.
    Nothing(Absent),
}

/// The directories that have a holder, and what of it was met.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    layers: &'a Layers,
    /// By device and path in the file system, without a slash at its end.
    tops: BTreeMap<(u32, &'a BStr), Top>,
    met: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Top {
    Root,
    /// A temporary file system or what the host mounted and the engine stored, by its place among the layers.
    Layer(usize),
}

impl<'a> Shown<'a> {
    /// Finds the directories; `root` is the mount at the root of the container.
    pub(super) fn of(
        layers: &'a Layers,
        mounts: impl Iterator<Item = &'a Mount>,
        root: Option<&'a Mount>,
    ) -> Self {
        let mut tops = BTreeMap::new();
        let mut by_path: BTreeMap<&BStr, usize> = BTreeMap::new();
        for (index, layer) in layers.mounted.iter().enumerate() {
            match layer.device() {
                Some(device) => drop(tops.insert((device, BStr::new("")), Top::Layer(index))),
                None => drop(by_path.entry(layer.mountpoint.as_bstr()).or_insert(index)),
            }
        }
        if let Some(root) = root.filter(|root| !tops.contains_key(&(root.dev, BStr::new("")))) {
            tops.insert((root.dev, top_name(root)), Top::Root);
        }
        for mount in mounts {
            if let Some(&index) = by_path.get(mount.mountpoint.as_bstr()) {
                tops.entry((mount.dev, top_name(mount))).or_insert(Top::Layer(index));
            }
        }
        Self { layers, tops, met: BTreeSet::new() }
    }

    /// What a mount shows.
    pub(super) fn by(&mut self, mount: &Mount) -> Shows {
        let Some((top, name)) = self.top_of(mount).filter(|_| !mount.deleted) else {
            return Shows::Nothing(absent(mount));
        };
        match top {
            Top::Root => Shows::Files(Holder::Root(self.layers.root.clone()), name),
            Top::Layer(index) => {
                self.met.insert(index);
                let layer = self.layers.mounted.get(index).cloned();
                layer
                    .map_or(Shows::Nothing(Absent::Nothing), |layer| Shows::Files(Holder::Layer(layer), name))
            }
        }
    }

    /// The directory that a mount shows, and the name from there of the mount's own root.
    fn top_of(&self, mount: &Mount) -> Option<(Top, BString)> {
        let whole = top_name(mount);
        let mut wanted = whole;
        loop {
            // What is above a path stands in front of it, and whatever stands between begins with it: `/a`, `/a-b`, `/a/b`.
            let (&(_, above), &top) =
                self.tops.range((mount.dev, BStr::new(""))..=(mount.dev, wanted)).next_back()?;
            let common = common(above, wanted);
            if common < above.len() {
                wanted = wanted.get(..common)?.as_bstr();
                continue;
            }
            let inner = whole.get(above.len()..)?;
            // What is handed in from outside is the host's, though it may lie on the disk that the root is on.
            let is_of_host = mount.is_external() && matches!(top, Top::Root) && !inner.is_empty();
            if !is_of_host {
                return Some((top, MemberName::new(inner).as_bytes().into()));
            }
            wanted = above.get(..above.rfind_byte(b'/')?)?.as_bstr();
        }
    }

    /// What is at the root where no mount is.
    pub(super) fn root(&self) -> Shows {
        Shows::Files(Holder::Root(self.layers.root.clone()), BString::default())
    }

    /// What no mount of those that were asked for shows, with the paths where it was.
    pub(super) fn left(&self) -> impl Iterator<Item = (BString, Shows)> {
        let all = self.layers.mounted.iter().enumerate();
        all.filter(|(index, _)| !self.met.contains(index)).map(|(_, layer)| {
            let top = MemberName::new(&layer.root).as_bytes().into();
            (layer.mountpoint.clone(), Shows::Files(Holder::Layer(Arc::clone(layer)), top))
        })
    }
}

/// The directory that a mount shows; empty for the top of its file system.
fn top_name(mount: &Mount) -> &BStr {
    mount.root.trim_end_with(|c| c == '/').as_bstr()
}

/// How many bytes of a path are the longest directory above it, or it itself, that `other` begins with byte for byte.
fn common(other: &[u8], path: &[u8]) -> usize {
    let same = other.iter().zip(path).take_while(|(left, right)| left == right).count();
    match path.get(same) {
        None | Some(b'/') => same,
        Some(_) => path.get(..same).and_then(|start| start.rfind_byte(b'/')).unwrap_or(0),
    }
}

/// Who has the files of a mount that shows none.
fn absent(mount: &Mount) -> Absent {
    if mount.deleted {
        return Absent::Deleted;
    }
    if mount.is_external() || mount.fstype.is_none() {
        let source = mount.spec.as_ref().and_then(|spec| spec.source.clone());
        return Absent::Host(source.map(BString::from));
    }
    Absent::Kernel(mount.fstype.clone())
}
