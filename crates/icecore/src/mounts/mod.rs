//! The mounts of a container, as `/proc/PID/mountinfo` listed them, joined with what the engine was told to mount.

mod options;
mod role;
mod tree;

use bstr::BString;
use icecore_images::Kind;
use icecore_images::messages::{Fstype, MntEntry};
use icecore_metadata::container::Mount as SpecMount;
use serde::Serialize;

use crate::diagnostic::MOUNT_BROKEN;
use crate::place::Placed;
use crate::{Checkpoint, Diagnostic, MountId, NamespaceId, Place};

pub use role::Role;

/// The mount namespaces of a checkpoint. Empty if its processes lived in that of the host, which is not dumped.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mounts {
    /// The namespaces by rising id.
    pub namespaces: Vec<MountNamespace>,
}

/// One mount namespace. Source: `mountpoints-NS.img`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MountNamespace {
    /// Its id, as processes refer to it.
    pub id: NamespaceId,
    /// Its mounts as a tree from the root, those on one mount by rising id; each behind the one that it is on.
    pub mounts: Vec<Mount>,
}

/// One mount. Source: `mnt_entry`. Ids and devices are those of the kernel that was dumped.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mount {
    /// Its id.
    pub id: MountId,
    /// The mount that it is on. That of the root is outside of the namespace.
    pub parent: MountId,
    /// How many mounts it is on, within the namespace.
    pub depth: u32,
    /// The device of the file system, `major << 20 | minor`. Equal devices are one file system.
    pub dev: u32,
    /// The directory of the file system that is mounted; not `/` for bind mounts.
    pub root: BString,
    /// Whether that directory was removed; the kernel appends `//deleted` to it.
    pub deleted: bool,
    /// The path in the namespace.
    pub mountpoint: BString,
    /// The name of the file system. `None`: CRIU stored none, as for disks and whatever it did not mount itself.
    pub fstype: Option<BString>,
    /// The device or name that was mounted.
    pub source: BString,
    /// `MS_*` bits of the mount; before CRIU 1.8 with those of the file system.
    pub flags: u32,
    /// `MS_*` bits of the file system; since CRIU 1.8.
    pub sb_flags: Option<u32>,
    /// Options of the file system as CRIU stored them, without those of the bits.
    pub data: BString,
    /// The peer group that it shares its mounts with; since CRIU 0.7.
    pub shared: Option<u32>,
    /// The peer group that it receives mounts from; since CRIU 0.7.
    pub master: Option<u32>,
    /// The key by which whoever restores hands it in. Its content is not in the dump.
    pub external: Option<BString>,
    /// Whether a plugin handles it.
    pub with_plugin: bool,
    /// The image with its content, for temporary file systems that were dumped.
    pub image: Option<String>,
    /// Where it comes from, if the engine's documents tell.
    pub spec: Option<SpecMount>,
    /// What it is for, if that can be told.
    pub role: Option<Role>,
    /// Its record in `mountpoints-N.img`, an `mnt_entry`.
    pub place: Option<Place>,
}

impl Mounts {
    pub(crate) fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let images = checkpoint.images();
        let mut names: Vec<(NamespaceId, String)> = images
            .known()
            .filter(|(_, kind, _)| *kind == Kind::Mnts)
            .filter_map(|(name, ..)| Some((namespace(name)?, name.to_string())))
            .collect();
        names.sort();
        let specs = &checkpoint.facts().container.mounts;
        let mut namespaces = Vec::new();
        for (id, name) in names {
            let records: Vec<Placed<MntEntry>> = images.placed(&name, diagnostics).unwrap_or_default();
            let mounts = records.into_iter().map(|Placed { message: record, place }| {
                let mut mount = Mount { place: Some(place), ..Mount::from(record) };
                // By the device; until CRIU 1.2 by the mount.
                let names =
                    [format!("tmpfs-dev-{}.tar.gz.img", mount.dev), format!("tmpfs-{}.tar.gz.img", mount.id)];
                mount.image = names.into_iter().find(|name| images.member(name).is_some());
                mount.spec = specs.iter().find(|spec| mount.is_of(spec)).cloned();
                mount.role = Role::of(&mount);
                mount
            });
            let (mounts, astray) = tree::ordered(mounts.collect());
            if astray > 0 {
                let text = format!(
                    "{astray} of {} mounts are not below the root; they are listed last",
                    mounts.len()
                );
                diagnostics.push(Diagnostic::new(MOUNT_BROKEN, text).of(images.full_name(&name)));
            }
            namespaces.push(MountNamespace { id, mounts });
        }
        Self { namespaces }
    }
}

/// The number in the name of an image.
fn namespace(name: &bstr::BStr) -> Option<NamespaceId> {
    let number = Kind::of_name(name)?.number()?;
    u32::try_from(number).ok().map(NamespaceId)
}

impl From<MntEntry> for Mount {
    fn from(entry: MntEntry) -> Self {
        let group = |id: Option<u32>| id.filter(|&id| id != 0);
        let fstype = fstype(&entry);
        // Before CRIU 3.0, the root of an external mount is its key.
        let old_key = (entry.ext_mount == Some(true)).then(|| entry.root.clone());
        Self {
            id: MountId(entry.mnt_id),
            parent: MountId(entry.parent_mnt_id),
            depth: 0,
            dev: entry.root_dev,
            root: entry.root,
            deleted: entry.deleted == Some(true),
            mountpoint: entry.mountpoint,
            fstype,
            source: entry.source,
            flags: entry.flags,
            sb_flags: entry.sb_flags,
            data: entry.options,
            shared: group(entry.shared_id),
            master: group(entry.master_id),
            external: entry.ext_key.or(old_key),
            with_plugin: entry.with_plugin == Some(true),
            image: None,
            spec: None,
            role: None,
            place: None,
        }
    }
}

/// The kernel's name of a file system, where CRIU has a number for it or stored the name.
fn fstype(entry: &MntEntry) -> Option<BString> {
    let number = i32::try_from(entry.fstype).ok().map(Fstype)?;
    match number {
        Fstype::UNSUPPORTED => None,
        Fstype::AUTO => entry.fsname.clone(),
        Fstype::OVERLAYFS => Some("overlay".into()),
        // The numbers are named after the file systems.
        other => other.name().map(|name| name.to_ascii_lowercase().into()),
    }
}

impl Mount {
    /// Whether the engine was told to make this mount. It may have been named through `/var/run`, which is a link to `/run`.
    fn is_of(&self, spec: &SpecMount) -> bool {
        let is =
            |path: &str| self.mountpoint == path || self.external.as_ref().is_some_and(|key| key == path);
        is(&spec.destination)
            || spec.destination.strip_prefix("/var").is_some_and(|path| path.starts_with("/run/") && is(path))
    }

    /// Whether its content is not that of the container alone: handed in on restore, or bound from the host.
    pub fn is_external(&self) -> bool {
        self.external.is_some() || self.with_plugin || self.spec.as_ref().is_some_and(|spec| spec.host)
    }
}

#[cfg(test)]
mod tests;
