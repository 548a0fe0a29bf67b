//! What each engine puts beside the images.

use icecore_archive::Kind;
use icecore_metadata::EngineName;

use super::expect;
use crate::diagnostic::MEMBER_OPTIONAL;
use crate::{Checkpoint, Diagnostic};

/// Names of documents, which have to be regular files.
pub(super) const DOCUMENTS: &[&str] = &[
    "config.dump",
    "spec.dump",
    "status",
    "status.dump",
    "network.status",
    "deleted.files",
    "bind.mounts",
    "rootfs-diff.tar",
    "dump.log",
    "stats-dump",
    "ctr.log",
    "container.log",
    "io.kubernetes.cri-o.LogPath",
    "devshm-checkpoint.tar",
];

/// Members of one engine: those that it always writes, and those that it leaves out where they would be empty.
struct Writes {
    engine: EngineName,
    always: &'static [&'static str],
    sometimes: &'static [&'static str],
}

/// What the archives of current engine releases hold. Older releases write less; the texts say "current".
const TABLE: &[Writes] = &[
    Writes {
        engine: EngineName::CriO,
        always: &[
            "config.dump",
            "spec.dump",
            "dump.log",
            "stats-dump",
            "checkpoint",
            "checkpoint/descriptors.json",
        ],
        sometimes: &["bind.mounts", "rootfs-diff.tar", "deleted.files", "io.kubernetes.cri-o.LogPath"],
    },
    Writes {
        engine: EngineName::Containerd,
        always: &[
            "config.dump",
            "spec.dump",
            "status",
            "status.dump",
            "dump.log",
            "stats-dump",
            "rootfs-diff.tar",
            "checkpoint",
            "checkpoint/descriptors.json",
        ],
        sometimes: &["container.log"],
    },
    Writes {
        engine: EngineName::Podman,
        always: &["config.dump", "spec.dump", "network.status", "stats-dump", "checkpoint/descriptors.json"],
        sometimes: &[
            "artifacts",
            "devshm-checkpoint.tar",
            "ctr.log",
            "rootfs-diff.tar",
            "deleted.files",
            "checkpoint",
            "pre-checkpoint",
        ],
    },
];

/// Compares an engine's archive with what the engine writes.
pub(super) fn check(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    let engine = checkpoint.facts().engine.name;
    let bare = checkpoint.images().directory().is_empty();
    // An export of containerd's store is made of other parts, and image directories have no documents.
    let Some(writes) = TABLE.iter().find(|writes| writes.engine == engine) else { return };
    if bare || checkpoint.archive().kind() == Kind::CtrExport {
        return;
    }
    let pre_dump = checkpoint.images().is_pre_dump();
    let absent =
        |name: &&&str| checkpoint.root().get(name).is_none() && !(pre_dump && name.starts_with("checkpoint"));
    for name in writes.always.iter().filter(absent) {
        expect(name, &format!("current releases of {engine} always write it"), diagnostics);
    }
    volumes(checkpoint, diagnostics);
    let sometimes: Vec<&str> = writes.sometimes.iter().filter(absent).copied().collect();
    if !sometimes.is_empty() {
        let text = format!("{engine} leaves these out where they would be empty: {}", sometimes.join(", "));
        diagnostics.push(Diagnostic::new(MEMBER_OPTIONAL, text));
    }
}

/// Podman stores the content of named volumes, unless it was told not to.
fn volumes(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    let mounts = &checkpoint.facts().container.mounts;
    for volume in mounts.iter().filter_map(|mount| mount.volume.as_deref()) {
        let name = format!("volumes/{volume}.tar");
        if checkpoint.root().get(&name).is_none() {
            expect(
                &name,
                "config.dump names the volume; podman leaves it out with `--ignore-volumes`",
                diagnostics,
            );
        }
    }
}
