//! Which archives of files a checkpoint has, and where in the container their files were.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use icecore_archive::{Archive, Member};

use super::entry::Origin;
use super::layer::Layer;
use super::root_files::RootFiles;
use crate::mounts::Mount;
use crate::namespaces::{Content, NamespaceKind};
use crate::{Checkpoint, Diagnostic};

/// Media types of parts of a containerd export that are a layer of changed files.
const LAYERS: [&str; 2] = ["image.layer", "container.rw.tar"];

/// The archives of files that a checkpoint has. Whoever looks into them shares them, so that each is opened once and what
/// is wrong with it is told once.
#[derive(Debug)]
pub(crate) struct Layers {
    /// What the container changed, on what its image had.
    pub(super) root: Arc<RootFiles>,
    /// What was mounted.
    pub(super) mounted: Vec<Arc<Layer>>,
}

impl Layers {
    pub(super) fn of(checkpoint: &Checkpoint) -> Self {
        let outer = checkpoint.shared_archive();
        Self {
            root: Arc::new(RootFiles::of(checkpoint, diff(checkpoint, outer).map(Arc::new))),
            mounted: mounted(checkpoint, outer).into_iter().map(Arc::new).collect(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Layer> {
        self.root.layer().into_iter().chain(self.mounted.iter().map(Arc::as_ref))
    }

    /// What was told of those that were opened.
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter().flat_map(Layer::diagnostics)
    }
}

/// The archive of what the container changed. Engines write at most one.
fn diff(checkpoint: &Checkpoint, outer: &Arc<Archive>) -> Option<Layer> {
    let root = checkpoint.root();
    let is_layer = |media_type: &str| LAYERS.iter().any(|part| media_type.contains(part));
    let part = || root.parts.iter().find(|part| is_layer(&part.media_type)).map(|part| &part.member);
    let member = root.file("rootfs-diff.tar").or_else(part)?;
    let layer = Layer::new(Origin::Diff, "/", member, outer);
    Some(layer.with_owners_outside(has_user_namespace(checkpoint)))
}

/// The archives of everything that was mounted: temporary file systems by rising device, then `/dev/shm`, then volumes by
/// name.
fn mounted(checkpoint: &Checkpoint, outer: &Arc<Archive>) -> Vec<Layer> {
    let places = Places::of(checkpoint);
    let owners_outside = has_user_namespace(checkpoint);
    let tmpfs = tmpfs(checkpoint).into_iter().map(|(device, member)| places.tmpfs(device, member, outer));
    let shm = checkpoint.beside_images("devshm-checkpoint.tar");
    let shm = shm.map(|member| Layer::new(Origin::Shm, "/dev/shm", member, outer));
    let paths = volume_paths(checkpoint);
    let volumes = checkpoint.root().iter().filter_map(|(name, member)| {
        let name = name.strip_prefix(b"volumes/")?.strip_suffix(b".tar").filter(|_| member.is_file())?;
        // One that no document names has a path of its own.
        let unknown = || [b"/(volume ", name, b")"].concat().into();
        let path = paths.get(name).cloned().unwrap_or_else(unknown);
        Some(Layer::new(Origin::Volume, path, member, outer))
    });
    let outside = shm.into_iter().chain(volumes).map(|layer| layer.with_owners_outside(owners_outside));
    tmpfs.chain(outside).collect()
}

/// The images of temporary file systems by device.
fn tmpfs(checkpoint: &Checkpoint) -> BTreeMap<u32, &Member> {
    let device = |name: &[u8]| -> Option<u32> {
        let number = name.strip_prefix(b"tmpfs-dev-").or_else(|| name.strip_prefix(b"devtmpfs-dev-"))?;
        number.strip_suffix(b".tar.gz.img")?.to_str().ok()?.parse().ok()
    };
    let images = checkpoint.images();
    let by_device = images.iter().filter_map(|(name, member)| Some((device(name)?, member)));
    // Until CRIU 1.2 they were called after the mount.
    let mounts = checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts);
    let by_mount = mounts.filter_map(|mount| Some((mount.dev, images.member(mount.image.as_deref()?)?)));
    by_device.chain(by_mount).collect()
}

/// Where the volumes were mounted, by their names. The engine may have been told a path with links in it, and the kernel
/// knows better.
fn volume_paths(checkpoint: &Checkpoint) -> BTreeMap<&[u8], BString> {
    let mounts = checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts);
    let mounted =
        mounts.filter_map(|mount| Some((mount.spec.as_ref()?.volume.as_ref()?, mount.mountpoint.clone())));
    let told = &checkpoint.facts().container.mounts;
    let told = told.iter().filter_map(|spec| Some((spec.volume.as_ref()?, spec.destination.clone().into())));
    let mut paths = BTreeMap::new();
    for (name, path) in mounted.chain(told) {
        paths.entry(name.as_bytes()).or_insert(path);
    }
    paths
}

/// Whether ids inside differ from those on the machine.
fn has_user_namespace(checkpoint: &Checkpoint) -> bool {
    checkpoint.namespaces().all.iter().any(|namespace| {
        namespace.kind == NamespaceKind::User
            && !namespace.is_host
            && match &namespace.content {
                Content::User { uid_map, gid_map } => {
                    uid_map.iter().chain(gid_map).any(|range| range.inside != range.outside)
                }
                _ => false,
            }
    })
}

/// Where each file system was mounted best: whole rather than in part, in the namespace of the first process rather than
/// in another.
struct Places<'a>(BTreeMap<u32, &'a Mount>);

impl<'a> Places<'a> {
    fn of(checkpoint: &'a Checkpoint) -> Self {
        let mut places: BTreeMap<u32, &Mount> = BTreeMap::new();
        for mount in checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts) {
            let best = places.entry(mount.dev).or_insert(mount);
            if best.root != "/" && mount.root.len() < best.root.len() {
                *best = mount;
            }
        }
        Self(places)
    }

    fn tmpfs(&self, device: u32, member: &Member, outer: &Arc<Archive>) -> Layer {
        let layer =
            |mountpoint: BString| Layer::new(Origin::Tmpfs, mountpoint, member, outer).on_device(device);
        match self.0.get(&device) {
            Some(mount) => layer(mount.mountpoint.clone()).of_part(mount.root.clone()),
            None => layer(format!("/(tmpfs-dev-{device})").into()),
        }
    }
}
